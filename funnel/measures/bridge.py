"""The pipeline between two days: what came, what left and what moved, from the open leads of the one day to those of the other.

**Pipeline** at the end of a day: the leads that had started and were neither won nor lost then, as they stood then. It is told by
`Journeys.until` the end of that day, so a lead that was lost and reopened later is lost on a day between; what the file says of an end
without a moment counts nowhere. (`pipeline` asked up to that day tells the same number; its earlier months tell the ends that are known by
now.) With accounts as the unit, an account is open as `population` has it: none of its leads is won, and one of them is open.

Heads: open at the start + new + reopened − won − lost = open at the end. *New*: started after the first day, by the second. *Reopened*:
had been won or lost on the first day, and has come back since. *Won*, *lost*: is so on the second day, and was not on the first. Who came
and left between the two days is both new and won or lost, and who came back and left again both reopened and won or lost; who was lost and
reopened between them is open on both, and stands in none of these.

Of those open on both days each *moved forward*, *moved back*, or is *unchanged*, by the stages at which it stood.

Money: in each currency by itself, open at the start + new + reopened + increased − decreased − won − lost = open at the end, to the cent.
*Increased*, *decreased*: by how much those open on the first day are worth more or less on the second; who came later, and who leaves,
counts with what it is worth on the second day. What a lead is worth on a day is the last amount that the lines of its history say by then;
where the history has no amounts it is the file's on both days. An account is worth all its leads that had started.

*Slipped*: of the leads open on both days, those whose planned close date is later on the second day than on the first. A part of the
others, not of the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from funnel.core.errors import QuestionError
from funnel.core.history import ValueHistory
from funnel.core.rows import Exact, Row, Word
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Note, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.ages import check_starts
from funnel.measures.bridge_dates import check_between, choices
from funnel.measures.bridge_states import Standings, everybody, standings
from funnel.measures.kpis import span
from funnel.measures.population.population import in_question
from funnel.measures.targets import check_days


class Part(StrEnum):
    """A part of the bridge; the docstring of the module says what each is."""

    OPEN_START = "open_start"
    NEW = "new"
    REOPENED = "reopened"
    WON = "won"
    LOST = "lost"
    INCREASED = "increased"
    DECREASED = "decreased"
    OPEN_END = "open_end"
    FORWARD = "forward"
    BACK = "back"
    UNCHANGED = "unchanged"
    SLIPPED = "slipped"


ADDED = (Part.NEW, Part.REOPENED, Part.INCREASED)
TAKEN = (Part.WON, Part.LOST, Part.DECREASED)
_STAYED = "states.was = 'open' AND states.now = 'open'"
IS_IN = {
    Part.OPEN_START: "states.was = 'open'",
    Part.NEW: "states.was IS NULL AND states.now IS NOT NULL",
    Part.REOPENED: "states.was IN ('won', 'lost') AND states.now <> states.was",
    Part.WON: "states.now = 'won' AND states.was IS DISTINCT FROM 'won'",
    Part.LOST: "states.now = 'lost' AND states.was IS DISTINCT FROM 'lost'",
    Part.INCREASED: "states.was = 'open' AND priced.gained > 0",
    Part.DECREASED: "states.was = 'open' AND priced.gained < 0",
    Part.OPEN_END: "states.now = 'open'",
    Part.FORWARD: f"{_STAYED} AND states.stage_now > states.stage_was",
    Part.BACK: f"{_STAYED} AND states.stage_now < states.stage_was",
    Part.UNCHANGED: f"{_STAYED} AND states.stage_now IS NOT DISTINCT FROM states.stage_was",
    Part.SLIPPED: f"{_STAYED} AND states.planned_now > states.planned_was",
}
"""Whether a unit is in a part, over `states` and, in a currency, `priced`."""
_WORTH = {
    Part.OPEN_START: "priced.amount_was",
    Part.INCREASED: "priced.gained",
    Part.DECREASED: "-priced.gained",
}
"""What a unit adds to the money of a part: what it is worth on the second day, unless said here."""


@dataclass(frozen=True)
class Money:
    """A sum in one currency ("": amounts without one)."""

    currency: str
    amount: float


@dataclass(frozen=True)
class BridgePart:
    """How many leads (or accounts) are in a part, how many of them without any amount on the day that it counts them with, and what they
    are worth, in every currency of the bridge. All are sizes, never below 0; ADDED and TAKEN say which way they count."""

    part: Part
    leads: int
    without_amount: int
    value: tuple[Money, ...]

    def worth(self, currency: str) -> float:
        """The sum in a currency; 0 where nothing in it is in the part."""
        return next((each.amount for each in self.value if each.currency == currency), 0.0)


@dataclass(frozen=True)
class Bridge:
    """The pipeline at the end of `since` and of `to`, and between them. `parts` are those that the file can tell, in the order of `Part`;
    `slipped_of` leads open on both days have a planned close date on both. `currencies` are those with most leads first; none: no amounts.
    `undated` and `untimed` units stand in no part: they have no start, or ended at a moment that the file does not tell. `missing` says
    what the file cannot tell, `as_of` up to which day it observes."""

    question: Question
    as_of: date
    since: date
    to: date
    parts: tuple[BridgePart, ...]
    currencies: tuple[str, ...]
    slipped_of: int
    undated: int
    untimed: int
    missing: tuple[Note, ...]
    sql: str

    def part(self, part: Part) -> BridgePart | None:
        """A part; None where the file cannot tell it."""
        return next((each for each in self.parts if each.part is part), None)

    def leads(self, part: Part) -> int:
        """How many are in a part; 0 where the file cannot tell it."""
        found = self.part(part)
        return found.leads if found else 0

    @property
    def notes(self) -> tuple[Note, ...]:
        """How many units stand in no part, and why."""
        left_out = (("undated", self.undated), ("untimed", self.untimed))
        return tuple(Note(f"measures.bridge_{name}", {"leads": leads}) for name, leads in left_out if leads)

    @property
    def answer(self) -> Note:
        """By how much the pipeline grew or shrank, and by what, as a title."""
        grown = self.leads(Part.OPEN_END) - self.leads(Part.OPEN_START)
        way = "grew" if grown > 0 else "shrank" if grown < 0 else "stayed"
        counts = {part.value: self.leads(part) for part in (Part.NEW, Part.REOPENED, Part.WON, Part.LOST)}
        back = "_back" if counts["reopened"] else ""
        return Note(f"measures.bridge_{way}{back}_{self.question.unit}", {"by": abs(grown), **counts})

    def rows(self) -> list[Row]:
        """A row a part: part, leads, without_amount, value (a list of currency and amount), and for each currency its amount under the
        name of `amount_field`."""
        return [
            {
                "part": Word(each.part.value, f"measures.bridge_part_{each.part}"),
                "leads": each.leads,
                "without_amount": each.without_amount,
                "value": [{"currency": money.currency or None, "amount": money.amount} for money in each.value],
                **{amount_field(money.currency): Exact(money.amount) for money in each.value},
            }
            for each in self.parts
        ]


def amount_field(currency: str) -> str:
    """The field of a row of the bridge that holds the amount in a currency."""
    return f"amount {currency}".rstrip()


def bridge(journeys: Journeys, question: Question, since: date | None = None, to: date | None = None) -> Bridge:
    """The pipeline between the ends of two days, of all leads (or accounts) that the filters take, whatever the question's dates.

    Without days: the last whole quarter; of a history too short for it, the last month, else all of it. QuestionError where the one is
    not before the other, where they lie outside of the history, and of a file that has none (a snapshot).
    """
    asked, since, to, as_of = between(journeys, question, since, to)
    found = standings(journeys, asked, since, to)
    heads, heads_sql = _heads(journeys, found)
    money, money_sql = _money(journeys, found)
    values = journeys.file.values() if journeys.file else ValueHistory()
    untold: set[Part] = set()
    missing: list[Note] = []
    if not money:
        missing.append(Note("measures.bridge_no_amounts"))
    elif values.amounts is None:
        exported = "of_accounts" if asked.unit is Unit.ACCOUNT else "as_exported"
        missing.append(Note(f"measures.bridge_amounts_{exported}"))
    if not any(row["increased"] or row["decreased"] for row in money) and (not money or values.amounts is None):
        untold |= {Part.INCREASED, Part.DECREASED}
    if asked.unit is Unit.ACCOUNT or values.planned is None or (heads["stayed"] and not heads["planned"]):
        untold.add(Part.SLIPPED)
        missing.append(Note(f"measures.bridge_no_slipped_{asked.unit}"))
    undated, untimed = _left_out(journeys, asked)
    return Bridge(
        question=asked,
        as_of=as_of,
        since=since,
        to=to,
        parts=tuple(
            BridgePart(
                part,
                heads[part.value],
                heads[f"{part}_without"],
                tuple(Money(row["currency"], float(row[part.value])) for row in money),
            )
            for part in Part
            if part not in untold
        ),
        currencies=tuple(row["currency"] for row in money),
        slipped_of=heads["planned"],
        undated=undated,
        untimed=untimed,
        missing=tuple(missing),
        sql=";\n\n".join((found.sql, heads_sql, money_sql)),
    )


def between(
    journeys: Journeys, question: Question, since: date | None = None, to: date | None = None
) -> tuple[Question, date, date, date]:
    """The question about everybody, the two days, and the last day observed; the errors are those of `bridge`."""
    if journeys.start_from_created:
        raise QuestionError("errors.bridge_snapshot")
    check_starts(journeys)
    asked = everybody(question)
    last = check_days(asked, ()).date()
    first, *_ = span(journeys, asked)
    began = None if first is None else first.date()
    usual = next(iter(choices(began, last, calendar=question.calendar).values()))
    to = (usual[1] if since is None else last) if to is None else to
    since = usual[0] if since is None else since
    check_between(since, to, began, last)
    return asked, since, to, last


def priced(amounts: str) -> list[Paragraph]:
    """A paragraph `gains`: the kept amounts, with what was gained by the second day, in each currency."""
    gained = "COALESCE(amounts.amount_now, 0) - COALESCE(amounts.amount_was, 0)"
    text = f"SELECT amounts.*, {gained} AS gained\nFROM {identifier(amounts)} AS amounts"
    return [Paragraph("gains", Query(text))]


def _heads(journeys: Journeys, found: Standings) -> tuple[dict[str, int], str]:
    """How many units are in each part, and how many of these have no amount; those open on both days (`stayed`), and with a planned date
    on both (`planned`)."""
    by_unit = """SELECT gains.unit AS unit,
    BOOL_OR(gains.amount_was IS NOT NULL) AS has_was, BOOL_OR(gains.amount_now IS NOT NULL) AS has_now,
    MAX(gains.gained) AS most, MIN(gains.gained) AS least
