"""One run of a claimed plan: read the issue again, take each step that is left, and say how it ended.

The run holds the claim that its record names; where it finds the claim lost it raises `OvertakenError` and writes
nothing more.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.desk.pacing import WritePacer
from triage.desk.steps import CREATES_CONTENT, Done, find_needless, intend, look_up, send, settles_at
from triage.desk.waits import CAN_BE_TAKEN_BACK, FIRST_BACK_OFF, LEASE, MOST_TRIES, PROMPT, Quiet, back_off
from triage.models import Gateway, GitHubError, Issue, Label
from triage.plans import Leave, PlanRecord, StepRecord, StepState, find_changes
from triage.store import Store

SPEAKS = frozenset({"comment", "close"})
"""Steps that say something to the reporter, and so are not taken over the head of a new reply."""

_PASSING = frozenset({"server", "timeout", "unreachable"})
_GONE = frozenset({"gone", "not_found"})
_TOKEN = re.compile(r"\b(?:gh[a-z]_|github_pat_)\w+")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a desk reaches the world by; shared by all its runs."""

    gateway: Gateway
    store: Store
    clock: Callable[[], datetime]
    pacer: WritePacer
    quiet: Quiet


class OvertakenError(Exception):
    """The claim is lost: another worker took the plan over."""


class RunOverError(Exception):
    """The run goes no further: `leave` says how it ends."""

    def __init__(self, leave: Leave) -> None:
        super().__init__(leave.sentence)
        self.leave = leave


