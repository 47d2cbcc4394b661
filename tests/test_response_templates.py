"""A template is the document that a person reads: sections by heading, front matter for what prose cannot say."""

import os
from pathlib import Path

import pytest

from triage.detection.error_codes import own_table
from triage.responses import TemplateError, load_templates, read_template
from triage.responses.document import repair_encoding
from triage.responses.links import make_absolute

SEED = Path(__file__).parent / "documents" / "maintainers-answer.md"
MINIMAL = "# Title\n\n## Response\n\nThanks.\n"


def problems_of(text: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        read_template(text, "t.md")
    return [str(problem) for problem in caught.value.problems if problem.severity == "error"]


def test_a_document_without_front_matter_works_as_it_stands():
    template = read_template(SEED.read_text(encoding="utf-8"), "answer.md")
    assert template.name == "answer"
    assert template.match.codes == ("80097376", "80072031")
    assert template.match.kind == "transient_import"
    assert [(variant.name, variant.condition) for variant in template.variants] == [("dlp", 'finding.names("DLP")')]
    assert len(template.criteria) == 4
    assert [(label.name, label.when) for label in template.labels] == [
        ("question", "false"),
        ("documentation", "true"),
        ("transient-error", "true"),
        ("import-upgrade", "true"),
    ]
    assert (template.close.when, template.close.reason, template.close.labels) == ("any", "not_planned", ("wontfix",))


def test_a_code_in_the_title_is_a_code_to_match():
    template = read_template("# After 0x80097376\n\nand 80072031\n\n## Response\n\nx", "t.md")
    assert template.match.codes == ("80097376", "80072031")
    assert [problem.line for problem in template.problems if "match.codes" in problem.message] == [1]


@pytest.mark.parametrize(("name", "heading"), [("DLP", "DLP flows"), ("us gov", "US Gov"), ("dlp", "`DLP`")])
def test_a_condition_belongs_to_its_variant_whatever_the_case(name, heading):
    text = f"---\nvariants: {{{name}: issue.asks_for_help}}\n---\n# T\n\n## Response\n\nx\n\n## Variant: {heading}\n\ny"
    assert [variant.condition for variant in read_template(text, "t.md").variants] == ["issue.asks_for_help"]


def test_what_the_document_means_for_people_only_is_not_posted():
    template = read_template(SEED.read_text(encoding="utf-8"), "answer.md")
    assert template.response.startswith("Thanks for the report.")
    assert template.response.endswith("**Tell us how it went.**")
    assert "a note for colleagues" not in template.response
    assert template.variants[0].guidance == ('If a flow of that feature is named (e.g. "DLP Request | Sync (Child)"):')
    assert template.variants[0].response.startswith("Those flows are optional.")


def test_a_heading_in_a_code_fence_is_no_heading():
    template = read_template("# T\n\n## Response\n\n```sh\n# Install\n## Labels to Apply\n```\n\nEnd.\n", "t.md")
    assert template.response == "```sh\n# Install\n## Labels to Apply\n```\n\nEnd."


@pytest.mark.parametrize(
    "heading", ["# RESPONSE", "###### response template", "Response\n====", "## **Response**:", "Response\n---"]
)
def test_a_section_is_found_whatever_the_level_or_case(heading):
    assert read_template(f"# T\n\nIntro\n\n{heading}\n\nThanks.\n\n---\n", "t.md").response == "Thanks."


def test_headings_within_the_response_are_part_of_it_and_one_beside_it_ends_it():
    template = read_template("# T\n\n## Response\n\nHi\n\n### Cause\n\nx\n\n## Notes\n\nprivate\n", "t.md")
    assert template.response == "Hi\n\n### Cause\n\nx"


def test_the_first_sentence_is_guidance_only_where_it_begins_with_if():
    text = "# T\n\n## Response\n\nx\n\n## Variant: Cloud\n\n"
    text += "If so, e.g. here. Then post this.\n\n## Variant: Other\n\nPost all of it.\n"
    cloud, other = read_template(text, "t.md").variants
    assert (cloud.guidance, cloud.response) == ("If so, e.g. here.", "Then post this.")
    assert (other.guidance, other.response) == ("", "Post all of it.")


def test_front_matter_says_exactly_what_prose_cannot():
    template = read_template(
        "---\nmatch:\n  codes: [80097376, '0x8004f01f', -2147016655]\n  phrases: [Bad Gateway]\n  kind: other_import\n"
        "priority: 7\nvariants: {dlp: 'finding.names(\"DLP\")'}\n"
        "labels:\n  a: {when: true, color: 000000, description: d}\n  b: {when: issue.asks_for_help}\n"
        "close: {when: 1, reason: duplicate, labels: [c]}\nlinks_relative_to: docs/answers\n"
        "ask:\n  incident: {prompt: Which, optional: true}\n---\n"
        "# T\n\n## Response\n\n{{ ask.incident }}\n\n## Variant: DLP flows\n\nmore\n\n"
        "## Issue Closure Criteria\n- [ ] one\n  and on\n- [x] two\n\n"
        '## Keywords to Watch For\n\n- "time out", “gone”\n',
        "x/t.md",
    )
    assert not template.problems
    assert template.match.codes == ("80097376", "8004F01F", "80072031")
    assert template.match.phrases == ("Bad Gateway", "time out", "gone")
    assert (template.match.kind, template.priority, template.links_relative_to) == ("other_import", 7, "docs/answers")
    assert [(label.name, label.when, label.color) for label in template.labels] == [
        ("a", "true", "000000"),
        ("b", "issue.asks_for_help", ""),
    ]
    assert template.criteria == ("one and on", "two")
    assert (template.close.when, template.close.reason, template.close.labels) == (1, "duplicate", ("c",))
    assert [(ask.name, ask.prompt, ask.optional) for ask in template.ask] == [("incident", "Which", True)]


def test_text_in_the_wrong_encoding_is_repaired_and_real_text_is_left_alone():
    assert repair_encoding("ðŸ“– âœ… cafÃ© â€“ naÃ¯ve")[0] == "📖 ✅ café – naïve"
    real = "CAFÉ” – voilà » für “Müller”, naïve, 状態, São Paulo, Ã, â la"
    assert repair_encoding(real) == (real, [])


def test_a_relative_link_leads_to_the_default_branch():
    base = "https://github.com/o/n"
    assert make_absolute("../../docs/a b.md#x", base, ".github/ANSWERS") == f"{base}/blob/HEAD/docs/a%20b.md#x"
    assert make_absolute("x.md?plain=1", base, ".github/ANSWERS") == f"{base}/blob/HEAD/.github/ANSWERS/x.md?plain=1"
    assert make_absolute("../../docs/x.md", base, None) == f"{base}/blob/HEAD/docs/x.md"
    assert make_absolute("../p.png", base, "docs/x", image=True) == f"{base}/raw/HEAD/docs/p.png"


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing():
    assert read_template("\ufeff" + MINIMAL.replace("\n", "\r\n"), "t.md").response == "Thanks."


# --- the folder -------------------------------------------------------------------------------------------------------


def write(path: Path, text: str, *, seconds: int = 0) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_700_000_000 + seconds, 1_700_000_000 + seconds))


