"""Watch from leads: the counts against plain Python, what rings and what is silent, the past, and the rules that are no steps."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

import funnel
from funnel.core.errors import QuestionError
from funnel.core.types import Period
from funnel.core.types.watch import (
    DataRule,
    OpenValueRule,
    StalledRule,
    StepRule,
    TargetRule,
    WatchRules,
    WinsRule,
)
from funnel.measures.statistics.beta_binomial_tail import usual
from funnel.measures.watch import watch
from funnel.measures.watch_steps import step_cohorts
from funnel.words import wording
from tests import watch_leads
from tests.thorough import examples

STEP = WatchRules((StepRule("New", day=7),))
FIRST = date(2024, 1, 1)


def opened(tmp_path, text):
    file = tmp_path / "deals.csv"
    file.write_text(text, encoding="utf-8")
    return funnel.open(file)


def asked(data_set, rules=None, today=None, **more):
    model = data_set.labels_model([["New"], ["Demo done"], ["Closed won"]])
    return data_set.ask(watch, data_set.question(model, **more), rules, today)


def said(note):
    return wording.say(note.key, **note.values)


# From leads ---------------------------------------------------------------------------------------------------------------------------


def test_counts_are_those_of_plain_python(tmp_path):
    gone_on = watch_leads.weeks(30)
    with opened(tmp_path, watch_leads.csv(gone_on)) as data_set:
        until = datetime(2024, 7, 26, 12)
        found = asked(data_set, STEP, observed_until=until)
    (step,) = found.steps
    assert (step.of.period, step.of.day) == (Period.WEEK, 7)
    expected = []
    for week, converted in enumerate(gone_on):
        monday = FIRST + timedelta(days=7 * week)
        if datetime.combine(monday + timedelta(days=7 + 7), datetime.min.time()) <= until:
            expected.append((monday, 40, converted))
    assert [(each.first, each.entered, each.converted) for each in step.of.cohorts] == expected
    assert (len(expected), len(step.of.young)) == (28, 2)


def test_the_days_of_a_step_are_those_of_three_quarters(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(45))) as data_set:
        found = asked(data_set, WatchRules((StepRule("New"), StepRule("Demo done"))))
    # Not quite three days after, which is within three; and five days and an hour, within six.
    assert [each.of.day for each in found.steps] == [3, 6]


def test_a_fall_rings_with_its_counts_and_how_seldom_chance_does_it(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(42, fallen=4, to=5))) as data_set:
        found = asked(data_set, STEP)
    (alarm,) = found.ringing
    step = found.step(alarm.rule.key)
    window = step.look.ringing
    # The file ends within the last week; the one before it was followed for seven days, and two of the four had fallen by then.
    followed = [each.converted for each in step.of.cohorts]
    assert followed[-3:].count(5) >= 2
    lead = "New → Demo done is below its usual range: "
    assert said(alarm.said).startswith(f"{lead}{window.converted} of {window.entered} leads that came from ")
    before = [
        (each.converted, each.entered) for each in step.of.cohorts[-len(window.cohorts) - 26 : -len(window.cohorts)]
    ]
    among = usual(before)
    strength = 1 / among.spread(len(window.cohorts)) - 1
    chance = betabinom.cdf(window.converted, window.entered, among.rate * strength, (1 - among.rate) * strength)
    assert window.chance == pytest.approx(chance, rel=1e-6)
    assert alarm.years == pytest.approx(1 / max(chance * 52 * 1 * 3, 1e-9), rel=1e-6)
    assert [each.day for each in found.rungs] == [step.episode.since]


def test_the_past_is_as_it_would_have_been_seen_then(tmp_path):
    """Replayed looks are those of the same question observed until then."""
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(44, fallen=6, to=8))) as data_set:
        now = asked(data_set, STEP).steps[0]
        for past in now.past[-8:]:
            then = datetime.combine(past.at + timedelta(days=7 + 7), datetime.min.time())
            seen = asked(data_set, STEP, observed_until=then).steps[0]
            assert seen.look == past


@settings(max_examples=examples(12), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["", "Demo done", "Closed lost", "Later"])), max_size=40))
def test_young_cohorts_never_alter_a_verdict(tmp_path_factory, young):
    """Leads of the last days, whatever becomes of them, change neither the days of the step, nor a look, nor a verdict."""
    folder = tmp_path_factory.mktemp("young")
    rows = watch_leads.lines(watch_leads.weeks(42, fallen=3, to=9))
    end = watch_leads.MONDAY + timedelta(days=7 * 42 + 20)
    rows.append(f"last,New,{end.isoformat(' ')},1")
    fresh = []
    for number, (ago, label) in enumerate(young):
        came = end - timedelta(days=ago * 0.4)
        fresh.append(f"young{number},New,{came.isoformat(' ')},1")
        if label:
            fresh.append(f"young{number},{label},{(came + timedelta(minutes=1)).isoformat(' ')},1")
    fresh = [each for each in fresh if each.split(",")[2] <= end.isoformat(" ")]
    verdicts = []
    for more in ([], fresh):
        with opened(folder, "\n".join(["Deal ID,Stage,Entered at,Amount", *rows, *more]) + "\n") as data_set:
            found = asked(data_set, WatchRules((StepRule("New"),)))
            (step,) = found.steps
            verdicts.append((step.of.day, step.look, [each.rings for each in found.judged], found.rungs))
    assert verdicts[0] == verdicts[1]


def test_a_renamed_stage_silences_its_step_and_rings_as_data(tmp_path):
    gone_on = watch_leads.weeks(42)
    names = ["Demo done"] * 36 + ["Xqzt 7"] * 6
    with opened(tmp_path, watch_leads.csv(gone_on, names)) as data_set:
        model = data_set.labels_model([["New"], ["Demo done"], ["Closed won"]])
        # Those that went on to the win are counted past the unknown label; the others look as if they had never gone on.
        data_set.with_concepts({"Xqzt 7": "unplaced"})
        rules = WatchRules((StepRule("New", day=4), DataRule()))
        found = data_set.ask(watch, data_set.question(model), rules, None)
    step, data = found.judged
    assert step.rings is None
    assert "labels that mean nothing" in said(step.said)
    assert data.rings
    assert "Xqzt 7" in said(data.said)


def test_a_snapshot_tells_why_its_steps_are_not_judged(tmp_path):
    rows = "Deal ID,Stage,Created\n" + "".join(f"d{n},New,2025-01-{1 + n % 28:02d}\n" for n in range(60))
    with opened(tmp_path, rows + "d99,Closed won,2025-01-05\n") as data_set:
        found = data_set.ask(watch, "as-recorded", None, None)
    assert all(each.rings is None for each in found.judged if isinstance(each.rule, StepRule))
    assert all(said(each.said) for each in found.judged)


def test_a_rule_of_no_step_is_not_judged_and_says_so(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(30))) as data_set:
        found = asked(data_set, WatchRules((StepRule("Nowhere"),)))
    (unjudged,) = found.unjudged
    assert said(unjudged.said) == "“Labels by hand” has no step that begins at “Nowhere”."


def test_a_budget_that_cannot_be_promised_is_refused(tmp_path):
    with (
        opened(tmp_path, watch_leads.csv(watch_leads.weeks(20))) as data_set,
        pytest.raises(QuestionError, match="can be 0"),
    ):
        asked(data_set, WatchRules((WinsRule(),), 0.1))


def test_months_are_judged_where_weeks_have_too_few_leads(tmp_path):
    with opened(tmp_path, watch_leads.csv([2] * 100, each=4)) as data_set:
        (step,) = asked(data_set, STEP).steps
    assert step.of.period is Period.MONTH
    # Five Mondays of January 2024 with four leads each.
    assert (step.of.cohorts[0].first, step.of.cohorts[0].entered, step.of.cohorts[0].converted) == (FIRST, 20, 10)
    assert step.promise.looks == 12


# The other rules ----------------------------------------------------------------------------------------------------------------------


def test_data_that_are_old_ring_by_the_day_that_is_given(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(20))) as data_set:
        newest = data_set.observed_until.date()
        for age, rings in ((14, False), (15, True)):
            (data,) = asked(data_set, WatchRules((DataRule(),)), newest + timedelta(days=age)).judged
            assert data.rings is rings
    assert "15 days ago" in said(data.said)


def test_lines_that_could_not_be_read_ring_above_their_limit(tmp_path):
    text = watch_leads.csv(watch_leads.weeks(20)) + "x1,New,no day,5\nx2,New,31.31.2024,5\n"
    with opened(tmp_path, text) as data_set:
        rejected = data_set.reject_count()
        assert rejected == 2
        for most, rings in ((2, False), (1, True)):
            (data,) = asked(data_set, WatchRules((DataRule(rejected_above=most),))).judged
            assert data.rings is rings


def test_what_is_open_is_held_against_its_limit(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(12))) as data_set:
        until = data_set.observed_until
        rows = [row.split(",") for row in watch_leads.lines(watch_leads.weeks(12))]
        worth = {row[0]: float(row[3]) for row in rows}
        ended = {row[0] for row in rows if row[1].startswith("Closed") and datetime.fromisoformat(row[2]) <= until}
        value = sum(amount for lead, amount in worth.items() if lead not in ended)
        for below, rings in ((value, False), (value + 1, True)):
            (found,) = asked(data_set, WatchRules((OpenValueRule(below),))).judged
            assert found.rings is rings
    assert str(len(worth) - len(ended)) in said(found.plain)
    assert "K" not in said(found.plain)


def test_stalled_leads_ring_above_a_count_a_value_or_where_new(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(30))) as data_set:
        (new,) = asked(data_set, WatchRules((StalledRule(),))).judged
        stalled = new.said.values["leads"]
        assert stalled > 0
        for above, rings in ((stalled, False), (stalled - 1, True)):
            (found,) = asked(data_set, WatchRules((StalledRule(above=above),))).judged
            assert found.rings is rings
        (value,) = asked(data_set, WatchRules((StalledRule(value_above=0.0),))).judged
        assert value.rings
        # Whoever stands at the second stage came there on a Thursday, and is stalled from some day after.
        assert new.rings is (new.said.values["fresh"] > 0)


def test_a_target_rings_where_it_is_unlikely(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(60))) as data_set:
        until = data_set.observed_until.date()
        by, since = until + timedelta(days=60), until - timedelta(days=30)
        for wins, rings in ((1, False), (10_000, True)):
            (found,) = asked(data_set, WatchRules((TargetRule(wins, by, since),))).judged
            assert found.rings is rings, said(found.said)
        # Without a first day it is that of the quarter, look after look; before that there is nothing to be judged.
        (early,) = asked(data_set, WatchRules((TargetRule(5, date(2025, 8, 1)),))).judged
        assert (early.rings, "1 Jul 2025" in said(early.said)) == (None, True)
        (past,) = asked(data_set, WatchRules((TargetRule(5, date(2024, 1, 31)),))).judged
    assert past.rings is None
    assert "Choose a later day" in said(past.said)


def test_wins_ring_below_the_range_of_their_forecast(tmp_path):
    low = [4 if 96 <= week <= 99 else some for week, some in enumerate(watch_leads.weeks(104))]
    ends = datetime(2025, 12, 10)
    for gone_on, rings in ((watch_leads.weeks(104), False), (low, True)):
        with opened(tmp_path, watch_leads.csv(gone_on)) as data_set:
            until = min(ends, data_set.observed_until)
            (found,) = asked(data_set, WatchRules((WinsRule(),)), observed_until=until).judged
        assert found.rings is rings, said(found.said)


def test_counts_need_a_moment_up_to_which_is_observed(tmp_path):
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(20))) as data_set:
        model = data_set.labels_model([["New"], ["Demo done"]])
        found, sql = data_set.ask(step_cohorts, data_set.question(model), {})
    assert (found, sql) == ((), "")


def test_a_short_file_says_the_days_of_its_steps_by_a_shorter_time(tmp_path):
    """Nine weeks: half of them are four weeks, so that who went on within 28 days says it."""
    with opened(tmp_path, watch_leads.csv(watch_leads.weeks(9))) as data_set:
        (step,) = asked(data_set, WatchRules((StepRule("New"),)), observed_until=datetime(2024, 3, 4)).steps
    # Of the five weeks that were followed for 28 days: 20 + 22 + 18 + 21 + 19.
    assert (step.of.day, step.of.timed) == (3, 100)


def test_too_few_that_went_on_tell_no_days(tmp_path):
    with opened(tmp_path, watch_leads.csv([2] * 9)) as data_set:
        (step,) = asked(data_set, WatchRules((StepRule("New"),))).judged
    assert step.rings is None
    assert "leads went on; of fewer than 20 the days of the step are not told" in said(step.said)
