"""Issue + finding + the folder's templates -> the template that fits best. Pure."""

from collections.abc import Mapping, Sequence

from triage.closure import ReporterWord
from triage.detection import Finding
from triage.issue_forms import read_form
from triage.models import Issue
from triage.responses.folder import TemplateFolder
from triage.responses.jinja import holds, within_limits
from triage.responses.names import Facts
from triage.responses.template import ResponseTemplate, phrase_pattern


def choose_template(
    issue: Issue,
    finding: Finding,
    folder: TemplateFolder,
    *,
    answered_with: Sequence[str] = (),
    word: ReporterWord | None = None,
) -> ResponseTemplate | None:
    """The template that fits best: one of another kind never does, then the priority decides, then how exact the match.

    `answered_with` names the templates already posted, "" for an answer by hand. None where no import failed, or where
    nothing fits.
    """
    if finding.kind == "not_import":
        return None
    ranked = [
        (template.priority, exactness, -place, template)
        for place, template in enumerate(folder.templates)
        if (exactness := _exactness(template, issue, finding))
    ]
    names: Mapping[str, object] | None = None
    with within_limits():
        for *_, template in sorted(ranked, key=lambda each: each[:3], reverse=True):
            if not template.match.when:
                return template
            if names is None:
                facts = Facts(issue, finding, read_form(issue.body), folder.table)
                names = facts.for_match(answered_with, word.outcome if word else "no_reply")
            if holds(template.match.when, names):
                return template
    return None


_LONGEST_TRIED = 10_000
"""Phrases are looked for in so many characters: a maintainer's regular expression may need the square of them."""


def _exactness(template: ResponseTemplate, issue: Issue, finding: Finding) -> int:
    """3 for a code, 2 for a phrase, 1 for the kind or a condition alone, 0 where the template does not match."""
    match = template.match
    if match.kind is not None and match.kind != finding.kind:
        return 0  # its code may be there, but the message says otherwise
    if set(match.codes) & set(finding.codes):
        return 3
    text = f"{issue.title}\n{issue.body}"
    if any(phrase_pattern(phrase).search(text, 0, _LONGEST_TRIED) for phrase in match.phrases):
        return 2
    return 1 if match.kind or (match.when and not match.codes and not match.phrases) else 0
