from pathlib import Path
from typing import Any

import pytest

from triage.closure import reporter_phrases
from triage.closure.reporter_phrases import KINDS, PHRASES
from triage.phrases import load_table

TABLE: dict[str, Any] = load_table(Path(reporter_phrases.__file__).with_suffix(".toml"))
PATTERNS = PHRASES.statements
PHRASES_OF_KINDS = [
    (kind, language, phrase) for kind in KINDS for language, phrases in TABLE[kind].items() for phrase in phrases
]
SPECIAL = {"version": "4.50.8", "code": "80097376", "number": "2511110050002345"}


def example(phrase: str) -> str:
    """A sentence that a phrase is written for: its first words, without what may be missing."""
    rows = [row for row in phrase.split() if row[0] not in "~!." and not row.endswith("?")]
    return " ".join(first_word(row) for row in rows)


def first_word(row: str) -> str:
    word = row.split("/")[0]
    if word.startswith("{"):
        name = word.strip("{}")
        return SPECIAL.get(name) or first_word(TABLE["words"][name].split()[0])
    return word.replace("_", " ").replace("*", "")


@pytest.mark.parametrize(("kind", "language", "phrase"), PHRASES_OF_KINDS)
def test_every_phrase_is_found_in_the_sentence_it_is_written_for(kind: str, language: str, phrase: str) -> None:
    sentence = phrase.replace("~", "が") if language == "japanese" else example(phrase)

    assert PATTERNS[kind].search(f"{sentence} |"), sentence


@pytest.mark.parametrize("kind", KINDS)
def test_no_phrase_begins_inside_a_word_or_ends_in_one(kind: str) -> None:
    for phrase_kind, language, phrase in PHRASES_OF_KINDS:
        if phrase_kind == kind and language != "japanese" and "*" not in phrase:
            found = PATTERNS[kind].search(f"x{example(phrase).split()[0]}x")
            assert found is None, phrase


def test_a_phrase_reaches_over_no_comma() -> None:
    assert PATTERNS["fails"].search("did not really work")
    assert not PATTERNS["fails"].search("did not | work")
