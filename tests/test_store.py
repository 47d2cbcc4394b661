"""The store: what is saved is loaded again, whatever happens to processes, schemas and files."""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from triage.detection import Evidence, Finding
from triage.models import Comment, Issue, Label, Repository
from triage.plans import Change, Leave, Plan, Step
from triage.store import Holder, KeyedFinding, Store, StoreError, schema

README = Path(__file__).parent.parent / "README.md"
REPOSITORY = "octo/kit"
NOW = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

TRANSIENT = Finding(
    "transient_import", ("80097376",), (Evidence("title", 0, 2, "No", "error code 80097376"),), ("A | B",), (), True,
    False,
)  # fmt: skip
OTHER = Finding("other_import", (), (), (), (), False, False)
NOT_IMPORT = Finding("not_import", (), (), (), (), False, False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "triage.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{file}")
    yield store
    store.shut()


def an_issue(number: int, **changes: object) -> Issue:
    made = Issue(
        number, f"Title {number}", "Body\n", "rita", "open", NOW, NOW, f"https://x/{number}", None, ("b", "a"), 1
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def a_comment(id: int, number: int) -> Comment:
    return Comment(id, number, "rita", f"Comment {id}", NOW + timedelta(seconds=id), NOW, f"https://x/c{id}", "MEMBER")


def a_plan(id: str = "p1", number: int = 1) -> Plan:
    steps = (Step("comment", text="Retry"), Step("close", reason="completed"))
    return Plan(id, REPOSITORY, number, "ann", "transient", "post", steps, NOW, criteria=("a",))


def a_holder(worker: str = "w1", now: datetime = NOW) -> Holder:
    return Holder(worker, now, now + timedelta(seconds=45))


# --- the mirror


def test_what_github_said_comes_back_as_it_was(store: Store) -> None:
    repository = Repository(REPOSITORY, "https://x", "trunk", can_triage=True)
    issue = an_issue(1, state="closed", state_reason="duplicate", closed_at=LATER, locked=True)
    store.save_repository(repository, viewer="ann")
    store.save_issues(REPOSITORY, [issue])
    store.save_comments(REPOSITORY, [a_comment(2, 1), a_comment(1, 1)])
    store.save_labels(REPOSITORY, [Label("b", "ffffff", "words"), Label("a")])
    store.mark_synced(REPOSITORY, at=LATER, since=NOW)
    mirrored = store.load_repository(REPOSITORY)
    assert mirrored is not None
    assert (mirrored.repository, mirrored.viewer, mirrored.synced_at, mirrored.since) == (repository, "ann", LATER, NOW)
    assert store.load_issue(REPOSITORY, 1) == issue
    assert store.load_comments(REPOSITORY) == {1: [a_comment(1, 1), a_comment(2, 1)]}
    assert store.load_labels(REPOSITORY) == [Label("b", "ffffff", "words"), Label("a")]


def test_a_moment_of_another_zone_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.save_issues(REPOSITORY, [an_issue(1, created_at=there)])
    loaded = store.load_issue(REPOSITORY, 1)
    assert loaded is not None
    assert (loaded.created_at, loaded.created_at.tzinfo) == (NOW, UTC)


def test_saving_again_replaces_and_the_last_of_two_wins(store: Store) -> None:
    store.save_issues(REPOSITORY, [an_issue(1), an_issue(2)])
    store.save_issues(REPOSITORY, [an_issue(1, title="x"), an_issue(1, title="y")])
    assert [issue.title for issue in store.load_issues(REPOSITORY)] == ["y", "Title 2"]
    store.replace_comments(REPOSITORY, 1, [a_comment(1, 1), a_comment(2, 1)])
    store.replace_comments(REPOSITORY, 1, [a_comment(2, 1)])
    store.delete_comment(REPOSITORY, 9)
    assert store.load_comments(REPOSITORY, [1, 7]) == {1: [a_comment(2, 1)]}
    store.delete_issue(REPOSITORY, 1)
    assert store.load_comments(REPOSITORY) == {}


def test_every_write_to_the_mirror_makes_its_version_grow_and_nothing_else_does(store: Store) -> None:
    store.save_repository(Repository(REPOSITORY, "https://x"))

    def version() -> int:
        mirrored = store.load_repository(REPOSITORY)
        assert mirrored is not None
        return mirrored.version

    writes = [
        lambda: store.save_issues(REPOSITORY, [an_issue(1)]),
        lambda: store.save_comments(REPOSITORY, [a_comment(1, 1)]),
        lambda: store.replace_comments(REPOSITORY, 1, []),
        lambda: store.delete_comment(REPOSITORY, 1),
        lambda: store.save_labels(REPOSITORY, [Label("a")]),
        lambda: store.save_findings(REPOSITORY, {1: KeyedFinding("k", NOT_IMPORT)}),
        lambda: store.save_repository(Repository(REPOSITORY, "https://y")),
    ]
    for write in writes:
        before = version()
        write()
        assert version() == before + 1
    before = version()
    store.save_labels(REPOSITORY, [Label("a")])
    store.save_repository(Repository(REPOSITORY, "https://y"))
    store.mark_synced(REPOSITORY, at=NOW, since=None)
    store.save_draft(REPOSITORY, 1, "ann", "t", "text", suggestion="", at=NOW)
    assert version() == before


def test_candidates_are_import_failures_open_or_closed(store: Store) -> None:
    store.save_issues(REPOSITORY, [an_issue(1), an_issue(2, state="closed"), an_issue(3), an_issue(4)])
    store.save_findings(
        REPOSITORY,
        {
            1: KeyedFinding("k1", TRANSIENT),
            2: KeyedFinding("k2", OTHER),
            3: KeyedFinding("k3", NOT_IMPORT),
        },
    )
    assert [(issue.number, found) for issue, found in store.load_candidates(REPOSITORY)] == [
        (1, TRANSIENT),
        (2, OTHER),
    ]
    counts = store.count_issues(REPOSITORY)
    assert (counts.open, counts.closed, counts.by_kind) == (3, 1, {"transient_import": 1, "not_import": 1})
    assert store.load_finding_keys(REPOSITORY) == {1: "k1", 2: "k2", 3: "k3"}
    assert (store.load_finding(REPOSITORY, 1), store.load_finding(REPOSITORY, 9)) == (TRANSIENT, None)


def test_only_the_candidates_are_loaded(store: Store) -> None:
    store.save_issues(REPOSITORY, [an_issue(number, body="x" * 2000) for number in range(1, 301)])
    findings = [TRANSIENT if number % 100 == 0 else NOT_IMPORT for number in range(1, 301)]
    store.save_findings(REPOSITORY, {number: KeyedFinding("k", one) for number, one in enumerate(findings, start=1)})
    assert [issue.number for issue, _ in store.load_candidates(REPOSITORY)] == [100, 200, 300]


def test_clearing_the_mirror_leaves_all_that_is_ours(store: Store) -> None:
    store.save_repository(Repository(REPOSITORY, "https://x"))
    store.save_issues(REPOSITORY, [an_issue(1)])
    fill_ours(store)
    store.clear_mirror(REPOSITORY)
    assert (store.load_repository(REPOSITORY), store.load_issues(REPOSITORY)) == (None, [])
    check_ours(store)


def test_a_wipe_forgets_one_repository_wholly_and_no_other(store: Store) -> None:
    fill_ours(store)
    store.save_draft("octo/other", 1, "ann", "t", "text", suggestion="", at=NOW)
    store.wipe(REPOSITORY)
    assert (store.load_drafts(REPOSITORY), store.load_journal(), store.load_ticks(REPOSITORY)) == ([], [], {})
    assert len(store.load_drafts("octo/other")) == 1


# --- drafts


def test_a_draft_is_kept_for_each_person_issue_and_template(store: Store) -> None:
    for number, person, template in ((1, "ann", "t"), (1, "bob", "t"), (2, "ann", "t"), (1, "ann", "u")):
        store.save_draft(REPOSITORY, number, person, template, f"{number}{person}{template}", suggestion="s", at=NOW)
    store.save_draft(REPOSITORY, 1, "ann", "t", "newer", suggestion="s2", at=LATER)
    draft = store.load_draft(REPOSITORY, 1, "ann", "t")
    assert draft is not None
    assert (draft.text, draft.suggestion, draft.saved_at) == ("newer", "s2", LATER)
    assert len(store.load_drafts(REPOSITORY)) == 4
    assert [one.text for one in store.load_drafts(REPOSITORY, 1, "bob")] == ["1bobt"]
    assert store.load_draft(REPOSITORY, 3, "ann", "t") is None


def test_half_a_character_is_no_draft_and_the_last_one_stays(store: Store) -> None:
    store.save_draft(REPOSITORY, 1, "ann", "t", "whole", suggestion="", at=NOW)
    with pytest.raises(StoreError, match="broken character"):
        store.save_draft(REPOSITORY, 1, "ann", "t", "half \ud83c", suggestion="", at=NOW)
    assert [draft.text for draft in store.load_drafts(REPOSITORY)] == ["whole"]


def test_too_many_readers_at_once_are_told_so_in_a_sentence(store: Store) -> None:
    pool = store._engine.pool
    assert isinstance(pool, sa.QueuePool)
    pool._timeout = 0.01
    held = [store._engine.connect() for _ in range(pool.size() + pool._max_overflow)]
    with pytest.raises(StoreError, match="too many at once"):
        store.load_labels(REPOSITORY)
    for connection in held:
        connection.close()


def test_a_discarded_draft_can_be_restored_and_what_was_written_since_is_not_lost(store: Store) -> None:
    store.save_draft(REPOSITORY, 1, "ann", "t", "first", suggestion="", at=NOW)
    store.discard_draft(REPOSITORY, 1, "ann", "t", at=NOW)
    store.save_draft(REPOSITORY, 1, "ann", "t", "second", suggestion="", at=LATER)
    (first,) = store.load_drafts(REPOSITORY, retired=True)
    restored = store.restore_draft(first.id, at=LATER)
    assert restored is not None
    assert (restored.text, restored.retired_at) == ("first", None)
    assert [draft.text for draft in store.load_drafts(REPOSITORY, retired=True)] == ["second"]
    assert store.restore_draft(999, at=LATER) is None


def test_only_drafts_retired_before_are_purged(store: Store) -> None:
    for number in (1, 2, 3):
        store.save_draft(REPOSITORY, number, "ann", "t", str(number), suggestion="", at=NOW)
    store.discard_draft(REPOSITORY, 1, "ann", "t", at=NOW)
    store.discard_draft(REPOSITORY, 2, "ann", "t", at=LATER)
    assert store.purge_drafts(LATER) == 1
    assert [draft.number for draft in store.load_drafts(REPOSITORY, retired=True)] == [2]
    assert [draft.number for draft in store.load_drafts(REPOSITORY)] == [3]


# --- ticks, dismissals, journal


def test_a_tick_keeps_its_first_name_and_time_and_leaves_a_line_in_the_journal(store: Store) -> None:
    store.save_change(REPOSITORY, Change("tick", 1, "ann", "t", 0, "It works"), NOW)
    store.save_change(REPOSITORY, Change("tick", 1, "bob", "t", 0, "It works"), LATER)
    (tick,) = store.load_ticks(REPOSITORY, [1])[1]
    assert (tick.person, tick.at, tick.text) == ("ann", NOW, "It works")
    store.save_change(REPOSITORY, Change("untick", 1, "bob", "t", 0, "It works"), LATER)
    assert store.load_ticks(REPOSITORY) == {}
    journal = [(entry.kind, entry.person) for entry in store.load_journal()]
    assert sorted(journal[:2]) == [("tick", "bob"), ("untick", "bob")]  # of the same moment
    assert journal[2] == ("tick", "ann")


def test_the_journal_is_newest_first_of_all_of_a_repository_or_of_an_issue(store: Store) -> None:
    store.save_change(REPOSITORY, Change("dismiss", 1, "ann", text="a duplicate"), NOW)
    store.save_change(REPOSITORY, Change("undismiss", 1, "bob"), LATER)
    store.save_change("octo/other", Change("dismiss", 2, "ann"), LATER + timedelta(seconds=1))
    assert [entry.detail for entry in store.load_journal()] == ["dismissed", "restored", "dismissed: a duplicate"]
    assert [entry.person for entry in store.load_journal(REPOSITORY)] == ["bob", "ann"]
    assert len(store.load_journal(REPOSITORY, 2)) == 0


def test_at_most_one_unfinished_plan_of_an_issue_exists(store: Store) -> None:
    assert store.add_plan(a_plan("p1"), a_holder()).won
    refused = store.add_plan(a_plan("p2"), a_holder("w2"))
    assert (refused.won, refused.record.id) == (False, "p1")
    assert store.add_plan(a_plan("p3", number=2), a_holder("w2")).won
    held = store.load_plan("p1")
    assert held is not None
    assert store.leave_plan(held, Leave("done"), NOW)
    assert store.add_plan(a_plan("p2"), a_holder("w2")).won


def test_the_database_itself_refuses_a_second_unfinished_plan(store: Store, file: Path) -> None:
    store.add_plan(a_plan("p1"), a_holder())
    connection = sqlite3.connect(file)
    connection.execute("CREATE TEMP TABLE second AS SELECT * FROM plans")
    connection.execute("UPDATE second SET id = 'p2'")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO plans SELECT * FROM second")
    connection.close()


def test_a_claim_is_taken_over_only_when_its_lease_has_run_out_or_its_worker_is_gone(store: Store) -> None:
    store.add_plan(a_plan(), a_holder("w1"))
    early = store.claim_plan("p1", a_holder("w2"))
    assert early is not None
    assert not early.won
    gone = store.claim_plan("p1", replace(a_holder("w2"), is_alive=lambda worker: False))
    assert gone is not None
    assert gone.won
    at_work = store.claim_plan("p1", replace(a_holder("w3", LATER), is_alive=lambda worker: worker == "w2"))
    assert at_work is not None
    assert not at_work.won
    late = store.claim_plan("p1", a_holder("w3", LATER))
    assert late is not None
    assert late.won
    assert store.claim_plan("p9", a_holder()) is None


def test_without_the_claim_nothing_is_written(store: Store) -> None:
    record = store.add_plan(a_plan(), a_holder("w1")).record
    lost, step = replace(record, claimed_by="w2"), record.steps[0]
    assert not store.write_step(lost, replace(step, state="sending", attempted_at=NOW), lease_until=LATER)
    assert not store.write_step(lost, replace(step, state="done", finished_at=NOW))
    assert not store.leave_plan(lost, Leave("done"), NOW)
    plan = store.load_plan("p1")
    assert plan is not None
    assert (plan.state, plan.steps[0].state, plan.claimed_by) == ("running", "pending", "w1")


def test_threads_that_claim_at_once_win_once(store: Store) -> None:
    won: list[bool] = []
    ready = threading.Barrier(8)

    def click(worker: int) -> None:
        ready.wait()
        won.append(store.add_plan(a_plan(f"p{worker}"), a_holder(f"w{worker}")).won)

    threads = [threading.Thread(target=click, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


# --- opening


def test_the_migrations_make_the_schema_that_the_code_reads(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_a_store_is_opened_again_with_all_that_was_in_it(store: Store, file: Path) -> None:
    fill_ours(store)
    store.shut()
    again = Store.open(f"sqlite:///{file}")
    check_ours(again)
    again.shut()


def test_a_copy_of_the_one_file_is_a_backup_once_the_store_is_shut(store: Store, file: Path, tmp_path: Path) -> None:
    fill_ours(store)
    store.shut()
    shutil.copy(file, tmp_path / "copy.db")
    copy = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    check_ours(copy)
    copy.shut()


def test_the_backup_of_the_readme_works_while_the_store_is_in_use_and_again_and_restores(
    store: Store, file: Path
) -> None:
    said = re.search(r'^python3 -c "(import sqlite3; .*)"$', README.read_text(encoding="utf-8"), re.MULTILINE)
    assert said
    command = [sys.executable, "-c", said[1]]
    subprocess.run(command, cwd=file.parent, check=True)
    fill_ours(store)
    subprocess.run(command, cwd=file.parent, check=True)
    store.discard_draft(REPOSITORY, 1, "ann", "transient", at=NOW)
    shutil.copy(file, file.with_name("killed.db"))
    shutil.copy(f"{file}-wal", file.with_name("killed.db-wal"))
    for leftover in file.parent.glob("killed.db-*"):
        leftover.unlink()
    shutil.copy(file.with_name("triage-backup.db"), file.with_name("killed.db"))
    restored = Store.open(f"sqlite:///{file.with_name('killed.db')}")
    check_ours(restored)
    restored.shut()
    elsewhere = subprocess.run(command, cwd=file.parent.parent, check=False, capture_output=True)
    assert elsewhere.returncode != 0
    assert not (file.parent.parent / "triage.db").exists()


def test_many_may_open_a_new_store_at_the_same_moment(tmp_path: Path) -> None:
    opened: list[Store] = []
    ready = threading.Barrier(6)

    def open_it() -> None:
        ready.wait()
        opened.append(Store.open(f"sqlite:///{tmp_path / 'new.db'}"))

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    for store in opened:
        store.shut()


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store: Store, file: Path) -> None:
    fill_ours(store)
    with store._write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.shut()
    before = file.read_bytes()
    assert refusal(f"sqlite:///{file}").endswith(
        "triage.db comes from a newer version of this dashboard: bring the dashboard up to date, "
        "or set DATABASE_URL to another store."
    )
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file: Path) -> None:
    file.write_bytes(b"Dear diary, " * 1000)
    assert "is damaged or not a database: put your last copy" in refusal(f"sqlite:///{file}")
    assert file.read_bytes() == b"Dear diary, " * 1000


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("triage.db", "DATABASE_URL is not a database URL: write one such as sqlite:///triage.db"),
        ("nonsense://x", "install its driver, or use sqlite:///triage.db"),
        ("sqlite:////no/such/folder/triage.db", "cannot be opened: create its folder"),
        ("sqlite:///triage.db?timeout=soon", "DATABASE_URL has something after the ?"),
    ],
)
def test_a_wrong_url_is_answered_with_one_sentence(url: str, said: str) -> None:
    assert said in refusal(url)


