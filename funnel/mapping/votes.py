"""What a label means where its text leaves it open: what the other columns of its lines say, as votes for won, lost and neither.

Work that is written down right after a lead has ended, and leads no further, means no stage either, whatever words it is called by:
else it would open again what was lost or won.

A text such as "Converted", "Payment" or "Done" means a win only where the data say so too: closed, not followed, flagged as won,
and no other label surely says it. A text that means nothing known is an end where the file's own flag closes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import AFTER_WIN, IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT, Shape
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.labels import label_concepts
from funnel.mapping.template import among, fill, raw_cell
from funnel.mapping.types import ColumnMapping, Source

NEARLY_ALL, HARDLY_ANY = 0.9, 0.1
FOLLOWED = 0.5
"""A label after which at least half of its leads go on is no end."""
FEWEST_SETTLED = 20
SETTLED_DAYS = 1
SURE_TEXT = 0.85
"""From here on a text is a known name of a stage, not words that hold one."""


@dataclass(frozen=True)
class Entries:
    """The entries that vote: `rows` gives lead, label and moment of each, `values` what stands there for a text of the file."""

    rows: Query
    values: Mapping[str, object]

    def among(self, texts: Iterable[str]) -> Query:
        """A condition: whether the label of a row is one of these."""
        values = {self.values[text] for text in texts if text in self.values}
        return among(Query("entries.label"), sorted(values, key=str))

    def by_text(self, rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        """What is told of each label, by each text that means it."""
        by_value = {value: others for value, *others in rows}
        return {text: tuple(by_value[value]) for text, value in self.values.items() if value in by_value}


def written(mapping: ColumnMapping, source: Source) -> Entries | None:
    """The dated lines of a log as they are written; None where nothing dates them."""
    time = mapping.dates.get((source.view, source.parts["time"])) if "time" in source.parts else None
    if time is None:
        return None
    rows = fill(
        "SELECT raw.{lead} AS lead, {label} AS label, {moment} AS moment FROM {view} AS raw WHERE {moment} IS NOT NULL",
        lead=identifier(source.parts["lead"]),
        label=cleaned(raw_cell(source.parts["label"])),
        moment=time.expression,
        view=identifier(source.view),
    )
    texts = next((each.texts for each in mapping.signs if each.view == source.view), ())
    return Entries(rows, {text: text for text in texts})


def as_written(engine: Engine, mapping: ColumnMapping) -> dict[str, str]:
    """The meanings that the lines decide as they are written."""
    return meanings(engine, mapping, partial(written, mapping))


def meanings(engine: Engine, mapping: ColumnMapping, entries_of: Callable[[Source], Entries | None]) -> dict[str, str]:
    """Label → concept, for the labels whose meaning the lines decide: doubtful wins, wins that a flag denies, unknown labels that a flag
    closes, and work after the end. `entries_of` gives the entries of a history.

    A doubtful win that nothing speaks for is unplaced, or what it means before the win ("Converted" of a lead is qualified).
    """
    shares_by_text: dict[str, dict[str, float]] = {}
    idle: set[str] = set()
    sure_win = any(label_concepts.end(text) == "won" for each in mapping.signs for text in each.texts)
    for signs in mapping.signs:
        source = next(source for source in mapping.sources if source.view == signs.view)
        entries = entries_of(source) if source.shape is Shape.HISTORY else None
        last = _last(engine, entries, list(signs.shares)) if entries and signs.shares else {}
        shares_by_text |= {
            text: {**shares, **({"last": last[text]} if text in last else {})} for text, shares in signs.shares.items()
        }
        if entries:
            idle |= _after_the_end(engine, entries, signs.texts)
    sure_win = sure_win or any(label_concepts.end(each.label) == "won" for each in mapping.stage_dates)
    for text in (each.label for each in mapping.stage_dates if not each.made):
        if is_open(text) and label_concepts.guess(text)[0] != UNPLACED:
            shares_by_text.setdefault(text, {})
    denied = {text: concept for signs in mapping.signs for text, concept in _denied(signs.flagged).items()}
    return {**dict.fromkeys(idle, UNPLACED), **_decided(shares_by_text, sure_win), **denied}


def _denied(flagged: Mapping[str, float]) -> dict[str, str]:
    """The wins to which the file's own flag of winning says no on most lines, where it says yes to another: steps before that one."""
    if not any(share >= NEARLY_ALL for share in flagged.values()):
        return {}
    return {text: label_concepts.before_won(text) for text, share in flagged.items() if share < FOLLOWED}


