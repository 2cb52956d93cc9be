"""What the lines of a table say about a hypothesis: how ids repeat, and how leads move from label to label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.spelling import LONGEST
from funnel.core.sql import Query, identifier
from funnel.core.types import LOST_CONCEPTS
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import KEPT_VALUES, Column, Table, distinct_values, is_chosen
from funnel.mapping.template import among, fill, raw_cell

MOST_LINES = 100_000
"""Of a longer table only the lines of some ids are looked at, all lines of each."""
SAME_SHARE = 0.05
"""So far the lines of some ids, times their part, may be from all lines; farther off, a few ids have very many lines."""
NO_ID = r"(?i)\s*(?:0+A*|[-–—_.?*]+|n/?a|null|none|nan|unknown|unassigned|не указан[оа]?)?\s*"
"""What systems write where an id is missing, Salesforce's 000000000000000AAA too."""
MOST_PAIRS = 5_000
ONCE = 0.98


@dataclass(frozen=True)
class Ids:
    """A column as ids: the share of lines that have one, distinct ones, the share of lines that only repeat another's id, the
    share of those with an id that are of an id with several lines, and the most lines of one id."""

    filled: float
    distinct: int
    again: float
    shared: float
    most: int

    @property
    def unique(self) -> bool:
        """Whether hardly any line repeats another's id: a line pasted twice makes no history of a list of leads."""
        return self.again <= 0.02 or (
            self.distinct > 1 and round(self.again * self.distinct) <= 1 and self.again <= 0.1
        )


@dataclass(frozen=True)
class Walk:
    """How leads move between labels in the order of a time.

    `moves` are those from one label to another at a later time, `repeated` those of them whose two labels saw another move, either way:
    a move met once has no rarer reverse by chance alone. `orderly` is the share of them whose reverse is rarer, `forward`
    the share of those between labels of known meaning that lead on in the usual order (None where there is none), `first` the
    share of leads that begin at the commonest first label, `leads` those with several lines.
    """

    leads: int
    moves: int
    repeated: int
    orderly: float
    forward: float | None
    known_moves: int
    first: float


@dataclass(frozen=True)
class SomeIds:
    """A table with all lines of some ids of a column, one in `part` of them (1: all, and the lines without an id)."""

    lines: str
    part: int

    def chosen(self, cell: str) -> Query:
        """A condition: whether the id in a cell is one of them."""
        return Query(is_chosen(cell, self.part))