def test_a_read_only_store_is_refused(store: Store, file: Path) -> None:
    store.shut()
    assert "is read-only: give this user the right to write" in refusal(f"sqlite:///file:{file}?mode=ro&uri=true")


def test_a_password_in_the_url_is_in_no_sentence() -> None:
    assert "hunter2" not in refusal("nonsense://ann:hunter2@host/triage")


def test_a_damaged_mirror_is_rebuilt_and_what_is_ours_is_kept(store: Store, file: Path) -> None:
    fill_ours(store)
    store.save_issues(REPOSITORY, [an_issue(number, body="MIRRORED" * 300) for number in range(1, 200)])
    store.shut()
    damage(file, b"MIRRORED")
    damaged = file.read_bytes()
    again = Store.open(f"sqlite:///{file}")
    check_ours(again)
    assert again.load_issues(REPOSITORY) == []
    assert again.notice.startswith(
        "The store triage.db was damaged: drafts, ticks, dismissals and the journal were saved"
    )
    again.shut()
    (kept,) = file.parent.glob("triage.db.damaged-*")
    assert kept.read_bytes() == damaged
    assert not list(file.parent.glob("*.rebuilt*"))


def test_a_store_with_a_damaged_draft_is_refused_and_left_as_it_is(store: Store, file: Path) -> None:
    for number in range(1, 200):
        store.save_draft(REPOSITORY, number, "ann", "t", "DRAFTED" * 500, suggestion="", at=NOW)
    store.shut()
    damage(file, b"DRAFTED" * 10)
    damaged = file.read_bytes()
    assert "is damaged" in refusal(f"sqlite:///{file}")
    assert file.read_bytes() == damaged
    assert [one.name for one in file.parent.glob("triage.db*")] == ["triage.db"]


