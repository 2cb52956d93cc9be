"""A source that is a database: what it gets wrong is one sentence, and no secret is in any of them."""

from __future__ import annotations

import errno
import logging
from datetime import datetime, timedelta

import pytest

import funnel
from funnel import FunnelError
from funnel.cli.command import main
from funnel.core.errors import Exhausted, Interrupted, SourceError
from funnel.live import reader, sources
from funnel.live.reader import Reader
from tests.live.crm import source
from tests.postgres import OWNER, PASSWORD
from tests.thorough import thorough

pytestmark = thorough


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("SELECT * FROM entries ORDER BY id", "SELECT * FROM entries WHERE false"), "The query of… no row"),
        (("ORDER BY id", "ORDER BY nothing"), "names a column that is not there"),
        (("FROM entries", "FROM nowhere"), "names a table that is not there"),
        (("SELECT *", "SELECTED"), "is no SELECT that the database understands"),
        (("SELECT * FROM entries ORDER BY id", "DELETE FROM entries RETURNING *"), "is no SELECT"),
        (("SELECT *", "SELECT *, 1 AS id"), "has two columns id"),
        (("SELECT *", "SELECT *, 1/(id - 5) AS part"), "refused by the database, with the state 22012"),
        (('cursor = "changed_at"', 'cursor = "when"'), "has no column when. Its query answers with id, Lead ID, "),
        (('cursor = "changed_at"', 'cursor = "Stage"'), "has to be a time: Stage is text. Accepted: timestamp, "),
        (('key = "id"', 'key = "Account"'), "is not unique: rows share Account "),
    ],
)
def test_what_a_query_gets_wrong_is_one_sentence(entries, monkeypatch, tmp_path, capsys, changed, said) -> None:
    source(monkeypatch, tmp_path, changed)
    assert main(["steps", "source:CRM"]) == 2
    told = capsys.readouterr().err
    assert said.partition("… ")[2] in told
    assert "The " in told
    assert told.count("\n") == 1


def test_the_first_three_keys_that_rows_share_are_shown(entries, monkeypatch, tmp_path) -> None:
    query = "SELECT g / 2 AS id, g::text AS lead, now() AS changed_at FROM generate_series(2, 11) g"
    source(monkeypatch, tmp_path, ("SELECT * FROM entries ORDER BY id", query))
    with pytest.raises(SourceError, match=r"rows share id 1, 2, and 3\. "):
        reader.pulled("CRM")


def test_a_function_that_writes_is_refused(entries, server, monkeypatch, tmp_path) -> None:
    server.run(
        "CREATE OR REPLACE FUNCTION sly() RETURNS int LANGUAGE sql AS $$ DELETE FROM entries; SELECT 1 $$",
    )
    source(monkeypatch, tmp_path, ("SELECT * FROM", "SELECT *, sly() FROM"), ("cursor", "# cursor"), ("key", "# key"))
    with pytest.raises(SourceError, match="would change data"):
        reader.pulled("CRM")
    assert server.rows("SELECT count(*) FROM entries") == [(4000,)]


def test_a_session_that_could_write_reads_nothing(entries, server, monkeypatch) -> None:
    monkeypatch.setattr("funnel.live.postgres._address", lambda source: server.uri)
    with pytest.raises(SourceError, match="does not take that it may only be read"):
        reader.pulled("CRM")


def test_bytes_that_are_no_text_are_one_sentence(entries, server, monkeypatch, tmp_path) -> None:
    made = "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"
    monkeypatch.setenv("CRM_URI", server.uri.replace("/postgres", "/bytes"))
    server.run_alone(made)
    query = "SELECT 1 AS id, convert_from('\\\\xe9'::bytea, 'SQL_ASCII') AS lead, now() AS changed_at"
    source(monkeypatch, tmp_path, ("SELECT * FROM entries ORDER BY id", query))
    with pytest.raises(SourceError, match="brings texts that are not UTF-8"):
        reader.pulled("CRM")


