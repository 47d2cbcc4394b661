"""Two processes on one store click at the same moment: one of them posts, the other is told."""

import time
from pathlib import Path

from tests.desk_process import DeskProcess
from tests.fault_runs import plan_of
from tests.sandbox_ground import ground_of, sandbox_with
from triage.github import GitHub
from triage.plans import plan_to_json, read_marker
from triage.store import Store

ROUNDS = 200
TOGETHER_SECONDS = 0.01
"""Long enough for both to have read their order before they begin."""


def test_the_same_plan_posted_by_two_processes_at_once_is_posted_once_two_hundred_times(tmp_path: Path) -> None:
    told, comments = click_together(tmp_path, ROUNDS, same_plan=True)
    assert comments == [1] * ROUNDS
    assert all("done" in pair for pair in told)
    assert all(set(pair) <= {"done", "busy"} for pair in told)
    assert any("busy" in pair for pair in told), "the two never met"


def test_of_two_plans_for_one_issue_made_at_once_one_is_posted_and_the_other_stops(tmp_path: Path) -> None:
    told, comments = click_together(tmp_path, 40, same_plan=False)
    assert comments == [1] * 40
    assert all(sorted(pair) in (["busy", "done"], ["done", "stopped"]) for pair in told)


def click_together(folder: Path, rounds: int, *, same_plan: bool) -> tuple[list[list[str]], list[int]]:
    """What the two were told in each round, and how many of our comments each issue has in the end."""
    url = f"sqlite:///{folder / 'triage.db'}"
    store = Store.open(url)
    told = []
    with (
        sandbox_with(folder, rounds) as (server, clock),
        DeskProcess(url, server.url) as one,
        DeskProcess(url, server.url) as other,
    ):
        gateway = GitHub("login-judge", server.url)
        for number in range(1, rounds + 1):
            ground = ground_of(server, clock, store, number, gateway, gateway)
            plan = plan_to_json(plan_of(ground, "post", f"p{number}"))
            at = time.time() + TOGETHER_SECONDS
            one.send({"post": plan, "at": at})
            other.send({"post": plan if same_plan else plan | {"id": f"q{number}"}, "at": at})
            told.append([one.read(), other.read()])
        comments = [gateway.fetch_comments(server.repository, number) for number in range(1, rounds + 1)]
    store.shut()
    return told, [sum(read_marker(comment.body) is not None for comment in many) for many in comments]
