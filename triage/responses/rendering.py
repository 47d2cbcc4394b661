"""Issue + finding + response template -> Suggestion: the comment as it would be posted, labels, closure criteria.

A template runs once, in Jinja2's sandbox. What comes from the issue passes through as tokens and is filled in after
the template has run, inert where it stands (inert_text.py); so it is never run itself.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import quote

from triage.closure import ClosePolicy, ReporterWord
from triage.detection import Cause, ErrorCode, ErrorTable, Finding, find_import_failure, known_code
from triage.issue_forms import Form, read_form
from triage.models import COMMENT_LIMIT, Issue, Repository
from triage.responses.folder import TemplateFolder
from triage.responses.front_matter import Ask
from triage.responses.inert_text import Ledger, plain
from triage.responses.jinja import is_variant_placed, run_expression, run_response
from triage.responses.reading import LabelRule, ResponseTemplate, Variant, phrase_pattern
from triage.responses.text import read_duration, repair_links, tidy


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
    best: tuple[int, int] | None = None
    chosen = None
    for template in folder.templates:
        exactness = _exactness(template, issue, finding)
        rank = (template.priority, exactness)
        if not exactness or (best is not None and rank <= best):
            continue
        if _applies(template, issue, finding, answered_with, word, folder.table):
            best, chosen = rank, template
    return chosen


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


def _applies(
    template: ResponseTemplate,
    issue: Issue,
    finding: Finding,
    answered_with: Sequence[str],
    word: ReporterWord | None,
    table: ErrorTable,
) -> bool:
    if not template.match.when:
        return True
    ledger, form = Ledger(), read_form(issue.body)
    names = {
        "issue": _IssueView.of(issue, finding, ledger),
        "form": _FormView.of(form, ledger),
        "finding": _FindingView.of(finding, form, ledger, table),
        "answered": list(answered_with),
        "outcome": word.outcome if word else "no_reply",
    }
    return _holds(template.match.when, names)


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
    names = {
        "issue": _IssueView.of(issue, finding, ledger),
        "form": _FormView.of(form, ledger),
        "finding": _FindingView.of(finding, form, ledger, table),
        "repository": _RepositoryView(repository.full_name, repository.url.rstrip("/")),
        "maintainer": maintainer,
        "ask": SimpleNamespace(**answers),
    }
    variant = next((each for each in template.variants if _holds(each.condition, names)), None)
    comment, problem = "", ""
    try:
        comment = _render(template, variant, names, ledger, repository)
    except Exception as error:  # what a template can provoke has no end, and the page has to stand
        problem = f"The template {template.name} fails on this issue: {_in_a_sentence(error)}."
    return Suggestion(
        template=template.name,
        title=template.title,
        variant=variant.name if variant else "default" if template.variants else None,
        comment=comment,
        labels=tuple(_label(rule, names) for rule in template.labels),
        criteria=template.criteria,
        close=template.close,
        guidance="\n\n".join(filter(None, (template.guidance, variant.guidance if variant else ""))),
        asks=template.ask,
        missing=tuple(each.name for each in template.ask if not each.optional and not answers[each.name]),
        problem=problem,
    )


def _render(
    template: ResponseTemplate,
    variant: Variant | None,
    names: Mapping[str, object],
    ledger: Ledger,
    repository: Repository,
) -> str:
    addition = tidy(run_response(variant.response, names)) if variant else ""
    comment = run_response(template.response, {**names, "variant": addition})
    if addition and not _places_variant(template.response):
        comment = f"{comment.rstrip()}\n\n{addition}"
    return ledger.fill_in(repair_links(tidy(comment), repository.url.rstrip("/"), template.links_relative_to))


@lru_cache(maxsize=64)
def _places_variant(response: str) -> bool:
    """Whether the response says itself where the variant's addition goes; else it goes to the end."""
    return is_variant_placed(response)


def _in_a_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _holds(condition: str, names: Mapping[str, object]) -> bool:
    """Whether a condition is true; one that fails on this issue is not."""
    if condition in ("true", "false"):
        return condition == "true"
    try:
        return bool(run_expression(condition, names))
    except Exception:  # as in suggest_response
        return False


