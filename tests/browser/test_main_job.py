"""The whole job in a real browser, on the built-in sandbox, as a newcomer meets it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard import CHECK_BOX, TITLE, Dashboard, Server, open_tab
from triage.plans import without_marker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TRANSIENT = 1026
ADDED = "\n\nKind regards from the maintainers."


def type_at_the_end(dashboard: Dashboard, text: str) -> None:
    dashboard.response.click()
    dashboard.page.keyboard.press("Control+End")
    dashboard.page.keyboard.insert_text(text)


def our_comments(server: Server, number: int) -> list[dict[str, str]]:
    return [comment for comment in server.sandbox_issue(number)["comments"] if "<!-- triage:" in comment["body"]]


def test_from_a_clean_start_to_a_closed_issue(dashboard: Dashboard, server: Server) -> None:
    dashboard.open()
    expect(dashboard.page.get_by_text("Sandbox: nothing leaves this machine")).to_be_visible()
    dashboard.choose_row(0)
    number = dashboard.number
    suggested = dashboard.response.input_value()
    type_at_the_end(dashboard, ADDED)
    dashboard.press(f"post-{number}")

    expect(dashboard.widget("notice")).to_contain_text(f"#{number}")
    assert dashboard.number != number, "the next issue comes up by itself"
    (comment,) = our_comments(server, number)
    assert without_marker(comment["body"]) == suggested + ADDED
    assert re.search(r"\n\n<!-- triage: [0-9a-f]+ -->\Z", comment["body"])

    dashboard.open(f"/?issue={number}")
    expect(dashboard.widget(f"close-{number}").locator("button").first).to_be_disabled()
    dashboard.tick(number, 0)
    dashboard.press(f"close-{number}")
    issue = server.sandbox_issue(number)
    assert issue["state"] == "closed"
    assert issue["state_reason"] in ("completed", "not_planned")
    assert len(our_comments(server, number)) == 1
    assert "import-upgrade" in str(issue["labels"])


def test_the_preview_shows_what_is_posted(dashboard: Dashboard, server: Server) -> None:
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.response.fill("Try **again** tonight.\n\n| a | b |\n| - | - |\n| 1 | 2 |")
    dashboard.page.keyboard.press("Control+Enter")
    dashboard.settle()
    assert without_marker(our_comments(server, TRANSIENT)[0]["body"]).startswith("Try **again** tonight.")


def test_an_edit_is_drawn_when_it_is_committed_and_kept_over_a_refresh(dashboard: Dashboard) -> None:
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.response.fill("Please **retry** tonight.")
    dashboard.page.keyboard.press("Tab")
    dashboard.settle()
    preview = dashboard.widget(f"preview-box-{TRANSIENT}")
    expect(preview.locator("strong")).to_have_text("retry")
    dashboard.page.reload()
    dashboard.settle()
    assert dashboard.response.input_value() == "Please **retry** tonight."


def test_a_row_opens_by_a_click_anywhere_and_a_second_click_closes_nothing(dashboard: Dashboard) -> None:
    dashboard.open()
    for row, x in ((0, TITLE), (2, CHECK_BOX), (4, TITLE)):
        dashboard.click_cell(row, x)
        opened = dashboard.number
        dashboard.click_cell(row, CHECK_BOX)
        assert dashboard.number == opened


def test_the_buttons_stay_in_sight_in_a_small_window(browser: Browser, server: Server) -> None:
    tab = open_tab(browser, server.url, width=1280, height=640)
    tab.open(f"/?issue={TRANSIENT}")
    expect(tab.widget(f"post-{TRANSIENT}").locator("button")).to_be_in_viewport(ratio=1)
    expect(tab.widget(f"post-close-{TRANSIENT}").locator("button")).to_be_in_viewport(ratio=1)
    tab.page.context.close()


def test_chosen_labels_have_their_own_colour(dashboard: Dashboard) -> None:
    dashboard.open(f"/?issue={TRANSIENT}")
    tag = dashboard.widget(f"labels-{TRANSIENT}").locator('[data-tag][aria-label="transient-error"]')
    expect(tag).to_have_css("background-color", "rgb(251, 202, 4)")


def test_a_double_click_posts_once(dashboard: Dashboard, server: Server) -> None:
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.widget(f"post-{TRANSIENT}").locator("button").dblclick()
    dashboard.settle()
    dashboard.page.wait_for_timeout(1000)
    assert len(our_comments(server, TRANSIENT)) == 1


def test_the_reporter_answers_within_a_minute(dashboard: Dashboard, server: Server) -> None:
    """A newcomer sees the closing half of the job soon after the first click."""
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.press(f"post-{TRANSIENT}")
    dashboard.open(f"/?issue={TRANSIENT}")
    expect(dashboard.widget(f"checklist-{TRANSIENT}")).to_contain_text("confirms it is fixed", timeout=60_000)
    expect(dashboard.widget(f"checklist-{TRANSIENT}")).to_contain_text("words suggest this")


@pytest.mark.parametrize("path", ["/closure", "/templates", "/activity", f"/?issue={TRANSIENT}"])
def test_the_first_visit_after_a_start_may_go_to_any_page(dashboard: Dashboard, path: str) -> None:
    dashboard.open(path)
    expect(dashboard.page.get_by_text("Sandbox: nothing leaves this machine")).to_be_visible()
    expect(dashboard.page.get_by_role("link", name="Activity")).to_be_visible()
    assert dashboard.page.url.endswith(path)
    assert dashboard.page.locator('[data-testid="stException"]').count() == 0


def test_an_issue_opened_from_the_closure_page_is_closed_as_its_template_says(dashboard: Dashboard) -> None:
    dashboard.open("/closure")
    dashboard.press("open-974")
    dashboard.page.wait_for_url("**issue=974")
    expect(dashboard.widget("closing-974")).to_contain_text("wontfix")


def test_a_letter_typed_in_a_field_is_no_shortcut(dashboard: Dashboard) -> None:
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.response.click()
    dashboard.page.keyboard.type("jk")
    assert dashboard.number == TRANSIENT
    dashboard.page.keyboard.press("Tab")
    dashboard.settle()
    dashboard.page.mouse.click(640, 8)
    dashboard.page.keyboard.press("j")
    dashboard.settle()
    assert dashboard.number != TRANSIENT


def test_pictures_for_the_readme(browser: Browser, server: Server) -> None:
    """Each page, with something on it, in light and in dark; `make screenshots` keeps them under docs/."""
    dashboard = open_tab(browser, server.url, width=1440, height=900)
    dashboard.open(f"/?issue={TRANSIENT}")
    dashboard.screenshot("queue")
    dashboard.press(f"post-{TRANSIENT}")
    dashboard.press(f"post-{dashboard.number}")
    for name in ("closure", "templates", "activity"):
        dashboard.open(f"/{name}")
        dashboard.page.wait_for_timeout(1000)
        dashboard.screenshot(name)
        assert dashboard.page.locator('[data-testid="stException"]').count() == 0
    dark = open_tab(browser, server.url, width=1920, height=1080, scheme="dark")
    dark.open("/?issue=1043")
    dark.screenshot("queue-dark")
    for tab in (dashboard, dark):
        tab.page.context.close()
