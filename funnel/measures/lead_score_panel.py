"""Where open leads stood at past moments, what was known of them then, and how long after it they won: what a score is learnt from.

A *landmark* D is the last moment of a month, a week or a third day. A lead is open at D by time alone: it started by then, and neither
a win nor an exit at or before D stands against it, whatever row that shares its moment with; one that was reopened is open again. All
that is known of it are entries up to D and the columns of the file as they were at its start, so nothing that comes after D can move
what is said at D. Whether it won within h days is known where D + h is observed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import IGNORED, LOST_CONCEPTS, WON_CONCEPT, AsOf, StageModel
from funnel.journeys import Journeys, labels_of
from funnel.journeys.entries import label_table
from funnel.measures.population.population import MICROSECONDS_A_DAY

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_LANDMARKS, FEWEST_LANDMARKS = 36, 12
MOST_ROWS = 60_000
BY_WEEK_DAYS, BY_THIRD_DAY_DAYS = 365, 183
STEP_DAYS = 3
NOW = -1
"""The number of the landmark that is now: what came after it is not known yet."""


@dataclass(frozen=True)
class Panel:
    """Columns of the same length, a row for each open lead at each landmark.

    `landmark` is its place in `moments` (NOW: the present), `lead` a place in `leads`, `label` one in `labels`. `amount` is NaN where
    there is none, `win_days`, from the landmark to the next win, where there is none yet. `codes` holds for each column of the file
    which of its `values` the lead has.
    """

    moments: tuple[datetime, ...]
    labels: tuple[str, ...]
    leads: tuple[str | None, ...]
    values: dict[str, tuple[str | None, ...]]
    landmark: Whole
    lead: Whole
    label: Whole
    days_at_label: Numbers
    days_since_start: Numbers
    entries: Numbers
    moves_back: Numbers
    account_wins: Numbers
    amount: Numbers
    win_days: Numbers
    codes: dict[str, Whole]

    def __len__(self) -> int:
        return len(self.landmark)

    def among(self, chosen: NDArray[Any]) -> Panel:
        """The rows chosen, by their places or by yes and no."""
        picked = {
            each.name: getattr(self, each.name)[chosen]
            for each in fields(self)
            if isinstance(getattr(self, each.name), np.ndarray)
        }
        return replace(self, **picked, codes={name: codes[chosen] for name, codes in self.codes.items()})


def landmarks(first: datetime, until: datetime, day: int) -> list[datetime]:
    """The newest moments between the first entry and `until` after which so many days are observed, the oldest first."""
    last = until - timedelta(days=day)
    span = (until - first).days
    moments = []
    for ends in _ends(first.date(), last.date(), span):
        moment = datetime.combine(ends, time.max)
        if first < moment <= last:
            moments.append(moment)
    return moments[-MOST_LANDMARKS:]


def _ends(first: date, last: date, span: int) -> list[date]:
    """The last days of periods, of months where the history spans a year; of half a year or less every third day."""
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if span < BY_THIRD_DAY_DAYS:
        return [each for each in every if each.toordinal() % STEP_DAYS == 0]
    if span < BY_WEEK_DAYS:
        return [each for each in every if each.isoweekday() == 7]
    return [each for each in every if (each + timedelta(days=1)).day == 1]


def spells(journeys: Journeys, reference: StageModel) -> Query:
    """The select behind a table of the times at which leads stood open at a label.

    Columns: the lead as the history knows it, lead_id, account_id, label_number (a place in `labels`), entered_at, next_at (NULL: it
    stands there still), started_at, entries and moves_back so far, won_at (the next win; NULL: none) and closed_at (when the file's own
    outcome closes it). A lead of which nobody knows when it ended is not there.
    """
    form, ends = journeys.tables.form, journeys.ends(reference)
    numbers = {label: number for number, label in enumerate(labels(journeys, reference))}
    lead = form.lead

    def among(kind: set[str] | frozenset[str]) -> Query:
        return form.among("history", kind)

    won = among({label for label, concept in journeys.concepts.items() if concept == WON_CONCEPT})
    lost = among({label for label, concept in journeys.concepts.items() if concept in LOST_CONCEPTS})
    reopens, back = among(ends.reopening), among(ends.before_win)
    events = f"""SELECT history.{lead} AS {lead}, numbered.label_number AS label_number, history.entered_at AS entered_at,
    history.sequence AS sequence,
    CASE WHEN {won.text} THEN history.entered_at END AS win_at,
    CASE WHEN {lost.text} THEN history.entered_at END AS exit_at,
    CASE WHEN {reopens.text} THEN history.entered_at END AS reopening_at,
    CASE WHEN {back.text} THEN history.entered_at END AS back_at
FROM {known_as(form.history, "history")}
INNER JOIN numbered ON numbered.{form.label} = history.{form.label}
WHERE history.entered_at IS NOT NULL"""
    placed = f"""SELECT events.*, LAG(events.label_number) OVER in_time > events.label_number AS is_back
