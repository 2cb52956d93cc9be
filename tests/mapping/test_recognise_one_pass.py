"""A long table is looked through once: what that proves is what all lines say, and what it cannot prove is asked of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.sql import Query
from funnel.mapping import ColumnMapping, MappingOverrides, profile, recognise
from funnel.mapping.joins import stacked
from funnel.mapping.profile import Table
from funnel.mapping.recognise import facts, one_pass
from funnel.reading import FileOnDisk, read_files
from tests.mapped import AS_OF, mapped, written
from tests.thorough import examples, thorough

STAGES = ("New", "Contacted", "Qualified", "Demo done", "Closed won")
FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%d %b %Y", "%Y%m%d", "%m/%d/%y")
ODD_TIMES = (
    *(
        "",
        "-",
        "n/a",
        "unknown",
        "1970-01-01",
        "0000-00-00",
        "2999-12-31",
        "soon",
        " 2024-03-04 ",
        "2024-03-04T10:00:00+02:00",
    ),
    *(
        "2024-03-04 10:00:00 PM",
        "2024-03-04 10:00:00Z",
        "31/12/2024",
        "12/31/2024",
        "4.3.2024",
        "20240304",
        "45355",
        "infinity",
    ),
    *("2024-03-04 10:00:00.123456", "3/4/24", "Mar 2024", "2024", "1403/02/31", "٢٠٢٤-٠٣-٠٤"),
)
ODD_LABELS = ("", "-", "N/A", "Converted", "new", "Lost", "Total", "Payment", "x" * 300)
ODD_AMOUNTS = ("", "-", "1,234.56", "1.234", "1.234,56", "$5", "12k", "3.5", "1 234", "10%", "many", "-7", "1e3")


@contextmanager
def looked_through(monkeypatch: pytest.MonkeyPatch, *, first: int = 8, lines: int = 32, ids: int = 4) -> Iterator[None]:
    """Every table is long, and few of its lines are looked at beside those of its ids."""
    with monkeypatch.context() as patch:
        patch.setattr(one_pass, "LONG", 10)
        patch.setattr(one_pass, "FIRST_LINES", first)
        patch.setattr(one_pass, "lines_wanted", lambda width: lines)
        patch.setattr(one_pass, "MOST_IDS", ids)
        # Of a short table the distinct values are counted, not estimated.
        for module in (one_pass, profile):
            patch.setattr(module, "about_distinct", "COUNT(DISTINCT {})".format)
        yield


def understood(path: Path, overrides: MappingOverrides) -> ColumnMapping | MappingError:
    engine = Engine([path])
    try:
        return recognise(engine, read_files(engine, [FileOnDisk(path, path.name)]), as_of=AS_OF, overrides=overrides)
    except MappingError as refused:
        return refused
    finally:
        engine.close()


def differing(one: ColumnMapping | MappingError, other: ColumnMapping | MappingError) -> list[object]:
    """What two understandings do not have in common, but for the format that is shown of a date: of a few cells without a leading zero
    those that were looked at may not tell."""
    if isinstance(one, MappingError) or isinstance(other, MappingError):
        return [] if str(one) == str(other) else [one, other]
    one, other = (
        replace(each, dates={key: replace(column, format="") for key, column in each.dates.items()})
        for each in (one, other)
    )
    return [(each, vars(one)[each], vars(other)[each]) for each in vars(one) if vars(one)[each] != vars(other)[each]]


@st.composite
def logs(draw: st.DrawFn) -> str:
    """A log whose cells are plain but for a few anywhere; the times of its lines run on, so that its first lines are of few days."""
    chance = Random(draw(st.integers(0, 2**32)))
    form, times = draw(st.sampled_from(FORMS)), draw(st.booleans())
    made = draw(st.sampled_from(["%s", "%s.50", "%s.0"]))
    moment = datetime(2024, chance.randrange(1, 13), 1, 9)
    lines: list[list[str]] = []
    for _ in range(draw(st.integers(60, 160))):
        moment += timedelta(hours=chance.randrange(30) if times else 24 * chance.randrange(2))
        lead = chance.randrange(25)
        closed = (moment + timedelta(days=9)).strftime(form) if chance.random() < 0.3 else ""
        stage = STAGES[min(len(lines) // 20, chance.randrange(len(STAGES)))]
        lines.append([f"D{lead:03}", stage, moment.strftime(form), made % (100 * lead + 7), closed])
    odd = {1: ODD_LABELS, 2: ODD_TIMES, 3: ODD_AMOUNTS, 4: ODD_TIMES}
    for column, cells in draw(st.lists(st.sampled_from(list(odd.items())), max_size=3)):
        cell = chance.choice(cells)
        for line in chance.sample(lines, draw(st.sampled_from([1, 1, 2, 10]))):
            line[column] = cell
    if draw(st.booleans()):
        lines.sort(key=lambda line: line[0])
    header = ["deal_id", "stage", draw(st.sampled_from(["entered_at", "date", "created_at"])), "amount", "close_date"]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in [header, *lines]) + "\n"


@thorough
@settings(max_examples=examples(60), deadline=None)
@given(text=logs(), first=st.sampled_from([3, 8, 30]), ids=st.sampled_from([0, 4]))
def test_one_pass_makes_of_a_file_what_all_of_its_lines_do(text: str, first: int, ids: int) -> None:
    monkeypatch = pytest.MonkeyPatch()
    with TemporaryDirectory() as folder:
        [path] = written(Path(folder), moves=text)
        whole = understood(path, MappingOverrides())
        with looked_through(monkeypatch, first=first, ids=ids):
            passed = understood(path, MappingOverrides())
    assert differing(passed, whole) == []


@contextmanager
def profiled(path: Path, **looked: int) -> Iterator[tuple[Engine, Table]]:
    """A file's table, looked through once."""
    monkeypatch, engine = pytest.MonkeyPatch(), Engine([path])
    try:
        with looked_through(monkeypatch, **looked):
            tables = read_files(engine, [FileOnDisk(path, path.name)])
            [table] = stacked(
                engine, tables, partial(one_pass.looked_through, as_of=AS_OF, overrides=MappingOverrides())
            )
            yield engine, table
    finally:
        engine.close()


