"""The linter says what is wrong with a template, by file and line, before any issue meets it."""

from pathlib import Path

import pytest

from triage.responses import TemplateError, check_templates, read_template

TEMPLATES = Path(__file__).parent.parent / "templates"
SEED = Path(__file__).parent / "documents"


def document(response: str = "Thanks.", *, head: str = "", rest: str = "") -> str:
    """A document whose response begins on line 5 without, and on line 7 + lines of `head` with front matter."""
    front = f"---\n{head}\n---\n" if head else ""
    return f"{front}# T\n\n## Response\n\n{response}\n{rest}"


def lint(text: str) -> list[tuple[int, str, str]]:
    try:
        problems = read_template(text, "t.md").problems
    except TemplateError as error:
        problems = error.problems
    return [(problem.line, problem.severity, problem.message) for problem in problems]


def problems_of(text: str) -> list[str]:
    return [f"t.md:{line}: {severity}: {message}" for line, severity, message in lint(text)]


def errors(text: str) -> list[tuple[int, str]]:
    return [(line, message) for line, severity, message in lint(text) if severity == "error"]


def warnings(text: str) -> list[tuple[int, str]]:
    found = lint(text)
    assert all(severity == "warning" for _, severity, _ in found), found
    return [(line, message) for line, _, message in found]


EXACT = "match: {kind: transient_import}\nlinks_relative_to: docs"


def test_our_own_templates_have_no_error_and_no_warning():
    assert check_templates(TEMPLATES) == []


def test_a_document_as_maintainers_keep_it_has_warnings_only():
    problems = check_templates(SEED)
    assert problems
    assert {problem.severity for problem in problems} == {"warning"}


def test_a_problem_prints_as_file_line_severity_and_message():
    with pytest.raises(TemplateError) as caught:
        read_template("# T\n\nNothing here.\n", "folder/t.md")
    assert "folder/t.md:1: error: no response: add a section with the heading Response" in [
        str(problem) for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("response", "line", "words"),
    [
        ("Hi\n{{ issue.autor }}", 6, "issue.autor is undefined; issue has number, title, author"),
        ("{{ nobody }}", 5, "nobody is undefined; the names are ask, finding, form"),
        ("{% if false %}{{ form.verson }}{% endif %}", 5, "form.verson is undefined"),
        ("{% for cause in finding.causes %}\n{{ cause.remedy }}\n{% endfor %}", 6, "cause.remedy is undefined"),
        ('{{ (finding.causes | sort(attribute="name") | first).remedy }}', 5, "this.remedy is undefined"),
        ("{{ ask.incident }}", 5, "ask.incident is undefined"),
        ("{% set a = finding.known_codes[0] %}\n{{ a.wait }}", 6, "a.wait is undefined"),
        ("{{ issue.title", 5, "Jinja2: unexpected end of template"),
        ("\n{% if x %}", 6, "Jinja2: Unexpected end of template"),
        ("{{ issue.title | shout }}", 5, "Jinja2: No filter named 'shout'"),
        ('{% include "x" %}', 5, "a response cannot include another file"),
        ("{{ finding.causes[9].name }}", 5, "fails on this issue"),
        ("{{ issue.number + issue.title }}", 5, "fails on this issue"),
        ("{{ ''.__class__.__mro__ }}", 5, "fails on this issue"),
        ("x" * 65_537, 5, "the response has 65,537 characters, and a comment holds 65,536"),
    ],
)
def test_a_response_that_cannot_be_posted_is_an_error_on_its_line(response, line, words):
    found = errors(document(response))
    assert [at for at, message in found if words in message] == [line], found


