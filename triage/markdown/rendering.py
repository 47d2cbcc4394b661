"""GitHub-flavoured Markdown to the safe HTML that GitHub shows for a comment, with evidence marked on request.

cmark-gfm (GitHub's own parser) renders, nh3 sanitises with GitHub's list of elements, and one walk over the result
makes the rest: images become links so that a page loads nothing remote, mentions and references become links, and
marks are drawn. Every step is linear in the text; what would nest absurdly deep is shown as plain text instead.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape, unescape
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

# GitHub's allow-list of elements, without those that load something remote (picture, source, video).
_INLINE_NAMES = """
a abbr b bdo cite code del dfn em i ins kbd q ruby s samp small span strike strong sub sup time tt var
"""
_OTHER_NAMES = """
blockquote br caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img input li ol p pre rp rt section
summary table tbody td tfoot th thead tr ul wbr
"""
_FORMATTING_NAMES = "a b big code em font i nobr s small strike strong tt u"  # reopened in each block until closed
_INLINE = set(_INLINE_NAMES.split())
_ELEMENTS = _INLINE | set(_OTHER_NAMES.split())
_FORMATTING = set(_FORMATTING_NAMES.split())
_VOID = {"br", "hr", "img", "input", "wbr"}
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt"},
    "input": {"type", "checked"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "details": {"open"},
}
_CLEANER = nh3.Cleaner(
    tags=_ELEMENTS,
    attributes=_ATTRIBUTES,
    clean_content_tags={"script", "style", "iframe", "object", "embed", "noscript", "textarea", "title", "select"},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
_DEEPEST = 200
_MOST_REOPENED = 100_000
_LONGEST_TAG = 20_000
_MOST_ENTITIES = 100_000  # the sanitiser takes the square of their number; a comment holds 65,536 characters

_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_CLEAN_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+="[^"]*")*) ?/?>')
_RENDERED_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r' ([a-zA-Z-]+)="([^"]*)"')
_SURROGATE = re.compile("[\ud800-\udfff]")

_MENTION_OR_REFERENCE = re.compile(
    r"(?<![\w@/.&#-])@(?P<name>[a-z\d][a-z\d-]{0,38})(?:/(?P<team>[a-z\d][\w.-]{0,99}))?(?![\w/-])"
    r"|(?<![\w/.&#-])(?P<slug>[\w-][\w.-]{0,38}/[\w.-]{1,100})?#(?P<number>\d{1,10})(?!\w)"
    r"|(?<![\w-])GH-(?P<gh>\d{1,10})(?!\w)",
    re.IGNORECASE | re.ASCII,
)


def render_html(text: str) -> str:
    """What cmark-gfm makes of `text` with GitHub's options, NOT sanitised: to compare structure, never for a page."""
    # half an emoji, as JSON can hold it, is no text to cmark
    rendered: str = github_flavored_markdown_to_html(_SURROGATE.sub("\ufffd", text), options=_OPTIONS)
    return rendered


def render_markdown(text: str, *, repository_url: str = "") -> str:
    """Safe HTML of a comment or an issue's body as GitHub shows it; put it inside an element of class `gh`.

    With `repository_url` (`https://host/owner/name`), mentions and references such as `#12` become links.
    """
    html = render_html(without_stand_ins(text))
    return _draw(_CLEANER.clean(html), repository_url) if _is_drawable(html) else _as_plain_text(html)


def render_with_marks(text: str, spans: Sequence[tuple[int, int, str]], *, repository_url: str = "") -> str:
    """The same as `render_markdown`, with `<mark title="shows">` around the words of `spans`: (start, end, shows).

    Offsets are into `text`. Spans that overlap are drawn as one. A mark never changes what else is drawn: where a word
    cannot be marked without that (the scheme of a bare link, say), it stays unmarked.
    """
    text = without_stand_ins(text)
    html = render_html(text)
    if not _is_drawable(html):
        return _as_plain_text(html)
    unmarked = _CLEANER.clean(html)
    merged = merge_spans(spans, len(text))
    marks = Marks(_draw_settled, [shows for _, _, shows in merged])
    kept = find_markable(text, unmarked, find_words(text, merged), marks)
    marked = marks.render(text, kept) if kept else unmarked
    if marks.restore(marked) != unmarked:  # words that can be marked each by itself, but not together
        marked = unmarked
    return _draw(marked, repository_url, marks if marked != unmarked else None)


def _draw_settled(text: str, settle: Callable[[re.Match[str]], str]) -> str:
    """Sanitised HTML of a text, each of its tags passed through `settle` before it is sanitised."""
    return _CLEANER.clean(_RENDERED_TAG.sub(settle, render_html(text)))


def _is_drawable(html: str) -> bool:
    """Whether sanitising stays quick: no absurd nesting, few formatting elements left open over many blocks, no flood
    of entities.
    """
    if html.count("&") > _MOST_ENTITIES:
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
    return re.search(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG},}}", html) is None


def _as_plain_text(html: str) -> str:
    return f"<pre>{escape(unescape(re.sub(r'<[^>]*>', '', html)))}</pre>"


def _draw(html: str, repository_url: str, marks: Marks | None = None) -> str:
    return _Walk(repository_url.rstrip("/"), marks or Marks(_draw_settled, [])).walk(html)


