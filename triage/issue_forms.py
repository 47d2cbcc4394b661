"""An issue form's body -> its answers; a telling title where the reporter left the default one.

Knows the forms of several years: `### Heading` and `**Heading**`, bug, question and feature. A heading is known by a
few of its words, so that a form of another repository is read as well, as long as it asks for the same things.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from triage.phrases import load_table

_TABLE: Final = load_table(Path(__file__).with_suffix(".toml"))
_NO_ANSWER = frozenset(_TABLE["no_answer"])
_DEFAULTS = frozenset(_TABLE["default_titles"])

_HEADING_LINE = re.compile(r"#{1,6}[ \t]{1,9}(?P<hash>.{1,300})|\*\*(?P<bold>[^*]{3,120})\*\*:?")


@dataclass(slots=True)
class FormSection:
    """A stretch `body[start:end]` under a heading (`""` before the first), and what it tells.

    `part` is one of those in the table: `more` is what follows the description ("Anything else?", screenshots),
    `question` and `feature` are the descriptions of those forms, and `wish` is what a feature form asks for.
    """

    heading: str
    part: str
    start: int
    end: int


def split_sections(body: str) -> list[FormSection]:
    """The body as consecutive sections. Headings of the reporter's own do not end a section; linear in the length."""
    sections: list[FormSection] = []
    heading, part, start = "", "description", 0
    for found in _LINE_OF_HEADING.finditer("\n" + body):
        line, at = found[1], found.start()
        if len(line) > _LONGEST_HEADING or not (read := _read_heading(line)):
            continue
        if at > start:
            sections.append(FormSection(heading, part, start, at))
        heading, part, length = read
        start = at + length
    sections.append(FormSection(heading, part, start, len(body)))
    return sections


_LONGEST_HEADING = 300
_LINE_OF_HEADING = re.compile(r"\n((?:#|\*\*)[^\n]*+)")


class _Heading(NamedTuple):
    """A heading, what it opens, and where the answer may begin in its line."""

    words: str
    part: str
    end: int


@lru_cache(maxsize=512)
def _read_heading(line: str) -> _Heading | None:
    """A line's heading; None if it is none of a form."""
    found = _HEADING_LINE.match(line)
    if not found:
        return None
    heading = (found["hash"] or found["bold"]).strip(" #*:\r\t")
    lowered = heading.lower().replace("’", "'")
    for words, part in _TABLE["headings"]:
        if words in lowered:
            return _Heading(heading, part, found.end())
    return None


@dataclass(frozen=True, slots=True)
class Form:
    """What the reporter answered; `""` where a question was left open ("None", "n/a", "-", "_No response_").

    `version` is the one in use, cleaned of words around it, `target_version` the one being installed where the text
    says so. `answers` has every heading of the form as written, with its cleaned answer.
    """

    solution: str = ""
    version: str = ""
    target_version: str = ""
    flow: str = ""
    description: str = ""
    expected: str = ""
    steps: str = ""
    method: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_form(self) -> bool:
        """Whether the body has headings of an issue form at all, rather than free text."""
        return bool(self.answers)


def read_form(body: str) -> Form:
    """Reads an issue's body. Free text becomes the description."""
    given: defaultdict[str, str] = defaultdict(str)
    answers: dict[str, str] = {}
    for section in split_sections(body):
        answer = clean_answer(body[section.start : section.end])
        if section.heading:
            answers[section.heading] = answer
        given[section.part] = given[section.part] or answer
    description = given["description"] or given["question"] or given["feature"] or given["wish"]
    version, target = _read_versions(given["version"], description)
    return Form(
        solution=given["solution"],
        version=version,
        target_version=target,
        flow=given["flow"],
        description=description,
        expected=given["expected"],
        steps=given["steps"],
        method=given["method"],
        answers=answers,
    )


def clean_answer(answer: str) -> str:
    """An answer without the space around it; `""` where it says nothing."""
    stripped = answer.replace("\r", "").strip()
    return "" if stripped.lower().strip("*_ ") in _NO_ANSWER or stripped.lower() in _NO_ANSWER else stripped