def _label(rule: LabelRule, names: Mapping[str, object]) -> SuggestedLabel:
    words = rule.words or ("" if rule.when == "true" else f"when {rule.when}")
    return SuggestedLabel(rule.name, _holds(rule.when, names), rule.color, rule.description, words)


# --- what a template sees ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _IssueView:
    number: int
    title: str
    author: str
    url: str
    asks_for_help: bool

    @classmethod
    def of(cls, issue: Issue, finding: Finding, ledger: Ledger) -> "_IssueView":
        # a login that means nothing else may stand behind a template's own @
        is_login = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}", issue.author) and plain(issue.author) == issue.author
        is_address = re.fullmatch(r"https?://[\w.:-]+/[\w./-]+/issues/\d+", issue.url)
        return cls(
            issue.number,
            ledger.guard(issue.title),
            issue.author if is_login else ledger.guard(issue.author),
            issue.url if is_address else ledger.guard(issue.url),
            finding.asks_for_help,
        )


@dataclass(frozen=True, slots=True)
class _FormView:
    solution: str
    version: str
    target_version: str
    flow: str
    description: str
    expected: str
    steps: str
    method: str
    answers: Mapping[str, str]
    is_form: bool

    @classmethod
    def of(cls, form: Form, ledger: Ledger) -> "_FormView":
        texts = {each.name: ledger.guard(getattr(form, each.name)) for each in fields(form) if each.name != "answers"}
        answers: dict[str, str] = {
            ledger.guard(heading): ledger.guard(answer) for heading, answer in form.answers.items()
        }
        return cls(**texts, answers=answers, is_form=form.is_form)


@dataclass(frozen=True, slots=True)
class _EvidenceView:
    source: str
    quote: str
    shows: str


@dataclass(frozen=True, slots=True)
class _FindingView:
    kind: str
    codes: tuple[str, ...]
    flows: tuple[str, ...]
    evidence: tuple[_EvidenceView, ...]
    causes: tuple[Cause, ...]
    known_codes: tuple[ErrorCode, ...]
    told_causes: tuple[Cause, ...]
    wait: str
    asks_for_help: bool
    only_in_image: bool
    _finding: Finding  # the sandbox lets no template reach a name with an underscore

    @classmethod
    def of(cls, finding: Finding, form: Form, ledger: Ledger, table: ErrorTable | None) -> "_FindingView":
        told = _told_causes(finding, table)
        codes = [code if re.fullmatch(r"[0-9A-F]{8}", code) else ledger.guard(code) for code in finding.codes]
        return cls(
            kind=finding.kind,
            codes=tuple(codes),
            flows=tuple(ledger.guard(flow) for flow in _flow_names(finding.flows)),
            evidence=tuple(
                _EvidenceView(each.source, ledger.guard(each.quote), ledger.guard(each.shows))
                for each in finding.evidence
            ),
            causes=finding.causes,
            known_codes=tuple(known for code in finding.codes if (known := known_code(code, table))),
            told_causes=told,
            wait=_longest_wait(told),
            asks_for_help=finding.asks_for_help,
            only_in_image=finding.only_in_image,
            _finding=finding,
        )

    def names(self, text: str) -> bool:
        return self._finding.names(str(text))


_GENERAL = ("internal_error", "try_again_later", "import_timeout")
"""Causes that a more exact one beside them explains."""


def _told_causes(finding: Finding, table: ErrorTable | None) -> tuple[Cause, ...]:
    """The causes of the finding's kind that the message itself shows; where it shows none, those of the codes.

    One code stands for several messages, so what a message says goes before what its code mostly means.
    """
    wanted = "transient" if finding.kind == "transient_import" else "other"
    causes = [cause for cause in finding.causes if cause.kind == wanted]
    exact = [cause for cause in causes if cause.key not in _GENERAL]
    shown = {evidence.shows for evidence in finding.evidence}
    of_codes = {known.cause for code in finding.codes if (known := known_code(code, table))}
    told = (
        [cause for cause in exact if cause.name in shown]
        or [cause for cause in exact if cause.key not in of_codes]
        or [cause for cause in causes if cause.name in shown][:1]
        or exact
        or causes[:1]
    )
    return tuple(told)


def _longest_wait(causes: Sequence[Cause]) -> str:
    waits = [(span[1], cause.wait) for cause in causes if (span := read_duration(cause.wait))]
    return max(waits)[1] if waits else ""


