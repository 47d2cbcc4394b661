"""Why an import failed: the causes that are named or that codes stand for, and whether a retry may cure them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from triage.detection.error_codes import Cause, ErrorTable
from triage.detection.passages import ATTEMPTS, REACH, Passage, Shown
from triage.detection.report import Report
from triage.detection.words import single

FailureKind = Literal["transient_import", "other_import"]

_SHOWN_EACH = 3
"""How often a cause is shown at most."""


@dataclass(slots=True)
class NamedCauses:
    """The kind of a failure, its causes, the most telling first, and their words."""

    kind: FailureKind
    causes: tuple[Cause, ...]
    shown: list[Shown]


def find_causes(report: Report, table: ErrorTable) -> NamedCauses:
    """The causes of a failed import.

    Of a service's failure and a fixed cause the one that is named first decides, but a cause that only says "no status"
    or "try again later" gives way to any other.
    """
    firm, vague = _find(report, table)
    by_code = [code.cause for code in report.known if code.cause and code.kind in ("transient", "other")]
    chosen = firm or ({} if by_code else vague)
    causes = [table.causes[key] for key in dict.fromkeys([*chosen, *by_code])]
    deciding = [cause for cause in causes if cause.key not in table.yielding] or causes
    kind = _find_kind(deciding, firm, by_code)
    wanted = kind.removesuffix("_import")
    causes.sort(key=lambda cause: (cause.kind != wanted, cause.key in table.yielding))
    shown = [one for each in chosen.values() for one in each[:_SHOWN_EACH]]
    return NamedCauses(kind, tuple(causes), shown)


def _find_kind(deciding: Sequence[Cause], firm: Mapping[str, Sequence[Shown]], by_code: Sequence[str]) -> FailureKind:
    """What the first cause makes of a failure. One that a code stands for or that is left now outweighs a retry."""
    if not deciding or deciding[0].kind == "other":
        return "other_import"
    for cause in deciding[1:]:
        if cause.kind == "other" and (cause.key in by_code or any(map(_is_left, firm.get(cause.key, ())))):
            return "other_import"
    return "transient_import"


def _find(report: Report, table: ErrorTable) -> tuple[Mapping[str, list[Shown]], Mapping[str, list[Shown]]]:
    """By each cause its messages, but for those that are denied; and the same of vague words, but for replies."""
    firm: dict[str, list[Shown]] = {}
    vague: dict[str, list[Shown]] = {}
    for passage in (*report.passages, *report.replies):
        for first, last, sign in passage.matches:
            if ":" not in sign:
                continue
            kind, _, key = sign.partition(":")
            if kind == "cause" and not _is_denied(passage, first):
                firm.setdefault(key, []).append(Shown(passage, first, last, table.causes[key].name))
            elif kind == "vague" and passage.part != "reply":
                vague.setdefault(key, []).append(Shown(passage, first, last, table.causes[key].name))
    return firm, vague


def _is_left(shown: Shown) -> bool:
    """Whether a cause is what is left after other failures: "first BadGateway, now a missing privilege"."""
    words = shown.passage.words.words
    return not single("now").isdisjoint(words[max(0, shown.first - REACH["now"]) : shown.first])


def _is_denied(passage: Passage, at: int) -> bool:
    """Whether the sentence denies a cause ("no dependencies are missing"), and not the import before it."""
    words = passage.words
    denying = single("denials")
    for place in range(at - 1, max(words.start_of(bisect_right(words.ends, at)), at - REACH["denials"]) - 1, -1):
        if words.words[place] in denying:
            return not any(match.first == place + 1 and match.sign in ATTEMPTS for match in passage.matches)
    return False