@pytest.mark.parametrize(
    "response",
    [
        "{{ issue.title | default('x') }} {{ ask.x | default('') }}{% if ask.y is defined %}{% endif %}",
        "{% set v = form.version or form.target_version %}{{ v }}",
        "{% macro hi(name) %}hi {{ name }}{% endmacro %}{{ hi(maintainer) }}",
        "{% for code in finding.known_codes if code.kind == 'x' %}{{ loop.index }} {{ code.meaning }}{% endfor %}",
        "{{ repository.file('a/b.md') }} {{ repository.url }} {{ finding.names('DLP') }}",
        "{% for heading, answer in form.answers.items() %}{{ heading }}{{ answer }}{% endfor %}",
    ],
)
def test_what_jinja_allows_is_no_error(response):
    assert errors(document(response)) == []


@pytest.mark.parametrize(
    ("head", "line", "words"),
    [
        ("match:\n  when: finding.kinds", 3, "match.when: finding.kinds is undefined"),
        ("match:\n  when: repository.url", 3, "match.when: repository is undefined"),
        ("match:\n  when: 'answered and'", 3, "match.when: Jinja2:"),
        ("labels:\n  a: {when: issue.asks}", 3, "labels.a.when: issue.asks is undefined"),
    ],
)
def test_a_condition_that_cannot_be_read_is_an_error_on_its_line(head, line, words):
    ((at, message),) = errors(document(head=head))
    assert (at, words in message) == (line, True), message


@pytest.mark.parametrize(
    ("rest", "line", "words"),
    [
        ("\n## Issue Closure Criteria\n\nWhen it is done.\n", 7, "has no task list"),
        ("\n## Issue Closure Criteria\n- [ ] one\n- two\n", 9, "write a closure criterion as a task"),
        ("\n## Labels to Apply\n\nquestion\n", 7, "has no list"),
        ("\n## Labels to Apply\n- question - always\n", 8, "write a label as a list item"),
        ("\n## Labels to Apply\n- `` - always\n", 8, "GitHub refuses a label without a name"),
        (f"\n## Labels to Apply\n- `{'x' * 51}` - always\n", 8, "a name has at most 50 characters, this has 51"),
        ("\n## Labels to Apply\n- Close with `🙂` if done\n", 8, "a name needs more than emoji"),
        ("\n## Response\n\nAnother.\n", 7, "a second response"),
        ("\n## Variant: X\n\nIf so:\n", 7, "the section for X has nothing to post"),
        ("\n## Variant: X\n\ny\n\n## Variant: X\n\nz\n", 11, "a second variant x"),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error_on_its_line(rest, line, words):
    found = errors(document(rest=rest))
    assert [at for at, message in found if words in message] == [line], found


@pytest.mark.parametrize(
    ("when", "criteria", "refused"),
    [("0", 2, True), ("3", 2, True), ("2", 2, False), ("any", 0, True), ("all", 1, False)],
)
def test_closing_that_can_never_be_met_is_an_error(when, criteria, refused):
    rest = "\n## Issue Closure Criteria\n" + "- [ ] one\n" * criteria if criteria else ""
    found = errors(document(head=f"priority: 1\nclose:\n  when: {when}", rest=rest))
    assert [line for line, message in found if "can never be met" in message] == ([4] if refused else [])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (f"{{description: {'x' * 101}}}", "at most 100 characters, this has 101"),
        ("{description: 🙂}", "emoji are not allowed there"),
    ],
)
def test_a_label_description_that_github_refuses_is_an_error(settings, words):
    ((line, message),) = errors(document(head=f"labels:\n  a: {settings}"))
    assert (line, words in message) == (3, True)


def test_an_empty_response_and_open_front_matter_are_errors():
    assert [line for line, _ in errors("# T\n\n## Response\n\n## Notes\n\nx\n")] == [3]
    assert (1, "front matter is not closed; end it with a line ---") in errors(
        "---\npriority: 1\n\n# T\n\n## Response\n\nx"
    )
    assert [
        line for line, message in errors("\n---\npriority: 1\n---\n# T\n\n## Response\n\nx") if "first line" in message
    ] == [1]


