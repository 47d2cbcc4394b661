"""The marker that ends each posted comment and names the plan that posted it."""

import re
from collections.abc import Iterable

from triage.models import MARKER_PREFIX, Comment
from triage.plans.plan import Plan

_ID = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*")
_MARKER = re.compile(rf"{re.escape(MARKER_PREFIX)} ({_ID.pattern}) -->\s*\Z")


def is_plan_id(text: str) -> bool:
    """Whether a marker can hold it."""
    return _ID.fullmatch(text) is not None


def with_marker(text: str, plan_id: str) -> str:
    """The comment as posted: the draft byte for byte, and after it the marker that names the plan."""
    return f"{text}\n\n{_marker_of(plan_id)}"


def read_marker(body: str) -> str | None:
    """The plan whose marker ends the comment, or None. A marker in the midst of a text is no marker."""
    found = _MARKER.search(body)
    return found.group(1) if found else None


def without_marker(body: str) -> str:
    """The comment without the marker that ends it: the draft, byte for byte."""
    found = _MARKER.search(body)
    return body[: found.start()].removesuffix("\n\n") if found else body


def find_posted(plan: Plan, comments: Iterable[Comment]) -> Comment | None:
    """The comment that the plan posted: the one that its marker ends.

    Its author may have edited it on GitHub since. Then it is their comment that holds the marker anywhere, or, where
    the marker was taken away, a new one of theirs with the same words.
    """
    comments = list(comments)
    marked = next((comment for comment in comments if read_marker(comment.body) == plan.id), None)
    if marked is not None:
        return marked
    theirs = [comment for comment in comments if comment.author.casefold() == plan.person.casefold()]
    marker = _marker_of(plan.id)
    edited = next((comment for comment in theirs if marker in comment.body), None)
    return edited or _find_unmarked(plan, theirs)


def _find_unmarked(plan: Plan, theirs: Iterable[Comment]) -> Comment | None:
    """A comment of the person's that is new, holds no marker, and has the same words."""
    if plan.seen is None:
        return None
    before = {comment.id for comment in plan.seen.comments}
    new = (comment for comment in theirs if comment.id not in before and MARKER_PREFIX not in comment.body)
    return next((comment for comment in new if comment.body.split() == plan.text.split()), None)


def _marker_of(plan_id: str) -> str:
    return f"{MARKER_PREFIX} {plan_id} -->"
