"""The pacer: below 80 content-creating requests a minute and 500 an hour."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.desk.pacing import PER_HOUR, PER_MINUTE, WritePacer, pacer_for

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_first_write_goes_at_once() -> None:
    assert WritePacer().reserve(NOON) == NOON


def test_the_write_after_a_full_minute_waits_until_the_first_of_them_is_a_minute_old() -> None:
    pacer = WritePacer()
    for second in range(PER_MINUTE // 2):
        assert pacer.reserve(NOON + timedelta(seconds=second)) == NOON + timedelta(seconds=second)
    for _ in range(PER_MINUTE - PER_MINUTE // 2):
        pacer.reserve(NOON + timedelta(seconds=45))
    assert pacer.reserve(NOON + timedelta(seconds=50)) == NOON + timedelta(seconds=60)
    assert pacer.reserve(NOON + timedelta(seconds=60)) == NOON + timedelta(seconds=60)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 30), min_size=200, max_size=700))
def test_whatever_the_rhythm_no_minute_and_no_hour_holds_too_many(gaps: list[float]) -> None:
    pacer = WritePacer()
    now, sent = NOON, []
    for gap in gaps:
        wanted = now + timedelta(seconds=gap / 10)
        now = pacer.reserve(wanted)
        assert now == wanted or pacer.reserve(now) == now
        sent.append(now)
    for window, most in ((timedelta(minutes=1), 79), (timedelta(hours=1), 499)):
        begin = 0
        for end, moment in enumerate(sent):
            while sent[begin] <= moment - window:
                begin += 1
            assert end - begin + 1 <= most


def test_an_hour_that_is_full_makes_the_next_write_wait_for_the_hour() -> None:
    pacer = WritePacer()
    for write in range(PER_HOUR):
        pacer.reserve(NOON + timedelta(seconds=4 * write))
    assert pacer.reserve(NOON + timedelta(minutes=40)) == NOON + timedelta(hours=1)


def test_a_clock_that_is_put_back_makes_nobody_wait_longer_than_the_limit_lasts() -> None:
    pacer = WritePacer(per_minute=1)
    pacer.reserve(NOON)
    before = NOON - timedelta(days=1)
    assert pacer.reserve(before) == before + timedelta(minutes=1)


def test_threads_that_ask_at_once_never_share_the_last_place() -> None:
    pacer = WritePacer(per_minute=10)
    with ThreadPoolExecutor(8) as threads:
        slots = list(threads.map(lambda _: pacer.reserve(NOON), range(50)))
    assert slots.count(NOON) == 10


def test_one_token_has_one_pacer_and_another_token_another() -> None:
    assert pacer_for("one-token") is pacer_for("one-token")
    assert pacer_for("one-token") is not pacer_for("other-token")
    assert "one-token" not in repr(vars(pacer_for("one-token")))
