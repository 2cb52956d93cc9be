"""What opens a lead again that was lost or won: one rule for all commands, chosen by hand where it is another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import funnel
from funnel import MappingOverrides, catalogue, mapping, measures
from funnel.core.errors import MappingError
from funnel.core.types import AS_RECORDED, EndRule, Outcome, Question, Reopening
from funnel.mapping.labels import label_concepts
from funnel.measures import moves, steps
from tests.cli.test_command import _json
from tests.leads import engine_with, journeys_of, model_of
from tests.mapped import written
from tests.oracles.oracle import Entered, outcome_of
from tests.pages.apps import uploaded
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples, thorough

# 1 lost, then a call; 2 lost, then a proposal; 3 won, then moved back; 4 won; 5 lost, then won; 6 open.
DEALS = """deal_id,stage,changed_at
1,New,2024-01-01
1,Closed Lost,2024-02-01
1,Zzq brumf,2024-02-05
2,New,2024-01-02
2,Closed Lost,2024-02-02
2,Proposal,2024-03-02
3,New,2024-01-03
3,Proposal,2024-01-13
3,Closed Won,2024-02-03
3,Proposal,2024-02-20
4,New,2024-01-04
4,Closed Won,2024-02-04
5,New,2024-01-05
5,Closed Lost,2024-02-05
5,Closed Won,2024-03-05
6,New,2024-01-06
6,Zzq brumf,2024-01-07
"""
BY_HAND = [
    (EndRule(), (2, 1, 3)),
    (EndRule(Reopening.ANY), (2, 0, 4)),
    (EndRule(Reopening.NEVER), (2, 2, 2)),
    (EndRule(keeps_win=True), (3, 1, 2)),
]


@pytest.fixture
def deals(tmp_path):
    with funnel.open(*written(tmp_path, deals=DEALS), as_of=datetime(2024, 6, 1)) as data_set:
        yield data_set


@pytest.mark.parametrize(("rule", "ended"), BY_HAND, ids=str)
def test_the_rule_said_by_hand_is_that_of_every_command(deals, rule, ended):
    assert tuple(deals.outcomes_under(rule)[each] for each in (Outcome.WON, Outcome.LOST, Outcome.OPEN)) == ended
    usual = deals.ask(measures.steps, AS_RECORDED)
    assert (usual.won, usual.lost, usual.open) == (2, 1, 3)
    deals.remap(MappingOverrides(reopened_by=rule.reopened_by, keeps_win=rule.keeps_win))
    for model in ("as-recorded", "standard"):
        told = deals.ask(measures.steps, model)
        assert (told.won, told.lost, told.open) == ended
    whole = deals.ask(measures.cohorts, AS_RECORDED).whole
    assert (whole.won, whole.lost, whole.open) == ended
    assert len(deals.ask(measures.leads_at, deals.question(), 0, "lost")) <= ended[1]


def test_a_model_with_a_loop_keeps_its_customers(deals):
    looping = next(model for model in catalogue.models() if model.loop is not None)
    assert deals.ask(measures.steps, looping).won == 3
    assert deals.ask(measures.steps, "standard").won == 2


@settings(max_examples=examples(20), deadline=None)
@given(histories, models(), st.sampled_from(Reopening), st.booleans())
def test_outcomes_equal_plain_python(leads, stages, by, keeps):
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    placed = {label for label_concepts in stages for label in label_concepts}
    engine = engine_with(named)
    try:
        told = steps(journeys_of(engine, CONCEPTS, end_rule=EndRule(by, keeps)), Question(model_of(stages)))
    finally:
        engine.close()
    expected = [
        outcome_of(entries, CONCEPTS, by.value, keeps)[0]
        for entries in leads
        if any(entry.label in placed for entry in entries)
    ]
    assert (told.won, told.lost, told.open) == tuple(expected.count(each) for each in ("won", "lost", "open"))


def test_who_moved_back_from_won_has_moved_back_everywhere(deals):
    won = deals.ask(measures.steps, AS_RECORDED).stages[-1]
    assert (won.name, won.leads, won.moved_back, won.still_there) == ("Closed Won", 3, 1, 2)
    told = moves(deals.journeys, deals.question())
    assert (told.back.moved_back.numerator, told.back.win_rate.numerator) == (1, 0)


@thorough
def test_the_command_line_and_a_saved_mapping_say_so(tmp_path, capsys):
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    file = str(tmp_path / "deals.csv")
    told = [_json(capsys, "steps", file, *flags) for flags in ((), ("--reopened-by", "never"), ("--keeps-win",))]
    assert [(each["won"], each["lost"], each["open"]) for each in told] == [(2, 1, 3), (2, 2, 2), (3, 1, 2)]
    seen = _json(capsys, "inspect", file, "--reopened-by", "any")
    assert (seen["reopened_by"], seen["keeps_win"]) == ("any", False)
    with funnel.open(file, overrides=MappingOverrides(reopened_by=Reopening.NEVER, keeps_win=True)) as data_set:
        toml = mapping.to_toml(data_set.mapping, data_set.overrides)
        data_set.save(tmp_path / "kept.funnel")
    assert mapping.from_toml(toml, "kept").end_rule == EndRule(Reopening.NEVER, True)
    with funnel.open(tmp_path / "kept.funnel") as again:
        assert again.overrides.end_rule == EndRule(Reopening.NEVER, True)
        assert again.ask(measures.steps, AS_RECORDED).lost == 2
    for wrong in ('reopened_by = "often"\n', 'keeps_win = "yes"\n'):
        with pytest.raises(MappingError, match=wrong.split(" ")[0]):
            mapping.from_toml(wrong, "kept")


@thorough
def test_the_data_page_shows_what_each_choice_comes_to():
    at = uploaded(DEALS.encode())
    at.switch_page("files_page.py").run()
    by, keeps = at.radio
    assert [option.rsplit("(", 1)[1] for option in by.options] == ["1 lost)", "0 lost)", "2 lost)"]
    assert [option.rsplit("(", 1)[1] for option in keeps.options] == ["2 won)", "3 won)"]
    by.set_value(Reopening.NEVER).run()
    assert not at.exception
    assert at.radio[0].value == Reopening.NEVER
    at.radio[1].set_value(True).run()
    at.switch_page("funnel_page.py").run()
    assert at.title[0].value.startswith("3 of ")


# Ninety applications: thirty are granted, thirty refused, and the checking of each is written down seconds after its end; thirty are on
# their way, and checked too.
WORK = "application,step,time\n" + "".join(
    f"{n},Received,2024-01-{n % 28 + 1:02} 09:00:00\n{n},Offer sent,2024-02-{n % 28 + 1:02} 09:00:00\n"
    + (f"{n},{('Closed Won', 'Closed Lost')[n % 3]},2024-03-{n % 28 + 1:02} 09:00:00\n" if n % 3 < 2 else "")
    + f"{n},Qbx validating application,2024-03-{n % 28 + 1:02} 09:00:07\n"
    for n in range(90)
)


def test_work_written_down_after_the_end_opens_nothing(tmp_path):
    concept, confidence = label_concepts.guess("Qbx validating application")
    assert concept == "lead"
    assert confidence < 0.85
    with funnel.open(*written(tmp_path, log=WORK), as_of=datetime(2024, 6, 1)) as data_set:
        assert data_set.concepts["Qbx validating application"] == "unplaced"
        told = data_set.ask(measures.steps, AS_RECORDED)
        assert (told.won, told.lost, told.open) == (30, 30, 30)
        (note,) = [each for each in data_set.warnings if each.key == "mapping.decided_by_lines"]
        assert "Qbx validating application" in note.values["listed"]


def test_deals_that_do_go_on_after_their_end_are_open_again(tmp_path):
    again = WORK.replace("2024-03", "2024-04") + "".join(
        f"{n},Qbx validating application,{datetime(2024, 5, 1) + timedelta(days=n % 9):%Y-%m-%d} 09:00:07\n"
        for n in range(90)
    )
    with funnel.open(*written(tmp_path, log=again), as_of=datetime(2024, 6, 1)) as data_set:
        assert data_set.concepts["Qbx validating application"] == "lead"
        told = data_set.ask(measures.steps, AS_RECORDED)
        assert (told.won, told.lost, told.open) == (0, 0, 90)


@thorough
def test_what_other_rules_come_to_takes_nothing_from_a_file_of_many_labels(tmp_path):
    lines = "id,stage,time\n" + "".join(
        f"{n},Label {n % 90:02},2024-01-01\n{n},{'Closed Won' if n % 2 else 'Closed Lost'},2024-02-01\n{n},Label {n % 7:02},2024-03-01\n"
        for n in range(180)
    )
    with funnel.open(*written(tmp_path, log=lines), as_of=datetime(2024, 6, 1)) as data_set:
        before = data_set.ask(measures.steps, AS_RECORDED)
        assert data_set.outcomes_under(EndRule(Reopening.ANY))[Outcome.LOST] == 0
        assert data_set.outcomes_under(EndRule())[Outcome.LOST] == 90
        again = data_set.ask(measures.steps, data_set.question(rule="visited"))
        assert (again.won, again.lost, again.open) == (before.won, before.lost, before.open) == (90, 90, 0)


def test_a_loss_at_the_moment_of_a_win_is_no_end_that_stays():
    at_once, later = datetime(2024, 2, 26), datetime(2024, 2, 27)
    entries = [Entered("<b>Won</b>", at_once), Entered("Lost", at_once), Entered("New", later)]
    engine = engine_with({"lead": entries})
    try:
        journeys = journeys_of(engine, CONCEPTS, end_rule=EndRule(Reopening.NEVER))
        question = Question(model_of([{"New"}, {'it\'s "so"'}]))
        told = steps(journeys, question)
        within = steps(journeys, replace(question, window_days=30))
    finally:
        engine.close()
    # Won, and moved back to an earlier stage since.
    assert (told.won, told.lost, told.open) == (within.won, within.lost, within.open) == (0, 0, 1)
