"""Links in a Markdown text with Jinja2: finding them outside code, and making them absolute."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote

from triage.markdown import find_fences


@dataclass(frozen=True, slots=True)
class Link:
    """A link's target in a Markdown text: `text[start:end]`, on `line` (from 1). `image` for `![alt](target)`."""

    start: int
    end: int
    target: str
    line: int
    image: bool = False


_CODE_SPAN = re.compile(r"(?<!`)(`{1,8})(?!`)[^\n]{1,400}?(?<!`)\1(?!`)")
_LINK = re.compile(
    r"(?P<image>!?)\[(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,500}\]\(\s{0,3}<?(?P<inline>[^\s<>()]{1,2000}(?:\([^\s()]{0,200}\))?)"
    r"|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}<?(?P<defined>[^\s<>]{1,2000})"
    r"|<(?:a|img)\b[^<>]{0,400}?\b(?:href|src)=[\"']?(?P<html>[^\"'<>\s]{1,2000})"
    r"|(?<![\w\"'=/])(?P<bare>https?://[^\s<>()\"'`\]]{1,2000})",
    re.MULTILINE,
)


def find_links(text: str) -> list[Link]:
    """Every link target outside code, in order."""
    links: list[Link] = []
    for match in _LINK.finditer(_blank_code(text)):
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


def _blank_code(text: str) -> str:
    """The text with code spans and fenced blocks blanked out, every other character in its place."""
    lines = text.split("\n")
    for fence in find_fences(text):
        for index in range(fence.line - 1, fence.last_line):
            lines[index] = " " * len(lines[index])
    return _CODE_SPAN.sub(lambda match: " " * len(match[0]), "\n".join(lines))
