"""A GitHub in memory, a Gateway whose writes fail as told: it makes the fault suite quick and its clock ours."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from triage.models import Comment, GitHubError, Issue, Label, RateLimit, Repository, StateReason

REPOSITORY = "octo/kit"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

T = TypeVar("T")

Fault = Literal[
    "refused",
    "applied, then 502",
    "502, not applied",
    "applied, then reset",
    "reset, not applied",
    "stalled, applied late",
    "long on its way, applied late",
    "403 secondary",
    "429",
    "401 in the middle",
    "down for a minute",
]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FakeGitHub:
    """One repository with some issues. `faults` maps the number of a write, counted from 1, to what happens to it."""

    clock: Clock
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    viewer: str = "ann"
    writes: int = 0
    requests: int = 0
    rate_limit: RateLimit | None = None
    sent: list[str] = field(default_factory=list)
    down_until: datetime = START - timedelta(days=1)
    quiet_until: datetime = START - timedelta(days=1)
    _late: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    first_id: int = 1

    def open_issue(self, number: int, *, labels: tuple[str, ...] = (), author: str = "rita") -> Issue:
        self.issues[number] = Issue(
            number,
            f"Import fails {number}",
            "80097376",
            author,
            "open",
            START,
            START,
            f"https://x/{number}",
            None,
            labels,
        )
        return self.issues[number]

    # what others do

    def comment_as(self, author: str, number: int, body: str) -> Comment:
        return self._add_comment(author, number, body)

    def edit(self, number: int, **fields: object) -> None:
        self.issues[number] = replace(self.issues[number], updated_at=self._moment(), **fields)  # type: ignore[arg-type]

    # reads

    def fetch_viewer(self) -> str:
        return self.viewer

    def fetch_repository(self, repository: str) -> Repository:
        return Repository(repository, f"https://x/{repository}", can_triage=True)

    def fetch_issue(self, repository: str, number: int) -> Issue:
        self._read()
        return self.issues[number]

    def fetch_issues(
        self, repository: str, *, since: datetime | None = None, state: str = "all"
    ) -> Iterator[list[Issue]]:
        self._read()
        yield list(self.issues.values())

    def fetch_comments(self, repository: str, number: int) -> list[Comment]:
        self._read()
        return list(self.comments.get(number, []))

    def fetch_comments_since(self, repository: str, since: datetime) -> Iterator[list[Comment]]:
        self._read()
        yield [one for many in self.comments.values() for one in many]

    def fetch_labels(self, repository: str) -> list[Label]:
        self._read()
        return list(self.labels)

    # writes

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        author = self.viewer  # what is carried out later is still by whoever sent it
        return self._write(f"comment {number}", lambda: self._add_comment(author, number, body))

    def delete_comment(self, repository: str, comment_id: int) -> None:
        def apply() -> None:
            for number, comments in self.comments.items():
                if any(comment.id == comment_id for comment in comments):
                    self.comments[number] = [comment for comment in comments if comment.id != comment_id]
                    self.edit(number, comments=len(self.comments[number]))
                    return
            raise GitHubError("There is no such comment.", refusal="not_found", status=404)

        self._write(f"delete comment {comment_id}", apply)

    def add_labels(self, repository: str, number: int, names: tuple[str, ...]) -> tuple[str, ...]:
        def apply() -> tuple[str, ...]:
            known = {label.name.casefold(): label.name for label in self.labels}
            for name in names:
                if name.casefold() not in known:
                    self.labels.append(Label(name))
                    known[name.casefold()] = name
            have = self.issues[number].labels
            self.edit(number, labels=tuple(dict.fromkeys((*have, *(known[name.casefold()] for name in names)))))
            return self.issues[number].labels

        return self._write(f"label {number} {','.join(names)}", apply)

    def remove_label(self, repository: str, number: int, name: str) -> None:
        def apply() -> None:
            self.edit(number, labels=tuple(one for one in self.issues[number].labels if one != name))

        self._write(f"unlabel {number} {name}", apply)

    def create_label(self, repository: str, label: Label) -> Label:
        def apply() -> Label:
            if label.name.casefold() in {one.name.casefold() for one in self.labels}:
                raise GitHubError("already_exists", refusal="invalid", status=422)
            self.labels.append(label)
            return label

        return self._write(f"create label {label.name}", apply)

    def close_issue(self, repository: str, number: int, reason: StateReason) -> Issue:
        def apply() -> Issue:
            self.edit(number, state="closed", state_reason=reason, closed_at=self._moment())
            return self.issues[number]

        return self._write(f"close {number}", apply)

    def reopen_issue(self, repository: str, number: int) -> Issue:
        def apply() -> Issue:
            self.edit(number, state="open", state_reason="reopened", closed_at=None)
            return self.issues[number]

        return self._write(f"reopen {number}", apply)

    # faults

    def settle(self) -> None:
        """Carries out what was sent and stalled, once its time has come."""
        due = [work for at, work in self._late if at <= self.clock.now]
        self._late = [(at, work) for at, work in self._late if at > self.clock.now]
        for work in due:
            with suppress(GitHubError):  # nobody waits for this refusal any more
                work()

    def _read(self) -> None:
        self.requests += 1
        self.settle()
        self._check_up()

    def _check_up(self) -> None:
        if self.clock.now < self.down_until:
            raise GitHubError("There is no connection to GitHub.", refusal="unreachable")

    def _write(self, what: str, apply: Callable[[], T]) -> T:
        self.requests += 1
        self.settle()
        self._check_up()
        if self.clock.now < self.quiet_until:
            self.sent.append(f"too early: {what}")
            raise GitHubError("Wait.", refusal="rate_limited", status=403, retry_at=self.quiet_until)
        self.writes += 1
        self.sent.append(what)
        match self.faults.get(self.writes):
            case None:
                return apply()
            case "refused":
                raise GitHubError("GitHub refused.", refusal="forbidden", status=403)
            case "401 in the middle":
                raise GitHubError("The token has expired.", refusal="unauthorized", status=401)
            case "applied, then 502":
                apply()
                raise GitHubError("GitHub failed (502).", refusal="server", status=502, uncertain=True)
            case "502, not applied":
                raise GitHubError("GitHub failed (502).", refusal="server", status=502, uncertain=True)
            case "applied, then reset":
                apply()
                raise GitHubError("The connection broke.", refusal="unreachable", uncertain=True)
            case "reset, not applied":
                raise GitHubError("The connection broke.", refusal="unreachable", uncertain=True)
            case "stalled, applied late":
                # GitHub ends what it has begun within ten seconds, though nobody waits for the answer any more.
                self._late.append((self.clock.now + timedelta(seconds=9.5), apply))
                self.clock.move(5)
                raise GitHubError("No answer in time.", refusal="timeout", uncertain=True)
            case "long on its way, applied late":
                # Lost packets are sent again for as long as the connection is open: it arrives as we give up waiting.
                self.clock.move(20)
                self._late.append((self.clock.now + timedelta(seconds=9.5), apply))
                raise GitHubError("No answer in time.", refusal="timeout", uncertain=True)
            case "403 secondary" | "429" as fault:
                self.quiet_until = self.clock.now + timedelta(seconds=60)
                status = 429 if fault == "429" else 403
                raise GitHubError("Wait.", refusal="rate_limited", status=status, retry_at=self.quiet_until)
            case "down for a minute":
                self.down_until = self.clock.now + timedelta(seconds=60)
                raise GitHubError("There is no connection to GitHub.", refusal="unreachable")

    def _add_comment(self, author: str, number: int, body: str) -> Comment:
        now = self._moment()
        self.first_id += 1
        comment = Comment(self.first_id, number, author, body, now, now, f"https://x/{number}#c")
        self.comments.setdefault(number, []).append(comment)
        self.edit(number, comments=len(self.comments[number]))
        return comment

    def _moment(self) -> datetime:
        """Each change at a moment of its own, as GitHub's are."""
        self.clock.move(0.001)
        return self.clock.now
