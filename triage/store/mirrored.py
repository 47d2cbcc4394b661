"""The mirror part of the store: what GitHub said last. A cache, which `clear_mirror` empties without harm."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from triage.detection import Finding
from triage.models import Comment, Issue, Label, Repository
from triage.store import schema
from triage.store.database import Database

_REPOSITORY = tuple(field.name for field in fields(Repository))
_ISSUE = tuple(field.name for field in fields(Issue))
_COMMENT = tuple(field.name for field in fields(Comment))
_BATCH = 500
"""How many numbers go into one IN (...): SQLite of old takes 999 parameters."""


@dataclass(frozen=True, slots=True)
class MirroredRepository:
    """A repository as last seen. `version` grows with each write to its mirror; the next sync begins at `since`."""

    repository: Repository
    viewer: str
    synced_at: datetime | None
    since: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """How many issues the mirror holds; `by_kind` counts the findings of the open ones."""

    open: int
    closed: int
    by_kind: Mapping[str, int]


class KeyedFinding(NamedTuple):
    """A finding, and what it was made from."""

    key: str
    finding: Finding


class Candidate(NamedTuple):
    """An issue with its finding, which is an import failure."""

    issue: Issue
    finding: Finding


class Mirror(Database):
    """Repositories, issues, comments, labels and findings as of the last sync."""

    def load_repository(self, full_name: str) -> MirroredRepository | None:
        table = schema.repositories
        with self._read() as connection:
            row = connection.execute(sa.select(table).where(table.c.full_name == full_name)).mappings().first()
        if row is None:
            return None
        repository = Repository(**{name: row[name] for name in _REPOSITORY})
        return MirroredRepository(repository, row["viewer"], row["synced_at"], row["since"], row["version"])

    def save_repository(self, repository: Repository, *, viewer: str | None = None) -> None:
        """Keeps the repository and its rights; `viewer` is the login that they belong to, None leaves it as it was."""
        table = schema.repositories
        values: dict[str, Any] = {name: getattr(repository, name) for name in _REPOSITORY}
        if viewer is not None:
            values["viewer"] = viewer
        with self._write() as connection:
            there = table.c.full_name == repository.full_name
            old = connection.execute(sa.select(table).where(there)).mappings().first()
            if old is None:
                connection.execute(sa.insert(table).values({"viewer": "", **values, "version": 1}))
            elif any(old[name] != value for name, value in values.items()):
                connection.execute(sa.update(table).where(there).values({**values, "version": table.c.version + 1}))

    def mark_synced(self, full_name: str, *, at: datetime, since: datetime | None) -> None:
        """Keeps when the last sync ended and the newest `updated_at` that it saw."""
        table = schema.repositories
        with self._write() as connection:
            connection.execute(sa.update(table).where(table.c.full_name == full_name).values(synced_at=at, since=since))

    def save_issues(self, full_name: str, issues: Iterable[Issue]) -> None:
        """Adds or replaces these issues."""
        rows = [{"repository": full_name, **{name: getattr(issue, name) for name in _ISSUE}} for issue in issues]
        self._replace(schema.issues, full_name, schema.issues.c.number, "number", rows)

    def delete_issue(self, full_name: str, number: int) -> None:
        """Forgets an issue that is gone from GitHub, with its comments and finding."""
        with self._write() as connection:
            for table in (schema.issues, schema.comments, schema.findings):
                connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.number == number))
            _bump(connection, full_name)

    def save_comments(self, full_name: str, comments: Iterable[Comment]) -> None:
        """Adds or replaces these comments, of any issues."""
        rows = [_comment_row(full_name, comment) for comment in comments]
        self._replace(schema.comments, full_name, schema.comments.c.id, "id", rows)

    def replace_comments(self, full_name: str, number: int, comments: Iterable[Comment]) -> None:
        """Makes these the issue's only comments."""
        table = schema.comments
        rows = [_comment_row(full_name, comment) for comment in comments]
        with self._write() as connection:
            connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.number == number))
            for part in batches([row["id"] for row in rows]):
                connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.id.in_(part or ())))
            if rows:
                connection.execute(sa.insert(table), rows)
            _bump(connection, full_name)

    def delete_comment(self, full_name: str, comment_id: int) -> None:
        table = schema.comments
        with self._write() as connection:
            connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.id == comment_id))
            _bump(connection, full_name)

    def save_labels(self, full_name: str, labels: Iterable[Label]) -> None:
        """Makes these the repository's only labels; the version grows only when they differ."""
        table = schema.labels
        wanted = list({label.name: label for label in labels}.values())
        if wanted == self.load_labels(full_name):
            return
        rows = [
            {
                "repository": full_name,
                "name": one.name,
                "position": place,
                "color": one.color,
                "description": one.description,
            }
            for place, one in enumerate(wanted)
        ]
        with self._write() as connection:
            connection.execute(sa.delete(table).where(table.c.repository == full_name))
            if rows:
                connection.execute(sa.insert(table), rows)
            _bump(connection, full_name)

    def load_labels(self, full_name: str) -> list[Label]:
        """The repository's labels in GitHub's order."""
        table = schema.labels
        asked = sa.select(table.c.name, table.c.color, table.c.description).where(table.c.repository == full_name)
        with self._read() as connection:
            return [Label(*row) for row in connection.execute(asked.order_by(table.c.position))]

    def save_findings(self, full_name: str, findings: Mapping[int, KeyedFinding]) -> None:
        """Keeps findings by issue number."""
        rows = [
            {"repository": full_name, "number": number, "key": key, "kind": finding.kind, "finding": finding}
            for number, (key, finding) in findings.items()
        ]
        self._replace(schema.findings, full_name, schema.findings.c.number, "number", rows)

    def load_finding_keys(self, full_name: str) -> dict[int, str]:
        table = schema.findings
        asked = sa.select(table.c.number, table.c.key).where(table.c.repository == full_name)
        with self._read() as connection:
            return {row.number: row.key for row in connection.execute(asked)}

    def load_finding(self, full_name: str, number: int) -> Finding | None:
        """The finding of an issue; None where there is none, or one by rules so old that it can no longer be read."""
        table = schema.findings
        asked = sa.select(table.c.finding).where(table.c.repository == full_name, table.c.number == number)
        with self._read() as connection:
            found: Finding | None = connection.execute(asked).scalar_one_or_none()
            return found

    def load_issue(self, full_name: str, number: int) -> Issue | None:
        table = schema.issues
        asked = _select(table, _ISSUE).where(table.c.repository == full_name, table.c.number == number)
        with self._read() as connection:
            row = connection.execute(asked).first()
        return None if row is None else Issue(*row)

    def load_issues(self, full_name: str, state: Literal["open", "closed"] | None = None) -> list[Issue]:
        """The repository's issues by number."""
        table = schema.issues
        asked = _select(table, _ISSUE).where(table.c.repository == full_name).order_by(table.c.number)
        if state is not None:
            asked = asked.where(table.c.state == state)
        with self._read() as connection:
            return [Issue(*row) for row in connection.execute(asked)]

    def load_comments(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[Comment]]:
        """Comments by issue number, oldest first; issues without any are not in it. None asks for all issues."""
        table = schema.comments
        asked = _select(table, _COMMENT).where(table.c.repository == full_name)
        asked = asked.order_by(table.c.number, table.c.created_at, table.c.id)
        found: dict[int, list[Comment]] = defaultdict(list)
        with self._read() as connection:
            for part in batches(numbers):
                for row in connection.execute(asked if part is None else asked.where(table.c.number.in_(part))):
                    found[row.number].append(Comment(*row))
        return dict(found)

    def load_candidates(self, full_name: str) -> list[Candidate]:
        """Issues, open or closed, whose finding is an import failure, by number."""
        issue, finding = schema.issues, schema.findings
        joined = issue.join(
            finding, sa.and_(issue.c.repository == finding.c.repository, issue.c.number == finding.c.number)
        )
        asked = (
            sa.select(*(issue.c[name] for name in _ISSUE), finding.c.finding)
            .select_from(joined)
            .where(finding.c.repository == full_name, finding.c.kind != "not_import")
            .order_by(issue.c.number)
        )
        with self._read() as connection:
            return [Candidate(Issue(*row[:-1]), row[-1]) for row in connection.execute(asked) if row[-1] is not None]

    def count_issues(self, full_name: str) -> IssueCounts:
        issue, finding = schema.issues, schema.findings
        states = (
            sa.select(issue.c.state, sa.func.count()).where(issue.c.repository == full_name).group_by(issue.c.state)
        )
        kinds = (
            sa.select(finding.c.kind, sa.func.count())
            .join(issue, sa.and_(issue.c.repository == finding.c.repository, issue.c.number == finding.c.number))
            .where(finding.c.repository == full_name, issue.c.state == "open")
            .group_by(finding.c.kind)
        )
        with self._read() as connection:
            by_state = {row[0]: row[1] for row in connection.execute(states)}
            by_kind = {row[0]: row[1] for row in connection.execute(kinds)}
        return IssueCounts(by_state.get("open", 0), by_state.get("closed", 0), by_kind)

    def clear_mirror(self, full_name: str) -> None:
        """Forgets what GitHub said of the repository; drafts, ticks, dismissals and the journal stay."""
        with self._write() as connection:
            _clear(connection, full_name)

    def _replace(
        self, table: sa.Table, full_name: str, column: sa.Column[Any], name: str, rows: list[dict[str, Any]]
    ) -> None:
        """Adds or replaces rows by their key, the later of two with the same key; portable, unlike an upsert."""
        if not rows:
            return
        by_key = {row[name]: row for row in rows}
        with self._write() as connection:
            for part in batches(by_key):
                connection.execute(sa.delete(table).where(table.c.repository == full_name, column.in_(part or ())))
            connection.execute(sa.insert(table), list(by_key.values()))
            _bump(connection, full_name)


def batches(numbers: Collection[int] | None) -> list[list[int] | None]:
    """The numbers in portions that one statement takes; `[None]` where all are asked for."""
    if numbers is None:
        return [None]
    ordered = sorted(numbers)
    return [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]


def _clear(connection: sa.Connection, full_name: str) -> None:
    for table in schema.MIRROR:
        key = table.c.full_name if table is schema.repositories else table.c.repository
        connection.execute(sa.delete(table).where(key == full_name))


def _bump(connection: sa.Connection, full_name: str) -> None:
    table = schema.repositories
    connection.execute(sa.update(table).where(table.c.full_name == full_name).values(version=table.c.version + 1))


def _select(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in names))


def _comment_row(full_name: str, comment: Comment) -> dict[str, Any]:
    return {"repository": full_name, **{name: getattr(comment, name) for name in _COMMENT}}
