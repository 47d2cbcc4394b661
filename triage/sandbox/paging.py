"""Pages of a list: `per_page`, numbered pages, opaque cursors, and the `Link` header that leads to the next one."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from triage.sandbox.errors import RefusedError, validation_failed

T = TypeVar("T")

MOST = 100
"""The most entries that GitHub puts on one page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The entries of one page, and the headers that lead to the others."""

    entries: Sequence[T]
    headers: dict[str, str]


def per_page(query: Mapping[str, str]) -> int:
    """Entries a page: 30 where nothing sensible is asked for, 100 at most."""
    asked = query.get("per_page", "")
    return min(int(asked), MOST) if asked.isdecimal() and int(asked) else 30


def page_number(query: Mapping[str, str]) -> int:
    asked = query.get("page", "")
    return max(int(asked), 1) if asked.isdecimal() else 1


def take_page(entries: Sequence[T], query: Mapping[str, str], url: str) -> Page[T]:
    """The page that `query` asks for; `url` is the list's own, without a query."""
    size, page = per_page(query), page_number(query)
    last = max(-(-len(entries) // size), 1)
    links = {"prev": min(page - 1, last)} if page > 1 else {}
    links |= {"next": page + 1, "last": last} if page < last else {}
    return Page(
        entries[(page - 1) * size : page * size],
        _headers(url, query, {rel: {"page": str(number)} for rel, number in links.items()}),
    )


def take_after(entries: Sequence[tuple[int, T]], query: Mapping[str, str], url: str, *, descending: bool) -> Page[T]:
    """The same with a cursor, for a list of (rank, entry) in order of rank, as large repositories want it.

    The cursor is a place in the order, not a count: entries that changed rank between two pages are neither lost nor
    do they push others off. Raises RefusedError for numbered pages and for cursors that are none of ours.
    """
    if page_number(query) > 1:
        raise RefusedError(
            422,
            "Pagination with the page parameter is not supported for large datasets, "
            "please use cursor based pagination (after/before)",
        )
    size = per_page(query)
    if cursor := query.get("after"):
        place = _read_cursor(cursor)
        entries = [entry for entry in entries if (entry[0] < place if descending else entry[0] > place)]
    page = entries[:size]
    links = {"next": {"after": _cursor(page[-1][0])}} if len(entries) > size else {}
    return Page([entry for _, entry in page], _headers(url, query, links))


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


def _headers(url: str, query: Mapping[str, str], links: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A `Link` header where there are links; each is what it changes in the query."""
    written = (f'<{url}?{urlencode({**query, **changed})}>; rel="{rel}"' for rel, changed in links.items())
    return {"Link": ", ".join(written)} if links else {}
