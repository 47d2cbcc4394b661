"""What is not the reporter's own telling, blanked out at equal length, so that every offset stays true.

Links, images, HTML comments, ticked boxes, quoted replies, e-mail headers.
"""

import re

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
_WROTE = re.compile(
    r"^[^\n]{0,300}(?:wrote|schrieb|escreveu|escribió|a écrit|ha scritto|schreef):[ \t\r]*$", re.MULTILINE
)
_MAIL_HEAD = re.compile(
    r"^[>*_ \t]{0,6}(?:From|Von|De|Da|Van|差出人)[*_]{0,2}:[^\n]{0,300}+\n(?:[^\n]{0,300}+\n){0,2}"
    r"[>*_ \t]{0,6}(?:Sent|Date|To|Gesendet|Datum|Enviado|Enviada|Envoyé|Inviato|Verzonden|送信日時)"
    r"(?: em| el)?[*_]{0,2}[ ]?:",
    re.MULTILINE,
)
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}+>?|!\[[^\[\]\n]{0,300}+\]\([^()\s]{0,300}+\)?|\[cid:[^\]\n]{0,120}+\]")
_ATTACHMENT = re.compile(r"\[[^\[\]\n]{1,200}+\]\([^()\s]{0,160}(?:/files/|/attachments/)[^()\s]{0,200}+\)?")


def blank_noise(text: str, *, reply: bool = False) -> str:
    """`text` with everything blanked that is not the writer's own telling; of the same length.

    In a comment (`reply`) every quoted line is somebody else's; in a description it is mostly an error message.
    """
    if "://" in text or "<" in text or "![" in text:
        text = _NOISE.sub(_spaces, text)
    if "] " in text:
        text = _CHECKED.sub(_spaces, text)
    if ":" in text:
        if "\n" in text and _may_be_mail(text) and (head := _MAIL_HEAD.search(text)):
            text = text[: head.start()] + " " * (len(text) - head.start())
        if (":\n" in text or ":\r" in text) and _tells_of_a_quotation(text) and (wrote := _WROTE.search(text)):
            reply = True
            text = text[: wrote.start()] + " " * (wrote.end() - wrote.start()) + text[wrote.end() :]
    if reply and ">" in text:
        text = _QUOTED.sub(_spaces, text)
    return text


def _may_be_mail(text: str) -> bool:
    # Written out, for this is asked of every part of every report.
    if "From:" in text or "From*" in text:
        return True
    return "Von:" in text or "De:" in text or "Da:" in text or "Van:" in text or "差出人:" in text


def _tells_of_a_quotation(text: str) -> bool:
    return any(
        word in text for word in ("wrote:", "schrieb:", "escreveu:", "escribió:", "a écrit:", "ha scritto:", "schreef:")
    )


def _spaces(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())


def find_image(text: str) -> tuple[int, int] | None:
    """Where the first picture stands, or None."""
    if "<img" not in text and "](" not in text and "[cid:" not in text:
        return None
    found = _IMAGE.search(text)
    return found.span() if found else None


def find_attachment(text: str) -> tuple[int, int] | None:
    """Where the first attached file stands, or None."""
    found = _ATTACHMENT.search(text) if "](" in text else None
    return found.span() if found else None
