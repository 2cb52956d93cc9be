"""The counting rules: each is one value here, and the one statement of how it is told in SQL; what they mean stands in `funnel.journeys`.

Another rule is another value in RULES and in `types.Rule`, its words (data/words: pages.rule, pages.rule_line, charts.step_…, few_… and
hover_…), and the plain Python of tests/oracles/oracle.py. A column of its own is a name that no column of a file may have beside it
(`mapping.build.columns`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from funnel.core.sql import greatest
from funnel.core.types import Rule


@dataclass(frozen=True)
class Arrival:
    """A journey at one stage where it counts, for a rule to say what came after, as SQL.

    `row` is its row. Of any stage `reached` says whether it counts there, `time` when it came to count, and `last` the time of its last
    entry there. `last_stage` is where it was last, None where that does not count: in a window.
    """

    row: str
    position: int
    stages: int
    reached: Callable[[int], str]
    time: Callable[[int], str]
    last: Callable[[int], str]
    last_stage: str | None

    def came_later(self, other: int) -> str:
        """Whether it was at another stage at or after its arrival; TRUE where one of the moments is unknown."""
        return f"COALESCE({self.last(other)} >= {self.time(self.position)}, TRUE)"


@dataclass(frozen=True)
class CountingRule:
    """When a lead counts at a stage. `column`_i of a journeys table is the time of its counted arrival at stage i.

    `reached` tells of a row and a stage whether it counts there at all, `exits` whether it went on to the next stage, and whether it
    went on at all (looked at where it did not). `recorded` tells whether it was at the stage itself at its counted arrival.
    `opens_at_stage` is whether a window opens with the counted entry at the first stage, and not with the start. `has_runs`: its times
    are worked out from all entries, in a table of their own, and stand only in the journeys that were asked for by this rule.
    """

    column: str
    reached: Callable[[str, int], str]
    exits: Callable[[Arrival], tuple[str, str]]
    recorded: Callable[[str, int], str] = lambda row, position: "TRUE"
    opens_at_stage: bool = False
    has_runs: bool = False

    @property
    def opened(self) -> str:
        """The column of a journeys table that says when the window of a lead opened."""
        return f"{self.column}_0" if self.opens_at_stage else "started_at"


def _passed_on(arrival: Arrival) -> tuple[str, str]:
    after = arrival.position + 1
    beyond = arrival.reached(after)
    first = f"{arrival.row}.first_{after}"
    return f"{beyond} AND {arrival.row}.seen_{after} AND COALESCE({first} = {arrival.time(after)}, TRUE)", beyond


def _seen_on(arrival: Arrival) -> tuple[str, str]:
    both = [
        f"({arrival.reached(other)}) AND {arrival.came_later(other)}"
        for other in range(arrival.position + 1, arrival.stages)
    ]
    return both[0], " OR ".join(both)


def _came_on(arrival: Arrival) -> tuple[str, str]:
    lasts = [arrival.last(other) for other in range(arrival.position + 1, arrival.stages)]
    beyond = f"COALESCE({greatest(lasts)} >= {arrival.time(arrival.position)}, FALSE)"
    if arrival.last_stage is not None:
        beyond += f" OR {arrival.last_stage} > {arrival.position}"
    return arrival.reached(arrival.position + 1), beyond


RULES = {
    Rule.PASSED: CountingRule(
        "passed",
        reached=lambda row, position: f"{row}.deepest >= {position}",
        exits=_passed_on,
        recorded=lambda row, position: f"COALESCE({row}.first_{position} = {row}.passed_{position}, FALSE)",
    ),
    Rule.VISITED: CountingRule("first", reached=lambda row, position: f"{row}.seen_{position}", exits=_seen_on),
    Rule.IN_ORDER: CountingRule(
        "ordered",
        reached=lambda row, position: f"{row}.ordered_{position} IS NOT NULL",
        exits=_came_on,
        opens_at_stage=True,
    ),
    Rule.STRICT: CountingRule(
        "strict",
        reached=lambda row, position: f"{row}.strict_{position} IS NOT NULL",
        exits=_came_on,
        opens_at_stage=True,
        has_runs=True,
    ),
}
EVERYWHERE = tuple(rule for rule, counting in RULES.items() if not counting.has_runs)
"""The rules whose times stand in every journeys table."""