def log(times: Sequence[str], amounts: Sequence[str] = (), labels: Sequence[str] = STAGES) -> str:
    """A log of a line for each time, of leads with five lines each."""
    rows = [
        f'D{place // 5:03},{labels[place % len(labels)]},"{time}","{amounts[place] if amounts else place * 10}"'
        for place, time in enumerate(times)
    ]
    return "\n".join(["deal_id,stage,entered_at,amount", *rows]) + "\n"


def days(count: int, form: str = "%Y-%m-%d %H:%M:%S") -> list[str]:
    return [(datetime(2024, 1, 1, 9) + timedelta(hours=31 * place)).strftime(form) for place in range(count)]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y"])
def test_dates_that_are_all_as_the_first_ones_are_proven(tmp_path: Path, form: str) -> None:
    times = days(200, form)
    times[120:130] = ["-"] * 10
    times[150:155] = [" "] * 5
    [path] = written(tmp_path, moves=log(times))
    with profiled(path) as (_, table):
        assert table.seen is not None
        read = table.seen.dates["entered_at"]
        assert (read.filled, read.parsed, read.placeholders, read.unreadable_cells) == (195, 185, 10, 0)
        assert (read.table, read.first) == (table.view, datetime.strptime(times[0], form))


@pytest.mark.parametrize(
    "odd", ["soon", "1970-01-01", "2024-03-04 10:00:00 PM", "2024-03-04 10:00:00+02:00", "0000-00-00", "infinity"]
)
def test_one_odd_date_proves_nothing(tmp_path: Path, odd: str) -> None:
    times = days(200)
    times[-2] = odd
    [path] = written(tmp_path, moves=log(times))
    with profiled(path) as (_, table):
        assert table.seen is not None
        assert "entered_at" not in table.seen.dates


