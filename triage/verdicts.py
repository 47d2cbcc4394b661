"""One JSON line that describes an issue -> what the program says of it: for the command line and the scorecard.

Pure. The lines are those of `python -m triage classify`: `number`, `title`, `body`, and optionally `labels` (names),
`user` (the author's login) and `comments` (`{"user", "body"}`, oldest first).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triage.closure import find_reporter_word
from triage.detection import Finding, find_import_failure
from triage.issue_forms import read_form
from triage.models import Issue, Repository
from triage.response_templates import TemplateFolder
from triage.responses import Suggestion, choose_template, suggest_response

_UNDATED = datetime.fromtimestamp(0, UTC)


class CaseError(ValueError):
    """A line that describes no issue; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """An issue as a line describes it; `comments` are (login, body), oldest first."""

    issue: Issue
    comments: tuple[tuple[str, str], ...] = ()


def read_cases(lines: Iterable[bytes]) -> Iterator[tuple[int, Case | CaseError]]:
    """The cases of a file with their line numbers, from 1; blank lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            try:
                yield number, read_case(line)
            except CaseError as error:
                yield number, error


def read_case(line: bytes | str) -> Case:
    """The case of one line. Raises CaseError."""
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
        fields = json.loads(text)
    except UnicodeDecodeError:
        raise CaseError("this is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise CaseError(f"this is not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError):
        raise CaseError("this is JSON that cannot be read: a number too long, or too many brackets") from None
    if not isinstance(fields, dict):
        raise CaseError("this is not a JSON object")
    number = fields.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise CaseError("number is missing or not a whole number")
    labels = _list(fields, "labels")
    comments = _list(fields, "comments")
    issue = Issue(
        number=number,
        title=_text(fields, "title", required=True),
        body=_text(fields, "body"),
        author=_login(fields),
        state="open",
        created_at=_UNDATED,
        updated_at=_UNDATED,
        url="",
        labels=tuple(_label(label) for label in labels),
        comments=len(comments),
    )
    return Case(issue, tuple(_comment(place, comment) for place, comment in enumerate(comments)))


def find_in_case(case: Case, folder: TemplateFolder | None = None) -> Finding:
    """The finding: of the title, the body and the reporter's own comments, by the folder's table of error codes."""
    issue, table = case.issue, folder.table if folder else None
    return find_import_failure(issue.title, issue.body, author=issue.author, comments=case.comments, table=table)


def suggest_for_case(
    case: Case, finding: Finding, folder: TemplateFolder, repository: Repository, *, maintainer: str = ""
) -> Suggestion | None:
    """The first response to the issue; None where no template applies. What was answered before is not in a line."""
    template = choose_template(case.issue, finding, folder)
    if template is None:
        return None
    form = read_form(case.issue.body)
    return suggest_response(
        case.issue, finding, form, template, repository=repository, maintainer=maintainer, table=folder.table
    )


def classify_case(case: Case, folder: TemplateFolder, repository: Repository) -> dict[str, Any]:
    """What `classify` writes for one case."""
    finding = find_in_case(case, folder)
    suggestion = suggest_for_case(case, finding, folder, repository)
    return {
        "number": case.issue.number,
        "kind": finding.kind,
        "codes": list(finding.codes),
        "template": suggestion.template if suggestion else None,
        "variant": suggestion.variant if suggestion else None,
        "labels": [label.name for label in suggestion.labels if label.selected] if suggestion else [],
        "evidence": [
            {"source": part.source, "start": part.start, "end": part.end, "quote": part.quote, "shows": part.shows}
            for part in finding.evidence
        ],
    }


def evidence_of_case(case: Case) -> dict[str, Any]:
    """What `evidence` writes for one case: the reporter's latest word."""
    word = find_reporter_word(case.issue.author, case.comments, description=case.issue.body)
    return {
        "number": case.issue.number,
        "outcome": word.outcome,
        "comment": word.comment,
        "quote": word.quote,
    }


def _text(fields: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    if required and name not in fields:
        raise CaseError(f"{name} is missing")
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CaseError(f"{name} is not a text")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseError(f"{name} is not a list")
    return value


def _login(fields: Mapping[str, Any]) -> str:
    """The login of `user`, which GitHub's own JSON has as an object and null where the account is gone."""
    user = fields.get("user")
    return _text(user, "login") if isinstance(user, dict) else _text(fields, "user")


def _label(label: object) -> str:
    name = label.get("name") if isinstance(label, dict) else label
    if not isinstance(name, str):
        raise CaseError("labels holds something that is not a name")
    return name


def _comment(place: int, comment: object) -> tuple[str, str]:
    if not isinstance(comment, dict):
        raise CaseError(f"comments[{place}] is not an object")
    try:
        return _login(comment), _text(comment, "body")
    except CaseError as error:
        raise CaseError(f"comments[{place}].{error}") from None
