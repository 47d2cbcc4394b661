"""GitHub -> the mirror, incrementally: issues, comments and labels that changed since last time, and their findings.

The first time, the open issues are listed, and comments are read for import failures only. From then on one stream of
issues and one of comments bring what is new; where nothing is, every answer is a 304, which costs nothing.
"""

import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from triage.mirror.judging import OWN_RULES, Rules, judge_issues
from triage.models import Comment, Gateway, GitHubError, Issue
from triage.store import Store

OVERLAP = timedelta(seconds=10)
"""How far before the newest moment seen the next sync begins: GitHub's servers do not all know a change at once."""

RESERVE = 300
"""How many requests of the hour are left to writes; of a small limit, a tenth."""

PAGE_SIZE = 100
"""How many comments come in one page."""

Progress = Callable[[str, int], None]
"""Called with what is being done, in words, and how many were done so far."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did. `found` counts the open import failures; `full` is True where all open issues were listed."""

    issues_seen: int
    issues_changed: int
    comments_changed: int
    requests: int
    found: int
    full: bool


def sync_mirror(
    gateway: Gateway,
    store: Store,
    repository: str,
    *,
    now: datetime,
    rules: Rules = OWN_RULES,
    progress: Progress | None = None,
    full: bool = False,
) -> SyncReport:
    """Brings the mirror of `repository` up to date.

    `full` lists all open issues again and drops those that are gone: GitHub names no deletion. Where another thread
    is at it already, waits and returns the same report, unless that one was not `full` and this one is to be. Raises
    GitHubError, also where too little of the rate limit is left; what came before it is kept, and the next sync begins
    where the last complete one ended.
    """
    progress = progress or (lambda text, done: None)
    key = (id(store), repository.casefold())
    with _running_lock:
        other = _running.get(key)
        if other is None:
            mine = _running[key] = Future()
    if other is not None:
        progress("Another window is bringing this repository up to date", 0)
        report = other.result()
        if report.full or not full:
            return report
        return sync_mirror(gateway, store, repository, now=now, rules=rules, progress=progress, full=True)
    try:
        report = _Sync(gateway, store, repository, now, rules, progress).run(full=full)
    except BaseException as error:
        failure = GitHubError("The other update ended without a result: try again.", refusal="server")
        end = partial(mine.set_exception, error if isinstance(error, GitHubError) else failure)
        raise
    else:
        end = partial(mine.set_result, report)
        return report
    finally:
        with _running_lock:
            del _running[key]
        end()


_running: dict[tuple[int, str], "Future[SyncReport]"] = {}
"""Syncs under way, for those who ask for the same one meanwhile."""

_running_lock = threading.Lock()


def refresh_issue(
    gateway: Gateway, store: Store, repository: str, number: int, rules: Rules = OWN_RULES
) -> Issue | None:
    """Brings one issue and its comments up to date, in two requests; None where it is gone, and then it is forgotten.

    Raises GitHubError for everything but "not there".
    """
    try:
        issue = gateway.fetch_issue(repository, number)
    except GitHubError as error:
        if error.refusal not in ("not_found", "gone"):
            raise
        store.delete_issue(repository, number)
        return None
    comments = gateway.fetch_comments(repository, number)
    if store.load_issue(repository, number) != issue:
        store.save_issues(repository, [issue])
    if store.load_comments(repository, [number]).get(number, []) != comments:
        store.replace_comments(repository, number, comments)
    judge_issues(store, repository, [issue], store.load_finding_keys(repository), rules)
    return issue


