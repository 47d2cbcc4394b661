"""Prints, after the tests, the table of all runs in which something went wrong: counted by each test, summed here."""

import pytest

from tests.fault_runs import Row, format_table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Collects what the tests have recorded, in whichever process they ran."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    found = [value for report in reports for name, value in report.user_properties if name == "fault table"]
    rows = [Row(**row) for rows in found for row in rows]
    if rows:
        terminalreporter.section("what faults came to")
        terminalreporter.write_line(format_table(rows))
