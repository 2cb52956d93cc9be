"""The encoding of a text, found from its bytes, and the text in utf-8."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, Note
from funnel.reading import limits
from funnel.reading.alphabets import (
    ALPHABETS,
    FINAL_LETTERS,
    NEVER_FIRST,
    PUNCTUATION,
    SIGNS,
    VOWELS,
    WORDS_OF_ONE_LETTER,
    Alphabet,
)
from funnel.reading.prescan import Prescan, prescan
from funnel.reading.work import ReadContext

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "utf-32"),
    (b"\xff\xfe", "utf-16", "utf-16"),
    (b"\xfe\xff", "utf-16", "utf-16"),
)
_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*+[\x80-\xff][A-Za-z\x80-\xff]*+")
_DECLARED = re.compile(
    rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)|<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What is meant where the name of a smaller encoding is given, as browsers take it."""
_PRINTED = bytes(range(32, 127))
_EVIDENCE = 256 * 1024
_WORDS = 3000


@dataclass(frozen=True)
class Encoding:
    """How a text is written: `name` for people, `codec` for Python."""

    name: str
    codec: str


@dataclass(frozen=True)
class Text:
    """A text on disk in utf-8 (perhaps with a byte-order mark), its prescan, and how it was written before."""

    path: Path
    name: str
    encoding: str
    prescan: Prescan
    notes: tuple[Note, ...] = ()


def as_utf8(work: ReadContext, file: FileOnDisk) -> Text:
    """The file as utf-8: itself where it is, else a copy in the work folder.

    Bytes that are no utf-8 are taken for what the text itself says of them (a web page or XML may), else for what they look like.
    ReadingError where they are no text.
    """
    with file.path.open("rb") as stream:
        head = stream.read(limits.SAMPLE)
    wide = _wide(head)
    if wide is None:
        _check_is_text(file, head)
        lines = prescan(work, file)
        if lines.valid_utf8:
            name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
            return Text(file.path, file.name, name, lines)
    encoding = wide or _declared(head) or narrow(_lines_beyond_ascii(file.path))
    path, replaced = _converted(work, file, encoding)
    lines = prescan(work, FileOnDisk(path, file.name))
    notes = (Note("reading.note_replaced", {"file": file.name, "characters": replaced}),) if replaced else ()
    return Text(path, file.name, encoding.name, lines, notes)


def _wide(head: bytes) -> Encoding | None:
    """The encoding of a text in units of two or four bytes, by its mark or by where its zero bytes stand."""
    for mark, name, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(name, codec)
    pairs = len(head) // 2
    if b"\0" not in head or head.startswith(codecs.BOM_UTF8):
        return None
    low_zeros, high_zeros = head[1 : 2 * pairs : 2].count(0), head[0 : 2 * pairs : 2].count(0)
    if max(low_zeros, high_zeros) < max(0.1 * pairs, 4) or min(low_zeros, high_zeros) > 0.02 * pairs:
        return None
    codec = "utf-16-le" if low_zeros > high_zeros else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return None
    is_text = "\n" in text and _control_share(text.encode("utf-8", "replace")) < limits.CONTROL_SHARE
    return Encoding("utf-16", codec) if is_text else None


def _declared(head: bytes) -> Encoding | None:
    """The encoding that a web page or XML says it has; None where it says none that can be: not utf-8, and one in which markup is ASCII."""
    match = _DECLARED.search(head[:_DECLARED_WITHIN]) if head.lstrip().startswith(b"<") else None
    if match is None:
        return None
    name = (match.group(1) or match.group(2)).decode().lower()
    try:
        codec = _WIDER.get(codecs.lookup(name).name, name)
        can_be = codec != "utf-8" and _PRINTED.decode(codec) == _PRINTED.decode()
    except (LookupError, UnicodeError):
        return None
    return Encoding(name, codec) if can_be else None


def _check_is_text(file: FileOnDisk, head: bytes) -> None:
    without_nuls = head.replace(b"\0", b"")
    nuls = 1 - len(without_nuls) / max(len(head), 1)
    if nuls > limits.NUL_SHARE or _control_share(without_nuls) > limits.CONTROL_SHARE:
        raise ReadingError("reading.not_text", file=file.name)


def _control_share(head: bytes) -> float:
    """Bytes under 32 that no table is written with (tab, line ends, and separators 28 to 31 are), of all."""
    allowed = bytes(code for code in range(256) if code >= 28 or code in b"\t\n\v\f\r")
    return len(head.translate(None, allowed)) / max(len(head), 1)


def narrow(lines: bytes) -> Encoding:
    """The encoding of text that is not valid utf-8, from the words in these lines of it that are not ASCII."""
    damaged = _damaged_utf8(lines)
    if damaged is not None:
        return damaged
    words = Counter(match.group() for match in _WORD.finditer(lines))
    if words.keys() <= {b"\x80", b"\xa3"}:
        # No letter of any script stands only ever alone: € or £ beside amounts.
        return Encoding("windows-1252", "cp1252")
    chosen = [word for word, _ in words.most_common(_WORDS)]
    scores = [(_score(chosen, alphabet), Encoding(alphabet.name, alphabet.codec)) for alphabet in ALPHABETS]
    scores += [(score, Encoding(name, codec)) for name, codec, score in _asian(lines)]
    best, encoding = max(scores, key=lambda pair: pair[0])
    return encoding if best > 0 else Encoding("windows-1252", "cp1252")


