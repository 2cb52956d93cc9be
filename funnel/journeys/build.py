"""The query behind a journeys view."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.sql import Paragraph, Query, compose, identifier, least
from funnel.journeys.first_last import CORE_COLUMNS as CORE_COLUMNS
from funnel.journeys.order import in_order
from funnel.journeys.rules import EVERYWHERE, RULES
from funnel.journeys.stage_exits import fate
from funnel.journeys.staged import ENDED_AT, OUTCOME, any_seen, deepest, last_stage


def journeys_query(
    staged: Sequence[Paragraph],
    resolved: str,
    stages: int,
    columns: Sequence[str],
    *,
    start_from_created: bool,
    undated: bool,
    begin_at: Sequence[int] = (),
    later: str | None = None,
    local_times: bool = False,
    lead: str = "lead_id",
    window_days: int | None = None,
    runs: str | None = None,
    only: tuple[Sequence[str], str] = ((), ""),
) -> Query:
    """The select behind a journeys view; its columns are those of `Journeys.table`. `columns` are those of a lead, `resolved` is a
    table of the lead, as the column `lead` knows it, and ordered_i of the leads whose first entries do not tell the order (within
    `window_days` of any entry at stage 0, where that is not None). `runs`: a table of the lead and strict_i, whose times and fates are
    shown too.

    `later` is a table of lead_id of those of which a snapshot tells only what came after the moment that is looked at: they too have
    passed the first stage. `begin_at`: where a snapshot has columns of dates, the stages that these tell of. `local_times`: there is a
    table of what other clocks than the usual one showed. `only`: what must hold of the leads
    that are looked at, and what brings that there.
    """
    positions = range(stages)
    earliest = least([f"staged.first_{position}" for position in positions])
    start = f"COALESCE({earliest}, staged.created_at)"
    if start_from_created:
        # The date of where a lead stands now is no start: it would be that of the won alone.
        begun = [least([f"staged.first_{position}" for position in begin_at])] if begin_at else []
        start = f"COALESCE({', '.join(['staged.created_at', *begun])})" if begun else "staged.created_at"
    started_local, by_other_clock = local_time("staged.lead_id", start, "own_clock", local_times)
    is_recorded = any_seen(stages)
    selected = [
        *(f"staged.{identifier(column)} AS {identifier(column)}" for column in columns),
        f"{OUTCOME} AS outcome",
        f"{ENDED_AT} AS ended_at",
        "staged.last_won_at AS last_won_at",
        f"{start} AS started_at",
        f"{started_local} AS started_local",
        f"{last_stage(stages, undated=undated)} AS last_stage",
        f"{deepest(stages)} AS deepest",
    ]
    for position in positions:
        passed = least([f"staged.first_{other}" for other in range(position, stages)])
        if start_from_created and position == 0:
            # A snapshot says of most lost leads only that they are lost: they started, and got nobody knows how far.
            passed = f"CASE WHEN {is_recorded} THEN {passed} ELSE staged.created_at END"
        by_first = in_order("staged", position, window_days)
        selected += [
            # ClickHouse keeps the answer of a comparison as a number.
            f"CAST(staged.seen_{position} AS BOOLEAN) AS seen_{position}",
            f"staged.first_{position} AS first_{position}",
            f"staged.last_{position} AS last_{position}",
            f"{passed} AS passed_{position}",
            f"CASE WHEN resolved.{lead} IS NULL THEN {by_first} ELSE resolved.ordered_{position} END AS ordered_{position}",
        ]
    rules = EVERYWHERE if runs is None else tuple(RULES)
    by_run = ""
    if runs is not None:
        selected += [f"runs.strict_{position} AS strict_{position}" for position in positions]
        by_run = f"\nLEFT JOIN {identifier(runs)} AS runs ON runs.{lead} = staged.{lead}"
    only_lost = " OR staged.seen_lost AND NOT (staged.seen_other)" if start_from_created else ""
    if start_from_created and later is not None:
        only_lost += f" OR staged.lead_id IN (SELECT later.lead_id FROM {identifier(later)} AS later)"
    joined = f"""FROM staged
LEFT JOIN {identifier(resolved)} AS resolved ON resolved.{lead} = staged.{lead}{by_run}{by_other_clock}{only[1]}
WHERE {" AND ".join([f"({is_recorded}{only_lost})", *only[0]]) if only[0] else f"{is_recorded}{only_lost}"}"""
    timed = Paragraph("timed", Query("SELECT\n    " + ",\n    ".join(selected) + "\n" + joined))
    fates = [
        f"{fate('timed', rule, position, stages)} AS {RULES[rule].column}_fate_{position}"
        for rule in rules
        for position in positions
    ]
    return compose([*staged, timed], Query("SELECT\n    timed.*,\n    " + ",\n    ".join(fates) + "\nFROM timed"))


def local_time(lead: str, moment: str, alias: str, local_times: bool) -> tuple[str, str]:
    """(expression, join) of a moment of a lead as its own clock showed it; `lead` and `moment` are SQL, `alias` is what the join is
    called. Without a table of local times every moment is shown as it is."""
    if not local_times:
        return moment, ""
    join = f"\nLEFT JOIN local_times AS {alias} ON {alias}.lead_id = {lead} AND {alias}.moment = {moment}"
    return f"COALESCE({alias}.local_at, {moment})", join
