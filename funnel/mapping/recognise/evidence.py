"""What speaks for or against a hypothesis: small named judgements, each with its weight and its sentence.

A new kind of evidence is one entry in EVIDENCE and its sentence, `why.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from funnel.core.types import Shape
from funnel.mapping import grammar
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.datings import happened
from funnel.mapping.recognise.facts import Facts, Ids, Walk
from funnel.mapping.recognise.fits import stage_share
from funnel.mapping.recognise.joined_lines import stands_on
from funnel.mapping.stages import closes, stage_dates
from funnel.mapping.types import Source

FEWEST_MOVES = 10
FEWEST_LEADS = 5
ORDERLY, ORDERLY_ALONE, FIRST = 0.8, 0.88, 0.6
"""Moves are those of a history where 80 % of them go the commoner way and 60 % of leads begin alike, or 88 % go the commoner way:
so measured on real files, where true histories had it and repeating foreign keys had not."""
FORWARD = 0.75
NEARLY_ALL = 0.9
"""This share of ids that come again, and of moves that lead on, is no chance, however few they are."""
BACKWARD = 0.6
"""Where fewer of the known moves lead on, the older deals of a customer were closed and the newer are open: no way of one lead."""
FEWEST_REPEATS = 0.1


@dataclass(frozen=True)
class Case:
    """A hypothesis with what was measured of it: the ids of its lead, and how leads move (None: each line is a lead; no moves).

    `varying` is the share of leads with several lines in which a date differs; `numbers` the column that numbers the lines of each
    lead; `by_hand`: a person said what the label is.
    """

    source: Source
    table: Table
    candidates: Candidates
    facts: Facts
    ids: Ids | None = None
    walk: Walk | None = None
    varying: Mapping[str, float] = field(default_factory=dict)
    numbers: str | None = None
    by_hand: bool = False

    def column(self, part: str) -> Column | None:
        """The column of a part."""
        name = self.source.parts.get(part)
        return None if name is None else self.table.by_name[name]

    @property
    def lead_named(self) -> float:
        """How much the lead's header says that it is a lead's id, from 0 to 1."""
        lead = self.column("lead")
        if lead is None or self.ids is None:
            return 0.0
        named = self.candidates.lead_named(lead)
        # A name that comes again is of several leads.
        return min(named, 0.2) if self.ids.again and self.candidates.is_name(lead) else named


@dataclass(frozen=True)
class Found:
    """How much a judgement speaks for the case, from -1 to 1, and the figures of its sentence."""

    value: float
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """A judgement of one part of a hypothesis ("shape", "lead", "label", "time"); it gives None where it has nothing to say."""

    name: str
    part: str
    weight: float
    of: Callable[[Case], Found | None]


def is_orderly(walk: Walk) -> bool:
    """Whether enough leads moved, and moved as those of a history do."""
    orderly = (walk.orderly >= ORDERLY and walk.first >= FIRST) or walk.orderly >= ORDERLY_ALONE
    return walk.repeated >= FEWEST_MOVES and orderly


def header_of_ids(case: Case) -> Found | None:
    """The header of the lead says that it is a lead's id."""
    lead = case.column("lead")
    return None if lead is None else Found(case.lead_named, {"column": lead.name})


def each_line(case: Case) -> Found | None:
    """No column tells leads apart, so each line is one: it does, but says less than an id."""
    return Found(-0.5, {"lines": case.table.rows}) if case.column("lead") is None else None


def filled_ids(case: Case) -> Found | None:
    """Nearly every line has an id."""
    lead = case.column("lead")
    if lead is None or case.ids is None:
        return None
    missing = 1 - case.ids.filled
    if missing <= 0.02:
        return None
    return Found(-min(1.0, 2 * missing + 0.2), {"column": lead.name, "lines": round(missing * case.table.rows)})


def unique_ids(case: Case) -> Found | None:
    """One line a lead: no id comes again. The more so the more its header is one of leads, since a log numbers its lines too."""
    lead = case.column("lead")
    if case.source.is_log or lead is None or case.ids is None or case.source.standing:
        return None
    if case.ids.unique and (case.lead_named >= 0.5 or not case.ids.again):
        return Found(max(case.lead_named, 0.2), {"column": lead.name, "leads": case.ids.distinct})
    repeats = round(case.ids.again * case.ids.filled * case.table.rows)
    if case.lead_named < 0.5:
        # Customers and owners of whom hardly any has two lines are no leads for that.
        return Found(-1.0, {"column": lead.name, "lines": repeats})
    return Found(max(-1.0, 0.5 - 8 * case.ids.again), {"column": lead.name, "lines": repeats})


def coming_again(case: Case) -> Found | None:
    """A log: ids come again, under a header of leads."""
    lead = case.column("lead")
    if not case.source.is_log or lead is None or case.ids is None:
        return None
    figures = {"column": lead.name, "leads": case.ids.distinct, "lines": case.table.rows}
    if case.ids.unique or case.ids.shared < FEWEST_REPEATS:
        return Found(-1.0, figures)
    return Found(1.0 if case.lead_named >= 0.8 else 0.5 if case.lead_named >= 0.5 else 0.1, figures)


