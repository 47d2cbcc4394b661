"""Settings: what is taken from where, and the sentence for each value that cannot be used."""

import tomllib
from pathlib import Path

import pytest

from triage.models import Repository
from triage.settings import (
    ROOT,
    Settings,
    SettingsError,
    load_secrets,
    read_first_repository,
    read_settings,
    read_templates_folder,
)

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
REAL = {"GITHUB_TOKEN": TOKEN, "TRIAGE_REPOSITORIES": "octo/kit"}


@pytest.fixture(autouse=True)
def _folder_of_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answers").mkdir()
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_there_is_the_sandbox() -> None:
    assert read_settings({}) == Settings(
        token="",
        api_url="https://api.github.com",
        repositories=("sandbox/starter-kit",),
        templates=ROOT / "templates",
        database_url="sqlite:///triage.db",
        sandbox=True,
        undo_seconds=0,
    )


def test_a_token_and_a_repository_are_all_that_github_takes() -> None:
    settings = read_settings(REAL)
    assert (settings.sandbox, settings.token, settings.repositories) == (False, TOKEN, ("octo/kit",))


def test_the_environment_goes_before_the_secrets_and_an_empty_value_is_none() -> None:
    secrets = {"GITHUB_TOKEN": TOKEN, "TRIAGE_REPOSITORIES": "a/b", "TRIAGE_TEMPLATES": "answers", "other": {"x": 1}}
    settings = read_settings({"TRIAGE_REPOSITORIES": "octo/kit", "TRIAGE_TEMPLATES": " "}, secrets)
    assert (settings.token, settings.repositories, settings.templates) == (TOKEN, ("octo/kit",), Path("answers"))


def test_repositories_are_a_list_with_commas_or_in_toml_each_once() -> None:
    assert read_settings({**REAL, "TRIAGE_REPOSITORIES": " a/b, A/B ,c/d.e_f,"}).repositories == ("a/b", "c/d.e_f")
    assert read_settings({"GITHUB_TOKEN": TOKEN}, {"TRIAGE_REPOSITORIES": ["a/b", "c/d"]}).repositories == (
        "a/b",
        "c/d",
    )


