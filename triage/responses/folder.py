"""A folder of template documents -> TemplateFolder: what changed is read again, a broken file keeps its last version.

Beside the templates may stand an `error-codes.toml`, which adds to the program's table of error codes or replaces
entries of it; what the templates say of codes, causes and waiting times then comes from both.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.detection import ErrorTable, ErrorTableError, known_code, load_error_codes, own_table
from triage.responses.problems import Problem, TemplateError
from triage.responses.reading import ResponseTemplate
from triage.responses.text import find_waits, read_duration

TABLE_FILE = "error-codes.toml"

Reader = Callable[[str, str, ErrorTable], ResponseTemplate]
"""`read_template`: the text of a document, its name as problems give it, and the table of error codes."""


@dataclass(frozen=True, slots=True)
class _KnownFile:
    """A file as it was when last read: its time and size, the last version that could be used, and what is wrong."""

    stamp: tuple[int, int]
    template: ResponseTemplate | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _KnownTable:
    """The folder's table of error codes as it was when last read; `version` changes with its text, "" for ours."""

    stamp: tuple[int, int] | None = None
    table: ErrorTable = field(default_factory=own_table)
    version: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """The templates of a folder, highest priority first, then by name, and every problem by file and line.

    `table` holds the error codes: the program's own, or those with the entries of the folder's `error-codes.toml`.
    `table_version` is "" for the program's own, and changes with the file: what was judged by another is judged anew.
    """

    templates: tuple[ResponseTemplate, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, _KnownFile] = field(default_factory=dict, repr=False, compare=False)
    codes: _KnownTable = field(default_factory=_KnownTable, repr=False, compare=False)

    @property
    def table(self) -> ErrorTable:
        return self.codes.table

    @property
    def table_version(self) -> str:
        return self.codes.version


def read_folder(folder: Path, read: Reader, last_good: TemplateFolder | None = None) -> TemplateFolder:
    """The folder as it is now; `last_good` itself where nothing changed. Never raises."""
    last = last_good or TemplateFolder()
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".md" and path.stem.lower() != "readme")
        stamps = {path: _stamp(path) for path in paths}
        codes = _read_table(folder / TABLE_FILE, last.codes)
    except OSError as error:
        missing = f"the folder of response templates cannot be read ({error.strerror}); TRIAGE_TEMPLATES names it"
        return TemplateFolder(last.templates, (Problem(str(folder), 1, "error", missing),), last.files, last.codes)
    known = last.files if codes is last.codes else _forget_stamps(last.files)
    files: dict[str, _KnownFile] = {}
    for path, stamp in stamps.items():
        before = known.get(path.name)
        unchanged = before is not None and before.stamp == stamp
        files[path.name] = before if before and unchanged else _read_file(path, stamp, before, read, codes.table)
    if last_good and files == last.files and codes is last.codes:
        return last_good
    templates = tuple(
        sorted(
            (file.template for file in files.values() if file.template), key=lambda each: (-each.priority, each.name)
        )
    )
    problems = [problem for file in files.values() for problem in file.problems]
    problems += codes.problems
    if not paths:
        problems.append(Problem(str(folder), 1, "error", "no response template (*.md) is in this folder"))
    problems += _find_conflicts(templates, codes.table)
    return TemplateFolder(templates, tuple(sorted(problems)), files, codes)


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def _forget_stamps(files: Mapping[str, _KnownFile]) -> Mapping[str, _KnownFile]:
    """The files as if each had changed: a new table of error codes may change what is right in them."""
    return {name: _KnownFile((0, -1), file.template, file.problems) for name, file in files.items()}


def _read_table(path: Path, before: _KnownTable) -> _KnownTable:
    """The folder's table; where the file is broken the last good one stays, and where there is none ours."""
    if not path.exists():
        return before if before.stamp is None else _KnownTable()
    stamp = _stamp(path)
    if before.stamp == stamp:
        return before
    try:
        table = load_error_codes(path)
        version = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except (ErrorTableError, OSError) as error:
        problem = Problem(str(path), _line_of(error, path), "error", str(error).removeprefix(f"{path}: "))
        return _KnownTable(stamp, before.table, before.version, (problem,))
    return _KnownTable(stamp, table, version)


def _line_of(error: Exception, path: Path) -> int:
    """The line that an error speaks of: given by the reader of TOML, or that of the entry it names."""
    if told := re.search(r"\bline (\d+)", str(error)):
        return int(told[1])
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


def _read_file(
    path: Path, stamp: tuple[int, int], before: _KnownFile | None, read: Reader, table: ErrorTable
) -> _KnownFile:
    kept = before.template if before else None
    try:
        written = path.read_bytes()
        template = read(written.decode("utf-8"), str(path), table)
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        return _KnownFile(stamp, kept, (Problem(str(path), line, "error", "not UTF-8; save the file as UTF-8"),))
    except OSError as error:
        return _KnownFile(stamp, kept, (Problem(str(path), 1, "error", f"cannot be read: {error.strerror}"),))
    except TemplateError as error:
        return _KnownFile(stamp, kept, error.problems)
    return _KnownFile(stamp, template, template.problems)


# --- what two templates say of the same thing ------------------------------------------------------------------------


def _find_conflicts(templates: Sequence[ResponseTemplate], table: ErrorTable) -> Iterator[Problem]:
    for index, template in enumerate(templates):
        for other in templates[:index]:
            if template.title.casefold() == other.title.casefold():
                message = f"same title as {other.name}; nobody can tell the two apart"
                yield Problem(template.file, template.title_line, "warning", message)
            shared = [code for code in template.match.codes if code in other.match.codes]
            if not shared:
                continue
            if template.priority == other.priority:
                line = template.lines.get("priority", template.lines.get("match", 1))
                message = f"same priority ({template.priority}) as {other.name} for {', '.join(shared)}; raise one"
                yield Problem(template.file, line, "warning", message)
            for code in shared:
                ours, theirs = _waits(template, code, table), _waits(other, code, table)
                if ours and theirs and {wait[1:] for wait in ours} != {wait[1:] for wait in theirs}:
                    message = f"{code}: advises to wait {_in_words(ours)}, and {other.name} {_in_words(theirs)}"
                    yield Problem(template.file, ours[0][0], "warning", message)


def _waits(template: ResponseTemplate, code: str, table: ErrorTable) -> list[tuple[int, int, int]]:
    """The waiting times for a code as (line, fewest, most minutes): written out, or taken from the table of causes."""
    waits = [(template.line + line - 1, low, high) for line, low, high in find_waits(template.response)]
    at = template.response.find(".wait")
    known = known_code(code, table)
    cause = table.causes.get(known.cause) if known else None
    if at >= 0 and cause and (span := read_duration(cause.wait)):
        waits.append((template.line + template.response.count("\n", 0, at), *span))
    return waits


def _in_words(waits: list[tuple[int, int, int]]) -> str:
    return " or ".join(
        dict.fromkeys(f"{low} to {high} minutes" if low < high else f"{low} minutes" for _, low, high in waits)
    )
