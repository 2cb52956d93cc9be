"""Tables with a line for each lead (wide files, snapshots) → a working table of them, and their entries."""

from __future__ import annotations

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier, marks
from funnel.core.types import IGNORED, LOST_CONCEPTS
from funnel.mapping.build import number_marks
from funnel.mapping.build.labels import Labels
from funnel.mapping.build.lines import FAULTS, TABLE, Fault, fault_of
from funnel.mapping.build.number_marks import names_ids
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.stages import noun
from funnel.mapping.template import NULL, chosen, fill, listed
from funnel.mapping.types import Mapping, Source

ENTRY_COLUMNS = "(lead_id, label, entered_at, sequence)"


def part_table(source: Source) -> str:
    """The working table of a source: a line for each of its lines (of a log: of its leads)."""
    return f"part_{source.view}"


def first_table(source: Source) -> str:
    """The working table of what a source said of each lead at its first moment; there is none where that is all that it ever said."""
    return f"first_{source.view}"


def attribute_names(source: Source) -> tuple[str, ...]:
    """What the working tables call the attributes of a source: a0, a1, …"""
    return tuple(f"a{place}" for place in range(len(attribute_columns(source))))


def mark_name(cell: str) -> str:
    """What the working table of a snapshot calls the marks of an attribute's cells, of a3 (or p0.a3): n3."""
    return "n" + cell.split(".")[-1].removeprefix("a")


def attribute_columns(source: Source) -> tuple[str, ...]:
    """The columns that play no part of their own and describe the lead."""
    own = {source.parts.get(part) for part in OWN_PARTS} | {each.column for each in source.stage_dates if not each.made}
    return tuple(column for column in source.columns if column not in own)


OWN_PARTS = (
    *("lead", "label", "time", "clock", "end", "target", "until", "created", "closed", "changed", "account", "amount"),
    *("currency", "field", "old"),
)


