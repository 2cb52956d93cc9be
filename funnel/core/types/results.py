"""What is answered; each result carries its own question."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST_FOR_A_RATE = 20
"""Of fewer leads the counts are told, not the percentage."""
FEWEST_TIMED = 20
"""Of fewer leads that were recorded at both ends no median time is told."""
FEWEST_STAYS = 20
"""Of fewer stays at a stage none is called unusual."""


@dataclass(frozen=True)
class Rate:
    """A share with its two counts and its 95 % Wilson interval; all three are None where there is nothing to divide by.

    `accounts`: the interval is by account, of so many, since some hold several of the leads; None: each lead counts by itself.
    """

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None
    accounts: int | None = None

    @property
    def few(self) -> bool:
        """Whether it is of fewer leads than a percentage is told of."""
        return self.denominator < FEWEST_FOR_A_RATE
