"""The gateway: against the sandbox, and against servers that say less or other things than GitHub does today."""

import json
import socket
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from triage.github import GitHub
from triage.models import Gateway, GitHubError, Label
from triage.sandbox import SandboxServer

TOKEN = "github_pat_0123456789_never_shown"
API = "https://api.example.test"
NUMBER = 7

Respond = Callable[[httpx.Request], httpx.Response]


def github(answer: Respond) -> GitHub:
    return GitHub(TOKEN, API, transport=httpx.MockTransport(answer))


def answering(payload: Any, status: int = 200, **headers: str) -> GitHub:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return github(lambda request: httpx.Response(status, json=payload, headers=names))


def failing(error: Exception) -> GitHub:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return github(fail)


def refusal_of(call: Callable[[], object]) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        call()
    return caught.value


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(reporters_answer=False) as server:
        yield server


@pytest.fixture
def live(sandbox: SandboxServer) -> Iterator[GitHub]:
    yield GitHub("any-token", sandbox.url, read_seconds=2)
    httpx.delete(f"{sandbox.url}/_sandbox/faults")


@pytest.fixture
def number(sandbox: SandboxServer, live: GitHub) -> int:
    return next(issue for page in live.fetch_issues(sandbox.repository, state="open") for issue in page).number


def set_fault(sandbox: SandboxServer, **rule: Any) -> None:
    httpx.put(f"{sandbox.url}/_sandbox/faults", json=[rule]).raise_for_status()


# Against the sandbox


def test_the_gateway_has_every_method_of_its_protocol() -> None:
    for name in vars(Gateway):
        assert name.startswith("_") or hasattr(GitHub, name)


def test_a_comment_is_posted_byte_for_byte_listed_and_deleted(
    sandbox: SandboxServer, live: GitHub, number: int
) -> None:
    text = "Thanks 🎉 \\ \" ' \t\n\n```\ncode\n```\r\n<!-- triage: 1 -->"
    posted = live.create_comment(sandbox.repository, number, text)
    assert (posted.number, posted.author, posted.body) == (number, live.fetch_viewer(), text)
    assert live.fetch_comments(sandbox.repository, number)[-1] == posted
    live.delete_comment(sandbox.repository, posted.id)
    assert posted not in live.fetch_comments(sandbox.repository, number)


@pytest.mark.parametrize("name", ["area/flow: 100%", "ü 🎉 c?#&+", "a b", ".net"])
def test_a_label_of_any_name_is_created_added_and_taken_off(
    sandbox: SandboxServer, live: GitHub, number: int, name: str
) -> None:
    assert live.create_label(sandbox.repository, Label(name, "aabbcc", "why")) == Label(name, "aabbcc", "why")
    before = live.fetch_issue(sandbox.repository, number).labels
    assert name in live.add_labels(sandbox.repository, number, (name,))
    live.remove_label(sandbox.repository, number, name)
    assert live.fetch_issue(sandbox.repository, number).labels == before
    assert Label(name, "aabbcc", "why") in live.fetch_labels(sandbox.repository)


def test_taking_off_a_label_that_is_not_there_is_no_error_but_an_issue_that_is_not_there_is_one(
    sandbox: SandboxServer, live: GitHub, number: int
) -> None:
    live.remove_label(sandbox.repository, number, "never-there")
    assert refusal_of(lambda: live.remove_label(sandbox.repository, 999_999, "bug")).refusal == "not_found"


def test_an_issue_is_closed_with_its_reason_and_opened_again(sandbox: SandboxServer, live: GitHub, number: int) -> None:
    closed = live.close_issue(sandbox.repository, number, "not_planned")
    assert (closed.state, closed.state_reason) == ("closed", "not_planned")
    assert live.reopen_issue(sandbox.repository, number).state == "open"


def test_an_issue_that_did_not_change_costs_nothing_of_the_limit(
    sandbox: SandboxServer, live: GitHub, number: int
) -> None:
    first = live.fetch_issue(sandbox.repository, number)
    assert live.rate_limit is not None
    remaining, requests = live.rate_limit.remaining, live.requests
    assert live.fetch_issue(sandbox.repository, number) == first
    assert (live.rate_limit.remaining, live.requests) == (remaining, requests + 1)
    live.add_labels(sandbox.repository, number, ("bug", "question"))
    assert live.fetch_issue(sandbox.repository, number) != first


