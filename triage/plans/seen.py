"""An issue as a maintainer saw it, as a fingerprint to be compared with the issue as it is at the click."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from triage.models import Comment, Issue


class SeenComment(NamedTuple):
    """A comment as seen; of its text a fingerprint only. (A NamedTuple, for the journal keeps it as a JSON list.)"""

    id: int
    author: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A fingerprint of an issue and its comments as the maintainer looked at them."""

    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    updated_at: datetime
    comments: tuple[SeenComment, ...]
    comment_count: int

    @classmethod
    def of(cls, issue: Issue, comments: Iterable[Comment]) -> Self:
        """The issue as it is now; bodies are kept as fingerprints only."""
        return cls(
            title=issue.title,
            body=fingerprint(issue.body),
            state=issue.state,
            labels=tuple(issue.labels),
            updated_at=issue.updated_at,
            comments=tuple(SeenComment(one.id, one.author, fingerprint(one.body)) for one in comments),
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
