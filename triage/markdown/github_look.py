"""How GitHub looks: the style sheet for rendered Markdown, label chips, and a comparison of two texts as HTML."""

import difflib
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

GITHUB_CSS = Path(__file__).with_name("github.css").read_text("utf-8")
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
    rows = "".join(_rows(before.splitlines(), after.splitlines()))
    return f'<div class="gh-diff">{rows}</div>' if rows else ""


def _rows(before: list[str], after: list[str]) -> Iterator[str]:
    # autojunk would call a line that comes often "junk" in long texts; the texts here are a comment's length
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT_LINES)
    for number, group in enumerate(groups):
        if number or group[0][1]:
            yield '<div class="gh-gap">…</div>'
        for kind, first, last, new_first, new_last in group:
            if kind == "equal":
                yield from (f"<div>{escape(line)}</div>" for line in before[first:last])
            else:
                yield from _changed_rows(before[first:last], after[new_first:new_last])


def _changed_rows(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines that went, then those that came; the first is compared with the first word by word, and so on."""
    pairs = [_words(*pair) for pair in zip(old, new, strict=False)]
    removed = [words for words, _ in pairs] + [escape(line) for line in old[len(pairs) :]]
    added = [words for _, words in pairs] + [escape(line) for line in new[len(pairs) :]]
    yield from (f'<div class="gh-removed">{words}</div>' for words in removed)
    yield from (f'<div class="gh-added">{words}</div>' for words in added)


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
