"""What is told of an import, weighed: sentence by sentence, for and against a failure, in points.

The words stand in `import_words.toml`, the messages in `error_codes.toml`, and `passages.py` finds them; this module
knows how they go together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from triage.detection.error_codes import ErrorTable, known_code
from triage.detection.passages import Passage, apart, has_plain
from triage.phrases import PhraseMatch as Hit
from triage.phrases import read_words

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        # for
        "message": 9.0,  # a message that only a failing import writes
        "code": 4.0,  # a code that stands for a failed import
        "code by message": 3.0,
        "attempt fails": 5.0,  # "the upgrade fails", in one sentence
        "weak attempt fails": 3.0,  # "the update has a problem"
        "attempt, then failure": 3.5,  # "We are installing Core. It ends with an error"
        "title attempt, then failure": 3.0,
        "attempt in title": 1.0,
        "half done": 4.0,  # "two versions of Core"
        "cause named": 1.0,
        "telling cause": 4.0,  # "the holding solution already exists"
        "code and attempt": 1.5,
        "answer names import": 1.5,  # "What app or flow": "Solution import"
        # against
        "at run time": -2.0,
        "another subject": -4.0,  # "installing Core, and the flow X fails"
        "answer names a flow": -2.0,
        "answer names another thing": -4.0,
        "title names a flow": -2.5,
        "told of that flow": -2.5,  # the description begins with the flow of the answer
        "planning": -5.0,
        "another thing": -3.0,  # Power BI, Excel
        "brought in": -2.0,  # "after the upgrade ..."
        "success": -3.0,
        "taking out": -7.0,
        "taking out, too": -2.0,  # beside an attempt that fails
        "about pages": -9.0,
        "about pages, too": -2.0,  # not in the title nor in the first sentence
        "directory": -9.0,
        "own solution": -40.0,
        "feature form": -10.0,
    }
)
"""Points for and against an import failure; THRESHOLD and more make one."""

THRESHOLD = 3.0

_MESSAGES_SHOWN = 4

LOOK_AHEAD = 3
"""How many sentences after an attempt its failure may be told."""

_AFTER = 6
"""How many words after "after" the import may stand that is over."""

ATTEMPTS = frozenset({"bring_in", "bring_in_weak"})
"""Signs of somebody bringing a solution into an environment."""

_DOUBTS = frozenset({"over", "other_thing", "own_solution", "pipeline", "directory", "planning"})
"""Without these a message of a failing import decides alone."""

_MAY_TELL = frozenset({"over", "bring_in", "bring_in_weak", "brought_in", "half_done"})


@dataclass(slots=True)
class Scale:
    """Points so far, and what is shown for them: passage, first and last word, what it shows."""

    points: float = 0.0
    shown: list[tuple[Passage, int, int, str]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    def add(self, rule: str, times: float = 1.0) -> None:
        """Adds a rule's points."""
        self.points += WEIGHTS[rule] * times
        self.why.append(rule)

    def show(self, passage: Passage, hit: Hit, other: Hit | None = None) -> None:
        """Marks the words of a sign as the failed import, or all from the one of two signs to the other."""
        first, last = hit.first, hit.last
        if other:
            first, last = min(first, other[0]), max(last, other.last)
        self.shown.append((passage, first, last, "failed import"))


def _sentences(passage: Passage) -> list[tuple[int, dict[str, Hit]]]:
    """The sentences that have signs: number, and the first hit of each sign.

    Signs are put right on the way: an import after "after" is over (`brought_in`), "not imported" is an attempt that
    failed, and the message of a cause is a failure.
    """
    found: list[tuple[int, dict[str, Hit]]] = []
    words, ends = passage.words.words, passage.words.ends
    number, start, end, after = -1, 0, 0, -99
    facts: dict[str, Hit] = {}
    for hit in passage.hits:
        first, _, sign = hit
        if first >= end:
            while first >= end:
                number += 1
                start, end = end, ends[number]
            facts = {}
            found.append((number, facts))
            after = -99
        if sign in ATTEMPTS:
            if sign == "bring_in_weak" and not _PACKAGE.isdisjoint(words[first + 1 : min(first + _OBJECT, end)]):
                sign = "bring_in"  # "deploy the zip" means nothing else
            if first - after <= _AFTER and not has_plain("trying", words[after:first]):
                sign = "brought_in"
            elif _negated(words[max(start, first - 3) : first]):
                facts.setdefault("failure", hit)
        elif sign == "over":
            if _negated(words[max(start, first - 3) : first]):
                facts.setdefault("failure", hit)
                sign = "bring_in"
        elif sign == "brought_in":
            before = words[max(start, first - _PASSIVE) : first]
            if _negated(before[-3:]):
                facts.setdefault("failure", hit)
                sign = _attempt_of(words[first])
            elif not _GETTING.isdisjoint(before) or (
                before and before[-1] in _IS and has_plain("trying", words[max(start, first - _WITHIN) : first])
            ):
                sign = _attempt_of(words[first])
        elif sign == "failure" or sign == "failure_weak":
            if _none_of_it(words, start, first):
                sign = "success"
        elif sign == "after":
            after = first
        elif sign[:6] == "cause:":
            sign = "failure"
        if sign not in facts:
            facts[sign] = hit
    return found


