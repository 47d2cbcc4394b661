"""Issue + finding + response template -> Suggestion: the comment as it would be posted, labels, closure criteria.

A template runs once, in Jinja2's sandbox. What comes from the issue passes through as tokens and is filled in after
the template has run, inert where it stands (inert_text.py); so it is never run itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.closure import ClosePolicy
from triage.detection import ErrorTable, Finding
from triage.issue_forms import Form
from triage.markdown import find_fences
from triage.models import Issue, Repository
from triage.responses.inert_text import Ledger
from triage.responses.jinja import holds, is_variant_placed, run_response, say_error, within_limits
from triage.responses.links import repair_links
from triage.responses.names import Facts
from triage.responses.template import Ask, LabelRule, ResponseTemplate, Variant


@dataclass(frozen=True, slots=True)
class SuggestedLabel:
    """A label of the template; `selected` where its condition holds, else it is offered. `when` says it in words."""

    name: str
    selected: bool
    color: str = ""
    description: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A template rendered for an issue. `variant` is None where the template has none; `missing` names unanswered asks.

    Where the template fails on this issue, `problem` is the sentence that says so and `comment` is empty.
    """

    template: str
    title: str
    variant: str | None
    comment: str
    labels: tuple[SuggestedLabel, ...] = ()
    criteria: tuple[str, ...] = ()
    close: ClosePolicy = field(default_factory=ClosePolicy)
    guidance: str = ""
    asks: tuple[Ask, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""


def suggest_response(
    issue: Issue,
    finding: Finding,
    form: Form,
    template: ResponseTemplate,
    *,
    repository: Repository,
    maintainer: str,
    ask: Mapping[str, str] | None = None,
    table: ErrorTable | None = None,
) -> Suggestion:
    """Renders a template for an issue. `ask` holds what the maintainer answered, by name; it is trusted as typed.

    `table` is the folder's table of error codes, the program's own where it is left out.
    """
    answers = {question.name: (ask or {}).get(question.name, "").strip() for question in template.ask}
    ledger = Ledger()
    names = Facts(issue, finding, form, table).for_response(repository, maintainer, answers, ledger)
    comment, problem = "", ""
    with within_limits():
        variant = next((each for each in template.variants if holds(each.condition, names)), None)
        labels = tuple(_label(rule, names) for rule in template.labels)
        try:
            written = _write(template, variant, names)
            linked = repair_links(tidy(written), repository.url.rstrip("/"), template.links_relative_to)
            comment = ledger.fill_in(linked)
        except Exception as error:  # a template can raise anything, and the page has to stand
            problem = f"The template {template.name} fails on this issue: {say_error(error)}."
    return Suggestion(
        template=template.name,
        title=template.title,
        variant=variant.name if variant else "default" if template.variants else None,
        comment=comment,
        labels=labels,
        criteria=template.criteria,
        close=template.close,
        guidance="\n\n".join(filter(None, (template.guidance, variant.guidance if variant else ""))),
        asks=template.ask,
        missing=tuple(each.name for each in template.ask if not each.optional and not answers[each.name]),
        problem=problem,
    )


def _write(template: ResponseTemplate, variant: Variant | None, names: Mapping[str, object]) -> str:
    addition = tidy(run_response(variant.response, names)) if variant else ""
    comment = run_response(template.response, {**names, "variant": addition})
    if addition and not is_variant_placed(template.response):
        comment = f"{comment.rstrip()}\n\n{addition}"
    return comment


def tidy(text: str) -> str:
    """The text without the runs of blank lines that untaken branches leave, outside code; no space at either end."""
    in_code = {line for fence in find_fences(text) for line in range(fence.line, fence.last_line + 1)}
    kept: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if number in in_code or line.strip():
            kept.append(line)
        elif kept and kept[-1]:
            kept.append("")
    return "\n".join(kept).strip()


def _label(rule: LabelRule, names: Mapping[str, object]) -> SuggestedLabel:
    words = rule.words or ("" if rule.when == "true" else f"when {rule.when}")
    return SuggestedLabel(rule.name, holds(rule.when, names), rule.color, rule.description, words)
