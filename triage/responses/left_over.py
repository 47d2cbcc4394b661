"""What looks like one reporter's data left in a template that was written after a report."""

import re
from collections.abc import Iterator

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


def blank_jinja(text: str) -> str:
    """The text with its Jinja2 blanked out, every other character in its place."""
    return _JINJA.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def find_left_over(text: str) -> Iterator[tuple[int, str, str]]:
    """What looks left over, outside Jinja2: (line, what it looks like, the words)."""
    for number, line in enumerate(blank_jinja(text).split("\n"), start=1):
        for pattern, what in _LEFT_OVER:
            for match in pattern.finditer(line):
                yield number, what, match[0]
