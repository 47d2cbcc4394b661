"""The sync, request by request, with a small GitHub in memory and the real store; and once against the sandbox."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from triage.detection import Finding
from triage.github import GitHub
from triage.mirror import Rules, refresh_issue, sync, sync_mirror
from triage.models import Comment, GitHubError, Issue, Label, RateLimit, Repository
from triage.sandbox import SandboxServer
from triage.store import Store

REPOSITORY = "octo/kit"
START = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOW = START + timedelta(days=1)
FAILURE = "Import failed with error code 80097376, BadGateway, while importing the solution."
QUESTION = "How do I change the colour of the app?"


def make_issue(number: int, body: str = FAILURE, **changes: Any) -> Issue:
    moment = START + timedelta(minutes=number)
    made = Issue(
        number, f"Report {number}", body, f"reporter-{number}", "open", moment, moment, f"https://x.test/{number}"
    )
    return replace(made, **changes)


class SmallGitHub:
    """What the sync asks of a Gateway, in memory; `asked` has each request."""

    def __init__(self, *issues: Issue, page: int = 100) -> None:
        self.issues = {issue.number: issue for issue in issues}
        self.comments: dict[int, Comment] = {}
        self.page = page
        self.asked: list[str] = []
        self.rate_limit: RateLimit | None = None
        self.fails_at = ""

    @property
    def requests(self) -> int:
        return len(self.asked)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fails_at and what.startswith(self.fails_at):
            raise GitHubError("GitHub is down: try again.", refusal="server")

    def fetch_viewer(self) -> str:
        return "maintainer"  # the gateway asks once in its life

    def fetch_repository(self, repository: str) -> Repository:
        self._ask("repository")
        return Repository(repository, f"https://x.test/{repository}", can_triage=True)

    def fetch_labels(self, repository: str) -> list[Label]:
        self._ask("labels")
        return [Label("bug")]

    def fetch_issue(self, repository: str, number: int) -> Issue:
        self._ask(f"issue {number}")
        if number not in self.issues:
            raise GitHubError(f"#{number} is not there.", refusal="not_found", status=404)
        return self.issues[number]

    def fetch_issues(
        self, repository: str, *, since: datetime | None = None, state: Literal["open", "closed", "all"] = "all"
    ) -> Iterator[list[Issue]]:
        found = sorted(self.issues.values(), key=lambda issue: issue.updated_at)
        found = [i for i in found if state in ("all", i.state) and (since is None or i.updated_at >= since)]
        for start in range(0, max(len(found), 1), self.page):
            self._ask(f"issues {state} {start // self.page}")
            yield found[start : start + self.page]

    def fetch_comments(self, repository: str, number: int) -> list[Comment]:
        self._ask(f"comments {number}")
        return [comment for comment in self.comments.values() if comment.number == number]

    def fetch_comments_since(self, repository: str, since: datetime) -> Iterator[list[Comment]]:
        found = sorted((c for c in self.comments.values() if c.updated_at >= since), key=lambda c: c.updated_at)
        for start in range(0, max(len(found), 1), self.page):
            self._ask(f"stream {start // self.page}")
            yield found[start : start + self.page]

    def say(self, number: int, body: str, at: datetime, author: str = "") -> Comment:
        new = Comment(1000 + len(self.comments), number, author or f"reporter-{number}", body, at, at, "https://x.test")
        self.comments[new.id] = new
        issue = self.issues[number]
        self.issues[number] = replace(issue, comments=issue.comments + 1, updated_at=max(at, issue.updated_at))
        return new

    def unsay(self, comment: Comment) -> None:
        del self.comments[comment.id]
        issue = self.issues[comment.number]
        self.issues[comment.number] = replace(
            issue, comments=issue.comments - 1, updated_at=issue.updated_at + timedelta(minutes=1)
        )


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open("sqlite://")
    yield opened
    opened.shut()


def judge_by_code(title: str, body: str, *, author: str, comments: Sequence[tuple[str, str]]) -> Finding:
    """A finding by the simplest of rules, so that these tests hang on no other."""
    texts = [title, body, *(text for who, text in comments if who == author)]
    failed = any("80097376" in text for text in texts)
    return Finding("transient_import" if failed else "not_import", (), (), (), (), False, False)


BY_CODE = Rules(judge_by_code)


def run(github: Any, store: Store, now: datetime = NOW, **options: Any) -> sync.SyncReport:
    github.asked.clear()
    return sync_mirror(github, store, REPOSITORY, now=now, **{"rules": BY_CODE, **options})


# What is brought


def test_the_first_sync_lists_open_issues_and_reads_comments_of_import_failures_alone(store: Store) -> None:
    github = SmallGitHub(
        make_issue(1),
        make_issue(2, QUESTION),
        make_issue(3, state="closed"),
        make_issue(4),
        *map(make_issue, range(5, 9)),
    )
    for number in (1, 2, 3):
        github.say(number, "More words.", START + timedelta(hours=1))
    report = run(github, store)
    assert github.asked == ["repository", "labels", "issues open 0", "comments 1"]
    assert (report.issues_seen, report.issues_changed, report.found, report.full) == (7, 7, 6, True)
    assert list(store.load_comments(REPOSITORY)) == [1]
    mirrored = store.load_repository(REPOSITORY)
    assert mirrored is not None
    assert (mirrored.viewer, mirrored.repository.can_write, mirrored.synced_at) == ("maintainer", True, NOW)
    assert store.load_labels(REPOSITORY) == [Label("bug")]


def test_a_sync_with_nothing_new_costs_four_requests_and_writes_nothing(store: Store) -> None:
    github = SmallGitHub(*map(make_issue, range(1, 30)))
    github.say(5, "It still fails.", START + timedelta(hours=2))
    run(github, store)
    before = store.load_repository(REPOSITORY)
    report = run(github, store)
    assert github.asked == ["repository", "labels", "issues all 0", "stream 0"]
    assert (report.requests, report.issues_changed, report.comments_changed) == (4, 0, 0)
    after = store.load_repository(REPOSITORY)
    assert before is not None
    assert after is not None
    assert (after.version, after.since) == (before.version, before.since)


def test_a_new_comment_comes_by_the_stream_and_may_make_an_import_failure_of_an_issue(store: Store) -> None:
    github = SmallGitHub(make_issue(1, QUESTION), make_issue(2))
    run(github, store)
    assert store.load_finding_keys(REPOSITORY).keys() == {1, 2}
    github.say(1, FAILURE, NOW)
    report = run(github, store, NOW + timedelta(minutes=1))
    assert (report.requests, report.issues_changed, report.comments_changed, report.found) == (4, 1, 1, 2)


def test_what_others_say_makes_no_import_failure(store: Store) -> None:
    github = SmallGitHub(make_issue(1, QUESTION))
    run(github, store)
    keys = store.load_finding_keys(REPOSITORY)
    github.say(1, FAILURE, NOW, author="passer-by")
    assert run(github, store).found == 0
    assert store.load_finding_keys(REPOSITORY) == keys


def test_an_edited_comment_takes_the_place_of_the_old_one(store: Store) -> None:
    github = SmallGitHub(make_issue(1))
    said = github.say(1, "It works.", START + timedelta(hours=1))
    run(github, store)
    edited = replace(said, body="It does not work.", updated_at=NOW)
    github.comments[said.id] = edited
    github.issues[1] = replace(github.issues[1], updated_at=NOW)
    run(github, store)
    assert store.load_comments(REPOSITORY) == {1: [edited]}


def test_a_comment_that_was_deleted_on_github_leaves_the_mirror_by_one_more_request(store: Store) -> None:
    github = SmallGitHub(make_issue(1), make_issue(2))
    kept = github.say(1, "First.", START + timedelta(hours=1))
    gone = github.say(1, "Second.", START + timedelta(hours=2))
    run(github, store)
    github.unsay(gone)
    report = run(github, store)
    assert github.asked[-1] == "comments 1"
    assert report.requests == 5
    assert store.load_comments(REPOSITORY) == {1: [kept]}


def test_a_closed_issue_leaves_the_open_ones_and_its_comments_stay(store: Store) -> None:
    github = SmallGitHub(make_issue(1), make_issue(2))
    github.say(1, "Fixed.", START + timedelta(hours=1))
    run(github, store)
    github.issues[1] = replace(github.issues[1], state="closed", updated_at=NOW, closed_at=NOW)
    assert run(github, store).found == 1
    assert list(store.load_comments(REPOSITORY)) == [1]


def test_an_answer_older_than_what_a_click_brought_changes_nothing(store: Store) -> None:
    github = SmallGitHub(make_issue(1))
    run(github, store)
    clicked = replace(github.issues[1], labels=("documentation",), updated_at=NOW)
    store.save_issues(REPOSITORY, [clicked])
    run(github, store)
    assert store.load_issue(REPOSITORY, 1) == clicked


def test_links_follow_a_server_that_has_another_address_since(store: Store, tmp_path: Path) -> None:
    with SandboxServer(state_file=tmp_path / "sandbox.json", reporters_answer=False) as sandbox:
        sync_mirror(GitHub("any-token", sandbox.url), store, sandbox.repository, now=NOW)
        closed = replace(store.load_issues(sandbox.repository)[0], state="closed")
        store.save_issues(sandbox.repository, [closed])
    with SandboxServer(state_file=tmp_path / "sandbox.json", reporters_answer=False) as sandbox:
        sync_mirror(GitHub("any-token", sandbox.url), store, sandbox.repository, now=NOW)
    kept = [
        *store.load_issues(sandbox.repository),
        *(comment for comments in store.load_comments(sandbox.repository).values() for comment in comments),
    ]
    assert store.load_issue(sandbox.repository, closed.number) == replace(closed, url=kept[0].url)
    assert {one.url.partition("/sandbox/")[0] for one in kept} == {sandbox.url}


def test_another_server_with_a_repository_of_the_same_name_gets_a_mirror_of_its_own(
    store: Store, tmp_path: Path
) -> None:
    with SandboxServer(reporters_answer=False) as sandbox:
        sync_mirror(GitHub("any-token", sandbox.url), store, sandbox.repository, now=NOW)
    store.save_draft(sandbox.repository, 1, "ann", "t", "Mine", suggestion="", at=NOW)
    file = tmp_path / "issues.jsonl"
    file.write_text('{"number": 5, "title": "Import fails", "body": "80097376", "user": "rita"}\n')
    with SandboxServer(issues_file=file, reporters_answer=False) as other:
        report = sync_mirror(GitHub("any-token", other.url), store, other.repository, now=NOW)
    assert (report.found, [issue.number for issue in store.load_issues(other.repository)]) == (1, [5])
    assert len(store.load_drafts(other.repository)) == 1


def test_new_rules_judge_what_is_there_without_a_request_more(store: Store) -> None:
    github = SmallGitHub(*map(make_issue, range(1, 4)))
    run(github, store)
    judged: list[str] = []

    def judge(title: str, body: str, **rest: Any) -> Finding:
        judged.append(title)
        return judge_by_code(title, body, **rest)

    run(github, store, rules=Rules(judge))
    assert judged == []
    assert run(github, store, rules=Rules(judge, "the-next")).requests == 4
    assert sorted(judged) == ["Report 1", "Report 2", "Report 3"]


# What it costs


def test_three_thousand_open_issues_cost_thirty_three_requests_and_one_for_each_failure_with_comments(
    store: Store,
) -> None:
    github = SmallGitHub(*(make_issue(n, FAILURE if n % 100 == 0 else QUESTION) for n in range(1, 3001)))
    for number in range(100, 3001, 300):
        for _ in range(5):
            github.say(number, "Words.", START + timedelta(days=3))
    report = run(github, store)
    assert report.requests == 2 + 30 + 10
    assert (report.issues_seen, report.found) == (3000, 30)


def test_the_stream_is_read_where_it_is_shorter_than_one_request_an_issue(store: Store) -> None:
    github = SmallGitHub(*map(make_issue, range(1, 201)))
    for number in range(1, 201):
        github.say(number, "Words.", START + timedelta(days=1))
    report = run(github, store)
    assert report.requests == 2 + 2 + 2
    assert report.comments_changed == 200


def test_progress_says_what_is_done_and_how_far(store: Store) -> None:
    said: list[tuple[str, int]] = []
    github = SmallGitHub(*map(make_issue, range(1, 251)))
    run(github, store, progress=lambda text, done: said.append((text, done)))
    assert [done for text, done in said if text == "Reading issues"] == [100, 200, 250]


def test_reads_give_way_to_writes_when_the_limit_nears(store: Store) -> None:
    github = SmallGitHub(make_issue(1))
    github.rate_limit = RateLimit(5000, 299, NOW + timedelta(minutes=20))
    with pytest.raises(GitHubError, match="Only 299 of 5000 requests to GitHub are left until 08:20 UTC") as caught:
        run(github, store)
    assert (caught.value.refusal, caught.value.retry_at) == ("rate_limited", NOW + timedelta(minutes=20))
    assert github.asked == []
    assert run(github, store, NOW + timedelta(minutes=21)).found == 1


def test_a_small_limit_has_a_small_reserve(store: Store) -> None:
    github = SmallGitHub(make_issue(1))
    github.rate_limit = RateLimit(60, 7, NOW + timedelta(minutes=20))
    assert run(github, store).found == 1


# What is interrupted, gone, or done twice


@pytest.mark.parametrize("step", ["issues open 1", "comments 150", "stream"])
def test_an_interrupted_first_sync_keeps_what_it_read_and_the_next_one_misses_nothing(store: Store, step: str) -> None:
    github = SmallGitHub(*(make_issue(n, FAILURE if n % 50 == 0 else QUESTION) for n in range(1, 251)))
    for number in (50, 150, 250):
        for _ in range(40 if step != "stream" else 1):
            github.say(number, "Words.", START + timedelta(days=1))
    github.fails_at = step
    with pytest.raises(GitHubError, match="GitHub is down"):
        run(github, store)
    kept = store.load_issues(REPOSITORY)
    assert len(kept) >= 100
    assert store.count_issues(REPOSITORY).by_kind["transient_import"] >= 1
    mirrored = store.load_repository(REPOSITORY)
    assert mirrored is not None
    assert mirrored.since is None

    github.fails_at = ""
    run(github, store)
    comments = store.load_comments(REPOSITORY)
    assert {n: len(found) for n, found in comments.items()} == {n: github.issues[n].comments for n in (50, 150, 250)}
    assert len(store.load_issues(REPOSITORY)) == 250


def test_an_interrupted_later_sync_begins_again_where_the_last_whole_one_ended(store: Store) -> None:
    github = SmallGitHub(*map(make_issue, range(1, 4)))
    run(github, store)
    mirrored = store.load_repository(REPOSITORY)
    github.say(2, "News.", NOW)
    github.fails_at = "stream"
    with pytest.raises(GitHubError):
        run(github, store)
    after = store.load_repository(REPOSITORY)
    assert mirrored is not None
    assert after is not None
    assert after.since == mirrored.since
    github.fails_at = ""
    run(github, store)
    assert [comment.body for comment in store.load_comments(REPOSITORY)[2]] == ["News."]


def test_an_issue_closed_while_the_first_sync_ran_is_seen_by_the_second(store: Store) -> None:
    github = SmallGitHub(make_issue(1), make_issue(2, updated_at=NOW + timedelta(seconds=30)))
    run(github, store)
    github.issues[1] = replace(github.issues[1], state="closed", updated_at=NOW + timedelta(seconds=5))
    assert run(github, store, NOW + timedelta(minutes=1)).found == 1


def test_an_issue_that_is_gone_is_forgotten_at_the_visit(store: Store) -> None:
    github = SmallGitHub(make_issue(1), make_issue(2))
    github.say(1, "Words.", START + timedelta(hours=1))
    run(github, store)
    del github.issues[1]
    assert refresh_issue(github, store, REPOSITORY, 1, BY_CODE) is None
    assert store.load_issue(REPOSITORY, 1) is None
    assert store.load_comments(REPOSITORY) == {}
    assert [issue.number for issue, _ in store.load_candidates(REPOSITORY)] == [2]


def test_a_visit_brings_one_issue_and_its_comments_in_two_requests(store: Store) -> None:
    github = SmallGitHub(make_issue(1, QUESTION))
    run(github, store)
    github.asked.clear()
    said = github.say(1, FAILURE, NOW)
    assert refresh_issue(github, store, REPOSITORY, 1, BY_CODE) == github.issues[1]
    assert github.asked == ["issue 1", "comments 1"]
    assert store.load_comments(REPOSITORY) == {1: [said]}
    assert len(store.load_candidates(REPOSITORY)) == 1


def test_a_full_sync_visits_open_issues_that_are_no_longer_listed(store: Store) -> None:
    github = SmallGitHub(*map(make_issue, range(1, 5)))
    run(github, store)
    del github.issues[2]
    assert run(github, store).found == 4
    report = run(github, store, full=True)
    assert (report.found, report.full) == (3, True)
    assert github.asked[-1] == "issue 2"


def test_an_empty_repository_is_synced_and_its_first_issue_comes_next(store: Store) -> None:
    github = SmallGitHub()
    assert run(github, store).found == 0
    github.issues[1] = make_issue(1, updated_at=NOW + timedelta(minutes=5))
    assert run(github, store, NOW + timedelta(minutes=6)).found == 1


def test_two_threads_that_sync_at_once_share_one_sync(store: Store) -> None:
    github = SmallGitHub(make_issue(1))
    entered, leave = threading.Event(), threading.Event()
    reports: list[sync.SyncReport] = []
    said: list[str] = []

    def hold(text: str, done: int) -> None:
        entered.set()
        leave.wait(10)

    def second(text: str, done: int) -> None:
        said.append(text)
        leave.set()

    first_thread = threading.Thread(target=lambda: reports.append(run(github, store, progress=hold)))
    first_thread.start()
    entered.wait(10)
    reports.append(sync_mirror(github, store, REPOSITORY, now=NOW, progress=second))  # type: ignore[arg-type]
    first_thread.join()
    assert reports[0] is reports[1]
    assert said == ["Another window is bringing this repository up to date"]
    assert github.asked.count("repository") == 1


def test_who_asks_for_a_full_sync_while_another_runs_gets_one_of_their_own(store: Store) -> None:
    github = SmallGitHub(make_issue(1), make_issue(2))
    run(github, store)
    del github.issues[2]
    entered, leave = threading.Event(), threading.Event()

    def hold(text: str, done: int) -> None:
        entered.set()
        leave.wait(10)

    other = threading.Thread(target=lambda: run(github, store, progress=hold))
    other.start()
    entered.wait(10)
    report = sync_mirror(
        github,  # type: ignore[arg-type]
        store,
        REPOSITORY,
        now=NOW,
        rules=BY_CODE,
        progress=lambda text, done: leave.set(),
        full=True,
    )
    other.join()
    assert (report.found, report.full) == (1, True)


# The whole way


def test_the_sandbox_is_mirrored_and_then_costs_nothing_of_the_limit(store: Store) -> None:
    with SandboxServer(reporters_answer=False) as sandbox:
        github = GitHub("any-token", sandbox.url)
        now = datetime.now(UTC)
        first = sync_mirror(github, store, sandbox.repository, now=now)
        assert first.found > 0
        sync_mirror(github, store, sandbox.repository, now=now)
        assert github.rate_limit is not None
        remaining = github.rate_limit.remaining
        report = sync_mirror(github, store, sandbox.repository, now=now)
        assert (report.requests, report.issues_changed) == (4, 0)
        assert github.rate_limit.remaining == remaining

        number = store.load_candidates(sandbox.repository)[0][0].number
        posted = github.create_comment(sandbox.repository, number, "Please try again.")
        report = sync_mirror(github, store, sandbox.repository, now=now)
        assert posted in store.load_comments(sandbox.repository)[number]
        assert report.comments_changed == 1