_PARTS_OF_A_NAME = re.compile(r"\w ?[|>] ?\w|\w - \w|\w: \w")
_GENERAL_WORDS = """
a admin all app apps audit backlog bug canvas center centre child cloud coe command component components core
dashboard deployment dlp error errors failed flow flows flujo flujos flux fluxo fluxos governance helper import
importing innovation install installation kit log logs managed many model modern modernflow n no none nurture of one
other package parent pipeline platform power process request several setup solution solutions some starter sync teams
the theming unknown update upgrade various view which wizard workflow workflows
"""
_NO_NAME = frozenset(_GENERAL_WORDS.split())
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


@dataclass(frozen=True, slots=True)
class _RepositoryView:
    name: str
    url: str

    def file(self, path: str) -> str:
        """The address of a file on the default branch; `path` is relative to the repository's root."""
        return f"{self.url}/blob/HEAD/{quote(str(path).lstrip('/'))}"


# --- what the linter renders ------------------------------------------------------------------------------------------

_SAMPLES = (
    (
        "Import of Core failed with 80097376 and 80072031",
        "### Describe the issue\n\nUpgrading from 4.1 to 4.2. Error code 80097376, BadGateway, then 80072031. "
        "What can I do?\n\n### What solution version are you using?\n\n4.1\n\n### What app or flow are you having the "
        "issue with?\n\nDLP Request | Sync Policy",
    ),
    ("The solution import failed", "The import of the solution failed with BadGateway."),
    ("Import failed: missing dependency", "The solution import failed with 8004801E: missing dependencies."),
    ("Import failed", "The import of the solution failed, see the screenshot."),
)

_SAMPLE_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RenderingProblem:
    """What goes wrong when a template is tried; `key` names the entry of the front matter, "" for the response."""

    message: str
    key: str = ""


def find_rendering_problem(template: ResponseTemplate, table: ErrorTable | None = None) -> RenderingProblem | None:
    """What goes wrong when the template is rendered for sample issues of each kind, or None.

    A condition may fail on some issues, where it counts as false; one that fails on every sample is wrong.
    """
    repository = Repository("owner/name", "https://github.com/owner/name")
    failures: Counter[tuple[str, str]] = Counter()
    for title, body in _SAMPLES:
        issue = Issue(1, title, body, "reporter", "open", _SAMPLE_TIME, _SAMPLE_TIME, "https://github.com/o/n/issues/1")
        finding, form = find_import_failure(title, body, author="reporter"), read_form(body)
        for variant in (None, *template.variants):
            variants = (replace(variant, condition="true"),) if variant else ()
            made = replace(template, variants=variants)
            suggestion = suggest_response(
                issue, finding, form, made, repository=repository, maintainer="maintainer", table=table
            )
            if suggestion.problem:
                return RenderingProblem(f"{suggestion.problem.rstrip('.')} (a sample: {title})")
            if len(suggestion.comment) > COMMENT_LIMIT:
                length = f"{len(suggestion.comment):,} characters, and a comment holds {COMMENT_LIMIT:,}"
                return RenderingProblem(f"The response has {length} (a sample: {title})")
        ledger = Ledger()
        names: dict[str, object] = {
            "issue": _IssueView.of(issue, finding, ledger),
            "form": _FormView.of(form, ledger),
            "finding": _FindingView.of(finding, form, ledger, table),
            "repository": _RepositoryView(repository.full_name, repository.url),
            "maintainer": "maintainer",
            "ask": SimpleNamespace(**dict.fromkeys((question.name for question in template.ask), "")),
            "answered": [],
            "outcome": "no_reply",
        }
        failures.update((key, problem) for key, problem in _failing_conditions(template, names))
    for (key, problem), times in failures.items():
        if times == len(_SAMPLES):
            return RenderingProblem(f"{key} fails on every issue: {problem}", key)
    return None


def _failing_conditions(template: ResponseTemplate, names: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    conditions = [("match.when", template.match.when)]
    conditions += [(f"variants.{each.name}", each.condition) for each in template.variants]
    conditions += [(f"labels.{each.name}", each.when) for each in template.labels]
    for key, condition in conditions:
        if condition not in ("", "true", "false"):
            try:
                run_expression(condition, names)
            except Exception as error:  # as in suggest_response
                yield key, _in_a_sentence(error)