FROM events
WINDOW in_time AS (PARTITION BY events.{lead} ORDER BY events.entered_at, events.sequence)"""
    walked = f"""SELECT placed.{lead} AS {lead}, placed.label_number AS label_number, placed.entered_at AS entered_at,
    LEAD(placed.entered_at) OVER in_time AS next_at,
    ROW_NUMBER() OVER in_time AS entries,
    COUNT(*) FILTER (WHERE placed.is_back) OVER so_far AS moves_back,
    MIN(placed.entered_at) OVER so_far AS started_at,
    MAX(placed.win_at) OVER so_far AS last_won_at,
    MAX(placed.exit_at) OVER so_far AS last_lost_at,
    MAX(placed.reopening_at) OVER so_far AS reopened_at,
    MAX(placed.back_at) OVER so_far AS back_at,
    MIN(placed.win_at) OVER from_then AS next_won_at
FROM placed
WINDOW in_time AS (PARTITION BY placed.{lead} ORDER BY placed.entered_at, placed.sequence),
    so_far AS (PARTITION BY placed.{lead} ORDER BY placed.entered_at, placed.sequence
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    from_then AS (PARTITION BY placed.{lead} ORDER BY placed.entered_at, placed.sequence
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"""
    is_won = """walked.last_won_at IS NOT NULL AND NOT COALESCE(walked.last_lost_at > walked.last_won_at, FALSE)
        AND NOT COALESCE(walked.back_at > walked.last_won_at, FALSE)"""
    is_lost = "walked.last_lost_at IS NOT NULL AND NOT COALESCE(walked.reopened_at > walked.last_lost_at, FALSE)"
    stood = f"""SELECT walked.{lead} AS {lead}, journeys.lead_id AS lead_id, journeys.account_id AS account_id,
    walked.label_number AS label_number, walked.entered_at AS entered_at, walked.next_at AS next_at,
    walked.started_at AS started_at, walked.entries AS entries, walked.moves_back AS moves_back,
    CASE WHEN journeys.outcome_said IS NULL THEN walked.next_won_at
        WHEN journeys.outcome_said = 'won' THEN journeys.ended_at END AS won_at,
    CASE WHEN journeys.outcome_said IN ('won', 'lost') THEN journeys.ended_at END AS closed_at
FROM walked
INNER JOIN {identifier(journeys.own(reference))} AS journeys ON journeys.{lead} = walked.{lead}
WHERE (walked.next_at IS NULL OR walked.next_at > walked.entered_at)
    AND (journeys.outcome = 'open' OR journeys.ended_at IS NOT NULL)
    AND CASE WHEN journeys.outcome_said IS NULL THEN NOT ({is_won}) AND NOT ({is_lost})
        WHEN journeys.outcome_said = 'open' THEN TRUE ELSE NOT ({is_lost}) END"""
    flags = (*won.values, *lost.values, *reopens.values, *back.values)
    return compose(
        [
            *label_table("numbered", "label_number", list(numbers.items()), form),
            Paragraph("events", Query(events, flags)),
            Paragraph("placed", Query(placed)),
            Paragraph("walked", Query(walked)),
        ],
        Query(stood),
    )


def labels(journeys: Journeys, reference: StageModel) -> tuple[str, ...]:
    """The labels that a lead may stand at: those of the file's own model in their order, then those that it does not place."""
    placed = labels_of(reference)
    rest = sorted(label for label, concept in journeys.concepts.items() if concept != IGNORED and label not in placed)
    return (*placed, *rest)


def open_at(table: str, moments: Sequence[datetime]) -> Query:
    """landmark and leads: how many stood open at each moment."""
    text = """SELECT landmarks.landmark AS landmark, COUNT(*) AS leads
FROM stood
GROUP BY landmarks.landmark"""
    return compose(_standing(table, moments, 1), Query(text.replace("landmarks.", "stood.")))


def panel_query(
    journeys: Journeys,
    reference: StageModel,
    table: str,
    moments: Sequence[datetime],
    columns: Sequence[str],
    each: int,
) -> Query:
    """The select behind a `Panel`: of the leads at the `moments` one of `each`, chosen by their names; of the last moment all."""
    leads = journeys.starts.seen(journeys.table(reference), AsOf.START)
    known = {name for name, _ in journeys.engine.columns(leads)}
    amount = "leads.amount" if "amount" in known else "NULL"
    attributes = [
        f"CAST(leads.{identifier(name)} AS VARCHAR) AS {identifier(f'column_{number}')}"
        for number, name in enumerate(columns)
    ]
    wins = f"""SELECT spells.account_id AS account_id, spells.won_at AS won_at,
    ROW_NUMBER() OVER (PARTITION BY spells.account_id ORDER BY spells.won_at) AS wins
FROM (SELECT DISTINCT spells.account_id, spells.lead_id, spells.won_at FROM {identifier(table)} AS spells) AS spells
WHERE spells.account_id IS NOT NULL AND spells.won_at IS NOT NULL"""
    counted = """SELECT wins.account_id AS account_id, wins.won_at AS won_at, MAX(wins.wins) AS wins
FROM wins
GROUP BY wins.account_id, wins.won_at"""
    day = f"{MICROSECONDS_A_DAY}.0"
    selected = [
        "stood.landmark AS landmark",
        "stood.lead_id AS lead_id",
        "stood.label_number AS label_number",
        f"(EPOCH_US(stood.moment) - EPOCH_US(stood.entered_at)) / {day} AS days_at_label",
        f"(EPOCH_US(stood.moment) - EPOCH_US(stood.started_at)) / {day} AS days_since_start",
        "stood.entries AS entries",
        "stood.moves_back AS moves_back",
        "COALESCE(counted.wins, 0) AS account_wins",
        f"CAST({amount} AS DOUBLE) AS amount",
        f"(EPOCH_US(stood.won_at) - EPOCH_US(stood.moment)) / {day} AS win_days",
        *attributes,
    ]
    last = f"""SELECT
    {", ".join(selected)}
FROM stood
INNER JOIN {identifier(leads)} AS leads ON leads.lead_id = stood.lead_id
ASOF LEFT JOIN counted ON counted.account_id = stood.account_id AND counted.won_at <= stood.moment
ORDER BY stood.landmark, stood.lead_id"""
    return compose(
        [*_standing(table, moments, each), Paragraph("wins", Query(wins)), Paragraph("counted", Query(counted))],
        Query(last),
    )


def _standing(table: str, moments: Sequence[datetime], each: int) -> list[Paragraph]:
    """Paragraphs that end in `stood`: the spells that go on at each moment, with its number and the moment; the last is NOW."""
    lines = "\nUNION ALL ".join(
        ["SELECT CAST(? AS INTEGER) AS landmark, CAST(? AS TIMESTAMP) AS moment"] * len(moments)
    )
    numbers = [*range(len(moments) - 1), NOW]
    values = tuple(value for pair in zip(numbers, moments, strict=True) for value in pair)
    some = "" if each == 1 else f"\n    AND (landmarks.landmark = {NOW} OR HASH(spells.lead_id) % {int(each)} = 0)"
    stood = f"""SELECT landmarks.landmark AS landmark, landmarks.moment AS moment, spells.*
FROM landmarks
INNER JOIN {identifier(table)} AS spells ON spells.entered_at <= landmarks.moment
    AND (spells.next_at IS NULL OR spells.next_at > landmarks.moment)
WHERE (spells.closed_at IS NULL OR spells.closed_at > landmarks.moment){some}"""
    return [Paragraph("landmarks", Query(lines, values)), Paragraph("stood", Query(stood))]


def thinned(moments: Sequence[datetime], counts: Sequence[int]) -> tuple[list[datetime], int]:
    """The moments, every second or third … of them from the newest back where there would be more than MOST_ROWS rows; and of how many
    leads one is looked at where even FEWEST_LANDMARKS of them are too many."""
    step = 1
    while len(moments[::-1][:: step + 1]) >= FEWEST_LANDMARKS and sum(counts[::-1][::step]) > MOST_ROWS:
        step += 1
    rows = sum(counts[::-1][::step])
    return list(moments[::-1][::step][::-1]), max(1, -(-rows // MOST_ROWS))


def spells_table(journeys: Journeys, reference: StageModel) -> str:
    """The name of the table that holds the rows of `spells`, kept."""
    key = (reference, journeys.ends(reference))
    return journeys.keep("lead_score_spells", key, lambda: spells(journeys, reference))


def panel(
    journeys: Journeys, reference: StageModel, until: datetime, days: Sequence[int], columns: Sequence[str]
) -> Panel:
    """The rows at the landmarks of all these numbers of days, and those of now, with these columns of the file."""
    table = spells_table(journeys, reference)
    (first,) = journeys.engine.row(Query(f"SELECT MIN(spells.started_at) AS first FROM {identifier(table)} AS spells"))
    among = sorted({moment for day in days for moment in landmarks(first or until, until, day)})
    counts = dict(journeys.engine.rows(open_at(table, [*among, until])))
    moments, each = thinned(among, [counts.get(number, 0) for number in range(len(among))])
    rows = journeys.engine.arrow(panel_query(journeys, reference, table, [*moments, until], columns, each))

    def numbers(name: str) -> Numbers:
        return np.asarray(rows[name].to_numpy(zero_copy_only=False), dtype=float)

    def coded(name: str) -> tuple[tuple[str | None, ...], Whole]:
        column = rows[name].combine_chunks().dictionary_encode()
        codes = column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)
        return (*column.dictionary.to_pylist(), None), np.asarray(codes, dtype=np.int64)

    leads, lead = coded("lead_id")
    values, codes = {}, {}
    for number, name in enumerate(columns):
        values[name], codes[name] = coded(f"column_{number}")
    return Panel(
        moments=tuple(moments),
        labels=labels(journeys, reference),
        leads=leads,
        values=values,
        landmark=numbers("landmark").astype(np.int64),
        lead=lead,
        label=numbers("label_number").astype(np.int64),
        days_at_label=numbers("days_at_label"),
        days_since_start=numbers("days_since_start"),
        entries=numbers("entries"),
        moves_back=numbers("moves_back"),
        account_wins=numbers("account_wins"),
        amount=numbers("amount"),
        win_days=numbers("win_days"),
        codes=codes,
    )
