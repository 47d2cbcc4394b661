"""Phrases of a table of words -> where they stand in a text. The one phrase engine, for detection and for closure.

A table is read by `load_table`, a find is a `PhraseMatch`, and there are two ways to write and look up phrases:

- `Phrases`: some thousand plain phrases, every one of which is found, wherever it stands in a whole report. Words are
  UTF-8 bytes, accents kept, punctuation gone, and each phrase is looked up by its rarest word.
- `PhraseNotation`: phrases with choices, optional words and denials, whose order in the table decides, looked for in
  one normalised sentence. They become regular expressions.

They are two because neither can do the other's work: a notation with choices costs `Phrases` several times its speed,
and without accents and with clause marks reports are judged differently.
"""

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple


class PhraseMatch(NamedTuple):
    """Where a phrase stands, and the name of the list that it is of. `last` is the index after its last word.

    What is counted are words for `Phrases`, characters of the normalised sentence for a `PhraseNotation`.
    """

    first: int
    last: int
    sign: str


def load_table(path: Path) -> dict[str, Any]:
    """A table of words as its TOML file has it. Raises OSError or tomllib.TOMLDecodeError."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


# --- words ----------------------------------------------------------------------------------------

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("’‘´`“”„«»–—…・、「」『』（）：！\u00a0\u200b\u3000\ufeff", " ") | {"。": ".", "？": "?"}
)
_STOP_IN_WORD = re.compile(rb"\.(?=[a-z])")
_END = 1
"""The byte that ends a sentence."""

_FULL_STOP = ord(".")


def _byte_table() -> bytes:
    table = bytearray(range(256))
    for byte in range(128):
        character = chr(byte)
        if not (character.isalnum() or character in "._\n"):
            table[byte] = ord(" ")
        elif character.isupper():
            table[byte] = ord(character.lower())
    for character in "!?;":
        table[ord(character)] = _END
    table[_END] = ord(" ")
    return bytes(table)


_BYTES = _byte_table()


@dataclass(slots=True)
class Words:
    """A passage as words. For each sentence `ends` has the index after its last word, `starts` its byte in the buffer.

    `text` is as long as the source.
    """

    text: str
    buffer: bytes
    words: list[bytes]
    ends: list[int]
    starts: list[int]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where words `[first:last]` stand in the text, as character offsets; `first < last`."""
        sentence = bisect_right(self.ends, first)
        until = self.starts[sentence + 1]
        behind = self.buffer[self.starts[sentence] : until].split(None, first - self.start_of(sentence))[-1]
        begin = end = until - len(behind)
        for word in self.words[first:last]:
            end = self.buffer.index(word, end) + len(word)
        if self.text.isascii():
            return begin, end
        raw = self.text.encode("utf-8", "replace")
        start = len(raw[:begin].decode("utf-8"))
        return start, start + len(raw[begin:end].decode("utf-8"))

    def start_of(self, sentence: int) -> int:
        """The index of a sentence's first word."""
        return self.ends[sentence - 1] if sentence else 0


def read_words(text: str) -> Words:
    """Splits a passage into words and sentences. A single line break ends none: side panels break lines.

    Translating and splitting bytes is linear and quick whatever the text.
    """
    if not text.isascii():
        lowered = text.lower()
        if len(lowered) != len(text):  # a few letters have a longer lower case
            lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
        text = lowered.translate(_TYPOGRAPHY)
    buffer = text.encode("utf-8", "replace").translate(_BYTES).replace(b"...", b"   ")
    buffer = (
        buffer.replace(b". ", b"\x01 ").replace(b".\n", b"\x01 ").replace(b"\n\n", b"\x01 ").replace(b"\n ", b"\x01 ")
    )
    if b"." in buffer:  # "imported.Getting": a full stop without its space; those in versions stay
        buffer = _STOP_IN_WORD.sub(b" ", buffer)
    words: list[bytes] = []
    ends: list[int] = []
    starts: list[int] = []
    at = 0
    for sentence in buffer.split(b"\x01"):
        found = sentence.split()
        if found:
            words += found
            ends.append(len(words))
            starts.append(at)
        at += len(sentence) + 1
    if words and words[-1][-1] == _FULL_STOP and len(words[-1]) > 1:
        words[-1] = words[-1].rstrip(b".") or b"."
    starts.append(len(buffer))
    return Words(text, buffer, words, ends, starts)


# --- plain phrases --------------------------------------------------------------------------------

GAP = 12
"""How many words "..." in a phrase stands for at most."""


class _Phrase(NamedTuple):
    sign: str
    offset: int  # how many words before the pair it is looked up by it begins
    first: list[bytes]
    rest: tuple[list[bytes], ...]  # what follows the first "..."


