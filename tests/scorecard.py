"""How often the program judges right: `python -m tests.scorecard [FILE ...]`, or `make scorecard`.

FILE holds labelled cases, one JSON object a line: the input of `python -m triage classify` plus any of `class`,
`codes`, `labels_expected`, `variant_expected` and `reporter_outcome`; what a case is not labelled for is not counted.
Without FILE: the shared corpus beside the checkout where it is there, and our own cases under tests/corpus/.

The judgement is the command line's own. Exit status: 1 where a file stays below a bar, 2 where a file cannot be read.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.cases import classify_case, find_evidence, read_case
from triage.models import Repository
from triage.responses import TemplateFolder, load_templates

ROOT = Path(__file__).resolve().parent.parent
SHARED_CORPUS = ROOT.parent / "shared" / "corpus" / "dev.jsonl"
CLASSES = ("transient_import", "other_import", "not_import")
OUTCOMES = ("confirmed_fixed", "still_failing", "will_retry", "went_to_support", "no_reply")
BARS: Mapping[str, float] = {
    "transient precision": 0.98,
    "transient recall": 0.95,
    "any import failure precision": 0.95,
    "any import failure recall": 0.95,
    "codes": 1.0,
}
"""What the program promises of cases labelled with a class."""

_FIELDS = {
    "class": "class",
    "codes": "codes",
    "labels_expected": "labels",
    "variant_expected": "variant",
    "reporter_outcome": "outcome",
}
_REPOSITORY = Repository("sandbox/starter-kit", "https://github.com/sandbox/starter-kit")


@dataclass(frozen=True, slots=True)
class Judged:
    """One case: what its labels say and what the program says, by the same names; `shown` is the program's evidence."""

    number: int
    title: str
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    shown: str

    @property
    def wrong(self) -> tuple[str, ...]:
        """Which of the labelled things the program gets wrong."""
        return tuple(name for name, label in self.expected.items() if self.got[name] != label)


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    name: str
    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 1.0

    @property
    def below(self) -> bool:
        return self.value < BARS.get(self.name, 0.0)

    def __str__(self) -> str:
        bar = BARS.get(self.name)
        aim = "" if bar is None else f"  at least {bar:.2f}{'  BELOW' if self.below else ''}"
        return f"  {self.name:<32}{self.value:6.3f}  {self.hits:>4} of {self.total:<4}{aim}".rstrip()