class _Walk:
    """One pass over sanitised HTML: images to links, references to links, stand-ins to marks."""

    def __init__(self, repository_url: str, marks: Marks) -> None:
        self.repository_url = repository_url
        self.host = "/".join(repository_url.split("/")[:3])
        self.marks = marks
        self.left: dict[int, int] = {}
        self.current: int | None = None
        self.in_link = self.in_code = 0
        self.link_shows = ""  # what the address of the link shows whose words are being drawn
        self.out: list[str] = []

    def walk(self, html: str) -> str:
        tags = list(_CLEAN_TAG.finditer(html))
        for index in self._visible_spans(html, tags):
            self.left[index] = self.left.get(index, 0) + 1
        at, before = 0, ""
        for tag in tags:
            self._text(html[at : tag.start()], between_blocks=before not in _INLINE and tag[2] not in _INLINE)
            self._tag(tag)
            if tag[2] == "a":
                self.link_shows = "" if tag[1] else self._shown_by_address(html, tag)
            at, before = tag.end(), tag[2]
        self._text(html[at:], between_blocks=True)
        return "".join(self.out)

    def _visible_spans(self, html: str, tags: list[re.Match[str]]) -> Iterator[int]:
        if not self.marks.meaning:
            return
        at = 0
        for tag in tags:
            yield from self.marks.spans_in(html[at : tag.start()])
            if tag[2] == "img":
                yield from self.marks.spans_in(tag[3])
            at = tag.end()
        yield from self.marks.spans_in(html[at:])

    def _tag(self, tag: re.Match[str]) -> None:
        closing, name, written = tag.groups()
        attributes = self.marks.restore(written)
        step = -1 if closing else 1
        if name == "img":
            self._image(written, dict(_ATTRIBUTE.findall(attributes)))
            return
        if name == "input":
            checked = " checked" if " checked=" in attributes else ""
            if ' type="checkbox"' in attributes:
                self.out.append(f'<input type="checkbox" disabled{checked}>')
            return
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
            words = f'<mark title="{escape(self.marks.shows[spans[0]])}">{words}</mark>'
        if source and not self.in_link:
            link = f'<a class="gh-image" href="{source}" target="_blank" rel="nofollow noopener">{words}</a>'
        else:
            link = f'<span class="gh-image">{words}</span>'
        self.out.append(link)

    def _seen(self, index: int) -> None:
        self.left[index] -= 1
        self.current = index if self.left[index] else None

    def _text(self, text: str, *, between_blocks: bool) -> None:
        if not text:
            return
        if between_blocks and text.isspace():
            self.out.append(text)
            return
        if self.link_shows:
            self.out.append(f'<mark title="{escape(self.link_shows)}">{text}</mark>')
            return
        marked: list[tuple[int, int, int]] = []
        parts: list[str] = []
        at = length = 0
        for run in STAND_IN.finditer(text) if self.marks.meaning else ():
            length = self._between(text[at : run.start()], parts, marked, length)
            for code in run[0]:
                index, character = self.marks.meaning.get(code, (-1, code))
                parts.append(character)
                if index >= 0:
                    _extend(marked, length, length + 1, index)
                    self._seen(index)
                length += 1
            at = run.end()
        self._between(text[at:], parts, marked, length)
        self._linked("".join(parts), marked)

    def _between(self, text: str, parts: list[str], marked: list[tuple[int, int, int]], at: int) -> int:
        """Text without stand-ins: part of the span that has begun and has more to come, if there is one."""
        parts.append(text)
        if text and self.current is not None:
            _extend(marked, at, at + len(text), self.current)
        return at + len(text)

    def _linked(self, text: str, marked: list[tuple[int, int, int]]) -> None:
        at = 0
        if (
            self.repository_url
            and not self.in_link
            and not self.in_code
            and ("@" in text or "#" in text or "-" in text)
        ):
            for match in _MENTION_OR_REFERENCE.finditer(text):
                self._marked(text, at, match.start(), marked)
                target = self._target(match)
                self.out.append(f'<a href="{escape(target)}" target="_blank" rel="nofollow noopener">')
                self._marked(text, match.start(), match.end(), marked)
                self.out.append("</a>")
                at = match.end()
        self._marked(text, at, len(text), marked)

    def _target(self, match: re.Match[str]) -> str:
        if match["team"]:
            return f"{self.host}/orgs/{match['name']}/teams/{match['team']}"
        if match["name"]:
            return f"{self.host}/{match['name']}"
        repository = f"{self.host}/{match['slug']}" if match["slug"] else self.repository_url
        return f"{repository}/issues/{match['number'] or match['gh']}"

    def _marked(self, text: str, start: int, end: int, marked: list[tuple[int, int, int]]) -> None:
        at = start
        for first, last, index in marked:
            first, last = max(first, at), min(last, end)
            if first < last:
                self.out.append(text[at:first])
                self.out.append(f'<mark title="{escape(self.marks.shows[index])}">{text[first:last]}</mark>')
                at = last
        self.out.append(text[at:end])


def _extend(marked: list[tuple[int, int, int]], start: int, end: int, index: int) -> None:
    if marked and marked[-1][1] == start and marked[-1][2] == index:
        marked[-1] = (marked[-1][0], end, index)
    else:
        marked.append((start, end, index))


def _file_name(source: str) -> str:
    try:
        name = unquote(urlsplit(unescape(source)).path).rsplit("/", 1)[-1]
    except ValueError:  # an address that cannot be read has no file name
        return ""
    return escape(name) if re.search(r"\.\w{2,5}$", name) else ""
