"""GitHub-flavoured Markdown to the safe HTML that GitHub shows for a comment, with evidence marked on request.

cmark-gfm (GitHub's own parser) renders, nh3 sanitises with GitHub's list of elements, and a walk over the tags makes
the rest of the result. Every step is linear in the text; what would nest absurdly deep is shown as plain text instead.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape, unescape
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote, urlsplit

import nh3
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

from triage.markdown.evidence_marks import STAND_IN, Marks, find_markable, find_words, merge_spans, without_stand_ins

# A soft line break in a comment is a line break on GitHub; raw HTML passes here and is sanitised below.
_OPTIONS = (
    Options.CMARK_OPT_UNSAFE
    | Options.CMARK_OPT_HARDBREAKS
    | Options.CMARK_OPT_GITHUB_PRE_LANG
    | Options.CMARK_OPT_FOOTNOTES
)

_INLINE_NAMES = """
a abbr b bdo cite code del dfn em i ins kbd q ruby s samp small span strike strong sub sup time tt var
"""
_INLINE = set(_INLINE_NAMES.split())
"""Elements that stand within a line: what is blank beside them is part of the text."""

# GitHub's allow-list of elements, without those that load something remote (picture, source, video).
_BLOCKS = """
blockquote br caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img input li ol p pre rp rt section
summary table tbody td tfoot th thead tr ul wbr
"""
_CLEANER = nh3.Cleaner(
    tags=_INLINE | set(_BLOCKS.split()),
    attributes={
        "*": {"align", "dir", "lang", "title"},
        "a": {"href"},
        "img": {"src", "alt"},
        "input": {"type", "checked"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "ol": {"start"},
        "details": {"open"},
    },
    clean_content_tags={"script", "style", "iframe", "object", "embed", "noscript", "textarea", "title", "select"},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
# Left open, these are opened anew in each block.
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_VOID = {"br", "hr", "img", "input", "wbr"}
_DEEPEST = 200
_MOST_REOPENED = 100_000
_MOST_ENTITIES = 100_000  # the sanitiser takes the square of their number; a comment holds 65,536 characters
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+="[^"]*")*) ?/?>')
_ATTRIBUTE = re.compile(r' ([a-zA-Z-]+)="([^"]*)"')
_MENTION_OR_REFERENCE = re.compile(
    r"(?<![\w@/.&#-])@(?P<name>[a-z\d][a-z\d-]{0,38})(?:/(?P<team>[a-z\d][\w.-]{0,99}))?(?![\w/-])"
    r"|(?<![\w/.&#-])(?P<slug>[\w-][\w.-]{0,38}/[\w.-]{1,100})?#(?P<number>\d{1,10})(?!\w)"
    r"|(?<![\w-])GH-(?P<gh>\d{1,10})(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_LINK = 'target="_blank" rel="nofollow noopener"'
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_RENDERED_TAG = re.compile(r"<[^<>]*>")
_SURROGATE = re.compile("[\ud800-\udfff]")


def render_html(text: str) -> str:
    """What cmark-gfm makes of `text` with GitHub's options, NOT sanitised: to compare structure, never for a page."""
    # half an emoji, as JSON can hold it, is no text to cmark
    rendered: str = github_flavored_markdown_to_html(_SURROGATE.sub("\ufffd", text), options=_OPTIONS)
    return rendered


def render_markdown(text: str, *, repository_url: str = "") -> str:
    """Safe HTML of a comment or an issue's body as GitHub shows it; put it inside an element of class `gh`.

    With `repository_url` (`https://host/owner/name`), mentions and references such as `#12` become links.
    """
    return render_with_marks(text, (), repository_url=repository_url)


def render_with_marks(text: str, spans: Sequence[tuple[int, int, str]], *, repository_url: str = "") -> str:
    """The same as `render_markdown`, with `<mark title="shows">` around the words of `spans`: (start, end, shows).

    Offsets are into `text`. Spans that overlap are drawn as one. A mark never changes what else is drawn: where a word
    cannot be marked without that (the scheme of a bare link, say), it stays unmarked.
    """
    text = without_stand_ins(text)
    html = render_html(text)
    if not _is_drawable(html):
        return f"<pre>{escape(unescape(re.sub(r'<[^>]*>', '', html)))}</pre>"
    unmarked = _CLEANER.clean(html)
    merged = merge_spans(spans, len(text))
    marks = Marks(_render_settled, [span.shows for span in merged])
    kept = find_markable(text, unmarked, find_words(text, merged), marks)
    marked = marks.render(text, kept) if kept else unmarked
    if not kept or marks.restore(marked) != unmarked:  # each word can be marked by itself, but not all together
        marked, marks = unmarked, Marks(_render_settled, [])
    return _Walk(repository_url.rstrip("/"), marks).walk(marked)


def _render_settled(text: str, settle: Callable[[re.Match[str]], str]) -> str:
    """Sanitised HTML of a text, each of its tags passed through `settle` before it is sanitised."""
    return _CLEANER.clean(_RENDERED_TAG.sub(settle, render_html(text)))


def _is_drawable(html: str) -> bool:
    """Whether sanitising stays quick: no absurd nesting, few formatting elements left open over many blocks, no flood
    of entities.
    """
    if html.count("&") > _MOST_ENTITIES or _LONG_TAG.search(html):
        return False
    depth = opened = reopened = 0
    for match in _ANY_TAG.finditer(html):
        closing, name = match[1], match[2].lower()
        if name in _VOID:
            continue
        step = -1 if closing else 1
        depth = max(depth + step, 0)
        if name in _FORMATTING:
            opened = max(opened + step, 0)
        elif not closing:
            reopened += opened
        if depth > _DEEPEST or reopened > _MOST_REOPENED:
            return False
    return True


class _Walk:
    """Sanitised HTML -> what a page shows, in one walk over its tags.

    Images become links, so that a page loads nothing remote; mentions and references become links where the repository
    is known; stand-ins are drawn as marks. `current` is the span that has begun and has more to come, `left` how many
    stand-ins of each are still ahead.
    """

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
            self._text(html[at : tag.start()], between_blocks=before not in _INLINE and tag[2] not in _INLINE)
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
