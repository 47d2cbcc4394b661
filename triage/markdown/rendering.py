"""GitHub-flavoured Markdown to the safe HTML that GitHub shows for a comment, with evidence marked on request.

cmark-gfm (GitHub's own parser) renders, nh3 sanitises with GitHub's list of elements, and `drawing` makes the rest of
the result. Every step is linear in the text; what would nest absurdly deep is shown as plain text instead.
"""

import re
from collections.abc import Callable, Sequence
from html import escape, unescape

import nh3
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

from triage.markdown.drawing import INLINE, draw
from triage.markdown.evidence_marks import Marks, find_markable, find_words, merge_spans, without_stand_ins

# A soft line break in a comment is a line break on GitHub; raw HTML passes here and is sanitised below.
_OPTIONS = (
    Options.CMARK_OPT_UNSAFE
    | Options.CMARK_OPT_HARDBREAKS
    | Options.CMARK_OPT_GITHUB_PRE_LANG
    | Options.CMARK_OPT_FOOTNOTES
)

# GitHub's allow-list of elements, without those that load something remote (picture, source, video).
_BLOCKS = """
blockquote br caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img input li ol p pre rp rt section
summary table tbody td tfoot th thead tr ul wbr
"""
_CLEANER = nh3.Cleaner(
    tags=INLINE | set(_BLOCKS.split()),
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
    return draw(marked, repository_url.rstrip("/"), marks)


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
