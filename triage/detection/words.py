"""The words of `import_words.toml`, by the names of their lists."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from triage.phrases import Phrases, load_table, read_words

TABLE: Mapping[str, Any] = load_table(Path(__file__).with_name("import_words.toml"))
"""The file's tables: `signs` are looked for everywhere, `apart` and `single` where a rule asks for them by name."""


@cache
def own_words() -> Mapping[str, tuple[str, ...]]:
    """The lists of phrases and of single words."""
    return {name: tuple(TABLE[table][name]) for table in ("signs", "apart", "single") for name in TABLE[table]}


@cache
def apart(*names: str) -> Phrases:
    """Only these lists, for what is looked for in single answers or where it is asked for."""
    return Phrases({name: own_words()[name] for name in names})


@cache
def single(name: str) -> frozenset[bytes]:
    """A list of single words that are too frequent to be looked for before they are asked for."""
    return frozenset(word for text in own_words()[name] for word in read_words(text).words)


@cache
def stems(name: str) -> tuple[bytes, ...]:
    """A list of how words begin."""
    return tuple(stem.encode() for stem in TABLE["stems"][name])


def has_any(name: str, words: list[bytes]) -> bool:
    """Whether one of a list of single words is among `words`, or stands inside one where a script parts no words."""
    wanted = single(name)
    return not wanted.isdisjoint(words) or any(
        part in word for word in words if word[-1] >= 0x80 for part in wanted if part[-1] >= 0x80
    )


def any_of(words: Iterable[str]) -> str:
    """The source of a regular expression for any of some words."""
    return "|".join(map(re.escape, words))
