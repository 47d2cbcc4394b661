import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scorecard import find_corpus_files
from triage.closure import (
    ReporterWord,
    Tick,
    closing_hint,
    find_reporter_word,
    make_checklist,
    may_close,
    read_criterion,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEED_CRITERIA = (
    "User confirms successful import after retry",
    "User confirms errors were resolved by following troubleshooting guide",
    "User has been directed to Microsoft Support for persistent issues (not a CoE Kit bug)",
    "User confirms they will retry during off-peak hours and report back",
)


def outcome(*comments: str, **more: str) -> str:
    """What the reporter's comments come to, nobody else having written."""
    return find_reporter_word("ann", [("ann", comment) for comment in comments], **more).outcome


def said(result: str, quote: str = "") -> ReporterWord:
    return ReporterWord(result, 0, quote)  # type: ignore[arg-type]


# The labelled cases


@pytest.mark.parametrize("file", find_corpus_files(), ids=lambda file: file.name)
def test_the_labelled_outcomes_are_found(file: Path) -> None:
    cases = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    labelled = [case for case in cases if "reporter_outcome" in case]

    wrong = [case for case in labelled if _outcome_of(case) != case["reporter_outcome"]]

    assert len(wrong) <= len(labelled) * 0.02, wrong


def _outcome_of(case: dict[str, Any]) -> str:
    comments = [(comment["user"], comment["body"]) for comment in case.get("comments", ())]
    return find_reporter_word(case["user"], comments, description=case.get("body", "")).outcome


# Whose words count, and which


def test_the_latest_telling_comment_counts() -> None:
    assert outcome("Still failing.", "Fourth run: it worked.") == "confirmed_fixed"
    assert outcome("It worked!", "Too early: the error is back.") == "still_failing"


def test_a_comment_that_tells_nothing_leaves_the_earlier_word_standing() -> None:
    word = find_reporter_word("ann", [("ann", "It worked, thanks."), ("ann", "What does the second flow do?")])

    assert (word.outcome, word.comment) == ("confirmed_fixed", 0)


def test_third_persons_do_not_speak_for_the_reporter() -> None:
    assert find_reporter_word("ann", [("bob", "It worked for me."), ("eve", "Same here, solved.")]) == ReporterWord(
        "no_reply"
    )


def test_a_login_is_the_same_in_any_case() -> None:
    assert find_reporter_word("Ann", [("ANN", "Works now.")]).outcome == "confirmed_fixed"


def test_the_index_counts_all_comments_and_the_quote_stands_at_its_offsets() -> None:
    body = "Hello,\n\nthe second try went **through**. Thanks!"
    word = find_reporter_word("ann", [("orla", "Try again."), ("ann", body)])

    assert (word.comment, word.quote) == (1, "the second try went **through**.")
    assert body[word.start : word.end] == word.quote


def test_a_response_that_this_dashboard_posted_is_nobodys_word() -> None:
    assert outcome("It works now.\n\n<!-- triage: 01J -->") == "no_reply"


def test_a_long_sentence_is_quoted_only_around_the_telling_words() -> None:
    body = "so " * 150 + "after all that it finally worked " + "and more " * 40
    word = find_reporter_word("ann", [("ann", body)])

    assert word.outcome == "confirmed_fixed"
    assert "worked" in word.quote
    assert len(word.quote) < 300


# What is not the reporter's own word


@pytest.mark.parametrize(
    "comment",
    [
        "> it works now\n\nThanks for this.",
        "See below.\n\nFrom: Orla ***@***.***>\nSent: Monday, 3 November 2025\nTo: kit\n\nGreat that it works now.",
        "See below.\n\nOn Mon, 3 Nov 2025 at 10:11, Orla ***@***.***> wrote:\n\nGreat that it works now.",
        "Siehe unten.\n\nAm Mo., 3. Nov. 2025 um 10:11 Uhr schrieb Orla ***@***.***>:\n\nSchön, es funktioniert jetzt.",
        "```\nimport worked\n```\nThis is the log.",
        'The page says "import works now" in the text, what is meant?',
        "Here is the file.\n\n-- \nAnn, everything works now Ltd",
        "<!-- it works now -->\nWhat shall I look for?",
        "Which one?\n\nSent from my phone, all solved",
    ],
)
def test_quoted_words_code_and_footers_tell_nothing(comment: str) -> None:
    assert outcome(comment) == "no_reply"


def test_an_answer_below_quoted_lines_counts() -> None:
    assert outcome("On Mon, 3 Nov 2025, Orla wrote:\n> Still failing?\n\nIt works now.") == "confirmed_fixed"


@pytest.mark.parametrize(
    "comment",
    [
        "If it works I will close this.",
        "Did it work for anybody?",
        "How does the upgrade work with two environments?",
        "It worked before the October release.",
        "Let me know if it still fails.",
        "It should be fixed in the next release.",
        "Shall I try again tomorrow?",
        "Should I open a ticket with Microsoft?",
    ],
)
def test_conditions_questions_and_the_past_tell_nothing(comment: str) -> None:
    assert outcome(comment) == "no_reply"


# Both in one comment


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Fixed on Monday, then it came out again.", "still_failing"),
        ("Still failed twice, the 4th run finally made it.", "confirmed_fixed"),
        ("Working in TEST now, but PROD is not working.", "still_failing"),
        ("PROD still fails. It works in the other environment.", "still_failing"),
        ("It was not working because of the licence. Works now.", "confirmed_fixed"),
        ("It works now. It was not working because of the licence.", "confirmed_fixed"),
        ("I think I may have fixed it, will check tomorrow.", "will_retry"),
        ("It works. Production follows, will do that tomorrow.", "confirmed_fixed"),
        ("Failed again. Will try on Sunday.", "will_retry"),
        ("Still failing, will keep you posted.", "still_failing"),
        ("Still failing, so I opened a ticket with Microsoft.", "went_to_support"),
        ("Opened a ticket with Microsoft, they fixed it, import went through.", "confirmed_fixed"),
        ("Still the same, any ideas?", "still_failing"),
        ("It worked, can I close this?", "confirmed_fixed"),
        ("Worked. If it comes back I will let you know.", "confirmed_fixed"),
    ],
)
def test_of_two_things_told_the_one_that_holds_counts(comment: str, expected: str) -> None:
    assert outcome(comment) == expected


