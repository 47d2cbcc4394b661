"""An issue -> Finding: whether an import failed and of what kind, error codes, and the words that show it. Pure."""

from triage.detection.error_codes import (
    Cause,
    ErrorCode,
    ErrorTable,
    ErrorTableError,
    find_codes,
    known_code,
    load_error_codes,
    own_table,
    table_beside,
)
from triage.detection.judging import (
    RULES_VERSION,
    Evidence,
    Finding,
    Kind,
    find_import_failure,
    rules_version,
)

__all__ = [
    "RULES_VERSION",
    "Cause",
    "ErrorCode",
    "ErrorTable",
    "ErrorTableError",
    "Evidence",
    "Finding",
    "Kind",
    "find_codes",
    "find_import_failure",
    "known_code",
    "load_error_codes",
    "own_table",
    "rules_version",
    "table_beside",
]
