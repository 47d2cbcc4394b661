"""The right template for an issue, and a comment that says only what fits it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from triage.closure import Outcome, ReporterWord
from triage.detection import Finding, find_import_failure
from triage.detection.error_codes import own_table
from triage.issue_forms import Form, read_form
from triage.markdown import render_markdown
from triage.models import Issue, Repository
from triage.responses import (
    ResponseTemplate,
    Suggestion,
    TemplateFolder,
    choose_template,
    load_templates,
    plain,
    read_template,
    suggest_response,
)

TEMPLATES = Path(__file__).parent.parent / "templates"
REPOSITORY = Repository("octo/kit", "https://github.com/octo/kit")
TIME = datetime(2026, 2, 1, tzinfo=UTC)
CAUSES = own_table().causes


@cache
def ours() -> TemplateFolder:
    return load_templates(Path(__file__).parent.parent / "templates")


def named(name: str) -> ResponseTemplate:
    return next(template for template in ours().templates if template.name == name)


def make_issue(body: str = "", title: str = "Import failed") -> Issue:
    return Issue(7, title, body, "reporter", "open", TIME, TIME, "https://github.com/octo/kit/issues/7")


def suggest(template: ResponseTemplate | str, finding: Finding, form: Form | None = None, **ask: str) -> Suggestion:
    template = named(template) if isinstance(template, str) else template
    return suggest_response(
        make_issue(), finding, form or Form(), template, repository=REPOSITORY, maintainer="maintainer", ask=ask
    )


def transient(*codes: str, causes: tuple[str, ...] = (), flows: tuple[str, ...] = (), asks: bool = False) -> Finding:
    keys = causes or tuple({"80097376": "bad_gateway", "80072031": "status_unknown"}[code] for code in codes)
    return Finding("transient_import", codes, (), flows, tuple(CAUSES[key] for key in keys), asks_for_help=asks)


def other(*causes: str, codes: tuple[str, ...] = ()) -> Finding:
    return Finding("other_import", codes, (), (), tuple(CAUSES[key] for key in causes))


# --- which template ---------------------------------------------------------------------------------------------------


def chosen(finding: Finding, answered_with: tuple[str, ...] = (), outcome: Outcome = "no_reply") -> str | None:
    template = choose_template(make_issue(), finding, ours(), answered_with=answered_with, word=ReporterWord(outcome))
    return template.name if template else None


def test_no_import_failure_has_no_template():
    assert chosen(Finding("not_import", ("80097376",))) is None


def test_each_kind_has_its_template():
    assert chosen(transient("80097376")) == "transient-import-errors"
    assert chosen(other("privilege")) == "import-failure-known-cause"
    assert chosen(other()) == "import-failure-needs-details"


def test_a_transient_code_beside_another_cause_gets_no_advice_to_wait():
    assert chosen(other("missing_dependency", "status_unknown", codes=("80072031",))) == "import-failure-known-cause"


@pytest.mark.parametrize(
    ("answered_with", "outcome", "expected"),
    [
        (("transient-import-errors",), "still_failing", "import-failure-escalation"),
        (("",), "still_failing", "import-failure-escalation"),
        (("import-failure-needs-details",), "still_failing", "transient-import-errors"),
        (("import-failure-known-cause",), "still_failing", "transient-import-errors"),
        (("import-failure-needs-details", "transient-import-errors"), "still_failing", "import-failure-escalation"),
        ((), "still_failing", "transient-import-errors"),
        (("transient-import-errors",), "will_retry", "transient-import-errors"),
        (("transient-import-errors",), "no_reply", "transient-import-errors"),
    ],
)
def test_an_error_that_a_retry_did_not_cure_is_escalated(answered_with, outcome, expected):
    assert chosen(transient("80097376"), answered_with, outcome) == expected


def folder_of(**heads: str) -> TemplateFolder:
    templates = [
        read_template(f"---\n{head}\n---\n# T\n\n## Response\n\nx\n", f"{name}.md") for name, head in heads.items()
    ]
    return TemplateFolder(tuple(sorted(templates, key=lambda each: (-each.priority, each.name))))


def test_the_priority_decides_and_then_how_exact_the_match_is():
    issue, finding = make_issue("A bad  gateway there"), transient("80097376")
    folder = folder_of(
        by_kind="match: {kind: transient_import}",
        by_phrase="match: {phrases: [Bad Gateway]}",
        by_code="match: {codes: ['0x80097376']}",
        elsewhere="match: {codes: ['80040224']}\npriority: 9",
    )
    assert choose_template(issue, finding, folder).name == "by_code"
    assert choose_template(issue, transient("80072031"), folder).name == "by_phrase"
    assert choose_template(make_issue(), transient("80072031"), folder).name == "by_kind"
    raised = folder_of(by_kind="match: {kind: transient_import}\npriority: 1", by_code="match: {codes: ['80097376']}")
    assert choose_template(issue, finding, raised).name == "by_kind"


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("BadGateway", "a badgateway", True),
        ("Bad Gateway", "bad\n gateway!", True),
        ("gate", "gateway", False),
        ("/time[d -]*out/", "it timed-out", True),
        ("a.b", "axb", False),
    ],
)
def test_a_phrase_matches_in_whatever_case_and_spacing(phrase, text, matches):
    folder = folder_of(only=f"match:\n  phrases: ['{phrase}']")
    assert (choose_template(make_issue(text), other(), folder) is not None) == matches


# --- what it says -----------------------------------------------------------------------------------------------------


def test_only_the_causes_of_the_codes_named_are_posted():
    one = suggest("transient-import-errors", transient("80097376")).comment
    assert "`80097376`" in one
    assert "80072031" not in one
    assert "without reporting" not in one
    both = suggest("transient-import-errors", transient("80097376", "80072031")).comment
    assert "`80097376`" in both
    assert "`80072031`" in both
    assert "First check the Solutions page" in both
    assert "First check" not in one


def test_an_issue_without_a_code_is_told_no_code():
    comment = suggest("transient-import-errors", transient(causes=("throttling",))).comment
    assert "8009" not in comment
    assert "60 to 90 minutes" in comment
    assert "go version by version" in comment


@pytest.mark.parametrize(
    ("cause", "wait"),
    [("bad_gateway", "30 to 60 minutes"), ("index_rebuild", "1 to 4 hours"), ("status_unknown", "5 to 10 minutes")],
)
def test_the_wait_is_that_of_the_cause(cause, wait):
    assert f"Give the service {wait}." in suggest("transient-import-errors", transient(causes=(cause,))).comment


@pytest.mark.parametrize("key", [key for key, cause in CAUSES.items() if cause.kind == "transient"])
def test_the_cure_of_every_transient_cause_is_posted_once(key):
    assert suggest("transient-import-errors", transient(causes=(key,))).comment.count(CAUSES[key].cure) == 1


def test_without_a_cause_the_import_is_repeated_all_the_same():
    assert (
        "- Import the same managed file again."
        in suggest("transient-import-errors", Finding("transient_import")).comment
    )


def test_a_code_that_decides_nothing_is_named_without_a_meaning():
    finding = Finding("transient_import", ("80040224", "8004ABCD", "80060439"), causes=(CAUSES["task_canceled"],))
    comment = suggest("transient-import-errors", finding).comment
    assert "**Error `80040224`** says little by itself" in comment
    assert "**Error `8004ABCD`** says little by itself" in comment
    assert "80060439" not in comment


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (("80040216",), "(error `80040216`)"),
        (("8004ABCD",), "(error `8004ABCD`)"),
        (("8004801E",), "(error `8004801E`)"),
        (("80060439", "80072031"), ""),
        ((), ""),
    ],
)
def test_a_known_cause_is_told_with_the_codes_that_may_stand_for_it(codes, named):
    opening = suggest("import-failure-known-cause", other("connection_reference", codes=codes)).comment.split(";")[0]
    assert opening.endswith(f"what stopped the import {named}".strip())


def test_the_code_of_a_second_cause_is_not_given_to_the_first():
    finding = other("holding_solution", "missing_dependency", codes=("8004801E", "80048539"))
    comment = suggest("import-failure-known-cause", finding).comment
    assert "what stopped the import (error `80048539`)" in comment
    assert "**Missing dependency**" in comment


def test_of_two_causes_the_longer_wait_is_given_once():
    comment = suggest("transient-import-errors", transient("80097376", "80072031")).comment
    assert comment.count("Give the service") == 1
    assert "Give the service 30 to 60 minutes." in comment


def test_the_version_and_the_flow_are_named_where_the_report_names_them():
    form = Form(version="4.50.4", target_version="4.50.6", flow="Core")
    comment = suggest("transient-import-errors", transient("80097376", flows=("Admin | Sync", "Core")), form).comment
    assert "upgrade from 4.50.4 to 4.50.6" in comment
    assert "at the flow `Admin | Sync`" in comment
    assert "`Core`" not in comment


@pytest.mark.parametrize("answer", ["None", "n/a", "_No response_", "-"])
def test_an_answer_that_is_none_is_never_printed(answer):
    body = (
        "### Describe the issue\n\nImport failed with 80097376 BadGateway.\n\n"
        f"### What solution version are you using?\n\n{answer}\n\n"
        f"### What app or flow are you having the issue with?\n\n{answer}"
    )
    finding = find_import_failure("Import failed", body)
    for template in ours().templates:
        comment = suggest(template, finding, read_form(body)).comment
        assert "None" not in comment
        assert "n/a" not in comment.lower()
        assert "No response" not in comment
        assert "version " not in comment.split(".")[0]


def test_the_dlp_addition_stands_before_the_closing_words_where_a_dlp_flow_failed():
    form = Form()
    with_dlp = suggest("transient-import-errors", transient("80097376", flows=("DLP Request | Sync",)), form)
    assert with_dlp.variant == "dlp"
    assert with_dlp.comment.index("About the DLP flows") < with_dlp.comment.index("how the next try goes")
    assert "If the flow that failed belongs to the DLP impact analysis." not in with_dlp.comment
    assert "If the flow that failed belongs to the DLP" in with_dlp.guidance
    without = suggest("transient-import-errors", transient("80097376", flows=("HELPER - A",)), form)
    assert (without.variant, "DLP flows" in without.comment) == ("default", False)
    assert suggest("import-failure-known-cause", other("privilege")).variant is None


def test_a_variant_that_the_response_does_not_place_goes_to_its_end():
    template = read_template("# T\n\n## Response\n\nFirst.\n\n## Variant: DLP\n\nThen {{ issue.number }}.\n", "t.md")
    assert suggest(template, transient("80097376", flows=("DLP x",))).comment == "First.\n\nThen 7."


def test_the_labels_come_in_the_templates_order_and_the_question_where_help_is_asked():
    labels = suggest("transient-import-errors", transient("80097376", asks=True)).labels
    assert [label.name for label in labels if label.selected] == [
        "question",
        "documentation",
        "transient-error",
        "import-upgrade",
    ]
    assert labels[2].color == "fbca04"
    labels = suggest("transient-import-errors", transient("80097376")).labels
    assert [label.name for label in labels if not label.selected] == ["question"]


def test_links_are_absolute_and_on_the_host_of_the_repository():
    template = read_template(
        "# T\n\n## Response\n\n[a](../../docs/x.md) ![p](../p.png) [b](https://docs.microsoft.com/p?q=1#z)\n"
        "`[c](../c.md)` {{ repository.file('d e.md') }} <a href=../h.md>h</a>\n\n[r]: ../r.md\n",
        "t.md",
    )
    server = Repository("o/n", "https://github.example.com/o/n")
    comment = suggest_response(make_issue(), other(), Form(), template, repository=server, maintainer="m").comment
    at = "https://github.example.com/o/n"
    assert comment == (
        f"[a]({at}/blob/HEAD/docs/x.md) ![p]({at}/raw/HEAD/p.png) [b](https://learn.microsoft.com/p?q=1#z)\n"
        f"`[c](../c.md)` {at}/blob/HEAD/d%20e.md <a href={at}/blob/HEAD/h.md>h</a>\n\n[r]: {at}/blob/HEAD/r.md"
    )


def test_a_known_cause_is_told_with_its_cure_and_no_advice_to_wait():
    comment = suggest("import-failure-known-cause", other("privilege", codes=("80040220",))).comment
    assert CAUSES["privilege"].cure in comment
    assert "retrying alone won't fix that" in comment


def test_needed_details_are_asked_for_and_never_what_the_form_says():
    name = "import-failure-needs-details"
    empty = suggest(name, other()).comment
    for question in ("**The error as text**", "**The versions**", "**The solution**", "**The first step that failed**"):
        assert question in empty
    form = Form(solution="Core", version="4.1", target_version="4.2", steps="1. import")
    told = suggest(name, other(codes=("80040216",)), form).comment
    assert "**The full message that came with `80040216`**" in told
    for question in ("**The versions**", "**The solution**", "**The first step"):
        assert question not in told


def test_a_picture_is_answered_with_the_reason_why_text_is_needed():
    finding = Finding("other_import", only_in_image=True)
    assert "in a picture only" in suggest("import-failure-needs-details", finding).comment
    assert "picture" not in suggest("import-failure-needs-details", other()).comment


def test_the_escalation_names_the_incident_only_where_the_maintainer_gave_one():
    plain = suggest("import-failure-escalation", transient("80097376"))
    assert "incident" not in plain.comment
    assert plain.missing == ()
    assert "**MO123**" in suggest("import-failure-escalation", transient("80097376"), incident="MO123").comment


def test_a_question_to_the_maintainer_may_have_any_name():
    template = read_template("---\nask:\n  items: {prompt: Which}\n---\n# T\n\n## Response\n\n{{ ask.items }}", "t.md")
    assert suggest(template, other(), items="two").comment == "two"


def test_what_the_maintainer_has_not_answered_is_missing():
    template = read_template(
        "---\nask:\n  a: {prompt: A}\n  b: {prompt: B, optional: true}\n---\n# T\n\n## Response\n\n"
        "{{ ask.a }}{{ ask.b }}\n",
        "t.md",
    )
    assert suggest(template, other()).missing == ("a",)
    assert suggest(template, other(), a="yes").missing == ()


def test_a_template_that_fails_on_an_issue_says_so_and_posts_nothing():
    template = read_template("# T\n\n## Response\n\n{{ (1 / (issue.number - 7)) if issue.number == 7 }}\n", "t.md")
    suggestion = suggest(template, other())
    assert suggestion.comment == ""
    assert suggestion.problem.startswith("The template t fails on this issue")


@pytest.mark.parametrize(
    "name", ["transient-import-errors", "import-failure-known-cause", "import-failure-needs-details"]
)
@pytest.mark.parametrize(
    "finding",
    [Finding("transient_import"), transient("80097376", "80072031", flows=("DLP x",)), other("privilege"), other()],
)
def test_every_comment_is_tidy_markdown(name, finding):
    comment = suggest(name, finding).comment
    assert comment == comment.strip()
    assert "\n\n\n" not in comment
    assert "{{" not in comment
    assert "{%" not in comment
    assert all(line == line.rstrip() for line in comment.split("\n"))
    html = render_markdown(comment)
    assert html.count("<details>") == html.count("</details>") == (2 if name == "transient-import-errors" else 0)


def test_a_comment_says_all_that_the_maintainers_document_says():
    comment = suggest("transient-import-errors", transient("80097376", "80072031")).comment
    for words in (
        "Thank you", "transient error", "not a bug in the kit", "Adminportal/Home#/servicehealth", "evening",
        "TROUBLESHOOTING-IMPORT-ERRORS.md", "KNOWN-ISSUES.md", "pac auth create", "pac solution import",
        "test environment", "maintenance window", "flows off", "2 to 4 hours", "environment variables", "24 hours",
        "guidance/coe/setup", "guidance/coe/after-setup", "octo/kit/releases", "Please tell us",
    ):  # fmt: skip
        assert words in comment


def test_the_comment_says_what_the_folders_own_table_says(tmp_path):
    (tmp_path / "error-codes.toml").write_text(
        '[causes.moon]\nname = "full moon"\nmeaning = "The service rests."\ncure = "Wait."\nwait = "8 to 9 hours"\n'
        'kind = "transient"\nphrases = ["the moon is full"]\n'
        '[codes.8004AAAA]\nmeaning = "the moon"\nkind = "transient"\ncause = "moon"\n'
    )
    (tmp_path / "a.md").write_text((TEMPLATES / "transient-import-errors.md").read_text(encoding="utf-8"))
    folder = load_templates(tmp_path)
    issue = make_issue("The solution import failed with 8004AAAA.")
    finding = find_import_failure(issue.title, issue.body, author="reporter", table=folder.table)
    template = choose_template(issue, finding, folder)
    assert template is not None
    comment = suggest_response(
        issue, finding, Form(), template, repository=REPOSITORY, maintainer="m", table=folder.table
    ).comment
    assert "**Full moon** (error `8004AAAA`): The service rests." in comment
    assert "Give the service 8 to 9 hours." in comment


@pytest.mark.parametrize(
    ("flows", "shown"),
    [
        (("Core",), ()),
        (("Solution import",), ()),
        (("DLP flow", "The DLP flows"), ()),
        (("ModernFlow name HELPER - Send Email",), ("HELPER - Send Email",)),
        (("ModernFlow name Request Approval",), ("Request Approval",)),
        (("DLP Request | Sync Policy (Child)", "DLP Request child flow"), ("DLP Request | Sync Policy (Child)",)),
        (("Power Platform Setup Wizard",), ()),
        (("SetupWizard>ShareApps",), ("SetupWizard>ShareApps",)),
    ],
)
def test_only_names_of_flows_are_posted_as_flows(flows, shown):
    template = read_template("# T\n\n## Response\n\nx {{ finding.flows | join(', ') }}", "t.md")
    expected = ", ".join(plain(flow) for flow in shown)
    assert suggest(template, transient("80097376", flows=flows)).comment == f"x {expected}".strip()


def test_a_cure_that_did_not_help_is_not_given_a_second_time():
    cured = ("import-failure-known-cause",)
    assert chosen(other("privilege"), cured, "still_failing") == "import-failure-escalation"
    assert chosen(other("privilege"), cured, "will_retry") == "import-failure-known-cause"
    assert chosen(other(), ("import-failure-needs-details",), "still_failing") == "import-failure-needs-details"
    suggestion = suggest("import-failure-escalation", other("privilege"))
    assert "not from the kit" not in suggestion.comment
    assert "service error" not in suggestion.comment
    assert [label.name for label in suggestion.labels if label.selected] == ["import-upgrade"]
