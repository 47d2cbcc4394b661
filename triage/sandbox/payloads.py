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
_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
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
        return (self.account(viewer.login) or {}) | {
            "name": viewer.login.replace("-", " ").title(),
            "company": None,
            "blog": "",
            "location": None,
            "email": None,
            "hireable": None,
            "bio": None,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": _FOUNDED,
            "updated_at": _FOUNDED,
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
        }

    def repository(self, repository: StoredRepository, viewer: Viewer) -> Payload:
        owner, _, name = repository.full_name.partition("/")
        api = self._repository_url(repository)
        page = self.page(repository)
        number = zlib.crc32(repository.full_name.encode())
        opened = sum(issue.state == "open" for issue in repository.issues.values())
        permissions = {"admin": False, "push": viewer.may_push, "pull": True}
        if not self.old:
            permissions |= {"maintain": viewer.may_push, "triage": viewer.may_triage}
        payload: Payload = {
            "id": number,
            "node_id": f"R_{number}",
            "name": name,
            "full_name": repository.full_name,
            "owner": self.account(owner),
            "private": False,
            "html_url": page,
            "description": repository.description or None,
            "fork": False,
            "url": api,
            "git_url": f"{page.replace('http', 'git', 1)}.git",
            "ssh_url": f"git@sandbox.invalid:{repository.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "forks_count": 0,
            "stargazers_count": 0,
            "watchers_count": 0,
            "size": 0,
            "default_branch": "main",
            "open_issues_count": opened,
            "is_template": False,
            "topics": [],
            "has_issues": repository.has_issues,
            "has_projects": False,
            "has_wiki": False,
            "has_pages": False,
            "has_discussions": False,
            "archived": repository.archived,
            "disabled": False,
            "visibility": "public",
            "pushed_at": _FOUNDED,
            "created_at": _FOUNDED,
            "updated_at": _FOUNDED,
            "permissions": permissions,
            "subscribers_count": 0,
            "network_count": 0,
            "license": None,
            "forks": 0,
            "open_issues": opened,
            "watchers": 0,
        }
        return payload | {name: api + path for name, path in _REPOSITORY_LINKS.items()}

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
            payload |= {
                "draft": False,
                "pull_request": {
                    "url": f"{self._repository_url(repository)}/pulls/{issue.number}",
                    "html_url": page,
                    "diff_url": f"{page}.diff",
                    "patch_url": f"{page}.patch",
                    "merged_at": None,
                },
            }
        if self.old:
            return payload
        return payload | {
            "type": None,
            "parent_issue_url": None,
            "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
            "issue_dependencies_summary": {
                "blocked_by": 0,
                "total_blocked_by": 0,
                "blocking": 0,
                "total_blocking": 0,
            },
            "issue_field_values": [],
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            "pinned_comment": None,
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
