"""A live source that one browser follows: what is shown of it, and what is ready to be shown instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from funnel import DataSet
from funnel.live.news import News
from funnel.live.snapshot import Place, Snapshot
from pages.server import folders

PLACE = Place(folders.make, folders.remove)
"""Private folders that are swept when a crash left them behind."""


@dataclass(frozen=True)
class Ready:
    """A second data set, whole, of a newer snapshot; `otherwise` where its columns were understood otherwise than those shown."""

    snapshot: Snapshot
    data_set: DataSet
    news: News
    otherwise: bool


@dataclass(eq=False)
class Following:
    """`shown` is what the data that are open were read from (None where they were kept, and opened again), `as_of` when they were last
    seen to be what the source holds. `tried` is the newest snapshot that was, or is just being, made `ready`; `problem` why it could not
    be. `automatic`: what is ready is shown by itself."""

    source: str
    shown: Snapshot | None
    as_of: datetime | None
    tried: Snapshot | None = None
    ready: Ready | None = None
    problem: str | None = None
    automatic: bool = False

    def forget(self) -> None:
        """Let go of what is ready; nobody looks at it yet."""
        ready, self.ready, self.tried, self.problem = self.ready, None, None, None
        if ready is not None:
            ready.data_set.close()
