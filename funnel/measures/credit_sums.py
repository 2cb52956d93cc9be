"""Sums over the kept paths: what each rule gives to each channel, exactly where the rule is rational, and by pieces of the leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from funnel.core.sql import Query, identifier
from funnel.journeys import Journeys
from funnel.measures.credit_paths import Paths
from funnel.measures.credit_rules import WEIGHTS, CreditRule

if TYPE_CHECKING:
    from funnel.measures.statistics.resampling import Numbers

FEWEST_OF_EACH = 50
"""Of fewer events with a touch, or of fewer ends without one, no rule that looks at all paths together is told."""
MOST_PLAYERS = 12
Amount = Fraction | float


@dataclass(frozen=True)
class Sums:
    """What a rule gives: events to each channel, and cents to each (channel, currency). The channels are places in `PathSums.names`."""

    events: Mapping[int, Amount]
    cents: Mapping[tuple[int, str], Amount]


class PathSums:
    """What the paths of some events add up to."""

    def __init__(self, journeys: Journeys, paths: Paths) -> None:
        self._engine = journeys.engine
        self._paths = paths
        self.names, self.other = paths.channels, paths.other
        self.queries: list[Query] = []

    def _rows(self, text: str) -> list[tuple[object, ...]]:
        query = Query(text)
        self.queries.append(query)
        return self._engine.rows(query)

    @cached_property
    def touched(self) -> dict[str, tuple[int, int]]:
        """Currency → events with a touch, and their cents."""
        rows = self._rows(
            f"""SELECT paths.currency AS currency, COUNT(*) AS events, COALESCE(SUM(paths.cents), 0) AS cents
FROM {identifier(self._paths.paths)} AS paths
WHERE paths.is_event AND paths.place = 1
GROUP BY paths.currency"""
        )
        return {str(currency): (_whole(events), _whole(cents)) for currency, events, cents in rows}

    @property
    def events(self) -> int:
        """How many events have a touch."""
        return sum(events for events, _ in self.touched.values())

    @cached_property
    def reached(self) -> dict[int, int]:
        """Channel → events with a touch of it."""
        rows = self._rows(
            f"""SELECT paths.channel AS channel, COUNT(*) AS events
FROM {identifier(self._paths.paths)} AS paths
WHERE paths.is_event AND paths.is_new
GROUP BY paths.channel"""
        )
        return {_whole(channel): _whole(events) for channel, events in rows}

    def exact(self, rule: CreditRule) -> Sums:
        """What a rational rule gives, as fractions."""
        part, whole = WEIGHTS[rule]
        rows = self._rows(
            f"""SELECT weighed.channel AS channel, weighed.currency AS currency, weighed.part AS part, weighed.whole AS whole,
    COUNT(*) AS touches, COALESCE(SUM(weighed.cents), 0) AS cents
FROM (SELECT paths.channel AS channel, paths.currency AS currency, paths.cents AS cents, {part} AS part, {whole} AS whole
    FROM {identifier(self._paths.paths)} AS paths
    WHERE paths.is_event) AS weighed
WHERE weighed.part > 0
GROUP BY weighed.channel, weighed.currency, weighed.part, weighed.whole"""
        )
        events: dict[int, Amount] = defaultdict(Fraction)
        cents: dict[tuple[int, str], Amount] = defaultdict(Fraction)
        for channel, currency, number, over, touches, money in rows:
            weight = Fraction(_whole(number), _whole(over))
            events[_whole(channel)] += weight * _whole(touches)
            cents[_whole(channel), str(currency)] += weight * _whole(money)
        return Sums(dict(events), dict(cents))

    def decayed(self) -> Sums:
        """What `decay` gives."""
        rows = self._rows(
            f"""SELECT paths.channel AS channel, paths.currency AS currency, SUM(paths.decay) AS events,
    COALESCE(SUM(paths.decay * paths.cents), 0) AS cents
