"""The hypotheses of what a table is (shape × lead × label × time), each weighed by what the table holds, the best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from funnel.core.types import UNPLACED, Dialect, Shape
from funnel.mapping import grammar
from funnel.mapping.headers import dialect_of
from funnel.mapping.labels import label_concepts
from funnel.mapping.labels.marks import written_orders
from funnel.mapping.outcomes import KNOWN, NO_CONCEPT
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise import sources
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.datings import is_log_by_header
from funnel.mapping.recognise.evidence import Case, Evidence, Found, is_orderly, weighed
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.fits import stage_share
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.types import UNUSED, Hints, Source

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
        guessed = label is not None and not self.case.found.is_label_by_header(label) and self.case.log
        # A list of people or products has dates and kinds too: one whose ids are of leads says more of leads.
        foreign = not self.case.log and not self.source.lead_is_line and self.case.lead_named < 0.5
        less = (20.0 if guessed else 0.0) + (20.0 if foreign else 0.0)
        return max(LEADS_ONLY + 1.0, ENTRIES_WORTH_MORE[self.source.shape] + max(-9.0, min(9.0, self.score)) - less)


def understand(facts: Facts, typed: Typed, hints: Hints) -> list[Understood]:
    """What the table can be, the likeliest first; empty where nothing in it could be a lead. Parts said by hand are kept."""
    table = facts.table
    dialect = dialect_of(table)
    found = Candidates(table, dialect)
    cases = [case for case in _cases(facts, typed, found, hints) if not _pointless(case)]
    weighed_cases = [_weighed(case, dialect) for case in cases]
    tells = [each for each in weighed_cases if _tells(each.case)]
    return sorted(tells or weighed_cases, key=lambda each: -each.score)


def _weighed(case: Case, dialect: Dialect | None) -> Understood:
    score, said = weighed(case)
    return Understood(case.source, case.table, case, score, said, dialect.name if dialect else None)


def _cases(facts: Facts, typed: Typed, found: Candidates, hints: Hints) -> Iterator[Case]:
    for lead in _leads(facts, typed, found, hints):
        if lead is not None and hints.shape in (None, Shape.CHANGES):
            source = sources.changes(Picks(facts, typed, found, hints), lead)
            if source is not None:
                # A column that names the changed field leaves no doubt of what a line is.
                yield _measured(facts, typed, found, hints, source, lead)
                continue
        if lead is not None and hints.shape in (None, Shape.HISTORY):
            logs = list(_histories(facts, typed, found, hints, lead))
            yield from logs
            if logs and is_log_by_header(found):
                continue
        if hints.shape in (None, Shape.WIDE, Shape.SNAPSHOT):
            source = sources.one_line_each(Picks(facts, typed, found, hints), lead)
            if source is not None:
                yield _measured(facts, typed, found, hints, source, lead)


def _histories(facts: Facts, typed: Typed, found: Candidates, hints: Hints, lead: Column) -> Iterator[Case]:
    table = found.table
    several = len(table.raws) > 1
    repeats = not facts.ids(lead).unique
    if not repeats and not several and hints.shape is not Shape.HISTORY and not is_log_by_header(found):
        return
    choices: list[Column | None] = list(sources.label_choices(Picks(facts, typed, found, hints), lead)[:MOST_LABELS])
    picks = Picks(facts, typed, found, hints)
    if not choices and repeats and not several and "label" not in picks.said:
        choices = [sources.changing(picks, lead)]
    if not choices and several and "label" not in picks.said:
        choices = [None]
    for label in choices or ([None] if hints.shape is Shape.HISTORY else []):
        source = sources.history(Picks(facts, typed, found, hints), lead, label)
        if source is not None:
            yield _measured(facts, typed, found, hints, source, lead)


def _leads(facts: Facts, typed: Typed, found: Candidates, hints: Hints) -> list[Column | None]:
    """What can tell one lead from another: as said, else ids by header and by content; None where each line can be one."""
    picks = Picks(facts, typed, found, hints)
    if hints.lead == UNUSED:
        return [None]
    if "lead" in picks.said:
        return [picks.said["lead"]]
    # A column that says the same everywhere tells no lead from another.
    named = sorted(found.leads(), key=lambda column: column.distinct < 2)
    named += [each for each in found.leads_by_content() if each not in named]
    whole: list[Column | None] = [each for each in named[:MOST_LEADS] if facts.ids(each).filled > 0]
    if not any(each is not None and _is_of_leads(facts, found, each) for each in whole):
        names = [each for each in found.leads_by_name() if each not in whole]
        apart = [each for each in names if facts.ids(each).filled >= TELLS_APART and not facts.ids(each).again]
        whole += apart[:1]
        whole += [each for each in found.customers() if each not in whole][:MOST_CUSTOMERS]
        if hints.lead is None and hints.shape in (None, Shape.WIDE, Shape.SNAPSHOT):
            whole.append(None)
    return whole


def _is_of_leads(facts: Facts, found: Candidates, column: Column) -> bool:
    """Whether a column leaves no room for each line being a lead: a header of leads' ids over mostly filled cells, or unique ids."""
    ids = facts.ids(column)
    named = found.lead_named(column) >= NAMED and ids.filled >= HALF
    # Names that come again tell nothing; of ids a line may have been pasted twice.
    apart = not ids.again if found.is_name(column) else ids.unique
    return named or (ids.filled >= COMPLETE and apart)