class PlanRun:
    """Carries one claimed plan out. `attended` says that a person waits for the answer."""

    def __init__(self, reach: Reach, plan: PlanRecord, *, attended: bool) -> None:
        self._reach = reach
        self._gateway = reach.gateway
        self._store = reach.store
        self._clock = reach.clock
        self._plan = plan
        self._attended = attended
        self._steps = list(plan.steps)
        self._labels: Sequence[Label] = ()

    def carry_out(self, delay: timedelta = timedelta()) -> Leave:
        """Takes the plan as far as it goes; with a `delay`, no further than to see that it may begin."""
        try:
            if not self._giving_up or any(step.state == "sending" for step in self._steps):
                self._take_all(delay)
        except RunOverError as over:
            return over.leave
        except GitHubError as error:  # of a read: writes are seen to where they are sent
            return self._leave_unread(error)
        return self._leave_the_rest() if self._giving_up else Leave("done", self._describe_done())

    def _take_all(self, delay: timedelta) -> None:
        todo = [step for step in self._steps if step.state in ("pending", "sending")]
        issue = None if all(step.is_local for step in todo) else self._read_again()
        if delay and not self._plan.begun:
            raise RunOverError(Leave("waiting", CAN_BE_TAKEN_BACK, due_at=self._clock() + delay))
        for step in todo:
            if issue is not None and not step.is_local:
                issue = self._take(step, issue)
            elif not self._giving_up:
                change = self._plan.change_of(step)
                self._end(step, "done", change.done if change else "")

    # --- before the first step

    def _read_again(self) -> Issue:
        """The issue as it is now; the run is over where it cannot be read or has changed."""
        plan = self._plan
        if self._reach.quiet.lasts(self._clock()):
            raise RunOverError(Leave("waiting", self._reach.quiet.sentence, due_at=self._reach.quiet.until))
        issue = self._gateway.fetch_issue(plan.repository, plan.number)
        if any(step.kind in ("create_label", "add_labels") for step in plan.steps):
            self._labels = self._gateway.fetch_labels(plan.repository)
            self._store.save_labels(plan.repository, self._labels)
        self._stop_if_changed(issue)
        return issue

    def _stop_if_changed(self, issue: Issue) -> None:
        """The run is over where the issue has changed since the maintainer looked."""
        if self._plan.anyway or self._giving_up:
            return
        if changes := self._find_changes(issue):
            sentence = _sentence(f"#{self._plan.number} has changed since you looked: {'; '.join(changes)}")
            raise RunOverError(Leave("stopped", sentence, changes))

    def _find_changes(self, issue: Issue) -> tuple[str, ...]:
        # Of a plan half done, labels that are left harm no one; a comment or a close must not overrule a new reply.
        speaks = any(step.kind in SPEAKS and step.state == "pending" for step in self._steps)
        changes = self._find_changes_since_seen(issue) if speaks or not self._plan.begun else ()
        lost = [name for step in self._plan.steps if step.kind == "add_labels" for name in self._lost(step.names)]
        return (*changes, *(f"the label {name} is no longer in this repository" for name in lost))

    def _find_changes_since_seen(self, issue: Issue) -> tuple[str, ...]:
        plan = self._plan
        if plan.seen is None:
            return ()
        comments = None
        if plan.seen.may_differ(issue):
            comments = self._gateway.fetch_comments(plan.repository, plan.number)
            self._store.replace_comments(plan.repository, plan.number, comments)
            self._store.save_issues(plan.repository, [issue])
        return find_changes(plan.seen, issue, comments, now=self._clock(), own=plan if plan.begun else None)

    def _lost(self, names: Sequence[str]) -> list[str]:
        """Those labels that are not in the repository (any more): adding one would create it, grey and undescribed."""
        known = {label.name.casefold() for label in self._labels}
        # Created by this plan some time ago and deleted since, it is as lost as any other.
        known |= {step.label.name.casefold() for step in self._steps if step.label and step.state != "done"}
        return [name for name in names if name.casefold() not in known]

    # --- one step

    def _take(self, step: StepRecord, issue: Issue) -> Issue:
        """Takes one step to its end; gives the issue afterwards."""
        if step.state == "sending":
            found = self._look_up(step)
            if found is not None:
                return found
            step = self._steps[step.position]
            if step.kind in SPEAKS:
                self._stop_if_changed(issue)
        if self._giving_up:
            return issue
        if step.kind == "add_labels":
            # Posting anyway leaves out labels that the repository no longer has: none is created by accident.
            lost = self._lost(step.names)
            step = replace(step, names=tuple(name for name in step.names if name not in lost))
        needless = find_needless(step, issue, self._labels)
        return self._finish(step, needless) if needless is not None else self._send(step, issue)

    def _send(self, step: StepRecord, issue: Issue) -> Issue:
        """Writes that the step is about to be sent, sends it, and writes what became of it."""
        now = self._clock()
        if step.kind in CREATES_CONTENT:
            slot = self._reach.pacer.reserve(now)
            if slot > now:
                sentence = "Waiting to stay below GitHub's limit on writes; this continues by itself."
                raise RunOverError(Leave("waiting", sentence, due_at=slot))
        intent = intend(step, issue, step.intent)
        step = self._write(
            replace(
                step, state="sending", attempts=step.attempts + 1, attempted_at=now, finished_at=None, intent=intent,
                words="",
            ),
            lease_until=now + LEASE,
        )  # fmt: skip
        if self._clock() - now >= PROMPT:
            # It slept, or the disk did: the claim may be lost by now. Nothing was sent yet.
            self._end(step, "pending")
            raise RunOverError(self._wait("The store was slow to answer; this continues by itself.", self._clock()))
        try:
            done = send(self._gateway, self._plan, step, issue)
        except GitHubError as error:
            return self._recover(step, error)
        return self._finish(step, done)

    def _look_up(self, step: StepRecord) -> Issue | None:
        """Looks whether a step that was sent has arrived; None where it surely has not and may be sent again."""
        began = self._clock()  # a look that takes long must not count as one that was taken later
        found = look_up(self._gateway, self._plan, step)
        if found is not None:
            return self._finish(step, found)
        due_at = settles_at(step)
        if began < due_at:
            raise RunOverError(self._wait("GitHub's answer was unclear. Checking whether it arrived.", due_at))
        self._end(step, "left_out" if self._giving_up else "pending", "did not arrive")
        return None

    def _recover(self, step: StepRecord, error: GitHubError) -> Issue:
        """After a write that brought no success: what was refused for certain is not sent, the rest is looked up."""
        words = clean(str(error))
        if error.uncertain:
            found = self._look_up(self._end(step, "sending", words))
            if found is None:
                raise RunOverError(self._wait(words, self._clock())) from error
            return found
        if error.refusal == "invalid" and step.kind == "create_label":
            found = self._find_created_meanwhile(step)
            if found is not None:
                return found
        step = replace(step, intent={})
        # Whether anything but the step at hand has been tried, or that before this run.
        begun = self._plan.begun or any(one.tried for one in self._steps if one.position != step.position)
        passing = error.refusal in _PASSING and (begun or not self._attended)
        self._end(step, "pending" if passing or error.refusal == "rate_limited" else "failed", words)
        raise RunOverError(self._leave_refused(error, passing=passing)) from error

    def _find_created_meanwhile(self, step: StepRecord) -> Issue | None:
        """GitHub refuses to create a label that somebody else has just created: then it is there, and not by us."""
        found = look_up(self._gateway, self._plan, replace(step, intent={}))
        if found is None or step.label is None:
            return None
        return self._finish(step, Done(f"the label {step.label.name} was there already", found.issue))

    # --- how a run ends

    def _leave_unread(self, error: GitHubError) -> Leave:
        """After a read that failed: nothing is known, so nothing is sent."""
        if error.refusal in _GONE and self._giving_up:
            # There is no looking any more, now or later, and no reason to keep the person from leaving it.
            for step in self._steps:
                if step.state == "sending":
                    self._end(step, "left_out", "whether it arrived can no longer be checked")
            return self._leave_the_rest()
        passing = error.refusal in _PASSING and (not self._attended or any(step.tried for step in self._steps))
        return self._leave_refused(error, passing=passing)

    def _leave_refused(self, error: GitHubError, *, passing: bool) -> Leave:
        words = clean(str(error))
        if error.refusal != "rate_limited":
            return self._wait(words) if passing else Leave("failed", f"{words} {self._what_was_done()}")
        now = self._clock()
        # A desk that may go on at once, and is refused again, must not ask every second for ever.
        until = max(error.retry_at or now + timedelta(minutes=1), now + FIRST_BACK_OFF)
        self._reach.quiet.ask(until, f"GitHub asked us to wait until {until:%H:%M:%S} UTC; this continues by itself.")
        return Leave("waiting", self._reach.quiet.sentence, due_at=until)

    def _wait(self, sentence: str, due_at: datetime | None = None) -> Leave:
        """Until `due_at`, or for twice as long as the last time."""
        tries = self._plan.tries + 1
        if tries > MOST_TRIES:
            return Leave("failed", f"{sentence} {self._what_was_done()}")
        due_at = due_at or back_off(self._plan.tries, self._clock())
        return Leave("waiting", sentence, due_at=due_at, tries=tries)

    def _leave_the_rest(self) -> Leave:
        for step in self._steps:
            if step.state == "pending":
                self._end(step, "left_out")
        return Leave("given_up", f"Given up. {self._what_was_done()}")

    # --- writing

    def _finish(self, step: StepRecord, done: Done) -> Issue:
        """Writes a step as done and lets the mirror take GitHub's answer; gives the issue afterwards."""
        plan = self._plan
        self._end(replace(step, url=done.url, result=done.result), "done", done.words)
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

    def _find_taken_back(self, done: StepRecord) -> int | None:
        """The step of the undone plan that is wholly taken back once this one is done; None where more is needed."""
        others = [step for step in self._plan.steps if step.takes_back == done.takes_back]
        whole = all(step.position == done.position or self._steps[step.position].state == "done" for step in others)
        return done.takes_back if whole else None

    def _end(self, step: StepRecord, state: StepState, words: str = "") -> StepRecord:
        """Writes what became of a step."""
        return self._write(replace(step, state=state, finished_at=self._clock(), words=words))

    def _write(self, step: StepRecord, *, lease_until: datetime | None = None) -> StepRecord:
        takes_back = self._find_taken_back(step) if step.state == "done" else None
        if not self._store.write_step(self._plan, step, lease_until=lease_until, takes_back=takes_back):
            raise OvertakenError
        self._steps[step.position] = step
        return step

    # --- reading what was written

    @property
    def _giving_up(self) -> bool:
        return self._plan.wish != ""

    def _describe_done(self) -> str:
        words = [step.words for step in self._steps if step.state == "done" and step.words]
        return _sentence("; ".join(words)) if words else "There was nothing to do."

    def _what_was_done(self) -> str:
        if any(step.state == "sending" for step in self._steps):
            return "It is not known yet whether the last step arrived."
        done = [step.words for step in self._steps if step.state == "done" and step.words]
        return f"Done before that: {', '.join(done)}." if done else "Nothing was sent, and your text is kept."


def clean(text: str) -> str:
    """The gateway's sentence. A token is never in it; should one be all the same, it goes no further."""
    return _TOKEN.sub("…", text)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
