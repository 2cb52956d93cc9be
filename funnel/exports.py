"""A table as a file that opens safely elsewhere."""

from __future__ import annotations

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


def defused(text: object) -> object:
    """The text with a leading apostrophe where a spreadsheet would run it as a formula; anything else unchanged."""
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA_STARTS) else text


def csv(frame: pd.DataFrame) -> bytes:
    """The table as CSV: UTF-8 with the mark that spreadsheets look for, CRLF lines, empty where absent.

    Cells of text, and headers, that would run as formulas are defused; numbers and dates are written as they are.
    """
    safe = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            cells = [defused(cell) for cell in frame.iloc[:, place]]
            safe.isetitem(place, pd.Series(cells, index=frame.index, dtype=object).array)
    safe.columns = pd.Index([defused(str(column)) for column in frame.columns])
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
