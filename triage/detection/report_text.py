"""A report's text -> its words, with the way back to where they stand.

What is not the reporter's own telling (links, images, HTML comments, ticked boxes, quoted replies, e-mail headers) is
blanked out at equal length, so that every offset stays true. Words are matched as UTF-8 bytes: translating and
splitting bytes is linear and quick whatever the text, and line breaks, punctuation and Markdown fall away at once.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

# One pass over what has to go. Every repetition is possessive or bounded and no part can begin inside another's run, so
# a text cannot make it look at the same character many times.
_NOISE = re.compile(
    r"https?://[^\s<>\"'`)\]]*+"
    r"|<!--(?:[^-]|-(?!->))*+(?:-->)?"
    r"|<(?:img|a|br|video|details|summary|/?p|/?div)\b[^<>]{0,2000}+>?"
    r"|!\[[^\[\]\n]{0,300}+\]\([^()\s]{0,300}+\)?"
)
_CHECKED = re.compile(r"^[ \t]*[-*][ \t]+\[[ xX]\][^\n]*+", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]{0,3}>[^\n]*+", re.MULTILINE)
_WROTE = re.compile(
    r"^[^\n]{0,300}(?:wrote|schrieb|escreveu|escribió|a écrit|ha scritto|schreef):[ \t\r]*$", re.MULTILINE
)
_MAIL_HEAD = re.compile(
    r"^[>*_ \t]{0,6}(?:From|Von|De|Da|Van|差出人)[*_]{0,2}:[^\n]{0,300}+\n(?:[^\n]{0,300}+\n){0,2}"
    r"[>*_ \t]{0,6}(?:Sent|Date|To|Gesendet|Datum|Enviado|Enviada|Envoyé|Inviato|Verzonden|送信日時)"
    r"(?: em| el)?[*_]{0,2}[ ]?:",
    re.MULTILINE,
)
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}+>?|!\[[^\[\]\n]{0,300}+\]\([^()\s]{0,300}+\)?|\[cid:[^\]\n]{0,120}+\]")
_ATTACHMENT = re.compile(r"\[[^\[\]\n]{1,200}+\]\([^()\s]{0,160}(?:/files/|/attachments/)[^()\s]{0,200}+\)?")


def blank_noise(text: str, *, reply: bool = False) -> str:
    """`text` with everything blanked that is not the writer's own telling; of the same length.

    In a comment (`reply`) every quoted line is somebody else's; in a description it is mostly an error message.
    """
    if "://" in text or "<" in text or "![" in text:
        text = _NOISE.sub(_spaces, text)
    if "] " in text:
        text = _CHECKED.sub(_spaces, text)
    if ":" in text:
        if "\n" in text and _may_be_mail(text) and (head := _MAIL_HEAD.search(text)):
            text = text[: head.start()] + " " * (len(text) - head.start())
        if (":\n" in text or ":\r" in text) and _tells_of_a_quotation(text) and (wrote := _WROTE.search(text)):
            reply = True
            text = text[: wrote.start()] + " " * (wrote.end() - wrote.start()) + text[wrote.end() :]
    if reply and ">" in text:
        text = _QUOTED.sub(_spaces, text)
    return text


def _may_be_mail(text: str) -> bool:
    # Written out, for this is asked of every part of every report.
    if "From:" in text or "From*" in text:
        return True
    return "Von:" in text or "De:" in text or "Da:" in text or "Van:" in text or "差出人:" in text


def _tells_of_a_quotation(text: str) -> bool:
    return any(
        word in text for word in ("wrote:", "schrieb:", "escreveu:", "escribió:", "a écrit:", "ha scritto:", "schreef:")
    )


def _spaces(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())


def find_image(text: str) -> tuple[int, int] | None:
    """Where the first picture stands, or None."""
    if "<img" not in text and "](" not in text and "[cid:" not in text:
        return None
    found = _IMAGE.search(text)
    return found.span() if found else None


def find_attachment(text: str) -> tuple[int, int] | None:
    """Where the first attached file stands, or None."""
    found = _ATTACHMENT.search(text) if "](" in text else None
    return found.span() if found else None


# --- words ----------------------------------------------------------------------------------------

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("’‘´`“”„«»–—…・、「」『』（）：！\u00a0\u200b\u3000\ufeff", " ") | {"。": ".", "？": "?"}
)
_STOP_IN_WORD = re.compile(rb"\.(?=[a-z])")
_END = 1
"""The byte that ends a sentence."""


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


_WORD = re.compile(rb"[^\s\x01]++")

Hit = tuple[int, int, str]
"""A sign found: its first word in the passage, minus the index after its last, and its name. Sorts by place, the longer
first. A bare tuple, for there are dozens in every report."""


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
        skipped = first - (self.ends[sentence - 1] if sentence else 0)
        found = _WORD.finditer(self.buffer, self.starts[sentence])
        begin_of_last = begin = next(islice(found, skipped, None)).start()
        if last - first > 1:
            begin_of_last = next(islice(found, last - first - 2, None)).start()
        end = begin_of_last + len(self.words[last - 1])
        if self.text.isascii():
            return begin, end
        raw = self.text.encode("utf-8", "replace")
        start = len(raw[:begin].decode("utf-8"))
        return start, start + len(raw[begin:end].decode("utf-8"))


def read_words(text: str) -> Words:
    """Splits a passage into words and sentences. A single line break ends none: side panels break lines."""
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
    return Words(text, buffer, words, ends, starts)


_FULL_STOP = ord(".")

GAP = 12
"""How many words "..." in a phrase stands for at most."""


_TELLING = 4
"""Shorter words ("our", "set", "two") stand in every report: no phrase is looked up by one if it has a longer."""


class _Phrase(NamedTuple):
    sign: str
    offset: int  # how many words before the word it is looked up by it begins
    length: int  # of `first`
    first: list[bytes]
    rest: tuple[list[bytes], ...]  # what follows the first "..."


class _Entry(NamedTuple):
    """What is looked up by one word: the signs that it is alone, and phrases by the word beside it."""

    alone: tuple[str, ...]
    after: dict[bytes, list[_Phrase]]
    before: dict[bytes, list[_Phrase]]
    gapped: tuple[_Phrase, ...]  # the word alone, then "..."


class Phrases:
    """Phrases, each looked up by the word in it that stands in the fewest others: one look-up a word finds them all."""

    def __init__(self, signs: Mapping[str, Iterable[str]]) -> None:
        phrases: list[tuple[str, list[list[bytes]]]] = []
        self._unspaced: dict[bytes, str] = {}
        for sign, texts in signs.items():
            for text in dict.fromkeys(texts):
                parts = [words for part in text.split("...") if (words := read_words(part).words)]
                if not parts:
                    continue
                phrases.append((sign, parts))
                if len(parts) == 1 and _is_unspaced(text):
                    self._unspaced[b"".join(parts[0])] = sign
        uses = Counter(word for _, parts in phrases for word in set(parts[0]))
        by_key: dict[bytes, list[_Phrase]] = {}
        for sign, (first, *rest) in phrases:
            key = min(first, key=lambda word: (len(word) < _TELLING, uses[word], -len(word)))
            by_key.setdefault(key, []).append(_Phrase(sign, first.index(key), len(first), first, tuple(rest)))
        self._entries = {word: _make_entry(found) for word, found in by_key.items()}

    def find(self, passage: Words) -> list[Hit]:
        """Every sign in the passage, by place, the longer first where two begin at one word."""
        hits: list[Hit] = []
        words, entries = passage.words, self._entries
        last_word = len(words) - 1
        for at in [at for at, word in enumerate(words) if word in entries]:
            entry = entries[words[at]]
            if isinstance(entry, str):
                hits.append((at, ~at, entry))
                continue
            alone, after, before, gapped = entry
            if alone:
                hits += [(at, ~at, sign) for sign in alone]
            candidates = gapped
            if after and at < last_word and (found := after.get(words[at + 1])):
                candidates = (*gapped, *found)
            if before and at and (found := before.get(words[at - 1])):
                candidates = (*candidates, *found)
            for sign, offset, length, first, rest in candidates:
                start = at - offset
                if length > 2 and (start < 0 or words[start : start + length] != first):
                    continue
                last = start + length
                if not rest or (last := _find_rest(words, last, rest)):
                    hits.append((start, -last, sign))
        if not passage.text.isascii() and _is_unspaced(passage.text):
            hits += self._find_unspaced(words)
        hits.sort()
        return hits

    def _find_unspaced(self, words: list[bytes]) -> list[Hit]:
        """Chinese and Japanese have no spaces: their phrases are looked for inside words."""
        return [
            (at, -at - 1, sign)
            for at, word in enumerate(words)
            if len(word) > 5 and word[-1] >= 0x80
            for phrase, sign in self._unspaced.items()
            if phrase in word
        ]


def _make_entry(phrases: Iterable[_Phrase]) -> _Entry | str:
    """What one word leads to: most lead to a single sign, which then stands for itself."""
    alone: list[str] = []
    gapped: list[_Phrase] = []
    after: dict[bytes, list[_Phrase]] = {}
    before: dict[bytes, list[_Phrase]] = {}
    for phrase in phrases:
        if phrase.offset + 1 < phrase.length:
            after.setdefault(phrase.first[phrase.offset + 1], []).append(phrase)
        elif phrase.length > 1:
            before.setdefault(phrase.first[phrase.offset - 1], []).append(phrase)
        elif phrase.rest:
            gapped.append(phrase)
        else:
            alone.append(phrase.sign)
    if len(alone) == 1 and not (after or before or gapped):
        return alone[0]
    return _Entry(tuple(alone), after, before, tuple(gapped))


def _find_rest(words: list[bytes], at: int, parts: tuple[list[bytes], ...]) -> int:
    """The index after the last of `parts`, each at most GAP words after the one before; 0 if not there."""
    for part in parts:
        first, length = part[0], len(part)
        start = at - 1
        until = at + GAP + 1
        while True:
            try:
                start = words.index(first, start + 1, until)
            except ValueError:
                return 0
            if length == 1 or words[start : start + length] == part:
                at = start + length
                break
    return at


_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def _is_unspaced(text: str) -> bool:
    return bool(_UNSPACED.search(text))
