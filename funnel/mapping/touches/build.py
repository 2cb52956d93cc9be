"""Touches carried out, of files and of labels that are touches: the tables `touches` and `touches_apart`, and the column *First channel*
of the leads.

`touches` has a row for each touch and each lead that it touched, in the order of leads and time: lead_code (the lead as `sorted_entries`
know it, see `Form.key`), touched_at (the moment as sorted entries have it: `Form.time` makes a time of it), channel (its name), account_id
(of the lead), cost (of the whole touch; NULL: none is told) and touch, a whole number that is the same for all rows of one line, and whose
order is that of the files by their names and of their lines.

`touches_apart` has the lines that are no touches: source_file, source_line, who, moment, channel, reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.history import SECONDS, TIMED, Form
from funnel.core.sql import Query, identifier
from funnel.core.types import Apart, FileCount, Note, Touches
from funnel.mapping.build.labels import loosely
from funnel.mapping.data_file import data_file
from funnel.mapping.joins import FILE_STEP
from funnel.mapping.source_cells import file_name
from funnel.mapping.template import bound, fill, raw_cell
from funnel.mapping.touches.costs import TABLE as COSTS
from funnel.mapping.touches.costs import CostFile, build_costs
from funnel.mapping.touches.labels import read_entries
from funnel.mapping.touches.leads import CODES, KEYS, MATCHED, match_leads
from funnel.mapping.touches.lines import moments, read_lines, said_table
from funnel.mapping.touches.roles import TouchFile
from funnel.mapping.types import ColumnMapping
from funnel.words import wording

TABLE, APART = "touches", "touches_apart"
SPELT, LINES, OF_LEADS = "touches_spelt", "touches_lines", "touches_of_leads"
MOST_CHANNELS, SHOWN_CHANNELS = 60, 29
"""Of more channels than the first, so many with most touches are kept, and the others put together."""
UNMATCHED_SHARE = 0.3
TWIN_SECONDS = 60
"""A touch of the same lead by the same channel within fewer seconds after another is the same one, written down twice."""
LEFT_OUT = "-"
"""As the name of a channel: its touches do not count."""


@dataclass(frozen=True)
class _Source:
    """What one `said_table` was read from: what it is called, how many columns say who, and whether its moments have times of day."""

    name: str
    who: int
    has_clock: bool


def build_touches(
    engine: Engine,
    files: Sequence[TouchFile],
    costs: Sequence[CostFile],
    labels: Collection[str],
    mapping: ColumnMapping,
    form: Form,
    as_of: datetime,
) -> Touches:
    """Makes both tables, of the files and of the entries at the `labels`; `touch_costs`, of tables of `costs`; and the column of the leads.
    Tells what became of every line of a file. Leads and sorted entries are there already; nothing after `as_of` has happened yet."""
    ordered = sorted(files, key=lambda file: (file.raw.name, file.raw.table))
    told, unclear = moments(engine, mapping, ordered, as_of)
    sources = [
        _Source(file.raw.name, len(file.who), read_lines(engine, file, place, told[place], as_of))
        for place, file in enumerate(ordered)
    ]
    match_leads(engine, form, ordered)
    if labels:
        clock = read_entries(engine, form, labels, len(ordered))
        sources.append(_Source(", ".join(mapping.primary.names), 1, clock))
    channels, spelt, folded = _spell(engine, len(sources), dict(mapping.overrides.channels))
    _keep(engine, form, sources)
    counts = {file.raw.table: _count(engine, place, file) for place, file in enumerate(ordered)}
    _reject(engine, ordered)
    priced, elsewhere, twice = build_costs(engine, costs, spelt) if costs else ({}, (), 0)
    apart, used = Counter[Apart](), 0
    for place in range(len(sources)):
        taken, reasons = _became(engine, place)
        used += taken
        apart.update(reasons)
    (told_costs,) = engine.row(Query(f"SELECT COUNT(kept.cost) AS n FROM {LINES} AS kept WHERE kept.apart IS NULL"))
    column = _first_channel(engine)
    direct = {loosely(word) for word in data_file("touches")["direct"]}
    result = Touches(
        files=counts | priced,
        used=used,
        apart={reason: apart[reason] for reason in Apart if apart[reason]},
        channels=channels,
        direct=tuple(channel for channel in channels if loosely(channel) in direct),
        folded=folded,
        other=wording.say("touches.other_channels"),
        costs=bool(told_costs) or bool(priced),
        cost_table=bool(priced),
        column=column,
        notes=(),
        labels=tuple(labels),
    )
    for name in (SPELT, LINES, OF_LEADS, CODES, KEYS, MATCHED, *(said_table(place) for place in range(len(sources)))):
        engine.drop_table(name)
    return _with_notes(result, ordered, unclear, elsewhere, twice)


def forget_touches(engine: Engine) -> None:
    """Leaves no table of touches."""
    engine.drop_table(TABLE)
    engine.drop_table(APART)
    engine.drop_table(COSTS)


def _spell(
    engine: Engine, sources: int, renamed: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, str | None], int]:
    """Leaves SPELT: the channel of each spelling, NULL of those that were left out. Answers the channels by their touches, the channel of
    each spelling (`loosely`), and how many were put together."""
    union = " UNION ALL ".join(
        f"SELECT said.written AS written, COUNT(*) AS lines FROM {said_table(place)} AS said WHERE said.touch IN"
        f" (SELECT found.touch FROM {MATCHED} AS found) GROUP BY said.written"
        for place in range(sources)
    )
    known = engine.rows(
        Query(
            f"SELECT each.written AS written, SUM(each.lines) AS lines FROM ({union}) AS each GROUP BY 1 ORDER BY lines DESC, written"
        )
    )
    best: dict[str, str] = {}
    counts = Counter[str]()
    of_written: dict[str, str | None] = {}
    names = {loosely(old): new for old, new in renamed.items()}
    for written, lines in known:
        name = names.get(loosely(written), written)
        if name == LEFT_OUT:
            of_written[written] = None
            continue
        of_written[written] = best.setdefault(loosely(name), name)
        counts[of_written[written] or ""] += int(lines)
    listed = sorted(counts, key=lambda name: (-counts[name], name))
    folded = listed[SHOWN_CHANNELS:] if len(listed) > MOST_CHANNELS else []
    if folded:
        other = wording.say("touches.other_channels")
        of_written = {written: other if name in folded else name for written, name in of_written.items()}
        listed = [*(name for name in listed[:SHOWN_CHANNELS] if name != other), other]
    pairs = list(of_written.items())
    texts = "SELECT unnest(?::VARCHAR[]) AS written, unnest(?::VARCHAR[]) AS channel"
    engine.keep(SPELT, Query(texts, ([written for written, _ in pairs], [name for _, name in pairs])))
    spelt = {loosely(written): channel for written, channel in of_written.items()}
    for name, new in names.items():
        spelt.setdefault(name, None if new == LEFT_OUT else spelt.get(loosely(new), new))
    return tuple(listed), spelt, len(folded)


def _keep(engine: Engine, form: Form, sources: Sequence[_Source]) -> None:
    """Leaves LINES (each line with its channel, and why it is no touch), `touches` and `touches_apart`."""
    union = " UNION ALL ".join(
        f"SELECT said.touch AS touch, said.moment AS moment, said.written AS written, said.cost AS cost, said.apart AS apart,"
        f" said.twin AS twin, {str(source.has_clock).upper()} AS has_clock,"
        f" COALESCE({', '.join(f'said.who_{index}' for index in range(source.who))}) AS who FROM {said_table(place)} AS said"
        for place, source in enumerate(sources)
    )
    # A line of which each lead was touched by the same within a minute is no touch at all.
    touched = f"""SELECT lines.touch AS touch, found.lead_code AS lead_code, lines.moment AS moment, spelt.channel AS channel,
    lines.cost AS cost, lines.has_clock AS has_clock, lines.twin AS twin,
    LAG(lines.moment) OVER (PARTITION BY found.lead_code, spelt.channel ORDER BY lines.moment, lines.touch) AS moment_before,
    ROW_NUMBER() OVER (PARTITION BY found.lead_code, spelt.channel, lines.moment, lines.twin ORDER BY lines.touch) AS copy
