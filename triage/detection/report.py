"""A title, a body and comments -> what the reporter says in them, part by part, read for signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.detection.error_codes import CodePlace, ErrorCode, ErrorTable, find_code_places, known_code
from triage.detection.noise import blank_noise
from triage.detection.passages import Passage, may_tell, read_passage, signs_of
from triage.issue_forms import clean_answer, split_sections

_SIDE_PARTS = frozenset({"more", "steps"})
_WISHES = frozenset({"feature", "wish"})
_READ = frozenset({"description", "question", "flow"}) | _SIDE_PARTS | _WISHES


@dataclass(slots=True)
class Report:
    """What a reporter says.

    `sources` are the texts as written: `title`, `body` and `comment:<index>` of each own comment. `passages` are the
    title and the telling parts of the body, `replies` the reporter's own comments. `codes` are those of `places`, each
    once, in order of appearance, and `known` what the table says of them.
    """

    sources: Mapping[str, str]
    passages: Sequence[Passage]
    replies: Sequence[Passage]
    places: Sequence[CodePlace]
    codes: tuple[str, ...]
    known: Sequence[ErrorCode]
    flow_answer: str
    is_feature: bool


def read_report(title: str, body: str, author: str, comments: Sequence[tuple[str, str]], table: ErrorTable) -> Report:
    """Reads an issue; of `comments`, pairs of author and body, only those of `author` count."""
    signs = signs_of(table)
    passages = [read_passage("title", 0, "title", blank_noise(title), signs)]
    flow_answer, is_feature = "", False
    for section in split_sections(body):
        part = section.part
        if part not in _READ:
            continue
        text = body[section.start : section.end]
        if part == "flow":
            flow_answer = flow_answer or clean_answer(text)
        elif part != "wish" and (part not in _SIDE_PARTS or may_tell(text)):
            text = blank_noise(text)
            if not text.isspace():
                passages.append(read_passage("body", section.start, part, text, signs))
        is_feature = is_feature or part in _WISHES
    sources = {"title": title, "body": body}
    replies = []
    for index, (who, text) in enumerate(comments):
        if author and who.lower() == author.lower():
            sources[f"comment:{index}"] = text
            replies.append(read_passage(f"comment:{index}", 0, "reply", blank_noise(text, reply=True), signs))
    places = [place for source, text in sources.items() for place in find_code_places(source, text)]
    if replies:  # what a reply quotes is not the reporter's
        told = {**sources, **{reply.source: reply.text for reply in replies}}
        places = [place for place in places if not told[place.source][place.start : place.end].isspace()]
    codes = tuple(dict.fromkeys([place.code for place in places]))
    known = [found for code in codes if (found := known_code(code, table))]
    return Report(sources, passages, replies, places, codes, known, flow_answer, is_feature)
