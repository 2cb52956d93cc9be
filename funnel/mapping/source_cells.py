"""The SQL of one source's cells: its leads' ids, times and texts, and the lines that are no data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.cells.numbers import as_id
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.clock import Clock
from funnel.mapping.joins import FILE_STEP
from funnel.mapping.step_states import in_state
from funnel.mapping.template import NULL, all_of, among, any_of, bound, chosen, fill, raw_cell
from funnel.mapping.types import ColumnMapping, Source

TOTALS = (
    r"^\s*(?:(?:grand\s+|sub)?\s*totals?\b|сумма\b|итого\b|всего\b|summe\b|gesamt\b|total\s+general|suma\b|"
    r"confidential\b|copyright\b|generated\s+(?:by|on)\b|filtered\s+by\b|report\s+(?:generated|run)\b)"
)
COUNTED = (
    r"^\s*\d[\d.,\s]*\s(?:deals?|leads?|opportunit(?:y|ies)|contacts?|compan(?:y|ies)|accounts?|records?|rows?|items?|entries|results?|"
    r"сдел(?:ка|ки|ок)|лид(?:а|ов)?|запис(?:ь|и|ей)|стро(?:ка|ки|к)|datensätze|einträge|registros|negócios|lignes|enregistrements)"
    r"(?:\s+(?:in\s+total|total|selected|всего))?\s*$"
)
"""What stands under a list that was counted: "24 deals"."""
CLOCKS = [f"%H:%M{seconds}" for seconds in ("", ":%S", ":%S.%f")]
CLOCKS += [f"%I{clock[2:]}{blank}%p" for clock in CLOCKS for blank in ("", " ")]
"""How a time of day is written, in capitals."""
TIME_PARTS = ("time", "end", "until", "created", "closed", "changed")
HEADER_CELLS = 6
FEW_COLUMNS = 3
"""Of a table with fewer columns a line with one filled cell may be data."""
TELLING = ("label", "outcome", "time", "created", "closed")
# Salesforce writes no id as 000000000000000AAA.
_ZEROS = 10 * "0"
_NULL_ID = rf"\s*{_ZEROS}0*A*\s*"
_ID = r"\s*\S*\d\S*\s*"


def file_name(names: Sequence[str]) -> Query:
    """The name of the file that a raw line is of."""
    return chosen(f"raw.source_line // {FILE_STEP}", enumerate(names))


def time_columns(mapping: ColumnMapping) -> list[tuple[str, str]]:
    """(view, column) of every column that says when something was."""
    columns_of = []
    for source in mapping.sources:
        columns = [source.parts[part] for part in TIME_PARTS if part in source.parts]
        columns += [each.column for each in source.stage_dates]
        columns_of += [(source.view, column) for column in dict.fromkeys(columns)]
    return columns_of


def header_cells(source: Source) -> list[str]:
    """The columns whose cells tell that a line is the header once more."""
    return [name for name in source.columns if not name.isdigit()][:HEADER_CELLS]


def is_clock(value: str) -> bool:
    """Whether a text is a time of day and nothing else."""
    for form in CLOCKS:
        try:
            datetime.strptime(value.strip().upper(), form)
        except ValueError:
            continue
        return True
    return False


class SourceCells:
    """What the columns of a source say, as expressions over `raw` (the source's view)."""

    file_index = f"raw.source_line // {FILE_STEP}"

    def __init__(self, engine: Engine, mapping: ColumnMapping, source: Source, clock: Clock | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self.mapping = mapping
        self.source = source
        self.view = identifier(source.view)
        self.asked = identifier(source.asked)
        self.lead = self._lead()
        self._texts: dict[str, list[str]] = {}
        self.one_pipeline = source.primary and "pipeline" in source.parts and mapping.overrides.pipeline is not None

    def fill(self, template: str, **parts: Query | str) -> Query:
        """The template filled with these parts, and with the source's {view} and {lead}."""
        return fill(template, **{"view": self.view, "lead": self.lead, **parts})

    def name(self, part: str) -> str:
        """The column of a part, as raw."…"."""
        return raw_cell(self.source.parts[part])

    def text(self, part: str, *, typed: bool = False) -> Query:
        """The text of a part, NULL where it is empty or a placeholder."""
        return cleaned(self.name(part), typed=typed)

    def moment(self, part: str) -> Query | None:
        """The time of a part; None where no column plays it. A clock in a column of its own is joined to the date of a log's line."""
        return self._moved(self.local(part), self.source.parts.get(part))

    def moment_of(self, column: str) -> Query | None:
        """The time in a column; None where it holds no dates."""
        return self._moved(self._written(column), column)

    def local(self, part: str) -> Query | None:
        """The time of a part as its own clock showed it; None where no column plays it."""
        column = self.source.parts.get(part)
        moment = None if column is None else self._written(column)
        if moment is None or part != "time" or "clock" not in self.source.parts:
            return moment
        clock = fill(
            "try_strptime(upper({text}), {forms})", text=self.text("clock", typed=True), forms=Query("?", (CLOCKS,))
        )
        return fill(
            "COALESCE(CAST({moment} AS DATE) + CAST({clock} AS TIME), CAST({moment} AS TIMESTAMP))",
            moment=moment,
            clock=clock,
        )

    def times(self) -> list[tuple[Query, Query, Query, str]]:
        """(lead, moment, local time, view) of each part and each date of a stage."""
        pairs = [(self.moment(part), self.local(part)) for part in TIME_PARTS]
        pairs += [(self.moment_of(each.column), self._written(each.column)) for each in self.source.stage_dates]
        return [(self.lead, moment, local, self.source.view) for moment, local in pairs if moment and local]

    def closing(self) -> Query | None:
        """The time of closing; a close date without a time of day is of that whole day, so never before the making on its own day."""
        closed, created = self.local("closed"), self.local("created")
        if closed is None or created is None or not self._whole_days(closed):
            return self.moment("closed")
        # Of a month without a day likewise.
        date_column = self.mapping.dates[self.source.view, self.source.parts["closed"]]
        span = "month" if date_column.month_only else "day"
        return fill(
            "CASE WHEN {closed} < {created} AND date_trunc({span}, {closed}) = date_trunc({span}, {created}) THEN {made} ELSE {ended} END",
            span=bound(span),
            closed=closed,
            created=created,
            made=self.moment("created") or NULL,
            ended=self.moment("closed") or NULL,
        )

    def _written(self, column: str) -> Query | None:
        date_column = self.mapping.dates.get((self.source.view, column))
        return date_column.expression if date_column else None

    def _moved(self, local: Query | None, column: str | None) -> Query | None:
        """The moment of a local time of a column: the same, where all clocks of the data set agree."""
        if local is None or column is None or self.clock is None:
            return local
        return self.clock.moment(local, self.mapping.dates[self.source.view, column])

    def _whole_days(self, moment: Query) -> bool:
        """Whether all moments bear one time of day, as dates do that some system turned to its own zone."""
        query = fill(
            "SELECT COUNT(DISTINCT CAST(CAST({moment} AS TIMESTAMP) AS TIME)) AS times FROM {view} AS raw WHERE {moment} IS NOT NULL",
            moment=moment,
            view=self.asked,
        )
        return int(self.engine.row(query)[0]) == 1

    def header_again(self) -> Query:
        """True where the line is the header once more: two of the first cells hold their own header (the only one, where it is alone)."""
        own = header_cells(self.source)
        matches = " + ".join(f"COALESCE({_begins_as(name)}, FALSE)::INTEGER" for name in own)
        return Query(f"({matches}) >= {min(2, max(len(own), 1))}", tuple(own)) if own else Query("FALSE")

    @property
    def same(self) -> Query | None:
        """True where a log's line leads from a label to itself; None where a line does not say from where it came."""
        if "old" not in self.source.parts or self.source.constant or self.mapping.fields:
            return None
        return fill("{old} = {label}", old=self.text("old"), label=self.text("label"))

    def step_is(self, *states: str, part: str = "step_state") -> Query | None:
        """True where the text of the part says one of these of a step; None where no column plays the part."""
        if part not in self.source.parts:
            return None
        text = self.text(part)
        if part not in self._texts:
            query = fill("SELECT DISTINCT {text} AS text FROM {view} AS raw LIMIT 200", text=text, view=self.view)
            self._texts[part] = [value for (value,) in self.engine.rows(query) if value is not None]
        return fill("COALESCE({said}, FALSE)", said=among(text, in_state(self._texts[part], *states)))

    @property
    def other_pipeline(self) -> Query:
        """True where the line is of another pipeline than the one asked for."""
        wanted = catalogue.normalised(self.mapping.overrides.pipeline or "")
        names = [name for name in self.mapping.pipelines if catalogue.normalised(name) == wanted]
        return fill("NOT {same}", same=among(self.text("pipeline"), names))

    def field_among(self, names: Iterable[str]) -> Query:
        """True where the line of a change log is of one of these fields."""
        return among(self.text("field"), names)

    def totals(self) -> Query:
        """True where the line is no data but a sum, a copyright notice, words in one cell after the last line of data, or the title of a
        group."""
        return any_of([self.summed(), self.stray(self.ends_of(self._all_lines()))])

    def summed(self) -> Query:
        """True where the line says itself that it is a sum or a notice."""
        # Of a report by stages the sum stands in the column of the label itself.
        of_label = self.source.parts.get("label") not in (None, self.source.columns[0])
        keys = [*(["label"] if of_label else []), *(part for part in ("time", "created") if part in self.source.parts)]
        key = next(iter(keys), None)
        first = {raw_cell(self.source.columns[0])}
        if not self.source.lead_is_line:
            first.add(self.name("lead"))
        # None of these words begins with a digit, as most ids do.
        words = "COALESCE(NOT ({0} >= '0' AND {0} < ':') AND regexp_matches(lower({0}), ?), FALSE)"
        counts = "COALESCE({0} >= '0' AND {0} < ':' AND contains({0}, ' ') AND regexp_matches(lower({0}), ?), FALSE)"
        starts = any_of(
            Query(said.format(cell), (pattern,))
            for cell in sorted(first)
            for said, pattern in ((words, TOTALS), (counts, COUNTED))
        )
        return starts if key is None else all_of([starts, fill("{text} IS NULL", text=self.text(key))])

    def stray(self, ends: Sequence[tuple[int, int]]) -> Query:
        """True where the line is words in one cell after the last line of data of its file: (file's index, that line) of each.

        Where each line is a lead, one amid them too, as the title of a group and the sum below it are, unless it says where a lead stands.
        """
        if not ends:
            return Query("FALSE")
        places = [Query(f"{self.file_index} = {index} AND raw.source_line > {line}") for index, line in ends]
        if self._telling:
            places.append(
                Query(f"COALESCE({', '.join(f'CAST({raw_cell(name)} AS VARCHAR)' for name in self._telling)}) IS NULL")
            )
        # A lead without a date has its id alone: a word with a digit and without blanks, as no sentence is.
        alone = [any_of(places), Query(f"{_filled(self.source.columns)} <= 1")]
        if not self.source.lead_is_line:
            alone.append(Query(f"NOT COALESCE(regexp_full_match({self.name('lead')}, ?), FALSE)", (_ID,)))
        return all_of(alone)

    @cached_property
    def _telling(self) -> list[str]:
        """Where each line is a lead, the columns that say where it stands, or when."""
        if not self.source.lead_is_line:
            return []
        told = [self.source.parts[part] for part in TELLING if part in self.source.parts]
        return [*told, *(each.column for each in (*self.source.stage_dates, *self.source.stage_flags))]

    @property
    def several_filled(self) -> str:
        """True where two cells of the line or more are filled; of lines read aside, where two of the cells that were read are."""
        return _several(self.source.columns if self.source.aside is None else self.source.aside.columns)

    def ends_of(self, lines: str) -> list[tuple[int, int]]:
        """(file's index, last line with two filled cells or more) of each file that may have a `stray` line, by a table of all lines:
        source_line, several_filled. None of a table of few columns."""
        if len(self.source.columns) < FEW_COLUMNS:
            return []
        last = self._last_lines(lines)
        if self.source.aside is not None and any(full != line or alone for _, full, line, alone in last):
            # What was not read aside may be filled.
            last = self._last_lines(self._all_lines())
        return [(index, full) for index, full, line, alone in last if full is not None and (full < line or alone)]

    def _last_lines(self, lines: str) -> list[tuple[int, int | None, int, bool]]:
        """(file's index, last line with two filled cells or more, last line) of each file, and whether one amid them may be of a group."""
        query = Query(
            f"SELECT lines.source_line // {FILE_STEP} AS place, MAX(lines.source_line) FILTER (WHERE lines.several_filled) AS last_full,"
            f" MAX(lines.source_line) AS last_line, {bool(self._telling)} AND NOT BOOL_AND(lines.several_filled) AS alone"
            f" FROM {lines} AS lines GROUP BY 1"
        )
        return self.engine.rows(query)

    def _all_lines(self) -> str:
        """All lines of the source, as `ends_of` asks for them."""
        several = _several(self.source.columns)
        return f"(SELECT raw.source_line AS source_line, {several} AS several_filled FROM {self.view} AS raw)"

    def _lead(self) -> Query:
        """The lead's id: its text, and where all ids of the column were made decimals (12.0), without that; NULL for an id of zeros.

        Where each line is a lead, its line in the file; of several files the name stands before it.
        """
        if self.source.lead_is_line:
            line = f"CAST(raw.source_line % {FILE_STEP} AS VARCHAR)"
            if len(self.source.names) == 1:
                return Query(line)
            return fill("{file} || ':' || {line}", file=file_name(self.source.names), line=line)
        id_text = as_id(self.engine, self.source.asked, self.source.parts["lead"])
        # Hardly an id has so many zeros; only those that do are looked at further.
        lead = self.name("lead")
        return Query(
            f"CASE WHEN contains({lead}, '{_ZEROS}') AND regexp_full_match({lead}, ?) THEN NULL ELSE {id_text.text} END",
            (_NULL_ID, *id_text.values),
        )


def _several(columns: Sequence[str]) -> str:
    """True where two of these cells of a line or more are filled."""
    first, second = (f"raw.{identifier(name)} IS NOT NULL" for name in (*columns, *columns)[:2])
    return f"CASE WHEN {first} AND {second} THEN {len(columns) > 1} ELSE {_filled(columns)} > 1 END"


def _filled(columns: Sequence[str]) -> str:
    """How many of these cells of a line are filled."""
    return "(" + " + ".join(f"(raw.{identifier(name)} IS NOT NULL)::INTEGER" for name in columns) + ")"


def _begins_as(header: str) -> str:
    """True where a cell is the header, whatever its case and the spaces around it; the header is to be bound."""
    cell = raw_cell(header)
    same = f"lower(trim({cell})) = lower(?)"
    small, large = header[:1].lower(), header[:1].upper()
    if not (small.isascii() and small.isalpha()):
        return same
    # Hardly a cell begins with a space, in another script, or with the header's letter; only those are looked at further.
    first = " OR ".join(f"{cell} >= '{letter}' AND {cell} < '{chr(ord(letter) + 1)}'" for letter in (small, large))
    return f"({cell} < '!' OR {cell} >= '{{' OR {first}) AND {same}"
