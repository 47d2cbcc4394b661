"""What differs between an issue as the maintainer saw it and as it is now, in sentences."""

from collections.abc import Sequence
from datetime import UTC, datetime

from triage.models import Comment, Issue
from triage.plans.marker import find_posted
from triage.plans.plan import REASON_WORDS, Plan
from triage.plans.seen import Seen, fingerprint


def find_changes(
    seen: Seen,
    issue: Issue,
    comments: Sequence[Comment] | None,
    *,
    now: datetime | None = None,
    own: Plan | None = None,
) -> tuple[str, ...]:
    """What differs from when the maintainer looked, in short sentences; nothing where all is the same.

    `comments` None means that they were not read again, the issue having not moved. `own` is the plan at work: what it
    has done itself already is no change.
    """
    changes: list[str] = []
    if comments is not None:
        changes += _find_changed_comments(seen, comments, now, own)
    if fingerprint(issue.body) != seen.body:
        changes.append("the description was edited")
    if issue.title != seen.title:
        changes.append(f"the title is now “{issue.title}”")
    ours = {name.casefold() for step in own.steps for name in step.names} if own else set()
    added = [name for name in issue.labels if name not in seen.labels and name.casefold() not in ours]
    changes += [f"the label {name} was added" for name in added]
    changes += [f"the label {name} was removed" for name in seen.labels if name not in issue.labels]
    if issue.state != seen.state and not (own and own.closes and issue.state == "closed"):
        reason = f" as {REASON_WORDS.get(issue.state_reason, issue.state_reason)}" if issue.state_reason else ""
        changes.append("the issue was reopened" if issue.state == "open" else f"the issue was closed{reason}")
    return tuple(changes)


def _find_changed_comments(
    seen: Seen, comments: Sequence[Comment], now: datetime | None, own: Plan | None
) -> list[str]:
    changes = []
    before = {comment_id: mark for comment_id, _, mark in seen.comments}
    posted = find_posted(own, comments) if own else None
    for comment in comments:
        if comment.id not in before:
            if comment != posted:
                changes.append(f"{comment.author} commented{_ago(comment.created_at, now)}")
        elif before[comment.id] != fingerprint(comment.body):
            changes.append(f"{comment.author} edited a comment{_ago(comment.updated_at, now)}")
    left = {comment.id for comment in comments}
    changes += [
        f"a comment by {author} was deleted" for comment_id, author, _ in seen.comments if comment_id not in left
    ]
    return changes


def _ago(then: datetime, now: datetime | None) -> str:
    if now is None:
        return ""
    seconds = max(0, int((now.astimezone(UTC) - then).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f" {count} {word}{'s' if count > 1 else ''} ago"
    return " just now"
