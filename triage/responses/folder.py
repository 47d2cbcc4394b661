"""A folder of template documents -> TemplateFolder, read again where it changed; and which of them fits an issue best.

A broken file keeps its last version.

Beside the templates may stand an `error-codes.toml`, which adds to the program's table of error codes or replaces
entries of it; what the templates say of codes, causes and waiting times then comes from both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from triage.closure import ReporterWord
from triage.detection import ErrorTable, ErrorTableError, Finding, known_code, own_table, table_beside
from triage.issue_forms import read_form
from triage.models import Issue
from triage.responses.jinja import holds, within_limits
from triage.responses.linter import read_template
from triage.responses.names import Facts
from triage.responses.problems import Problem, TemplateError
from triage.responses.prose import Wait, find_waits, read_duration
from triage.responses.template import ResponseTemplate, phrase_pattern


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """The templates of a folder, highest priority first, then by name, and every problem by file and line.

    `table` holds the error codes: the program's own, or those with the entries of the folder's `error-codes.toml`.
    Its `version` changes with that file: what was judged by another table is judged anew.
    """

    templates: tuple[ResponseTemplate, ...] = ()
    problems: tuple[Problem, ...] = ()
    table: ErrorTable = field(default_factory=own_table)


def load_templates(folder: Path, last_good: TemplateFolder | None = None) -> TemplateFolder:
    """Reads the `*.md` files of `folder` that changed since `last_good`; gives `last_good` itself where nothing did.

    Of a broken file the last good version stays. A README.md is for people. Never raises: what cannot be read is a
    problem.
    """
    last = last_good or TemplateFolder()
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".md" and path.stem.lower() != "readme")
        stats = [(path, path.stat()) for path in paths]
    except OSError as error:
        message = f"the folder of response templates cannot be read ({error.strerror}); check TRIAGE_TEMPLATES"
        return replace(last, problems=(Problem(str(folder), 1, "error", message),))
    table, problems = _read_table(folder, last.table)
    if not paths:
        problems.append(Problem(str(folder), 1, "error", "there is no response template (*.md) in this folder"))
    templates = {template.file: template for template in last.templates if Path(template.file) in paths}
    for path, stat in stats:
        template, found = _read_file(path, stat.st_mtime_ns, stat.st_size, table)
        problems += found
        if template:
            templates[template.file] = template
    ranked = sorted(templates.values(), key=lambda template: (-template.priority, template.name))
    problems += _find_conflicts(ranked, table)
    read = TemplateFolder(tuple(ranked), tuple(sorted(problems)), table)
    return last_good if last_good and read == last_good else read


def check_templates(folder: Path) -> list[Problem]:
    """Every problem of a folder's templates and of its table of error codes, by file and line."""
    return list(load_templates(folder).problems)


def _read_table(folder: Path, before: ErrorTable) -> tuple[ErrorTable, list[Problem]]:
    """The table of error codes with the folder's entries; where its file is broken, the last good one and why."""
    try:
        return table_beside(folder), []
    except ErrorTableError as error:
        path = folder / "error-codes.toml"
        sentence = str(error).removeprefix(f"{path}: ")
        return before, [Problem(str(path), _line_of(error, path), "error", sentence)]


def _line_of(error: Exception, path: Path) -> int:
    """The line that an error speaks of: given by the reader of TOML, or that of the entry it names."""
    if given := re.search(r"\bline (\d+)", str(error)):
        return int(given[1])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 1
    words = set(re.findall(r"\w+", str(error).removeprefix(f"{path}: ")))
    for number, line in enumerate(lines, start=1):
        entry = re.match(r"\s*\[\s*(?P<table>\w+)\s*(?:\.\s*[\"']?(?P<name>\w+))?", line)
        if entry and (entry["name"] if entry["table"] in ("causes", "codes") else entry["table"]) in words:
            return number
    return 1


@lru_cache(maxsize=256)
def _read_file(
    path: Path, changed: int, size: int, table: ErrorTable
) -> tuple[ResponseTemplate | None, tuple[Problem, ...]]:
    """The template of a file, None where it is broken, and its problems; read again when it or the table changed."""
    try:
        written = path.read_bytes()
        template = read_template(written.decode("utf-8"), str(path), table)
    except TemplateError as error:
        return None, error.problems
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        return None, (Problem(str(path), line, "error", "not UTF-8; save the file as UTF-8"),)
    except OSError as error:
        return None, (Problem(str(path), 1, "error", f"cannot be read: {error.strerror}"),)
    return template, template.problems


# --- what two templates say of the same thing ------------------------------------------------------------------------


def _find_conflicts(templates: Sequence[ResponseTemplate], table: ErrorTable) -> Iterator[Problem]:
    """Warnings on the template of the lower place, for each one above it."""
    for template, other in ((one, above) for place, one in enumerate(templates) for above in templates[:place]):
        for line, message in _conflicts_of(template, other, table):
            yield Problem(template.file, line, "warning", message)


def _conflicts_of(template: ResponseTemplate, other: ResponseTemplate, table: ErrorTable) -> Iterator[tuple[int, str]]:
    """What the two say differently of one thing, as (line of `template`, message)."""
    if template.title.casefold() == other.title.casefold():
        yield template.title_line, f"same title as {other.name}; rename one of them"
    shared = [code for code in template.match.codes if code in other.match.codes]
    if shared and template.priority == other.priority:
        line = template.lines.get("priority", template.line_of("match"))
        yield line, f"same priority ({template.priority}) as {other.name} for {', '.join(shared)}; raise one"
    for code in shared:
        ours, theirs = _waits(template, code, table), _waits(other, code, table)
        if ours and theirs and set(ours) != set(theirs):
            yield ours[0].line, f"{code}: says to wait {_in_words(ours)}, but {other.name} says {_in_words(theirs)}"


def _waits(template: ResponseTemplate, code: str, table: ErrorTable) -> list[Wait]:
    """The waiting times for a code: written out, or taken from the table of causes."""
    waits = find_waits(template.response, template.line)
    known = known_code(code, table)
    cause = table.causes.get(known.cause) if known else None
    before, from_table, _ = template.response.partition(".wait")
    if from_table and cause and (wait := read_duration(cause.wait, template.line + before.count("\n"))):
        waits.append(wait)
    return waits


def _in_words(waits: list[Wait]) -> str:
    return " or ".join(dict.fromkeys(map(str, waits)))


# --- which of them fits an issue --------------------------------------------------------------------------------------


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