_PACKAGE = frozenset({b"zip", b"package", b"kit", b"toolkit", b"solution", b"solutions"})
_OBJECT = 5
"""Among how many words from "deploy" on that which is deployed may stand."""

_PASSIVE = 5
"""How many words before "imported" the "get" of "cannot get the kit imported" may stand."""

_WITHIN = 12
"""How many words before "is imported" its "when" may stand."""

_GETTING = frozenset({b"get", b"gets", b"getting", b"being", b"be"})
_IS = frozenset({b"is", b"are", b"was", b"were"})


def _attempt_of(word: bytes) -> str:
    return "bring_in_weak" if word.startswith((b"upd", b"dep", b"upl")) else "bring_in"


_NO = frozenset({b"no", b"not", b"zero", b"without", b"never", b"0"})
_EVEN_ONE = frozenset({b"one", b"a", b"an", b"any", b"single", b"more", b"further", b"such", b"did", b"does", b"has"})


def _none_of_it(words: list[bytes], start: int, at: int) -> bool:
    """Whether a failure is denied: "not one single error", "no further problems"."""
    before = at - 1
    while before >= start and words[before] in _EVEN_ONE:
        before -= 1
    return before >= start and words[before] in _NO


_NOT = frozenset({b"not", b"cannot", b"t", b"unable", b"failed", b"fails", b"nicht", b"pas", b"non", b"niet"})
_NOT_YET = frozenset({b"haven", b"have", b"hadn", b"yet", b"whether", b"if"})
_NOT_SAID = frozenset(
    {b"mention", b"mentions", b"say", b"says", b"tell", b"tells", b"know", b"remember", b"need", b"want", b"wish"}
    | {b"plan", b"planned", b"planning", b"intend", b"dare", b"ready", b"required", b"necessary", b"recommended"}
)
"""After "not" these are what is denied, and not the import: "the page does not mention to upgrade"."""


def _negated(before: list[bytes]) -> bool:
    return not _NOT.isdisjoint(before) and _NOT_YET.isdisjoint(before) and _NOT_SAID.isdisjoint(before)


def _weigh_passage(passage: Passage, scale: Scale, *, title: bool) -> tuple[bool, bool]:
    """Adds what a passage says. Returns whether it tells of an attempt without its failure, and of one that fails."""
    best, firm_failure, plainly, is_open, went_well = 0.0, False, False, False, False
    opened: tuple[int, Hit, bool] | None = None
    for number, facts in _sentences(passage):
        attempt = facts.get("bring_in") or facts.get("bring_in_weak")
        failure = facts.get("failure") or facts.get("failure_weak")
        if "take_out" in facts:
            if not (failure and _is_upgrade(passage, attempt or (opened[1] if opened else None))):
                continue
            best, firm_failure = max(best, WEIGHTS["attempt fails"]), True
        if "supposed" in facts or _is_asked(passage, number):
            continue
        other_thing = "other_thing" in facts
        run_time = facts.get("at_run_time")
        is_over = "over" in facts or ("success" in facts and bool(attempt or "brought_in" in facts))
        if is_over and attempt and "bring_in" not in facts and "over" in facts and facts["over"][0] < attempt[0]:
            run_time = run_time or attempt  # "imported successfully, but the set-up fails": what comes next
        is_firm = "bring_in" in facts and "failure" in facts
        points = 0.0
        if is_over and (run_time or not failure):
            went_well = True
            opened = None
        elif attempt and failure and not other_thing:
            points = WEIGHTS["attempt fails" if is_firm else "weak attempt fails"]
            if "bring_in" not in facts:
                points -= (0.0 if "failure" in facts else 1.5) + (0.0 if _tells_of_a_thing(passage, number) else 1.5)
            if run_time:
                between = attempt[0] < run_time[0] < failure[0]
                points += WEIGHTS["another subject" if between else "at run time"]
            if points > 0:
                scale.show(passage, attempt, failure)
                firm_failure = firm_failure or (is_firm and not run_time)
        elif "failure" in facts and opened and number - opened[0] <= LOOK_AHEAD and not other_thing:
            points = WEIGHTS["attempt, then failure"] - (0.0 if opened[2] else 1.5)
            if run_time or "brought_in" in facts:
                points += WEIGHTS["at run time"]
            if points > 0 and failure:
                scale.show(passage, opened[1])
                scale.show(passage, failure)
        elif attempt and not failure and not other_thing:
            opened = (number, attempt, "bring_in" in facts)
            is_open = True
        elif "brought_in" in facts and not attempt and (run_time or not failure):
            scale.add("brought in", 0.5 if title else 1.0)
            opened = None
        if other_thing and (title or number < 2):
            scale.add("another thing")
        plainly = plainly or (points > 0 and "failure" in facts)
        best = max(best, points)
    told_so = plainly and best >= WEIGHTS["weak attempt fails"]
    if went_well and not (firm_failure or told_so or "half_done" in {sign for _, _, sign in passage.hits}):
        scale.add("success")
        if not plainly:  # "there were issues during the upgrade, in the end it was successful"
            best = 0.0
    if best:
        scale.points += best
        scale.why.append(f"told {best}")
    return is_open and best <= 0, firm_failure


