"""A browser for each module of tests, and a dashboard for each test that asks for one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.dashboard import Dashboard, Server, open_tab
from tests.browser.install import find_chromium
from triage.sandbox import SandboxServer

ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, or Playwright's own. No browser is a failure, never a skip."""
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path).start()
    yield server
    server.stop()


@pytest.fixture
def connected(github: SandboxServer, tmp_path: Path) -> Iterator[Server]:
    """A dashboard connected to a GitHub whose faults the test can order."""
    server = Server(
        tmp_path,
        GITHUB_TOKEN="a-token",
        GITHUB_API_URL=github.url,
        TRIAGE_REPOSITORIES=github.repository,
    ).start()
    yield server
    server.stop()


@pytest.fixture
def dashboard(browser: Browser, server: Server) -> Iterator[Dashboard]:
    dashboard = open_tab(browser, server.url)
    yield dashboard
    dashboard.page.context.close()