FROM ({union}) AS lines
INNER JOIN {MATCHED} AS found ON found.touch = lines.touch
INNER JOIN {SPELT} AS spelt ON spelt.written = lines.written AND spelt.channel IS NOT NULL"""
    engine.keep(
        OF_LEADS,
        Query(
            f"""SELECT touched.touch AS touch, touched.lead_code AS lead_code, touched.moment AS moment, touched.channel AS channel,
    touched.cost AS cost,
    CASE WHEN touched.has_clock
        THEN COALESCE(EPOCH_US(touched.moment) - EPOCH_US(touched.moment_before) < {TWIN_SECONDS * 1_000_000}, FALSE)
        ELSE touched.copy > 1 END AS is_twin
FROM ({touched}) AS touched"""
        ),
    )
    engine.keep(
        LINES,
        Query(
            f"""SELECT lines.touch AS touch, lines.moment AS moment, lines.written AS written, lines.cost AS cost, lines.who AS who,
    CASE WHEN lines.apart IS NOT NULL THEN lines.apart
        WHEN found.touch IS NULL THEN '{Apart.UNMATCHED}'
        WHEN spelt.channel IS NULL THEN '{Apart.IGNORED}'
        WHEN kept.touch IS NULL THEN '{Apart.DUPLICATE}' END AS apart
