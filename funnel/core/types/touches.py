"""Touches of leads: what became of the files that tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from funnel.core.types.files import FileCount
from funnel.core.types.kinds import Note


class Apart(StrEnum):
    """Why a line of a file of touches is none; the first that applies is told."""

    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    SENT = "sent"
    PLANNED = "planned"
    FUTURE = "future"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"

    @property
    def rejects(self) -> bool:
        """Whether the line stands among the rejects, to be mended."""
        return self in (Apart.NO_TIME, Apart.BAD_TIME)


@dataclass(frozen=True)
class Touches:
    """The table `touches` of a data set: a row for each line and each lead that it touched.

    Of the lines, `used` are touches; the others stand in `touches_apart`, counted by reason in `apart`. `files` gives the counts of each
    raw table that holds touches, `labels` are those of the history whose entries are touches. `channels` are all channels, those with most
    touches first; `direct` are those of them that mean "by no channel". `other` is what channels are called that are put together,
    `folded` how many names are here. `costs`: touches or channels have a cost; where `cost_table`, costs are those of the table
    `touch_costs`: channel, day (of a month its first) and cost. `column` is the column of `leads` that holds the channel of the first
    touch at or before the day on which the lead came.
    """

    files: Mapping[str, FileCount]
    used: int
    apart: Mapping[Apart, int]
    channels: tuple[str, ...]
    direct: tuple[str, ...]
    folded: int
    other: str
    costs: bool
    column: str
    notes: tuple[Note, ...]
    labels: tuple[str, ...] = ()
    cost_table: bool = False

    @property
    def lines(self) -> int:
        """How many lines were looked at."""
        return self.used + sum(self.apart.values())

    @property
    def unmatched(self) -> int:
        """How many lines name nobody among the leads."""
        return self.apart.get(Apart.UNMATCHED, 0)
