"""The CSS that Streamlit's theming has no setting for, and the colours of a repository's labels."""

import re
from collections.abc import Mapping
from pathlib import Path

from triage.markdown import GITHUB_CSS, label_style

STYLESHEET = GITHUB_CSS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


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
