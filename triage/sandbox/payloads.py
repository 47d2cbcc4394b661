"""What the sandbox knows -> GitHub's JSON, with every field that the newest published models ask for.

`old` leaves out what an older GitHub Enterprise Server does not send: the fields of archived labels, sub-issues, issue
types, apps and pins, some rights; labels are bare names on every other issue, and a deleted account is null.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from triage.sandbox.viewers import Viewer
from triage.sandbox.world import StoredComment, StoredIssue, StoredLabel, StoredRepository

Payload = dict[str, Any]

GHOST = "ghost"
"""Whom GitHub names in place of an account that is gone."""

_ACCOUNT_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_PLAIN_LINKS = (
    "contributors deployments downloads events forks hooks languages merges stargazers subscribers subscription tags "
    "teams"
)
_REPOSITORY_LINKS = {f"{name}_url": f"/{name}" for name in _PLAIN_LINKS.split()} | {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "statuses_url": "/statuses/{sha}",
    "trees_url": "/git/trees{/sha}",
}
_NOT_HERE = ("mirror_url", "homepage", "language", "license")
_NEVER = "private fork is_template has_projects has_wiki has_pages has_discussions disabled"
_UNCOUNTED = "forks_count stargazers_count watchers_count size subscribers_count network_count forks watchers"
_STANDARD_LABELS = {"bug", "documentation", "duplicate", "enhancement", "question", "wontfix"}
_FOUNDED = "2021-01-11T09:00:00Z"


def moment(value: datetime | None) -> str | None:
    """A moment as GitHub writes it: whole seconds, `Z`."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else None


