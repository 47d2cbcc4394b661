"""Untrusted text -> what a comment may hold of it: visible plain text that pings, links and formats nothing.

GitHub renders Markdown first and looks for mentions and references in the text of the result, everywhere but in `pre`,
`code` and `a` (its html-pipeline: mention_filter.rb, IGNORE_PARENTS; the docs page "Autolinked references and URLs").
So a backslash or an entity keeps Markdown quiet, and not a mention: `\\@name` still pings. What stops it is a character
between the sign and the name: a word joiner, which has no width and no meaning.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Literal, SupportsIndex
from urllib.parse import quote

from triage.markdown import render_html

WORD_JOINER = "\u2060"
LONGEST = 1_000
"""More characters than this of one value are cut: a comment is no place for a log."""

_FIRST_TOKEN, _LAST_TOKEN = 0xF0000, 0xFFFFD
_TOKEN = re.compile("[\U000f0000-\U000ffffd]")
_TOKEN_IN_URL = re.compile("%F3%B[0-9A-F]%[89AB][0-9A-F]%[89AB][0-9A-F]")

_COMMIT = re.compile(r"(?<!\w)[0-9a-f]{7,40}(?!\w)", re.IGNORECASE)
# No part of a version is as long as a commit's shortest name, the date of a build aside.
_VERSION = re.compile(r"v?\d{1,6}(?:\.(?:\d{1,6}|20\d{6})){1,3}")
# Each is applied by itself, in this order: what one of them breaks in two the next may still find a part of.
_JOIN_AFTER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[@#]",  # mentions, references, somebody's commit (user@sha), mail addresses
        r"(?<=[a-z0-9])-(?=\d|$)|\bGHSA-",  # GH-12, and the prefixes that a repository may have set up
        r":(?=[\w+/-])|www(?=\.)",  # addresses that link themselves, :shortcodes: of emoji
    )
)
_ESCAPED = re.compile(
    r"[\\`\[\]|~$]"
    r"|\*|(?<![^\W_])_|_(?![^\W_])"  # an underscore within a word means nothing
    r"|!$"
    r"|^[-+=:(](?=.)|^[-+=:(]$"
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def plain(text: str) -> str:
    """Untrusted text as Markdown that shows it on one line and does nothing: no mention, reference, link, image,
    heading, list, code, HTML or comment. Long text is cut.
    """
    return _escape(_join(one_line(text)))


@lru_cache(maxsize=512)
def one_line(text: str) -> str:
    """Text without line breaks, control characters and characters that turn the direction of writing."""
    text = text[: LONGEST * 4]
    kept = "".join(
        " " if character.isspace() or unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in text
        if unicodedata.category(character) not in ("Cf", "Co", "Cs", "Cn") or character == "\u200d"
    )
    words = " ".join(kept.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def _join(text: str) -> str:
    # a commit is known by seven digits: none of the parts has as many
    if not _VERSION.fullmatch(text):  # people copy versions
        text = _COMMIT.sub(lambda match: WORD_JOINER.join(re.findall(".{1,4}", match[0])), text)
    # a formula opens after a space, whatever GitHub makes of a backslash before its dollar
    text = text.replace("$", f"{WORD_JOINER}${WORD_JOINER}")
    for pattern in _JOIN_AFTER:
        text = pattern.sub(lambda match: match[0] + WORD_JOINER, text)
    return text


@lru_cache(maxsize=512)
def _escape(text: str) -> str:
    text = re.sub(r"[<>]|&(?=[#\w]|$)", lambda match: _ENTITIES[match[0]], text)
    text = _ESCAPED.sub(lambda match: "\\" + match[0], text)
    return _NUMBERED.sub(r"\1\\\2", text)


class Untrusted(str):
    """A text from an issue, as a template sees it: it compares and tests as itself, and prints as a token.

    The token is one private character that stands for the text until the comment is rendered. Whatever a template does
    to it, the text itself can only come out through `Ledger.fill_in`, which makes it inert for the place it stands in.
    """

    _text: str  # the sandbox lets no template reach a name with an underscore
    _ledger: "Ledger"

    def __new__(cls, text: str, ledger: "Ledger") -> "Untrusted":
        value = super().__new__(cls, ledger.token(text) if text else "")
        value._text = text
        value._ledger = ledger
        return value

    def __eq__(self, other: object) -> bool:
        return self._text == (other._text if isinstance(other, Untrusted) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __contains__(self, part: object) -> bool:
        return (part._text if isinstance(part, Untrusted) else str(part)) in self._text

    def __getitem__(self, key: SupportsIndex | slice) -> "Untrusted":
        return Untrusted(self._text[key], self._ledger)

    def __iter__(self) -> Iterator[str]:
        return (Untrusted(character, self._ledger) for character in self._text)

    def startswith(self, *arguments: object) -> bool:
        return self._text.startswith(*arguments)  # type: ignore[arg-type]

    def endswith(self, *arguments: object) -> bool:
        return self._text.endswith(*arguments)  # type: ignore[arg-type]

    def lower(self) -> "Untrusted":
        return Untrusted(self._text.lower(), self._ledger)

    def upper(self) -> "Untrusted":
        return Untrusted(self._text.upper(), self._ledger)

    def strip(self, characters: str | None = None) -> "Untrusted":
        return Untrusted(self._text.strip(characters), self._ledger)


# Code pings and links nothing by itself. It is broken all the same for readers of the Markdown source that know no code
# spans: mail notifications, the desk that looks for its marker, other tools. Words and numbers stay as they are.
_SIGN_IN_CODE = re.compile(r"[@#]|<(?=[a-z/!?])|!(?=\[)|\](?=\()|~(?=~)|:(?=//)", re.IGNORECASE)

_SIGNS = ("@", "#", "-")

Place = Literal["text", "code", "cell code", "address", "bare"]


@dataclass(frozen=True, slots=True)
class _Printed:
    """One token in a rendered comment: the text behind it, where it stands, and what stands beside it."""

    token: str
    text: str
    place: Place = "text"
    before: str = ""
    after: str = ""

    def source(self) -> str:
        """The text as it is written into the Markdown."""
        shown = self.shown()
        if self.place == "text":
            return _escape(shown)
        return shown.replace("|", "\\|") if self.place == "cell code" else shown

    def shown(self) -> str:
        """The text as the rendered comment shows it."""
        shown = _shown(self.text, self.place)
        if self.place != "text":
            return shown
        if self.before in _SIGNS or _TOKEN.match(self.before):
            shown = WORD_JOINER + shown
        return shown + WORD_JOINER if self.after in _SIGNS else shown


@lru_cache(maxsize=512)
def _shown(text: str, place: Place) -> str:
    text = one_line(text)
    if place in ("code", "cell code"):
        return _SIGN_IN_CODE.sub(lambda match: match[0] + WORD_JOINER, text.replace("`", "'"))
    if place == "address":
        return quote(text, safe="")
    if place == "bare":
        return _join(re.sub(r"[^\w ]|_", " ", text, flags=re.ASCII).strip()) or "…"
    return _join(text)


class Ledger:
    """Which untrusted text each token stands for, for one rendering."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def token(self, text: str) -> str:
        if _FIRST_TOKEN + len(self.texts) >= _LAST_TOKEN:
            raise ValueError("the template prints too many values")
        self.texts.append(text)
        return chr(_FIRST_TOKEN + len(self.texts) - 1)

    def guard(self, text: str) -> Untrusted:
        """The value that a template may see for an untrusted text; empty where nothing of it can be shown."""
        return Untrusted(text if one_line(text) else "", self)

    def fill_in(self, comment: str) -> str:
        """The comment with each token replaced by its text, inert where it stands.

        What is rendered from the result is exactly what was rendered from the template, with the visible text in the
        tokens' places; where it is not, the text is reduced to its letters and digits.
        """
        numbered, printed = self._number(comment)
        if not printed:
            return comment
        outline = render_html(numbered)
        printed = [replace(each, place=place) for each, place in zip(printed, _places(outline, printed), strict=True)]
        for tried in _ever_less(outline, numbered, printed):
            if _keeps(outline, numbered, tried):
                break
        return _write(numbered, tried)

    def _number(self, comment: str) -> tuple[str, list[_Printed]]:
        """Gives each printed token its own number, as one value may be printed at several places."""
        printed: list[_Printed] = []

        def number(match: re.Match[str]) -> str:
            index = ord(match[0]) - _FIRST_TOKEN
            if index >= len(self.texts):
                return "\ufffd"
            token = chr(_FIRST_TOKEN + len(printed))
            before, after = comment[match.start() - 1 : match.start()], comment[match.end() : match.end() + 1]
            printed.append(_Printed(token, self.texts[index], before=before, after=after))
            return token

        return _TOKEN.sub(number, comment), printed


