"""Lines that join two things: people on deals, each line with its deal's stage, dates and amount. The deal is the lead then."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.mapping import grammar
from funnel.mapping.profile import Column
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.types import Source

SAME, DIFFERS = 0.1, 0.5
"""What differs on no more of the leads with several lines belongs to the lead; what differs on so many belongs to the line."""
ENDS = ("label", "outcome")
DATES = ("time", "created", "closed", "changed")


def tells(source: Source) -> list[str]:
    """The columns by which a line says where its lead stands, with those of its dates, or where it has none, its amount; none where it
    has only the former, since a label alone may be the same by chance."""
    ends = [source.parts[part] for part in ENDS if part in source.parts]
    measured = [source.parts[part] for part in DATES if part in source.parts]
    measured += [each.column for each in source.stage_dates]
    measured = measured or [source.parts[part] for part in ("amount",) if part in source.parts]
    return list(dict.fromkeys([*ends, *measured])) if ends and measured else []


def of_the_lead_first(facts: Facts, lead: Column | None, columns: Sequence[Column]) -> list[Column]:
    """The columns, first those that say the same on all lines of a lead, where ids come again: "Deal create date" before that of the
    contacts that stand on the deal."""
    if lead is None or facts.ids(lead).unique:
        return list(columns)
    varying = facts.varying(lead, columns)
    return sorted(columns, key=lambda column: varying[column.name] > SAME)


def standing_on(facts: Facts, candidates: Candidates, source: Source, lead: Column) -> Column | None:
    """The column of what several of stand on one lead, each on a line that else says the same of it; None where lines differ otherwise."""
    own = tells(source)
    if not own or facts.ids(lead).unique or candidates.events or not _same(facts, lead, own):
        return None
    numbered = grammar.says_id(lead.name)
    others = [
        each
        for each in candidates.table.columns
        if each is not lead
        and each.name not in own
        and not each.is_date
        and not grammar.strength(each.name, "owner")
        and (grammar.spells(each.name, "people") or grammar.is_entity(each.name) or grammar.says_id(each.name))
        # Under a name that is given twice stand deals, each with an id of its own.
        and (numbered or grammar.spells(each.name, "people") or not grammar.says_id(each.name))
    ]
    dates = [
        each
        for each in candidates.dates()
        if each.name not in own and grammar.says(each.name, "snapshots", "valid_from")
    ]
    varying = facts.varying(lead, [*others, *dates])
    if any(varying[each.name] >= DIFFERS for each in dates):
        return None
    return next((each for each in others if varying[each.name] >= DIFFERS), None)


def stands_on(facts: Facts, candidates: Candidates, source: Source, lead: Column | None) -> Column | None:
    """The column of deals that what the lines say belongs to, where a reading with another lead would count each of them several times,
    or take several of a lead for its history; None where there is none."""
    own = tells(source)
    if not own or candidates.events:
        return None
    columns = [candidates.table.by_name[name] for name in own]
    if lead is not None and max(facts.varying(lead, columns).values()) < DIFFERS:
        return None
    for each in candidates.leads():
        if each is lead or each.name in source.parts.values() or not grammar.is_entity(each.name):
            continue
        if not facts.ids(each).unique and facts.ids(each).filled >= DIFFERS and _same(facts, each, own):
            return each
    return None


def _same(facts: Facts, lead: Column, own: list[str]) -> bool:
    """Whether the columns say the same on nearly all lines of a lead."""
    columns = [facts.table.by_name[name] for name in own]
    return all(share <= SAME for share in facts.varying(lead, columns).values())
