"""A template document -> ResponseTemplate: front matter and prose put together, what is missing guessed with a warning.

Nothing is run here; linter.py checks the Jinja2 in a document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ftfy

from triage.closure import ClosePolicy
from triage.detection import ErrorTable, find_codes, known_code
from triage.markdown import find_fences
from triage.models import COMMENT_LIMIT
from triage.responses.front_matter import (
    FrontMatter,
    find_label_problem,
    read_front_matter,
    split_front_matter,
)
from triage.responses.links import RETIRED_HOST, Link, find_links, is_relative, leads_out
from triage.responses.problems import ProblemList, TemplateError
from triage.responses.prose import find_left_over
from triage.responses.sections import (
    DocumentSection,
    ListedLabel,
    Part,
    read_criteria,
    read_keywords,
    read_labels,
    split_guidance,
    split_sections,
)
from triage.responses.template import ImportKind, LabelRule, Match, ResponseTemplate, Variant, phrase_pattern


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
            problems.error(1, "front matter must begin on the first line; delete what stands before it")
        else:
            problems.error(1, "front matter is not closed; end it with a line ---")
    front = read_front_matter(head, problems) if head_lines else FrontMatter()
    sections = split_sections("\n".join(text.split("\n")[head_lines:]), head_lines + 1)
    return _Document(file, front, sections, problems, table).read()


def repair_encoding(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Text whose UTF-8 was once read in another encoding, repaired; and what was repaired as (line, before, after)."""
    lines = text.split("\n")
    repairs: list[tuple[int, str, str]] = []
    for index, line in enumerate(lines):
        repaired = ftfy.fix_encoding(line)
        if repaired != line:
            words = [(word, ftfy.fix_encoding(word)) for word in re.findall(r"[^\x00-\x7f]+", line)]
            before, after = next((pair for pair in words if pair[0] != pair[1]), (line.strip(), repaired.strip()))
            repairs.append((index + 1, before, after))
            lines[index] = repaired
    return "\n".join(lines), repairs