def _measured(facts: Facts, typed: Typed, found: Candidates, hints: Hints, source: Source, lead: Column | None) -> Case:
    case = Case(
        source,
        found.table,
        found,
        facts,
        facts.ids(lead) if lead is not None else None,
        by_hand=hints.label is not None or bool(hints.stage_dates) or hints.shape is Shape.WIDE,
    )
    if not case.log or lead is None:
        return case
    time, label = case.column("time"), case.column("label")
    if time is None:
        return case
    case = replace(case, varying=facts.varying(lead, [time]))
    read = typed.date(found.table.view, time.name)
    if read is None or label is None or source.shape is Shape.CHANGES:
        return case
    return replace(case, walk=facts.walk(lead, label, time, read.expression))


def _tells(case: Case) -> bool:
    """Whether the table tells of a funnel: by a label that is one, an outcome, or dates of stages."""
    source = case.source
    if source.constant or source.shape is Shape.CHANGES or case.by_hand:
        return True
    if source.lead_is_line and any(_counts(column) for column in case.table.columns):
        # Sums by channel or month: a line is of many leads.
        return False
    if "outcome" in source.parts or _dates_of_stages(source):
        return True
    label = case.column("label")
    if label is None or (label.distinct < 2 and (stage_share(label) < MEANT or not _dated(case))):
        return False
    if stage_share(label) >= MEANT or (case.walk is not None and is_orderly(case.walk)):
        return True
    return case.found.is_label_by_header(label) and _speaks(case, label)


def _speaks(case: Case, label: Column) -> bool:
    """Whether a label that only its header calls so has some meaning of a stage or an order of its own, or stands in a log, or is a
    stage with dates beside it."""
    ordered = written_orders(dict.fromkeys(label.values, UNPLACED), {})
    if ordered or any(concept not in NO_CONCEPT for concept, _ in map(label_concepts.guess, label.values)):
        return True
    if case.log:
        return True
    return label.distinct > 1 and case.found.label_named(label) == 1.0 and _dated(case)


def _dated(case: Case) -> bool:
    """Whether a line says when."""
    return bool({"time", "created", "closed", "changed"} & set(case.source.parts))


def _dates_of_stages(source: Source) -> bool:
    """Whether some date stands under the name of a stage that is known: a birthday or a day of moving in is none."""
    return any(
        meaning not in NO_CONCEPT and confidence >= KNOWN
        for each in source.stage_dates
        if not each.made
        for meaning, confidence in [label_concepts.guess(each.label)]
    )


def _counts(column: Column) -> bool:
    whole = [value for value in column.values if value.strip().isdigit()]
    return grammar.counts_leads(column.name) and len(whole) == len(column.values) > 0


def _pointless(case: Case) -> bool:
    """A list without ids that tells nothing of a funnel is nothing at all."""
    return case.source.lead_is_line and not _tells(case)
