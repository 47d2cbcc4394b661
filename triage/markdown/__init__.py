"""GitHub-flavoured Markdown -> the safe HTML that GitHub shows for it. Pure."""

from triage.markdown.github_look import GITHUB_CSS, label_chip, label_style, render_diff
from triage.markdown.rendering import render_html, render_markdown, render_with_marks
from triage.markdown.structure import Block, ends_in_fence, find_blocks

__all__ = [
    "GITHUB_CSS",
    "Block",
    "ends_in_fence",
    "find_blocks",
    "label_chip",
    "label_style",
    "render_diff",
    "render_html",
    "render_markdown",
    "render_with_marks",
]
