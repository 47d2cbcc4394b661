"""The names of flows in a report: those whose import failed."""

import re
from collections.abc import Iterable
from typing import Final

from triage.detection.words import TABLE

_TABLE: Final = TABLE["flows"]
_NAMES: Final = [(name["near"], name["back"], re.compile(name["pattern"])) for name in _TABLE["names"]]
_NAMES_A_FLOW = re.compile(_TABLE["in_answer"])
_AFTER_NAME = re.compile(_TABLE["after_name"], re.DOTALL)

_WITHIN = 20_000
"""Names of flows are looked for within so many characters of a passage."""

_LONGEST = 160
_MOST = 24


def find_flows(texts: Iterable[str], flow_answer: str) -> tuple[str, ...]:
    """The names, each once and at its longest, those with a mark in them first."""
    names = [name for text in texts for name in _find_names(text)]
    if len(flow_answer) <= _LONGEST and _NAMES_A_FLOW.search(flow_answer):
        names.append(" ".join(flow_answer.split()))
    if not names:
        return ()
    each = list(dict.fromkeys(names))[:_MOST]
    each = [one for one in each if not any(one != two and (two.startswith(one) or one.endswith(two)) for two in each)]
    return tuple(sorted(each, key=lambda name: not re.search(r"[|>-]", name)))


def _find_names(text: str) -> list[str]:
    names: list[str] = []
    for near, back, pattern in _NAMES:
        at = text.find(near, 0, _WITHIN)
        while at >= 0:
            if found := pattern.search(text[max(0, at - back) : at + _LONGEST]):
                name = " ".join(found[1].replace("\\|", "|").split()).removeprefix(_TABLE["label"])
                if "|" not in name or not _is_table_row(text, at):
                    names.append(_AFTER_NAME.sub("", name, count=1))
            at = text.find(near, at + len(near), _WITHIN)
    return names


def _is_table_row(text: str, at: int) -> bool:
    return text[at - 1 : at + 2] != "\\|" and text[text.rfind("\n", 0, at) + 1 :][:1] == "|" and text[at + 1] == "|"
