"""A download opens safely in a spreadsheet: no cell of text runs as a formula, no number is spoiled."""

import csv
import io
from datetime import datetime

import pandas as pd
import pytest

from funnel.core import exports
from tests.attacks import ATTACKS


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5-3", "'-5-3"),
        ("- done", "'- done"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\n", "'\n"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0\ufeff\u200b\x00=1+1", "'\u00a0\ufeff\u200b\x00=1+1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
    ],
)
def test_text_that_would_run_is_defused(text: str, safe: str) -> None:
    assert exports.escape_formulas(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; =1;b", "a;' =1;b"),
        ("a\t@x", "a\t'@x"),
        ("a\n=1\r\n=2", "a\n'=1\r\n'=2"),
        ("\r=1", "'\r'=1"),
        ("=1;=2", "'=1;'=2"),
        (";;-1+2", ";;'-1+2"),
    ],
)
def test_no_formula_stands_behind_another_separator(text: str, safe: str) -> None:
    assert exports.escape_formulas(text) == safe


@pytest.mark.parametrize("text", ["-5", "+5", "-1,234.50", "-1.234,5", "-2e-3", " -5 ", "+49301234567", "-7%", "a;-5"])
def test_a_number_in_a_column_of_text_stays_one(text: str) -> None:
    assert exports.escape_formulas(text) == text


@pytest.mark.parametrize("value", ["East", "a=b", "1=1", "a;b", "East-West", "", 5, -5, -0.5, True, None])
def test_everything_else_is_left_alone(value: object) -> None:
    assert exports.escape_formulas(value) is value or exports.escape_formulas(value) == value


def test_no_attack_opens_as_a_formula_in_any_cell_however_the_file_is_split() -> None:
    texts = [attack.text for attack in ATTACKS]
    told = exports.csv(pd.DataFrame({text: [text, "x"] for text in texts})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(told, newline="")))
    assert len(rows) == 3
    assert rows[0] == rows[1]
    assert [cell.replace("'", "") for cell in rows[1]] == [text.replace("'", "") for text in texts]
    apart = [cell for delimiter in ",;\t" for row in csv.reader(io.StringIO(told), delimiter=delimiter) for cell in row]
    apart += [cell for line in told.splitlines() for half in line.split(";") for cell in half.split("\t")]
    assert [cell for cell in apart if cell.lstrip().startswith(tuple("=@＝＋－＠"))] == []
    assert [cell for cell in apart if cell.lstrip().startswith(("+", "-")) and "cmd" in cell] == []


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


def test_on_a_clipboard_a_cell_stays_a_cell_and_no_formula() -> None:
    frame = pd.DataFrame(
        {
            "na\tme": ["a\tb", "c\r\nd", 'say "x"', "=1+1", "x\t=2", None],
            "n": [1, 2, 3, 4, 5, 6],
            "x": [0.5, None, 2, 3, 4, 5],
        }
    )
    assert exports.tabbed(frame).split("\n") == [
        "na me\tn\tx",
        "a b\t1\t0.5",
        "c d\t2\t",
        'say "x"\t3\t2.0',
        "'=1+1\t4\t3.0",
        "x =2\t5\t4.0",
        "\t6\t5.0",
        "",
    ]
