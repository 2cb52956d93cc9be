"""Every model on every kind of file: it computes, the same leads are counted, and its parts add up."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel import catalogue, measures
from funnel.core.types import AS_RECORDED, Rule, Shape, Unit
from funnel.journeys import FATES
from tests.cases import case
from tests.thorough import every, thorough

pytestmark = thorough

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
KEYS = (funnel.AS_RECORDED, *(model.key for model in catalogue.models()))
FILES = {
    "sample history": lambda: [SAMPLES / "leads-history.csv.gz"],
    "bpic2012": lambda: [case("bpic2012", "bpic2012_events.csv.gz")],
    "sample snapshot": lambda: [SAMPLES / "leads-snapshot.csv.gz"],
    "sample wide": lambda: [SAMPLES / "leads-wide.csv.gz"],
    "enpal": lambda: [case("enpal_pipedrive", name) for name in ("deal_changes.csv", "stages.csv")],
    "maven": lambda: [
        case("maven_crm", f"{name}.csv") for name in ("sales_pipeline", "accounts", "products", "sales_teams")
    ],
    "olist": lambda: [case("olist", name) for name in ("mql_mdy.csv", "closed_deals_iso.csv")],
}
AS_OF = datetime(2026, 7, 1)


@pytest.fixture(scope="module", params=every(3, [*FILES]), ids=str)
def data_set(request):
    with funnel.open(*FILES[request.param](), as_of=AS_OF) as opened:
        yield opened


def test_all_models_count_the_same_leads_on_the_same_dates(data_set):
    middle = data_set.first_start + (data_set.last_start - data_set.first_start) / 2
    for dates in ({}, {"start_to": middle.date()}, {"start_from": middle.date()}):
        questions = data_set.ask(measures.lined_up, [data_set.question(key, unit=Unit.LEAD, **dates) for key in KEYS])
        found = [data_set.ask(measures.steps, question) for question in questions]
        compared = data_set.ask(measures.flows, questions).leads
        assert compared > 0
        assert [steps.leads for steps in found if steps.coverage == 1] == [compared] * sum(
            steps.coverage == 1 for steps in found
        )
        assert sum(steps.coverage == 1 for steps in found) > 10
        for steps in found:
            assert steps.won + steps.lost + steps.open == steps.leads <= compared
            for stage in steps.stages:
                assert sum(getattr(stage, part) for part in FATES) == stage.leads
            counts = [stage.leads for stage in steps.stages]
            assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("rule", list(Rule))
def test_all_models_compute_under_every_rule(data_set, rule):
    for key in KEYS:
        steps = data_set.ask(measures.steps, data_set.question(key, rule=rule))
        assert len(steps.stages) == len(data_set.model(key).stages)
        assert steps.leads > 0


def test_the_scoreboard_says_a_number_or_why_there_is_none(data_set):
    found = data_set.ask(measures.comparison, [funnel.AS_RECORDED, "standard", "account-based", "reverse"])
    snapshot = data_set.mapping.shape is Shape.SNAPSHOT
    for score in found.scores:
        for line in ("signal", "moves", "hidden", "leaks", "waits"):
            assert (getattr(score, line) is None) == (line in score.missing)
        assert (score.moves is None) == snapshot
        assert 0 < score.coverage.value <= 1
    assert found.verdict
    total = found.leads
    for pair in found.alignment.pairs:
        assert sum(leads for _, _, leads, _ in pair.cells) == total


def test_models_with_a_view_of_their_own(data_set):
    accounts = "account" in data_set.loaded.columns
    assert data_set.question("account-based").unit is (Unit.ACCOUNT if accounts else Unit.LEAD)
    back = data_set.ask(measures.backward, data_set.question("reverse"))
    assert [stage.key for stage in back.stages] == [stage.key for stage in data_set.model("reverse").reading_order]
    assert back.won == data_set.ask(measures.steps, "reverse").won
    loyalty = data_set.ask(measures.loyalty, data_set.question("consumer-decision-journey"))
    assert loyalty.by_account == accounts
    assert loyalty.again.numerator <= loyalty.repeats
    order = data_set.ask(measures.inferred_order, AS_RECORDED)
    assert len(order.pairs) == len(data_set.as_recorded().stages) - 1