def main(arguments: Sequence[str]) -> int:
    """Prints the tables of each file; the exit status."""
    files = [Path(argument) for argument in arguments] or find_corpus_files()
    folder = load_templates(ROOT / "templates")
    below = False
    for file in files:
        try:
            judged = judge_lines(file.read_text(encoding="utf-8").splitlines(), folder)
        except (OSError, ValueError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 2
        print("\n".join(write_tables(str(file), judged)))
        below = below or any(ratio.below for ratio in find_ratios(judged))
    return 1 if below else 0


def find_corpus_files() -> list[Path]:
    """The labelled cases that this checkout has."""
    shared = [SHARED_CORPUS] if SHARED_CORPUS.is_file() else []
    return shared + sorted((ROOT / "tests" / "corpus").glob("*.jsonl"))


def judge_lines(lines: Iterable[str], folder: TemplateFolder) -> list[Judged]:
    """Each case judged. Raises ValueError for a line that is no case, naming the line."""
    judged = []
    for place, line in enumerate(lines, start=1):
        if line.strip():
            try:
                judged.append(_judge(json.loads(line), place, folder))
            except ValueError as error:
                raise ValueError(f"line {place}: {error}") from None
    return judged


def _judge(fields: dict[str, Any], place: int, folder: TemplateFolder) -> Judged:
    case = read_case(json.dumps({"number": place, "title": "", **fields}))
    verdict = classify_case(case, folder, _REPOSITORY)
    evidence = find_evidence(case)
    got = {
        "class": verdict["kind"],
        "codes": verdict["codes"],
        "labels": sorted(verdict["labels"]),
        "variant": verdict["variant"],
        "outcome": evidence["outcome"],
    }
    expected = {_FIELDS[name]: label for name, label in fields.items() if name in _FIELDS}
    if "labels" in expected:
        expected["labels"] = sorted(expected["labels"])
    if expected.get("class", "transient_import") != "transient_import":
        expected.pop("variant", None)  # a variant is labelled for the transient response only
    shown = " / ".join(f"{part['shows']}: {part['quote']!r}" for part in verdict["evidence"][:3])
    said = f"said: {evidence['quote']!r}" if evidence["quote"] else ""
    return Judged(case.issue.number, case.issue.title, expected, got, " / ".join(filter(None, (shown, said))))


def find_ratios(judged: Sequence[Judged]) -> list[Ratio]:
    """Precision, recall and what is exactly right, of the cases that are labelled for each."""
    ratios: list[Ratio] = []
    classed = [(case.expected["class"], case.got["class"]) for case in judged if "class" in case.expected]
    if classed:
        transient = [(want == "transient_import", got == "transient_import") for want, got in classed]
        other = [(want == "other_import", got == "other_import") for want, got in classed]
        failures = [(want != "not_import", got != "not_import") for want, got in classed]
        ratios += _precision_and_recall("transient", transient)
        ratios += _precision_and_recall("other", other)
        ratios += _precision_and_recall("any import failure", failures)
    ratios += [_exact(judged, name) for name in ("class", "codes", "variant", "labels")]
    labelled = [case for case in judged if "labels" in case.expected]
    if labelled:
        asks = [("question" in case.expected["labels"], "question" in case.got["labels"]) for case in labelled]
        ratios += _precision_and_recall("question label", asks)
        others = [
            [name for name in case.expected["labels"] if name != "question"]
            == [name for name in case.got["labels"] if name != "question"]
            for case in labelled
        ]
        ratios.append(Ratio("labels apart from question", sum(others), len(others)))
    ratios.append(_exact(judged, "outcome"))
    outcomes = [(case.expected["outcome"], case.got["outcome"]) for case in judged if "outcome" in case.expected]
    for outcome in OUTCOMES:
        if any(outcome in pair for pair in outcomes):
            ratios += _precision_and_recall(outcome, [(want == outcome, got == outcome) for want, got in outcomes])
    return [ratio for ratio in ratios if ratio.total]


def _exact(judged: Sequence[Judged], name: str) -> Ratio:
    labelled = [case for case in judged if name in case.expected]
    return Ratio(name, sum(case.got[name] == case.expected[name] for case in labelled), len(labelled))


def _precision_and_recall(name: str, pairs: Sequence[tuple[bool, bool]]) -> list[Ratio]:
    """Of (is so, said so)."""
    both = sum(want and got for want, got in pairs)
    return [
        Ratio(f"{name} precision", both, sum(got for _, got in pairs)),
        Ratio(f"{name} recall", both, sum(want for want, _ in pairs)),
    ]


def write_tables(name: str, judged: Sequence[Judged]) -> list[str]:
    """The scorecard of one file, line by line."""
    lines = [f"{name}: {len(judged)} cases", ""]
    for what, values in (("class", CLASSES), ("outcome", OUTCOMES)):
        if any(what in case.expected for case in judged):
            lines += [*_confusion(what, values, judged), ""]
    lines += [*map(str, find_ratios(judged)), ""]
    wrong = [case for case in judged if case.wrong]
    lines.append(f"  {len(wrong)} of {len(judged)} cases with something wrong")
    for case in wrong:
        lines.append(f"  {case.number} {case.title[:90]}".rstrip())
        lines += [f"      {what}: expected {case.expected[what]}, got {case.got[what]}" for what in case.wrong]
        if case.shown:
            lines.append(f"      {case.shown[:240]}")
    return [*lines, ""]


def _confusion(what: str, values: Sequence[str], judged: Sequence[Judged]) -> list[str]:
    counts = Counter((case.expected[what], case.got[what]) for case in judged if what in case.expected)
    head = f"  {what + ', expected'!s:<20}" + "".join(f"{value:>18}" for value in values)
    rows = [f"  {want:<20}" + "".join(f"{counts[want, got] or '.':>18}" for got in values) for want in values]
    return [head, *rows]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
