"""An answer that is no success, or no answer at all -> GitHubError: one sentence with what failed and the fix.

Pure: status, headers and GitHub's message come in, and the token never does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from triage.models import GitHubError, Refusal

MESSAGE_LIMIT = 200
"""The most characters of GitHub's own message that a sentence quotes."""

SECONDARY_WAIT = timedelta(seconds=60)
"""How long to wait where GitHub names no time: "at least one minute" (docs.github.com, secondary rate limits)."""

LONGEST_WAIT = timedelta(hours=1)
"""No limit of GitHub lasts longer; a header that says so makes no sense."""


LOOK_FIRST = "it may have been done all the same, so look before sending it again"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for: `doing` reads on after "to", as in "post a comment on #12"."""

    doing: str
    repository: str = ""
    writes: bool = False

    def repository_after(self, preposition: str) -> str:
        """` in owner/name`; nothing where it is about no repository."""
        return f" {preposition} {self.repository}" if self.repository else ""


def refused(purpose: Purpose, status: int, headers: Mapping[str, str], body: str, *, now: datetime) -> GitHubError:
    """The error for an answer with `status` 300 and above; `headers` have lower-case names."""
    message = read_message(body)
    said = f"{status} {message}" if message else str(status)
    retry_at = _retry_at(status, headers, message, now)
    if retry_at is not None:
        kind = "secondary rate limit" if _is_secondary(message) else "rate limit"
        return GitHubError(
            f"GitHub asked us to wait until {retry_at:%H:%M:%S} UTC before it will {purpose.doing} ({kind}): try again "
            "then.",
            refusal="rate_limited",
            status=status,
            retry_at=retry_at,
        )
    meaning = _explain_status(purpose, status, headers, message)
    return GitHubError(
        f"GitHub {meaning.verb} {purpose.doing} ({said}): {meaning.fix}.",
        refusal=meaning.refusal,
        status=status,
        uncertain=meaning.refusal == "server" and purpose.writes,
    )


class _Meaning(NamedTuple):
    """What a status means: the words before what was asked for, and the fix."""

    refusal: Refusal
    verb: str
    fix: str


def _explain_status(purpose: Purpose, status: int, headers: Mapping[str, str], message: str) -> _Meaning:
    if status >= 500:
        fix = "try again in a minute, and see www.githubstatus.com if it stays"
        return _Meaning("server", "failed when asked to", LOOK_FIRST if purpose.writes else fix)
    if status == 401:
        fix = "it is wrong, expired or revoked, so put a new one into GITHUB_TOKEN"
        return _Meaning("unauthorized", "did not accept the token when asked to", fix)
    if status == 403:
        return _Meaning("forbidden", "refused to", _fix_for_forbidden(purpose, headers, message))
    if status == 404:
        access = f"check TRIAGE_REPOSITORIES and the token's access{purpose.repository_after('to')}"
        return _Meaning("not_found", "could not", f"it is not there, or this token may not see it, so {access}")
    if status == 410:
        off = f"issues are switched off{purpose.repository_after('in')}"
        return _Meaning("gone", "could not", f"it was deleted, or {off}, so bring the queue up to date")
    if status < 400:
        fix = "the repository has another name now, so put that into TRIAGE_REPOSITORIES"
        return _Meaning("not_found", "could not", fix)
    return _Meaning("invalid", "did not take what it was given to", "change it and try again")


def unreachable(purpose: Purpose, host: str, reason: str) -> GitHubError:
    """No connection was made, so nothing was sent."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        fix = f"the certificate of {host} is not trusted here, so name your authority's file in SSL_CERT_FILE"
    else:
        fix = "check the network, the proxy and GITHUB_API_URL"
    return GitHubError(f"There is no connection to {host} to {purpose.doing}: {fix}.", refusal="unreachable")


def broken_off(purpose: Purpose, host: str) -> GitHubError:
    """The connection broke after something may have been sent."""
    fix = LOOK_FIRST if purpose.writes else "try again in a minute"
    words = f"The connection to {host} broke when asked to {purpose.doing}: {fix}."
    return GitHubError(words, refusal="unreachable", uncertain=purpose.writes)


def timed_out(purpose: Purpose, host: str, seconds: float, *, sent: bool = True) -> GitHubError:
    """No answer in time; `sent` is False where the request never left."""
    uncertain = purpose.writes and sent
    fix = LOOK_FIRST if uncertain else "try again in a minute"
    words = f"{host} gave no answer within {seconds:g} seconds when asked to {purpose.doing}: {fix}."
    return GitHubError(words, refusal="timeout", uncertain=uncertain)


