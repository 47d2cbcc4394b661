"""The mirror part of the store: what GitHub said last. A cache, which `clear_mirror` empties without harm."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from triage.detection import Finding
from triage.models import Comment, Issue, Label, Repository
from triage.store import schema
from triage.store.database import Database
from triage.store.rows import Where, batches, clear, columns, load, load_by_number, parts, row

_SAME_ISSUE = (schema.issues.c.repository == schema.findings.c.repository) & (
    schema.issues.c.number == schema.findings.c.number
)


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
            kept = connection.execute(sa.select(table).where(table.c.full_name == full_name)).mappings().first()
        if kept is None:
            return None
        repository = Repository(**{field.name: kept[field.name] for field in fields(Repository)})
        return MirroredRepository(repository, kept["viewer"], kept["synced_at"], kept["since"], kept["version"])

    def save_repository(self, repository: Repository, *, viewer: str | None = None) -> None:
        """Keeps the repository and its rights; `viewer` is the login that they belong to, None leaves it as it was."""
        table = schema.repositories
        values = asdict(repository) | ({} if viewer is None else {"viewer": viewer})
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
        self._replace(full_name, schema.issues, "number", [row(full_name, issue) for issue in issues])

    def delete_issue(self, full_name: str, number: int) -> None:
        """Forgets an issue that is gone from GitHub, with its comments and finding."""
        with self._write() as connection:
            for table in (schema.issues, schema.comments, schema.findings):
                connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.number == number))
            _bump(connection, full_name)

    def save_comments(self, full_name: str, comments: Iterable[Comment]) -> None:
        """Adds or replaces these comments, of any issues."""
        self._replace(full_name, schema.comments, "id", [row(full_name, comment) for comment in comments])

    def replace_comments(self, full_name: str, number: int, comments: Iterable[Comment]) -> None:
        """Makes these the issue's only comments."""
        rows = [row(full_name, comment) for comment in comments]
        self._replace(full_name, schema.comments, "id", rows, gone=schema.comments.c.number == number)

    def delete_comment(self, full_name: str, comment_id: int) -> None:
        table = schema.comments
        with self._write() as connection:
            connection.execute(sa.delete(table).where(table.c.repository == full_name, table.c.id == comment_id))
            _bump(connection, full_name)

    def save_labels(self, full_name: str, labels: Iterable[Label]) -> None:
        """Makes these the repository's only labels; the version grows only when they differ."""
        wanted = list({label.name: label for label in labels}.values())
        if wanted != self.load_labels(full_name):
            rows = [row(full_name, label) | {"position": position} for position, label in enumerate(wanted)]
            self._replace(full_name, schema.labels, "name", rows, gone=sa.true())

    def load_labels(self, full_name: str) -> list[Label]:
        """The repository's labels in GitHub's order."""
        table = schema.labels
        with self._read() as connection:
            return load(connection, table, Label, table.c.repository == full_name, table.c.position)

    def save_findings(self, full_name: str, findings: Mapping[int, KeyedFinding]) -> None:
        """Keeps findings by issue number."""
        rows = [
            {"repository": full_name, "number": number, "key": key, "kind": finding.kind, "finding": finding}
            for number, (key, finding) in findings.items()
        ]
        self._replace(full_name, schema.findings, "number", rows)

    def load_finding_keys(self, full_name: str) -> dict[int, str]:
        table = schema.findings
        asked = sa.select(table.c.number, table.c.key).where(table.c.repository == full_name)
        with self._read() as connection:
            return dict(connection.execute(asked).all())

    def load_finding(self, full_name: str, number: int) -> Finding | None:
        """The finding of an issue; None where there is none, or one by rules so old that it can no longer be read."""
        table = schema.findings
        asked = sa.select(table.c.finding).where(table.c.repository == full_name, table.c.number == number)
        with self._read() as connection:
            found: Finding | None = connection.execute(asked).scalar_one_or_none()
            return found

    def load_issue(self, full_name: str, number: int) -> Issue | None:
        return next(iter(self.load_issues(full_name, [number])), None)

    def load_issues(self, full_name: str, numbers: Collection[int] | None = None) -> list[Issue]:
        """The repository's issues by number; None asks for all."""
        table = schema.issues
        with self._read() as connection:
            found = [load(connection, table, Issue, part, table.c.number) for part in parts(table, full_name, numbers)]
        return [issue for issues in found for issue in issues]

    def load_comments(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[Comment]]:
        """Comments by issue number, oldest first; issues without any are not in it. None asks for all issues."""
        asked = parts(schema.comments, full_name, numbers)
        with self._read() as connection:
            return load_by_number(connection, schema.comments, Comment, asked, "created_at", "id")

    def load_candidates(self, full_name: str) -> list[Candidate]:
        """Issues, open or closed, whose finding is an import failure, by number."""
        issue, finding = schema.issues, schema.findings
        asked = (
            sa.select(*columns(issue, Issue), finding.c.finding)
            .join_from(issue, finding, _SAME_ISSUE)
            .where(finding.c.repository == full_name, finding.c.kind != "not_import")
            .order_by(issue.c.number)
        )
        with self._read() as connection:
            return [Candidate(Issue(*one[:-1]), one[-1]) for one in connection.execute(asked) if one[-1] is not None]

    def count_issues(self, full_name: str) -> IssueCounts:
        issue, finding = schema.issues, schema.findings
        states = (
            sa.select(issue.c.state, sa.func.count()).where(issue.c.repository == full_name).group_by(issue.c.state)
        )
        kinds = (
            sa.select(finding.c.kind, sa.func.count())
            .join(issue, _SAME_ISSUE)
            .where(finding.c.repository == full_name, issue.c.state == "open")
            .group_by(finding.c.kind)
        )
        with self._read() as connection:
            by_state: dict[str, int] = dict(connection.execute(states).all())
            by_kind: dict[str, int] = dict(connection.execute(kinds).all())
        return IssueCounts(by_state.get("open", 0), by_state.get("closed", 0), by_kind)

    def clear_mirror(self, full_name: str) -> None:
        """Forgets what GitHub said of the repository; drafts, ticks, dismissals and the journal stay."""
        with self._write() as connection:
            clear(connection, full_name, schema.MIRROR)

    def _replace(
        self, full_name: str, table: sa.Table, key: str, rows: list[dict[str, Any]], *, gone: Where | None = None
    ) -> None:
        """Adds or replaces rows by their key, the later of two with the same key; first `gone` goes.

        Deletes and inserts: portable, unlike an upsert.
        """
        by_key = {values[key]: values for values in rows}
        outdated = [table.c[key].in_(part) for part in batches(by_key)] + ([] if gone is None else [gone])
        if outdated:
            with self._write() as connection:
                for where in outdated:
                    connection.execute(sa.delete(table).where(table.c.repository == full_name, where))
                if by_key:
                    connection.execute(sa.insert(table), list(by_key.values()))
                _bump(connection, full_name)


def _bump(connection: sa.Connection, full_name: str) -> None:
    table = schema.repositories
    connection.execute(sa.update(table).where(table.c.full_name == full_name).values(version=table.c.version + 1))
