"""What the sandbox knows: repositories, issues, comments and labels, and how each write changes them.

No HTTP here and no rights: whoever calls has looked at those. Moments are aware UTC datetimes in whole seconds, which
is all that GitHub gives. Nothing here is locked: the sandbox lets one caller in at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

GREY = "ededed"
"""The colour of a label that came into being because somebody put it on an issue."""


@dataclass(frozen=True, slots=True)
class Answer:
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
    """An issue or pull request. `labels` are names in lower case; `answers` is what the reporter has not said yet."""

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
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class StoredRepository:
    """A repository; `labels` is keyed by the name in lower case, `deleted` are numbers of issues that were deleted."""

    full_name: str
    description: str = ""
    archived: bool = False
    has_issues: bool = True
    labels: dict[str, StoredLabel] = field(default_factory=dict)
    issues: dict[int, StoredIssue] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    def labels_of(self, issue: StoredIssue) -> list[StoredLabel]:
        """The labels of an issue as the repository spells them, in the order of their names, as GitHub gives them."""
        return [self.labels[name] for name in sorted(issue.labels)]


@dataclass(frozen=True, slots=True)
class Pending:
    """An answer on its way: `due` is the minute of sandbox time, `comment` the response that it answers."""

    repository: str
    number: int
    comment: int
    due: float


@dataclass(slots=True)
class World:
    """All repositories, keyed by `owner/name` in lower case."""

    repositories: dict[str, StoredRepository] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    last_id: int = 5_000_000
    places: dict[int, tuple[StoredRepository, StoredIssue]] = field(default_factory=dict, repr=False)
    """Where each comment stands, by its id."""

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

    def add_issue(self, repository: StoredRepository, issue: StoredIssue) -> None:
        repository.issues[issue.number] = issue
        for comment in issue.comments:
            self.places[comment.id] = (repository, issue)

    def comments(self, repository: StoredRepository) -> Iterator[tuple[StoredIssue, StoredComment]]:
        for issue in repository.issues.values():
            for comment in issue.comments:
                yield issue, comment

    def find_comment(self, comment_id: int) -> tuple[StoredRepository, StoredIssue, StoredComment] | None:
        place = self.places.get(comment_id)
        if place is None:
            return None
        return *place, next(comment for comment in place[1].comments if comment.id == comment_id)

    def add_comment(
        self, repository: StoredRepository, issue: StoredIssue, author: str, association: str, body: str, now: datetime
    ) -> StoredComment:
        comment = StoredComment(self.new_id(), author, association, body, now, now)
        issue.comments.append(comment)
        issue.updated_at = now
        self.places[comment.id] = (repository, issue)
        return comment

    def delete_comment(self, issue: StoredIssue, comment: StoredComment, now: datetime) -> None:
        """Takes the comment away; an answer to it that has not come yet will not come."""
        issue.comments.remove(comment)
        issue.updated_at = now
        del self.places[comment.id]
        self.pending = [pending for pending in self.pending if pending.comment != comment.id]

    def expect_answer(
        self, repository: StoredRepository, issue: StoredIssue, comment: StoredComment, minute: float
    ) -> None:
        """The reporter has read `comment` at this minute of sandbox time; one answer at a time is on its way."""
        waiting = any(p.number == issue.number and p.repository == repository.full_name for p in self.pending)
        if issue.answers and not waiting and comment.author.lower() != issue.author.lower():
            due = minute + issue.answers[0].after
            self.pending.append(Pending(repository.full_name, issue.number, comment.id, due))

    def deliver_answers(self, minute: float, now: datetime) -> int:
        """Posts the answers that are due, earliest first, dated `now`; returns how many."""
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
