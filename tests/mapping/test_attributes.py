"""Filters in a column's own terms, and the values of a lead at its start: right values are counted here, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

import funnel
from funnel import AsOf, Between, OneOf, Question, QuestionError
from funnel.cli.command import main
from funnel.conditions import moment, numbers
from funnel.core.types import Segment
from funnel.scale import batch_build

AS_OF = datetime(2025, 1, 1)
LEADS = 240
SUMS = (90, 240.5, 31750)
"""The fine of each lead when it is made; every third is raised by half later."""


def fine(number: int) -> float:
    return SUMS[number % 3 if number % 7 else 0]


def is_raised(number: int) -> bool:
    return number % 3 == 0


def is_paid(number: int) -> bool:
    return not is_raised(number) and number % 2 == 0


def channel(number: int) -> str:
    return "Bank" if number % 8 else "Card"


def by_bank() -> int:
    return sum(is_paid(number) and channel(number) == "Bank" for number in EVERY)


def due(number: int) -> date:
    return date(2024, 6, 1 + number % 28)


def fines() -> str:
    """A log whose amount grows when a fine is raised, and whose channel stands only on the last line of what is paid."""
    lines = ["case;step;moment;amount;office;pay by;channel;urgent"]
    for number in range(LEADS):
        day = f"2024-0{1 + number % 3}-{1 + number % 27:02d}"
        office = "North" if number % 4 else "South"
        told = f"{due(number):%d.%m.%Y};;{'yes' if number % 5 == 0 else 'no'}"
        lines.append(f"C{number};Fine made;{day} 08:00;{fine(number)};{office};{told}")
        if is_raised(number):
            lines.append(
                f"C{number};Fine raised;2024-05-{1 + number % 27:02d} 09:00;{fine(number) * 1.5};{office};{told}"
            )
        if is_paid(number):
            lines.append(f"C{number};Closed won;2024-06-{1 + number % 27:02d} 09:00;;Cash desk;;{channel(number)};")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("fines") / "fines.csv"
    found.write_text(fines(), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def leads(path: Path) -> Iterator[funnel.DataSet]:
    with funnel.open(path, as_of=AS_OF) as data_set:
        yield data_set


EVERY = range(LEADS)


@pytest.mark.parametrize("wanted", [31750, 31750.0, "31750", "31 750", "31750.0", "31.750,00", "31,750.00", "31,750"])
def test_a_number_is_met_however_it_is_written(leads: funnel.DataSet, wanted: object) -> None:
    right = sum(fine(number) == 31750 for number in EVERY)
    assert right > 20
    assert leads.steps(where={"amount": wanted}).leads == right


def test_numbers_in_a_list_and_a_range(leads: funnel.DataSet) -> None:
    assert leads.steps(where={"amount": [90, "240.5"]}).leads == sum(fine(number) < 300 for number in EVERY)
    assert leads.steps(where={"amount": (100, None)}).leads == sum(fine(number) >= 100 for number in EVERY)
    assert leads.steps(where={"amount": ("100", "300")}).leads == sum(100 <= fine(number) <= 300 for number in EVERY)


def test_a_question_written_by_hand_is_settled_too(leads: funnel.DataSet) -> None:
    question = replace(leads.question(), filters=funnel.Filters(where=(OneOf("amount", ("31 750",)),)))
    right = sum(fine(number) == 31750 for number in EVERY)
    assert leads.steps(question).leads == right
    assert leads.starts(question).undated == 0
    assert leads.leads_at(question, 0).attrs["total"] == right
    two = [Segment((OneOf("amount", ("90",)),)), {"amount": 240.5}]
    found = leads.segments("as-recorded", two)
    assert [each.leads for each in found.segments] == [
        sum(fine(number) == 90 for number in EVERY),
        sum(fine(number) == 240.5 for number in EVERY),
    ]


@pytest.mark.parametrize("wanted", [date(2024, 6, 9), datetime(2024, 6, 9), "2024-06-09", "09.06.2024"])
def test_a_date_is_met_in_the_form_of_the_file(leads: funnel.DataSet, wanted: object) -> None:
    # The last line of what is paid has no day; the last one that is not empty counts.
    right = sum(due(number) == date(2024, 6, 9) for number in EVERY)
    assert right > 5
    assert leads.steps(where={"pay by": wanted}).leads == right


@pytest.mark.parametrize("pair", [(date(2024, 6, 3), date(2024, 6, 9)), ("2024-06-03", "2024-06-09")])
def test_a_range_of_dates_includes_both_ends(leads: funnel.DataSet, pair: object) -> None:
    right = sum(date(2024, 6, 3) <= due(number) <= date(2024, 6, 9) for number in EVERY)
    assert leads.steps(where={"pay by": pair}).leads == right


def test_a_yes_is_what_the_file_says(leads: funnel.DataSet) -> None:
    assert leads.steps(where={"urgent": True}).leads == sum(number % 5 == 0 for number in EVERY)
    assert leads.steps(where={"urgent": False}).leads == sum(number % 5 > 0 for number in EVERY)


def test_moments_of_the_house_are_met_by_the_day(tmp_path: Path) -> None:
    lines = ["id,stage,created,value"]
    lines += [f"{n},{'New' if n % 2 else 'Won'},2024-03-0{1 + n % 5} 1{n % 5}:30:00,{n}" for n in range(50)]
    (tmp_path / "now.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "now.csv", as_of=AS_OF) as data_set:
        for wanted in (date(2024, 3, 2), "2024-03-02", (date(2024, 3, 2), date(2024, 3, 2))):
            assert data_set.steps(where={"created_at": wanted}).leads == 10
        assert data_set.steps(where={"created_at": datetime(2024, 3, 2, 11, 30)}).leads == 10
        assert data_set.steps(where={"created_at": datetime(2024, 3, 2, 11)}).leads == 0
        # One line a lead: there is one value, and nothing is kept twice.
        assert data_set.loaded.at_start == {}
        assert data_set.unknown_at_start == ()


@pytest.mark.parametrize(("column", "wanted"), [("amount", "dear"), ("amount", "1.2.3"), ("created_at", "soon")])
def test_what_a_column_cannot_hold_is_refused_with_a_sentence(leads: funnel.DataSet, column: str, wanted: str) -> None:
    with pytest.raises(QuestionError, match=wanted.replace(".", r"\.")):
        leads.question(where={column: wanted})


def test_a_value_that_no_lead_has_is_said(
    leads: funnel.DataSet, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leads.unmet(leads.question(where={"amount": 31750, "office": ["North", "South"]})) == ()
    (note,) = leads.unmet(leads.question(where={"office": ["North", "Nord"]}))
    assert note.values == {"column": "office", "values": ["Nord"], "there": ["North", "South"]}
    assert [each.key for each in leads.unmet(leads.question(where={"amount": (5, 6)}))] == ["measures.unmet_range"]
    assert [each.key for each in leads.unmet(leads.question(where={"office": None}))] == ["measures.unmet_empty"]
    assert main(["steps", str(path), "--where", "amount=31 751", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["leads"] == 0
    assert "31751" in told["notes"][0]
    assert told["attributes"] == "start"
    assert main(["steps", str(path), "--where", "office=Nord"]) == 0
    assert "North" in capsys.readouterr().out
    assert main(["segments", str(path), "--a", "office=Nord", "--b", "office=South", "--json"]) == 0
    assert "Nord" in json.loads(capsys.readouterr().out)["notes"][0]


def test_every_group_finds_its_own_leads_again(leads: funnel.DataSet) -> None:
    for attributes in AsOf:
        question = leads.question(attributes=attributes)
        groups = leads.breakdown(question, "amount").groups
        assert sum(steps.leads for _, steps in groups) == LEADS
        for _, steps in groups:
            assert leads.steps(steps.question).leads == steps.leads
            where = steps.question.filters.where
            assert all(isinstance(each, OneOf) for each in where)
        for _, times in leads.times_by(question, "amount").groups:
            assert leads.times(times.question).leads == times.leads
        for segment, steps in leads.segment_steps(question, "amount"):
            narrow = replace(question, filters=funnel.Filters(where=segment.where))
            assert leads.steps(narrow).leads == steps.leads


def test_groups_look_at_the_value_at_the_start(leads: funnel.DataSet) -> None:
    assert leads.loaded.at_start == {"office": "office (at the start)", "amount": "amount (at the start)"}
    then = {value: steps.leads for value, steps in leads.breakdown("as-recorded", "amount").groups}
    assert then == {str(float(value)): sum(fine(number) == value for number in EVERY) for value in SUMS}
    raised = [fine(number) * (1.5 if is_raised(number) else 1) for number in EVERY]
    now = leads.breakdown(leads.question(attributes="latest"), "amount").groups
    assert {value: steps.leads for value, steps in now} == {
        str(value): raised.count(value) for value in map(float, raised)
    }
    # A raised fine is never paid: its later amount would know that.
    paid = leads.breakdown(leads.question(), "office")
    assert {value: steps.won for value, steps in paid.groups} == {
        "North": sum(is_paid(number) and number % 4 > 0 for number in EVERY),
        "South": sum(is_paid(number) and number % 4 == 0 for number in EVERY),
    }
    assert leads.steps(where={"office": "Cash desk"}).leads == 0
    assert leads.steps(where={"office": "Cash desk"}, attributes="latest").leads == sum(map(is_paid, EVERY))


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
        at_start = data_set.segments("as-recorded", "amount", so_far=True).segments
        assert [(each.leads, each.overall.rate.numerator) for each in at_start] == [(100, 50)] * 4
        latest = data_set.segments(data_set.question(attributes="latest"), "amount", so_far=True).segments
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


def test_what_the_start_does_not_say_is_not_taken_from_later(
    leads: funnel.DataSet, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leads.unknown_at_start == ("channel",)
    for ask in (
        lambda: leads.question(where={"channel": "Bank"}),
        lambda: leads.breakdown("as-recorded", "channel"),
        lambda: leads.segments("as-recorded", "channel"),
        lambda: leads.steps(replace(leads.question(), filters=funnel.Filters(where=(OneOf("channel", ("Bank",)),)))),
        lambda: leads.times_by(leads.question(), "channel"),
    ):
        with pytest.raises(QuestionError, match="channel"):
            ask()
    assert leads.steps(where={"channel": "Bank"}, attributes="latest").leads == by_bank()
    found = leads.scan(leads.question(attributes="latest"))
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
        counts = {value: steps.leads for value, steps in data_set.breakdown("as-recorded", "owner").groups}
        assert counts == {"Ann": 30, "Bob": 10, None: 20}
        latest = data_set.breakdown(data_set.question(attributes="latest"), "owner").groups
        assert [(value, steps.leads) for value, steps in latest] == [("Zoe", 60)]
        assert data_set.attribute_values("owner") == [("Ann", 30), (None, 20), ("Bob", 10)]
        assert data_set.attribute_values("owner", attributes=AsOf.LATEST) == [("Zoe", 60)]


def test_sums_of_amounts_take_the_latest(leads: funnel.DataSet) -> None:
    open_now = [number for number in EVERY if not is_paid(number)]
    right = sum(fine(number) * (1.5 if is_raised(number) else 1) for number in open_now)
    for attributes in AsOf:
        ((_, value, count),) = leads.kpis(leads.question(attributes=attributes)).open_value
        assert (value, count) == (pytest.approx(right), len(open_now))
    rows = leads.cohort_amounts(leads.question(), "year").rows
    everyone = sum(fine(number) * (1.5 if is_raised(number) else 1) for number in EVERY)
    assert rows[0][3][0] == pytest.approx(everyone)


def test_a_table_exported_again_and_again_starts_with_its_first_export(tmp_path: Path) -> None:
    lines = ["exported;id;stage;worth;region"]
    for week in range(4):
        for number in range(40):
            stage = "New" if week < 2 else "Offer" if number % 2 else "Closed won"
            lines.append(f"2024-02-{1 + 7 * week:02d};{number};{stage};{100 + week};{'East' if week < 3 else 'West'}")
    (tmp_path / "weeks.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "weeks.csv", as_of=AS_OF) as data_set:
        assert data_set.mapping.primary.series
        assert data_set.attribute_values("region") == [("East", 40)]
        # The region changed while the label did not.
        assert data_set.attribute_values("region", attributes=AsOf.LATEST) == [("West", 40)]


def test_what_is_joined_by_a_changed_key_is_that_of_then(tmp_path: Path) -> None:
    log = ["case,step,moment,owner"]
    for number in range(60):
        log.append(f"L{number},New,2024-01-02 08:00,{'ann' if number % 2 else 'bob'}")
        log.append(f"L{number},Closed won,2024-02-01 08:00,cleo")
    people = ["owner,team,city", "ann,Blue,Rome", "bob,Red,Oslo", "cleo,Gold,Bonn"]
    (tmp_path / "log.csv").write_text("\n".join(log), encoding="utf-8")
    (tmp_path / "people.csv").write_text("\n".join(people), encoding="utf-8")
    with funnel.open(tmp_path / "log.csv", tmp_path / "people.csv", as_of=AS_OF) as data_set:
        assert sorted(data_set.attribute_values("team")) == [("Blue", 30), ("Red", 30)]
        assert data_set.attribute_values("team", attributes=AsOf.LATEST) == [("Gold", 60)]


def test_numbers_at_the_start_that_are_none_make_the_column_text(tmp_path: Path) -> None:
    lines = ["case,step,moment,score"]
    for number in range(40):
        lines.append(f"L{number},New,2024-01-02 08:00,{'weak' if number % 2 else number}")
        lines.append(f"L{number},Closed won,2024-02-01 08:00,{number}")
    (tmp_path / "scores.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "scores.csv", as_of=AS_OF) as data_set:
        assert data_set.steps(where={"score": "weak"}).leads == 20
        assert data_set.steps(where={"score": 4}).leads == 1


def test_a_project_takes_both_values_along(leads: funnel.DataSet, tmp_path: Path) -> None:
    leads.save(tmp_path / "work.funnel")
    with funnel.open(tmp_path / "work.funnel") as opened:
        assert opened.loaded.at_start == leads.loaded.at_start
        assert opened.unknown_at_start == leads.unknown_at_start
        question: Question = opened.question(where={"amount": 240.5})
        assert opened.steps(question).leads == sum(fine(number) == 240.5 for number in EVERY)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("7", [7]),
        ("-1,5", [-1.5]),
        ("1,234", [1.234, 1234]),
        ("1.234.567", [1234567]),
        ("1 000.5", [1000.5]),
        ("1e3", [1000]),
        ("x", []),
        ("", []),
        ("--", []),
    ],
)
def test_numbers_that_a_text_can_mean(text: str, right: list[float]) -> None:
    assert numbers(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-30", None),
        ("2024-02-01T10:00", datetime(2024, 2, 1, 10)),
        ("24-02-01", None),
    ],
)
def test_moments_that_a_text_can_mean(text: str, right: date | None) -> None:
    assert moment(text) == right


def test_a_built_folder_has_both_values(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "built"
    batch_build.build(str(path), to, models=["as-recorded"], as_of=AS_OF)
    right = sum(fine(number) == 31750 for number in EVERY)
    with funnel.open(to, as_of=AS_OF) as data_set:
        assert data_set.unknown_at_start == ("channel",)
        assert data_set.steps(where={"amount": "31 750"}).leads == right
        raised = sum(fine(number) == 31750 and is_raised(number) for number in EVERY)
        assert data_set.steps(where={"amount": 31750}, attributes="latest").leads == right - raised
        assert data_set.steps(where={"channel": "Bank"}, attributes="latest").leads == by_bank()