def test_the_first_comment_of_a_new_page_is_seen_although_the_page_before_it_did_not_change(
    sandbox: SandboxServer, live: GitHub, number: int
) -> None:
    before = live.fetch_comments(sandbox.repository, number)
    for count in range(100 - len(before)):
        live.create_comment(sandbox.repository, number, f"comment {count}")
    assert len(live.fetch_comments(sandbox.repository, number)) == 100
    GitHub("login-bob", sandbox.url).create_comment(sandbox.repository, number, "the first of the second page")
    assert live.fetch_comments(sandbox.repository, number)[-1].body == "the first of the second page"
    for comment in live.fetch_comments(sandbox.repository, number)[len(before) :]:
        live.delete_comment(sandbox.repository, comment.id)


def test_an_older_server_gives_the_same_values(sandbox: SandboxServer, live: GitHub, number: int) -> None:
    old = GitHub("old-ghes", sandbox.enterprise_url)
    assert old.fetch_repository(sandbox.repository).can_write
    assert old.fetch_issue(sandbox.repository, number).title == live.fetch_issue(sandbox.repository, number).title
    assert old.fetch_labels(sandbox.repository) == live.fetch_labels(sandbox.repository)
    assert old.fetch_comments(sandbox.repository, number) is not None


def test_a_token_without_rights_reads_but_may_not_write(sandbox: SandboxServer, number: int) -> None:
    reader = GitHub("read-only", sandbox.url)
    assert not reader.fetch_repository(sandbox.repository).can_write
    error = refusal_of(lambda: reader.create_comment(sandbox.repository, number, "Hello"))
    assert (error.refusal, error.status, error.uncertain) == ("forbidden", 403, False)
    assert "Issues: read and write" in str(error)


def test_a_token_that_expired_is_told_so(sandbox: SandboxServer) -> None:
    error = refusal_of(lambda: GitHub("expired", sandbox.url).fetch_repository(sandbox.repository))
    assert error.refusal == "unauthorized"
    assert "GITHUB_TOKEN" in str(error)


@pytest.mark.parametrize(
    ("rule", "refusal", "uncertain"),
    [
        ({"fault": "applied_but_502"}, "server", True),
        ({"fault": "not_applied_502"}, "server", True),
        ({"fault": "applied_but_reset"}, "unreachable", True),
        ({"fault": "not_applied_reset"}, "unreachable", True),
        ({"fault": "applied_but_cut"}, "unreachable", True),
        ({"fault": "refused", "status": 403}, "forbidden", False),
        ({"fault": "refused", "status": 422}, "invalid", False),
        ({"fault": "unauthorized_401"}, "unauthorized", False),
        ({"fault": "secondary_403", "retry_after": 20}, "rate_limited", False),
        ({"fault": "rate_429", "retry_after": 20}, "rate_limited", False),
    ],
)
def test_a_write_is_sent_once_whatever_comes_back(
    sandbox: SandboxServer, live: GitHub, number: int, rule: dict[str, Any], refusal: str, uncertain: bool
) -> None:
    set_fault(sandbox, kind="comment", times=5, **rule)
    before = live.requests
    error = refusal_of(lambda: live.create_comment(sandbox.repository, number, "Once"))
    assert (error.refusal, error.uncertain, live.requests - before) == (refusal, uncertain, 1)
    if refusal == "rate_limited":
        assert error.retry_at is not None
        assert timedelta(seconds=15) < error.retry_at - datetime.now(UTC) <= timedelta(seconds=20)


def test_a_write_without_an_answer_in_time_is_uncertain(sandbox: SandboxServer, number: int) -> None:
    set_fault(sandbox, kind="comment", fault="stalled", seconds=1)
    hurried = GitHub("any-token", sandbox.url, read_seconds=0.2)
    error = refusal_of(lambda: hurried.create_comment(sandbox.repository, number, "Slow"))
    assert (error.refusal, error.uncertain) == ("timeout", True)
    assert "within 0.2 seconds" in str(error)


