"""What a client asks before anything else: the API's root, the viewer, the repository, what is left of the limit."""

from starlette.responses import Response

from triage.sandbox.api_request import ApiRequest
from triage.sandbox.errors import ApiResponse, RefusedError


def get_root(request: ApiRequest) -> Response:
    paths = {"current_user": "/user", "rate_limit": "/rate_limit", "repository": "/repos/{owner}/{repo}"}
    return ApiResponse({f"{name}_url": request.api + path for name, path in paths.items()})


def get_user(request: ApiRequest) -> Response:
    if request.viewer.role == "nobody":
        raise RefusedError(401, "Requires authentication")
    return ApiResponse(request.payloads.viewer(request.viewer))


def get_repository(request: ApiRequest) -> Response:
    return ApiResponse(request.payloads.repository(request.repository(), request.viewer))


def get_rate_limit(request: ApiRequest) -> Response:
    """What is left; asking costs nothing. An older Enterprise Server has no limits and says so."""
    if request.viewer.old:
        raise RefusedError(404, "Rate limiting is not enabled.")
    request.viewer.rate_limit.renew(request.now)
    core = request.viewer.rate_limit.to_json()
    search = {"limit": 30, "remaining": 30, "reset": core["reset"], "used": 0}
    return ApiResponse({"resources": {"core": core, "search": search}, "rate": core})
