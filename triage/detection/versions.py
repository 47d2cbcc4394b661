"""The version of the rules: changes whenever a rule, a word or a code of the tables does."""

import hashlib
import re
from pathlib import Path

from triage.detection.error_codes import ErrorTable

_PACKAGE = Path(__file__).parent
_IMPORT = re.compile(r"^(?:from|import) (triage[\w.]*)", re.MULTILINE)


def find_rule_files() -> list[Path]:
    """All files of this package, and of the modules that it stands on their code and the table of the same name."""
    found = {path for path in _PACKAGE.iterdir() if path.suffix in (".py", ".toml")}
    pending = [path for path in found if path.suffix == ".py"]
    while pending:
        for module in _IMPORT.findall(pending.pop().read_text(encoding="utf-8")):
            path = _PACKAGE.parent.parent / Path(*module.split("."))
            code = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if code not in found:
                found |= {file for file in (code, path.with_suffix(".toml")) if file.is_file()}
                pending.append(code)
    return sorted(found)


RULES_VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in find_rule_files())).hexdigest()[:16]
"""Of the rules with the program's own table of error codes."""


def rules_version(table: ErrorTable) -> str:
    """The version of the rules with a folder's table of error codes: RULES_VERSION where it has none of its own."""
    own = f"{RULES_VERSION} {table.version}"
    return hashlib.sha256(own.encode()).hexdigest()[:16] if table.version else RULES_VERSION
