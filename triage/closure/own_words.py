"""A comment -> the words that its writer wrote for this comment: no quoted threads, no code, no footers, no links.

Replies by e-mail carry the whole thread below them, and maintainers' words come back as `>` lines. Both are blanked,
character for character, so that every offset in what is left is an offset in the comment.
Everything here is one pass over the lines: linear in the length of the text, whatever the text is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.phrases import load_table

QUOTED = "\N{WHITE SQUARE}"
"""Stands in the blanked text for code and for several words in quotation marks: a message, somebody else's words."""

LONGEST_END = 65_536
"""So many characters are read from each end of a text: a whole comment on GitHub holds no more."""

_LONGEST_MARK = 400
"""A longer line is none that a mail program added."""

_LONGEST_SENTENCE = 600
"""Longer sentences are read in pieces of this many characters, which bounds what a pattern can cost."""

_MARKS = load_table(Path(__file__).with_name("mail_marks.toml"))


def _any_of(*names: str) -> str:
    return "|".join(re.escape(mark) for name in names for mark in _MARKS[name])


_FIRST_HEADER = re.compile(rf"\s*[*_]*(?:{_any_of('from')})[*_]*\s?:[*_]*\s", re.IGNORECASE)
_NEXT_HEADER = re.compile(rf"\s*[*_]*(?:{_any_of('head')})[*_]*\s?:", re.IGNORECASE)
_WROTE_BEGINS = re.compile(rf"\s*(?:{_any_of('wrote_begins')}|20\d\d)\b", re.IGNORECASE)
_WROTE = re.compile(
    rf"(?:\b(?:{_any_of('wrote')})|{_any_of('wrote_japanese')})\s?[:：]\s*$"
    rf"|\b(?:{_any_of('wrote_before_name')})\b[^\n]{{0,120}}:\s*$",
    re.IGNORECASE,
)
_THREAD_OR_FOOTER = re.compile(rf"\s*(?:-{{3,}}\s*(?:{_any_of('original')})|{_any_of('footer')})|--\s?$", re.IGNORECASE)
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_SPANS = re.compile(
    r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,800}\)|<img\b[^<>\n]{0,800}>"  # pictures
    r"|https?://[^\s)>\]]+"  # addresses
    r"|\*\*\*@\*\*\*\.\*\*\*"  # how GitHub hides an e-mail address
    r"|(?P<quoted>`[^`\n]{1,300}`|\"[^\"\n]{1,300}\"|“[^“”\n]{1,300}”|«[^«»\n]{1,300}»|「[^「」\n]{1,200}」)"
)
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s)\]\"'*_]|$)|[。！？]+|\n+")


@dataclass(frozen=True, slots=True)
class OwnSentence:
    """A stretch of own words: `text` without the blanks around it, where it stands, and whether it asks."""

    text: str
    start: int
    end: int
    asks: bool


def blank_foreign_words(body: str) -> str:
    """The comment with everything that is not its writer's own word blanked; as long as `body`."""
    lines = _blank_html_comments(body).splitlines(keepends=True)
    kept: list[str] = []
    for at, (line, is_fenced) in enumerate(zip(lines, _find_fenced(lines), strict=True)):
        is_foreign = is_fenced or line.lstrip().startswith((">", "&gt;"))
        if not is_foreign and _starts_thread(lines, at):
            kept += map(_blank, lines[at:])
            break
        kept.append(_blank(line) if is_foreign or _says_wrote(lines, at) else line)
    return _SPANS.sub(_blank_span, "".join(kept))


def blank_the_middle(body: str) -> str:
    """A body as long as before, of which only the beginning and the end are left where it is longer than GitHub takes.

    What a reporter says of the outcome stands at one of the ends; between them are logs.
    """
    if len(body) < 2 * LONGEST_END + 2:
        return body
    # One blank line: hundreds of thousands of them would each be looked at.
    return body[:LONGEST_END] + "\n" + " " * (len(body) - 2 * LONGEST_END - 2) + "\n" + body[-LONGEST_END:]


def find_sentences(blanked: str) -> Iterator[OwnSentence]:
    """The sentences of what `blank_foreign_words` gives, in order; a line break ends one as a full stop does."""
    start = 0
    for stop in _SENTENCE_END.finditer(blanked):
        yield from _pieces(blanked, start, stop.end(), asks="?" in stop[0] or "？" in stop[0])
        start = stop.end()
    yield from _pieces(blanked, start, len(blanked), asks=False)


def _pieces(text: str, start: int, end: int, *, asks: bool) -> Iterator[OwnSentence]:
    while start < end:
        stop = end
        if end - start > _LONGEST_SENTENCE:
            space = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            stop = space if space > start else start + _LONGEST_SENTENCE
        words = text[start:stop]
        left = len(words) - len(words.lstrip())
        words = words.strip()
        if words:
            yield OwnSentence(words, start + left, start + left + len(words), asks)
        start = stop


def _find_fenced(lines: list[str]) -> Iterator[bool]:
    """Of each line whether it belongs to a fenced block; one that is never closed goes on to the end."""
    fence = ""
    for line in lines:
        was_open, mark = bool(fence), _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        yield was_open or bool(fence)


def _starts_thread(lines: list[str], at: int) -> bool:
    """Whether this line opens what the mail program added: a thread quoted without `>`, or a footer."""
    line = lines[at]
    if len(line) > _LONGEST_MARK:
        return False
    if _THREAD_OR_FOOTER.match(line):
        return True
    if _FIRST_HEADER.match(line):
        return any(_NEXT_HEADER.match(following[:60]) for following in _next_lines(lines, at))
    return _says_wrote(lines, at) and not any(
        following.lstrip().startswith(">") for following in _next_lines(lines, at)
    )


def _says_wrote(lines: list[str], at: int) -> bool:
    """Whether this line is `On ... wrote:`, all of it or broken over two; above `>` lines, the answer stands below."""
    line = lines[at]
    if len(line) > _LONGEST_MARK or not _WROTE_BEGINS.match(line):
        return False
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return bool(_WROTE.search(line[-200:]) or (len(below) <= 200 and _WROTE.search(below)))


def _next_lines(lines: list[str], at: int) -> list[str]:
    """The next three lines that are not blank, within six."""
    return [line for line in lines[at + 1 : at + 7] if line.strip()][:3]


def _blank_html_comments(body: str) -> str:
    kept: list[str] = []
    done = 0
    while (opened := body.find("<!--", done)) >= 0 and (closed := body.find("-->", opened)) >= 0:
        kept += body[done:opened], _blank(body[opened : closed + 3])
        done = closed + 3
    return "".join(kept) + body[done:]


def _blank(line: str) -> str:
    return "".join(letter if letter == "\n" else " " for letter in line)


def _blank_span(found: re.Match[str]) -> str:
    words = found[0]
    if not found["quoted"]:
        return _blank(words)
    if words[0] != "`" and " " not in words and words[0] != "「":
        return words  # one word in quotation marks is the writer's own: it is "working" now
    return QUOTED + " " * (len(words) - 1)
