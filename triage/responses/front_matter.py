"""The YAML at the head of a response template -> exact settings, or problems that name the key and what it allows.

Values are read as they are written, so that `80097376` stays a code and `000000` a colour, quoted or not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast, get_args

import yaml

from triage.closure import CloseWhen
from triage.detection import find_codes
from triage.models import StateReason
from triage.responses.problems import ProblemList
from triage.responses.template import Ask, ImportKind, LabelRule, Match

REASONS = ("completed", "not_planned", "duplicate")
_TRUTH = {"yes": "true", "on": "true", "no": "false", "off": "false"}  # how YAML also writes them


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the head of a document says; None or empty where it says nothing. `lines` gives the line of each key."""

    match: Match | None = None
    priority: int = 0
    variants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, LabelRule] = field(default_factory=dict)
    close_when: CloseWhen | None = None
    close_reason: StateReason | None = None
    close_labels: tuple[str, ...] | None = None
    links_relative_to: str | None = None
    ask: tuple[Ask, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


_HEAD = re.compile(r"---[ \t]*\n((?:.*?\n)?)---[ \t]*(?:\n|\Z)", re.DOTALL)


def split_front_matter(text: str) -> tuple[str, int]:
    """The YAML at the head of `text` (without its `---` lines) and how many lines the whole head takes, or ("", 0)."""
    head = _HEAD.match(text)
    return (head[1], head[0].count("\n") + (not head[0].endswith("\n"))) if head else ("", 0)


def read_front_matter(head: str, problems: ProblemList) -> FrontMatter:
    """Reads what `split_front_matter` gave; whatever is wrong goes to `problems` and is left out."""
    try:
        return _Reader(problems).read(yaml.compose(head, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, what = mark.line + 2 if mark else 1, str(error.problem or error.context)
    except RecursionError:
        line, what = 1, "its brackets nest too deep"
    except yaml.YAMLError as error:  # a character that YAML does not allow
        line, what = 1, " ".join(str(error).split())
    problems.error(line, f"front matter is not valid YAML: {what}")
    return FrontMatter()


class _Reader:
    def __init__(self, problems: ProblemList) -> None:
        self.problems = problems
        self.lines: dict[str, int] = {}

    def read(self, node: yaml.Node | None) -> FrontMatter:
        keys = ("match", "priority", "variants", "labels", "close", "links_relative_to", "ask")
        top = self.mapping(node, "front matter", keys)
        match = self.mapping(top.get("match"), "match", ("codes", "phrases", "kind", "when"))
        close = self.mapping(top.get("close"), "close", ("when", "reason", "labels"))
        priority = self.one(top.get("priority"), "priority", "a whole number", r"[+-]?\d{1,9}")
        # no address, and no folder of Windows
        folder = self.one(
            top.get("links_relative_to"), "links_relative_to", "a folder of the repository, such as docs", r"[^\\:?#]+"
        )
        return FrontMatter(
            match=self.match(match) if match else None,
            priority=int(priority or 0),
            variants={
                name: self.expression(value, f"variants.{name}")
                for name, value in self.mapping(top.get("variants"), "variants").items()
            },
            labels={name: self.label(name, value) for name, value in self.mapping(top.get("labels"), "labels").items()},
            close_when=self.close_when(close.get("when")),
            close_reason=cast(StateReason | None, self.choice(close.get("reason"), "close.reason", REASONS)),
            close_labels=self.many(close.get("labels"), "close.labels"),
            links_relative_to=folder,
            ask=self.asks(top.get("ask")),
            lines=self.lines,
        )

    def match(self, match: Mapping[str, yaml.Node]) -> Match:
        return Match(
            codes=self.codes(match.get("codes")),
            phrases=self.many(match.get("phrases"), "match.phrases") or (),
            kind=cast(ImportKind | None, self.choice(match.get("kind"), "match.kind", get_args(ImportKind))),
            when=self.expression(match.get("when"), "match.when"),
        )

    def mapping(self, node: yaml.Node | None, name: str, allowed: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
        if node is None or _is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.problems.error(_line(node), f"{name} must be a mapping of {', '.join(allowed) or 'names to values'}")
            return {}
        values: dict[str, yaml.Node] = {}
        prefix = "" if name == "front matter" else f"{name}."
        listed = ", ".join(allowed) or "names only"
        for key, value in node.value:
            word = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not word or (allowed and word not in allowed):
                self.problems.error(_line(key), f"unknown key {prefix}{word or '?'}; {name} allows {listed}")
            elif word in values:
                self.problems.error(_line(key), f"{prefix}{word} is given twice; keep one")
            else:
                values[word] = value
                self.lines[prefix + word] = _line(key)
        return values

    def one(self, node: yaml.Node | None, name: str, what: str, form: str = ".*") -> str | None:
        if node is None:
            return None
        text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text or _is_null(node) or not re.fullmatch(form, text, re.DOTALL):
            self.problems.error(_line(node), f"{name} must be {what}")
            return None
        return str(text)

    def many(self, node: yaml.Node | None, name: str) -> tuple[str, ...] | None:
        if node is None:
            return None
        items = node.value if isinstance(node, yaml.SequenceNode) else None
        if items is None or not all(isinstance(item, yaml.ScalarNode) and item.value.strip() for item in items):
            self.problems.error(_line(node), f"{name} must be a list of texts, such as [one, two]")
            return None
        for index, item in enumerate(items):
            self.lines[f"{name}.{index}"] = _line(item)
        return tuple(item.value.strip() for item in items)

    def choice(self, node: yaml.Node | None, name: str, allowed: tuple[str, ...]) -> str | None:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if node is not None and text not in allowed:
            self.problems.error(_line(node), f"{name} must be one of {', '.join(allowed)}")
            return None
        return text or None

    def expression(self, node: yaml.Node | None, name: str) -> str:
        text = self.one(node, name, "true, false or a Jinja2 expression") or ""
        word = _TRUTH.get(text.lower(), text.lower())
        return word if word in ("true", "false") else text

    def codes(self, node: yaml.Node | None) -> tuple[str, ...]:
        codes: dict[str, None] = {}
        for index, text in enumerate(self.many(node, "match.codes") or ()):
            plain = re.fullmatch(r"(?:0[xX])?([0-9A-Fa-f]{8})", text)
            found = (plain[1].upper(),) if plain else find_codes(text)
            if len(found) == 1:
                codes[found[0]] = None
            else:
                line = self.lines[f"match.codes.{index}"]
                self.problems.error(line, f"match.codes: {text} is not an error code; write eight hexadecimal digits")
        return tuple(codes)

    def label(self, name: str, node: yaml.Node) -> LabelRule:
        key = f"labels.{name}"
        given = self.mapping(node, key, ("when", "color", "description"))
        color = self.one(given.get("color"), f"{key}.color", "six hexadecimal digits", "#?[0-9A-Fa-f]{6}") or ""
        description = self.one(given.get("description"), f"{key}.description", "a text") or ""
        when = self.expression(given.get("when"), f"{key}.when") or "true"
        return LabelRule(name, when, color.lstrip("#").lower(), description)

    def close_when(self, node: yaml.Node | None) -> CloseWhen | None:
        text = self.one(node, "close.when", "any, all or a number of criteria", r"any|all|-?\d{1,4}")
        return None if text is None else cast(CloseWhen, text) if text in ("any", "all") else int(text)

    def asks(self, node: yaml.Node | None) -> tuple[Ask, ...]:
        asks: list[Ask] = []
        for name, value in self.mapping(node, "ask").items():
            if not name.isidentifier() or name.startswith("_"):
                line = self.lines[f"ask.{name}"]
                self.problems.error(line, f"ask.{name} must be a name of letters, digits and underscores")
                continue
            given = self.mapping(value, f"ask.{name}", ("prompt", "optional"))
            prompt = self.one(given.get("prompt"), f"ask.{name}.prompt", "a text")
            optional = self.choice(given.get("optional"), f"ask.{name}.optional", ("true", "false"))
            if "prompt" not in given:
                self.problems.error(self.lines[f"ask.{name}"], f"ask.{name} needs a prompt, the words of the question")
            asks.append(Ask(name, prompt or name, optional=optional == "true"))
        return tuple(asks)


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 2  # lines count from 1, and the head opens with a line of its own


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def find_label_problem(name: str, description: str = "") -> str:
    """What GitHub would refuse about a label, as a sentence, or `""`.

    Its answers to a create are the source: a name of at most 50 characters that is more than emoji, on one line, and a
    description of at most 100 characters without emoji (github/docs#32156, Financial-Times/github-label-sync#171).
    """
    if not name.strip():
        return "GitHub refuses a label without a name"
    if len(name) > 50:
        return f"GitHub refuses the label {name[:30]}…: a name has at most 50 characters, this has {len(name)}"
    if not any(character.isalnum() or character.isascii() for character in name.replace(" ", "")):
        return f"GitHub refuses the label {name}: a name needs more than emoji"
    if re.search(r"[\x00-\x1f\x7f]", name):
        return "GitHub refuses a label whose name has a line break or control character"
    if len(description) > 100:
        return f"GitHub refuses the description of {name}: at most 100 characters, this has {len(description)}"
    if any(ord(character) > 0xFFFF for character in description):
        return f"GitHub refuses the description of {name}: emoji are not allowed there"
    return ""
