"""What a maintainer saw of an issue, as a fingerprint to be compared with the issue as it is at the click."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from triage.models import Comment, Issue


@dataclass(frozen=True, slots=True)
class Seen:
    """A fingerprint of an issue and its comments as the maintainer looked at them."""

    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    updated_at: datetime
    comments: tuple[tuple[int, str, str], ...]
    """Of each comment its id, its author and a fingerprint of its text."""
    comment_count: int

    @classmethod
    def of(cls, issue: Issue, comments: Iterable[Comment]) -> Self:
        """What stands there now; bodies are kept as fingerprints only."""
        return cls(
            title=issue.title,
            body=fingerprint(issue.body),
            state=issue.state,
            labels=tuple(issue.labels),
            updated_at=issue.updated_at,
            comments=tuple((comment.id, comment.author, fingerprint(comment.body)) for comment in comments),
            comment_count=issue.comments,
        )

    def may_differ(self, issue: Issue) -> bool:
        """Whether the issue has moved at all since, so that its comments must be read to know."""
        return (
            issue.updated_at != self.updated_at
            or issue.comments != self.comment_count
            or self.comment_count != len(self.comments)
        )


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
