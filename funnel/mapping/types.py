"""A file's columns: said by a person (`MappingOverrides`), understood (`ColumnMapping`), and what became of them (`Loaded`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from funnel.core.history import TEXT, Form
from funnel.core.types import Attribute, EndRule, FileCount, LabelCount, Note, Reopening, Shape
from funnel.mapping.cells.dates import DateColumn
from funnel.mapping.cells.numbers import NumberColumn

PARTS = (
    "lead",
    "label",
    "time",
    "created",
    "closed",
    "outcome",
    "account",
    "amount",
    "currency",
    "owner",
    "pipeline",
    "field",
    "old",
)
"""The parts that a column can play. A person may set any of them by its header."""

TOUCH_PARTS = ("touch_lead", "touch_time", "touch_channel")
"""The parts that a column of a file of touches can play."""

UNUSED = "-"
"""As the header of a part: no column plays it."""


@dataclass(frozen=True)
class MappingOverrides:
    """What a person says by hand; everything left out is guessed.

    A part names a header (found without regard to case, blanks and punctuation); "-" says that no column plays it; as the lead
    it says that each line is one.
    `pipeline` keeps one pipeline of `pipeline_column`. `won` and `lost` list labels; `concepts` pairs a label with a concept.
    `stage_dates` pairs a header with the label that its dates are entries of. `date_order` is "dmy", "mdy" or "ymd".
    `headers` are those of the file that the overrides were saved for. `reopened_by` and `keeps_win` say what opens a lead again that was
    lost or won.
    `touches` names the raw tables that hold touches ("-": none does); `touch_lead`, `touch_time` and `touch_channel` are headers of those.
    `channels` pairs a channel with the name it goes by; "-" leaves it out. `touch_labels` are labels of the history whose entries are
    touches, each by the channel of its name, and no stage of any model.
    """

    shape: Shape | None = None
    lead: str | None = None
    label: str | None = None
    time: str | None = None
    created: str | None = None
    closed: str | None = None
    outcome: str | None = None
    account: str | None = None
    amount: str | None = None
    currency: str | None = None
    owner: str | None = None
    pipeline_column: str | None = None
    field: str | None = None
    old: str | None = None
    pipeline: str | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    date_order: str | None = None
    concepts: tuple[tuple[str, str], ...] = ()
    stage_dates: tuple[tuple[str, str], ...] = ()
    headers: tuple[str, ...] = ()
    reopened_by: Reopening | None = None
    keeps_win: bool | None = None
    touches: tuple[str, ...] = ()
    touch_lead: str | None = None
    touch_time: str | None = None
    touch_channel: str | None = None
    channels: tuple[tuple[str, str], ...] = ()
    touch_labels: tuple[str, ...] = ()

    @property
    def end_rule(self) -> EndRule:
        """What opens a lead again that was lost or won."""
        return EndRule(self.reopened_by or Reopening.MEANING, bool(self.keeps_win))

    def replaced(self, values: Mapping[str, object]) -> MappingOverrides:
        """These overrides with other values for the fields named."""
        return replace(self, **values)  # type: ignore[arg-type]

    def over(self, other: MappingOverrides) -> MappingOverrides:
        """These overrides, and where they say nothing those of another; so too of each label and header that they pair."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        given = {name: value for name, value in own.items() if value is not None and value != ()}
        paired = {
            name: tuple({**dict(getattr(other, name)), **dict(own[name])}.items())
            for name in ("concepts", "stage_dates", "channels")
        }
        return other.replaced({**given, **paired})

    def part(self, name: str) -> str | None:
        """The header that the person gave to a part."""
        header = getattr(self, "pipeline_column" if name == "pipeline" else name)
        return None if header is None else str(header)


@dataclass(frozen=True)
class Ambiguity:
    """A date column that reads both ways: one cell of it, day first and month first. The person is asked."""

    table: str
    column: str
    text: str
    day_first: str
    month_first: str


@dataclass(frozen=True)
class StageDate:
    """A column whose dates are entries at one label. `made` says that the label is this program's word, not the file's."""

    column: str
    label: str
    concept: str
    made: bool = False


@dataclass(frozen=True)
class Aside:
    """What was read once of a large file that is its own table: `cells` is a view of the `columns` that tell what its lines are, with
    `source_line`, and with the marks of attributes that may be numbers, each under the name that `marks` gives its column. `rows` is a
    view of all columns without `source_line`, which all threads read."""

    cells: str
    columns: tuple[str, ...]
    marks: Mapping[str, str]
    rows: str


@dataclass(frozen=True)
class Source:
    """A table, or several with equal headers read as one, whose lines are about leads.

    `view` is its name in the engine; `names` are its files' names in order. `parts` gives the column of each part (PARTS, and
    "end" where a log has two times, "clock" where its time of day stands apart, "target" and "until" where its lines are stays,
    "changed" for the last stage change of a snapshot, "lost_flag" where one header is of won, yes or no, and another of lost,
    "lost_reason" where only the reason says who was lost, "step_state" where a log says of each step whether it was done or is still to
    come); without a "lead" each line is one. `constant` says that the file's name is
    the label. `series` says that the lines are states that were written down again and again, of which only the changes are entries.
    `stage_flags` are columns of yes and no, each with the label that a yes says was reached, at no known time. `standing` is the column
    of what several of stand on one lead, where its lines say the same of it but for that.
    `primary` is the source that says what the leads are. `aside` is what was read aside of its lines, while it is carried out.
    """

    view: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    shape: Shape
    parts: Mapping[str, str]
    stage_dates: tuple[StageDate, ...] = ()
    stage_flags: tuple[StageDate, ...] = ()
    constant: tuple[str, ...] = ()
    primary: bool = False
    series: bool = False
    standing: str | None = None
    aside: Aside | None = None

    @property
    def asked(self) -> str:
        """The view to ask of the columns that tell what its lines are."""
        return self.view if self.aside is None else self.aside.cells

    @property
    def is_log(self) -> bool:
        """Whether a line is an entry or a change, not a lead."""
        return self.shape in (Shape.HISTORY, Shape.CHANGES)

    @property
    def lead_is_line(self) -> bool:
        """Whether no column holds ids of leads, so that each line is one."""
        return "lead" not in self.parts