@pytest.mark.parametrize(
    ("response", "line", "words"),
    [
        ("x\n[a](https://docs.microsoft.com/a)", 10, "this host is retired"),
        ("[a](http://example.org)", 9, "is not encrypted"),
        ("all is âœ…", 9, "text in the wrong encoding: âœ… is posted as ✅"),
        ("You have 4.50.6 now", 9, "4.50.6 looks like a version"),
        ("Thanks @ann!", 9, "@ann looks like a mention"),
        ("See #12", 9, "#12 looks like a reference to one issue"),
        ("sign in to fabrikam.crm4.dynamics.com", 9, "looks like an environment's address"),
        ('in environment "Fabrikam-Prod"', 9, "looks like an environment's name"),
        ("id 0a51b9aa-1f5e-ed11-9561-000d3a8a77b1", 9, "looks like an id"),
        ("mail ann@example.org", 9, "looks like an e-mail address"),
    ],
)
def test_what_a_person_should_see_before_it_is_posted_is_a_warning(response, line, words):
    ((at, message),) = warnings(document(response, head=EXACT))
    assert (at, words in message) == (line, True), message


@pytest.mark.parametrize(
    "response",
    [
        "{{ form.version }} and @{{ issue.author }}",
        "https://yourorg.crm.dynamics.com",
        "[a](../x.md) [b](https://learn.microsoft.com/x) [c](#top)",
        "`[a](http://example.org)` and `@ann` is code\n\n```\nhttps://docs.microsoft.com\n```",
        "wait 30 to 60 minutes, 2-4 hours, 100 %",
    ],
)
def test_ordinary_text_has_no_warning(response):
    if "`@ann`" in response:
        assert [message for _, message in warnings(document(response, head=EXACT)) if "link" in message] == []
    else:
        assert warnings(document(response, head=EXACT)) == []


def test_a_relative_link_without_a_place_to_start_from_is_a_warning():
    ((line, message),) = warnings(document("x\n\n[a](../docs/x.md)", head="match: {kind: other_import}"))
    assert (line, "set links_relative_to" in message) == (10, True)


def test_a_link_that_climbs_out_of_the_repository_is_a_warning():
    ((line, message),) = warnings(document("[a](../x.md) [b](../../y.md)", head=EXACT))
    assert (line, message) == (9, "../../y.md leads out of the repository; it has too many ../")


def test_a_list_of_keywords_without_quotation_marks_is_a_warning():
    text = document("x", head="match: {kind: other_import}") + "\n## Keywords to Watch For\n\n- time out\n"
    assert warnings(text) == [(10, 'Keywords to Watch For has no quoted phrase; write each as "words"')]


def test_three_backticks_in_a_line_of_text_open_no_code_block():
    found = warnings(document("```a``` is code, [b](http://e.example) is none", head=EXACT))
    assert found == [(9, "http://e.example is not encrypted; link over https")]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["{{", "{% ", "`", "~~~\n", "[a](", "1.2."])
