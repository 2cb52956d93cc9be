"""Segments at the edges: columns that are called like our own, accounts of which the first lead has no value, empty segments."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import funnel
from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import OneOf, Question, Segment, Unit, Verdict
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.statistics import decomposition, planning
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.survived import journeys_from, question

START = datetime(2025, 1, 1)
NAMES = ("fate_0", "time_1", "passed_0", "Segment", "segment_number", "value_0", "outcome", "deepest", "observed_until")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Thirty leads of x, ten of them won, and thirty of y, twenty won, under every odd name."""
    lines = ["lead_id,stage,changed_at," + ",".join(NAMES)]
    for number in range(60):
        value = "x" if number < 30 else "y"
        same = ",".join([value] * len(NAMES))
        lines.append(f"L{number},New,2025-01-{number % 28 + 1:02d},{same}")
        if number < 10 or number >= 40:
            lines.append(f"L{number},Closed won,2025-02-{number % 28 + 1:02d},{same}")
    path = tmp_path_factory.mktemp("odd") / "odd.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        yield data_set


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_be_called_like_one_of_ours(odd, name):
    asked = odd.question("as-recorded")
    for day in (None, 1):
        found = odd.ask(measures.segments, asked, name, day=day)
        assert [each.segment.where[0].values for each in found.segments] == [("x",), ("y",)]
    so_far = odd.ask(measures.segments, asked, name, so_far=True)
    assert [(each.overall.rate.numerator, each.overall.rate.denominator) for each in so_far.segments] == [
        (10, 30),
        (20, 30),
    ]
    assert [curve.leads for _, curve in odd.ask(measures.segment_curves, asked, name).curves] == [30, 30]
    assert [[stage.leads for stage in steps.stages] for _, steps in odd.ask(measures.segment_steps, asked, name)] == [
        [30, 10],
        [30, 20],
    ]


def test_the_value_of_an_account_is_that_of_its_first_lead_even_if_it_is_empty():
    histories = {lead: [Entered("New", START + timedelta(days=day))] for lead, day in (("b", 0), ("a", 5), ("c", 5))}
    columns = {
        "b": {"account_id": "one", "Region": None},
        "a": {"account_id": "one", "Region": "EU"},
        "c": {"account_id": "two", "Region": "US"},
    }
    journeys = journeys_of(engine_with(histories, columns), {"New": "lead"})
    asked = Question(model_of([{"New"}]), unit=Unit.ACCOUNT, observed_until=START + timedelta(days=60))
    groups = values_as_segments(journeys, asked, "Region", 5)
    assert {group.where[0].values for group in groups} == {(None,), ("US",)}
    journeys.engine.close()


def test_of_leads_that_start_together_the_lower_id_is_the_first_of_its_account():
    histories = {lead: [Entered("New", START)] for lead in ("b", "a", "c")}
    columns = {lead: {"account_id": "one", "Region": lead.upper()} for lead in histories}
    journeys = journeys_of(engine_with(histories, columns), {"New": "lead"})
    asked = Question(model_of([{"New"}]), unit=Unit.ACCOUNT, observed_until=START + timedelta(days=60))
    (group,) = values_as_segments(journeys, asked, "Region", 5)
    assert group.where == (OneOf("Region", ("A",)),)
    journeys.engine.close()


def test_a_segment_without_anyone_at_risk_keeps_its_place_in_the_test():
    # Ten of each are won after as many days as their number; the middle segment is of no lead at all.
    journeys = journeys_from([(day, 1, 100) for day in range(1, 21)])
    ids = [tuple(f"L{number}" for number in range(start, start + 10)) for start in (0, 10)]
    groups = [Segment((OneOf("lead_id", part),)) for part in (ids[0], ("nobody",), ids[1])]
    found = measures.segment_curves(journeys, question(), Apart(groups, "lead_id"), fewest=10)
    assert found.log_rank is not None
    assert found.log_rank.observed == (10, 0, 10)
    assert found.log_rank.expected[1] == 0
    assert sum(found.log_rank.expected) == pytest.approx(20)
    journeys.engine.close()


def test_what_is_on_one_side_only_adds_nothing_to_the_interval_of_the_rate_part():
    both = (wilson(50, 100), wilson(50, 100))
    alone = decomposition.kitagawa([both, (wilson(0, 0), wilson(50, 100))])
    # Shares 1 and 0.5 of the kind that is on both sides: 0.75² (0.0025 + 0.0025).
    assert alone is not None
    assert (alone.high - alone.rate_part) / 1.959963984540054 == pytest.approx((0.75**2 * 0.005) ** 0.5)


def test_a_power_that_is_had_by_chance_alone_needs_no_lead():
    assert planning.leads_needed(0.3, 0.5, 0.01) == 0
    assert planning.leads_needed(0.3, 0.5, 0.8) == pytest.approx(92.9986, abs=1e-3)


