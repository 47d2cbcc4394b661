"""One repository as a page finds it in one run: rows, suggestions and checklists, put together from the services.

Pages read values from a `Workspace`, draw them, and call one use case of its desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from triage.closure import Checklist, Tick, make_checklist
from triage.desk import Desk, utc_now
from triage.detection import find_import_failure
from triage.issue_forms import read_form
from triage.models import Comment, GitHubError, Label, Repository
from triage.plans import Response
from triage.queue import Row, make_row, settle_row
from triage.responses import ResponseTemplate, Suggestion, TemplateFolder, choose_template, suggest_response
from triage.services import Services, open_services
from triage.store import Dismissal, MirroredRepository, PostedResponse, SavedTick, Store


@dataclass
class Workspace:
    """One repository as one page draws it in one run: values as they are at `now`."""

    services: Services
    repository: str
    now: datetime

    @property
    def desk(self) -> Desk:
        return self.services.desk

    @property
    def store(self) -> Store:
        return self.services.store

    @cached_property
    def mirrored(self) -> MirroredRepository | None:
        return self.store.load_repository(self.repository)

    @property
    def version(self) -> int:
        """Grows with each change of the mirror; 0 where there is none yet."""
        return self.mirrored.version if self.mirrored else 0

    @property
    def person(self) -> str:
        """The login under which this token writes."""
        return self.services.find_login(self.mirrored.viewer if self.mirrored else "")

    @property
    def github(self) -> Repository:
        """The repository as GitHub described it; before the first answer, one in which nothing may be written."""
        if self.mirrored:
            return self.mirrored.repository
        return Repository(self.repository, url=f"https://github.com/{self.repository}")

    @property
    def why_read_only(self) -> str:
        """Why nothing can be written here, and the fix; empty where it can."""
        repository = self.github
        if repository.can_write:
            return ""
        if repository.archived:
            return f"{repository.full_name} is archived, so it is read-only."
        return (
            f"This token can read {repository.full_name} but not write to it. Give it triage or write access "
            "(fine-grained: Issues, read and write) and restart the dashboard."
        )

    @cached_property
    def labels(self) -> list[Label]:
        return self.store.load_labels(self.repository)

    @cached_property
    def label_colours(self) -> dict[str, str]:
        """The colour of each label by its name: as the repository has it, else as a template would create it."""
        suggested = {label.name: label.color for template in self.folder.templates for label in template.labels}
        return suggested | {label.name: label.color for label in self.labels}

    @cached_property
    def folder(self) -> TemplateFolder:
        return self.services.templates()

    @cached_property
    def answers(self) -> dict[int, list[PostedResponse]]:
        return self.store.load_answers(self.repository)

    @cached_property
    def ticks(self) -> dict[int, list[SavedTick]]:
        return self.store.load_ticks(self.repository)

    @cached_property
    def dismissals(self) -> dict[int, Dismissal]:
        return self.store.load_dismissals(self.repository)

    @cached_property
    def _mirrored_rows(self) -> Mapping[int, Row]:
        stamp = (self.mirrored.version, self.mirrored.synced_at) if self.mirrored else None
        return self.services.read_mirror(self.repository, stamp)

    @cached_property
    def rows(self) -> list[Row]:
        """All issues, open or closed, whose finding is an import failure."""
        return [self._settle(row) for row in self._mirrored_rows.values()]

    def row(self, number: int) -> Row | None:
        """The row of any mirrored issue, an import failure or not; None where the mirror does not hold it."""
        if number in self._mirrored_rows:
            return self._settle(self._mirrored_rows[number])
        issue = self.store.load_issue(self.repository, number)
        if issue is None:
            return None
        comments = self.comments(number)
        finding = self.store.load_finding(self.repository, number)
        if finding is None:  # fetched for a page, and not judged by a sync yet
            said = [(comment.author, comment.body) for comment in comments]
            finding = find_import_failure(
                issue.title, issue.body, author=issue.author, comments=said, table=self.folder.table
            )
        return self._settle(make_row(issue, finding, comments))

    def fetch(self, number: int) -> str:
        """Takes an issue that the mirror lacks from GitHub; the sentence that says why not, or ""."""
        try:
            issue = self.services.gateway.fetch_issue(self.repository, number)
            comments = self.services.gateway.fetch_comments(self.repository, number)
        except GitHubError as error:
            if error.refusal in ("not_found", "gone"):
                return f"{self.repository} has no issue #{number}; it may have been deleted, or is a pull request."
            return str(error)
        self.store.save_issues(self.repository, [issue])
        self.store.replace_comments(self.repository, number, comments)
        return ""

    def _settle(self, row: Row) -> Row:
        checklist = self.checklist(row)
        met = checklist is not None and checklist.met
        return settle_row(row, dismissed=row.number in self.dismissals, criteria_met=met)

    def comments(self, number: int) -> list[Comment]:
        return self.store.load_comments(self.repository, [number]).get(number, [])

    def answered_with(self, row: Row) -> Response | None:
        """The response that stands there, for what it says of closing; for one by hand, what the fitting template says.

        None where nobody who speaks for the repository has answered, or where no template fits what was found.
        """
        if answers := self.answers.get(row.number):
            last = answers[-1]
            return Response(last.template, criteria=last.criteria, close=last.close)
        if row.answered_at is None:
            return None
        template = choose_template(row.issue, row.finding, self.folder, answered_with=(), word=None)
        return Response(template.name, criteria=template.criteria, close=template.close) if template else None

    def checklist(self, row: Row) -> Checklist | None:
        """The closure criteria of an answered issue with their ticks; None where there are none."""
        answered = self.answered_with(row)
        if answered is None or not answered.criteria:
            return None
        ticks = [
            Tick(tick.criterion, tick.person, tick.at)
            for tick in self.ticks.get(row.number, [])
            if tick.template == answered.template
        ]
        return make_checklist(answered.criteria, answered.close.when, ticks, row.word)

    def choose(self, row: Row) -> ResponseTemplate | None:
        """The template that fits this issue now."""
        answered_with: Sequence[str] = [answer.template for answer in self.answers.get(row.number, [])]
        if not answered_with and row.answered_at is not None:
            answered_with = [""]
        return choose_template(row.issue, row.finding, self.folder, answered_with=answered_with, word=row.word)

    def template(self, name: str) -> ResponseTemplate | None:
        return next((template for template in self.folder.templates if template.name == name), None)

    def suggest(self, row: Row, template: ResponseTemplate, ask: Mapping[str, str] | None = None) -> Suggestion:
        return suggest_response(
            row.issue,
            row.finding,
            read_form(row.issue.body),
            template,
            repository=self.github,
            maintainer=self.person,
            ask=ask or {},
            table=self.folder.table,
        )


def open_workspace(repository: str) -> Workspace:
    """The repository as it is now. Raises what `open_services` raises."""
    return Workspace(open_services(), repository, utc_now())
