"""Times with offsets: dates are those of the file's own clocks, also in projects and built folders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import funnel
from funnel import DataSet, measures
from funnel.scale import batch_build
from tests.mapping.zoned import AS_OF, BERLIN, asked, opened, rows_of, stays, written
from tests.thorough import thorough

MIXED = [
    # Half past midnight in summer: the day before by the clock of winter, which most entries have.
    ("a", "New", "2024-07-01T00:30:00+02:00"),
    ("a", "Qualified", "2024-07-01T09:00:00+02:00"),
    ("b", "New", "2024-01-31T23:30:00+01:00"),
    ("b", "Qualified", "2024-02-03T10:00:00+01:00"),
    ("c", "New", "2024-02-01T10:00:00+01:00"),
    ("c", "Qualified", "2024-02-03T10:00:00+01:00"),
    ("c", "Won", "2024-02-09T10:00:00+01:00"),
    # By a clock far away, the last of August: in Berlin it is September already.
    ("d", "New", "2024-08-31T21:00:00-04:00"),
    ("d", "Qualified", "2024-09-01T08:00:00Z"),
]


@thorough
def test_the_calendar_is_that_of_the_lead_s_own_clock(tmp_path):
    with opened(tmp_path, MIXED) as data_set:
        question = asked(data_set)
        assert {row[0]: row[1] for row in data_set.ask(measures.starts, question).counts} == {
            date(2024, 1, 29): 2,
            date(2024, 7, 1): 1,
            date(2024, 8, 26): 1,
        }
        assert data_set.first_start == datetime(2024, 1, 31, 23, 30)
        assert data_set.last_start == datetime(2024, 8, 31, 21)
        for day, leads in (
            (date(2024, 7, 1), ["a"]),
            (date(2024, 6, 30), []),
            (date(2024, 8, 31), ["d"]),
            (date(2024, 9, 1), []),
            (date(2024, 1, 31), ["b"]),
        ):
            found = asked(data_set, start_from=day, start_to=day)
            assert data_set.ask(measures.steps, found).leads == len(leads), day
            assert data_set.ask(measures.leads_at, found, 0)["lead_id"].tolist() == leads
            assert data_set.ask(measures.kpis, found).leads == len(leads)
        cohorts = data_set.ask(measures.cohorts, question, "month")
        assert {cohort.start: cohort.leads for cohort in cohorts.cohorts if cohort.leads} == {
            date(2024, 1, 1): 1,
            date(2024, 2, 1): 1,
            date(2024, 7, 1): 1,
            date(2024, 8, 1): 1,
        }
        listed = data_set.ask(measures.leads_at, question, 1).set_index("lead_id")
        assert listed.loc["d", "started_at"] == datetime(2024, 8, 31, 21)
        assert listed.loc["d", "reached_at"] == datetime(2024, 9, 1, 8)
        assert listed.loc["a", "reached_at"] == datetime(2024, 7, 1, 9)
        # 21:00−04:00 is 01:00 UTC: seven hours to 08:00 UTC.
        assert stays(data_set)["d", 0] == 7


def test_the_calendar_of_an_account_is_that_of_its_first_lead(tmp_path):
    rows = [(*row, "x" if row[0] in "ad" else "y") for row in MIXED]
    with opened(tmp_path, rows, "lead_id", "stage", "entered_at", "account_id") as data_set:
        for day, accounts in (
            (date(2024, 7, 1), 1),
            (date(2024, 6, 30), 0),
            (date(2024, 8, 31), 0),
            (date(2024, 1, 31), 1),
        ):
            assert (
                data_set.ask(measures.steps, asked(data_set, unit="account", start_from=day, start_to=day)).leads
                == accounts
            ), day


def test_a_day_observed_earlier_keeps_the_calendar(tmp_path):
    with opened(tmp_path, MIXED) as data_set:
        day, until = date(2024, 7, 1), datetime(2024, 7, 20)
        found = asked(data_set, start_from=day, start_to=day, observed_until=until)
        assert data_set.ask(measures.steps, found).leads == 1
        assert data_set.ask(measures.leads_at, found, 0)["started_at"].tolist() == [datetime(2024, 7, 1, 0, 30)]
        assert data_set.ask(measures.steps, asked(data_set, observed_until=until)).leads == 3


def test_the_last_day_observed_is_the_file_s(tmp_path):
    rows = [(f"w{day}", "New", f"2024-01-{day:02}T10:30:00+01:00", "") for day in range(1, 20)]
    rows += [
        ("a", "Won", "2024-07-01T09:30:00+02:00", "2024-07-03"),
        ("b", "New", "2024-07-02T09:30:00+02:00", ""),
        ("c", "New", "2024-07-02T10:30:00+02:00", "2024-11-30"),
        ("d", "Won", "2024-07-02T07:30:00+02:00", "2024-12-30"),
    ]
    header = ("Deal ID", "Deal Stage", "Create Date", "Close Date")
    with funnel.open(written(tmp_path, rows, header), as_of=datetime(2024, 7, 10)) as data_set:
        assert data_set.loaded.local_times
        assert data_set.observed_until == datetime(2024, 7, 3)


def test_a_close_date_that_is_a_day_is_not_before_the_making_on_it(tmp_path):
    rows = [
        ("a", "Won", "2024-07-05T00:30:00+02:00", "2024-07-05"),
        ("b", "Won", "2024-01-05T10:30:00+01:00", "2024-01-05"),
        ("c", "New", "2024-01-07T10:30:00+01:00", ""),
        ("d", "New", "2024-02-07T10:30:00+01:00", ""),
    ]
    with opened(tmp_path, rows, "Deal ID", "Deal Stage", "Create Date", "Close Date") as data_set:
        assert data_set.loaded.local_times
        apart = rows_of(
            data_set,
            "SELECT l.lead_id, l.closed_at - l.created_at FROM leads AS l WHERE l.closed_at IS NOT NULL ORDER BY 1",
        )
        assert apart == [("a", timedelta(0)), ("b", timedelta(0))]
        assert (
            data_set.ask(
                measures.steps, data_set.question("as-recorded", start_from=date(2024, 7, 5), start_to=date(2024, 7, 5))
            ).leads
            == 1
        )


def test_other_hints_keep_no_local_times_of_another_column(tmp_path):
    rows = [(*row, f"2024-05-0{place + 1} 10:00:00") for place, row in enumerate(MIXED)]
    with opened(tmp_path, rows, "lead_id", "stage", "entered_at", "typed_in") as data_set:
        assert data_set.loaded.local_times
        data_set.remap(funnel.MappingOverrides(time="typed_in", created="-", closed="-"))
        assert not data_set.loaded.local_times
        assert (
            data_set.ask(measures.steps, asked(data_set, start_from=date(2024, 5, 1), start_to=date(2024, 5, 1))).leads
            == 1
        )


def answers(data_set: DataSet) -> list[object]:
    question = asked(data_set)
    day = date(2024, 7, 1)
    return [
        stays(data_set),
        data_set.ask(measures.starts, question).counts,
        data_set.ask(measures.steps, question).stages,
        data_set.ask(measures.steps, asked(data_set, start_from=day, start_to=day)).leads,
        data_set.ask(measures.leads_at, question, 1).astype(str).to_dict("records"),
        [(cohort.start, cohort.leads) for cohort in data_set.ask(measures.cohorts, question, "month").cohorts],
    ]


@thorough
def test_projects_and_built_folders_keep_both(tmp_path):
    with opened(tmp_path, MIXED) as data_set:
        expected = answers(data_set)
        data_set.save(tmp_path / "work.funnel")
    with funnel.open(tmp_path / "work.funnel") as data_set:
        assert answers(data_set) == expected
    batch_build.build(str(tmp_path / "deals.csv"), tmp_path / "built", as_of=AS_OF)
    with funnel.open(tmp_path / "built", as_of=AS_OF) as data_set:
        assert answers(data_set) == expected
        assert (
            data_set.ask(
                measures.steps, data_set.question("as-recorded", start_from=date(2024, 7, 1), start_to=date(2024, 7, 1))
            ).leads
            == 1
        )
        data_set.save(tmp_path / "built.funnel")
    with funnel.open(tmp_path / "built.funnel", as_of=AS_OF) as data_set:
        assert answers(data_set) == expected


def test_a_list_shows_the_times_of_the_file(tmp_path):
    rows = []
    for lead in range(40):
        moment = datetime(2024, 5, 1, 7, tzinfo=UTC) + timedelta(days=lead)
        rows += [(f"m{lead}", "New", moment), (f"m{lead}", "Qualified", moment + timedelta(days=1))]
    rows.append(("stuck", "New", datetime(2024, 2, 1, 7, tzinfo=UTC)))
    texts = [(lead, stage, moment.astimezone(BERLIN).isoformat()) for lead, stage, moment in rows]
    texts.append(("late", "New", "2024-05-01T23:30:00-04:00"))
    with opened(tmp_path, texts) as data_set:
        found = data_set.ask(measures.follow_up, asked(data_set), limit=None).set_index("lead_id")
        assert found.loc["stuck", "entered_at"] == datetime(2024, 2, 1, 8)
        assert found.loc["late", "entered_at"] == datetime(2024, 5, 1, 23, 30)


def test_a_step_is_dated_by_the_leads_own_clock(tmp_path):
    # Of each month one lead is qualified in its middle, in Berlin. Two more are at one moment, the last evening of March there: in Tokyo,
    # where one of them is, the first of April has begun.
    rows = [
        row
        for month in (1, 2, 3, 4, 5)
        for row in (
            (f"m{month}", "New", f"2024-{month:02}-10T12:00:00+01:00"),
            (f"m{month}", "Qualified", f"2024-{month:02}-15T12:00:00+01:00"),
            (f"m{month}", "Won", f"2024-{month:02}-20T12:00:00+01:00"),
        )
    ]
    for lead, evening in (("berlin", "2024-03-31T22:00:00+01:00"), ("tokyo", "2024-04-01T06:00:00+09:00")):
        rows += [(lead, "New", "2024-03-12T12:00:00+01:00"), (lead, "Qualified", evening)]
    with opened(tmp_path, rows) as data_set:
        question = asked(data_set)
        found = data_set.ask(measures.effect, question, date(2024, 4, 1), 1, 5)
    months = [(each.first, each.after, each.rate.numerator, each.rate.denominator) for each in found.months]
    assert months == [
        (date(2024, 1, 1), False, 1, 1),
        (date(2024, 2, 1), False, 1, 1),
        (date(2024, 3, 1), False, 1, 2),
        (date(2024, 4, 1), True, 1, 2),
        (date(2024, 5, 1), True, 1, 1),
    ]
