"""GitHub-flavoured Markdown -> the safe HTML that GitHub shows for it. Pure."""

from triage.markdown.github_look import GITHUB_CSS, label_chip, label_style, render_diff
from triage.markdown.rendering import render_html, render_markdown, render_with_marks
from triage.markdown.structure import Block, Fence, ends_in_fence, find_blocks, find_fences

__all__ = [
    "GITHUB_CSS",
    "Block",
    "Fence",
    "ends_in_fence",
    "find_blocks",
    "find_fences",
    "label_chip",
    "label_style",
    "render_diff",
    "render_html",
    "render_markdown",
    "render_with_marks",
]