def unsendable(purpose: Purpose) -> GitHubError:
    """The text has half a character (a lone surrogate), which no request can hold: nothing was sent."""
    fix = "the text holds a broken character, so delete it and try again"
    return GitHubError(f"Nothing was sent to GitHub to {purpose.doing}: {fix}.", refusal="invalid")


def unreadable(purpose: Purpose, host: str, what: str, status: int | None = None) -> GitHubError:
    """A success whose content is not GitHub's: a proxy's page, or an address that is no REST root."""
    return GitHubError(
        f"{host} answered with {what} when asked to {purpose.doing}: check that GITHUB_API_URL is the root of "
        "GitHub's REST API, which on an Enterprise Server ends in /api/v3.",
        refusal="server",
        status=status,
        uncertain=purpose.writes,
    )


def read_message(body: str) -> str:
    """GitHub's own words out of an error's body, in one line; "" where the body is a web page."""
    try:
        payload = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(payload, dict):
        return ""
    errors = payload.get("errors")
    details = [_read_detail(error) for error in (errors if isinstance(errors, list) else [errors])]
    words = [str(payload.get("message") or ""), *details]
    message = ": ".join(" ".join(word.split()).rstrip(".") for word in words if word.strip())
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 1] + "…"


def _read_detail(error: object) -> str:
    """One entry of `errors`: its message, or the field and what is wrong with it."""
    if isinstance(error, dict):
        return str(error.get("message") or " ".join(str(error.get(name) or "") for name in ("field", "code")))
    return error if isinstance(error, str) else ""


def read_wait(value: str, there: datetime) -> timedelta:
    """A `retry-after` header, in seconds or as a date of the server whose clock shows `there`; a minute where it makes
    no sense, an hour at most."""
    text = value.strip()
    if _is_number(text):
        return timedelta(seconds=min(int(text), LONGEST_WAIT.total_seconds()))
    then = _read_date(text)
    return SECONDARY_WAIT if then is None else min(max(then - there, timedelta()), LONGEST_WAIT)


def read_clock(headers: Mapping[str, str], now: datetime) -> datetime:
    """The time by the clock of the server that answered: what it says of later moments is true by that alone."""
    return _read_date(headers.get("date", "")) or now


def _retry_at(status: int, headers: Mapping[str, str], message: str, now: datetime) -> datetime | None:
    if status not in (403, 429):
        return None
    there = read_clock(headers, now)
    if "retry-after" in headers:
        return now + read_wait(headers["retry-after"], there)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        if not _is_number(reset):
            return now + SECONDARY_WAIT
        return now + timedelta(seconds=min(max(int(reset) - there.timestamp(), 0), LONGEST_WAIT.total_seconds()))
    if status == 429 or _is_secondary(message):
        return now + SECONDARY_WAIT
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _read_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_secondary(message: str) -> bool:
    return "secondary rate limit" in message.lower() or "abuse detection" in message.lower()


def _fix_for_forbidden(purpose: Purpose, headers: Mapping[str, str], message: str) -> str:
    lowered = message.lower()
    if "archived" in lowered:
        return "the repository is archived and takes no changes, so unarchive it first"
    if "saml" in lowered or "x-github-sso" in headers:
        return "authorise the token for the organisation's single sign-on on github.com/settings/tokens"
    if "locked" in lowered:
        return "the issue is locked to collaborators, so unlock it on GitHub or use a token with push rights"
    needed = headers.get("x-accepted-github-permissions")
    where = purpose.repository_after("on")
    if needed:
        return f"give the token {_permissions(needed)}{where}"
    if purpose.writes:
        return f"give the token Issues: read and write{where}, and its owner at least the triage role"
    return f"give the token Issues: read{where}"


def _permissions(needed: str) -> str:
    """`x-accepted-github-permissions` as the settings page of a token words it.

    Commas join what is needed together, semicolons separate what would do instead: the first of these is named.
    """
    words = []
    for permission in needed.partition(";")[0].split(","):
        name, _, level = permission.strip().partition("=")
        words.append(f"{name.replace('_', ' ').capitalize()}: {'read and write' if level == 'write' else level}")
    return ", ".join(words)