def test_a_read_over_a_connection_that_broke_is_tried_once_more(
    sandbox: SandboxServer, live: GitHub, number: int
) -> None:
    set_fault(sandbox, kind="read", fault="not_applied_reset", times=1)
    assert live.fetch_issue(sandbox.repository, number).number == number
    set_fault(sandbox, kind="read", fault="not_applied_reset", times=2)
    assert refusal_of(lambda: live.fetch_issue(sandbox.repository, number)).refusal == "unreachable"


def test_threads_share_one_gateway(sandbox: SandboxServer, live: GitHub, number: int) -> None:
    before = live.requests
    with ThreadPoolExecutor(8) as threads:
        titles = set(threads.map(lambda _: live.fetch_issue(sandbox.repository, number).title, range(40)))
    assert len(titles) == 1
    assert live.requests - before == 40


# What servers may leave out


def test_an_issue_with_hardly_any_field_is_mapped() -> None:
    issue = answering({"number": NUMBER, "labels": ["bug", {"name": "Zwei"}, None, {}]}).fetch_issue("o/n", NUMBER)
    assert (issue.title, issue.body, issue.author, issue.state) == ("", "", "ghost", "open")
    assert issue.labels == ("bug", "Zwei")
    assert issue.created_at.tzinfo is UTC


def test_nulls_are_as_good_as_missing() -> None:
    payload = {"number": NUMBER, "body": None, "user": None, "labels": None, "state_reason": None, "closed_at": None}
    issue = answering(payload).fetch_issue("o/n", NUMBER)
    assert (issue.body, issue.author, issue.labels, issue.state_reason) == ("", "ghost", (), None)


def test_half_a_character_in_an_answer_is_replaced_and_a_whole_one_left() -> None:
    sent = json.dumps({"number": NUMBER, "title": "cut \ud83c", "body": "whole \U0001f389 a\0b\r\n"})
    issue = github(lambda request: httpx.Response(200, text=sent)).fetch_issue("o/n", NUMBER)
    assert (issue.title, issue.body) == ("cut \ufffd", "whole \U0001f389 a\0b\r\n")


def test_pull_requests_are_no_issues() -> None:
    pull_request = {"number": NUMBER, "pull_request": {"url": ""}}
    assert next(answering([pull_request, {"number": 8}]).fetch_issues("o/n"))[0].number == 8
    error = refusal_of(lambda: answering(pull_request).fetch_issue("o/n", NUMBER))
    assert error.refusal == "not_found"
    assert "pull request" in str(error)


def test_comments_of_pull_requests_are_left_out_of_the_stream() -> None:
    stream = [
        {"id": 1, "html_url": "https://github.com/o/n/pull/3#issuecomment-1", "issue_url": f"{API}/repos/o/n/issues/3"},
        {"id": 2, "html_url": "https://github.com/o/n/issues/4#issuecomment-2"},
        {"id": 3, "issue_url": f"{API}/repos/o/n/issues/5"},
        {"id": 4, "html_url": "https://github.com/o/pull/issues/6#issuecomment-4"},
    ]
    [page] = answering(stream).fetch_comments_since("o/n", datetime(2026, 1, 1, tzinfo=UTC))
    assert [(comment.id, comment.number) for comment in page] == [(2, 4), (3, 5), (4, 6)]


def test_a_repository_that_tells_no_permissions_leaves_the_decision_to_its_server() -> None:
    assert answering({"full_name": "o/n"}).fetch_repository("o/n").can_write
    assert not answering({"full_name": "o/n", "permissions": {}}).fetch_repository("o/n").can_write


@pytest.mark.parametrize(
    ("permissions", "triage", "push"),
    [({"triage": True}, True, False), ({"maintain": True}, True, True), ({"pull": True}, False, False)],
)
def test_the_permissions_of_the_repository_say_what_is_allowed(
    permissions: dict[str, bool], triage: bool, push: bool
) -> None:
    found = answering({"full_name": "o/n", "permissions": permissions}).fetch_repository("o/n")
    assert (found.can_triage, found.can_push) == (triage, push)


