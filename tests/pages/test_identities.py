"""What must add up, whatever the leads: numbers of one thing are one number, and parts make their whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.types import Entry, Question, Rule, Unit
from funnel.journeys import FATES
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.moves import LOST_END, START, STILL, WON_END
from funnel.measures.population.listing import ALL
from tests import nasty
from tests.answers import answer, asked, differences
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.thorough import every, examples, thorough

DAY = date(2024, 4, 15)
UNTIL = DAY_ZERO + timedelta(days=30)
slow = settings(
    max_examples=examples(4),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)
units = st.sampled_from(Unit)
windows = st.sampled_from([None, 0, 3, 400])


def _world(leads, regions=2):
    """(journeys, ids) of these leads: accounts of two leads and some leads without one, values of `regions` and empty ones."""
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    columns = {
        lead: {
            "account_id": None if place % 5 == 4 else f"firm {place // 2}",
            "Region": None if place % 3 == 2 else f"r{place % regions}",
            "amount": 10.0 * place if place % 4 else None,
        }
        for place, lead in enumerate(named)
    }
    return journeys_of(engine_with(named, columns), CONCEPTS)


def _parts(stage):
    return sum(getattr(stage, part) for part in FATES)


@slow
@given(histories, models(), units, windows, st.sampled_from(Entry), st.sampled_from(Rule))
def test_a_ledger_sums_to_its_stage_and_the_outcomes_to_the_leads(leads, stages, unit, window, entry, listed_by):
    journeys = _world(leads)
    try:
        for rule in Rule:
            question = Question(model_of(stages), rule, window, entry, unit, observed_until=UNTIL)
            found = measures.steps(journeys, question)
            assert [_parts(stage) for stage in found.stages] == [stage.leads for stage in found.stages]
            assert found.won + found.lost + found.open == found.leads
            assert [stage.from_entry.numerator for stage in found.stages] == [stage.leads for stage in found.stages]
            if rule is not Rule.VISITED:
                counts = [stage.leads for stage in found.stages]
                assert counts == sorted(counts, reverse=True)
            if unit is Unit.LEAD:
                assert found.leads == found.placed_leads
            for place, stage in enumerate(found.stages):
                for part in (ALL, FATES[place % len(FATES)]) if rule is listed_by else ():
                    listed = measures.leads_at(journeys, question, place, part, limit=None)
                    number = stage.leads if part == ALL else getattr(stage, part)
                    assert (len(listed), listed.attrs["total"]) == (number, number)
                if rule is Rule.PASSED and place + 1 < len(stages):
                    assert stage.advanced + stage.skipped_ahead == found.stages[place + 1].leads
                    assert found.stages[place + 1].skipped_here == stage.skipped_ahead
    finally:
        journeys.engine.close()


@slow
@given(histories, models(), units, windows, st.sampled_from(Rule))
def test_groups_sum_to_all(leads, stages, unit, window, rule):
    journeys = _world(leads)
    question = Question(model_of(stages), rule, window, unit=unit, observed_until=UNTIL)
    try:
        whole = measures.steps(journeys, question)
        if unit is Unit.LEAD:
            # An account may be in several groups, each time with those of its leads that are.
            _sums(whole, [each for _, each in measures.breakdown(journeys, question, "Region").groups])
            first = measures.breakdown(journeys, question, "Region", 1)
            assert sum(each.leads for _, each in first.groups) + first.other == whole.leads
        groups = values_as_segments(journeys, question, "Region", 5)
        told = measures.segments(journeys, question, Apart(groups, "Region"), day=None, so_far=True)
        assert sum(each.overall.rate.denominator for each in told.segments) + told.others == told.leads == whole.leads
        assert sum(each.overall.rate.numerator for each in told.segments) == told.whole.numerator == whole.won
        for each in told.segments:
            assert each.overall.others.denominator == told.leads - each.overall.rate.denominator
            assert each.overall.others.numerator == whole.won - each.overall.rate.numerator
        aged = measures.segments(journeys, question, Apart(groups, "Region"), day=4)
        counted = sum(each.overall.rate.denominator for each in aged.segments) + aged.others
        assert counted == aged.whole.denominator
        assert counted + aged.young + aged.untimed == aged.leads == whole.leads
        dated = measures.cohorts(journeys, question, "week", (3,))
        _outcomes([*dated.cohorts], dated.whole)
        for cohort in (*dated.cohorts, dated.whole):
            assert [reached.leads for reached in cohort.stages] == [cohort.leads] * len(stages)
        for place, stage in enumerate(whole.stages):
            assert sum(cohort.stages[place].converted for cohort in dated.cohorts) == stage.leads
            assert dated.whole.stages[place].converted == stage.leads
    finally:
        journeys.engine.close()


def _sums(whole, parts):
    _outcomes(parts, whole)
    for place, stage in enumerate(whole.stages):
        for name in ("leads", "timed_leads", "skipped_here", *FATES):
            assert sum(getattr(part.stages[place], name) for part in parts) == getattr(stage, name)


def _outcomes(parts, whole):
    for name in ("leads", "won", "lost", "open"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


@slow
@given(histories, models(), units, windows, st.sampled_from(Rule))
def test_every_measure_counts_the_same_wins_losses_and_open_leads(leads, stages, unit, window, rule):
    journeys = _world(leads)
    question = Question(model_of(stages), rule, window, unit=unit, observed_until=UNTIL)
    try:
        whole = measures.steps(journeys, question)
        top = measures.kpis(journeys, question, 5)
        assert (top.leads, top.won, top.open) == (whole.leads, whole.won, whole.open)
        cohorts = measures.cohorts(journeys, question, "day", (3,))
        assert cohorts.undated == whole.undated == 0
        told = cohorts.whole
        assert (told.leads, told.won, told.lost, told.open) == (whole.leads, whole.won, whole.lost, whole.open)
        assert (told.win.leads, told.win.converted, told.win.gone) == (whole.leads, whole.won, whole.lost)
        assert sum(leads for _, leads in measures.starts(journeys, question).counts) == whole.leads
        curves = measures.curves(journeys, question, "week")
        assert (curves.whole.leads, sum(curve.leads for curve in curves.curves)) == (whole.leads, whole.leads)
        of_leads = measures.steps(journeys, replace(question, unit=Unit.LEAD))
        if unit is Unit.LEAD:
            amounts = measures.cohort_amounts(journeys, question, "week")
            assert sum(counted for _, _, counted, _ in amounts.sums) + amounts.missing == whole.leads
        velocity = measures.velocity(journeys, question, 40)
        assert velocity.open == of_leads.open
        assert velocity.decided == sum(pace.win_rate.denominator for pace in velocity.paces)
        # All ends lie within the 40 days, so all that was decided is all that was won or lost.
        assert velocity.decided == of_leads.won + of_leads.lost
        assert sum(pace.win_rate.numerator for pace in velocity.paces) == of_leads.won
        moved = measures.moves(journeys, question, 10_000)
        back = moved.back
        assert (moved.leads, back.win_rate.denominator + back.win_rate_others.denominator) == (of_leads.leads,) * 2
        assert back.win_rate.numerator + back.win_rate_others.numerator == of_leads.won
        assert sum(path.won for path in moved.paths) == of_leads.won
    finally:
        journeys.engine.close()


@slow
@given(histories, models())
def test_who_moves_in_moves_out_or_is_still_there(leads, stages):
    journeys = _world(leads)
    question = Question(model_of(stages), observed_until=UNTIL)
    try:
        found = measures.moves(journeys, question, 10_000)
        steps = measures.steps(journeys, question)
        assert sum(move.count for move in found.moves if move.origin == START) == found.leads == steps.leads
        for place in range(len(stages)):
            gone = sum(move.count for move in found.moves if move.origin == place)
            assert gone == found.came(place)
            # Each lead comes to a stage once and again.
            assert found.reentries[place].denominator <= found.came(place)
        for end in (WON_END, LOST_END):
            assert sum(move.count for move in found.moves if move.origin == end) <= found.came(end)
        assert sum(path.leads for path in found.paths) == found.leads
        assert (found.other_paths, found.distinct_paths) == (0, len(found.paths))
        still = sum(move.count for move in found.moves if move.kind == "still")
        ended = sum(
            found.came(end) - sum(move.count for move in found.moves if move.origin == end)
            for end in (WON_END, LOST_END)
        )
        assert still + ended == found.leads
        assert sum(path.leads for path in found.paths if path.ends[-1] == LOST_END) == found.came(LOST_END) - sum(
            move.count for move in found.moves if move.origin == LOST_END
        )
        # Who is recorded at a stage under `visited` came there.
        visited = measures.steps(journeys, replace(question, rule=Rule.VISITED))
        for place, stage in enumerate(visited.stages):
            assert found.reentries[place].denominator <= stage.leads
        same = found.back.same_stage
        assert sum(each.back.denominator for each in same) == found.back.moved_back.numerator
        assert sum(each.others.denominator + each.back.denominator for each in same) == found.leads
        assert not any(STILL in path.ends[:-1] for path in found.paths)
    finally:
        journeys.engine.close()


@slow
@given(histories, models(), st.sampled_from(Rule), windows)
def test_steps_of_time_are_those_of_the_ledger_and_stays_those_of_the_moves(leads, stages, rule, window):
    """Losses of stays are loss *events*: a lead that was lost and came back has one though its ledger has none, and its stay ends where
    it stood, while the ledger of `passed` speaks of the deepest stage. So they are the moves to lost, not the ledger's."""
    journeys = _world(leads)
    question = Question(model_of(stages), rule, window, observed_until=UNTIL)
    try:
        found, whole = measures.times(journeys, question), measures.steps(journeys, question)
        assert found.leads == whole.leads
        for step in found.steps:
            ledger = whole.stages[step.position]
            assert (step.entered, step.lost) == (ledger.leads, ledger.lost)
            assert step.advanced + step.lost + step.otherwise + step.waiting == step.entered
            assert step.waiting >= 0
            if rule is Rule.PASSED:
                assert step.advanced == whole.stages[step.position + 1].leads
        moved = measures.moves(journeys, question, 1)
        win = question.model.pure_win_stage(CONCEPTS)
        for stage in found.stages:
            assert stage.stays == stage.left + stage.still
            assert sum(left + still for _, left, still in stage.spans.counts) == stage.stays
            if win is None and question.model.win_stage(CONCEPTS) is not None:
                continue
            lost = sum(move.count for move in moved.moves if (move.origin, move.target) == (stage.position, LOST_END))
            assert stage.lost <= lost
            assert stage.stays + stage.untimed <= moved.came(stage.position)
        by = measures.times_by(journeys, question, "Region", 1)
        assert sum(each.leads for _, each in by.groups) + by.other == found.leads
        every = [each for _, each in measures.times_by(journeys, question, "Region", 9).groups]
        for place, stage in enumerate(found.stages):
            for name in ("stays", "left", "still", "lost", "untimed"):
                assert sum(getattr(each.stages[place], name) for each in every) == getattr(stage, name)
        for step in found.steps:
            alike = [other for each in every for other in each.steps if other.position == step.position]
            for name in ("entered", "advanced", "lost", "otherwise", "waiting", "timed"):
                assert sum(getattr(each, name) for each in alike) == getattr(step, name)
        aged = measures.aging(journeys, question)
        assert aged.open <= whole.open
        assert [stage.open - stage.untimed <= found.at(stage.position).still for stage in aged.stages] == [True] * len(
            aged.stages
        )
        if not found.left_out:
            assert aged.open == whole.open
    finally:
        journeys.engine.close()