def test_templates_come_highest_priority_first_then_by_name(tmp_path):
    for name, priority in (("b", 1), ("a", 1), ("c", 5)):
        write(tmp_path / f"{name}.md", f"---\npriority: {priority}\n---\n{MINIMAL}")
    write(tmp_path / "README.md", "# For people")
    assert [template.name for template in load_templates(tmp_path).templates] == ["c", "a", "b"]


def test_an_edit_on_disk_shows_and_an_unchanged_folder_is_not_read_again(tmp_path):
    write(tmp_path / "a.md", MINIMAL)
    first = load_templates(tmp_path)
    assert load_templates(tmp_path, first) is first
    write(tmp_path / "a.md", MINIMAL.replace("Thanks", "Hello"), seconds=1)
    assert load_templates(tmp_path, first).templates[0].response == "Hello."


def test_a_broken_file_is_reported_by_line_and_its_last_good_version_keeps_working(tmp_path):
    write(tmp_path / "a.md", MINIMAL)
    good = load_templates(tmp_path)
    write(tmp_path / "a.md", MINIMAL + "\n{{ issue.autor }}\n", seconds=1)
    broken = load_templates(tmp_path, good)
    assert broken.templates == good.templates
    assert [(problem.line, problem.severity) for problem in broken.problems if problem.severity == "error"] == [
        (7, "error")
    ]
    assert load_templates(tmp_path).templates == ()
    write(tmp_path / "a.md", MINIMAL.replace("Thanks", "Mended"), seconds=2)
    assert load_templates(tmp_path, broken).templates[0].response == "Mended."


def test_a_file_that_is_gone_is_gone_and_one_that_is_not_text_is_reported(tmp_path):
    write(tmp_path / "a.md", MINIMAL)
    before = load_templates(tmp_path)
    (tmp_path / "a.md").unlink()
    (tmp_path / "b.md").write_bytes(b"# T\n\xff\xfe\n")
    after = load_templates(tmp_path, before)
    assert after.templates == ()
    assert [str(problem) for problem in after.problems] == [
        f"{tmp_path / 'b.md'}:2: error: not UTF-8; save the file as UTF-8"
    ]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    (problem,) = load_templates(tmp_path / "none").problems
    assert "TRIAGE_TEMPLATES" in problem.message


