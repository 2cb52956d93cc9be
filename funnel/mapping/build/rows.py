"""Tables with a line for each lead (wide files, snapshots) → a working table of them, and their entries."""

from __future__ import annotations

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier, marks
from funnel.core.types import IGNORED, LOST_CONCEPTS
from funnel.mapping.build import number_marks
from funnel.mapping.build.labels import Labels, labels_in
from funnel.mapping.build.lines import TABLE, Fault, fault_of, take_faults
from funnel.mapping.build.number_marks import names_ids
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.outcomes import or_lost, says_yes
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.stages import noun
from funnel.mapping.step_states import AHEAD, LOST, MET
from funnel.mapping.template import NULL, among, any_of, bound, chosen, fill, listed, named, raw_cell
from funnel.mapping.types import ColumnMapping, Source


def part_table(source: Source) -> str:
    """The working table of a source: a line for each of its lines (of a log: of its leads)."""
    return f"part_{source.view}"


def first_table(source: Source) -> str:
    """The working table of what a source said of each lead at its first moment; there is none where that is all that it ever said."""
    return f"first_{source.view}"


def attribute_names(source: Source) -> tuple[str, ...]:
    """What the working tables call the attributes of a source: a0, a1, …"""
    return tuple(f"a{index}" for index in range(len(attribute_columns(source))))


def attribute_texts(source: Source) -> dict[str, Query]:
    """The attributes of a source by these names, each as the clean text of a raw line."""
    pairs = zip(attribute_names(source), attribute_columns(source), strict=True)
    return {name: cleaned(raw_cell(column)) for name, column in pairs}


def mark_name(cell: str) -> str:
    """What the working table of a snapshot calls the marks of an attribute's cells, of a3 (or p0.a3): n3."""
    return "n" + cell.split(".")[-1].removeprefix("a")


def attribute_columns(source: Source) -> tuple[str, ...]:
    """The columns that play no part of their own and describe the lead."""
    own = {source.parts.get(part) for part in OWN_PARTS} | {each.column for each in source.stage_dates if not each.made}
    own |= {each.column for each in source.stage_flags}
    return tuple(column for column in source.columns if column not in own)


OWN_PARTS = (
    *("lead", "label", "time", "clock", "end", "target", "until", "created", "closed", "changed", "account", "amount"),
    *("currency", "field", "old"),
)


def read_rows(cells: SourceCells, labels: Labels) -> None:
    """Leaves the lines of the source that are used in its working table.

    Columns: lead_id, source_line, fault (NULL), several_filled, label, created_at, closed_any (also planned; where no column says
    it, a date of winning or losing), changed_at, d0 … (a stage date each), y0 … (whether a stage was reached, never NULL), outcome_said,
    account_id, amount, currency, and n0 …: the marks (see `number_marks`) of the cells of those attributes that may be numbers. The
    attributes themselves only `leads` keeps.
    """
    columns, joined = _columns(cells, labels)
    columns |= {
        "source_line": Query("raw.source_line"),
        "fault": faults_of(cells),
        "several_filled": Query(cells.several_filled),
        **_marks(cells),
    }
    table = part_table(cells.source)
    rows = fill("SELECT {columns} FROM {view} AS raw{joined}", columns=named(columns), view=cells.asked, joined=joined)
    cells.engine.keep(table, rows)
    take_faults(cells, table)


def lines_at_once(cells: SourceCells, labels: Labels) -> Query | None:
    """The used lines of a file that was read aside, told anew from the file itself by all threads: what `read_rows` left of each, but for
    its line and marks, and r0 …: the attributes as they are written. None where the file was not, or a line is known to be of no use
    only by those before it."""
    engine, source = cells.engine, cells.source
    if source.aside is None:
        return None
    columns, joined = _columns(cells, labels)
    counts = f"SELECT (SELECT COUNT(*) FROM {identifier(part_table(source))}) AS a,"
    counts += f" (SELECT COUNT(*) FROM {TABLE} AS faults WHERE faults.view = ?) AS b"
    lines, faulty = engine.row(Query(counts, (source.view,)))
    used = fill("{fault} IS NULL", fault=faults_of(cells)) if faulty else Query("TRUE")
    query = fill("SELECT COUNT(*) AS lines FROM {view} AS raw WHERE {used}", view=cells.asked, used=used)
    if engine.row(query)[0] != lines:
        return None
    columns |= {f"r{index}": Query(raw_cell(name)) for index, name in enumerate(attribute_columns(source))}
    numbered = any("raw.source_line" in each.text for each in columns.values())
    return fill(
        "SELECT {columns} FROM {view} AS raw{joined} WHERE {used}",
        columns=named(columns),
        view=identifier(source.view if numbered else source.aside.rows),
        joined=joined,
        used=used,
    )