@pytest.mark.parametrize(
    ("scopes", "private", "may"),
    [("", False, False), ("gist, public_repo", False, True), ("public_repo", True, False), ("repo", True, True)],
)
def test_a_classic_token_writes_only_with_the_scope_for_it(scopes: str, private: bool, may: bool) -> None:
    payload = {"full_name": "o/n", "private": private, "permissions": {"push": True}}
    assert answering(payload, x_oauth_scopes=scopes).fetch_repository("o/n").can_write is may


def test_a_repository_is_known_by_the_spelling_it_was_asked_for_and_a_new_name_is_told() -> None:
    assert answering({"full_name": "Octo/Kit"}).fetch_repository("octo/kit").full_name == "octo/kit"
    error = refusal_of(lambda: answering({"full_name": "octo/new"}).fetch_repository("octo/kit"))
    assert "octo/new" in str(error)
    assert "TRIAGE_REPOSITORIES" in str(error)


def test_an_issue_that_was_moved_away_is_gone() -> None:
    moved = {"number": 3, "html_url": "https://github.com/other/place/issues/3"}
    error = refusal_of(lambda: answering(moved).fetch_issue("o/n", NUMBER))
    assert error.refusal == "gone"
    assert "other/place#3" in str(error)


def test_an_installation_token_is_an_app() -> None:
    assert answering({"message": "Resource not accessible by integration"}, 403).fetch_viewer() == "app"


def test_a_label_may_be_a_bare_name() -> None:
    assert answering(["bug"]).add_labels("o/n", NUMBER, ("bug",)) == ("bug",)


# The way through pages and servers


def test_pages_are_followed_by_the_cursor_and_the_token_stays_where_it_belongs() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        if "after" in request.url.params:
            return httpx.Response(200, json=[{"number": 2}])
        link = '<https://elsewhere.test/repositories/9/issues?per_page=100&after=Y3Vy%3D%3D&state=open>; rel="next"'
        return httpx.Response(200, json=[{"number": 1}], headers={"link": link})

    pages = list(github(answer).fetch_issues("o/n", state="open"))
    assert [[issue.number for issue in page] for page in pages] == [[1], [2]]
    assert {url.host for url in asked} == {"api.example.test"}
    assert asked[1].params["after"] == "Y3Vy=="
    assert "page" not in asked[0].params


def test_a_server_that_names_the_same_next_page_for_ever_is_left() -> None:
    link = '<https://api.example.test/x?per_page=100&after=1>; rel="next"'
    assert len(list(answering([], link=link).fetch_issues("o/n"))) == 2


def test_an_enterprise_server_is_asked_below_its_root() -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json={"number": NUMBER})

    GitHub("t", f"{API}/api/v3", transport=httpx.MockTransport(answer)).fetch_issue("o/n", NUMBER)
    assert paths == ["/api/v3/repos/o/n/issues/7"]


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_mean_all_labels_is_never_sent(name: str) -> None:
    gateway = answering({})
    assert refusal_of(lambda: gateway.remove_label("o/n", NUMBER, name)).refusal == "invalid"
    assert gateway.requests == 0


def test_a_write_follows_no_redirect() -> None:
    methods: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        return httpx.Response(301, headers={"location": f"{API}/repositories/1"}, json={"message": "Moved"})

    error = refusal_of(lambda: github(answer).create_comment("o/n", NUMBER, "Hello"))
    assert methods == ["POST"]
    assert (error.refusal, error.uncertain) == ("not_found", False)
    assert "TRIAGE_REPOSITORIES" in str(error)


def test_a_web_page_in_place_of_the_api_names_the_setting() -> None:
    gateway = github(lambda request: httpx.Response(200, text="<html>sign in</html>"))
    assert "GITHUB_API_URL" in str(refusal_of(lambda: gateway.fetch_repository("o/n")))
    assert refusal_of(lambda: gateway.create_comment("o/n", NUMBER, "Hello")).uncertain


