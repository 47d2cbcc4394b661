"""Whatever an issue holds, the posted comment has nothing of it but visible plain text."""

import html
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.detection import Evidence, Finding
from triage.issue_forms import Form, read_form
from triage.markdown import render_html
from triage.models import Issue, Repository
from triage.responses import ResponseTemplate, load_templates, plain, read_template, suggest_response
from triage.responses.inert_text import one_line

REPOSITORY = Repository("octo/kit", "https://github.com/octo/kit")
TIME = datetime(2026, 2, 1, tzinfo=UTC)

# A template that prints each value where a careless author might: in prose, code, a table, a list, a heading, a
# quotation, a link's words and its address, beside signs, and after filters.
CARELESS = """
# Careless

## Response

Dear {{ issue.author }}, about “{{ issue.title }}”: version {{ form.version }}, flow `{{ form.flow }}`.

{{ form.solution }}
{{ form.method }} and {{ form.expected | upper }} and {{ form.flow | truncate(30) }}

### Heading {{ form.description }}

- {{ form.steps }}
- `{{ finding.flows | join("`, `") }}` {{ finding.flows | join(" ~ ") }}

> {{ form.expected }}

| a | b |
| - | - |
| {{ form.flow }} | `{{ form.description }}` |

```text
{{ form.description }}
{% for each in finding.evidence %}
{{ each.quote }}
{% endfor %}
```

[{{ form.flow }}](https://example.org/{{ form.version }}) **{{ form.steps }}** _{{ form.method }}_
({{ form.flow }}){{ form.flow }}
{% for heading, answer in form.answers.items() %}
{{ heading }}: {{ answer }}{{ form.version }}
{% endfor %}
"""


@cache
def templates() -> tuple[ResponseTemplate, ...]:
    ours = load_templates(Path(__file__).parent.parent / "templates")
    assert not ours.problems
    return (*ours.templates, read_template(CARELESS, "careless.md"))


def rendered(template: ResponseTemplate, issue: Issue, finding: Finding, form: Form) -> str:
    suggestion = suggest_response(issue, finding, form, template, repository=REPOSITORY, maintainer="maintainer")
    assert not suggestion.problem
    return suggestion.comment


def make_issue(title: str, body: str, author: str) -> Issue:
    return Issue(7, title, body, author, "open", TIME, TIME, "https://github.com/octo/kit/issues/7")


# --- what GitHub would make of a comment ------------------------------------------------------------------------------

MENTION = re.compile(r"(?:^|\W)@[a-z0-9][a-z0-9-]*", re.IGNORECASE)
REFERENCE = re.compile(r"(?:^|[^\w&])#\d+|\w#\d+|\bGH-\d+|\b[A-Za-z][A-Za-z0-9]*-\d+\b", re.IGNORECASE)
COMMIT = re.compile(r"(?<!\w)[0-9a-f]{7,40}(?!\w)", re.IGNORECASE)
ADDRESS = re.compile(r"\w://|\bwww\.\w|\bmailto:\w", re.IGNORECASE)
SHORTCODE = re.compile(r":[\w+-]+:")


def outline(comment: str) -> tuple[list[str], Counter[str]]:
    """The tags of the rendered comment in order, and what its text outside code and links pings, links or replaces."""
    tags: list[str] = []
    texts: list[str] = []
    ignored = at = 0
    rendering = render_html(comment)
    for tag in re.finditer(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)[^<>]*>", rendering, re.DOTALL):
        if not ignored:
            texts.append(rendering[at : tag.start()])
        at = tag.end()
        tags.append(tag[0] if tag[2] != "a" else re.sub(r"example\.org/[^\"]*", "", tag[0]))
        if tag[2] in ("code", "pre", "a"):
            ignored += -1 if tag[1] else 1
    text = html.unescape("\n".join([*texts, rendering[at:]]))
    return tags, Counter({name: len(pattern.findall(text)) for name, pattern in SIGNS.items()})


SIGNS = {"mention": MENTION, "reference": REFERENCE, "commit": COMMIT, "address": ADDRESS, "emoji": SHORTCODE}


# --- the property -----------------------------------------------------------------------------------------------------

