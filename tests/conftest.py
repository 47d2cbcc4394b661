"""What tests of several rooms share: a sandbox of their own, and the dashboard without a browser on top of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from streamlit.testing.v1 import AppTest

from tests.desk_place import place
from tests.fault_table import pytest_terminal_summary
from triage.sandbox import SandboxServer
from triage.services import shut_services

__all__ = ["place", "pytest_terminal_summary"]

ROOT = Path(__file__).resolve().parents[1]

# The suite tries the same examples at each run; HYPOTHESIS_PROFILE=random looks for new ones.
hypothesis.settings.register_profile("suite", derandomize=True)
hypothesis.settings.register_profile("random", derandomize=False)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A GitHub that the tests of a module share; each resets it first."""
    with SandboxServer() as running:
        yield running


@pytest.fixture
def github() -> Iterator[SandboxServer]:
    """A GitHub of this test's own, reached over HTTP, in which reporters answer only when its clock is moved."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def settings(github: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a dashboard that works on `github`; a test may change it before the app runs."""
    monkeypatch.chdir(ROOT)
    for name in ("TRIAGE_TEMPLATES", "TRIAGE_UNDO_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "a-token")
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    monkeypatch.setenv("TRIAGE_REPOSITORIES", github.repository)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'triage.db'}")
    return monkeypatch


@pytest.fixture
def app(settings: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Opens the dashboard as a new visitor, at an address with a query if need be."""

    def open_app(**query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages/dashboard.py"), default_timeout=60)
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, at.exception
        return at

    yield open_app
    shut_services()
