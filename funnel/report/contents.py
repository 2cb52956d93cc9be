"""Parts of a report, answered: each by the function of its name, with its options read from plain data; what cannot be told says why."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

from funnel.core.decoding import Undecodable, decoded
from funnel.core.disk import State, state_of, state_of_open
from funnel.core.errors import FunnelError, Interrupted, QuestionError
from funnel.core.plain_questions import check
from funnel.core.rows import Row, data, heads, table
from funnel.core.types import Note, Question, ReportPart, StageModel
from funnel.dataset import DataSet
from funnel.measures.population.listing import leads_at
from funnel.report import kinds, kinds_deals, kinds_groups, kinds_watched, said
from funnel.report.shown import Asks, Shown
from funnel.words import numeric_days, wording

MOST_LEADS = 1_000
"""Leads that are listed, where they are asked for."""
LONGEST_TITLE = 120
_A_PIECE = 1 << 20

KINDS: dict[str, Callable[..., Shown]] = {
    each.__name__: each
    for each in (
        *(kinds.funnel, kinds.value_steps, kinds.cohorts, kinds.cohort_by_start, kinds.cohort_steps, kinds.cohort_ages),
        *(kinds.times, kinds.stays, kinds.step_times, kinds.times_by, kinds.aging, kinds.velocity),
        *(kinds_groups.segments, kinds_groups.segment_steps, kinds_groups.segment_curves, kinds_groups.segment_funnels),
        *(kinds_groups.funnels_by, kinds_groups.scan),
        *(kinds_groups.stage_changes, kinds_groups.period_parts, kinds_groups.period_chain, kinds_groups.change),
        *(kinds.pipeline, kinds.bridge, kinds.forecast, kinds_deals.target, kinds_deals.plan, kinds.moves),
        *(kinds_deals.expansion, kinds_deals.expansion_value, kinds_deals.retention),
        *(kinds_deals.credit, kinds_deals.stage_credit, kinds_deals.goes_before),
        *(kinds_deals.models, kinds_deals.label_flow, kinds_deals.overlap),
        *(kinds_watched.watch, kinds_watched.effect),
        *(kinds_deals.backward, kinds_deals.loyalty, kinds_deals.account_sizes),
    )
}
"""Every section that a report can hold, by its name."""
USUAL = ("funnel", "cohorts", "times", "scan", "pipeline", "forecast", "models")
"""The sections of a report of which nobody said any."""


@dataclass(frozen=True)
class Section:
    """A section as it is written: texts as they are read, cells as people read them beside their `data`; a `problem` instead of all that,
    where it cannot be told. `shown` is what it was made of."""

    title: str
    asked: str
    sentences: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    fields: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    data: tuple[Mapping[str, object], ...] = ()
    sql: str = ""
    problem: str = ""
    shown: Shown | None = None


@dataclass(frozen=True)
class Source:
    """A file that was read, by its name, with the SHA-256 of the bytes that were read; "" where it is no file, or those are not there any
    more: then it may be `changed`."""

    name: str
    digest: str
    changed: bool = False

    @property
    def told(self) -> str:
        """The digest, or why there is none."""
        return self.digest or wording.say("report.changed_file" if self.changed else "report.no_digest")


@dataclass(frozen=True)
class Report:
    """A report, ready to be written; `notes` are what a reader of all its numbers should know."""

    title: str
    as_of: datetime | None
    counted: str
    sources: tuple[Source, ...]
    sections: tuple[Section, ...]
    leads: Section | None = None
    notes: tuple[str, ...] = ()


def part(name: str, question: Question, **options: object) -> ReportPart:
    """A part of a report, its options as plain data."""
    return ReportPart(name, question, {key: _plain(value) for key, value in options.items()})


def split_by(name: str, column: str | None) -> dict[str, object]:
    """The options of a section that say by which column it tells leads apart; none where it does not, or no column is named."""
    hints = _hints(name)
    asked = [option for option in ("by", "column") if hints.get(option) in (str, str | None)]
    return {} if column is None else dict.fromkeys(asked, column)


def lasting(each: ReportPart, data_set: DataSet) -> ReportPart:
    """The part without the moment up to which the data observe now: other data have another one."""
    if each.question.observed_until != data_set.observed_until:
        return each
    return replace(each, question=replace(each.question, observed_until=None))


def make(
    data_set: DataSet,
    parts: Sequence[ReportPart],
    *,
    files: Sequence[Path] = (),
    title: str = "",
    leads_of: Question | None = None,
    asking: Callable[..., Any] | None = None,
) -> Report:
    """The report of these parts, in their order; `leads_of`: the question whose leads are listed at its end; `asking` asks in place of
    `DataSet.ask`, where questions come by turns."""
    while True:
        revision = data_set.revision
        made = _made(Asks(data_set, asking), parts, files, title, leads_of)
        if data_set.revision == revision:
            return made
        # What the labels mean, or how the files are read, changed meanwhile: no two sections are told by different ones.


def _made(
    ask: Asks, parts: Sequence[ReportPart], files: Sequence[Path], title: str, leads_of: Question | None
) -> Report:
    data_set = ask.data_set
    return Report(
        title=wording.plain(title)[:LONGEST_TITLE].strip() or wording.say("report.title"),
        as_of=data_set.observed_until,
        counted=wording.say("pages.counted.lead", n=data_set.leads),
        sources=tuple(_source(path, data_set.read_as.get(path.resolve())) for path in files),
        sections=tuple(_section(ask, each) for each in parts),
        leads=None if leads_of is None else _leads(ask, leads_of),
        notes=tuple(_said(note) for note in (*data_set.warnings, *data_set.loaded.cannot)),
    )


def takes_no_options(name: str) -> bool:
    """Whether a part can be made of its question alone."""
    return all(each.default is not inspect.Parameter.empty for each in _options(name).values())


def _section(ask: Asks, each: ReportPart) -> Section:
    if each.section not in KINDS:
        return Section(title=wording.say("report.title"), asked="", problem=wording.say("report.damaged"))
    # A report speaks one language, and counts by one calendar: that of who makes it.
    question = replace(
        each.question,
        observed_until=each.question.observed_until or ask.data_set.observed_until,
        calendar=wording.calendar(),
    )
    told = said.asked([question], ask.data_set)
    try:
        shown = KINDS[each.section](ask, question, **_read(each))
        named, cells = table(shown.table, shown.rows, shown.rare, shown.names, **shown.values)
        fields = (*heads(shown.table, shown.rows, shown.rare, **shown.values), *shown.names)
        return Section(
            title=wording.plain(shown.title),
            asked=told,
            sentences=tuple(
                wording.plain(sentence)
                for sentence in (*shown.sentences, *map(_said, ask.data_set.unmet(question)))
                if sentence
            ),
            heads=tuple(named),
            cells=tuple(tuple(row) for row in cells),
            fields=fields,
            rows=tuple(shown.rows),
            data=tuple(data(shown.rows)),
            sql=shown.sql,
            shown=shown,
        )
    except Interrupted:
        raise
    except Exception as error:
        text = str(error) if isinstance(error, FunnelError) else wording.say("report.failed")
        return Section(title=wording.say(f"report.names.{each.section}"), asked=told, problem=wording.plain(text))


def _read(each: ReportPart) -> dict[str, Any]:
    """The options as their types say; QuestionError where they are none of this section."""
    kinds_of = _hints(each.section)
    try:
        if not each.options.keys() <= kinds_of.keys():
            raise ValueError(each.section)
        options = {name: decoded(kinds_of[name], value) for name, value in each.options.items()}
        for value in options.values():
            for model in value if isinstance(value, tuple) else (value,):
                if isinstance(model, StageModel):
                    check(model)
    except (Undecodable, ValueError, TypeError) as wrong:
        raise QuestionError("report.damaged") from wrong
    for name, option in _options(each.section).items():
        if name not in options and option.default is inspect.Parameter.empty:
            raise QuestionError("report.needs", section=each.section, option=name)
    for name in ("target", "position", "at"):
        value = options.get(name)
        if isinstance(value, int) and not 0 <= value < len(each.question.model.stages):
            raise QuestionError("report.damaged")
    return options


def _options(name: str) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(KINDS[name]).parameters.items())[2:])


@lru_cache
def _hints(name: str) -> dict[str, Any]:
    hints = get_type_hints(KINDS[name], include_extras=True)
    return {option: hints[option] for option in _options(name)}


def _plain(value: object) -> Any:
    """A value of an option as plain data."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def _leads(ask: Asks, question: Question) -> Section:
    frame = ask(leads_at, question, 0, limit=MOST_LEADS)
    total = int(frame.attrs["total"])
    names = [wording.plain(str(name)) for name in frame.columns]
    cells = [
        tuple(wording.ABSENT if _is_absent(cell) else wording.plain(_written(cell)) for cell in row)
        for row in frame.itertuples(index=False)
    ]
    return Section(
        title=wording.say("report.leads"),
        asked=said.asked([question], ask.data_set),
        sentences=(wording.say("report.leads_listed", shown=len(cells), all=total),),
        heads=tuple(names),
        cells=tuple(cells),
    )


def _said(note: Note) -> str:
    values: dict[str, Any] = dict(note.values)
    return wording.plain(wording.say(note.key, **values))


def _is_absent(cell: object) -> bool:
    return cell is None or cell != cell


def _written(cell: object) -> str:
    if isinstance(cell, datetime):
        return numeric_days.written(cell.replace(second=0, microsecond=0))
    return numeric_days.written(cell) if isinstance(cell, date) else str(cell)


def _source(path: Path, read_as: State | None) -> Source:
    """The file, where it still is what it was when it was read; that is looked at before and after its bytes."""
    name = wording.plain(path.name)
    if read_as is None or state_of(path) is None:
        return Source(name, "", changed=read_as is not None)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        before = state_of_open(file.fileno())
        while before == read_as and (piece := file.read(_A_PIECE)):
            digest.update(piece)
        after = state_of_open(file.fileno())
    return Source(name, digest.hexdigest()) if read_as == before == after else Source(name, "", changed=True)
