"""The nouns that every room shares: frozen values, standard library only. Positions count from 0; durations say their unit."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

LOST_CONCEPTS = ("lost", "disqualified", "unresponsive")
WON_CONCEPT = "won"
IGNORED = "ignored"


class Shape(StrEnum):
    """What one row of the file is: an entry, a field change, a lead with dates, or a lead as it stands now."""

    HISTORY = "history"
    CHANGES = "changes"
    WIDE = "wide"
    SNAPSHOT = "snapshot"


class Rule(StrEnum):
    """When a lead counts at a stage; the definitions stand in `funnel.journeys`."""

    PASSED = "passed"
    VISITED = "visited"
    IN_ORDER = "in-order"


class Entry(StrEnum):
    """Under rule in-order with a window: which entry at the first stage may open the window."""

    FIRST = "first"
    ANY = "any"


class Unit(StrEnum):
    """What is counted: each lead, or each account with all its leads."""

    LEAD = "lead"
    ACCOUNT = "account"


class Outcome(StrEnum):
    """How a lead stands at the end of the file."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


@dataclass(frozen=True)
class Note:
    """A sentence for a person: `key` names it in data/words, `values` fill it (`wording.say(note.key, **note.values)`)."""

    key: str
    values: Pairs[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.key, repr(sorted(self.values.items(), key=lambda pair: pair[0]))))


@dataclass(frozen=True)
class Concept:
    """A place in the usual order of a sale that labels of any file can mean. `kind` is "stage" or "exit"."""

    key: str
    position: int
    kind: str
    names: Pairs[str, str]
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """One step of a model. It takes the labels it names, and the labels that mean one of its concepts."""

    key: str
    name: str
    concepts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageModel:
    """A way of looking at leads: stages in order. `kind` is "concepts" (from the catalogue) or "labels" (the file's own)."""

    key: str
    name: str
    stages: tuple[Stage, ...]
    kind: str = "concepts"
    description: str = ""

    def placement(self, concepts: Pairs[str, str]) -> dict[str, int]:
        """The stage position of each label of a file that the model can place.

        `concepts` gives the concept of each label of the file. A stage that names the label itself wins over one that
        takes its concept; an exit or an ignored label is placed only by its name.
        """
        by_label = {label: place for place, stage in enumerate(self.stages) for label in stage.labels}
        by_concept = {concept: place for place, stage in enumerate(self.stages) for concept in stage.concepts}
        places = {label: by_label.get(label, by_concept.get(concept)) for label, concept in concepts.items()}
        return {label: place for label, place in places.items() if place is not None}


