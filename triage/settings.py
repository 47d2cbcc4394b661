"""Environment and secrets -> Settings; a wrong or missing value is one sentence that names the setting and the mend."""

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder, where `app.py` and the default templates are."""

SECRETS_FILE = Path(".streamlit/secrets.toml")
SANDBOX_REPOSITORY = "sandbox/starter-kit"
DEFAULT_API_URL = "https://api.github.com"
DEFAULT_DATABASE_URL = "sqlite:///triage.db"
LONGEST_UNDO = 600
"""The most seconds that a click may wait to be sent."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")
_TOKEN = re.compile(r"gh[a-z]_|github_pat_")
_HOST = re.compile(r"[\w.:-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+_]*://")


class SettingsError(ValueError):
    """A setting that cannot be used; `str(error)` is one sentence that names it and the mend, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the dashboard was told. Without a token it runs on the built-in sandbox, and `api_url` is not used.

    `undo_seconds` is how long a click waits before anything is sent, 0 for not at all.
    """

    token: str = field(repr=False)
    api_url: str
    repositories: tuple[str, ...]
    templates: Path
    database_url: str = field(repr=False)  # may hold a password
    sandbox: bool
    undo_seconds: int = 0

    @property
    def sandbox_file(self) -> Path:
        """Where the sandbox keeps its state: beside a store that is a file, else in the working folder."""
        path = self.database_url.removeprefix("sqlite:///").partition("?")[0]
        if path == self.database_url or not path or path.startswith((":memory:", "file:")):
            return Path("sandbox.json")
        return Path(path).with_name("sandbox.json")


