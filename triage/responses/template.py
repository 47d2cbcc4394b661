"""A response template as a value: what it matches, its response, variants, labels, criteria and how it closes."""

import re
from dataclasses import dataclass, field
from typing import Literal

from triage.closure import ClosePolicy
from triage.responses.problems import Problem

ImportKind = Literal["transient_import", "other_import"]


@dataclass(frozen=True, slots=True)
class Match:
    """Which issues a template is for: any of the codes, phrases or the kind, and in any case `when`."""

    codes: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    kind: ImportKind | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label that a response adds; `when` is a Jinja2 expression, `words` says it for people.

    `color` is six hex digits or "", and with `description` is used where the label must be created.
    """

    name: str
    when: str = "true"
    color: str = ""
    description: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """An addition to the response for a special case. `guidance` is for the maintainer, `line` that of `response`."""

    name: str
    title: str
    condition: str
    guidance: str
    response: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that the maintainer is asked for before posting; in the response it is `ask.NAME`."""

    name: str
    prompt: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ResponseTemplate:
    """A response template. `response` is Markdown with Jinja2 and begins on `line` of `file`."""

    name: str
    title: str
    guidance: str
    match: Match
    priority: int
    response: str
    variants: tuple[Variant, ...] = ()
    criteria: tuple[str, ...] = ()
    labels: tuple[LabelRule, ...] = ()
    close: ClosePolicy = field(default_factory=ClosePolicy)
    links_relative_to: str | None = None
    ask: tuple[Ask, ...] = ()
    problems: tuple[Problem, ...] = ()
    file: str = ""
    line: int = 1
    title_line: int = 1
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    """The line of each key of the front matter."""

    def posted_texts(self) -> list[tuple[str, int]]:
        """The response and the variants' additions, each with the line on which it begins."""
        return [(self.response, self.line), *((variant.response, variant.line) for variant in self.variants)]

    def conditions(self) -> list[tuple[str, str]]:
        """Each Jinja2 expression with the key of the front matter that gives it."""
        found = [("match.when", self.match.when)]
        found += [(f"variants.{variant.name}", variant.condition) for variant in self.variants]
        found += [(f"labels.{label.name}.when", label.when) for label in self.labels]
        return [(key, condition) for key, condition in found if condition]

    def line_of(self, key: str) -> int:
        """The line of a key of the front matter, or of the nearest above it that is there."""
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return self.lines.get(key, 1)


def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as a pattern: in whatever case and spacing, or, written between slashes, a regular expression.

    Raises re.error, also for one that could take forever: a repetition within a repetition.
    """
    if len(phrase) > 2 and phrase.startswith("/") and phrase.endswith("/"):
        if _repeats_a_repetition(phrase[1:-1]):
            raise re.error("it nests repetitions, or has more than two without an end, which can take forever")
        return re.compile(phrase[1:-1], re.IGNORECASE)
    words = re.findall(r"\w+|[^\w\s]", phrase)
    body = r"\s{0,20}".join(re.escape(word) for word in words)
    before = r"(?<!\w)" if words and words[0][0].isalnum() else ""
    after = r"(?!\w)" if words and words[-1][-1].isalnum() else ""
    return re.compile(before + body + after, re.IGNORECASE)


_ESCAPE_OR_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?:[:=!>|]|<[=!]|P?<\w+>|[aiLmsux-]+:))?([^()]*)\)(\*|\+|\{\d*,\d*\}|\{\d{2,}\})?")


_MOST_REPETITIONS = 2


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether matching may never end: a repeated group holds a repetition or a choice, or there are many of them."""
    pattern = _ESCAPE_OR_SET.sub("x", pattern)
    while group := _GROUP.search(pattern):
        inner, repeated = group[1], group[2]
        if repeated and re.search(r"[*+|?]|\{\d*,", inner):
            return True
        kept = "x*" if re.search(r"[*+]|\{\d*,", inner) else "x"
        pattern = pattern[: group.start()] + kept + (repeated or "") + pattern[group.end() :]
    return len(re.findall(r"[*+]|\{\d*,\}", pattern)) > _MOST_REPETITIONS
