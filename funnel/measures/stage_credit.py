"""Credit at each stage: what starts leads and what closes them, by the rules of single paths (`credit_rules.OF_STAGES`).

What counts for an entry, and what it sums to, is as in `credit`: at every stage and under every rule what the channels get and the entries
with no touch before them sum to the entries there. Entries are those of the question's counting method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from funnel.core.rows import Row, Word
from funnel.core.sql import Query, identifier
from funnel.core.types import Note, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.credit import HALF_LIFE, LOOKBACK
from funnel.measures.credit_counts import counts
from funnel.measures.credit_paths import Paths, asked_of, known_touches, paths_of
from funnel.measures.credit_rules import OF_STAGES, CreditRule, rules_of
from funnel.measures.credit_sums import Amount, PathSums


@dataclass(frozen=True)
class StageShare:
    """What a rule gives to a channel (None: no touch known) of the entries at the stage at a position; `exact` as in `Credited`."""

    position: int
    channel: str | None
    rule: CreditRule
    exact: Amount

    @property
    def events(self) -> float:
        """How many entries."""
        return float(self.exact)


@dataclass(frozen=True)
class StageCredit:
    """Credit for the entries at each stage of the question's model: `entries` of each with a moment, of which `without_touch` have no touch
    before them. `channels` are those with most touches first. `form_only`: all that is known before entries at the first stage came on the
    very day: the form itself."""

    question: Question
    unit: Unit
    lookback: int | None
    half_life: float
    rules: tuple[CreditRule, ...]
    entries: tuple[int, ...]
    without_touch: tuple[int, ...]
    channels: tuple[str, ...]
    shares: tuple[StageShare, ...]
    form_only: bool
    notes: tuple[Note, ...]
    sql: str

    @cached_property
    def _by_place(self) -> Mapping[tuple[int, str | None, CreditRule], StageShare]:
        return {(each.position, each.channel, each.rule): each for each in self.shares}

    def of(self, position: int, channel: str | None, rule: CreditRule) -> float:
        """What a rule gives to a channel at a stage."""
        found = self._by_place.get((position, channel, rule))
        return 0.0 if found is None else found.events

    def rows(self) -> list[Row]:
        """A row for each stage and channel, the last of a stage of those without a touch: stage, entries, channel, and under the name of
        each rule what it gets."""
        names: list[str | None] = [*self.channels, None]
        return [
            {
                "stage": stage.name,
                "entries": self.entries[position],
                "channel": Word("no touch", "measures.credit_no_touch") if name is None else name,
                **{rule.value: round(self.of(position, name, rule), 6) for rule in OF_STAGES},
            }
            for position, stage in enumerate(self.question.model.stages)
            for name in names
        ]


def stage_credit(
    journeys: Journeys,
    question: Question,
    touches_of: Unit | None = None,
    lookback: int | None = LOOKBACK,
    half_life: float = HALF_LIFE,
    rules: CreditRule | Sequence[CreditRule] = OF_STAGES,
) -> StageCredit:
    """Credit for the entries at each stage; the parameters and errors are those of `credit`. Rules that are only of wins are left out."""
    known_touches(journeys)
    wanted = tuple(rule for rule in rules_of(rules) if rule in OF_STAGES)
    shares: list[StageShare] = []
    entries: list[int] = []
    without: list[int] = []
    statements: list[str] = []
    form_only, untimed = False, 0
    asked = asked_of(journeys, question, None, touches_of, lookback, half_life)
    channels: tuple[str, ...] = ()
    for position in range(len(question.model.stages)):
        paths = paths_of(journeys, asked_of(journeys, question, position, touches_of, lookback, half_life))
        sums = PathSums(journeys, paths)
        channels = paths.channels
        counted = counts(journeys, paths)
        entered, untimed = counted["events"], untimed + counted["untimed"]
        entries.append(entered)
        without.append(entered - sums.events)
        for rule in wanted:
            given = sums.decayed() if rule is CreditRule.DECAY else sums.exact(rule)
            shares += [
                StageShare(position, name, rule, given.events.get(place, 0)) for place, name in enumerate(channels)
            ]
            shares.append(StageShare(position, None, rule, entered - sums.events))
        if not position:
            form_only = sums.events > 0 and _on_the_day(journeys, paths)
        statements += [paths.sql, *(query.readable() for query in sums.queries)]
    first = question.model.stages[0].name
    return StageCredit(
        question=asked.question,
        unit=asked.unit,
        lookback=lookback,
        half_life=asked.half_life,
        rules=wanted,
        entries=tuple(entries),
        without_touch=tuple(without),
        channels=channels,
        shares=tuple(shares),
        form_only=form_only,
        notes=(
            *([Note("measures.credit_form_only", {"stage": first})] if form_only else []),
            *([Note("measures.credit_entries_untimed", {"entries": untimed})] if untimed else []),
        ),
        sql=";\n\n".join(dict.fromkeys(statements)),
    )


def _on_the_day(journeys: Journeys, paths: Paths) -> bool:
    """Whether every touch that counts is of the very day of its entry."""
    query = f"SELECT BOOL_AND(paths.is_same_day) AS same FROM {identifier(paths.paths)} AS paths WHERE paths.is_event"
    return bool(journeys.engine.row(Query(query))[0])