@slow
@given(histories, models(), models(), st.sampled_from(Rule), windows)
def test_models_of_the_same_leads_agree_on_how_these_ended(leads, stages, others, rule, window):
    """Only of the leads that both models place: a lead that a model does not place is no row of its funnel."""
    journeys = _world(leads)
    everything = [{label} for label in (*sorted(set().union(*stages, *others)),)]
    journeys.file = file_of(model_of(everything))
    asked = [
        Question(model_of(each), rule, window, observed_until=UNTIL)
        for each in (stages, [*others, *[s for s in everything if not any(s <= o for o in others)]], everything)
    ]
    try:
        lined = measures.lined_up(journeys, asked)
        first, second, third = (measures.steps(journeys, question) for question in lined)
        assert (second.leads, second.won, second.lost, second.open) == (third.leads, third.won, third.lost, third.open)
        assert first.leads <= second.leads
        assert all(getattr(first, name) <= getattr(second, name) for name in ("won", "lost", "open"))
        alignment = measures.alignment(journeys, lined)
        assert alignment.leads == second.leads
        for pair in alignment.pairs:
            assert sum(leads for _, _, leads, _ in pair.cells) == alignment.leads
        flows = measures.flows(journeys, lined)
        assert flows.leads == alignment.leads
        visited = measures.steps(journeys, replace(asked[2], rule=Rule.VISITED, window_days=None))
        assert [flow.leads for flow in flows.labels[: len(everything)]] == [stage.leads for stage in visited.stages]
    finally:
        journeys.engine.close()