@dataclass
class Facts:
    """What was counted in one table, each answer once."""

    engine: Engine
    table: Table
    _some: dict[str, SomeIds] = field(default_factory=dict)
    _ids: dict[str, Ids] = field(default_factory=dict)
    _walks: dict[tuple[str, str, str], Walk] = field(default_factory=dict)
    _handovers: dict[tuple[str, str, str, str], float] = field(default_factory=dict)
    _varying: dict[tuple[str, tuple[str, ...]], dict[str, float]] = field(default_factory=dict)

    def some(self, column: Column) -> SomeIds:
        """All lines of a short table; of a long one those of some ids of the column, copied aside once."""
        if column.name not in self._some:
            seen = self.table.seen
            is_seen = seen is not None and column.name in seen.parts
            part = seen.parts[column.name] if seen and is_seen else max(1, self.table.rows // MOST_LINES)
            some_ids = SomeIds(self.table.view, part)
            if part > 1:
                some_ids = SomeIds(f"some_{len(self._some)}_of_{self.table.view}", part)
                query = fill(
                    "SELECT raw.* FROM {lines} AS raw WHERE {chosen}",
                    lines=identifier(seen.lines if seen and is_seen else self.table.view),
                    chosen=some_ids.chosen(raw_cell(column.name)),
                )
                self.engine.keep(some_ids.lines, query)
            self._some[column.name] = some_ids
        return self._some[column.name]

    def texts(self, column: Column) -> tuple[str, ...]:
        """All values of a column; none where they are too many to tell."""
        seen = self.table.seen
        if seen is None or column.name in seen.words:
            return column.values if column.complete else ()
        values = distinct_values(self.engine, self.table.view, column.name)
        return tuple(value[: LONGEST + 1] for value in values) if len(values) <= KEPT_VALUES else ()

    def forget(self) -> None:
        """Removes what was copied aside."""
        if self.table.seen is not None:
            self.engine.drop_table(self.table.seen.lines)
        for some_ids in self._some.values():
            if some_ids.part > 1:
                self.engine.drop_table(some_ids.lines)
        self._some = {}

    def ids(self, column: Column) -> Ids:
        """The column as ids. Of a long table those of some ids stand for all, where they have their part of the filled lines."""
        if column.name not in self._ids:
            some_ids = self.some(column)
            ids = self._counted(column, some_ids)
            if some_ids.part > 1 and abs(ids.filled - column.filled / self.table.rows) > SAME_SHARE:
                ids = self._counted(column, SomeIds(self.table.view, 1))
            self._ids[column.name] = ids
        return self._ids[column.name]

    def _counted(self, column: Column, some_ids: SomeIds) -> Ids:
        cell = raw_cell(column.name)
        query = fill(
            "SELECT COUNT(*) AS ids, SUM(each.lines) AS lines, MAX(each.lines) AS most,"
            " SUM(each.lines) FILTER (WHERE each.lines > 1) AS shared FROM"
            " (SELECT {cell} AS id, COUNT(*) AS lines FROM {lines} AS raw WHERE {real} GROUP BY 1) AS each",
            cell=cell,
            lines=identifier(some_ids.lines),
            real=real_id(cell),
        )
        ids, lines, most, shared = (int(number or 0) for number in self.engine.row(query))
        return Ids(
            filled=some_ids.part * lines / max(self.table.rows, 1),
            distinct=some_ids.part * ids,
            again=(lines - ids) / lines if lines else 0.0,
            shared=shared / lines if lines else 0.0,
            most=most,
        )

    def _over(self, lead: Column, template: str, **parts: Query | str) -> Query:
        """A query over the {lines} that stand for all, of which {real} keeps those with an {id} of this lead."""
        cell = raw_cell(lead.name)
        return fill(template, id=cell, lines=identifier(self.some(lead).lines), real=real_id(cell), **parts)

    def varying(self, lead: Column, columns: Sequence[Column]) -> dict[str, float]:
        """For each column, the share of leads with several lines in which it differs."""
        key = (lead.name, tuple(column.name for column in columns))
        if not columns:
            return {}
        if key not in self._varying:
            cells = [raw_cell(column.name) for column in columns]
            measured = ", ".join(
                f"AVG(CAST(MIN({cell}) <> MAX({cell}) AS INTEGER)) OVER () AS v{index}"
                for index, cell in enumerate(cells)
            )
            text = "SELECT {measured} FROM {lines} AS raw WHERE {real} GROUP BY {id} HAVING COUNT(*) > 1 LIMIT 1"
            shares = self.engine.rows(self._over(lead, text, measured=measured)) or [(0.0,) * len(columns)]
            pairs = zip(columns, shares[0], strict=True)
            self._varying[key] = {column.name: float(share or 0.0) for column, share in pairs}
        return self._varying[key]

    def walk(self, lead: Column, label: Column, time: Column, moment: Query) -> Walk:
        """How the leads move; `moment` reads the time."""
        key = (lead.name, label.name, time.name)
        if key not in self._walks:
            self._walks[key] = self._walk(lead, label, moment)
        return self._walks[key]

    def _walk(self, lead: Column, label: Column, moment: Query) -> Walk:
        entries = self._over(
            lead,
            "WITH entries AS MATERIALIZED (SELECT {id} AS id, {label} AS label, {moment} AS moment, raw.source_line AS line"
            " FROM {lines} AS raw WHERE {real}),"
            " steps AS MATERIALIZED (SELECT entries.id AS id, entries.label AS label, entries.moment AS moment,"
            " LAG(entries.label) OVER lead AS before, LAG(entries.moment) OVER lead AS since,"
            " ROW_NUMBER() OVER lead AS place, LEAD(entries.line) OVER lead AS next_line FROM entries"
            " WHERE entries.label IS NOT NULL AND entries.moment IS NOT NULL"
            " WINDOW lead AS (PARTITION BY entries.id ORDER BY entries.moment, entries.line))",
            label=cleaned(raw_cell(label.name)),
            moment=moment,
        )
        query = fill(
            "{entries} (SELECT steps.before AS a, steps.label AS b, COUNT(*) AS n FROM steps WHERE steps.before <> steps.label"
            " AND steps.since < steps.moment GROUP BY steps.before, steps.label LIMIT {most})"
            " UNION ALL SELECT NULL AS a, steps.label AS b, COUNT(*) AS n FROM steps WHERE steps.place = 1 AND steps.next_line IS NOT NULL"
            " GROUP BY steps.label",
            entries=entries,
            most=str(MOST_PAIRS),
        )
        rows = self.engine.rows(query)
        pairs = {(a, b): int(n) for a, b, n in rows if a is not None}
        begun = [int(n) for a, _, n in rows if a is None]
        moves, leads = sum(pairs.values()), sum(begun)
        orderly = sum(n for (a, b), n in pairs.items() if n > pairs.get((b, a), 0))
        known_moves, forward = _forward(pairs)
        return Walk(
            leads=leads,
            moves=moves,
            repeated=sum(n for (a, b), n in pairs.items() if n + pairs.get((b, a), 0) > 1),
            orderly=orderly / moves if moves else 0.0,
            forward=forward / known_moves if known_moves else None,
            known_moves=known_moves,
            first=max(begun) / leads if begun else 0.0,
        )

    def counted(self, lead: Column, column: Column, moment: Query) -> tuple[int, float, float]:
        """Of a column of numbers: the leads with several lines, the share of them whose lines begin at 1 and rise with the time, and the
        share that also leaves no number out."""
        query = self._over(
            lead,
            "WITH lines AS (SELECT {id} AS id, TRY_CAST(TRY_CAST({number} AS DOUBLE) AS BIGINT) AS number, {moment} AS moment"
            " FROM {lines} AS raw WHERE {real}),"
            " steps AS (SELECT lines.id AS id, lines.number AS number, COALESCE(lines.number > LAG(lines.number) OVER lead"
            " AND lines.moment >= LAG(lines.moment) OVER lead, lines.number = 1) AS rises FROM lines"
            " WINDOW lead AS (PARTITION BY lines.id ORDER BY lines.number, lines.moment)),"
            " leads AS (SELECT BOOL_AND(steps.rises) AS rises, MAX(steps.number) = COUNT(*) AS whole"
            " FROM steps GROUP BY steps.id HAVING COUNT(*) > 1)"
            " SELECT COUNT(*) AS leads, AVG(CAST(leads.rises AS INTEGER)) AS rise,"
            " AVG(CAST(leads.rises AND leads.whole AS INTEGER)) AS whole FROM leads",
            number=raw_cell(column.name),
            moment=moment,
        )
        leads, rise, whole = self.engine.row(query)
        return int(leads), float(rise or 0.0), float(whole or 0.0)

    def handover(self, lead: Column, old: Column, new: Column, time: Column, moment: Query) -> float:
        """Of lines that follow another of their lead, the share on which `old` repeats what `new` said on the line before."""
        key = (lead.name, old.name, new.name, time.name)
        if key not in self._handovers:
            query = self._over(
                lead,
                "SELECT AVG(CAST(lines.old = lines.before AS INTEGER)) AS share FROM (SELECT {old} AS old,"
                " LAG({new}) OVER (PARTITION BY {id} ORDER BY {moment}, raw.source_line) AS before"
                " FROM {lines} AS raw WHERE {real}) AS lines WHERE lines.old IS NOT NULL AND lines.before IS NOT NULL",
                old=cleaned(raw_cell(old.name)),
                new=cleaned(raw_cell(new.name)),
                moment=moment,
            )
            self._handovers[key] = float(self.engine.row(query)[0] or 0.0)
        return self._handovers[key]

    def still_to_come(self, lead: Column, column: Column, ahead: Sequence[str], moment: Query) -> tuple[float, float]:
        """Of the lines whose column says that they are ahead, beside others of their lead, the share that none of these follows; of the
        leads with lines ahead, the share with several, and others beside them. Lines without a moment follow all others."""
        query = self._over(
            lead,
            "WITH lines AS (SELECT {id} AS id, COALESCE({is_ahead}, FALSE) AS ahead, {moment} AS moment FROM {lines} AS raw WHERE {real}),"
            " leads AS (SELECT lines.id AS id, MAX(lines.moment) FILTER (WHERE NOT lines.ahead) AS met,"
            " COUNT(*) FILTER (WHERE lines.ahead) AS ahead FROM lines GROUP BY lines.id)"
            " SELECT AVG(CAST(COALESCE(lines.moment >= leads.met, TRUE) AS INTEGER)) FILTER (WHERE leads.met IS NOT NULL) AS last,"
            " COUNT(DISTINCT leads.id) FILTER (WHERE leads.ahead > 1 AND leads.met IS NOT NULL) / COUNT(DISTINCT leads.id) AS several"
            " FROM lines INNER JOIN leads ON leads.id = lines.id WHERE lines.ahead",
            is_ahead=among(cleaned(raw_cell(column.name)), ahead),
            moment=moment,
        )
        last, several = self.engine.row(query)
        return float(last or 0.0), float(several or 0.0)

    def once_each(self, lead: Column, time: Column) -> bool:
        """Whether hardly any lead has two lines of one time."""
        text = "SELECT COUNT(*) AS lines, COUNT(DISTINCT ({id}, {time})) AS pairs FROM {lines} AS raw WHERE {real}"
        lines, pairs = self.engine.row(self._over(lead, text, time=raw_cell(time.name)))
        return bool(lines) and pairs >= ONCE * lines


def real_id(cell: str) -> Query:
    """A condition: whether the cell holds an id, and not what stands in place of one."""
    return Query(f"{cell} IS NOT NULL AND NOT regexp_full_match({cell}, ?)", (NO_ID,))


def _forward(pairs: dict[tuple[str, str], int]) -> tuple[int, int]:
    """Moves between labels whose meaning is known, and those of them that lead on: an exit lies behind every stage."""
    known_moves = forward = 0
    for (before, after), count in pairs.items():
        one, other = label_concepts.surely(before), label_concepts.surely(after)
        if one is None or other is None or one == other:
            continue
        known_moves += count
        order = catalogue.usual_order()
        leads_on = other in LOST_CONCEPTS or order.get(one, 0) < order.get(other, 0)
        forward += count if leads_on and one not in LOST_CONCEPTS else 0
    return known_moves, forward
