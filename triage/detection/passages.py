"""A part of a report -> a passage: its words, the signs in them, and what each of its sentences says.

Signs are what the lists of `import_words.toml` and the messages in the table of error codes are called.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from triage.detection.error_codes import ErrorTable
from triage.detection.words import TABLE, has_any, own_words, single, stems
from triage.phrases import PhraseMatch, Phrases, Words, read_words

ATTEMPTS = frozenset({"bring_in", "bring_in_weak"})
"""Signs of somebody bringing a solution into an environment."""

_FAILURES = frozenset({"failure", "failure_weak"})
_WHATEVER_ROUND = frozenset({"message", "asks"})
"""Signs that count inside a longer phrase of another sign, too."""

_PUT_RIGHT = ATTEMPTS | _FAILURES | {"brought_in", "over", "after"}
"""Signs that may be another where they stand."""

REACH: Mapping[str, int] = TABLE["reach"]
"""How many words around a sign are looked at."""

_FAR = 99


@lru_cache(maxsize=8)
def signs_of(table: ErrorTable) -> Phrases:
    """Everything that is looked for in a report. A cause's messages are the signs `cause:KEY` and `vague:KEY`."""
    signs: dict[str, Iterable[str]] = {name: own_words()[name] for name in TABLE["signs"]}
    signs |= {f"cause:{key}": phrases for key, phrases in table.phrases.items()}
    signs |= {f"vague:{key}": phrases for key, phrases in table.vague.items() if phrases}
    return Phrases(signs)


@dataclass(slots=True)
class Sentence:
    """The words `[start:end]` of a passage, and by each sign its first match there (`facts`)."""

    number: int
    start: int
    end: int
    facts: dict[str, PhraseMatch]
    after: int = -_FAR  # where the last "after" stands
    attempt: PhraseMatch | None = None  # an import that is tried
    failure: PhraseMatch | None = None  # of whatever


@dataclass(slots=True)
class Passage:
    """A stretch of the title, the body or a comment. `start` is its place in the source, `signs` the first of each."""

    source: str
    start: int
    part: str
    text: str
    words: Words
    matches: list[PhraseMatch]
    signs: dict[str, PhraseMatch]
    _sentences: list[Sentence] | None = None

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences that have signs. Read when they are first asked for: many a report is judged without."""
        if self._sentences is None:
            self._sentences = _read_sentences(self)
        return self._sentences

    def words_of(self, sentence: Sentence) -> list[bytes]:
        """A sentence's words."""
        return self.words.words[sentence.start : sentence.end]


@dataclass(slots=True)
class Shown:
    """The words `[first:last]` of a passage, and what they show."""

    passage: Passage
    first: int
    last: int
    shows: str


def read_passage(source: str, start: int, part: str, text: str, signs: Phrases) -> Passage:
    """Reads one stretch of a report."""
    words = read_words(text)
    matches = _drop_contained(signs.find(words))
    return Passage(source, start, part, text, words, matches, {match[2]: match for match in reversed(matches)})


def may_tell(text: str) -> bool:
    """Whether a side part of a report ("Steps", "Anything else?") is worth reading: most say nothing of a failure."""
    if not text.isascii():
        return True
    lowered = text.lower()
    return any(map(lowered.__contains__, TABLE["stems"]["failure"]))


def _drop_contained(matches: list[PhraseMatch]) -> list[PhraseMatch]:
    """Without everyday words that lie inside a longer phrase of another sign: "no errors" is no error."""
    kept: list[PhraseMatch] = []
    until, sign_until = 0, ""
    for match in matches:
        first, last, sign = match
        if ":" in sign or sign in _WHATEVER_ROUND:
            kept.append(match)
        elif last > until:
            kept.append(match)
            if last - first > 1:
                until, sign_until = last, sign
        elif sign == sign_until:
            kept.append(match)
    return kept


# --- what a sentence says -------------------------------------------------------------------------


def _read_sentences(passage: Passage) -> list[Sentence]:
    words, ends = passage.words.words, passage.words.ends
    found: list[Sentence] = []
    number, start, end = -1, 0, 0
    for match in passage.matches:
        if match.first >= end:
            while match.first >= end:
                number += 1
                start, end = end, ends[number]
            found.append(sentence := Sentence(number, start, end, {}))
        sign = match.sign
        if sign in _PUT_RIGHT:
            sign = _put_right(match, sentence, words)
        elif sign[:6] == "cause:":
            sign = "failure"
        if sign not in sentence.facts:
            sentence.facts[sign] = match
    for sentence in found:
        facts = sentence.facts
        sentence.attempt = facts.get("bring_in") or facts.get("bring_in_weak")
        sentence.failure = facts.get("failure") or facts.get("failure_weak")
    return found


def _put_right(match: PhraseMatch, sentence: Sentence, words: list[bytes]) -> str:
    """What a match is a sign of where it stands. An import that is denied is an attempt, and its denial a failure."""
    first, _, sign = match
    if sign in ATTEMPTS:
        return _put_attempt_right(match, sentence, words)
    if sign == "brought_in":
        return _put_past_right(match, sentence, words)
    if sign == "over" and _denied(match, sentence, words):
        return "bring_in"
    if sign in _FAILURES and _none_of_it(words, sentence.start, first):
        return "success"
    if sign == "after":
        sentence.after = first
    return sign


def _put_attempt_right(match: PhraseMatch, sentence: Sentence, words: list[bytes]) -> str:
    """An import after "after" is over; "deploy the zip" means nothing but an import."""
    first, _, sign = match
    if first - sentence.after <= REACH["after"] and not has_any("trying", words[sentence.after : first]):
        return "brought_in"
    _denied(match, sentence, words)
    behind = words[first + 1 : min(first + REACH["object"], sentence.end)]
    return sign if single("package").isdisjoint(behind) else "bring_in"


def _put_past_right(match: PhraseMatch, sentence: Sentence, words: list[bytes]) -> str:
    """ "Not imported", "get it imported" and "when it is imported" tell of an attempt."""
    first, start = match.first, sentence.start
    before = words[max(start, first - REACH["getting"]) : first]
    is_tried = _denied(match, sentence, words) or not single("getting").isdisjoint(before)
    if not is_tried and before and before[-1] in single("is"):
        is_tried = has_any("trying", words[max(start, first - REACH["trying"]) : first])
    if not is_tried:
        return "brought_in"
    return "bring_in_weak" if words[first].startswith(stems("weak")) else "bring_in"


def _denied(match: PhraseMatch, sentence: Sentence, words: list[bytes]) -> bool:
    """Whether an import is denied, which is then noted as a failure."""
    before = words[max(sentence.start, match.first - REACH["not"]) : match.first]
    if single("not").isdisjoint(before) or not single("not_said").isdisjoint(before):
        return False
    sentence.facts.setdefault("failure", match)
    return True


def _none_of_it(words: list[bytes], start: int, at: int) -> bool:
    """Whether a failure is denied: "not one single error", "no further problems"."""
    before = at - 1
    while before >= start and words[before] in single("even_one"):
        before -= 1
    return before >= start and words[before] in single("no")