@pytest.fixture(scope="module")
def data_set(tmp_path_factory):
    path = nasty.write(tmp_path_factory.mktemp("log") / "log.csv", nasty.log(10, 90))
    with funnel.open(path, overrides=nasty.overrides(), as_of=nasty.AS_OF) as opened:
        yield opened


@thorough
@pytest.mark.parametrize("name", every(2, ["accounts", "standard"]))
def test_what_was_observed_by_the_last_event_is_all(data_set, tmp_path, name):
    """Said by hand in another look at the same file, where nothing is kept of the first; a moment before it there is less."""
    whole = answer(data_set, name, DAY)
    with funnel.open(
        nasty.write(tmp_path / "log.csv", nasty.log(10, 90)), overrides=nasty.overrides(), as_of=data_set.observed_until
    ) as same:
        assert same.observed_until == data_set.observed_until
        assert differences(whole, answer(same, name, DAY)) == []
    question = asked(data_set)[name]
    said = replace(question, observed_until=data_set.observed_until)
    assert data_set.ask(measures.steps, said) == data_set.ask(measures.steps, question)
    before = data_set.observed_until - timedelta(microseconds=1)
    assert data_set.journeys.until(before) is not data_set.journeys


def test_models_compared_agree_on_won_lost_and_open_but_for_a_loop(data_set):
    """Those that place every lead: the standard one, that of the labels, and one of three stages. In a model with a loop a customer who
    considers again stays won, so of the same leads it has at least as many wins."""
    steps = data_set.ask(
        measures.comparison, ["standard", "as-recorded", "tofu-mofu-bofu", "consumer-decision-journey"]
    ).steps
    plain = [(each.leads, each.won, each.lost, each.open) for each in steps if each.question.model.loop is None]
    looped = [each for each in steps if each.question.model.loop is not None]
    assert len(plain) == 3
    assert len(set(plain)) == 1
    assert len(looped) == 1
    assert looped[0].leads == plain[0][0]
    assert looped[0].won > plain[0][1]
    assert looped[0].won + looped[0].lost + looped[0].open == looped[0].leads


