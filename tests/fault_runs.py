"""Runs of plans with something going wrong in them, and the table that counts what came of it.

A run does not know whether GitHub is the one in memory or the sandbox over HTTP: it reads what became of an issue
through a gateway, as anyone would.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from triage.desk import ClickResult, Desk
from triage.models import Gateway, Label
from triage.plans import Change, Click, Closing, Plan, PlanRecord, Response, Seen, make_plan, read_marker, with_marker
from triage.store import Store

Kind = Literal["post", "post, new label", "post and close", "close", "close, no label", "post, then tick"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TEXT = "Thanks — this is a *transient* error.\n\n- wait\n- retry"
STEPS: dict[tuple[Kind, bool], tuple[str, ...]] = {
    ("post", False): ("comment", "add_labels"),
    ("post, new label", False): ("create_label", "comment", "add_labels"),
    ("post and close", False): ("create_label", "comment", "add_labels", "close"),
    ("close", False): ("add_labels", "close"),
    ("close, no label", False): ("close",),
    ("post, then tick", False): ("comment",),
    ("post", True): ("remove_label", "delete_comment"),
    ("post, new label", True): ("remove_label", "remove_label", "delete_comment"),
    ("post and close", True): ("reopen", "remove_label", "remove_label", "delete_comment"),
    ("close", True): ("reopen", "remove_label"),
    ("close, no label", True): ("reopen",),
    ("post, then tick", True): ("delete_comment",),
}
"""What each kind of plan, and its undo (True), sends to GitHub, in order."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    fault: str
    step: str
    runs: int = 0
    duplicates: int = 0
    lost: int = 0
    wrong: int = 0