def read_settings(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> Settings:
    """The settings out of the environment, or where it says nothing, out of `secrets` under the same names.

    An empty value is the same as none. Raises SettingsError at the first value that cannot be used.
    """
    source = _Source(environ, secrets or {})
    token = _read_token(source)
    return Settings(
        token=token,
        api_url=_read_api_url(source, token),
        repositories=_read_repositories(source, token),
        templates=_read_templates(source),
        database_url=_read_database_url(source),
        sandbox=not token,
        undo_seconds=_read_undo_seconds(source),
    )


def read_templates_folder(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> Path:
    """TRIAGE_TEMPLATES alone: for what needs no repository."""
    return _read_templates(_Source(environ, secrets or {}))


def read_first_repository(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> tuple[str, str]:
    """The first repository's `owner/name` and the address of its page: for what is rendered without asking GitHub."""
    source = _Source(environ, secrets or {})
    entries = _read_entries(source)
    name = entries[0] if entries else SANDBOX_REPOSITORY
    address = urlsplit(_read_api_url(source, token=""))
    host = "github.com" if address.hostname == "api.github.com" else address.netloc
    return name, f"{address.scheme}://{host}/{name}"


def load_secrets(file: Path = SECRETS_FILE) -> dict[str, object]:
    """What `.streamlit/secrets.toml` says, {} where there is none.

    For the pages as well: Streamlit would put it over the environment, and a broken file would be a traceback.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{file} cannot be read: make it a readable UTF-8 file, or remove it.") from None
    line = 0
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
    raise SettingsError(f'{file} is not valid TOML at line {line}: write each setting as NAME = "value".')


class _Source:
    """Where values come from: the environment first."""

    def __init__(self, environ: Mapping[str, str], secrets: Mapping[str, object]) -> None:
        self._environ = environ
        self._secrets = secrets

    def text(self, name: str) -> str:
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise SettingsError(f'{name} is not a text: write {name} = "..." in {SECRETS_FILE}.')
        text = str(value).strip()
        if "\0" in text:
            raise SettingsError(f"{name} holds a character that no value has: write it anew.")
        return text

    def value(self, name: str) -> object:
        from_environment = self._environ.get(name, "").strip()
        if from_environment:
            return from_environment
        found = self._secrets.get(name)
        return "" if found is None else found


def _read_token(source: _Source) -> str:
    token = source.text("GITHUB_TOKEN")
    if any(not ("!" <= character <= "~") for character in token):
        raise SettingsError(
            "GITHUB_TOKEN holds a space, a line break or another character that no token has: "
            "paste the token alone, without a word before it."
        )
    if token[:1] in "\"'`<" and token:
        raise SettingsError("GITHUB_TOKEN begins with a quote or a bracket: paste the token alone.")
    return token


def _read_api_url(source: _Source, token: str) -> str:
    name = "GITHUB_API_URL"
    url = source.text(name) or DEFAULT_API_URL
    mend = f"write the REST root, {DEFAULT_API_URL} or on an Enterprise Server https://HOST/api/v3"
    try:
        address = urlsplit(url)
        host, _port = address.hostname or "", address.port
        host.encode("idna")  # raises for a name that no host can have: an empty part, or one of over 63 characters
    except ValueError:
        raise SettingsError(f"{name} is not an address: {mend}.") from None
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(host) or any(map(str.isspace, url)):
        raise SettingsError(f"{name} is not an http or https address: {mend}.")
    if address.username or address.password:
        raise SettingsError(f"{name} holds a user name or password: put the token into GITHUB_TOKEN and {mend}.")
    if address.query or address.fragment:
        raise SettingsError(f"{name} has something after a ? or #: {mend}.")
    if host in ("github.com", "www.github.com"):
        raise SettingsError(f"{name} is the address of GitHub's pages: write {DEFAULT_API_URL}, its REST root.")
    if token and address.scheme == "http" and not _is_loopback(host):
        raise SettingsError(
            f"{name} would send the token over plain http to {host}: write https://{host}{address.path}."
        )
    return url.rstrip("/")


def _read_entries(source: _Source) -> tuple[str, ...]:
    """TRIAGE_REPOSITORIES, each once."""
    name = "TRIAGE_REPOSITORIES"
    given = source.value(name)
    if isinstance(given, list) and all(isinstance(entry, str) for entry in given):
        entries = [str(entry) for entry in given]
    else:
        entries = source.text(name).split(",")
    repositories: dict[str, str] = {}
    for entry in (entry.strip() for entry in entries):
        if not entry:
            continue
        if not _REPOSITORY.fullmatch(entry) or entry.lower().endswith(("/.", "/..", ".git")):
            # Pasted into the wrong field, a token must not come out on a page.
            shown = "a token" if _TOKEN.match(entry) else repr(entry[:60])
            raise SettingsError(
                f"{name} holds {shown}: write owner/name, several with commas between them, as in octo-org/starter-kit."
            )
        repositories.setdefault(entry.casefold(), entry)
    return tuple(repositories.values())


def _read_repositories(source: _Source, token: str) -> tuple[str, ...]:
    name = "TRIAGE_REPOSITORIES"
    repositories = _read_entries(source)
    if token and not repositories:
        raise SettingsError(
            f"{name} is missing while GITHUB_TOKEN is set: name the repositories as owner/name, "
            "or unset GITHUB_TOKEN to use the sandbox."
        )
    if not token:
        foreign = [entry for entry in repositories if entry.casefold() != SANDBOX_REPOSITORY]
        if foreign:
            raise SettingsError(
                f"GITHUB_TOKEN is missing while {name} names {foreign[0]}: set a token that may read it, "
                f"or unset {name} to use the sandbox."
            )
        return (SANDBOX_REPOSITORY,)
    return repositories


def _read_templates(source: _Source) -> Path:
    given = source.text("TRIAGE_TEMPLATES")
    try:
        folder = Path(given).expanduser() if given else ROOT / "templates"
        fault = "" if folder.is_dir() else "is a file" if folder.is_file() else "does not exist"
    except (OSError, RuntimeError):  # a name that is too long, a folder that may not be looked into, nobody's home
        folder, fault = Path(given), "cannot be reached"
    if fault:
        shown = str(folder) if len(str(folder)) <= 200 else f"{str(folder)[:200]}…"
        raise SettingsError(f"TRIAGE_TEMPLATES names {shown}, which {fault}: name a folder of response templates.")
    return folder


def _read_database_url(source: _Source) -> str:
    name = "DATABASE_URL"
    url = source.text(name) or DEFAULT_DATABASE_URL
    # The value is never quoted in a sentence: it may hold a password.
    if not _SCHEME.match(url):
        raise SettingsError(f"{name} is not an SQLAlchemy URL: write {DEFAULT_DATABASE_URL} for a file beside app.py.")
    scheme, _, rest = url.partition("://")
    if scheme == "postgres":
        raise SettingsError(f"{name} begins with postgres://, which SQLAlchemy does not know: write postgresql://.")
    if scheme.partition("+")[0] == "sqlite":
        if rest and not rest.startswith("/"):
            raise SettingsError(f"{name} lacks a slash: write sqlite:///FILE, or sqlite:////FOLDER/FILE from the root.")
        file = rest.removeprefix("/").partition("?")[0]
        if file and not file.startswith((":memory:", "file:")):
            if not _is_folder(Path(file).parent):
                raise SettingsError(
                    f"{name} names a file in {Path(file).parent}, which does not exist: create it first."
                )
            if _is_folder(Path(file)):
                raise SettingsError(f"{name} names {file}, which is a folder: name a file in it.")
    return url


def _read_undo_seconds(source: _Source) -> int:
    given = source.text("TRIAGE_UNDO_SECONDS") or "0"
    if not given.isdecimal() or len(given) > len(str(LONGEST_UNDO)) or int(given) > LONGEST_UNDO:
        raise SettingsError(
            f"TRIAGE_UNDO_SECONDS is {given[:20]!r}: write whole seconds, from 0 (sends at once) to {LONGEST_UNDO}."
        )
    return int(given)


def _is_folder(path: Path) -> bool:
    """As `is_dir`; False also for a name that is too long to be one, and for what may not be looked into."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