NASTY = (
    *("@octocat", "@org/team", "#12", "GH-12", "octo/kit#3", "fixes #4"),
    *("a5c3785ed8d6a35868bc169f07e40e889087fd2e", "abcdef1"),
    *("https://github.com/octo/kit/issues/9", "www.example.com", "a@example.com", "mailto:x@y.zz"),
    *("user@a5c3785", ":+1:", "octo/kit@abcdef1", "CVE-2024-12", "GHSA-aaaa-bbbb-cccc", "xmpp:x@y.zz", "ftp://x.zz"),
    *("@\u200boctocat", "\uff20octocat", "&commat;octocat", "&num;12", "\u2067@octocat\u2069", "\n===\n", "\n---\n"),
    *("\u2028", "\u0085", "\ud83d", "[!NOTE]"),
    *("<!-- hidden -->", "<!--", "-->", "<!-- triage: 1 -->", "<b>", "</details>", "<img src=x>"),
    *("<script>", "</code></pre>"),
    *("![x](https://example.com/a.png)", "[x](https://example.com)", "[x]: https://example.com", "[^1]"),
    *("](", "![", "<https://e.com>"),
    *("# h", "## h", "---", "===", "```", "~~~", "`", "``", "> q", "- [ ] t", "* x", "+ x", "1. x", "1)"),
    *("| a | b |", "|-|-|", "    x"),
    *("{{ 7*7 }}", "{% for x in y %}", "{{ issue.author }}", "{# #}", "{%", "}}", "{{ ''.__class__ }}"),
    *("$x$", "**b**", "_i_", "~~s~~"),
    *("&amp;", "&#64;octocat", "&lt;", "\\", "\\@octocat", "\u202e", "\u200b", "\u2060", "\U000f0000"),
    *("\U000f0003", "\x00", "\x0b"),
    *("\r\n", "\n", "\n\n", "\t", " ", "plain", "4.50.4", "DLP Request | Sync", "80097376", "BadGateway"),
    *("!", "@", "#", "-", ":", "/"),
)  # fmt: skip
TEXT = st.lists(st.sampled_from(NASTY), max_size=6).map("".join)


def make_body(texts: Sequence[str]) -> str:
    return (
        f"### Describe the issue\n\nImport failed, 80097376 BadGateway {texts[0]}\n\n"
        f"### What solution version are you using?\n\n{texts[1]}\n\n"
        f"### What app or flow are you having the issue with?\n\n{texts[2]}\n\n### Steps To Reproduce\n\n{texts[3]}"
    )


def careless_comment(title: str, author: str, form: Form, quotes: Sequence[str], flow: str) -> str:
    evidence = tuple(Evidence("body", 0, 1, quote, "failed import") for quote in quotes)
    finding = Finding("transient_import", ("80097376",), evidence, (f"Sync | Apps {flow}x",))
    return rendered(templates()[-1], make_issue(title, "", author), finding, form)


@lru_cache(maxsize=4_096)
def harmless_outline(there: tuple[bool, ...], answers: tuple[bool, ...]) -> tuple[list[str], Counter[str]]:
    """What the comment is where every value is the word "plain", or is missing where it is missing."""
    words = ["plain" if is_there else "" for is_there in there]
    form = Form(
        **dict(zip(NAMES, words[2:], strict=True)),
        answers={f"plain {number}": "plain" if is_there else "" for number, is_there in enumerate(answers)},
    )
    return outline(careless_comment(words[0], words[1], form, words[2:4], "plain"))


NAMES = ("solution", "method", "expected", "steps", "flow", "description", "version")


