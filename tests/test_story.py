"""The whole job without a browser: choose, edit, post, tick, close, undo; and what is said when that cannot be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from triage.plans import without_marker
from triage.sandbox import SandboxServer
from triage.sandbox.faults import read_rules
from triage.store import Store

Open = Callable[..., AppTest]
TRANSIENT = 1026
LABELS = {"documentation", "transient-error", "import-upgrade"}


def fetch(github: SandboxServer, path: str) -> Any:
    answer = httpx.get(f"{github.url}/repos/{github.repository}/{path}", headers={"Authorization": "token a-token"})
    answer.raise_for_status()
    return answer.json()


def post(github: SandboxServer, path: str, login: str = "colleague", **body: Any) -> None:
    url = f"{github.url}/repos/{github.repository}/{path}"
    httpx.post(url, json=body, headers={"Authorization": f"token login-{login}"}).raise_for_status()


def delete_issue(github: SandboxServer, number: int) -> None:
    """As an administrator does on GitHub's page: the API has no way to."""
    with github.sandbox.lock:
        repository = github.sandbox.world.repositories[github.repository]
        del repository.issues[number]
        repository.deleted.add(number)


def words(at: AppTest) -> str:
    """All that the page says, for a look whether something is said at all."""
    parts = [
        element.value
        for kind in ("markdown", "caption", "html", "error", "warning", "info")
        for element in at.get(kind)
    ]
    return "\n".join(str(part) for part in parts)


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def test_from_the_queue_to_a_closed_issue(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    before = len(fetch(github, f"issues/{TRANSIENT}/comments"))
    text = at.text_area(key=f"response-{TRANSIENT}").value + "\nKind regards"
    at.text_area(key=f"response-{TRANSIENT}").set_value(text).run()

    press(at, f"post-{TRANSIENT}")
    comments = fetch(github, f"issues/{TRANSIENT}/comments")
    assert len(comments) == before + 1
    assert without_marker(comments[-1]["body"]) == text
    assert {label["name"] for label in fetch(github, f"issues/{TRANSIENT}")["labels"]} >= LABELS
    assert at.selectbox(key="issue").value != TRANSIENT, "the next issue comes up by itself"

    at.selectbox(key="issue").set_value(TRANSIENT).run()
    assert at.button(key=f"close-{TRANSIENT}").disabled
    at.checkbox(key=f"criterion-{TRANSIENT}-0").check().run()
    assert not at.button(key=f"close-{TRANSIENT}").disabled
    press(at, f"close-{TRANSIENT}")
    issue = fetch(github, f"issues/{TRANSIENT}")
    assert (issue["state"], issue["state_reason"]) == ("closed", "not_planned")
    assert len(fetch(github, f"issues/{TRANSIENT}/comments")) == before + 1


def test_text_that_was_typed_with_the_click_is_what_is_posted(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("Typed a moment before.")
    press(at, f"post-{TRANSIENT}")
    assert without_marker(fetch(github, f"issues/{TRANSIENT}/comments")[-1]["body"]) == "Typed a moment before."


def test_post_and_close_closes_with_the_chosen_reason(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    at.selectbox(key=f"reason-{TRANSIENT}").set_value("completed").run()
    press(at, f"post-close-{TRANSIENT}")
    issue = fetch(github, f"issues/{TRANSIENT}")
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert "wontfix" in {label["name"] for label in issue["labels"]}


def test_labels_that_are_left_out_are_not_created(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    at.segmented_control(key=f"missing-{TRANSIENT}").set_value("Leave them out").run()
    press(at, f"post-{TRANSIENT}")
    assert "transient-error" not in {label["name"] for label in fetch(github, "labels")}


def test_undo_puts_everything_back(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    before = fetch(github, f"issues/{TRANSIENT}")
    press(at, f"post-close-{TRANSIENT}")
    press(at, f"undo-{TRANSIENT}")
    after = fetch(github, f"issues/{TRANSIENT}")
    assert after["state"] == "open"
    assert after["comments"] == before["comments"]
    assert [label["name"] for label in after["labels"]] == [label["name"] for label in before["labels"]]


def test_an_issue_that_changed_stops_the_click_and_the_text_stays(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("My text.").run()
    post(github, f"issues/{TRANSIENT}/comments", body="I have answered this already.")
    press(at, f"post-{TRANSIENT}")
    assert "colleague commented" in words(at).casefold()
    assert at.text_area(key=f"response-{TRANSIENT}").value == "My text."
    assert len(fetch(github, f"issues/{TRANSIENT}/comments")) == 1

    press(at, f"anyway-{TRANSIENT}")
    assert without_marker(fetch(github, f"issues/{TRANSIENT}/comments")[-1]["body"]) == "My text."


def test_a_draft_outlives_the_session(app: Open, settings: pytest.MonkeyPatch) -> None:
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("Half an answer").run()
    assert app(issue=str(TRANSIENT)).text_area(key=f"response-{TRANSIENT}").value == "Half an answer"


def test_switching_the_template_and_back_loses_nothing(app: Open) -> None:
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("Mine").run()
    template = at.selectbox(key=f"template-{TRANSIENT}").value
    at.selectbox(key=f"template-{TRANSIENT}").set_value("").run()
    assert at.text_area(key=f"response-{TRANSIENT}").value == ""
    at.selectbox(key=f"template-{TRANSIENT}").set_value(template).run()
    assert at.text_area(key=f"response-{TRANSIENT}").value == "Mine"


def test_reset_brings_the_suggestion_back_and_keeps_the_text_to_be_restored(app: Open) -> None:
    at = app(issue=str(TRANSIENT))
    suggested = at.text_area(key=f"response-{TRANSIENT}").value
    at.text_area(key=f"response-{TRANSIENT}").set_value("Mine").run()
    press(at, f"reset-{TRANSIENT}")
    assert at.text_area(key=f"response-{TRANSIENT}").value == suggested
    restore = next(button for button in at.button if str(button.key).startswith("restore-"))
    restore.click().run()
    assert at.text_area(key=f"response-{TRANSIENT}").value == "Mine"


def test_a_suggestion_that_changes_replaces_no_text_by_itself(app: Open, github: SandboxServer) -> None:
    at = app(issue=str(TRANSIENT))
    begun = at.text_area(key=f"response-{TRANSIENT}").value
    reporter = fetch(github, f"issues/{TRANSIENT}")["user"]["login"]
    post(github, f"issues/{TRANSIENT}/comments", login=reporter, body="Now the import ended with 80072031.")
    press(at, "sync")
    assert at.text_area(key=f"response-{TRANSIENT}").value == begun
    press(at, f"take-{TRANSIENT}")
    assert "80072031" in at.text_area(key=f"response-{TRANSIENT}").value


def test_a_click_can_be_taken_back_before_anything_is_sent(
    app: Open, github: SandboxServer, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv("TRIAGE_UNDO_SECONDS", "60")
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("Too hasty.")
    press(at, f"post-{TRANSIENT}")
    assert "will be sent in" in words(at)
    back = next(button for button in at.button if button.label == "Take back")
    back.click().run()
    assert at.selectbox(key="issue").value == TRANSIENT
    assert at.text_area(key=f"response-{TRANSIENT}").value == "Too hasty."
    assert fetch(github, f"issues/{TRANSIENT}/comments") == []


def test_what_goes_out_after_the_delay_is_no_change_by_somebody_else(
    app: Open, github: SandboxServer, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv("TRIAGE_UNDO_SECONDS", "60")
    at = app(issue=str(TRANSIENT))
    press(at, f"post-{TRANSIENT}")
    at.selectbox(key="issue").set_value(TRANSIENT).run()
    next(button for button in at.button if button.label == "Send now").click().run()
    assert len(fetch(github, f"issues/{TRANSIENT}/comments")) == 1
    assert "has changed since you looked" not in words(at)


def test_a_wait_that_github_asks_for_is_told_from_the_time_to_take_a_click_back(
    app: Open, github: SandboxServer, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv("TRIAGE_UNDO_SECONDS", "600")
    github.sandbox.faults.replace(read_rules([{"fault": "secondary_403", "kind": "comment", "retry_after": 120}]))
    at = app(issue=str(TRANSIENT))
    press(at, f"post-{TRANSIENT}")
    next(button for button in at.button if button.label == "Send now").click().run()
    assert "Continues by itself in" in words(at)
    assert "will be sent in" not in words(at)


def test_next_and_previous_walk_the_queue(app: Open) -> None:
    at = app()
    press(at, "next")
    first = at.selectbox(key="issue").value
    press(at, "next")
    second = at.selectbox(key="issue").value
    assert second != first
    press(at, "previous")
    assert at.selectbox(key="issue").value == first


def test_a_dismissed_issue_leaves_the_queue_and_comes_back(app: Open) -> None:
    at = app(issue=str(TRANSIENT))
    press(at, f"dismiss-{TRANSIENT}")
    assert TRANSIENT not in at.session_state["walk"]
    at.segmented_control(key="view").set_value("dismissed").run()
    assert at.session_state["walk"] == [TRANSIENT]
    at.selectbox(key="issue").set_value(TRANSIENT).run()
    press(at, f"dismiss-{TRANSIENT}")
    at.segmented_control(key="view").set_value("to_answer").run()
    assert TRANSIENT in at.session_state["walk"]


def test_the_search_says_what_was_looked_at_where_nothing_matches(app: Open) -> None:
    at = app()
    at.text_input(key="search").set_value("nothing like this anywhere").run()
    assert "Nothing matches" in words(at)
    press(at, "clear")
    assert at.dataframe[0].value["number"].tolist()


def test_closing_anyway_asks_for_a_reason_and_records_it(app: Open, github: SandboxServer, tmp_path: Any) -> None:
    at = app(issue=str(TRANSIENT))
    press(at, f"post-{TRANSIENT}")
    at.selectbox(key="issue").set_value(TRANSIENT).run()
    press(at, f"close-anyway-{TRANSIENT}")
    assert fetch(github, f"issues/{TRANSIENT}")["state"] == "open"
    at.text_input(key=f"why-{TRANSIENT}").set_value("Reported again elsewhere").run()
    press(at, f"close-anyway-{TRANSIENT}")
    assert fetch(github, f"issues/{TRANSIENT}")["state"] == "closed"
    journal = Store.open(f"sqlite:///{tmp_path / 'triage.db'}").load_journal(github.repository)
    assert any("Reported again elsewhere" in entry.detail for entry in journal)


def test_the_chosen_repository_stays_the_chosen_one_on_every_page(app: Open, settings: pytest.MonkeyPatch) -> None:
    settings.setenv("TRIAGE_REPOSITORIES", "sandbox/starter-kit,sandbox/archived-kit")
    at = app(repository="sandbox/archived-kit")
    for page in ("activity", "closure", "queue"):
        at.query_params.clear()
        at.switch_page(f"{page}.py").run()
        assert at.selectbox(key="repository").value == "sandbox/archived-kit"
        assert "sandbox/archived-kit" in at.query_params["repository"]
    at.selectbox(key="repository").set_value("sandbox/starter-kit").run()
    assert TRANSIENT in at.session_state["walk"]


@pytest.mark.parametrize("page", ["closure", "templates", "activity"])
def test_each_page_comes_out_right(app: Open, page: str) -> None:
    at = app(issue=str(TRANSIENT))
    press(at, f"post-{TRANSIENT}")
    at.switch_page(f"{page}.py").run()
    assert not at.exception, at.exception
    assert "sandbox/starter-kit" in words(at)


def test_open_on_the_closure_page_leads_to_the_issue_in_the_queue(app: Open) -> None:
    at = app(issue=str(TRANSIENT)).switch_page("closure.py").run()
    key = next(str(button.key) for button in at.button if str(button.key).startswith("open-"))
    press(at, key)
    assert f"open-{at.selectbox(key='issue').value}" == key


def test_the_templates_page_says_on_what_condition_a_template_matches(app: Open) -> None:
    at = app().switch_page("templates.py").run()
    assert "still_failing" in words(at)
    assert "nothing by itself" not in words(at)


def test_a_token_that_may_only_read_finds_the_buttons_off_and_the_reason(
    app: Open, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv("GITHUB_TOKEN", "read-only")
    at = app(issue=str(TRANSIENT))
    assert at.button(key=f"post-{TRANSIENT}").disabled
    assert "can read sandbox/starter-kit but not write to it" in words(at)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TRIAGE_REPOSITORIES", "no-slash", "TRIAGE_REPOSITORIES"),
        ("GITHUB_API_URL", "ftp://somewhere", "GITHUB_API_URL"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("TRIAGE_TEMPLATES", "no/such/folder", "TRIAGE_TEMPLATES"),
        ("GITHUB_TOKEN", "expired", "GITHUB_TOKEN"),
        ("TRIAGE_REPOSITORIES", "sandbox/nothing-here", "sandbox/nothing-here"),
        ("GITHUB_API_URL", "http://127.0.0.1:9", "127.0.0.1"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_no_traceback(
    app: Open, settings: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    settings.setenv(name, value)
    at = app()
    assert len(at.error) == 1
    assert said in at.error[0].value


def test_a_broken_secrets_file_is_one_sentence_and_no_traceback(
    app: Open, settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/secrets.toml").write_text("GITHUB_TOKEN = a-token\n", encoding="utf-8")
    settings.chdir(tmp_path)
    assert [error.value for error in app().error] == [
        '.streamlit/secrets.toml is not valid TOML at line 1: write each setting as NAME = "value".'
    ]


def test_an_issue_that_was_deleted_leaves_the_queue_with_the_next_refresh(app: Open, github: SandboxServer) -> None:
    at = app()
    assert TRANSIENT in at.dataframe[0].value["number"].tolist()
    delete_issue(github, TRANSIENT)
    press(at, "sync")
    assert TRANSIENT not in at.dataframe[0].value["number"].tolist()
    assert not at.error


def test_what_was_mirrored_is_shown_when_github_is_gone(app: Open, github: SandboxServer) -> None:
    app()
    github.stop()
    at = app(issue=str(TRANSIENT))
    press(at, "sync")
    assert len(at.error) == 1
    assert at.text_area(key=f"response-{TRANSIENT}").value
    assert at.dataframe[0].value["number"].tolist()
