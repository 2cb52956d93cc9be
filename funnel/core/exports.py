"""A table as a file that opens safely elsewhere."""

from __future__ import annotations

import re
from csv import QUOTE_NONE
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMULA_SIGNS = tuple("=+-@＝＋－＠")
"""What makes a spreadsheet take a cell for a formula; some take the wide ones for the others."""
CONTROL_SIGNS = ("\t", "\r", "\n")
SEPARATORS = re.compile("([;\t\r\n])")
"""Where a spreadsheet may begin another cell, whatever the file says: many split at semicolons by their language alone."""
PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?", re.ASCII)


def escape_formulas(text: object) -> object:
    """The text with an apostrophe before whatever a spreadsheet would run as a formula; anything else unchanged.

    That is a formula sign at the start, or behind a semicolon, tab or line break, also after blanks and signs that are not seen;
    and a tab or line break at the start. A text that is a number ("-5", "+49301234") stays.
    """
    if not isinstance(text, str):
        return text
    safe = "".join(f"'{part}" if _runs(part) else part for part in SEPARATORS.split(text))
    return f"'{safe}" if safe.startswith(CONTROL_SIGNS) else safe


def csv(frame: pd.DataFrame) -> bytes:
    """The table as CSV: UTF-8 with the mark that spreadsheets look for, CRLF lines, empty where absent.

    Cells of text, and headers, that would run as formulas are defused; numbers and dates are written as they are.
    """
    return _safe(frame).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def tabbed(frame: pd.DataFrame) -> str:
    """The table as spreadsheets take it from a clipboard: a line a row, a tab between cells, defused like `csv`.

    A tab or a line break inside a cell would begin another one; it becomes a blank.
    """
    flat = frame.map(_on_one_line).rename(columns=lambda name: _on_one_line(str(name)))
    return _safe(flat).to_csv(index=False, sep="\t", lineterminator="\n", quoting=QUOTE_NONE)


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    safe = frame.copy()
    for index, kind in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            cells = [escape_formulas(cell) for cell in frame.iloc[:, index]]
            safe.isetitem(index, pd.Series(cells, index=frame.index, dtype=object).array)
    safe.columns = pd.Index([escape_formulas(str(column)) for column in frame.columns])
    return safe


def _on_one_line(cell: object) -> object:
    return " ".join(re.split("[\t\r\n]+", cell)) if isinstance(cell, str) else cell


def _runs(part: str) -> bool:
    """Whether a cell of this text would run."""
    first = next((index for index, sign in enumerate(part) if sign.isprintable() and sign != " "), len(part))
    return part.startswith(FORMULA_SIGNS, first) and not PLAIN_NUMBER.fullmatch(part[first:].rstrip())
