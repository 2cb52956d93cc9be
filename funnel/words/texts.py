"""Text of a file, made harmless for the places that show it."""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
MOST_SHOWN = 10_000
"""Signs of a text of a file that are shown of it."""
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]")
"""Control characters, halves of signs, and what turns the direction of the text around it."""


def plain(text: str) -> str:
    """Text of a file without what could hide or turn it: no control characters, no bidirectional overrides.

    Line ends and tabs become one space. U+200C and U+200D stay: Persian spelling and emoji need them. Of a text that nobody reads to
    its end the first MOST_SHOWN signs are left, and an ellipsis.
    """
    shortened = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
    return _HIDDEN.sub("", re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", shortened))


def escape_markdown(text: str) -> str:
    """Text of a file for a Markdown place: it shows as it is written, and makes no link, no image, no icon.

    All ASCII punctuation is escaped. A parser makes links of bare addresses even so: a word joiner, which has no
    width, breaks them after ":", "@" and "www".
    """
    line = re.sub(r" {2,}", " ", plain(text)).strip()
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)
    return re.sub(r"([:@]|www)", "\\1" + WORD_JOINER, escaped, flags=re.IGNORECASE)
