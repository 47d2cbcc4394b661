"""An issue -> Finding: whether an import failed and of what kind, error codes, and the words that show it.

Pure and linear in the length of the text. What counts as a sign stands in two tables, not here: `import_words.toml`
(how people say that an import failed) and `error_codes.toml` (codes, messages, their causes and cures); how the signs
are weighed is in `import_signs.py`. Here it is decided what kind of failure it is, and which words show it.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from triage.detection.error_codes import (
    Cause,
    ErrorTable,
    find_code_spans,
    known_code,
    own_table,
)
from triage.detection.import_signs import ATTEMPTS, THRESHOLD, weigh
from triage.detection.passages import Passage, may_tell, read_passage, signs_of
from triage.detection.report_text import Hit, blank_noise, find_attachment, find_image
from triage.issue_forms import clean_answer, split_sections

Kind = Literal["transient_import", "other_import", "not_import"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fragment that shows something. `source` is `title`, `body` or `comment:<index among the issue's comments>`."""

    source: str
    start: int
    end: int
    quote: str
    shows: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is judged of an issue. `flows` are names of flows whose import failed, `causes` the most telling first.

    `asks_for_help` and all below `evidence` are told of import failures only.
    """

    kind: Kind
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


# --- judging

_RULES = (
    *("judging.py", "import_signs.py", "passages.py", "report_text.py", "import_words.toml"),
    *("../issue_forms.py", "error_codes.py", "error_codes.toml"),
)


def _rules_version() -> str:
    digest = hashlib.sha256()
    for name in _RULES:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


RULES_VERSION = _rules_version()
"""Changes whenever a rule, a word or a code of the tables changes."""


def rules_version(table: ErrorTable) -> str:
    """The version of the rules with a folder's table of error codes: RULES_VERSION where it has none of its own."""
    if not table.version:
        return RULES_VERSION
    return hashlib.sha256(f"{RULES_VERSION} {table.version}".encode()).hexdigest()[:16]


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
    signs = signs_of(table)
    title, body = title or "", body or ""
    told = [read_passage("title", 0, "title", blank_noise(title), signs)]
    flow_answer, is_feature = "", False
    for _, part, start, end in split_sections(body):
        if part in _MAIN_PARTS or (part in _SIDE_PARTS and may_tell(body[start:end])):
            text = blank_noise(body[start:end])
            if not text.isspace():
                told.append(read_passage("body", start, part, text, signs))
        if part == "flow":
            flow_answer = flow_answer or clean_answer(body[start:end])
        elif part == "feature" or part == "wish":
            is_feature = True
    replies = [
        read_passage(f"comment:{index}", 0, "reply", blank_noise(text, reply=True), signs)
        for index, (who, text) in enumerate(comments)
        if author and who.lower() == author.lower()
    ]
    sources = {"title": title, "body": body}
    sources |= {reply.source: comments[int(reply.source.partition(":")[2])][1] for reply in replies}
    codes = _find_code_evidence(sources, replies)
    all_codes = tuple(dict.fromkeys([found[3] for found in codes]))
    own_codes = [found[3] for found in codes if not found[0].startswith("comment")]
    scale = weigh(told, flow_answer=flow_answer, codes=own_codes, is_feature=is_feature, table=table)
    if 0 < scale.points < THRESHOLD:  # half said: what the reporter adds later may settle it
        settled = next(((reply, hit) for reply in replies for hit in reply.hits if hit[2] == "message"), None)
        if settled:
            scale.add("message")
            scale.show(*settled)
    if scale.points < THRESHOLD:
        return Finding("not_import", all_codes, _collect([], codes, None, sources) if codes else ())
    asks = _find_request(told)
    kind, causes, shown = _find_kind([*told, *replies], codes, table)
    picture: tuple[str, int, int, str] | None = None
    only_in_image = False
    if not causes and not any((known := known_code(code, table)) and known.kind != "none" for code in all_codes):
        has_message = any(sign == "message" for passage in told for _, _, sign in passage.hits)
        image, attachment = find_image(body), find_attachment(body)
        only_in_image = image is not None and not has_message
        if image and only_in_image:
            picture = ("body", *image, "only in an image")
        elif attachment and not has_message:
            picture = ("body", *attachment, "only in an attachment")
    evidence = _collect([*shown, *scale.shown], codes, asks, sources, picture)
    flows = _find_flows((title, *(passage.text for passage in told[1:])), flow_answer)
    return Finding(kind, all_codes, evidence, flows, causes, asks is not None, only_in_image)


_MAIN_PARTS = frozenset({"description", "question", "feature"})
_SIDE_PARTS = frozenset({"more", "steps"})


# --- what it shows --------------------------------------------------------------------------------

_DENIALS = frozenset({b"no", b"not", b"without", b"any", b"checked", b"verified", b"isn", b"neither", b"nor", b"never"})


