"""The phrases of `reporter_phrases.toml` as patterns; how a phrase is written is said there.

A pattern is matched against a sentence as `reporter_words.py` normalises it: lower case, no accents, words parted by
single spaces. Every word of a pattern takes the space behind it along, so that a phrase ends where a word ends.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

Telling = Literal["works", "fails", "later", "support", "closing"]
"""What a phrase tells; `closing` is a reporter who closes and says no more."""

TELLINGS: Final[tuple[Telling, ...]] = ("fails", "works", "later", "support", "closing")

_TABLE: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("reporter_phrases.toml").read_text(encoding="utf-8")
)
_CONTEXT: Final[dict[str, str]] = _TABLE["context"]
_SPECIAL: Final = {"version": r"v?\d+\.\d[^ |]*", "code": r"(?:0x)?8[0-9a-f]{7}", "number": r"\d{6,}"}
_TURNING: Final = "without but because whether if how why no zero nicht niet"
"""What no gap of a phrase reaches over: words that turn its sense; nor, in words of success, a "not"."""


def _word_pattern(word: str) -> str:
    if word.startswith("{"):
        name = word[1:-1]
        return _SPECIAL.get(name) or "|".join(_word_pattern(other) for other in _TABLE["words"][name].split())
    return re.escape(word.replace("_", " ")).replace(r"\ ", " ").replace(r"\*", "[^ |]*")


def _phrase_pattern(phrase: str, no_gap: str) -> str:
    parts = []
    for row in phrase.split():
        if row.startswith("~"):
            parts.append(rf"(?:{no_gap}[^ |]+ ){{0,{row[1:]}}}?")
        elif row == ".":
            parts.append(r"(?=\||$)")
        elif row.startswith("|"):
            parts.append(r"(?:\| )?" if row.endswith("?") else r"\| ")
        else:
            any_of = "|".join(_word_pattern(word) for word in row.removeprefix("!").removesuffix("?").split("/"))
            ends = "(?= |$) ?+"
            opening = "(?!" if row.startswith("!") else "(?:"
            closing = "?" if row.endswith("?") else ""
            parts.append(f"{opening}(?:{any_of}){ends}){closing}")
    return "".join(parts)


def _pattern(telling: str) -> re.Pattern[str]:
    turning = f"{_TURNING} {{not}}" if telling == "works" else _TURNING
    no_gap = f"(?!(?:{'|'.join(_word_pattern(word) for word in turning.split())}) )"
    spaced = [
        _phrase_pattern(phrase, no_gap)
        for language, phrases in _TABLE[telling].items()
        if language != "japanese"
        for phrase in phrases
    ]
    unspaced = [re.escape(phrase).replace(r"\~", ".{0,14}") for phrase in _TABLE[telling].get("japanese", ())]
    return re.compile("|".join([f"(?:^|(?<= ))(?:{'|'.join(spaced)})", *unspaced]))


def _any_word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<= ))(?:{'|'.join(_word_pattern(word) for word in words.split())})(?= |$)")


PATTERNS: Final = {telling: _pattern(telling) for telling in TELLINGS}
PAST: Final = _pattern("past")
HYPOTHETICAL: Final = _any_word(_CONTEXT["hypothetical"])
TENTATIVE: Final = _any_word(_CONTEXT["tentative"])
DENIED: Final = _any_word(_TABLE["words"]["not"] + " nao no non nicht niet ne n'a n'ont n'est unable none nothing")
NOT_REACHING: Final = "|".join(map(_word_pattern, _CONTEXT["not_reaching"].split()))
DENIED_BEFORE: Final = re.compile(
    rf"(?:^|(?<= ))(?:{'|'.join(map(_word_pattern, _TABLE['words']['not'].split()))}|no|none|nobody|nothing) "
    rf"(?:(?!(?:{NOT_REACHING}) )[^ |]+ ){{0,6}}$"
)
"""A denial that reaches to the end of the text: "no flow is ", "it could not be "."""
ELSEWHERE: Final = _any_word(_CONTEXT["elsewhere"])
CONDITIONAL: Final = re.compile(
    r"(?:^|(?<= ))(?:if|whether|in case|unless|should it|wenn|falls|sofern)(?= )"
    r"|(?:^|(?<=\| ))(?:se|si|als)(?= [^|])"  # "si" without its accent is also a yes
    r"|もし|場合"
)
FORMERLY: Final = re.compile(
    rf"(?:[^ |]+ ){{0,2}}(?:{'|'.join(_word_pattern(w) for w in _CONTEXT['formerly'].split())})(?= |$)"
)
ASKING: Final = re.compile(rf" ?(?:{'|'.join(_CONTEXT['asking'].split())})(?= |$)")
ASKED_SUCCESS: Final = _any_word(_CONTEXT["asked_success"])
ASKED_FAILURE: Final = _any_word(_CONTEXT["asked_failure"])
STILL: Final = _any_word("still again same keep keeps another")
DO: Final = _any_word("{do}")
REPORT: Final = _any_word(_TABLE["words"]["report"])
IF_NEXT: Final = re.compile(r"(?:[^ |]+ ){0,2}if(?= )")
RETRY: Final = _any_word("attempt attempts try tries retry retries")
YES: Final = frozenset(_CONTEXT["yes"].split())
NO: Final = frozenset(_CONTEXT["no"].split())
