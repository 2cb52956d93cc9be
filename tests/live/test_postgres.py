"""A source that is a database: what comes of it and what changes of it, against a PostgreSQL of the tests' own."""

from __future__ import annotations

import csv
import threading
from datetime import timedelta

import funnel
from funnel import measures
from funnel.core.sql import Query
from funnel.live import reader, sources
from funnel.live.reader import Reader
from tests import postgres
from tests.live.crm import HEADERS, NOON, held, inserted, paths, source
from tests.thorough import thorough

pytestmark = thorough


def test_a_source_answers_exactly_as_a_file_of_the_same_rows(entries, tmp_path) -> None:
    path = tmp_path / "CRM"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *entries])
    with funnel.open("source:CRM") as live, funnel.open(path) as from_file:
        assert live.leads == from_file.leads
        assert live.entries == from_file.entries == 4000
        assert live.files[0].name == "CRM"
        # Not the clock: the newest moment that the rows tell.
        assert live.observed_until == from_file.observed_until
        for model in ("as-recorded", "standard"):
            assert live.ask(measures.steps, model).rows() == from_file.ask(measures.steps, model).rows()
        # The place in the file is one more there, by the line of the headers.
        for rows in ("leads.* FROM leads", "history.* EXCLUDE (sequence) FROM history"):
            every = Query(f"SELECT {rows} ORDER BY ALL")
            assert live.engine.rows(every) == from_file.engine.rows(every)


def test_what_changed_is_merged_and_what_was_deleted_goes_with_the_daily_reload(
    entries, server, monkeypatch, tmp_path
) -> None:
    clock = [NOON]
    read = Reader(sources.named("CRM"), clock=lambda: clock[0])
    first = read.opened()
    assert first.rows == 4000
    read.look()
    assert read.snapshot is first, "nothing changed"

    late = [
        (str(4000 + n), f"N-{n}", "Acme", "New", "2026-11-30 10:00:00", "", "", "", "2026-11-30 11:30:00+00")
        for n in range(1, 1001)
    ]
    changed = "UPDATE entries SET \"Stage\" = 'Won', changed_at = '2026-11-30 11:59:00+00' WHERE id % 400 = 7"
    server.run(*inserted(late), changed)
    read.look()
    second = read.snapshot
    assert second is not None
    assert second.rows == 5000
    assert held(paths(second)) == held(paths(reader.pulled("CRM")))
    assert held(paths(first)) != held(paths(second))

    # As many come as go: the cursor sees who came, the count who went.
    server.run(
        "DELETE FROM entries WHERE id IN (1, 2, 3, 4, 5)",
        *inserted(
            [
                (str(9000 + n), "Z", "Acme", "New", "2026-11-30 10:00:00", "", "", "", "2026-11-30 12:01:00+00")
                for n in range(5)
            ]
        ),
    )
    read.look()
    assert read.snapshot is not None
    assert held(paths(read.snapshot)) == held(paths(reader.pulled("CRM")))

    # Fewer rows than before: all is read again.
    server.run("DELETE FROM entries WHERE id = 6")
    read.look()
    assert read.snapshot is not None
    assert read.snapshot.rows == 4999

    # A change that no cursor tells is seen a day later.
    server.run("UPDATE entries SET \"Stage\" = 'Lost' WHERE id = 8")
    read.look()
    assert held(paths(read.snapshot)) != held(paths(reader.pulled("CRM")))
    clock[0] += timedelta(days=1)
    read.look()
    assert held(paths(read.snapshot)) == held(paths(reader.pulled("CRM")))
    before = read.snapshot
    clock[0] += timedelta(days=1)
    read.look()
    assert read.snapshot is before, "read again and found the same"


def test_without_a_key_or_a_cursor_all_is_read_where_anything_changed(entries, server, monkeypatch, tmp_path) -> None:
    for without in (('key = "id"\n', ""), ('cursor = "changed_at"\n', "")):
        read = Reader(source(monkeypatch, tmp_path, without), clock=lambda: NOON)
        first = read.opened()
        read.look()
        assert read.snapshot is first
        server.run("UPDATE entries SET \"Stage\" = 'X', changed_at = changed_at + interval '9 years' WHERE id = 17")
        read.look()
        assert read.snapshot is not first
        assert held(paths(read.snapshot)) == held(paths(reader.pulled("CRM")))