# A version is two to four numbers with dots, or with underscores as in a file name; a month alone is none.
_NUMBER = r"\d{1,3}(?:[._]\d{1,8}){1,3}"
_VERSION = re.compile(rf"(?<![\d./-])(?<!\d_)[vV]?({_NUMBER})(?!\d)")
_ARROW = re.compile(
    rf"(?<![\d._])[vV]?(?P<old>{_NUMBER})[ \t]{{0,3}}\w{{0,12}}[ \t]{{0,3}}"
    rf"(?:{_TABLE['versions']['arrow']})"
    rf"[ \t]{{0,3}}(?:[A-Za-z]{{1,40}}[_ \t]{{1,3}}){{0,5}}[vV]?(?P<new>{_NUMBER})"
)
_INTO = re.compile(
    rf"(?:{_TABLE['versions']['verb']})[\w']{{0,12}}[^\n.]{{0,60}}?"
    rf"(?:{_TABLE['versions']['into']})[ \t_]{{0,3}}[vV]?(?P<new>{_NUMBER})",
    re.IGNORECASE,
)


def _read_versions(written: str, description: str) -> tuple[str, str]:
    found = [_dotted(each[1]) for each in _VERSION.finditer(written[:500])]
    version = found[0] if found else ""
    target = found[-1] if len(found) > 1 and _newer(found[-1], version) else ""
    short = description[:4000]
    if arrow := _ARROW.search(short):
        old, new = _dotted(arrow["old"]), _dotted(arrow["new"])
        if _newer(new, old):
            version = version if version and version != new else old
            target = target or new
    if not target and (into := _INTO.search(short)):
        new = _dotted(into["new"])
        target = new if not version or _newer(new, version) else ""
    return version, "" if target == version else target


def _dotted(version: str) -> str:
    return version.replace("_", ".").rstrip(".")


def _newer(one: str, other: str) -> bool:
    return [int(number) for number in one.split(".")] > [int(number) for number in other.split(".")]


_PREFIX = re.compile(r"\s{0,9}(?:\[[^\[\]\n]{0,80}\]\s{0,3}:?\s{0,3}){1,3}")
_ONLY_A_PREFIX = re.compile(rf"\s*\[[^\[\]]{{0,40}}(?i:{_TABLE['bracket_words']})\]\s*:?\s*")
_DASHED = re.compile(rf" - {_TABLE['dash_words']}\b[:\s-]{{0,3}}", re.IGNORECASE)
_BARE_PREFIX = re.compile(rf"^\s*{_TABLE['bare_words']}\s*[-:–]\s*")


def is_default_title(title: str) -> bool:
    """Whether a title says nothing: what the form put there, or only its prefix."""
    return _own_words(title).lower().strip(" .:-_*\"'") in _DEFAULTS


def _own_words(title: str) -> str:
    own = title
    if found := _PREFIX.match(title):
        own = title[found.end() :]
        if not own.strip() and not _ONLY_A_PREFIX.fullmatch(title):
            # The whole title stands in the brackets: what follows the form's words is the reporter's.
            own = _DASHED.split(title.strip().strip("[]: "), maxsplit=1)[-1]
    return _BARE_PREFIX.sub("", own).strip()


def telling_title(title: str, form: Form, codes: Sequence[str] = (), *, summary: str = "") -> str:
    """The reporter's own title without its prefix, or one made of what is known where the default was left.

    `summary` is a word or two on the failure ("gateway error") where there is one.
    """
    if not is_default_title(title):
        return _own_words(title)
    what = " ".join(word for word in (form.solution.split("\n")[0][:60], form.target_version or form.version) if word)
    failure = " ".join((*codes[:2], summary)).strip()
    if failure or what:
        return ": ".join(filter(None, (failure, what)))
    first = next((line.strip() for line in form.description.split("\n") if line.strip(" #*-")), "")
    first = re.sub(r"[<>`*_\[\]!#|]", "", first).strip()
    return (first[:77].rstrip() + "…" if len(first) > 78 else first) or title.strip() or "(no title)"
