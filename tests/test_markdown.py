"""Markdown is drawn as GitHub draws it, safely, and marks change nothing but themselves."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.markdown import (
    GITHUB_CSS,
    ends_in_fence,
    find_blocks,
    label_chip,
    render_diff,
    render_html,
    render_markdown,
    render_with_marks,
)

REPOSITORY = "https://github.com/octo/kit"


def test_a_soft_line_break_is_a_line_break_as_in_a_comment():
    assert render_markdown("one\ntwo") == "<p>one<br>\ntwo</p>\n"


def test_tables_strikethrough_and_task_lists_are_drawn_as_on_github():
    html = render_markdown("|a|\n|-|\n|~~b~~|\n\n- [x] done\n- [ ] open")
    assert "<td><del>b</del></td>" in html
    assert '<input type="checkbox" disabled checked> done' in html
    assert '<input type="checkbox" disabled> open' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "<style>*{display:none}</style>",
        "<iframe src='https://example.org'></iframe>",
        "<form action='https://example.org'><input name=token><button>go</button></form>",
        "<p style='position:fixed' class='stApp' id=x>y</p>",
        "<svg onload=alert(1)></svg>",
        "<a href='data:text/html,x'>x</a>",
        "<input type=checkbox onclick=alert(1)>",
    ],
)
def test_nothing_that_acts_or_styles_survives(text):
    html = render_markdown(text).replace(' class="gh-image"', "")
    assert not re.search(
        r"<(script|style|iframe|form|button|svg|object)|<[^>]*\s(on\w+|style|class|id|name)=|<[^>]*(javascript|data):",
        html,
    )


def test_a_link_opens_elsewhere_and_tells_nothing_of_us():
    assert render_markdown("[x](https://example.org)") == (
        '<p><a href="https://example.org" target="_blank" rel="nofollow noopener">x</a></p>\n'
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![the red banner](https://example.org/a.png)", "Image: the red banner"),
        ("![](https://example.org/p/shot%201.png?x=2)", "Image: shot 1.png"),
        ("<img width=3 src='https://example.org/1234'>", "Image"),
    ],
)
def test_a_remote_image_is_a_link_and_never_loaded(text, words):
    html = render_markdown(text)
    assert "<img" not in html
    assert re.search(rf'<a class="gh-image" href="https://example.org/[^"]*"[^>]*>{words}</a>', html)


def test_mentions_and_references_become_links_where_the_repository_is_known():
    html = render_markdown("@ann @o/crew #12 a/b#3 GH-4 `@no #5` x@y.zz", repository_url=REPOSITORY)
    links = re.findall(r'href="([^"]*)"', html)
    assert links == [
        "https://github.com/ann",
        "https://github.com/orgs/o/teams/crew",
        "https://github.com/octo/kit/issues/12",
        "https://github.com/a/b/issues/3",
        "https://github.com/octo/kit/issues/4",
        "mailto:x@y.zz",
    ]
    assert "<code>@no #5</code>" in html
    assert "href" not in render_markdown("@ann #12")


def mark(text: str, *quotes: str) -> str:
    return render_with_marks(text, [(text.index(quote), text.index(quote) + len(quote), "why") for quote in quotes])


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("code 80097376 here", "80097376", '<p>code <mark title="why">80097376</mark> here</p>\n'),
        ("`80097376`", "80097376", '<p><code><mark title="why">80097376</mark></code></p>\n'),
        ("    log 80097376 x", "80097376", '<pre><code>log <mark title="why">80097376</mark> x\n</code></pre>\n'),
        (
            "a **b** c",
            "a **b** c",
            '<p><mark title="why">a </mark><strong><mark title="why">b</mark></strong>'
            '<mark title="why"> c</mark></p>\n',
        ),
        (
            "[80097376](https://e.org/?Error=80097376)",
            "80097376](https://e.org/?Error=80097376",
            '<p><a href="https://e.org/?Error=80097376" target="_blank" rel="nofollow noopener">'
            '<mark title="why">80097376</mark></a></p>\n',
        ),
        (
            "[Learn **more**](https://e.org/?Error=80097376)",
            "80097376",
            '<p><a href="https://e.org/?Error=80097376" target="_blank" rel="nofollow noopener">'
            '<mark title="why">Learn </mark><strong><mark title="why">more</mark></strong></a></p>\n',
        ),
        (
            "see https://e.org/80097376",
            "https://e.org/80097376",
            '<p>see <a href="https://e.org/80097376" target="_blank" rel="nofollow noopener">'
            'https://<mark title="why">e.org/80097376</mark></a></p>\n',
        ),
        (
            '<img alt="shot" src="https://e.org/a.png">',
            '<img alt="shot" src="https://e.org/a.png">',
            '<a class="gh-image" href="https://e.org/a.png" target="_blank" rel="nofollow noopener">'
            '<mark title="why">Image: shot</mark></a>\n',
        ),
        ("1. one", "1. one", '<ol>\n<li><mark title="why">one</mark></li>\n</ol>\n'),
        ("fehlgeschlagen für ÄÖ", "für ÄÖ", '<p>fehlgeschlagen <mark title="why">für ÄÖ</mark></p>\n'),
        ("a &amp; b", "a &amp; b", '<p><mark title="why">a &amp; b</mark></p>\n'),
    ],
)
def test_exactly_the_evidence_is_marked(text, quote, expected):
    assert mark(text, quote) == expected


def test_a_span_over_several_lines_is_marked_in_each_block_and_not_between_them():
    html = mark("Error code\r\n\r\n80097376\r\n", "Error code\r\n\r\n80097376")
    assert html == '<p><mark title="why">Error code</mark></p>\n<p><mark title="why">80097376</mark></p>\n'


def test_marks_work_in_a_table_and_leave_its_shape():
    text = "| code | BadGateway |\n| - | - |\n| 80097376 | x |"
    assert re.sub(r"</?mark[^>]*>", "", mark(text, "BadGateway", "80097376")) == render_markdown(text)
    assert mark(text, "BadGateway", "80097376").count("<mark") == 2


def test_overlapping_spans_are_drawn_as_one_that_tells_both():
    html = render_with_marks("one two three", [(0, 7, "first"), (4, 13, "second")])
    assert html == '<p><mark title="first; second">one two three</mark></p>\n'


def test_what_a_mark_shows_cannot_break_out_of_its_attribute():
    assert '<mark title="&quot;&gt;&lt;b&gt;">' in render_with_marks("word", [(0, 4, '"><b>')])


NASTY = st.sampled_from(
    [
        *(
            "80097376",
            "BadGateway",
            "für",
            "状態",
            "0x",
            "a@b.cc",
            "@ann",
            "#12",
            "www.e.org",
            "\U000f0001",
            "%F3%B0%80%80",
        ),
        *(
            " ",
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            "    ",
            "**",
            "_",
            "`",
            "```\n",
            "~~~",
            "> ",
            "- ",
            "1. ",
            "# ",
            "---\n",
            "- [ ] ",
        ),
        *(
            "|",
            "| a | b |\n|-|-|\n",
            "[",
            "](",
            "](https://e.org/x)",
            ")",
            "![",
            "[^1]",
            "[^1]: f\n",
            "[x]: https://e.org\n",
        ),
        *(
            "<b>",
            "</b>",
            "<img alt='x' src='https://e.org/a.png'>",
            '<a href="https://e.org">',
            "</a>",
            "<td>",
            "<!--",
            "-->",
        ),
        *("&amp;", "&", "\\", ":", '"', "<details>\n\n", "https://e.org/Error=8004F01F"),
    ]
)


@given(
    st.lists(NASTY, max_size=14).map("".join), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=4)
)
@settings(max_examples=1_500, deadline=None)
def test_taking_the_marks_away_gives_the_unmarked_rendering(text, spans):
    marked = render_with_marks(
        text, [(start, start + length, "why") for start, length in spans], repository_url=REPOSITORY
    )
    assert re.sub(r'<mark title="[^"]*">|(?<!&lt;)</mark>', "", marked) == render_markdown(
        text, repository_url=REPOSITORY
    )
    assert not re.search(r"<[^>]*<mark", marked)
    assert not re.search("[\U000f0000-\U0010ffff]", marked)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["word 80097376\n", ">", "[a](", "_a*", "<b>", "a/b#1 ", "`", "<a b=c ", "&"])
def test_a_body_of_one_megabyte_is_drawn_whatever_it_holds(unit):
    text = unit * (1_000_000 // len(unit))
    marks = [(at, at + 40, "why") for at in range(0, len(text), 50_000)]
    assert render_with_marks(text, marks, repository_url=REPOSITORY)


def test_what_nests_absurdly_deep_is_shown_as_plain_text():
    assert render_markdown("> " * 5_000 + "deep").startswith("<pre>")
    assert "deep" in render_markdown("> " * 5_000 + "deep")
    assert "<img" not in render_markdown("> " * 5_000 + "deep\n\n<p <img src=x onerror=alert(1) //")


def test_half_an_emoji_is_drawn_as_a_character_that_is_missing():
    assert render_markdown("a \ud83d b") == "<p>a \ufffd b</p>\n"
    assert render_with_marks("\ud83d word", [(2, 6, "why")]) == '<p>\ufffd <mark title="why">word</mark></p>\n'


def test_a_heading_in_a_fence_or_a_list_is_no_block():
    blocks = find_blocks("# One\n\n```\n# no\n```\n- # no\n\n---\n\nTwo\n===\n### `Three` ###\n")
    assert [(block.level, block.text, block.line, block.last_line) for block in blocks] == [
        (1, "One", 1, 1),
        (0, "", 8, 8),
        (1, "Two", 10, 11),
        (3, "Three", 12, 12),
    ]


def test_a_heading_is_read_without_its_markup():
    [block] = find_blocks("## *One* `two` <b>three</b> [four](https://e.org) ![five](x.png) &amp;\n")
    assert block.text == "One two three four  &"


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("- item\n\n  ```\n  code", False),  # the list ends at the next line that is not indented, and its fence too
        ("> ```\n> code", False),
        ("> ```\n> code\n> ```", False),
        ("> ```\n> code\n```", True),
        ("1. one\n   ```\n   code\n```", True),
        ("<pre>\n```", False),
        ("| a |\n| - |\n```", True),
        ("```\r\ncode\r\n```\r\n", False),
        ("> " * 5_000 + "\n```", True),
    ],
)
def test_a_fence_is_open_where_github_would_show_the_next_line_in_it(text, is_open):
    assert ends_in_fence(text) == is_open
    assert render_html(f"{text}\n\n<!-- below -->").endswith("--&gt;\n</code></pre>\n") == is_open


FENCES = st.sampled_from(
    ["```", "~~~", "`", "\n", "\n\n", "> ", "- ", "1. ", "  ", "    ", "\t", "a", "|a|\n|-|\n", "a|b", "---", "# ",
     "<pre>", "<div>", "<!--", "-->", "[x]: y", "\\", "\r\n"]
)  # fmt: skip


@given(st.lists(FENCES, max_size=14).map("".join))
@settings(max_examples=1_500, deadline=None, derandomize=True)
def test_fences_are_read_as_github_reads_them(text):
    in_code = render_html(f"{text}\n\n<!-- below -->").endswith("&lt;!-- below --&gt;\n</code></pre>\n")
    assert ends_in_fence(text) == in_code


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["> ", "- ", "1. ", "```\n> ", "> ```\n", "- a\n", "|a|\n|-|\n", "[a]:\n", "[", "# _a*", "`"]
)
def test_the_structure_of_a_long_text_is_read_whatever_it_holds(unit):
    text = unit * (65_536 // len(unit))
    find_blocks(text)
    ends_in_fence(text)


def test_the_style_sheet_touches_nothing_outside_the_comment():
    selectors = re.findall(r"(?m)^([^{}@\n]+)\{", GITHUB_CSS)
    assert selectors
    assert all(part.strip().startswith(".gh") for selector in selectors for part in selector.split(","))


def test_a_label_is_readable_on_a_light_and_a_dark_colour():
    assert ";color:light-dark(#000000," in label_chip("a", "fbca04")
    assert ";color:light-dark(#ffffff," in label_chip("a", "0e0e8a")
    assert "<b>" not in label_chip("<b>", "nonsense")


def test_equal_texts_have_no_difference():
    assert render_diff("a\nb", "a\nb") == ""


def test_a_difference_shows_the_words_that_changed_and_escapes_them():
    html = render_diff("wait ten minutes\nsame", "wait <b> minutes\nsame\nmore")
    assert '<div class="gh-removed">wait <del>ten</del> minutes</div>' in html
    assert '<div class="gh-added">wait <ins>&lt;b&gt;</ins> minutes</div>' in html
    assert '<div class="gh-added">more</div>' in html


def test_no_writer_can_draw_a_mark_that_looks_like_evidence():
    assert render_markdown('<mark title="failed import">x</mark>') == "<p>x</p>\n"