def test_a_long_response_is_linted_at_once_whatever_it_holds(unit):
    assert problems_of(document(unit * (60_000 // len(unit)), head=EXACT)) is not None


def test_what_was_guessed_for_want_of_front_matter_is_a_warning():
    text = (
        "# Errors\n\nFor 80097376.\n\n## Response\n\nx\n\n## Variant: DLP flows\n\ny\n\n"
        "## Issue Closure Criteria\n- [ ] a\n\n## Labels to Apply\n- `a` - If so\n- `b` - always\n"
    )
    assert [(line, message.rpartition("; ")[2]) for line, message in warnings(text)] == [
        (3, "set match.codes"),
        (3, "set match.kind"),
        (9, "set variants.dlp"),
        (13, "set close.when"),
        (13, "set close.reason"),
        (17, "set labels.a.when"),
        (18, "set labels.b.when"),
    ]


def folder(tmp_path: Path, **heads: tuple[str, str]) -> list[str]:
    for name, (head, response) in heads.items():
        text = document(response, head=head).replace("# T", f"# {name}", 1)
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in check_templates(tmp_path)]


CODES = 'match: {codes: ["80097376", "80072031"]}'


def test_two_templates_with_one_priority_for_a_code_are_a_warning(tmp_path):
    assert folder(tmp_path, a=(f"{CODES}\npriority: 3", "x"), b=(f"{CODES}\npriority: 3", "y")) == [
        "b.md:3: warning: same priority (3) as a for 80097376, 80072031; raise one"
    ]


def test_two_templates_that_give_different_waiting_times_for_a_code_are_a_warning(tmp_path):
    found = folder(
        tmp_path,
        a=(f"{CODES}\npriority: 2", "Wait 5-10 minutes."),
        b=(f"{CODES}\npriority: 1", "x\nWait half a day or wait 1 to 4 hours."),
        c=('match: {codes: ["80072031"]}\npriority: 0', "Please wait for 5 to 10 minutes."),
    )
    assert [line.split(": ", 2)[2] for line in found if line.startswith("b.md:10: warning:")] == [
        "80072031: says to wait 60 to 240 minutes, but a says 5 to 10 minutes",
        "80097376: says to wait 60 to 240 minutes, but a says 5 to 10 minutes",
    ]
    assert not any(line.startswith("c.md") and " but a " in line for line in found)


def test_a_waiting_time_from_the_table_counts_as_well(tmp_path):
    (found,) = folder(
        tmp_path,
        a=(f"{CODES}\npriority: 2", 'Give it {{ finding.wait or "1 to 2 hours" }}.'),
        b=('match: {codes: ["80097376"]}\npriority: 1', "Wait 5 minutes."),
    )
    assert "says to wait 5 minutes, but a says 30 to 60 minutes" in found


def test_two_templates_with_one_title_are_a_warning(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(
            document("x", head=f"match: {{kind: other_import}}\npriority: {name == 'a':d}")
        )
    (found,) = check_templates(tmp_path)
    assert str(found).endswith("warning: same title as a; rename one of them")


# --- what must not hang or break the dashboard ------------------------------------------------------------------------


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "response",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for x in [[1]] recursive %}{{ loop([[1], [1]]) }}{% endfor %}",
        "{{ 'x' * 10**9 }}",
        "{{ 9 ** (9 ** 9) }}",
        "{{ ([0] * 10**9) | length }}",
        "{{ [[1]*20000]*20000 }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(50) }}",
        "{% for i in range(99999) %}" + "x" * 9999 + "{% endfor %}",
        "{% set n = namespace(x=[]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | string }}",
        "{{ range(99999) | select('in', range(99999) | list) | list | length }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'x'.rjust(10**9) }}",
        "{{ 'x' | center(10**9) }}",
        "{{ 'a\nb' | indent(10**9) }}",
        "{{ ('a' * 9999) | replace('a', 'b' * 9999) }}",
        "{{ (range(9999) | list) | join('b' * 9999) }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{{ " + "(" * 9999 + "1" + ")" * 9999 + " }}",
        "".join(f"{{% for i{n} in [1] %}}" for n in range(40)) + "{% endfor %}" * 40,
    ],
)
def test_a_template_without_an_end_is_stopped_and_said_to_be_wrong(response):
    (problem,) = problems_of(document(response, head=EXACT))
    assert ": error: " in problem


@pytest.mark.parametrize("printed", ["finding.codes", "'codes: ' ~ finding.codes", "form.answers.items()", "range(3)"])
def test_a_printed_list_is_a_mistake_that_names_the_fix(printed):
    (problem,) = problems_of(document(f"{{{{ {printed} }}}}", head=EXACT))
    assert "a list cannot be printed; join it, as in finding.codes | join(', ')" in problem


def test_a_printed_object_is_a_mistake():
    (problem,) = problems_of(document("{{ repository }}", head=EXACT))
    assert "only text and numbers can be printed" in problem


