"""What segments and periods count, in plain Python from raw histories, one lead at a time; and leads made with any attributes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import assume
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Between, OneOf, Question, Rule, Segment, Unit
from funnel.journeys import Journeys
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered, Journey
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.survived import CONCEPTS as PLAIN
from tests.survived import ENDS, OBSERVED_UNTIL

# Values that are quotes, backslashes, right-to-left text, SQL, empty, or numbers; and which number each is.
VALUES = (
    "it's",
    'say "so"',
    "back\\",
    "مرحلة\u200cدوم",
    "'; DROP TABLE leads; --",
    "",
    None,
    "7",
    "-2.5",
    "1e2",
    "NULL",
)
NUMBERS = {"7": 7.0, "-2.5": -2.5, "1e2": 100.0}

UNTIL = DAY_ZERO + timedelta(days=14)
DAYS = st.sampled_from([None, None, None, 0, 1, 3, 7])
RULES = st.sampled_from([("passed", None), ("visited", None), ("in-order", None), ("passed", 3), ("visited", 2)])
UNITS = st.sampled_from([*[(Unit.LEAD, 1)] * 3, (Unit.ACCOUNT, 1), (Unit.ACCOUNT, 2), (Unit.ACCOUNT, None)])


def told(
    each: Journey, target: int | None, step: int | None, day: int | None, until: datetime
) -> tuple[bool, bool, bool]:
    """(among, reached, young) of a lead: on its way from the start to a stage or (None) the win; or on a step, from that stage on."""
    if step is not None:
        origin, among = each.times[step], each.reached[step]
        moment = each.times[step + 1] if each.reached[step + 1] else None
    elif target is None:
        origin, among = each.started_at, True
        moment = each.ended_at if each.outcome == "won" else None
    else:
        origin, among = each.started_at, True
        moment = each.times[target] if each.reached[target] else None
    if day is None:
        return among, among and moment is not None, False
    if not among or origin > until:
        return False, False, False
    old = until - origin >= timedelta(days=day)
    by_then = moment is not None and moment <= until and moment - origin <= timedelta(days=day)
    return old, old and by_then, not old


def counts(
    journeys: Iterable[Journey], stages: int, target: int | None, day: int | None, until: datetime
) -> tuple[int, int, list[tuple[int, int]]]:
    """(leads, young, [(reached, among) overall, then of each step])."""
    every = [each for each in journeys if day is None or each.started_at <= until]
    overall = [told(each, target, None, day, until) for each in every]
    rows = [overall, *([told(each, None, step, day, until) for each in every] for step in range(stages - 1))]
    found = [(sum(reached for _, reached, _ in row), sum(among for among, _, _ in row)) for row in rows]
    return len(every), sum(young for *_, young in overall), found


def belongs(segment: Segment, value: str | None) -> bool:
    """Whether a lead with this one value meets all the conditions of a segment."""
    for condition in segment.where:
        if isinstance(condition, OneOf):
            if value not in condition.values:
                return False
        elif isinstance(condition, Between):
            number = NUMBERS.get(value or "")
            if number is None:
                return False
            if condition.low is not None and number < condition.low:
                return False
            if condition.high is not None and number > condition.high:
                return False
    return True


def account(leads: Sequence[Journey], quorum: int | None) -> Journey:
    """The account of these leads: it reaches a stage with its first, k-th or (None) every lead."""
    needed = len(leads) if quorum is None else quorum
    times: list[datetime | None] = []
    for place in range(len(leads[0].reached)):
        there = sorted(each.times[place] for each in leads if each.reached[place])
        times.append(there[needed - 1] if len(there) >= needed else None)
    won = [each.ended_at for each in leads if each.outcome == "won"]
    is_open = any(each.outcome == "open" for each in leads)
    outcome = "won" if won else "open" if is_open else "lost"
    ended = min(won) if won else None if is_open else max(each.ended_at for each in leads)
    return Journey(min(each.started_at for each in leads), [at is not None for at in times], times, outcome, ended, [])


def by_account(
    journeys: Mapping[str, Journey], account_of: Callable[[str], str | None], quorum: int | None
) -> dict[str, Journey]:
    """The accounts of some leads; those without an account are in none."""
    groups: defaultdict[str, list[Journey]] = defaultdict(list)
    for lead, each in journeys.items():
        if account_of(lead) is not None:
            groups[account_of(lead)].append(each)
    return {name: account(leads, quorum) for name, leads in groups.items()}


def placed(
    leads: Mapping[str, list[Entered]],
    stages: list[set[str]],
    concepts: dict[str, str],
    rule: str,
    window: int | None,
) -> dict[str, Journey]:
    """The journeys of the leads that the model places."""
    found = {lead: oracle.journey(each, stages, concepts, rule, window) for lead, each in leads.items()}
    return {lead: each for lead, each in found.items() if each is not None}


def engine_of(
    leads: dict[str, list[Entered]],
    attributes: Mapping[str, Mapping[str, object]],
    columns: dict[str, dict[str, object]] | None = None,
) -> Engine:
    """An engine with these leads; each column of `attributes` maps leads to values, a column of numbers where all are. "Region" is
    one of the `columns`."""
    assert "Region" not in attributes
    engine = engine_with(leads, columns)
    path = Path(engine.folder) / "attributes.jsonl"
    lines = ({"lead_id": lead, **{name: each[lead] for name, each in attributes.items()}} for lead in leads)
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    kinds = {
        name: "DOUBLE" if all(isinstance(value, int | float) for value in each.values()) else "VARCHAR"
        for name, each in attributes.items()
    }
    shape = ", ".join(["'lead_id': 'VARCHAR'", *(f"'{name}': '{kind}'" for name, kind in kinds.items())])
    listed = ", ".join(f"told.{identifier(name)}" for name in attributes)
    engine.run(
        Query(
            f"CREATE OR REPLACE TABLE leads AS SELECT leads.*, {listed} FROM leads INNER JOIN"
            f" read_json(?, format='newline_delimited', columns={{{shape}}}) AS told ON told.lead_id = leads.lead_id",
            (str(path),),
        )
    )
    return engine


def survivors(
    leads: Sequence[tuple[int, int, int]], attributes: Mapping[str, Sequence[object]], starts: Sequence[datetime] = ()
) -> Journeys:
    """As `survived.journeys_from`, of leads given as (duration, status, follow-up), with columns; `starts` instead of follow-ups."""
    names = [f"L{number}" for number in range(len(leads))]
    entered = {}
    for number, (duration, status, follow_up) in enumerate(leads):
        start = starts[number] if starts else OBSERVED_UNTIL - timedelta(days=follow_up)
        entries = [Entered("New", start)]
        if status:
            entries.append(Entered(ENDS[status], start + timedelta(days=duration)))
        entered[names[number]] = entries
    told_of = {name: dict(zip(names, values, strict=True)) for name, values in attributes.items()}
    return journeys_of(engine_of(entered, told_of), PLAIN)


def segment(column: str, *values: str | None) -> Segment:
    """The leads with one of these values."""
    return Segment((OneOf(column, values),))


class Asked:
    """Some histories with a value each, in an engine, and their journeys in plain Python, in units of leads or accounts."""

    def __init__(self, leads, values, stages, way, unit, quorum):
        named = {f"L{number}": entries for number, entries in enumerate(leads)}
        # Every account has one value on all of its leads; the last third of the leads have no account.
        account_of = {
            f"L{n}": f"A{values.index(value)}" if unit is Unit.LEAD or n % 3 < 2 else None
            for n, value in enumerate(values)
        }
        columns = {
            lead: {"Region": value, "account_id": account_of[lead]} for lead, value in zip(named, values, strict=True)
        }
        self.journeys = journeys_of(engine_with(named, columns), CONCEPTS)
        rule, window = way
        self.question = Question(model_of(stages), Rule(rule), window, unit=unit, quorum=quorum, observed_until=UNTIL)
        told = placed(named, stages, CONCEPTS, rule, window)
        if unit is Unit.ACCOUNT:
            self.value_of = {account_of[lead]: columns[lead]["Region"] for lead in named}
            told = by_account(told, account_of.get, quorum)
        else:
            self.value_of = {lead: columns[lead]["Region"] for lead in named}
        self.told, self.stages = told, len(stages)

    def counted(self, meets, target, day):
        """(leads, young, rates) of the units whose value meets something."""
        return counts(
            (each for name, each in self.told.items() if meets(self.value_of[name])), self.stages, target, day, UNTIL
        )


@st.composite
def asked(draw):
    """What `Asked` takes, then a target and a day."""
    leads = draw(histories)
    few = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=4))
    values = draw(st.lists(st.sampled_from(few), min_size=len(leads), max_size=len(leads)))
    unit, quorum = draw(UNITS)
    stages, way = draw(models()), draw(RULES)
    # An account's stages with a window are a matter of `journeys`, tested there.
    assume(unit is Unit.LEAD or way[1] is None)
    target = draw(st.one_of(st.none(), st.integers(0, len(stages) - 1)))
    return leads, values, stages, way, unit, quorum, target, draw(DAYS)
