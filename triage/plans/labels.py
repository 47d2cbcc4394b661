"""The chosen labels against those of the repository and the issue: known, missing, there already, contradicting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.models import Label


@dataclass(frozen=True, slots=True)
class LabelsCompared:
    """Chosen labels against the repository's. Names in `known` are spelt as the repository spells them."""

    known: tuple[str, ...]
    missing: tuple[Label, ...]
    notes: tuple[str, ...]
    """Sentences about labels that contradict another on the issue or among the chosen."""


def compare_labels(chosen: Sequence[Label], existing: Sequence[Label], on_issue: Sequence[str] = ()) -> LabelsCompared:
    """Which of the chosen labels the repository knows, under which spelling, which it lacks, and what contradicts."""
    # The spelling itself comes first: of two labels that differ by more than case, folding may make one.
    by_name = {label.name.casefold(): label for label in existing} | {label.name: label for label in existing}
    known: list[str] = []
    missing: dict[str, Label] = {}
    for label in chosen:
        there = by_name.get(label.name) or by_name.get(label.name.casefold())
        if there is None:
            missing.setdefault(label.name.casefold(), label)
        else:
            known.append(there.name)
    wanted = [*known, *(label.name for label in missing.values())]
    others = dict.fromkeys([*on_issue, *wanted])
    notes = [f"{name} contradicts {other}." for name in wanted for other in others if _opposite(name, other)]
    return LabelsCompared(tuple(dict.fromkeys(known)), tuple(missing.values()), tuple(dict.fromkeys(notes)))


def _opposite(name: str, other: str) -> bool:
    """Whether one says "not" to the other: `bug` and `not-a-bug`."""
    stripped = re.sub(r"^(?:not|no|non)(?:[-_ ](?:an?))?[-_ ]+", "", name.casefold())
    return stripped != name.casefold() and stripped == other.casefold()