@dataclass
class _Sync:
    """One sync of one repository, step by step."""

    _gateway: Gateway
    _store: Store
    _name: str
    _now: datetime
    _rules: Rules
    _progress: Progress
    _seen: dict[int, datetime] = field(default_factory=dict)
    _judged: set[int] = field(default_factory=set)
    _issues_changed: int = 0
    _comments_changed: int = 0

    def __post_init__(self) -> None:
        self._keys = self._store.load_finding_keys(self._name)

    def run(self, *, full: bool) -> SyncReport:
        requests = self._gateway.requests
        mirrored = self._store.load_repository(self._name)
        since = mirrored.since if mirrored else None
        url = self._read_repository()
        if mirrored and mirrored.repository.url != url:
            if self._is_another_world():
                self._store.clear_mirror(self._name)
                self._keys, since = {}, None
                self._read_repository()
            else:
                self._move_addresses(mirrored.repository.url, url)
        if since is None:
            self._read_issues(state="open")
        else:
            self._read_issues(state="all", since=since - OVERLAP)
            self._read_new_comments(since - OVERLAP)
            if full:
                self._read_issues(state="open")
                self._visit_what_is_gone()
            if not all(self._rules.made(key) for key in self._keys.values()):
                self._progress("Judging all issues by the new rules", 0)
                self._judge_anew(self._store.load_issues(self._name))
        self._complete_comments()
        self._store.mark_synced(self._name, at=self._now, since=self._next_since(since))
        by_kind = self._store.count_issues(self._name).by_kind
        return SyncReport(
            issues_seen=len(self._seen),
            issues_changed=self._issues_changed,
            comments_changed=self._comments_changed,
            requests=self._gateway.requests - requests,
            found=sum(count for kind, count in by_kind.items() if kind != "not_import"),
            full=full or since is None,
        )

    def _read_repository(self) -> str:
        self._progress("Reading the repository and its labels", 0)
        self._leave_reserve()
        repository = self._gateway.fetch_repository(self._name)
        self._store.save_repository(repository, viewer=self._gateway.fetch_viewer())
        self._store.save_labels(self._name, self._gateway.fetch_labels(self._name))
        return repository.url

    def _is_another_world(self) -> bool:
        """Whether the server at the new address is not the one of the mirror, though its repository has the same name:
        a sandbox with other issues, say. Then what the mirror holds is not true there, and `since` would hide all."""
        held = self._store.load_issues(self._name)
        if not held:
            return False
        try:
            there = self._gateway.fetch_issue(self._name, held[0].number)
        except GitHubError as error:
            if error.refusal not in ("not_found", "gone"):
                raise
            return True
        return (there.created_at, there.author) != (held[0].created_at, held[0].author)

    def _move_addresses(self, old: str, new: str) -> None:
        """The server has another address, as the sandbox has after a restart: links in the mirror lead there."""
        issues = self._store.load_issues(self._name)
        self._store.save_issues(self._name, [replace(issue, url=issue.url.replace(old, new, 1)) for issue in issues])
        held = [comment for comments in self._store.load_comments(self._name).values() for comment in comments]
        self._store.save_comments(self._name, [replace(one, url=one.url.replace(old, new, 1)) for one in held])

    def _read_issues(self, *, state: Literal["open", "all"], since: datetime | None = None) -> None:
        for page in self._gateway.fetch_issues(self._name, since=since, state=state):
            changed = [issue for issue in page if self._differs(issue)]
            if changed:
                self._store.save_issues(self._name, changed)
            self._issues_changed += len(changed)
            self._seen.update({issue.number: issue.updated_at for issue in page})
            # Page by page, so that what an interrupted first sync has read stands in the queue.
            self._judge_anew(page)
            self._progress("Reading issues", len(self._seen))
            self._leave_reserve()

    def _differs(self, issue: Issue) -> bool:
        """Whether GitHub says something new; an answer from before a click that the mirror knows of is no news."""
        held = self._store.load_issue(self._name, issue.number)
        return held is None or (issue != held and issue.updated_at >= held.updated_at)

    def _read_new_comments(self, since: datetime) -> None:
        for page in self._gateway.fetch_comments_since(self._name, since):
            self._keep_comments(page)
            self._progress("Reading comments", self._comments_changed)
            self._leave_reserve()

    def _keep_comments(self, page: Iterable[Comment]) -> None:
        """Keeps what is new in a page of the repository's stream; that of issues which the mirror lacks is not ours."""
        ours = [comment for comment in page if comment.number in self._keys]
        held = self._store.load_comments(self._name, {comment.number for comment in ours})
        known = {comment for comments in held.values() for comment in comments}
        new = [comment for comment in ours if comment not in known]
        if new:
            self._store.save_comments(self._name, new)
            self._comments_changed += len(new)
            self._judge_anew(self._store.load_issues(self._name, {comment.number for comment in new}))

    def _judge_anew(self, issues: Collection[Issue]) -> None:
        judged = judge_issues(self._store, self._name, issues, self._keys, self._rules)
        self._keys.update(judged)
        self._judged.update(judged)

    def _complete_comments(self) -> None:
        """Reads the comments of import failures of which the mirror holds more or fewer than GitHub says there are.

        One request for each issue, unless the repository's one stream since the oldest of them is likely to be shorter.
        """
        waiting = self._incomplete()
        if len(waiting) > max(1, self._pages_of_stream(waiting)):
            self._read_new_comments(min(issue.created_at for issue in waiting))
            waiting = self._incomplete()
        for done, issue in enumerate(waiting):
            self._progress(f"Reading the comments of {len(waiting)} import failures", done)
            self._leave_reserve()
            comments = self._gateway.fetch_comments(self._name, issue.number)
            self._store.replace_comments(self._name, issue.number, comments)
            self._comments_changed += len(comments)
            self._judge_anew([issue])

    def _incomplete(self) -> list[Issue]:
        """Import failures among what this sync saw or judged that lack comments, or hold some that were deleted.

        Of closed issues only those whose comments the mirror has had: nobody answers the others.
        """
        looked_at = self._judged | self._seen.keys()
        candidates = [issue for issue, _ in self._store.load_candidates(self._name) if issue.number in looked_at]
        held = self._store.load_comments(self._name, {issue.number for issue in candidates})
        return [
            issue
            for issue in candidates
            if issue.comments != len(held.get(issue.number, [])) and (issue.state == "open" or issue.number in held)
        ]

    def _pages_of_stream(self, waiting: Collection[Issue]) -> float:
        """About how many pages the stream since the oldest of `waiting` has.

        Numbers count issues and pull requests alike, so they say how many there have been since; that each has as many
        comments as these have is a guess, which costs some requests at worst.
        """
        if not waiting:
            return 0
        numbers = [issue.number for issue in waiting]
        conversations = max(self._keys) - min(numbers) + 1
        return conversations * sum(issue.comments for issue in waiting) / len(waiting) / PAGE_SIZE

    def _visit_what_is_gone(self) -> None:
        for issue in self._store.load_issues(self._name):
            if issue.state == "open" and issue.number not in self._seen:
                self._leave_reserve()
                refresh_issue(self._gateway, self._store, self._name, issue.number, self._rules)
                self._issues_changed += 1

    def _next_since(self, since: datetime | None) -> datetime:
        """The newest moment seen by GitHub's clock.

        After a first sync, which lists open issues alone, not later than its beginning: an issue that was closed
        meanwhile must come up next time.
        """
        newest = max(self._seen.values(), default=None)
        if since is not None:
            return max(since, newest or since)
        return min(newest, self._now) if newest else self._now - timedelta(days=1)

    def _leave_reserve(self) -> None:
        limit = self._gateway.rate_limit
        if limit is None or limit.reset_at <= self._now or limit.remaining >= min(RESERVE, limit.limit // 10):
            return
        raise GitHubError(
            f"Only {limit.remaining} of {limit.limit} requests to GitHub are left until {limit.reset_at:%H:%M} UTC, "
            "and these are kept for posting: the queue is brought up to date after that.",
            refusal="rate_limited",
            retry_at=limit.reset_at,
        )
