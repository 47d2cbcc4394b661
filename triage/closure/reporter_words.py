"""One comment of a reporter -> what it tells (works, still fails, will be tried again, with support), and the words.

The phrases are in `reporter_phrases.toml`, which says how they are written. What is said here is how phrases count:
conditions and questions tell nothing, success in the past or elsewhere is none, the longer of two phrases that overlap
counts, and the last thing told in a comment is its word.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from triage.closure import reporter_phrases as says
from triage.closure.own_words import Sentence, blank_foreign_words, blank_the_middle, find_sentences
from triage.closure.reporter_phrases import TELLINGS, Telling

LONGEST_QUOTE = 240
"""A longer sentence is quoted only around the telling words, in characters."""

_LONGEST_REACH = 100
"""How many characters before words of success may stand what denies them."""

_TOKEN = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*|□|[,;:()\[\]–—|=>!?-]+")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a comment tells, the words that tell it being `body[start:end]`."""

    telling: Telling
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Hit:
    telling: Telling
    first: int  # offsets in the normalised sentence
    last: int
    firm: bool = True  # not a guess, not a mere promise to report
    here: bool = True  # not in another environment
    past: bool = False  # a failure told as a thing of the past
    start: int = 0
    end: int = 0


def find_told(body: str, *, asked: str = "") -> Told | None:
    """What a comment tells in the end, or None where it tells nothing.

    `asked` is the comment that it answers: a bare "yes" or "no" means something only below a question.
    """
    hits = [hit for sentence in _own_sentences(body) for hit in _find_hits(sentence)]
    counted = _last_word(hits) or (_answer(body, asked) if asked else None)
    return None if counted is None else Told(counted.telling, counted.start, counted.end)


def find_success_of_a_retry(description: str) -> Told | None:
    """Where a description itself says that a later attempt went well, as in "attempt 3 was fine"; else None."""
    found: Told | None = None
    for sentence in _own_sentences(description):
        for hit in _find_hits(sentence):
            if hit.telling == "works" and hit.here and says.RETRY.search(_normalise(sentence.text)[0]):
                found = Told("works", hit.start, hit.end)
            elif hit.telling == "fails":
                found = None
    return found


def _own_sentences(body: str) -> Iterator[Sentence]:
    return find_sentences(blank_foreign_words(blank_the_middle(body)))


def _last_word(hits: list[_Hit]) -> _Hit | None:
    """Which of the things told in one comment is its word: the last, unless an earlier one outweighs it.

    Said several times in a row, the first is taken: "import succeeded. Nice that it was only that".
    """
    told = [hit for hit in hits if hit.telling != "closing"] or hits
    if not told:
        return None
    at = _outweighing(told)
    while at and told[at - 1].telling == told[at].telling:
        at -= 1
    return told[at]


def _outweighing(told: list[_Hit]) -> int:
    """The index of the last thing told, or of an earlier one that outweighs it."""
    last = len(told) - 1
    before = {hit.telling: at for at, hit in enumerate(told)}
    if told[last].telling == "fails" and told[last].past:
        return before.get("works", last)
    if told[last].telling == "works" and not told[last].here:
        return before.get("fails", last)
    if told[last].telling == "later":
        earlier = max((at for telling, at in before.items() if telling != "later"), default=last)
        if told[earlier].telling == "works":
            return earlier if told[earlier].firm else last  # "works in test, production follows tomorrow"
        if not any(hit.telling == "later" and hit.firm for hit in told):
            return earlier  # "still failing, will keep you posted"
    return last


def _find_hits(sentence: Sentence) -> Iterator[_Hit]:
    """The things told in one sentence, in order, what is asked, supposed or long past left out."""
    text, starts, offsets = _normalise(sentence.text)
    if not text:
        return
    found: list[_Hit] = []
    for telling in TELLINGS:
        found += (_Hit(telling, hit.start(), hit.end()) for hit in says.PATTERNS[telling].finditer(text))
    past = [hit.span() for hit in says.PAST.finditer(text)]
    question = _question_from(text, sentence.asks)
    for hit in sorted(_without_overlaps(found, text), key=lambda hit: hit.first):
        clause = max(text.rfind("|", 0, hit.first), 0)
        before, after = text[clause : hit.first], text[hit.last :]
        if not _counts(hit, text, before, after, question):
            continue
        left, right = _raw_span(hit, starts, offsets)
        denied = hit.telling == "works" and says.DENIED_BEFORE.search(before[-_LONGEST_REACH:])
        yield _Hit(
            "fails" if denied else hit.telling,
            hit.first,
            hit.last,
            firm=_is_firm(telling=hit.telling, words=text[hit.first : hit.last], until=text[: hit.last]),
            here=not says.ELSEWHERE.search(text[clause : _clause_end(text, hit.last)]),
            past=any(first < hit.last and hit.first < last for first, last in past),
            **_quote(sentence, left, right),
        )


