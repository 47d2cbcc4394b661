"""What the sandbox knows: repositories, issues, comments and labels, and how each write changes them.

No HTTP here and no rights: whoever calls has looked at those. Moments are aware UTC datetimes in whole seconds, which
is all that GitHub gives. Nothing here is locked: the sandbox lets one caller in at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, WrapSerializer

GREY = "ededed"
"""The colour of a label that came into being because somebody put it on an issue."""

_AS_LIST = WrapSerializer(lambda entries, write: list(write(entries).values()))


def _keyed_by(name: str) -> BeforeValidator:
    def key_of(entry: Mapping[str, Any]) -> Any:
        return entry[name].lower() if isinstance(entry[name], str) else entry[name]

    return BeforeValidator(lambda entries: {key_of(entry): entry for entry in entries})


@dataclass(frozen=True, slots=True)
class ReporterReply:
    """What a reporter will say to a response, `after` so many minutes of sandbox time."""

    after: float
    text: str


@dataclass(slots=True)
class StoredLabel:
    id: int
    name: str
    color: str = GREY
    description: str | None = None


@dataclass(slots=True)
class StoredComment:
    id: int
    author: str
    association: str
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class StoredIssue:
    """An issue or pull request. `labels` are names in lower case; `answers` are the reporter's replies to come."""

    number: int
    title: str
    body: str | None
    author: str
    created_at: datetime
    updated_at: datetime
    association: str = "NONE"
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    locked: bool = False
    pull_request: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[StoredComment] = field(default_factory=list)
    answers: list[ReporterReply] = field(default_factory=list)


class FoundComment(NamedTuple):
    """A comment and where it stands."""

    repository: "StoredRepository"
    issue: StoredIssue
    comment: StoredComment


@dataclass(slots=True)
class StoredRepository:
    """A repository; `labels` is keyed by the name in lower case, `deleted` are numbers of issues that were deleted."""

    full_name: str
    description: str = ""
    archived: bool = False
    has_issues: bool = True
    labels: Annotated[dict[str, StoredLabel], _keyed_by("name"), _AS_LIST] = field(default_factory=dict)
    issues: Annotated[dict[int, StoredIssue], _keyed_by("number"), _AS_LIST] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    def labels_of(self, issue: StoredIssue) -> list[StoredLabel]:
        """The labels of an issue as the repository spells them, in the order of their names, as GitHub gives them."""
        return [self.labels[name] for name in sorted(issue.labels)]

    def find_comments(self) -> Iterator[FoundComment]:
        return (FoundComment(self, issue, comment) for issue in self.issues.values() for comment in issue.comments)


@dataclass(frozen=True, slots=True)
class PendingReply:
    """A reporter's reply on its way: `due` is the minute of sandbox time, `comment` the response that it answers."""

    repository: str
    number: int
    comment: int
    due: float


@dataclass(slots=True)
class World:
    """All repositories, keyed by `owner/name` in lower case. Pydantic writes and reads it as lists."""

    repositories: Annotated[dict[str, StoredRepository], _keyed_by("full_name"), _AS_LIST] = field(default_factory=dict)
    pending: list[PendingReply] = field(default_factory=list)
    last_id: int = 5_000_000

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add_label(
        self, repository: StoredRepository, name: str, color: str = GREY, description: str | None = None
    ) -> StoredLabel:
        label = StoredLabel(self.new_id(), name, color, description)
        repository.labels[name.lower()] = label
        return label

    def rename_label(self, repository: StoredRepository, label: StoredLabel, name: str) -> None:
        """The issues that carry the label carry it under its new name; none of them counts as touched."""
        old, new = label.name.lower(), name.lower()
        del repository.labels[old]
        label.name = name
        repository.labels[new] = label
        for issue in repository.issues.values():
            issue.labels = [new if kept == old else kept for kept in issue.labels]

    def delete_label(self, repository: StoredRepository, label: StoredLabel) -> None:
        """Takes the label off every issue as well; none of them counts as touched."""
        gone = label.name.lower()
        del repository.labels[gone]
        for issue in repository.issues.values():
            issue.labels = [kept for kept in issue.labels if kept != gone]

    def add_comment(
        self, repository: StoredRepository, issue: StoredIssue, author: str, association: str, body: str, now: datetime
    ) -> StoredComment:
        comment = StoredComment(self.new_id(), author, association, body, now, now)
        issue.comments.append(comment)
        issue.updated_at = now
        return comment

    def delete_comment(self, issue: StoredIssue, comment: StoredComment, now: datetime) -> None:
        """Takes the comment away; a reply to it that has not come yet will not come."""
        issue.comments.remove(comment)
        issue.updated_at = now
        self.pending = [pending for pending in self.pending if pending.comment != comment.id]

    def expect_reply(
        self, repository: StoredRepository, issue: StoredIssue, comment: StoredComment, minute: float
    ) -> None:
        """The reporter has read `comment` at this minute of sandbox time; one reply at a time is on its way."""
        waiting = any(p.number == issue.number and p.repository == repository.full_name for p in self.pending)
        if issue.answers and not waiting and comment.author.lower() != issue.author.lower():
            due = minute + issue.answers[0].after
            self.pending.append(PendingReply(repository.full_name, issue.number, comment.id, due))

    def deliver_replies(self, minute: float, now: datetime) -> int:
        """Posts the replies that are due, earliest first, dated `now`; returns how many."""
        due = sorted((p for p in self.pending if p.due <= minute), key=lambda pending: pending.due)
        for pending in due:
            self.pending.remove(pending)
            repository = self.repositories[pending.repository.lower()]
            issue = repository.issues[pending.number]
            self.add_comment(repository, issue, issue.author, issue.association, issue.answers.pop(0).text, now)
        return len(due)

    def set_labels(self, repository: StoredRepository, issue: StoredIssue, names: list[str], now: datetime) -> None:
        """The issue has just these labels afterwards; what the repository has not yet is created, grey."""
        for name in names:
            if name.lower() not in repository.labels:
                self.add_label(repository, name)
        labels = list(dict.fromkeys(name.lower() for name in names))
        if set(labels) != set(issue.labels):
            issue.labels = labels
            issue.updated_at = now

    def close(self, issue: StoredIssue, reason: str, by: str, now: datetime) -> None:
        if issue.state == "open":
            issue.state, issue.closed_at, issue.closed_by = "closed", now, by
            issue.updated_at = now
        if issue.state_reason != reason:
            issue.state_reason = reason
            issue.updated_at = now

    def reopen(self, issue: StoredIssue, now: datetime) -> None:
        if issue.state == "closed":
            issue.state, issue.state_reason, issue.closed_at, issue.closed_by = "open", "reopened", None, None
            issue.updated_at = now
