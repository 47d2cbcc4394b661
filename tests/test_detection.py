"""What an issue shows: kind, codes, causes, flows, evidence; held to the labelled cases and to our own."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from triage.detection import (
    RULES_VERSION,
    Finding,
    find_codes,
    find_import_failure,
    known_code,
    rules_version,
    table_beside,
)
from triage.detection.error_codes import ErrorTableError, load_error_codes, own_table

FINDING_JSON = TypeAdapter(Finding)

OWN_CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "corpus/own_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def judge(case: dict[str, Any]) -> Finding:
    comments = [(comment["user"], comment["body"]) for comment in case["comments"]]
    return find_import_failure(case["title"], case["body"], author=case["user"], comments=comments)


# --- our own cases


def test_our_own_cases_are_judged_within_the_promised_bounds() -> None:
    judged = [(case["class"], judge(case).kind) for case in OWN_CASES]
    assert len(judged) >= 120
    for kinds, least in (({"transient_import"}, 0.95), ({"transient_import", "other_import"}, 0.95)):
        right = sum(label in kinds and kind in kinds for label, kind in judged)
        assert right / sum(kind in kinds for _, kind in judged) >= least + (0.03 if len(kinds) == 1 else 0)
        assert right / sum(label in kinds for label, _ in judged) >= least


@pytest.mark.parametrize("case", OWN_CASES, ids=lambda case: f"{case['number']}-{case['shows']}")
def test_the_codes_of_each_of_our_own_cases_are_exactly_right(case: dict[str, Any]) -> None:
    assert list(judge(case).codes) == case["codes"]


@pytest.mark.parametrize(
    "case", [case for case in OWN_CASES if case["class"] != "not_import"], ids=lambda case: str(case["number"])
)
def test_help_and_the_dlp_variant_of_our_own_cases_are_right(case: dict[str, Any]) -> None:
    finding = judge(case)
    if finding.kind == case["class"]:
        assert finding.asks_for_help == ("question" in case["labels_expected"])
        if case["variant_expected"]:
            assert finding.names("DLP") == (case["variant_expected"] == "dlp")


# --- codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("code 80072031.", ["80072031"]),
        ("0x80040e4e, 8004f01f", ["80040E4E", "8004F01F"]),
        (
            "[80097376](http://go.microsoft.com/fwlink/?LinkID=398563&client=Solutions&Error=80097376&de=online)",
            ["80097376"],
        ),
        ("see https://go.microsoft.com/fwlink/?LinkID=1&Error=8004F01F", ["8004F01F"]),
        ("https://help/?error=Microsoft.Crm.CrmException%3a80048020&x", ["80048020"]),
        ("-2146864266 and 2148103030", ["80097376"]),
        ("HResult=-2147016655 / 2147950641", ["80072031"]),
        ('{"code":"0x80040217"}', ["80040217"]),
        ("Error code\n80097376\nException", ["80097376"]),
        ("| Failure | 0x80048539 |", ["80048539"]),
        ("(80048539) **80040224**", ["80048539", "80040224"]),
        ("80072031 then 80097376 then 80072031", ["80072031", "80097376"]),
        ("https://user-images.githubusercontent.com/80072031/168.png", []),
        ("{80072031-22aa-ee11-be37-6045bd9a1c20}", []),
        ("id 6045bd9a-80072031-aaaa", []),
        ("MS case 2504180072031000", []),
        ("support case 80045678, ticket #80045679, AB#80041234", []),
        ("build 2.2.20210707.3 and 20250718", []),
        ("80097376,80072031 or 0x80040224,0x80040216", ["80097376", "80072031", "80040224", "80040216"]),
        ("_80072031_ and **_80097376_**", ["80072031", "80097376"]),
        ("Error=%3A0x80048020", ["80048020"]),
        ("80072031,5 and 80072031_managed and 2147950641 bytes", []),
        ("80012345 8003ffff 80071", []),
        ("a80072031 80072031b 800720310", []),
        ("2.80072031.4", []),
    ],
)
def test_codes_are_found_however_they_are_written_and_nowhere_else(text: str, codes: list[str]) -> None:
    assert list(find_codes(text)) == codes


@given(
    st.sampled_from(sorted(own_table().codes)),
    st.sampled_from(["{}", "0x{}", "({})", "`{}`", "\n{}\n", "Error={}", "[{}]", "%3a{}", "code:{}", '"{}"']),
    st.booleans(),
)
def test_every_known_code_is_found_in_every_notation(code: str, notation: str, lower: bool) -> None:
    assert find_codes("See " + notation.format(code.lower() if lower else code) + " please") == (code,)


@given(st.sampled_from(sorted(own_table().codes)), st.booleans())
def test_every_known_code_is_found_as_a_decimal_number(code: str, signed: bool) -> None:
    number = int(code, 16)
    assert find_codes(f"HRESULT {number - 2**32 if signed else number}.") == (code,)


# --- kinds


def test_a_service_failure_named_first_is_transient_though_a_later_try_fails_otherwise() -> None:
    finding = find_import_failure("", "Importing Core failed: A task was canceled. In classic: file is too large.")
    assert finding.kind == "transient_import"
    assert {cause.key for cause in finding.causes} == {"task_canceled", "file_too_large"}


def test_no_status_gives_way_to_a_cause_that_is_named() -> None:
    body = "Import ended with 80072031, no status reported. The command line says: SecLib::CheckPrivilege failed."
    assert find_import_failure("", body).kind == "other_import"
    assert find_import_failure("", body.split(" The command")[0]).kind == "transient_import"


def test_a_flow_server_error_is_the_service_and_a_flow_client_error_is_not() -> None:
    message = 'Error while importing workflow type ModernFlow name X: Flow {} error returned with status code "{}"'
    assert find_import_failure("", message.format("server", "BadGateway")).kind == "transient_import"
    assert find_import_failure("", message.format("client", "BadRequest")).kind == "other_import"


@pytest.mark.parametrize(
    "body",
    [
        "Core will not import. Some dependencies are missing.",
        "Core did not import: missing dependencies",
        "The package does not import, missing dependencies.",
    ],
)
def test_a_cause_beside_an_import_that_is_denied_is_a_cause(body: str) -> None:
    assert [cause.key for cause in find_import_failure("Core", body).causes] == ["missing_dependency"]


def test_a_cause_that_is_denied_is_no_cause() -> None:
    body = "Import fails with BadGateway. There are no missing dependencies."
    assert [cause.key for cause in find_import_failure("", body).causes] == ["bad_gateway"]


def test_a_failing_import_whose_message_is_only_in_a_picture_says_so() -> None:
    body = "### Describe the issue\n\nUnable to import Core.\n\n![Image](https://x.y/80072031-aaaa.png)"
    finding = find_import_failure("", body)
    assert (finding.kind, finding.only_in_image, finding.codes) == ("other_import", True, ())
    assert [part.quote for part in finding.evidence if part.shows == "only in an image"] == [
        "![Image](https://x.y/80072031-aaaa.png)"
    ]


def test_a_code_in_the_title_tells_what_the_picture_shows() -> None:
    finding = find_import_failure("80072031 on Core", "see title\n\n<img src='https://x.y/1.png'>")
    assert (finding.kind, finding.only_in_image) == ("transient_import", False)


@pytest.mark.parametrize(
    "body",
    [
        "The import succeeded, but now the inventory flow fails with BadGateway.",
        "How do I upgrade from 4.17 to 4.45?",
        "After the upgrade our app shows an error.",
        "Uninstalling Core fails with a timeout.",
        "Importing the pbit into Power BI fails.",
        "- [x] I have read that an import may fail with BadGateway\n\nNothing happened yet.",
        "",
    ],
)
def test_what_is_no_failed_import_is_not_taken_for_one(body: str) -> None:
    assert find_import_failure("", body).kind == "not_import"


@pytest.mark.parametrize(
    "body",
    [
        "Not one single error in four environments, the import took nine minutes.",
        "If an import fails with 80097376 half way, is the data lost?",
        "Can I upgrade straight from April to August? I can't see it anywhere.",
        "Upgrade takes two hours here and never failed.",
        "Core imported successfully with warnings. I can't figure out what failed.",
    ],
)
def test_what_is_denied_supposed_or_asked_is_no_failure(body: str) -> None:
    assert find_import_failure("Upgrade of Core", body).kind == "not_import"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("The page does not mention to upgrade the Creator Kit. Is the old one fine?", "not_import"),
        ("We do not need to import Core again, do we?", "not_import"),
        ("We could not import Core.", "other_import"),
        ("Core imported successfully, but we are unable to finish the setup.", "not_import"),
        ("We are unable to finish the setup of the solution.", "other_import"),
        ("Would you update or upgrade, if the import of Core fails with a timeout?", "not_import"),
        ("Deploying the zip fails at the first screen.", "other_import"),
        ("When we reinstall Core, two flows cannot be turned on.", "not_import"),
        ("When we update the kit: turn on failed, Flow client error, code NotFound.", "not_import"),
        ("Deploying an app fails at the first screen.", "not_import"),
        ("The import of Core failed, it was answered with 503.", "transient_import"),
    ],
)
def test_what_is_denied_and_of_what_a_failure_is_told_decides(said: str, kind: str) -> None:
    assert find_import_failure("", said).kind == kind


def test_a_title_of_the_question_form_asks() -> None:
    assert find_import_failure("[Kit - QUESTION] First step", "The import of Core fails.").asks_for_help
    assert not find_import_failure("[Kit - BUG] Question", "The import of Core fails.").asks_for_help


def test_a_fixed_cause_inside_a_message_of_the_app_service_decides() -> None:
    body = "CanvasApp import: FAILURE: Code: {} Message: See above. Error code 80072352"
    assert find_import_failure("", body.format("ApplicationIdAlreadyInUse")).kind == "other_import"
    assert find_import_failure("", body.format("TooManyRequests")).kind == "transient_import"


def test_a_success_of_another_time_does_not_undo_a_failure() -> None:
    body = "Attempting to update Core I get an error: Something went wrong. My last successful update was in May."
    assert find_import_failure("Cannot update", body).kind != "not_import"


def test_taking_out_the_old_version_is_the_last_step_of_an_upgrade() -> None:
    assert find_import_failure("", "The upgrade of Core fails at the uninstall of 4.45.").kind == "other_import"
    assert find_import_failure("", "The uninstall of Core 4.45 fails.").kind == "not_import"


def test_a_feature_form_may_tell_of_a_failure_and_mostly_tells_of_a_wish() -> None:
    form = "### Is your feature request related to a problem?\n\n{}\n\n### Describe the solution you'd like"
    told = "ImportAsHolding failed with exception: Flow server error"
    assert find_import_failure("", form.format(told) + "\n\nno error").kind == "transient_import"
    assert find_import_failure("", form.format("Imports fail now and then.") + "\n\nA retry").kind == "not_import"


def test_whoever_takes_the_form_of_a_question_asks() -> None:
    body = "### What is your question?\n\nThe import of Core fails with BadGateway, where do I get another file"
    assert find_import_failure("", body).asks_for_help
    assert not find_import_failure("", body.replace("What is your question?", "Describe the issue")).asks_for_help


def test_a_fixed_cause_that_is_left_now_decides() -> None:
    body = "First the import ended with BadGateway, now it says SecLib::CheckPrivilege failed."
    assert find_import_failure("", body).kind == "other_import"


# --- flows

_ANSWER = "Core import fails with BadGateway.\n\n### What app or flow are you having the issue with?\n\n{}"


@pytest.mark.parametrize(
    "answer", ["Solution import", "Core", "none", "Upgrade", "all", "n/a", "CoE Setup Wizard", "HELPER"]
)
def test_an_answer_that_names_no_flow_is_no_failing_flow(answer: str) -> None:
    assert find_import_failure("", _ANSWER.format(answer)).flows == ()


@pytest.mark.parametrize("answer", ["DLP Request | Sync new Policy", "DLP Request | Apply (Child)", "the DLP flow"])
def test_an_answer_that_names_a_dlp_flow_counts(answer: str) -> None:
    assert find_import_failure("", _ANSWER.format(answer)).names("DLP")


@pytest.mark.parametrize(
    ("told", "flows"),
    [
        ("Admin | Sync Template v4 (Apps) timed out", ("Admin | Sync Template v4 (Apps)",)),
        ("on DLP Request | Sync new Policy with BadGateway", ("DLP Request | Sync new Policy",)),
        ("| name | Admin \\| Sync Users: Flow server error |", ("Admin | Sync Users",)),
    ],
)
def test_a_flows_name_ends_where_the_sentence_goes_on(told: str, flows: tuple[str, ...]) -> None:
    assert find_import_failure("", f"Import of Core failed with BadGateway.\n\n{told}").flows == flows


# --- who says it


def test_only_the_reporters_own_comments_count_and_not_what_they_quote() -> None:
    comments = [
        ("maintainer", "Is it 80072031?"),
        ("ann", "> Is it 80040224?\n\nNo, 80097376.\n\nFrom: maintainer\nSent: Monday\nTo: ann\n\n80048539"),
    ]
    finding = find_import_failure("Import fails", "It fails.", author="Ann", comments=comments)
    assert finding.codes == ("80097376",)
    assert [part.source for part in finding.evidence if part.shows == "error code 80097376"] == ["comment:1"]


def test_what_the_description_half_says_is_settled_by_the_reporters_own_comment() -> None:
    body = "I would like to install Core. Somebody has to look at it."
    message = "ImportAsHolding failed with exception: Flow server error returned with status code BadGateway"
    assert find_import_failure("Install of Core", body, author="ann").kind == "not_import"
    assert find_import_failure("Install of Core", body, author="ann", comments=[("bob", message)]).kind == "not_import"
    finding = find_import_failure("Install of Core", body, author="ann", comments=[("ann", message)])
    assert finding.kind == "transient_import"


def test_a_quotation_in_the_description_is_the_error_message() -> None:
    assert find_import_failure("Import", "Import fails:\n\n> BadGateway").kind == "transient_import"


def test_side_panel_text_broken_across_lines_is_read_as_one() -> None:
    body = (
        "Error while importing workflow {3c9d8e11-\n77aa-eb11} type\nModernFlow name HELPER -\n"
        "Maker Check: Flow server\nerror returned"
    )
    finding = find_import_failure("", body)
    assert finding.kind == "transient_import"
    assert finding.flows == ("HELPER - Maker Check",)


@pytest.mark.parametrize("policy", ["Our DLP policy allows it.", "excluded from the DLP policies"])
def test_a_dlp_policy_that_is_only_mentioned_is_no_dlp_flow(policy: str) -> None:
    body = f"Error while importing workflow name Admin | Sync (Apps): Flow server error. {policy}"
    finding = find_import_failure("", body)
    assert finding.flows
    assert not finding.names("DLP")


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        *(("What is missing?", True), ("Please advise.", True), ("Kindly help", True), ("O que devo instalar", True)),
        *(("再実行してもよいでしょうか。", True), ("Our auditors want to know.", False)),
        ("See https://x.y/?a=b", False),
    ],
)
def test_a_request_is_told_from_a_statement(words: str, asks: bool) -> None:
    assert find_import_failure("", f"Import of Core fails with BadGateway. {words}").asks_for_help is asks


# --- evidence


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "import",
                    "fails",
                    "BadGateway",
                    "80097376",
                    "\n\n",
                    "### Describe the issue\n",
                    "> q\n",
                    "?",
                    "İstanbul",
                ),
                *(
                    "エラー",
                    "更新の失敗",
                    "\U0001f600",
                    "https://x.y/?Error=8004F01F",
                    "<img src=a>",
                    "From: a\nSent: b\n",
                    "é",
                    "…",
                ),
                *(
                    "\ud800",
                    "DLP Request | X",
                    "ImportAsHolding failed",
                    "\r\n",
                    "- [x] done\n",
                    "’",
                    "\u2028",
                    "ß",
                    "\x01",
                ),
            ]
        )
        | st.text(max_size=12),
        max_size=40,
    ),
    st.text(max_size=30),
)
def test_every_quote_stands_exactly_where_it_is_said_to(parts: list[str], title: str) -> None:
    body = " ".join(parts)
    finding = find_import_failure(title, body, author="a", comments=[("b", "x"), ("a", body)])
    sources = {"title": title, "body": body, "comment:1": body}
    places: dict[str, int] = {}
    for part in finding.evidence:
        assert sources[part.source][part.start : part.end] == part.quote
        assert part.start < part.end
        assert part.start >= places.get(part.source, 0), "evidence overlaps or is out of order"
        places[part.source] = part.end
    written = json.dumps(FINDING_JSON.dump_python(finding, mode="json"))  # as the store keeps it
    assert FINDING_JSON.validate_python(json.loads(written)) == finding


def test_the_same_issue_is_always_judged_alike() -> None:
    case = OWN_CASES[0]
    assert judge(case) == judge(case)
    assert len(RULES_VERSION) == 16


# --- the table


def test_the_table_says_meaning_cure_and_source_of_every_code_and_cause() -> None:
    table = own_table()
    assert all(code.meaning and code.source for code in table.codes.values())
    for cause in table.causes.values():
        assert cause.meaning.endswith((".", '")', ")"))
        assert cause.cure.endswith(".")
        assert cause.source
        assert (cause.kind == "transient") == bool(cause.wait)


def test_a_known_code_is_found_in_whatever_case() -> None:
    code = known_code("0x8004f01f")
    assert code is not None
    assert code.cause == "component_in_use"
    assert known_code("80041111") is None


def test_a_folders_own_table_adds_to_ours_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "error-codes.toml"
    path.write_text(
        '[causes.printer]\nname="printer"\nmeaning="No paper."\ncure="Add some."\nkind="other"\n'
        'phrases=["out of paper"]\n'
        '[codes.80091234]\nmeaning="paper"\nkind="other"\ncause="printer"\n',
        encoding="utf-8",
    )
    table = load_error_codes(path)
    finding = find_import_failure("", "Import of Core failed, it is out of paper.", table=table)
    assert [cause.key for cause in finding.causes] == ["printer"]
    assert known_code("80091234", table) is not None
    assert known_code("80097376", table) == known_code("80097376")


def test_a_folder_with_a_table_has_rules_of_its_own_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    assert table_beside(tmp_path) is own_table()
    assert rules_version(table_beside(tmp_path)) == RULES_VERSION
    written = tmp_path / "error-codes.toml"
    written.write_text("[codes.80091234]\nmeaning='paper'\nkind='other'", encoding="utf-8")
    table = table_beside(tmp_path)
    assert table is table_beside(tmp_path)
    assert known_code("80091234", table) is not None
    written.write_text("[codes.80095678]\nmeaning='no paper'\nkind='other'", encoding="utf-8")
    later = table_beside(tmp_path)
    assert known_code("80091234", later) is None
    assert len({RULES_VERSION, rules_version(table), rules_version(later)}) == 3


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("[codes.8009]\nmeaning='x'\nkind='other'", "8009"),
        ("[codes.80091234]\nmeaning='x'\nkind='odd'", "kind"),
        ("[codes.80091234]\nmeaning='x'\nkind='other'\ncause='nobody'", "nobody"),
        ("[causes.x]\nname='x'\nmeaning='x'\nkind='other'", "cure"),
        ("[causes.x]\nname='x'\nmeaning='x'\ncure='x'\nkind='other'\nphrases='x'", "phrases"),
        ("codes = 1", "codes"),
        ("[cause.x]\nname='x'", "cause is no part"),
        ("[causes.x]\nname='x'\nmeaning='x'\ncure='x'\nkind='other'\nphrase=['x']", "phrase of x"),
        ("[causes.x]\nname='x'\nmeaning='x'\ncure='x'\nkind='other'\ntelling='yes'", "telling of x"),
        ("[", "cannot be read"),
    ],
)
def test_a_broken_table_is_refused_in_one_sentence_that_names_the_place(
    tmp_path: Path, written: str, named: str
) -> None:
    path = tmp_path / "error-codes.toml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(ErrorTableError, match=named) as refused:
        load_error_codes(path)
    assert str(path) in str(refused.value)


# --- any text


@pytest.mark.parametrize(
    "part",
    [
        *(
            "a",
            " ",
            "8",
            "800",
            "214",
            "-214",
            "{",
            "<",
            "<img ",
            "![",
            "](",
            "[a](/files/",
            "\n",
            "> ",
            "\n> ",
            "\n#",
            "\n### ",
        ),
        *(
            "\n**",
            "import ",
            "failed to import ",
            "import failed. ",
            "deadbeef",
            "7be0c1d4-22aa-ee11-be37-6045bd9a1c20 ",
        ),
        *(
            "https://x.y/z ",
            "http://",
            "<!--",
            "- [x] ",
            "?",
            "İ",
            "エラー",
            "ModernFlow name ",
            "From: a\n",
            "a wrote:\n> b\n",
        ),
        *(
            "missing ",
            "exceeded ",
            "DLP ",
            "HELPER - ",
            "Admin | ",
            "4.50 -> ",
            "upgrade 4.50 to ",
            "%3a80048020",
            "not ",
            "\r",
        ),
        *("\ud800", "```\n", "[cid:", "something went wrong ", "。", "80072031 ", "after "),
    ],
    ids=repr,
)
def test_a_megabyte_of_anything_is_judged_in_the_blink_of_an_eye(part: str) -> None:
    """The bound is generous; a pattern that backtracks would take hours. The benchmarks measure growth."""
    text = (part * (1_000_000 // len(part) + 1))[:1_000_000]
    find_import_failure("Import", text, author="a", comments=[("a", text[:200_000])])
