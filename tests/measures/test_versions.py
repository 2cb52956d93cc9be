"""A model that changed on days: each lead by the version in force when it came, held against each version as a model of its own over
its own leads, and against the rules in plain Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import catalogue, measures
from funnel.core.errors import QuestionError
from funnel.core.types import Entry, Filters, Note, Question, Rule, StageModel, Version
from funnel.journeys import first_last
from funnel.measures import steps
from funnel.measures.versions import joined
from tests.leads import engine_with, journeys_of, lead_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.thorough import examples

WAYS = [("passed", "first"), ("visited", "first"), ("in-order", "first"), ("in-order", "any"), ("strict", "first")]


def versioned(each: list[list[set[str]]], days: list[date]) -> StageModel:
    """A model of these stages, of which those after the first hold since these days."""
    plain = [model_of(stages) for stages in each]
    versions = [Version(since, model.stages) for since, model in zip([None, *days], plain, strict=True)]
    return replace(plain[0], versions=tuple(versions))


def version_of(entries: list[Entered], each: list[list[set[str]]], days: list[date]) -> int | None:
    """The number of the version in force at the first entry at any stage of any of them."""
    labels = set().union(*(stage for stages in each for stage in stages))
    moments = [entry.at for entry in entries if entry.label in labels and entry.at is not None]
    return sum(day <= min(moments).date() for day in days) if moments else None


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.lists(models(), min_size=2, max_size=3), st.integers(0, 9), st.sampled_from([None, 3]))
def test_each_version_is_its_stages_over_its_own_leads(leads, each, seam, window):
    days = [(DAY_ZERO + timedelta(days=seam + 2 * place)).date() for place in range(len(each) - 1)]
    model = versioned(each, days)
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    engine = engine_with(named)
    try:
        journeys = journeys_of(engine, CONCEPTS)
        for number, stages in enumerate(each):
            of_version = {lead: told for lead, told in named.items() if version_of(told, each, days) == number}
            elsewhere = {lead for lead, told in named.items() if version_of(told, each, days) not in (number, None)}
            for rule, entry in WAYS:
                told = [
                    oracle.journey(entries, stages, CONCEPTS, rule, window, entry) for entries in of_version.values()
                ]
                seen = [journey for journey in told if journey is not None]
                question = Question(model.in_version(number), Rule(rule), window, Entry(entry))
                result = steps(journeys, question)
                counts = (result.all_leads, result.placed_leads, result.leads)
                assert counts == (len(named) - len(elsewhere), len(seen), len(seen))
                reached = [sum(journey.reached[place] for journey in seen) for place in range(len(stages))]
                assert [stage.leads for stage in result.stages] == reached
                for outcome in ("won", "lost", "open"):
                    assert getattr(result, outcome) == sum(journey.outcome == outcome for journey in seen)
            if of_version:
                _equals_a_model_of_its_own(journeys, of_version, model.in_version(number), model_of(stages))
    finally:
        engine.close()


def _equals_a_model_of_its_own(journeys, leads, of_version: StageModel, alone: StageModel) -> None:
    """Moves, time and cohorts are the same as over a file that has only these leads."""
    engine = engine_with(leads)
    try:
        own = journeys_of(engine, CONCEPTS)
        until = DAY_ZERO + timedelta(days=60)
        one, other = (Question(model, observed_until=until) for model in (of_version, alone))
        for measure in (measures.moves, measures.cohorts, measures.aging):
            assert measure(journeys, one).rows() == measure(own, other).rows(), measure.__name__
        dated = Filters(start_from=DAY_ZERO.date(), start_to=(DAY_ZERO + timedelta(days=4)).date())
        assert (
            steps(journeys, replace(one, filters=dated)).plain_rows()
            == steps(own, replace(other, filters=dated)).plain_rows()
        )
    finally:
        engine.close()


OURS = """
name = "Ours"
[[stages]]
name = "Lead"
concepts = ["lead"]
[[stages]]
name = "Offer"
concepts = ["proposal"]
[[stages]]
name = "Won"
concepts = ["won"]
[[versions]]
from = 2025-03-11
[[versions.stages]]
name = "Enquiry"
concepts = ["lead"]
[[versions.stages]]
name = "Demo"
concepts = ["demo"]
[[versions.stages]]
name = "Offer"
concepts = ["proposal"]
[[versions.stages]]
name = "Won"
concepts = ["won"]
"""
MEANT = {"New": "lead", "Shown": "demo", "Bid": "proposal", "Signed": "won", "Gone": "lost"}
MEANING = funnel.MappingOverrides(concepts=tuple(MEANT.items()))
LEADS = {
    # Three came before the 11th of March, of whom two were shown something that their version has no stage for.
    "a": lead_of((0, "New"), (2, "Shown"), (20, "Bid"), (30, "Signed")),
    "b": lead_of((1, "Shown"), (9, "New")),
    "c": lead_of((9.5, "New"), (12, "Gone")),
    # Two since; the second is of the day itself.
    "d": lead_of((15, "New"), (16, "Shown"), (17, "Bid")),
    "e": lead_of((10, "Shown"), (11, "Bid"), (12, "Signed")),
    # Nobody knows when; and never at any stage.
    "f": lead_of((None, "New")),
    "g": lead_of((3, "Gone")),
}


def ours() -> StageModel:
    return catalogue.read_model_text(OURS, "ours.toml")


@pytest.fixture
def journeys():
    engine = engine_with(LEADS)
    yield journeys_of(engine, MEANT)
    engine.close()


def test_the_versions_by_hand(journeys) -> None:
    found = measures.versions(journeys, Question(ours()))
    # Lead and Enquiry mean the same; the demo is a step of the later version alone. Lead b came on the 2nd, by a demo.
    assert found.lines == ((0, 0), (None, 1), (1, 2), (2, 3))
    assert [[stage.leads for stage in funnel.stages] for funnel in found.funnels] == [[3, 1, 1], [2, 2, 2, 1]]
    assert [(row["step"], row["since"], row["last"], row["name"], row["leads"]) for row in found.rows()] == [
        (1, None, date(2025, 3, 10), "Lead", 3),
        (1, date(2025, 3, 11), None, "Enquiry", 2),
        (2, date(2025, 3, 11), None, "Demo", 2),
        (3, None, date(2025, 3, 10), "Offer", 1),
        (3, date(2025, 3, 11), None, "Offer", 2),
        (4, None, date(2025, 3, 10), "Won", 1),
        (4, date(2025, 3, 11), None, "Won", 1),
    ]
    assert found.undated == 2
    with pytest.raises(QuestionError, match="has one version only"):
        measures.versions(journeys, Question(model_of([{"New"}, {"Signed"}])))


def test_the_notes_say_which_leads_are_not_counted(journeys) -> None:
    model = ours()
    assert measures.version_notes(journeys, Question(model)) == (
        Note("measures.version_from", {"model": "Ours", "since": date(2025, 3, 11), "last": None, "others": 3}),
        Note("measures.version_undated", {"n": 2}),
    )
    (first, _) = measures.version_notes(journeys, Question(model.in_version(0)))
    values = {"model": "Ours", "since": None, "last": date(2025, 3, 10), "others": 2}
    assert first == Note("measures.version_to", values)
    assert measures.version_notes(journeys, Question(model_of([{"New"}]))) == ()


def test_only_what_was_observed_decides(journeys) -> None:
    # By the 10th at noon the lead c, which came that noon, is the last one.
    question = Question(ours().in_version(0), observed_until=datetime(2025, 3, 10, 12))
    assert steps(journeys.until(question.observed_until), question).leads == 3
    later = replace(question, model=ours())
    assert steps(journeys.until(question.observed_until), later).leads == 0


def test_many_labels_taken_together_keep_what_another_version_begins_with(journeys, monkeypatch) -> None:
    monkeypatch.setattr(first_last, "MOST_APART", 1)
    found = measures.versions(journeys, Question(ours()))
    assert [[stage.leads for stage in funnel.stages] for funnel in found.funnels] == [[3, 1, 1], [2, 2, 2, 1]]


def test_models_beside_a_version_are_of_its_leads(tmp_path: Path) -> None:
    with funnel.open(_file(tmp_path), overrides=MEANING) as data_set:
        model, other = data_set.model(_write(tmp_path)), data_set.labels_model([["New", "Shown"], ["Signed"]])
        questions = [data_set.question(model), data_set.question(other)]
        compared = data_set.ask(measures.comparison, questions)
        assert (compared.leads, [each.leads for each in compared.steps]) == (2, [2, 2])
        assert [score.question.model.name for score in compared.scores] == ["Ours", other.name]
        assert {flow.label: flow.leads for flow in compared.flows.labels if flow.leads} == {
            "New": 1,
            "Shown": 2,
            "Bid": 2,
            "Signed": 1,
        }


def test_a_change_on_the_day_is_of_both_versions(tmp_path: Path) -> None:
    with funnel.open(_file(tmp_path), overrides=MEANING) as data_set:
        model = _write(tmp_path)
        sides = [data_set.question(data_set.model(model))] * 2
        changed = data_set.ask(measures.change, sides, date(2025, 3, 11), None)
        assert [stage.name for stage in changed.before.stages] == ["Lead", "Offer", "Won"]
        assert [stage.leads for stage in changed.before.stages] == [3, 1, 1]
        assert [stage.leads for stage in changed.after.stages] == [2, 2, 2, 1]


def test_rates_are_not_compared_across_versions(tmp_path: Path) -> None:
    with funnel.open(_file(tmp_path), overrides=MEANING) as data_set:
        question = data_set.question(data_set.model(_write(tmp_path)))
        before, after = (date(2025, 3, 1), date(2025, 3, 10)), (date(2025, 3, 11), date(2025, 3, 20))
        for measure, options in (
            (measures.stage_changes, (before, after)),
            (measures.periods, (before, after)),
        ):
            with pytest.raises(QuestionError, match="no rate is compared across versions"):
                data_set.ask(measure, question, *options)
            first = replace(question, model=question.model.in_version(0))
            with pytest.raises(QuestionError, match="no rate is compared across versions"):
                data_set.ask(measure, first, *options)
        with pytest.raises(QuestionError, match="no rate is compared across versions"):
            data_set.ask(measures.effect, question, date(2025, 3, 11))
        within = data_set.ask(
            measures.stage_changes,
            question,
            (date(2025, 3, 11), date(2025, 3, 12)),
            (date(2025, 3, 13), date(2025, 3, 20)),
        )
        assert [change.position for change in within.stages] == [1, 2, None]


def test_the_version_is_that_of_the_day_on_the_leads_own_clock(tmp_path: Path) -> None:
    # Both came at one moment: where one of them was, the 11th had begun.
    lines = ["a,New,2025-03-10T23:30:00+01:00", "b,New,2025-03-11T00:30:00+02:00", "c,New,2025-03-09T12:00:00+01:00"]
    lines += [f"{lead},Signed,2025-03-12T12:00:00+01:00" for lead in "abc"]
    path = tmp_path / "zoned.csv"
    path.write_text("\n".join(["lead,stage,entered", *lines]) + "\n")
    with funnel.open(path, overrides=MEANING) as data_set:
        model = data_set.model(_write(tmp_path))
        counted = [data_set.ask(steps, data_set.question(model.in_version(number))).leads for number in (0, 1)]
    assert counted == [2, 1]


def test_a_snapshot_goes_by_the_day_of_creation(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.csv"
    rows = [f"{n},2025-03-{9 + n:02},{stage}" for n, stage in enumerate(["New", "Bid", "Signed", "Shown"], 1)]
    path.write_text("\n".join(["Deal ID,Create date,Stage", *rows]) + "\n")
    with funnel.open(path, overrides=MEANING) as data_set:
        model = data_set.model(_write(tmp_path))
        counted = [data_set.ask(steps, data_set.question(model.in_version(number))).leads for number in (0, 1)]
        assert data_set.unmet(data_set.question(model))[0].values["others"] == 1
    assert counted == [1, 3]


def test_steps_are_joined_by_what_they_mean() -> None:
    def stages(*each: str):
        model = model_of([set(stage) for stage in each])
        return model.stages

    assert joined([stages("a", "b", "c"), stages("a", "c")]) == ((0, 0), (1, None), (2, 1))
    # A step that was parted is joined with its first part; two that changed places are joined only as far as the order allows.
    assert joined([stages("ab", "c"), stages("a", "b", "c")]) == ((0, 0), (None, 1), (1, 2))
    assert joined([stages("a", "b", "c"), stages("b", "a", "c")]) == ((0, None), (1, 0), (None, 1), (2, 2))
    assert joined([stages("a", "c"), stages("b", "c"), stages("a", "b", "c")]) == (
        (0, None, 0),
        (None, 0, 1),
        (1, 1, 2),
    )


def _file(folder: Path) -> Path:
    path = folder / "history.csv"
    # Whoever came on no day that is known is left out here.
    lines = [
        f"{lead},{entry.label},{entry.at.isoformat(sep=' ')}"
        for lead, entries in LEADS.items()
        for entry in entries
        if entry.at is not None
    ]
    path.write_text("\n".join(["lead,stage,entered", *lines]) + "\n")
    return path


def _write(folder: Path) -> Path:
    path = folder / "ours.toml"
    path.write_text(OURS)
    return path
