"""The values of a lead at its start: what groups and bands look at, in projects and built folders too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import funnel
from funnel import AsOf, Between, OneOf, Question, QuestionError, measures
from funnel.cli.command import main
from funnel.scale import batch_build
from tests.mapping.fines import AS_OF, EVERY, SUMS, channel, fine, fines, is_paid, is_raised
from tests.thorough import thorough


def by_bank() -> int:
    return sum(is_paid(number) and channel(number) == "Bank" for number in EVERY)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("fines") / "fines.csv"
    found.write_text(fines(), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def leads(path: Path) -> Iterator[funnel.DataSet]:
    with funnel.open(path, as_of=AS_OF) as data_set:
        yield data_set


def test_groups_look_at_the_value_at_the_start(leads: funnel.DataSet) -> None:
    assert leads.loaded.at_start == {"office": "office (at the start)", "amount": "amount (at the start)"}
    then = {value: steps.leads for value, steps in leads.ask(measures.breakdown, "as-recorded", "amount").groups}
    assert then == {str(float(value)): sum(fine(number) == value for number in EVERY) for value in SUMS}
    raised = [fine(number) * (1.5 if is_raised(number) else 1) for number in EVERY]
    now = leads.ask(measures.breakdown, leads.question(attributes="latest"), "amount").groups
    assert {value: steps.leads for value, steps in now} == {
        str(value): raised.count(value) for value in map(float, raised)
    }
    # A raised fine is never paid: its later amount would know that.
    paid = leads.ask(measures.breakdown, leads.question(), "office")
    assert {value: steps.won for value, steps in paid.groups} == {
        "North": sum(is_paid(number) and number % 4 > 0 for number in EVERY),
        "South": sum(is_paid(number) and number % 4 == 0 for number in EVERY),
    }
    assert leads.ask(measures.steps, leads.question(where={"office": "Cash desk"})).leads == 0
    assert leads.ask(measures.steps, leads.question(where={"office": "Cash desk"}, attributes="latest")).leads == sum(
        map(is_paid, EVERY)
    )


def test_bands_are_cut_from_the_values_at_the_start(tmp_path: Path) -> None:
    lines = ["case,step,moment,amount"]
    for number in range(400):
        lines.append(f"K{number},Made,2024-01-01 0{number % 10}:00,{100 + number}")
        if number % 2:
            lines.append(f"K{number},Raised,2024-03-01 08:00,{1000 + number}")
        else:
            lines.append(f"K{number},Closed won,2024-03-01 08:00,")
    (tmp_path / "bands.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "bands.csv", as_of=AS_OF) as data_set:
        at_start = data_set.ask(measures.segments, "as-recorded", "amount", so_far=True).segments
        assert [(each.leads, each.overall.rate.numerator) for each in at_start] == [(100, 50)] * 4
        latest = data_set.ask(measures.segments, data_set.question(attributes="latest"), "amount", so_far=True).segments
        assert [(each.leads, each.overall.rate.numerator) for each in latest] == [
            (100, 100),
            (100, 100),
            (100, 0),
            (100, 0),
        ]
        bands = [each.segment.where[0] for each in at_start]
        assert [isinstance(band, Between) and (band.low, band.high) for band in bands] == [
            (100, 199),
            (200, 299),
            (300, 399),
            (400, 499),
        ]


@thorough
def test_what_the_start_does_not_say_is_not_taken_from_later(
    leads: funnel.DataSet, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leads.columns.unknown_at_start == ("channel",)
    for ask in (
        lambda: leads.question(where={"channel": "Bank"}),
        lambda: leads.ask(measures.breakdown, "as-recorded", "channel"),
        lambda: leads.ask(measures.segments, "as-recorded", "channel"),
        lambda: leads.ask(
            measures.steps, replace(leads.question(), filters=funnel.Filters(where=(OneOf("channel", ("Bank",)),)))
        ),
        lambda: leads.ask(measures.times_by, leads.question(), "channel"),
    ):
        with pytest.raises(QuestionError, match="channel"):
            ask()
    assert leads.ask(measures.steps, leads.question(where={"channel": "Bank"}, attributes="latest")).leads == by_bank()
    found = leads.ask(measures.scan, leads.question(attributes="latest"))
    assert "channel" not in found.looked_at
    assert found.unknown_at_start == ("channel",)
    assert found.question.attributes is AsOf.START
    assert main(["scan", str(path), "--attributes", "latest", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unknown_at_start"] == ["channel"]
    assert told["attributes"] == "start"
    assert len(told["notes"]) == 1
    assert main(["inspect", str(path)]) == 0
    assert "channel" in capsys.readouterr().out


def test_an_empty_start_stays_empty(tmp_path: Path) -> None:
    lines = ["case,step,moment,owner"]
    for number in range(60):
        # Half have an owner from the start; the first moment of the third line's leads is told by two lines.
        lines.append(f"L{number},New,2024-01-02 08:00,{'Ann' if number < 30 else ''}")
        if number % 3 == 0:
            lines.append(f"L{number},Seen,2024-01-02 08:00,Bob")
        lines.append(f"L{number},Closed won,2024-02-01 08:00,Zoe")
    (tmp_path / "owners.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "owners.csv", as_of=AS_OF) as data_set:
        counts = {
            value: steps.leads for value, steps in data_set.ask(measures.breakdown, "as-recorded", "owner").groups
        }
        assert counts == {"Ann": 30, "Bob": 10, None: 20}
        latest = data_set.ask(measures.breakdown, data_set.question(attributes="latest"), "owner").groups
        assert [(value, steps.leads) for value, steps in latest] == [("Zoe", 60)]
        assert data_set.columns.values("owner") == [("Ann", 30), (None, 20), ("Bob", 10)]
        assert data_set.columns.values("owner", attributes=AsOf.LATEST) == [("Zoe", 60)]


def test_sums_of_amounts_take_the_latest(leads: funnel.DataSet) -> None:
    open_now = [number for number in EVERY if not is_paid(number)]
    right = sum(fine(number) * (1.5 if is_raised(number) else 1) for number in open_now)
    for attributes in AsOf:
        ((_, value, count),) = leads.ask(measures.kpis, leads.question(attributes=attributes)).open_value
        assert (value, count) == (pytest.approx(right), len(open_now))
    sums = leads.ask(measures.cohort_amounts, leads.question(), "year").sums
    everyone = sum(fine(number) * (1.5 if is_raised(number) else 1) for number in EVERY)
    assert sums[0][3][0] == pytest.approx(everyone)


def test_a_table_exported_again_and_again_starts_with_its_first_export(tmp_path: Path) -> None:
    lines = ["exported;id;stage;worth;region"]
    for week in range(4):
        for number in range(40):
            stage = "New" if week < 2 else "Offer" if number % 2 else "Closed won"
            lines.append(f"2024-02-{1 + 7 * week:02d};{number};{stage};{100 + week};{'East' if week < 3 else 'West'}")
    (tmp_path / "weeks.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "weeks.csv", as_of=AS_OF) as data_set:
        assert data_set.mapping.primary.series
        assert data_set.columns.values("region") == [("East", 40)]
        # The region changed while the label did not.
        assert data_set.columns.values("region", attributes=AsOf.LATEST) == [("West", 40)]


def test_what_is_joined_by_a_changed_key_is_that_of_then(tmp_path: Path) -> None:
    log = ["case,step,moment,owner"]
    for number in range(60):
        log.append(f"L{number},New,2024-01-02 08:00,{'ann' if number % 2 else 'bob'}")
        log.append(f"L{number},Closed won,2024-02-01 08:00,cleo")
    people = ["owner,team,city", "ann,Blue,Rome", "bob,Red,Oslo", "cleo,Gold,Bonn"]
    (tmp_path / "log.csv").write_text("\n".join(log), encoding="utf-8")
    (tmp_path / "people.csv").write_text("\n".join(people), encoding="utf-8")
    with funnel.open(tmp_path / "log.csv", tmp_path / "people.csv", as_of=AS_OF) as data_set:
        assert sorted(data_set.columns.values("team")) == [("Blue", 30), ("Red", 30)]
        assert data_set.columns.values("team", attributes=AsOf.LATEST) == [("Gold", 60)]


def test_numbers_at_the_start_that_are_none_make_the_column_text(tmp_path: Path) -> None:
    lines = ["case,step,moment,score"]
    for number in range(40):
        lines.append(f"L{number},New,2024-01-02 08:00,{'weak' if number % 2 else number}")
        lines.append(f"L{number},Closed won,2024-02-01 08:00,{number}")
    (tmp_path / "scores.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "scores.csv", as_of=AS_OF) as data_set:
        assert data_set.ask(measures.steps, data_set.question(where={"score": "weak"})).leads == 20
        assert data_set.ask(measures.steps, data_set.question(where={"score": 4})).leads == 1


def test_a_project_takes_both_values_along(leads: funnel.DataSet, tmp_path: Path) -> None:
    leads.save(tmp_path / "work.funnel")
    with funnel.open(tmp_path / "work.funnel") as opened:
        assert opened.loaded.at_start == leads.loaded.at_start
        assert opened.columns.unknown_at_start == leads.columns.unknown_at_start
        question: Question = opened.question(where={"amount": 240.5})
        assert opened.ask(measures.steps, question).leads == sum(fine(number) == 240.5 for number in EVERY)


def test_a_built_folder_has_both_values(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "built"
    batch_build.build(str(path), to, models=["as-recorded"], as_of=AS_OF)
    right = sum(fine(number) == 31750 for number in EVERY)
    with funnel.open(to, as_of=AS_OF) as data_set:
        assert data_set.columns.unknown_at_start == ("channel",)
        assert data_set.ask(measures.steps, data_set.question(where={"amount": "31 750"})).leads == right
        raised = sum(fine(number) == 31750 and is_raised(number) for number in EVERY)
        assert (
            data_set.ask(measures.steps, data_set.question(where={"amount": 31750}, attributes="latest")).leads
            == right - raised
        )
        assert (
            data_set.ask(measures.steps, data_set.question(where={"channel": "Bank"}, attributes="latest")).leads
            == by_bank()
        )
