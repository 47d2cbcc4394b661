"""GitHub -> the mirror, incrementally; findings made anew where text or rules changed."""

from triage.mirror.judging import Rules
from triage.mirror.sync import SyncReport, refresh_issue, sync_mirror

__all__ = ["Rules", "SyncReport", "refresh_issue", "sync_mirror"]
