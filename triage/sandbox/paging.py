"""Pages of a list: `per_page`, numbered pages, opaque cursors, and the `Link` header that leads to the next one."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from triage.sandbox.api_request import ApiRequest
from triage.sandbox.errors import ApiResponse, RefusedError, validation_failed
from triage.sandbox.payloads import Payload

T = TypeVar("T")


def _read_number(query: Mapping[str, str], name: str, default: int) -> int:
    """A number above zero; the default where nothing sensible is asked for."""
    asked = query.get(name, "")
    return int(asked) if asked.isdecimal() and int(asked) else default


def respond_page(request: ApiRequest, entries: Sequence[T], draw: Callable[[T], Payload]) -> ApiResponse:
    """The page of the entries that the request asks for."""
    size, page = _page_size(request.query), _read_number(request.query, "page", 1)
    last = max(-(-len(entries) // size), 1)
    links = {"prev": min(page - 1, last)} if page > 1 else {}
    links |= {"next": page + 1, "last": last} if page < last else {}
    changes = {rel: {"page": str(number)} for rel, number in links.items()}
    chosen = entries[(page - 1) * size : page * size]
    return ApiResponse([draw(entry) for entry in chosen], headers=_headers(request, changes))


def respond_after(
    request: ApiRequest, entries: Sequence[tuple[int, T]], draw: Callable[[T], Payload], *, descending: bool
) -> ApiResponse:
    """The same with a cursor, for a list of (rank, entry) in order of rank, as large repositories want it.

    The cursor is a place in the order, not a count: entries that changed rank between two pages are neither lost nor
    do they push others off. Raises RefusedError for numbered pages and for cursors that are none of ours.
    """
    if _read_number(request.query, "page", 1) > 1:
        raise RefusedError(
            422,
            "Pagination with the page parameter is not supported for large datasets, "
            "please use cursor based pagination (after/before)",
        )
    if cursor := request.query.get("after"):
        place = _read_cursor(cursor)
        entries = [entry for entry in entries if (entry[0] < place if descending else entry[0] > place)]
    size = _page_size(request.query)
    page = entries[:size]
    changes = {"next": {"after": _cursor(page[-1][0])}} if len(entries) > size else {}
    return ApiResponse([draw(entry) for _, entry in page], headers=_headers(request, changes))


def read_since(query: Mapping[str, str], resource: str) -> datetime | None:
    """The moment of `since`, None where it is not given; raises RefusedError where it is none."""
    if not (text := query.get("since")):
        return None
    try:
        since = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise validation_failed(resource, "since", "invalid", value=text) from None
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def read_choice(query: Mapping[str, str], name: str, choices: Sequence[str], resource: str) -> str:
    """One of the choices, the first where nothing is asked for; raises RefusedError for any other."""
    asked = query.get(name, choices[0])
    if asked not in choices:
        raise validation_failed(resource, name, "invalid", value=asked)
    return asked


def _cursor(rank: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"v": 2, "rank": rank}).encode()).decode()


def _read_cursor(cursor: str) -> int:
    try:
        read: Any = json.loads(base64.urlsafe_b64decode(cursor))
        return int(read["rank"])
    except (ValueError, KeyError, TypeError):
        raise validation_failed("Search", "after", "invalid", value=cursor) from None


def _page_size(query: Mapping[str, str]) -> int:
    return min(_read_number(query, "per_page", 30), 100)


def _headers(request: ApiRequest, changes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A `Link` header where there are other pages; each is what it changes in the query."""
    links = (f'<{request.url}?{urlencode({**request.query, **each})}>; rel="{rel}"' for rel, each in changes.items())
    return {"Link": ", ".join(links)} if changes else {}
