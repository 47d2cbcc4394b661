"""Sanitised HTML -> what a page shows, in one walk over its tags.

Images become links, so that a page loads nothing remote; mentions and references become links; marks are drawn.
"""

import re
from collections import Counter
from html import escape, unescape
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote, urlsplit

from triage.markdown.evidence_marks import STAND_IN, Marks

_INLINE = """
a abbr b bdo cite code del dfn em i ins kbd q ruby s samp small span strike strong sub sup time tt var
"""
INLINE = set(_INLINE.split())
"""Elements that stand within a line: what is blank beside them is part of the text."""

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+="[^"]*")*) ?/?>')
_ATTRIBUTE = re.compile(r' ([a-zA-Z-]+)="([^"]*)"')
_MENTION_OR_REFERENCE = re.compile(
    r"(?<![\w@/.&#-])@(?P<name>[a-z\d][a-z\d-]{0,38})(?:/(?P<team>[a-z\d][\w.-]{0,99}))?(?![\w/-])"
    r"|(?<![\w/.&#-])(?P<slug>[\w-][\w.-]{0,38}/[\w.-]{1,100})?#(?P<number>\d{1,10})(?!\w)"
    r"|(?<![\w-])GH-(?P<gh>\d{1,10})(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_LINK = 'target="_blank" rel="nofollow noopener"'


def draw(html: str, repository_url: str, marks: Marks) -> str:
    """The HTML with stand-ins drawn as marks, and mentions and references as links where `repository_url` is given."""
    return _Walk(repository_url, marks).walk(html)


class _Walk:
    """`current` is the span that has begun and has more to come, `left` how many stand-ins of each are still ahead."""

    def __init__(self, repository_url: str, marks: Marks) -> None:
        self.repository_url = repository_url
        self.host = "/".join(repository_url.split("/")[:3])
        self.marks = marks
        self.left: Counter[int] = Counter()
        self.current: int | None = None
        self.in_link = self.in_code = 0
        self.link_shows = ""  # what the address of the link shows whose words are being drawn
        self.out: list[str] = []

    def walk(self, html: str) -> str:
        tags = list(_TAG.finditer(html))
        if self.marks.meaning:
            visible = _TAG.sub(lambda tag: tag[3] if tag[2] == "img" else "", html)
            self.left.update(self.marks.spans_in(visible))
        at, before = 0, ""
        for tag in tags:
            self._text(html[at : tag.start()], between_blocks=before not in INLINE and tag[2] not in INLINE)
            self._tag(tag)
            if tag[2] == "a":
                self.link_shows = "" if tag[1] else self._shown_by_address(html, tag)
            at, before = tag.end(), tag[2]
        self._text(html[at:], between_blocks=True)
        return "".join(self.out)

    def _tag(self, tag: re.Match[str]) -> None:
        closing, name, written = tag.groups()
        attributes = self.marks.restore(written)
        if name == "img":
            self._image(written, dict(_ATTRIBUTE.findall(attributes)))
            return
        if name == "input":
            checked = " checked" if " checked=" in attributes else ""
            if ' type="checkbox"' in attributes:
                self.out.append(f'<input type="checkbox" disabled{checked}>')
            return
        step = -1 if closing else 1
        if name == "a":
            self.in_link += step
        elif name in ("code", "pre", "tt"):
            self.in_code += step
        self.out.append(f"<{closing}{name}{attributes}>")

    def _shown_by_address(self, html: str, tag: re.Match[str]) -> str:
        """What the address of a link shows as evidence, where its words show nothing themselves; else ""."""
        span = next(self.marks.spans_in(tag[3]), None)
        if span is None or STAND_IN.search(html, tag.end(), html.find("</a>", tag.end())):
            return ""
        return self.marks.shows[span]

    def _image(self, written: str, attributes: dict[str, str]) -> None:
        source, alt = attributes.get("src", ""), attributes.get("alt", "").strip()
        words = f"Image: {alt or _file_name(source)}".removesuffix(": ")
        spans = list(self.marks.spans_in(written))
        for index in spans:
            self._seen(index)
        if spans:
            words = _mark(self.marks.shows[spans[0]], words)
        if source and not self.in_link:
            self.out.append(f'<a class="gh-image" href="{source}" {_LINK}>{words}</a>')
        else:
            self.out.append(f'<span class="gh-image">{words}</span>')

    def _seen(self, index: int) -> None:
        self.left[index] -= 1
        self.current = index if self.left[index] else None

    def _text(self, text: str, *, between_blocks: bool) -> None:
        if between_blocks and (not text or text.isspace()):
            self.out.append(text)
        elif self.link_shows and text:
            self.out.append(_mark(self.link_shows, text))
        else:
            self._linked(self.marks.restore_letters(text), self._spans_of(text))

    def _spans_of(self, text: str) -> list[int | None]:
        """The span that each character belongs to, as part of a word or between two; nothing where none does."""
        if self.current is None and not STAND_IN.search(text):
            return []
        spans = []
        for character in text:
            span = self.marks.meaning[character][0] if character in self.marks.meaning else None
            spans.append(self.current if span is None else span)
            if span is not None:
                self._seen(span)
        return spans

    def _linked(self, text: str, spans: list[int | None]) -> None:
        at = 0
        can_link = self.repository_url and not self.in_link and not self.in_code
        # most texts hold none of the three, and asking for a character is quicker
        for match in _MENTION_OR_REFERENCE.finditer(text) if can_link and any(sign in text for sign in "@#-") else ():
            self._marked(text, at, match.start(), spans)
            self.out.append(f'<a href="{escape(self._target(match))}" {_LINK}>')
            self._marked(text, match.start(), match.end(), spans)
            self.out.append("</a>")
            at = match.end()
        self._marked(text, at, len(text), spans)

    def _target(self, match: re.Match[str]) -> str:
        if match["team"]:
            return f"{self.host}/orgs/{match['name']}/teams/{match['team']}"
        if match["name"]:
            return f"{self.host}/{match['name']}"
        repository = f"{self.host}/{match['slug']}" if match["slug"] else self.repository_url
        return f"{repository}/issues/{match['number'] or match['gh']}"

    def _marked(self, text: str, start: int, end: int, spans: list[int | None]) -> None:
        if not spans:
            self.out.append(text[start:end])
            return
        for span, run in groupby(zip(spans[start:end], text[start:end], strict=True), key=itemgetter(0)):
            words = "".join(character for _, character in run)
            self.out.append(words if span is None else _mark(self.marks.shows[span], words))


def _mark(shows: str, html: str) -> str:
    return f'<mark title="{escape(shows)}">{html}</mark>'


def _file_name(source: str) -> str:
    try:
        name = unquote(urlsplit(unescape(source)).path).rsplit("/", 1)[-1]
    except ValueError:  # an address that cannot be read has no file name
        return ""
    return escape(name) if re.search(r"\.\w{2,5}$", name) else ""