def _lines_beyond_ascii(path: Path) -> bytes:
    """Up to 256 KB of the file's lines that hold bytes beyond ASCII."""
    lines, size = [], 0
    with path.open("rb") as stream:
        while size < _EVIDENCE and (chunk := stream.read(limits.CHUNK)):
            if not chunk.isascii():
                chunk += stream.readline(limits.CHUNK)
                for line in chunk.split(b"\n"):
                    if not line.isascii():
                        lines.append(line[:2000])
                        size += len(lines[-1])
    return b"\n".join(lines)[: 2 * _EVIDENCE]


def _damaged_utf8(lines: bytes) -> Encoding | None:
    """utf-8 with a few bytes that are not: at least nine good characters beyond ASCII for each bad one."""
    genuine = lines.count("\ufffd".encode())
    text = lines.decode("utf-8", "replace")
    bad = text.count("\ufffd") - genuine
    good = sum(1 for character in text if character > "\x7f") - bad
    return Encoding("utf-8", "utf-8") if good >= 9 * bad else None


def _score(words: list[bytes], alphabet: Alphabet) -> float:
    """How much these words look like words in this encoding: about 1 if wholly, below 0 if not at all."""
    total = characters = 0.0
    for word in words:
        text = word.decode(alphabet.codec, "replace")
        characters += sum(1 for character in text if character > "\x7f")
        total += _word_score(text, alphabet)
    return total / characters + alphabet.prior if characters else -9.0


def _word_score(word: str, alphabet: Alphabet) -> float:
    score, row, before = 0.0, 0, ""
    for index, character in enumerate(word):
        high, after = character > "\x7f", word[index + 1 : index + 2]
        if high:
            score += _character_score(character, alphabet) + _place_score(before, character, after)
            score += _latin_score(before, character, after) if alphabet.mixes else 0.0
        if before.isalpha() and character.isalpha():
            if before.islower() and character.isupper():
                score -= 1.5
            if (before > "\x7f") != high:
                score += 0.3 if alphabet.mixes else -1.0
        row = row + 1 if high and character.isalpha() else 0
        if alphabet.mixes and row > 1:
            score -= 0.4 if row == 2 else 1.5
        before = character
    return score


def _place_score(before: str, character: str, after: str) -> float:
    """What is held against a character that stands where its script never puts it."""
    if character in FINAL_LETTERS and after.isalpha():
        return -2.0
    if character in PUNCTUATION and character != "’" and after.isalpha() and (before.isalpha() or character in SIGNS):
        return -1.6
    if character in NEVER_FIRST and not before.isalpha():
        return -1.0
    combining = unicodedata.category(character) == "Mn"
    alone = not before.isalpha() and unicodedata.category(before or " ") != "Mn"
    return -2.0 if combining and alone else 0.0


def _latin_score(before: str, character: str, after: str) -> float:
    """For accented letters among ASCII: an accented vowel leans on a consonant, an accented consonant on a vowel."""
    if not character.isalpha():
        return 0.0
    sides = [_is_vowel(side) for side in (before, after) if side.isalpha()]
    if not sides:
        return 0.0 if character in WORDS_OF_ONE_LETTER else -1.0
    return 0.1 if any(side != _is_vowel(character) for side in sides) else -0.6


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter.lower())[0] in VOWELS


def _character_score(character: str, alphabet: Alphabet) -> float:
    weight = alphabet.weights.get(character) or alphabet.weights.get(character.lower())
    if weight is not None:
        return weight
    if character in PUNCTUATION:
        return 0.6
    return -1.5 if character.isalpha() else -2.0


def _asian(lines: bytes) -> list[tuple[str, str, float]]:
    """(name, codec, score) of the two-byte encodings in which these lines are valid, by the share of common signs."""
    encodings = []
    for name, codec in (("euc-kr", "cp949"), ("gb18030", "gb18030"), ("shift_jis", "cp932"), ("big5", "cp950")):
        try:
            high = [character for character in lines.decode(codec) if character > "\x7f"]
        except UnicodeDecodeError:
            continue
        score = sum(_common(character, codec) for character in high) / max(len(high), 1) - 0.2
        encodings.append((name, codec, score))
    return encodings


def _common(character: str, codec: str) -> float:
    """1 for a sign met in ordinary text of the encoding's language, −1 for one that hardly ever is."""
    if 0x3000 <= ord(character) <= 0x30FF or 0xFF00 <= ord(character) <= 0xFF60:
        return 1.0 if codec == "cp932" else 0.0
    if codec == "cp932" and 0xFF61 <= ord(character) <= 0xFF9F:
        return -1.0
    try:
        first, *rest = character.encode({"gb18030": "gb2312", "cp949": "euc_kr"}.get(codec, codec))
    except UnicodeEncodeError:
        return -1.0
    usual = {"gb18030": (0xB0, 0xD7), "cp932": (0x88, 0x97), "cp949": (0xB0, 0xC8), "cp950": (0xA4, 0xC6)}[codec]
    return 1.0 if rest and usual[0] <= first <= usual[1] else -1.0


def _converted(work: ReadContext, file: FileOnDisk, encoding: Encoding) -> tuple[Path, int]:
    """A copy of the file in utf-8, and how many characters in it could not be read and stand as U+FFFD."""
    target = work.fresh_file()
    size = file.path.stat().st_size
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    done = replaced = 0
    with file.path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(limits.CHUNK):
            work.tell("reading.progress_convert", file.name, done / size)
            done += len(chunk)
            text = decoder.decode(chunk)
            replaced += text.count("\ufffd")
            copy.write(text.encode("utf-8", "replace"))
        text = decoder.decode(b"", final=True)
        replaced += text.count("\ufffd")
        copy.write(text.encode("utf-8", "replace"))
    return target, replaced
