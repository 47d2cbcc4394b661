"""GitHub -> the mirror, incrementally; findings made anew where text or rules changed."""

from triage.mirror.judging import Rules, finding_key, judge_issues
from triage.mirror.sync import SyncReport, refresh_issue, sync_mirror

__all__ = ["Rules", "SyncReport", "finding_key", "judge_issues", "refresh_issue", "sync_mirror"]