def orderly_moves(case: Case) -> Found | None:
    """Leads of a history move mostly one way, and begin alike; repeating ids of customers or owners do not."""
    walk = case.walk
    if walk is None:
        return None
    figures, named = {"share": round(walk.orderly, 2), "moves": walk.moves, "leads": walk.leads}, case.lead_named
    if walk.moves < 0.1 * walk.leads and walk.leads >= FEWEST_LEADS:
        # Whoever comes again and never moves is no lead.
        return Found(-0.3 if named >= 0.8 else -1.0, figures)
    backward = walk.forward is not None and walk.known_moves >= FEWEST_MOVES and walk.forward < BACKWARD
    # Of a few customers, or where most moves are the only ones of their kind, chance alone makes them go one way.
    if (walk.moves if named >= 0.8 else min(walk.repeated, walk.leads)) < FEWEST_MOVES:
        worth = _few_moves(case, walk, backward)
        return None if worth is None else Found(worth, figures)
    if is_orderly(walk) and not (backward and named < 0.5):
        return Found(1.0, figures)
    if walk.forward is not None and walk.known_moves >= FEWEST_MOVES and walk.forward >= FORWARD:
        return Found(0.7, figures)
    # A lead's own id may well go to and fro; that of a customer or an owner only says that they have several leads.
    return Found(-0.3 if named >= 0.8 else -0.5 if named >= 0.5 else -1.0, figures)


def _few_moves(case: Case, walk: Walk, backward: bool) -> float | None:
    """What so few moves that chance may have made them say for a history; None where they say nothing."""
    # That some names come again, and most of their moves lead on, may be chance; that all do is not.
    whole = case.ids is not None and case.ids.shared >= NEARLY_ALL and (walk.forward or 0.0) >= NEARLY_ALL
    if walk.forward is not None and (walk.forward >= FORWARD if case.lead_named >= 0.5 else whole):
        return 0.3
    if case.lead_named >= 0.5 or case.candidates.events:
        return -0.5 if backward and case.lead_named < 0.8 else None
    return -0.7 if walk.moves < FEWEST_MOVES or is_orderly(walk) else -1.0


def another_names_the_line(case: Case) -> Found | None:
    """Within the ids of customers or people, a column of leads' ids or names differs: then each line is of such a lead."""
    lead, named = case.column("lead"), case.lead_named
    if not case.source.is_log or lead is None or named >= 0.8:
        return None
    others = [
        each
        for each in case.table.columns
        if each is not lead
        and each.filled >= 0.5 * case.table.rows
        and grammar.is_entity(each.name)
        and each.name not in case.source.parts.values()
        and case.candidates.lead_named(each) > named
    ]
    varying = case.facts.varying(lead, others)
    differing = [name for name, share in varying.items() if share >= 0.5]
    return Found(-1.0, {"column": lead.name, "other": differing[0]}) if differing else None


def standing_on_one(case: Case) -> Found | None:
    """Several people stand on one deal, each on a line that repeats its stage, dates and amount: the deal is the lead, once."""
    lead, standing = case.column("lead"), case.source.standing
    if standing is not None and lead is not None:
        return Found(-1.0 if case.source.is_log else case.lead_named, {"column": lead.name, "other": standing})
    deal = stands_on(case.facts, case.candidates, case.source, lead)
    return None if deal is None else Found(-1.0, {"column": deal.name, "other": lead.name if lead else ""})


def ends_of_lines(case: Case) -> Found | None:
    """Lines have an id, a day of making and days of ends of their own: each is a lead; what comes again is a customer's id, or a name."""
    lead, time = case.column("lead"), case.column("time")
    if not case.source.is_log or lead is None or time not in case.candidates.of("created") or case.candidates.events:
        return None
    if not any(case.facts.ids(each).unique for each in case.candidates.leads() if each is not lead):
        return None
    dated = stage_dates(case.candidates.happened(), None, set(case.source.parts.values()))
    ends = {label_concepts.end(each.label): each.column for each in dated if case.table.by_name[each.column].filled}
    if {"won", "lost"} <= ends.keys():
        return Found(-1.0, {"column": lead.name, "columns": f"{ends['won']}, {ends['lost']}"})
    if not case.candidates.is_name(lead):
        return None
    closed = [each for each in case.candidates.of("closed") if each.filled and closes(each.name) and happened(each)]
    return Found(-1.0, {"column": lead.name, "columns": closed[0].name}) if closed else None


