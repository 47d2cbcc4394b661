"""Environment and secrets -> Settings; a wrong or missing value is one sentence that names the setting and the fix."""

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from triage.models import Repository

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder, where `app.py` and the default templates are."""

SECRETS_FILE = Path(".streamlit/secrets.toml")
SANDBOX_REPOSITORY = "sandbox/starter-kit"
DEFAULT_API_URL = "https://api.github.com"
DEFAULT_DATABASE_URL = "sqlite:///triage.db"
LONGEST_UNDO = 600
"""The most seconds that a click may wait to be sent."""

_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9_-]*/(?!\.{1,2}$)(?!.*\.git$)[a-z0-9._-]+", re.IGNORECASE)
_TOKEN = re.compile(r"gh[a-z]_|github_pat_")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_HOST = re.compile(r"[\w.:-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+_]*://")
_LACKS_SLASH = re.compile(r"sqlite(?:\+\w+)?://[^/]")
_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(?!:memory:|file:)([^?]+)")


class SettingsError(ValueError):
    """A setting that cannot be used; `str(error)` is one sentence that names it and the fix, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a dashboard. Without a token it runs on the built-in sandbox, and `api_url` is not used.

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
        file = _find_sqlite_file(self.database_url)
        return file.with_name("sandbox.json") if file else Path("sandbox.json")