def faults_of(cells: SourceCells) -> Query:
    """The fault of a raw line, as far as its own cells tell; NULL for none."""
    cases = [(cells.summed(), Fault.TOTALS), (cells.header_again(), Fault.HEADER)]
    if cells.one_pipeline:
        cases.append((cells.other_pipeline, Fault.PIPELINE))
    return fault_of([*cases, (cells.fill("{lead} IS NULL"), Fault.NO_LEAD)])


def _columns(cells: SourceCells, labels: Labels) -> tuple[dict[str, Query], Query]:
    """The columns of a working table that a raw line tells, each with its expression, and what is to be joined to the line."""
    source = cells.source
    label, joined = labels.spelling(source) if "label" in source.parts else (NULL, Query(""))
    ends = [each.column for each in source.stage_dates if labels.meaning(each.label)]
    ended = [moment for column in ends if (moment := cells.moment_of(column))]
    closed = [moment for moment in [cells.closing()] if moment is not None] or ended
    columns = {
        "lead_id": cells.lead,
        "label": label,
        "created_at": fill("CAST({moment} AS TIMESTAMP)", moment=cells.moment("created") or NULL),
        "closed_any": fill("CAST(COALESCE({moments}) AS TIMESTAMP)", moments=listed([*closed, NULL])),
        "changed_at": fill("CAST({moment} AS TIMESTAMP)", moment=cells.moment("changed") or NULL),
    }
    dates = {f"d{index}": cells.moment_of(each.column) or NULL for index, each in enumerate(source.stage_dates)}
    flags = {
        f"y{index}": fill("COALESCE({yes}, FALSE)", yes=says_yes(cleaned(raw_cell(each.column))))
        for index, each in enumerate(source.stage_flags)
    }
    return {**columns, **dates, **flags, **house_columns(cells, labels)}, joined


def attribute_marks(cells: SourceCells) -> dict[str, Query]:
    """The attributes that may be numbers, each with the mark of its cell in a raw line."""
    columns = [column for column in attribute_columns(cells.source) if not names_ids(column)]
    possible = number_marks.possible(cells.engine, cells.source.view, columns, faults_of(cells))
    return {column: number_marks.raw_mark(raw_cell(column)) for column in possible}


def _marks(cells: SourceCells) -> dict[str, Query]:
    """The marks of the attributes that may be numbers, also where they were read aside."""
    source = cells.source
    if source.aside is None:
        marks_of = attribute_marks(cells)
    else:
        marks_of = {column: Query(raw_cell(name)) for column, name in source.aside.marks.items()}
    pairs = zip(attribute_names(source), attribute_columns(source), strict=True)
    return {mark_name(name): marks_of[column] for name, column in pairs if column in marks_of}


def one_line_each(engine: Engine, source: Source) -> bool:
    """Whether each lead of a working table has one line of it."""
    lines, leads = engine.row(
        Query(f"SELECT COUNT(*) AS a, COUNT(DISTINCT part.lead_id) AS b FROM {identifier(part_table(source))} AS part")
    )
    return bool(lines == leads)


