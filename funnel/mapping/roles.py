"""Which column can play which part: by its header in any known dialect, and by what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from funnel import catalogue
from funnel.mapping import labels
from funnel.mapping.profile import Column, Table
from funnel.nouns import IGNORED, LOST_CONCEPTS, WON_CONCEPT, Dialect

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ID_WORDS = ("id", "ids", "key", "number", "no", "nr", "num", "code", "uuid", "guid", "ref", "reference", "identifier")
_NOT_A_LEAD = {
    *(
        [
            "user",
            "owner",
            "seller",
            "sdr",
            "sr",
            "agent",
            "rep",
            "account",
            "company",
            "customer",
            "organization",
            "organisation",
            "person",
            "product",
        ]
    ),
    *(
        [
            "stage",
            "status",
            "pipeline",
            "campaign",
            "page",
            "landing",
            "parent",
            "activity",
            "event",
            "resource",
            "row",
            "line",
            "order",
            "manager",
        ]
    ),
    *(["index", "unnamed", "zip", "postal", "phone"]),
}
_LABEL_WORDS = {
    *(
        [
            "stage",
            "status",
            "phase",
            "step",
            "state",
            "activity",
            "task",
            "event",
            "milestone",
            "etapa",
            "estado",
            "fase",
            "estatus",
            "statut",
            "étape",
            "stufe",
        ]
    ),
    *(["этап", "стадия", "статус", "шаг"]),
}
_START_WORDS = {"start", "started", "begin", "began", "entered", "enter", "from", "in"}
_CHANGED = (
    *("last stage change", "last stage change date", "last stage update", "stage changed", "stage change date"),
    *("stage updated", "stage updated at", "date stage changed", "status changed", "status changed at"),
    *("stage entered at", "stage entered", "current stage since", "in stage since", "stage since", "status since"),
    *("date moved to stage", "дата последнего изменения этапа", "дата смены стадии", "deal last stage change"),
)
_LAST_TOUCH = {"modified", "updated", "изменения", "modificado", "touched", "viewed", "synced", "exported", "imported"}
_MOST_LABELS = 1000
NO_CONCEPT = (IGNORED, labels.UNPLACED)
_KNOWN = 0.5
"""At least this sure of a label's meaning, to recognise a column by it."""


def squashed(text: str) -> str:
    """A header without case, blanks and punctuation."""
    return catalogue.normalised(text).replace(" ", "")


def words(header: str) -> list[str]:
    """The words of a header, camelCase and snake_case taken apart."""
    return catalogue.normalised(_CAMEL.sub(" ", header)).split()


@lru_cache
def _places() -> dict[str, dict[str, list[tuple[Dialect, int]]]]:
    """Part → squashed header → the dialects that use it so, each with how likely (0 first)."""
    places: dict[str, dict[str, list[tuple[Dialect, int]]]] = {}
    for dialect in catalogue.dialects():
        for part, headers in dialect.parts.items():
            for place, header in enumerate(headers):
                places.setdefault(part, {}).setdefault(header.replace(" ", ""), []).append((dialect, place))
    return places


def dialect_of(table: Table) -> Dialect | None:
    """The dialect that knows most of the table's headers; None where none knows at least two."""
    counts: dict[str, tuple[int, Dialect]] = {}
    keys = {squashed(column.name) for column in table.columns}
    for dialect in catalogue.dialects():
        known = {header.replace(" ", "") for headers in dialect.parts.values() for header in headers}
        dated = sum(1 for column in table.columns if stage_text(column.name, (dialect,)) is not None)
        counts[dialect.key] = (len(keys & known) + dated, dialect)
    generic = counts.pop("generic", (0, None))
    best: tuple[int, Dialect | None] = max(counts.values(), key=lambda pair: pair[0], default=(0, None))
    # Everyday headers are known to the generic dialect too, so a CRM needs no more of them than that to be recognised.
    if best[0] >= 3 and best[0] >= generic[0] - 1:
        return best[1]
    return generic[1] if generic[0] >= 2 else None