@dataclass(frozen=True)
class Join:
    """A table that adds columns to leads: its `key` holds what the leads' `column` (a header of `source`) holds.

    `kind` is "lookup" (its `value` column is the name of a label; None: the key is) or "attributes" (all its columns are added).
    `loose` compares without regard to case, blanks and punctuation.
    """

    view: str
    name: str
    kind: str
    key: str
    source: str
    column: str
    value: str | None = None
    columns: tuple[str, ...] = ()
    loose: bool = False


@dataclass(frozen=True)
class FieldUse:
    """What the values of a field of a change log mean: "stage", "created", "lost", "won", "status" or "ignored"."""

    name: str
    use: str


@dataclass(frozen=True)
class Alternative:
    """Another way to read the files: what would be understood of them, how many leads there would be, how many of them won.

    `overrides` choose it: put over the overrides in force, the same lines are read in this way.
    """

    mapping: ColumnMapping
    leads: int
    won: int
    overrides: MappingOverrides

    @property
    def shape(self) -> Shape:
        """What a line is then."""
        return self.mapping.shape

    @property
    def columns(self) -> dict[str, str]:
        """The column of each part then."""
        return dict(self.mapping.primary.parts)


@dataclass(frozen=True)
class LabelSigns:
    """What the columns beside the labels of a view say of them: `texts` are all its labels, `shares` gives for each whose text leaves
    open what it means the share of its lines on which each sign holds; a sign that holds on no line of the view says nothing.
    `flagged` gives for each label and date of a win the share of its lines on which a column of yes and no says yes to the win."""

    view: str
    texts: tuple[str, ...]
    shares: Mapping[str, Mapping[str, float]]
    flagged: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnMapping:
    """What was understood of the files. `shape` is that of the primary source; `left_out` are tables that share no id with it.

    `dates` and `numbers` are the typed columns by (view, column). `pipelines` are the values of the pipeline column.
    `signs` say what the lines tell of labels whose text leaves open what they mean (see `votes`), `meanings` what was
    decided by them, of a reading that is only counted (else None). `why` says for each part what speaks for
    its column; `alternatives` are other ways to read the files, the likeliest first, and `close` says that the first is nearly as likely.
    `half_dated` are columns that some cells say are dates, too few to be read as such.
    """

    shape: Shape
    sources: tuple[Source, ...]
    joins: tuple[Join, ...] = ()
    fields: tuple[FieldUse, ...] = ()
    dates: Mapping[tuple[str, str], DateColumn] = field(default_factory=dict)
    numbers: Mapping[tuple[str, str], NumberColumn] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    dialect: str | None = None
    overrides: MappingOverrides = MappingOverrides()
    signs: tuple[LabelSigns, ...] = ()
    meanings: Mapping[str, str] | None = None
    why: tuple[tuple[str, Note], ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    close: bool = False
    half_dated: tuple[str, ...] = ()

    @property
    def primary(self) -> Source:
        """The source that says what the leads are."""
        return next(source for source in self.sources if source.primary)

    @property
    def parts(self) -> dict[str, tuple[str, str]]:
        """Part → (view, column), the primary source first."""
        ordered = sorted(self.sources, key=lambda source: not source.primary)
        columns: dict[str, tuple[str, str]] = {}
        for source in ordered:
            for part, column in source.parts.items():
                columns.setdefault(part, (source.view, column))
        return columns

    @property
    def stage_dates(self) -> tuple[StageDate, ...]:
        """The stage dates of all sources."""
        return tuple(stage for source in self.sources for stage in source.stage_dates)


@dataclass(frozen=True)
class Loaded:
    """What became of the files: `leads` and `history` stand in the engine.

    `formats` gives the format of each typed column, `columns` the header of each part, `headers` the header that a label came
    from, `pipelines` the leads of each pipeline. `observed_until` is the latest event that is not after the upload; None where
    the file has no date. `cannot` says what these files cannot tell, `doubts` where they may well mean something else. `local_times`:
    the offsets of the files differ, and a table of that name holds what other clocks than the usual one showed.

    `at_start` names, for each column of `leads` whose value changed on some lead, the column of `leads` that holds the value at the
    start. `unknown_at_start` are columns that no lead has a value of at its first moment. `form` is how the entries are written down.
    `attributes` are the columns of `leads`
    that can filter or break down; None: nobody has counted their values yet (`attributes.attributes` does).
    """

    files: tuple[FileCount, ...]
    leads: int
    entries: int
    labels: tuple[LabelCount, ...]
    warnings: tuple[Note, ...]
    understood: Note
    pipelines: tuple[tuple[str, int], ...]
    formats: Mapping[str, str]
    columns: Mapping[str, str]
    headers: Mapping[str, str]
    observed_until: datetime | None
    cannot: tuple[Note, ...]
    doubts: tuple[Note, ...] = ()
    at_start: Mapping[str, str] = field(default_factory=dict)
    unknown_at_start: tuple[str, ...] = ()
    local_times: bool = False
    form: Form = TEXT
    attributes: tuple[Attribute, ...] | None = None
