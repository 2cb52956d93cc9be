"""What text looks like in the single-byte encodings that files come in: letters by how often they are met."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў"
_WESTERN = "éáíóüäößñãçàèêúôåøæâîõùûëïìòœÿ"
_CENTRAL = "áíéěščřžýůúąęłśżóćńźőűöüäăâîşţșțđťďňľĺŕôßç"
_TURKISH = "ışğüçöİâîû"
_BALTIC = "āēīūšžčļķģņŗąčęėįųõäöü"
_GREEK = "αοιετσνηυρπκμλςωόάίήέύώγδβχθφξζψϊϋ"
_HEBREW = "יוהלאמתרשנבדעקחפםגטזכסצןףךץ"
_ARABIC = "اليمنرتوبةسدعفهكقحجشطصخزىأضذغظءثإئؤآپچژگ\u200c"
_THAI = "านรอกเงมยลวดทสตะปบคหแจพชขใไโผซถธณศภษฉฟฝญฎฏฐฑฒฬฮๆฯำิีึืฺุู็่้๊๋์"


@dataclass(frozen=True)
class Alphabet:
    """A single-byte encoding: its name for people, its name in Python, its letters, and how it behaves in words.

    `mixes`: its letters stand among ASCII letters in one word, seldom two in a row. `prior` is how likely it is before
    anything is known: it decides between encodings that differ in nothing but rare letters.
    """

    name: str
    codec: str
    letters: str
    mixes: bool = False
    prior: float = 0.0

    @cached_property
    def weights(self) -> dict[str, float]:
        """From 1.0 for the commonest letter down to 0.2 for the rarest."""
        return {letter: 1.0 - 0.8 * rank / len(self.letters) for rank, letter in enumerate(self.letters)}


ALPHABETS = (
    Alphabet("windows-1251", "cp1251", _RUSSIAN, prior=0.1),
    Alphabet("windows-1252", "cp1252", _WESTERN, mixes=True, prior=0.15),
    Alphabet("windows-1250", "cp1250", _CENTRAL, mixes=True),
    Alphabet("windows-1254", "cp1254", _TURKISH, mixes=True),
    Alphabet("windows-1257", "cp1257", _BALTIC, mixes=True, prior=-0.05),
    Alphabet("windows-1253", "cp1253", _GREEK),
    Alphabet("windows-1255", "cp1255", _HEBREW, prior=0.2),
    Alphabet("windows-1256", "cp1256", _ARABIC),
    Alphabet("tis-620", "cp874", _THAI),
    Alphabet("koi8-r", "koi8_u", _RUSSIAN),
    Alphabet("cp866", "cp866", _RUSSIAN),
    Alphabet("mac-cyrillic", "mac_cyrillic", _RUSSIAN, prior=-0.05),
    Alphabet("iso-8859-5", "iso8859_5", _RUSSIAN, prior=-0.05),
    Alphabet("iso-8859-2", "iso8859_2", _CENTRAL, mixes=True, prior=-0.05),
    Alphabet("mac-roman", "mac_roman", _WESTERN, mixes=True, prior=-0.05),
    Alphabet("cp850", "cp850", _WESTERN, mixes=True, prior=-0.05),
)

PUNCTUATION = frozenset("«»„“”‘’–—…№€£°·©®™§¿¡ªº×±½²³\xa0฿،؛؟₪•")
SIGNS = frozenset("€£°©®™§±²³¹¯")
FINAL_LETTERS = frozenset("ךםןףץ")
NEVER_FIRST = frozenset("ьъыЬЪЫ")
WORDS_OF_ONE_LETTER = frozenset("àéèêóíáúåäöøæÀÉÈÓÍÁÅÄÖØÆ")
VOWELS = frozenset("aeiouyæøœıаеиоуыэюя")
