"""What speaks for and against an import failure, in points, and what one passage tells of an import.

Sentence by sentence: an attempt, its failure, or that it went well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.detection.passages import Passage, Sentence, Shown
from triage.detection.words import TABLE, has_any, single, stems
from triage.phrases import PhraseMatch

THRESHOLD: float = TABLE["scale"]["threshold"]
WEIGHTS: Mapping[str, float] = TABLE["scale"]["weights"]

LOOK_AHEAD = 3
"""How many sentences after an attempt its failure may be told."""

_HALF = 1.5
"""What an attempt or a failure in words that may mean other things, or of nothing that is named, takes away."""


@dataclass(slots=True)
class Scale:
    """Points so far, the words that are shown for them, and the rules that gave them."""

    points: float = 0.0
    shown: list[Shown] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    def add(self, rule: str, times: float = 1.0) -> None:
        """Adds a rule's points."""
        self.points += WEIGHTS[rule] * times
        self.why.append(rule)

    def show(self, passage: Passage, match: PhraseMatch, other: PhraseMatch | None = None) -> None:
        """Marks the words of a sign as the failed import, or all from the one of two signs to the other."""
        first, last, _ = match
        if other:
            first, last = min(first, other.first), max(last, other.last)
        self.shown.append(Shown(passage, first, last, "failed import"))


class _Opened(NamedTuple):
    """An attempt whose failure may still be told."""

    number: int
    attempt: PhraseMatch
    is_firm: bool


@dataclass(slots=True)
class Telling:
    """What a passage tells; `weigh` adds it to the scale."""

    passage: Passage
    scale: Scale
    is_title: bool = False
    fails: bool = False  # an attempt that plainly fails
    unanswered: bool = False  # an attempt, and no failure
    _best: float = 0.0  # points of the sentence that speaks most for a failure
    _is_plain: bool = False  # a failure is told, in words that mean nothing else
    _went_well: bool = False
    _opened: _Opened | None = None

    def weigh(self) -> None:
        """Adds what the sentences say, one by one and all together."""
        for sentence in self.passage.sentences:
            self._take(sentence)
        told_so = self._is_plain and self._best >= WEIGHTS["weak attempt fails"]
        if self._went_well and not (self.fails or told_so or "half_done" in self.passage.signs):
            self.scale.add("success")
            if not self._is_plain:  # "there were issues during the upgrade, in the end it was successful"
                self._best = 0.0
        self.scale.points += self._best
        self.unanswered = self.unanswered and self._best <= 0

    def _take(self, sentence: Sentence) -> None:
        facts = sentence.facts
        if "take_out" in facts:
            if not (sentence.failure and self._is_upgrade(sentence)):
                return
            self._best, self.fails = max(self._best, WEIGHTS["attempt fails"]), True
        if "supposed" in facts or _is_asked(self.passage.words.words, sentence):
            return
        points = self._weigh(sentence)
        if "other_thing" in facts and (self.is_title or sentence.number < 2):
            self.scale.add("another thing")
        self._is_plain = self._is_plain or (points > 0 and "failure" in facts)
        self._best = max(self._best, points)

    def _weigh(self, sentence: Sentence) -> float:
        """The points of a sentence for a failed import."""
        facts, attempt, failure = sentence.facts, sentence.attempt, sentence.failure
        run_time = _run_time(sentence)
        if _is_over(sentence) and (run_time or not failure):
            self._went_well, self._opened = True, None
            return 0.0
        if "other_thing" not in facts:
            if attempt and failure:
                return self._weigh_failed_attempt(sentence, attempt, failure, run_time)
            opened = self._opened
            if opened and "failure" in facts and sentence.number - opened.number <= LOOK_AHEAD:
                return self._weigh_later_failure(opened, facts["failure"], bool(run_time or "brought_in" in facts))
            if attempt:
                self._opened, self.unanswered = _Opened(sentence.number, attempt, "bring_in" in facts), True
                return 0.0
        if "brought_in" in facts and not attempt and (run_time or not failure):
            self.scale.add("brought in", 0.5 if self.is_title else 1.0)
            self._opened = None
        return 0.0

    def _weigh_failed_attempt(
        self, sentence: Sentence, attempt: PhraseMatch, failure: PhraseMatch, run_time: PhraseMatch | None
    ) -> float:
        facts = sentence.facts
        is_firm = "bring_in" in facts and "failure" in facts
        points = WEIGHTS["attempt fails" if is_firm else "weak attempt fails"]
        if "bring_in" not in facts:
            points -= (0.0 if "failure" in facts else _HALF) + (0.0 if self._names_a_thing(sentence) else _HALF)
        if run_time:
            between = attempt.first < run_time.first < failure.first
            points += WEIGHTS["another subject" if between else "at run time"]
        if points > 0:
            self.scale.show(self.passage, attempt, failure)
            self.fails = self.fails or (is_firm and not run_time)
        return points

    def _weigh_later_failure(self, opened: _Opened, failure: PhraseMatch, is_after: bool) -> float:
        """An attempt whose failure a later sentence tells; `is_after`: of the time after an import."""
        points = WEIGHTS["attempt, then failure"] - (0.0 if opened.is_firm else _HALF)
        if is_after:
            points += WEIGHTS["at run time"]
        if points > 0:
            self.scale.show(self.passage, opened.attempt)
            self.scale.show(self.passage, failure)
        return points

    def _is_upgrade(self, sentence: Sentence) -> bool:
        """Whether it is an upgrade, of which taking out the old version is the last step."""
        attempt = sentence.attempt or (self._opened.attempt if self._opened else None)
        return attempt is not None and self.passage.words.words[attempt.first].startswith(stems("upgrade"))

    def _names_a_thing(self, sentence: Sentence) -> bool:
        """Whether a sentence names what is brought in."""
        words = self.passage.words_of(sentence)
        if self.is_title and not sentence.number and self.passage.text.startswith("["):
            prefix = self.passage.text.partition("]")[0]  # "[Kit - BUG]" names the kit whatever the title tells
            words = words[sum(map(str.isalnum, prefix.lstrip("[").split())) :]
        return has_any("thing", words)


def _is_over(sentence: Sentence) -> bool:
    """Whether an import is said to have gone well."""
    facts = sentence.facts
    return "over" in facts or ("success" in facts and bool(sentence.attempt or "brought_in" in facts))


def _run_time(sentence: Sentence) -> PhraseMatch | None:
    """What is told of the time after an import."""
    facts, attempt = sentence.facts, sentence.attempt
    if found := facts.get("at_run_time"):
        return found
    if attempt and "bring_in" not in facts and "over" in facts and facts["over"].first < attempt.first:
        return attempt  # "imported successfully, but the set-up fails": what comes next
    return None


def _is_asked(words: list[bytes], sentence: Sentence) -> bool:
    """Whether a sentence asks about an import to come: "Can I upgrade ...", "Are there problems with ..."."""
    verb, whom = words[sentence.start], words[min(sentence.start + 1, sentence.end - 1)]
    if verb in single("asking") and whom in single("asked_of"):
        return True
    return verb in single("asking_you") and whom in single("you")