def test_answers_kept_for_revalidation_have_a_bound() -> None:
    from triage.github.transport import KeptResponse, ResponseCache

    kept = ResponseCache(limit=100)
    for name in "abcdef":
        kept.keep(name, KeptResponse(etag=name, content=b"x" * 30, next_query={}, scopes=None))
        kept.find("a")
    assert [name for name in "abcdef" if kept.find(name)] == ["a", "e", "f"]


# What goes wrong


@pytest.mark.parametrize(
    ("error", "refusal", "uncertain"),
    [
        (httpx.ConnectError("refused"), "unreachable", False),
        (httpx.ConnectTimeout("slow"), "timeout", False),
        (httpx.ProxyError("407"), "unreachable", False),
        (httpx.PoolTimeout("busy"), "timeout", False),
        (httpx.ReadTimeout("slow"), "timeout", True),
        (httpx.WriteTimeout("slow"), "timeout", True),
        (httpx.ReadError("reset"), "unreachable", True),
        (httpx.RemoteProtocolError("cut"), "unreachable", True),
        (RuntimeError("anything"), "unreachable", True),
    ],
)
def test_a_write_is_uncertain_exactly_where_it_may_have_been_sent(
    error: Exception, refusal: str, uncertain: bool
) -> None:
    found = refusal_of(lambda: failing(error).create_comment("o/n", NUMBER, "Hello"))
    assert (found.refusal, found.uncertain) == (refusal, uncertain)
    read = refusal_of(lambda: failing(error).fetch_issue("o/n", NUMBER))
    assert not read.uncertain


def test_half_a_character_is_not_sent_and_so_not_uncertain() -> None:
    gateway = answering({})
    error = refusal_of(lambda: gateway.create_comment("o/n", NUMBER, "broken \ud83c"))
    assert (error.refusal, error.uncertain, gateway.requests) == ("invalid", False, 0)


def test_a_certificate_that_is_not_trusted_is_told() -> None:
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate")
    assert "SSL_CERT_FILE" in str(refusal_of(lambda: failing(error).fetch_issue("o/n", NUMBER)))


