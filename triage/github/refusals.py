"""An answer that is no success, or no answer at all -> GitHubError: one sentence with what failed and the mend.

Pure: status, headers and GitHub's message come in, and the token never does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from triage.models import GitHubError

MESSAGE_LIMIT = 200
"""The most characters of GitHub's own message that a sentence quotes."""

SECONDARY_WAIT = timedelta(seconds=60)
"""How long to wait where GitHub names no time: "at least one minute" (docs.github.com, secondary rate limits)."""

LONGEST_WAIT = timedelta(hours=1)
"""No limit of GitHub lasts longer; a header that says so makes no sense."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of GitHub: `doing` reads on after "to", as in "post a comment on #12"."""

    doing: str
    repository: str = ""
    writes: bool = False


def refused(asked: Asked, status: int, headers: Mapping[str, str], body: str, *, now: datetime) -> GitHubError:
    """The error for an answer with `status` 300 and above; `headers` have lower-case names."""
    message = read_message(body)
    said = f"{status} {message}" if message else str(status)
    doing, writes = asked.doing, asked.writes
    retry_at = _retry_at(status, headers, message, now)
    if retry_at is not None:
        kind = "secondary rate limit" if _is_secondary(headers, message) else "rate limit"
        return GitHubError(
            f"GitHub asks to wait until {retry_at:%H:%M:%S} UTC before it will {doing} ({kind}): try again then.",
            refusal="rate_limited",
            status=status,
            retry_at=retry_at,
        )
    if status >= 500:
        mend = (
            "it may have been done all the same, so look before sending it again"
            if writes
            else "try again in a minute, and see www.githubstatus.com if it stays"
        )
        return GitHubError(
            f"GitHub failed when asked to {doing} ({said}): {mend}.", refusal="server", status=status, uncertain=writes
        )
    if status == 401:
        return GitHubError(
            f"GitHub did not accept the token when asked to {doing} ({said}): it is wrong, expired or revoked, so put "
            "a new one into GITHUB_TOKEN.",
            refusal="unauthorized",
            status=status,
        )
    if status == 403:
        return GitHubError(
            f"GitHub refused to {doing} ({said}): {_mend_for_forbidden(asked, headers, message)}.",
            refusal="forbidden",
            status=status,
        )
    if status == 404:
        return GitHubError(
            f"GitHub could not {doing} ({said}): it is not there, or this token may not see it, so check "
            f"TRIAGE_REPOSITORIES and the token's access{_to(asked.repository)}.",
            refusal="not_found",
            status=status,
        )
    if status == 410:
        return GitHubError(
            f"GitHub could not {doing} ({said}): it was deleted, or issues are switched off"
            f"{_in(asked.repository)}, so bring the queue up to date.",
            refusal="gone",
            status=status,
        )
    if status < 400:
        return GitHubError(
            f"GitHub could not {doing} ({said}): the repository has another name now, so put that into "
            "TRIAGE_REPOSITORIES.",
            refusal="not_found",
            status=status,
        )
    return GitHubError(
        f"GitHub did not take what it was given to {doing} ({said}): change it and try again.",
        refusal="invalid",
        status=status,
    )


def unreachable(asked: Asked, host: str, reason: str) -> GitHubError:
    """No connection was made, so nothing was sent."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        mend = f"the certificate of {host} is not trusted here, so name your authority's file in SSL_CERT_FILE"
    else:
        mend = "check the network, the proxy and GITHUB_API_URL"
    return GitHubError(f"There is no connection to {host} to {asked.doing}: {mend}.", refusal="unreachable")


def broken_off(asked: Asked, host: str) -> GitHubError:
    """The connection broke after something may have been sent."""
    mend = (
        "it may have been done all the same, so look before sending it again"
        if asked.writes
        else "try again in a minute"
    )
    return GitHubError(
        f"The connection to {host} broke when asked to {asked.doing}: {mend}.",
        refusal="unreachable",
        uncertain=asked.writes,
    )


def timed_out(asked: Asked, host: str, seconds: float, *, sent: bool = True) -> GitHubError:
    """No answer in time; `sent` is False where the request never left."""
    uncertain = asked.writes and sent
    mend = (
        "it may have been done all the same, so look before sending it again" if uncertain else "try again in a minute"
    )
    return GitHubError(
        f"{host} gave no answer within {seconds:g} seconds when asked to {asked.doing}: {mend}.",
        refusal="timeout",
        uncertain=uncertain,
    )


def unsendable(asked: Asked) -> GitHubError:
    """The text has half a character (a lone surrogate), which no request can hold: nothing was sent."""
    return GitHubError(
        f"Nothing was sent to GitHub to {asked.doing}: the text holds a broken character, so delete it and try again.",
        refusal="invalid",
    )


def unreadable(asked: Asked, host: str, what: str, status: int | None = None) -> GitHubError:
    """A success whose content is not GitHub's: a proxy's page, or an address that is no REST root."""
    return GitHubError(
        f"{host} answered with {what} when asked to {asked.doing}: check that GITHUB_API_URL is the root of GitHub's "
        "REST API, which on an Enterprise Server ends in /api/v3.",
        refusal="server",
        status=status,
        uncertain=asked.writes,
    )


def read_message(body: str) -> str:
    """GitHub's own words out of an error's body, in one line; "" where the body is a web page."""
    try:
        payload = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(payload, dict):
        return ""
    words = [str(payload.get("message") or "")]
    errors = payload.get("errors")
    for error in errors if isinstance(errors, list) else [errors]:
        if isinstance(error, dict):
            words.append(str(error.get("message") or " ".join(str(error.get(k) or "") for k in ("field", "code"))))
        elif isinstance(error, str):
            words.append(error)
    message = ": ".join(" ".join(word.split()).rstrip(".") for word in words if word.strip())
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 1] + "…"


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
    if status == 429 or _is_secondary(headers, message):
        return now + SECONDARY_WAIT
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _read_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_secondary(headers: Mapping[str, str], message: str) -> bool:
    return "secondary rate limit" in message.lower() or "abuse detection" in message.lower()


def _mend_for_forbidden(asked: Asked, headers: Mapping[str, str], message: str) -> str:
    lowered = message.lower()
    if "archived" in lowered:
        return "the repository is archived and takes no changes, so unarchive it first"
    if "saml" in lowered or "x-github-sso" in headers:
        return "authorise the token for the organisation's single sign-on on github.com/settings/tokens"
    if "locked" in lowered:
        return "the issue is locked to collaborators, so unlock it on GitHub or use a token with push rights"
    needed = headers.get("x-accepted-github-permissions")
    if needed:
        return f"give the token {_permissions(needed)}{_on(asked.repository)}"
    if asked.writes:
        return f"give the token Issues: read and write{_on(asked.repository)}, and its owner at least the triage role"
    return f"give the token Issues: read{_on(asked.repository)}"


def _permissions(needed: str) -> str:
    """`x-accepted-github-permissions` as the settings page of a token words it.

    Commas join what is needed together, semicolons separate what would do instead: the first of these is named.
    """
    words = []
    for permission in needed.partition(";")[0].split(","):
        name, _, level = permission.strip().partition("=")
        words.append(f"{name.replace('_', ' ').capitalize()}: {'read and write' if level == 'write' else level}")
    return ", ".join(words)


def _to(repository: str) -> str:
    return f" to {repository}" if repository else ""


def _in(repository: str) -> str:
    return f" in {repository}" if repository else ""


def _on(repository: str) -> str:
    return f" on {repository}" if repository else ""