FROM ({union}) AS lines
LEFT JOIN (SELECT DISTINCT each.touch AS touch FROM {MATCHED} AS each) AS found ON found.touch = lines.touch
LEFT JOIN (SELECT DISTINCT each.touch AS touch FROM {OF_LEADS} AS each WHERE NOT each.is_twin) AS kept ON kept.touch = lines.touch
LEFT JOIN {SPELT} AS spelt ON spelt.written = lines.written"""
        ),
    )
    moment = "EPOCH_US(touched.moment) // 1000000" if form.time == SECONDS else "EPOCH_US(touched.moment)"
    engine.keep(
        TABLE,
        Query(
            f"""SELECT touched.lead_code AS lead_code, {moment} AS touched_at, touched.channel AS channel, codes.account_id AS account_id,
    touched.cost AS cost, touched.touch AS touch
FROM {OF_LEADS} AS touched
INNER JOIN {CODES} AS codes ON codes.lead_code = touched.lead_code
WHERE NOT touched.is_twin
ORDER BY lead_code, touched_at, touch"""
        ),
    )
    engine.keep(
        APART,
        fill(
            f"SELECT {{file}} AS source_file, raw.source_line % {FILE_STEP} AS source_line, raw.who AS who, raw.moment AS moment,"
            " raw.written AS channel, raw.apart AS reason FROM"
            f" (SELECT lines.*, lines.touch AS source_line FROM {LINES} AS lines WHERE lines.apart IS NOT NULL) AS raw"
            " ORDER BY raw.source_line",
            file=file_name([source.name for source in sources]),
        ),
    )


def _became(engine: Engine, place: int) -> tuple[int, dict[Apart, int]]:
    """How many lines of a source are touches, and how many are not, by the reason."""
    rows = engine.rows(
        Query(
            f"SELECT lines.apart AS apart, COUNT(*) AS n FROM {LINES} AS lines WHERE lines.touch // {FILE_STEP} = {place} GROUP BY 1"
        )
    )
    used = sum(int(lines) for reason, lines in rows if reason is None)
    return used, {Apart(reason): int(lines) for reason, lines in rows if reason is not None}


def _count(engine: Engine, place: int, file: TouchFile) -> FileCount:
    """Where the lines of a file went. AssertionError where they do not add up to the lines read."""
    raw = file.raw
    used, apart = _became(engine, place)
    rejected = raw.rows_rejected + sum(lines for reason, lines in apart.items() if reason.rejects)
    ignored = {reason: lines for reason, lines in apart.items() if not reason.rejects}
    if used + rejected + sum(ignored.values()) != raw.rows_read:
        raise AssertionError(f"{raw.name}: {raw.rows_read} lines were read, but not all of them are accounted for")
    because = {wording.say(f"touches.apart_{reason}"): lines for reason, lines in ignored.items()}
    return FileCount(
        raw.name, raw.encoding, raw.delimiter, raw.rows_read, used, rejected, sum(ignored.values()), because
    )


def _reject(engine: Engine, files: Sequence[TouchFile]) -> None:
    """Puts the lines without a readable time among the rejects."""
    for place, file in enumerate(files):
        for apart in (Apart.NO_TIME, Apart.BAD_TIME):
            query = fill(
                "SELECT {name}, raw.source_line, {column}, {cell}, {reason}, TRUE FROM {table} AS raw"
                " WHERE raw.source_line IN (SELECT lines.touch - {place} FROM {lines} AS lines WHERE lines.apart = {apart}"
                " AND lines.touch // {step} = {number})",
                name=bound(file.raw.name),
                column=bound(file.time.column),
                cell=raw_cell(file.time.column),
                reason=bound(wording.say(f"mapping.reject_{apart.value}", form=file.time.format)),
                table=identifier(file.raw.table),
                place=str(place * FILE_STEP),
                lines=LINES,
                apart=bound(apart.value),
                step=str(FILE_STEP),
                number=str(place),
            )
            engine.add("rejects", query)


def _first_channel(engine: Engine) -> str:
    """Adds to `leads` the channel of the first touch of each lead, NULL where none is at or before the day on which it came: of its first
    entry, or of its making where that is earlier. Answers the column's name."""
    taken = {name.casefold() for name, _ in engine.columns("leads")}
    header = wording.say("touches.first_channel")
    names = (header, *(f"{header} {number}" for number in range(2, len(taken) + 3)))
    name = next(each for each in names if each.casefold() not in taken)
    came = f"""SELECT entries.lead_key AS lead_code, MIN(entries.entered_at) AS entered_at
FROM {TIMED} AS entries
GROUP BY entries.lead_key"""
    firsts = f"""SELECT touched.lead_code AS lead_code, ARG_MIN(touched.channel, ROW(touched.moment, touched.touch)) AS channel
FROM {OF_LEADS} AS touched
INNER JOIN {CODES} AS codes ON codes.lead_code = touched.lead_code
INNER JOIN leads ON leads.lead_id = codes.lead_id
LEFT JOIN ({came}) AS came ON came.lead_code = touched.lead_code
WHERE NOT touched.is_twin
    AND CAST(touched.moment AS DATE) <= CAST(LEAST(came.entered_at, leads.created_at) AS DATE)
GROUP BY touched.lead_code"""
    engine.keep(
        "leads",
        Query(
            f"""SELECT leads.*, firsts.channel AS {identifier(name)}
FROM leads
INNER JOIN {CODES} AS codes ON codes.lead_id = leads.lead_id
LEFT JOIN ({firsts}) AS firsts ON firsts.lead_code = codes.lead_code
ORDER BY leads.rowid"""
        ),
    )
    return name