def only_ends(case: Case) -> Found | None:
    """All labels are ends, and lines have ids of their own: none was moved on, who comes again has several such lines."""
    lead, label = case.column("lead"), case.column("label")
    if not case.source.is_log or lead is None or label is None or not label.complete or case.candidates.events:
        return None
    if len(label.values) < 2 or any(label_concepts.end(text) is None for text in label.values):
        return None
    own = any(case.facts.ids(each).unique for each in case.candidates.leads() if each is not lead)
    return Found(-1.0, {"column": label.name, "other": lead.name}) if own else None


def lines_of_events(case: Case) -> Found | None:
    """The lines are numbered as events."""
    if not case.candidates.events:
        return None
    return Found(1.0 if case.source.is_log else -1.0, {"lines": case.table.rows})


def numbered_lines(case: Case) -> Found | None:
    """A column counts the lines of each lead from 1 on in the order of their time: they are its steps, whatever its id is called."""
    lead = case.column("lead")
    if lead is None or case.numbers is None:
        return None
    return Found(1.0, {"column": case.numbers, "other": lead.name})


def header_of_labels(case: Case) -> Found | None:
    """The header says that the column holds stages or a status."""
    label = case.column("label")
    if label is None:
        return None
    return Found(case.candidates.label_named(label), {"column": label.name})


def filled_labels(case: Case) -> Found | None:
    """Nearly every line has a label."""
    label = case.column("label")
    if label is None or label.filled >= 0.9 * case.table.rows:
        return None
    missing = case.table.rows - label.filled
    return Found(-missing / max(case.table.rows, 1), {"column": label.name, "lines": missing})


def known_stages(case: Case) -> Found | None:
    """The values are stages that are known."""
    label = case.column("label")
    if label is None:
        return None
    share = stage_share(label)
    return Found(share, {"column": label.name, "share": round(share, 2), "values": len(label.values)})


def values_of_another_kind(case: Case) -> Found | None:
    """The values are places, jobs, reasons or the like."""
    label = case.column("label")
    kind = label_concepts.kind_of_values(label.values) if label is not None else None
    if label is None or kind is None or stage_share(label) >= 0.5:
        return None
    return Found(-kind[1], {"column": label.name, "kind": kind[0]})


def time_differs(case: Case) -> Found | None:
    """The time differs from line to line of a lead."""
    time = case.column("time")
    if time is None or not case.source.is_log:
        return None
    differs = case.varying.get(time.name, 0.0)
    is_candidate = time in case.candidates.of("time")
    figures = {"column": time.name, "share": round(differs, 2)}
    if differs < 0.1 and case.ids is not None and case.ids.shared >= FEWEST_REPEATS:
        return Found(-0.2 if is_candidate else -0.6, figures)
    return Found(1.0 if is_candidate else 0.7, figures)


def handed_over(case: Case) -> Found | None:
    """A second column repeats the label of the lead's line before."""
    old, label = case.column("old"), case.column("label")
    if old is None or label is None or case.source.shape is not Shape.HISTORY:
        return None
    return Found(1.0, {"column": label.name, "other": old.name})


def dated_stages(case: Case) -> Found | None:
    """Dates stand under the names of stages."""
    named = [each for each in case.source.stage_dates if not each.made]
    if case.source.shape is not Shape.WIDE or not named:
        return None
    return Found(min(1.0, len(named) / 2), {"n": len(named), "columns": ", ".join(each.column for each in named[:4])})


EVIDENCE = (
    Evidence("header_of_ids", "lead", 1.0, header_of_ids),
    Evidence("each_line", "lead", 1.0, each_line),
    Evidence("filled_ids", "lead", 4.0, filled_ids),
    Evidence("unique_ids", "lead", 2.0, unique_ids),
    Evidence("coming_again", "shape", 1.5, coming_again),
    Evidence("orderly_moves", "shape", 3.0, orderly_moves),
    Evidence("lines_of_events", "shape", 2.0, lines_of_events),
    Evidence("numbered_lines", "shape", 4.0, numbered_lines),
    Evidence("another_names_the_line", "shape", 5.0, another_names_the_line),
    Evidence("dated_stages", "shape", 1.0, dated_stages),
    Evidence("ends_of_lines", "shape", 4.0, ends_of_lines),
    Evidence("only_ends", "shape", 3.0, only_ends),
    Evidence("standing_on_one", "lead", 4.0, standing_on_one),
    Evidence("header_of_labels", "label", 1.0, header_of_labels),
    Evidence("filled_labels", "label", 2.0, filled_labels),
    Evidence("known_stages", "label", 1.5, known_stages),
    Evidence("values_of_another_kind", "label", 3.0, values_of_another_kind),
    Evidence("handed_over", "label", 1.0, handed_over),
    Evidence("time_differs", "time", 1.0, time_differs),
)


def weighed(case: Case) -> tuple[float, tuple[tuple[Evidence, Found], ...]]:
    """The sum of all that speaks for a case, weights counted, and each judgement that had something to say."""
    judgements = tuple((each, judgement) for each in EVIDENCE if (judgement := each.of(case)) is not None)
    return sum(each.weight * judgement.value for each, judgement in judgements), judgements
