"""Findings of mirrored issues, made anew where text or rules changed."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from triage.detection import RULES_VERSION, ErrorTable, Finding, find_import_failure, rules_version
from triage.models import Issue
from triage.store import KeyedFinding, Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What judges issues, and its version: findings made by another version are made anew."""

    judge: Callable[..., Finding] = find_import_failure
    version: str = RULES_VERSION

    @classmethod
    def of(cls, table: ErrorTable) -> Self:
        """The rules with a folder's table of error codes."""
        return cls(partial(find_import_failure, table=table), rules_version(table))

    def made(self, key: str) -> bool:
        """Whether a finding with this key was made by these rules."""
        return key.startswith(f"{self.version}:")


OWN_RULES = Rules()
"""Those of the program itself."""


def judge_issues(
    store: Store, repository: str, issues: Collection[Issue], keys: Mapping[int, str], rules: Rules
) -> dict[int, str]:
    """Makes the findings anew where text or rules differ from what `keys` says they were made from.

    Returns the keys of those, by issue number.
    """
    comments = store.load_comments(repository, [issue.number for issue in issues])
    findings: dict[int, KeyedFinding] = {}
    for issue in issues:
        said = [(comment.author, comment.body) for comment in comments.get(issue.number, [])]
        key = finding_key(issue, said, rules.version)
        if keys.get(issue.number) != key:
            finding = rules.judge(issue.title, issue.body, author=issue.author, comments=said)
            findings[issue.number] = KeyedFinding(key, finding)
    if findings:
        store.save_findings(repository, findings)
    return {number: judged.key for number, judged in findings.items()}


def finding_key(issue: Issue, comments: Iterable[tuple[str, str]], version: str = RULES_VERSION) -> str:
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
    return f"{version}:{words.hexdigest()[:32]}"
