"""What the dashboard says of an issue of each kind, and of templates that are being edited, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard import ROOT, Dashboard, Server, open_tab
from triage.sandbox import SandboxServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder of templates that a test may break."""
    return Path(shutil.copytree(ROOT / "templates", tmp_path / "templates"))


@pytest.fixture
def tab(browser: Browser, github: SandboxServer, tmp_path: Path, templates: Path) -> Iterator[Dashboard]:
    server = Server(
        tmp_path,
        GITHUB_TOKEN="a-token",
        GITHUB_API_URL=github.url,
        TRIAGE_REPOSITORIES=github.repository,
        TRIAGE_TEMPLATES=str(templates),
    ).start()
    tab = open_tab(browser, server.url)
    yield tab
    tab.page.context.close()
    server.stop()


def test_each_kind_shows_its_evidence_and_its_suggestion(tab: Dashboard) -> None:
    expected = {
        1043: (["Flow server error", "BadGateway", "80097376"], "Transient import errors", "30 to 60 minutes"),
        1001: (["80048539"], "Import failure with a known cause", "_Upgrade"),
        1037: ([], "Import failure that needs more details", "as text"),
        979: (["80072031"], "Import errors that a retry did not fix", "support request"),
    }
    for number, (marked, title, says) in expected.items():
        tab.open(f"/?issue={number}")
        thread = tab.widget("thread")
        for words in marked:
            expect(thread.locator("mark", has_text=words).first).to_be_visible()
        expect(tab.widget(f"template-{number}").locator("input")).to_have_value(f"{title} (suggested)")
        assert says in tab.response.input_value()


def test_an_issue_that_is_no_import_failure_is_said_to_be_none(tab: Dashboard) -> None:
    tab.open("/?issue=1038")
    expect(tab.page.get_by_text("Nothing in this issue says that an import failed.")).to_be_visible()
    expect(tab.widget("template-1038").locator("input")).to_have_value("Empty comment")


def test_a_broken_template_is_named_by_line_and_its_last_good_version_works_on(tab: Dashboard, templates: Path) -> None:
    tab.open("/templates")
    expect(tab.page.get_by_text("0 errors, 0 warnings")).to_be_visible()
    file = templates / "transient-import-errors.md"
    lines = file.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines, start=1) if "{{" in line)
    lines[place - 1] = "{{ issue.nonsense }}"
    file.write_text("\n".join(lines), encoding="utf-8")
    tab.press("sync")
    expect(tab.page.get_by_text(f"line {place}:").first).to_be_visible()
    tab.open("/?issue=1043")
    assert "30 to 60 minutes" in tab.response.input_value()


def test_error_codes_beside_the_templates_judge_anew(tab: Dashboard, templates: Path) -> None:
    tab.open("/?issue=1049")
    expect(tab.page.locator(".triage-chip.transient")).to_have_text("Transient")
    (templates / "error-codes.toml").write_text(
        '[codes.80072031]\nname = "Ours"\nmeaning = "The licence is missing."\nkind = "other"\nsource = "our own"\n',
        encoding="utf-8",
    )
    tab.press("sync")
    expect(tab.page.locator(".triage-chip.other")).to_have_text("Other cause")
