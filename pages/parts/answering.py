"""What a person has before them for one issue: one record for each, and the only code that knows an issue's keys."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import streamlit as st

from triage.models import StateReason
from triage.plans import Seen
from triage.queue import Row
from triage.responses import ResponseTemplate, Suggestion
from triage.workspace import Workspace

T = TypeVar("T")
ClickKind = Literal["post", "post-close", "close"]
CLICK_WORDS: Mapping[ClickKind, str] = {"post": "Post", "post-close": "Post and close", "close": "Close"}

CREATE, LEAVE_OUT = "Create new labels", "Leave them out"
PREVIEW, CHANGES = "Preview", "Changes"


@dataclass(frozen=True)
class StoppedClick:
    """A click that was stopped because the issue had changed, and what had."""

    kind: ClickKind
    override: str = ""
    changes: tuple[str, ...] = ()


def issue_key(name: str, number: int, *more: object) -> str:
    """The key of a widget or container that belongs to an issue, such as `post-12` or `criterion-12-0`."""
    return "-".join(str(part) for part in (name, number, *more))


class WidgetValue(Generic[T]):
    """What stands in a widget of an issue, read and written where Streamlit keeps it."""

    def __init__(self, name: str, default: T) -> None:
        self._name, self._default = name, default

    def __get__(self, state: "Answering", owner: type) -> T:
        found: T | None = st.session_state.get(state.key(self._name))
        return self._default if found is None else found

    def __set__(self, state: "Answering", value: T) -> None:
        st.session_state[state.key(self._name)] = value


@dataclass
class Answering:
    """One person's work on one issue since it was opened."""

    number: int
    started_from: str = ""
    """The suggestion that the text started from."""
    drawn_for: str = ""
    """The template under which the text area was drawn last; its widget is gone when the page is being left."""
    writing: bool = False
    """Whether a further response was asked for."""
    seen: Seen | None = None
    """The issue as it was first seen."""
    own_plan: str = ""
    """A click of one's own that was under way then."""
    plan_id: str = field(default_factory=lambda: secrets.token_hex(8))
    """The plan that the next click carries out; a second click finds the same."""
    stopped: StoppedClick | None = None

    template = WidgetValue[str | None]("template", None)
    """The chosen template's name, "" for an empty comment; None until one was chosen."""
    text = WidgetValue[str | None]("response", None)
    """What stands in the text area; None where the page has not drawn it, or no longer."""
    labels = WidgetValue[list[str]]("labels", [])
    reason = WidgetValue[StateReason]("reason", "completed")
    closing_labels = WidgetValue[list[str]]("closing", [])
    override = WidgetValue("why", "")
    """Why the issue is closed although its criteria are not met."""
    new_labels = WidgetValue("missing", CREATE)
    view = WidgetValue("preview", PREVIEW)

    def key(self, name: str, *more: object) -> str:
        return issue_key(name, self.number, *more)

    def answers_to(self, template: ResponseTemplate) -> dict[str, str]:
        """What the person answered to each question of the template."""
        values = {ask.name: st.session_state.get(self.key("ask", ask.name)) for ask in template.ask}
        return {name: (value or "").strip() for name, value in values.items()}

    def is_ticked(self, criterion: int) -> bool:
        return bool(st.session_state.get(self.key("criterion", criterion)))

    def show_tick(self, criterion: int, ticked: bool) -> None:
        st.session_state[self.key("criterion", criterion)] = ticked

    def start_text(self, text: str, suggestion: str) -> None:
        """Fills the text area where it is new.

        A suggestion that changes later, by a reporter's word or an edited template, never replaces the text by itself:
        what is typed and not yet committed is known to the browser alone.
        """
        if self.text is None:
            self.text, self.started_from = text, suggestion

    def take_answer(self) -> None:
        """An answer to a question of the template goes into the text at once, where nobody has edited that."""
        if self.text == self.started_from:
            self.forget("response")

    def start(self, **values: object) -> None:
        """Fills widgets, given by the names in their keys, that are new."""
        for name, value in values.items():
            st.session_state.setdefault(self.key(name), value)

    def look_again(self) -> None:
        """Takes the issue as it stands now as seen; the draft stays."""
        self.seen, self.own_plan, self.stopped, self.plan_id = None, "", None, secrets.token_hex(8)

    def forget(self, *names: str) -> None:
        """Lets widgets, given by the names in their keys, be filled anew."""
        for name in names:
            st.session_state.pop(self.key(name), None)

    def forget_choices(self) -> None:
        """Lets text, labels and close be filled anew, as another template has them."""
        self.forget("response", "labels", "closing", "reason")

    def begin_anew(self) -> None:
        """What was written is done with."""
        self.forget("answering", "response", "labels", "closing", "reason", "missing", "template")


def answering(number: int) -> Answering:
    """The record of an issue; a new one where there is none."""
    found: Answering = st.session_state.setdefault(issue_key("answering", number), Answering(number))
    return found


def see(workspace: Workspace, number: int) -> Seen | None:
    """The issue as the person first saw it since opening it or looking again; None where the mirror lacks it."""
    state = answering(number)
    if state.seen is None and (issue := workspace.store.load_issue(workspace.repository, number)) is not None:
        state.seen = Seen.of(issue, workspace.comments(number))
        unfinished = workspace.store.load_unfinished(workspace.repository)
        state.own_plan = next((plan.id for plan in unfinished if plan.number == number), "")
    return state.seen


def suggest(workspace: Workspace, row: Row) -> Suggestion | None:
    """The chosen template rendered for an issue, with what the person answered to its questions; None for none."""
    state = answering(row.number)
    template = workspace.template(state.template or "")
    return workspace.suggest(row, template, state.answers_to(template)) if template else None
