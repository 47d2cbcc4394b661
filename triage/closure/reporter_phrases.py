"""The table of what reporters say, `reporter_phrases.toml`, compiled; how phrases are written is said there.

Every pattern is for a sentence as `reporter_words.py` normalises it: lower case, no accents, words parted by single
spaces, `|` for a clause mark.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from triage.phrases import PhraseNotation, load_table

KINDS: Final = ("fails", "works", "later", "support", "closing")
"""What a reporter can state; `closing` is one who closes and says no more."""


class ReporterPhrases:
    """A table of phrases as patterns; `statements` has one for each of KINDS, `criteria` one for each outcome."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        notation = PhraseNotation(table["words"], table["expressions"])
        context: Mapping[str, str] = table["context"]
        gaps: Mapping[str, str] = table["gaps"]

        def any_of(name: str) -> re.Pattern[str]:
            return notation.any_of(context[name])

        def choice(name: str) -> str:
            return "/".join(context[name].split())

        def compile_section(name: str) -> re.Pattern[str]:
            spaced = [phrase for language, found in table[name].items() if language != "japanese" for phrase in found]
            barrier = f"{gaps['every']} {gaps.get(name, '')}"
            return notation.compile(spaced, unspaced=table[name].get("japanese", ()), barrier=barrier)

        self.statements = {kind: compile_section(kind) for kind in KINDS}
        self.past = compile_section("past")
        self.criteria = {name: notation.compile(phrases, barrier="") for name, phrases in table["criteria"].items()}
        self.common = frozenset(context["common"].split())
        opening = notation.choice(context["conditional_opening"])
        anywhere = context["conditional_japanese"].split()
        self.conditional = re.compile(
            "|".join([any_of("conditional").pattern, rf"(?:^|(?<=\| ))(?:{opening})(?= [^|])", *anywhere])
        )
        self.conditional_after = re.compile(
            f"(?:[^ |]+ ){{0,2}}(?:{notation.choice(context['conditional_after'])})(?= )"
        )
        self.denied = any_of("denied")
        self.denying = notation.compile([f"{choice('denying')} ~6 ."], barrier=context["not_reaching"])
        self.formerly = notation.compile([f"~2 {choice('formerly')}"], barrier="")
        self.hypothetical = any_of("hypothetical")
        self.tentative = any_of("tentative")
        self.elsewhere = any_of("elsewhere")
        self.but = any_of("but")
        self.still = any_of("still")
        self.retry = any_of("retry")
        self.doing = notation.any_of("{do}")
        self.reporting = notation.any_of("{report}")
        self.asking = any_of("asking")
        self.asked_success = any_of("asked_success")
        self.asked_failure = any_of("asked_failure")
        self.yes = frozenset(context["yes"].split())
        self.no = frozenset(context["no"].split())


PHRASES: Final = ReporterPhrases(load_table(Path(__file__).with_suffix(".toml")))