@dataclass(frozen=True)
class Candidates:
    """For a table, the columns that can play each part, likeliest first. Which one does is for the shape to say."""

    table: Table
    dialect: Dialect | None

    def of(self, part: str) -> list[Column]:
        """Columns whose header and content fit the part."""
        known = _places().get(part, {})
        fits = _FITS.get(part, _filled)
        ranked: list[tuple[tuple[int, int, int], Column]] = []
        for place, column in enumerate(self.table.columns):
            uses = known.get(squashed(column.name))
            if not uses or not fits(column, self.table):
                continue
            own = [rank for dialect, rank in uses if dialect is self.dialect]
            rank = (0, own[0]) if own else (1, min(rank for _, rank in uses))
            ranked.append(((*rank, place), column))
        return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]

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
            if (parts[-1] in _ID_WORDS or parts[0] in ("id", "uuid")) and not _NOT_A_LEAD & set(parts):
                found.append(column)
        return found or self.sparse_leads()

    def sparse_leads(self) -> list[Column]:
        """Columns with a known header of ids, most of whose cells are empty."""
        return [column for column in self.headed("lead") if column.filled]

    def headed(self, part: str) -> list[Column]:
        """Columns whose header fits the part, whatever they hold."""
        known = _places().get(part, {})
        return [column for column in self.table.columns if squashed(column.name) in known]

    def empty_lead(self) -> Column | None:
        """A column with a known header of ids and not one id in it."""
        return next((column for column in self.headed("lead") if not column.filled), None)

    def labels(self) -> list[Column]:
        """Columns that can be the label: known headers, headers with a word like stage, then columns full of known labels."""
        found = self.of("label")
        rest = [column for column in self.table.columns if column not in found and _label_like(column, self.table)]
        found += [column for column in rest if _LABEL_WORDS & set(words(column.name)) and not _names_id(column)]
        if not found:
            found = [column for column in rest if column.complete and _share_known(column) >= 0.5]
        return found

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


def stage_text(header: str, known: Iterable[Dialect] | None = None) -> str | None:
    """The label that a header of dates is named after, as a dialect writes it (`Date entered "Closed Won"`); None if it is not."""
    for dialect in catalogue.dialects() if known is None else known:
        for pattern in dialect.stage_dates:
            found = re.search(pattern, header.strip())
            if found and found["label"].strip():
                return str(found["label"]).strip().strip('"').strip()
    return None


def is_exit(header: str) -> bool:
    """Whether a header is of dates on which a lead left a label, or of time spent there."""
    return any(
        re.search(pattern, header.strip()) for dialect in catalogue.dialects() for pattern in dialect.stage_exits
    )


def is_last_touch(header: str) -> bool:
    """Whether a header is of the last change of anything at all, which no funnel can use."""
    return bool(_LAST_TOUCH & set(words(header)))


def outcome_values(header: str, values: Iterable[str]) -> dict[str, str | None] | None:
    """Value → won, lost, open (None: says nothing), for a column that tells how leads ended; None if it does not tell.

    A yes under a header that means won is won, and a no is not yet anything.
    """
    known: dict[str, str] = {}
    for dialect in catalogue.dialects():
        for outcome, texts in (
            ("won", dialect.won_values),
            ("lost", dialect.lost_values),
            ("open", dialect.open_values),
        ):
            for text in texts:
                known.setdefault(text, outcome)
    read: dict[str, str | None] = {}
    means = _header_means(header)
    filled = [value for value in values if value.strip()]
    unread = 0
    for value in filled:
        text = catalogue.normalised(value)
        if text in _YES or text in _NO:
            read[value] = means if text in _YES else None
        elif text in known:
            read[value] = known[text]
        else:
            concept, confidence = labels.guess(value)
            if confidence >= _KNOWN and concept == WON_CONCEPT:
                read[value] = "won"
            elif confidence >= _KNOWN and concept in LOST_CONCEPTS:
                read[value] = "lost"
            else:
                read[value], unread = None, unread + 1
    said = {outcome for outcome in read.values() if outcome in ("won", "lost")}
    return read if said and unread <= len(filled) / 3 and len(filled) <= 30 else None


def is_flag(column: Column) -> bool:
    """Whether a column holds nothing but yes and no."""
    return bool(column.values) and all(catalogue.normalised(value) in _YES | _NO for value in column.values)


def _header_means(header: str) -> str | None:
    parts = [word for word in words(header) if word not in ("is", "has", "flag", "lead", "deal")]
    if {"won", "converted", "win", "success", "conversion"} & set(parts):
        return "won"
    concept, _ = labels.guess(" ".join(parts))
    return "won" if concept == WON_CONCEPT else "lost" if concept in LOST_CONCEPTS else None


_YES = {"true", "yes", "y", "1", "t", "да", "sim", "si", "1 0", "ja", "oui"}
_NO = {"false", "no", "n", "0", "f", "нет", "nao", "0 0", "nein", "non"}


def _names_id(column: Column) -> bool:
    return bool(set(words(column.name)) & {"id", "ids"}) or is_last_touch(column.name)


def _share_known(column: Column) -> float:
    guesses = [labels.guess(value) for value in column.values]
    known = sum(1 for concept, confidence in guesses if confidence >= _KNOWN and concept not in NO_CONCEPT)
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
