"""How texts of people and files are compared, whatever their case, accents and blanks."""

from __future__ import annotations

import unicodedata


def normalised(text: str) -> str:
    """A header or label as it is compared: one case, one spelling of each letter, one space for all that separates.

    Accents, Arabic vowel signs and letter forms, invisible signs do not count. Text without a letter or digit stays.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_LETTER_FORMS.get(sign, sign) for sign in folded if not _uncounted(sign))
    words = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in kept).split()
    return " ".join(words) or " ".join(text.split())


# Forms of one letter that keyboards mix: Arabic and Persian yeh and kaf, teh marbuta and alef maksura.
_LETTER_FORMS = {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"}
_TATWEEL = "\u0640"


def _uncounted(sign: str) -> bool:
    """Accents, Arabic vowel signs and tatweel, and signs without width: they do not tell two words apart."""
    latin_accent, arabic_sign = "\u0300" <= sign <= "\u036f", "\u064b" <= sign <= "\u0655" or sign == "\u0670"
    return latin_accent or arabic_sign or sign == _TATWEEL or unicodedata.category(sign) == "Cf"