def read_rows(engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> None:
    """Leaves the lines of the source that are used in its working table.

    Columns: lead_id, source_line, fault (NULL), several_filled, label, created_at, closed_any (also planned; where no column says
    it, a date of winning or losing), changed_at, d0 … (a stage date each), outcome_said, account_id, amount, currency, and n0 …: the
    marks (see `number_marks`) of the cells of those attributes that may be numbers. The attributes themselves only `leads` keeps.
    """
    told, joined = _told(mapping, source, cells, found)
    fault = faults_of(cells)
    columns = listed(
        [
            *(fill("{text} AS {name}", text=text, name=name) for name, text in told.items()),
            Query("raw.source_line AS source_line"),
            fill("{fault} AS fault", fault=fault),
            Query(f"{cells.several_filled} AS several_filled"),
            *_marks(engine, source, fault),
        ]
    )
    rows = fill(
        "SELECT {columns} FROM {view} AS raw{joined}",
        columns=columns,
        view=identifier(source.asked),
        joined=joined,
    )
    engine.run(create_table(part_table(source), rows))
    FAULTS.take(engine, source, cells, part_table(source))


def lines_at_once(engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> Query | None:
    """The used lines of a file that was read aside, told anew from the file itself by all threads: what `read_rows` left of each, but for
    its line and marks, and r0 …: the attributes as they are written. None where the file was not, or a line is known to be of no use
    only by those before it."""
    if source.aside is None:
        return None
    told, joined = _told(mapping, source, cells, found)
    fault = faults_of(cells)
    lines, faulty = engine.row(
        fill(
            "SELECT (SELECT COUNT(*) FROM {table}) AS a, (SELECT COUNT(*) FROM {faults} AS faults WHERE faults.view = {view}) AS b",
            table=identifier(part_table(source)),
            faults=TABLE,
            view=Query("?", (source.view,)),
        )
    )
    used = fill("{fault} IS NULL", fault=fault) if faulty else Query("TRUE")
    counted = fill("SELECT COUNT(*) AS lines FROM {view} AS raw WHERE {used}", view=identifier(source.asked), used=used)
    if engine.row(counted)[0] != lines:
        return None
    columns = [fill("{text} AS {name}", text=text, name=name) for name, text in told.items()]
    columns += [Query(f"raw.{identifier(name)} AS r{place}") for place, name in enumerate(attribute_columns(source))]
    numbered = any("raw.source_line" in each.text for each in columns)
    return fill(
        "SELECT {columns} FROM {view} AS raw{joined} WHERE {used}",
        columns=listed(columns),
        view=identifier(source.view if numbered else source.aside.rows),
        joined=joined,
        used=used,
    )


def faults_of(cells: SourceCells) -> Query:
    """The fault of a raw line, as far as its own cells tell; NULL for none."""
    cases = [(cells.summed(), Fault.TOTALS), (cells.header_again(), Fault.HEADER)]
    if cells.one_pipeline:
        cases.append((cells.other_pipeline, Fault.PIPELINE))
    return fault_of([*cases, (fill("{id} IS NULL", id=cells.lead), Fault.NO_LEAD)])


def _told(mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> tuple[dict[str, Query], Query]:
    """The columns of a working table that a raw line tells, each with its expression, and what is to be joined to the line."""
    label, joined = found.spelling(source) if "label" in source.parts else (NULL, Query(""))
    ended = [
        moment for each in source.stage_dates if found.meaning(each.label) and (moment := cells.moment_of(each.column))
    ]
    closed = [moment for moment in [cells.closing()] if moment is not None] or ended
    told = {
        "lead_id": cells.lead,
        "label": label,
        "created_at": fill("CAST({moment} AS TIMESTAMP)", moment=cells.moment("created") or NULL),
        "closed_any": fill("CAST(COALESCE({moments}) AS TIMESTAMP)", moments=listed([*closed, NULL])),
        "changed_at": fill("CAST({moment} AS TIMESTAMP)", moment=cells.moment("changed") or NULL),
    }
    dates = {f"d{place}": cells.moment_of(each.column) or NULL for place, each in enumerate(source.stage_dates)}
    return {**told, **dates, **house_columns(mapping, source, cells, found)}, joined


def attribute_marks(engine: Engine, source: Source, fault: Query) -> dict[str, Query]:
    """The attributes that may be numbers, each with the mark of its cell in a raw line; `fault` is the expression of a line's fault."""
    named = [column for column in attribute_columns(source) if not names_ids(column)]
    possible = number_marks.possible(engine, source.view, named, fault)
    return {column: number_marks.raw_mark(f"raw.{identifier(column)}") for column in possible}


def _marks(engine: Engine, source: Source, fault: Query) -> list[Query]:
    """The marks of the attributes that may be numbers, also where they were read aside."""
    if source.aside is None:
        found = attribute_marks(engine, source, fault)
    else:
        found = {column: Query(f"raw.{identifier(name)}") for column, name in source.aside.marks.items()}
    return [
        fill(f"{{mark}} AS {mark_name(name)}", mark=found[column])
        for name, column in zip(attribute_names(source), attribute_columns(source), strict=True)
        if column in found
    ]


def one_line_each(engine: Engine, source: Source) -> bool:
    """Whether each lead of a working table has one line of it."""
    lines, leads = engine.row(
        Query(f"SELECT COUNT(*) AS a, COUNT(DISTINCT part.lead_id) AS b FROM {identifier(part_table(source))} AS part")
    )
    return bool(lines == leads)


def used_lines(source: Source) -> Query:
    """A condition that keeps the lines without a fault."""
    return Query(
        f" WHERE raw.source_line NOT IN (SELECT faults.source_line FROM {TABLE} AS faults WHERE faults.view = ?)",
        (source.view,),
    )


def house_columns(mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> dict[str, Query]:
    """outcome_said, account_id, amount and currency of a raw line, each with its expression."""
    outcome: Query = NULL
    if "outcome" in source.parts:
        said = {value: said for value, said in found.outcomes.get(source.view, {}).items() if said is not None}
        # A subquery would be joined to the lines, with all that is asked of them kept aside until then.
        outcome = fill(
            "({outcomes}::VARCHAR[])[list_position({values}::VARCHAR[], {text})]",
            outcomes=Query("?", (list(said.values()),)),
            values=Query("?", (list(said),)),
            text=cells.text("outcome"),
        )
    number = mapping.numbers.get((source.view, source.parts.get("amount", "")))
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


def enter_rows(engine: Engine, mapping: Mapping, source: Source, found: Labels, *, single: bool) -> None:
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
        engine.run(
            Query("CREATE OR REPLACE TABLE logged_leads AS SELECT DISTINCT history.lead_id AS lead_id FROM history")
        )
    for place, stage in enumerate(source.stage_dates):
        only_new = new if stage.made and not _constant_log(mapping) else ""
        _insert(
            engine,
            table,
            Query("?", (stage.label,)),
            Query(f"part.d{place}"),
            Query(f"part.d{place} IS NOT NULL{only_new}"),
        )
    ends = _ends(engine, source, found)
    if "label" in source.parts:
        dated = [
            Query(f"(part.label = ? AND part.d{place} IS NOT NULL)", (each.label,))
            for place, each in enumerate(source.stage_dates)
        ]
        again = (
            Query(" OR ".join(each.text for each in dated), tuple(v for each in dated for v in each.values))
            if dated
            else Query("FALSE")
        )
        moment = fill(
            "CASE WHEN {end} IS NOT NULL THEN COALESCE(part.closed_any, part.changed_at) ELSE part.changed_at END",
            end=ends,
        )
        condition = fill("part.label IS NOT NULL AND NOT ({again}){new}", again=again, new=new)
        if not single:
            # Where it stands now is what the last of its lines says.
            last = f"SELECT MAX(line.source_line) FROM {identifier(table)} AS line GROUP BY line.lead_id"
            condition = fill(
                "{condition} AND ({moment} IS NOT NULL OR part.source_line IN ({last}))",
                condition=condition,
                moment=moment,
                last=last,
            )
        _insert(engine, table, fill("part.label"), moment, condition)
    if "outcome" in source.parts:
        for outcome in ("won", "lost"):
            _enter_outcome(engine, source, found, outcome, ends, logged=logged)
    if source.primary and not source.stage_dates and _only_ends(engine, source, found):
        label, concept = noun(source.parts.get("lead", "lead"))
        found.made[label] = concept
        _insert(engine, table, Query("?", (label,)), Query("part.created_at"), Query("TRUE"))


def _enter_outcome(engine: Engine, source: Source, found: Labels, outcome: str, ends: Query, *, logged: bool) -> None:
    """An entry for leads whose outcome is said, where neither their label, nor a date, nor a log of theirs tells how they ended."""
    table = part_table(source)
    rows = engine.rows(Query("SELECT DISTINCT history.label AS label FROM history WHERE history.label IS NOT NULL"))
    ending = [label for (label,) in rows if found.meaning(label) is not None]
    told = [
        f"part.d{place} IS NULL"
        for place, each in enumerate(source.stage_dates)
        if found.meaning(each.label) == outcome
    ]
    condition = fill(
        "part.outcome_said = {outcome} AND COALESCE({end}, '') <> {outcome}{told}{unended}",
        outcome=Query("?", (outcome,)),
        end=ends,
        told="".join(f" AND {each}" for each in told),
        unended=Query(
            f" AND part.lead_id NOT IN (SELECT ended.lead_id FROM history AS ended WHERE ended.label IN ({marks(ending)}))",
            tuple(ending),
        )
        if ending and logged
        else "",
    )
    count = engine.row(
        fill(
            "SELECT COUNT(*) AS leads FROM {table} AS part WHERE {condition}",
            table=identifier(table),
            condition=condition,
        )
    )[0]
    if not count:
        return
    same = [each.label for each in source.stage_dates if found.meaning(each.label) == outcome]
    label = same[0] if same else found.outcome_label(source.view, outcome)
    found.headers.setdefault(label, source.parts["outcome"])
    _insert(engine, table, Query("?", (label,)), Query("COALESCE(part.closed_any, part.changed_at)"), condition)


def _only_ends(engine: Engine, source: Source, found: Labels) -> bool:
    """Whether a list of leads has no label of a stage at all: no label, or only those of losing."""
    if "label" not in source.parts:
        return True
    rows = engine.rows(Query("SELECT DISTINCT history.label AS label FROM history WHERE history.label IS NOT NULL"))
    return bool(rows) and all(found.guess(label)[0] in (*LOST_CONCEPTS, IGNORED) for (label,) in rows)


def _ends(engine: Engine, source: Source, found: Labels) -> Query:
    """'won' or 'lost' where the present label of a line of the working table means that, else NULL."""
    if "label" not in source.parts:
        return Query("CAST(NULL AS VARCHAR)")
    rows = engine.rows(Query(f"SELECT DISTINCT part.label AS label FROM {identifier(part_table(source))} AS part"))
    ended = [
        (label, meaning) for (label,) in rows if label is not None and (meaning := found.meaning(label)) is not None
    ]
    return chosen("part.label", ended, Query("CAST(NULL AS VARCHAR)"))


def ended_sql(engine: Engine, source: Source, found: Labels) -> Query:
    """True where a line of the working table is of a lead that was won or lost: only then its close date is an event."""
    ends = _ends(engine, source, found)
    dated = [f"part.d{place} IS NOT NULL" for place, each in enumerate(source.stage_dates) if found.meaning(each.label)]
    known = " OR ".join(["part.outcome_said IN ('won', 'lost')", *dated])
    unsaid = fill("part.outcome_said IS NULL AND {end} IS NOT NULL", end=ends)
    return fill("({known} OR ({unsaid}))", known=known, unsaid=unsaid)


def _constant_log(mapping: Mapping) -> bool:
    return bool(mapping.primary.constant)


def _insert(engine: Engine, table: str, label: Query, moment: Query, condition: Query) -> None:
    engine.run(
        fill(
            "INSERT INTO history {columns} SELECT part.lead_id, {label}, {moment}, part.source_line FROM {table} AS part WHERE {condition}",
            columns=ENTRY_COLUMNS,
            label=label,
            moment=moment,
            table=identifier(table),
            condition=condition,
        )
    )
