"""Issue forms of several years, read into their answers."""

import itertools

import pytest

from triage.issue_forms import is_default_title, read_form, split_sections, telling_title

BUG = """### Does this bug already exist in our backlog?

- [x] I have checked and confirm this is a new bug.

### Describe the issue

The upgrade ends with an error.

### Expected Behavior

n/a

### What solution are you experiencing the issue with?

Governance

### What solution version are you using?

Core Components 4.50.4

### What app or flow are you having the issue with?

None

### What method are you using to get inventory and telemetry?

Cloud flows

### Steps To Reproduce

1. Import

### Anything else?

_No response_
"""


def test_every_answer_of_a_bug_form_is_read() -> None:
    form = read_form(BUG)
    assert form.is_form
    assert form.description == "The upgrade ends with an error."
    assert (form.solution, form.version, form.steps, form.method) == (
        "Governance",
        "4.50.4",
        "1. Import",
        "Cloud flows",
    )


def test_an_answer_that_says_nothing_is_no_answer() -> None:
    form = read_form(BUG)
    assert (form.expected, form.flow) == ("", "")
    assert form.answers["Anything else?"] == ""


@pytest.mark.parametrize("nothing", ["_No response_", "None", "none.", "-", "N/A", "n/a", "**None**", "–", "", "なし"])
def test_each_way_of_not_answering_is_known(nothing: str) -> None:
    assert read_form(f"### What solution are you experiencing the issue with?\n\n{nothing}\n").solution == ""


def test_the_bold_form_of_the_first_years_is_read() -> None:
    form = read_form(
        "**Describe the bug**\nImport fails.\n\n**To Reproduce**\n1. Import\n\n**Expected behavior**\nIt works\n"
    )
    assert (form.description, form.steps, form.expected) == ("Import fails.", "1. Import", "It works")


def test_the_question_form_puts_the_question_into_the_description() -> None:
    form = read_form(
        "### What is your question?\n\nMay I skip a version?\n\n### What solution version are you using?\n\n4.8"
    )
    assert (form.description, form.version) == ("May I skip a version?", "4.8")


def test_free_text_is_a_description_and_no_form() -> None:
    form = read_form("It does not import.")
    assert form.description == "It does not import."
    assert not form.is_form


def test_a_heading_of_the_reporters_own_stays_in_the_answer() -> None:
    form = read_form("### Describe the issue\n\nFails.\n\n## Log\n\n**80097376**\n\n### Expected Behavior\n\nworks")
    assert "## Log" in form.description
    assert "80097376" in form.description


def test_windows_line_ends_are_read_alike() -> None:
    assert read_form(BUG.replace("\n", "\r\n")).version == "4.50.4"


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("4.50.4", "4.50.4"),
        ("v4.50.4", "4.50.4"),
        ("Core Components 4.50.4", "4.50.4"),
        ("CenterofExcellenceCoreComponents_2.2.20210707.3_managed", "2.2.20210707.3"),
        ("CenterofExcellenceCoreComponents_4_50_6_managed.zip", "4.50.6"),
        ("4.29 April", "4.29"),
        ("2.140 (Power BI)", "2.140"),
        ("April 2025", ""),
        ("latest", ""),
        ("-", ""),
    ],
)
def test_a_version_is_cleaned_of_the_words_around_it(written: str, version: str) -> None:
    assert read_form(f"### What solution version are you using?\n\n{written}\n").version == version


@pytest.mark.parametrize(
    ("description", "version", "target"),
    [
        ("Upgrade 4.17 -> 4.45.", "4.17", "4.45"),
        ("Moving Core from 4.50.2 up to 4.50.6.", "4.17", "4.50.6"),
        ("La mise à niveau 4.48.3 vers 4.49.2 échoue.", "4.17", "4.49.2"),
        ("4.50.4 から 4.50.6 へ更新すると", "4.17", "4.50.6"),
        ("Importing Core 4.50.6 fails", "4.17", "4.50.6"),
        ("It fails", "4.17", ""),
    ],
)
def test_the_version_to_come_is_read_from_the_description(description: str, version: str, target: str) -> None:
    body = f"### Describe the issue\n\n{description}\n\n### What solution version are you using?\n\n4.17\n"
    form = read_form(body)
    assert (form.version, form.target_version) == (version, target)


def test_two_versions_in_one_answer_are_the_old_and_the_new() -> None:
    form = read_form("### What solution version are you using?\n\n4.17 going to 4.43\n")
    assert (form.version, form.target_version) == ("4.17", "4.43")


@pytest.mark.parametrize(
    "title",
    [
        *(
            "[CoE Starter Kit - BUG] ISSUE TITLE",
            "[CoE Starter Kit - QUESTION] QUESTION",
            "[BUG]: issue title",
            "your issue",
        ),
        *(
            "[CoE Starter Kit - BUG] your issue",
            "[CoE Starter Kit - Feature]: FEATURE TITLE",
            "[CoE Starter Kit - BUG]",
            "",
        ),
    ],
)
def test_what_the_form_put_into_the_title_is_a_default_title(title: str) -> None:
    assert is_default_title(title)


@pytest.mark.parametrize(
    ("title", "telling"),
    [
        ("[CoE Starter Kit - BUG] Core upgrade fails", "Core upgrade fails"),
        ("[CoE Starter Kit - BUG] ISSUE TITLE - Nurture", "Nurture"),
        ("[ALM Accelerator - BUG]: Import fails", "Import fails"),
        ("Plain title", "Plain title"),
    ],
)
def test_the_reporters_own_title_is_kept_without_its_prefix(title: str, telling: str) -> None:
    assert not is_default_title(title)
    assert telling_title(title, read_form(""), ()) == telling


def test_a_default_title_is_replaced_by_code_solution_and_version() -> None:
    assert telling_title("[BUG]: issue title", read_form(BUG), ("80097376",)) == "80097376: Governance 4.50.4"


def test_a_default_title_without_anything_known_shows_how_the_description_begins() -> None:
    assert telling_title("your issue", read_form("The import stops.\nMore."), ()) == "The import stops."
    assert telling_title("your issue", read_form("![Image](https://x.y/z)<b>" + "a" * 200), ()) != ""


def test_sections_cover_the_answers_and_never_overlap() -> None:
    sections = split_sections(BUG)
    assert all(one.end <= other.start for one, other in itertools.pairwise(sections))
    assert sections[-1].end == len(BUG)
