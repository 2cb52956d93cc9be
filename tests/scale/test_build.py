"""A folder that is built opens as the file itself would, whatever engine built it; and what was cut short is never taken for whole."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel.cli.command import main
from funnel.core.engine import QueryFailed
from funnel.core.errors import FunnelError, MappingError, QuestionError, ReadingError
from funnel.core.sql import Query
from funnel.core.types import Rule
from funnel.journeys import EVERYWHERE
from funnel.mapping import Hints
from funnel.scale import batch_build
from funnel.scale.batch_build.one_machine import OneMachine
from funnel.storage import manifest
from tests.engines import given_session
from tests.thorough import every, thorough

ROOT = Path(__file__).resolve().parents[2]
ENGINES = batch_build.ENGINES
AS_OF = datetime(2025, 1, 1)
STAGES = ("New", "Qualified", "Demo \\", 'Proposal "sent"', "مرحلة\u200cدوم", "Won", "Lost", "qualified", "${x}")
ASKED = (
    {},
    {"rule": "visited"},
    {"rule": "in-order"},
    {"window_days": 7},
    {"rule": "in-order", "window_days": 7, "entry": "any"},
    {"unit": "account"},
    {"where": {"Region": "Süd"}},
)

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:PySpark does not yet:FutureWarning")


def lines(leads: int, seed: int = 5) -> pa.Table:
    """Lines of a log with what makes lines bad: ids and labels that are empty or placeholders, and no time; no two lines of a lead
    have one time, so that its last line is the same for everybody."""
    chance = random.Random(seed)
    rows = []
    for lead in range(leads):
        moments = chance.sample(range(20_000), chance.randrange(1, 8))
        account = chance.choice((None, f"Account {lead % 40} \\", "N/A"))
        for minutes in moments:
            rows.append(
                {
                    "Lead ID": chance.choice((f"lead '{lead}'",) * 30 + (" ", None)),
                    "Stage": chance.choice(STAGES * 6 + ("-", None)),
                    "Entered at": None
                    if chance.random() < 0.02
                    else datetime(2024, 1, 1) + timedelta(minutes=minutes, microseconds=lead % 3),
                    "Account": chance.choice((account, None)),
                    "Amount": chance.choice((None, lead / 4)),
                    "Region": chance.choice(("Nord", "Süd", " Süd ", None)),
                    "Seats": chance.choice((None, lead % 7)),
                }
            )
    chance.shuffle(rows)
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("source") / "log.parquet"
    pq.write_table(lines(400), path)
    return path


@pytest.fixture(scope="module")
def plain(source):
    with funnel.open(source, as_of=AS_OF) as data_set:
        yield data_set


def rows_of(data_set, table: str) -> list[str]:
    return sorted(map(repr, data_set.engine.rows(Query(f"SELECT every.* FROM {table} AS every"))))


def like(built, other) -> None:
    """Both tell the same, of labels, leads and every question."""
    assert built.labels == other.labels
    assert built.concepts == other.concepts
    assert built.attributes == other.attributes
    assert (built.leads, built.entries, built.observed_until) == (other.leads, other.entries, other.observed_until)
    assert built.as_recorded() == other.as_recorded()
    assert built.engine.columns("leads") == other.engine.columns("leads")
    assert rows_of(built, "leads") == rows_of(other, "leads")
    for model in ("as-recorded", "standard", "reverse"):
        for keywords in ASKED:
            assert built.steps(model, **keywords).stages == other.steps(model, **keywords).stages, (model, keywords)


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
                steps, expected = (each.steps("standard", rule=rule, **dates) for each in (built, plain))
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


@pytest.mark.parametrize("shape", every(3, ["history", "wide", "snapshot"]))
def test_a_file_that_the_app_reads_is_built_in_any_shape(shape, tmp_path):
    path = ROOT / "data" / "samples" / f"leads-{shape}.csv.gz"
    told = batch_build.build(str(path), tmp_path / "to", models=["as-recorded", "standard"], as_of=AS_OF)
    assert told.start_from_created is (shape == "snapshot")
    with funnel.open(path, as_of=AS_OF) as plain, funnel.open(tmp_path / "to") as built:
        assert built.labels == plain.labels
        assert built.attributes == plain.attributes
        assert rows_of(built, "leads") == rows_of(plain, "leads")
        for model in ("as-recorded", "standard", "aida"):
            for rule in ("passed", "visited", "in-order"):
                assert built.steps(model, rule=rule).stages == plain.steps(model, rule=rule).stages
        assert built.loaded.cannot == plain.loaded.cannot
        assert built.numbered == plain.numbered


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


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("built") / "to"
    batch_build.build(str(source), to, models=["as-recorded", "standard"], as_of=AS_OF)
    return to


def test_a_built_folder_can_be_asked_but_not_read_anew(folder, plain):
    with funnel.open(folder) as built:
        with pytest.raises(QuestionError, match="--mapping"):
            built.remap(Hints(lead="Account"))
        before = built.revision
        built.with_concepts({"Demo \\": "won"})
        assert built.revision != before
        plain.with_concepts({"Demo \\": "won"})
        try:
            assert built.steps("standard").stages == plain.steps("standard").stages
            assert built.as_recorded() == plain.as_recorded()
        finally:
            plain.remap(Hints())
        built.remap(Hints())
        assert built.revision == before
        assert built.moves().question
        assert built.times().question
        assert built.compare(["standard", "aida"]).leads
    with pytest.raises(ReadingError, match="alone"):
        funnel.open(folder, folder)


def test_nothing_outside_of_a_built_folder_can_be_read(folder, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    with funnel.open(folder) as built:
        for statement in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"SELECT * FROM read_text('{folder}/funnel-lens.json')",
            f"SELECT * FROM glob('{folder}/*')",
            f"COPY (SELECT 1) TO '{folder}/new.parquet'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(QueryFailed):
                built.engine.rows(Query(statement))


@pytest.mark.parametrize("name", ["../outside.parquet", "link.parquet"])
def test_a_manifest_that_leads_outside_is_refused(name, folder, tmp_path):
    to = tmp_path / "to"
    shutil.copytree(folder, to)
    outside = tmp_path / "outside.parquet"
    shutil.copy(next((folder / "leads").glob("*.parquet")), outside)
    (to / "leads" / "link.parquet").symlink_to(outside)
    told = json.loads((to / manifest.NAME).read_text(encoding="utf-8"))
    part = next(each for each in told["data"] if each["folder"] == "leads")
    part["files"] = {name if name != "../outside.parquet" else "../../outside.parquet": outside.stat().st_size}
    (to / manifest.NAME).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ReadingError, match="missing or not as it was built"):
        funnel.open(to)


def test_what_is_no_whole_build_is_refused_in_a_sentence(folder, source, tmp_path):
    with pytest.raises(ReadingError, match="no finished build"):
        funnel.open(tmp_path)
    to = tmp_path / "to"
    shutil.copytree(folder, to)
    path = next((to / "history").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReadingError, match=r"history/.*missing"):
        funnel.open(to)
    for broken in ("{", "[]", '{"format": 2}', '{"format": 2, "data": []}'):
        (to / manifest.NAME).write_text(broken, encoding="utf-8")
        with pytest.raises(ReadingError, match="cannot be read"):
            funnel.open(to)
    (to / manifest.NAME).write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(ReadingError, match="another version"):
        funnel.open(to)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(QuestionError, match="other files"):
        batch_build.build(str(source), tmp_path / "full", as_of=AS_OF)
    assert (tmp_path / "full" / "mine.txt").is_file()
    with pytest.raises(ReadingError, match="no Parquet"):
        batch_build.build(str(tmp_path / "full"), tmp_path / "new", as_of=AS_OF)
    with pytest.raises(ReadingError, match="There is no file"):
        batch_build.build("no such table", tmp_path / "new", as_of=AS_OF)


def test_a_source_of_other_lines_is_refused_in_a_sentence(tmp_path):
    rows = {"Lead ID": ["1", "2", "3"], "Status": ["New", "Won", "Lost"], "Created": ["2024-01-01"] * 3}
    pq.write_table(pa.table(rows), tmp_path / "snapshot.parquet")
    with pytest.raises(MappingError, match="one line for each entry"):
        batch_build.build(str(tmp_path / "snapshot.parquet"), tmp_path / "to", as_of=AS_OF)


class Stopped(Exception):
    """The power fails."""


@thorough
def test_a_build_that_stops_anywhere_is_picked_up(source, plain, tmp_path, monkeypatch):
    """It stops before, or in the middle of, each write in turn; what was finished is not made again."""
    to, written, real = tmp_path / "to", [], OneMachine.write
    stop_at = 0

    def write(self, query, path, *, by=None):
        nonlocal stop_at
        if len(written) == stop_at:
            stop_at += 1
            path.mkdir(parents=True, exist_ok=True)
            (path / "half.parquet").write_bytes(b"PAR1")
            raise Stopped
        written.append(str(path))
        real(self, query, path, by=by)

    monkeypatch.setattr(OneMachine, "write", write)
    stops = 0
    while True:
        try:
            batch_build.build(str(source), to, models=["standard"], as_of=AS_OF)
            break
        except Stopped:
            stops += 1
            with pytest.raises(FunnelError, match="no finished build"):
                funnel.open(to)
    assert stops == len(written) == len(set(written)) == 7
    with funnel.open(to) as built:
        like(built, plain)
    assert not list(to.glob(".building-*"))


def test_another_source_or_other_options_are_built_anew(source, tmp_path):
    to, copy = tmp_path / "to", tmp_path / "log.parquet"
    shutil.copy(source, copy)
    first = batch_build.build(str(copy), to, models=["as-recorded"], as_of=AS_OF)
    pq.write_table(lines(50, seed=6), copy)
    second = batch_build.build(str(copy), to, models=["standard"], as_of=AS_OF)
    assert first.leads > second.leads
    assert first.fingerprint != second.fingerprint
    assert sorted(path.name for path in (to / "journeys").iterdir()) == ["standard"]
    with funnel.open(to) as built:
        assert built.leads == second.leads


@thorough
def test_a_build_killed_again_and_again_ends_like_an_undisturbed_one(tmp_path):
    source = tmp_path / "log.parquet"
    pq.write_table(lines(1500), source)
    words = ["build", str(source), "--models", "as-recorded,standard", "--engine", "duckdb", "--to"]
    command = [sys.executable, "-m", "funnel", *words, str(tmp_path / "killed")]
    parts, kills = -2, 0
    while True:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        parts += 4
        # Killed as soon as four more parts are finished than before, wherever it then is.
        while process.poll() is None and len(list(tmp_path.glob("killed/.building-*/marks/*.json"))) < parts:
            time.sleep(0.01)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        if (tmp_path / "killed" / manifest.NAME).exists():
            break
    assert kills >= 3
    batch_build.build(str(source), tmp_path / "whole", models=["as-recorded", "standard"])
    with funnel.open(tmp_path / "killed") as killed, funnel.open(tmp_path / "whole") as whole:
        like(killed, whole)


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