@dataclass
class Table:
    """Counts by fault and step."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def count(self, fault: str, step: str, verdict: "Verdict") -> None:
        counter = self.counts.setdefault((fault, step), Counter())
        counter.update(runs=1, duplicates=verdict.duplicates > 0, lost=verdict.lost > 0, wrong=verdict.wrong != "")

    def rows(self) -> list[Row]:
        return [Row(fault, step, **counter) for (fault, step), counter in sorted(self.counts.items())]


@dataclass(frozen=True)
class Verdict:
    """What a run came to: comments too many, steps that left no trace, and what else is not as it should be."""

    duplicates: int
    lost: int
    wrong: str


@dataclass
class Ground:
    """Where a run takes place: one issue of one repository, a gateway that may fail and one that does not."""

    gateway: Gateway
    honest: Gateway
    repository: str
    number: int
    store: Store
    clock: Callable[[], datetime]
    wait_until: Callable[[datetime], None]

    def desk(self) -> Desk:
        return Desk(self.gateway, self.store, clock=self.clock)

    def seen(self) -> Seen:
        issue = self.honest.fetch_issue(self.repository, self.number)
        return Seen.of(issue, self.honest.fetch_comments(self.repository, self.number))


def plan_of(ground: Ground, kind: Kind, plan_id: str) -> Plan:
    """The plan of that kind; its new label is one that no other run knows."""
    posts, closes = kind.startswith("post"), "close" in kind
    labels = [Label("documentation")] if posts and kind != "post, then tick" else []
    if kind in ("post, new label", "post and close"):
        labels.append(Label(f"new-{plan_id}", "fbca04", "made by a test"))
    return make_plan(
        Click(plan_id, ground.repository, ground.number, "ann", ground.clock(), ground.seen()),
        Response("transient", TEXT if posts else "", tuple(labels), ("It works now",)),
        Closing("not_planned", (Label("documentation"),) if kind == "close" else ()) if closes else None,
        existing=ground.honest.fetch_labels(ground.repository),
    )


def drive(
    ground: Ground, outcome: ClickResult, chance: random.Random, *, meanwhile: Callable[[], None] | None = None
) -> ClickResult:
    """Goes on until the plan is done, as people and the runner would: waits when told to, resumes what failed."""
    plan_id, desk = outcome.plan_id, ground.desk()
    for _ in range(40):
        if outcome.state == "done":
            break
        if meanwhile is not None:
            meanwhile()
        if chance.random() < 0.5:
            desk = ground.desk()  # another visit
        record = ground.store.load_plan(plan_id)
        assert record is not None
        if record.state == "waiting":
            assert record.due_at is not None
            ground.wait_until(record.due_at)
            outcomes = [one for one in desk.run_due() if one.plan_id == plan_id]
            outcome = outcomes[0] if outcomes else outcome
        elif record.state == "running":
            assert record.lease_until is not None
            ground.wait_until(record.lease_until)
            outcome = next(one for one in desk.run_due() if one.plan_id == plan_id)
        else:
            ground.wait_until(ground.clock() + timedelta(seconds=20))  # until somebody looks, or has mended it
            outcome = desk.resume(plan_id, anyway=record.state == "stopped")
    return outcome


def post_before_undo(ground: Ground, kind: Kind, plan: Plan) -> None:
    """Carries the plan out, and ticks its criterion where its kind says so: the undo has that to take back as well."""
    posted = ground.desk().post(plan)
    assert posted.state == "done", posted.sentence
    if kind == "post, then tick":
        tick = Change("tick", ground.number, plan.person, plan.template, 0, "It works now")
        ground.desk().change(ground.repository, tick)


def judge(ground: Ground, plan: Plan, before: Seen, *, undone: bool) -> Verdict:
    """Compares GitHub and the journal with what they should be."""
    issue = ground.honest.fetch_issue(ground.repository, ground.number)
    comments = ground.honest.fetch_comments(ground.repository, ground.number)
    ours = [comment for comment in comments if read_marker(comment.body) == plan.id]
    names = {name for step in plan.steps for name in step.names}
    wanted_labels = set(before.labels) if undone else set(before.labels) | names
    wanted_ours = 0 if undone or not plan.text else 1
    wanted_state = "closed" if plan.closes and not undone else "open"
    wrong = []
    if set(issue.labels) != wanted_labels:
        wrong.append(f"labels {issue.labels} instead of {sorted(wanted_labels)}")
    if issue.state != wanted_state:
        wrong.append(f"{issue.state} instead of {wanted_state}")
    if not undone and plan.closes and issue.state_reason != "not_planned":
        wrong.append(f"closed as {issue.state_reason}")
    if ours and ours[0].body != with_marker(TEXT, plan.id):
        wrong.append("another text was posted")
    theirs = {comment.id for comment in comments} - {comment.id for comment in ours}
    if not {comment.id for comment in before.comments} <= theirs:
        wrong.append("a comment of somebody else is gone")
    if undone and ground.store.load_ticks(ground.repository, [ground.number]):
        wrong.append("a tick of ours stayed")
    record = ground.store.load_plan(plan.id)
    assert record is not None
    last = _last(ground, record, undone)
    if last.state != "done" or (undone and record.state != "undone"):
        wrong.append(f"the journal says {last.state}: {last.sentence}")
    if not undone and ours and record.steps[_position(plan, "comment")].result.get("comment_id") != ours[0].id:
        wrong.append("the journal names another comment")
    known = Counter(label.name for label in ground.honest.fetch_labels(ground.repository))
    lost = sum(step.state != "done" for step in last.steps) + max(0, wanted_ours - len(ours))
    lost += sum(known[step.label.name] != 1 for step in plan.steps if step.label)
    return Verdict(max(0, len(ours) - wanted_ours), lost, "; ".join(wrong))


def _last(ground: Ground, record: PlanRecord, undone: bool) -> PlanRecord:
    return ground.store.load_undos(record.id)[-1] if undone else record


def _position(plan: Plan, kind: str) -> int:
    return next(place for place, step in enumerate(plan.steps) if step.kind == kind)


def run(
    ground: Ground,
    kind: Kind,
    plan_id: str,
    strike: Callable[[], None],
    chance: random.Random,
    *,
    undone: bool,
    meanwhile: Callable[[], None] | None = None,
) -> Verdict:
    """One plan of that kind, or its undo, with `strike` called just before what is to go wrong."""
    before = ground.seen()
    plan = plan_of(ground, kind, plan_id)
    if undone:
        post_before_undo(ground, kind, plan)
        strike()
        outcome = ground.desk().undo(plan.id)
    else:
        strike()
        outcome = ground.desk().post(plan)
    drive(ground, outcome, chance, meanwhile=meanwhile)
    return judge(ground, plan, before, undone=undone)


def format_table(rows: Sequence[Row]) -> str:
    """The table as text, with a line of sums."""
    merged: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        counter = merged.setdefault((row.fault, row.step), Counter())
        counter.update(runs=row.runs, duplicates=row.duplicates, lost=row.lost, wrong=row.wrong)
    lines = [f"{'fault':<34}{'step':<18}{'runs':>6}{'duplicates':>12}{'lost steps':>12}{'wrong final states':>20}"]
    total: Counter[str] = Counter()
    for (fault, step), counter in sorted(merged.items()):
        lines.append(_line(fault, step, counter))
        total.update(counter)
    return "\n".join([*lines, _line("all", "", total)])


def _line(fault: str, step: str, counter: Counter[str]) -> str:
    runs, duplicates, lost, wrong = (counter[name] for name in ("runs", "duplicates", "lost", "wrong"))
    return f"{fault:<34}{step:<18}{runs:>6}{duplicates:>12}{lost:>12}{wrong:>20}"
