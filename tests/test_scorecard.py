import json
from pathlib import Path
from typing import Any

import pytest

from tests.scorecard import (
    BARS,
    CLASSES,
    Judged,
    find_corpus_files,
    find_ratios,
    judge_lines,
    main,
    write_tables,
)
from triage.responses import load_templates

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def judged(expected: dict[str, Any], got: dict[str, Any]) -> Judged:
    return Judged(7, "Import of Core", expected, got, "error code 80097376: '80097376'")


def classes(*pairs: tuple[str, str]) -> list[Judged]:
    """Cases of which only the class is labelled, as (expected, got)."""
    return [judged({"class": want}, {"class": got}) for want, got in pairs]


def values(cases: list[Judged]) -> dict[str, float]:
    return {ratio.name: ratio.value for ratio in find_ratios(cases)}


@pytest.mark.parametrize("file", find_corpus_files(), ids=lambda file: file.name)
def test_the_labelled_cases_are_judged_as_well_as_promised(file: Path) -> None:
    cases = judge_lines(file.read_text(encoding="utf-8").splitlines(), load_templates(TEMPLATES))

    assert cases
    assert [str(ratio) for ratio in find_ratios(cases) if ratio.below] == []


def test_our_own_cases_are_there_in_every_clone() -> None:
    assert "own_outcomes.jsonl" in [file.name for file in find_corpus_files()]


def test_precision_and_recall_are_counted_for_transient_and_for_any_failure() -> None:
    transient, other, none = CLASSES

    found = values(classes((transient, transient), (transient, none), (other, transient), (none, other)))

    assert found["transient precision"] == 1 / 2
    assert found["transient recall"] == 1 / 2
    assert found["any import failure precision"] == 2 / 3
    assert found["any import failure recall"] == 2 / 3
    assert found["class"] == 1 / 4


def test_labels_are_counted_with_and_without_the_question() -> None:
    cases = [
        judged({"labels": ["documentation", "question"]}, {"labels": ["documentation"]}),
        judged({"labels": ["documentation"]}, {"labels": ["documentation"]}),
    ]

    found = values(cases)

    assert found["labels"] == 1 / 2
    assert found["labels apart from question"] == 1
    assert found["question label recall"] == 0


def test_what_a_case_is_not_labelled_for_is_not_counted() -> None:
    assert list(values([judged({"outcome": "no_reply"}, {"outcome": "no_reply"})])) == [
        *("outcome", "no_reply precision", "no_reply recall")
    ]


def test_a_ratio_below_its_bar_is_marked() -> None:
    ratios = {ratio.name: ratio for ratio in find_ratios(classes(*[("transient_import", "not_import")] * 2))}

    assert ratios["transient recall"].below
    assert str(ratios["transient recall"]).endswith("BELOW")
    assert not ratios["class"].below


def test_wrong_cases_are_listed_with_what_was_expected_and_the_evidence() -> None:
    lines = write_tables("cases.jsonl", classes(("other_import", "not_import")))

    assert "  7 Import of Core" in lines
    assert "      class: expected other_import, got not_import" in lines
    assert "      error code 80097376: '80097376'" in lines


def test_the_exit_status_says_whether_the_bars_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {"number": 1, "title": "Core import fails with 80097376", "body": "BadGateway", "codes": ["80097376"]}
    right, wrong, broken = tmp_path / "right.jsonl", tmp_path / "wrong.jsonl", tmp_path / "broken.jsonl"
    right.write_text(json.dumps({**case, "class": "transient_import"}))
    wrong.write_text(json.dumps({**case, "class": "not_import"}))
    broken.write_text('{"number": 1}\nnonsense')

    assert [main([str(file)]) for file in (right, wrong, broken, tmp_path / "none.jsonl")] == [0, 1, 2, 2]
    assert "line 2" in capsys.readouterr().err


def test_every_promise_is_about_something_that_is_counted() -> None:
    everything = {"class": "transient_import", "codes": ["80097376"]}

    assert set(BARS) <= set(values([judged(everything, everything)]))
