"""Response templates: what each matches, what the linter says, and a trial on any issue."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path, PurePath
from typing import Any

import streamlit as st

from pages.parts.controls import draw_choice
from pages.parts.frame import open_page
from pages.parts.snippets import chip, dress_as_github, empty_state, plural
from triage.markdown import label_chip, render_markdown
from triage.queue import Row
from triage.responses import Match, Problem, ResponseTemplate, check_templates
from triage.workspace import Workspace


def draw_templates(workspace: Workspace) -> None:
    folder, path = workspace.folder, workspace.services.settings.templates
    problems = check_templates(path)
    _draw_summary(len(folder.templates), path, problems)
    loaded = {template.name for template in folder.templates}
    _draw_problems([problem for problem in problems if problem.severity == "error" or _stem(problem) not in loaded])
    if not folder.templates:
        words = f"Put a Markdown document with a “Response” section into {path}."
        st.html(empty_state("No usable template", words))
        return
    left, right = st.columns([3, 7], gap="medium")
    with left:
        chosen = _draw_choice(workspace, problems)
    with right:
        warnings = [problem for problem in problems if _stem(problem) == chosen.name and problem.severity == "warning"]
        _draw_template(workspace, chosen, warnings)


def _draw_summary(count: int, path: Path, problems: Sequence[Problem]) -> None:
    errors = sum(problem.severity == "error" for problem in problems)
    st.html(
        f'<div class="triage-meta"><span>{plural(count, "template")} in <b>{escape(str(path))}</b></span>'
        f"<span>{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}</span>"
        "<span>Edit and save a file there, and this page shows it at the next click.</span></div>"
    )


def _draw_choice(workspace: Workspace, problems: Sequence[Problem]) -> ResponseTemplate:
    templates = {template.name: template for template in workspace.folder.templates}
    fitting = _count_fitting(workspace)
    titles = {name: template.title for name, template in templates.items()}
    captions = [_caption(template, fitting, problems) for template in templates.values()]
    look = {"label_visibility": "collapsed", "persist_state": "session"}
    return templates[draw_choice(st.radio, "Template", titles, "template", captions=captions, **look)]


def _stem(problem: Problem) -> str:
    return PurePath(problem.file).stem


def _count_fitting(workspace: Workspace) -> Counter[str]:
    """How many open issues each template is suggested for now."""
    chosen = (workspace.choose(row) for row in workspace.rows if row.state not in ("closed", "dismissed"))
    return Counter(template.name for template in chosen if template is not None)


def _caption(template: ResponseTemplate, fitting: Counter[str], problems: Sequence[Problem]) -> str:
    own = [problem for problem in problems if _stem(problem) == template.name]
    words = f"Fits {plural(fitting[template.name], 'open issue')}"
    return f"{words} · {plural(len(own), 'linter finding')}" if own else words


def _draw_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        draw = st.error if problem.severity == "error" else st.warning
        words = f"{problem.file}, line {problem.line}: {problem.message}"
        draw(words, icon=f":material/{problem.severity}:")


def _draw_template(workspace: Workspace, template: ResponseTemplate, problems: Sequence[Problem]) -> None:
    _draw_problems(problems)
    if template.guidance:
        st.html(dress_as_github(render_markdown(template.guidance, repository_url=workspace.github.url)))
    _draw_facts(template)
    _draw_trial(workspace, template)


def _draw_facts(template: ResponseTemplate) -> None:
    close = template.close
    closing = f"{close.when} of {len(template.criteria)} criteria, as {close.reason.replace('_', ' ')}"
    variants = ", ".join(variant.title or variant.name for variant in template.variants)
    rows = {
        "Matches": _describe_match(template.match) or "nothing by itself",
        "Priority": str(template.priority),
        "Variants": escape(variants or "none"),
        "Labels": "".join(label_chip(label.name, label.color) for label in template.labels) or "none",
        "Closes": escape(closing),
    }
    lines = [f'<div class="triage-meta"><b>{name}</b><span>{value}</span></div>' for name, value in rows.items()]
    st.html(dress_as_github("".join(lines)))


def _describe_match(match: Match) -> str:
    chips = [chip(code, hover="error code") for code in match.codes]
    chips += [chip(f"“{phrase}”", hover="phrase") for phrase in match.phrases]
    if match.kind:
        chips.append(chip(match.kind.replace("_", " "), hover="what detection says"))
    if match.when:
        chips.append(f"<code>{escape(match.when)}</code>")
    return "".join(chips)


def _draw_trial(workspace: Workspace, template: ResponseTemplate) -> None:
    """The template rendered for an issue: one that it fits, or any by its number."""
    row = _draw_trial_choice(workspace, template)
    if row is None:
        return
    suggestion = workspace.suggest(row, template)
    fit = "is suggested" if workspace.choose(row) == template else "is not the one suggested"
    variant = f", variant {suggestion.variant}" if suggestion.variant else ""
    selected = ", ".join(label.name for label in suggestion.labels if label.selected) or "no labels"
    st.caption(f"#{row.number} {row.title}: this template {fit} here{variant}; {selected}.")
    with st.container(border=True, height=460, key="trial"):
        st.html(dress_as_github(render_markdown(suggestion.comment, repository_url=workspace.github.url)))


def _draw_trial_choice(workspace: Workspace, template: ResponseTemplate) -> Row | None:
    """The issue to try it on; None where there is none, which is said."""
    fitting = (row for row in workspace.rows if row.state != "closed" and workspace.choose(row) == template)
    sample = next(fitting, None) or next(iter(workspace.rows), None)
    look: dict[str, Any] = {"key": f"trial-{template.name}", "width": 200, "persist_state": "page"}
    first = sample.number if sample else None
    chosen = st.number_input("Try it on issue number", min_value=1, value=first, **look)
    if chosen is None:
        st.caption("There is no issue to try it on.")
        return None
    number = int(chosen)
    if workspace.row(number) is None and (sentence := workspace.fetch(number)):
        st.warning(sentence, icon=":material/warning:")
    return workspace.row(number)


draw_templates(open_page())
