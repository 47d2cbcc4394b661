"""The YAML at the head of a response template -> exact settings, or problems that name the key and what it allows.

Values are read as they are written, so that `80097376` stays a code and `000000` a colour, quoted or not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import yaml

from triage.closure import CloseWhen
from triage.detection import find_codes
from triage.models import StateReason
from triage.responses.problems import ProblemList

ImportKind = Literal["transient_import", "other_import"]

KINDS = ("transient_import", "other_import")
REASONS = ("completed", "not_planned", "duplicate")
_BOOLEANS = {"true": True, "false": False}
_TRUTH = {"yes": "true", "on": "true", "no": "false", "off": "false"}  # how YAML also writes them


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that the maintainer is asked for before posting; in the response it is `ask.NAME`."""

    name: str
    prompt: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """`when` is a Jinja2 expression."""

    when: str = "true"
    color: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the head of a document says; None or empty where it says nothing. `lines` gives the line of each key."""

    exists: bool = False
    codes: tuple[str, ...] | None = None
    phrases: tuple[str, ...] | None = None
    kind: ImportKind | None = None
    when: str = ""
    has_match: bool = False
    priority: int | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, LabelSettings] | None = None
    close_when: CloseWhen | None = None
    close_reason: StateReason | None = None
    close_labels: tuple[str, ...] | None = None
    links_relative_to: str | None = None
    ask: tuple[Ask, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


_FOLDER = re.compile(r"[^\\:?#]+")  # no address, and no folder of Windows
_HEAD = re.compile(r"---[ \t]*\n((?:.*?\n)?)---[ \t]*(?:\n|\Z)", re.DOTALL)


def split_front_matter(text: str) -> tuple[str, int]:
    """The YAML at the head of `text` (without its `---` lines) and how many lines the whole head takes, or ("", 0)."""
    head = _HEAD.match(text)
    return (head[1], head[0].count("\n") + (not head[0].endswith("\n"))) if head else ("", 0)


def read_front_matter(head: str, problems: ProblemList) -> FrontMatter:
    """Reads what `split_front_matter` gave; whatever is wrong goes to `problems` and is left out."""
    try:
        node = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 1
        problems.error(line, f"front matter is not valid YAML: {error.problem or error.context}")
        return FrontMatter(exists=True)
    except RecursionError:
        problems.error(1, "front matter is not valid YAML: its brackets nest too deep")
        return FrontMatter(exists=True)
    except yaml.YAMLError as error:  # a character that YAML does not allow
        problems.error(1, f"front matter is not valid YAML: {' '.join(str(error).split())}")
        return FrontMatter(exists=True)
    return _Reader(problems).read(node)


class _Reader:
    def __init__(self, problems: ProblemList) -> None:
        self.problems = problems
        self.lines: dict[str, int] = {}

    def read(self, node: yaml.Node | None) -> FrontMatter:
        keys = ("match", "priority", "variants", "labels", "close", "links_relative_to", "ask")
        top = self.mapping(node, "front matter", keys) if node is not None else {}
        match = self.mapping(top.get("match"), "match", ("codes", "phrases", "kind", "when"))
        close = self.mapping(top.get("close"), "close", ("when", "reason", "labels"))
        priority = self.one(top.get("priority"), "priority", "a whole number", re.compile(r"[+-]?\d{1,9}"))
        kind = self.choice(match.get("kind"), "match.kind", KINDS)
        reason = self.choice(close.get("reason"), "close.reason", REASONS)
        return FrontMatter(
            exists=True,
            codes=self.codes(match.get("codes")),
            phrases=self.many(match.get("phrases"), "match.phrases"),
            kind=cast(ImportKind, kind) if kind else None,
            when=self.expression(match.get("when"), "match.when"),
            has_match=bool(match),
            priority=int(priority) if priority is not None else None,
            variants={
                name: self.expression(value, f"variants.{name}")
                for name, value in self.mapping(top.get("variants"), "variants").items()
            },
            labels=self.labels(top["labels"]) if "labels" in top else None,
            close_when=self.close_when(close.get("when")),
            close_reason=cast(StateReason, reason) if reason else None,
            close_labels=self.many(close.get("labels"), "close.labels"),
            links_relative_to=self.one(
                top.get("links_relative_to"), "links_relative_to", "a folder of the repository, such as docs", _FOLDER
            ),
            ask=self.asks(top.get("ask")),
            lines=self.lines,
        )

    def mapping(
        self, node: yaml.Node | None, name: str, allowed: tuple[str, ...] | None = None
    ) -> dict[str, yaml.Node]:
        if node is None or _is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.problems.error(_line(node), f"{name} must be a mapping{_of(allowed)}")
            return {}
        values: dict[str, yaml.Node] = {}
        prefix = "" if name == "front matter" else f"{name}."
        for key, value in node.value:
            word = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not word or (allowed is not None and word not in allowed):
                self.problems.error(_line(key), f"unknown key {prefix}{word or '?'}; {name} allows {_list(allowed)}")
            elif word in values:
                self.problems.error(_line(key), f"{prefix}{word} is given twice; keep one")
            else:
                values[word] = value
                self.lines[prefix + word] = _line(key)
        return values

    def one(self, node: yaml.Node | None, name: str, what: str, form: re.Pattern[str] | None = None) -> str | None:
        if node is None:
            return None
        text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text or _is_null(node) or (form and not form.fullmatch(text)):
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
        return word if word in _BOOLEANS else text

    def codes(self, node: yaml.Node | None) -> tuple[str, ...] | None:
        written = self.many(node, "match.codes")
        if written is None:
            return None
        codes: list[str] = []
        for index, text in enumerate(written):
            found = find_codes(text)
            plain = re.fullmatch(r"(?:0[xX])?([0-9A-Fa-f]{8})", text)
            if plain or len(found) == 1:
                codes.append(plain[1].upper() if plain else found[0])
            else:
                line = self.lines[f"match.codes.{index}"]
                self.problems.error(line, f"match.codes: {text} is not an error code; write eight hexadecimal digits")
        return tuple(dict.fromkeys(codes))

    def labels(self, node: yaml.Node) -> dict[str, LabelSettings]:
        labels: dict[str, LabelSettings] = {}
        for name, value in self.mapping(node, "labels").items():
            given = self.mapping(value, f"labels.{name}", ("when", "color", "description"))
            color = self.one(
                given.get("color"), f"labels.{name}.color", "six hexadecimal digits", re.compile(r"#?[0-9A-Fa-f]{6}")
            )
            description = self.one(given.get("description"), f"labels.{name}.description", "a text")
            labels[name] = LabelSettings(
                self.expression(given.get("when"), f"labels.{name}.when") or "true",
                (color or "").lstrip("#").lower(),
                description or "",
            )
        return labels

    def close_when(self, node: yaml.Node | None) -> CloseWhen | None:
        text = self.one(node, "close.when", "any, all or a number of criteria", re.compile(r"any|all|-?\d{1,4}"))
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
            optional = self.choice(given.get("optional"), f"ask.{name}.optional", tuple(_BOOLEANS))
            if "prompt" not in given:
                self.problems.error(self.lines[f"ask.{name}"], f"ask.{name} needs a prompt, the words of the question")
            asks.append(Ask(name, prompt or name, optional=_BOOLEANS.get(optional or "false", False)))
        return tuple(asks)


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 2  # lines count from 1, and the head opens with a line of its own


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _list(allowed: tuple[str, ...] | None) -> str:
    return ", ".join(allowed) if allowed else "names only"


def _of(allowed: tuple[str, ...] | None) -> str:
    return f" of {_list(allowed)}" if allowed else " of names to values"


def find_label_problem(name: str, settings: LabelSettings | None = None) -> str:
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
    if settings and len(settings.description) > 100:
        return f"GitHub refuses the description of {name}: at most 100 characters, this has {len(settings.description)}"
    if settings and any(ord(character) > 0xFFFF for character in settings.description):
        return f"GitHub refuses the description of {name}: emoji are not allowed there"
    return ""
