"""Evidence spans of a Markdown text -> stand-ins that survive the parser, so that a mark changes nothing else.

Offsets are into the source, marks are wanted in the HTML. So each letter of a marked word becomes another letter that
nobody uses; what comes out of parser and sanitiser says by these letters which words to mark.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, unquote

# Stand-ins: characters of the last two planes, private by Unicode's own promise, so no text means anything by them.
_FIRST_STAND_IN, _LAST_STAND_IN = 0xF0000, 0x10FFFD
STAND_IN = re.compile("[\U000f0000-\U0010ffff]+")
_TAG_MARK = re.compile(' title="[\U000f0000-\U0010ffff]"')
_STAND_IN_IN_URL = re.compile("%F[34](?:%[89AB][0-9A-F]){3}")
_MOST_TRIALS = 48
_MOST_TRIED_CHARACTERS = 3_000_000


class Span(NamedTuple):
    """A stretch of the text, and what it shows."""

    start: int
    end: int
    shows: str


class Word(NamedTuple):
    """A word of the text, and the index of its span."""

    span: int
    start: int
    end: int


def without_stand_ins(text: str) -> str:
    return STAND_IN.sub(lambda match: "\ufffd" * len(match[0]), text)


def find_words(text: str, spans: Sequence[Span]) -> list[Word]:
    """The words within the spans."""
    return [
        Word(index, span.start + word.start(), span.start + word.end())
        for index, span in enumerate(spans)
        for word in re.finditer(r"[^\W_]+", text[span.start : span.end])
    ]


def merge_spans(spans: Iterable[tuple[int, int, str]], length: int) -> list[Span]:
    """Spans (start, end, shows) in order, those that overlap as one, none outside the text."""
    merged: list[Span] = []
    for start, end, shows in sorted(spans):
        span = Span(max(start, 0), min(end, length), shows)
        if span.start >= span.end:
            continue
        if merged and span.start < merged[-1].end:
            before = merged.pop()
            both = before.shows if shows in before.shows.split("; ") else f"{before.shows}; {shows}"
            span = Span(before.start, max(before.end, span.end), both)
        merged.append(span)
    return merged


def find_markable(text: str, unmarked: str, words: list[Word], marks: "Marks") -> list[Word]:
    """The words that can be marked without changing what is drawn, found by halving the groups that cannot."""
    kept: list[Word] = []
    groups = [words] if words else []
    trials = max(2, min(_MOST_TRIALS, _MOST_TRIED_CHARACTERS // (len(text) + 1)))
    while groups and trials:
        group = groups.pop()
        trials -= 1
        if marks.restore(marks.render(text, group)) == unmarked:
            kept += group
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    return sorted(kept, key=lambda word: word.start)


@dataclass(slots=True)
class Marks:
    """The stand-ins: each letter or digit of a marked word becomes, for the parser, another letter that nobody uses.

    To Markdown a letter is a letter, so its meaning stays; where it does not, the trial rendering shows it. After
    sanitising, each stand-in says which character stood there and to which span it belongs.
    """

    draw: Callable[[str, Callable[[re.Match[str]], str]], str]
    """Sanitised HTML of a text, each tag passed through the function before it is sanitised."""

    shows: list[str]
    code_of: dict[tuple[int, str], str] = field(default_factory=dict)
    meaning: dict[str, tuple[int, str]] = field(default_factory=dict)

    def render(self, text: str, words: Sequence[Word]) -> str:
        """Sanitised HTML of `text` with stand-ins for the letters of `words`."""
        parts: list[str] = []
        at = 0
        for word in words:
            parts.append(text[at : word.start])
            parts.extend(self._code(word.span, character) for character in text[word.start : word.end])
            at = word.end
        parts.append(text[at:])
        return self.draw("".join(parts), self._settle)

    def _code(self, index: int, character: str) -> str:
        key = (index, character)
        code = self.code_of.get(key)
        if code is None:
            number = _FIRST_STAND_IN + len(self.code_of)
            if number & 0xFFFE == 0xFFFE or number > _LAST_STAND_IN:
                return character
            code = self.code_of[key] = chr(number)
            self.meaning[code] = key
        return code

    def restore(self, html: str) -> str:
        """The HTML as it is without marks."""
        html = _TAG_MARK.sub("", html)
        return _STAND_IN_IN_URL.sub(self._restore_in_url, self.restore_letters(html))

    def restore_letters(self, text: str) -> str:
        """The text as it is without marks, character for character."""
        return STAND_IN.sub(lambda match: "".join(self._character(code) for code in match[0]), text)

    def _character(self, code: str) -> str:
        return self.meaning[code][1] if code in self.meaning else code

    def _restore_in_url(self, match: re.Match[str]) -> str:
        code = unquote(match[0])
        return quote(self._character(code)) if code in self.meaning else match[0]

    def _settle(self, match: re.Match[str]) -> str:
        """A tag as it is unmarked: the sanitiser would refuse an address whose host holds a stand-in.

        An image or a link carries its mark as its title instead.
        """
        spans = list(self.spans_in(match[0]))
        tag = self.restore(match[0])
        if spans and (opening := re.match(r"<(?:img|a)\b(?=\s)", tag, re.IGNORECASE)):
            code = next(code for code, (index, _) in self.meaning.items() if index == spans[0])
            return f'{opening[0]} title="{code}"{tag[opening.end() :]}'
        return tag

    def spans_in(self, html: str) -> Iterator[int]:
        for match in STAND_IN.finditer(html):
            for code in match[0]:
                if code in self.meaning:
                    yield self.meaning[code][0]
        for match in _STAND_IN_IN_URL.finditer(html):
            code = unquote(match[0])
            if code in self.meaning:
                yield self.meaning[code][0]