def test_our_own_templates_are_four():
    folder = load_templates(Path(__file__).parent.parent / "templates")
    assert [template.name for template in folder.templates] == [
        "import-failure-escalation",
        "import-failure-known-cause",
        "import-failure-needs-details",
        "transient-import-errors",
    ]


@pytest.mark.parametrize(
    ("head", "line", "words"),
    [
        ("priorty: 3", 2, "unknown key priorty; front matter allows match, priority, variants"),
        ("match: {kinds: x}", 2, "unknown key match.kinds; match allows codes, phrases, kind, when"),
        ("priority: high", 2, "priority must be a whole number"),
        ("match:\n  kind: transient", 3, "match.kind must be one of transient_import, other_import"),
        ("match:\n  codes: 80097376", 3, "match.codes must be a list of texts"),
        ("match:\n  codes:\n    - abc", 4, "match.codes: abc is not an error code"),
        ("match: {phrases: ['/a(/']}", 2, "/a(/ is not a valid regular expression"),
        ("match: {phrases: ['/a*/']}", 2, "/a*/ matches every issue"),
        ("links_relative_to: https://example.org/docs", 2, "links_relative_to must be a folder of the repository"),
        ("links_relative_to: docs\\answers", 2, "links_relative_to must be a folder of the repository"),
        ("close: {reason: wontfix}", 2, "close.reason must be one of completed, not_planned, duplicate"),
        ("close: {when: some}", 2, "close.when must be any, all or a number of criteria"),
        ("labels: [a]", 2, "labels must be a mapping"),
        ("labels:\n  a: {colour: red}", 3, "unknown key labels.a.colour; labels.a allows when, color, description"),
        ("labels:\n  a: {color: red}", 3, "labels.a.color must be six hexadecimal digits"),
        ("ask:\n  x: {optional: maybe, prompt: p}", 3, "ask.x.optional must be one of true, false"),
        ("ask:\n  x: {}", 3, "ask.x needs a prompt"),
        ("priority: 1\npriority: 2", 3, "priority is given twice"),
        ("match: [", 3, "front matter is not valid YAML"),
        ("variants: {gov: true}", 2, "variants.gov: the document has no section Variant: gov"),
        ("- a", 2, "front matter must be a mapping"),
    ],
)  # fmt: skip
def test_wrong_front_matter_names_the_key_and_what_it_allows(head, line, words):
    (problem,) = problems_of(f"---\n{head}\n---\n{MINIMAL}")
    assert problem.startswith(f"t.md:{line}: error: ")
    assert words in problem


# --- the folder's own table of error codes ----------------------------------------------------------------------------

OWN_CODES = """
[causes.full_moon]
name = "full moon"
meaning = "The service rests at full moon."
cure = "Wait for the morning."
wait = "8 to 9 hours"
kind = "transient"
phrases = ["the moon is full"]

[codes.8004AAAA]
meaning = "the moon"
kind = "transient"
cause = "full_moon"
"""


def test_the_folders_own_table_of_codes_is_used_and_a_broken_one_keeps_the_last(tmp_path):
    write(tmp_path / "a.md", MINIMAL)
    plain = load_templates(tmp_path)
    assert (plain.table is own_table(), plain.table.version) == (True, "")

    write(tmp_path / "error-codes.toml", OWN_CODES)
    with_table = load_templates(tmp_path, plain)
    assert with_table.table.codes["8004AAAA"].cause == "full_moon"
    assert with_table.table.version
    assert load_templates(tmp_path, with_table) is with_table

    write(tmp_path / "error-codes.toml", OWN_CODES.replace('kind = "transient"\ncause', 'kind = "lunar"\ncause'))
    broken = load_templates(tmp_path, with_table)
    assert broken.table is with_table.table
    assert broken.table.version == with_table.table.version
    (problem,) = [problem for problem in broken.problems if problem.severity == "error"]
    assert str(problem).startswith(f"{tmp_path / 'error-codes.toml'}:10: error: kind of 8004AAAA has to be one of ")

    write(tmp_path / "error-codes.toml", OWN_CODES + "\n[cause.x]\n")
    problems = load_templates(tmp_path, with_table).problems
    (problem,) = [problem for problem in problems if problem.severity == "error"]
    assert problem.line == len(OWN_CODES.splitlines()) + 2

    (tmp_path / "error-codes.toml").unlink()
    assert load_templates(tmp_path, broken).table is own_table()


def test_a_table_that_is_no_toml_is_reported_with_its_line(tmp_path):
    write(tmp_path / "a.md", MINIMAL)
    write(tmp_path / "error-codes.toml", "# ours\n[codes.8004AAAA\n")
    (problem,) = [problem for problem in load_templates(tmp_path).problems if problem.severity == "error"]
    assert (problem.file, problem.line) == (str(tmp_path / "error-codes.toml"), 2)
