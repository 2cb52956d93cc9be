"""Which columns of leads are numbers: told by a mark of each cell, as the rule says, whatever the cells are."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping.build import number_marks
from funnel.mapping.cells import number_sql
from funnel.mapping.cells.numbers import read_numbers
from funnel.mapping.cells.placeholders import cleaned
from tests.columns import values, write
from tests.mapped import mapped
from tests.thorough import thorough

CELLS = (
    *("5", "0", "-0", "-5", "+5", ".5", "5.", "5.0", "-0.5", "007", "-07", "00", "0.10", "123456789012345", "1234567890123456"),
    *("9" * 40, "0." + "3" * 25, "1e5", "2E-3", "1_000", "0x1F", "inf", "-inf", "nan", "NaN", "Infinity", "--5", "5-", "5 5", "5.5.5"),
    *("$45,000", "€5", "5 €", "1.234,56", "45k", "3 млн", "12%", "(500)", "-$5", "USD 5", "1 234", "1\u00a0234", "٣٤", "１２"),
    *(" 5", "5 ", "\u00a05", "5\u200b", "\t7\n", "-", "--", ".", "N/A", "none", "Select", "n/d", "NA", "unknown", "", " ", "\u3000"),
    *("2024-08-09", "09.08.2024", "10:30", "Germany", "a5", "5a", "5 units", "_", "_5", "Née", "Москва", "{text}", "'", "[5", "^5", "`5"),
    *("1," + "234," * 40 + "567", " " * 98 + "none", "none" + " " * 98, "word " * 30),
)  # fmt: skip
cells = st.lists(
    st.one_of(st.none(), st.sampled_from(CELLS), st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,3})?", fullmatch=True)),
    max_size=8,
)
alike = st.lists(st.sampled_from(CELLS), min_size=1, max_size=2).flatmap(
    lambda few: st.lists(st.sampled_from([*few, "5"]), min_size=1, max_size=6)
)
# What a column of numbers is: every filled cell is one, and none looks like an id; or all begin as numbers do, and can be read.
RULE = """SELECT COUNT(told.cell), COUNT(TRY_CAST(told.cell AS DOUBLE)),
    COUNT(*) FILTER (WHERE regexp_matches(told.cell, '^-?0[0-9]|[a-zA-Z_]')),
    COUNT(*) FILTER (WHERE regexp_matches(told.cell, '^\\s*[^\\w\\s]{0,3}\\s*-?[0-9]')),
    COUNT(*) FILTER (WHERE regexp_matches(told.cell, '^-?[0-9]{1,15}$')) FROM told"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def told(engine: Engine, texts: Sequence[str | None]) -> str:
    """The table of these cells; leaves them as clean text in `told`."""
    table = write(engine, texts, "cell")
    text = cleaned("raw.cell")
    engine.keep("told", Query(f"SELECT {text.text} AS cell FROM {table} AS raw", text.values))
    return table


def by_rule(engine: Engine) -> tuple[str | None, bool]:
    """The type of a plain cast, and whether the cells may be numbers that are written otherwise."""
    filled, numbers, strange, starts, whole = engine.row(Query(RULE))
    if filled and numbers == filled and not strange:
        return ("BIGINT" if whole == filled else "DOUBLE"), False
    return None, bool(filled) and starts == filled and numbers != filled


def marks(engine: Engine) -> int | None:
    row = engine.row(Query(f"SELECT BIT_OR({number_marks.mark('told.cell')}) FROM told"))
    return None if row[0] is None else int(row[0])


@thorough
@given(texts=st.one_of(cells, alike))
def test_marks_tell_what_the_rule_tells(engine: Engine, texts: list[str | None]) -> None:
    told(engine, texts)
    found = marks(engine)
    assert (number_marks.plain_type(found), number_marks.may_be_written(found)) == by_rule(engine)


@thorough
@given(texts=st.one_of(cells, alike))
def test_a_cell_of_the_file_that_is_not_odd_is_a_number_as_it_stands(engine: Engine, texts: list[str | None]) -> None:
    table = told(engine, texts)
    for text, mark in zip(texts, values(engine, number_marks.raw_mark("raw.cell"), table), strict=True):
        assert mark in (None, 0, number_marks.NOT_WHOLE, number_marks.ODD)
        assert (mark is None) == (text is None)
        if mark in (0, number_marks.NOT_WHOLE):
            told(engine, [text])
            assert engine.row(Query("SELECT told.cell FROM told"))[0] == text
            assert marks(engine) == mark


