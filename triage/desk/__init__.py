"""Carries plans out, exactly once; the only code that changes the world."""

from triage.desk.click_result import ClickResult
from triage.desk.desk import DRAFTS_KEPT, Desk, utc_now
from triage.desk.waits import CAN_BE_TAKEN_BACK

__all__ = ["CAN_BE_TAKEN_BACK", "DRAFTS_KEPT", "ClickResult", "Desk", "utc_now"]
