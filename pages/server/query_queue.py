"""Turns at the machine, shared fairly by all who use it: nobody waits long because somebody else asks much.

So many turns are given at once. Who holds fewest is served first, then who came first; several are held by one only while nobody
else waits. When all are held and somebody has waited for a while, the turn that has gone on longest beyond its share is taken back:
what it did is asked again, with twice the share, so that it comes to its end too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from funnel.core import settings
from funnel.core.errors import Interrupted

SHARE_SECONDS = 2.0
PATIENCE_SECONDS = 0.5
TELL_SECONDS = 0.5


class TakenBack(Interrupted):
    """The turn went to somebody who waited; what was asked is to be asked again."""


@dataclass(eq=False)
class _Turn:
    who: str
    stop: Callable[[], None] | None
    share: float
    since: float = field(default_factory=time.monotonic)
    taken_back: bool = False


class Turns:
    """At most `most()` turns at once."""

    def __init__(self, most: Callable[[], float]) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._held: list[_Turn] = []
        self._waiting: list[_Turn] = []
        self._shares: dict[str, float] = {}

    @contextmanager
    def turn(
        self, who: str, stop: Callable[[], None] | None = None, waiting: Callable[[int], None] | None = None
    ) -> Iterator[None]:
        """A turn for `who`, given back at the end. `stop` ends what is done in it: without it the turn is never taken back.

        TakenBack where it was. `waiting(n)` hears now and then how many will be served before; an exception that it raises ends the
        wait.
        """
        turn = _Turn(who, stop, self._shares.get(who, SHARE_SECONDS))
        self._take(turn, waiting)
        try:
            yield
        except Interrupted as interrupted:
            if not turn.taken_back:
                raise
            self._shares[who] = turn.share * 2
            raise TakenBack("errors.interrupted") from interrupted
        else:
            self._shares.pop(who, None)
        finally:
            with self._changed:
                self._held.remove(turn)
                self._changed.notify_all()

    def _take(self, turn: _Turn, waiting: Callable[[int], None] | None) -> None:
        with self._changed:
            self._waiting.append(turn)
        try:
            while True:
                with self._changed:
                    if self._next() is turn:
                        self._waiting.remove(turn)
                        turn.since = time.monotonic()
                        self._held.append(turn)
                        # Another turn may be free for the next one.
                        self._changed.notify_all()
                        return
                    self._changed.wait(TELL_SECONDS)
                    before = self._waiting.index(turn)
                    patient = time.monotonic() - turn.since > PATIENCE_SECONDS
                if patient:
                    self._take_one_back()
                if waiting is not None:
                    waiting(before)
        except BaseException:
            with self._changed:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    self._changed.notify_all()
            raise

    def _next(self) -> _Turn | None:
        if len(self._held) >= self._most():
            return None
        held = [turn.who for turn in self._held]
        return min(self._waiting, key=lambda turn: held.count(turn.who), default=None)

    def _take_one_back(self) -> None:
        """Stops what has gone on longest beyond its share, where all turns are held."""
        now = time.monotonic()
        with self._changed:
            if len(self._held) < self._most():
                return
            over = [turn for turn in self._held if turn.stop is not None and not turn.taken_back]
            longest = max(over, key=lambda turn: now - turn.since - turn.share, default=None)
            if longest is None or now - longest.since <= longest.share:
                return
            longest.taken_back = True
        if longest.stop is not None:
            longest.stop()


questions = Turns(settings.QUERIES)
readings = Turns(settings.READINGS)
