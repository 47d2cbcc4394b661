"""One step of a plan and GitHub: is it so already, send it, or look whether it arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from triage.desk.waits import LEASE
from triage.models import Comment, Gateway, GitHubError, Issue, Label
from triage.plans import Plan, Step, StepRecord, find_posted, with_marker

SETTLING = timedelta(seconds=20)
"""How long after the end of an attempt it may still show on GitHub: a request is ended 10 seconds after it arrived, and
what it did may be missing from lists for some more. Only a look after that can say that it did not arrive."""

CREATES_CONTENT = frozenset({"create_label", "comment"})
"""Steps that count against GitHub's limit for creating content."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a step came to. `issue` is the issue afterwards, `result` goes into the journal."""

    words: str
    issue: Issue
    url: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    comment: Comment | None = None


def intend(step: Step, issue: Issue, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the step is about to change, to be written before it is sent; `before` is what an earlier attempt wrote.

    For labels, those absent just before: they are what an undo may take off again.
    """
    if step.kind != "add_labels":
        return {}
    absent = _lacks(issue, step.names)
    return {"absent": list(dict.fromkeys([*before.get("absent", ()), *absent]))}


def find_needless(step: Step, issue: Issue, labels: Sequence[Label]) -> Done | None:
    """Done without sending anything, where GitHub is as the step would make it; None where it must be sent."""
    match step.kind:
        case "create_label":
            assert step.label is not None
            if step.label.name.casefold() in {label.name.casefold() for label in labels}:
                return Done(f"the label {step.label.name} was there already", issue)
        case "add_labels" if not _lacks(issue, step.names):
            return Done("the labels were there already", issue, result={"added": []})
        case "remove_labels" if set(_lacks(issue, step.names)) == set(step.names):
            return Done("somebody had removed it already", issue)
        case "close" if issue.state == "closed":
            return Done("the issue was closed already", issue, result={"closed": False})
        case "reopen":
            if issue.state == "open":
                return Done("the issue was open already", issue)
            if step.closed_at is not None and issue.closed_at != step.closed_at:
                return Done("left closed, since somebody else closed it again", issue)
    return None


def send(gateway: Gateway, plan: Plan, step: StepRecord, issue: Issue) -> Done:
    """Carries the step out on GitHub, once. Raises GitHubError."""
    repository, number = plan.repository, plan.number
    match step.kind:
        case "create_label":
            assert step.label is not None
            created = gateway.create_label(repository, step.label)
            return Done(f"created the label {created.name}", issue, result={"created": True})
        case "comment":
            return _commented(gateway.create_comment(repository, number, with_marker(step.text, plan.id)), issue)
        case "add_labels":
            now = gateway.add_labels(repository, number, _lacks(issue, step.names))
            return _labelled(replace(issue, labels=now), step.intent)
        case "remove_labels":
            for name in step.names:
                gateway.remove_label(repository, number, name)
            return Done(f"removed {', '.join(step.names)}", _without(issue, step.names))
        case "close":
            return _closed(gateway.close_issue(repository, number, step.reason or "completed"))
        case "reopen":
            return Done("reopened", gateway.reopen_issue(repository, number))
        case "delete_comment":
            return _delete_comment(gateway, plan, step, issue)
        case _:
            raise AssertionError(f"{step.kind} is no step for GitHub")


def look_up(gateway: Gateway, plan: Plan, step: StepRecord) -> Done | None:
    """Whether a step that was sent has arrived; None where nothing of it is to be seen. Raises GitHubError."""
    issue = gateway.fetch_issue(plan.repository, plan.number)
    match step.kind:
        case "create_label":
            assert step.label is not None
            name = step.label.name.casefold()
            if any(label.name.casefold() == name for label in gateway.fetch_labels(plan.repository)):
                return Done(f"created the label {step.label.name}", issue, result={"created": True})
        case "comment":
            comment = find_posted(plan, gateway.fetch_comments(plan.repository, plan.number))
            if comment is not None:
                return _commented(comment, issue, counted=True)
        case "add_labels" if not _lacks(issue, step.names):
            return _labelled(issue, step.intent)
        case "remove_labels" if set(_lacks(issue, step.names)) == set(step.names):
            return Done(f"removed {', '.join(step.names)}", issue)
        case "close" if issue.state == "closed":
            if issue.state_reason in (None, step.reason):
                return _closed(issue)
            return Done("the issue was closed already", issue, result={"closed": False})
        case "reopen" if issue.state == "open":
            return Done("reopened", issue)
        case "delete_comment" if not _stands(gateway, plan, step):
            return Done("deleted our comment", issue)
    return None


def _delete_comment(gateway: Gateway, plan: Plan, step: Step, issue: Issue) -> Done:
    assert step.comment_id is not None
    try:
        gateway.delete_comment(plan.repository, step.comment_id)
    except GitHubError as error:
        # "Not found" is also said to a token that may not delete it.
        if error.refusal not in ("not_found", "gone") or _stands(gateway, plan, step):
            raise
        return Done("the comment was gone already", issue)
    return Done("deleted our comment", replace(issue, comments=max(0, issue.comments - 1)))


def _stands(gateway: Gateway, plan: Plan, step: Step) -> bool:
    """Whether the comment that the step deletes is there."""
    return any(one.id == step.comment_id for one in gateway.fetch_comments(plan.repository, plan.number))


def settles_at(written: StepRecord) -> datetime:
    """From when on a step that was sent, and is not to be seen on GitHub, can no longer arrive.

    Of an attempt that was cut off by a crash the end is not known: it was no later than that of its lease.
    """
    assert written.attempted_at is not None
    ended_at = written.finished_at or written.attempted_at + LEASE
    return ended_at + SETTLING


def _commented(comment: Comment, issue: Issue, *, counted: bool = False) -> Done:
    after = issue if counted else replace(issue, comments=issue.comments + 1, updated_at=comment.created_at)
    return Done("posted the comment", after, comment.url, {"comment_id": comment.id}, comment)


def _labelled(issue: Issue, intent: Mapping[str, Any]) -> Done:
    have = {name.casefold() for name in issue.labels}
    added = [name for name in intent.get("absent", ()) if name.casefold() in have]
    words = f"added {', '.join(added)}" if added else "the labels were there already"
    return Done(words, issue, result={"added": added})


def _closed(issue: Issue) -> Done:
    closed_at = issue.closed_at.isoformat() if issue.closed_at else None
    reason = f" as {issue.state_reason.replace('_', ' ')}" if issue.state_reason else ""
    return Done(f"closed{reason}", issue, issue.url, {"closed": True, "closed_at": closed_at})


def _lacks(issue: Issue, names: Sequence[str]) -> tuple[str, ...]:
    have = {name.casefold() for name in issue.labels}
    return tuple(name for name in names if name.casefold() not in have)


def _without(issue: Issue, names: Sequence[str]) -> Issue:
    gone = {name.casefold() for name in names}
    return replace(issue, labels=tuple(name for name in issue.labels if name.casefold() not in gone))
