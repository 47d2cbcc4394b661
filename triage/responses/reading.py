"""A template document -> ResponseTemplate: front matter and prose put together, what is missing guessed with a warning.

Nothing is run here; the Jinja2 in a document is checked by response_templates.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.closure import ClosePolicy
from triage.detection import ErrorTable, find_codes, known_code
from triage.models import COMMENT_LIMIT
from triage.responses.front_matter import (
    Ask,
    FrontMatter,
    Kind,
    LabelSettings,
    find_label_problem,
    read_front_matter,
    split_front_matter,
)
from triage.responses.problems import Problem, ProblemList, TemplateError
from triage.responses.sections import (
    ListedLabel,
    Part,
    Section,
    read_criteria,
    read_keywords,
    read_labels,
    split_guidance,
    split_sections,
)
from triage.responses.text import (
    RETIRED_HOST,
    find_left_over,
    find_links,
    find_open_fence,
    is_relative,
    leads_out,
    repair_encoding,
)


@dataclass(frozen=True, slots=True)
class Match:
    """Which issues a template is for: any of the codes, phrases or the kind, and in any case `when`."""

    codes: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    kind: Kind | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label that a response adds; `when` is a Jinja2 expression, `words` says it for people.

    `color` is six hex digits or "", and with `description` is used where the label has to be created.
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


def read_document(text: str, file: str, problems: ProblemList, table: ErrorTable | None = None) -> ResponseTemplate:
    """Reads a document; `table` says what its codes mean. Raises TemplateError where it has nothing to post."""
    text = re.sub("[\U000f0000-\U0010ffff]", "\ufffd", text.removeprefix("\ufeff"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, repairs = repair_encoding(text)
    for line, before, after in repairs:
        problems.warn(line, f"text in the wrong encoding: {before} is posted as {after}; save the file as UTF-8")
    head, head_lines = split_front_matter(text)
    if not head_lines and (opened := re.match(r"(\s*)---[ \t]*\n\s*[\w-]+:", text)):
        if opened[1]:
            problems.error(1, "front matter begins on the first line of the file; take out what stands before it")
        else:
            problems.error(1, "front matter is not closed; end it with a line ---")
    front = read_front_matter(head, problems) if head_lines else FrontMatter()
    sections = split_sections("\n".join(text.split("\n")[head_lines:]), head_lines + 1)
    return _Document(file, front, sections, problems, table).read()


class _Document:
    def __init__(
        self,
        file: str,
        front: FrontMatter,
        sections: list[Section],
        problems: ProblemList,
        table: ErrorTable | None,
    ) -> None:
        self.file = file
        self.front = front
        self.sections = sections
        self.problems = problems
        self.table = table

    def part(self, part: Part) -> list[Section]:
        return [section for section in self.sections if section.part == part]

    def read(self) -> ResponseTemplate:
        introduction = next(iter(self.part("introduction")), None)
        responses = self.part("response")
        if not responses:
            self.problems.error(1, "no response: add a section with the heading Response")
        elif not responses[0].text:
            self.problems.error(responses[0].heading_line, f"the section {responses[0].heading} is empty")
        for section in responses[1:]:
            self.problems.error(section.heading_line, "a second response; keep one, or make it a section Variant: NAME")
        criteria = read_criteria(self.part("criteria"), self.problems)
        listed = read_labels(self.part("labels"), self.problems)
        variants = self.variants()
        name = re.sub(r"\.(md|markdown)$", "", self.file.replace("\\", "/").rsplit("/", 1)[-1])
        template = ResponseTemplate(
            name=name,
            title=introduction.heading if introduction else name,
            guidance=introduction.text if introduction else "",
            match=self.match(introduction),
            priority=self.front.priority or 0,
            response=responses[0].text if responses else "",
            variants=variants,
            criteria=criteria,
            labels=self.labels(listed),
            close=self.close(criteria, listed),
            links_relative_to=self.front.links_relative_to,
            ask=self.front.ask,
            file=self.file,
            line=responses[0].line if responses else 1,
            title_line=introduction.heading_line if introduction else 1,
            lines={
                **{f"variants.{_slug(name)}": self.front.lines[f"variants.{name}"] for name in self.front.variants},
                **self.front.lines,
            },
        )
        for text, line in posted_texts(template):
            self.look_at(text, line)
        if not responses or not responses[0].text:
            raise TemplateError(self.problems.found)
        return template

    def match(self, introduction: Section | None) -> Match:
        front = self.front
        told, told_line = _codes_in(introduction) if introduction else ((), 1)
        codes, kind = front.codes, front.kind
        line = introduction.heading_line if introduction else 1
        if codes is None and not front.has_match:
            codes = told
            if told:
                self.problems.warn(told_line, f"matches {', '.join(told)}, read from the introduction; say match.codes")
        if kind is None and not front.has_match and codes:
            kind = _kind_of(codes, self.table)
            if kind:
                self.problems.warn(told_line, f"matches {kind}, guessed from its codes; say match.kind")
        keywords = read_keywords(self.part("keywords"), self.problems)
        phrases = (*(front.phrases or ()), *(phrase for phrase, _ in keywords))
        lines = [front.lines.get(f"match.phrases.{index}", 1) for index in range(len(front.phrases or ()))]
        for phrase, at in zip(phrases, [*lines, *(line for _, line in keywords)], strict=True):
            try:
                if phrase_pattern(phrase).search(""):
                    self.problems.error(at, f"{phrase} matches every issue: it is content with no text at all")
            except re.error as error:
                self.problems.error(at, f"{phrase} is no valid regular expression: {error}")
        if not (codes or phrases or kind or front.when):
            self.problems.warn(line, "matches nothing by itself; say match.codes, match.phrases or match.kind")
        return Match(codes or (), tuple(dict.fromkeys(phrases)), kind, front.when)

    def variants(self) -> tuple[Variant, ...]:
        found: list[Variant] = []
        left = {_slug(written): written for written in self.front.variants}
        for number, section in enumerate(self.part("variant"), start=1):
            short, full = _slug(section.heading.split()[0]), _slug(section.heading)
            name = full if full in left and short not in left else short or f"variant-{number}"
            if any(variant.name == name for variant in found):
                name = full or f"variant-{number}"
            if any(variant.name == name for variant in found):
                self.problems.error(section.heading_line, f"a second variant {name}; keep one, or name it otherwise")
                continue
            guidance, response = split_guidance(section.text)
            written = left.pop(name, None)
            condition = self.front.variants[written] if written is not None else ""
            if not condition:
                word = re.sub(r'["\\]', "", section.heading.split()[0])
                condition = f'finding.names("{word}")'
                self.problems.warn(
                    section.heading_line, f"variant {name}: taken where {condition}, guessed; say variants.{name}"
                )
            if not response:
                self.problems.error(section.heading_line, f"the section for {section.heading} has nothing to post")
            line = section.line + section.text[: section.text.find(response)].count("\n")
            found.append(Variant(name, section.heading, condition, guidance, response, line))
        for name in left.values():
            known = ", ".join(variant.name for variant in found) or "none"
            line = self.front.lines.get(f"variants.{name}", 1)
            self.problems.error(line, f"variants.{name}: no section Variant: {name} is in the document; it has {known}")
        return tuple(found)

    def labels(self, listed: Sequence[ListedLabel]) -> tuple[LabelRule, ...]:
        settings = dict(self.front.labels or {})
        lines = {name: self.front.lines.get(f"labels.{name}", 1) for name in settings}
        rules: list[LabelRule] = []
        for label in listed:
            self.check_name(label.name, label.line)
            if label.closing:
                continue
            given = settings.pop(label.name, None)
            if given is None:
                offered = re.search(r"\bif\b", label.when, re.IGNORECASE) is not None
                given = LabelSettings("false" if offered else "true")
                choice = "offered and not pre-selected" if offered else "pre-selected"
                self.problems.warn(label.line, f"label {label.name}: {choice}, guessed; say labels.{label.name}.when")
            elif problem := find_label_problem(label.name, given):
                self.problems.error(lines[label.name], problem)
            rules.append(LabelRule(label.name, given.when, given.color, given.description, label.when))
        for name, given in settings.items():
            if problem := find_label_problem(name, given):
                self.problems.error(lines[name], problem)
            rules.append(LabelRule(name, given.when, given.color, given.description))
        lines |= {label.name: label.line for label in listed if not label.closing}
        for index, rule in enumerate(rules):
            if rule.name.casefold() in {earlier.name.casefold() for earlier in rules[:index]}:
                self.problems.warn(lines[rule.name], f"label {rule.name} is given twice; to GitHub case means nothing")
        return tuple(rules)

    def check_name(self, name: str, line: int) -> None:
        if problem := find_label_problem(name):
            self.problems.error(line, problem)

    def close(self, criteria: Sequence[str], listed: Sequence[ListedLabel]) -> ClosePolicy:
        front = self.front
        told = tuple(dict.fromkeys(label.name for label in listed if label.closing))
        labels = told if front.close_labels is None else front.close_labels
        for index, name in enumerate(front.close_labels or ()):
            self.check_name(name, front.lines.get(f"close.labels.{index}", 1))
        line = next((section.heading_line for section in self.part("criteria")), 1)
        if front.close_when is None and criteria:
            self.problems.warn(line, "any one of the criteria is enough, guessed; say close.when")
        reason = front.close_reason
        if reason is None:
            reason = "not_planned" if {"wontfix", "invalid"} & {name.lower() for name in labels} else "completed"
            if criteria or labels:
                self.problems.warn(line, f"closes as {reason}, guessed; say close.reason")
        when = front.close_when if front.close_when is not None else "any"
        at = front.lines.get("close.when", 1)
        if front.close_when is not None and not criteria and not self.part("criteria"):
            self.problems.error(at, "close.when can never be met: the document has no closure criteria")
        elif isinstance(when, int) and not 1 <= when <= max(len(criteria), 1):
            self.problems.error(at, f"close.when can never be met: {when} of {len(criteria)} criteria")
        return ClosePolicy(when, reason, labels)

    def look_at(self, text: str, first: int) -> None:
        """Warns of what a person should see before it is posted."""
        for link in find_links(text):
            line = first + link.line - 1
            if is_relative(link.target):
                if self.front.links_relative_to is None:
                    self.problems.warn(
                        line, f"{link.target} is taken from the repository's root, guessed; say links_relative_to"
                    )
                elif leads_out(link.target, self.front.links_relative_to):
                    self.problems.warn(line, f"{link.target} leads out of the repository; it has too many ../")
            elif RETIRED_HOST.match(link.target):
                self.problems.warn(line, f"{link.target}: this host is retired; it is posted as learn.microsoft.com")
            elif link.target.lower().startswith("http://"):
                self.problems.warn(line, f"{link.target} is not encrypted; link over https")
        if open_fence := find_open_fence(text):
            self.problems.warn(first + open_fence - 1, "this code block is not closed; it takes in all that follows")
        for number, what, words in find_left_over(text):
            self.problems.warn(first + number - 1, f"{words} looks like {what} left in from one report")
        if len(text) > COMMENT_LIMIT:
            self.problems.error(
                first, f"the response has {len(text):,} characters, and a comment holds {COMMENT_LIMIT:,}"
            )


def posted_texts(template: ResponseTemplate) -> list[tuple[str, int]]:
    """The response and the variants' additions, each with the line on which it begins."""
    return [(template.response, template.line), *((variant.response, variant.line) for variant in template.variants)]


def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as a pattern: in whatever case and spacing, or, written between slashes, a regular expression.

    Raises re.error, also for one that could take forever: a repetition within a repetition.
    """
    if len(phrase) > 2 and phrase.startswith("/") and phrase.endswith("/"):
        if _repeats_a_repetition(phrase[1:-1]):
            raise re.error("it repeats what repeats already, or more than twice without end, which can take forever")
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


def _codes_in(introduction: Section) -> tuple[tuple[str, ...], int]:
    """The codes that the title and the text under it name, and the line of the first."""
    if codes := find_codes(introduction.heading):
        return tuple(dict.fromkeys((*codes, *find_codes(introduction.text)))), introduction.heading_line
    codes = find_codes(introduction.text)
    at = next((n for n, line in enumerate(introduction.text.split("\n")) if find_codes(line)), 0)
    return codes, introduction.line + at


def _kind_of(codes: Sequence[str], table: ErrorTable | None) -> Kind | None:
    kinds = {known.kind for code in codes if (known := known_code(code, table))}
    if kinds == {"transient"}:
        return "transient_import"
    return "other_import" if kinds == {"other"} else None


def _slug(words: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", words.lower()))
