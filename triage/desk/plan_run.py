"""One run of a claimed plan: read the issue again, take each step that is left, and say how it ended.

The run holds the claim of `worker`; where it finds the claim lost it raises `OvertakenError` and writes nothing more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from triage.desk.steps import CREATES_CONTENT, Done, find_needless, intend, look_up, send, settles_at
from triage.desk.waits import CAN_BE_TAKEN_BACK, FIRST_BACK_OFF, LEASE, MOST_TRIES, PROMPT, Quiet, back_off
from triage.models import Gateway, GitHubError, Issue, Label
from triage.plans import Change, Plan, Step, find_changes
from triage.store import PlanRecord, PlanState, StepRecord, StepState, Store

SPEAKS = frozenset({"comment", "close"})
"""Steps that say something to the reporter, and so are not taken over the head of a new reply."""

_PASSING = frozenset({"server", "timeout", "unreachable"})
_GONE = frozenset({"gone", "not_found"})
_TOKEN = re.compile(r"\b(?:gh[a-z]_|github_pat_)\w+")


class Pacer(Protocol):
    """When the next write that creates content may go, for this token."""

    def reserve(self, now: datetime) -> datetime:
        """`now` where there is room, and then the write is counted; else when to ask again."""


@dataclass(frozen=True, slots=True)
class Leave:
    """How a run ends: the plan's state from now on, why in a sentence, and when it goes on by itself."""

    state: PlanState
    sentence: str
    changes: tuple[str, ...] = ()
    due_at: datetime | None = None
    tries: int = 0


class OvertakenError(Exception):
    """The claim is lost: another worker took the plan over."""


