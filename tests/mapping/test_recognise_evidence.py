"""Each judgement of a hypothesis alone, on a table of a few lines made for it: what it says for, what against, and when nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from funnel.core.types import Shape
from funnel.mapping import MappingOverrides
from funnel.mapping.recognise import evidence
from funnel.mapping.recognise.evidence import EVIDENCE, Found
from funnel.words import wording
from tests.mapping.judged import LIST, LOG, ORDERLY, TO_AND_FRO, Cases, lines, listed, log, speaks


def test_header_of_ids(case: Cases) -> None:
    ours = speaks(evidence.header_of_ids(case(listed(), LIST)))
    theirs = speaks(evidence.header_of_ids(case(listed("customer_id,stage,created_at"), LIST)))
    assert ours > 0.8 > 0.5 > theirs
    assert evidence.header_of_ids(case(listed(), MappingOverrides(lead="-"))) is None


def test_each_line(case: Cases) -> None:
    found = evidence.each_line(case(listed(), MappingOverrides(lead="-")))
    assert speaks(found) < 0
    assert found is not None
    assert found.said == {"lines": 12}
    assert evidence.each_line(case(listed(), LIST)) is None


def test_filled_ids(case: Cases) -> None:
    assert evidence.filled_ids(case(listed(), LIST)) is None
    third = evidence.filled_ids(
        case(listed(ids=lambda row: f"K{row}" if row % 3 else ""), MappingOverrides(lead="deal_id"))
    )
    half = evidence.filled_ids(
        case(listed(ids=lambda row: f"K{row}" if row % 2 else "-"), MappingOverrides(lead="deal_id"))
    )
    assert third is not None
    assert half is not None
    assert third.said == {"column": "deal_id", "lines": 4}
    assert half.said == {"column": "deal_id", "lines": 6}
    assert speaks(half) < speaks(third) < 0


@pytest.mark.parametrize("nothing", ["000000000000000AAA", "0", "-", "N/A", "null", "Unassigned", "  "])
def test_what_stands_where_an_id_is_missing_is_none(case: Cases, nothing: str) -> None:
    found = evidence.filled_ids(
        case(listed(ids=lambda row: f"K{row}" if row % 4 else nothing), MappingOverrides(lead="deal_id"))
    )
    assert found is not None
    assert found.said["lines"] == 3


def test_unique_ids(case: Cases) -> None:
    assert speaks(evidence.unique_ids(case(listed(), LIST))) > 0.8
    by_hand = MappingOverrides(shape=Shape.SNAPSHOT, lead="company_id")
    assert speaks(evidence.unique_ids(case(listed("company_id,stage,created_at"), by_hand))) == 0.2
    repeating = evidence.unique_ids(case(listed(ids=lambda row: f"K{row // 3}"), LIST))
    assert speaks(repeating) == -1
    assert repeating is not None
    # 4 ids on 12 lines.
    assert repeating.said == {"column": "deal_id", "lines": 8}
    # One line pasted twice among forty is no reason against a list.
    pasted = listed(ids=lambda row: f"K{min(row, 38)}", rows=40)
    assert speaks(evidence.unique_ids(case(pasted, LIST))) > 0.8
    assert evidence.unique_ids(case(log("deal_id,stage,changed_at", ORDERLY), LOG)) is None


def test_ends_of_lines(case: Cases) -> None:
    rows = [(f"o{n}", f"K{n // 2}", ("Won,{0},", "Lost,,{0}")[n % 2].format(f"2024-05-0{n + 1}")) for n in range(8)]
    own = lines("id,lead_id,stage,date_won,date_lost,created_at", [(*row, "2024-03-01") for row in rows])
    found = evidence.ends_of_lines(case(own, MappingOverrides(shape=Shape.HISTORY, lead="lead_id", time="created_at")))
    assert found == Found(-1, {"column": "lead_id", "columns": "date_won, date_lost"})
    assert evidence.ends_of_lines(case(own, LIST)) is None


def test_standing_on_one(case: Cases) -> None:
    # Four deals of two people each; a person stands on two deals.
    rows = [(f"C{(n + 1) // 2 % 4}", f"K{n // 2}", ("Won", "New")[n // 6], f"2024-03-0{n // 2 + 1}") for n in range(8)]
    joined = lines("contact_id,deal_id,stage,created_at", rows)
    assert speaks(evidence.standing_on_one(case(joined, LIST))) > 0.8
    theirs = MappingOverrides(shape=Shape.SNAPSHOT, lead="contact_id")
    assert evidence.standing_on_one(case(joined, theirs)) == Found(-1, {"column": "deal_id", "other": "contact_id"})
    assert evidence.standing_on_one(case(log("deal_id,stage,changed_at", ORDERLY), LOG)) is None


def test_coming_again(case: Cases) -> None:
    found = evidence.coming_again(case(log("deal_id,stage,changed_at", ORDERLY), LOG))
    assert found == Found(1, {"column": "deal_id", "leads": 12, "lines": 36})
    assert 0 < speaks(evidence.coming_again(case(log("customer_id,stage,changed_at", ORDERLY), LOG))) < 0.5
    assert speaks(evidence.coming_again(case(listed(), MappingOverrides(shape=Shape.HISTORY, lead="deal_id")))) == -1
    assert evidence.coming_again(case(listed(), LIST)) is None


def test_orderly_moves(case: Cases) -> None:
    found = evidence.orderly_moves(case(log("deal_id,stage,changed_at", ORDERLY), LOG))
    assert found == Found(1, {"share": 1, "moves": 24, "leads": 12})
    theirs = MappingOverrides(shape=Shape.HISTORY, lead="company_id")
    fro = evidence.orderly_moves(case(log("company_id,stage,changed_at", TO_AND_FRO), theirs))
    assert speaks(fro) == -1
    assert fro is not None
    assert fro.said == {"share": 0, "moves": 24, "leads": 24}
    # A lead's own id may go to and fro.
    own = speaks(evidence.orderly_moves(case(log("deal_id,stage,changed_at", TO_AND_FRO), LOG)))
    assert -1 < own < 0
    never = evidence.orderly_moves(case(log("company_id,stage,changed_at", [("New", "New")] * 12), theirs))
    assert speaks(never) == -1
    few = evidence.orderly_moves(case(log("deal_id,stage,changed_at", ORDERLY[:3]), LOG))
    assert 0 < speaks(few) < 0.5
    assert evidence.orderly_moves(case(listed(), LIST)) is None


def test_orderly_moves_are_those_whose_reverse_is_rarer(case: Cases) -> None:
    # A to B 9 times and back 3 times, all beginning at A: 9 of 12 moves go the commoner way, too few for a history.
    paths = [("aa", "bb")] * 6 + [("aa", "bb", "aa")] * 3
    found = evidence.orderly_moves(case(log("deal_id,stage,changed_at", paths), LOG))
    assert found is not None
    assert (found.said["share"], found.said["moves"]) == (0.75, 12)
    assert found.value < 0
    # Once more forward, with one back less: 10 of 12.
    paths = [("aa", "bb")] * 8 + [("aa", "bb", "aa")] * 2
    found = evidence.orderly_moves(case(log("deal_id,stage,changed_at", paths), LOG))
    assert found is not None
    assert (found.said["share"], found.value) == (0.83, 1)


def test_few_names_that_come_again_may_do_so_by_chance(case: Cases) -> None:
    asked = MappingOverrides(shape=Shape.HISTORY, lead="deal_name", label="stage")
    all_of_them = case(log("deal_name,stage,changed_at", [("New", "Qualified")] * 4), asked)
    assert speaks(evidence.orderly_moves(all_of_them)) > 0
    few_of_them = case(log("deal_name,stage,changed_at", [("New", "Qualified")] * 4 + [("New",)] * 20), asked)
    assert speaks(evidence.orderly_moves(few_of_them)) < -0.5


def test_moves_of_one_moment_are_no_moves(case: Cases) -> None:
    rows = [(f"K{lead}", label, "2024-03-01") for lead in range(12) for label in ("New", "Won")]
    found = case(lines("deal_id,stage,changed_at", rows), LOG)
    assert found.walk is not None
    assert (found.walk.moves, found.walk.leads) == (0, 12)


def test_lines_of_events(case: Cases) -> None:
    rows = [
        (f"E{2 * lead + day}", f"K{lead:02}", label, f"2024-03-{day + 1:02}")
        for lead in range(12)
        for day, label in enumerate(("New", "Won"))
    ]
    text = lines("event_id,deal_id,stage,changed_at", rows)
    assert speaks(evidence.lines_of_events(case(text, MappingOverrides(shape=Shape.HISTORY, lead="deal_id")))) == 1
    assert speaks(evidence.lines_of_events(case(text, LIST))) == -1
    assert evidence.lines_of_events(case(log("deal_id,stage,changed_at", ORDERLY), LOG)) is None
    # An event that comes again is a kind of event, and numbers no line.
    kinds = [(f"E{place % 2}", *row[1:]) for place, row in enumerate(rows)]
    again = lines("event_id,deal_id,stage,changed_at", kinds)
    assert evidence.lines_of_events(case(again, MappingOverrides(shape=Shape.HISTORY, lead="deal_id"))) is None


def test_another_names_the_line(case: Cases) -> None:
    def table(deal: Callable[[int, int], str]) -> str:
        rows = [
            (f"C{company}", deal(company, line), ("New", "Won")[line], f"2024-03-{line + 1:02}")
            for company in range(12)
            for line in range(2)
        ]
        return lines("company_id,deal_name,stage,changed_at", rows)

    asked = MappingOverrides(shape=Shape.HISTORY, lead="company_id", label="stage")
    found = evidence.another_names_the_line(case(table(lambda company, line: f"Deal {2 * company + line}"), asked))
    assert speaks(found) == -1
    assert found is not None
    assert found.said == {"column": "company_id", "other": "deal_name"}
    assert evidence.another_names_the_line(case(table(lambda company, _: f"Deal {company}"), asked)) is None
    # Its own id leaves no room for another.
    own = MappingOverrides(shape=Shape.HISTORY, lead="deal_name", label="stage")
    assert evidence.another_names_the_line(case(table(lambda company, _: f"Deal {company}"), own)) is None


def test_only_ends(case: Cases) -> None:
    """People apply again and again; nothing is said of an application but how it ended."""
    header, way = (
        "application_id,candidate_id,status,applied_on",
        MappingOverrides(shape=Shape.HISTORY, lead="candidate_id"),
    )
    labels = ("Rejected", "Hired", "Withdrawn")
    rows: list[tuple[object, ...]] = [
        (f"A{row}", f"C{row % 4}", labels[row % 3], f"2024-03-{row + 1:02}") for row in range(12)
    ]
    found = evidence.only_ends(case(lines(header, rows), way))
    assert speaks(found) == -1.0
    assert found is not None
    assert found.said == {"column": "status", "other": "candidate_id"}
    going: list[tuple[object, ...]] = [("A99", "C1", "Interview", "2024-04-01"), *rows]
    assert evidence.only_ends(case(lines(header, going), way)) is None
    assert evidence.only_ends(case(lines(header, rows), LIST)) is None
    without = [row[1:] for row in rows]
    assert evidence.only_ends(case(lines(header.removeprefix("application_id,"), without), LOG)) is None


def test_numbered_lines(case: Cases) -> None:
    """The lines of K1 and of K2 count 1, 2; those of the others do not begin at 1, or go back in time."""
    header, days = "key,seq,stage,time", ("2024-03-01", "2024-03-02")
    path = ("New", "Qualified")
    pairs = [(lead, n) for lead in (1, 2) for n in (0, 1)]

    def numbered(number: Callable[[int], int]) -> list[tuple[object, ...]]:
        return [(f"K{lead}", number(n), path[n], days[n]) for lead, n in pairs]

    counted = numbered(lambda n: n + 1)
    found = evidence.numbered_lines(case(lines(header, counted), LOG))
    assert speaks(found) == 1.0
    assert found is not None
    assert found.said == {"column": "seq", "other": "key"}
    assert evidence.numbered_lines(case(lines(header, numbered(lambda n: n + 3)), LOG)) is None
    assert evidence.numbered_lines(case(lines(header, numbered(lambda n: 2 - n)), LOG)) is None
    assert evidence.numbered_lines(case(lines(header, counted[:2]), LOG)) is None


def test_dated_stages(case: Cases) -> None:
    rows = [(f"K{row}", "2024-03-01", "2024-03-02", "2024-03-03") for row in range(5)]
    three = evidence.dated_stages(case(lines("deal_id,Demo Date,Proposal Date,Won Date", rows), MappingOverrides()))
    assert speaks(three) == 1
    assert three is not None
    assert three.said["n"] == 3
    one = lines("deal_id,created_at,Demo Date", [row[:3] for row in rows])
    assert speaks(evidence.dated_stages(case(one, MappingOverrides(shape=Shape.WIDE)))) == 0.5
    assert evidence.dated_stages(case(listed(), LIST)) is None


def test_header_of_labels(case: Cases) -> None:
    stage = speaks(evidence.header_of_labels(case(listed("deal_id,stage,created_at"), LIST)))
    status = speaks(evidence.header_of_labels(case(listed("deal_id,status,created_at"), LIST)))
    other = speaks(
        evidence.header_of_labels(case(listed("deal_id,colour,created_at"), MappingOverrides(label="colour")))
    )
    assert stage == 1 > status > 0 > other
    wide = lines("deal_id,Demo Date,Won Date", [(f"K{row}", "2024-03-02", "2024-03-03") for row in range(5)])
    assert evidence.header_of_labels(case(wide, MappingOverrides())) is None


def test_filled_labels(case: Cases) -> None:
    assert evidence.filled_labels(case(listed(), LIST)) is None
    rows = [(f"K{row}", "Qualified" if row % 4 else "", "2024-03-01") for row in range(12)]
    found = evidence.filled_labels(case(lines("deal_id,stage,created_at", rows), LIST))
    assert speaks(found) == -0.25
    assert found is not None
    assert found.said == {"column": "stage", "lines": 3}


def test_known_stages(case: Cases) -> None:
    found = evidence.known_stages(case(listed(), LIST))
    assert speaks(found) == 1
    assert found is not None
    assert found.said == {"column": "stage", "share": 1, "values": 3}
    rows = [(f"K{row}", ("Qualified", "Zorp", "Blim", "Won")[row % 4], "2024-03-01") for row in range(12)]
    assert speaks(evidence.known_stages(case(lines("deal_id,stage,created_at", rows), LIST))) == 0.5


@pytest.mark.parametrize(
    "values",
    [
        ("Germany", "France", "Spain", "Brazil"),
        ("Berlin", "Paris", "Madrid", "Munich"),
        ("too expensive", "missing features", "chose a competitor", "slow response"),
        ("Full-time", "Part-time", "Self-employed", "Retired"),
    ],
)
def test_values_of_another_kind(case: Cases, values: tuple[str, ...]) -> None:
    rows = [(f"K{row}", values[row % 4], "2024-03-01") for row in range(12)]
    found = evidence.values_of_another_kind(
        case(lines("deal_id,stage,created_at", rows), MappingOverrides(shape=Shape.SNAPSHOT, label="stage"))
    )
    assert speaks(found) < -0.5
    assert evidence.values_of_another_kind(case(listed(), LIST)) is None


def test_handed_over(case: Cases) -> None:
    rows = [
        (f"K{lead}", old, new, f"2024-03-{day:02}")
        for lead in range(8)
        for day, (old, new) in enumerate((("", "New"), ("New", "Qualified"), ("Qualified", "Won")), 1)
    ]
    found = evidence.handed_over(case(lines("deal_id,prior_stage,stage,changed_at", rows), LOG))
    assert speaks(found) == 1
    assert found is not None
    assert found.said == {"column": "stage", "other": "prior_stage"}
    assert evidence.handed_over(case(log("deal_id,stage,changed_at", ORDERLY), LOG)) is None


def test_handed_over_by_what_the_lines_say_and_not_by_the_headers(case: Cases) -> None:
    """Where the headers are the wrong way round, the column that is emptier and repeats the other is still from where."""
    rows = [
        (f"K{lead}", old, new, f"2024-03-{day:02}")
        for lead in range(8)
        for day, (old, new) in enumerate((("", "New"), ("New", "Qualified"), ("Qualified", "Won")), 1)
    ]
    found = evidence.handed_over(case(lines("deal_id,to_stage,from_stage,changed_at", rows), LOG))
    assert found is not None
    assert found.said == {"column": "from_stage", "other": "to_stage"}


def test_time_differs(case: Cases) -> None:
    assert speaks(evidence.time_differs(case(log("deal_id,stage,changed_at", ORDERLY), LOG))) == 1
    unheaded = speaks(evidence.time_differs(case(log("deal_id,stage,foo", ORDERLY), LOG)))
    assert 0 < unheaded < 1
    rows = [(f"K{lead}", label, f"2024-03-{lead + 1:02}") for lead in range(12) for label in ("New", "Won")]
    same = evidence.time_differs(case(lines("deal_id,stage,changed_at", rows), LOG))
    assert speaks(same) < 0
    assert same is not None
    assert same.said == {"column": "changed_at", "share": 0}
    assert evidence.time_differs(case(listed(), LIST)) is None


@pytest.mark.parametrize("name", [each.name for each in EVIDENCE])
def test_each_kind_of_evidence_has_a_sentence_and_a_test(name: str) -> None:
    said = {"column": "a", "other": "b", "share": 1, "moves": 2, "leads": 3, "lines": 4, "values": 5, "n": 6}
    assert wording.say(f"why.{name}", **{**said, "kind": "c", "columns": "d"})
    assert f"test_{name}" in globals(), f"{name} has no test of its own here"


def test_evidence_is_of_parts_that_are_chosen_and_each_has_its_own_name() -> None:
    assert len({each.name for each in EVIDENCE}) == len(EVIDENCE)
    assert {each.part for each in EVIDENCE} == {"shape", "lead", "label", "time"}
    assert all(each.weight > 0 for each in EVIDENCE)
    assert all(each.of.__name__ == each.name for each in EVIDENCE)