def house_columns(cells: SourceCells, labels: Labels) -> dict[str, Query]:
    """outcome_said, account_id, amount and currency of a raw line, each with its expression."""
    source, outcome = cells.source, NULL
    if "outcome" in source.parts:
        meanings = {value: end for value, end in labels.outcomes.get(source.view, {}).items() if end is not None}
        # A subquery would be joined to the lines, with all that is asked of them kept aside until then.
        outcome = fill(
            "({outcomes}::VARCHAR[])[list_position({values}::VARCHAR[], {text})]",
            outcomes=bound(list(meanings.values())),
            values=bound(list(meanings)),
            text=cells.text("outcome"),
        )
    if "lost_flag" in source.parts:
        outcome = or_lost(outcome, cells.text("lost_flag"))
    ended = cells.step_is(LOST)
    if ended is not None:
        outcome = fill("COALESCE({outcome}, CASE WHEN {ended} THEN 'lost' END)", outcome=outcome, ended=ended)
    if "lost_reason" in source.parts:
        won = [text for text in labels.texts if labels.meaning(text) == "won"]
        written = [text for (view, text), label in labels.spelled.items() if view == source.view and label in won]
        is_won = among(cells.text("label"), [*won, *written]) if "label" in source.parts else Query("FALSE")
        given = cells.text("lost_reason")
        going_on = cells.step_is(AHEAD, MET, part="lost_reason")
        outcome = fill(
            "CASE WHEN {given} IS NOT NULL AND NOT {going_on} AND NOT COALESCE({won}, FALSE) THEN 'lost' END",
            given=given,
            going_on=going_on or "FALSE",
            won=is_won,
        )
    number = cells.mapping.numbers.get((source.view, source.parts.get("amount", "")))
    currency = cells.text("currency") if "currency" in source.parts else NULL
    if number is not None and number.currencies:
        currency = fill("COALESCE({currency}, {named})", currency=currency, named=number.currency_expression)
    account = cells.text("account") if "account" in source.parts else NULL
    amount = number.expression if number is not None else NULL
    return {
        "outcome_said": fill("CAST({outcome} AS VARCHAR)", outcome=outcome),
        "account_id": fill("CAST({account} AS VARCHAR)", account=account),
        "amount": fill("CAST({amount} AS DOUBLE)", amount=amount),
        "currency": fill("CAST({currency} AS VARCHAR)", currency=currency),
    }


def enter_rows(engine: Engine, mapping: ColumnMapping, source: Source, labels: Labels, *, single: bool) -> None:
    """Adds the entries that a line of the source tells of to `history`.

    Each stage date is an entry. So is the present label: at the close if it means won or lost, else at the last change, else
    undated, of the lead's last line. Where only the outcome column says how a lead ended, that is an entry too. Leads that a log
    tells of already get none but the dated ones. `single`: each lead has one line.
    """
    table = part_table(source)
    logged = any(
        other.primary and not other.stage_dates and other is not source and "time" in other.parts
        for other in mapping.sources
    )
    new = " AND part.lead_id NOT IN (SELECT logged.lead_id FROM logged_leads AS logged)" if logged else ""
    if logged:
        engine.keep("logged_leads", Query("SELECT DISTINCT history.lead_id AS lead_id FROM history"))
    for index, stage in enumerate(source.stage_dates):
        only_new = new if stage.made and not mapping.primary.constant else ""
        dated = Query(f"part.d{index} IS NOT NULL{only_new}")
        _enter(engine, source, bound(stage.label), Query(f"part.d{index}"), dated)
    ends = _ends(engine, source, labels)
    reached = _enter_flags(engine, source, labels, ends, new)
    if "label" in source.parts:
        again = any_of(
            Query(f"part.label = ? AND part.d{index} IS NOT NULL", (each.label,))
            for index, each in enumerate(source.stage_dates)
        )
        moment = fill(
            "CASE WHEN {untimed} AND {end} IS DISTINCT FROM 'won' THEN NULL"
            " WHEN {end} IS NOT NULL THEN COALESCE(part.closed_any, part.changed_at) ELSE part.changed_at END",
            untimed=reached,
            end=ends,
        )
        condition = fill("part.label IS NOT NULL AND NOT ({again}){new}", again=again, new=new)
        if not single:
            # Where it stands now is what the last of its lines says.
            last = f"SELECT MAX(line.source_line) FROM {identifier(table)} AS line GROUP BY line.lead_id"
            only_last = "{condition} AND ({moment} IS NOT NULL OR part.source_line IN ({last}))"
            condition = fill(only_last, condition=condition, moment=moment, last=last)
        _enter(engine, source, Query("part.label"), moment, condition)
    if "outcome" in source.parts:
        for outcome in ("won", "lost"):
            untimed = reached if outcome == "lost" else Query("FALSE")
            _enter_outcome(engine, source, labels, outcome, ends, untimed, logged=logged)
    if source.primary and not source.stage_dates and _only_ends(engine, source, labels):
        label, concept = noun(source.parts.get("lead", "lead"))
        labels.made[label] = concept
        _enter(engine, source, bound(label), Query("part.created_at"), Query("TRUE"))


