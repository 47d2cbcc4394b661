"""GitHub -> the mirror, incrementally; findings made anew where text or rules changed."""

from triage.mirror.judging import Judge, MirrorStore, finding_key, is_by_these_rules, judge_issues
from triage.mirror.sync import SyncReport, refresh_issue, sync_mirror

__all__ = [
    "Judge",
    "MirrorStore",
    "SyncReport",
    "finding_key",
    "is_by_these_rules",
    "judge_issues",
    "refresh_issue",
    "sync_mirror",
]
