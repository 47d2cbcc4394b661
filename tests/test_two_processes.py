"""Two processes on one store: of two clicks at the same moment one posts and the other is told, each under its name."""

import time
from pathlib import Path

from tests.desk_process import DeskProcess
from tests.fault_runs import plan_of
from tests.plan_options import PLAN_JSON
from tests.sandbox_ground import ground_of, sandbox_with
from triage.github import GitHub
from triage.plans import read_marker
from triage.services import start_services
from triage.settings import read_settings
from triage.store import Store
from triage.workspace import Workspace

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


def test_two_people_with_tokens_of_their_own_keep_their_names_on_one_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    with sandbox_with(tmp_path, 1) as (server, clock):
        opened = []
        for person in ("ann", "bob"):
            environment = {
                "GITHUB_TOKEN": f"login-{person}", "GITHUB_API_URL": server.url, "DATABASE_URL": url,
                "TRIAGE_REPOSITORIES": server.repository,
            }  # fmt: skip
            opened.append(start_services(read_settings(environment)))
        for services in [*opened, *opened]:
            services.refresh(server.repository)
            names = [Workspace(one, server.repository, clock()).person for one in opened]
            assert names == ["ann", "bob"]
        for services in opened:
            services.shut()


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
            plan = PLAN_JSON.dump_python(plan_of(ground, "post", f"p{number}"), mode="json")
            at = time.time() + TOGETHER_SECONDS
            one.send({"post": plan, "at": at})
            other.send({"post": plan if same_plan else plan | {"id": f"q{number}"}, "at": at})
            told.append([one.read(), other.read()])
        comments = [gateway.fetch_comments(server.repository, number) for number in range(1, rounds + 1)]
    store.shut()
    return told, [sum(read_marker(comment.body) is not None for comment in many) for many in comments]
