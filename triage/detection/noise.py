"""What is not the reporter's own telling, blanked out at equal length, so that every offset stays true.

Links, images, HTML comments, ticked boxes, quoted replies, e-mail headers.
"""

import re
from typing import Final

from triage.detection.words import TABLE, any_of

_MAIL: Final = TABLE["mail"]

# One pass over what has to go. Every repetition is possessive or bounded and no part can begin inside another's run, so
# a text cannot make it look at the same character many times.
_NOISE = re.compile(
    r"https?://[^\s<>\"'`)\]]*+"
    r"|<!--(?:[^-]|-(?!->))*+(?:-->)?"
    r"|<(?:img|a|br|video|details|summary|/?p|/?div)\b[^<>]{0,2000}+>?"
    r"|!\[[^\[\]\n]{0,300}+\]\([^()\s]{0,300}+\)?"
)
_CHECKED = re.compile(r"^[ \t]*[-*][ \t]+\[[ xX]\][^\n]*+", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]{0,3}>[^\n]*+", re.MULTILINE)
_WROTE = re.compile(rf"^[^\n]{{0,300}}(?:{any_of(_MAIL['wrote'])}):[ \t\r]*$", re.MULTILINE)
_MAIL_HEAD = re.compile(
    rf"^[>*_ \t]{{0,6}}(?:{any_of(_MAIL['from'])})[*_]{{0,2}}:[^\n]{{0,300}}+\n(?:[^\n]{{0,300}}+\n){{0,2}}"
    rf"[>*_ \t]{{0,6}}(?:{any_of(_MAIL['sent'])})[*_]{{0,2}}[ ]?:",
    re.MULTILINE,
)
_FROM: Final = (*(f"{word}:" for word in _MAIL["from"]), "From*")
_SAYS_WROTE: Final = tuple(f"{word}:" for word in _MAIL["wrote"])


def blank_noise(text: str, *, reply: bool = False) -> str:
    """`text` with everything blanked that is not the writer's own telling; of the same length.

    In a comment (`reply`) every quoted line is somebody else's; in a description it is mostly an error message.
    """
    if "://" in text or "<" in text or "![" in text:
        text = _NOISE.sub(_spaces, text)
    if "] " in text:
        text = _CHECKED.sub(_spaces, text)
    if ":" in text:
        # The thread that a mail program adds, from its first header on.
        if "\n" in text and any(map(text.__contains__, _FROM)) and (head := _MAIL_HEAD.search(text)):
            text = text[: head.start()] + " " * (len(text) - head.start())
        may_quote = (":\n" in text or ":\r" in text) and any(map(text.__contains__, _SAYS_WROTE))
        if may_quote and (wrote := _WROTE.search(text)):
            reply = True
            text = text[: wrote.start()] + _spaces(wrote) + text[wrote.end() :]
    if reply and ">" in text:
        text = _QUOTED.sub(_spaces, text)
    return text


def _spaces(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())