@pytest.mark.parametrize(
    "response",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ '' | attr('__class__') }}",
        "{{ issue.title._text }}",
        "{{ issue.title.text }}",
        "{{ issue.title.ledger }}",
        "{{ repository.file.__globals__ }}",
        "{{ finding._finding }}",
        "{{ issue.title.encode() }}",
        "{% include 'x' %}",
    ],
)
def test_a_template_reaches_nothing_behind_its_names(response):
    assert any(": error: " in problem for problem in problems_of(document(response, head=EXACT)))


def test_ordinary_jinja_still_works():
    response = (
        "{% for code in finding.codes %}{{ loop.index }}/{{ loop.length }} {{ code.lower() }}"
        "{{ ', ' if not loop.last }}{% endfor %}{{ ', '.join(finding.codes) }} {{ 'a-b'.replace('-', '+') }}"
        "{{ 'a' ~ 2 * 3 }} {{ 'x' | indent(2) }}"
    )
    assert problems_of(document(response, head=EXACT)) == []


def test_a_condition_that_fails_on_every_issue_is_an_error():
    (problem,) = problems_of(
        document("x", head="match: {kind: other_import}\nlabels:\n  a: {when: 'issue.number.x.y'}")
    )
    assert problem.startswith("t.md:4: error: labels.a fails on every issue")


def test_an_unknown_filter_or_test_is_found_where_no_sample_comes_by():
    problems = problems_of(document("{% if maintainer == 'nobody' %}{{ 1 is nice }}{% endif %}", head=EXACT))
    assert [problem.split(": ", 2)[2] for problem in problems] == ["there is no test nice"]


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff", "no heading at all", "\r", "---", "---\n---", "#", "\x00"])
def test_a_document_without_anything_to_post_is_an_error_and_nothing_worse(text):
    assert any("no response" in problem for problem in problems_of(text))


def test_a_document_with_any_line_ends_is_read():
    text = document("x", head=EXACT)
    assert "\n" in text
    for ends in ("\r\n", "\r"):
        assert problems_of(text.replace("\n", ends)) == []


def test_yaml_that_nests_without_end_is_an_error():
    (problem, *_) = problems_of(document("x", head="match: " + "[" * 5_000))
    assert "not valid YAML" in problem


@pytest.mark.parametrize("phrase", ["/(a+)+$/", "/(a|a)*b/", "/((a{1,9})x?)*/", "/(?:.*,){20}/", "/a.*b.*c.*d/"])
def test_a_phrase_that_could_take_forever_is_an_error(phrase):
    assert any(
        "can take forever" in found for found in problems_of(document("x", head=f"match: {{phrases: ['{phrase}']}}"))
    )


@pytest.mark.parametrize(
    "phrase", ["/80097376|bad ?gateway/", "/(?:gateway|proxy) error [0-9]{3}/", "/a[(+*)]+b/", r"/\(.*\)/"]
)
def test_a_phrase_that_ends_is_none(phrase):
    assert problems_of(document("x", head=f"match: {{phrases: ['{phrase}']}}")) == []


def test_a_code_block_that_is_not_closed_is_a_warning():
    assert (10, "this code block is not closed; everything below becomes part of it") in warnings(
        document("x\n\n```sh\necho", head="match: {kind: other_import}")
    )


def test_one_label_in_two_cases_is_a_warning():
    text = document("x", head=EXACT) + "\n## Labels to Apply\n\n- `bug` - always\n- `Bug` - always\n"
    assert any("label Bug is given twice" in message for _, message in warnings(text))


def test_a_link_in_angle_or_round_brackets_is_seen():
    found = [message for _, message in warnings(document("<http://e.example> (http://f.example)", head=EXACT))]
    assert found == [
        "http://e.example is not encrypted; link over https",
        "http://f.example is not encrypted; link over https",
    ]
