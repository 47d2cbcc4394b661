"""The table of error codes and causes (`error_codes.toml`), and finding codes in a text however they are written.

The table is data that a maintainer extends: a folder's own `error-codes.toml` adds to it or replaces entries of it.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from triage.detection.words import TABLE, any_of

CauseKind = Literal["transient", "other"]
CodeKind = Literal["transient", "other", "by_message", "none"]


class ErrorTableError(ValueError):
    """A table that cannot be used; `str(error)` is one sentence that names the file, the entry and what it allows."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an import failed. `meaning` and `cure` are sentences for the reporter, `wait` is in words or `""`."""

    key: str
    name: str
    meaning: str
    cure: str
    wait: str
    kind: CauseKind
    source: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A code, 8 upper-case hex digits. `cause` is a `Cause.key`, or `""` where the message decides."""

    code: str
    name: str
    meaning: str
    kind: CodeKind
    cause: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class ErrorTable:
    """Codes and causes by their names; `phrases` and `vague` hold the words of each cause's message, by its key.

    `yielding` are the causes that give way to any other that is named, `telling` those whose message only the import,
    upgrade or removal of a solution writes. `version` changes with what a folder's table says; of our own it is `""`.
    """

    codes: Mapping[str, ErrorCode]
    causes: Mapping[str, Cause]
    phrases: Mapping[str, tuple[str, ...]]
    vague: Mapping[str, tuple[str, ...]]
    yielding: frozenset[str]
    telling: frozenset[str]
    version: str = ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)  # a misspelt name would otherwise go unnoticed


class _CauseEntry(_Strict):
    name: str
    meaning: str
    cure: str
    kind: CauseKind
    wait: str = ""
    source: str = ""
    phrases: list[str] = []
    vague: list[str] = []
    yields: bool = False
    telling: bool = False


class _CodeEntry(_Strict):
    name: str = ""
    meaning: str
    kind: CodeKind
    cause: str = ""
    source: str = ""


class _TableFile(_Strict):
    causes: dict[str, _CauseEntry] = {}
    codes: dict[Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{8}$")], _CodeEntry] = {}


_WRONG = {
    "missing": "is missing",
    "string_type": "has to be a text",
    "list_type": "has to be a list of texts",
    "bool_type": "has to be true or false",
}
"""What is wrong with an entry, by what pydantic calls it."""


@cache
def own_table() -> ErrorTable:
    """The table that comes with the program."""
    nothing = ErrorTable({}, {}, {}, {}, frozenset(), frozenset())
    return _read_table(Path(__file__).with_suffix(".toml"), nothing)


def load_error_codes(path: Path) -> ErrorTable:
    """The program's table with the entries of `path` added; those of the same name replace ours.

    Raises ErrorTableError where the file cannot be read or an entry is not of the form.
    """
    return _read_table(path, own_table())


def table_beside(folder: Path) -> ErrorTable:
    """The table for a folder of templates: ours, with the folder's `error-codes.toml` added where it has one.

    Cheap to call again: the file is read only when it changed. Raises ErrorTableError as `load_error_codes` does.
    """
    path = folder / "error-codes.toml"
    try:
        found = path.stat()
    except OSError:
        return own_table()
    return _read_again(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _read_again(path: Path, changed: int, size: int) -> ErrorTable:
    return load_error_codes(path)


def _read_table(path: Path, base: ErrorTable) -> ErrorTable:
    try:
        text = path.read_text(encoding="utf-8")
        written = _TableFile.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ErrorTableError(f"{path}: the table of error codes cannot be read: {problem}.") from problem
    except ValidationError as problem:
        raise ErrorTableError(f"{path}: {_describe(problem)}.") from problem
    entries = written.causes
    causes = {**base.causes}
    for key, cause in entries.items():
        causes[key] = Cause(key, cause.name, cause.meaning, cause.cure, cause.wait, cause.kind, cause.source)
    codes = {**base.codes}
    for key, code in written.codes.items():
        if code.cause and code.cause not in causes:
            missing = f"names the cause {code.cause}, which is not in the table: add [causes.{code.cause}]"
            raise ErrorTableError(f"{path}: {key} {missing}.")
        codes[key.upper()] = ErrorCode(key.upper(), code.name, code.meaning, code.kind, code.cause, code.source)
    return ErrorTable(
        codes,
        causes,
        {**base.phrases, **{key: tuple(entry.phrases) for key, entry in entries.items()}},
        {**base.vague, **{key: tuple(entry.vague) for key, entry in entries.items()}},
        base.yielding - entries.keys() | {key for key, entry in entries.items() if entry.yields},
        base.telling - entries.keys() | {key for key, entry in entries.items() if entry.telling},
        hashlib.sha256(text.encode()).hexdigest()[:16] if base.causes else "",
    )


def _describe(problem: ValidationError) -> str:
    """What is wrong first, in words that name the entry: the linter finds its line by them."""
    error = problem.errors()[0]
    table, key, name, *_ = (*map(str, error["loc"]), "", "")
    if not key and error["type"] == "extra_forbidden":
        return f"{table} is no part of the table; write [causes.NAME] or [codes.XXXXXXXX]"
    if not name:
        return f"{table} has to hold tables such as [{table}.NAME]"
    if name == "[key]":
        return f"{key} is no error code; write eight hexadecimal digits"
    if error["type"] == "extra_forbidden":
        allowed = sorted((_CauseEntry if table == "causes" else _CodeEntry).model_fields)
        return f"{name} of {key} is not known; {table} have {', '.join(allowed)}"
    if error["type"] == "literal_error":
        return f"{name} of {key} has to be one of {error['ctx']['expected']}"
    return f"{name} of {key} {_WRONG[error['type']]}"


# --- codes in a text ------------------------------------------------------------------------------

# Every look-behind and look-ahead is of fixed or bounded width, so that a candidate costs the same wherever it stands.
_UNIT = rf"\s(?:{any_of(TABLE['numbers']['units'])})\b"
_AFTER = rf"[0-9A-Za-z]|_\w|[.,](?!(?:0[xX])?800[4-79])\d|{_UNIT}"
"""What no code is followed by: the rest of a longer number or name, a fraction (another code after a comma is none)."""

_HEX = re.compile(rf"(800[4-79][0-9A-Fa-f]{{4}})(?!{_AFTER}|-\s?[0-9A-Fa-f]{{4}}-)")
_DECIMAL = re.compile(rf"(214[678]\d{{6}})(?!{_AFTER})")
_BEFORE = re.compile(
    r"(?:(?<![0-9A-Za-z_.#-])|(?<![0-9A-Za-z])0[xX]|%[0-9A-Fa-f]{2}(?:0[xX])?|\\[nrt\"]|(?<=_)|(?<=[^0-9A-Fa-f]-))\Z"
)
_PLAINLY_BEFORE = frozenset({"", " ", "\n", "\t", "(", "[", "'", '"', "`", "*", ">", "|"})
_LINK_ENDS = re.compile(r"[\s<>\"')\]]")
_GUID_BEFORE = re.compile(r"[0-9A-Fa-f]{4}-\s?\Z")
_TICKET_BEFORE = re.compile(rf"(?:{any_of(TABLE['numbers']['tickets'])})(?: id| number| no| nr)?[\s:#.]{{0,4}}\Z")
_ERROR_IN_LINK = re.compile(r"(?:[Ee]rror(?:[Cc]ode)?=|[Cc]ode=|%[0-9A-Fa-f]{2})(?:0[xX])?\Z")


_MINUS = ("-", "−", "–")
_NO_NUMBER_AFTER = ("_", ".", "#", "-")
_FAMILIES = ("8004", "8005", "8006", "8007", "8009")


class CodePlace(NamedTuple):
    """An error code, 8 upper-case hex digits, and the characters of a source that it is written in."""

    source: str
    start: int
    end: int
    code: str


def find_codes(text: str) -> tuple[str, ...]:
    """The error codes in `text`, normalised to 8 upper-case hex digits, each once, in order of appearance."""
    return tuple(dict.fromkeys(place.code for place in find_code_places("", text)))


def find_code_places(source: str, text: str) -> list[CodePlace]:
    """Every error code in `text`, in order; repeated codes are repeated. Linear in the length."""
    places = []
    at = text.find("800")
    while at >= 0:
        found = _HEX.match(text, at)
        if found and _stands_alone(text, at, found[1]):
            start = at - 2 if text[max(0, at - 2) : at].lower() == "0x" else at
            places.append(CodePlace(source, start, found.end(), found[1].upper()))
        at = text.find("800", at + 3)
    at = text.find("214")
    while at >= 0:
        found = _DECIMAL.match(text, at)
        if found and (place := _read_decimal(source, text, found)):
            places.append(place)
        at = text.find("214", at + 3)
    places.sort()
    return places


def _read_decimal(source: str, text: str, found: re.Match[str]) -> CodePlace | None:
    """A code written as a decimal number, with or without a sign."""
    start, number = found.start(), int(found[1])
    if text[start - 1 : start] in _MINUS:
        start, number = start - 1, 2**32 - number
    before, code = text[max(0, start - 1) : start], f"{number:08X}"
    if before.isalnum() or before in _NO_NUMBER_AFTER or not code.startswith(_FAMILIES):
        return None
    return CodePlace(source, start, found.end(), code)


def _stands_alone(text: str, at: int, digits: str) -> bool:
    before = text[max(0, at - 24) : at]
    is_plain = before[-1:] in _PLAINLY_BEFORE
    if not is_plain and (not _BEFORE.search(before) or _GUID_BEFORE.search(before)):
        return False
    if digits.isdigit() and _TICKET_BEFORE.search(before.lower()):
        return False
    return not _in_link(text, at) or (not is_plain and bool(_ERROR_IN_LINK.search(before)))


def _in_link(text: str, at: int) -> bool:
    """Whether the 300 characters before `at` run on, without a space, from the beginning of an address."""
    if text[at - 1 : at].isspace():
        return False
    before = text[max(0, at - 300) : at]
    scheme = before.rfind("://")
    return scheme >= 0 and not _LINK_ENDS.search(before, scheme)


def known_code(code: str, table: ErrorTable | None = None) -> ErrorCode | None:
    """What the table says of a code, whatever the case it is written in; None where it is not in the table."""
    return (table or own_table()).codes.get(code.upper().removeprefix("0X"))
