"""An issue -> Finding: whether an import failed and of what kind, error codes, and the words that show it.

Pure and linear in the length of the text. What counts as a sign stands in two tables, not here: `import_words.toml`
(how people say that an import failed) and `error_codes.toml` (codes, messages, their causes and cures). How the signs
are weighed is in `weighing.py`, which causes they name in `causes.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triage.detection.causes import find_causes
from triage.detection.error_codes import Cause, ErrorTable, own_table
from triage.detection.evidence import Evidence, collect_evidence, find_picture, find_request
from triage.detection.flows import find_flows
from triage.detection.report import Report, read_report
from triage.detection.telling import THRESHOLD, Scale
from triage.detection.weighing import weigh

FindingKind = Literal["transient_import", "other_import", "not_import"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is judged of an issue. `flows` are names of flows whose import failed, `causes` the most telling first.

    `asks_for_help` and all below `evidence` are given of import failures only.
    """

    kind: FindingKind
    codes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    flows: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    asks_for_help: bool = False
    only_in_image: bool = False

    def names(self, text: str) -> bool:
        """Whether a flow whose import failed has `text` in its name, as whole words and in any case."""
        wanted = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
        return any(wanted.search(flow) for flow in self.flows)


def find_import_failure(
    title: str,
    body: str,
    *,
    author: str = "",
    comments: Sequence[tuple[str, str]] = (),
    table: ErrorTable | None = None,
) -> Finding:
    """Judges one issue.

    `comments` are (author, body), oldest first; only those of `author`, the reporter, count. `table` is the program's
    own unless a folder of templates brings one.
    """
    table = table or own_table()
    report = read_report(title or "", body or "", author, comments, table)
    scale = weigh(report, table)
    if 0 < scale.points < THRESHOLD:
        _let_replies_settle(report, scale)
    if scale.points < THRESHOLD:
        return Finding("not_import", report.codes, collect_evidence(report) if report.places else ())
    return _describe_failure(report, scale, table)


def _let_replies_settle(report: Report, scale: Scale) -> None:
    """What the description half says, a message in what the reporter adds later may settle."""
    for reply in report.replies:
        if message := reply.signs.get("message"):
            scale.add("message")
            scale.show(reply, message)
            return


def _describe_failure(report: Report, scale: Scale, table: ErrorTable) -> Finding:
    named = find_causes(report, table)
    asks = find_request(report)
    picture = None
    if not named.causes and all(code.kind == "none" for code in report.known):
        picture = find_picture(report)
    others = [part for part in (picture, asks) if part]
    texts = (report.sources["title"], *(passage.text for passage in report.passages[1:]))
    return Finding(
        named.kind,
        report.codes,
        collect_evidence(report, named.shown, scale.shown, others),
        find_flows(texts, report.flow_answer),
        named.causes,
        asks_for_help=asks is not None,
        only_in_image=picture is not None and picture.shows == "only in an image",
    )
