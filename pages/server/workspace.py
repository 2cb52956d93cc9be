"""What one browser looks at: the files it brought, the data set read from them, and what its user made of it.

When nobody holds a workspace any more its files and its database vanish (weakref.finalize); `sessions` says whose it is.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import funnel
from funnel import FunnelError
from funnel.core.types import Calendar, DatedNote, Note, ReportPart, SavedView, SavedWork, View
from funnel.core.types.watch import WatchRules
from funnel.live import reader
from funnel.opening import Progress, Wanted
from funnel.storage import project
from pages.server import query_queue
from pages.server.file_downloads import FileDownload
from pages.server.following import PLACE, Following
from pages.server.upload_folders import Ticket
from pages.ui.draft import Draft
from pages.ui.naming import adopted

MOST_TICKETS = 8
MOST_GIVEN = 100
_LONGEST_NAME = 120
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True)
class Files:
    """Files of one upload (or the sample) on disk. They go when nothing refers to their keepers any more."""

    paths: tuple[Path, ...]
    keepers: tuple[object, ...] = ()

    def with_more(self, more: Files) -> Files:
        """These files and more, to be read together."""
        return Files((*self.paths, *more.paths), (*self.keepers, *more.keepers))


NO_FILES = Files(())
GUESS = funnel.MappingOverrides()
"""No overrides: everything is recognised."""


@dataclass(frozen=True)
class LoadJob:
    """Something that takes a while: read these files under these overrides. `sample` is the name of a bundled shape. `work` is what was
    made of them before, and `entry` where it is kept, when they come from there. `source` is the live source that is followed: without
    files it is read, else they are what it held at `as_of`."""

    files: Files
    overrides: funnel.MappingOverrides = GUESS
    sample: str | None = None
    work: SavedWork | None = None
    entry: str | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass
class Workspace:
    """`token` stands for the data set in every cache key; it is new with every file that is read. `name` stands for the workspace.

    `own_models` were made in this browser, by key; `drafts` are what its model editor edits, the present one last. `views` are how its
    pages were last looked at, by their places in the address, `page` the last one; `saved_views` have names, `dated_notes` stand at days,
    the earliest first; `watch` are the rules that ring, where they are other than the usual ones; `report` are the parts of a report in
    their order; `calendar` is what its days are counted by (None: as the language does); `opened` counts the works taken over. `entry`
    is where its work is kept, `kept` what lies there, `unkept` why it is not;
    `resumed` says that it was looked for. `changes` counts the changes of each part, so that no window undoes what another one did.
    `tickets` are the uploads that its pages may bring, by key, the newest last; `file_downloads` are the files that they may take away, by
    key, as long as a window holds them. `hidden_doubts` are those of this data set that its user put aside.
    `following` is the live source that these data come from, if any.
    `given` are the digests of the files that its pages made for download, the newest last.
    `drawn` is the token of the last data set that a page showed whole. `lock` is held while several of these change together, and while
    they are read together.
    """

    name: str = field(default_factory=token_hex)
    token: str = field(default_factory=token_hex)
    files: Files = NO_FILES
    sample: str | None = None
    data_set: funnel.DataSet | None = None
    load_job: LoadJob | None = None
    problem: str | None = None
    following: Following | None = None
    remembered: dict[tuple[tuple[str, ...], ...], funnel.MappingOverrides] = field(default_factory=dict)
    own_models: dict[str, funnel.StageModel] = field(default_factory=dict)
    drafts: tuple[Draft, ...] = ()
    notes: str = ""
    views: dict[str, View] = field(default_factory=dict)
    page: str = ""
    saved_views: tuple[SavedView, ...] = ()
    dated_notes: tuple[DatedNote, ...] = ()
    watch: WatchRules | None = None
    report: tuple[ReportPart, ...] = ()
    report_title: str = ""
    calendar: Calendar | None = None
    entry: str | None = None
    unkept: str | None = None
    kept: object = None
    resumed: bool = False
    opened: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    file_downloads: weakref.WeakValueDictionary[str, FileDownload] = field(default_factory=weakref.WeakValueDictionary)
    hidden_doubts: frozenset[str] = frozenset()
    drawn: str = ""
    given: tuple[str, ...] = ()
    lock: threading.RLock = field(default_factory=threading.RLock)
    _tickets_made: weakref.WeakSet[Ticket] = field(default_factory=weakref.WeakSet)

    @property
    def state(self) -> tuple[str, str | None]:
        """Stands for the data as they are read now: another file, or another mapping of the same, gives another one."""
        data_set = self.data_set
        return self.token, data_set.revision if data_set is not None else None

    def give(self, digest: str) -> None:
        """A file of this digest was made for its browser, which may take it away until MOST_GIVEN others were made."""
        with _lock:
            self.given = (*self.given, digest)[-MOST_GIVEN:]

    def ticket(self) -> Ticket:
        """A new ticket for one upload. Where there are MOST_TICKETS, the oldest is closed under which nothing is just coming."""
        new = Ticket(self._tickets_made)
        with _lock:
            full = len(self.tickets) >= MOST_TICKETS
            oldest = min(self.tickets.values(), key=lambda ticket: ticket.busy) if full else None
            if oldest is not None:
                del self.tickets[oldest.key]
            self.tickets[new.key] = new
        if oldest is not None:
            oldest.close()
        return new

    def read(
        self,
        load_job: LoadJob,
        progress: Progress,
        waiting: Callable[[int], None] | None = None,
        wanted: Wanted = lambda: True,
    ) -> None:
        """Read the files of a load job, when it is this workspace's turn. When that fails FunnelError is raised and what was there stays;
        Interrupted where it is not `wanted` any more."""
        reading = True

        def still_wanted() -> bool:
            # What was read is asked by later runs too.
            return not reading or wanted()

        with query_queue.readings.turn(self.name, waiting=waiting):
            load_job, following = _pulled(load_job, progress, wanted)
            data_set = funnel.open(
                *load_job.files.paths, overrides=load_job.overrides, progress=progress, wanted=still_wanted
            )
            data_set.keepers = load_job.files.keepers
            self._settle(load_job, data_set)
            reading = False
        from_project = any(project.is_project(path) for path in load_job.files.paths)
        # The old data set is not closed: another tab may be asking it. It vanishes when nobody refers to it.
        with self.lock:
            self._unfollow()
            self.data_set = data_set
            self.files = load_job.files
            self.following = following
            self.sample = load_job.sample
            self.token = token_hex()
            self.entry, self.kept = load_job.entry, None
            self.problem = None
            self.hidden_doubts = frozenset()
            if from_project or load_job.work is not None:
                self._take(load_job.work or data_set.work)

    def _settle(self, load_job: LoadJob, data_set: funnel.DataSet) -> None:
        """What was said by hand of these files before, where the job says nothing of them."""
        if load_job.work is not None:
            # What was said in the end stands beside the data, which were kept as they were at first.
            if data_set.overrides != load_job.overrides:
                data_set.remap(load_job.overrides)
            return
        remembered = self.remembered.get(headers(data_set))
        from_project = any(project.is_project(path) for path in load_job.files.paths)
        if load_job.overrides == GUESS and remembered is not None and not from_project:
            try:
                data_set.remap(remembered)
            except FunnelError:
                # A mapping made for another file may not fit this one; the guess then stands.
                data_set.remap(load_job.overrides)

    def work(self) -> SavedWork:
        """What its user made, as it is saved."""
        draft = self.drafts[-1].model() if self.drafts else None
        return SavedWork(
            tuple(self.own_models.values()),
            draft,
            self.notes,
            dict(self.views),
            self.page,
            self.saved_views,
            self.dated_notes,
            self.watch,
            self.report,
            self.report_title,
            self.calendar,
        )

    def let_go(self) -> None:
        """Let go of its data; what its user made stays."""
        with self.lock:
            data_set, self.data_set, self.files, self.load_job = self.data_set, None, NO_FILES, None
            self.entry, self.kept, self.sample = None, None, None
            self._unfollow()
        if data_set is not None:
            data_set.close()

    def close(self) -> None:
        """Let go of its data and its files; a page that still looks at it finds it empty."""
        self.let_go()
        for ticket in self.tickets.values():
            ticket.close()
        for download in list(self.file_downloads.values()):
            download.remove()
        self.tickets, self.given = {}, ()
        # Whoever comes back to it finds what was kept, if anything was.
        self.resumed = False

    def _unfollow(self) -> None:
        following, self.following = self.following, None
        if following is not None:
            following.forget()

    def _take(self, work: SavedWork) -> None:
        """The work of a project in place of what was there; models that were here and are not in it stay."""
        self.own_models = adopted(self.own_models, work.models)
        self.drafts = (Draft.of(work.draft),) if work.draft else ()
        self.notes = work.notes
        self.views = dict(work.views)
        self.page = work.page
        self.saved_views = work.saved_views
        self.dated_notes = work.dated_notes
        self.watch = work.watch
        self.report, self.report_title = work.report, work.report_title
        self.calendar = work.calendar
        self.opened += 1

    def remember(self) -> None:
        """Use the mapping of this data set by itself for the next file with the same headers."""
        if self.data_set is not None:
            self.remembered[headers(self.data_set)] = self.data_set.overrides


def _pulled(load_job: LoadJob, progress: Progress, wanted: Wanted) -> tuple[LoadJob, Following | None]:
    """The job with what its live source holds now, where it says no files, and how that is followed from now on."""
    name = load_job.source
    if name is None:
        return load_job, None
    if load_job.files.paths:
        return load_job, Following(name, None, load_job.as_of)

    def tell(rows: int) -> None:
        progress(Note("live.progress", {"source": name, "rows": rows}), None)

    snapshot = reader.shared(name, PLACE).opened(tell, wanted)
    files = Files(tuple(file.path for file in snapshot.files), (snapshot,))
    return replace(load_job, files=files), Following(name, snapshot, snapshot.taken_at)


def headers(data_set: funnel.DataSet) -> tuple[tuple[str, ...], ...]:
    """The headers of a data set's tables, by which a mapping is found again."""
    return tuple(sorted(tuple(table.columns) for table in data_set.tables))


def safe_name(name: str) -> str:
    """The last part of a file's name, printable and short, its extension kept; "file" where nothing is left.

    No system takes it for anything but a file: what Windows keeps for itself, signs and names of devices, is changed.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    printable = re.sub(r'[<>:"|?*]', "_", printable)
    stem, dot, extension = printable.rpartition(".")
    if not dot:
        stem, extension = extension, ""
    if printable.split(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"
    return (_short(stem, _LONGEST_NAME) or "file") + dot + _short(extension, 12)


def _short(text: str, most: int) -> str:
    """At most so many bytes, as file systems count; no sign is cut in two."""
    return text.encode()[:most].decode(errors="ignore")


_lock = threading.Lock()