def _write(numbered: str, printed: Sequence[_Printed]) -> str:
    sources = {each.token: each.source() for each in printed}
    return _TOKEN.sub(lambda match: sources.get(match[0], match[0]), numbered)


def _ever_less(outline: str, numbered: str, printed: Sequence[_Printed]) -> Iterator[Sequence[_Printed]]:
    """The texts as they are, those bare that act, all bare, and all left out."""
    yield printed
    yield [each if _keeps(outline, numbered, [each]) else replace(each, place="bare") for each in printed]
    yield [replace(each, place="bare") for each in printed]
    yield [replace(each, place="bare", text="…") for each in printed]


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|<!--.*?-->", re.DOTALL)


def _places(outline: str, printed: Sequence[_Printed]) -> list[Place]:
    """Where each token stands in the rendered comment."""
    places: dict[str, Place] = {}
    addresses: set[str] = set()
    open_tags: Counter[str] = Counter()
    at = 0
    for tag in [*_TAG.finditer(outline), None]:
        in_cell = open_tags["td"] or open_tags["th"]
        place: Place = "text" if not open_tags["code"] else "cell code" if in_cell else "code"
        places |= dict.fromkeys(_TOKEN.findall(outline, at, tag.start() if tag else len(outline)), place)
        if tag is None:
            break
        at = tag.end()
        closing, name, attributes = tag[1], (tag[2] or "").lower(), tag[3] or ""
        addresses.update(map(_token_of, _TOKEN_IN_URL.findall(attributes)))
        places |= dict.fromkeys(_TOKEN.findall(attributes), "text")
        open_tags[name] += -1 if closing else 1
    return ["address" if each.token in addresses else places.get(each.token, "bare") for each in printed]


def _keeps(outline: str, numbered: str, printed: Sequence[_Printed]) -> bool:
    """Whether filling these in changes nothing of what is rendered but the tokens themselves."""
    shown = {each.token: escape(each.shown(), quote=False).replace('"', "&quot;") for each in printed}
    expected = _TOKEN.sub(lambda match: shown.get(match[0], match[0]), outline)
    expected = _TOKEN_IN_URL.sub(
        lambda match: shown[token] if (token := _token_of(match[0])) in shown else match[0], expected
    )
    return render_html(_write(numbered, printed)) == expected


def _token_of(in_url: str) -> str:
    return bytes.fromhex(in_url.replace("%", "")).decode("utf-8", "replace")