@dataclass(frozen=True, slots=True)
class Payloads:
    """Makes payloads whose links begin with `api`, for people with `root`; both without a slash at the end."""

    root: str
    api: str
    old: bool = False

    def account(self, login: str) -> Payload | None:
        """A person's short form, or an organisation's."""
        if self.old and login == GHOST:
            return None
        url = f"{self.api}/users/{login}"
        number = zlib.crc32(login.lower().encode())
        payload: Payload = {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "avatar_url": f"{self.root}/{login}.png",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.root}/{login}",
            "type": "Organization" if login == "sandbox" else "User",
            "site_admin": False,
        }
        payload |= {name: url + path for name, path in _ACCOUNT_LINKS.items()}
        if not self.old:
            payload["user_view_type"] = "public"
        return payload

    def viewer(self, viewer: Viewer) -> Payload:
        """The long form of GET /user."""
        nothing = ("company", "location", "email", "hireable", "bio")
        zero = (
            "public_repos public_gists followers following private_gists total_private_repos owned_private_repos "
            "disk_usage collaborators"
        )
        return (self.account(viewer.login) or {}) | {
            "name": viewer.login.replace("-", " ").title(),
            "blog": "",
            "created_at": _FOUNDED,
            "updated_at": _FOUNDED,
            "two_factor_authentication": True,
            **dict.fromkeys(nothing),
            **dict.fromkeys(zero.split(), 0),
        }

    def repository(self, repository: StoredRepository, viewer: Viewer) -> Payload:
        owner, _, name = repository.full_name.partition("/")
        api = self._repository_url(repository)
        page = self.page(repository)
        number = zlib.crc32(repository.full_name.encode())
        opened = sum(issue.state == "open" for issue in repository.issues.values())
        permissions = {"admin": False, "push": viewer.can_push, "pull": True}
        if not self.old:
            permissions |= {"maintain": viewer.can_push, "triage": viewer.can_triage}
        return {
            "id": number,
            "node_id": f"R_{number}",
            "name": name,
            "full_name": repository.full_name,
            "owner": self.account(owner),
            "html_url": page,
            "description": repository.description or None,
            "url": api,
            "git_url": f"{page.replace('http', 'git', 1)}.git",
            "ssh_url": f"git@sandbox.invalid:{repository.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "default_branch": "main",
            "open_issues_count": opened,
            "topics": [],
            "has_issues": repository.has_issues,
            "archived": repository.archived,
            "visibility": "public",
            "permissions": permissions,
            **dict.fromkeys(_NOT_HERE),
            **dict.fromkeys(_NEVER.split(), False),
            **dict.fromkeys(_UNCOUNTED.split(), 0),
            **dict.fromkeys(("pushed_at", "created_at", "updated_at"), _FOUNDED),
            **{name: api + path for name, path in _REPOSITORY_LINKS.items()},
            "open_issues": opened,
        }

    def label(self, repository: StoredRepository, label: StoredLabel) -> Payload:
        payload: Payload = {
            "id": label.id,
            "node_id": f"LA_{label.id}",
            "url": f"{self._repository_url(repository)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.name in _STANDARD_LABELS,
            "description": label.description,
        }
        return payload if self.old else payload | {"archived_at": None, "archived_by": None}

    def issue(self, repository: StoredRepository, issue: StoredIssue) -> Payload:
        url = f"{self._repository_url(repository)}/issues/{issue.number}"
        kind = "pull" if issue.pull_request else "issues"
        page = f"{self.page(repository)}/{kind}/{issue.number}"
        number = 1_000_000 + issue.number
        labels = repository.labels_of(issue)
        bare = self.old and issue.number % 2 == 1
        payload: Payload = {
            "url": url,
            "repository_url": self._repository_url(repository),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": page,
            "id": number,
            "node_id": f"I_{number}",
            "number": issue.number,
            "title": issue.title,
            "user": self.account(issue.author),
            "labels": [label.name if bare else self.label(repository, label) for label in labels],
            "state": issue.state,
            "locked": issue.locked,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": moment(issue.created_at),
            "updated_at": moment(issue.updated_at),
            "closed_at": moment(issue.closed_at),
            "author_association": issue.association,
            "active_lock_reason": None,
            "body": issue.body or None,
            "closed_by": self.account(issue.closed_by) if issue.closed_by else None,
            "state_reason": issue.state_reason,
        }
        if issue.pull_request:
            pull = f"{self._repository_url(repository)}/pulls/{issue.number}"
            files = {"diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
            payload["pull_request"] = {"url": pull, "html_url": page, **files, "merged_at": None}
            payload["draft"] = False
        if self.old:
            return payload
        return payload | {
            **dict.fromkeys(("type", "parent_issue_url", "performed_via_github_app", "pinned_comment")),
            "sub_issues_summary": dict.fromkeys(("total", "completed", "percent_completed"), 0),
            "issue_dependencies_summary": dict.fromkeys(
                ("blocked_by", "total_blocked_by", "blocking", "total_blocking"), 0
            ),
            "issue_field_values": [],
            "timeline_url": f"{url}/timeline",
            "reactions": _reactions(url),
        }

    def comment(self, repository: StoredRepository, issue: StoredIssue, comment: StoredComment) -> Payload:
        url = f"{self._repository_url(repository)}/issues/comments/{comment.id}"
        payload: Payload = {
            "url": url,
            "html_url": f"{self.page(repository)}/issues/{issue.number}#issuecomment-{comment.id}",
            "issue_url": f"{self._repository_url(repository)}/issues/{issue.number}",
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "user": self.account(comment.author),
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at),
            "body": comment.body,
            "author_association": comment.association,
            "performed_via_github_app": None,
        }
        return payload if self.old else payload | {"reactions": _reactions(url), "pin": None, "minimized": None}

    def page(self, repository: StoredRepository) -> str:
        """The repository's page for people."""
        return f"{self.root}/{repository.full_name}"

    def _repository_url(self, repository: StoredRepository) -> str:
        return f"{self.api}/repos/{repository.full_name}"


def _reactions(url: str) -> Payload:
    counts = dict.fromkeys(("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"), 0)
    return {"url": f"{url}/reactions", "total_count": 0} | counts