def test_a_server_that_stops_leaves_what_was_read(entries, monkeypatch, tmp_path) -> None:
    with postgres.cluster() as other:
        other.run(
            "CREATE TABLE entries AS SELECT g AS id, 'L' || g AS lead, 'New' AS stage, now() AS changed_at FROM generate_series(1, 9) g"
        )
        monkeypatch.setenv("CRM_URI", other.uri)
        read = Reader(sources.named("CRM"), clock=lambda: NOON)
        first = read.opened()
        other.run(
            "INSERT INTO entries SELECT 1000 + g, repeat('x', 2000) || g, 'New', now() + interval '1 year' FROM generate_series(1, 60000) g"
        )
        rows: list[int] = []

        def stop_midway(seen: int) -> None:
            rows.append(seen)
            if len(rows) == 1:
                other.stop()

        monkeypatch.setattr(read, "_look", lambda progress, wanted: Reader._look(read, stop_midway, wanted))
        read.look()
        assert 0 < rows[0] < 60000
        assert read.snapshot is first
        assert paths(first)[0].exists()
        assert read.fault is not None
        assert str(read.fault.error) == "The source CRM stopped answering before all of it was read."
        assert read.looked_at == NOON
        read.look()
        assert str(read.fault.error) == "The source CRM did not answer."
        assert read.opened() is first


def test_two_who_look_read_once(entries, server, monkeypatch) -> None:
    monkeypatch.setattr(reader, "_readers", {})
    looked = []
    look = reader.DatabaseFeed.look
    monkeypatch.setattr(reader.DatabaseFeed, "look", lambda *given: (looked.append(1), look(*given))[1])
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(reader.shared("CRM").opened())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(map(id, found))) == 1
    assert looked == [1]


def test_files_of_a_source_vanish_with_it(entries) -> None:
    with funnel.open("source:CRM") as data_set:
        (path,) = [file.path for file in data_set.keepers[0].files]
        assert path.exists()
        assert oct(path.parent.stat().st_mode)[-3:] == "700"
    assert not path.exists()


STRANGE = """SELECT 1 AS id, 'A' AS lead, 'New' AS stage, DATE '2024-01-02' AS entered, NUMERIC '12.50' AS amount,
 '{"a": 1}'::jsonb AS more, '0b2e6a1c-7a53-4a5e-9a53-1d1c5b8f0001'::uuid AS ref, ARRAY[1, 2] AS many,
 TIMESTAMPTZ '2024-01-02 10:00+02' AS changed_at, true AS yes, INTERVAL '1 day' AS span, 'NaN'::numeric AS odd
UNION ALL SELECT 2, 'A', 'Won', 'infinity', NULL, NULL, NULL, NULL, 'infinity', NULL, NULL, NULL
UNION ALL SELECT 3, 'B', 'New', '2024-02-03', 'NaN', '[]', NULL, '{}', '2024-01-05', false, NULL, 1 -- a remark"""


def test_strange_types_are_texts_and_each_line_is_accounted_for(entries, monkeypatch, tmp_path) -> None:
    source(monkeypatch, tmp_path, ('query = "SELECT * FROM entries ORDER BY id"', f'query = """{STRANGE}"""'))
    with funnel.open("source:CRM") as data_set:
        first = data_set.preview("raw_0").iloc[0]
        assert list(first[["more", "many", "changed_at", "amount", "yes", "odd"]]) == [
            '{"a": 1}',
            "{1,2}",
            "2024-01-02 08:00:00+00",
            "12.50",
            "true",
            "NaN",
        ]
        (told,) = data_set.files
        assert told.rows_read == 3 == told.rows_used + told.rows_rejected + told.rows_ignored
        assert data_set.reject_count() > 0, "infinity is no day"
