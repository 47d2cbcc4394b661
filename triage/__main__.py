"""The command line: `python -m triage classify | evidence | render | check | sync | sandbox`.

Exit status: 0 where all went well, 1 where something in the input or on GitHub did not, 2 where a setting or an
argument is wrong; what is wrong stands in one sentence on standard error.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.cases import Case, CaseError, read_cases
from triage.models import GitHubError, Repository
from triage.responses import TemplateFolder, check_templates, load_templates
from triage.settings import (
    SettingsError,
    load_secrets,
    read_first_repository,
    read_settings,
    read_templates_folder,
)
from triage.verdicts import classify_case, evidence_of_case, find_in_case, suggest_for_case

Environ = Mapping[str, str]


class CommandError(Exception):
    """An argument that cannot be used; `str(error)` is one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # What a report holds must come out whole and unchanged, whatever the terminal's encoding and line ends.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    chosen = _make_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace, Environ], int] = chosen.command
    try:
        status = command(chosen, os.environ)
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
        description="Triage of import-error issues. The dashboard itself: make run.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace, Environ], int], summary: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary)
        made.set_defaults(command=command)
        return made

    cases = (
        "issues, one JSON object a line: number, title, body and, if known, labels (names), user (login) and "
        'comments ({"user", "body"}, oldest first); - is standard input'
    )
    classify = add("classify", _classify, "Says of each issue what it is, and which response, variant and labels fit.")
    classify.add_argument("file", metavar="FILE", help=cases)
    evidence = add("evidence", _evidence, "Says of each issue what its reporter's comments tell of the outcome.")
    evidence.add_argument("file", metavar="FILE", help=cases)
    render = add(
        "render",
        _render,
        "Prints the suggested response to an issue exactly as it would be posted. The marker, a hidden HTML comment "
        "that is added at posting, is not printed: it names the one action that posts.",
    )
    render.add_argument("file", metavar="FILE", help=cases)
    render.add_argument("--number", metavar="N", type=int, required=True, help="which issue of FILE")
    check = add("check", _check, "Lints response templates.")
    check.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="default: the folder of TRIAGE_TEMPLATES")
    sync = add("sync", _sync, "Brings the mirror up to date once, and prints the counts and the requests used.")
    sync.add_argument(
        "--full",
        action="store_true",
        help="list all open issues again, and forget those that were deleted or moved: GitHub tells of neither",
    )
    sandbox = add("sandbox", _sandbox, "Serves the built-in GitHub stand-in on 127.0.0.1; any token is accepted.")
    sandbox.add_argument("--port", metavar="P", type=int, default=0, help="default: any that is free")
    sandbox.add_argument("--issues", metavar="FILE", type=Path, help="issues as for classify; default: sample issues")
    sandbox.add_argument("--state", metavar="FILE", type=Path, help="keeps the state over restarts; default: none")
    return parser


def _classify(chosen: argparse.Namespace, environ: Environ) -> int:
    folder, repository = _load_folder(environ), _read_repository(environ)
    return _answer_each(chosen.file, lambda case: classify_case(case, folder, repository))


def _evidence(chosen: argparse.Namespace, environ: Environ) -> int:
    return _answer_each(chosen.file, evidence_of_case)


def _render(chosen: argparse.Namespace, environ: Environ) -> int:
    folder, repository = _load_folder(environ), _read_repository(environ)
    status, found = 0, None
    for case in _cases(chosen.file):
        if case is None:
            status = 1
        elif case.issue.number == chosen.number and found is None:
            found = case
    if found is None:
        raise CommandError(f"{chosen.file} holds no issue {chosen.number}: give the number of one of its lines.")
    finding = find_in_case(found, folder)
    suggestion = suggest_for_case(found, finding, folder, repository)
    if suggestion is None:
        why = (
            "it does not say that an import failed" if finding.kind == "not_import" else "no response template fits it"
        )
        _say(f"No response is suggested for issue {chosen.number}: {why}.")
        return 1
    if suggestion.problem:
        _say(suggestion.problem)
        return 1
    sys.stdout.write(suggestion.comment)
    if sys.stdout.isatty():
        sys.stdout.write("\n")
    return status


def _check(chosen: argparse.Namespace, environ: Environ) -> int:
    folder = chosen.folder or read_templates_folder(environ, load_secrets())
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder: give one that holds response templates.")
    problems = check_templates(folder)
    for problem in problems:
        print(problem)
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def _sync(chosen: argparse.Namespace, environ: Environ) -> int:
    # Imported here: the other commands ask neither GitHub nor the store, and start three times as fast.
    from triage.github import GitHub
    from triage.mirror import Rules, sync_mirror
    from triage.sandbox import SandboxError, SandboxServer
    from triage.store import Store, StoreError

    settings = read_settings(environ, load_secrets())
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


def _sandbox(chosen: argparse.Namespace, environ: Environ) -> int:
    from triage.sandbox import SandboxError, serve

    try:
        return serve(chosen.port, chosen.issues, chosen.state)
    except SandboxError as error:
        raise CommandError(str(error)) from None


def _answer_each(file: str, answer: Callable[[Case], dict[str, Any]]) -> int:
    status = 0
    for case in _cases(file):
        if case is None:
            status = 1
        else:
            # At once: whoever feeds us line by line waits for each answer.
            print(json.dumps(answer(case), ensure_ascii=False), flush=True)
    return status


def _cases(file: str) -> Iterator[Case | None]:
    """The cases of a file; None for a line that is none, after saying so."""
    for line, case in read_cases(_read_lines(file)):
        if isinstance(case, CaseError):
            _say(f"{file}:{line}: {case}")
            yield None
        else:
            yield case


def _read_lines(file: str) -> Iterator[bytes]:
    """Line by line: a file may be larger than the memory."""
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as lines:
            yield from lines
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}): give a file of issues, or -.") from None


def _load_folder(environ: Environ) -> TemplateFolder:
    folder = load_templates(read_templates_folder(environ, load_secrets()))
    for problem in folder.problems:
        if problem.severity == "error":
            _say(str(problem))
    return folder


def _read_repository(environ: Environ) -> Repository:
    name, url = read_first_repository(environ, load_secrets())
    return Repository(name, url)


def _show_progress(text: str, done: int) -> None:
    if sys.stderr.isatty():
        _say(f"{text}: {done}" if done else text)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
