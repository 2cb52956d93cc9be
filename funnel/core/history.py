"""How the entries of leads are written down, and the names by which SQL speaks of them.

What a reading leaves are *sorted entries*: whole numbers for the lead, the label and the moment, in the order of the leads, so that a
walk touches little and each lead lies together. A built folder, whoever wrote it, holds the history as text. A `Form` gives the names
of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from funnel.core.sql import Query, identifier, marks

SORTED = "sorted_entries"
TIMED = "timed_entries"
CODES = "label_codes"
SECONDS = "make_timestamp({} * 1000000::BIGINT)"
MICROSECONDS = "make_timestamp({})"


@dataclass(frozen=True)
class Form:
    """How entries are written down: `lead` and `label` are the columns that lead and label are known by, `key` is what a row of `leads`
    is known by there, as SQL. `entries` is the table of the moments as they are stored, `moment` their column, and `time` the SQL that
    makes a time of one ("{}"). `codes` gives the number of each label where its column holds one; `history` shows the entries with
    their times (entered_at) and their order in the file (sequence).
    """

    lead: str = "lead_id"
    label: str = "label"
    key: str = "leads.lead_id"
    entries: str = "history"
    history: str = "history"
    moment: str = "entered_at"
    time: str = "{}"
    codes: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def is_sorted(self) -> bool:
        """Whether the entries are whole numbers in the order of the leads."""
        return self.lead != "lead_id"

    def among(self, row: str, labels: Iterable[str]) -> Query:
        """Whether the label of a row of entries is one of these, as SQL."""
        texts = sorted(set(labels))
        if self.is_sorted:
            codes = sorted(self.codes[label] for label in texts if label in self.codes)
            return Query(f"{row}.{self.label} IN ({', '.join(map(str, codes))})" if codes else "FALSE")
        return Query(f"{row}.{self.label} IN ({marks(texts)})", tuple(texts)) if texts else Query("FALSE")

    def labelled(self, row: str) -> tuple[str, str]:
        """(label, from): the text of the label of each entry, and where entries with their times come from under the name `row`."""
        source = f"FROM {known_as(self.history, row)}"
        if not self.is_sorted:
            return f"{row}.{self.label}", source
        return f"{CODES}.label", f"{source}\nINNER JOIN {CODES} ON {CODES}.{self.label} = {row}.{self.label}"

    def timed(self) -> Query:
        """The entries with their times: the columns of the form, entered_at and sequence."""
        moment = self.time.format(f"entries.{self.moment}")
        return Query(
            f"""SELECT entries.{self.lead} AS {self.lead}, entries.{self.label} AS {self.label}, {moment} AS entered_at,
    entries.sequence AS sequence
FROM {known_as(self.entries, "entries")}"""
        )


TEXT = Form()
"""The history as text."""


@dataclass(frozen=True)
class ValueHistory:
    """What the lines of a history say of their leads over time, as queries of lead_id, moment, sequence (the place in the file) and value,
    which is never NULL: `amounts` (DOUBLE), and `planned`, the days on which leads were to be closed (DATE). None: no line says any."""

    amounts: Query | None = None
    planned: Query | None = None


def known_as(table: str, name: str) -> str:
    """A table under a name that the SQL speaks of."""
    return name if table == name else f"{identifier(table)} AS {name}"