FROM gains
GROUP BY gains.unit"""
    columns = []
    for part in Part:
        met = in_any_currency(part)
        has = "has_was" if part is Part.OPEN_START else "has_now"
        columns += [
            f"COUNT(*) FILTER (WHERE {met}) AS {part}",
            f"COUNT(*) FILTER (WHERE ({met}) AND NOT COALESCE(priced.{has}, FALSE)) AS {part}_without",
        ]
    dated = "states.planned_was IS NOT NULL AND states.planned_now IS NOT NULL"
    columns += [
        f"COUNT(*) FILTER (WHERE {_STAYED}) AS stayed",
        f"COUNT(*) FILTER (WHERE {_STAYED} AND {dated}) AS planned",
    ]
    text = (
        "SELECT "
        + ",\n    ".join(columns)
        + f"\nFROM {identifier(found.states)} AS states\nLEFT JOIN priced ON priced.unit = states.unit"
    )
    query = compose([*priced(found.amounts), Paragraph("priced", Query(by_unit))], Query(text))
    (row,) = journeys.engine.named(query)
    return {name: int(count) for name, count in row.items()}, query.readable()


def in_any_currency(part: Part) -> str:
    """Whether a unit is in a part, over `states` and `priced`, a row a unit: `most` and `least` are what it gained in its currencies."""
    return IS_IN[part].replace("priced.gained >", "priced.most >").replace("priced.gained <", "priced.least <")


def _money(journeys: Journeys, found: Standings) -> tuple[list[dict[str, Any]], str]:
    """A row a currency that any amount is in, that of most units first: the sum of each part."""
    columns = ["priced.currency AS currency"]
    for part, is_in in IS_IN.items():
        columns.append(f"COALESCE(SUM({_WORTH.get(part, 'priced.amount_now')}) FILTER (WHERE {is_in}), 0) AS {part}")
    text = "SELECT " + ",\n    ".join(columns)
    text += f"""
FROM gains AS priced
INNER JOIN {identifier(found.states)} AS states ON states.unit = priced.unit
WHERE priced.amount_was IS NOT NULL OR priced.amount_now IS NOT NULL
GROUP BY priced.currency
ORDER BY COUNT(*) DESC, priced.currency"""
    query = compose(priced(found.amounts), Query(text))
    return journeys.engine.named(query), query.readable()


def _left_out(journeys: Journeys, question: Question) -> tuple[int, int]:
    """How many units have no start, and how many others ended at a moment that is not known."""
    text = """SELECT COUNT(*) FILTER (WHERE counted.started_local IS NULL) AS undated,
    COUNT(*) FILTER (WHERE counted.started_local IS NOT NULL AND counted.outcome <> 'open' AND counted.ended_at IS NULL) AS untimed
FROM counted"""
    undated, untimed = journeys.engine.row(compose(in_question(journeys, question), Query(text)))
    return int(undated), int(untimed)
