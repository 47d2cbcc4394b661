"""A line of JSON that describes an issue -> a case, and what the program says of it.

The command line, the sandbox and the scorecard read these lines: `number`, `title`, `body`, and optionally `labels`
(names), `user` (the author's login), `comments` (`{"user", "body"}`, oldest first) and `created_at`. What GitHub itself
sends in these places (objects for labels and users, null for a body) is understood as well. Pure.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from triage.closure import find_reporter_word
from triage.detection import Finding, find_import_failure
from triage.issue_forms import read_form
from triage.models import Issue, Repository
from triage.responses import Suggestion, TemplateFolder, choose_template, suggest_response

UNDATED = datetime.fromtimestamp(0, UTC)
"""When an issue was opened whose line does not say so."""


class CaseError(ValueError):
    """A line that describes no issue; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """An issue as a line describes it; `comments` are (login, body), oldest first."""

    issue: Issue
    comments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an issue is, and the first response to it: None where no template applies."""

    finding: Finding
    suggestion: Suggestion | None


def read_cases(lines: Iterable[bytes]) -> Iterator[tuple[int, Case | CaseError]]:
    """The cases of a file with their line numbers, from 1; blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            try:
                yield number, read_case(line)
            except CaseError as error:
                yield number, error


def read_case(line: bytes | str) -> Case:
    """The case of one line. Raises CaseError."""
    fields = _read_json(line)
    number = fields.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise CaseError("number is missing or not a whole number")
    if "title" not in fields:
        raise CaseError("title is missing")
    opened = _read_moment(fields.get("created_at"))
    comments = tuple(_read_comment(place, comment) for place, comment in enumerate(_take(fields, "comments", list)))
    issue = Issue(
        number=number,
        title=_take(fields, "title", str),
        body=_take(fields, "body", str),
        author=_read_login(fields),
        state="open",
        created_at=opened,
        updated_at=opened,
        url="",
        labels=tuple(_read_label(label) for label in _take(fields, "labels", list)),
        comments=len(comments),
    )
    return Case(issue, comments)


def judge_case(case: Case, folder: TemplateFolder, repository: Repository) -> Verdict:
    """What the folder's error codes and templates make of a case; it is taken as not answered yet."""
    issue, table = case.issue, folder.table
    finding = find_import_failure(issue.title, issue.body, author=issue.author, comments=case.comments, table=table)
    template = choose_template(issue, finding, folder)
    if template is None:
        return Verdict(finding, None)
    suggestion = suggest_response(
        issue, finding, read_form(issue.body), template, repository=repository, maintainer="", table=table
    )
    return Verdict(finding, suggestion)


def classify_case(case: Case, folder: TemplateFolder, repository: Repository) -> dict[str, Any]:
    """What `classify` writes for one case."""
    verdict = judge_case(case, folder, repository)
    finding, suggestion = verdict.finding, verdict.suggestion
    return {
        "number": case.issue.number,
        "kind": finding.kind,
        "codes": list(finding.codes),
        "template": suggestion.template if suggestion else None,
        "variant": suggestion.variant if suggestion else None,
        "labels": [label.name for label in suggestion.labels if label.selected] if suggestion else [],
        "evidence": [asdict(part) for part in finding.evidence],
    }


def find_evidence(case: Case) -> dict[str, Any]:
    """What `evidence` writes for one case: the reporter's latest word."""
    word = find_reporter_word(case.issue.author, case.comments, description=case.issue.body)
    return {"number": case.issue.number, "outcome": word.outcome, "comment": word.comment, "quote": word.quote}


def _read_json(line: bytes | str) -> dict[str, Any]:
    try:
        fields = json.loads(line.decode("utf-8-sig") if isinstance(line, bytes) else line)
    except UnicodeDecodeError:
        raise CaseError("this is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise CaseError(f"this is not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError):
        raise CaseError("this is JSON that cannot be read: a number is too long, or brackets too deep") from None
    if not isinstance(fields, dict):
        raise CaseError("this is not a JSON object")
    return fields


def _take(fields: Mapping[str, Any], name: str, kind: type, where: str = "") -> Any:
    """The value of a field, empty where it is missing or null."""
    value = fields.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise CaseError(f"{where}{name} is not a {'string' if kind is str else 'list'}")
    return value


def _read_login(fields: Mapping[str, Any], where: str = "") -> str:
    """The login of `user`, which GitHub's own JSON has as an object, and as null where the account is gone."""
    user = fields.get("user")
    if isinstance(user, dict):
        return str(_take(user, "login", str, f"{where}user."))
    return str(_take(fields, "user", str, where))


def _read_label(label: object) -> str:
    name = label.get("name") if isinstance(label, dict) else label
    if not isinstance(name, str) or not name.strip():
        raise CaseError("labels holds something that is not a name")
    return name


def _read_comment(place: int, comment: object) -> tuple[str, str]:
    where = f"comments[{place}]"
    if not isinstance(comment, dict):
        raise CaseError(f"{where} is not an object")
    return _read_login(comment, f"{where}."), _take(comment, "body", str, f"{where}.")


def _read_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return UNDATED
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
