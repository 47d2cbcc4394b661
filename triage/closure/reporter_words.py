"""One comment of a reporter -> what it states (works, still fails, will be tried again, with support), and the words.

The phrases are in `reporter_phrases.toml`, which says how they are written. What is said here is how phrases count:
conditions and questions state nothing, success in the past or elsewhere is none, the longer of two phrases that overlap
counts, and the last statement of a comment is its word.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from triage.closure.own_words import QUOTED, OwnSentence, blank_foreign_words, blank_the_middle, find_sentences
from triage.closure.reporter_phrases import KINDS, PHRASES
from triage.phrases import PhraseMatch

LONGEST_QUOTE = 240
"""A longer sentence is quoted only around the words that count, in characters."""

_LONGEST_REACH = 100
"""How many characters before words of success may stand what denies them."""

_TOKEN = re.compile(rf"[^\W_]+(?:['’.\-][^\W_]+)*|{QUOTED}|[,;:()\[\]–—|=>!?-]+")
_ACCENT = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a comment states, `kind` being one of KINDS; the words that say it are `body[start:end]`."""

    kind: str
    start: int
    end: int
    is_firm: bool = True  # not a guess, not a mere promise to report
    is_here: bool = True  # not in another environment
    is_over: bool = False  # a failure of the past


@dataclass(frozen=True, slots=True)
class Normalised:
    """A sentence as phrases are written; `starts` is where each word begins in `text`, `spans` where it stood."""

    text: str
    starts: list[int]
    spans: list[tuple[int, int]]

    def find_span(self, match: PhraseMatch) -> tuple[int, int]:
        """Where the words of a match stood."""
        first = bisect_right(self.starts, match.first) - 1
        last = bisect_right(self.starts, max(match.last - 1, match.first)) - 1
        return self.spans[first][0], self.spans[last][1]


def find_statement(body: str, *, question: str = "") -> Statement | None:
    """What a comment states in the end, or None where it states nothing.

    `question` is the comment that it answers: a bare "yes" or "no" means something only below a question.
    """
    statements = [statement for sentence in _own_sentences(body) for statement in _find_statements(sentence)]
    return _choose_last_word(statements) or (_find_bare_answer(body, question) if question else None)


def find_success_of_a_retry(description: str) -> Statement | None:
    """Where a description itself says that a later attempt went well, as in "attempt 3 was fine"; else None."""
    found: Statement | None = None
    for sentence in _own_sentences(description):
        for statement in _find_statements(sentence):
            if statement.kind == "fails":
                found = None
            elif (
                statement.kind == "works"
                and statement.is_here
                and PHRASES.finds("retry", normalise(sentence.text).text)
            ):
                found = statement
    return found


def _own_sentences(body: str) -> Iterator[OwnSentence]:
    return find_sentences(blank_foreign_words(blank_the_middle(body)))


# Which statement of a comment counts


def _choose_last_word(statements: list[Statement]) -> Statement | None:
    """The statement that is a comment's word: the last, unless an earlier one outweighs it.

    Made several times in a row, the first is taken: "import succeeded. Nice that it was only that".
    """
    weighed = [statement for statement in statements if statement.kind != "closing"] or statements
    if not weighed:
        return None
    at = _find_decisive(weighed)
    while at and weighed[at - 1].kind == weighed[at].kind:
        at -= 1
    return weighed[at]


def _find_decisive(statements: Sequence[Statement]) -> int:
    """The index of the last statement, or of an earlier one that outweighs it."""
    last = statements[-1]
    if last.kind == "fails" and last.is_over:
        return _find_last(statements, {"works"})
    if last.kind == "works" and not last.is_here:
        return _find_last(statements, {"fails"})
    if last.kind != "later":
        return len(statements) - 1
    earlier = _find_last(statements, set(KINDS) - {"later"})
    if statements[earlier].kind == "works":
        outweighs = statements[earlier].is_firm  # "works in test, production follows tomorrow"
    else:
        outweighs = not any(statement.kind == "later" and statement.is_firm for statement in statements)
    return earlier if outweighs else len(statements) - 1  # "still failing, will keep you posted"


def _find_last(statements: Sequence[Statement], kinds: Collection[str]) -> int:
    """The index of the last statement of these kinds; where there is none, of the last of all."""
    found = (at for at in reversed(range(len(statements))) if statements[at].kind in kinds)
    return next(found, len(statements) - 1)


def _find_bare_answer(body: str, question: str) -> Statement | None:
    """A bare yes or no below a question whether it works, or whether it fails."""
    answer = next(_own_sentences(body), None)
    questions = [sentence for sentence in _own_sentences(question) if sentence.asks]
    if answer is None or answer.asks or not questions:
        return None
    word = normalise(answer.text).text.partition(" ")[0]
    asked = normalise(questions[-1].text).text
    if PHRASES.finds("asked_failure", asked):
        kinds = ("fails", "works")
    elif PHRASES.finds("asked_success", asked):
        kinds = ("works", "fails")
    else:
        return None
    for words, kind in zip((PHRASES.yes, PHRASES.no), kinds, strict=True):
        if word in words:
            return Statement(kind, answer.start, answer.end)
    return None


# What one sentence states


