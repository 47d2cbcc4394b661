import tomllib
from pathlib import Path
from typing import Any

import pytest

from triage.closure import reporter_phrases
from triage.closure.reporter_phrases import PATTERNS, TELLINGS

TABLE: dict[str, Any] = tomllib.loads(Path(reporter_phrases.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PHRASES = [
    (telling, language, phrase)
    for telling in TELLINGS
    for language, phrases in TABLE[telling].items()
    for phrase in phrases
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


@pytest.mark.parametrize(("telling", "language", "phrase"), PHRASES)
def test_every_phrase_is_found_in_the_sentence_it_is_written_for(telling: str, language: str, phrase: str) -> None:
    sentence = phrase.replace("~", "が") if language == "japanese" else example(phrase)

    assert PATTERNS[telling].search(f"{sentence} |"), sentence  # type: ignore[index]


@pytest.mark.parametrize("telling", TELLINGS)
def test_no_phrase_begins_inside_a_word_or_ends_in_one(telling: str) -> None:
    for kind, language, phrase in PHRASES:
        if kind == telling and language != "japanese" and "*" not in phrase:
            found = PATTERNS[kind].search(f"x{example(phrase).split()[0]}x")
            assert found is None, phrase


def test_a_phrase_reaches_over_no_comma() -> None:
    assert PATTERNS["fails"].search("did not really work")
    assert not PATTERNS["fails"].search("did not | work")
