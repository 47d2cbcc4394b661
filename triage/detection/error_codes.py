"""The table of error codes and causes (`error_codes.toml`), and finding codes in a text however they are written.

The table is data that a maintainer extends: a folder's own `error-codes.toml` adds to it or replaces entries of it.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast, get_args

from triage.detection.words import TABLE, any_of

CauseKind = Literal["transient", "other"]
CodeKind = Literal["transient", "other", "by_message", "none"]

_FIELDS: Mapping[str, frozenset[str]] = {
    "causes": frozenset({"name", "meaning", "cure", "wait", "kind", "source", "phrases", "vague", "yields", "telling"}),
    "codes": frozenset({"name", "meaning", "kind", "cause", "source"}),
}
"""The tables of the file and what their entries hold: a misspelt name would otherwise go unnoticed."""

_OURS = Path(__file__).with_name("error_codes.toml")


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


@cache
def own_table() -> ErrorTable:
    """The table that comes with the program."""
    return _read_table(_OURS, None)


def load_error_codes(path: Path) -> ErrorTable:
    """The program's table with the entries of `path` added; those of the same name replace ours.

    Raises ErrorTableError where the file cannot be read or an entry is not of the form.
    """
    return _read_table(path, own_table())


def table_beside(folder: Path) -> ErrorTable:
    """The table for a folder of templates: ours, with the folder's `error-codes.toml` added where it has one.

    Cheap to call again: the file is read only when it changed. Raises ErrorTableError as `load_error_codes` does.
    """
    path = folder / TABLE_FILE
    try:
        found = path.stat()
    except OSError:
        return own_table()
    return _read_again(path, found.st_mtime_ns, found.st_size)


TABLE_FILE = "error-codes.toml"


@lru_cache(maxsize=4)
def _read_again(path: Path, changed: int, size: int) -> ErrorTable:
    return load_error_codes(path)


def _read_table(path: Path, base: ErrorTable | None) -> ErrorTable:
    try:
        text = path.read_text(encoding="utf-8")
        written = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ErrorTableError(f"{path}: the table of error codes cannot be read: {problem}.") from problem
    if unknown := written.keys() - _FIELDS.keys():
        raise ErrorTableError(
            f"{path}: {min(unknown)} is no part of the table; write [causes.NAME] or [codes.XXXXXXXX]."
        )
    entries = dict(_entries(path, written, "causes"))
    old = base or ErrorTable({}, {}, {}, {}, frozenset(), frozenset())
    causes = {**old.causes, **{key: _read_cause(path, key, entry) for key, entry in entries.items()}}
    codes = [_read_code(path, key, entry, causes) for key, entry in _entries(path, written, "codes")]
    yields = {key for key, entry in entries.items() if _flag(path, key, entry, "yields")}
    telling = {key for key, entry in entries.items() if _flag(path, key, entry, "telling")}
    phrases = {key: _texts(path, key, entry, "phrases") for key, entry in entries.items()}
    vague = {key: _texts(path, key, entry, "vague") for key, entry in entries.items()}
    return ErrorTable(
        MappingProxyType({**old.codes, **{code.code: code for code in codes}}),
        MappingProxyType(causes),
        MappingProxyType({**old.phrases, **phrases}),
        MappingProxyType({**old.vague, **vague}),
        old.yielding - entries.keys() | yields,
        old.telling - entries.keys() | telling,
        hashlib.sha256(text.encode()).hexdigest()[:16] if base else "",
    )


def _read_cause(path: Path, key: str, entry: Mapping[str, Any]) -> Cause:
    return Cause(
        key=key,
        name=_text(path, key, entry, "name"),
        meaning=_text(path, key, entry, "meaning"),
        cure=_text(path, key, entry, "cure"),
        wait=_text(path, key, entry, "wait", ""),
        kind=cast(CauseKind, _choice(path, key, entry, get_args(CauseKind))),
        source=_text(path, key, entry, "source", ""),
    )


def _read_code(path: Path, key: str, entry: Mapping[str, Any], causes: Mapping[str, Cause]) -> ErrorCode:
    if not re.fullmatch(r"[0-9A-Fa-f]{8}", key):
        raise ErrorTableError(f"{path}: {key} is no error code; write eight hexadecimal digits.")
    cause = _text(path, key, entry, "cause", "")
    if cause and cause not in causes:
        raise ErrorTableError(
            f"{path}: {key} names the cause {cause}, which is not in the table: add [causes.{cause}]."
        )
    return ErrorCode(
        code=key.upper(),
        name=_text(path, key, entry, "name", ""),
        meaning=_text(path, key, entry, "meaning"),
        kind=cast(CodeKind, _choice(path, key, entry, get_args(CodeKind))),
        cause=cause,
        source=_text(path, key, entry, "source", ""),
    )


def _entries(path: Path, written: Mapping[str, Any], table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    entries = written.get(table, {})
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise ErrorTableError(f"{path}: {table} has to hold tables such as [{table}.NAME].")
    for key, entry in entries.items():
        if unknown := entry.keys() - _FIELDS[table]:
            allowed = ", ".join(sorted(_FIELDS[table]))
            raise ErrorTableError(f"{path}: {min(unknown)} of {key} is not known; {table} have {allowed}.")
        yield key, entry


def _flag(path: Path, key: str, entry: Mapping[str, Any], name: str) -> bool:
    flag = entry.get(name, False)
    if not isinstance(flag, bool):
        raise ErrorTableError(f"{path}: {name} of {key} has to be true or false.")
    return flag


def _text(path: Path, key: str, entry: Mapping[str, Any], name: str, default: str | None = None) -> str:
    text = entry.get(name, default)
    if not isinstance(text, str):
        raise ErrorTableError(f"{path}: {key} needs {name} as a text.")
    return text


def _texts(path: Path, key: str, entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = entry.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ErrorTableError(f"{path}: {name} of {key} has to be a list of texts.")
    return tuple(texts)


def _choice(path: Path, key: str, entry: Mapping[str, Any], allowed: tuple[str, ...]) -> str:
    choice = entry.get("kind")
    if choice not in allowed:
        raise ErrorTableError(f"{path}: kind of {key} has to be one of {', '.join(allowed)}.")
    return str(choice)


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
_GUID_BEFORE = re.compile(r"[0-9A-Fa-f]{4}-\s?\Z")
_TICKET_BEFORE = re.compile(
    rf"(?:{any_of(TABLE['numbers']['tickets'])})(?: id| number| no| nr)?[\s:#.]{{0,4}}\Z", re.IGNORECASE
)
_ERROR_IN_LINK = re.compile(r"(?:[Ee]rror(?:[Cc]ode)?=|[Cc]ode=|%[0-9A-Fa-f]{2})(?:0[xX])?\Z")


class CodeSpan(NamedTuple):
    """An error code, 8 upper-case hex digits, and the characters it is written in."""

    start: int
    end: int
    code: str


def find_code_spans(text: str) -> list[CodeSpan]:
    """Every error code in `text`, in order; repeated codes are repeated. Linear in the length."""
    return sorted([*_find_hex(text), *_find_decimals(text)])


def _find_hex(text: str) -> Iterator[CodeSpan]:
    at = text.find("800")
    while at >= 0:
        found = _HEX.match(text, at)
        if found and _stands_alone(text, at, found[1]):
            start = at - 2 if text[max(0, at - 2) : at].lower() == "0x" else at
            yield CodeSpan(start, found.end(), found[1].upper())
            at = text.find("800", found.end())
        else:
            at = text.find("800", at + 1)


def _find_decimals(text: str) -> Iterator[CodeSpan]:
    """Those written as decimal numbers, with or without a sign."""
    at = text.find("214")
    while at >= 0:
        start = at - 1 if text[at - 1 : at] in _MINUS else at
        found = _DECIMAL.match(text, at)
        code = _from_decimal(int(found[1]), signed=start < at) if found else None
        before = text[max(0, start - 1) : start]
        if found and code and not (before.isalnum() or before in _NO_NUMBER_AFTER):
            yield CodeSpan(start, found.end(), code)
        at = text.find("214", at + 3)


_MINUS = ("-", "−", "–")
_NO_NUMBER_AFTER = ("_", ".", "#", "-")


def find_codes(text: str) -> tuple[str, ...]:
    """The error codes in `text`, normalised to 8 upper-case hex digits, each once, in order of appearance."""
    return tuple(dict.fromkeys(code for _, _, code in find_code_spans(text)))


def _stands_alone(text: str, at: int, digits: str) -> bool:
    before = text[max(0, at - 24) : at]
    if before[-1:] in _PLAINLY_BEFORE:
        return not (digits.isdigit() and _TICKET_BEFORE.search(before)) and not _in_link(text, at)
    if not _BEFORE.search(before) or _GUID_BEFORE.search(before):
        return False
    if digits.isdigit() and _TICKET_BEFORE.search(before):
        return False
    if before.endswith("/") or _in_link(text, at):
        return bool(_ERROR_IN_LINK.search(before)) or not _in_link(text, at)
    return True


def _in_link(text: str, at: int) -> bool:
    """Whether the 300 characters before `at` run on, without a space, from the beginning of an address."""
    if text[at - 1 : at].isspace():
        return False
    before = text[max(0, at - 300) : at]
    scheme = before.rfind("://")
    return scheme >= 0 and not re.search(r"[\s<>\"')\]]", before[scheme:])


def _from_decimal(number: int, *, signed: bool) -> str | None:
    value = 2**32 - number if signed else number
    code = f"{value:08X}"
    return code if code[:4] in _FAMILIES else None


_FAMILIES = frozenset({"8004", "8005", "8006", "8007", "8009"})


def known_code(code: str, table: ErrorTable | None = None) -> ErrorCode | None:
    """What the table says of a code, whatever the case it is written in; None where it is not in the table."""
    return (table or own_table()).codes.get(code.upper().removeprefix("0X"))