@dataclass(frozen=True)
class RawTable:
    """One table found in the files, kept as text in the engine under `table`.

    Its columns are `columns` (the file's headers made distinct, in order) and `source_line` (the line of the file that
    the row begins on, from 1; the sheet's row in a workbook). Empty cells are NULL. rows_read = rows of the table + rows_rejected.
    `format` is "csv", "xlsx", "parquet" or "jsonl"; `encoding` and `delimiter` are None where the format has none.
    """

    table: str
    name: str
    format: str
    columns: tuple[str, ...]
    rows_read: int
    rows_rejected: int
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = 1
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class FileCount:
    """Where the lines of one file went: read = used + rejected + ignored, always."""

    name: str
    encoding: str | None
    delimiter: str | None
    rows_read: int
    rows_used: int
    rows_rejected: int
    rows_ignored: int
    ignored_because: Pairs[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelCount:
    """A label of the file: how many leads bear it, when first and last, and the concept it is taken for.

    `concept` is a concept key, an exit key, or "ignored"; `confidence` is between 0 (no idea) and 1 (known spelling).
    """

    label: str
    leads: int
    entries: int
    first_seen: datetime | None
    last_seen: datetime | None
    concept: str
    confidence: float


@dataclass(frozen=True)
class Attribute:
    """A column of the leads that can filter or break down: `kind` is "text" or "number"; `values` are distinct ones."""

    column: str
    kind: str
    values: int


@dataclass(frozen=True)
class OneOf:
    """Keeps leads whose column holds one of these values; None stands for empty."""

    column: str
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class Between:
    """Keeps leads whose number lies between low and high, both included; None leaves that side open."""

    column: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Filters:
    """Which leads are counted: by the day they started (both ends included, None is open) and by their columns."""

    start_from: date | None = None
    start_to: date | None = None
    where: tuple[OneOf | Between, ...] = ()


@dataclass(frozen=True)
class Question:
    """All that decides a result. `quorum`: how many of an account's leads must reach a stage (None: every one)."""

    model: StageModel
    rule: Rule = Rule.PASSED
    window_days: int | None = None
    entry: Entry = Entry.FIRST
    unit: Unit = Unit.LEAD
    quorum: int | None = 1
    filters: Filters = Filters()
    observed_until: datetime | None = None


@dataclass(frozen=True)
class Rate:
    """A share with its two counts and its 95 % Wilson interval; all three are None where there is nothing to divide by."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StageCount:
    """One stage of a funnel. leads = advanced + skipped_ahead + moved_back + lost + still_there.

    `from_entry` is of the first stage, `from_previous` of the stage before (None at the first). Medians are in days over
    the leads counted at both stages; None where there are none. `skipped_here` are those of them that, under `passed`, reached the
    stage only at the moment of a later one, which adds 0 days.
    """

    position: int
    key: str
    name: str
    leads: int
    from_entry: Rate
    from_previous: Rate | None
    median_days_from_previous: float | None
    timed_leads: int
    skipped_here: int
    advanced: int
    skipped_ahead: int
    moved_back: int
    lost: int
    still_there: int

    def as_row(self) -> dict[str, object]:
        """The stage as plain values: rates are fractions, None where they cannot be said."""
        return {
            "position": self.position,
            "key": self.key,
            "name": self.name,
            "leads": self.leads,
            "from_entry": self.from_entry.value,
            "from_previous": self.from_previous.value if self.from_previous else None,
            "median_days_from_previous": self.median_days_from_previous,
            "advanced": self.advanced,
            "skipped_ahead": self.skipped_ahead,
            "moved_back": self.moved_back,
            "lost": self.lost,
            "still_there": self.still_there,
        }


@dataclass(frozen=True)
class Steps:
    """A funnel: the answer to a question, with the question in it.

    `leads` counts what the question's unit counts (leads, or accounts). `placed_leads` of `all_leads` could be placed by the
    model. `undated` are counted but have no start. `sql` is what ran.
    """

    question: Question
    leads: int
    all_leads: int
    placed_leads: int
    undated: int
    won: int
    lost: int
    open: int
    first_start: datetime | None
    last_start: datetime | None
    observed_until: datetime | None
    stages: tuple[StageCount, ...]
    sql: str

    @property
    def coverage(self) -> float | None:
        """Leads that the model can place, of all; None where there are no leads."""
        return self.placed_leads / self.all_leads if self.all_leads else None

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each stage, with the columns of `StageCount.as_row`."""
        import pandas  # only here: the nouns themselves need nothing but the standard library

        return pandas.DataFrame([stage.as_row() for stage in self.stages])


@dataclass(frozen=True)
class Breakdown:
    """The same funnel for each value of one column, largest first; `other` counts the leads of the values left out."""

    column: str
    groups: tuple[tuple[str | None, Steps], ...]
    other: int


@dataclass(frozen=True)
class Headline:
    """The figures above the funnel. `win_rate` is of leads that started at least `by_day` days before `observed_until`.

    `median_days_to_win` is over `won` leads with both dates. `open_value` sums amounts of open leads by currency; an amount
    without a currency stands under "". Currencies are never added together.
    """

    question: Question
    leads: int
    won: int
    open: int
    by_day: int
    win_rate: Rate
    median_days_to_win: float | None
    timed_wins: int
    open_value: tuple[tuple[str, float, int], ...]
    sql: str


@dataclass(frozen=True)
class Starts:
    """How many leads started in each period, for the little histogram over the slider.

    `counts` are (first day, leads); `period` is day, week or month; `first` and `last` are the outermost starts."""

    period: str
    counts: tuple[tuple[date, int], ...]
    undated: int
    first: datetime | None
    last: datetime | None
    sql: str


@dataclass(frozen=True)
class Dialect:
    """How one kind of CRM export words its headers and values. All texts are as `catalogue.normalised` makes them.

    `parts` gives the headers of each part, the likeliest first. `stage_dates` and `stage_exits` are regular expressions with
    a group `label`, for headers (as written, trimmed) of dates on which a lead entered or left a label. Of a log of changes:
    `stage_fields`, `lost_fields`, `created_fields` are the names of fields whose changes mean a stage, a loss, a new lead.
    `won_values`, `lost_values`, `open_values` are what an outcome column holds. `labels` gives the concept of a label.
    """

    key: str
    name: str
    parts: Pairs[str, tuple[str, ...]]
    stage_dates: tuple[str, ...] = ()
    stage_exits: tuple[str, ...] = ()
    stage_fields: tuple[str, ...] = ()
    lost_fields: tuple[str, ...] = ()
    created_fields: tuple[str, ...] = ()
    won_values: tuple[str, ...] = ()
    lost_values: tuple[str, ...] = ()
    open_values: tuple[str, ...] = ()
    labels: Pairs[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileOnDisk:
    """A file to read: where it lies, and its name as the user knows it."""

    path: Path
    name: str