def read_settings(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> Settings:
    """The settings from the environment and, where it has none, from `secrets` under the same names.

    An empty value is the same as none. Raises SettingsError at the first value that cannot be used.
    """
    given = _merge(environ, secrets)
    token = _read_token(given)
    return Settings(
        token=token,
        api_url=_read_api_url(given, token),
        repositories=_read_repositories(given, token),
        templates=_read_templates(given),
        database_url=_read_database_url(given),
        sandbox=not token,
        undo_seconds=_read_undo_seconds(given),
    )


def read_templates_folder(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> Path:
    """TRIAGE_TEMPLATES alone: for what needs no repository."""
    return _read_templates(_merge(environ, secrets))


def read_first_repository(environ: Mapping[str, str], secrets: Mapping[str, object] | None = None) -> Repository:
    """The first repository, by name and address alone: for what is rendered without asking GitHub."""
    given = _merge(environ, secrets)
    name = next(iter(_read_repository_names(given)), SANDBOX_REPOSITORY)
    address = urlsplit(_read_api_url(given, token=""))
    host = "github.com" if address.hostname == "api.github.com" else address.netloc
    return Repository(name, f"{address.scheme}://{host}/{name}")


def load_secrets(file: Path = SECRETS_FILE) -> dict[str, object]:
    """What `.streamlit/secrets.toml` says, {} where there is none.

    The pages use it as well: Streamlit would put the file over the environment, and show a broken one as a traceback.
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


def _merge(environ: Mapping[str, str], secrets: Mapping[str, object] | None) -> dict[str, object]:
    """What is set, by name: the environment goes before the secrets."""
    return {**(secrets or {}), **{name: value for name, value in environ.items() if value.strip()}}


def _text(given: Mapping[str, object], name: str) -> str:
    """The value of a setting without white space around it; empty where there is none."""
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise SettingsError(f'{name} is not a string: write {name} = "..." in {SECRETS_FILE}.')
    text = str(value).strip()
    if "\0" in text:
        raise SettingsError(f"{name} contains a NUL character: type the value again.")
    return text


def _read_token(given: Mapping[str, object]) -> str:
    token = _text(given, "GITHUB_TOKEN")
    if any(not ("!" <= character <= "~") for character in token):
        raise SettingsError(
            "GITHUB_TOKEN contains a space, a line break or another character that no token has: "
            "paste the token alone, without a word before it."
        )
    if token.startswith(('"', "'", "`", "<")):
        raise SettingsError("GITHUB_TOKEN starts with a quote or a bracket: paste the token alone.")
    return token


def _read_api_url(given: Mapping[str, object], token: str) -> str:
    url = _text(given, "GITHUB_API_URL") or DEFAULT_API_URL
    fix = f"write the REST root, {DEFAULT_API_URL} or on an Enterprise Server https://HOST/api/v3"
    try:
        address = urlsplit(url)
        host, _port = address.hostname or "", address.port
        host.encode("idna")  # raises for a name that no host can have: an empty part, or one of over 63 characters
    except ValueError:
        raise SettingsError(f"GITHUB_API_URL is not an address: {fix}.") from None
    is_web_address = _WEB_ADDRESS.fullmatch(url) and _HOST.fullmatch(host)
    is_exposed = token and address.scheme == "http" and not _is_loopback(host)
    pages = ("github.com", "www.github.com")
    faults = (
        (not is_web_address, f"is not an http or https address: {fix}"),
        ("@" in address.netloc, f"contains a user name or password: put the token into GITHUB_TOKEN and {fix}"),
        (address.query or address.fragment, f"has something after a ? or #: {fix}"),
        (host in pages, f"is the address of GitHub's pages: write {DEFAULT_API_URL}, its REST root"),
        (is_exposed, f"would send the token unencrypted to {host}: write https://{host}{address.path}"),
    )
    for is_wrong, fault in faults:
        if is_wrong:
            raise SettingsError(f"GITHUB_API_URL {fault}.")
    return url.rstrip("/")


def _read_repository_names(given: Mapping[str, object]) -> tuple[str, ...]:
    """TRIAGE_REPOSITORIES, a list or names with commas between them, each once."""
    value = given.get("TRIAGE_REPOSITORIES")
    is_list = isinstance(value, list) and all(isinstance(name, str) for name in value)
    listed = ",".join(value) if isinstance(value, list) and is_list else _text(given, "TRIAGE_REPOSITORIES")
    names: dict[str, str] = {}
    for name in filter(None, map(str.strip, listed.split(","))):
        if not _REPOSITORY.fullmatch(name):
            # Pasted into the wrong field, a token must not come out on a page.
            shown = "a token" if _TOKEN.match(name) else repr(name[:60])
            raise SettingsError(
                f"TRIAGE_REPOSITORIES contains {shown}: write owner/name, several with commas between them, "
                "as in octo-org/starter-kit."
            )
        names.setdefault(name.casefold(), name)
    return tuple(names.values())


def _read_repositories(given: Mapping[str, object], token: str) -> tuple[str, ...]:
    names = _read_repository_names(given)
    if token and not names:
        raise SettingsError(
            "TRIAGE_REPOSITORIES is missing while GITHUB_TOKEN is set: name the repositories as owner/name, "
            "or unset GITHUB_TOKEN to use the sandbox."
        )
    foreign = next((name for name in names if name.casefold() != SANDBOX_REPOSITORY), None)
    if foreign and not token:
        raise SettingsError(
            f"GITHUB_TOKEN is missing while TRIAGE_REPOSITORIES names {foreign}: set a token that can read it, "
            "or unset TRIAGE_REPOSITORIES to use the sandbox."
        )
    return names if token else (SANDBOX_REPOSITORY,)


def _read_templates(given: Mapping[str, object]) -> Path:
    named = _text(given, "TRIAGE_TEMPLATES")
    folder = Path(named) if named else ROOT / "templates"
    try:
        folder = folder.expanduser()
        if folder.is_dir():
            return folder
        fault = "is a file" if folder.is_file() else "does not exist"
    except (OSError, RuntimeError):  # a name that is too long, a folder that may not be looked into, nobody's home
        fault = "cannot be reached"
    shown = str(folder) if len(str(folder)) <= 200 else f"{str(folder)[:200]}…"
    raise SettingsError(f"TRIAGE_TEMPLATES names {shown}, which {fault}: name a folder of response templates.")


def _read_database_url(given: Mapping[str, object]) -> str:
    url = _text(given, "DATABASE_URL") or DEFAULT_DATABASE_URL
    file = _find_sqlite_file(url)
    # The value is never quoted in a sentence: it may hold a password.
    if not _SCHEME.match(url):
        fault = f"is not an SQLAlchemy URL: write {DEFAULT_DATABASE_URL} for a file beside app.py"
    elif url.startswith("postgres://"):
        fault = "starts with postgres://, which SQLAlchemy does not know: write postgresql://"
    elif _LACKS_SLASH.match(url):
        fault = "lacks a slash: write sqlite:///FILE, or sqlite:////FOLDER/FILE from the root"
    elif file and not _is_folder(file.parent):
        fault = f"names a file in {file.parent}, which does not exist: create it first"
    elif file and _is_folder(file):
        fault = f"names {file}, which is a folder: name a file in it"
    else:
        return url
    raise SettingsError(f"DATABASE_URL {fault}.")


def _find_sqlite_file(url: str) -> Path | None:
    """The file that an SQLite URL names; None for one in memory, and for another database."""
    found = _SQLITE_FILE.match(url)
    return Path(found[1]) if found else None


def _read_undo_seconds(given: Mapping[str, object]) -> int:
    seconds = _text(given, "TRIAGE_UNDO_SECONDS") or "0"
    if not seconds.isdecimal() or len(seconds) > len(str(LONGEST_UNDO)) or int(seconds) > LONGEST_UNDO:
        raise SettingsError(
            f"TRIAGE_UNDO_SECONDS is {seconds[:20]!r}: write whole seconds, from 0 (sends at once) to {LONGEST_UNDO}."
        )
    return int(seconds)


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
