"""A part of a report -> a passage: its words, and the signs in them.

Signs are what `import_words.toml` and the table of error codes name. What they weigh is in `import_signs.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from triage.detection.error_codes import ErrorTable
from triage.phrases import PhraseMatch, Phrases, Words, load_table, read_words

_WORDS_FILE = Path(__file__).with_name("import_words.toml")


@cache
def own_words() -> Mapping[str, tuple[str, ...]]:
    """The lists of `import_words.toml`, by their names."""
    return {name: tuple(phrases) for name, phrases in load_table(_WORDS_FILE).items()}


@lru_cache(maxsize=8)
def signs_of(table: ErrorTable) -> Phrases:
    """Everything that is looked for in a report. A cause's messages are the signs `cause:KEY` and `vague:KEY`."""
    signs: dict[str, Iterable[str]] = {name: words for name, words in own_words().items() if name not in _APART}
    signs |= {f"cause:{key}": phrases for key, phrases in table.phrases.items()}
    signs |= {f"vague:{key}": phrases for key, phrases in table.vague.items() if phrases}
    return Phrases(signs)


_APART = frozenset({"answer_import", "answer_flow", "kit", "thing", "trying"})


@cache
def apart(*names: str) -> Phrases:
    """Only these lists, for what is looked for in single answers or where it is asked for."""
    return Phrases({name: own_words()[name] for name in names})


@cache
def _plain(name: str) -> frozenset[bytes]:
    """A list of single words that are too frequent to be looked for before they are asked for."""
    return frozenset(word for text in own_words()[name] for word in read_words(text).words)


def has_plain(name: str, words: list[bytes]) -> bool:
    """Whether one of a list of single words is among `words`."""
    plain = _plain(name)
    return not plain.isdisjoint(words) or any(
        part in word for word in words if word[-1] >= 0x80 for part in plain if part[-1] >= 0x80
    )


@dataclass(slots=True)
class Passage:
    """A stretch of the title, the body or a comment, with the signs in it. `start` is its place in the source.

    `causes` are those of the hits that are messages of a cause.
    """

    source: str
    start: int
    part: str
    text: str
    words: Words
    hits: list[PhraseMatch]
    causes: list[PhraseMatch]


def read_passage(source: str, start: int, part: str, text: str, signs: Phrases) -> Passage:
    """Reads one stretch of a report."""
    words = read_words(text)
    hits, causes = _drop_contained(signs.find(words))
    return Passage(source, start, part, text, words, hits, causes)


_STEMS = ("fail", "error", "exception", "unable", "cannot", "timeout", "missing", "gateway", "pleas", "?")


def may_tell(text: str) -> bool:
    """Whether a side part of a report ("Steps", "Anything else?") is worth reading: most say nothing of a failure."""
    if not text.isascii():
        return True
    lowered = text.lower()
    return any(map(lowered.__contains__, _STEMS))


_WHATEVER_ROUND = frozenset({"message", "asks"})


def _drop_contained(hits: list[PhraseMatch]) -> tuple[list[PhraseMatch], list[PhraseMatch]]:
    """Without everyday words that lie inside a longer phrase of another sign ("no errors" is no error); the causes."""
    kept: list[PhraseMatch] = []
    causes: list[PhraseMatch] = []
    until, sign_until = 0, ""
    for hit in hits:
        first, last, sign = hit
        if ":" in sign:
            kept.append(hit)
            causes.append(hit)
        elif sign in _WHATEVER_ROUND:
            kept.append(hit)
        elif last > until:
            kept.append(hit)
            if last - first > 1:
                until, sign_until = last, sign
        elif sign == sign_until:
            kept.append(hit)
    return kept, causes
