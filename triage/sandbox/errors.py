"""What the sandbox refuses: GitHub's own error bodies, and one sentence where the sandbox itself cannot start."""

from collections.abc import Sequence

DOCS = "https://docs.github.com/rest"


class SandboxError(Exception):
    """The sandbox cannot start or go on; `str(error)` is one plain sentence with the mend."""


class RefusedError(Exception):
    """An answer other than success, as GitHub words it.

    `status` is the HTTP status, `errors` GitHub's list of validation errors, `headers` what else the answer carries.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)
        self.headers = tuple(headers)

    def payload(self) -> dict[str, object]:
        """The JSON body."""
        payload: dict[str, object] = {"message": self.message}
        if self.errors:
            payload["errors"] = list(self.errors)
        return payload | {"documentation_url": DOCS, "status": str(self.status)}


def bad_credentials() -> RefusedError:
    return RefusedError(401, "Bad credentials")


def requires_authentication() -> RefusedError:
    return RefusedError(401, "Requires authentication")


def not_accessible() -> RefusedError:
    """What a fine-grained token hears that lacks the permission, and which one that is."""
    return RefusedError(
        403,
        "Resource not accessible by personal access token",
        headers=[("X-Accepted-GitHub-Permissions", "issues=write")],
    )


def must_be_admin() -> RefusedError:
    """What a person hears who has not the role for it."""
    return RefusedError(403, "Must have admin rights to Repository.")


def may_not_create_labels() -> RefusedError:
    return RefusedError(
        403,
        "You do not have permission to create labels on this repository.",
        errors=[{"resource": "Repository", "field": "label", "code": "unauthorized"}],
    )


def archived() -> RefusedError:
    return RefusedError(403, "Repository was archived so is read-only.")


def not_found(message: str = "Not Found") -> RefusedError:
    return RefusedError(404, message)


def issue_deleted() -> RefusedError:
    return RefusedError(410, "This issue was deleted")


def issues_disabled() -> RefusedError:
    return RefusedError(410, "Issues has been disabled in this repository.")


def server_error() -> RefusedError:
    return RefusedError(502, "Server Error")


def unavailable() -> RefusedError:
    return RefusedError(503, "Service unavailable")


def invalid_request(why: str) -> RefusedError:
    """A body that is JSON but has not the form that GitHub's schema asks for."""
    return RefusedError(422, f"Invalid request.\n\n{why}")


def validation_failed(resource: str, field: str, code: str, message: str = "", *, value: str = "") -> RefusedError:
    """422 with one entry in `errors`; `code` is GitHub's: missing_field, invalid, already_exists, custom ..."""
    error = {"value": value} if value else {}
    error |= {"resource": resource, "code": code, "field": field}
    if message:
        error["message"] = message
    return RefusedError(422, "Validation Failed", errors=[error])


def secondary_limit(retry_after: int, status: int = 403) -> RefusedError:
    """Too much at once: 403 or 429 with the seconds to wait."""
    return RefusedError(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers=[("Retry-After", str(retry_after))],
    )


def rate_limit_exceeded(login: str) -> RefusedError:
    return RefusedError(403, f"API rate limit exceeded for user {login}.")
