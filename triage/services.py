"""What all sessions of a process share: store, gateway, desk, sandbox and runner, put together."""

import os
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.desk import Desk, utc_now
from triage.desk.pacing import pacer_for
from triage.github import GitHub
from triage.mirror import Rules, SyncReport, sync_mirror
from triage.models import Comment, GitHubError
from triage.queue import Row, make_row
from triage.responses import TemplateFolder, load_templates
from triage.runner import Runner
from triage.sandbox import SandboxError, SandboxServer
from triage.sandbox.faults import read_rules
from triage.settings import Settings, load_secrets, read_settings
from triage.store import Store

SANDBOX_REFRESH_SECONDS = 4.0
"""The sandbox answers from this machine, and its reporters answer within a minute: look often."""

REFRESH_SECONDS = 60.0
"""GitHub is asked for news this often while a page is open; what has not changed costs nothing of the limit."""

LISTING_SECONDS = 3600.0
"""All open issues are listed again this often: GitHub tells of no issue that was deleted or moved away."""

SANDBOX_PORTS = range(20_000, 32_000)
"""Below the ports that systems hand out by themselves (Linux: from 32768)."""


@dataclass(frozen=True)
class MirrorRows:
    """The rows of a mirror as it was at `stamp`, by number, and the comments that they were made from."""

    stamp: object
    rows: Mapping[int, Row]
    comments: Mapping[int, Sequence[Comment]]


@dataclass
class Services:
    """What all sessions of this process share."""

    settings: Settings
    store: Store
    gateway: GitHub
    desk: Desk
    sandbox: SandboxServer | None
    folder: TemplateFolder | None = None
    problems: dict[str, str] = field(default_factory=dict)
    """The sentence that the last refresh of a repository ended with, where it failed."""
    watched: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    runner: Runner | None = None
    login: str | None = None
    _rows: dict[str, MirrorRows] = field(default_factory=dict)
    _listings_due: dict[str, float] = field(default_factory=dict)

    def read_mirror(self, repository: str, stamp: object) -> Mapping[int, Row]:
        """The rows of the mirror by number; an issue that has changed is read anew, nothing at the same `stamp`.

        What the mirror holds may be newer than `stamp`, never older: then it is looked through once more than needed.
        """
        kept = self._rows.get(repository, MirrorRows(None, {}, {}))
        if stamp is None or stamp != kept.stamp:
            comments = self.store.load_comments(repository)
            rows: dict[int, Row] = {}
            for issue, finding in self.store.load_candidates(repository):
                number = issue.number
                said, row = comments.get(number, []), kept.rows.get(number)
                if row is None or (row.issue, row.finding, kept.comments[number]) != (issue, finding, said):
                    row = make_row(issue, finding, said)
                rows[number] = row
            kept = MirrorRows(stamp, rows, {number: comments.get(number, []) for number in rows})
            self._rows[repository] = kept
        return kept.rows

    def find_login(self, mirrored: str) -> str:
        """The login of this process's token; where GitHub cannot be asked, that of whoever filled the mirror last.

        Colleagues with tokens of their own may fill the same mirror: its login is not always ours.
        """
        if self.login is None:
            try:
                self.login = self.gateway.fetch_viewer()
            except GitHubError:
                self.login = ""  # asked once: no page waits for GitHub each time it is drawn
        return self.login or mirrored

    def templates(self) -> TemplateFolder:
        """The response templates as they are on disk now; of a broken file the last good version."""
        with self.lock:
            self.folder = load_templates(self.settings.templates, self.folder)
            return self.folder

    def refresh(
        self, repository: str, progress: Callable[[str, int], None] | None = None, *, full: bool = False
    ) -> SyncReport | None:
        """Brings the mirror up to date; None where it failed, and `problems` says why.

        `full` lists all open issues, so that those which are gone leave the mirror; so does the first refresh of a
        process, and one an hour.
        """
        rules = Rules.of(self.templates().table)
        due = self._listings_due.get(repository, 0.0) <= time.monotonic()
        try:
            report = sync_mirror(
                self.gateway, self.store, repository, now=utc_now(), rules=rules, progress=progress, full=full or due
            )
            self.login = self.gateway.fetch_viewer()  # the sync has asked: this is no request
        except GitHubError as error:
            self.problems[repository] = str(error)
            return None
        self.problems.pop(repository, None)
        if report.full:
            self._listings_due[repository] = time.monotonic() + LISTING_SECONDS
        return report

    def watch(self, repository: str) -> None:
        """Says that somebody looks at a repository; the first look asks GitHub for news at once."""
        if self.runner is None:
            return
        self.runner.visit()
        if repository not in self.watched:
            self.watched.add(repository)
            self.runner.wake()

    def refresh_watched(self) -> None:
        for repository in sorted(self.watched):
            self.refresh(repository)

    def reset_sandbox(self, repository: str) -> None:
        """Puts the sandbox back to its first state and forgets all that was kept of it here."""
        if self.sandbox is not None:
            self.sandbox.sandbox.reset()
            self.store.wipe(repository)
            self.refresh(repository)

    def break_sandbox(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Sets what goes wrong in the sandbox from now on; nothing where `rules` is empty."""
        if self.sandbox is not None:
            self.sandbox.sandbox.faults.replace(read_rules(list(rules)))

    def shut(self) -> None:
        """Ends the runner and the sandbox; for tests and the interpreter's end."""
        if self.runner is not None:
            self.runner.stop()
        if self.sandbox is not None:
            self.sandbox.stop()
        self.gateway.shut()
        self.store.shut()


_OPENED: dict[Settings, Services] = {}
_OPENING = threading.Lock()


def open_services() -> Services:
    """The process's services for the settings as they are now.

    Raises SettingsError, StoreError or SandboxError, each with one sentence for the person.
    """
    settings = read_settings(os.environ, load_secrets())
    with _OPENING:
        if settings not in _OPENED:
            _OPENED[settings] = start_services(settings)
        return _OPENED[settings]


def shut_services() -> None:
    """Ends all that was opened."""
    with _OPENING:
        while _OPENED:
            _, services = _OPENED.popitem()
            services.shut()


def start_services(settings: Settings) -> Services:
    """Opens the store, reaches GitHub or starts the sandbox, and sets the runner going.

    Raises StoreError or SandboxError, each with one sentence for the person.
    """
    store = Store.open(settings.database_url)
    sandbox = None
    token, api_url = settings.token, settings.api_url
    if settings.sandbox:
        try:
            sandbox = start_sandbox(settings.sandbox_file)
        except SandboxError:
            store.shut()
            raise
        token, api_url = "sandbox", sandbox.url
    gateway = GitHub(token, api_url)
    desk = Desk(gateway, store, pacer=pacer_for(token), undo_seconds=settings.undo_seconds)
    services = Services(settings, store, gateway, desk, sandbox)
    services.runner = Runner(
        run_due=lambda: services.desk.run_due(utc_now()),
        refresh=services.refresh_watched,
        refresh_seconds=SANDBOX_REFRESH_SECONDS if settings.sandbox else REFRESH_SECONDS,
    )
    services.runner.start()
    return services


def start_sandbox(state_file: Path) -> SandboxServer:
    """The sandbox of a state file, at each start on the same port where that is free.

    Its address stands in drafts and posted comments, whose links lead there also after a restart. Raises SandboxError.
    """
    port = SANDBOX_PORTS[zlib.crc32(str(state_file.resolve()).encode()) % len(SANDBOX_PORTS)]
    try:
        return SandboxServer(port, state_file).start()
    except SandboxError:
        return SandboxServer(0, state_file).start()
