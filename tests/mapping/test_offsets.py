"""Times with offsets: what lies between two and which came first follows the true moment."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from funnel import measures
from funnel.cli.command import main
from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping.cells.date_offsets import minutes_of
from funnel.mapping.cells.dates import read_dates
from tests.mapping.zoned import BERLIN, NEW_YORK, STAGES, asked, opened, rows_of, stays, written
from tests.thorough import thorough


def offsets(texts: Sequence[str]) -> list[int | None]:
    """The minutes that each cell of a column is ahead of UTC."""
    engine = Engine()
    try:
        engine.run(Query("CREATE TABLE raw_0 (source_line BIGINT, entered_at VARCHAR)"))
        for line, text in enumerate(texts):
            engine.run(Query("INSERT INTO raw_0 VALUES (?, ?)", (line, text)))
        read = read_dates(engine, "raw_0", "entered_at")
        assert read is not None
        assert read.parsed == len(texts)
        assert read.zone is not None
        query = f"SELECT {read.zone.text} AS zone FROM raw_0 AS raw ORDER BY raw.source_line"
        zones = [zone for (zone,) in engine.rows(Query(query, read.zone.values))]
        known = minutes_of(zone for zone in zones if zone)
        return [known.get(zone) for zone in zones]
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("texts", "ahead"),
    [
        (
            [
                *("2024-10-27T02:30:00+02:00", "2024-10-27T02:10:00Z", "2024-10-27T02:10:00-0330"),
                *("2024-10-27 02:10:00+05", "2024-10-27 02:10:00 UTC", "2024-10-27 02:10:00", "2024-10-27"),
            ],
            [120, 0, -210, 300, 0, None, None],
        ),
        (["27.10.2024 02:30 +02:00", "27.10.2024 02:10 +0100", "27.10.2024 02:10"], [120, 60, None]),
        (["2024-10-27 02:30:00 CEST", "2024-10-27 02:10:00 CET"], [120, 60]),
        (["2024-10-27 02:30:00 MESZ", "2024-10-28 02:30:00 MEZ"], [120, 60]),
        (["10/26/2024 2:30 PM PDT", "12/27/2024 2:10 AM PST"], [-420, -480]),
        # What may be Chicago, Shanghai or Havana is none of them, until the other half of its year stands beside it.
        (["2024-10-27 02:30 CST", "2024-10-27 02:30 Z"], [None, 0]),
        (["2024-10-27 02:30 CST", "2024-07-27 02:30 CDT"], [-360, -300]),
        (["Sat Oct 26 14:00:00 +0200 2024", "Mon Oct 28 14:00:00 +0100 2024"], [120, 60]),
        (
            [
                "Sat Oct 26 2024 14:00:00 GMT+0200 (Central European Summer Time)",
                "Mon Oct 28 2024 14:00:00 GMT-0030 (Central European Standard Time)",
            ],
            [120, -30],
        ),
        (["2024-10-26T14:00:00+02:00[Europe/Berlin]", "2024-10-28T14:00:00+01:00[Europe/Berlin]"], [120, 60]),
        (["20241026T140000Z", "20241027T140000", "20241027"], [0, None, None]),
        (["1730000000", "2024-10-28T14:00:00+01:00"], [0, 60]),
        (["2:30 PM PDT, 10/26/2024", "1:15 PM PST, 11/26/2024"], [-420, -480]),
        # No clock is so far from UTC, and a region's hangs on the day.
        (["2024-10-27 02:30:00 -99:99", "2024-10-27T02:30:00-05:00"], [None, -300]),
        (["2024-10-27 02:30:00 Europe/Berlin", "2024-10-28 02:30:00 Etc/GMT+2"], [None, None]),
    ],
)
def test_an_offset_is_read_beside_its_time(texts, ahead):
    assert offsets(texts) == ahead


def test_the_autumn_hour_runs_forward_and_the_spring_day_has_23_hours(tmp_path):
    rows = [
        ("a", "New", "2024-10-27T02:30:00+02:00"),
        ("a", "Qualified", "2024-10-27T02:10:00+01:00"),
        ("a", "Won", "2024-10-27T02:10:30+01:00"),
        ("b", "New", "2024-03-30T12:00:00+01:00"),
        ("b", "Qualified", "2024-03-31T12:00:00+02:00"),
        ("c", "New", "2024-10-26T12:00:00+02:00"),
        ("c", "Qualified", "2024-10-27T12:00:00+01:00"),
    ]
    with opened(tmp_path, rows) as data_set:
        hours = stays(data_set)
        assert hours["a", 0] == pytest.approx(40 / 60)
        assert hours["a", 1] == pytest.approx(30 / 3600)
        assert hours["b", 0] == 23
        assert hours["c", 0] == 25
        steps = data_set.ask(measures.steps, asked(data_set, rule="in-order"))
        assert [stage.leads for stage in steps.stages] == [3, 3, 1]
        assert not any(stage.moved_back for stage in steps.stages)
        assert {path.ends for path in data_set.ask(measures.moves, asked(data_set)).paths} == {
            (0, 1, 2),
            (0, 1, "still there"),
        }


def test_a_window_is_so_many_times_24_hours(tmp_path):
    rows = [
        # 30 days by the calendar, and an hour more by the clock.
        ("a", "New", "2024-10-01T12:00:00+02:00"),
        ("a", "Qualified", "2024-10-31T12:00:00+01:00"),
        # 30 days of 24 hours, though the calendar says an hour less.
        ("b", "New", "2024-10-01T12:00:00+02:00"),
        ("b", "Qualified", "2024-10-31T11:00:00+01:00"),
        ("c", "New", "2024-03-15T12:00:00+01:00"),
        ("c", "Qualified", "2024-04-14T13:00:00+02:00"),
    ]
    with opened(tmp_path, rows) as data_set:
        steps = data_set.ask(measures.steps, asked(data_set, window_days=30))
        assert [stage.leads for stage in steps.stages] == [3, 2]


def drawn(seed: int) -> list[tuple[str, int, datetime]]:
    """(lead, stage, moment) around the changes of both zones, in steps that fall within the doubled hour."""
    chance = random.Random(seed)
    around = (datetime(2024, 3, 10, 6), datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2024, 11, 3, 5))
    entries = []
    for lead in range(80):
        moment = chance.choice(around).replace(tzinfo=UTC) + timedelta(minutes=chance.randrange(-600, 600))
        for stage in range(chance.randrange(1, 4)):
            entries.append((f"L{lead}", stage, moment))
            moment += timedelta(minutes=chance.choice((5, 20, 40, 70, 1000, 1440, 40000)))
    return entries


@thorough
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("zones", [(BERLIN,), (BERLIN, UTC), (BERLIN, UTC, NEW_YORK)], ids=("one", "z", "many"))
def test_durations_are_those_of_aware_times_and_days_those_of_their_clocks(tmp_path, seed, zones):
    chance, entries = random.Random(seed), drawn(seed)
    local = [(lead, stage, moment.astimezone(chance.choice(zones))) for lead, stage, moment in entries]
    shuffled = chance.sample(local, len(local))
    rows = [(lead, STAGES[stage], moment.isoformat().replace("+00:00", "Z")) for lead, stage, moment in shuffled]
    expected: dict[tuple[str, int], float | None] = {}
    for (lead, stage, moment), (next_lead, _, later) in zip(local, [*local[1:], ("", 0, local[0][2])], strict=True):
        expected[lead, stage] = (later - moment.astimezone(UTC)) / timedelta(hours=1) if next_lead == lead else None
    days = Counter(moment.date() for _, stage, moment in local if stage == 0)
    with opened(tmp_path, rows) as data_set:
        found = stays(data_set)
        assert set(found) == set(expected)
        for key, hours in expected.items():
            assert found[key] == (None if hours is None else pytest.approx(hours)), key
        for day, leads in days.items():
            assert data_set.ask(measures.steps, asked(data_set, start_from=day, start_to=day)).leads == leads, day
        reached = [expected[lead, 0] for lead, stage, _ in local if stage == 1]
        step = data_set.ask(measures.steps, asked(data_set)).stages[1]
        assert step.median_days_from_previous == pytest.approx(
            median(hours for hours in reached if hours is not None) / 24
        )


PLAIN = [
    ("a", "New", "2024-03-30T12:00:00"),
    ("a", "Qualified", "2024-03-31T12:00:00"),
    ("b", "New", "2024-10-27T02:30:00"),
    ("b", "Qualified", "2024-10-27T02:10:00"),
    ("b", "Won", "2024-11-27T02:10:00"),
]


@thorough
@pytest.mark.parametrize("mark", ["", "Z", "+02:00", "-0730", " CET"])
def test_where_no_two_offsets_differ_every_time_is_as_it_is_written(tmp_path, mark, capsys):
    with opened(tmp_path, [(lead, stage, at + mark) for lead, stage, at in PLAIN]) as data_set:
        entries = rows_of(data_set, "SELECT h.lead_id, h.label, h.entered_at FROM history AS h ORDER BY h.sequence")
        assert entries == [(lead, stage, datetime.fromisoformat(at)) for lead, stage, at in PLAIN]
        assert not data_set.loaded.local_times
        assert not rows_of(data_set, "SELECT t.table_name FROM duckdb_tables() AS t WHERE t.table_name = 'local_times'")
    told = []
    for rows in (PLAIN, [(lead, stage, at + mark) for lead, stage, at in PLAIN]):
        path = written(tmp_path, rows)
        assert main(["steps", str(path), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]


def test_midnights_with_offsets_are_days(tmp_path):
    rows = [
        ("a", "New", "2024-10-20 00:00:00+02:00"),
        ("a", "Qualified", "2024-11-19 00:00:00+01:00"),
    ]
    with opened(tmp_path, rows) as data_set:
        assert not data_set.loaded.local_times
        assert stays(data_set)["a", 0] == 30 * 24
        assert data_set.ask(measures.steps, asked(data_set, window_days=30)).stages[1].leads == 1


def test_a_time_without_an_offset_is_of_the_clock_that_the_file_keeps_then(tmp_path):
    rows = []
    for day in range(1, 366, 3):
        moment = (datetime(2024, 1, 1, 8, tzinfo=UTC) + timedelta(days=day)).astimezone(BERLIN)
        naive = (moment.replace(tzinfo=None) + timedelta(minutes=30)).isoformat()
        rows.append((f"n{day}", moment.isoformat(), naive, f"{moment:%Y-%m-%d}" if day % 2 else ""))
    header = ("lead_id", "created_at", "qualified_date", "won_date")
    with opened(tmp_path, rows, *header) as data_set:
        assert data_set.loaded.local_times
        apart = rows_of(
            data_set,
            "SELECT DISTINCT h.entered_at - l.created_at FROM history AS h JOIN leads AS l USING (lead_id)"
            " WHERE h.label ILIKE '%qualified%'",
        )
        assert apart == [(timedelta(minutes=30),)]
        for day in (date(2024, 7, 9), date(2024, 1, 11)):
            assert data_set.ask(
                measures.steps, data_set.question("as-recorded", start_from=day, start_to=day)
            ).leads == sum(row[1].startswith(f"{day}") for row in rows)


@thorough
def test_one_offset_far_down_a_long_column_is_seen(tmp_path):
    rows = [(f"n{place // 2}", STAGES[place % 2], f"2024-01-{place % 28 + 1:02} 10:00:00") for place in range(60_000)]
    # Of a table so long every third line is looked at first: none of these.
    rows[50_000] = ("n50000", "New", "2024-07-05 10:00:00+02:00")
    rows[50_001] = ("n50001", "New", "2024-01-05 10:00:00+01:00")
    rows[50_003] = ("n50000", "Qualified", "2024-07-05 08:30:00Z")
    with opened(tmp_path, rows) as data_set:
        assert stays(data_set)["n50000", 0] == 0.5


@thorough
@pytest.mark.parametrize("seed", range(2))
def test_how_long_and_in_which_order_does_not_hang_on_how_the_same_moments_are_written(tmp_path, seed):
    entries = drawn(seed)
    told = []
    for zones in ((UTC,), (BERLIN, NEW_YORK, UTC)):
        chance = random.Random(seed)
        rows = []
        for lead, stage, moment in entries:
            local = moment.astimezone(chance.choice(zones))
            rows.append((lead, STAGES[stage], local.isoformat().replace("+00:00", "Z")))
        with opened(tmp_path, rows) as data_set:
            question = asked(data_set)
            times, ages, velocity = (
                data_set.ask(measures.times, question),
                data_set.ask(measures.aging, question),
                data_set.ask(measures.velocity, question),
            )
            moves = data_set.ask(measures.moves, question)
            told.append(
                (
                    [
                        stage.leads
                        for rule in ("passed", "visited", "in-order")
                        for stage in data_set.ask(measures.steps, asked(data_set, rule=rule)).stages
                    ],
                    (times.stages, times.steps),
                    [(stage.open, stage.median_days, stage.stalled) for stage in ages.stages],
                    (velocity.paces, velocity.arrivals_per_day, velocity.mean_days),
                    [(path.ends, path.leads, path.median_days) for path in moves.paths],
                    data_set.ask(measures.kpis, question).median_days_to_win,
                    sorted(data_set.ask(measures.follow_up, question, limit=None)["lead_id"]),
                )
            )
            compared = data_set.ask(
                measures.comparison,
                [
                    data_set.question(each, start_from=date(2024, 1, 1), start_to=date(2024, 12, 31))
                    for each in [question.model, "standard"]
                ],
            )
            assert compared.leads == 80
            assert data_set.ask(measures.change, [question, question], date(2024, 6, 1), 20) is not None
    assert told[0] == told[1]
