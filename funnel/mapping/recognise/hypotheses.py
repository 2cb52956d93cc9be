"""The hypotheses of what a table is (shape × lead × label × time), each weighed by what the table holds, the best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from funnel.core.sql import Query
from funnel.core.types import UNPLACED, Shape
from funnel.mapping import grammar
from funnel.mapping.headers import dialect_of
from funnel.mapping.labels import label_concepts
from funnel.mapping.labels.marks import written_orders
from funnel.mapping.order_headers import numbers_lines
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise import sources
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.datings import is_log_by_header
from funnel.mapping.recognise.evidence import Case, Evidence, Found, is_orderly, weighed
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.fits import stage_share
from funnel.mapping.recognise.joined_lines import standing_on
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.types import UNUSED, MappingOverrides, Source

ENTRIES_WORTH_MORE = {Shape.CHANGES: 50, Shape.HISTORY: 40, Shape.WIDE: 30, Shape.SNAPSHOT: 20}
"""Of several tables, the one that tells more of each lead says what the leads are."""
LEADS_ONLY = 5
"""The worth of a table that has ids and nothing else that a funnel can use."""
MOST_LEADS = 8
MOST_LABELS = 2
MOST_CUSTOMERS = 2
MEANT = 0.3
"""From this share of known stages on, values make a label of a column whose header does not."""
COMPLETE, TELLS_APART = 0.9, 0.98
FEWEST_NUMBERED = 2
"""One id alone may begin at 1 and rise by chance."""
NAMED, HALF = 0.8, 0.5


@dataclass(frozen=True)
class Understood:
    """A hypothesis with its weight: `score` compares those of one table, `worth` the tables of one upload."""

    source: Source
    table: Table
    case: Case
    score: float
    said: tuple[tuple[Evidence, Found], ...]
    dialect: str | None

    @property
    def worth(self) -> float:
        """How much the table is worth as the one that says what the leads are."""
        if not _tells(self.case):
            return LEADS_ONLY - ENTRIES_WORTH_MORE[self.source.shape] / 100
        # A log of calls and meetings looks like a history too: a list of leads that says their stage in words tells more.
        label = self.case.column("label")
        guessed = label is not None and not self.case.candidates.is_label_by_header(label) and self.case.source.is_log
        # A list of people or products has dates and kinds too: one whose ids are of leads says more of leads.
        foreign = not self.case.source.is_log and not self.source.lead_is_line and self.case.lead_named < 0.5
        less = (20.0 if guessed else 0.0) + (20.0 if foreign else 0.0)
        return max(LEADS_ONLY + 1.0, ENTRIES_WORTH_MORE[self.source.shape] + max(-9.0, min(9.0, self.score)) - less)


def understand(facts: Facts, typed: Typed, overrides: MappingOverrides) -> list[Understood]:
    """What the table can be, the likeliest first; empty where nothing in it could be a lead. Parts said by hand are kept."""
    dialect = dialect_of(facts.table)
    blank = Picks(facts, typed, Candidates(facts.table, dialect), overrides)
    # A list without ids that tells nothing of a funnel is nothing at all.
    cases = [case for case in _cases(blank) if not case.source.lead_is_line or _tells(case)]
    name = dialect.name if dialect else None
    understood = [Understood(case.source, case.table, case, *weighed(case), name) for case in cases]
    tells = [each for each in understood if _tells(each.case)]
    return sorted(tells or understood, key=lambda each: -each.score)


def _cases(blank: Picks) -> Iterator[Case]:
    shape = blank.overrides.shape
    for lead in _leads(blank):
        if lead is not None and shape in (None, Shape.CHANGES):
            source = sources.changes(blank.anew(), lead)
            if source is not None:
                # A column that names the changed field leaves no doubt of what a line is.
                yield _measured(blank, source, lead)
                continue
        if lead is not None and shape in (None, Shape.HISTORY):
            logs = list(_histories(blank, lead))
            yield from logs
            if logs and is_log_by_header(blank.candidates):
                continue
        if shape in (None, Shape.WIDE, Shape.SNAPSHOT):
            source = sources.one_line_each(blank.anew(), lead)
            if source is not None:
                yield _measured(blank, source, lead)


def _histories(blank: Picks, lead: Column) -> Iterator[Case]:
    by_hand = blank.overrides.shape is Shape.HISTORY
    several = len(blank.table.raws) > 1
    repeats = not blank.facts.ids(lead).unique
    if not repeats and not several and not by_hand and not is_log_by_header(blank.candidates):
        return
    choices: list[Column | None] = list(sources.label_choices(blank, lead)[:MOST_LABELS])
    if not choices and repeats and not several and "label" not in blank.by_hand:
        choices = [sources.changing(blank, lead)]
    if not choices and several and "label" not in blank.by_hand:
        choices = [None]
    for label in choices or ([None] if by_hand else []):
        source = sources.history(blank.anew(), lead, label)
        if source is not None:
            yield _measured(blank, source, lead)


def _leads(blank: Picks) -> list[Column | None]:
    """What can tell one lead from another: as said, else ids by header and by content; None where each line can be one."""
    facts, candidates, overrides = blank.facts, blank.candidates, blank.overrides
    if overrides.lead == UNUSED:
        return [None]
    if "lead" in blank.by_hand:
        return [blank.by_hand["lead"]]
    # A column that says the same everywhere tells no lead from another.
    named = sorted(candidates.leads(), key=lambda column: column.distinct < 2)
    named += [each for each in candidates.leads_by_content() if each not in named]
    whole: list[Column | None] = [each for each in named[:MOST_LEADS] if facts.ids(each).filled > 0]
    if not any(each is not None and _is_of_leads(facts, candidates, each) for each in whole):
        names = [each for each in candidates.leads_by_name() if each not in whole]
        apart = [each for each in names if facts.ids(each).filled >= TELLS_APART and not facts.ids(each).again]
        whole += apart[:1]
        whole += [each for each in candidates.customers() if each not in whole][:MOST_CUSTOMERS]
        if overrides.lead is None and overrides.shape in (None, Shape.WIDE, Shape.SNAPSHOT):
            whole.append(None)
    return whole


def _is_of_leads(facts: Facts, candidates: Candidates, column: Column) -> bool:
    """Whether a column leaves no room for each line being a lead: a header of leads' ids over mostly filled cells, or unique ids."""
    ids = facts.ids(column)
    named = candidates.lead_named(column) >= NAMED and ids.filled >= HALF
    # Names that come again tell nothing; of ids a line may have been pasted twice.
    apart = not ids.again if candidates.is_name(column) else ids.unique
    return named or (ids.filled >= COMPLETE and apart)


