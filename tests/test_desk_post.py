"""What a click posts, what becomes of drafts, and what reaches no log."""

import logging
from typing import Any

import pytest

from tests.desk_place import Place
from tests.fake_github import REPOSITORY, START
from triage.desk import DRAFTS_KEPT
from triage.models import GitHubError, Label

# --- posting


def test_the_draft_is_posted_byte_for_byte_with_its_marker_and_labelled(place: Place) -> None:
    text = "  Zeile eins  \n\n\t`code` – “quoted”\n"
    outcome = place.post(text=text)
    assert (outcome.state, outcome.sentence) == ("done", "Posted the comment; added documentation.")
    assert place.bodies() == [text + "\n\n<!-- triage: p1 -->"]
    assert place.github.issues[1].labels == ("documentation",)


def test_a_second_click_posts_nothing_and_says_so(place: Place) -> None:
    place.post()
    again = place.desk.post(place.plan())
    assert (again.state, len(place.bodies())) == ("done", 1)
    assert again.sentence.startswith("Already done; nothing was sent again.")


def test_the_order_is_new_labels_comment_labels_close(place: Place) -> None:
    place.desk.post(place.closing(labels=[Label("transient", "fbca04", "Goes away")]))
    assert place.github.sent == ["create label transient", "comment 1", "label 1 wontfix,transient", "close 1"]
    assert Label("transient", "fbca04", "Goes away") in place.github.labels


def test_a_label_in_other_case_is_mapped_to_the_existing_one(place: Place) -> None:
    place.post(labels=[Label("Documentation")])
    assert place.github.issues[1].labels == ("documentation",)
    assert [label.name for label in place.github.labels] == ["documentation", "wontfix"]


def test_a_label_that_the_maintainer_leaves_out_is_not_created(place: Place) -> None:
    place.post(labels=[Label("documentation"), Label("typo")], leave_out=["typo"])
    assert "typo" not in [label.name for label in place.github.labels]


def test_a_label_deleted_since_the_preview_stops_the_click_and_is_never_created_by_accident(place: Place) -> None:
    plan = place.plan()
    place.github.labels.clear()
    stopped = place.desk.post(plan)
    assert stopped.changes == ("the label documentation is no longer in this repository",)
    assert place.desk.post(plan, anyway=True).state == "done"
    assert (place.github.labels, len(place.bodies())) == ([], 1)


def test_a_label_that_somebody_created_meanwhile_is_used(place: Place) -> None:
    plan = place.plan(labels=[Label("transient", "fbca04")])
    place.github.labels.append(Label("Transient"))
    assert place.desk.post(plan).state == "done"
    assert place.github.issues[1].labels == ("Transient",)


def test_only_labels_that_the_issue_lacks_are_sent(place: Place) -> None:
    place.github.open_issue(1, labels=("documentation",))
    place.post()
    assert place.github.sent == ["comment 1"]


def test_the_mirror_takes_the_answer_without_another_request(place: Place) -> None:
    place.desk.post(place.closing())
    mirrored = place.store.load_issue(REPOSITORY, 1)
    assert mirrored is not None
    assert (mirrored.state, mirrored.labels, mirrored.comments) == ("closed", ("documentation", "wontfix"), 1)
    assert [comment.body for comment in place.store.load_comments(REPOSITORY)[1]] == place.bodies()


def test_a_post_costs_two_reads_where_nothing_has_changed(place: Place) -> None:
    place.post()
    assert place.github.requests == 2 + 2


# --- drafts and closing


def test_a_post_puts_away_the_drafts_of_its_person_and_leaves_those_of_others(place: Place) -> None:
    for person in ("ann", "bob"):
        place.store.save_draft(REPOSITORY, 1, person, "transient", person, suggestion="", at=START)
    place.post()
    assert [draft.person for draft in place.store.load_drafts(REPOSITORY)] == ["bob"]
    assert [draft.person for draft in place.store.load_drafts(REPOSITORY, retired=True)] == ["ann"]


def test_drafts_of_closed_issues_can_be_restored_for_thirty_days(place: Place) -> None:
    place.store.save_draft(REPOSITORY, 1, "bob", "transient", "half a sentence", suggestion="", at=START)
    place.desk.post(place.closing(text=""))
    (draft,) = place.store.load_drafts(REPOSITORY, retired=True)
    place.clock.move(DRAFTS_KEPT.total_seconds() - 60)
    place.desk.run_due()
    restored = place.store.restore_draft(draft.id, at=place.clock())
    assert restored is not None
    assert restored.text == "half a sentence"
    place.store.discard_draft(REPOSITORY, 1, "bob", "transient", at=place.clock())
    place.clock.move(DRAFTS_KEPT.total_seconds() + 60)
    place.desk.run_due()
    assert place.store.load_drafts(REPOSITORY, retired=True) == []


def test_closing_anyway_records_why(place: Place) -> None:
    place.desk.post(place.closing(text="", labels=[], override="no reply for a month"))
    details = [entry.detail for entry in place.store.load_journal(REPOSITORY, 1) if entry.kind == "close"]
    assert details == ["close as not planned, early: no reply for a month"]


def test_an_issue_that_somebody_closed_meanwhile_is_not_closed_again(place: Place) -> None:
    plan = place.closing(labels=[])
    place.github.edit(1, state="closed", state_reason="completed")
    assert "closed already" in place.desk.post(plan, anyway=True).sentence
    assert place.github.issues[1].state_reason == "completed"


# --- secrets


def test_a_token_in_an_error_reaches_neither_journal_nor_log(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = "ghp_" + "a" * 36

    def leaky(*_: Any) -> None:
        raise GitHubError(f"GitHub refused {token}.", refusal="forbidden")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(place.github, "create_comment", leaky)
    outcome = place.post()
    assert token not in repr(outcome)
    assert token not in repr(place.store.load_journal())
    assert token not in caplog.text
