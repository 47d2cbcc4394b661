"""What differs between an issue as the maintainer saw it and as it is now, in sentences."""

from collections.abc import Sequence
from datetime import datetime

from triage.ages import describe_age
from triage.models import Comment, Issue
from triage.plans.marker import find_posted
from triage.plans.plan import REASON_WORDS, Plan
from triage.plans.seen import Seen, fingerprint


def find_changes(
    seen: Seen,
    issue: Issue,
    comments: Sequence[Comment] | None,
    *,
    now: datetime,
    own: Plan | None = None,
) -> tuple[str, ...]:
    """What differs from when the maintainer looked, in short sentences; nothing where all is the same.

    `comments` None means that they were not read again, the issue having not moved. `own` is the plan at work: what it
    has done itself already is no change.
    """
    changes = [] if comments is None else _find_changed_comments(seen, comments, now, own)
    if fingerprint(issue.body) != seen.body:
        changes.append("the description was edited")
    if issue.title != seen.title:
        changes.append(f"the title is now “{issue.title}”")
    return (*changes, *_find_changed_labels(seen, issue, own), *_find_changed_state(seen, issue, own))


def _find_changed_comments(seen: Seen, comments: Sequence[Comment], now: datetime, own: Plan | None) -> list[str]:
    changes = []
    before = {comment.id: comment.fingerprint for comment in seen.comments}
    posted = find_posted(own, comments) if own else None
    for comment in comments:
        if comment.id not in before:
            if comment != posted:
                changes.append(f"{comment.author} commented {describe_age(comment.created_at, now)}")
        elif before[comment.id] != fingerprint(comment.body):
            changes.append(f"{comment.author} edited a comment {describe_age(comment.updated_at, now)}")
    left = {comment.id for comment in comments}
    return changes + [f"a comment by {gone.author} was deleted" for gone in seen.comments if gone.id not in left]


def _find_changed_labels(seen: Seen, issue: Issue, own: Plan | None) -> list[str]:
    ours = {name.casefold() for step in own.steps for name in step.names} if own else set()
    added = [name for name in issue.labels if name not in seen.labels and name.casefold() not in ours]
    removed = [name for name in seen.labels if name not in issue.labels]
    return [f"the label {name} was added" for name in added] + [f"the label {name} was removed" for name in removed]


def _find_changed_state(seen: Seen, issue: Issue, own: Plan | None) -> list[str]:
    if issue.state == seen.state or (own and own.closes and issue.state == "closed"):
        return []
    if issue.state == "open":
        return ["the issue was reopened"]
    reason = f" as {REASON_WORDS.get(issue.state_reason, issue.state_reason)}" if issue.state_reason else ""
    return [f"the issue was closed{reason}"]
