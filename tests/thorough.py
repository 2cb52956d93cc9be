"""How many examples the slow tests of rules draw: EXAMPLES=4 draws four times as many as usual."""

from __future__ import annotations

import os

_TIMES = float(os.environ.get("EXAMPLES", 1))


def examples(usual: int) -> int:
    return max(1, round(usual * _TIMES))
