"""Lines that join people and deals, and yes and no under names of stages: each was once read wrong without a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.core.sql import Query
from funnel.core.types import Note, Shape
from funnel.words import wording
from tests.mapped import AS_OF, Mapped, mapped, written

DEALS = {
    # deal: (stage, created, closed, amount, the people on it)
    "D1": ("Closed Won", "2024-01-05", "2024-03-01", 1000, "C1 C2 C3"),
    "D2": ("Closed Lost", "2024-02-05", "2024-04-01", 500, "C3"),
    "D3": ("Negotiation", "2024-02-07", "", 700, "C4 C5"),
    "D4": ("Qualified", "2024-03-07", "", 800, "C6"),
    "D5": ("Closed Won", "2024-03-08", "2024-05-01", 900, "C7"),
    "D6": ("Closed Lost", "2024-03-09", "2024-05-02", 300, "C7"),
    "D7": ("Qualified", "2024-04-07", "", 200, "C8 C9"),
    "D8": ("Closed Won", "2024-04-17", "2024-06-01", 100, "C1"),
}
"""Eight deals of nine people on twelve lines; three were won, for 2,000 together."""
LINES = sorted(
    (person, deal, stage, created, closed, amount)
    for deal, (stage, created, closed, amount, people) in DEALS.items()
    for person in people.split()
)
REPEATED = 4


def notes(found: Mapped) -> dict[str, Note]:
    """The notes by name; each can be said."""
    assert all(wording.say(note.key, **note.values) for note in found.loaded.warnings)
    return {note.key.removeprefix("mapping."): note for note in found.loaded.warnings}


def table(header: str, rows: Sequence[Sequence[object]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    "ids",
    [
        "Contact ID,Deal ID",
        "Lead ID,Opportunity ID",
        "Record ID,Associated Deal ID",
        "Record ID - Contact,Record ID - Deal",
        "Contact,Opportunity",
        "contact_id,deal",
        "ID контакта,ID сделки",
    ],
)
def test_a_deal_counts_once_whoever_stands_on_it(tmp_path: Path, ids: str) -> None:
    person, deal = ids.split(",")
    content = table(f"{ids},Deal Stage,Create Date,Close Date,Amount", LINES)
    with mapped(*written(tmp_path, joined=content)) as found:
        assert (found.mapping.shape, found.loaded.columns["lead"], found.loaded.leads) == (Shape.SNAPSHOT, deal, 8)
        assert {label.label: label.leads for label in found.loaded.labels} == {
            "Closed Won": 3,
            "Closed Lost": 2,
            "Qualified": 2,
            "Negotiation": 1,
        }
        assert found.loaded.entries == 8
        assert notes(found)["joined_lines"].values == {"n": REPEATED, "column": deal, "other": person}
        assert not {"repeated_leads", "lines_differ"} & notes(found).keys()
        assert found.loaded.doubts == ()


def test_the_amount_of_a_deal_counts_once(tmp_path: Path) -> None:
    [path] = written(tmp_path, joined=table("Contact ID,Deal ID,Stage,Created,Closed,Amount", LINES))
    with mapped(path) as found:
        won = "SELECT SUM(leads.amount) FROM leads WHERE leads.closed_at IS NOT NULL"
        assert found.engine.row(Query(won))[0] == 1000 + 500 + 900 + 300 + 100


def test_the_dates_of_the_deal_come_before_those_of_its_people(tmp_path: Path) -> None:
    """Each person was created on a day of their own, which is no time of the deal."""
    born = {f"C{number}": f"2023-0{number}-11" for number in range(1, 10)}
    rows = [(line[0], "Lead", born[line[0]], *line[1:]) for line in LINES]
    header = "Contact ID,Lifecycle Stage,Create Date,Deal ID,Deal Stage,Deal Create Date,Close Date,Amount"
    with mapped(*written(tmp_path, joined=table(header, rows))) as found:
        columns = found.loaded.columns
        assert (columns["lead"], columns["label"], columns["created"]) == ("Deal ID", "Deal Stage", "Deal Create Date")
        assert found.loaded.leads == 8


def test_what_differs_among_the_lines_of_a_deal_is_said(tmp_path: Path) -> None:
    """The amounts are those of the line: the dates still tell that each deal is one, and which amount counts is said."""
    rows = [(*line[:5], 10 * number) for number, line in enumerate(LINES, 1)]
    with mapped(*written(tmp_path, joined=table("Contact ID,Deal ID,Stage,Created,Closed,Amount", rows))) as found:
        assert found.loaded.leads == 8
        # D1, D3 and D7 have several lines.
        assert notes(found)["lines_differ"].values == {"n": 3}
        assert [note.key for note in found.loaded.doubts] == ["doubt.repeated"]


def test_the_lead_that_several_deals_came_of_is_one_where_the_lines_say_its_own_stage(tmp_path: Path) -> None:
    """Six leads with their status and day, twelve opportunities: nine in ten of what is said is of the lead."""
    stages = ("New", "Contacted", "Qualified", "Converted", "Unqualified", "New")
    rows = [
        (f"L{lead}", stages[lead], f"2024-0{lead + 1}-02", f"O{lead}{deal}", 100 + deal)
        for lead in range(6)
        for deal in range(2)
    ]
    with mapped(
        *written(tmp_path, leads=table("Lead ID,Lead Status,Created Date,Opportunity ID,Amount", rows))
    ) as found:
        assert (found.mapping.shape, found.loaded.columns["lead"], found.loaded.leads) == (Shape.SNAPSHOT, "Lead ID", 6)
        assert notes(found)["joined_lines"].values["other"] == "Opportunity ID"


def test_a_history_in_which_a_deal_comes_again_stays_one(tmp_path: Path) -> None:
    path = ("New", "Qualified", "Proposal", "Closed Won")
    rows = [
        (f"L{lead}", f"O{lead}" if step else "", path[step], f"2024-{step + 1:02}-{lead + 1:02}")
        for lead in range(12)
        for step in range(2 + lead % 3)
    ]
    with mapped(*written(tmp_path, moves=table("Lead ID,Opportunity ID,Stage,Date", rows))) as found:
        assert (found.mapping.shape, found.loaded.columns["lead"], found.loaded.leads) == (Shape.HISTORY, "Lead ID", 12)
        assert not {"joined_lines", "lines_differ"} & notes(found).keys()


FLAGS = (
    ("1", "2024-01-05", "Yes", "Yes", "Yes", "Yes"),
    ("2", "2024-01-06", "Yes", "Yes", "No", "No"),
    ("3", "2024-01-07", "Yes", "No", "No", "No"),
    ("4", "2024-01-08", "No", "No", "No", "No"),
    ("5", "2024-01-09", "Yes", "Yes", "Yes", "No"),
)
REACHED = {"Lead": 5, "MQL": 4, "SQL": 3, "Opportunity": 2, "Won": 1}


@pytest.mark.parametrize("signs", [("Yes", "No"), ("1", "0"), ("TRUE", "FALSE"), ("x", ""), ("✓", ""), ("да", "нет")])
def test_a_yes_under_the_name_of_a_stage_says_that_it_was_reached(tmp_path: Path, signs: tuple[str, str]) -> None:
    written_as = dict(zip(("Yes", "No"), signs, strict=True))
    rows = [tuple(written_as.get(cell, cell) for cell in row) for row in FLAGS]
    with mapped(*written(tmp_path, leads=table("Lead ID,Created,MQL,SQL,Opportunity,Won", rows))) as found:
        assert {label.label: label.leads for label in found.loaded.labels} == REACHED
        assert notes(found)["stage_flags"].values["stages"] == "MQL, SQL, Opportunity"


def test_stages_without_a_time_take_nothing_back(tmp_path: Path) -> None:
    """Of six leads two were won and one lost, on days that are known; the flags, which have no day, come before."""
    content = table(
        "Lead ID,Status,Created,Closed,MQL,SQL,Demo held",
        [
            ("1", "Closed Won", "2024-01-05", "2024-02-05", "Yes", "Yes", "Yes"),
            ("2", "Proposal", "2024-01-06", "", "Yes", "Yes", "Yes"),
            ("3", "Closed Lost", "2024-01-07", "2024-02-07", "Yes", "Yes", "No"),
            ("4", "New", "2024-01-08", "", "No", "No", "No"),
            ("5", "New", "2024-01-09", "", "Yes", "Yes", "No"),
            ("6", "Closed Won", "2024-01-10", "2024-02-15", "Yes", "No", "No"),
        ],
    )
    [path] = written(tmp_path, leads=content)
    with funnel.open(path, as_of=AS_OF) as data_set:
        steps = data_set.ask(measures.steps, data_set.question())
        assert (steps.won, steps.lost, steps.open) == (2, 1, 3)
        # SQL: leads 1, 2, 3, 5, and 6 which was won.
        reached = {stage.name: stage.leads for stage in steps.stages}
        assert (reached["SQL"], reached["Demo held"], reached["Closed Won"]) == (5, 3, 2)
        assert [stage.moved_back for stage in steps.stages] == [0] * len(steps.stages)


def test_a_date_of_a_later_stage_says_more_than_a_yes(tmp_path: Path) -> None:
    content = table(
        "id,created_at,qualified,demo,won_date",
        [
            ("1", "2024-01-01", "1", "1", "2024-02-01"),
            ("2", "2024-01-02", "1", "0", ""),
            ("3", "2024-01-03", "0", "0", ""),
            ("4", "2024-01-04", "1", "1", ""),
        ],
    )
    with mapped(*written(tmp_path, leads=content)) as found:
        assert {label.label: label.leads for label in found.loaded.labels} == {
            "Lead": 4,
            "Qualified": 2,
            "Demo": 1,
            "Won": 1,
        }


@pytest.mark.parametrize("header", ["Contact ID,Newsletter,Active,Opt out", "Contact ID,Demo,VIP,Opt out"])
def test_properties_of_people_are_no_stages(tmp_path: Path, header: str) -> None:
    rows = [(f"C{row}", *("Yes" if row % divisor else "No" for divisor in (2, 3, 4))) for row in range(12)]
    with pytest.raises(funnel.MappingError), mapped(*written(tmp_path, people=table(header, rows))):
        pass


def test_paid_with_a_yes_is_the_win_where_nothing_else_is(tmp_path: Path) -> None:
    rows = [("Ann", "x", "x", "x"), ("Bob", "x", "x", ""), ("Cid", "x", "", "")]
    with mapped(*written(tmp_path, leads=table("Name,Demo,Proposal,Paid", rows))) as found:
        assert {label.label: label.leads for label in found.loaded.labels} == {
            "Lead": 3,
            "Demo": 3,
            "Proposal": 2,
            "Paid": 1,
        }
        assert [label.label for label in found.loaded.labels if label.concept == "won"] == ["Paid"]


def test_people_and_deals_that_cross_in_lines_of_their_own_are_asked_about(tmp_path: Path) -> None:
    """Each line of a person and a deal has a stage and a day of its own: neither is of the other."""
    stages = ("New", "Proposal", "Closed Won", "Closed Lost")
    rows = [
        (
            f"C{(deal + person) % 10}",
            f"D{deal}",
            stages[(deal * 3 + person * 5) % 4],
            f"2024-{(deal * 7 + person) % 12 + 1:02}-11",
        )
        for deal in range(10)
        for person in range(3)
    ]
    with mapped(*written(tmp_path, joined=table("Contact ID,Deal ID,Stage,Created", rows))) as found:
        assert (found.mapping.shape, found.loaded.columns["lead"]) == (Shape.HISTORY, "Deal ID")
        [crossing] = [note for note in found.loaded.doubts if note.key == "doubt.crossing_ids"]
        assert crossing.values == {"column": "Deal ID", "other": "Contact ID", "leads": 10}
        assert wording.say(crossing.key, **crossing.values)