def test_groups_are_refused_in_words(odd):
    asked = odd.question("as-recorded")
    with pytest.raises(QuestionError, match="no column “zzz”"):
        odd.ask(measures.segments, asked, [Segment((OneOf("zzz", ("x",)),)), {"Segment": "y"}])
    with pytest.raises(QuestionError, match="the same leads"):
        odd.ask(measures.segments, asked, [{"Segment": ["x", "y"]}, {"Segment": ["y", "x"]}])
    with pytest.raises(QuestionError, match="1 segment or more"):
        odd.ask(measures.segments, asked, "Segment", limit=0)


def test_a_reason_of_loss_is_left_out_of_a_scan_however_few_leads_have_each(tmp_path):
    lines = ["lead_id,stage,changed_at,reason"]
    for number in range(240):
        reason = "" if number < 80 else f"reason {number % 14}"
        lines.append(f"L{number},New,2025-01-05,{reason}")
        lines.append(f"L{number},{'Closed won' if number < 80 else 'Closed lost'},2025-02-05,{reason}")
    path = tmp_path / "reasons.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        found = data_set.ask(measures.scan, "as-recorded", day=31)
        assert found.telling == ("reason",)
        assert not [each for each in found.findings if each.contrast.verdict is not Verdict.FEW]


def _scanned(tmp_path, rows, columns):
    """A scan of leads given as (outcome, values): "won", "lost" or "open"."""
    lines = [f"lead_id,stage,changed_at,{','.join(columns)}"]
    for number, (outcome, values) in enumerate(rows):
        lines.append(f"L{number},New,2025-01-05,{','.join(values)}")
        if outcome != "open":
            lines.append(f"L{number},Closed {outcome},2025-02-05,{','.join(values)}")
    path = tmp_path / "scanned.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        return data_set.ask(measures.scan, "as-recorded", day=31)


def test_a_column_filled_in_only_after_the_win_is_left_out(tmp_path):
    # A profile of 60 of the 100 that were won; number of catalogue entries, of the same.
    rows = [("won", (f"kind {n % 3}" if n < 60 else "", str(n % 40) if n < 60 else "")) for n in range(100)]
    rows += [("lost", ("", ""))] * 900
    found = _scanned(tmp_path, rows, ("profile", "catalogue"))
    assert found.telling == ("profile", "catalogue")


def test_a_value_of_which_all_are_still_open_counts_neither_as_a_segment_nor_among_the_others(tmp_path):
    # Big wins 60 of 100, Small 30 of 100; 200 without a size are all open, so they are no others either.
    rows = [("won" if n < 60 else "lost", ("Big",)) for n in range(100)]
    rows += [("won" if n < 30 else "lost", ("Small",)) for n in range(100)]
    rows += [("open", ("",))] * 200
    found = _scanned(tmp_path, rows, ("size",))
    assert [each.where for each in found.known] == [(OneOf("size", (None,)),)]
    by_value = {each.segment.where[0].values[0]: each.contrast for each in found.findings}
    assert set(by_value) == {"Big", "Small"}
    assert (by_value["Big"].others.numerator, by_value["Big"].others.denominator) == (30, 100)


def test_the_same_leads_under_two_names_are_one_finding(tmp_path):
    rows = [("won" if n < 60 else "lost", ("France", "FR")) for n in range(100)]
    rows += [("won" if n < 30 else "lost", ("Spain", "ES")) for n in range(100)]
    rows += [("won" if n < 40 else "lost", ("Peru", "PE")) for n in range(100)]
    found = _scanned(tmp_path, rows, ("country", "code"))
    clear = [each for each in found.findings if each.contrast.verdict is not Verdict.UNCLEAR]
    assert [(each.column, each.segment.where[0].values) for each in clear] == [
        ("country", ("France",)),
        ("country", ("Spain",)),
    ]
    assert {each.where[0].values for each in found.same} == {("FR",), ("ES",)}


def test_two_columns_that_are_spelled_alike_are_both_kept(tmp_path):
    path = tmp_path / "clash.csv"
    path.write_text("Lead ID,Stage,Entered at,lead_id\n1,New,2025-01-05,a\n2,New,2025-01-06,b\n", encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        assert data_set.leads == 2
        assert sorted(
            data_set.engine.row(funnel.core.sql.Query("SELECT leads.* FROM leads ORDER BY 1 LIMIT 1"))[-1:]
        ) == ["a"]


def test_a_group_of_which_all_leads_are_open_is_named(tmp_path):
    # As above: 60 of 100 Big and 30 of 100 Small are won, the others lost; 200 without a size are all open.
    lines = ["lead_id,stage,changed_at,size"]
    for size, leads, won, lost in (("Big", 100, 60, 40), ("Small", 100, 30, 70), ("", 200, 0, 0)):
        for number in range(leads):
            lines.append(f"{size}{number},New,2025-01-05,{size}")
            if number < won + lost:
                lines.append(f"{size}{number},Closed {'won' if number < won else 'lost'},2025-02-05,{size}")
    path = tmp_path / "sizes.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        for day in (None, 20):
            assert [each.where for each in data_set.ask(measures.segments, "as-recorded", "size", day=day).known] == [
                (OneOf("size", (None,)),)
            ]
