"""The structure of a Markdown document, read from markdown-it-py's tokens and their lines: headings, rules, fences.

It reads CommonMark with GitHub's tables. What nests deeper than 40 levels is passed over.
"""

from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import table
from markdown_it.token import Token

# Inline text matters in headings alone, where it is read when it is asked for.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 40}).disable("inline")
# GitHub tries a table last; the parser's own place for it would take a fence with a "|" beside it for a row.
_BLOCKS.block.ruler.after("lheading", "github_table", table, {"alt": ["paragraph", "reference"]})
_INLINE = MarkdownIt("commonmark").enable("strikethrough")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or rule at the top level of the document, not in a list, quotation or code block.

    `line` and `last_line` count from 1 and include both; `level` is 1 to 6 for a heading, 0 for a rule.
    """

    level: int
    text: str
    line: int
    last_line: int


def find_blocks(text: str) -> list[Block]:
    """The headings and rules of a Markdown document in order; the text of a heading is without its markup."""
    found: list[Block] = []
    links: dict[str, Any] = {}
    tokens = _BLOCKS.parse(text, links)
    for place, token in enumerate(tokens):
        if token.level or token.type not in ("heading_open", "hr") or token.map is None:
            continue
        is_heading = token.type == "heading_open"
        words = _plain(_INLINE.parseInline(tokens[place + 1].content, links)) if is_heading else ""
        found.append(Block(int(token.tag[1]) if is_heading else 0, words, token.map[0] + 1, token.map[1]))
    return found


def ends_in_fence(text: str) -> bool:
    """Whether a fenced code block is left open at the end, so that a line written below would stand in it."""
    return _BLOCKS.parse(f"{text}\n\nbelow")[-1].type == "fence"


def _plain(inline: list[Token]) -> str:
    """The words alone, without HTML and pictures."""
    words = []
    for token in (child for parent in inline for child in parent.children or ()):
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append("\n")
    return "".join(words).strip()
