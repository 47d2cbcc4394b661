"""How GitHub looks: the style sheet for rendered Markdown, label chips, and a comparison of two texts as HTML."""

import difflib
import re
from collections.abc import Iterator
from html import escape

GITHUB_CSS = """
.gh {
  --gh-fg: light-dark(#1f2328, #f0f6fc); --gh-muted: light-dark(#59636e, #9198a1);
  --gh-link: light-dark(#0969da, #4493f8); --gh-bg: light-dark(#ffffff, #0d1117);
  --gh-soft: light-dark(#f6f8fa, #151b23); --gh-code: light-dark(#818b981f, #656c7633);
  --gh-border: light-dark(#d1d9e0, #3d444d); --gh-border-soft: light-dark(#d1d9e0b3, #3d444db3);
  --gh-mark: light-dark(#fff8c5, #bb800959); --gh-mark-line: light-dark(#d4a72c, #d29922);
  --gh-open: light-dark(#1f883d, #238636); --gh-completed: light-dark(#8250df, #8957e5);
  --gh-not-planned: light-dark(#59636e, #656c76); --gh-add: light-dark(#dafbe1, #2ea04326);
  --gh-add-word: light-dark(#aceebb, #2ea04366); --gh-del: light-dark(#ffebe9, #f851491a);
  --gh-del-word: light-dark(#ffcecb, #f8514966);
  color: var(--gh-fg); overflow-wrap: anywhere;
  font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif;
}
.gh > :first-child { margin-top: 0; }
.gh > :last-child { margin-bottom: 0; }
.gh p, .gh ul, .gh ol, .gh dl, .gh blockquote, .gh pre, .gh table, .gh details { margin: 0 0 16px; }
.gh a { color: var(--gh-link); text-decoration: underline; text-underline-offset: 2px; }
.gh a:not([href]) { color: inherit; text-decoration: none; }
.gh h1, .gh h2, .gh h3, .gh h4, .gh h5, .gh h6 {
  margin: 24px 0 16px; padding: 0; font-weight: 600; line-height: 1.25; letter-spacing: normal; color: inherit;
}
.gh h1 { font-size: 2em; padding-bottom: .3em; border-bottom: 1px solid var(--gh-border-soft); }
.gh h2 { font-size: 1.5em; padding-bottom: .3em; border-bottom: 1px solid var(--gh-border-soft); }
.gh h3 { font-size: 1.25em; }
.gh h4 { font-size: 1em; }
.gh h5 { font-size: .875em; }
.gh h6 { font-size: .85em; color: var(--gh-muted); }
.gh ul, .gh ol { padding-left: 2em; }
.gh ul { list-style: disc; }
.gh ol { list-style: decimal; }
.gh ul ul, .gh ul ol, .gh ol ol, .gh ol ul { margin: 0; }
.gh li { margin: 0; font-size: inherit; }
.gh li + li { margin-top: .25em; }
.gh li > p { margin-top: 16px; }
.gh li:has(> input[type="checkbox"]) { list-style: none; }
.gh li > input[type="checkbox"] { margin: 0 .2em .25em -1.4em; vertical-align: middle; }
.gh blockquote { padding: 0 1em; color: var(--gh-muted); border-left: .25em solid var(--gh-border); }
.gh hr { height: .25em; margin: 24px 0; padding: 0; border: 0; background: var(--gh-border); }
.gh code, .gh tt, .gh kbd, .gh samp {
  font: 85%/1.45 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
.gh code, .gh tt { padding: .2em .4em; border-radius: 6px; background: var(--gh-code); color: inherit;
  white-space: break-spaces; }
.gh pre { padding: 16px; overflow: auto; border-radius: 6px; background: var(--gh-soft); color: inherit;
  font: 85%/1.45 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  overflow-wrap: normal; }
.gh pre code { padding: 0; background: none; font-size: 100%; white-space: pre; }
.gh kbd { padding: .25em .5em; border: 1px solid var(--gh-border); border-radius: 6px; background: var(--gh-soft); }
.gh table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; }
.gh th, .gh td { padding: 6px 13px; border: 1px solid var(--gh-border); }
.gh th { font-weight: 600; }
.gh tr:nth-child(2n) { background: var(--gh-soft); }
.gh summary { cursor: pointer; }
.gh mark { padding: .05em .1em; border-radius: 3px; background: var(--gh-mark); color: inherit;
  box-shadow: inset 0 -1.5px 0 var(--gh-mark-line); }
.gh .gh-image { color: var(--gh-muted); border: 1px dashed var(--gh-border); border-radius: 6px; padding: .1em .5em;
  font-size: .9em; text-decoration: none; }
.gh a.gh-image { color: var(--gh-link); }
.gh-label { display: inline-block; padding: 0 7px; border: 1px solid transparent; border-radius: 2em;
  white-space: nowrap;
  font: 500 12px/18px -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
.gh .gh-state { display: inline-block; padding: 3px 10px; border-radius: 2em; color: #ffffff; font-weight: 500;
  font-size: 12px; background: var(--gh-open); }
.gh .gh-state.completed { background: var(--gh-completed); }
.gh .gh-state.not_planned, .gh .gh-state.duplicate { background: var(--gh-not-planned); }
.gh .gh-diff { border: 1px solid var(--gh-border); border-radius: 6px; overflow: hidden;
  font: 12px/1.6 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.gh .gh-diff > div { padding: 0 10px 0 24px; text-indent: -14px; white-space: pre-wrap; min-height: 1.6em; }
.gh .gh-diff > div::before { display: inline-block; width: 14px; text-indent: 0; color: var(--gh-muted); content: " "; }
.gh .gh-diff > .gh-added { background: var(--gh-add); }
.gh .gh-diff > .gh-added::before { content: "+"; }
.gh .gh-diff > .gh-removed { background: var(--gh-del); }
.gh .gh-diff > .gh-removed::before { content: "\\2212"; }
.gh .gh-diff > .gh-gap { background: var(--gh-soft); color: var(--gh-muted); }
.gh .gh-diff ins { background: var(--gh-add-word); text-decoration: none; border-radius: 2px; }
.gh .gh-diff del { background: var(--gh-del-word); text-decoration: none; border-radius: 2px; }
"""
"""All rules are scoped under `.gh`; label chips also stand alone. Light or dark follows the page's `color-scheme`."""

