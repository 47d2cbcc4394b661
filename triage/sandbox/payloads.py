"""What the sandbox knows -> GitHub's JSON, with every field that the newest published models ask for.

`payloads.yaml` holds what each payload says besides. `old` leaves out what an older GitHub Enterprise Server does not
send; labels are bare names on every other issue there, some rights are missing, and a deleted account is null.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from triage.sandbox.viewers import Viewer
from triage.sandbox.world import StoredComment, StoredIssue, StoredLabel, StoredRepository

Payload = dict[str, Any]

_STANDARD_LABELS = {"bug", "documentation", "duplicate", "enhancement", "question", "wontfix"}

_SHAPES: dict[str, Payload] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
"""What the payloads of each kind say besides."""


def moment(value: datetime | None) -> str | None:
    """A moment as GitHub writes it: whole seconds, `Z`."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else None


@dataclass(frozen=True, slots=True)
class Payloads:
    """Makes payloads whose links begin with `api`, for people with `root`; both without a slash at the end."""

    root: str
    api: str
    old: bool = False

    def _shape(self, kind: str, **names: object) -> Payload:
        """What a payload of this kind says besides, with the names filled in."""
        shape = _SHAPES[kind] if self.old else _SHAPES[kind] | _SHAPES.get(f"new {kind}", {})
        names["root"] = self.root
        return {name: value % names if isinstance(value, str) else value for name, value in shape.items()}

    def _reactions(self, url: str) -> Payload:
        return {} if self.old else {"reactions": self._shape("reactions", url=url)}

    def account(self, login: str) -> Payload | None:
        """A person's short form, or an organisation's."""
        if self.old and login == "ghost":  # whom GitHub names in place of an account that is gone
            return None
        number = zlib.crc32(login.lower().encode())
        return self._shape("account", login=login, url=f"{self.api}/users/{login}") | {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "type": "Organization" if login == "sandbox" else "User",
        }

    def viewer(self, viewer: Viewer) -> Payload:
        """The long form of GET /user."""
        name = viewer.login.replace("-", " ").title()
        return (self.account(viewer.login) or {}) | self._shape("viewer") | {"name": name}

    def repository(self, repository: StoredRepository, viewer: Viewer) -> Payload:
        full_name = repository.full_name
        owner, _, name = full_name.partition("/")
        page = f"{self.root}/{full_name}"
        number = zlib.crc32(full_name.encode())
        opened = sum(issue.state == "open" for issue in repository.issues.values())
        permissions = {"admin": False, "push": viewer.can_push, "pull": True}
        if not self.old:
            permissions |= {"maintain": viewer.can_push, "triage": viewer.can_triage}
        address = page.partition("://")[2]
        return self._shape("repository", url=self._url(repository), page=page, address=address, full_name=full_name) | {
            "id": number,
            "node_id": f"R_{number}",
            "name": name,
            "full_name": full_name,
            "owner": self.account(owner),
            "description": repository.description or None,
            "open_issues_count": opened,
            "open_issues": opened,
            "has_issues": repository.has_issues,
            "archived": repository.archived,
            "permissions": permissions,
        }

    def label(self, repository: StoredRepository, label: StoredLabel) -> Payload:
        return self._shape("label") | {
            "id": label.id,
            "node_id": f"LA_{label.id}",
            "url": f"{self._url(repository)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.name in _STANDARD_LABELS,
            "description": label.description,
        }

    def issue(self, repository: StoredRepository, issue: StoredIssue) -> Payload:
        number = 1_000_000 + issue.number
        bare = self.old and issue.number % 2 == 1
        names = {
            "repository": self._url(repository),
            "url": self._issue_url(repository, issue),
            "page": f"{self.root}/{repository.full_name}/{'pull' if issue.pull_request else 'issues'}/{issue.number}",
            "number": str(issue.number),
        }
        pull = {"pull_request": self._shape("pull request", **names), "draft": False} if issue.pull_request else {}
        return (
            self._shape("issue", **names)
            | self._reactions(names["url"])
            | pull
            | {
                "id": number,
                "node_id": f"I_{number}",
                "number": issue.number,
                "title": issue.title,
                "user": self.account(issue.author),
                "labels": [
                    label.name if bare else self.label(repository, label) for label in repository.labels_of(issue)
                ],
                "state": issue.state,
                "locked": issue.locked,
                "comments": len(issue.comments),
                "created_at": moment(issue.created_at),
                "updated_at": moment(issue.updated_at),
                "closed_at": moment(issue.closed_at),
                "author_association": issue.association,
                "body": issue.body or None,
                "closed_by": self.account(issue.closed_by) if issue.closed_by else None,
                "state_reason": issue.state_reason,
            }
        )

    def comment(self, repository: StoredRepository, issue: StoredIssue, comment: StoredComment) -> Payload:
        url = f"{self._url(repository)}/issues/comments/{comment.id}"
        page = f"{self.root}/{repository.full_name}/issues/{issue.number}#issuecomment-{comment.id}"
        names = {"url": url, "page": page, "issue": self._issue_url(repository, issue)}
        return (
            self._shape("comment", **names)
            | self._reactions(url)
            | {
                "id": comment.id,
                "node_id": f"IC_{comment.id}",
                "user": self.account(comment.author),
                "created_at": moment(comment.created_at),
                "updated_at": moment(comment.updated_at),
                "body": comment.body,
                "author_association": comment.association,
            }
        )

    def _url(self, repository: StoredRepository) -> str:
        return f"{self.api}/repos/{repository.full_name}"

    def _issue_url(self, repository: StoredRepository, issue: StoredIssue) -> str:
        return f"{self._url(repository)}/issues/{issue.number}"
