"""An issue as GitHub shows it, with the words that made it match highlighted."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from pages.parts.snippets import age, chip, dress_as_github, plural
from triage.detection import Evidence
from triage.markdown import label_chip, render_with_marks
from triage.models import Comment, Issue
from triage.plans import without_marker
from triage.queue import KIND_WORDS, MAINTAINERS, STATE_WORDS, Row
from triage.workspace import Workspace


def draw_head(workspace: Workspace, row: Row) -> None:
    """Title, state, kind, labels, who and when."""
    issue = row.issue
    title = f'<a href="{escape(issue.url)}" target="_blank" rel="noopener">#{issue.number}</a> {escape(row.title)}'
    colours = {label.name.casefold(): label.color for label in workspace.labels}
    labels = "".join(label_chip(name, colours.get(name.casefold(), "ededed")) for name in issue.labels)
    form = " ".join(part for part in (row.solution, row.version) if part)
    parts = [
        _state_chip(issue),
        _kind_chip(row),
        f"<span><b>{escape(issue.author)}</b> opened this {age(issue.created_at, workspace.now)}</span>",
        f"<span>{plural(issue.comments, 'comment')}</span>",
        f"<span>{escape(form)}</span>" if form else "",
        f"<span>{STATE_WORDS[row.state]}</span>" if row.state != "closed" else "",
        f'<span class="gh">{labels}</span>' if labels else "",
    ]
    st.html(f'<div class="triage-title">{title}</div><div class="triage-meta">{"".join(parts)}</div>')


def _state_chip(issue: Issue) -> str:
    if issue.state == "open":
        return chip("Open", "open")
    reason = "not planned" if issue.state_reason == "not_planned" else (issue.state_reason or "completed")
    return chip(f"Closed as {reason}", "not_planned" if issue.state_reason == "not_planned" else "closed")


def _kind_chip(row: Row) -> str:
    kinds = {"transient_import": "transient", "other_import": "other"}
    causes = "; ".join(cause.name for cause in row.finding.causes)
    return chip(KIND_WORDS[row.finding.kind], kinds.get(row.finding.kind, "plain"), hover=causes)


def draw_evidence(row: Row) -> None:
    """What the finding rests on, in a line; the words themselves are highlighted in the text."""
    finding = row.finding
    shown = dict.fromkeys(evidence.shows for evidence in finding.evidence)
    if not shown:
        st.html('<div class="triage-meta">Nothing in this issue says that an import failed.</div>')
        return
    chips = "".join(chip(words, hover=_quotes(finding.evidence, words)) for words in shown)
    st.html(f'<div class="triage-meta"><span>Because of</span>{chips}</div>')


def _quotes(evidence: Sequence[Evidence], shows: str) -> str:
    return " … ".join(dict.fromkeys(item.quote.strip()[:120] for item in evidence if item.shows == shows))


def draw_issue(workspace: Workspace, row: Row, comments: Sequence[Comment]) -> None:
    """The body and the comments, oldest first, drawn as GitHub draws them."""
    issue, evidence = row.issue, row.finding.evidence
    url = workspace.github.url
    body = _draw_text(issue.body, [item for item in evidence if item.source == "body"], url)
    blocks = [_draw_comment(issue.author, "opened", issue.created_at, workspace.now, body, "")]
    for index, comment in enumerate(comments):
        found = [item for item in evidence if item.source == f"comment:{index}"]
        text = without_marker(comment.body)
        role = comment.author_association.title() if comment.author_association in MAINTAINERS else ""
        badge = "Author" if comment.author == issue.author else role
        drawn = _draw_text(text, [item for item in found if item.end <= len(text)], url)
        blocks.append(_draw_comment(comment.author, "commented", comment.created_at, workspace.now, drawn, badge))
    st.html(dress_as_github("".join(blocks)))


def _draw_text(text: str, evidence: Sequence[Evidence], url: str) -> str:
    if not text.strip():
        return "<p><em>No description provided.</em></p>"
    spans = [(item.start, item.end, item.shows) for item in evidence]
    return render_with_marks(text, spans, repository_url=url)


def _draw_comment(author: str, verb: str, at: datetime, now: datetime, html: str, badge: str) -> str:
    role = f'<span class="triage-role">{escape(badge)}</span>' if badge else ""
    head = f"<b>{escape(author)}</b> {verb} {age(at, now)}{role}"
    return f'<div class="triage-comment"><div class="triage-comment-head">{head}</div><div>{html}</div></div>'