def _measured(blank: Picks, source: Source, lead: Column | None) -> Case:
    facts, overrides = blank.facts, blank.overrides
    by_hand = overrides.label is not None or bool(overrides.stage_dates) or overrides.shape is Shape.WIDE
    ids = facts.ids(lead) if lead is not None else None
    standing = standing_on(facts, blank.candidates, source, lead) if lead is not None else None
    source = replace(source, standing=standing.name if standing is not None else None)
    case = Case(source, blank.table, blank.candidates, facts, ids, by_hand=by_hand)
    time, label = case.column("time"), case.column("label")
    if not case.source.is_log or lead is None or time is None:
        return case
    case = replace(case, varying=facts.varying(lead, [time]))
    date_column = blank.typed.date(blank.table.view, time.name)
    if date_column is None or label is None or source.shape is Shape.CHANGES:
        return case
    moment = date_column.expression
    return replace(case, walk=facts.walk(lead, label, time, moment), numbers=_numbers(facts, lead, label, moment))


def _numbers(facts: Facts, lead: Column, label: Column, moment: Query) -> str | None:
    """The column that numbers the lines of each lead as they came; None where none does, or for a lead alone."""
    for column in facts.table.columns:
        if column.name in (lead.name, label.name) or column.numbers < COMPLETE or column.filled < facts.table.rows:
            continue
        if not numbers_lines(column.name, label.name):
            continue
        leads, rise, whole = facts.counted(lead, column, moment)
        if leads >= FEWEST_NUMBERED and rise >= COMPLETE and whole >= HALF:
            return column.name
    return None


def _tells(case: Case) -> bool:
    """Whether the table tells of a funnel: by a label that is one, an outcome, or dates of stages."""
    source = case.source
    if source.constant or source.shape is Shape.CHANGES or case.by_hand:
        return True
    if source.lead_is_line and any(_counts(column) for column in case.table.columns):
        # Sums by channel or month: a line is of many leads.
        return False
    if "outcome" in source.parts or source.stage_flags or _dates_of_stages(source):
        return True
    label = case.column("label")
    if label is None or (label.distinct < 2 and (stage_share(label) < MEANT or not _dated(case))):
        return False
    if stage_share(label) >= MEANT or (case.walk is not None and is_orderly(case.walk)):
        return True
    return case.candidates.is_label_by_header(label) and _speaks(case, label)


def _speaks(case: Case, label: Column) -> bool:
    """Whether a label that only its header calls so has some meaning of a stage or an order of its own, or stands in a log, or is a
    stage with dates beside it."""
    ordered = written_orders(dict.fromkeys(label.values, UNPLACED), {})
    if ordered or any(
        concept not in label_concepts.NO_CONCEPT for concept, _ in map(label_concepts.guess, label.values)
    ):
        return True
    if case.source.is_log:
        return True
    return label.distinct > 1 and case.candidates.label_named(label) == 1.0 and _dated(case)


def _dated(case: Case) -> bool:
    """Whether a line says when."""
    return bool({"time", "created", "closed", "changed"} & set(case.source.parts))


def _dates_of_stages(source: Source) -> bool:
    """Whether some date stands under the name of a stage that is known: a birthday or a day of moving in is none."""
    return any(label_concepts.surely(each.label) is not None for each in source.stage_dates if not each.made)


def _counts(column: Column) -> bool:
    whole = [value for value in column.values if value.strip().isdigit()]
    return grammar.counts_leads(column.name) and len(whole) == len(column.values) > 0
