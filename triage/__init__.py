"""Triage of import-error issues: from a report to a posted answer and a closed issue."""
