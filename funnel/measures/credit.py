"""Credit: how many wins, or entries at a stage, and how much money each channel gets, by several rules side by side.

The rules stand in `credit_rules`, which touches count before a win in `credit_paths`. Under every rule, and in every currency, what the
channels get and what has no touch before it sum to all events: exactly where a rule is of fractions, else as exactly as numbers are kept.
No rule says what a channel *causes*: it says who was there, and the rules differ in what they make of it.

Intervals are those of 200 resamples of accounts (of leads where there are none), 95 %. A channel has a rank where its interval parts from
those of all others. Of fewer than 20 events with a touch there is no interval; *Markov* and *Shapley* need 50 events and 50 decided leads
without one. Markov shares out the events with a touch by removal effects (by `linear` where no channel has any); Shapley by the values of
the rate game, in which a channel whose leads convert worse than others may get less than nothing, and it is said. Of more than 12 channels
the 11 on most paths play by themselves and the rest as one.

Cost: what the touches of a channel cost that were made on the counted leads (where touches of the account count: on any lead of
their accounts, since all of these may be credited), whatever became of them (of a table of costs: what stands
there for the months of the dates chosen); ÷ its credit it is the cost of a credited win.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word
from funnel.core.types import FEWEST_FOR_A_RATE, Note, Question, Rate, Touches, Unit
from funnel.journeys import Journeys
from funnel.measures.credit_counts import counts as counted
from funnel.measures.credit_counts import currencies as currencies_of
from funnel.measures.credit_counts import touched_leads
from funnel.measures.credit_counts import without as without_touch
from funnel.measures.credit_paths import Asked, Paths, asked_of, known_touches, paths_of
from funnel.measures.credit_rules import BY_MARKS, OF_CHANNELS, USUAL, CreditRule, rules_of
from funnel.measures.credit_sums import FEWEST_OF_EACH, Amount, PathSums
from funnel.measures.statistics.rates import wilson

LOOKBACK, HALF_LIFE = 365, 30.0


@dataclass(frozen=True)
class CreditMoney:
    """A sum in one currency ("": amounts without one), in units of it."""

    currency: str
    amount: float


@dataclass(frozen=True)
class Credited:
    """What a rule gives to a channel (None: the events with no touch before them). `exact` is a fraction where the rule is of fractions.
    `low` and `high`: the 95 % interval; None: too few events, or nothing that varies. `rank` from 1; None: chance alone could turn it."""

    channel: str | None
    rule: CreditRule
    exact: Amount
    low: float | None
    high: float | None
    rank: int | None
    value: tuple[CreditMoney, ...]

    @property
    def events(self) -> float:
        """How many events."""
        return float(self.exact)


@dataclass(frozen=True)
class ChannelTouches:
    """A channel: of the events the share that it touched, the counted leads that it touched at all, and what its touches
    of them cost (None: not told)."""

    channel: str
    touched: Rate
    leads: int
    cost: float | None


@dataclass(frozen=True)
class Credit:
    """Credit by `rules` for `events` wins (entries at the stage `at`, where it is not None) of which `without_touch` have no touch before
    them. `untimed` events have no moment and stand in none of these; `without_amount` have no amount. `after` touches lie after the last
    win of their lead (or account). `channels` are those with most credit first, by the first of the rules; `currencies` those with most
    events first. `few` are rules that need more events, or ends without one, than there are (`decided`: both)."""

    question: Question
    at: int | None
    unit: Unit
    lookback: int | None
    half_life: float
    events: int
    without_touch: int
    untimed: int
    without_amount: int
    after: int
    touches: Touches
    rules: tuple[CreditRule, ...]
    few: tuple[CreditRule, ...]
    decided: tuple[int, int]
    channels: tuple[ChannelTouches, ...]
    credits: tuple[Credited, ...]
    currencies: tuple[str, ...]
    notes: tuple[Note, ...]
    sql: str

    @cached_property
    def _by_place(self) -> Mapping[tuple[str | None, CreditRule], Credited]:
        return {(each.channel, each.rule): each for each in self.credits}

    def of(self, channel: str | None, rule: CreditRule) -> Credited | None:
        """What a rule gives to a channel; None where it is not told."""
        return self._by_place.get((channel, rule))

    @property
    def _spread_rules(self) -> tuple[CreditRule, ...]:
        """The rules that say how far they differ: not Shapley, by which a channel may get less than nothing, where another is told."""
        return tuple(rule for rule in self.rules if rule is not CreditRule.SHAPLEY) or self.rules

    def spread(self, channel: str) -> tuple[float, float]:
        """The least and the most that a rule, Shapley aside, gives to a channel."""
        given = [each.events for rule in self._spread_rules if (each := self.of(channel, rule)) is not None]
        return min(given, default=0.0), max(given, default=0.0)

    def _most(self, rule: CreditRule) -> str | None:
        """The channel that a rule gives most to."""
        given = [each for each in self.credits if each.rule is rule and each.channel is not None]
        return max(given, key=lambda each: each.events).channel if given else None

    def cost_each(self, channel: str, rule: CreditRule) -> float | None:
        """What a credited event costs; None where there is no credit or no cost."""
        credited = self.of(channel, rule)
        cost = next((each.cost for each in self.channels if each.channel == channel), None)
        return None if cost is None or credited is None or credited.events <= 0 else cost / credited.events

    @property
    def answer(self) -> Note:
        """Who gets most, and how far the rules differ, as a title."""
        kind = "wins" if self.at is None else "entries"
        if not self.events or not self.channels:
            return Note(f"measures.credit_none_{kind}")
        if self.without_touch == self.events:
            return Note(f"measures.credit_untouched_{kind}", {"events": self.events})
        firsts = {self._most(rule) for rule in self._spread_rules}
        widest = max(self.channels, key=lambda each: self.spread(each.channel)[1] - self.spread(each.channel)[0])
        same = len(firsts) == 1
        channel = next(iter(firsts)) if same else widest.channel
        low, high = self.spread(str(channel))
        key = ("even" if round(low) == round(high) else "same") if same else "apart"
        return Note(
            f"measures.credit_{key}_{kind}",
            {"channel": channel, "low": round(low), "high": round(high), "events": self.events},
        )

    def rows(self) -> list[Row]:
        """A row a channel, the last of those without a touch: channel, touched, leads, cost, and under the name of each rule what it gets
        (None: not told)."""
        return self._rows(lambda each: round(each.events, 6))

    def money_rows(self, currency: str) -> list[Row]:
        """The same with the amounts in a currency."""
        return self._rows(lambda each: next((m.amount for m in each.value if m.currency == currency), 0.0))

    def cost_rows(self) -> list[Row]:
        """A row a channel that costs anything: channel, cost, and under the name of each rule what each event that it credits costs."""
        return [
            {
                "channel": each.channel,
                "cost": each.cost,
                **{rule.value: self.cost_each(each.channel, rule) for rule in CreditRule},
            }
            for each in self.channels
            if each.cost is not None
        ]

    def _rows(self, given: Callable[[Credited], float]) -> list[Row]:
        def told(channel: str | None) -> Row:
            found = {rule: self.of(channel, rule) for rule in CreditRule}
            return {rule.value: None if each is None else given(each) for rule, each in found.items()}

        rows: list[Row] = [
            {
                "channel": each.channel,
                "touched": each.touched,
                "leads": each.leads,
                "cost": each.cost,
                **told(each.channel),
            }
            for each in self.channels
        ]
        none: Row = {
            "channel": Word("no touch", "measures.credit_no_touch"),
            "touched": None,
            "leads": None,
            "cost": None,
        }
        return [*rows, {**none, **told(None)}]


def credit(
    journeys: Journeys,
    question: Question,
    at: int | None = None,
    rules: CreditRule | Sequence[CreditRule] = USUAL,
    touches_of: Unit | None = None,
    lookback: int | None = LOOKBACK,
    half_life: float = HALF_LIFE,
) -> Credit:
    """Credit for the wins of the leads that the question counts, or for their entries at the stage `at`.

    `touches_of`: whose touches count, those of the lead or of its account (None: of the account, where the files have accounts).
    `lookback`: at most so many days before an event (None: all). `half_life`: of `decay`, in days. LackingError where no file tells of
    touches; QuestionError where a number is out of bounds, or where touches come after the wins alone.
    """
    touches = known_touches(journeys)
    asked = asked_of(journeys, question, at, touches_of, lookback, half_life)
    paths = paths_of(journeys, asked)
    sums = PathSums(journeys, paths)
    counts = counted(journeys, paths)
    if at is None and not sums.events and counts["after"]:
        raise QuestionError("measures.credit_all_after", after=counts["after"], events=counts["events"])
    wanted = rules_of(rules)
    no_marks = [rule for rule in wanted if rule in BY_MARKS] if paths.marks == (None, None) else []
    few = tuple(rule for rule in wanted if rule in OF_CHANNELS and not sums.enough)
    told = tuple(rule for rule in wanted if rule not in (*few, *no_marks))
    names = _names(sums)
    without = without_touch(journeys, paths)
    currencies = currencies_of(journeys, paths)
    credits = [each for rule in told for each in _credited(rule, sums, names, currencies)]
    for rule in told:
        value = tuple(CreditMoney(currency, without.get(currency, (0, 0))[1] / 100) for currency in currencies)
        credits.append(Credited(None, rule, counts["events"] - sums.events, None, None, None, value))
    order = {name: place for place, name in enumerate(names)}
    first = {each.channel: each.events for each in credits if told and each.rule is told[0]}
    ranked = sorted(names, key=lambda name: (-first.get(name, 0.0), order[name]))
    touched = _touched(journeys, paths, sums, counts["events"])
    kept = [touched[name] for name in ranked if name in touched]
    place = {name: number for number, name in enumerate(ranked)}
    credits.sort(key=lambda each: (told.index(each.rule), place.get(each.channel or "", len(place))))
    return Credit(
        question=asked.question,
        at=at,
        unit=asked.unit,
        lookback=lookback,
        half_life=asked.half_life,
        events=counts["events"],
        without_touch=counts["events"] - sums.events,
        untimed=counts["untimed"],
        without_amount=counts["without_amount"],
        after=counts["after"],
        touches=touches,
        rules=told,
        few=few,
        decided=sums.decided if few else (sums.events, 0),
        channels=tuple(kept),
        credits=tuple(credits),
        currencies=currencies,
        notes=_notes(touches, asked, counts, few, sums, no_marks, credits),
        sql=";\n\n".join([paths.sql, *(query.readable() for query in sums.queries)]),
    )


def _names(sums: PathSums) -> tuple[str, ...]:
    """The channels, and where some play together, what those are called."""
    together = len(set(sums.players)) < len(sums.names)
    return (*sums.names, sums.other) if together and sums.other not in sums.names else sums.names


def _credited(rule: CreditRule, sums: PathSums, names: Sequence[str], currencies: Sequence[str]) -> list[Credited]:
    """What a rule gives to each channel that it gives anything to, or whose paths it looks at."""
    from funnel.measures.credit_given import bounds, given

    drawn, gives, labels = given(rule, sums)
    cuts = bounds(drawn) if sums.events >= FEWEST_FOR_A_RATE else {}
    found = []
    for place, label in enumerate(labels):
        events = gives.events.get(place, 0)
        cut = cuts.get(place)
        value = tuple(CreditMoney(each, float(gives.cents.get((place, each), 0)) / 100) for each in currencies)
        low, high = cut if cut else (None, None)
        found.append(Credited(label, rule, events, low, high, None, value))
    return _with_ranks(found)


def _with_ranks(found: list[Credited]) -> list[Credited]:
    """With the rank of each whose interval parts from those of all others."""
    ordered = sorted(found, key=lambda each: -each.events)
    ranked = []
    for place, each in enumerate(ordered):
        others = [other for other in ordered if other is not each]
        apart = each.low is not None and all(_part(each, other) for other in others)
        ranked.append(replace(each, rank=place + 1 if apart else None))
    return ranked


def _part(one: Credited, other: Credited) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low > other.high or one.high < other.low


def _touched(journeys: Journeys, paths: Paths, sums: PathSums, events: int) -> dict[str, ChannelTouches]:
    """What is known of each channel, by its name."""
    found = touched_leads(journeys, paths)
    channels = {
        name: ChannelTouches(name, wilson(sums.reached.get(place, 0), events), *found.get(place, (0, None)))
        for place, name in enumerate(sums.names)
    }
    if sums.other not in channels and len(set(sums.players)) < len(sums.names):
        channels[sums.other] = ChannelTouches(sums.other, wilson(0, 0), 0, None)
    return channels


def _notes(
    touches: Touches,
    asked: Asked,
    counts: Mapping[str, int],
    few: Sequence[CreditRule],
    sums: PathSums,
    no_marks: Sequence[CreditRule],
    credits: Sequence[Credited],
) -> tuple[Note, ...]:
    """What a reader should know, the gravest first."""
    notes = list(touches.notes)
    if few:
        won, others = sums.decided
        notes.append(Note("measures.credit_few", {"won": won, "others": others, "fewest": FEWEST_OF_EACH}))
    if no_marks:
        notes.append(Note("measures.credit_no_marks", {"model": asked.question.model.name}))
    negative = [each.channel for each in credits if each.channel and each.events < -0.005]
    if negative:
        notes.append(Note("measures.credit_negative", {"channels": [str(name) for name in dict.fromkeys(negative)]}))
    if touches.cost_table:
        notes.append(Note("measures.credit_cost_table"))
    if counts["untimed"]:
        notes.append(Note("measures.credit_untimed", {"events": counts["untimed"]}))
    if counts["without_amount"] and any(each.value for each in credits):
        notes.append(Note("measures.credit_without_amount", {"events": counts["without_amount"]}))
    return tuple(notes)
