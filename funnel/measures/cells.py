"""Leads counted by the cells of columns, one column at a time and two at a time, each in one scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import Segment
from funnel.measures import outcomes
from funnel.measures.outcomes import Outcomes
from funnel.measures.statistics import account_sums
from funnel.measures.statistics.account_sums import AccountSums

Cell = str | int | None
Single = dict[tuple[Cell, str], tuple[int, int]]
"""(cell, outcome) → (leads, converted)."""
Pairs = dict[tuple[int, int], list[tuple[Cell, Cell, int, int]]]
"""Two columns, the one with the lower index first → rows (cell, cell of the other, leads, converted)."""


@dataclass(frozen=True)
class Column:
    """A column to scan: its bands of numbers, or none: then each of its texts is a segment. Empty is a segment of either."""

    name: str
    bands: tuple[Segment, ...] = ()


@dataclass(frozen=True)
class Cells:
    """The leads on the way to a target, by the cells of each column: its texts, or the indexes of its bands. After the last column
    comes the quarter of the start."""

    leads: Outcomes
    columns: Sequence[Column]
    target: int

    def name(self, index: int) -> str:
        """The column; "" is the quarter of the start."""
        return self.columns[index].name if index < len(self.columns) else ""

    def singles(self) -> tuple[dict[int, Single], str]:
        """Each column by itself, and the SQL that ran."""
        singles: dict[int, Single] = {index: {} for index in range(len(self.columns))}
        if not singles:
            return singles, ""
        query = self._counted([(f"cell_{index}", "outcome") for index in singles])
        for row in self.leads.journeys.engine.named(query):
            cell = row[f"cell_{row['kind']}"]
            singles[row["kind"]][cell, row["outcome"]] = row["leads"], row["converted"]
        return singles, query.readable()

    def pairs(self, indexes: Iterable[int], beside: Iterable[int]) -> tuple[Pairs, str]:
        """Each of some columns with each of others and with the quarter of the start, and the SQL that ran."""
        others = {*beside, len(self.columns)}
        of = set(indexes)
        wanted = [pair for pair in combinations(sorted(of | others), 2) if of & {*pair} and others & {*pair}]
        pairs: Pairs = {pair: [] for pair in wanted}
        if not of or not wanted:
            return {}, ""
        query = self._counted([(f"cell_{one}", f"cell_{other}") for one, other in wanted])
        for row in self.leads.journeys.engine.named(query):
            one, other = wanted[row["kind"]]
            pairs[one, other].append((row[f"cell_{one}"], row[f"cell_{other}"], row["leads"], row["converted"]))
        return pairs, query.readable()

    def sums(self, without: Iterable[tuple[int, Cell]]) -> tuple[dict[int, dict[Cell, AccountSums]], str]:
        """The sums by account of each cell of each column, set beside all cells of the column but those left out, and the SQL that ran."""
        sums: dict[int, dict[Cell, AccountSums]] = {index: {} for index in range(len(self.columns))}
        left_out = {(index, _text(cell)) for index, cell in without}
        used = [f"cell_{index}" for index in sums]
        kind = " ".join(f"WHEN GROUPING(cells.{cell}) = 0 THEN {index}" for index, cell in enumerate(used))
        text = " ".join(f"WHEN {index} THEN CAST(each.{cell} AS VARCHAR)" for index, cell in enumerate(used))
        grouped = ", ".join(f"(cells.account, cells.{cell})" for cell in used)
        each = f"""SELECT CASE {kind} END AS kind, cells.account AS account, {", ".join(f"cells.{cell} AS {cell}" for cell in used)},
    COUNT(*) AS leads, COUNT(*) FILTER (WHERE cells.reached) AS converted
FROM cells
GROUP BY GROUPING SETS ({grouped})"""
        named = f"""SELECT each.kind AS kind, each.account AS account, each.leads AS leads, each.converted AS converted,
    CASE each.kind {text} END AS cell
FROM each"""
        conditions = "".join(
            f"\n    AND NOT (named.kind = {int(index)} AND named.cell IS NOT DISTINCT FROM ?)" for index, _ in left_out
        )
        held = Query(f"SELECT named.*\nFROM named\nWHERE TRUE{conditions}", tuple(cell for _, cell in left_out))
        more, last = account_sums.summed("held")
        paragraphs = [
            *self.leads.paragraphs((self.target,)),
            Paragraph("cells", self._cells([*used, "account"])),
            Paragraph("each", Query(each)),
            Paragraph("named", Query(named)),
            Paragraph("held", held),
            *more,
        ]
        query = compose(paragraphs, last)
        for row in self.leads.journeys.engine.named(query):
            cell = row["cell"]
            banded = bool(self.columns[row["kind"]].bands) and cell is not None
            sums[row["kind"]][int(cell) if banded else cell] = account_sums.sums_of(row)
        return sums, query.readable()

    def _counted(self, sets: Sequence[tuple[str, str]]) -> Query:
        """A row for each two cells of each set, whose number is `kind`: leads, and those that converted."""
        used = list(dict.fromkeys(column for pair in sets for column in pair))
        kinds = " ".join(
            f"WHEN GROUPING(cells.{one}) = 0 AND GROUPING(cells.{other}) = 0 THEN {kind}"
            for kind, (one, other) in enumerate(sets)
        )
        listed = ", ".join(f"cells.{column} AS {column}" for column in used)
        grouped = ",\n    ".join(f"(cells.{one}, cells.{other})" for one, other in sets)
        last = f"""SELECT CASE {kinds} END AS kind, {listed},
    COUNT(*) AS leads, COUNT(*) FILTER (WHERE cells.reached) AS converted
FROM cells
GROUP BY GROUPING SETS (
    {grouped}
)"""
        paragraphs = [*self.leads.paragraphs((self.target,)), Paragraph("cells", self._cells(used))]
        return compose(paragraphs, Query(last))

    def _cells(self, used: Sequence[str]) -> Query:
        columns = [f"outcomes.reached_{self.target} AS reached"]
        values: list[object] = []
        expressions = {"outcome": Query("outcomes.outcome"), "account": Query("outcomes.account")}
        for index, column in enumerate(self.columns):
            text = Query(f"CAST(outcomes.value_{index} AS VARCHAR)")
            banded = outcomes.number_of(column.bands, self.leads.column_of("outcomes")) if column.bands else text
            expressions[f"cell_{index}"] = banded
        expressions[f"cell_{len(self.columns)}"] = Query("CAST(DATE_TRUNC('quarter', outcomes.started_on) AS VARCHAR)")
        for name in used:
            columns.append(f"{expressions[name].text} AS {name}")
            values += expressions[name].values
        listed = ",\n    ".join(columns)
        return Query(f"SELECT {listed}\nFROM outcomes\nWHERE outcomes.among_{self.target}", tuple(values))


def _text(cell: Cell) -> str | None:
    return None if cell is None else str(cell)