@pytest.mark.parametrize(
    ("denied", "plain"),
    [
        ("The import is not working.", "The import is working."),
        ("This has not been solved.", "This has been solved."),
        ("I was not able to import it.", "I was able to import it."),
        ("Die Lösung konnte nicht importiert werden.", "Die Lösung konnte importiert werden."),
        ("Não consegui importar.", "Consegui importar."),
        ("No se resolvió.", "Se resolvió."),
        ("Ça ne marche pas.", "Ça marche."),
        ("Non funziona.", "Adesso funziona."),
        ("Het is niet gelukt.", "Het is gelukt."),
        ("インポートは成功しませんでした。", "インポートは成功しました。"),
    ],
)
def test_a_denied_success_is_a_failure(denied: str, plain: str) -> None:
    assert (outcome(denied), outcome(plain)) == ("still_failing", "confirmed_fixed")


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("No flow of ours is running successfully.", "still_failing"),
        ("It is not listing or successfully saving anything.", "still_failing"),
        ("No errors, running successfully.", "confirmed_fixed"),
        ("No idea why it works now.", "confirmed_fixed"),
        ("I did not change anything and it works.", "confirmed_fixed"),
        ("We did not have to reinstall because it works.", "confirmed_fixed"),
    ],
)
def test_a_denial_reaches_over_some_words_but_not_into_another_statement(comment: str, expected: str) -> None:
    assert outcome(comment) == expected


@pytest.mark.parametrize("gone", ["It no longer fails.", "No more errors.", "I don't see the error any more."])
def test_a_denied_failure_is_a_success(gone: str) -> None:
    assert outcome(gone) == "confirmed_fixed"


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        ("Did the retry help?", "No", "still_failing"),
        ("Did the retry help?", "Yes!", "confirmed_fixed"),
        ("Does it still fail?", "No.", "confirmed_fixed"),
        ("Does it still fail?", "Yes", "still_failing"),
        ("Is this a clean install?", "Yes", "no_reply"),
        ("Please try again.", "Yes", "no_reply"),
    ],
)
def test_a_bare_yes_or_no_counts_below_a_question_for_the_outcome(asked: str, answer: str, expected: str) -> None:
    assert find_reporter_word("ann", [("orla", asked), ("ann", answer)]).outcome == expected


def test_a_reporter_who_closes_and_says_no_more_has_it_fixed() -> None:
    assert outcome("No further questions, closing.") == "confirmed_fixed"


# The description


def test_success_of_a_later_attempt_told_in_the_description_counts_where_no_comment_tells() -> None:
    told = "Attempts 1 and 2 stopped with a time-out, attempt 3 was fine. Why?"

    word = find_reporter_word("ann", [], description=told)

    assert (word.outcome, word.comment, word.quote) == ("confirmed_fixed", None, told[: told.index(" Why")])
    assert outcome("Now the next one fails again.", description=told) == "still_failing"


@pytest.mark.parametrize(
    "told", ["The import fails.", "The second attempt worked in test. Production fails.", "All solutions went in."]
)
def test_other_descriptions_tell_no_outcome(told: str) -> None:
    assert outcome(description=told) == "no_reply"


# Whatever the text is


