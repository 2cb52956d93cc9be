"""Which column can play which part: by its header in any known dialect, and by what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from funnel.mapping import labels
from funnel.mapping.headers import is_last_touch, places_by_header, squashed, words
from funnel.mapping.outcomes import KNOWN, NO_CONCEPT, is_flag, outcome_values
from funnel.mapping.profile import Column, Table
from funnel.nouns import Dialect

_ID_WORDS = ("id", "ids", "key", "number", "no", "nr", "num", "code", "uuid", "guid", "ref", "reference", "identifier")
_NOT_A_LEAD = {
    "user", "owner", "seller", "sdr", "sr", "agent", "rep", "account", "company", "customer", "organization",
    "organisation", "person", "product", "stage", "status", "pipeline", "campaign", "page", "landing", "parent",
    "activity", "event", "resource", "row", "line", "order", "manager", "index", "unnamed", "zip", "postal", "phone",
}  # fmt: skip
_LABEL_WORDS = {
    "stage", "status", "phase", "step", "state", "activity", "task", "event", "milestone", "etapa", "estado", "fase",
    "estatus", "statut", "étape", "stufe", "этап", "стадия", "статус", "шаг",
}  # fmt: skip
_START_WORDS = {"start", "started", "begin", "began", "entered", "enter", "from", "in"}
_CHANGED = (
    *("last stage change", "last stage change date", "last stage update", "stage changed", "stage change date"),
    *("stage updated", "stage updated at", "date stage changed", "status changed", "status changed at"),
    *("stage entered at", "stage entered", "current stage since", "in stage since", "stage since", "status since"),
    *("date moved to stage", "дата последнего изменения этапа", "дата смены стадии", "deal last stage change"),
)
_MOST_LABELS = 1000
_FEWEST_IDS = 20
_ID = re.compile(r"^\s*(?=\S*\d)[\w\-/:.#№]{1,64}\s*$")
_DECIMAL = re.compile(r"^\s*\d+[.,]\d+\s*$")


@dataclass(frozen=True)
class Candidates:
    """For a table, the columns that can play each part, likeliest first. Which one does is for the shape to say."""

    table: Table
    dialect: Dialect | None

    def of(self, part: str) -> list[Column]:
        """Columns whose header and content fit the part."""
        known = places_by_header().get(part, {})
        fits = _FITS.get(part, _filled)
        ranked: list[tuple[tuple[int, int, int], Column]] = []
        for place, column in enumerate(self.table.columns):
            uses = known.get(squashed(column.name))
            if not uses or not fits(column, self.table):
                continue
            own = [rank for dialect, rank in uses if dialect is self.dialect]
            # Bitrix calls a deal's id OWNER_ID, which anywhere else is of the owner.
            if not own and part == "lead" and self._plays_otherwise(column):
                continue
            # Of the headers of pipelines, those of one CRM alone (category_id) mean anything else elsewhere.
            if not own and part == "pipeline" and all(dialect.key != "generic" for dialect, _ in uses):
                continue
            rank = (0, own[0]) if own else (1, min(rank for _, rank in uses))
            ranked.append(((*rank, place), column))
        return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]

    def _plays_otherwise(self, column: Column) -> bool:
        """Whether the table's own dialect, or the generic one, gives the header to another part than the lead."""
        key = squashed(column.name)
        parts = {
            part
            for part, known in places_by_header().items()
            for dialect, _ in known.get(key, ())
            if dialect is self.dialect or dialect.key == "generic"
        }
        return bool(parts) and "lead" not in parts

    def dates(self) -> list[Column]:
        """Every column that holds dates; digits alone count only under a header that a part of time knows."""
        timed = {column.name for part in ("time", "created", "closed", "exited") for column in self.of(part)}
        return [column for column in self.table.columns if column.is_date or column.name in timed]

    def leads(self) -> list[Column]:
        """Columns that can be the lead's id, likeliest first: known headers, then any header that says id."""
        found = self.of("lead")
        for column in self.table.columns:
            parts = words(column.name)
            if column in found or not parts or not _id_like(column, self.table):
                continue
            marked = parts[-1] in _ID_WORDS or parts[0] in ("id", "uuid") or column.name.lstrip().startswith("№")
            if marked and not _NOT_A_LEAD & set(parts):
                found.append(column)
        return found or self.sparse_leads()

    def leads_by_content(self) -> list[Column]:
        """Of a table with dates, columns of many values that come again and look like ids, whatever their headers say."""
        if not self.dates():
            return []
        found = [column for column in self._unnamed() if _repeats_ids(column)]
        return sorted(found, key=lambda column: (column.numbers > 0.5, -column.distinct))

    def labels_by_content(self) -> list[Column]:
        """Columns of a few words each of which comes again and again, whatever their headers say."""
        few = [column for column in self._unnamed() if column.complete and 2 <= column.distinct <= 0.2 * column.filled]
        return [column for column in few if column.numbers < 0.5 and not column.is_date and not is_flag(column)]

    def _unnamed(self) -> list[Column]:
        """Columns that are nearly everywhere filled and whose headers give them to no part, nor to anything but a lead."""
        given = {header for known in places_by_header().values() for header in known}
        return [
            column
            for column in self.table.columns
            if column.filled >= 0.95 * self.table.rows
            and squashed(column.name) not in given
            and not _NOT_A_LEAD & set(words(column.name))
        ]

    def sparse_leads(self) -> list[Column]:
        """Columns with a known header of ids, most of whose cells are empty."""
        return [column for column in self.headed("lead") if column.filled]

    def headed(self, part: str) -> list[Column]:
        """Columns whose header fits the part, whatever they hold."""
        known = places_by_header().get(part, {})
        return [column for column in self.table.columns if squashed(column.name) in known]

    def empty_lead(self) -> Column | None:
        """A column with a known header of ids and not one id in it."""
        return next((column for column in self.headed("lead") if not column.filled), None)

    def labels(self) -> list[Column]:
        """Columns that can be the label: known headers, headers with a word like stage, then columns full of known labels."""
        found = self.of("label")
        rest = [column for column in self.table.columns if column not in found and _label_like(column, self.table)]
        named = [column for column in rest if _LABEL_WORDS & set(words(column.name)) and not is_last_touch(column.name)]
        # step_name before step_number.
        found += sorted((column for column in named if not _names_id(column)), key=lambda column: column.numbers > 0.5)
        if not found:
            # Some logs write activity_id for the activity; an id of each line would not come again.
            found = [column for column in named if column.distinct <= 0.7 * column.filled]
        if not found:
            found = [column for column in rest if column.complete and _share_known(column) >= 0.5]
        return found

    def is_label_by_header(self, column: Column) -> bool:
        """Whether the header alone says that the column holds labels."""
        headed = {each.name for part in ("label", "new_value", "from_label") for each in self.headed(part)}
        return column.name in headed or bool(_LABEL_WORDS & set(words(column.name)))

    def outcomes(self) -> list[Column]:
        """Columns that say how leads ended, by header; content must agree."""
        return [column for column in self.of("outcome") if outcome_values(column.name, column.values) is not None]

    def start(self, dates: Iterable[Column]) -> Column | None:
        """Of a log with two times, the one at which the label was entered."""
        return next((column for column in dates if _START_WORDS & set(words(column.name))), None)

    def changed(self) -> Column | None:
        """When a lead last changed its label."""
        known = {name.replace(" ", "") for name in _CHANGED}
        return next((column for column in self.dates() if squashed(column.name) in known), None)