_UPGRADE = (b"upg", b"ugr", b"upd", b"actuali", b"atuali", b"aktuali", b"aggiorn", b"mise", b"mettre", b"bijwerk")


def _is_upgrade(passage: Passage, attempt: Hit | None) -> bool:
    """Whether it is an upgrade, of which taking out the old version is the last step."""
    return attempt is not None and passage.words.words[attempt[0]].startswith(_UPGRADE)


def _tells_of_a_thing(passage: Passage, number: int) -> bool:
    words = _words_of(passage, number)
    if passage.part == "title" and not number and passage.text.startswith("["):
        prefix = passage.text.partition("]")[0]  # "[Kit - BUG]" names the kit whatever the title tells
        words = words[sum(map(str.isalnum, prefix.lstrip("[").split())) :]
    return has_plain("thing", words)


def _words_of(passage: Passage, number: int) -> list[bytes]:
    ends = passage.words.ends
    return passage.words.words[ends[number - 1] if number else 0 : ends[number]]


_USE = frozenset({b"referenced", b"dependencies", b"dependency", b"depends", b"dependent", b"uses", b"used", b"use"})


def _tells_of_own_solution(passage: Passage) -> bool:
    """Whether one's own solution is what is brought in, and not what merely uses a part of the kit."""
    return any(
        "own_solution" in facts
        and (passage.part == "title" or not facts.keys().isdisjoint(ATTEMPTS | {"failure", "brought_in"}))
        and _USE.isdisjoint(_words_of(passage, number))
        for number, facts in _sentences(passage)
    )


_ASKING = frozenset({b"would", b"will", b"should", b"shall", b"may", b"can", b"could", b"do", b"does", b"are", b"is"})
_ASKED_OF = frozenset({b"i", b"we", b"there", b"upgrading", b"an", b"updating", b"importing", b"it", b"this", b"that"})
_ASKING_YOU = frozenset({b"do", b"would"})


def _is_asked(passage: Passage, number: int) -> bool:
    """Whether a sentence asks about an import to come: "Can I upgrade ...", "Are there problems with ..."."""
    ends, words = passage.words.ends, passage.words.words
    start = ends[number - 1] if number else 0
    whom = words[min(start + 1, ends[number] - 1)]
    return (words[start] in _ASKING and whom in _ASKED_OF) or (words[start] in _ASKING_YOU and whom == b"you")


