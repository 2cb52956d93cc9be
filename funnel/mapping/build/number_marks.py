"""Which columns hold nothing but numbers: a mark for each cell, and what all marks of a column say."""

from __future__ import annotations

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.cells import number_sql
from funnel.mapping.cells.placeholders import BLANKS, is_placeholder
from funnel.mapping.headers import words
from funnel.mapping.template import fill, listed

NO_NUMBER, STRANGE, NOT_BEGUN, NOT_WHOLE, ODD = 1, 2, 4, 8, 16
"""What a cell's mark says, added up: it is no plain number; it has letters or leading zeros, as ids have; it does not begin as a
number, however written, does; it is no whole number of up to 15 digits; it was not looked at closely enough to say."""
_ALL = NO_NUMBER | STRANGE | NOT_BEGUN | NOT_WHOLE
FIRST_LINES = 100
CUT = 100
"""So much is looked at of a cell of the first lines: no placeholder is as long, and hardly a number."""
_ID_WORDS = {"id", "ids", "zip", "postcode", "phone", "code", "plz", "inn", "number", "no", "nr", "телефон", "инн"}
# What most numbers are, told with one look each; all else is looked at in four ways.
_WHOLE = r"-?(?:0|[1-9][0-9]{0,14})"
_FRACTION = rf"{_WHOLE}\.[0-9]{{1,17}}"


def names_ids(header: str) -> bool:
    """Whether a header says that its numbers are none to count with."""
    return not _ID_WORDS.isdisjoint(words(header))


def mark(cell: str) -> str:
    """An expression: the mark of a cell of clean text, NULL where it is empty. A text that begins with a letter has them all, since no
    number does."""
    return (
        f"CASE WHEN {cell} IS NULL THEN NULL WHEN regexp_full_match({cell}, '{_WHOLE}') THEN 0"
        f" WHEN regexp_full_match({cell}, '{_FRACTION}') THEN {NOT_WHOLE}"
        f" WHEN {cell} >= 'A' AND {cell} < '[' OR {cell} >= 'a' AND {cell} < '{{' THEN {_ALL}"
        f" ELSE CASE WHEN TRY_CAST({cell} AS DOUBLE) IS NULL THEN {NO_NUMBER} ELSE 0 END"
        f" + CASE WHEN regexp_matches({cell}, '^-?0[0-9]|[a-zA-Z_]') THEN {STRANGE} ELSE 0 END"
        f" + CASE WHEN regexp_matches({cell}, '^\\s*[^\\w\\s]{{0,3}}\\s*-?[0-9]') THEN 0 ELSE {NOT_BEGUN} END"
        f" + CASE WHEN regexp_matches({cell}, '^-?[0-9]{{1,15}}$') THEN 0 ELSE {NOT_WHOLE} END END"
    )


def raw_mark(cell: str) -> Query:
    """The mark of a cell as it stands in the file, told at one look: ODD where it is no number that is written plainly."""
    return fill(
        "CAST(CASE WHEN {cell} IS NULL THEN NULL WHEN regexp_full_match({cell}, {whole}) THEN 0"
        " WHEN regexp_full_match({cell}, {fraction}) THEN {not_whole} ELSE {odd} END AS UTINYINT)",
        cell=cell,
        whole=f"'{_WHOLE}'",
        fraction=f"'{_FRACTION}'",
        not_whole=str(NOT_WHOLE),
        odd=str(ODD),
    )


def plain_type(marks: int | None) -> str | None:
    """The type of a plain cast for a column with these marks, put together by bits; None where not all cells are known to be plain
    numbers, or none is filled. Whole numbers stay whole, so that 5 is not 5.0."""
    if marks is None or marks & (NO_NUMBER | STRANGE | ODD):
        return None
    return "DOUBLE" if marks & NOT_WHOLE else "BIGINT"


def may_be_written(marks: int | None) -> bool:
    """Whether the cells of a column with these marks may be numbers that are written otherwise, as `$45,000` is."""
    return marks is not None and bool(marks & NO_NUMBER) and not marks & NOT_BEGUN


def possible(engine: Engine, view: str, columns: list[str], fault: Query) -> list[str]:
    """Those of the columns of a view that may hold nothing but numbers, as far as the first of its used lines tell: those whose `fault`
    is NULL."""
    if not columns:
        return []
    lines = engine.rows(
        fill(
            "SELECT {cells} FROM {view} AS raw WHERE {fault} IS NULL LIMIT {first}",
            cells=listed(Query(f"left(raw.{identifier(column)}, {CUT})") for column in columns),
            view=identifier(view),
            fault=fault,
            first=str(FIRST_LINES),
        )
    )
    texts = zip(*lines, strict=True) if lines else [()] * len(columns)
    return [column for column, cells in zip(columns, texts, strict=True) if not any(map(_surely_text, cells))]


def _surely_text(cell: str | None) -> bool:
    """Whether a cell, cut off where it is long, is neither empty nor a number, however written."""
    text = (cell or "").strip(BLANKS)
    # Of other scripts the engine judges.
    if not text or not text.isascii() or is_placeholder(text):
        return False
    if cell is not None and len(cell) == CUT:
        # What is cut off may be the end of a number; only what stands before it is sure.
        return cell[0].isalpha()
    return text[0].isalpha() or (number_sql.form(text) is None and not set(text) <= set("+-.0123456789"))
