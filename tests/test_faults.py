"""Every fault at every step of every kind of plan: nothing is posted twice, nothing is lost, nothing ends up wrong."""

import random
from collections.abc import Callable
from dataclasses import asdict
from itertools import count, product
from pathlib import Path
from typing import get_args

import pytest

from tests.desk_process import DeskProcess
from tests.fake_github import REPOSITORY, Clock, FakeGitHub, Fault
from tests.fault_runs import KINDS, STEPS, Ground, Kind, Table, Verdict, drive, judge, plan_of, post_before_undo, run
from tests.plan_options import PLAN_JSON
from tests.sandbox_ground import ground_of, sandbox_with
from triage.desk import Desk
from triage.desk.waits import LEASE
from triage.github import GitHub
from triage.models import Label
from triage.plans import Change
from triage.sandbox.faults import read_rules
from triage.store import Store

SEEDS = 3
"""With seed 0 one fault strikes, with 1 a second one may, and with 2 somebody else writes meanwhile as well."""

Record = Callable[[str, object], None]


@pytest.mark.parametrize("fault", get_args(Fault))
def test_a_fault_at_any_step_duplicates_nothing_and_loses_nothing(fault: Fault, record_property: Record) -> None:
    store, table, failures, numbers = Store.open("sqlite://"), Table(), [], count(1)
    for (kind, undone), steps in STEPS.items():
        for place, step in enumerate(steps, start=1):
            for seed in range(SEEDS):
                chance = random.Random(f"{fault} {kind} {undone} {place} {seed}")
                number = next(numbers)
                ground, github = memory(store, number, chance)

                def strike(
                    github: FakeGitHub = github, at: int = place, more: random.Random = chance, seed: int = seed
                ) -> None:
                    github.faults = {github.writes + at: fault}
                    if seed > 0:
                        github.faults[github.writes + at + more.randint(1, 3)] = more.choice(get_args(Fault))

                def meanwhile(github: FakeGitHub = github, number: int = number, more: random.Random = chance) -> None:
                    if more.random() < 0.3:
                        github.comment_as("rita", number, "Any news?")

                verdict = run(
                    ground, kind, f"p{number}", strike, chance, undone=undone, meanwhile=meanwhile if seed > 1 else None
                )
                assert github.writes >= min(github.faults), "the fault never struck"
                table.count(fault, step, verdict)
                if verdict.duplicates or verdict.lost or verdict.wrong:
                    failures.append((kind, undone, place, seed, verdict, github.sent))
    record_property("fault table", [asdict(row) for row in table.rows()])
    store.shut()
    assert not failures, "\n".join(map(str, failures))


def memory(store: Store, number: int, chance: random.Random) -> tuple[Ground, FakeGitHub]:
    """A GitHub in memory with one issue, some comments of others on it, and a clock that moves when told."""
    clock = Clock()
    github = FakeGitHub(clock, labels=[Label("documentation"), Label("bug")])
    github.first_id = number * 1000
    github.open_issue(number, labels=("bug",) if chance.random() < 0.5 else ())
    for _ in range(chance.randint(0, 3)):
        github.comment_as("rita", number, "It failed again")

    def wait_until(moment) -> None:
        clock.now = max(clock.now, moment)

    honest = FakeGitHub(clock, github.issues, github.comments, github.labels)
    return Ground(github, honest, REPOSITORY, number, store, clock, wait_until), github


