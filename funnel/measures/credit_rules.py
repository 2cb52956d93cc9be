"""The rules by which a win is credited to the touches before it, and the weights that each gives: whole numbers over whole numbers, as SQL.

Of the n touches of a path, in the order of time, each has the weight:

- **first**, **last**: the whole. **last but direct**: the last whose channel is not "direct"; where all are, the last.
- **linear**: 1/n. **shared**: 1/d to the first touch of each of d channels.
- **position**: 40 % first, 40 % last, 20 % shared by the others; of two, half each.
- **decay**: halved for every so many days that it lies before another; ÷ the sum.
- **W**: 30 % each to the first touch, the last by the entry at the lead stage, and the last by the entry at the opportunity stage, 10 %
  shared by the others. **full path**: 22.5 % each to these and to the last touch before the win, 10 % shared by the others. Marks on one
  touch add up. A stage that the lead did not enter, or with no touch by then, is left out, and the rest divided by its sum; so where no
  touch is left for the 10 %. With m of M marks on it and o touches without any, a touch has 3m / (3M + 1) or 1 / (o (3M + 1)) in W,
  9m / (9M + 4) or 4 / (o (9M + 4)) in the full path, and m / M in both where o is 0.
- **Markov**, **Shapley**: not by the single path; see `statistics.removal` and `statistics.shapley`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class CreditRule(StrEnum):
    """How wins are credited to channels; the docstring of the module says how."""

    FIRST = "first"
    LAST = "last"
    LAST_BUT_DIRECT = "last-but-direct"
    LINEAR = "linear"
    POSITION = "position"
    DECAY = "decay"
    W = "w"
    FULL = "full"
    SHARED = "shared"
    MARKOV = "markov"
    SHAPLEY = "shapley"


USUAL = (
    CreditRule.FIRST,
    CreditRule.LAST,
    CreditRule.LINEAR,
    CreditRule.POSITION,
    CreditRule.DECAY,
    CreditRule.W,
    CreditRule.MARKOV,
    CreditRule.SHAPLEY,
)
"""The rules that are shown unless others are asked for."""
BY_MARKS = (CreditRule.W, CreditRule.FULL)
OF_CHANNELS = (CreditRule.MARKOV, CreditRule.SHAPLEY)
"""The rules that look at all paths together, and need many."""
OF_STAGES = tuple(rule for rule in CreditRule if rule not in (*BY_MARKS, *OF_CHANNELS))
"""The rules by which entries at a stage are credited, too."""


def rules_of(asked: CreditRule | Sequence[CreditRule]) -> tuple[CreditRule, ...]:
    """The rules asked for, one or several, each once and in the order asked."""
    return tuple(dict.fromkeys([CreditRule(asked)] if isinstance(asked, str) else map(CreditRule, asked)))


_ONE = "(paths.place = 1)::INTEGER"
_LAST = "(paths.place = paths.touches)::INTEGER"
WEIGHTS: dict[CreditRule, tuple[str, str]] = {
    CreditRule.FIRST: (_ONE, "1"),
    CreditRule.LAST: (_LAST, "1"),
    CreditRule.LAST_BUT_DIRECT: ("(paths.place = paths.last_other)::INTEGER", "1"),
    CreditRule.LINEAR: ("1", "paths.touches"),
    CreditRule.POSITION: (
        f"CASE WHEN paths.touches < 3 THEN 1 WHEN {_ONE} + {_LAST} > 0 THEN 2 ELSE 1 END",
        f"CASE WHEN paths.touches < 3 THEN paths.touches WHEN {_ONE} + {_LAST} > 0 THEN 5 ELSE 5 * (paths.touches - 2) END",
    ),
    CreditRule.W: (
        "CASE WHEN paths.marks_w > 0 AND paths.others_w = 0 THEN paths.marks_w WHEN paths.marks_w > 0 THEN 3 * paths.marks_w ELSE 1 END",
        "CASE WHEN paths.others_w = 0 THEN paths.all_w WHEN paths.marks_w > 0 THEN 3 * paths.all_w + 1"
        " ELSE paths.others_w * (3 * paths.all_w + 1) END",
    ),
    CreditRule.FULL: (
        "CASE WHEN paths.marks_full > 0 AND paths.others_full = 0 THEN paths.marks_full"
        " WHEN paths.marks_full > 0 THEN 9 * paths.marks_full ELSE 4 END",
        "CASE WHEN paths.others_full = 0 THEN paths.all_full WHEN paths.marks_full > 0 THEN 9 * paths.all_full + 4"
        " ELSE paths.others_full * (9 * paths.all_full + 4) END",
    ),
    CreditRule.SHARED: ("paths.is_new::INTEGER", "paths.channels"),
}
"""The weight of a touch on its path, as SQL of a whole number over another."""