class Phrases:
    """Plain phrases by the name of their list, a match's `sign`; "..." in a phrase stands for up to GAP words.

    Each is looked up by its one word, or by the pair of neighbours in it that stands in the fewest others.
    """

    def __init__(self, signs: Mapping[str, Iterable[str]]) -> None:
        phrases: list[tuple[str, list[list[bytes]]]] = []
        self._unspaced: dict[bytes, str] = {}
        for sign, texts in signs.items():
            for text in dict.fromkeys(texts):
                parts = [words for part in text.split("...") if (words := read_words(part).words)]
                if not parts:
                    continue
                phrases.append((sign, parts))
                if len(parts) == 1 and _UNSPACED.search(text):
                    self._unspaced[b"".join(parts[0])] = sign
        uses = Counter(pair for _, parts in phrases for pair in pairwise(parts[0]))
        self._alone: dict[bytes, list[tuple[str, tuple[list[bytes], ...]]]] = {}
        self._pairs: dict[tuple[bytes, bytes], list[_Phrase]] = {}
        for sign, (first, *rest) in phrases:
            if len(first) == 1:
                self._alone.setdefault(first[0], []).append((sign, tuple(rest)))
            else:
                pairs = list(pairwise(first))
                key = min(pairs, key=uses.__getitem__)
                self._pairs.setdefault(key, []).append(_Phrase(sign, pairs.index(key), first, tuple(rest)))

    def find(self, passage: Words) -> list[PhraseMatch]:
        """Every phrase in the passage, by place, the longer first where two begin at one word."""
        words, alone, pairs = passage.words, self._alone, self._pairs
        found: list[tuple[int, int, str]] = []  # first, minus last, sign: sorts as promised
        for at, word in enumerate(words):
            if word not in alone:
                continue
            for sign, rest in alone[word]:
                if not rest:
                    found.append((at, ~at, sign))
                elif last := _find_rest(words, at + 1, rest):
                    found.append((at, -last, sign))
        for at, pair in enumerate(pairwise(words)):
            if pair not in pairs:
                continue
            for sign, offset, first, rest in pairs[pair]:
                start = at - offset
                last = start + len(first)
                if start < 0 or (len(first) > 2 and words[start:last] != first):
                    continue
                if not rest or (last := _find_rest(words, last, rest)):
                    found.append((start, -last, sign))
        if not passage.text.isascii() and _UNSPACED.search(passage.text):
            found += self._find_unspaced(words)
        found.sort()
        # Made as the class makes them, only quicker: there are dozens in every report.
        return [tuple.__new__(PhraseMatch, (first, -minus_last, sign)) for first, minus_last, sign in found]

    def _find_unspaced(self, words: list[bytes]) -> Iterator[tuple[int, int, str]]:
        """Chinese and Japanese have no spaces: their phrases are looked for inside words."""
        for at, word in enumerate(words):
            if len(word) > 5 and word[-1] >= 0x80:
                yield from ((at, ~at, sign) for phrase, sign in self._unspaced.items() if phrase in word)


def _find_rest(words: list[bytes], at: int, parts: tuple[list[bytes], ...]) -> int:
    """The index after the last of `parts`, each at most GAP words after the one before; 0 if not there."""
    for part in parts:
        until = at + GAP + 1
        if part[0] not in words[at:until]:
            return 0
        at = next((start + len(part) for start in range(at, until) if words[start : start + len(part)] == part), 0)
        if not at:
            return 0
    return at


_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

# --- phrases with choices -------------------------------------------------------------------------


class PhraseNotation:
    """Phrases with choices -> regular expressions, for sentences in lower case whose words single spaces part.

    A phrase is a row of words:
      a/b       either word            not_yet   two words in one place      fail*   any word that begins so
      word?     may be missing         ~3        up to three further words   !a/b    the next word is neither
      {name}    any of a list          |         a clause mark               .       the clause ends here
    Every word of an expression takes the space behind it along, so that a phrase ends where a word ends.
    """

    def __init__(self, lists: Mapping[str, str], expressions: Mapping[str, str]) -> None:
        """`lists` are words by name, for `{name}`; `expressions` are regular expressions by name, each of one word."""
        self._lists, self._expressions = lists, expressions

    def choice(self, words: str) -> str:
        """The source of an expression for any of some words."""
        return "|".join(map(self._word, words.split()))

    def any_of(self, words: str) -> re.Pattern[str]:
        """Any of some words, wherever it stands whole."""
        return re.compile(rf"{_WHERE_A_WORD_BEGINS}(?:{self.choice(words)})(?= |$)")

    def compile(self, phrases: Iterable[str], *, unspaced: Iterable[str] = (), barrier: str) -> re.Pattern[str]:
        """Any of some phrases, the first in order that fits; no gap reaches over a word of `barrier`.

        `unspaced` are those of Japanese, found inside words; in them `~` stands for a few characters.
        """
        within_gap = f"(?!(?:{self.choice(barrier)}) )"
        spaced = "|".join(self._phrase(phrase, within_gap) for phrase in phrases)
        inside = [re.escape(phrase).replace(r"\~", ".{0,14}") for phrase in unspaced]
        return re.compile("|".join([f"{_WHERE_A_WORD_BEGINS}(?:{spaced})", *inside]))

    def _phrase(self, phrase: str, within_gap: str) -> str:
        return "".join(self._part(part, within_gap) for part in phrase.split())

    def _part(self, part: str, within_gap: str) -> str:
        if part.startswith("~"):
            return rf"(?:{within_gap}[^ |]+ ){{0,{part[1:]}}}?"
        if part == ".":
            return r"(?=\||$)"
        if part.startswith("|"):
            return r"(?:\| )?" if part.endswith("?") else r"\| "
        words = self.choice(part.removeprefix("!").removesuffix("?").replace("/", " "))
        opening, closing = "(?!" if part.startswith("!") else "(?:", "?" if part.endswith("?") else ""
        return f"{opening}(?:{words})(?= |$) ?+){closing}"

    def _word(self, word: str) -> str:
        if word.startswith("{"):
            name = word[1:-1]
            return self._expressions.get(name) or self.choice(self._lists[name])
        return re.escape(word.replace("_", " ")).replace(r"\ ", " ").replace(r"\*", "[^ |]*")


_WHERE_A_WORD_BEGINS = "(?:^|(?<= ))"