def weigh(
    told: Sequence[Passage], *, flow_answer: str, codes: Iterable[str], is_feature: bool, table: ErrorTable
) -> Scale:
    """Points for and against an import failure. `told[0]` is the title; `codes` are those that the reporter gave."""
    scale = Scale()
    found: dict[str, tuple[Passage, Hit]] = {}
    messages = 0
    for passage in told:
        for hit in passage.hits:
            sign = hit[2]
            if sign == "message" and messages < _MESSAGES_SHOWN:
                messages += 1
                scale.show(passage, hit)
            if sign not in found:
                found[sign] = (passage, hit)
    if messages:
        scale.add("message")
    kinds = {known.kind for code in codes if (known := known_code(code, table))}
    if kinds & {"transient", "other"}:
        scale.add("code")
    elif "by_message" in kinds:
        scale.add("code by message")
    if messages and not is_feature and found.keys().isdisjoint(_DOUBTS):
        return scale
    causes = {sign.removeprefix("cause:") for sign in found if sign.startswith("cause:")}
    if not (messages or scale.points or found.keys() & _MAY_TELL or causes & table.telling):
        return scale
    fails = _weigh_telling(told, scale, found, has_message=messages > 0, is_feature=is_feature)
    _weigh_answer(flow_answer, scale)
    if not messages:
        _weigh_subject(told, flow_answer, scale, fails=fails)
    if causes:
        scale.add("telling cause" if causes & table.telling and "take_out" not in found else "cause named")
    if "code" in scale.why and ATTEMPTS & found.keys() and "take_out" not in found:
        scale.add("code and attempt")
    if not messages and ("planning" in found or ("supposed" in found and not fails)):
        scale.add("planning")
    if not messages and (pages := found.get("about_pages")):
        early = pages[0].part == "title" or pages[1][0] < pages[0].words.ends[0]
        scale.add("about pages" if early else "about pages, too")
    if "directory" in found:
        scale.add("directory")
    if ("own_solution" in found and any(map(_tells_of_own_solution, told))) or (
        "pipeline" in found and not any(apart("kit").find(passage.words) for passage in told)
    ):
        scale.add("own solution")
    if is_feature:
        scale.add("feature form", 0.5 if messages else 1.0)
    return scale


def _weigh_telling(
    told: Sequence[Passage],
    scale: Scale,
    found: Mapping[str, tuple[Passage, Hit]],
    *,
    has_message: bool,
    is_feature: bool,
) -> bool:
    """Weighs what is told; returns whether an import is plainly said to fail. A feature's title tells of a wish."""
    title, *rest = told
    unanswered, fails = (False, False) if is_feature else _weigh_passage(title, scale, title=True)
    if not is_feature and any(sign in ATTEMPTS for _, _, sign in title.hits):
        scale.add("attempt in title")
    for passage in rest:
        if passage.part != "steps":
            fails = _weigh_passage(passage, scale, title=False)[1] or fails
    if unanswered:
        for passage in rest:
            early = [facts for number, facts in _sentences(passage) if number <= LOOK_AHEAD and "failure" in facts]
            if early and not any(facts.keys() & _NOT_OF_THE_TITLE for facts in early):
                scale.add("title attempt, then failure")
                break
    if half := found.get("half_done"):
        scale.add("half done")
        scale.show(*half)
    if "take_out" in found and not has_message:
        scale.add("taking out, too" if fails else "taking out")
    return fails


_NOT_OF_THE_TITLE = frozenset({"at_run_time", "other_thing", "brought_in", "over", "supposed"})


def _weigh_subject(told: Sequence[Passage], flow_answer: str, scale: Scale, *, fails: bool) -> None:
    """Against a report that is about a flow or an app, by its title or by how it begins."""
    title = {sign for _, _, sign in told[0].hits}
    if ("at_run_time" in title or "|" in told[0].text) and not title & ATTEMPTS and "code" not in scale.why:
        scale.add("title names a flow")
    name = flow_answer[:60].strip()
    if "|" in name and len(told) > 1 and name in told[1].text[: 60 + len(name) if fails else 300]:
        scale.add("told of that flow")


def _weigh_answer(flow_answer: str, scale: Scale) -> None:
    if flow_answer and (rule := _answer_rule(flow_answer[:200])):
        scale.add(rule)


@lru_cache(maxsize=1024)
def _answer_rule(flow_answer: str) -> str:
    """What the answer to "What app or flow" speaks for, or `""`. Most reporters give one of a few answers."""
    if "|" in flow_answer or ">" in flow_answer or "HELPER" in flow_answer:
        return "answer names a flow"
    phrases = apart("answer_import", "answer_flow", "bring_in", "other_thing", "at_run_time")
    signs = {sign for _, _, sign in phrases.find(read_words(flow_answer))}
    if "other_thing" in signs:
        return "answer names another thing"
    if signs & {"at_run_time", "answer_flow"} and "bring_in" not in signs:
        return "answer names a flow"
    return "answer names import" if "answer_import" in signs and "at_run_time" not in signs else ""
