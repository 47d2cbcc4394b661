"""The names that a template may use. Each is declared once: the linter allows what the classes here declare.

What comes from an issue is guarded (inert_text.py) where a value is made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import TypedDict
from urllib.parse import quote

from triage.closure import Outcome
from triage.detection import Cause, ErrorCode, ErrorTable, Finding, known_code
from triage.issue_forms import Form
from triage.models import Issue, Repository
from triage.phrases import load_table
from triage.responses.inert_text import Ledger, plain
from triage.responses.prose import read_duration


@dataclass(frozen=True, slots=True)
class IssueNames:
    """`issue` in a template."""

    number: int
    title: str
    author: str
    url: str
    asks_for_help: bool


@dataclass(frozen=True, slots=True)
class EvidenceNames:
    """One of `finding.evidence`."""

    source: str
    quote: str
    shows: str


@dataclass(frozen=True, slots=True)
class FindingNames:
    """`finding` in a template."""

    kind: str
    codes: tuple[str, ...]
    flows: tuple[str, ...]
    evidence: tuple[EvidenceNames, ...]
    causes: tuple[Cause, ...]
    told_causes: tuple[Cause, ...]
    known_codes: tuple[ErrorCode, ...]
    wait: str
    asks_for_help: bool
    only_in_image: bool
    _finding: Finding  # the sandbox lets no template reach a name with an underscore

    def names(self, text: str) -> bool:
        """Whether a flow that failed has `text` in its name."""
        return self._finding.names(str(text))


@dataclass(frozen=True, slots=True)
class RepositoryNames:
    """`repository` in a template."""

    name: str
    url: str

    def file(self, path: str) -> str:
        """The address of a file on the default branch; `path` is relative to the repository's root."""
        return f"{self.url}/blob/HEAD/{quote(str(path).lstrip('/'))}"


class Names(TypedDict):
    """What every condition and response may name."""

    issue: IssueNames
    form: Form
    finding: FindingNames


class MatchNames(Names):
    """What `match.when` may name. `answered` are the templates already posted, "" for an answer by hand."""

    answered: list[str]
    outcome: Outcome


class ResponseNames(Names):
    """What a response and every other condition may name; `ask` has what the document asks the maintainer for."""

    repository: RepositoryNames
    maintainer: str
    ask: SimpleNamespace


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template is rendered from: the issue and what was found in it, by the folder's table of error codes."""

    issue: Issue
    finding: Finding
    form: Form
    table: ErrorTable | None = None

    def names(self, ledger: Ledger) -> Names:
        return {
            "issue": _issue_names(self.issue, self.finding, ledger),
            "form": _guard_form(self.form, ledger),
            "finding": _finding_names(self.finding, self.table, ledger),
        }

    def for_match(self, answered: Sequence[str], outcome: Outcome) -> MatchNames:
        """The names of `match.when`. Nothing of it is printed, so nothing is ever filled in."""
        return {**self.names(Ledger()), "answered": list(answered), "outcome": outcome}

    def for_response(
        self, repository: Repository, maintainer: str, answers: Mapping[str, str], ledger: Ledger
    ) -> ResponseNames:
        """The names of a response; `ledger` is what fills in the issue's words afterwards."""
        return {
            **self.names(ledger),
            "repository": RepositoryNames(repository.full_name, repository.url.rstrip("/")),
            "maintainer": maintainer,
            "ask": SimpleNamespace(**answers),
        }


def _issue_names(issue: Issue, finding: Finding, ledger: Ledger) -> IssueNames:
    # a login that means nothing else may stand behind a template's own @
    is_login = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}", issue.author) and plain(issue.author) == issue.author
    is_address = re.fullmatch(r"https?://[\w.:-]+/[\w./-]+/issues/\d+", issue.url)
    return IssueNames(
        number=issue.number,
        title=ledger.guard(issue.title),
        author=issue.author if is_login else ledger.guard(issue.author),
        url=issue.url if is_address else ledger.guard(issue.url),
        asks_for_help=finding.asks_for_help,
    )


def _guard_form(form: Form, ledger: Ledger) -> Form:
    texts = {each.name: ledger.guard(getattr(form, each.name)) for each in fields(form) if each.name != "answers"}
    answers: dict[str, str] = {ledger.guard(heading): ledger.guard(answer) for heading, answer in form.answers.items()}
    return Form(**texts, answers=answers)


def _finding_names(finding: Finding, table: ErrorTable | None, ledger: Ledger) -> FindingNames:
    known = tuple(known for code in finding.codes if (known := known_code(code, table)))
    told = _causes_to_tell(finding, known)
    return FindingNames(
        kind=finding.kind,
        codes=tuple(code if re.fullmatch(r"[0-9A-F]{8}", code) else ledger.guard(code) for code in finding.codes),
        flows=tuple(ledger.guard(flow) for flow in _flow_names(finding.flows)),
        evidence=tuple(
            EvidenceNames(each.source, ledger.guard(each.quote), ledger.guard(each.shows)) for each in finding.evidence
        ),
        causes=finding.causes,
        told_causes=told,
        known_codes=known,
        wait=_longest_wait(told),
        asks_for_help=finding.asks_for_help,
        only_in_image=finding.only_in_image,
        _finding=finding,
    )


_GENERAL = ("internal_error", "try_again_later", "import_timeout")
"""Causes that a more exact one beside them explains."""


def _causes_to_tell(finding: Finding, known_codes: Sequence[ErrorCode]) -> tuple[Cause, ...]:
    """The causes of the finding's kind that the message itself shows; where it shows none, those of the codes.

    One code stands for several messages, so what a message says goes before what its code mostly means.
    """
    wanted = "transient" if finding.kind == "transient_import" else "other"
    causes = [cause for cause in finding.causes if cause.kind == wanted]
    exact = [cause for cause in causes if cause.key not in _GENERAL]
    shown = {evidence.shows for evidence in finding.evidence}
    of_codes = {code.cause for code in known_codes}

    def in_message(some: Sequence[Cause]) -> list[Cause]:
        return [cause for cause in some if cause.name in shown]

    told = in_message(exact) or [cause for cause in exact if cause.key not in of_codes]
    return tuple(told or in_message(causes)[:1] or exact or causes[:1])


def _longest_wait(causes: Sequence[Cause]) -> str:
    waits = [(span.most, cause.wait) for cause in causes if (span := read_duration(cause.wait))]
    return max(waits)[1] if waits else ""


_PARTS_OF_A_NAME = re.compile(r"\w ?[|>] ?\w|\w - \w|\w: \w")
_NO_NAME = frozenset(load_table(Path(__file__).with_name("flow_words.toml"))["general"])
"""Words that say what something is, and of which no flow's name consists."""


def _flow_names(flows: Sequence[str]) -> list[str]:
    """The names among them that a reader finds again in a list of flows, none within another.

    "Core", as some answer the question for the flow, "Solution import" or "the DLP flow" are no names.
    """
    cleaned = [" ".join(re.sub(r"^\s*modern ?flow(?: name)?\b\s*:?", "", flow, flags=re.I).split()) for flow in flows]
    named = [flow for flow in dict.fromkeys(cleaned) if _is_name(flow)]
    return [flow for flow in named if not any(other != flow and other in flow for other in named)]


def _is_name(flow: str) -> bool:
    if _PARTS_OF_A_NAME.search(flow):
        return True
    return any(word.lower() not in _NO_NAME and not word.isdigit() for word in re.findall(r"[^\W_]+", flow))
