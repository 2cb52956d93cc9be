"""The logistic line through months: a vector worked out by statsmodels, statsmodels itself on drawn counts, and what draws no line."""

from __future__ import annotations

import json
import warnings
from math import erfc, exp, sqrt
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from funnel.measures.statistics.binomial_trend import line, more_than
from tests.thorough import examples

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/41_its.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-6


def design(months: int, change: int) -> list[tuple[float, float, float]]:
    return [(1.0, float(month - change), float(month >= change)) for month in range(months)]


def test_the_vector() -> None:
    won, leads, change, expected = (VECTOR[name] for name in ("won", "leads", "change_at_index", "expected"))
    columns = design(len(won), change)
    fitted = line(columns, won, leads)
    assert fitted is not None
    assert fitted.coefficients == pytest.approx(expected["params"], abs=TOLERANCE)
    assert [fitted.error(place) for place in range(3)] == pytest.approx(expected["se"], abs=TOLERANCE)
    # Months that scatter less than chance make nothing surer.
    assert (expected["phi"] < 1, fitted.phi, fitted.freedom) == (True, 1.0, 12)
    assert fitted.coefficients[2] / fitted.error(2) == pytest.approx(expected["t"], abs=TOLERANCE)
    assert fitted.p(2) == pytest.approx(expected["p"], abs=TOLERANCE)
    assert fitted.odds(2)[0] == pytest.approx(expected["odds_ratio"], abs=TOLERANCE)
    before = [(1.0, month, 0.0) for _, month, _ in columns[change:]]
    extra, low, high = more_than(fitted, columns[change:], leads[change:], before)
    assert extra == pytest.approx(expected["extra_wins_after_vs_trend"], abs=TOLERANCE)
    assert low < extra < high
    slope = line([row[:2] for row in columns[:change]], won[:change], leads[:change])
    assert slope is not None
    assert slope.coefficients[1] == pytest.approx(expected["pre_trend_slope"], abs=TOLERANCE)
    p = erfc(abs(slope.coefficients[1]) / slope.error(1) / sqrt(2))
    assert p == pytest.approx(expected["pre_trend_p"], abs=TOLERANCE)


counts = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: (min(pair), max(pair))),
    min_size=6,
    max_size=24,
)


@settings(max_examples=examples(200), deadline=None)
@given(counts, st.data())
def test_statsmodels_fits_the_same(drawn, data) -> None:
    change = data.draw(st.integers(2, len(drawn) - 2))
    columns, won, leads = design(len(drawn), change), [k for k, _ in drawn], [n for _, n in drawn]
    fitted = line(columns, won, leads)
    rows = [place for place, n in enumerate(leads) if n]
    x = np.asarray([columns[place] for place in rows])
    if fitted is None:
        sides = [[place for place in rows if columns[place][2] == side] for side in (0.0, 1.0)]
        poor = any(not 0 < sum(won[place] for place in side) < sum(leads[place] for place in side) for side in sides)
        steep = len(rows) < 8
        assert len(rows) <= 3 or np.linalg.matrix_rank(x) < 3 or poor or steep
        return
    y = np.asarray([[won[place], leads[place] - won[place]] for place in rows])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = sm.GLM(y, x, family=sm.families.Binomial()).fit(tol=1e-12, maxiter=200)
    assume(np.all(np.abs(peer.params) < 14))
    phi = max(1.0, peer.pearson_chi2 / peer.df_resid)
    assert fitted.coefficients == pytest.approx(list(peer.params), abs=1e-5)
    assert fitted.phi == pytest.approx(phi, rel=1e-5)
    errors = np.sqrt(np.diag(peer.cov_params() / peer.scale * phi))
    assert [fitted.error(place) for place in range(3)] == pytest.approx(list(errors), rel=1e-4)
    t = peer.params[2] / errors[2]
    assert fitted.p(2) == pytest.approx(2 * stats.t.sf(abs(t), peer.df_resid), abs=1e-6)
    _, low, high = fitted.odds(2)
    reach = stats.t.ppf(0.975, peer.df_resid) * errors[2]
    assert (low, high) == (
        pytest.approx(exp(peer.params[2] - reach), rel=1e-3),
        pytest.approx(exp(peer.params[2] + reach), rel=1e-3),
    )


def test_what_tells_no_line_is_none() -> None:
    columns = design(9, 6)
    assert line(columns, [0] * 9, [50] * 9) is None  # nobody
    assert line(columns, [50] * 9, [50] * 9) is None  # all
    assert line(columns, [5] * 6 + [0] * 3, [50] * 9) is None  # none after: as far down as one likes
    assert line(columns, [5] * 9, [50, 50, 50, 0, 0, 0, 0, 0, 0]) is None  # three months for three numbers
    assert line(columns, [5] * 9, [50] * 6 + [0] * 3) is None  # nobody came after
    assert line(columns, [5, 7] * 4 + [5], [50] * 9) is not None


def test_leads_of_accounts_make_it_less_sure() -> None:
    columns = design(12, 6)
    plain, doubled = (line(columns, [20, 21] * 6, [100] * 12, effect) for effect in (1.0, 4.0))
    assert plain is not None
    assert doubled is not None
    assert doubled.phi == 4
    assert doubled.error(2) == pytest.approx(2 * plain.error(2))
    assert line(columns, [20, 21] * 6, [100] * 12, float("inf")) is None


def test_scattered_months_make_it_less_sure() -> None:
    columns = design(12, 6)
    calm = line(columns, [20, 21] * 6, [100] * 12)
    wild = line(columns, [5, 36] * 6, [100] * 12)
    assert calm is not None
    assert wild is not None
    assert calm.phi == 1
    assert wild.phi > 10
    assert wild.error(2) > 3 * calm.error(2)
    assert wild.detectable(2) > calm.detectable(2) > 1