def test_a_disk_that_is_full_is_one_sentence(entries, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("funnel.live.database._write", full)
    with pytest.raises(Exhausted, match="disk"):
        reader.pulled("CRM")


def test_limits_are_those_of_uploads(entries, monkeypatch) -> None:
    for variable, said in (("ROWS_MILLIONS", "more rows than"), ("UPLOAD_GIGABYTES", "more than one upload")):
        with monkeypatch.context() as patched:
            patched.setenv(f"FUNNEL_LENS_{variable}", "0.0001")
            with pytest.raises(SourceError, match=rf"{said}.*FUNNEL_LENS_{variable}"):
                reader.pulled("CRM")


def test_a_slow_query_ends_and_an_unwanted_one_too(entries, monkeypatch, tmp_path) -> None:
    slow = source(monkeypatch, tmp_path, ("FROM entries", "FROM entries, pg_sleep(20)"))
    monkeypatch.setenv("FUNNEL_LENS_SOURCE_SECONDS", "1")
    with pytest.raises(SourceError, match=r"took longer than 1 seconds.*FUNNEL_LENS_SOURCE_SECONDS"):
        reader.pulled("CRM")
    monkeypatch.setenv("FUNNEL_LENS_SOURCE_SECONDS", "60")
    with pytest.raises(Interrupted):
        Reader(slow).opened(wanted=lambda: False)


def test_no_secret_is_said_logged_or_saved(entries, server, monkeypatch, tmp_path, capfd, caplog) -> None:
    """Wrong passwords, closed ports and files that are saved: neither the address nor a part of it is anywhere."""
    caplog.set_level(logging.DEBUG)
    wrong = [
        (server.uri.replace(PASSWORD, "wr0ng-pass"), "refused the sign-in: what CRM_URI holds"),
        (server.uri.replace(str(server.port), "1"), "did not answer"),
        (server.uri.replace("127.0.0.1", "no-such-host.invalid"), "did not answer"),
        (server.uri.replace("/postgres", "/hidden_base"), "has no database of the name that CRM_URI holds"),
        (f"host=127.0.0.1 password={PASSWORD}", "of the form postgresql://"),
        (f"postgresql://{OWNER}:{PASSWORD}@[bad/x", "of the form postgresql://"),
        ("", "the environment variable CRM_URI is not set"),
    ]
    begun = datetime.now()
    for address, said in wrong:
        monkeypatch.setenv("CRM_URI", address)
        with pytest.raises(FunnelError) as failed:
            funnel.open("source:CRM")
        assert said in str(failed.value)
        assert main(["inspect", "source:CRM"]) == 2
    assert datetime.now() - begun < timedelta(seconds=30)
    monkeypatch.setenv("CRM_URI", server.uri)
    saved = tmp_path / "saved.funnel"
    assert main(["save", "source:CRM", "--to", str(saved)]) == 0
    assert main(["inspect", "source:CRM", "--json"]) == 0
    with funnel.open("source:CRM") as data_set:
        kept = [path.read_bytes() for path in data_set.engine.folder.rglob("*") if path.is_file()]
        kept += [file.path.read_bytes() for file in data_set.keepers[0].files]
    out = capfd.readouterr()
    told = "\n".join([out.out, out.err, caplog.text, repr(sources.sources())]).encode()
    for place in [told, saved.read_bytes(), *kept]:
        for secret in (OWNER, PASSWORD, "wr0ng-pass", "127.0.0.1", "hidden_base", f":{server.port}"):
            assert secret.encode() not in place
    assert b"CRM_URI" in told


def test_a_driver_that_is_missing_is_one_sentence(entries, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "adbc_driver_postgresql.dbapi", None)
    with pytest.raises(SourceError, match=r"python -m pip install -r requirements-live\.txt"):
        reader.pulled("CRM")
