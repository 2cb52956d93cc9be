"""A download opens safely in a spreadsheet: no cell of text runs as a formula, no number is spoiled."""

from datetime import datetime

import pandas as pd
import pytest

from funnel import exports


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\tx", "\r=1"])
def test_text_that_would_run_is_defused(text: str) -> None:
    assert exports.defused(text) == "'" + text


@pytest.mark.parametrize("value", ["East", "a=b", "", 5, -5, None])
def test_everything_else_is_left_alone(value: object) -> None:
    assert exports.defused(value) == value


def test_csv_keeps_numbers_dates_and_absence() -> None:
    frame = pd.DataFrame(
        {
            "=lead": ["=cmd|' /C calc'!A0", "ok"],
            "amount": [-5.5, None],
            "at": [datetime(2025, 1, 2, 3, 4), None],
            "note": [None, "é, ü"],
        }
    )
    told = exports.csv(frame)
    assert told.startswith(b"\xef\xbb\xbf")
    lines = told.decode("utf-8-sig").split("\r\n")
    assert lines == ["'=lead,amount,at,note", "'=cmd|' /C calc'!A0,-5.5,2025-01-02 03:04:00,", 'ok,,,"é, ü"', ""]


def test_a_table_without_rows_keeps_its_header() -> None:
    assert exports.csv(pd.DataFrame({"a": [], "b": []})).decode("utf-8-sig") == "a,b\r\n"