def _find_statements(sentence: OwnSentence) -> Iterator[Statement]:
    """The statements of a sentence, in order; what is asked, supposed or long past is none."""
    normalised = normalise(sentence.text)
    text = normalised.text
    if not text:
        return
    question = _find_question(text) if sentence.asks else len(text) + 1
    past = list(PHRASES.past.finditer(text))
    for match in _find_phrases(text):
        if not _is_stated(match, text, question):
            continue
        clause_start, clause_end = _find_clause(text, match)
        before = text[max(clause_start, match.first - _LONGEST_REACH) : match.first]
        is_denied = match.sign == "works" and PHRASES.denying.search(before)
        start, end = _find_quote(sentence.text, *normalised.find_span(match))
        yield Statement(
            "fails" if is_denied else match.sign,
            sentence.start + start,
            sentence.start + end,
            is_firm=_is_firm(match, text),
            is_here=not PHRASES.finds("elsewhere", text[clause_start:clause_end]),
            is_over=any(found.start() < match.last and match.first < found.end() for found in past),
        )


def _is_stated(match: PhraseMatch, text: str, question: int) -> bool:
    """Whether the words found are stated as a fact of now, not asked nor supposed."""
    is_asked = match.first >= question
    is_supposed = _is_supposed(match, text)
    words = text[match.first : match.last]
    if match.sign == "later":
        is_offer = is_supposed and PHRASES.finds("reporting", words)  # "if it fails I will let you know"
        return not (is_asked or is_offer or PHRASES.conditional_after.match(text[match.last :]))
    if is_supposed:
        return False
    if is_asked:
        goes_on = match.sign == "fails" and PHRASES.finds("still", words) and not _opens_with_a_verb(text[question:])
        return goes_on or match.sign == "closing"
    # Words of success are of now where they are not what should be, nor what was once.
    before = text[_find_clause(text, match)[0] : match.first]
    return match.sign != "works" or not (
        PHRASES.finds("hypothetical", before) or PHRASES.formerly.match(text[match.last :])
    )


def _is_supposed(match: PhraseMatch, text: str) -> bool:
    """Whether a condition stands before the words, and no "but" in between."""
    conditions = [found.start() for found in PHRASES.conditional.finditer(text, 0, match.first + 1)]
    return bool(conditions) and not PHRASES.anywhere["but"].search(text, conditions[-1], match.first)


def _is_firm(match: PhraseMatch, text: str) -> bool:
    """Of something to come: more than a promise to report. Of anything else: no guess."""
    if match.sign == "later":
        words = text[match.first : match.last]
        return not PHRASES.finds("reporting", words) or bool(PHRASES.finds("doing", words))
    return not PHRASES.finds("tentative", text[: match.last])


def _find_question(text: str) -> int:
    """Where the question of a sentence begins: its last clause, or all of it where it opens with a verb."""
    return 0 if _opens_with_a_verb(text) else text.rstrip("| ").rfind("|") + 1


def _opens_with_a_verb(clause: str) -> bool:
    return bool(PHRASES.anywhere["asking"].match(clause.lstrip(" ")))


def _find_clause(text: str, match: PhraseMatch) -> tuple[int, int]:
    end = text.find("|", match.last)
    return max(text.rfind("|", 0, match.first), 0), len(text) if end < 0 else end


def _find_phrases(text: str) -> list[PhraseMatch]:
    """The phrases in a sentence, in order: of those that overlap the longest."""
    patterns = PHRASES.statements.items()
    found = [PhraseMatch(*found.span(), kind) for kind, pattern in patterns for found in pattern.finditer(text)]
    kept: list[PhraseMatch] = []
    found = _extend_denials(found, text)
    for match in sorted(found, key=lambda match: (match.first - match.last, KINDS.index(match.sign))):
        if all(match.last <= other.first or other.last <= match.first for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda match: match.first)


def _extend_denials(found: Sequence[PhraseMatch], text: str) -> list[PhraseMatch]:
    """The same phrases; one that denies, "could not", takes in the success that it denies."""
    successes = [match for match in found if match.sign == "works"]
    extended = []
    for match in found:
        last = match.last
        if match.sign == "fails" and PHRASES.anywhere["denied"].search(text, match.first, match.last):
            last = max([last, *(success.last for success in successes if match.first < success.first <= last)])
        extended.append(match._replace(last=last))
    return extended


def normalise(text: str) -> Normalised:
    """A text as phrases are written: in lower case, without accents, words parted by single spaces."""
    words: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for token in _TOKEN.finditer(text):
        word = _fold(token[0]) if token[0][0].isalnum() or token[0] == QUOTED else "|"
        if word == "|" and (not words or words[-1] == "|"):
            continue
        words.append(word)
        starts.append(length)
        spans.append(token.span())
        length += len(word) + 1
    return Normalised(" ".join(words), starts, spans)


def _fold(word: str) -> str:
    word = word.lower().replace("’", "'")
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", word)))


def _find_quote(sentence: str, left: int, right: int) -> tuple[int, int]:
    """The whole sentence where it is short; else the words `[left:right]` with some of their neighbours."""
    if len(sentence) <= LONGEST_QUOTE:
        return 0, len(sentence)
    room = max(LONGEST_QUOTE - (right - left), 0) // 2
    start = max(left - room, 0)
    end = min(right + room, len(sentence))
    if start > 0:
        start = sentence.find(" ", start, left) + 1 or left
    if end < len(sentence):
        end = max(sentence.rfind(" ", right, end), right)
    return start, end
