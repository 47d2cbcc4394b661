"""The calls to GitHub's REST API.

Nothing here sleeps, and no write is ever sent twice: githubkit's own retry, which repeats a POST on a 5xx, is off. All
calls share one transport, so that no TLS context or connection is built anew for each, from whichever thread.
"""

import json
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import githubkit
import httpx
from githubkit.exception import RequestError, RequestFailed

from triage.github import payloads, refusals
from triage.github.refusals import Purpose
from triage.github.transport import KeptResponse, MeteredTransport, ResponseCache, make_transport
from triage.models import Comment, GitHubError, Issue, Label, RateLimit, Repository, StateReason

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
PAGE_SIZE = 100
"""The most entries that GitHub gives in one page."""

SHORTEST_TOKEN = 16
"""No token is shorter; a shorter stand-in for one would be cut out of the words of a sentence."""

T = TypeVar("T")
Query = Mapping[str, str | int]


class GitHub:
    """The Gateway of models.py for the owner of `token` at `api_url`, e.g. https://api.github.com. Thread-safe.

    An empty token reads what is public. `transport` takes the place of the network in tests.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._token = token
        self._host = urlsplit(api_url).netloc
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        network = transport or make_transport(api_url)
        self._transport = MeteredTransport(network)
        self.shut = weakref.finalize(self, network.close)
        """Closes the connections; what is no longer used by anybody closes them by itself."""
        self._kept = ResponseCache()
        self._viewer: str | None = None

        def make_client(*, follow_redirects: bool) -> githubkit.GitHub[Any]:
            return githubkit.GitHub(
                token or None,
                base_url=api_url,
                user_agent="triage-dashboard",
                timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
                transport=self._transport,
                # `ResponseCache` revalidates: githubkit's own cache has no bound and stores the token with each answer.
                http_cache=False,
                auto_retry=False,
                follow_redirects=follow_redirects,
            )

        self._reader = make_client(follow_redirects=True)
        # A POST that follows a 301 would become a GET: a repository with another name is told of instead.
        self._writer = make_client(follow_redirects=False)

    def __repr__(self) -> str:
        return f"GitHub({self._host})"

    @property
    def rate_limit(self) -> RateLimit | None:
        return self._transport.rate_limit

    @property
    def requests(self) -> int:
        return self._transport.requests

    # Reads

    def fetch_viewer(self) -> str:
        if self._viewer is None:
            purpose = Purpose("say whose token this is")
            try:
                user, _ = self._read("user", purpose)
            except GitHubError as error:
                # An installation token has no user: "Resource not accessible by integration".
                if error.refusal != "forbidden" or "by integration" not in str(error):
                    raise
                user = {"login": "app"}
            self._viewer = self._mapped(purpose, payloads.read_login, user)
        return self._viewer

    def fetch_repository(self, repository: str) -> Repository:
        purpose = Purpose(f"read the repository {repository}", repository)
        payload, answer = self._read(_path(repository), purpose)
        found = self._mapped(
            purpose,
            lambda fields: payloads.read_repository(fields, asked_for=repository, scopes=answer.scopes),
            payload,
        )
        if found.full_name != repository:
            raise GitHubError(
                f"The repository {repository} is called {found.full_name} now: put that into TRIAGE_REPOSITORIES.",
                refusal="not_found",
            )
        return found

    def fetch_issue(self, repository: str, number: int) -> Issue:
        purpose = Purpose(f"read issue #{number} of {repository}", repository)
        payload, _ = self._read(_path(repository, "issues", number), purpose)
        if payloads.is_pull_request(payload):
            raise GitHubError(
                f"#{number} of {repository} is a pull request: give the number of an issue.", refusal="not_found"
            )
        issue = self._mapped(purpose, payloads.read_issue, payload)
        page = payloads.issue_of_page(issue.url)
        # A transferred issue redirects to where it is now.
        if issue.number != number or (page and page[0].casefold() != repository.casefold()):
            place = f"{page[0]}#{page[1]}" if page else "another repository"
            raise GitHubError(
                f"Issue #{number} of {repository} was moved to {place}: answer it there.", refusal="gone", status=301
            )
        return issue

    def fetch_issues(
        self, repository: str, *, since: datetime | None = None, state: Literal["open", "closed", "all"] = "all"
    ) -> Iterator[list[Issue]]:
        purpose = Purpose(f"list the issues of {repository}", repository)
        query = {"state": state, "sort": "updated", "direction": "asc", **_since(since)}
        for page in self._pages(_path(repository, "issues"), query, purpose):
            issues = [payload for payload in page if not payloads.is_pull_request(payload)]
            yield [self._mapped(purpose, payloads.read_issue, payload) for payload in issues]

    def fetch_comments(self, repository: str, number: int) -> list[Comment]:
        purpose = Purpose(f"read the comments of #{number} of {repository}", repository)
        pages = self._pages(_path(repository, "issues", number, "comments"), {}, purpose)
        return [comment for page in pages for comment in self._comments(purpose, page, number)]

    def fetch_comments_since(self, repository: str, since: datetime) -> Iterator[list[Comment]]:
        purpose = Purpose(f"read the new comments of {repository}", repository)
        query = {"sort": "updated", "direction": "asc", **_since(since)}
        for page in self._pages(_path(repository, "issues", "comments"), query, purpose):
            yield self._comments(purpose, page)

    def fetch_labels(self, repository: str) -> list[Label]:
        purpose = Purpose(f"list the labels of {repository}", repository)
        pages = self._pages(_path(repository, "labels"), {}, purpose)
        return [self._mapped(purpose, payloads.read_label, payload) for page in pages for payload in page]

    # Writes

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        purpose = Purpose(f"post the comment on #{number} of {repository}", repository, writes=True)
        payload = self._write("POST", _path(repository, "issues", number, "comments"), purpose, {"body": body})
        return self._mapped(purpose, lambda comment: payloads.read_comment(comment, number=number), payload)

    def delete_comment(self, repository: str, comment_id: int) -> None:
        purpose = Purpose(f"delete the comment {comment_id} of {repository}", repository, writes=True)
        self._write("DELETE", _path(repository, "issues", "comments", comment_id), purpose)

    def add_labels(self, repository: str, number: int, names: tuple[str, ...]) -> tuple[str, ...]:
        purpose = Purpose(f"add {', '.join(names)} to the labels of #{number} of {repository}", repository, writes=True)
        payload = self._write("POST", _path(repository, "issues", number, "labels"), purpose, {"labels": list(names)})
        return tuple(label.name for label in self._mapped(purpose, payloads.read_labels, payload))

    def remove_label(self, repository: str, number: int, name: str) -> None:
        purpose = Purpose(f"take the label {name} off #{number} of {repository}", repository, writes=True)
        if name.strip(".") == "":
            # `.../labels/` and `.../labels/..` would mean other things than one label: all of them, or the issue.
            raise GitHubError(f"GitHub cannot {purpose.doing}: it is no label's name.", refusal="invalid")
        try:
            self._write("DELETE", _path(repository, "issues", number, "labels", name), purpose)
        except GitHubError as error:
            if error.refusal != "not_found" or "label does not exist" not in str(error).lower():
                raise

    def create_label(self, repository: str, label: Label) -> Label:
        purpose = Purpose(f"create the label {label.name} in {repository}", repository, writes=True)
        body = {"name": label.name, "color": label.color, "description": label.description}
        return self._mapped(
            purpose, payloads.read_label, self._write("POST", _path(repository, "labels"), purpose, body)
        )

    def close_issue(self, repository: str, number: int, reason: StateReason) -> Issue:
        purpose = Purpose(f"close #{number} of {repository}", repository, writes=True)
        body = {"state": "closed", "state_reason": reason}
        payload = self._write("PATCH", _path(repository, "issues", number), purpose, body)
        return self._mapped(purpose, payloads.read_issue, payload)

    def reopen_issue(self, repository: str, number: int) -> Issue:
        purpose = Purpose(f"reopen #{number} of {repository}", repository, writes=True)
        payload = self._write("PATCH", _path(repository, "issues", number), purpose, {"state": "open"})
        return self._mapped(purpose, payloads.read_issue, payload)

    # The way there and back

    def _comments(self, purpose: Purpose, page: list[Any], number: int | None = None) -> list[Comment]:
        of_issues = [payload for payload in page if not payloads.is_pull_request_comment(payload)]
        return [
            self._mapped(purpose, lambda comment: payloads.read_comment(comment, number=number), payload)
            for payload in of_issues
        ]

    def _pages(self, path: str, query: Query, purpose: Purpose) -> Iterator[list[Any]]:
        """The pages of a list, by the cursors that GitHub gives: large repositories refuse page numbers.

        Only the query of the next link is taken, so that the token goes nowhere else, whatever a server or a proxy
        writes there.
        """
        query = {**query, "per_page": PAGE_SIZE}
        while True:
            payload, answer = self._read(path, purpose, query)
            yield self._mapped(purpose, payloads.read_list, payload)
            if not answer.next_query or answer.next_query == query:
                return
            query = answer.next_query

    def _read(self, path: str, purpose: Purpose, query: Query | None = None) -> tuple[Any, KeptResponse]:
        """What a GET brings, and the answer it came in; an answer that is still good costs nothing of the limit."""
        key = f"{path}?{sorted((query or {}).items())}"
        kept = self._kept.find(key)
        headers = {"If-None-Match": kept.etag} if kept else {}
        result = self._exchange(self._reader, "GET", path, purpose, params=query, headers=headers)
        if isinstance(result, GitHubError) and result.refusal == "unreachable":
            # Once more at once: a connection that was kept open may have been closed at the other end.
            result = self._exchange(self._reader, "GET", path, purpose, params=query, headers=headers)
        if isinstance(result, GitHubError):
            raise result
        if result.status_code == 304 and kept:
            return self._mapped(purpose, _parse, kept.content), kept
        payload = self._mapped(purpose, _parse, result.content)
        next_query = _next_query(result)
        # A last page that is full stays the same, ETag and all, when a further page comes behind it: what was kept of
        # it would hide that page for good, and with it the very comment that is looked for.
        full_and_last = isinstance(payload, list) and len(payload) >= PAGE_SIZE and not next_query
        answer = KeptResponse(
            etag="" if full_and_last else result.headers.get("etag", ""),
            content=result.content,
            next_query=next_query,
            scopes=result.headers.get("x-oauth-scopes"),
        )
        self._kept.keep(key, answer)
        return payload, answer

    def _write(self, method: str, path: str, purpose: Purpose, body: Mapping[str, Any] | None = None) -> Any:
        result = self._exchange(self._writer, method, path, purpose, json=body)
        if isinstance(result, GitHubError):
            raise result
        return self._mapped(purpose, _parse, result.content) if result.content else None

    def _exchange(
        self, client: githubkit.GitHub[Any], method: str, path: str, purpose: Purpose, **arguments: Any
    ) -> httpx.Response | GitHubError:
        """One request. A failure is returned, to be raised outside of any `except`: the exceptions of githubkit know
        the token, and would be its context."""
        try:
            response = client.request(method, path, **arguments).raw_response
        except RequestFailed as error:
            return self._refused(purpose, error.response.raw_response)
        except RequestError as error:
            return self._unanswered(purpose, error.exc)
        except UnicodeEncodeError:
            return refusals.unsendable(purpose)
        except Exception:
            # Whatever it was, it came between sending and reading.
            return refusals.broken_off(purpose, self._host)
        if response.status_code >= 300 and response.status_code != 304:
            return self._refused(purpose, response)
        return response

    def _refused(self, purpose: Purpose, response: httpx.Response) -> GitHubError:
        body = response.text.replace(self._token, "…") if len(self._token) >= SHORTEST_TOKEN else response.text
        return refusals.refused(purpose, response.status_code, response.headers, body, now=datetime.now(UTC))

    def _unanswered(self, purpose: Purpose, cause: Exception) -> GitHubError:
        if isinstance(cause, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol):
            return refusals.unreachable(purpose, self._host, str(cause))
        if isinstance(cause, httpx.ConnectTimeout):
            return refusals.timed_out(purpose, self._host, self._connect_seconds, sent=False)
        if isinstance(cause, httpx.TimeoutException):
            waited = isinstance(cause, httpx.PoolTimeout)
            return refusals.timed_out(purpose, self._host, self._read_seconds, sent=not waited)
        if isinstance(cause, httpx.TooManyRedirects | httpx.DecodingError):
            return refusals.unreadable(purpose, self._host, "something that cannot be read")
        return refusals.broken_off(purpose, self._host)

    def _mapped(self, purpose: Purpose, read: Callable[[Any], T], payload: Any) -> T:
        try:
            return read(payload)
        except payloads.PayloadError as error:
            what = str(error)
        raise refusals.unreadable(purpose, self._host, what)


def _path(repository: str, *parts: str | int) -> str:
    return "/".join(["repos", quote(repository, safe="/"), *(quote(str(part), safe="") for part in parts)])


def _since(moment: datetime | None) -> dict[str, str]:
    return {"since": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if moment else {}


def _next_query(response: httpx.Response) -> dict[str, str]:
    link = response.links.get("next", {}).get("url", "")
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        what = "a web page" if content.lstrip()[:1] == b"<" else "something that is not JSON"
    raise payloads.PayloadError(what)