_CONTEXT_LINES = 2
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def label_chip(name: str, color: str) -> str:
    """A label as GitHub draws it, as HTML: `color` is six hex digits."""
    return f'<span class="gh-label" style="{label_style(color)}">{escape(name)}</span>'


def label_style(color: str) -> str:
    """The CSS declarations of a label whose `color` is six hex digits; anything else is drawn in GitHub's default grey.

    The words are black or white by the colour's lightness. In the dark theme the chip is translucent and its words are
    the colour, lightened until they can be read.
    """
    digits = color.lstrip("#") if re.fullmatch(r"#?[0-9A-Fa-f]{6}", color) else "ededed"
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    lightness = (red * 0.2126 + green * 0.7152 + blue * 0.0722) / 255
    words = "#ffffff" if lightness < 0.453 else "#000000"
    border = f"rgba({red * 3 // 4},{green * 3 // 4},{blue * 3 // 4},.6)" if lightness > 0.96 else "transparent"
    lift = min(1.0, max(0.0, 0.6 - lightness) * 1.2)
    lifted = ",".join(str(round(part + (255 - part) * lift)) for part in (red, green, blue))
    return (
        f"background:light-dark(#{digits},rgba({red},{green},{blue},.18));"
        f"border-color:light-dark({border},rgba({lifted},.3));color:light-dark({words},rgb({lifted}))"
    )


def render_diff(before: str, after: str) -> str:
    """What changed from `before` to `after`, by lines and by words within them, as HTML; "" when they are equal."""
    if before == after:
        return ""
    rows = list(_rows(before.splitlines(), after.splitlines()))
    return f'<div class="gh-diff">{"".join(rows)}</div>' if rows else ""


def _rows(before: list[str], after: list[str]) -> Iterator[str]:
    # autojunk would call a line that comes often "junk" in long texts; the texts here are a comment's length
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT_LINES)
    for number, group in enumerate(groups):
        if number or group[0][1]:
            yield '<div class="gh-gap">…</div>'
        for kind, first, last, new_first, new_last in group:
            if kind == "equal":
                yield from (_row("", escape(line)) for line in before[first:last])
                continue
            yield from _changed_rows(before[first:last], after[new_first:new_last])


def _changed_rows(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines that went, then those that came; the first is compared with the first word by word, and so on."""
    pairs = [_words(*pair) for pair in zip(old, new, strict=False)]
    removed = [words for words, _ in pairs] + [escape(line) for line in old[len(pairs) :]]
    added = [words for _, words in pairs] + [escape(line) for line in new[len(pairs) :]]
    yield from (_row("gh-removed", words) for words in removed)
    yield from (_row("gh-added", words) for words in added)


def _row(kind: str, words: str) -> str:
    return f'<div class="{kind}">{words}</div>' if kind else f"<div>{words}</div>"


def _words(before: str, after: str) -> tuple[str, str]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < 0.4:
        return escape(before), escape(after)
    removed: list[str] = []
    added: list[str] = []
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        gone, come = escape("".join(old[first:last])), escape("".join(new[new_first:new_last]))
        removed.append(gone if kind == "equal" or not gone else f"<del>{gone}</del>")
        added.append(come if kind == "equal" or not come else f"<ins>{come}</ins>")
    return "".join(removed), "".join(added)