def damage(file: Path, within: bytes) -> None:
    """Overwrites whole pages of the table whose rows hold these bytes, beginning with the first such page."""
    content = bytearray(file.read_bytes())
    size = 4096
    pages = [start for start in range(size, len(content), size) if content[start] == 0x0D]  # leaves of tables
    hit = [start for start in pages if content.find(within, start, start + size) > 0][:3]
    assert hit
    for start in hit:
        content[start : start + 64] = b"\xff" * 64
    file.write_bytes(bytes(content))


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        Store.open(url)
    sentence = str(refused.value)
    assert sentence.count(". ") == 0
    assert refused.value.__cause__ is None or "DBAPI" not in type(refused.value.__cause__).__name__
    return sentence


def fill_ours(store: Store) -> None:
    store.save_draft(REPOSITORY, 1, "ann", "t", "text – “quoted”", suggestion="s", at=NOW)
    store.save_change(REPOSITORY, Change("tick", 1, "ann", "t", 0, "It works"), NOW)
    store.save_change(REPOSITORY, Change("dismiss", 2, "bob", text="a duplicate"), NOW)
    held = store.add_plan(a_plan("p1", number=3), a_holder()).record
    step = replace(held.steps[0], state="sending", attempted_at=NOW, attempts=1)
    store.write_step(held, step, lease_until=LATER)
    done = replace(step, state="done", finished_at=NOW, url="https://x/c7", result={"comment_id": 7})
    store.write_step(held, done)


def check_ours(store: Store) -> None:
    assert [draft.text for draft in store.load_drafts(REPOSITORY)] == ["text – “quoted”"]
    assert [tick.text for tick in store.load_ticks(REPOSITORY)[1]] == ["It works"]
    assert store.load_dismissals(REPOSITORY)[2].reason == "a duplicate"
    assert [plan.id for plan in store.load_unfinished(REPOSITORY)] == ["p1"]
    (answer,) = store.load_answers(REPOSITORY)[3]
    assert (answer.comment_id, answer.url, answer.criteria, answer.at) == (7, "https://x/c7", ("a",), NOW)
    assert sorted(entry.kind for entry in store.load_journal()) == ["comment", "dismiss", "tick"]
