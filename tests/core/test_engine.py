"""The engine is sealed: nothing outside it can be reached by any SQL, and it leaves nothing behind."""

from __future__ import annotations

import stat
import threading

import pytest

from funnel.core import engine as engine_module
from funnel.core.engine import Engine, QueryFailed
from funnel.core.errors import Exhausted, Interrupted
from funnel.core.sql import Query, identifier


@pytest.fixture
def engine(tmp_path):
    (tmp_path / "allowed.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("a\n2\n", encoding="utf-8")
    engine = Engine([tmp_path / "allowed.csv"])
    engine.seal()
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "statement",
    [
        # Files outside, by every reader there is, and by ways around.
        "SELECT * FROM '{folder}/other.csv'",
        "SELECT * FROM read_csv('{folder}/other.csv')",
        "SELECT * FROM sniff_csv('{folder}/other.csv')",
        "SELECT * FROM read_json('{folder}/other.csv')",
        "SELECT * FROM read_json_objects('{folder}/other.csv')",
        "SELECT * FROM read_parquet('{folder}/other.csv')",
        "SELECT * FROM parquet_metadata('{folder}/other.csv')",
        "SELECT * FROM read_blob('{folder}/other.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_text(['{folder}/allowed.csv', '/etc/passwd'])",
        "SELECT * FROM read_csv('{folder}/allowed.csv*')",
        "SELECT * FROM read_csv('{own}/../other.csv')",
        "SELECT * FROM read_csv('/proc/self/environ')",
        "SELECT * FROM read_text('/dev/stdin')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM glob('{own}/../*')",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "SELECT * FROM query_table('/etc/passwd')",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''/etc/passwd'')'))",
        "PREPARE p AS SELECT * FROM read_text('/etc/passwd')",
        "COPY kept FROM '{folder}/other.csv'",
        "COPY (SELECT 1) TO '{folder}/written.csv'",
        "COPY (SELECT 1) TO '{folder}/allowed.csv'",
        "COPY (SELECT 1) TO '{own}/../written.csv'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "EXPORT DATABASE '{folder}/all'",
        "IMPORT DATABASE '{folder}/all'",
        "VACUUM INTO '{folder}/copy.duckdb'",
        # Other databases.
        "ATTACH '{folder}/new.duckdb'",
        "ATTACH '{own}/leads.duckdb' AS again",
        "ATTACH 'https://example.org/x.duckdb' AS far",
        "ATTACH 'x.sqlite' (TYPE sqlite)",
        "ATTACH 'host=localhost' (TYPE postgres)",
        # The network and extensions.
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SELECT * FROM read_csv('s3://bucket/x.csv')",
        "SELECT * FROM read_csv('hf://datasets/x')",
        "COPY kept TO 'https://example.org/x.csv'",
        "INSTALL httpfs",
        "FORCE INSTALL httpfs",
        "INSTALL '{own}/x.duckdb_extension'",
        "LOAD httpfs",
        "LOAD '{own}/x.duckdb_extension'",
        "UPDATE EXTENSIONS",
        # Settings, secrets, the environment.
        "SET threads = 4",
        "SET GLOBAL memory_limit = '90GB'",
        "SET SESSION TimeZone = 'UTC'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET allowed_paths = ['/etc/passwd']",
        "SET lock_configuration = false",
        "RESET lock_configuration",
        "RESET memory_limit",
        "PRAGMA threads = 4",
        "PRAGMA enable_external_access = true",
        "PRAGMA enable_profiling",
        "PRAGMA profiling_output = '{folder}/profile.json'",
        "CALL enable_profiling(save_location = '{folder}/profile.json')",
        "CALL enable_logging(storage = 'file', storage_path = '{folder}')",
        "CREATE SECRET s (TYPE http)",
        "CREATE PERSISTENT SECRET s (TYPE http)",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
    ],
)
def test_nothing_outside_can_be_reached(engine, tmp_path, statement):
    engine.run(Query("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS one"))
    with pytest.raises(QueryFailed):
        engine.rows(Query(statement.format(folder=tmp_path, own=engine.folder)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["allowed.csv", "other.csv"]
    assert (tmp_path / "allowed.csv").read_text(encoding="utf-8") == "a\n1\n"
    assert engine.rows(Query("SELECT kept.one FROM kept")) == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        # What the seal lets through: all of it stays inside the session's own folder and database, and is gone with them. Nothing
        # that a person types or uploads becomes SQL (test_attacks.py), so that nobody but this program can say any of it.
        "ATTACH ':memory:' AS other",
        "ATTACH '{own}/other.duckdb' AS other",
        "COPY (SELECT 1 AS a) TO '{own}/inside.csv'",
        "LOAD json",
        "SET VARIABLE x = 1",
        "CREATE SCHEMA other",
        "CREATE TEMP TABLE kept AS SELECT 2 AS one",
        "CREATE MACRO lower(x) AS 'shadowed'",
        "CREATE FUNCTION f(x) AS TABLE SELECT * FROM read_csv(x)",
        "CHECKPOINT",
        "VACUUM",
        "EXPLAIN ANALYZE SELECT 1",
        "PRAGMA database_list",
        "SELECT current_setting('temp_directory')",
        "SELECT * FROM duckdb_settings()",
        "SELECT 1; SELECT 2",
    ],
)
def test_what_the_seal_lets_through_stays_inside_and_goes_away(engine, tmp_path, statement):
    folder = engine.folder
    engine.rows(Query(statement.format(own=folder)))
    with pytest.raises(QueryFailed):
        engine.rows(Query("SELECT * FROM read_text('/etc/passwd')"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["allowed.csv", "other.csv"]
    engine.close()
    assert not folder.exists()


def test_what_was_allowed_can_be_read(engine, tmp_path):
    assert engine.rows(Query("SELECT * FROM read_csv(?)", (str(tmp_path / "allowed.csv"),))) == [(1,)]


def test_python_variables_are_no_tables(engine):
    secret = [1]
    with pytest.raises(QueryFailed):
        engine.rows(Query("SELECT * FROM secret"))
    assert secret


def test_the_folder_is_private_and_goes_away():
    engine = Engine()
    folder = engine.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    engine.close()
    engine.close()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("said", "megabytes"),
    [(None, 500), ("900", 900), ("", 500), ("100", 500), ("much", 500), ("-1", 500), ("'; --", 500)],
)
def test_memory_is_what_the_setting_allows(monkeypatch, said, megabytes):
    if said is None:
        monkeypatch.delenv("FUNNEL_LENS_MEMORY_MB", raising=False)
    else:
        monkeypatch.setenv("FUNNEL_LENS_MEMORY_MB", said)
    engine = Engine()
    try:
        (limit,) = engine.row(Query("SELECT current_setting('memory_limit') AS memory"))
        number, unit = limit.split()
        assert unit == "MiB"
        assert float(number) * 1.048576 == pytest.approx(megabytes, abs=0.2)
    finally:
        engine.close()


def test_a_name_is_only_a_name(engine):
    name = 'x"; DROP TABLE kept; --\\'
    engine.run(Query("CREATE TABLE kept AS SELECT 1 AS one"))
    engine.run(Query(f"CREATE TABLE t AS SELECT 2 AS {identifier(name)}"))
    assert engine.columns("t") == [(name, "INTEGER")]
    assert engine.rows(Query("SELECT kept.one FROM kept")) == [(1,)]


def test_a_transaction_is_kept_whole_or_not_at_all(engine):
    engine.run(Query("CREATE TABLE t AS SELECT 1 AS x"))

    def half():
        with engine.transaction():
            engine.run(Query("CREATE OR REPLACE TABLE t AS SELECT 2 AS x"))
            engine.run(Query("SELECT no_such_column FROM t"))

    with pytest.raises(QueryFailed):
        half()
    assert engine.rows(Query("SELECT t.x FROM t")) == [(1,)]


def test_a_long_query_can_be_stopped_and_the_next_one_runs(engine):
    started = threading.Event()
    stopped = []

    def work():
        started.set()
        try:
            engine.rows(
                Query("SELECT COUNT(*) FROM range(100000000) AS a, range(100000) AS b WHERE a.range % 7 = b.range % 5")
            )
        except Interrupted:
            stopped.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    while thread.is_alive():
        engine.interrupt()
        thread.join(0.05)
    assert stopped == [True]
    assert engine.rows(Query("SELECT 1 AS one")) == [(1,)]


ENDLESS = Query("SELECT COUNT(*) FROM range(100000000) AS a, range(100000) AS b WHERE a.range % 7 = b.range % 5")


def test_a_query_that_runs_for_too_long_is_stopped_with_a_sentence(monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_QUERY_SECONDS", "0.3")
    engine = Engine()
    engine.seal()
    try:
        with pytest.raises(
            Exhausted, match=r"took longer than 0\.3 seconds and was stopped.*FUNNEL_LENS_QUERY_SECONDS"
        ):
            engine.rows(ENDLESS)
        assert engine.rows(Query("SELECT 1 AS one")) == [(1,)]
    finally:
        engine.close()


def test_what_needs_too_much_memory_is_told_so(monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_MEMORY_MB", "200")
    engine = Engine()
    try:
        with pytest.raises(Exhausted, match=r"more than the 200 MB of memory allowed.*FUNNEL_LENS_MEMORY_MB"):
            # Lists of one group cannot be put on the disk in parts.
            engine.rows(Query("SELECT LEN(LIST(CAST(range AS VARCHAR) || 'a long enough text')) FROM range(20000000)"))
        assert engine.rows(Query("SELECT 1 AS one")) == [(1,)]
    finally:
        engine.close()


def test_a_folder_vanishes_also_where_its_connection_refuses_to_close_and_is_closed(tmp_path):
    """What DuckDB says of a connection that another thread asks while it is closed: it refuses, and then it is closed already."""

    class Refusing:
        told = 0

        def close(self):
            self.told += 1
            if self.told == 1:
                raise engine_module.duckdb.InvalidInputException("a query is running")

        def interrupt(self):
            raise engine_module.duckdb.ConnectionException("Connection already closed!")

    folder, connection = tmp_path / "private", Refusing()
    folder.mkdir()
    (folder / "leads.duckdb").touch()
    engine_module._release(connection, folder)
    assert not folder.exists()
    assert connection.told == 2