@dataclass
class _Document:
    """One document while it is read: each method reads one part of the template, and notes what is wrong with it."""

    file: str
    front: FrontMatter
    sections: list[DocumentSection]
    problems: ProblemList
    table: ErrorTable | None

    @cached_property
    def introduction(self) -> DocumentSection:
        """The title and the text under it; a document without a title is known by its file."""
        return next(iter(self.part("introduction")), DocumentSection("introduction", self.name, "", 1, 1))

    @property
    def name(self) -> str:
        return re.sub(r"\.(md|markdown)$", "", re.split(r"[/\\]", self.file)[-1])

    def part(self, part: Part) -> list[DocumentSection]:
        return [section for section in self.sections if section.part == part]

    def line(self, key: str) -> int:
        """The line of a key of the front matter."""
        return self.front.lines.get(key, 1)

    def read(self) -> ResponseTemplate:
        response = self.response()
        criteria = read_criteria(self.part("criteria"), self.problems)
        listed = read_labels(self.part("labels"), self.problems)
        variants = self.variants()
        slugs = {f"variants.{_slug(name)}": self.line(f"variants.{name}") for name in self.front.variants}
        template = ResponseTemplate(
            name=self.name,
            title=self.introduction.heading,
            guidance=self.introduction.text,
            match=self.match(),
            priority=self.front.priority,
            response=response.text,
            variants=variants,
            criteria=criteria,
            labels=self.labels(listed),
            close=self.close(criteria, listed),
            links_relative_to=self.front.links_relative_to,
            ask=self.front.ask,
            file=self.file,
            line=response.line,
            title_line=self.introduction.heading_line,
            lines={**slugs, **self.front.lines},
        )
        for text, line in template.posted_texts():
            self.look_at(text, line)
        if not template.response:
            raise TemplateError(self.problems.found)
        return template

    def response(self) -> DocumentSection:
        response, *others = self.part("response") or [DocumentSection("response", "", "", 1, 1)]
        if not response.heading:
            self.problems.error(1, "no response: add a section with the heading Response")
        elif not response.text:
            self.problems.error(response.heading_line, f"the section {response.heading} is empty")
        for section in others:
            self.problems.error(section.heading_line, "a second response; keep one, or make it a section Variant: NAME")
        return response

    # --- what it matches

    def match(self) -> Match:
        match = replace(self.front.match or self.guess_match(), phrases=self.phrases())
        if match == Match():
            self.problems.warn(
                self.introduction.heading_line,
                "matches nothing by itself; set match.codes, match.phrases or match.kind",
            )
        return match

    def guess_match(self) -> Match:
        """Without `match` in the front matter, the codes that the introduction names and the kind that they mean."""
        codes, line = _codes_in(self.introduction)
        kind = _kind_of(codes, self.table)
        if codes:
            self.problems.warn(line, f"matches {', '.join(codes)}, read from the introduction; set match.codes")
        if kind:
            self.problems.warn(line, f"matches {kind}, guessed from its codes; set match.kind")
        return Match(codes=codes, kind=kind)

    def phrases(self) -> tuple[str, ...]:
        written = self.front.match.phrases if self.front.match else ()
        of_front = [(phrase, self.line(f"match.phrases.{n}")) for n, phrase in enumerate(written)]
        phrases = [*of_front, *read_keywords(self.part("keywords"), self.problems)]
        for phrase, line in phrases:
            try:
                if phrase_pattern(phrase).search(""):
                    self.problems.error(line, f"{phrase} matches every issue, as it matches empty text")
            except re.error as error:
                self.problems.error(line, f"{phrase} is not a valid regular expression: {error}")
        return tuple(dict.fromkeys(phrase for phrase, _ in phrases))

    # --- variants

    def variants(self) -> tuple[Variant, ...]:
        left = {_slug(written): written for written in self.front.variants}
        found: dict[str, Variant] = {}
        for number, section in enumerate(self.part("variant"), start=1):
            name = _variant_name(section, number, given=set(left), taken=set(found))
            if name in found:
                self.problems.error(section.heading_line, f"a second variant {name}; keep one, or rename it")
                continue
            written = left.pop(name, None)
            condition = self.front.variants[written] if written is not None else ""
            found[name] = self.variant(name, section, condition)
        for written in left.values():
            known = ", ".join(found) or "none"
            self.problems.error(
                self.line(f"variants.{written}"),
                f"variants.{written}: the document has no section Variant: {written}; its variants: {known}",
            )
        return tuple(found.values())

    def variant(self, name: str, section: DocumentSection, condition: str) -> Variant:
        if not condition:
            word = re.sub(r'["\\]', "", section.heading.split()[0])
            condition = f'finding.names("{word}")'
            self.problems.warn(
                section.heading_line, f"variant {name}: taken where {condition}, guessed; set variants.{name}"
            )
        guidance, response = split_guidance(section.text)
        if not response:
            self.problems.error(section.heading_line, f"the section for {section.heading} has nothing to post")
        line = section.line + section.text[: section.text.find(response)].count("\n")
        return Variant(name, section.heading, condition, guidance, response, line)

    # --- labels

    def labels(self, listed: Sequence[ListedLabel]) -> tuple[LabelRule, ...]:
        given = dict(self.front.labels)
        lines = {name: self.line(f"labels.{name}") for name in given}
        for rule in given.values():
            self.check_label(rule.name, lines[rule.name], rule.description)
        rules: list[LabelRule] = []
        for label in listed:
            self.check_label(label.name, label.line)
            if not label.closing:
                rule = given.pop(label.name) if label.name in given else self.guess_label(label)
                rules.append(replace(rule, words=label.when))
                lines[label.name] = label.line
        rules += given.values()
        seen: set[str] = set()
        for rule in rules:
            if rule.name.casefold() in seen:
                self.problems.warn(lines[rule.name], f"label {rule.name} is given twice; to GitHub case means nothing")
            seen.add(rule.name.casefold())
        return tuple(rules)

    def guess_label(self, label: ListedLabel) -> LabelRule:
        """Without an entry in the front matter, a label is pre-selected unless its words say "if"."""
        offered = re.search(r"\bif\b", label.when, re.IGNORECASE) is not None
        choice = "offered and not pre-selected" if offered else "pre-selected"
        self.problems.warn(label.line, f"label {label.name}: {choice}, guessed; set labels.{label.name}.when")
        return LabelRule(label.name, "false" if offered else "true")

    def check_label(self, name: str, line: int, description: str = "") -> None:
        if problem := find_label_problem(name, description):
            self.problems.error(line, problem)

    # --- closing

    def close(self, criteria: Sequence[str], listed: Sequence[ListedLabel]) -> ClosePolicy:
        when, reason, labels = self.front.close_when, self.front.close_reason, self.front.close_labels
        line = next((section.heading_line for section in self.part("criteria")), 1)
        for index, name in enumerate(labels or ()):
            self.check_label(name, self.line(f"close.labels.{index}"))
        if labels is None:
            labels = tuple(dict.fromkeys(label.name for label in listed if label.closing))
        if when is None and criteria:
            self.problems.warn(line, "any one of the criteria is enough, guessed; set close.when")
        if reason is None:
            reason = "not_planned" if {"wontfix", "invalid"} & {name.lower() for name in labels} else "completed"
            if criteria or labels:
                self.problems.warn(line, f"closes as {reason}, guessed; set close.reason")
        self.check_close_when(len(criteria))
        return ClosePolicy("any" if when is None else when, reason, labels)

    def check_close_when(self, criteria: int) -> None:
        when, line = self.front.close_when, self.line("close.when")
        if when is not None and not criteria and not self.part("criteria"):
            self.problems.error(line, "close.when can never be met: the document has no closure criteria")
        elif isinstance(when, int) and not 1 <= when <= max(criteria, 1):
            self.problems.error(line, f"close.when can never be met: {when} of {criteria} criteria")

    # --- what a person should see before it is posted

    def look_at(self, text: str, first: int) -> None:
        folder = self.front.links_relative_to
        doubts = [(link.line, message) for link in find_links(text) for message in _doubts_about(link, folder)]
        doubts += [
            (fence.line, "this code block is not closed; everything below becomes part of it")
            for fence in find_fences(text)
            if not fence.closed
        ]
        doubts += [
            (line, f"{words} looks like {what} left over from one report") for line, what, words in find_left_over(text)
        ]
        for line, message in doubts:
            self.problems.warn(first + line - 1, message)
        if len(text) > COMMENT_LIMIT:
            self.problems.error(
                first, f"the response has {len(text):,} characters, and a comment holds {COMMENT_LIMIT:,}"
            )