FROM {identifier(self._paths.paths)} AS paths
WHERE paths.is_event
GROUP BY paths.channel, paths.currency
ORDER BY paths.channel, paths.currency"""
        )
        events: dict[int, Amount] = defaultdict(float)
        for channel, _, given, _ in rows:
            events[_whole(channel)] += _number(given)
        return Sums(dict(events), {(_whole(row[0]), str(row[1])): _number(row[3]) for row in rows})

    @cached_property
    def by_piece(self) -> dict[CreditRule, Numbers]:
        """[piece, channel]: what each rule of single paths gives in each piece of the leads."""
        import numpy as np

        from funnel.measures.statistics.resampling import PIECES

        rules = [*WEIGHTS, CreditRule.DECAY]
        given = [
            f"SUM(CAST({part} AS DOUBLE) / ({whole})) AS rule_{number}"
            for number, (part, whole) in enumerate(WEIGHTS.values())
        ]
        given.append(f"SUM(paths.decay) AS rule_{len(WEIGHTS)}")
        rows = self._rows(
            "SELECT paths.piece AS piece, paths.channel AS channel,\n    "
            + ",\n    ".join(given)
            + f"\nFROM {identifier(self._paths.paths)} AS paths\nWHERE paths.is_event\nGROUP BY paths.piece, paths.channel"
        )
        tables = {rule: np.zeros((PIECES, len(self.names))) for rule in rules}
        for piece, channel, *each in rows:
            for rule, value in zip(rules, each, strict=True):
                tables[rule][_whole(piece), _whole(channel)] = _number(value)
        return tables

    @cached_property
    def transitions(self) -> Numbers:
        """[piece, from, to]: moves from one touch to the next, as `removal_effects` takes them."""
        import numpy as np

        from funnel.measures.statistics.resampling import PIECES

        states = len(self.names)
        rows = self._rows(
            f"""SELECT paths.piece AS piece, {states} AS from_state, paths.channel AS to_state, COUNT(*) AS moves
FROM {identifier(self._paths.paths)} AS paths
WHERE paths.place = 1
GROUP BY paths.piece, paths.channel
UNION ALL
SELECT paths.piece AS piece, paths.channel AS from_state,
    COALESCE(paths.next, CASE WHEN paths.is_event THEN {states} ELSE {states + 1} END) AS to_state, COUNT(*) AS moves
FROM {identifier(self._paths.paths)} AS paths
GROUP BY 1, 2, 3"""
        )
        table = np.zeros((PIECES, states + 1, states + 2))
        for piece, start, end, moves in rows:
            table[_whole(piece), _whole(start), _whole(end)] += _whole(moves)
        return table

    @cached_property
    def players(self) -> tuple[int, ...]:
        """The player that each channel is in a game: those on most paths by themselves, where they are more than MOST_PLAYERS the rest as
        one, the last."""
        channels = len(self.names)
        if channels <= MOST_PLAYERS:
            return tuple(range(channels))
        rows = self._rows(
            f"""SELECT paths.channel AS channel, COUNT(*) AS on_paths
FROM {identifier(self._paths.paths)} AS paths
WHERE paths.is_new
GROUP BY paths.channel
ORDER BY on_paths DESC, channel"""
        )
        alone = [_whole(channel) for channel, _ in rows][: MOST_PLAYERS - 1]
        places = {channel: place for place, channel in enumerate(alone)}
        return tuple(places.get(channel, MOST_PLAYERS - 1) for channel in range(channels))

    @cached_property
    def sets(self) -> tuple[Numbers, Numbers]:
        """[piece, set]: paths with an event, and all paths, by the exact set of their players, a bit a player."""
        import numpy as np

        from funnel.measures.statistics.resampling import PIECES

        cases = " ".join(f"WHEN {channel} THEN {1 << player}" for channel, player in enumerate(self.players))
        rows = self._rows(
            f"""SELECT sets.piece AS piece, sets.players AS players, COUNT(*) FILTER (WHERE sets.is_event) AS events, COUNT(*) AS paths
FROM (SELECT paths.event AS event, ANY_VALUE(paths.piece) AS piece, ANY_VALUE(paths.is_event) AS is_event,
        BIT_OR(CASE paths.channel {cases} END) AS players
    FROM {identifier(self._paths.paths)} AS paths
    WHERE paths.is_new
    GROUP BY paths.event) AS sets
GROUP BY sets.piece, sets.players"""
        )
        size = 1 << (max(self.players) + 1)
        events, paths = np.zeros((PIECES, size)), np.zeros((PIECES, size))
        for piece, players, won, all_paths in rows:
            events[_whole(piece), _whole(players)] = _whole(won)
            paths[_whole(piece), _whole(players)] = _whole(all_paths)
        return events, paths

    @cached_property
    def decided(self) -> tuple[int, int]:
        """Paths with a touch: with an event, and without one."""
        begun = self.transitions[:, len(self.names), : len(self.names)].sum()
        return self.events, round(float(begun)) - self.events

    @property
    def enough(self) -> bool:
        """Whether there are enough of both for the rules that look at all paths together."""
        return min(self.decided) >= FEWEST_OF_EACH

    def shared_out(self, shares: Sequence[float]) -> Sums:
        """What a rule gives that has shares of all events with a touch."""
        events: dict[int, Amount] = {place: share * self.events for place, share in enumerate(shares)}
        cents: dict[tuple[int, str], Amount] = {
            (place, currency): share * money
            for place, share in enumerate(shares)
            for currency, (_, money) in self.touched.items()
        }
        return Sums(events, cents)


def _whole(value: object) -> int:
    return int(value)  # type: ignore[call-overload, no-any-return]


def _number(value: object) -> float:
    return 0.0 if value is None else float(value)  # type: ignore[arg-type]