@thorough
@given(texts=st.one_of(cells, alike))
def test_no_column_of_numbers_is_ruled_out_by_its_first_lines(engine: Engine, texts: list[str | None]) -> None:
    table = told(engine, texts)
    kind, written = by_rule(engine)
    read = read_numbers(engine, "told", "cell") if written else None
    filled = engine.row(Query("SELECT COUNT(told.cell) FROM told"))[0]
    if kind is not None or (read is not None and read.parsed == filled):
        assert number_marks.possible(engine, table, ["cell"], Query("NULL")) == ["cell"]


@given(text=st.one_of(st.sampled_from(CELLS), st.text(st.characters(codec="ascii"), max_size=12)))
def test_a_text_of_no_form_is_no_number_in_any_column(engine: Engine, text: str) -> None:
    table = write(engine, [text], "cell")
    forms = [one for one in map(number_sql.form, ("$45,000", "5 €", "45k", "12%", "1e5")) if one is not None]
    if number_sql.form(text) is None:
        for decimal in ".,":
            assert values(engine, number_sql.strict("raw.cell", decimal, forms), table) == [None]


def snapshot(folder: Path, columns: dict[str, list[str]], ids: Sequence[str] | None = None) -> Path:
    """A file of leads that are new or won, with these columns beside."""
    lines = len(next(iter(columns.values())))
    path = folder / "deals.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Deal ID", "Stage", "Created Date", *columns])
        for place, line in enumerate(zip(*columns.values(), strict=True)):
            name = f"L{place}" if ids is None else ids[place]
            writer.writerow([name, "Closed Won" if place % 3 else "New", f"2024-01-{place % 28 + 1:02d}", *line])
    assert lines > number_marks.FIRST_LINES
    return path


LINES = 250
BUT = LINES - 1
"""All lines but the last, far behind the first that are looked at."""
COLUMNS: dict[str, tuple[list[str], str]] = {
    "Headcount": (["5"] * LINES, "BIGINT"),
    "Score": (["5"] * BUT + ["5.5"], "DOUBLE"),
    "Letters": (["5"] * BUT + ["x"], "VARCHAR"),
    "Zeros": (["5"] * BUT + ["007"], "VARCHAR"),
    "Exponents": (["5"] * BUT + ["1e5"], "VARCHAR"),
    "Long": (["5"] * BUT + ["1234567890123456"], "DOUBLE"),
    "Blanks": (["5"] * BUT + [" 6\u00a0"], "BIGINT"),
    "Gaps": (["5", "", "N/A", "-"] * 62 + ["none", "Select"], "BIGINT"),
    "Late": ([""] * BUT + ["5.5"], "DOUBLE"),
    "Later text": ([""] * BUT + ["five"], "VARCHAR"),
    "Nothing": ([""] * LINES, "VARCHAR"),
    "Money": (["$45,000"] * BUT + ["7"], "DOUBLE"),
    "Late money": (["7"] * BUT + ["€45,000.50"], "DOUBLE"),
    "Day": (["2024-08-09"] * LINES, "VARCHAR"),
    "Postcode": (["10115"] * LINES, "VARCHAR"),
    "{text}": (["5"] * BUT + [" 6"], "BIGINT"),
    "fault": (["5"] * LINES, "BIGINT"),
    "n0": (["x"] * LINES, "VARCHAR"),
    "Words": (["Germany", " France ", "N/A", "5 units", "Москва"] * 50, "VARCHAR"),
}


@pytest.mark.parametrize("repeated", [False, True])
def test_each_column_of_a_snapshot_is_read_as_what_all_its_lines_say(tmp_path: Path, repeated: bool) -> None:
    ids = [f"L{place}" for place in range(LINES)]
    if repeated:
        ids[1] = ids[0]
    with mapped(snapshot(tmp_path, {name: texts for name, (texts, _) in COLUMNS.items()}, ids)) as found:
        kinds = dict(found.engine.columns("leads"))
        leads = found.leads()
        kept = {name.removesuffix(" (file)"): kind for name, kind in kinds.items()}
        assert {name: kept[name] for name in COLUMNS} == {name: kind for name, (_, kind) in COLUMNS.items()}
        last = leads[f"L{BUT}"]
    assert len(leads) == LINES - repeated
    assert (last["Headcount"], last["Score"], last["Letters"], last["Zeros"]) == (5, 5.5, "x", "007")
    assert (last["Exponents"], last["Blanks"], last["Late"], last["Late money"]) == ("1e5", 6, 5.5, 45000.5)
    assert (last["Gaps"], last["Words"], last["Nothing"]) == (None, "Москва", None)
    assert [leads[f"L{place}"]["Words"] for place in (5, 6, 7)] == ["Germany", "France", None]
