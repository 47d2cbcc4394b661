"""What can be seen in a template's text without running it: wrong encoding, links, left-over data, waiting times."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

# A byte of UTF-8 that was read as Windows-1252 (or, where that has no character, as Latin-1): the character it became.
_BYTE_OF = {chr(byte): byte for byte in range(0x80, 0x100)}
_BYTE_OF |= {character: byte for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", "ignore"))}
_TAIL = "[" + "".join(re.escape(character) for character, byte in _BYTE_OF.items() if byte < 0xC0) + "]"
_GARBLED = re.compile(f"[\u00c2\u00c3]{_TAIL}|[\u00e1-\u00ef]{_TAIL}{{2}}|[\u00f0-\u00f4]{_TAIL}{{3}}")
# Two bytes are also a capital letter before a closing quotation mark: real text. Only what cannot be is repaired.
_REAL_PAIR = re.compile("[\u00c2\u00c3][\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00ab\u00bb\u00a0]")


def repair_encoding(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Text whose UTF-8 was once read as Windows-1252, repaired; and what was repaired as (line, before, after)."""
    repairs: list[tuple[int, str, str]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.isascii():
            continue
        repaired = line
        for _ in range(3):  # some texts went through it more than once
            once = _GARBLED.sub(_repair, repaired)
            if once == repaired:
                break
            repaired = once
        if repaired != line:
            garbled = _GARBLED.search(line)
            before = garbled[0] if garbled else line
            repairs.append((number, before, _GARBLED.sub(_repair, before)))
            lines[number - 1] = repaired
    return "\n".join(lines), repairs


def _repair(match: re.Match[str]) -> str:
    if _REAL_PAIR.fullmatch(match[0]):
        return match[0]
    try:
        repaired = bytes(_BYTE_OF[character] for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    # three bytes below U+2000 are scripts that nobody garbles into French quotation marks
    return match[0] if len(match[0]) == 3 and repaired < "\u2000" else repaired


@dataclass(frozen=True, slots=True)
class Link:
    """A link's target in a Markdown text: `text[start:end]`, on `line` (from 1). `image` for `![alt](target)`."""

    start: int
    end: int
    target: str
    line: int
    image: bool = False


# Three backticks open a block only where none follows on their line; else they are a code span.
_FENCE = re.compile(
    r"^ {0,3}(`{3,}+(?=[^`\n]*+$)|~{3,}+)[^\n]*+\n.*?(?:^ {0,3}\1[`~]*+[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,8})(?!`)[^\n]{1,400}?(?<!`)\1(?!`)")
_LINK = re.compile(
    r"(?P<image>!?)\[(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,500}\]\(\s{0,3}<?(?P<inline>[^\s<>()]{1,2000}(?:\([^\s()]{0,200}\))?)"
    r"|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}<?(?P<defined>[^\s<>]{1,2000})"
    r"|<(?:a|img)\b[^<>]{0,400}?\b(?:href|src)=[\"']?(?P<html>[^\"'<>\s]{1,2000})"
    r"|(?<![\w\"'=/])(?P<bare>https?://[^\s<>()\"'`\]]{1,2000})",
    re.MULTILINE,
)


def blank_code(text: str) -> str:
    """The text with code spans and fenced blocks blanked out, every other character in its place."""
    blanked = _FENCE.sub(_blank, text)
    return _CODE_SPAN.sub(_blank, blanked)


def find_open_fence(text: str) -> int | None:
    """The line on which a code block opens that nothing closes, or None."""
    for fence in _FENCE.finditer(text):
        last = fence[0].rstrip().rpartition("\n")[2].strip()
        if fence.end() == len(text) and not (last.startswith(fence[1]) and set(last) == {fence[1][0]}):
            return text.count("\n", 0, fence.start()) + 1
    return None


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def find_links(text: str) -> list[Link]:
    """Every link target outside code, in order."""
    links: list[Link] = []
    for match in _LINK.finditer(blank_code(text)):
        group = next(name for name in ("inline", "defined", "html", "bare") if match[name])
        image = match["image"] == "!" or (group == "html" and match[0].startswith("<img"))
        line = text.count("\n", 0, match.start()) + 1
        links.append(Link(match.start(group), match.end(group), match[group], line, image))
    return links


_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|\{|[\U000f0000-\U0010ffff]")


def is_relative(target: str) -> bool:
    """Whether a link leads to a file of the repository: no scheme, no anchor, no Jinja2."""
    return not _ABSOLUTE.match(target)


def leads_out(target: str, folder: str) -> bool:
    """Whether a relative target, taken from `folder`, climbs above the repository's root."""
    path = re.split(r"[#?]", target, maxsplit=1)[0]
    return not path.startswith("/") and posixpath.normpath(posixpath.join(folder, path)).split("/")[0] == ".."


def make_absolute(target: str, repository_url: str, folder: str | None, *, image: bool = False) -> str:
    """A repo-relative target as an address on the default branch, whatever that is called (`HEAD`).

    `folder` is where the template thinks it stands; without it, leading `../` lead to the repository's root.
    """
    path, mark, rest = target.partition("#") if "#" in target else target.partition("?")
    rooted = path.lstrip("/") if path.startswith("/") else posixpath.join(folder or "", path)
    parts = [part for part in posixpath.normpath(rooted).split("/") if part not in ("..", ".", "")]
    view = "raw" if image else "blob"
    return f"{repository_url}/{view}/HEAD/{quote('/'.join(parts), safe='/%')}{mark}{rest}"


RETIRED_HOST = re.compile(r"^https?://docs\.microsoft\.com(?=/|$)", re.IGNORECASE)
"""The documentation moved to learn.microsoft.com, where the same paths lead to the same pages."""


def repair_links(text: str, repository_url: str, folder: str | None) -> str:
    """The text with relative links made absolute and the retired documentation host replaced; code is left alone."""
    parts: list[str] = []
    at = 0
    for link in find_links(text):
        target = link.target
        if is_relative(target):
            target = make_absolute(target, repository_url, folder, image=link.image)
        else:
            target = RETIRED_HOST.sub("https://learn.microsoft.com", target)
        parts += [text[at : link.start], target]
        at = link.end
    return "".join(parts) + text[at:]


_LEFT_OVER = (
    (re.compile(r"(?<![\w.{/-])v?\d{1,3}\.\d{1,3}\.\d{1,8}(?:\.\d{1,8})?(?![\w.-]*[\w-])"), "a version"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "an id"),
    (
        re.compile(
            r"\b(?!(?:your|my|contoso|example|org\b)[\w-]{0,30}\.)[a-z0-9][\w-]{0,60}\.crm\d{0,2}\.dynamics\.com\b",
            re.IGNORECASE,
        ),
        "an environment's address",
    ),
    (
        re.compile(r"\benv(?:ironment)?[ :=]{1,3}[\"“`](?!your)[\w-]{3,40}[\"”`]", re.IGNORECASE),
        "an environment's name",
    ),
    (re.compile(r"(?<![\w@./{-])@[a-z\d][a-z\d-]{0,38}(?:/[\w.-]{1,60})?(?![\w@{/-])", re.IGNORECASE), "a mention"),
    (re.compile(r"(?<![\w.@-])[\w.+-]{1,60}@[\w-]{1,60}\.[a-z]{2,10}\b", re.IGNORECASE), "an e-mail address"),
    (re.compile(r"(?<![\w&/#{])#\d{1,7}(?!\w)"), "a reference to one issue"),
)


# What is not closed goes to the end: to look for its end again and again would take the square of the length.
_JINJA = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL)


def find_left_over(text: str) -> Iterator[tuple[int, str, str]]:
    """What looks like one reporter's data left in, outside Jinja2: (line, what it looks like, the words)."""
    for number, line in enumerate(_JINJA.sub(_blank, text).split("\n"), start=1):
        for pattern, what in _LEFT_OVER:
            for match in pattern.finditer(line):
                yield number, what, match[0]


_WAIT = re.compile(
    r"\b(?:wait|pause)\w*\b[^.\n]{0,60}?(?P<low>\d{1,3})(?:\s{0,2}(?:-|–|to)\s{0,2}(?P<high>\d{1,3}))?"
    r"\s{0,2}(?P<unit>minute|min|hour|h|day)s?\b",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"(?P<low>\d{1,3})(?:\s{0,2}(?:-|–|to)\s{0,2}(?P<high>\d{1,3}))?\s{0,2}(?P<unit>minute|min|hour|h|day)s?\b",
    re.IGNORECASE,
)
_MINUTES = {"m": 1, "h": 60, "d": 1440}


def find_waits(text: str) -> list[tuple[int, int, int]]:
    """Waiting times that a text advises, outside Jinja2: (line, fewest minutes, most minutes)."""
    outside = _JINJA.sub(_blank, text)
    return [(text.count("\n", 0, match.start()) + 1, *_minutes(match)) for match in _WAIT.finditer(outside)]


def read_duration(words: str) -> tuple[int, int] | None:
    """ "5 to 10 minutes" as (5, 10); None where no time is named."""
    match = _DURATION.search(words)
    return _minutes(match) if match else None


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    unit = _MINUTES[match["unit"][0].lower()]
    return int(match["low"]) * unit, int(match["high"] or match["low"]) * unit


def tidy(text: str) -> str:
    """The text without the runs of blank lines that untaken branches leave, outside code; no space at either end."""
    parts: list[str] = []
    at = 0
    for fence in _FENCE.finditer(text):
        parts += [_BLANK_LINES.sub("\n\n", text[at : fence.start()]), fence[0]]
        at = fence.end()
    parts.append(_BLANK_LINES.sub("\n\n", text[at:]))
    return "".join(parts).strip()


_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
