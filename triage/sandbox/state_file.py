"""The sandbox's state as JSON: world -> text and back, written in one piece, by one process at a time."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from triage.sandbox.errors import SandboxError
from triage.sandbox.world import (
    Answer,
    Pending,
    StoredComment,
    StoredIssue,
    StoredLabel,
    StoredRepository,
    World,
)

FORMAT = 1


class StateFile:
    """One state file, held by this object alone from construction to `close()`.

    Raises SandboxError where another holder has it, or the place cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_path = path.with_name(path.name + ".lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Only asked for a lock, and left in place: deleting it would let two holders lock two different files.
            self._lock: IO[bytes] = self._lock_path.open("ab")
        except OSError as error:
            raise SandboxError(
                f"The sandbox's state file {path} cannot be written ({error.strerror}): choose another place for it."
            ) from None
        if not _lock(self._lock):
            self._lock.close()
            raise SandboxError(
                f"The sandbox's state file {path} is in use by another sandbox: stop that one, or choose another file."
            )

    def load(self, source: str) -> tuple[World, float] | None:
        """The world and how many minutes its clock was put forward; None where there is nothing from this `source`.

        `source` names where the issues came from first: a state of other issues is not theirs.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            text = ""
        try:
            state = json.loads(text)
            if state["source"] != source:
                return None
            if state["format"] != FORMAT:
                raise SandboxError(
                    f"The sandbox's state file {self.path} is from another version: delete it to start afresh."
                )
            return world_from_json(state["world"]), float(state["advanced"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SandboxError(
                f"The sandbox's state file {self.path} cannot be read: delete it to start afresh."
            ) from None

    def save(self, world: World, advanced: float, source: str) -> None:
        """Writes all of it beside the file, then puts it in its place: a reader sees the old state or the new one."""
        state = {"format": FORMAT, "source": source, "advanced": advanced, "world": world_to_json(world)}
        beside = self.path.with_name(self.path.name + ".new")
        beside.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":")), "utf-8", "surrogatepass")
        beside.replace(self.path)

    def close(self) -> None:
        self._lock.close()


def _lock(file: IO[bytes]) -> bool:
    """Whether the file could be locked; the system gives it back when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def world_to_json(world: World) -> dict[str, Any]:
    return {
        "last_id": world.last_id,
        "pending": [asdict(pending) for pending in world.pending],
        "repositories": [repository_to_json(repository) for repository in world.repositories.values()],
    }


def repository_to_json(repository: StoredRepository) -> dict[str, Any]:
    return {
        "full_name": repository.full_name,
        "description": repository.description,
        "archived": repository.archived,
        "has_issues": repository.has_issues,
        "labels": [asdict(label) for label in repository.labels.values()],
        "issues": [issue_to_json(issue) for issue in repository.issues.values()],
        "deleted": sorted(repository.deleted),
    }


def issue_to_json(issue: StoredIssue) -> dict[str, Any]:
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "author": issue.author,
        "association": issue.association,
        "created_at": _text(issue.created_at),
        "updated_at": _text(issue.updated_at),
        "state": issue.state,
        "state_reason": issue.state_reason,
        "closed_at": _text(issue.closed_at),
        "closed_by": issue.closed_by,
        "locked": issue.locked,
        "pull_request": issue.pull_request,
        "labels": list(issue.labels),
        "comments": [comment_to_json(comment) for comment in issue.comments],
        "answers": [{"after": answer.after, "text": answer.text} for answer in issue.answers],
    }


def comment_to_json(comment: StoredComment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "author": comment.author,
        "association": comment.association,
        "body": comment.body,
        "created_at": _text(comment.created_at),
        "updated_at": _text(comment.updated_at),
    }


def world_from_json(state: Mapping[str, Any]) -> World:
    world = World(last_id=state["last_id"], pending=[Pending(**pending) for pending in state["pending"]])
    for stored in state["repositories"]:
        repository = StoredRepository(
            **{name: stored[name] for name in ("full_name", "description", "archived", "has_issues")},
            labels={label["name"].lower(): StoredLabel(**label) for label in stored["labels"]},
            deleted=set(stored["deleted"]),
        )
        world.repositories[repository.full_name.lower()] = repository
        for issue in stored["issues"]:
            world.add_issue(repository, _issue(issue))
    return world


def _issue(stored: Mapping[str, Any]) -> StoredIssue:
    plain = {name: value for name, value in stored.items() if name not in ("comments", "answers")}
    return StoredIssue(
        **plain | _moments(plain, "created_at", "updated_at", "closed_at"),
        comments=[
            StoredComment(**comment | _moments(comment, "created_at", "updated_at")) for comment in stored["comments"]
        ],
        answers=[Answer(**answer) for answer in stored["answers"]],
    )


def _moments(stored: Mapping[str, Any], *names: str) -> dict[str, datetime | None]:
    return {name: datetime.fromisoformat(stored[name]) if stored[name] else None for name in names}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
