"""How the sandbox answers and refuses in GitHub's form, and one sentence where the sandbox itself cannot start."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

_MESSAGES = {401: "Bad credentials", 404: "Not Found", 502: "Server Error", 503: "Service unavailable"}


class SandboxError(Exception):
    """The sandbox cannot start or go on; `str(error)` is one plain sentence with the fix."""


class ApiResponse(JSONResponse):
    """JSON as GitHub sends it; half an emoji becomes a question mark."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class RefusedError(HTTPException):
    """An answer other than success, as GitHub words it.

    `status` is the HTTP status, with GitHub's usual message for it where none is given; `error` is an entry in GitHub's
    list of validation errors, `headers` what else the answer carries.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        error: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message or _MESSAGES[status], headers)
        self.errors = {"errors": [error]} if error else {}

    def response(self) -> ApiResponse:
        says = {"message": self.detail, **self.errors, "documentation_url": "https://docs.github.com/rest"}
        return ApiResponse(says | {"status": str(self.status_code)}, self.status_code, self.headers)


def not_accessible() -> RefusedError:
    """What a fine-grained token hears that lacks the permission, and which one that is."""
    lacks = {"X-Accepted-GitHub-Permissions": "issues=write"}
    return RefusedError(403, "Resource not accessible by personal access token", headers=lacks)


def must_be_admin() -> RefusedError:
    """What a person hears who has not the role for it."""
    return RefusedError(403, "Must have admin rights to Repository.")


def cannot_create_labels() -> RefusedError:
    error = {"resource": "Repository", "field": "label", "code": "unauthorized"}
    return RefusedError(403, "You do not have permission to create labels on this repository.", error=error)


def validation_failed(
    resource: str, field: str, code: str, message: str = "", *, value: str = "", status: int = 422
) -> RefusedError:
    """An entry in `errors`; `code` is GitHub's: missing_field, invalid, already_exists, custom ..."""
    error = {"value": value, "resource": resource, "code": code, "field": field, "message": message}
    return RefusedError(status, "Validation Failed", error={name: words for name, words in error.items() if words})
