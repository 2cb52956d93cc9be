"""Entries as sorted whole numbers: the same leads, entries and answers as of the history as text, whichever way they came."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.history import MICROSECONDS, SECONDS, TEXT
from funnel.core.sql import Query, compose
from funnel.core.types import Entry, Question, Rule
from funnel.journeys import Journeys, Tables
from funnel.mapping.build import sorted_entries
from funnel.measures.population.population import rows_of as counted_rows
from funnel.reading import limits
from tests.leads import engine_with, journeys_of, model_of
from tests.mapped import EXPORTS, Mapped, mapped, written
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import every, examples, thorough

BUILD = sys.modules["funnel.mapping.build.build"]
HEADER = ("Lead ID", "Stage", "Entered at", "Region")
EMPTY = ["", " ", "n/a"]


@contextmanager
def as_text() -> Iterator[None]:
    """Every log goes by way of a history as text."""
    patch = pytest.MonkeyPatch()
    patch.setattr(BUILD, "enter_sorted", lambda *_: None)
    try:
        yield
    finally:
        patch.undo()


def told(found: Mapped) -> dict[str, object]:
    """All that a build tells, and what stands in the engine."""
    leads = found.engine.columns("leads"), found.leads()
    loaded = {name: value for name, value in vars(found.loaded).items() if name != "form"}
    return {"leads": leads, "entries": found.entries(), "rejects": found.rejects(), **loaded}


def both_ways(*paths: Path) -> tuple[dict[str, object], dict[str, object]]:
    with mapped(*paths) as found:
        straight = told(found)
    with as_text(), mapped(*paths) as found:
        return straight, told(found)


def log(folder: Path, lines: list[tuple[str, ...]], name: str = "log") -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *lines])
    return path


def clean_lines() -> list[tuple[str, ...]]:
    """A log that recognition knows for one, each line an entry."""
    start = datetime(2024, 1, 1, 9, 30)
    return [
        (f"L{lead}", label, str(start + timedelta(days=lead + 3 * place, hours=place)), f"r{lead % 3}")
        for lead in range(12)
        for place, label in enumerate(("New", "Contacted", "Qualified", "Won")[: 2 + lead % 3])
    ]


@thorough
@pytest.mark.parametrize("path", every(3, sorted(EXPORTS.glob("*.csv"))), ids=lambda path: path.name)
def test_every_export_is_the_same_both_ways(path):
    straight, by_text = both_ways(path)
    assert straight == by_text


CELLS = st.tuples(
    st.sampled_from(["L1", "L2", "L3", "l1", "L1 ", "00", "0"]),
    st.sampled_from(["New", "new", "Won", "Lost", "Demo ", "Qualified"]),
    st.sampled_from(
        ["2024-02-01 10:00:00", "2024-02-01", "2024-03-09 08:15:30", "2024-02-01 10:00:00.250", "1969-12-31"]
    ),
    st.sampled_from(["east", "", "west"]),
)


@thorough
@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(CELLS, max_size=12), st.sampled_from([None, 0, 1, 2]), st.sampled_from(EMPTY))
def test_nasty_logs_are_the_same_both_ways(tmp_path, more, spoilt, empty):
    """`spoilt`: one line has nothing in this column, so that it makes no entry, or one without a time."""
    lines = [*clean_lines(), *more]
    if spoilt is not None:
        lines.append(
            tuple(empty if place == spoilt else cell for place, cell in enumerate(("L1", "Won", "2024-05-01", "east")))
        )
    straight, by_text = both_ways(log(tmp_path, lines))
    assert straight == by_text


def test_a_clean_log_is_entered_straight_and_a_faulty_one_is_not(tmp_path, monkeypatch):
    forms = []
    enter = BUILD.enter_sorted
    monkeypatch.setattr(BUILD, "enter_sorted", lambda *args: forms.append(enter(*args)) or forms[-1])
    with mapped(log(tmp_path, clean_lines())) as found:
        assert found.loaded.form == forms[0]
        assert found.loaded.form.is_sorted
    with mapped(log(tmp_path, [*clean_lines(), ("", "New", "2024-01-01", "")], "faulty")) as found:
        assert forms[1] is None
        assert found.loaded.form.is_sorted


@pytest.mark.parametrize(
    ("moment", "time"),
    [("2024-02-01 10:00:00", SECONDS), ("2024-02-01 10:00:00.5", MICROSECONDS), ("1931-02-01 10:00:00", MICROSECONDS)],
    ids=["seconds", "parts of a second", "before 1970"],
)
def test_moments_are_as_narrow_as_nothing_is_lost_by(tmp_path, moment, time):
    with mapped(log(tmp_path, [*clean_lines(), ("L1", "Won", moment, "")])) as found:
        assert found.loaded.form.time == time
        ((at,),) = found.engine.rows(
            Query("SELECT history.entered_at FROM history WHERE history.label = 'Won' AND history.lead_id = 'L1'")
        )
        assert at == datetime.fromisoformat(moment)
        entries = dict(found.engine.columns("sorted_entries"))
        assert entries["moment"] == ("UINTEGER" if time == SECONDS else "BIGINT")


@pytest.mark.parametrize("straight", [True, False])
def test_two_ids_of_one_key_stay_two_leads(tmp_path, monkeypatch, straight):
    path = log(tmp_path, clean_lines())
    with mapped(path) as found:
        expected = told(found)
    monkeypatch.setattr(sorted_entries, "KEYS", ("HASH({}) % 5", "HASH({}) % 7", "HASH({}, 3)"))
    if straight:
        with mapped(path) as found:
            assert told(found) == expected
            assert found.loaded.form.key == "HASH(leads.lead_id, 3)"
    else:
        with as_text(), mapped(path) as found:
            assert told(found) == expected


def test_ids_that_no_key_tells_apart_are_no_silent_leads(tmp_path, monkeypatch):
    monkeypatch.setattr(sorted_entries, "KEYS", ("HASH({}) % 5",))
    with pytest.raises(AssertionError, match="apart"), mapped(log(tmp_path, clean_lines())):
        pass


def test_a_lead_of_which_only_an_undated_win_is_known_is_a_lead(tmp_path):
    lines = [*clean_lines(), ("only", "Won", "", "north")]
    with mapped(log(tmp_path, lines)) as found:
        assert found.leads()["only"]["Region"] == "north"
        assert ("only", "Won", None) in found.entries()
        assert found.loaded.leads == 13
        assert found.loaded.at_start == {}


def test_lines_of_one_file_are_numbered_as_in_the_history(tmp_path):
    (path,) = written(
        tmp_path, log="Lead ID,Stage,Entered at\n" + "".join(f"{a},{b},{c}\n" for a, b, c, _ in clean_lines())
    )
    with mapped(path) as found:
        rows = found.engine.rows(Query("SELECT history.sequence, history.lead_id FROM history ORDER BY 1"))
        assert rows == [(line, lead) for line, (lead, *_) in enumerate(clean_lines(), 2)]


NASTY_LINES = (
    "Lead ID,Stage,Entered at,Region\n",
    *(f"{','.join(cells)}\n" for cells in clean_lines()),
    "\n",
    'L3,Qualified,2024-06-01 08:00:00,"a ""b"", c"\n',
    "L4,Won,2024-06-01 08:00:00,one,cell,too many\n",
    "\n",
    "L5,Lost,2024-06-02 08:00:00,\n",
    "L6,Won,2024-06-03 08:00:00,east",
)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_file_that_is_read_where_it_lies_has_the_lines_of_a_stored_one(tmp_path, monkeypatch, end):
    path = tmp_path / "log.csv"
    path.write_bytes("".join(NASTY_LINES).replace("\n", end).encode())
    with mapped(path) as found:
        stored = told(found), found.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))
    monkeypatch.setattr(limits, "IN_PLACE_BYTES", 0)
    monkeypatch.setattr(limits, "IN_PLACE_ROWS", 0)
    with mapped(path) as found:
        assert found.tables[0].line_of_place is not None
        assert (told(found), found.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))) == stored
    with as_text(), mapped(path) as found:
        assert (told(found), found.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))) == stored


def test_lines_are_numbered_inside_a_transaction_as_outside(tmp_path, monkeypatch):
    path = log(tmp_path, clean_lines())
    with funnel.open(path) as stored:
        expected = stored.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))
    monkeypatch.setattr(limits, "IN_PLACE_BYTES", 0)
    monkeypatch.setattr(limits, "IN_PLACE_ROWS", 0)
    with funnel.open(path) as leads:
        assert leads.tables[0].line_of_place is not None
        assert leads.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL")) == expected


def rows_of(journeys: Journeys, table: str, columns: list[str]) -> list[tuple[object, ...]]:
    named = ", ".join(f'found."{column}"' for column in columns)
    rows = journeys.engine.rows(Query(f'SELECT {named} FROM "{table}" AS found'))
    return sorted(rows, key=repr)


@thorough
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([0, 1, 3, 7]), st.sampled_from([None, 3]))
def test_journeys_of_sorted_entries_are_those_of_the_text(leads, stages, window, until):
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    try:
        model = model_of(stages)
        told = []
        for tables in (Tables(form=TEXT, prefix="text_"), None):
            whole = journeys_of(engine, CONCEPTS, **({} if tables is None else {"tables": tables}))
            moments = sorted(entry.at for entries in leads for entry in entries if entry.at is not None)
            journeys = whole.until(moments[len(moments) // 2]) if until and moments else whole
            found = []
            for entry, days in ((Entry.FIRST, None), (Entry.ANY, window)):
                table = journeys.table(model, entry, days)
                found.append(rows_of(journeys, table, _common(journeys, table)))
            for rule, entry in ((Rule.PASSED, Entry.FIRST), (Rule.IN_ORDER, Entry.ANY)):
                found.append(stood_within(journeys, Question(model, rule, window, entry)))
            for table in (journeys.transitions(model), journeys.stage_visits(model)):
                found.append(rows_of(journeys, table, _common(journeys, table)))
            told.append(found)
        assert told[0] == told[1]
    finally:
        engine.close()


def stood_within(journeys: Journeys, question: Question) -> list[tuple[object, ...]]:
    """How each lead stood when its window ended."""
    stages = range(len(question.model.stages))
    columns = ["lead_id", "window_outcome", "window_stage"]
    columns += [f"{name}_{place}" for name in ("window_last", "reached") for place in stages]
    named = ", ".join(f"kept.{column}" for column in columns)
    rows = journeys.engine.rows(
        compose(counted_rows(journeys, question, "kept", ()), Query(f"SELECT {named} FROM kept"))
    )
    return sorted(rows, key=repr)


def _common(journeys: Journeys, table: str) -> list[str]:
    """The columns that a table has, however its entries are written down."""
    own = re.compile(r"lead_key|lead_place|(earliest|latest)_\d+")
    return sorted(name for name, _ in journeys.engine.columns(table) if not own.fullmatch(name))


def test_the_columns_of_leads_stand_beside_journeys_without_a_copy():
    leads = {f"lead {place}": [Entered("New", datetime(2024, 1, 1 + place))] for place in range(9)}
    engine = engine_with(leads, {lead: {"Region": f"r{place}"} for place, lead in enumerate(leads)})
    try:
        journeys, model = journeys_of(engine, {"New": "lead"}), model_of([{"New"}])
        rows = rows_of(journeys, journeys.table(model), ["lead_id", "Region"])
        assert rows == [(f"lead {place}", f"r{place}") for place in range(9)]
        assert "Region" not in [name for name, _ in engine.columns("gathered_0")]
    finally:
        engine.close()
