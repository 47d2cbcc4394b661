"""The first day of a sandbox: its repositories with their labels, and the sample issues or those of a file.

A sample issue is one Markdown document in `sample_issues/`, named NUMBER-words.md: front matter (title, author, opened,
labels, closed, answers ...), the body, and each comment after a line `<!-- comment by NAME, 2 hours ago -->`. All ages
are as of the first start. `answers` is what the reporter will say to the first, second ... response, `after` so many
minutes of sandbox time. To add an issue, add a document.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from triage.cases import UNDATED, Case, CaseError, read_cases
from triage.sandbox.errors import SandboxError
from triage.sandbox.world import ReporterReply, StoredIssue, StoredRepository, World

FOLDER = Path(__file__).parent / "sample_issues"
REPOSITORY = "sandbox/starter-kit"
TEAM = frozenset({"sandbox-maintainer", "tove-maintains", "rui-maintains"})
"""Who maintains the sample repository."""

HIGHEST_NUMBER = 2**31 - 1
"""GitHub's numbers are small; a larger one has no room in a database."""

_UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60, "month": 30 * 24 * 60}
_AGE = re.compile(r"(\d+) (minute|hour|day|week|month)s?(?: ago)?")
_COMMENT = re.compile(r"^<!-- comment by (\S+), (.+?) -->\n", re.MULTILINE)

_FIRST_DAY = yaml.safe_load((Path(__file__).parent / "first_day.yaml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One document: front matter, body and comments as (author, age, text)."""

    number: int
    fields: Mapping[str, Any]
    body: str
    comments: tuple[tuple[str, timedelta, str], ...]


def load_sample_issues(now: datetime) -> World:
    """A world with the sample issues, aged as of `now`, and two more repositories: one archived, one without issues."""
    world, repository = _empty_world()
    for sample in _read_samples():
        _add(world, repository, sample, now)
    repository.deleted.add(1017)
    for beside in _FIRST_DAY["repositories"]:
        world.repositories[beside["full_name"]] = StoredRepository(**beside)
    old = world.repositories["sandbox/archived-kit"]
    world.add_label(old, "bug", "d73a4a")
    opened = now - timedelta(days=900)
    title = "Import of 1.4 ends with BadGateway (80097376)"
    old.issues[3] = StoredIssue(3, title, "Anybody else?", "hedda-lindqvist", opened, opened, labels=["bug"])
    return world


def load_issues_file(path: Path, now: datetime) -> tuple[World, tuple[str, ...]]:
    """A world with the issues of a file of JSON lines, and a `FILE:LINE: message` for each other line.

    A line is what `python -m triage classify` reads. Raises SandboxError where the file cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SandboxError(f"The issues file {path} cannot be read ({error.strerror}): give another one.") from None
    world, repository = _empty_world()
    problems = []
    for number, case in read_cases(lines):
        try:
            if isinstance(case, CaseError):
                raise case
            _add_line(world, repository, case, now)
        except CaseError as error:
            problems.append(f"{path}:{number}: {error}")
    return world, tuple(problems)


def _empty_world() -> tuple[World, StoredRepository]:
    world = World()
    repository = StoredRepository(REPOSITORY, "The sandbox: a starter kit that organisations import as solutions.")
    world.repositories[REPOSITORY] = repository
    for label in _FIRST_DAY["labels"]:
        world.add_label(repository, **label)
    return world, repository


@functools.cache
def _read_samples() -> tuple[Sample, ...]:
    return tuple(read_sample(path) for path in sorted(FOLDER.glob("*.md")))


def read_sample(path: Path) -> Sample:
    """One document; raises SandboxError where it cannot be read."""
    try:
        _, front, text = path.read_text("utf-8").split("---\n", 2)
        fields = yaml.load(front, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        body, *parts = _COMMENT.split(text)
        comments = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        said = tuple((author, read_age(age), comment.strip("\n")) for author, age, comment in comments)
        return Sample(int(path.name.partition("-")[0]), fields, body.strip("\n"), said)
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise SandboxError(f"The sample issue {path.name} cannot be read ({error}): fix the document.") from None


def read_age(text: str) -> timedelta:
    """ "3 hours ago" or "3 hours"; raises ValueError."""
    if not (match := _AGE.fullmatch(text.strip())):
        raise ValueError(f"{text!r} is not an age such as '3 hours ago'")
    return timedelta(minutes=int(match[1]) * _UNITS[match[2]])


def _add(world: World, repository: StoredRepository, sample: Sample, now: datetime) -> None:
    fields = sample.fields
    opened = now - read_age(fields["opened"])
    issue = StoredIssue(
        sample.number,
        fields["title"],
        sample.body or None,
        fields["author"],
        opened,
        opened,
        association=_association(fields["author"]),
        locked=fields.get("locked", False),
        pull_request=fields.get("pull_request", False),
        labels=[name.lower() for name in fields.get("labels", [])],
        answers=_read_answers(fields.get("answers", [])),
    )
    repository.issues[issue.number] = issue
    for author, age, text in sample.comments:
        world.add_comment(repository, issue, author, _association(author), text, now - age)
    if closed := fields.get("closed"):
        issue.state, issue.state_reason = "closed", closed["reason"]
        issue.closed_at, issue.closed_by = now - read_age(closed["at"]), closed["by"]
        issue.updated_at = max(issue.updated_at, issue.closed_at)


def _association(login: str) -> str:
    return "MEMBER" if login in TEAM else "NONE"


def _read_answers(answers: Sequence[Mapping[str, Any]]) -> list[ReporterReply]:
    return [ReporterReply(answer["after"], answer["text"].strip("\n")) for answer in answers]


def _add_line(world: World, repository: StoredRepository, case: Case, now: datetime) -> None:
    """Puts the issue of a line into the repository; raises CaseError where it has no place there."""
    given = case.issue
    if not 0 < given.number <= HIGHEST_NUMBER:
        raise CaseError(f"number must be from 1 to {HIGHEST_NUMBER}")
    if given.number in repository.issues:
        raise CaseError(f"issue {given.number} is there already")
    dated = UNDATED < given.created_at < now
    opened = given.created_at if dated else now - timedelta(hours=1 + given.number % 2000)
    opened = opened.replace(microsecond=0)
    answers = _FIRST_DAY["answers"]
    issue = StoredIssue(
        given.number,
        given.title,
        given.body or None,
        given.author or "reporter",
        opened,
        opened,
        answers=_read_answers(answers[given.number % len(answers)]),
    )
    repository.issues[issue.number] = issue
    world.set_labels(repository, issue, list(given.labels), opened)
    step = (now - opened) / (len(case.comments) + 1)
    for place, (author, body) in enumerate(case.comments, start=1):
        at = (opened + place * step).replace(microsecond=0)
        world.add_comment(repository, issue, author or "ghost", "NONE", body, at)