def test_the_order_of_day_and_month_is_decided_by_all_lines(tmp_path: Path) -> None:
    times = [f"{1 + place % 12:02}/{1 + place % 11:02}/2024" for place in range(200)]
    [path] = written(tmp_path, open=log(times))
    with profiled(path) as (_, table):
        assert table.seen is not None
        assert table.seen.dates["entered_at"].ambiguous
    times[-3] = "25/03/2024"
    [path] = written(tmp_path, said=log(times))
    with profiled(path) as (_, table):
        assert table.seen is not None
        assert (table.seen.dates["entered_at"].order, table.seen.dates["entered_at"].ambiguous) == ("dmy", False)


def test_amounts_are_proven_where_all_are_plain(tmp_path: Path) -> None:
    plain = [f"{place * 10}.5" for place in range(200)]
    for amounts, proven in ((plain, True), ([*plain[:-1], "1,234"], False), ([*plain[:-1], "-"], False)):
        [path] = written(tmp_path, moves=log(days(200), amounts))
        with profiled(path) as (_, table):
            assert table.seen is not None
            assert ("amount" in table.seen.numbers) is proven


def test_a_label_that_no_line_taken_aside_has_is_known(tmp_path: Path) -> None:
    text = log(days(200)).replace("D027,Contacted", "D027,Converted")
    [path] = written(tmp_path, moves=text)
    with profiled(path, lines=16, ids=0) as (engine, table):
        assert table.seen is not None
        lines = Query(f'SELECT DISTINCT raw.stage AS stage FROM "{table.seen.lines}" AS raw')
        assert ("Converted",) not in engine.rows(lines)
        stage = table.by_name["stage"]
        assert (stage.values, stage.distinct, stage.complete) == (tuple(sorted([*STAGES, "Converted"])), 6, True)


@thorough
def test_lines_of_heavy_ids_are_taken_aside_as_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "FEWEST_LINES", 20)
    monkeypatch.setattr(one_pass, "MOST_LINES", 20)
    for heavy in range(12):
        text = re.sub(r"D0[1-3]\d", f"E{heavy}", log(days(200)))
        [path] = written(tmp_path, moves=text)
        with profiled(path) as (engine, table):
            assert table.seen is not None
            assert table.seen.parts == {"deal_id": 10}
            counted = (
                'SELECT COUNT(*) FILTER (WHERE hash(raw.deal_id) % 10 = 0) AS n, COUNT(*) AS lines FROM "{}" AS raw'
            )
            all_lines, _ = engine.row(Query(counted.format(table.view)))
            own_lines, lines = engine.row(Query(counted.format(table.seen.lines)))
            assert own_lines == all_lines
            assert own_lines + 2 <= lines < 200 or own_lines > 100
            assert "entered_at" in table.seen.dates


def test_a_clean_log_is_passed_through_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "FEWEST_LINES", 100)
    monkeypatch.setattr(one_pass, "MOST_LINES", 100)
    monkeypatch.setattr(one_pass, "FEW_VALUES", 6)
    monkeypatch.setattr(facts, "SAME_SHARE", 0.5)
    asked: list[str] = []
    for name in ("run", "rows", "named"):
        made = getattr(Engine, name)
        monkeypatch.setattr(
            Engine, name, lambda self, query, made=made: (asked.append(query.text), made(self, query))[1]
        )
    [path] = written(tmp_path, moves=log(days(400)))
    with looked_through(monkeypatch, first=60):
        understood(path, MappingOverrides())
    over_all = [text for text in asked if 'FROM "source_0" AS raw' in text]
    assert [text.split()[4].strip('"') for text in over_all if "CREATE" in text] == [
        "first_of_source_0",
        "lines_of_source_0",
    ]
    [counted] = [text for text in over_all if "CREATE" not in text]
    assert counted.startswith("SELECT COUNT(*) AS lines")


def test_nothing_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = written(tmp_path, moves=log(days(200)))
    with looked_through(monkeypatch), mapped(path) as found:
        left = [name for (name,) in found.engine.rows(Query("SHOW TABLES"))]
        assert not [name for name in left if name.startswith(("first_of", "pass_of", "lines_of", "some_"))]
