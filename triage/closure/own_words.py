"""A comment -> the words that its writer wrote for this comment: no quoted threads, no code, no footers, no links.

Replies by e-mail carry the whole thread below them, and maintainers' words come back as `>` lines. Both are blanked,
character for character, so that every offset in what is left is an offset in the comment.
Everything here is one pass over the lines: linear in the length of the text, whatever the text is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUOTED = "\N{WHITE SQUARE}"
"""Stands in the blanked text for code and for several words in quotation marks: a message, somebody else's words."""

LONGEST_END = 65_536
"""So many characters are read from each end of a text: a whole comment on GitHub holds no more."""

_LONGEST_SENTENCE = 600
"""Longer sentences are read in pieces of this many characters, which bounds what a pattern can cost."""

_HEADER = re.compile(r"\s*[*_]*(?:from|von|de|da|van|差出人|送信元)[*_]*\s?:[*_]*\s", re.IGNORECASE)
_SECOND_HEADER = re.compile(
    r"\s*[*_]*(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviad[oa](?: el| em)?|fecha|data"
    r"|para|assunto|asunto|inviato|a|oggetto|verzonden|aan|onderwerp|送信日時|日付|宛先|件名)[*_]*\s?:",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"(?:\b(?:wrote|a écrit|schrieb|escribió|escreveu|ha scritto|schreef)|書きました)\s?[:：]\s*$"
    r"|\bschrieb\b[^\n]{0,120}:\s*$",
    re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"\s*(?:on|am|le|el|em|il|op|20\d\d)\b", re.IGNORECASE)
_CUT = re.compile(
    r"\s*(?:-{3,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|mensagem original|messaggio originale|oorspronkelijk bericht)"
    r"|reply to this email directly|you are receiving this because|sent from my |sent from outlook|get outlook for "
    r"|von meinem iphone|envoyé de mon |enviado desde mi |enviado do meu )",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?$")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_SPANS = re.compile(
    r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,800}\)|<img\b[^<>\n]{0,800}>"  # pictures
    r"|https?://[^\s)>\]]+"  # addresses
    r"|\*\*\*@\*\*\*\.\*\*\*"  # how GitHub hides an e-mail address
    r"|(?P<quoted>`[^`\n]{1,300}`|\"[^\"\n]{1,300}\"|“[^“”\n]{1,300}”|«[^«»\n]{1,300}»|「[^「」\n]{1,200}」)"
)
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s)\]\"'*_]|$)|[。！？]+|\n+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of own words: `text` without the blanks around it, where it stands, and whether it asks."""

    text: str
    start: int
    end: int
    asks: bool


def blank_foreign_words(body: str) -> str:
    """The comment with everything that is not its writer's own word blanked; as long as `body`."""
    kept: list[str] = []
    lines = _blank_html_comments(body).splitlines(keepends=True)
    fenced = ""
    for at, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and (not fenced or fence[1] == fenced):
            fenced = "" if fenced else fence[1]
            kept.append(_blank(line))
        elif fenced or line.lstrip().startswith((">", "&gt;")):
            kept.append(_blank(line))
        elif _thread_starts(lines, at):
            kept.extend(_blank(rest) for rest in lines[at:])
            break
        elif _names_a_writer(lines, at):
            kept.append(_blank(line))
        else:
            kept.append(line)
    return _SPANS.sub(_blank_span, "".join(kept))


def blank_the_middle(body: str) -> str:
    """A body as long as before, of which only the beginning and the end are left where it is longer than GitHub takes.

    What a reporter says of the outcome stands at one of the ends; between them are logs.
    """
    if len(body) < 2 * LONGEST_END + 2:
        return body
    # One blank line: hundreds of thousands of them would each be looked at.
    return body[:LONGEST_END] + "\n" + " " * (len(body) - 2 * LONGEST_END - 2) + "\n" + body[-LONGEST_END:]


def find_sentences(blanked: str) -> Iterator[Sentence]:
    """The sentences of what `blank_foreign_words` gives, in order; a line break ends one as a full stop does."""
    start = 0
    for stop in _SENTENCE_END.finditer(blanked):
        yield from _pieces(blanked, start, stop.end(), asks="?" in stop[0] or "？" in stop[0])
        start = stop.end()
    yield from _pieces(blanked, start, len(blanked), asks=False)


def _pieces(text: str, start: int, end: int, *, asks: bool) -> Iterator[Sentence]:
    while start < end:
        stop = end
        if end - start > _LONGEST_SENTENCE:
            space = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            stop = space if space > start else start + _LONGEST_SENTENCE
        words = text[start:stop]
        left = len(words) - len(words.lstrip())
        words = words.strip()
        if words:
            yield Sentence(words, start + left, start + left + len(words), asks)
        start = stop


def _thread_starts(lines: list[str], at: int) -> bool:
    """Whether this line opens what the mail program added: a thread quoted without `>`, or a footer."""
    line = lines[at]
    if len(line) > 400:
        return False
    if _CUT.match(line) or _SIGNATURE.match(line):
        return True
    if _HEADER.match(line):
        return any(_SECOND_HEADER.match(following[:60]) for following in _next_lines(lines, at, 3))
    if _says_wrote(lines, at):
        return not any(following.lstrip().startswith(">") for following in _next_lines(lines, at, 3))
    return False


def _names_a_writer(lines: list[str], at: int) -> bool:
    """Whether this line is the `On ... wrote:` above `>` lines, below which the answer may stand."""
    return len(lines[at]) <= 400 and _says_wrote(lines, at)


def _says_wrote(lines: list[str], at: int) -> bool:
    """`On ... wrote:` on one line, or broken over two."""
    line = lines[at]
    if not _WROTE_BEGINS.match(line):
        return False
    return bool(_WROTE.search(line[-200:])) or any(
        len(following) <= 200 and _WROTE.search(following) for following in lines[at + 1 : at + 2]
    )


def _next_lines(lines: list[str], at: int, count: int) -> list[str]:
    return [line for line in lines[at + 1 : at + 1 + 2 * count] if line.strip()][:count]


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
