"""Where leads stood at past moments: against plain Python over nasty histories, and never by anything that came later."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.sql import Query
from funnel.core.types import StageModel
from funnel.measures import lead_score_panel
from funnel.measures.lead_score_panel import FEWEST_LANDMARKS, MOST_LANDMARKS, NOW, landmarks, panel, thinned
from funnel.measures.recorded import labels_model
from tests.leads import engine_with, file_of, journeys_of
from tests.oracles.oracle import Entered
from tests.oracles.score_oracle import Standing, standing
from tests.strategies import CONCEPTS, DAY_ZERO, LABELS, histories
from tests.thorough import examples, thorough

PLACED = tuple(label for label in LABELS if CONCEPTS[label] not in ("ignored", "lost"))
EVERY = [label for label in LABELS if CONCEPTS[label] != "ignored"]
UNTIL = DAY_ZERO + timedelta(days=21, hours=3)


def _model() -> StageModel:
    return labels_model("recorded", "Recorded", [(label, (label,)) for label in PLACED], CONCEPTS)


def _journeys(drawn: list[list[Entered]], **columns: dict[str, object]):
    engine = engine_with({f"L{number}": lead for number, lead in enumerate(drawn)}, columns or None)
    model = _model()
    return engine, journeys_of(engine, CONCEPTS, file=file_of(model)), model


def _rows(read, moment: int) -> dict[str, Standing]:
    at = read.among(read.landmark == moment)
    return {
        read.leads[at.lead[row]]: Standing(
            read.labels[at.label[row]],
            pytest.approx(at.days_at_label[row], abs=1e-9),
            pytest.approx(at.days_since_start[row], abs=1e-9),
            int(at.entries[row]),
            int(at.moves_back[row]),
            None if np.isnan(at.win_days[row]) else pytest.approx(at.win_days[row], abs=1e-9),
        )
        for row in range(len(at))
    }


@settings(max_examples=examples(50), deadline=None)
@given(histories, st.integers(1, 6))
def test_each_lead_stands_as_plain_python_tells(drawn: list[list[Entered]], day: int) -> None:
    engine, journeys, model = _journeys(drawn)
    until, ends = UNTIL, journeys.ends(model)
    with_entries = [each.at for lead in drawn for each in lead if CONCEPTS[each.label] != "ignored"]
    read = panel(journeys, model, until, (day,), ())
    order = lead_score_panel.labels(journeys, model)
    assert sorted(order) == sorted(EVERY)
    if with_entries:
        # A lead without a stage is none of the model's.
        placed = {n for n, lead in enumerate(drawn) if any(each.label in PLACED for each in lead)}
        for number, moment in [*enumerate(read.moments), (NOW, until)]:
            expected = {
                f"L{n}": told
                for n, lead in enumerate(drawn)
                if n in placed and (told := standing(lead, moment, CONCEPTS, order, ends)) is not None
            }
            assert _rows(read, number) == expected
    engine.close()


@thorough
@settings(max_examples=examples(20), deadline=None)
@given(histories, st.integers(4, 18), st.integers(0, 40))
def test_what_comes_later_moves_nothing_that_is_said_now(drawn: list[list[Entered]], now: int, later: int) -> None:
    """The same leads with further entries after the moment look the same at it."""
    until = DAY_ZERO + timedelta(days=now, hours=1)
    past = [[each for each in lead if each.at <= until] for lead in drawn]
    future = [Entered(label, until + timedelta(seconds=1 + 997 * later)) for label in ("<b>Won</b>", "Lost", "New")]
    seen = []
    for leads in (past, [[*lead, future[number % 3]] for number, lead in enumerate(past)]):
        engine, journeys, model = _journeys(leads)
        read = panel(journeys.until(until), model, until, (1, 2), ())
        seen.append([(moment, _rows(read, number)) for number, moment in [*enumerate(read.moments), (NOW, until)]])
        engine.close()
    before, after = seen
    # Who had no entry by then stands nowhere either way.
    assert after == before


def _at(day: float, label: str) -> Entered:
    return Entered(label, DAY_ZERO + timedelta(days=day))


def test_what_shares_its_moment_with_an_exit_is_no_open_lead() -> None:
    """An offer that is cancelled in the same millisecond as the deal, or after it, leaves nobody open."""
    drawn = [
        [_at(0, "New"), _at(5, "W_?"), _at(5, "Lost")],
        [_at(0, "New"), _at(5, "Lost"), _at(5, "back\\")],
        [_at(0, "New"), _at(5, "Lost"), _at(6, "W_?")],
        [_at(0, "New"), _at(5, "Lost"), _at(6, "back\\")],
        [_at(0, "New"), _at(5, "<b>Won</b>"), _at(5, "New")],
    ]
    engine, journeys, model = _journeys(drawn)
    read = panel(journeys, model, UNTIL, (3,), ())
    now = _rows(read, NOW)
    # Only a stage with a meaning opens the fourth again.
    assert {lead: told.label for lead, told in now.items()} == {"L3": "back\\"}
    engine.close()


def test_wins_of_the_account_and_amounts() -> None:
    drawn = [[_at(0, "New"), _at(4, "<b>Won</b>")], [_at(1, "New"), _at(30, "<b>Won</b>")], [_at(1, "New")]]
    house = {"L0": {"account_id": "A"}, "L1": {"account_id": "A", "amount": 70.0}, "L2": {}}
    engine, journeys, model = _journeys(drawn, **house)
    until = DAY_ZERO + timedelta(days=20)
    read = panel(journeys.until(until), model, until, (14,), ())
    now = read.among(read.landmark == NOW)
    told = {read.leads[code]: row for row, code in enumerate(now.lead)}
    assert sorted(told) == ["L1", "L2"]
    assert now.account_wins[[told["L1"], told["L2"]]].tolist() == [1.0, 0.0]
    assert now.amount[told["L1"]] == 70
    assert np.isnan(now.amount[told["L2"]])
    first = read.among(read.landmark == 0)
    assert first.account_wins.tolist() == [0.0] * len(first)
    engine.close()


def test_a_lead_that_the_file_itself_calls_lost_is_no_win_and_ends_when_it_was_closed() -> None:
    drawn = [[_at(0, "New"), _at(8, "<b>Won</b>")], [_at(0, "New"), _at(3, "Lost")], [_at(0, "New")]]
    house = {
        "L0": {"outcome_said": "lost", "closed_at": (DAY_ZERO + timedelta(days=9)).isoformat()},
        "L1": {"outcome_said": "open"},
        "L2": {"outcome_said": "won", "closed_at": (DAY_ZERO + timedelta(days=12)).isoformat()},
    }
    engine, journeys, model = _journeys(drawn, **house)
    read = panel(journeys, model, UNTIL, (7,), ())
    for number, moment in enumerate(read.moments):
        at = _rows(read, number)
        days = (moment - DAY_ZERO).total_seconds() / 86_400
        assert ("L0" in at) == (days < 9)
        assert "L1" in at
        assert ("L2" in at) == (days < 12)
        assert "L0" not in at or at["L0"].win_days is None
        assert "L2" not in at or at["L2"].win_days == pytest.approx(12 - days)
    assert set(_rows(read, NOW)) == {"L1"}
    engine.close()


@pytest.mark.parametrize(
    ("first", "days", "count", "newest"),
    [
        ("2023-01-05", 0, 30, "2025-06-30"),
        ("2020-01-05", 0, MOST_LANDMARKS, "2025-06-30"),
        ("2023-01-05", 90, 27, "2025-03-31"),
        ("2024-08-10", 30, 42, "2025-05-25"),
        ("2025-03-01", 14, 36, "2025-06-14"),
        ("2025-06-29", 30, 0, None),
    ],
)
def test_landmarks_by_the_length_of_the_history(first: str, days: int, count: int, newest: str | None) -> None:
    until = datetime(2025, 6, 30, 23, 59, 59, 999999)
    found = landmarks(datetime.fromisoformat(first), until, days)
    assert len(found) == min(count, MOST_LANDMARKS)
    assert found == sorted(found)
    assert all(each + timedelta(days=days) <= until for each in found)
    if newest:
        assert f"{found[-1]:%Y-%m-%d}" == newest


def test_too_many_rows_are_thinned_by_landmarks_then_by_leads() -> None:
    moments = [datetime(2025, 1, 1) + timedelta(days=n) for n in range(36)]
    assert thinned(moments, [100] * 36) == (moments, 1)
    kept, each = thinned(moments, [3_000] * 36)
    assert (kept, each) == (moments[1::2], 1)
    kept, each = thinned(moments, [30_000] * 36)
    assert len(kept) == FEWEST_LANDMARKS
    assert each == 6
    assert thinned([], []) == ([], 1)


def test_thinned_leads_are_the_same_at_each_landmark_and_all_now() -> None:
    drawn = [[_at(0, "New")] for _ in range(60)]
    engine, journeys, model = _journeys(drawn)
    table = lead_score_panel.spells_table(journeys, model)
    moments = [DAY_ZERO + timedelta(days=n) for n in (3, 6, 9)]
    query = lead_score_panel.panel_query(journeys, model, table, moments, (), 3)
    rows = engine.named(Query(query.text, query.values))
    by_moment = [{row["lead_id"] for row in rows if row["landmark"] == number} for number in (0, 1, NOW)]
    assert by_moment[0] == by_moment[1]
    assert 5 < len(by_moment[0]) < 40
    assert len(by_moment[2]) == 60
    engine.close()
