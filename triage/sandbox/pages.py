"""Pages for people behind the `html_url` of each payload, so that a link to an issue or a comment leads somewhere."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from triage.markdown import GITHUB_CSS, render_markdown
from triage.sandbox.payloads import moment
from triage.sandbox.sandbox import Sandbox
from triage.sandbox.world import StoredIssue, StoredRepository

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
article { border: 1px solid #8884; border-radius: 6px; margin: 1rem 0 } article:target { border-color: #0969da }
header { padding: .4rem 1rem; border-bottom: 1px solid #8884; color: #777 }
.gh { padding: 1rem }
"""


def page_routes(sandbox: Sandbox) -> list[Route]:
    """One page for each issue, and one for every other address of a repository."""

    async def page(request: Request) -> Response:
        with sandbox.lock:
            arguments = request.path_params
            repository = sandbox.repository(f"{arguments['owner']}/{arguments['name']}")
            sandbox.deliver()
            kind, _, number = arguments.get("rest", "").partition("/")
            issue = repository.issues.get(int(number)) if number.isdecimal() and kind in ("issues", "pull") else None
            content = _issue_page(repository, issue) if issue else _repository_page(repository, kind)
            return HTMLResponse(content, headers={"Content-Security-Policy": _POLICY})

    paths = ("/{owner}/{name}", "/{owner}/{name}/{rest:path}")
    return [Route(path, page, methods=["GET"]) for path in paths]


def _issue_page(repository: StoredRepository, issue: StoredIssue) -> str:
    labels = ", ".join(label.name for label in repository.labels_of(issue))
    state = f"{issue.state} ({issue.state_reason})" if issue.state_reason else issue.state
    said = [("issue", issue.author, issue.created_at, issue.body or "")]
    said += [(f"issuecomment-{each.id}", each.author, each.created_at, each.body) for each in issue.comments]
    articles = (
        f'<article id="{anchor}"><header><b>{escape(author)}</b> {moment(at)}</header>'
        f'<div class="gh light">{render_markdown(text)}</div></article>'
        for anchor, author, at, text in said
    )
    about = f"<p>{escape(repository.full_name)} · {escape(state)} · {escape(labels) or 'no labels'}</p>"
    return _page(f"{issue.title} #{issue.number}", about + "".join(articles))


def _repository_page(repository: StoredRepository, kind: str) -> str:
    if kind == "blob":
        return _page(repository.full_name, "<p>The sandbox keeps issues, no files: on GitHub this would be one.</p>")
    entries = "".join(
        f'<li><a href="/{escape(repository.full_name)}/issues/{issue.number}">#{issue.number} {escape(issue.title)}</a>'
        f" {issue.state}</li>"
        for issue in sorted(repository.issues.values(), key=lambda issue: -issue.number)
        if not issue.pull_request
    )
    return _page(repository.full_name, f"<p>{escape(repository.description)}</p><ul>{entries}</ul>")


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}{GITHUB_CSS}</style>"
        f"<p>Sandbox: not GitHub, and nothing here leaves this machine.</p><h1>{escape(title)}</h1>{content}</html>"
    )
