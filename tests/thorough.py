"""What `make test` leaves to `make test-all`: tests that take long, most of many alike cases, and most of what the tests of rules draw."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

_TIMES = float(os.environ.get("EXAMPLES", 0.3))

thorough = pytest.mark.thorough
"""A second line of defence that takes long."""


def examples(usual: int) -> int:
    """How many examples a slow test of rules draws: three of ten, EXAMPLES=4 draws four times as many as usual."""
    return max(1, round(usual * _TIMES))


def every(step: int, cases: Sequence[Any]) -> list[Any]:
    """The cases of one test: each `step`-th is always tried, from the first on, the others in a thorough run.

    A case of several values is a tuple, as for `parametrize`.
    """
    marks = [() if place % step == 0 else thorough for place in range(len(cases))]
    values = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*each, marks=mark) for each, mark in zip(values, marks, strict=True)]
