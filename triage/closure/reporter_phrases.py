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
    """A table of phrases as patterns; `statements` has one for each of KINDS, `criteria` one for each outcome.

    `anywhere` are words that bear on a statement, by the name of their list.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        notation = PhraseNotation(table["words"], table["expressions"])
        context: Mapping[str, str] = table["context"]
        self.anywhere = {name: notation.any_of(words) for name, words in table["anywhere"].items()}
        gaps: Mapping[str, str] = table["gaps"]

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
        conditions = notation.any_of(context["conditional"]).pattern, rf"(?:^|(?<=\| ))(?:{opening})(?= [^|])"
        self.conditional = re.compile("|".join([*conditions, *context["conditional_japanese"].split()]))
        after = notation.choice(context["conditional_after"])
        self.conditional_after = re.compile(f"(?:[^ |]+ ){{0,2}}(?:{after})(?= )")
        self.denying = notation.compile([f"{choice('denying')} ~6 ."], barrier=context["not_reaching"])
        self.formerly = notation.compile([f"~2 {choice('formerly')}"], barrier="")
        self.yes = frozenset(context["yes"].split())
        self.no = frozenset(context["no"].split())

    def finds(self, name: str, text: str) -> bool:
        """Whether one of the words `anywhere` of this name stands in a normalised text."""
        return bool(self.anywhere[name].search(text))


PHRASES: Final = ReporterPhrases(load_table(Path(__file__).with_suffix(".toml")))
