"""An issue as a line of JSON describes it -> what the program says of it: for the command line and the scorecard.

Pure.
"""

from typing import Any

from triage.cases import Case
from triage.closure import find_reporter_word
from triage.detection import Finding, find_import_failure
from triage.issue_forms import read_form
from triage.models import Repository
from triage.responses import Suggestion, TemplateFolder, choose_template, suggest_response


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
