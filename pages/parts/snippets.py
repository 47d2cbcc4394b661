"""Small pieces of HTML, CSS and Markdown that the pages are put together from."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path

from triage.ages import describe_age
from triage.markdown import GITHUB_CSS, label_style

STYLESHEET = GITHUB_CSS + Path(__file__).with_name("stylesheet.css").read_text(encoding="utf-8")
"""What Streamlit's theming has no setting for."""


def dress_as_github(html: str) -> str:
    """HTML that the stylesheet draws as GitHub draws a comment."""
    return f'<div class="gh">{html}</div>'


def age(moment: datetime, now: datetime, *, prefix: str = "") -> str:
    """How long ago a moment was, with the exact time on hover, as HTML."""
    exact = moment.strftime("%A, %d %B %Y, %H:%M:%S UTC")
    words = escape(prefix + describe_age(moment, now))
    return f'<time datetime="{moment.isoformat()}" title="{exact}">{words}</time>'


def escape_markdown(words: str) -> str:
    """Words to which Streamlit's Markdown gives no meaning."""
    return re.sub(r"([\\`*_{}\[\]<>#:$~|])", r"\\\1", words)


def chip(words: str, kind: str = "plain", *, hover: str = "") -> str:
    """A rounded chip as HTML; `kind` is a class of the stylesheet."""
    title = f' title="{escape(hover)}"' if hover else ""
    return f'<span class="triage-chip {kind}"{title}>{escape(words)}</span>'


def empty_state(heading: str, words: str) -> str:
    """What stands where a list would, as HTML: a heading and why nothing is there."""
    return f'<div class="triage-empty"><h3>{escape(heading)}</h3>{escape(words)}</div>'


def plural(count: int, noun: str) -> str:
    """`1 issue`, `2 issues`, `1,204 issues`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def label_css(colours: Mapping[str, str]) -> str:
    """Rules that draw the labels chosen in a multiselect as GitHub does; `colours` by name, six hex digits each."""
    rules = [f'[class*="st-key-labels-"] [data-tag], [class*="st-key-closing-"] [data-tag] {{ {label_style("")} }}']
    for name, color in colours.items():
        rules.append(f'[data-tag][aria-label="{_css_string(name)}"] {{ {label_style(color)} }}')
    return "".join(rules)


def _css_string(text: str) -> str:
    """Text within a quoted CSS string: whatever could end the string or the sheet is written by its code point."""
    return re.sub(r"[^\w -]", lambda found: f"\\{ord(found[0]):x} ", text)
