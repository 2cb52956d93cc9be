"""What people see of rows: a share of few, the ends of its interval, quantities with all digits, columns that hold nothing."""

from __future__ import annotations

from funnel.core.rows import Exact, Row, bound, data, heads, number, written
from funnel.core.types import Rate

FEW, ENOUGH = Rate(3, 19, 3 / 19, 0.05, 0.38), Rate(5, 20, 0.25, 0.11, 0.47)


def test_a_share_of_few_is_its_two_counts_and_the_ends_of_its_interval_are_told_where_it_is() -> None:
    assert [written(rate) for rate in (FEW, ENOUGH)] == ["3 of 19", "25%"]
    assert [number(bound(rate, rate.low)) for rate in (FEW, ENOUGH)] == [None, 11.0]
    assert data([{"low": bound(FEW, FEW.low)}]) == [{"low": 0.05}]


def test_a_quantity_keeps_its_digits_where_a_measured_one_is_rounded() -> None:
    assert (number(Exact(25 / 24)), number(25 / 24)) == (25 / 24, 1.0)


def test_a_rare_column_without_anything_in_it_is_left_out() -> None:
    rows: list[Row] = [{"leads": 0, "accounts": 2}, {"leads": 0, "accounts": 0}]
    assert list(heads("account_sizes", rows)) == ["leads", "accounts"]
    assert list(heads("account_sizes", rows, ("leads", "accounts"))) == ["accounts"]