def test_white_space_around_a_value_does_no_harm() -> None:
    assert read_settings({**REAL, "GITHUB_TOKEN": f" {TOKEN}\n"}).token == TOKEN


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com/api/v3"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_api_url_is_taken_without_the_slash_at_its_end(given: str, taken: str) -> None:
    assert read_settings({**REAL, "GITHUB_API_URL": given}).api_url == taken


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("GITHUB_TOKEN", "ghp_one two", "paste the token alone"),
        ("GITHUB_TOKEN", "ghp_one\nghp_two", "paste the token alone"),
        ("GITHUB_TOKEN", "ghp_ü", "paste the token alone"),
        ("GITHUB_TOKEN", f'"{TOKEN}"', "paste the token alone"),
        ("GITHUB_API_URL", "api.github.com", "https://api.github.com"),
        ("GITHUB_API_URL", "ftp://ghe.example.com", "https://HOST/api/v3"),
        ("GITHUB_API_URL", "https://", "https://api.github.com"),
        ("GITHUB_API_URL", "https://host:port/api", "https://api.github.com"),
        ("GITHUB_API_URL", "https://[bad/api", "https://api.github.com"),
        ("GITHUB_API_URL", "https://ghe..example.com", "https://api.github.com"),
        ("GITHUB_API_URL", "https://" + 64 * "a" + ".example.com", "https://api.github.com"),
        ("GITHUB_API_URL", "https://ghe\\example.com", "https://api.github.com"),
        ("GITHUB_API_URL", f"https://me:{TOKEN}@ghe.example.com/api/v3", "GITHUB_TOKEN"),
        ("GITHUB_API_URL", "https://ghe.example.com/api/v3?x=1", "https://HOST/api/v3"),
        ("GITHUB_API_URL", "https://github.com/octo/kit", "https://api.github.com"),
        ("GITHUB_API_URL", "http://ghe.example.com/api/v3", "https://ghe.example.com/api/v3"),
        ("GITHUB_API_URL", "http://localhost.example.com", "https://localhost.example.com"),
        ("TRIAGE_REPOSITORIES", "octo", "owner/name"),
        ("TRIAGE_REPOSITORIES", "https://github.com/octo/kit", "owner/name"),
        ("TRIAGE_REPOSITORIES", "octo/kit octo/other", "owner/name"),
        ("TRIAGE_REPOSITORIES", "octo/..", "owner/name"),
        ("TRIAGE_REPOSITORIES", "octo/kit.git", "owner/name"),
        ("TRIAGE_REPOSITORIES", TOKEN, "owner/name"),
        ("TRIAGE_REPOSITORIES", ",", "unset GITHUB_TOKEN"),
        ("TRIAGE_TEMPLATES", "nowhere", "a folder of response templates"),
        ("TRIAGE_TEMPLATES", "~nobody-of-that-name/answers", "a folder of response templates"),
        ("TRIAGE_TEMPLATES", 300 * "x", "a folder of response templates"),
        ("TRIAGE_TEMPLATES", "answers\0", "type the value again"),
        ("DATABASE_URL", "triage.db", "sqlite:///triage.db"),
        ("DATABASE_URL", "postgres://me:secret@host/db", "postgresql://"),
        ("DATABASE_URL", "sqlite://triage.db", "sqlite:///FILE"),
        ("DATABASE_URL", "sqlite:///nowhere/triage.db", "create it first"),
        ("DATABASE_URL", "sqlite:///answers", "a file in it"),
        ("DATABASE_URL", f"sqlite:///{300 * 'x'}/triage.db", "create it first"),
        ("TRIAGE_UNDO_SECONDS", "ten", "whole seconds"),
        ("TRIAGE_UNDO_SECONDS", "-1", "whole seconds"),
        ("TRIAGE_UNDO_SECONDS", "601", "600"),
        ("TRIAGE_UNDO_SECONDS", 5000 * "9", "600"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_the_setting_and_the_fix(name: str, value: str, fix: str) -> None:
    for environ, secrets in (
        ({**REAL, name: value}, {}),
        ({k: v for k, v in REAL.items() if k != name}, {name: value}),
    ):
        with pytest.raises(SettingsError) as caught:
            read_settings(environ, secrets)
        sentence = str(caught.value)
        assert name in sentence
        assert fix in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert TOKEN not in sentence
        assert "secret" not in sentence
        assert caught.value.__cause__ is None


def test_a_token_without_repositories_says_both_ways_out() -> None:
    with pytest.raises(SettingsError, match=r"TRIAGE_REPOSITORIES is missing .* or unset GITHUB_TOKEN"):
        read_settings({"GITHUB_TOKEN": TOKEN})


def test_a_repository_without_a_token_says_both_ways_out() -> None:
    with pytest.raises(SettingsError, match=r"GITHUB_TOKEN is missing .* or unset TRIAGE_REPOSITORIES"):
        read_settings({"TRIAGE_REPOSITORIES": "octo/kit"})
    assert read_settings({"TRIAGE_REPOSITORIES": "sandbox/starter-kit"}).sandbox


def test_a_secret_that_is_no_string_is_named() -> None:
    with pytest.raises(SettingsError, match="GITHUB_TOKEN is not a string"):
        read_settings({}, {"GITHUB_TOKEN": {"value": TOKEN}})


def test_whole_numbers_may_stand_in_toml_without_quotes() -> None:
    assert read_settings({}, {"TRIAGE_UNDO_SECONDS": 10}).undo_seconds == 10


def test_what_is_printed_of_settings_holds_neither_token_nor_password() -> None:
    shown = repr(read_settings({**REAL, "DATABASE_URL": "postgresql://me:secret@host/db"}))
    assert TOKEN not in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///triage.db", "sandbox.json"),
        ("sqlite:///answers/x.db?timeout=5", "answers/sandbox.json"),
        ("sqlite://", "sandbox.json"),
        ("sqlite:///:memory:", "sandbox.json"),
        ("postgresql://host/db", "sandbox.json"),
    ],
)
def test_the_sandbox_keeps_its_state_beside_the_store(url: str, file: str) -> None:
    assert read_settings({"DATABASE_URL": url}).sandbox_file == Path(file)


def test_templates_and_links_need_no_token() -> None:
    environ = {"GITHUB_TOKEN": TOKEN, "TRIAGE_TEMPLATES": "answers"}
    assert read_templates_folder(environ) == Path("answers")
    assert read_first_repository(environ) == Repository("sandbox/starter-kit", "https://github.com/sandbox/starter-kit")
    enterprise = {"TRIAGE_REPOSITORIES": "octo/kit", "GITHUB_API_URL": "https://ghe.example.com/api/v3"}
    assert read_first_repository(enterprise) == Repository("octo/kit", "https://ghe.example.com/octo/kit")


def test_the_secrets_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    assert load_secrets(file) == {}
    for encoding in ("utf-8", "utf-8-sig"):
        file.write_text('TRIAGE_REPOSITORIES = "octo/kit"\n', encoding=encoding)
        assert load_secrets(file) == {"TRIAGE_REPOSITORIES": "octo/kit"}


def test_streamlit_leaves_the_secrets_file_to_the_dashboard() -> None:
    """It would write what is there over the environment, which goes first, and into that of every child process."""
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["secrets"] == {"files": []}


def test_a_broken_secrets_file_is_named_by_its_line_and_not_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f"TRIAGE_REPOSITORIES = 'a/b'\nGITHUB_TOKEN = {TOKEN}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"secrets\.toml is not valid TOML at line 2") as caught:
        load_secrets(file)
    assert TOKEN not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_secrets(file)