def _is_firm(*, telling: Telling, words: str, until: str) -> bool:
    """No guess, where something is told; more than a mere word of it to come, where something is announced."""
    if telling == "later":
        return not says.REPORT.search(words) or bool(says.DO.search(words))
    return not says.TENTATIVE.search(until)


def _counts(hit: _Hit, text: str, before: str, after: str, question: int) -> bool:
    """Whether the words found are told as a fact of now."""
    condition = max((found.start() for found in says.CONDITIONAL.finditer(text, 0, hit.first + 1)), default=-1)
    supposed = condition >= 0 and " but " not in text[condition : hit.first]
    asked = hit.first >= question
    words = text[hit.first : hit.last]
    if hit.telling == "later":
        return not asked and not (supposed and says.REPORT.search(words)) and not says.IF_NEXT.match(after)
    if supposed:
        return False
    if hit.telling == "fails":
        return not asked or bool(says.STILL.search(words) and not says.ASKING.match(text[question:]))
    if asked:
        return hit.telling == "closing"
    if hit.telling == "works":
        return not says.HYPOTHETICAL.search(before) and not says.FORMERLY.match(after)
    return True


def _question_from(text: str, asks: bool) -> int:
    """Where the question of a sentence begins: its last clause, or all of it where it opens with a verb."""
    if not asks:
        return len(text) + 1
    if says.ASKING.match(text):
        return 0
    return text.rstrip("| ").rfind("|") + 1


def _without_overlaps(found: list[_Hit], text: str) -> list[_Hit]:
    """Of phrases that overlap the longer one; one that denies, "could not", takes in the success that it denies."""
    success = [hit for hit in found if hit.telling == "works"]
    whole = [
        replace(hit, last=max([hit.last, *(other.last for other in success if hit.first < other.first <= hit.last)]))
        if hit.telling == "fails" and says.DENIED.search(text, hit.first, hit.last)
        else hit
        for hit in found
    ]
    kept: list[_Hit] = []
    for hit in sorted(whole, key=lambda hit: (hit.first - hit.last, TELLINGS.index(hit.telling))):
        if all(hit.last <= other.first or other.last <= hit.first for other in kept):
            kept.append(hit)
    return kept


def _normalise(text: str) -> tuple[str, list[int], list[tuple[int, int]]]:
    """A sentence as phrases are written, where each of its words begins in that, and each word's place in `text`."""
    words: list[str] = []
    starts: list[int] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if not word[0].isalnum() and word != "□":
            if not words or words[-1] == "|":
                continue
            word = "|"
        words.append(word := _plain(word))
        starts.append(length)
        offsets.append(token.span())
        length += len(word) + 1
    return " ".join(words), starts, offsets


def _plain(word: str) -> str:
    word = word.lower().replace("’", "'")
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))


def _raw_span(hit: _Hit, starts: list[int], offsets: list[tuple[int, int]]) -> tuple[int, int]:
    first = bisect_right(starts, hit.first) - 1
    last = bisect_right(starts, max(hit.last - 1, hit.first)) - 1
    return offsets[first][0], offsets[last][1]


def _quote(sentence: Sentence, left: int, right: int) -> Mapping[str, Any]:
    """The whole sentence where it is short; else the telling words with some of their neighbours."""
    start, end = 0, len(sentence.text)
    if end > LONGEST_QUOTE:
        room = max(LONGEST_QUOTE - (right - left), 0) // 2
        start = max(left - room, 0)
        end = min(right + room, end)
        start = start if start == 0 else sentence.text.find(" ", start, left) + 1 or left
        end = end if end == len(sentence.text) else max(sentence.text.rfind(" ", right, end), right)
    return {"start": sentence.start + start, "end": sentence.start + end}


def _clause_end(text: str, at: int) -> int:
    end = text.find("|", at)
    return len(text) if end < 0 else end


def _answer(body: str, asked: str) -> _Hit | None:
    """A bare yes or no below a question whether it works, or whether it fails."""
    said = next(_own_sentences(body), None)
    questions = [sentence for sentence in _own_sentences(asked) if sentence.asks]
    if said is None or not questions or said.asks:
        return None
    first = _normalise(said.text)[0].split(" ", 1)[0]
    if first not in says.YES and first not in says.NO:
        return None
    question = _normalise(questions[-1].text)[0]
    if says.ASKED_FAILURE.search(question):
        works = first in says.NO
    elif says.ASKED_SUCCESS.search(question):
        works = first in says.YES
    else:
        return None
    return _Hit("works" if works else "fails", 0, 0, start=said.start, end=said.end)
