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
    cases = [(cells.summed(), Fault.TOTALS), (cells.header_again(), Fault.HEADER)]
    if cells.one_pipeline:
        cases.append((cells.other_pipeline, Fault.PIPELINE))
    cases.append((fill("{id} IS NULL", id=cells.lead), Fault.NO_LEAD))
    fault = fault_of(cases)
    label, joined = found.spelling(source) if "label" in source.parts else (NULL, Query(""))
    ended = [
        moment for each in source.stage_dates if found.meaning(each.label) and (moment := cells.moment_of(each.column))
    ]
    closed = [moment for moment in [cells.closing()] if moment is not None] or ended
    stages = [
        fill("{moment} AS d{place}", moment=cells.moment_of(each.column) or NULL, place=str(place))
        for place, each in enumerate(source.stage_dates)
    ]
    columns = listed(
        [
            fill("{id} AS lead_id", id=cells.lead),
            Query("raw.source_line AS source_line"),
            fill("{fault} AS fault", fault=fault),
            Query(f"{cells.several_filled} AS several_filled"),
            fill("{label} AS label", label=label),
            fill("CAST({moment} AS TIMESTAMP) AS created_at", moment=cells.moment("created") or NULL),
            fill("CAST(COALESCE({moments}) AS TIMESTAMP) AS closed_any", moments=listed([*closed, NULL])),
            fill("CAST({moment} AS TIMESTAMP) AS changed_at", moment=cells.moment("changed") or NULL),
            *stages,
            *(
                fill("{text} AS {name}", text=text, name=name)
                for name, text in house_columns(mapping, source, cells, found).items()
            ),
            *_marks(engine, source, fault),
        ]
    )
    rows = fill(
        "SELECT {columns} FROM {view} AS raw{joined}",
        columns=columns,
        view=identifier(source.view),
        joined=joined,
    )
    engine.run(create_table(part_table(source), rows))
    FAULTS.take(engine, source, cells, part_table(source))


def _marks(engine: Engine, source: Source, fault: Query) -> list[Query]:
    """The marks of the attributes that may be numbers; `fault` is the expression of a line's fault, NULL for none."""
    columns = attribute_columns(source)
    named = [column for column in columns if not names_ids(column)]
    possible = set(number_marks.possible(engine, source.view, named, fault))
    return [
        fill(f"{{mark}} AS {mark_name(name)}", mark=number_marks.raw_mark(f"raw.{identifier(column)}"))
        for name, column in zip(attribute_names(source), columns, strict=True)
        if column in possible
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
        said = [
            (value, outcome) for value, outcome in found.outcomes.get(source.view, {}).items() if outcome is not None
        ]
        outcome = chosen("told.value", said)
        outcome = fill(
            "(SELECT {cases} FROM (SELECT {text} AS value) AS told)", cases=outcome, text=cells.text("outcome")
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


def enter_rows(engine: Engine, mapping: Mapping, source: Source, found: Labels) -> None:
    """Adds the entries that a line of the source tells of to `history`.

    Each stage date is an entry. So is the present label: at the close if it means won or lost, else at the last change, else
    undated, of the lead's last line. Where only the outcome column says how a lead ended, that is an entry too. Leads that a log
    tells of already get none but the dated ones.
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
        if not one_line_each(engine, source):
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