SANDBOX_FAULTS: dict[str, dict[str, object]] = {
    "refused": {"fault": "refused"},
    "refused with 422": {"fault": "refused", "status": 422},
    "applied, then 502": {"fault": "applied_but_502"},
    "502, not applied": {"fault": "not_applied_502"},
    "applied, then reset": {"fault": "applied_but_reset"},
    "reset, not applied": {"fault": "not_applied_reset"},
    "applied, answer cut": {"fault": "applied_but_cut"},
    "stalled, applied": {"fault": "stalled", "seconds": 5},
    "stalled, not applied": {"fault": "stalled", "seconds": 5, "applied": False},
    "403 secondary": {"fault": "secondary_403"},
    "429": {"fault": "rate_429"},
    "401 in the middle": {"fault": "unauthorized_401"},
    "down for a minute": {"fault": "down", "seconds": 60},
}
"""The sandbox's own faults, as its rules say them."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("undone", [False, True], ids=["post", "undo"])
def test_the_same_holds_over_http_for_every_fault_at_every_step(
    kind: Kind, undone: bool, tmp_path: Path, record_property: Record
) -> None:
    steps = STEPS[kind, undone]
    table, failures, numbers = Table(), [], count(1)
    store = Store.open(f"sqlite:///{tmp_path / 'triage.db'}")
    with sandbox_with(tmp_path, len(SANDBOX_FAULTS) * len(steps)) as (server, clock):
        gateway = GitHub("login-ann", server.url, read_seconds=0.2)
        honest = GitHub("login-judge", server.url)
        for fault, rule in SANDBOX_FAULTS.items():
            for place, step in enumerate(steps):
                number = next(numbers)
                ground = ground_of(server, clock, store, number, gateway, honest)
                struck = rule | {"kind": step, "login": "ann", "skip": steps[:place].count(step)}

                def strike(rule: dict[str, object] = struck) -> None:
                    with server.sandbox.lock:
                        server.sandbox.faults.replace(read_rules([rule]))

                verdict = run(ground, kind, f"p{number}", strike, random.Random(number), undone=undone)
                assert any(entry["fault"] == rule["fault"] for entry in list(server.sandbox.log)[-12:]), (fault, step)
                table.count(f"{fault} (HTTP)", step, verdict)
                if verdict.duplicates or verdict.lost or verdict.wrong:
                    failures.append((fault, step, verdict))
    record_property("fault table", [asdict(row) for row in table.rows()])
    store.shut()
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("undone", [False, True], ids=["post", "undo"])
def test_a_process_killed_at_any_journal_write_leaves_a_plan_that_another_finishes(
    kind: Kind, undone: bool, tmp_path: Path, record_property: Record
) -> None:
    url, table, failures, numbers = f"sqlite:///{tmp_path / 'triage.db'}", Table(), [], count(1)
    store = Store.open(url)
    with sandbox_with(tmp_path, 80) as (server, clock), DeskProcess(url, server.url) as process:
        gateway = GitHub("login-ann", server.url)
        for (at, after), second in product(product(range(1, 20), (False, True)), (False, True)):
            number = next(numbers)
            chance = random.Random(number)
            ground = ground_of(server, clock, store, number, gateway, gateway)
            before, plan = ground.seen(), plan_of(ground, kind, f"p{number}")
            ahead = clock.ahead.total_seconds()
            if undone:
                post_before_undo(ground, kind, plan)
            order = {"undo": plan.id} if undone else {"post": PLAN_JSON.dump_python(plan, mode="json")}
            died = process.ask(order | {"kill": at, "after": after, "ahead": ahead})
            if died == "ended":
                break  # there are no more writes to die at
            assert died == "killed"
            if second:
                # Whoever takes it over, when the lease has run out, is killed as well.
                clock.wait_until(clock() + LEASE)
                later = {"kill": chance.randint(1, 6), "after": chance.random() < 0.5}
                process.ask(later | {"ahead": clock.ahead.total_seconds()})
            outcome = ground.desk().undo(plan.id) if undone else ground.desk().post(plan)
            drive(ground, outcome, chance)
            verdict = judge(ground, plan, before, undone=undone)
            table.count("SIGKILL, twice" if second else "SIGKILL", f"journal write {at:>2}", verdict)
            if verdict.duplicates or verdict.lost or verdict.wrong:
                failures.append((at, after, second, verdict))
    record_property("fault table", [asdict(row) for row in table.rows()])
    store.shut()
    assert not failures, "\n".join(map(str, failures))
    assert at > 2 * len(STEPS[kind, undone]), "a journal write for each step and its result"


@pytest.mark.parametrize("change", ["tick", "untick", "dismiss", "undismiss"])
def test_a_process_killed_within_a_change_of_ours_leaves_it_whole_or_undone(
    change: str, tmp_path: Path, record_property: Record
) -> None:
    """These take no step on GitHub: the change and its line in the journal are one transaction, cut off anywhere."""
    url, table, failures = f"sqlite:///{tmp_path / 'triage.db'}", Table(), []
    store, desk = Store.open(url), Desk(FakeGitHub(Clock()), Store.open(url), clock=Clock())
    with DeskProcess(url, "http://127.0.0.1:9") as process:
        for number, at in enumerate(range(1, 20), start=1):
            if change == "untick":
                desk.change(REPOSITORY, Change("tick", number, "ann", "t", 0, "It works"))
            elif change == "undismiss":
                desk.change(REPOSITORY, Change("dismiss", number, "ann", text="a duplicate"))
            before = (ours_of(store, number), len(store.load_journal(REPOSITORY, number)))
            died = process.ask({"change": change, "number": number, "kill": at, "after": False, "statements": True})
            after = (ours_of(store, number), len(store.load_journal(REPOSITORY, number)))
            changed = (change in ("tick", "dismiss"), before[1] + 1)
            wrong = "" if after == (before if died == "killed" else changed) else f"{before} became {after}"
            table.count("SIGKILL", f"{change}, statement", Verdict(0, 0, wrong))
            if wrong:
                failures.append((at, died, wrong))
            if died == "ended":
                break
            assert died == "killed"
    record_property("fault table", [asdict(row) for row in table.rows()])
    store.shut()
    assert not failures, "\n".join(map(str, failures))
    assert at > 4, "begin, the change, two lines of the journal, the end"


def ours_of(store: Store, number: int) -> bool:
    """Whether the issue is ticked or dismissed."""
    return number in store.load_ticks(REPOSITORY, [number]) or number in store.load_dismissals(REPOSITORY)
