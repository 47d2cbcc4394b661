"""Small pieces of HTML and Markdown that the pages are put together from."""

import re
from datetime import datetime
from html import escape

from triage.ages import describe_age


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
