"""What can be wrong with a response template: one value for each problem, with its file and line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding of the linter; `line` counts from 1. `str(problem)` is what `check` prints."""

    file: str
    line: int
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"


class TemplateError(ValueError):
    """A document that cannot be used as a response template, with every problem found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(next(problem for problem in self.problems if problem.severity == "error")))


class ProblemList:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def error(self, line: int, message: str) -> None:
        self.found.append(Problem(self.file, line, "error", message))

    def warn(self, line: int, message: str) -> None:
        self.found.append(Problem(self.file, line, "warning", message))

    @property
    def has_error(self) -> bool:
        return any(problem.severity == "error" for problem in self.found)
