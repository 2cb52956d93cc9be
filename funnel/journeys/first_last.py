"""`gathered`: each lead with its first and its last entry at every label. One pass over the history, and every model is a view of it.

A file of many labels would make a table too wide; of its labels those are taken together that one model does not tell apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from funnel.core.engine import Engine
from funnel.core.history import Form, known_as
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import IGNORED, LOST_CONCEPTS, WON_CONCEPT, Ends
from funnel.journeys.entries import label_table
from funnel.journeys.observed import WHOLE, Tables

MOST_APART = 64
WON, LOST, STAGE = "won", "lost", "stage"


class Gathered:
    """The gathered tables of one history, each built once; a file of few labels has only one. `undated` says that the history has
    entries without a time. `known` are tables that were made before: their names, each with the numbers of its labels."""

    def __init__(
        self,
        engine: Engine,
        *,
        undated: bool | None = None,
        known: Mapping[str, Mapping[str, int]] | None = None,
        tables: Tables = WHOLE,
    ) -> None:
        self.engine = engine
        self.tables = tables
        if undated is None:
            entries, moment = known_as(tables.form.entries, "entries"), tables.form.moment
            (without,) = engine.row(Query(f"SELECT COUNT(*) - COUNT(entries.{moment}) AS entries FROM {entries}"))
            undated = without > 0
        self.undated = undated
        self._known = {frozenset(numbers.items()): name for name, numbers in (known or {}).items()}
        self._tables: dict[frozenset[tuple[str, int]], str] = {}
        self._built = 0

    def table(self, numbers: Mapping[str, int]) -> str:
        """The name of the table that holds the labels under these numbers; its columns are those of `gathered_query`."""
        key = frozenset(numbers.items())
        if key in self._known:
            return self._known[key]
        if key not in self._tables:
            name = f"{self.tables.prefix}gathered_{self._built}"
            self.engine.keep(name, gathered_query(numbers, undated=self.undated, tables=self.tables))
            self._built += 1
            self._tables[key] = name
        return self._tables[key]

    def forget(self) -> None:
        """Remove the tables that were built here."""
        for name in self._tables.values():
            self.engine.drop_table(name)
        self._tables = {}

    def keep_only(self, used: Collection[str]) -> None:
        """Remove the tables that nothing reads any more, save the one that holds all labels apart."""
        for key, name in list(self._tables.items()):
            if name not in used and len({number for _, number in key}) < len(key):
                self.engine.drop_table(name)
                del self._tables[key]


def meaning(concept: str) -> str:
    """What a label of this concept says of a lead's end: WON, LOST, IGNORED, or STAGE: that it goes on."""
    if concept == WON_CONCEPT:
        return WON
    return LOST if concept in LOST_CONCEPTS else IGNORED if concept == IGNORED else STAGE


def label_numbers(
    placement: Mapping[str, int], concepts: Mapping[str, str], ends: Ends, begin: Collection[str] = ()
) -> dict[str, int]:
    """The number under which `gathered` keeps each label: its own, or, of more than MOST_APART labels, one for all that stand at
    the same place of the model and mean the same; labels that are neither placed nor mean anything have none then. `begin`: labels that
    another version of the model takes, with which a lead begins, too."""
    if len(concepts) <= MOST_APART:
        return {label: number for number, label in enumerate(sorted(concepts))}
    kinds = {
        label: (
            placement.get(label, -1),
            meaning(concept),
            label in ends.reopening,
            label in ends.before_win,
            label in begin,
        )
        for label, concept in concepts.items()
    }
    kept = {label: kind for label, kind in kinds.items() if kind[:2] != (-1, IGNORED) or label in begin}
    numbers = {kind: number for number, kind in enumerate(sorted(set(kept.values())))}
    return {label: numbers[kind] for label, kind in kept.items()}


CORE_COLUMNS = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")
KEYS = ("lead_key", "lead_place")
"""What a gathered lead of sorted entries is known by: its key, and the place of its row in `leads`."""


def gathered_query(numbers: Mapping[str, int], *, undated: bool, tables: Tables = WHOLE) -> Query:
    """The select behind a gathered table: the columns of `leads` (of sorted entries CORE_COLUMNS and KEYS), and for each number of
    `label_numbers` earliest_n and latest_n, the times of the first and the last entry there (NULL: none
    with a time); where `undated`, undated_n: 1 where the lead has an entry there without a time, else 0 or NULL. Every lead has a
    row."""
    form = tables.form
    columns = []
    for number in sorted(set(numbers.values())):
        here = f"entries.number = {number}"
        columns += [
            f"{form.time.format(f'MIN(CASE WHEN {here} THEN entries.moment END)')} AS earliest_{number}",
            f"{form.time.format(f'MAX(CASE WHEN {here} THEN entries.moment END)')} AS latest_{number}",
        ]
        if undated:
            columns.append(f"MAX(CASE WHEN {here} AND entries.moment IS NULL THEN 1 ELSE 0 END) AS undated_{number}")
    names = [column.rsplit(" AS ", 1)[1] for column in columns]
    by_lead = "SELECT\n    " + ",\n    ".join([f"entries.{form.lead} AS {form.lead}", *columns])
    of_lead = ["leads.*"]
    if tables.form.is_sorted:
        of_lead = [
            *(f"leads.{name} AS {name}" for name in CORE_COLUMNS),
            f"{form.key} AS lead_key",
            "leads.rowid AS lead_place",
        ]
    every = [*of_lead, *(f"by_lead.{name} AS {name}" for name in names)]
    return compose(
        [
            *_numbered(numbers, form),
            Paragraph("by_lead", Query(f"{by_lead}\nFROM entries\nGROUP BY entries.{form.lead}")),
        ],
        Query(
            "SELECT\n    "
            + ",\n    ".join(every)
            + f"\nFROM {known_as(tables.leads, 'leads')}\nLEFT JOIN by_lead ON by_lead.{form.lead} = {form.key}"
        ),
    )


def _numbered(numbers: Mapping[str, int], form: Form) -> list[Paragraph]:
    """Paragraphs that end in `entries`: the lead, the number of its label, and the moment of each entry whose label has a number."""
    moment = f"stored.{form.moment} AS moment"
    if form.is_sorted and all(numbers.get(label) == code for label, code in form.codes.items()):
        text = f"SELECT stored.{form.lead} AS {form.lead}, stored.{form.label} AS number, {moment}"
        return [Paragraph("entries", Query(f"{text}\nFROM {identifier(form.entries)} AS stored"))]
    text = f"""SELECT stored.{form.lead} AS {form.lead}, numbered.number AS number, {moment}
FROM {identifier(form.entries)} AS stored
INNER JOIN numbered ON numbered.{form.label} = stored.{form.label}"""
    return [*label_table("numbered", "number", list(numbers.items()), form), Paragraph("entries", Query(text))]
