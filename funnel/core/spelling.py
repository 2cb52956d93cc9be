"""How texts of people and files are compared, whatever their case, accents and blanks."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Signs of the longest header, label or value whose words are looked at. To do so, and to sort the marks above a letter, takes a time
that grows with the square of a text's length: with a million signs it would never end."""

MOST_KEPT = 20_000
"""Signs of which it is kept what stands for them; all scripts that are written today have fewer."""


def normalised(text: str) -> str:
    """A header or label as it is compared: one case, one spelling of each letter, one space for all that separates.

    Accents, Arabic vowel signs and letter forms, invisible signs do not count. Text without a letter or digit stays, and so does what is
    longer than LONGEST, but for its blanks.
    """
    if len(text) > LONGEST:
        return " ".join(text.split())
    if text.isascii():
        return " ".join(_PLAIN_WORDS.findall(text.lower())) or " ".join(text.split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_COMPARED).split()) or " ".join(text.split())


# Forms of one letter that keyboards mix: Arabic and Persian yeh and kaf, teh marbuta and alef maksura; and letters with a stroke
# or without a dot, whose mark is no accent to Unicode: the Turkish i, Polish l, Vietnamese d, Danish o.
_LETTER_FORMS = {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ı": "i", "ł": "l", "đ": "d", "ø": "o"}
_PLAIN_WORDS = re.compile("[a-z0-9]+")
_TATWEEL = "\u0640"


class _Compared(dict[int, str]):
    """What stands for each sign where texts are compared, found when it is first met: nothing, a letter or digit, or a space."""

    def __missing__(self, code: int) -> str:
        sign = _LETTER_FORMS.get(chr(code), chr(code))
        counted = sign if unicodedata.category(sign)[0] in "LNM" else " "
        spelled = "" if _uncounted(chr(code)) else counted
        if len(self) < MOST_KEPT:
            self[code] = spelled
        return spelled


def _uncounted(sign: str) -> bool:
    """Accents, Arabic vowel signs and tatweel, and signs without width: they do not tell two words apart."""
    latin_accent, arabic_sign = "\u0300" <= sign <= "\u036f", "\u064b" <= sign <= "\u0655" or sign == "\u0670"
    return latin_accent or arabic_sign or sign == _TATWEEL or unicodedata.category(sign) == "Cf"


_COMPARED = _Compared()
