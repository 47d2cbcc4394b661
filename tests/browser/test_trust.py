"""A click that can be trusted, in a real browser: refresh, kill, changed issue, undo, limits."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard import Dashboard, Server, open_tab
from triage.sandbox import SandboxServer
from triage.sandbox.faults import read_rules

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TRANSIENT = 1026
PATIENCE_SECONDS = 30
"""How long a loaded machine may take for what is a moment's work."""


@pytest.fixture
def tab(browser: Browser, connected: Server) -> Iterator[Dashboard]:
    tab = open_tab(browser, connected.url)
    yield tab
    tab.page.context.close()


def order_faults(github: SandboxServer, *rules: dict[str, Any]) -> None:
    github.sandbox.faults.replace(read_rules(list(rules)))


def fetch(github: SandboxServer, path: str) -> Any:
    return httpx.get(f"{github.url}/repos/{github.repository}/{path}", headers={"Authorization": "token x"}).json()


def our_comments(github: SandboxServer) -> list[str]:
    bodies = [comment["body"] for comment in fetch(github, f"issues/{TRANSIENT}/comments")]
    return [body for body in bodies if "<!-- triage:" in body]


def click_until_posted(tab: Dashboard, key: str, github: SandboxServer) -> None:
    """Clicks, and waits no longer than until the comment is on GitHub, whose answer is still held back."""
    tab.widget(key).locator("button").first.click(no_wait_after=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not our_comments(github):
        assert time.monotonic() < deadline, "nothing was posted"
        tab.page.wait_for_timeout(50)


def wait_for_label(tab: Dashboard, github: SandboxServer) -> None:
    """Waits for the last step of the plan."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "transient-error" not in [label["name"] for label in fetch(github, f"issues/{TRANSIENT}")["labels"]]:
        assert time.monotonic() < deadline, "the label never came"
        tab.page.wait_for_timeout(50)


def test_a_refresh_during_the_post_posts_once(tab: Dashboard, github: SandboxServer) -> None:
    order_faults(github, {"fault": "stalled", "kind": "comment", "seconds": 3})
    tab.open(f"/?issue={TRANSIENT}")
    click_until_posted(tab, f"post-{TRANSIENT}", github)
    tab.page.reload()
    wait_for_label(tab, github)
    tab.settle()
    assert len(our_comments(github)) == 1


def test_a_plan_cut_off_by_a_kill_is_resumed_at_the_next_start(
    tab: Dashboard, connected: Server, github: SandboxServer
) -> None:
    order_faults(github, {"fault": "stalled", "kind": "comment", "seconds": 2})
    tab.open(f"/?issue={TRANSIENT}")
    click_until_posted(tab, f"post-{TRANSIENT}", github)
    connected.kill()
    # As long as GitHub is down the plan stays unfinished, however long the start takes.
    order_faults(github, {"fault": "down", "seconds": 3600})
    connected.start()
    tab.open("/")
    row = tab.page.get_by_text("add documentation")
    expect(row).to_be_visible()
    order_faults(github)
    tab.page.get_by_role("button", name="Resume").click()
    expect(row).to_be_hidden(timeout=90_000)
    wait_for_label(tab, github)
    assert len(our_comments(github)) == 1


def test_an_issue_that_changed_stops_the_click(tab: Dashboard, github: SandboxServer) -> None:
    tab.open(f"/?issue={TRANSIENT}")
    tab.response.fill("My own words.")
    httpx.post(
        f"{github.url}/repos/{github.repository}/issues/{TRANSIENT}/comments",
        json={"body": "I have answered this."},
        headers={"Authorization": "token login-colleague"},
    )
    tab.press(f"post-{TRANSIENT}")
    expect(tab.page.get_by_text("Nothing was sent")).to_contain_text("colleague commented")
    assert tab.response.input_value() == "My own words."
    assert our_comments(github) == []

    tab.press(f"look-{TRANSIENT}")
    tab.press(f"post-{TRANSIENT}")
    assert our_comments(github)[0].startswith("My own words.\n\n<!--")


def test_what_is_typed_and_not_yet_committed_outlives_news_from_github(tab: Dashboard, github: SandboxServer) -> None:
    """The warning, the new suggestion and the error that come up meanwhile must not make the text area anew."""
    tab.open(f"/?issue={TRANSIENT}")
    tab.response.click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type(" Half a sen")
    reporter = fetch(github, f"issues/{TRANSIENT}")["user"]["login"]
    httpx.post(
        f"{github.url}/repos/{github.repository}/issues/{TRANSIENT}/comments",
        json={"body": "Now the import ended with 80072031."},
        headers={"Authorization": f"token login-{reporter}"},
    )
    other = open_tab(tab.page.context.browser, tab.url)
    other.open("/").press("sync")
    other.page.context.close()
    expect(tab.page.get_by_text("has changed since you looked")).to_be_visible()
    expect(tab.page.get_by_text("The suggestion changed")).to_be_visible()
    assert tab.response.input_value().endswith(" Half a sen")

    github.stop()
    tab.press(f"post-{TRANSIENT}")
    assert tab.page.locator('[data-testid="stException"]').count() == 0
    tab.open(f"/?issue={TRANSIENT}")
    assert tab.response.input_value().endswith(" Half a sen")


def test_nothing_lies_over_the_buttons_above_a_table(tab: Dashboard) -> None:
    tab.open(f"/?issue={TRANSIENT}")
    tab.press(f"post-{TRANSIENT}")
    tab.open("/activity")
    tab.widget("journal").hover()
    with tab.page.expect_download() as download:
        tab.widget("csv").locator("button").click()
    assert "posted the comment" in download.value.path().read_text()


def test_undo_takes_the_whole_click_back(tab: Dashboard, github: SandboxServer) -> None:
    before = fetch(github, f"issues/{TRANSIENT}")
    tab.open(f"/?issue={TRANSIENT}")
    tab.press(f"post-close-{TRANSIENT}")
    assert fetch(github, f"issues/{TRANSIENT}")["state"] == "closed"
    tab.page.get_by_role("button", name="Undo").click()
    tab.press(f"undo-{TRANSIENT}")
    after = fetch(github, f"issues/{TRANSIENT}")
    assert (after["state"], after["comments"]) == ("open", before["comments"])
    assert [label["name"] for label in after["labels"]] == [label["name"] for label in before["labels"]]


def test_a_wait_that_github_asks_for_is_counted_down_and_the_plan_goes_on(
    tab: Dashboard, github: SandboxServer
) -> None:
    order_faults(github, {"fault": "secondary_403", "kind": "comment", "retry_after": 6})
    tab.open(f"/?issue={TRANSIENT}")
    tab.press(f"post-{TRANSIENT}")
    expect(tab.page.get_by_text("Continues by itself in")).to_be_visible()
    expect(tab.page.get_by_text("Continues by itself in")).to_be_hidden(timeout=30_000)
    assert len(our_comments(github)) == 1