class PlanRun:
    """Carries one claimed plan out. `attended` says that a person waits for the answer."""

    def __init__(
        self,
        gateway: Gateway,
        store: Store,
        clock: Callable[[], datetime],
        pacer: Pacer,
        quiet: Quiet,
        *,
        plan: Plan,
        record: PlanRecord,
        worker: str,
        attended: bool,
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._clock = clock
        self._pacer = pacer
        self._quiet = quiet
        self._plan = plan
        self._record = record
        self._worker = worker
        self._attended = attended
        self._steps = list(record.steps)
        self._labels: Sequence[Label] = ()

    def carry_out(self, delay: timedelta = timedelta()) -> Leave:
        """Takes the plan as far as it goes; with a `delay`, no further than to see that it may begin."""
        todo = [step.position for step in self._steps if step.state in ("pending", "sending")]
        unclear = any(step.state == "sending" for step in self._steps)
        if self._giving_up and not unclear:
            return self._leave_the_rest()
        if not all(self._plan.steps[position].is_local for position in todo):
            if self._quiet.lasts(self._clock()):
                return Leave("waiting", self._quiet.sentence, due_at=self._quiet.until)
            read = self._read_again()
            if isinstance(read, Leave):
                return read
            issue = read
        if delay and not self._record.begun:
            return Leave("waiting", CAN_BE_TAKEN_BACK, due_at=self._clock() + delay)
        for position in todo:
            step = self._plan.steps[position]
            if step.is_local:
                self._finish_local(position, step)
                continue
            taken = self._take(position, step, issue)
            if isinstance(taken, Leave):
                return taken
            issue = taken
        return self._leave_the_rest() if self._giving_up else Leave("done", self._said())

    # --- before the first step

    def _read_again(self) -> Issue | Leave:
        """The issue as it is now, or how the run ends where it cannot be read or has changed."""
        plan = self._plan
        try:
            issue = self._gateway.fetch_issue(plan.repository, plan.number)
            if any(step.kind in ("create_label", "add_labels") for step in plan.steps):
                self._labels = self._gateway.fetch_labels(plan.repository)
                self._store.save_labels(plan.repository, self._labels)
        except GitHubError as error:
            return self._unread(error)
        return self._stop_if_changed(issue) or issue

    def _stop_if_changed(self, issue: Issue) -> Leave | None:
        """How the run ends where the issue has changed since the maintainer looked; None where it may go on."""
        if self._record.anyway or self._giving_up:
            return None
        try:
            changes = self._find_changes(issue)
        except GitHubError as error:
            return self._unread(error)
        if not changes:
            return None
        sentence = _sentence(f"#{self._plan.number} has changed since you looked: {'; '.join(changes)}")
        return Leave("stopped", sentence, changes)

    def _find_changes(self, issue: Issue) -> tuple[str, ...]:
        plan, begun = self._plan, self._record.begun
        changes: tuple[str, ...] = ()
        # Of a plan half done, labels that are left harm no one; a comment or a close must not overrule a new reply.
        speaks = any(step.kind in SPEAKS and step.state == "pending" for step in self._steps)
        if plan.seen is not None and (not begun or speaks):
            comments = None
            if plan.seen.may_differ(issue):
                comments = self._gateway.fetch_comments(plan.repository, plan.number)
                self._store.replace_comments(plan.repository, plan.number, comments)
                self._store.save_issues(plan.repository, [issue])
            changes = find_changes(plan.seen, issue, comments, now=self._clock(), own=plan if begun else None)
        lost = [name for step in plan.steps if step.kind == "add_labels" for name in self._lost(step.names)]
        return (*changes, *(f"the label {name} is no longer in this repository" for name in lost))

    def _lost(self, names: Sequence[str]) -> list[str]:
        """Those labels that are not in the repository (any more): adding one would create it, grey and undescribed."""
        known = {label.name.casefold() for label in self._labels}
        # Created by this plan some time ago and deleted since, it is as lost as any other.
        known |= {
            step.label.name.casefold()
            for step, written in zip(self._plan.steps, self._steps, strict=True)
            if step.label and written.state != "done"
        }
        return [name for name in names if name.casefold() not in known]

    # --- one step

    def _take(self, position: int, step: Step, issue: Issue) -> Issue | Leave:
        """Takes one step to its end: the issue afterwards, or how the run ends with it."""
        if self._steps[position].state == "sending":
            found = self._look_up(position, step)
            if found is None and step.kind in SPEAKS:
                found = self._stop_if_changed(issue)
            if found is not None:
                return found
        if self._giving_up:
            return issue
        if step.kind == "add_labels":
            # Whoever posts anyway leaves out labels that the repository has no more: none is created by accident.
            lost = self._lost(step.names)
            step = Step("add_labels", names=tuple(name for name in step.names if name not in lost))
        needless = find_needless(step, issue, self._labels)
        if needless is not None:
            return self._finish(position, step, needless)
        now = self._clock()
        if step.kind in CREATES_CONTENT:
            slot = self._pacer.reserve(now)
            if slot > now:
                sentence = "Waits so as to stay below GitHub's limit on writes, and goes on by itself."
                return Leave("waiting", sentence, due_at=slot)
        intent = intend(step, issue, self._steps[position].intent)
        self._must(
            self._store.start_step(
                self._plan.id, position, worker=self._worker, now=now, lease_until=now + LEASE, intent=intent
            )
        )
        before = self._steps[position]
        self._steps[position] = replace(
            before, state="sending", attempted_at=now, finished_at=None, attempts=before.attempts + 1, intent=intent
        )
        if self._clock() - now >= PROMPT:
            # It slept, or the disk did: the claim may be lost by now. Nothing was sent yet.
            self._write_step(position, "pending")
            return self._wait("The store was slow to answer, and it goes on by itself.", self._clock())
        try:
            done = send(self._gateway, self._plan, step, issue, intent)
        except GitHubError as error:
            return self._refused(position, step, error)
        return self._finish(position, step, done)

    def _look_up(self, position: int, step: Step) -> Issue | Leave | None:
        """Looks whether a step that was sent has arrived; None where it surely has not and may be sent again."""
        written = self._steps[position]
        began = self._clock()  # a look that takes long must not count as one that was taken later
        try:
            found = look_up(self._gateway, self._plan, step, written.intent)
        except GitHubError as error:
            return self._unread(error)
        if found is not None:
            return self._finish(position, step, found)
        due_at = settles_at(written)
        if began < due_at:
            sentence = "GitHub gave no clear answer: it is looked up in a moment whether it arrived."
            return self._wait(sentence, due_at)
        self._write_step(position, "left_out" if self._giving_up else "pending", words="did not arrive")
        return None

    def _refused(self, position: int, step: Step, error: GitHubError) -> Issue | Leave:
        """After a write that brought no success: what was refused for certain is not sent, the rest is looked up."""
        words = clean(str(error))
        if error.uncertain:
            self._write_step(position, "sending", words=words)
            found = self._look_up(position, step)
            return found if found is not None else self._wait(words, self._clock())
        if error.refusal == "invalid" and step.kind == "create_label":
            found = self._find_created_meanwhile(position, step)
            if found is not None:
                return found
        if error.refusal == "rate_limited":
            self._write_step(position, "pending", words=words, intent={})
            return self._be_quiet(error)
        if error.refusal in _PASSING and not (self._attended and self._is_first(position)):
            self._write_step(position, "pending", words=words, intent={})
            return self._wait(words, self._back_off())
        self._write_step(position, "failed", words=words, intent={})
        return Leave("failed", f"{words} {self._what_was_done()}")

    def _find_created_meanwhile(self, position: int, step: Step) -> Issue | Leave | None:
        """GitHub refuses to create a label that somebody else has just created: then it is there, and not by us."""
        try:
            found = look_up(self._gateway, self._plan, step, {})
        except GitHubError as error:
            return self._unread(error)
        if found is None or step.label is None:
            return None
        return self._finish(position, step, Done(f"the label {step.label.name} was there already", found.issue))

    def _unread(self, error: GitHubError) -> Leave:
        """After a read that failed: nothing is known, so nothing is sent."""
        words = clean(str(error))
        if error.refusal == "rate_limited":
            return self._be_quiet(error)
        if error.refusal in _GONE and self._giving_up:
            # There is no looking any more, now or later, and no reason to keep the person from leaving it.
            for step in self._steps:
                if step.state == "sending":
                    self._write_step(step.position, "left_out", words="whether it arrived cannot be seen any more")
            return self._leave_the_rest()
        if error.refusal in _PASSING and not (self._attended and not any(_tried(step) for step in self._steps)):
            return self._wait(words, self._back_off())
        return Leave("failed", f"{words} {self._what_was_done()}")

    def _be_quiet(self, error: GitHubError) -> Leave:
        now = self._clock()
        # Whoever is told to wait no time at all, and is refused again, must not ask every second for ever.
        until = max(error.retry_at or now + timedelta(minutes=1), now + FIRST_BACK_OFF)
        self._quiet.ask(until, clean(str(error)))
        return Leave("waiting", clean(str(error)), due_at=until)

    def _wait(self, sentence: str, due_at: datetime) -> Leave:
        tries = self._record.tries + 1
        if tries > MOST_TRIES:
            return Leave("failed", f"{sentence} {self._what_was_done()}")
        return Leave("waiting", sentence, due_at=due_at, tries=tries)

    def _back_off(self) -> datetime:
        return back_off(self._record.tries, self._clock())

    def _leave_the_rest(self) -> Leave:
        for step in self._steps:
            if step.state == "pending":
                self._write_step(step.position, "left_out")
        return Leave("given_up", f"Given up. {self._what_was_done()}")

    # --- writing

    def _finish(self, position: int, step: Step, done: Done) -> Issue:
        """Writes a step as done and lets the mirror take GitHub's answer; gives the issue afterwards."""
        plan = self._plan
        self._write_step(position, "done", words=done.words, url=done.url, result=done.result)
        if done.comment is not None:
            self._store.save_comments(plan.repository, [done.comment])
        if step.kind == "delete_comment" and step.comment_id is not None:
            self._store.delete_comment(plan.repository, step.comment_id)
        if step.kind != "create_label":
            self._store.save_issues(plan.repository, [done.issue])
        elif step.label is not None and step.label.name.casefold() not in {one.name.casefold() for one in self._labels}:
            self._labels = [*self._labels, step.label]
            self._store.save_labels(plan.repository, self._labels)
        return done.issue

    def _finish_local(self, position: int, step: Step) -> None:
        if self._giving_up:
            return
        change = self._plan.change_of(step)
        assert change is not None
        self._write_step(position, "done", words=change.done, change=change)

    def _find_taken_back(self, position: int) -> tuple[str, int] | None:
        """The step of the undone plan that is wholly taken back once this one is done; None where more is needed."""
        undoes, taken_back = self._plan.undoes, self._plan.steps[position].takes_back
        if undoes is None or taken_back is None:
            return None
        others = (place for place, step in enumerate(self._plan.steps) if step.takes_back == taken_back)
        whole = all(place == position or self._steps[place].state == "done" for place in others)
        return (undoes, taken_back) if whole else None

    def _write_step(
        self,
        position: int,
        state: StepState,
        *,
        words: str = "",
        url: str = "",
        result: Mapping[str, Any] | None = None,
        intent: Mapping[str, Any] | None = None,
        change: Change | None = None,
    ) -> None:
        """`intent` takes the place of what was written before the attempt: {} where it was refused for certain."""
        takes_back = self._find_taken_back(position) if state == "done" else None
        now = self._clock()
        self._must(
            self._store.finish_step(
                self._plan.id,
                position,
                worker=self._worker,
                now=now,
                state=state,
                words=words,
                url=url,
                result=result,
                intent=intent,
                change=change,
                takes_back=takes_back,
            )
        )
        before = self._steps[position]
        self._steps[position] = replace(
            before,
            state=state,
            finished_at=now,
            intent=before.intent if intent is None else intent,
            words=words,
            url=url,
            result=result or {},
        )

    def _must(self, kept: bool) -> None:
        if not kept:
            raise OvertakenError

    # --- reading what was written

    @property
    def _giving_up(self) -> bool:
        return self._record.wish != ""

    def _is_first(self, position: int) -> bool:
        """Whether nothing but the step at hand has been tried, and that in this run."""
        others = [step for step in self._steps if step.position != position]
        return not self._record.begun and not any(_tried(step) for step in others)

    def _said(self) -> str:
        words = [step.words for step in self._steps if step.state == "done" and step.words]
        return _sentence("; ".join(words)) if words else "There was nothing to do."

    def _what_was_done(self) -> str:
        if any(step.state == "sending" for step in self._steps):
            return "Whether the last step arrived is not known yet."
        done = [step.words for step in self._steps if step.state == "done" and step.words]
        return f"Done before that: {', '.join(done)}." if done else "Nothing was sent, and your text is kept."


def clean(text: str) -> str:
    """The gateway's sentence. A token is never in it; should one be all the same, it goes no further."""
    return _TOKEN.sub("…", text)


def _tried(step: StepRecord) -> bool:
    return step.state in ("sending", "done")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
