"""What a report tells of an import, weighed: for and against a failure, in points.

The words stand in `import_words.toml`, the messages in `error_codes.toml`, and `passages.py` finds them; here and in
`telling.py` it is said how they go together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from triage.detection.error_codes import ErrorTable
from triage.detection.passages import ATTEMPTS, Passage
from triage.detection.report import Report
from triage.detection.telling import LOOK_AHEAD, Scale, Telling
from triage.detection.words import TABLE, apart, single
from triage.phrases import read_words

_MESSAGES_SHOWN = 4

_DOUBTS = frozenset({"over", "other_thing", "own_solution", "pipeline", "directory", "planning"})
"""Without these a message of a failing import decides alone."""

_MAY_TELL = frozenset({"over", "bring_in", "bring_in_weak", "brought_in", "half_done"})
_ABOUT_OWN = ATTEMPTS | {"failure", "brought_in"}
_NOT_OF_THE_TITLE = frozenset({"at_run_time", "other_thing", "brought_in", "over", "supposed"})


def weigh(report: Report, table: ErrorTable) -> Scale:
    """Points for and against an import failure; the reporter's later comments are not weighed."""
    weighing = _Weighing(report, table)
    weighing.weigh_messages()
    weighing.weigh_codes()
    if not weighing.is_plain() and weighing.may_be_import():
        weighing.weigh_for()
        weighing.weigh_against()
    return weighing.scale


@dataclass(slots=True)
class _Weighing:
    report: Report
    table: ErrorTable
    scale: Scale = field(default_factory=Scale)
    signs: dict[str, Passage] = field(default_factory=dict)  # the passage in which each stands first
    causes: set[str] = field(default_factory=set)  # whose messages are in it
    has_message: bool = False
    fails: bool = False  # an import is plainly said to fail

    def weigh_messages(self) -> None:
        """A message that only a failing import writes decides nearly alone."""
        for passage in reversed(self.report.passages):
            self.signs.update(dict.fromkeys(passage.signs, passage))
        self.causes = {sign[6:] for sign in self.signs if sign[:6] == "cause:"}
        self.has_message = "message" in self.signs
        if self.has_message:
            self.scale.add("message")
            places = [(one, match) for one in self.report.passages for match in one.matches if match.sign == "message"]
            for place in places[:_MESSAGES_SHOWN]:
                self.scale.show(*place)

    def weigh_codes(self) -> None:
        """Of the codes in the issue itself."""
        if not self.report.known:
            return
        codes = {place.code for place in self.report.places if not place.source.startswith("comment")}
        kinds = {known.kind for known in self.report.known if known.code in codes}
        if kinds & {"transient", "other"}:
            self.scale.add("code")
        elif "by_message" in kinds:
            self.scale.add("code by message")

    def is_plain(self) -> bool:
        """Whether there is a message, and nothing that casts a doubt on it."""
        return self.has_message and not self.report.is_feature and self.signs.keys().isdisjoint(_DOUBTS)

    def may_be_import(self) -> bool:
        """Whether anything at all may speak for a failed import."""
        return bool(
            self.scale.points or not self.signs.keys().isdisjoint(_MAY_TELL) or self.causes & self.table.telling
        )

    def weigh_for(self) -> None:
        """What is told of an import, and what goes with that."""
        self._weigh_telling()
        scale, signs = self.scale, self.signs
        if half_done := signs.get("half_done"):
            scale.add("half done")
            scale.show(half_done, half_done.signs["half_done"])
        if self.report.flow_answer and (rule := _answer_rule(self.report.flow_answer[:200])):
            scale.add(rule)
        is_taken_out = "take_out" in signs
        if self.causes:
            scale.add("telling cause" if self.causes & self.table.telling and not is_taken_out else "cause named")
        if "code" in scale.why and not is_taken_out and not ATTEMPTS.isdisjoint(signs):
            scale.add("code and attempt")

    def weigh_against(self) -> None:
        """What else the report may be about."""
        scale, signs = self.scale, self.signs
        if not self.has_message:
            self._weigh_subject()
            self._weigh_intent()
        if "directory" in signs:
            scale.add("directory")
        if self._is_about_own_solution():
            scale.add("own solution")
        if self.report.is_feature:
            scale.add("feature form", 0.5 if self.has_message else 1.0)

    def _weigh_telling(self) -> None:
        """Title and parts of the body, one by one. A feature's title tells of a wish, steps are what was to happen."""
        title, *rest = self.report.passages
        in_title = Telling(title, self.scale, is_title=True)
        if not self.report.is_feature:
            in_title.weigh()
            self.fails = in_title.fails
            if not ATTEMPTS.isdisjoint(title.signs):
                self.scale.add("attempt in title")
        for passage in rest:
            if passage.part != "steps":
                telling = Telling(passage, self.scale)
                telling.weigh()
                self.fails = self.fails or telling.fails
        if in_title.unanswered and _answers_the_title(rest):
            self.scale.add("title attempt, then failure")

    def _weigh_subject(self) -> None:
        """Against a report that is about a flow, an app or pages, by its title or by how it begins."""
        title, *rest = self.report.passages
        names_a_flow = "at_run_time" in title.signs or "|" in title.text
        if names_a_flow and ATTEMPTS.isdisjoint(title.signs) and "code" not in self.scale.why:
            self.scale.add("title names a flow")
        name = self.report.flow_answer[:60].strip()
        if "|" in name and rest and name in rest[0].text[: 60 + len(name) if self.fails else 300]:
            self.scale.add("told of that flow")
        if pages := self.signs.get("about_pages"):
            is_early = pages.part == "title" or pages.signs["about_pages"].first < pages.words.ends[0]
            self.scale.add("about pages" if is_early else "about pages, too")

    def _weigh_intent(self) -> None:
        """Against an import that is only thought of, and against taking a solution out."""
        if "take_out" in self.signs:
            self.scale.add("taking out, too" if self.fails else "taking out")
        if "planning" in self.signs or ("supposed" in self.signs and not self.fails):
            self.scale.add("planning")

    def _is_about_own_solution(self) -> bool:
        """Whether one's own solution or a pipeline carries what is brought in, and no part of the kit."""
        passages = self.report.passages
        if "own_solution" in self.signs and any(map(_tells_of_own_solution, passages)):
            return True
        return "pipeline" in self.signs and not any(apart("kit").find(passage.words) for passage in passages)


