"""One reader for each source, whoever looks: it is read once, and opened by many."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from funnel.core.errors import FunnelError, Interrupted, SourceError
from funnel.live import sources
from funnel.live.database import DatabaseFeed
from funnel.live.folder import FolderFeed
from funnel.live.snapshot import USUAL_PLACE, Place, Progress, Snapshot, Wanted
from funnel.live.sources import Database, Source

Clock = Callable[[], datetime]
PATIENCE_SECONDS = 0.2


class _Feed(Protocol):
    def look(self, now: datetime, progress: Progress | None = None, wanted: Wanted | None = None) -> Snapshot: ...


@dataclass(frozen=True)
class Fault:
    """Why a source could not be read, and when."""

    at: datetime
    error: FunnelError


class Reader:
    """What a source held last. `looked_at` is when it was last seen to hold that, `fault` what failed since, `asked_at` when somebody
    wanted to know it last."""

    def __init__(self, source: Source, place: Place = USUAL_PLACE, clock: Clock = datetime.now) -> None:
        self.source = source
        self.snapshot: Snapshot | None = None
        self.looked_at: datetime | None = None
        self.fault: Fault | None = None
        self._clock = clock
        self.asked_at = clock()
        self._tried: datetime | None = None
        self._turn = threading.Lock()
        self._feed: _Feed = DatabaseFeed(source, place) if isinstance(source, Database) else FolderFeed(source, place)

    def opened(self, progress: Progress | None = None, wanted: Wanted | None = None) -> Snapshot:
        """What it holds, for somebody who opens it: read now where it is not known yet, or was looked at too long ago. What was known
        stands where that fails; FunnelError where nothing was."""
        self.asked_at = self._clock()
        while not self._turn.acquire(timeout=PATIENCE_SECONDS):
            # Somebody else reads it: what was known is there meanwhile, and who wants nothing any more need not wait.
            if self.snapshot is not None:
                return self.snapshot
            if wanted is not None and not wanted():
                raise Interrupted("errors.interrupted")
        try:
            if self.snapshot is None or self.is_due():
                self._look(progress, wanted)
            if self.snapshot is None:
                assert self.fault is not None
                raise self.fault.error
            return self.snapshot
        finally:
            self._turn.release()

    def is_due(self) -> bool:
        """Whether it is time to look again."""
        return self._tried is None or self._clock() - self._tried >= timedelta(seconds=self.source.refresh)

    def is_unasked_for(self, seconds: float) -> bool:
        """Whether nobody wanted to know of it for so long."""
        return self._clock() - self.asked_at > timedelta(seconds=seconds)

    def look_if_due(self) -> None:
        """Look again in the background where it is time to, and nobody is looking just now."""
        self.asked_at = self._clock()
        if self.is_due() and self._turn.acquire(blocking=False):
            threading.Thread(target=self._look_aside, name="source-reader", daemon=True).start()

    def look(self) -> None:
        """Look again now; what fails is kept as `fault`, and what was known stays."""
        with self._turn:
            self._look(None, None)

    def _look_aside(self) -> None:
        try:
            self._look(None, None)
        finally:
            self._turn.release()

    def _look(self, progress: Progress | None, wanted: Wanted | None) -> None:
        now = self._clock()
        try:
            snapshot = self._feed.look(now, progress, wanted)
        except Interrupted:
            raise
        except FunnelError as error:
            # All share it: what led there, with the address in it, is nobody's.
            error.__context__ = None
            self.fault = Fault(now, error.with_traceback(None))
        except Exception as error:
            logging.getLogger(__name__).error("a source could not be read: %s", type(error).__name__)
            self.fault = Fault(now, SourceError("live.failed", source=self.source.name))
        else:
            self.snapshot, self.looked_at, self.fault = snapshot, now, None
        self._tried = now


def pulled(name: str) -> Snapshot:
    """What the source of this name holds now, read for the caller alone. SourceError in a sentence."""
    return Reader(sources.named(name)).opened()


def shared(name: str, place: Place = USUAL_PLACE) -> Reader:
    """The reader of a source, the same for everybody as long as its file says the same of it. SourceError where there is none."""
    source = sources.named(name)
    with _lock:
        reader = _readers.get(source.name)
        if reader is None or reader.source != source:
            reader = _readers[source.name] = Reader(source, place)
        return reader


def forget_unasked(seconds: float) -> None:
    """Let go of what nobody wanted to know of for so long; whoever has it open keeps it."""
    with _lock:
        for name, reader in list(_readers.items()):
            if reader.is_unasked_for(seconds):
                del _readers[name]


_lock = threading.Lock()
_readers: dict[str, Reader] = {}
