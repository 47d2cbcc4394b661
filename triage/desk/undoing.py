"""What an undo takes back of a plan, and what it cannot; from the store, without asking GitHub."""

from collections.abc import Collection
from dataclasses import replace

from triage.plans import Click, Plan, PlanError, PlanRecord, Step, StepRecord, make_undo, read_marker
from triage.store import SavedTick, Store


def plan_undo(store: Store, record: PlanRecord, click: Click) -> Plan:
    """The plan that takes back what was done of another. Raises PlanError where there is nothing to take back."""
    if record.kind == "undo":
        raise PlanError("An undo cannot be undone: post again instead.")
    removed = _load_removed_labels(store, record)
    done = [_without(step, removed) for step in record.steps if step.stands]
    # Without the answer its person's ticks mean nothing; what colleagues ticked is theirs, and stays.
    ticks = [
        Step("untick", text=tick.text, template=tick.template, criterion=tick.criterion)
        for tick in _load_ticks_since_answer(store, record)
        if tick.person in (record.person, click.person)
    ]
    return make_undo(record, click, done, ticks)


def find_undo_warnings(store: Store, record: PlanRecord) -> tuple[str, ...]:
    """What an undo cannot take back, in sentences to be shown before."""
    warnings: list[str] = []
    if record.posted is not None and record.posted.stands:
        warnings += [f"{author} has replied since; that reply stays." for author in _find_repliers(store, record)]
        warnings.append("People who watch the issue may have received the comment by email already.")
        ticks = [tick for tick in _load_ticks_since_answer(store, record) if tick.person != record.person]
        warnings += [f"{tick.person} has ticked “{tick.text}” since; that tick stays." for tick in ticks]
    if any(step.kind == "create_label" and step.result.get("created") for step in record.steps):
        warnings.append("Labels this click created stay in the repository; they are only removed from this issue.")
    return tuple(warnings)


def _find_repliers(store: Store, record: PlanRecord) -> list[str]:
    """Who has commented since our comment, each once."""
    assert record.posted is not None
    ours = record.posted.result["comment_id"]
    comments = store.load_comments(record.repository, [record.number]).get(record.number, [])
    return list(dict.fromkeys(one.author for one in comments if one.id > ours and read_marker(one.body) is None))


def _load_removed_labels(store: Store, record: PlanRecord) -> set[str]:
    """What an undo that was given up half-way has taken off: whoever put it back since keeps it."""
    return {
        name
        for undo in store.load_undos(record.id)
        for step in undo.steps
        if step.kind == "remove_labels" and step.state == "done"
        for name in step.names
    }


def _without(step: StepRecord, removed: Collection[str]) -> StepRecord:
    """A step, less the labels that were taken off again."""
    if "added" not in step.result:
        return step
    added = [name for name in step.result["added"] if name not in removed]
    return replace(step, result={**step.result, "added": added})


def _load_ticks_since_answer(store: Store, record: PlanRecord) -> list[SavedTick]:
    """What was ticked since the plan answered; nothing where it did not."""
    answered_at = record.posted.finished_at if record.posted else None
    if answered_at is None:
        return []
    ticks = store.load_ticks(record.repository, [record.number]).get(record.number, [])
    return [tick for tick in ticks if tick.template == record.template and tick.at >= answered_at]
