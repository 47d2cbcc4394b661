"""The linter: what compiles, names what exists, and renders for every sample issue is a response template."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from triage.detection import ErrorTable, find_import_failure
from triage.issue_forms import read_form
from triage.models import COMMENT_LIMIT, Issue, Repository
from triage.phrases import load_table
from triage.responses.document import read_document
from triage.responses.inert_text import Ledger
from triage.responses.jinja import TooMuchWorkError, run_expression, say_error, within_limits
from triage.responses.name_check import ANY, check_source, scope_of
from triage.responses.names import Facts, MatchNames, ResponseNames
from triage.responses.problems import ProblemList, TemplateError
from triage.responses.rendering import suggest_response
from triage.responses.template import ResponseTemplate


def read_template(text: str, file: str, table: ErrorTable | None = None) -> ResponseTemplate:
    """Reads one document; `file` is its name as problems give it, and its stem is the template's name.

    Warnings are in the template's `problems`. Raises TemplateError where there is any error. `table` is the program's
    own table of error codes unless the folder has one beside its templates.
    """
    problems = ProblemList(file)
    template = read_document(text, file, problems, table)
    _check_names(template, problems)
    if not problems.has_error and (trouble := _try(template, table)):
        problems.error(*trouble)
    if problems.has_error:
        raise TemplateError(sorted(problems.found))
    return replace(template, problems=tuple(sorted(problems.found)))


def _check_names(template: ResponseTemplate, problems: ProblemList) -> None:
    scope = scope_of(ResponseNames, [ask.name for ask in template.ask])
    in_response = scope | {"variant": ANY} if template.variants else scope
    for text, first in template.posted_texts():
        for line, message in check_source(text, in_response if text is template.response else scope):
            problems.error(first + line - 1, message)
    for key, condition in template.conditions():
        names = scope_of(MatchNames) if key == "match.when" else scope
        for _, message in check_source(condition, names, expression=True):
            problems.error(template.line_of(key), f"{key}: {message}")


# --- trying a template out -------------------------------------------------------------------------------------------

_SAMPLES = load_table(Path(__file__).with_name("sample_issues.toml"))["issues"]
_REPOSITORY = Repository("owner/name", "https://github.com/owner/name")


def _try(template: ResponseTemplate, table: ErrorTable | None) -> tuple[int, str] | None:
    """What goes wrong when the template is rendered for sample issues of each kind, with its line, or None.

    A condition may fail on some issues, where it counts as false; one that fails on every sample is wrong.
    """
    failures: Counter[tuple[str, str]] = Counter()
    for facts in _sample_facts(table):
        with within_limits():
            for key, error in _failing_conditions(template, facts):
                if isinstance(error, TooMuchWorkError):  # one that runs away is not tried again
                    return template.line_of(key), f"{key}: {say_error(error)}"
                failures[key, say_error(error)] += 1
        for made in _each_variant(template):
            if problem := _problem_on(facts, made):
                return template.line, f"{problem.rstrip('.')} (a sample: {facts.issue.title})"
    for (key, problem), times in failures.items():
        if times == len(_SAMPLES):
            return template.line_of(key), f"{key} fails on every issue: {problem}"
    return None


def _sample_facts(table: ErrorTable | None) -> Iterator[Facts]:
    time, url = datetime(2026, 1, 1, tzinfo=UTC), "https://github.com/o/n/issues/1"
    for sample in _SAMPLES:
        title, body = sample["title"], sample["body"]
        finding = find_import_failure(title, body, author="reporter")
        yield Facts(Issue(1, title, body, "reporter", "open", time, time, url), finding, read_form(body), table)


def _each_variant(template: ResponseTemplate) -> Iterator[ResponseTemplate]:
    """The template without a variant, and with each as if it were taken."""
    yield replace(template, variants=())
    for variant in template.variants:
        yield replace(template, variants=(replace(variant, condition="true"),))


def _problem_on(facts: Facts, template: ResponseTemplate) -> str:
    suggestion = suggest_response(
        facts.issue,
        facts.finding,
        facts.form,
        template,
        repository=_REPOSITORY,
        maintainer="maintainer",
        table=facts.table,
    )
    if len(suggestion.comment) > COMMENT_LIMIT:
        return f"The response has {len(suggestion.comment):,} characters, and a comment holds {COMMENT_LIMIT:,}"
    return suggestion.problem


def _failing_conditions(template: ResponseTemplate, facts: Facts) -> Iterator[tuple[str, Exception]]:
    """Each condition that fails on this issue: its key, and what is wrong."""
    answers = dict.fromkeys((question.name for question in template.ask), "")
    in_response = facts.for_response(_REPOSITORY, "maintainer", answers, Ledger())
    in_match = facts.for_match((), "no_reply")
    for key, condition in template.conditions():
        names: Mapping[str, object] = in_match if key == "match.when" else in_response
        if condition not in ("true", "false"):
            try:
                run_expression(condition, names)
            except Exception as error:  # a condition can raise anything
                yield key if key == "match.when" else key.removesuffix(".when"), error