def _repeats_ids(column: Column) -> bool:
    ids = sum(1 for value in column.values if _ID.match(value) and not _DECIMAL.match(value))
    many = column.distinct >= _FEWEST_IDS and 0.02 * column.filled <= column.distinct <= 0.9 * column.filled
    return many and not column.is_date and ids >= 0.95 * len(column.values)


def _names_id(column: Column) -> bool:
    return bool(set(words(column.name)) & {"id", "ids"})


def _share_known(column: Column) -> float:
    guesses = [labels.guess(value) for value in column.values]
    known = sum(1 for concept, confidence in guesses if confidence >= KNOWN and concept not in NO_CONCEPT)
    return known / len(guesses) if len(guesses) > 1 else 0.0


def _filled(column: Column, table: Table) -> bool:
    return column.filled > 0


def _id_like(column: Column, table: Table) -> bool:
    return column.filled >= 0.5 * table.rows and not column.is_date


def _label_like(column: Column, table: Table) -> bool:
    few = column.distinct <= max(_MOST_LABELS / 10, 0.2 * table.rows) and column.distinct <= _MOST_LABELS
    return column.filled > 0 and few and not column.is_date and not _money_like(column)


def _money_like(column: Column) -> bool:
    return column.numbers > 0.9 and column.distinct > 60


def _date_like(column: Column, table: Table) -> bool:
    # A column that is nowhere filled says nothing against its header.
    return column.filled == 0 or column.dates >= 0.5


def _number_like(column: Column, table: Table) -> bool:
    return column.filled > 0 and column.numbers >= 0.5 and not column.is_date


def _group_like(column: Column, table: Table) -> bool:
    return column.filled > 0 and column.distinct <= max(50, 0.2 * table.rows) and not column.is_date


_FITS: dict[str, Callable[[Column, Table], bool]] = {
    "lead": _id_like,
    "label": _label_like,
    "from_label": _label_like,
    "time": _date_like,
    "created": _date_like,
    "closed": _date_like,
    "exited": _date_like,
    "amount": _number_like,
    "pipeline": _group_like,
    "outcome": _group_like,
    "field": _group_like,
}
