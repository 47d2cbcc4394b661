from datetime import UTC, datetime, timedelta

import pytest

from triage.ages import describe_age

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (10, "just now"),
        (60, "a minute ago"),
        (600, "10 minutes ago"),
        (7200, "2 hours ago"),
        (90_000, "a day ago"),
        (200_000, "2 days ago"),
        (1_300_000, "15 days ago"),
        (8_000_000, "3 months ago"),
        (45_000_000, "1 year ago"),
        (70_000_000, "2 years ago"),
    ],
)
def test_an_age_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert describe_age(NOW - timedelta(seconds=seconds), NOW) == words