@pytest.mark.timeout(600)  # about a minute of one core
@given(st.lists(TEXT, min_size=6, max_size=6))
@settings(max_examples=10_000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_of_an_issue_acts_in_the_comment(texts):
    title, author, *rest = texts
    body = make_body(rest)
    read = read_form(body)
    values = [*rest, read.flow, title, read.version or author]
    form = Form(**dict(zip(NAMES, values[: len(NAMES)], strict=True)), answers=read.answers)
    comment = careless_comment(title, author, form, values[:2], rest[3])

    there = tuple(bool(one_line(text)) for text in (title, author, *values[: len(NAMES)]))
    answers = tuple(bool(one_line(text)) for text in read.answers.values())
    assert outline(comment) == harmless_outline(there, answers)
    assert "<!--" not in comment
    assert not re.search("[\U000f0000-\U0010ffff\u202e\x00\x0b]", comment)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("text", NASTY)
def test_none_of_our_templates_lets_a_sign_through(text, place):
    body = (
        "### Describe the issue\n\nImport failed, 80097376 BadGateway while importing DLP Request | X\n\n"
        f"### What solution version are you using?\n\n4.50.4 {text}\n\n"
        f"### What app or flow are you having the issue with?\n\nDLP Request | Sync {text} x"
    )
    kinds = ("transient_import", "transient_import", "other_import", "other_import")
    finding = Finding(kinds[place], ("80097376",), (), (f"DLP Request | Sync {text} x",))
    calm = Finding(kinds[place], ("80097376",), (), ("DLP Request | Sync x",))
    template = templates()[place]
    comment = rendered(template, make_issue(text, body, text or "x"), finding, read_form(body))
    expected = rendered(template, make_issue("x", "", "x"), calm, Form(version="4.50.4", flow="DLP Request | Sync x"))
    assert outline(comment) == outline(expected)


@pytest.mark.parametrize("text", NASTY)
def test_plain_text_shows_every_character_that_can_be_seen(text):
    shown = html.unescape(re.sub(r"</?p>", "", render_html(f"x {plain(text)}"))).replace("\u2060", "").strip()
    seen = re.sub("[\u202e\u2067\u2069\ud83d\u200b\u2060\U000f0000-\U000fffff]", "", text)
    assert shown == " ".join(["x", *re.sub("[\x00\x0b]", " ", seen).split()])


def test_a_mention_in_untrusted_text_is_broken_not_only_escaped():
    assert "@octocat" not in plain("@octocat")
    assert plain("@octocat").replace("\u2060", "") == "@octocat"


def test_ordinary_words_stay_as_they_are():
    assert plain("DLP Request - Sync Policy (Child), 4.50.4") == "DLP Request - Sync Policy (Child), 4.50.4"
    assert plain("CenterOfExcellence_Upgrade") == "CenterOfExcellence_Upgrade"


def test_the_reporters_jinja_is_shown_and_never_run():
    template = read_template("# T\n\n## Response\n\n{{ form.flow }} {{ form.flow | upper }}", "t.md")
    form = Form(flow="{{ 7 * 7 }}{% raw %}")
    comment = rendered(template, make_issue("x", "x", "x"), Finding("other_import"), form)
    assert comment == "{{ 7 \\* 7 }}{% raw %} {{ 7 \\* 7 }}{% RAW %}"


def test_the_maintainers_own_answer_is_taken_as_typed():
    document = "---\nask:\n  note: {prompt: A note}\n---\n# T\n\n## Response\n\n{{ ask.note }}"
    suggestion = suggest_response(
        make_issue("x", "x", "x"), Finding("other_import"), Form(), read_template(document, "t.md"),
        repository=REPOSITORY, maintainer="m", ask={"note": "see @ann and #12"},
    )  # fmt: skip
    assert suggestion.comment == "see @ann and #12"


def test_a_template_that_mentions_the_reporter_mentions_a_login_and_nothing_else():
    template = read_template("# T\n\n## Response\n\nHello @{{ issue.author }}!", "t.md")

    def greet(author: str) -> str:
        return rendered(template, make_issue("x", "x", author), Finding("other_import"), Form())

    assert greet("octo-cat") == "Hello @octo-cat!"
    assert not MENTION.search(greet("org/team and @others"))


def test_a_value_of_a_megabyte_is_cut():
    assert len(plain("word " * 200_000)) < 1_100


@pytest.mark.parametrize("text", ["$x$", "$$x$$", "$`x`$", "costs $5 or $6"])
def test_a_dollar_opens_no_formula(text):
    assert not re.search(r"(?:^|[\s(\\])\$[^\u2060]", plain(text))
    assert "$" in plain(text)


@pytest.mark.parametrize("version", ["1.7.20210707.1", "v4.50.4", "2.2.20210707.3"])
def test_a_version_can_be_copied(version):
    assert plain(version) == version


def test_a_number_with_dots_that_could_name_a_commit_is_no_version():
    assert not COMMIT.search(plain("4.50.1234567"))
    assert not COMMIT.search(plain("1234567.1"))


def test_no_text_of_an_issue_passes_for_our_marker():
    template = read_template("# T\n\n## Response\n\n`{{ form.flow }}` {{ form.flow }} <!-- {{ form.flow }} -->", "t.md")
    form = Form(flow="<!-- triage: 0123 -->")
    assert "<!-- triage:" not in rendered(template, make_issue("x", "x", "x"), Finding("other_import"), form)