def _answers_the_title(passages: Sequence[Passage]) -> bool:
    """Whether one of the parts begins with the failure of what the title tells."""
    for passage in passages:
        early = [each.facts for each in passage.sentences if each.number <= LOOK_AHEAD and "failure" in each.facts]
        if early and all(_NOT_OF_THE_TITLE.isdisjoint(facts) for facts in early):
            return True
    return False


def _tells_of_own_solution(passage: Passage) -> bool:
    """Whether one's own solution is what is brought in, and not what merely uses a part of the kit."""
    return any(
        "own_solution" in sentence.facts
        and (passage.part == "title" or not _ABOUT_OWN.isdisjoint(sentence.facts))
        and single("uses").isdisjoint(passage.words_of(sentence))
        for sentence in passage.sentences
    )


@lru_cache(maxsize=1024)
def _answer_rule(flow_answer: str) -> str:
    """What the answer to "What app or flow" speaks for, or `""`. Most reporters give one of a few answers."""
    if any(mark in flow_answer for mark in TABLE["flows"]["marks"]):
        return "answer names a flow"
    phrases = apart("answer_import", "answer_flow", "bring_in", "other_thing", "at_run_time")
    signs = {match.sign for match in phrases.find(read_words(flow_answer))}
    if "other_thing" in signs:
        return "answer names another thing"
    if signs & {"at_run_time", "answer_flow"} and "bring_in" not in signs:
        return "answer names a flow"
    return "answer names import" if "answer_import" in signs and "at_run_time" not in signs else ""
