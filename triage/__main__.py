"""The command line: `python -m triage classify | evidence | render | check | sync | sandbox`.

Exit status: 0 where all went well, 1 where something in the input or on GitHub did not, 2 where a setting or an
argument is wrong; what is wrong stands in one sentence on standard error.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.cases import Case, CaseError, classify_case, find_evidence, judge_case, read_cases
from triage.models import GitHubError
from triage.responses import TemplateFolder, check_templates, load_templates
from triage.settings import SettingsError, load_secrets, read_first_repository, read_settings, read_templates_folder


class CommandError(Exception):
    """An argument that cannot be used; `str(error)` is one sentence."""


class CaseFile:
    """The cases of a file or, for `-`, of standard input; each line that is none is reported on standard error.

    Read line by line: a file may be larger than the memory, and whoever feeds us line by line waits for each answer.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.status = 0  # 1 as soon as a line was no case

    def __iter__(self) -> Iterator[Case]:
        for line, case in read_cases(self._lines()):
            if isinstance(case, CaseError):
                self.status = 1
                _say(f"{self.name}:{line}: {case}")
            else:
                yield case

    def _lines(self) -> Iterator[bytes]:
        try:
            with nullcontext(sys.stdin.buffer) if self.name == "-" else Path(self.name).open("rb") as lines:
                yield from lines
        except OSError as error:
            raise CommandError(f"{self.name} cannot be read ({error.strerror}): give a file of issues, or -.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # What a report holds must come out whole and unchanged, whatever the terminal's encoding and line ends.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    chosen = _make_parser().parse_args(arguments)
    try:
        status: int = chosen.command(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough; the interpreter's own flush at the end must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except (SettingsError, CommandError) as error:
        _say(str(error))
        return 2
    return status


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m triage",
        description="Triage of import-error issues. To start the dashboard: make run.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    reads_cases = argparse.ArgumentParser(add_help=False)
    reads_cases.add_argument(
        "file",
        metavar="FILE",
        help="issues, one JSON object per line: number, title, body and, if known, labels (names), user (login) and "
        'comments ({"user", "body"}, oldest first); - is standard input',
    )

    def add(
        name: str, command: Callable[[argparse.Namespace], int], summary: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary, parents=parents)
        made.set_defaults(command=command)
        return made

    add("classify", _classify, "For each issue: what it is, and which response, variant and labels fit.", reads_cases)
    add("evidence", _evidence, "For each issue: what the reporter's comments say about the outcome.", reads_cases)
    render = add(
        "render",
        _render,
        "Prints the suggested response to an issue exactly as it would be posted, without the marker: that hidden "
        "HTML comment is added when the response is posted.",
        reads_cases,
    )
    render.add_argument("--number", metavar="N", type=int, required=True, help="number of the issue in FILE")
    check = add("check", _check, "Lints response templates.")
    check.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="default: the folder of TRIAGE_TEMPLATES")
    sync = add("sync", _sync, "Updates the mirror once, and prints the counts and the requests used.")
    sync.add_argument(
        "--full",
        action="store_true",
        help="list all open issues again, and drop those deleted or transferred: GitHub reports neither",
    )
    sandbox = add("sandbox", _sandbox, "Serves the built-in GitHub stand-in on 127.0.0.1; any token is accepted.")
    sandbox.add_argument("--port", metavar="P", type=int, default=0, help="default: any free port")
    sandbox.add_argument("--issues", metavar="FILE", type=Path, help="issues as for classify; default: sample issues")
    sandbox.add_argument("--state", metavar="FILE", type=Path, help="keeps the state across restarts; default: none")
    return parser


def _classify(chosen: argparse.Namespace) -> int:
    folder, repository = _load_folder(), read_first_repository(os.environ, load_secrets())
    return _print_each(chosen.file, lambda case: classify_case(case, folder, repository))


def _evidence(chosen: argparse.Namespace) -> int:
    return _print_each(chosen.file, find_evidence)


def _print_each(file: str, judge: Callable[[Case], dict[str, Any]]) -> int:
    cases = CaseFile(file)
    for case in cases:
        print(json.dumps(judge(case), ensure_ascii=False), flush=True)
    return cases.status


def _render(chosen: argparse.Namespace) -> int:
    folder, repository = _load_folder(), read_first_repository(os.environ, load_secrets())
    cases = CaseFile(chosen.file)
    found = [case for case in cases if case.issue.number == chosen.number]
    if not found:
        raise CommandError(f"{chosen.file} has no issue {chosen.number}: give the number of an issue in it.")
    verdict = judge_case(found[0], folder, repository)
    if verdict.suggestion is None:
        is_failure = verdict.finding.kind != "not_import"
        why = "no response template fits it" if is_failure else "it does not say that an import failed"
        _say(f"No response is suggested for issue {chosen.number}: {why}.")
        return 1
    if verdict.suggestion.problem:
        _say(verdict.suggestion.problem)
        return 1
    sys.stdout.write(verdict.suggestion.comment)
    if sys.stdout.isatty():
        sys.stdout.write("\n")
    return cases.status


def _check(chosen: argparse.Namespace) -> int:
    folder = chosen.folder or read_templates_folder(os.environ, load_secrets())
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder: give a folder of response templates.")
    problems = check_templates(folder)
    for problem in problems:
        print(problem)
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def _sync(chosen: argparse.Namespace) -> int:
    # Imported here: the other commands ask neither GitHub nor the store, and start three times as fast.
    from triage.github import GitHub
    from triage.mirror import Rules, sync_mirror
    from triage.sandbox import SandboxError, SandboxServer
    from triage.store import Store, StoreError

    settings = read_settings(os.environ, load_secrets())
    rules = Rules.of(load_templates(settings.templates).table)
    status = 0
    try:
        store = Store.open(settings.database_url)
        server = SandboxServer(state_file=settings.sandbox_file) if settings.sandbox else None
        with server or nullcontext():
            gateway = GitHub("sandbox", server.url) if server else GitHub(settings.token, settings.api_url)
            for repository in settings.repositories:
                try:
                    report = sync_mirror(
                        gateway,
                        store,
                        repository,
                        now=datetime.now(UTC),
                        rules=rules,
                        progress=_show_progress,
                        full=chosen.full,
                    )
                except GitHubError as error:
                    _say(f"{repository}: {error}")
                    status = 1
                    continue
                print(
                    f"{repository}: {report.issues_seen} issues seen, {report.issues_changed} changed, "
                    f"{report.comments_changed} comments changed, {report.found} open import failures, "
                    f"{report.requests} requests"
                )
            gateway.shut()
        store.shut()
    except (StoreError, SandboxError) as error:
        raise CommandError(str(error)) from None
    return status


def _sandbox(chosen: argparse.Namespace) -> int:
    from triage.sandbox import SandboxError, serve

    try:
        return serve(chosen.port, chosen.issues, chosen.state)
    except SandboxError as error:
        raise CommandError(str(error)) from None


def _load_folder() -> TemplateFolder:
    folder = load_templates(read_templates_folder(os.environ, load_secrets()))
    for problem in folder.problems:
        if problem.severity == "error":
            _say(str(problem))
    return folder


def _show_progress(stage: str, done: int) -> None:
    if sys.stderr.isatty():
        _say(f"{stage}: {done}" if done else stage)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
