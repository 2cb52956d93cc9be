"""Second wins, repeat value and retention as pictures: what is drawn and said, nobody to draw, narrow and wide, dark."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
import pytest

import funnel
from funnel.charts import expansion as second_wins
from funnel.charts import expansion_value as value
from funnel.charts import retention as waterfall
from funnel.measures.expansion import Expansion, expansion
from funnel.measures.expansion_value import PURCHASES
from funnel.measures.retention import Contracted, retention

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/contracts.csv.gz"


@pytest.fixture(scope="module")
def told() -> tuple[Expansion, Contracted]:
    with funnel.open(SAMPLE) as data_set:
        return data_set.ask(expansion, "as-recorded"), data_set.ask(retention, "as-recorded")


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Expansion:
    path = tmp_path_factory.mktemp("deals") / "deals.csv"
    path.write_text(
        "deal id,account,stage,created,closed\n1,a,Closed Lost,2024-01-01,2024-02-01\n2,b,Open,2024-01-01,\n"
    )
    with funnel.open(path) as data_set:
        return data_set.ask(expansion, "as-recorded")


def test_all_customers_stand_before_the_quarters(told) -> None:
    found, _ = told
    lines = [trace for trace in second_wins.draw(found).data if trace.mode == "lines" and trace.name]
    assert lines[-1].name == "All customers"
    assert max(trace.line.width for trace in lines) == lines[-1].line.width
    assert max(lines[-1].y) == found.curve.points[-1].rate
    # A quarter of fewer than 20 customers has no curve of its own.
    few = {each.start.isoformat() for each in found.landings if each.accounts < 20}
    assert few
    assert not few & {trace.customdata[0][0] for trace in lines}
    assert "Of 320 customers, 202 bought again so far" in second_wins.describe(found)


def test_the_plain_sum_stands_beside_the_mean(told) -> None:
    found, _ = told
    (plain,) = [trace for trace in value.draw(found, "EUR").data if trace.meta == "plain"]
    euro = value.of(found, "EUR")
    assert list(plain.y) == [each.plain for each in euro.by_day]
    curve = next(trace for trace in value.draw(found, "EUR").data if trace.mode == "lines" and trace.hovertext)
    assert max(curve.y) == max(step.mean for step in euro.steps if step.at_risk >= 10)
    assert "27.57 more per 100" in value.describe(found, "EUR")
    assert "44.81 more times" in value.describe(found, PURCHASES)


def test_each_bar_begins_where_the_one_before_ended(told) -> None:
    _, contracts = told
    (bars,) = [trace for trace in waterfall.draw(contracts, "EUR").data if trace.meta == "parts"]
    spans = {
        part: (base, base + length) for (part,), base, length in zip(bars.customdata, bars.base, bars.x, strict=True)
    }
    for before, after in (
        ("start", "new"),
        ("new", "expansion"),
        ("expansion", "contraction"),
        ("contraction", "churn"),
    ):
        assert spans[before][1] == pytest.approx(spans[after][0])
    assert spans["churn"][1] == pytest.approx(spans["end"][1])
    assert "€140.6K" in waterfall.describe(contracts, "EUR")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
def test_every_figure_is_one_that_plotly_takes(told, nobody, dark: bool, width_hint: int | None) -> None:
    found, contracts = told
    how = {"dark": dark, "width_hint": width_hint}
    for figure in (
        second_wins.draw(found, **how),
        second_wins.draw(nobody, **how),
        value.draw(found, "USD", **how),
        value.draw(found, **how),
        value.draw(nobody, **how),
        value.draw(nobody, "EUR", **how),
        *(waterfall.draw(contracts, currency, **how) for currency in waterfall.currencies(contracts)),
    ):
        go.Figure(figure.to_dict())
    assert "Too few customers" in value.describe(nobody, "EUR")
