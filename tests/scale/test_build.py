"""A folder that is built opens as the file itself would, whatever engine built it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel import measures
from funnel.cli.command import main
from funnel.core.errors import MappingError, ReadingError
from funnel.core.types import Rule
from funnel.journeys import EVERYWHERE
from funnel.scale import batch_build
from funnel.storage import manifest
from tests.engines import given_session
from tests.scale.logs import AS_OF, ROOT, like, lines, rows_of
from tests.thorough import every, thorough

ENGINES = batch_build.ENGINES

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:PySpark does not yet:FutureWarning")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_built_opens_like_the_file(engine, source, plain, tmp_path):
    to = tmp_path / "it's built"
    with given_session(engine, tmp_path) as session:
        told = batch_build.build(
            str(source), to, engine=engine, given_session=session, models=["as-recorded", "standard"], as_of=AS_OF
        )
    (file,), (expected,) = told.files, plain.files
    assert file.rows_read == file.rows_used + file.rows_rejected + file.rows_ignored
    assert sum(told.rejected_because.values()) == file.rows_rejected > 20
    assert (file.rows_read, file.rows_used, file.rows_rejected, file.rows_ignored) == (
        expected.rows_read,
        expected.rows_used,
        expected.rows_rejected,
        expected.rows_ignored,
    )
    assert {part.folder: part.rows for part in told.data if part.folder in ("leads", "history")} == {
        "leads": plain.leads,
        "history": plain.entries,
    }
    assert [path.name for path in sorted(to.iterdir())] == sorted(
        ["funnel-lens.json", "gathered", "history", "journeys", "leads", "summary"]
    )
    months = {path.name for path in (to / "journeys" / "standard").iterdir() if not path.name.startswith(("_", "."))}
    assert {"start_month=2024-01"} <= months
    assert all(name.startswith("start_month=") for name in months)
    with funnel.open(to) as built:
        like(built, plain)
        assert built.journeys.table(built.model("standard")).startswith("built_journeys")
        for rule in Rule:
            # Counted from the summary that was built, not from journeys, but for rules that need all entries; dates move on it too.
            for dates in ({}, {"start_from": plain.first_start.date() + timedelta(days=40)}):
                steps, expected = (
                    each.ask(measures.steps, each.question("standard", rule=rule, **dates)) for each in (built, plain)
                )
                assert ('FROM "built_summary_' in steps.sql) is (rule in EVERYWHERE)
                assert replace(steps, sql="", question=None) == replace(expected, sql="", question=None)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "duckdb"])
def test_a_table_of_the_engine_is_built_by_its_name(engine, source, plain, tmp_path):
    with given_session(engine, tmp_path) as session:
        if engine == "spark":
            session.read.parquet(str(source)).createOrReplaceTempView("crm_log")
        else:
            session.command("DROP TABLE IF EXISTS crm_log")
            session.command(f"CREATE TABLE crm_log ENGINE = Memory AS SELECT * FROM file('{source}', Parquet)")
        told = batch_build.build(
            "crm_log", tmp_path / "to", engine=engine, given_session=session, models=["standard"], as_of=AS_OF
        )
        assert (told.leads, told.entries) == (plain.leads, plain.entries)
        with pytest.raises(ReadingError, match="no table"):
            batch_build.build("no_such_table", tmp_path / "no", engine=engine, given_session=session)


@thorough
@pytest.mark.parametrize("shape", every(3, ["history", "wide", "snapshot"]))
def test_a_file_that_the_app_reads_is_built_in_any_shape(shape, tmp_path):
    path = ROOT / "data" / "samples" / f"leads-{shape}.csv.gz"
    told = batch_build.build(str(path), tmp_path / "to", models=["as-recorded", "standard"], as_of=AS_OF)
    assert told.start_from_created is (shape == "snapshot")
    with funnel.open(path, as_of=AS_OF) as plain, funnel.open(tmp_path / "to") as built:
        assert built.labels == plain.labels
        assert built.columns.attributes == plain.columns.of_file
        assert rows_of(built, "leads") == rows_of(plain, "leads")
        for model in ("as-recorded", "standard", "aida"):
            for rule in ("passed", "visited", "in-order"):
                assert (
                    built.ask(measures.steps, built.question(model, rule=rule)).stages
                    == plain.ask(measures.steps, plain.question(model, rule=rule)).stages
                )
        assert built.loaded.cannot == plain.loaded.cannot
        assert built.numbered == plain.numbered


@thorough
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("written", [int, lambda number: f" {number}.0 ", lambda number: f"{number}%"])
def test_the_order_that_a_column_gives_the_labels_is_built_too(engine, written, tmp_path):
    numbers = {"Redlines": 3, "Scoping": 1, "Offer out": 2, "Papers \\": 7, "OFFER OUT": 2}
    walks = [("Redlines", "Offer out", "Scoping"), ("Papers \\", "OFFER OUT"), ("Redlines", "Scoping"), ("Offer out",)]
    rows = [
        {
            "Lead ID": f"lead {lead}",
            "Stage": stage,
            "Entered at": datetime(2024, 1, 1) + timedelta(days=lead, hours=place),
            "Stage number": None if lead == 5 else written(numbers[stage]),
            "Account": f"account {lead % 7}",
            "Region": "Süd",
        }
        for lead in range(40)
        for place, stage in enumerate(walks[lead % 4])
    ]
    path = tmp_path / "log.parquet"
    pq.write_table(pa.Table.from_pylist([*rows, {**rows[0], "Stage": None, "Stage number": written(99)}]), path)
    with given_session(engine, tmp_path) as session:
        batch_build.build(
            str(path), tmp_path / "to", engine=engine, given_session=session, models=["as-recorded"], as_of=AS_OF
        )
    with funnel.open(path, as_of=AS_OF) as plain, funnel.open(tmp_path / "to") as built:
        like(built, plain)
        assert {label.label: label.position for label in built.labels} == {
            "Scoping": 1.0,
            "Offer out": 2.0,
            "Redlines": 3.0,
            "Papers \\": 7.0,
        }
        # Most leads went the other way; the column decides, also where the folder is asked anew, with other meanings.
        assert [stage.name for stage in built.as_recorded().stages] == ["Scoping", "Offer out", "Redlines", "Papers \\"]
        built.with_concepts({"Scoping": "won"})
        assert [stage.name for stage in built.as_recorded().stages] == ["Offer out", "Redlines", "Papers \\", "Scoping"]


@thorough
def test_text_in_iso_form_is_read_as_time_and_other_text_is_not(tmp_path):
    table = lines(60)
    moments = [None if each is None else each.isoformat() for each in table["Entered at"].to_pylist()]
    moments[:3] = ["2024-13-45", "03.01.2024", "2024-01-05"]
    at = table.schema.get_field_index("Entered at")
    pq.write_table(table.set_column(at, "Entered at", pa.array(moments)), tmp_path / "text.parquet")
    told = batch_build.build(str(tmp_path / "text.parquet"), tmp_path / "to", models=["as-recorded"], as_of=AS_OF)
    assert sum(told.rejected_because.values()) == told.files[0].rows_rejected >= 2
    words = [["1", "New", "3 Jan 2024"], ["1", "Won", "4 Jan 2024"], ["2", "New", "5 Jan 2024"]]
    columns = dict(zip(("Lead ID", "Stage", "Entered at"), zip(*words, strict=True), strict=True))
    pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), tmp_path / "words.parquet")
    with pytest.raises(MappingError, match="2025-01-31"):
        batch_build.build(str(tmp_path / "words.parquet"), tmp_path / "words", as_of=AS_OF)


def test_a_source_of_other_lines_is_refused_in_a_sentence(tmp_path):
    rows = {"Lead ID": ["1", "2", "3"], "Status": ["New", "Won", "Lost"], "Created": ["2024-01-01"] * 3}
    pq.write_table(pa.table(rows), tmp_path / "snapshot.parquet")
    with pytest.raises(MappingError, match="one line for each entry"):
        batch_build.build(str(tmp_path / "snapshot.parquet"), tmp_path / "to", as_of=AS_OF)


@thorough
def test_the_command(source, tmp_path, capsys):
    to = str(tmp_path / "to")
    assert main(["build", str(source), "--to", to, "--models", "as-recorded", "--won", "Won", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == json.loads((tmp_path / "to" / manifest.NAME).read_text(encoding="utf-8"))
    assert "Reading log.parquet" in told.err
    assert main(["steps", to, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["leads"] > 300
    assert main(["inspect", to]) == 0
    assert "lines were not used" in capsys.readouterr().out
    assert main(["build", str(source), "--to", to, "--models", "no-such-model"]) == 2
    assert "no-such-model" in capsys.readouterr().err