def _doubts_about(link: Link, folder: str | None) -> Iterator[str]:
    if is_relative(link.target):
        if folder is None:
            yield f"{link.target} is taken from the repository's root, guessed; set links_relative_to"
        elif leads_out(link.target, folder):
            yield f"{link.target} leads out of the repository; it has too many ../"
    elif RETIRED_HOST.match(link.target):
        yield f"{link.target}: this host is retired; it is posted as learn.microsoft.com"
    elif link.target.lower().startswith("http://"):
        yield f"{link.target} is not encrypted; link over https"


def _variant_name(section: DocumentSection, number: int, *, given: set[str], taken: set[str]) -> str:
    """The first word of the heading; all of it where the front matter names that, or another has the word already."""
    short, full = _slug(section.heading.split()[0]), _slug(section.heading)
    name = full if full in given and short not in given else short or f"variant-{number}"
    return (full or f"variant-{number}") if name in taken else name


def _codes_in(introduction: DocumentSection) -> tuple[tuple[str, ...], int]:
    """The codes that the title and the text under it name, and the line of the first."""
    if codes := find_codes(introduction.heading):
        return tuple(dict.fromkeys((*codes, *find_codes(introduction.text)))), introduction.heading_line
    codes = find_codes(introduction.text)
    at = next((n for n, line in enumerate(introduction.text.split("\n")) if find_codes(line)), 0)
    return codes, introduction.line + at


def _kind_of(codes: Sequence[str], table: ErrorTable | None) -> ImportKind | None:
    kinds = {known.kind for code in codes if (known := known_code(code, table))}
    if kinds == {"transient"}:
        return "transient_import"
    return "other_import" if kinds == {"other"} else None


def _slug(words: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", words.lower()))
