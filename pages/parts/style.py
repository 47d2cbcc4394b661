"""The few rules of CSS that Streamlit's theming has no setting for, and small pieces of HTML."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path

from triage.ages import describe_age
from triage.markdown import label_style

CSS = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def github(html: str) -> str:
    """HTML that GITHUB_CSS is to dress."""
    return f'<div class="gh">{html}</div>'


def moment(at: datetime, now: datetime, *, prefix: str = "") -> str:
    """A moment as people say it, with the exact time on hover, as HTML."""
    exact = at.strftime("%A, %d %B %Y, %H:%M:%S UTC")
    return f'<time datetime="{at.isoformat()}" title="{exact}">{escape(prefix + describe_age(at, now))}</time>'


def label_css(colours: Mapping[str, str]) -> str:
    """Rules that draw the labels chosen in a multiselect as GitHub does; `colours` by name, six hex digits each."""
    return (
        f'[class*="st-key-labels-"] [data-tag], [class*="st-key-closing-"] [data-tag] {{ {label_style("")} }}'
        + "".join(
            f'[data-tag][aria-label="{_css_string(name)}"] {{ {label_style(color)} }}'
            for name, color in colours.items()
        )
    )


def _css_string(text: str) -> str:
    """Text within a quoted CSS string: whatever could end the string or the sheet is written by its code point."""
    return re.sub(r"[^\w -]", lambda found: f"\\{ord(found[0]):x} ", text)


def inert(words: str) -> str:
    """Words to which Streamlit's Markdown gives no meaning."""
    return re.sub(r"([\\`*_{}\[\]<>#:$~|])", r"\\\1", words)


def chip(words: str, kind: str = "plain", *, hover: str = "") -> str:
    """A rounded chip as HTML; `kind` is one of the classes above."""
    title = f' title="{escape(hover)}"' if hover else ""
    return f'<span class="triage-chip {kind}"{title}>{escape(words)}</span>'


def plural(count: int, noun: str) -> str:
    """`1 issue`, `2 issues`, `1,204 issues`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
