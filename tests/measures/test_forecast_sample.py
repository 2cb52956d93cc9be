"""A forecast of the bundled sample: how often its ranges held, and by how much it missed, over all earlier months."""

from __future__ import annotations

from pathlib import Path

import pytest

import funnel
from funnel import measures
from tests.thorough import thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "leads-history.csv.gz"


@thorough
def test_earlier_forecasts_were_right_as_often_as_they_said():
    with funnel.open(SAMPLE) as data_set:
        result = data_set.ask(measures.forecast, data_set.question("standard"))
    judged = [each for each in result.backtests if each.range is not None]
    assert len(judged) >= 40
    within = [each.range.low80 <= each.was <= each.range.high80 for each in judged]
    wider = [each.range.low95 <= each.was <= each.range.high95 for each in judged]
    assert 0.75 <= sum(within) / len(judged) <= 0.97
    assert sum(wider) / len(judged) >= 0.95
    # Worked out apart, with another program: 17 % at one month, 14, 12, 10, 8, and 10 % at six.
    for month, error in zip(result.months, (0.17, 0.14, 0.12, 0.10, 0.08, 0.10), strict=True):
        assert result.right(month.ahead).error == pytest.approx(error, abs=0.03)
    said = sum(each.expected for each in result.backtests) / sum(each.was for each in result.backtests)
    assert said == pytest.approx(1.057, abs=0.05)
    first = result.months[0]
    assert first.from_open > 0.9 * first.expected
    assert result.months[-1].from_new > 0.3 * result.months[-1].expected