@given(
    st.lists(
        st.sampled_from(["works ", "not ", "still ", "> ", "\n", "```", '"', "From: a", "if ", "?", ". ", "é", "再"])
    )
)
def test_a_quote_always_stands_where_it_is_said_to(parts: list[str]) -> None:
    body = "".join(parts)
    word = find_reporter_word("ann", [("ann", body)])

    assert body[word.start : word.end] == word.quote
    assert bool(word.quote) == (word.outcome != "no_reply")


@pytest.mark.parametrize("filler", ["x", "<!--", "![]("])
def test_a_comment_of_a_megabyte_is_read_to_its_end(filler: str) -> None:
    body = filler * (1_000_000 // len(filler)) + "\n\nIt works now."

    assert find_reporter_word("ann", [("ann", body)]).quote == "It works now."


# The checklist


@pytest.mark.parametrize(
    ("when", "ticked", "met", "rule", "progress"),
    [
        ("any", 0, False, "Any one of the 4 is enough.", "0 of 4 ticked"),
        ("any", 1, True, "Any one of the 4 is enough.", "1 of 4 ticked"),
        ("all", 3, False, "All 4 are needed.", "3 of 4 ticked"),
        ("all", 4, True, "All 4 are needed.", "4 of 4 ticked"),
        (2, 1, False, "At least 2 of 4 are needed.", "1 of 4 ticked"),
        (2, 2, True, "At least 2 of 4 are needed.", "2 of 4 ticked"),
        (9, 4, False, "At least 9 of 4 are needed.", "4 of 4 ticked"),
    ],
)
def test_criteria_combine_by_any_all_or_a_number(when: Any, ticked: int, met: bool, rule: str, progress: str) -> None:
    ticks = [Tick(index, "orla", NOON) for index in range(ticked)]

    checklist = make_checklist(SEED_CRITERIA, when, ticks, ReporterWord("no_reply"))

    assert (checklist.met, checklist.rule, checklist.progress) == (met, rule, progress)


def test_a_response_without_criteria_may_be_closed_at_once() -> None:
    checklist = make_checklist((), "any", [], ReporterWord("no_reply"))

    assert (checklist.met, checklist.rule, checklist.progress) == (True, "This response has no closure criteria.", "")


def test_the_first_tick_of_a_criterion_is_shown_and_one_of_no_criterion_is_not_counted() -> None:
    ticks = [Tick(0, "sanjit", NOON), Tick(0, "orla", NOON - timedelta(hours=1)), Tick(7, "orla", NOON)]

    checklist = make_checklist(SEED_CRITERIA, "all", ticks, ReporterWord("no_reply"))

    assert [state.tick and state.tick.person for state in checklist.criteria] == ["orla", None, None, None]
    assert checklist.progress == "1 of 4 ticked"


@pytest.mark.parametrize(
    ("word", "suggested"),
    [
        (said("confirmed_fixed", "Second retry went green."), 0),
        (said("confirmed_fixed", "Followed the troubleshooting guide, resolved."), 1),
        (said("went_to_support", "Opened a ticket."), 2),
        (said("will_retry", "Will rerun tonight."), 3),
        (said("still_failing", "Same message."), None),
        (ReporterWord("no_reply"), None),
    ],
)
def test_the_reporters_word_suggests_the_criterion_that_asks_for_it(word: ReporterWord, suggested: int | None) -> None:
    criteria = make_checklist(SEED_CRITERIA, "any", [], word).criteria

    assert [state.index for state in criteria if state.suggested] == ([] if suggested is None else [suggested])
    assert all(bool(state.quote) == state.suggested for state in criteria)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The reporter says that the upgrade worked", "confirmed_fixed"),
        ("All flows are healthy again", "confirmed_fixed"),
        ("The error persists after four attempts", "still_failing"),
        ("A support request has been opened", "went_to_support"),
        ("Escalated to the product group", "went_to_support"),
        ("The reporter plans to run the import at the weekend", "will_retry"),
        ("The known issues page names this case", None),
    ],
)
def test_what_a_criterion_asks_for_is_read_from_its_words(text: str, expected: str | None) -> None:
    assert read_criterion(text) == expected


@pytest.mark.parametrize(
    ("ticked", "state", "can_write", "allowed", "hint"),
    [
        (1, "open", True, True, ""),
        (0, "open", True, False, "Any one of the 4 is enough. 0 of 4 ticked."),
        (1, "closed", True, False, "This issue is already closed."),
        (1, "open", False, False, "This token cannot close issues in this repository."),
    ],
)
def test_an_issue_may_be_closed_when_its_criteria_are_met(
    ticked: int, state: str, can_write: bool, allowed: bool, hint: str
) -> None:
    ticks = [Tick(index, "orla", NOON) for index in range(ticked)]
    checklist = make_checklist(SEED_CRITERIA, "any", ticks, ReporterWord("no_reply"))

    assert may_close(checklist, state=state, can_write=can_write) is allowed
    assert closing_hint(checklist, state=state, can_write=can_write) == hint