def _find_kind(
    passages: Sequence[Passage], codes: Sequence[tuple[str, int, int, str]], table: ErrorTable
) -> tuple[Kind, tuple[Cause, ...], list[tuple[Passage, int, int, str]]]:
    """Kind, causes and their words.

    Of a service's failure and a fixed cause the one that is named first decides, but a cause that only says "no status"
    or "try again later" gives way to any other.
    """
    firm: dict[str, list[tuple[Passage, Hit]]] = {}
    vague: dict[str, list[tuple[Passage, Hit]]] = {}
    for passage in passages:
        for hit in passage.causes:
            what, _, key = hit[2].partition(":")
            if what == "cause" and not _denied(passage, hit):
                firm.setdefault(key, []).append((passage, hit))
            elif what == "vague" and passage.part != "reply":
                vague.setdefault(key, []).append((passage, hit))
    known = [found for code in dict.fromkeys([found[3] for found in codes]) if (found := known_code(code, table))]
    by_code = [code.cause for code in known if code.cause and code.kind in ("transient", "other")]
    lasting = {key for key, hits in firm.items() if any(_said_of_now(*hit) for hit in hits)}
    chosen = firm or ({} if by_code else vague)
    causes = [table.causes[key] for key in dict.fromkeys([*chosen, *by_code])]
    deciding = [cause for cause in causes if cause.key not in table.yielding] or causes
    if any(cause.kind == "other" and (cause.key in by_code or cause.key in lasting) for cause in deciding):
        deciding = [cause for cause in deciding if cause.kind == "other"]
    kind: Kind = "transient_import" if deciding and deciding[0].kind == "transient" else "other_import"
    wanted = "transient" if kind == "transient_import" else "other"
    causes.sort(key=lambda cause: (cause.kind != wanted, cause.key in table.yielding))
    shown = [
        (passage, hit[0], -hit[1], table.causes[key].name) for key, hits in chosen.items() for passage, hit in hits[:3]
    ]
    return kind, tuple(causes), shown


def _said_of_now(passage: Passage, hit: Hit) -> bool:
    """Whether a cause is what is left after other failures: "first BadGateway, now a missing privilege"."""
    return not _NOW.isdisjoint(passage.words.words[max(0, hit[0] - 8) : hit[0]])


_NOW = frozenset({b"now", b"meanwhile", b"agora", b"ahora", b"maintenant", b"jetzt", b"adesso"})


def _denied(passage: Passage, hit: Hit) -> bool:
    """Whether the sentence denies a cause ("no dependencies are missing"), and not the import before it."""
    words, at = passage.words, hit[0]
    sentence = bisect_right(words.ends, at)
    start = max(words.ends[sentence - 1] if sentence else 0, at - 3)
    denials = [place for place in range(start, at) if words.words[place] in _DENIALS]
    return bool(denials) and denials[-1] + 1 not in {first for first, _, sign in passage.hits if sign in ATTEMPTS}


def _find_code_evidence(sources: Mapping[str, str], replies: Sequence[Passage]) -> list[tuple[str, int, int, str]]:
    """Where the codes stand, in order: (source, start, end, code). What a reply quotes is not the reporter's."""
    told = {reply.source: reply.text for reply in replies}
    return [
        (source, start, end, code)
        for source, text in sources.items()
        if "800" in text or "214" in text
        for start, end, code in find_code_spans(text)
        if source not in told or not told[source][start:end].isspace()
    ]


# What shows that a flow's name is near, how many characters before it the name may begin, and the name itself.
_FLOW_NAMES = (
    ("ModernFlow", 0, re.compile(r"ModernFlow\s{1,4}name\s{1,4}([^:\"]{3,120}?)\s{0,3}(?::|\.\s|\.?\"|$)")),
    (" | ", 40, re.compile(r"\b([A-Z][\w ]{2,40} \\?\| [A-Z][^\n:,.;«»\"'?|\]]{3,80})")),
    (" \\| ", 40, re.compile(r"\b([A-Z][\w ]{2,40} \\?\| [A-Z][^\n:,.;«»\"'?|\]]{3,80})")),
    ("HELPER - ", 5, re.compile(r"\b((?:SYNC )?HELPER - [\w ]{3,60})")),
    ("SetupWizard", 0, re.compile(r"(SetupWizard ?> ?\w{3,40})")),
    ("DLP ", 0, re.compile(r"(DLP (?:Request )?(?:\w{1,20} )?(?i:flow|workflow|flux|fluxo|flujo)s?)\b")),
    (" DLP", 10, re.compile(r"\b((?i:flow|workflow|flux|fluxo|flujo)s? DLP)\b")),
)
_NAMES_A_FLOW = re.compile(
    r"\||HELPER ?-|CLEANUP|SetupWizard"
    r"|(?i:\bsync (?:template|flow)|\bchild flow|\bDLP (?:request|flow|sync|child|apply|process))"
)
"""What tells an answer that names a flow from one that names a solution, an app or the import itself."""

_AFTER_THE_NAME = re.compile(
    r"(?<=\))[^|]*|\s(?:fails?|failed|failing|is|was|timed|times|with|and|ends?|ended|stops?|stopped|returns?|gives?|keeps?"
    r"|during|while|when|on|at|in)\s.*|\s(?:fails?|failed)$",
    re.DOTALL,
)
_FLOWS_WITHIN = 20_000
"""Names of flows are looked for within so many characters of a passage."""

