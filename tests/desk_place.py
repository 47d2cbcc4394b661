"""A desk, its store and a GitHub in memory, with a clock that stands still: the ground of the desk's tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake_github import REPOSITORY, Clock, FakeGitHub
from tests.plan_options import plan_with
from triage.desk import ClickResult, Desk
from triage.models import Label
from triage.plans import Change, Click, Plan, Seen
from triage.store import Store


class Place:
    """A desk, its store and GitHub, and what a maintainer does there."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.github = FakeGitHub(self.clock, labels=[Label("documentation", "0075ca"), Label("wontfix")])
        self.github.open_issue(1)
        self.store = Store.open("sqlite://")
        self.desk = self.another_desk()

    def another_desk(self, **options: Any) -> Desk:
        return Desk(self.github, self.store, clock=self.clock, **options)

    def desk_of(self, person: str, **options: Any) -> Desk:
        """The desk of a colleague, who has a token of their own, on the same store."""
        github = FakeGitHub(
            self.clock, self.github.issues, self.github.comments, self.github.labels, viewer=person, first_id=1000
        )
        return Desk(github, self.store, clock=self.clock, **options)

    def plan(self, id: str = "p1", text: str = "Please retry.", person: str = "ann", **options: Any) -> Plan:
        options.setdefault("labels", [Label("documentation")])
        seen = Seen.of(self.github.issues[1], self.github.comments.get(1, []))
        click = Click(id, REPOSITORY, 1, person, self.clock(), seen)
        return plan_with(click, self.github.labels, template="transient", text=text, **options)

    def post(self, *, anyway: bool = False, **options: Any) -> ClickResult:
        return self.desk.post(self.plan(**options), anyway=anyway)

    def tick(self, person: str, criterion: int = 0, text: str = "It works") -> str:
        return self.desk.change(REPOSITORY, Change("tick", 1, person, "transient", criterion, text))

    def closing(self, **options: Any) -> Plan:
        return self.plan(close_reason="not_planned", closing_labels=[Label("wontfix")], **options)

    def wait(self, outcome: ClickResult) -> ClickResult:
        assert outcome.due_at is not None
        self.clock.now = max(self.clock.now, outcome.due_at)
        return self.desk.run_due()[0]

    def bodies(self) -> list[str]:
        return [comment.body for comment in self.github.comments.get(1, [])]


@pytest.fixture
def place() -> Iterator[Place]:
    place = Place()
    yield place
    place.store.shut()