def test_the_wait_comes_from_whichever_header_there_is() -> None:
    now = datetime.now(UTC)
    reset = int((now + timedelta(minutes=30)).timestamp())
    primary = answering(
        {"message": "API rate limit exceeded"}, 403, x_ratelimit_remaining="0", x_ratelimit_reset=str(reset)
    )
    error = refusal_of(lambda: primary.fetch_issue("o/n", NUMBER))
    assert error.refusal == "rate_limited"
    assert error.retry_at == datetime.fromtimestamp(reset, UTC)

    dated = answering({}, 429, retry_after=(now + timedelta(minutes=5)).strftime("%a, %d %b %Y %H:%M:%S GMT"))
    wait = refusal_of(lambda: dated.create_comment("o/n", NUMBER, "Hello")).retry_at
    assert wait is not None
    assert timedelta(minutes=4) < wait - now < timedelta(minutes=6)

    silent = answering({"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}, 403)
    wait = refusal_of(lambda: silent.create_comment("o/n", NUMBER, "Hello")).retry_at
    assert wait is not None
    assert wait - now >= timedelta(seconds=60)


def test_the_wait_is_right_although_our_clock_is_wrong() -> None:
    there = datetime.now(UTC) - timedelta(minutes=50)  # and our clock is that much ahead of GitHub's
    date, reset = there.strftime("%a, %d %b %Y %H:%M:%S GMT"), str(int(there.timestamp()) + 1200)
    primary = answering({}, 403, x_ratelimit_remaining="0", x_ratelimit_reset=reset, date=date)
    dated = (there + timedelta(minutes=20)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for gateway in (primary, answering({}, 429, retry_after=dated, date=date)):
        wait = refusal_of(lambda gateway=gateway: gateway.fetch_issue("o/n", NUMBER)).retry_at
        assert wait is not None
        assert timedelta(minutes=19) < wait - datetime.now(UTC) <= timedelta(minutes=20, seconds=1)


@pytest.mark.parametrize("value", ["9" * 30, "²", "-5", "soon", "Wed, 99 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_makes_no_sense_is_a_minute_or_an_hour(value: str) -> None:
    for headers in ({"retry_after": value}, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": value}):
        names = {name.replace("_", "-").encode(): text.encode("latin-1") for name, text in headers.items()}
        gateway = github(lambda request, names=names: httpx.Response(403, json={}, headers=list(names.items())))
        error = refusal_of(lambda gateway=gateway: gateway.create_comment("o/n", NUMBER, "Hello"))
        assert error.retry_at is not None
        assert timedelta(seconds=50) < error.retry_at - datetime.now(UTC) <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "message", "mend"),
    [
        (403, "Repository was archived so is read-only.", "unarchive"),
        (403, "Resource protected by organization SAML enforcement.", "single sign-on"),
        (403, "Unable to create comment because issue is locked.", "unlock"),
        (410, "Issues are disabled for this repo", "switched off"),
        (404, "Not Found", "TRIAGE_REPOSITORIES"),
        (422, "Validation Failed", "change it"),
        (500, "", "look before sending"),
        (409, "Conflict", "change it"),
    ],
)
def test_every_refusal_is_one_sentence_with_github_s_words_and_the_mend(status: int, message: str, mend: str) -> None:
    error = refusal_of(lambda: answering({"message": message}, status).create_comment("o/n", NUMBER, "Hello"))
    sentence = str(error)
    assert "post the comment on #7 of o/n" in sentence
    assert message.rstrip(".") in sentence
    assert mend in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert error.status == status


def test_a_fine_grained_token_is_told_which_permission_it_lacks() -> None:
    gateway = answering(
        {"message": "Resource not accessible by personal access token"},
        403,
        x_accepted_github_permissions="metadata=read, issues=write; pull_requests=write",
    )
    sentence = str(refusal_of(lambda: gateway.create_comment("o/n", NUMBER, "Hello")))
    assert sentence.endswith("give the token Metadata: read, Issues: read and write on o/n.")


@pytest.mark.parametrize("status", [0, 200, 401, 403, 404, 422, 429, 500])
def test_no_token_in_any_exception_or_what_hangs_on_it(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if status == 0:
            raise httpx.ReadError(f"broke with {request.headers['authorization']}")
        return httpx.Response(status, text=json.dumps({"message": f"You sent {TOKEN}"}) if status != 200 else TOKEN)

    gateway = github(answer)
    calls: list[Callable[[], object]] = [
        lambda: gateway.fetch_issue("o/n", NUMBER),
        lambda: list(gateway.fetch_issues("o/n")),
        lambda: gateway.create_comment("o/n", NUMBER, "Hello"),
    ]
    for call in calls:
        error = refusal_of(call)
        assert error.__cause__ is None
        chain: BaseException | None = error
        while chain is not None:
            assert TOKEN not in "".join(traceback.format_exception(chain)) + repr(chain) + str(vars(chain))
            assert not type(chain).__module__.startswith(("githubkit", "httpx"))
            chain = chain.__context__
    assert TOKEN not in repr(gateway)


def test_a_connection_is_built_once_for_many_calls(sandbox: SandboxServer) -> None:
    import ssl
    from unittest.mock import patch

    gateway = GitHub("any-token", sandbox.url)
    with patch.object(ssl, "SSLContext", side_effect=AssertionError("a TLS context was built")):
        for _ in range(3):
            gateway.fetch_repository(sandbox.repository)


def test_a_write_that_was_given_up_does_not_arrive_afterwards() -> None:
    """A server that takes nothing in stands for a network that is down: what waits for it here must not outlast us."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        gateway = GitHub(TOKEN, f"http://127.0.0.1:{listener.getsockname()[1]}", read_seconds=0.3)
        error = refusal_of(lambda: gateway.create_comment("octo/kit", 1, "x" * 60_000))
        assert error.uncertain
        connection, _ = listener.accept()
        arrived = b""
        with connection, suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                arrived += part
    assert len(arrived) < 60_000