_LONGEST_FLOW = 160
_MOST_FLOWS = 24


def _find_flows(texts: Iterable[str], flow_answer: str) -> tuple[str, ...]:
    names: list[str] = []
    for text in texts:
        for sign, back, pattern in _FLOW_NAMES:
            at = text.find(sign, 0, _FLOWS_WITHIN)
            while at >= 0:
                if found := pattern.search(text[max(0, at - back) : at + _LONGEST_FLOW]):
                    name = " ".join(found[1].replace("\\|", "|").split()).removeprefix("ModernFlow name ")
                    if "|" not in name or not _is_table_row(text, at):
                        names.append(_AFTER_THE_NAME.sub("", name, count=1))
                at = text.find(sign, at + len(sign), _FLOWS_WITHIN)
    if len(flow_answer) <= _LONGEST_FLOW and _NAMES_A_FLOW.search(flow_answer):
        names.append(" ".join(flow_answer.split()))
    each = list(dict.fromkeys(names))[:_MOST_FLOWS]
    each = [one for one in each if not any(one != two and (two.startswith(one) or one.endswith(two)) for two in each)]
    return tuple(sorted(each, key=lambda name: not re.search(r"[|>-]", name)))


def _is_table_row(text: str, at: int) -> bool:
    return text[at - 1 : at + 2] != "\\|" and text[text.rfind("\n", 0, at) + 1 :][:1] == "|" and text[at + 1] == "|"


_QUESTION = re.compile(r"[^\s?(]\s?\?+(?=[\s\"')»*_]|$)|？")


def _find_request(told: Sequence[Passage]) -> tuple[str, int, int] | None:
    """Where the reporter asks something: (source, start, end), or None; the title last."""
    for passage in (*told[1:], told[0]):
        if passage.part == "steps":
            continue
        if ("?" in passage.text or "？" in passage.text) and (mark := _QUESTION.search(passage.text)):
            begin = max(passage.text.rfind(stop, 0, mark.start()) for stop in (". ", "\n", "? ", "! ", "。", ": "))
            start = max(begin + 1, mark.end() - 200)
            while start < mark.start() and passage.text[start].isspace():
                start += 1
            return passage.source, passage.start + start, passage.start + mark.end()
        if asking := next((hit for hit in passage.hits if hit[2] == "asks"), None):
            start, end = passage.words.span(asking[0], -asking[1])
            return passage.source, passage.start + start, passage.start + end
    if prefix := _QUESTION_PREFIX.match(told[0].text):
        return "title", *prefix.span(1)
    for passage in told:
        if passage.part == "question":  # whoever takes the question's form asks, though without the mark
            first = passage.words.ends[0] if passage.words.ends else 0
            start, end = passage.words.span(0, min(first, _ASKED_WORDS))
            return passage.source, passage.start + start, passage.start + end
    return None


_QUESTION_PREFIX = re.compile(r"\s{0,9}\[[^\[\]\n]{0,80}?\b(QUESTION)\]", re.IGNORECASE)
"""A title that the question's form has begun."""

_ASKED_WORDS = 20
"""How much of a question without a mark is shown."""


_MOST_EVIDENCE = 24


def _collect(
    shown: Sequence[tuple[Passage, int, int, str]],
    codes: Sequence[tuple[str, int, int, str]],
    asks: tuple[str, int, int] | None,
    sources: Mapping[str, str],
    picture: tuple[str, int, int, str] | None = None,
) -> tuple[Evidence, ...]:
    """The fragments in order of place, none overlapping another: codes first, then causes, then the failure itself."""
    spans: list[tuple[str, int, int, str]] = [
        (source, start, end, f"error code {code}") for source, start, end, code in codes[:12]
    ]
    told: list[tuple[str, int, int, str]] = []
    placed: set[tuple[int, int, int]] = set()
    for passage, first, last, shows in shown:
        if (id(passage), first, last) in placed:
            continue
        placed.add((id(passage), first, last))
        start, end = passage.words.span(first, last)
        told.append((passage.source, passage.start + start, passage.start + end, shows))
    spans += sorted(told, key=lambda span: (span[3] == "failed import", span[2] - span[1]))
    if picture:
        spans.append(picture)
    if asks:
        spans.append((*asks, "asks for help"))
    kept: list[tuple[str, int, int, str]] = []
    for span in dict.fromkeys(spans):
        source, start, end, _ = span
        for other, other_start, other_end, _ in kept:
            if start < other_end and other_start < end and source == other:
                break
        else:
            kept.append(span)
            if len(kept) == _MOST_EVIDENCE:
                break
    rank = {source: number for number, source in enumerate(sources)}
    kept.sort(key=lambda span: (rank[span[0]], span[1]))
    return tuple(Evidence(source, start, end, sources[source][start:end], shows) for source, start, end, shows in kept)
