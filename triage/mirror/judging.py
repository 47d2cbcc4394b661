"""The mirror as a sync fills it: that part of the store, and findings made anew where text or rules changed."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from triage.detection import RULES_VERSION, Finding, finding_to_json
from triage.models import Comment, Issue, Label, Repository

Judge = Callable[..., Finding]
"""`find_import_failure` or one like it."""


class Mirrored(Protocol):
    """What the mirror holds of a repository; `since` is the newest moment seen, None before the first sync."""

    @property
    def repository(self) -> Repository: ...
    @property
    def since(self) -> datetime | None: ...


class Counts(Protocol):
    """How many issues the mirror holds; `by_kind` counts the findings of the open ones."""

    @property
    def by_kind(self) -> Mapping[str, int]: ...


class MirrorStore(Protocol):
    """The part of the store that a sync reads and writes."""

    def load_repository(self, full_name: str) -> Mirrored | None: ...
    def save_repository(self, repository: Repository, *, viewer: str | None = None) -> None: ...
    def mark_synced(self, full_name: str, *, at: datetime, since: datetime | None) -> None: ...
    def save_labels(self, full_name: str, labels: Iterable[Label]) -> None: ...
    def save_issues(self, full_name: str, issues: Iterable[Issue]) -> None: ...
    def load_issue(self, full_name: str, number: int) -> Issue | None: ...
    def load_issues(self, full_name: str) -> list[Issue]: ...
    def delete_issue(self, full_name: str, number: int) -> None: ...
    def save_comments(self, full_name: str, comments: Iterable[Comment]) -> None: ...
    def replace_comments(self, full_name: str, number: int, comments: Iterable[Comment]) -> None: ...
    def load_comments(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[Comment]]: ...
    def save_findings(self, full_name: str, findings: Mapping[int, tuple[str, str, Mapping[str, Any]]]) -> None: ...
    def load_finding_keys(self, full_name: str) -> dict[int, str]: ...
    def load_candidates(self, full_name: str) -> list[tuple[Issue, dict[str, Any]]]: ...
    def count_issues(self, full_name: str) -> Counts: ...
    def clear_mirror(self, full_name: str) -> None: ...


def judge_issues(
    store: MirrorStore,
    repository: str,
    issues: Collection[Issue],
    keys: Mapping[int, str],
    judge: Judge,
    rules: str = RULES_VERSION,
) -> dict[int, str]:
    """Makes the findings anew where text or rules differ from what `keys` says they were made from.

    `rules` is the version of what `judge` goes by. Returns the keys of those, by issue number.
    """
    comments = store.load_comments(repository, [issue.number for issue in issues])
    findings: dict[int, tuple[str, str, dict[str, Any]]] = {}
    for issue in issues:
        said = [(comment.author, comment.body) for comment in comments.get(issue.number, [])]
        key = finding_key(issue, said, rules)
        if keys.get(issue.number) != key:
            finding = judge(issue.title, issue.body, author=issue.author, comments=said)
            findings[issue.number] = (key, finding.kind, finding_to_json(finding))
    if findings:
        store.save_findings(repository, findings)
    return {number: key for number, (key, _, _) in findings.items()}


def finding_key(issue: Issue, comments: Iterable[tuple[str, str]], rules: str = RULES_VERSION) -> str:
    """What a finding was made from: the rules, the report and its reporter's own comments. It begins with the rules'
    version."""
    words = hashlib.sha256()
    own = (
        f"{place} {body}"
        for place, (author, body) in enumerate(comments)
        if author.casefold() == issue.author.casefold()
    )
    for text in (issue.author, issue.title, issue.body, *own):
        words.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return f"{rules}:{words.hexdigest()[:32]}"


def is_by_these_rules(key: str, rules: str = RULES_VERSION) -> bool:
    """Whether a finding with this key was made by the rules as they are now."""
    return key.startswith(f"{rules}:")