def _with_notes(
    touches: Touches, files: Sequence[TouchFile], unclear: bool, elsewhere: Sequence[str], twice: int
) -> Touches:
    """With what a reader of these touches should know, the gravest first."""
    names = ", ".join(file.raw.name for file in files)
    notes: list[Note] = []
    if touches.unmatched > UNMATCHED_SHARE * touches.lines:
        notes.append(
            Note("touches.many_unmatched", {"unmatched": touches.unmatched, "lines": touches.lines, "file": names})
        )
    if unclear:
        notes.append(Note("touches.zones", {"file": names}))
    ambiguous = [file for file in files if file.time.ambiguous]
    for file in ambiguous:
        text, first, second = file.time.examples[0]
        read, other = (first, second) if file.time.order == "dmy" else (second, first)
        notes.append(Note("touches.ambiguous", {"file": file.raw.name, "text": text, "read": read, "other": other}))
    if touches.folded:
        notes.append(Note("touches.folded", {"folded": touches.folded, "shown": SHOWN_CHANNELS}))
    if twice:
        notes.append(Note("touches.costs_twice", {"n": twice}))
    if elsewhere:
        notes.append(Note("touches.costs_elsewhere", {"channels": list(elsewhere)}))
    return replace(touches, notes=tuple(notes))
