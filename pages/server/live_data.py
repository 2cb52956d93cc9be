"""The data of a live source that somebody follows: newer ones are made ready beside those that are shown, and take their place when they
are whole and somebody says so. What was said by hand, models, filters and notes stay."""

from __future__ import annotations

import logging
import threading
from secrets import token_hex

import funnel
from funnel import DataSet, FunnelError
from funnel.core.errors import Interrupted, SourceError
from funnel.core.types import Calendar
from funnel.live import news, reader
from funnel.live.reader import Reader
from funnel.live.snapshot import Snapshot, Wanted
from funnel.words import wording
from pages.server import autosave, edit_conflicts, query_queue
from pages.server.following import PLACE, Following, Ready
from pages.server.workspace import Files, Workspace
from pages.ui import texts


def look(space: Workspace, following: Following) -> Reader:
    """What all know of the source that is followed, which is looked at again where it is time to; where it holds something newer than
    what is shown, that is made ready in the background. SourceError where there is no such source any more."""
    known = reader.shared(following.source, PLACE)
    known.look_if_due()
    data_set, ready = space.data_set, following.ready
    if ready is not None and data_set is not None and ready.data_set.overrides != data_set.overrides:
        # Said otherwise by hand since.
        following.forget()
    newest = known.snapshot
    if newest is not None and newest is following.shown:
        # Seen to be the same since.
        following.as_of = known.looked_at
    with space.lock:
        if data_set is None or newest is None or newest in (following.shown, following.tried):
            return known
        following.forget()
        following.tried = newest
    # What is kept of lines that cannot be read is said to whoever reads it.
    arguments = space, following, data_set, newest, wording.language(), wording.calendar()
    threading.Thread(target=_make_ready, args=arguments, name="newer-data", daemon=True).start()
    return known


def _make_ready(
    space: Workspace, following: Following, old: DataSet, newest: Snapshot, spoken: str, calendar: Calendar
) -> None:
    with wording.speaking(spoken, calendar):
        _read(space, following, old, newest)


def _read(space: Workspace, following: Following, old: DataSet, newest: Snapshot) -> None:
    # What is read keeps asking whether it is wanted: it must hold no earlier data set by that, else none of them would ever go.
    reading, token = True, space.token

    def wanted() -> bool:
        return space.following is following and following.tried is newest and space.token == token

    def still_wanted() -> bool:
        # What was read is asked by later runs too.
        return not reading or wanted()

    try:
        with query_queue.readings.turn(space.name):
            made = funnel.open(*(file.path for file in newest.files), overrides=old.overrides, wanted=still_wanted)
            told = _compared(old, made, wanted)
            reading = False
    except Interrupted:
        following.tried = None
        return
    except Exception as error:
        if not isinstance(error, FunnelError):
            logging.getLogger(__name__).exception("newer data could not be read")
            error = SourceError("live.failed", source=following.source)
        following.problem = texts.problem(error)
        return
    made.keepers, made.work = (newest,), old.work
    otherwise = (made.mapping.shape, made.loaded.columns) != (old.mapping.shape, old.loaded.columns)
    with space.lock:
        still = wanted()
        if still and told.nothing:
            following.shown, following.as_of = newest, newest.taken_at
        elif still:
            following.ready = Ready(newest, made, told, otherwise)
    if not still or told.nothing:
        made.close()


def _compared(old: DataSet, made: DataSet, wanted: Wanted) -> news.News:
    """What came since; whoever clicks meanwhile interrupts what is asked of the data that are shown, and it is asked again."""
    while True:
        try:
            return news.news(_side(old), _side(made))
        except Interrupted:
            if not wanted():
                made.close()
                raise


def _side(data_set: DataSet) -> news.Side:
    labels = [each.label for each in data_set.labels]
    columns = [column for table in data_set.tables for column in table.columns]
    touches = data_set.touches
    tables = [*(["touches"] if touches else []), *(["touch_costs"] if touches and touches.cost_table else [])]
    counts = [(file.rows_read, file.rows_used, file.rows_rejected) for file in data_set.files]
    return news.Side(data_set.engine, data_set.entries, labels, columns, tables, counts)


def show(space: Workspace) -> bool:
    """Whether what is ready stands in place of what was shown afterwards; what another window changed first stays."""
    following = space.following
    if following is None or following.ready is None or not edit_conflicts.may_change(space, edit_conflicts.DATA):
        return False
    with space.lock:
        ready = following.ready
        if ready is None or space.data_set is None or ready.data_set.overrides != space.data_set.overrides:
            return False
        # The old one is not closed: another page of this browser may be asking it.
        space.data_set, following.ready = ready.data_set, None
        space.files = Files(tuple(file.path for file in ready.snapshot.files), (ready.snapshot,))
        space.token = token_hex()
        following.shown, following.as_of = ready.snapshot, ready.snapshot.taken_at
    autosave.keep_newer(space)
    return True
