"""Response templates: what each matches, what the linter says, and a trial on any issue."""

from collections import Counter
from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.frame import open_page
from pages.parts.style import chip, github, plural
from triage.markdown import label_chip, render_markdown
from triage.queue import Row
from triage.responses import Problem, ResponseTemplate, check_templates
from triage.workspace import Workspace


def draw_templates(workspace: Workspace) -> None:
    folder, path = workspace.folder, workspace.services.settings.templates
    problems = check_templates(path)
    fitting = _count_fitting(workspace)
    errors = sum(problem.severity == "error" for problem in problems)
    st.html(
        f'<div class="triage-meta"><span>{plural(len(folder.templates), "template")} in <b>{escape(str(path))}</b>'
        "</span>"
        f"<span>{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}</span>"
        "<span>Edit a file there and save it: the next look at this page shows it.</span></div>"
    )
    loaded = {template.name for template in folder.templates}
    _draw_problems([problem for problem in problems if problem.severity == "error" or _stem(problem) not in loaded])
    if not folder.templates:
        st.html(
            '<div class="triage-empty"><h3>No template can be used</h3>'
            f"Put a Markdown document with a “Response” section into {escape(str(path))}.</div>"
        )
        return
    left, right = st.columns([3, 7], gap="medium")
    with left:
        name: str = st.radio(
            "Template",
            [template.name for template in folder.templates],
            format_func=lambda name: _title(folder.templates, name),
            captions=[_caption(template, fitting, problems) for template in folder.templates],
            key="template",
            label_visibility="collapsed",
            persist_state="session",
        )
    with right:
        chosen = next(template for template in folder.templates if template.name == name)
        warnings = [problem for problem in problems if _stem(problem) == name and problem.severity == "warning"]
        _draw_template(workspace, chosen, warnings)


def _stem(problem: Problem) -> str:
    return problem.file.rsplit("/", 1)[-1].removesuffix(".md")


def _title(templates: Sequence[ResponseTemplate], name: str) -> str:
    return next((template.title for template in templates if template.name == name), name)


def _count_fitting(workspace: Workspace) -> Counter[str]:
    """How many open issues each template is suggested for now."""
    chosen = (workspace.choose(row) for row in workspace.rows if row.state not in ("closed", "dismissed"))
    return Counter(template.name for template in chosen if template is not None)


def _caption(template: ResponseTemplate, fitting: Counter[str], problems: Sequence[Problem]) -> str:
    own = [problem for problem in problems if _stem(problem) == template.name]
    words = f"Fits {plural(fitting[template.name], 'open issue')}"
    return f"{words} · {plural(len(own), 'finding')} of the linter" if own else words


def _draw_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        draw = st.error if problem.severity == "error" else st.warning
        icon = ":material/error:" if problem.severity == "error" else ":material/warning:"
        draw(f"{problem.file}, line {problem.line}: {problem.message}", icon=icon)


def _draw_template(workspace: Workspace, template: ResponseTemplate, problems: Sequence[Problem]) -> None:
    _draw_problems(problems)
    if template.guidance:
        st.html(github(render_markdown(template.guidance, repository_url=workspace.github.url)))
    st.html(_describe(template))
    _draw_trial(workspace, template)


def _describe(template: ResponseTemplate) -> str:
    match, close = template.match, template.close
    matches = [chip(code, hover="error code") for code in match.codes]
    matches += [chip(f"“{phrase}”", hover="phrase") for phrase in match.phrases]
    if match.kind:
        matches.append(chip(match.kind.replace("_", " "), hover="what detection says"))
    if match.when:
        matches.append(f"<code>{escape(match.when)}</code>")
    labels = "".join(label_chip(label.name, label.color) for label in template.labels)
    closing = (
        f"{escape(str(close.when))} of {len(template.criteria)} criteria, as {escape(close.reason.replace('_', ' '))}"
    )
    variants = ", ".join(escape(variant.title or variant.name) for variant in template.variants) or "none"
    rows = {
        "Matches": "".join(matches) or "nothing by itself",
        "Priority": str(template.priority),
        "Variants": variants,
        "Labels": labels or "none",
        "Closes": closing,
    }
    lines = "".join(f'<div class="triage-meta"><b>{name}</b><span>{value}</span></div>' for name, value in rows.items())
    return f'<div class="gh">{lines}</div>'


def _draw_trial(workspace: Workspace, template: ResponseTemplate) -> None:
    """The template rendered for an issue: one that it fits, or any by its number."""
    fits = [row for row in workspace.rows if row.state != "closed" and _fits(workspace, row, template)]
    sample = fits[0] if fits else next(iter(workspace.rows), None)
    number = st.number_input(
        "Try it on issue number",
        min_value=1,
        value=sample.number if sample else None,
        key=f"trial-{template.name}",
        width=200,
        persist_state="page",
    )
    row = workspace.row(int(number)) if number else None
    if number and row is None:
        if sentence := workspace.fetch(int(number)):
            st.warning(sentence, icon=":material/warning:")
            return
        row = workspace.row(int(number))
    if row is None:
        st.caption("There is no issue to try it on.")
        return
    suggestion = workspace.suggest(row, template)
    fitting = workspace.choose(row)
    fit = "is suggested" if fitting and fitting.name == template.name else "is not the one suggested"
    variant = f", variant {suggestion.variant}" if suggestion.variant else ""
    selected = ", ".join(label.name for label in suggestion.labels if label.selected) or "no labels"
    st.caption(f"#{row.number} {row.title}: this template {fit} here{variant}; {selected}.")
    with st.container(border=True, height=460, key="trial"):
        st.html(github(render_markdown(suggestion.comment, repository_url=workspace.github.url)))


def _fits(workspace: Workspace, row: Row, template: ResponseTemplate) -> bool:
    chosen = workspace.choose(row)
    return chosen is not None and chosen.name == template.name


draw_templates(open_page())