@pytest.mark.parametrize("name", every(4, ["standard", "as recorded", "in order, window", "any entry", "accounts"]))
def test_a_file_has_one_number_for_one_thing(data_set, name):
    """Undated ends included: they are ends in every command."""
    question = asked(data_set)[name]
    whole, top = data_set.ask(measures.steps, question), data_set.ask(measures.kpis, question)
    cohorts = data_set.ask(measures.cohorts, question, "month").whole
    so_far = data_set.ask(measures.segments, question, "region", so_far=True)
    outcomes = whole.won, whole.lost, whole.open
    assert (cohorts.won, cohorts.lost, cohorts.open) == outcomes
    assert (top.won, top.leads - top.won - top.open, top.open) == outcomes
    assert (so_far.whole.numerator, so_far.leads) == (whole.won, whole.leads)
    assert (cohorts.win.converted, cohorts.win.gone) == (whole.won, whole.lost)
    listed = [data_set.ask(measures.leads_at, question, place, limit=None) for place in range(len(whole.stages))]
    assert [len(each) for each in listed] == [stage.leads for stage in whole.stages]
    if question.unit is Unit.LEAD:
        of_leads = data_set.ask(measures.moves, question, 1000)
        assert of_leads.back.win_rate.numerator + of_leads.back.win_rate_others.numerator == whole.won
        lost = sum(path.leads for path in of_leads.paths if path.ends[-1] == LOST_END)
        assert lost == whole.lost
        assert data_set.ask(measures.velocity, question, 10_000).open == whole.open
        if not data_set.ask(measures.times, question).left_out:
            assert data_set.ask(measures.aging, question).open == whole.open
        _sums(whole, [each for _, each in data_set.ask(measures.breakdown, question, "region").groups])
