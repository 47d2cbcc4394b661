import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.closure.own_words import LONGEST_END, QUOTED, blank_foreign_words, blank_the_middle, find_sentences

PARTS = [
    "words. ",
    "\n",
    "\r\n",
    "> ",
    "```",
    "~~~\n",
    "<!--",
    "-->",
    '"',
    "`",
    "![a](",
    ")",
    "https://a.b ",
    "From: a\n",
]


def own(comment: str) -> str:
    """What is left of a comment, blanks drawn together."""
    return " ".join(blank_foreign_words(comment).split())


@given(st.lists(st.sampled_from([*PARTS, "Sent: b\n", "On 1 May, A wrote:\n", "-- \n", "é", "\u2028", "?", "…"])))
def test_blanking_keeps_every_offset(parts: list[str]) -> None:
    comment = "".join(parts)
    blanked = blank_foreign_words(comment)

    assert len(blanked) == len(comment)
    assert all(left in (right, " ", QUOTED) for left, right in zip(blanked, comment, strict=True))


@given(st.lists(st.sampled_from(PARTS)))
def test_sentences_stand_where_they_say_and_follow_one_another(parts: list[str]) -> None:
    text = "".join(parts)
    sentences = list(find_sentences(text))

    assert all(text[sentence.start : sentence.end] == sentence.text != "" for sentence in sentences)
    assert all(one.end <= other.start for one, other in itertools.pairwise(sentences))


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("Done.\n> Did you?\n> Really?\nYes.", "Done. Yes."),
        ("See `the log` here.", f"See {QUOTED} here."),
        ('It says "failed to import" again.', f"It says {QUOTED} again."),
        ('It is "working" now.', 'It is "working" now.'),
        ("Look: ![shot](https://a.b/c.png) there.", "Look: there."),
        ("See https://a.b/works now.", "See now."),
        ("Good.\n\nOn Mon, 3 Nov 2025 at 10:11 Orla ***@***.***>\nwrote:\nTry again.", "Good."),
        ("Gut.\n\nVon: Orla\nGesendet: Montag\nAn: Kit\n\nNochmal bitte.", "Gut."),
        ("Fine.\n-----Original Message-----\nTry again.", "Fine."),
        ("From: the portal it fails.\nNothing else.", "From: the portal it fails. Nothing else."),
        ("On Monday I wrote to support.\nThey answer tomorrow.", "On Monday I wrote to support. They answer tomorrow."),
        ("```\nnever closed\nmore", ""),
        ("Before <!-- never closed", "Before <!-- never closed"),
    ],
)
def test_only_the_writers_own_words_are_left(comment: str, left: str) -> None:
    assert own(comment) == left


def test_a_line_break_ends_a_sentence_and_a_version_does_not() -> None:
    assert [sentence.text for sentence in find_sentences("We took 4.50.8 today\nIt works! Why?")] == [
        "We took 4.50.8 today",
        "It works!",
        "Why?",
    ]
    assert [sentence.asks for sentence in find_sentences("It works! Why? 本当ですか？")] == [False, True, True]


@pytest.mark.parametrize("more", [-1, 0, 1, 2, 3, 1000])
def test_the_middle_of_a_body_beyond_github_s_limit_is_one_blank_line(more: int) -> None:
    body = "a" * LONGEST_END + "b" * more + "c" * LONGEST_END if more >= 0 else "short"
    left = blank_the_middle(body)

    assert len(left) == len(body)
    assert left.startswith(body[:LONGEST_END])
    assert left.endswith(body[-LONGEST_END:])
    assert left.count("\n") == (2 if more > 1 else 0)
