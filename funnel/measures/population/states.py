"""What became of a lead on its way to a target, and on which day, as one whole number: kept, read and grouped in half the time of two."""

from __future__ import annotations

from dataclasses import dataclass

CONVERTED, GONE, WAITING = 1, 2, 0
FATES_APART = 4
"""What a day is multiplied by: more than there are fates."""


def state_of(fate: int, day: str) -> str:
    """The state of this fate on this day, as SQL; `day` may be NULL."""
    return f"{FATES_APART} * COALESCE({day} + 1, 0) + {fate}"


def fate_of(state: str) -> str:
    """CONVERTED, GONE or WAITING, as SQL from a state."""
    return f"{state} % {FATES_APART}"


def day_of(state: str) -> str:
    """The day of a state, as SQL; NULL where the file does not tell it."""
    return f"NULLIF({state} // {FATES_APART}, 0) - 1"


@dataclass(frozen=True)
class KeptTarget:
    """A target whose states stand in a kept table: `followed` there is the table itself. `from_start`: its days are counted from the
    start, as those of all such targets are."""

    number: int
    from_start: bool = True

    @property
    def among(self) -> str:
        """Leads on the way."""
        return f"{self.state} IS NOT NULL"

    @property
    def state(self) -> str:
        """As in `Target`."""
        return f"followed.state_{self.number}"

    @property
    def fate(self) -> str:
        """What became of a lead, as SQL."""
        return fate_of(self.state)

    @property
    def day(self) -> str:
        """The day of that, as SQL."""
        return day_of(self.state)

    @property
    def follow_up(self) -> str:
        """As in `Target`."""
        return "followed.follow_up" if self.from_start else f"followed.follow_up_{self.number}"
