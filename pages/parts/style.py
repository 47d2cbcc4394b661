"""The few rules of CSS that Streamlit's theming has no setting for, and small pieces of HTML."""

import re
from datetime import datetime
from html import escape
from pathlib import Path

from triage.queue import describe_age

CSS = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def github(html: str) -> str:
    """HTML that GITHUB_CSS is to dress."""
    return f'<div class="gh">{html}</div>'


def moment(at: datetime, now: datetime, *, prefix: str = "") -> str:
    """A moment as people say it, with the exact time on hover, as HTML."""
    exact = at.strftime("%A, %d %B %Y, %H:%M:%S UTC")
    return f'<time datetime="{at.isoformat()}" title="{exact}">{escape(prefix + describe_age(at, now))}</time>'


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