def _enter_flags(engine: Engine, source: Source, labels: Labels, ends: Query, new: Query | str) -> Query:
    """Adds an entry without a time for each stage that a yes says was reached; whether a line has such an entry comes out.

    What has no time counts as the last that happened. So where the lead stands since must have none either, and before a win or a stage
    with a date a yes says nothing that these do not.
    """
    order = catalogue.usual_order()
    entered = []
    won = fill(
        "(COALESCE({end}, part.outcome_said) = 'won' AND COALESCE(part.closed_any, part.changed_at) IS NOT NULL)",
        end=ends,
    )
    for index, stage in enumerate(source.stage_flags):
        later = [
            Query(f"part.d{at} IS NOT NULL")
            for at, each in enumerate(source.stage_dates)
            if not each.made and order.get(each.concept, len(order)) >= order.get(stage.concept, 0)
        ]
        condition = fill("part.y{at} AND NOT COALESCE({said}, FALSE)", at=str(index), said=any_of([won, *later]))
        _enter(engine, source, bound(stage.label), NULL, fill("{condition}{new}", condition=condition, new=new))
        entered.append(condition)
    return fill("({any})", any=any_of(entered))


def _enter_outcome(
    engine: Engine, source: Source, labels: Labels, outcome: str, ends: Query, untimed: Query, *, logged: bool
) -> None:
    """An entry for leads whose outcome is said, where neither their label, nor a date, nor a log of theirs tells how they ended;
    without a time where it is `untimed`."""
    table = part_table(source)
    ending = labels.ends_in(engine, "history")
    same = {index: each.label for index, each in enumerate(source.stage_dates) if labels.meaning(each.label) == outcome}
    condition = fill(
        "part.outcome_said = {outcome} AND COALESCE({end}, '') <> {outcome}{undated}{unended}",
        outcome=bound(outcome),
        end=ends,
        undated="".join(f" AND part.d{index} IS NULL" for index in same),
        unended=Query(
            f" AND part.lead_id NOT IN (SELECT ended.lead_id FROM history AS ended WHERE ended.label IN ({marks(ending)}))",
            tuple(ending),
        )
        if ending and logged
        else "",
    )
    count = "SELECT COUNT(*) AS leads FROM {table} AS part WHERE {condition}"
    if not engine.row(fill(count, table=identifier(table), condition=condition))[0]:
        return
    label = next(iter(same.values()), None) or labels.outcome_label(source.view, outcome)
    labels.headers.setdefault(label, source.parts["outcome"])
    moment = fill("CASE WHEN NOT {untimed} THEN COALESCE(part.closed_any, part.changed_at) END", untimed=untimed)
    _enter(engine, source, bound(label), moment, condition)


def _only_ends(engine: Engine, source: Source, labels: Labels) -> bool:
    """Whether a list of leads has no label of a stage at all: no label, or only those of losing."""
    if "label" not in source.parts:
        return True
    present = labels_in(engine, "history")
    return bool(present) and all(labels.guess(label)[0] in (*LOST_CONCEPTS, IGNORED) for label in present)


def _ends(engine: Engine, source: Source, labels: Labels) -> Query:
    """'won' or 'lost' where the present label of a line of the working table means that, else NULL."""
    ends = labels.ends_in(engine, part_table(source)) if "label" in source.parts else {}
    return chosen("part.label", ends.items(), Query("CAST(NULL AS VARCHAR)"))


def ended_sql(engine: Engine, source: Source, labels: Labels) -> Query:
    """True where a line of the working table is of a lead that was won or lost: only then its close date is an event."""
    ends = _ends(engine, source, labels)
    dated = [f"part.d{at} IS NOT NULL" for at, each in enumerate(source.stage_dates) if labels.meaning(each.label)]
    ended = " OR ".join(["part.outcome_said IN ('won', 'lost')", *dated])
    unsaid = fill("part.outcome_said IS NULL AND {end} IS NOT NULL", end=ends)
    return fill("({ended} OR ({unsaid}))", ended=ended, unsaid=unsaid)


def _enter(engine: Engine, source: Source, label: Query, moment: Query, condition: Query) -> None:
    """Adds an entry for each line of a source's working table that meets the condition; where several lines stand on one lead, for each
    entry that they tell of."""
    entries = fill(
        "SELECT part.lead_id, {label}, {moment}, {line} FROM {table} AS part WHERE {condition}{once}",
        label=label,
        moment=moment,
        line="part.source_line" if source.standing is None else "MIN(part.source_line)",
        table=identifier(part_table(source)),
        condition=condition,
        once="" if source.standing is None else " GROUP BY 1, 2, 3",
    )
    engine.add("history", entries)
