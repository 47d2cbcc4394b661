"""The routes beside issues: the root, the viewer, the repository, the rate limit."""

from triage.sandbox.errors import not_found, requires_authentication
from triage.sandbox.exchange import Reply, Request


def get_root(request: Request) -> Reply:
    api = request.api
    return Reply(
        {
            "current_user_url": f"{api}/user",
            "rate_limit_url": f"{api}/rate_limit",
            "repository_url": f"{api}/repos/{{owner}}/{{repo}}",
        }
    )


def get_user(request: Request) -> Reply:
    if request.viewer.role == "nobody":
        raise requires_authentication()
    return Reply(request.payloads.viewer(request.viewer))


def get_repository(request: Request) -> Reply:
    return Reply(request.payloads.repository(request.repository(), request.viewer))


def get_rate_limit(request: Request) -> Reply:
    """What is left; asking costs nothing. An older Enterprise Server keeps no limits and says so."""
    if request.viewer.old:
        raise not_found("Rate limiting is not enabled.")
    allowance = request.viewer.allowance
    allowance.look(request.now)
    core = {
        "limit": allowance.limit,
        "remaining": allowance.remaining,
        "reset": int(allowance.reset_at.timestamp()),
        "used": allowance.used,
    }
    search = {"limit": 30, "remaining": 30, "reset": core["reset"], "used": 0}
    return Reply({"resources": {"core": core, "search": search}, "rate": core})