def _decided(shares_by_text: dict[str, dict[str, float]], sure_win: bool) -> dict[str, str]:
    concepts: dict[str, str] = {}
    unknown: list[str] = []
    wins = [text for text in shares_by_text if label_concepts.guess(text)[0] == WON_CONCEPT]
    # The only label that could be a win is one, unless its lines say otherwise.
    base = -2.0 if sure_win else 3.0 if len(wins) == 1 else 1.0
    for text, shares in shares_by_text.items():
        concept, _ = label_concepts.guess(text)
        if concept == WON_CONCEPT:
            if _votes(shares) + base < 1.0 or _ends_both_ways(shares):
                concepts[text] = label_concepts.before_won(text)
        elif label_concepts.could_be_won(text):
            # "Approved" is a step of most, and the win of those whose lines say so.
            if _votes(shares) >= (3.0 if sure_win else 2.0):
                concepts[text] = WON_CONCEPT
        elif concept in LOST_CONCEPTS:
            if shares.get("last", 1.0) < NEARLY_ALL:
                concepts[text] = UNPLACED
        elif shares.get("closed", 0.0) >= NEARLY_ALL:
            unknown.append(text)
    wins = [text for text in wins if text not in concepts]
    for text in unknown:
        # A flag closes; of one closed label without a known meaning in a file without a win, that is the win.
        won = shares_by_text[text].get("won", 0.0) >= NEARLY_ALL or (
            len(unknown) == 1 and not sure_win and not wins and not shares_by_text[text].get("reason")
        )
        concepts[text] = WON_CONCEPT if won else "lost"
    return concepts


def _ends_both_ways(shares: Mapping[str, float]) -> bool:
    """Whether some leads at a label are said to be lost, and not nearly all are said to be won: "Closed" says then that they ended."""
    return shares.get("lost", 0.0) > HARDLY_ANY and shares.get("won", 0.0) < NEARLY_ALL


def _votes(shares: Mapping[str, float]) -> float:
    """How much the lines speak for a win."""
    total = 0.0
    for sign, weight, against in (
        ("won", 3.0, 3.0),
        ("lost", -3.0, 0.0),
        ("closed", 1.0, 2.0),
        ("dated", 1.0, 1.5),
        ("certain", 1.0, 0.5),
    ):
        if sign in shares:
            total += weight if shares[sign] >= NEARLY_ALL else -against if shares[sign] <= HARDLY_ANY else 0.0
    if shares.get("reason", 0.0) >= FOLLOWED:
        total -= 2.0
    if "last" in shares:
        total += 0.5 if shares["last"] >= NEARLY_ALL else -2.5 if shares["last"] < FOLLOWED else 0.0
    return total


def is_open(text: str) -> bool:
    """Whether the text alone leaves open how a lead ends there: a doubtful win or exit, or nothing known."""
    concept, confidence = label_concepts.guess(text)
    if concept == IGNORED:
        return False
    return concept == UNPLACED or (
        confidence < label_concepts.SURE and (concept in LOST_CONCEPTS or label_concepts.could_be_won(text))
    )


def _last(engine: Engine, entries: Entries, texts: Sequence[str]) -> dict[str, float]:
    """Of each of these labels of a log, the share of its leads that come to no new label later.

    A label that the lead was at before is none that follows: work goes on after many a win. Nor is one of the same minute.
    """
    query = fill(
        "WITH firsts AS (SELECT entries.lead AS lead, entries.label AS label, MIN(entries.moment) AS moment FROM ({rows}) AS entries"
        " WHERE entries.label IS NOT NULL GROUP BY entries.lead, entries.label),"
        " latest AS (SELECT entries.lead AS lead, MAX(entries.moment) AS moment FROM firsts AS entries GROUP BY entries.lead)"
        " SELECT entries.label AS label, AVG(CAST(latest.moment <= entries.moment + INTERVAL '1' MINUTE AS INTEGER)) AS share"
        " FROM firsts AS entries INNER JOIN latest ON latest.lead = entries.lead WHERE {asked} GROUP BY entries.label",
        rows=entries.rows,
        asked=entries.among(texts),
    )
    return {text: float(share) for text, (share,) in entries.by_text(engine.rows(query)).items()}


def _after_the_end(engine: Engine, entries: Entries, texts: Sequence[str]) -> set[str]:
    """Labels of a log that sound like stages but are work after the end: of the leads where they follow the last win or exit, nine in
    ten (half, where the text only holds such words) have nothing at all later than a day after that end."""
    ends = [text for text in texts if label_concepts.end(text)]
    no_stages = (WON_CONCEPT, *LOST_CONCEPTS, *AFTER_WIN, *label_concepts.NO_CONCEPT)
    sounding = [text for text in texts if label_concepts.guess(text)[0] not in no_stages]
    if not ends or not sounding:
        return set()
    query = fill(
        "WITH ends AS (SELECT entries.lead AS lead, MAX(entries.moment) FILTER (WHERE {is_end}) AS ended,"
        " MAX(entries.moment) AS latest FROM ({rows}) AS entries GROUP BY entries.lead HAVING ended < latest)"
        " SELECT entries.label AS label, COUNT(DISTINCT entries.lead) AS leads,"
        " COUNT(DISTINCT entries.lead) FILTER (WHERE ends.latest <= ends.ended + INTERVAL '{days}' DAY) AS settled"
        " FROM ({rows}) AS entries INNER JOIN ends ON ends.lead = entries.lead"
        " WHERE entries.moment > ends.ended AND {sounds} GROUP BY entries.label",
        rows=entries.rows,
        is_end=entries.among(ends),
        sounds=entries.among(sounding),
        days=str(SETTLED_DAYS),
    )
    return {
        text
        for text, (leads, settled) in entries.by_text(engine.rows(query)).items()
        if text in sounding
        and leads >= FEWEST_SETTLED
        and settled >= (NEARLY_ALL if label_concepts.guess(text)[1] >= SURE_TEXT else FOLLOWED) * leads
    }
