"""How leads move between the stages of a model: forward, past stages, back, out and in again; and the paths they take.

Moves are facts of leads: the unit, rule and window of a question say nothing here; its model, filters and dates say whose moves.
They are read off `stays`, so coming back to the stage where a lead stands is no move. What lies after `observed_until` has not
happened: no move, no end. An undated move counts and has no days. The kinds:

- *start*: to where the lead was first recorded. *forward*: to a later stage; *skip*: past a stage that a label of the file could have
  filled. *back*: to an earlier stage, also from a win. *loop*: back to the stage of the model's loyalty loop, which is no step back.
- *lost*: out of the model; *return*: back from there, to a stage or to a win that no stage takes.
- *won*: to a win that no stage takes, or that a stage takes together with what comes before it (a "bottom of the funnel").
- *still*: no move: the lead came there and has not left.

Won after moving back is set beside the others by the deepest stage before the win: a lead has to come far to move back, so of all
leads together those that moved back look better or worse for that alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Entry, Move, MovesBack, MovesFound, Path, Question, Rule, Unit
from funnel.core.types.moves import LOST_END, START, STILL, WON_END, SameStage
from funnel.journeys import Journeys, ends_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import started_within, whatever_dates


def moves(journeys: Journeys, question: Question, most_paths: int = 20) -> MovesFound:
    """The moves of the leads that a question counts, what moving back cost, who came again, and the `most_paths` commonest paths.

    A win counts for the leads whose outcome is won by `observed_until`; young leads may still be won, so win rates are "so far".
    A snapshot tells where leads stand and not how they came there: it has no moves, and its rates are of 0 leads. QuestionError where
    no path is asked for.
    """
    if most_paths < 1:
        raise QuestionError("errors.most_paths", paths=most_paths)
    model = question.model
    asked = replace(question, rule=Rule.PASSED, window_days=None, entry=Entry.FIRST, unit=Unit.LEAD, quorum=1)
    everyone = whatever_dates(asked)
    visits = [*in_question(journeys, everyone), *_visits(journeys, everyone)]
    keys = [stage.key for stage in model.stages]
    loop = keys.index(model.loop.to) if model.loop else None
    win = model.pure_win_stage(journeys.concepts)
    # Kept for whatever dates, so that a slider moves over one row a lead and one a move.
    kept_ways = journeys.keep("ways", (everyone,), lambda: compose(visits, _ways(len(keys), loop)))
    kept_moves = journeys.keep("moves", (everyone,), lambda: compose(visits, Query(_MOVES)))
    ways, made = _started("ways", kept_ways, asked), _started("moves", kept_moves, asked)
    queries = (
        compose([made], Query(_COUNTS)),
        compose([ways], _totals(len(keys))),
        compose([ways, Paragraph("paths", _paths(len(keys), win))], Query(_RANKED, (most_paths,))),
        compose([ways], _by_depth(_before_win(journeys, question))),
    )
    built = [journeys.statement(name) for name in (kept_ways, kept_moves)]
    sql = ";\n\n".join([*built, *(query.readable() for query in queries)])
    if journeys.start_from_created:
        (row,) = journeys.engine.named(queries[1])
        nothing = wilson(0, 0)
        back = MovesBack(nothing, nothing, nothing, None, None, 0, 0)
        return MovesFound(question, row["leads"], win, (), back, (nothing,) * len(keys), nothing, (), 0, 0, sql)
    counts, (row,), paths, depths = map(journeys.engine.named, queries)
    return MovesFound(
        question=question,
        leads=row["leads"],
        win=win,
        moves=_all_moves(counts, len(keys), journeys.filled(model), loop),
        back=_back(row, depths),
        reentries=tuple(wilson(row[f"again_{place}"], row[f"came_{place}"]) for place in range(len(keys))),
        returned=wilson(row["returned"], row["ever_lost"]),
        paths=tuple(_path(found, len(keys)) for found in paths),
        other_paths=row["leads"] - sum(found["leads"] for found in paths),
        distinct_paths=paths[0]["distinct_paths"] if paths else 0,
        sql=sql,
    )


def _started(name: str, table: str, question: Question) -> Paragraph:
    """The rows of a kept table whose leads started within the question's dates."""
    where = started_within(question)
    text = f"SELECT followed.*\nFROM {identifier(table)} AS followed\nWHERE {where.text}"
    return Paragraph(name, Query(text, where.values))


def _visits(journeys: Journeys, question: Question) -> list[Paragraph]:
    """Paragraphs after `counted` that end in `visits`: the stays of the counted leads as far as they were observed, with the
    leads' start, their end (NULL: not ended yet) and whether they were won."""
    stays, until, concepts = identifier(journeys.stays(question.model)), question.observed_until, journeys.concepts
    # Whatever follows an entry that has not happened yet has not happened either.
    unseen = f"""SELECT stays.lead_id AS lead_id, MIN(stays.visit) AS visit
FROM {stays} AS stays
WHERE stays.entered_at > CAST(? AS TIMESTAMP)
GROUP BY stays.lead_id"""
    ended = "counted.outcome <> 'open' AND COALESCE(counted.ended_at <= CAST(? AS TIMESTAMP), TRUE)"
    left = "COALESCE(stays.left_at <= CAST(? AS TIMESTAMP), TRUE)"
    seen = f"""SELECT counted.number AS number, stays.visit AS visit, stays.position AS position,
    stays.from_position AS from_position, stays.entered_at AS entered_at, counted.started_at AS started_at,
    counted.started_local AS started_local,
    CASE WHEN {left} THEN stays.to_position END AS to_position,
    CASE WHEN {left} THEN stays.left_at END AS left_at,
    CASE WHEN {ended} THEN counted.ended_at END AS ended_at,
    {ended} AND counted.outcome = 'won' AS is_won
FROM {stays} AS stays
INNER JOIN numbered AS counted ON counted.lead_id = stays.lead_id
LEFT JOIN unseen ON unseen.lead_id = stays.lead_id
WHERE COALESCE(stays.visit < unseen.visit, TRUE)"""
    win, pure = question.model.win_stage(concepts), question.model.pure_win_stage(concepts)
    at_win = (
        f"seen.is_won AND seen.to_position IS NULL AND seen.position = {win}"
        if pure is None and win is not None
        else "FALSE"
    )
    visits = f"""SELECT seen.number AS number, seen.visit AS visit, seen.position AS position, seen.from_position AS from_position,
    seen.entered_at AS entered_at, seen.started_at AS started_at, seen.started_local AS started_local,
    seen.ended_at AS ended_at, seen.is_won AS is_won,
    CASE WHEN {at_win} THEN {ends_of(len(question.model.stages))[0]} ELSE seen.to_position END AS to_position,
    CASE WHEN {at_win} THEN CASE WHEN seen.ended_at >= seen.entered_at THEN seen.ended_at END ELSE seen.left_at END AS left_at
FROM seen"""
    # Leads by number: numbers are told apart much faster than texts.
    numbered = "SELECT counted.*, ROW_NUMBER() OVER () AS number\nFROM counted"
    return [
        Paragraph("numbered", Query(numbered)),
        Paragraph("unseen", Query(unseen, (until,))),
        Paragraph("seen", Query(seen, (until,) * 4)),
        Paragraph("visits", Query(visits)),
    ]


_MOVES = """SELECT visits.number AS number, CAST(visits.started_local AS DATE) AS started_on,
    visits.position AS origin, visits.to_position AS target,
    EPOCH_US(visits.left_at) - EPOCH_US(visits.entered_at) AS spent
FROM visits
WHERE visits.to_position IS NOT NULL
UNION ALL
SELECT visits.number AS number, CAST(visits.started_local AS DATE) AS started_on, NULL AS origin, visits.position AS target,
    NULL AS spent
FROM visits
WHERE visits.from_position IS NULL"""
"""A row a move: the lead's number and the day it started, origin (NULL: start), target, and the microseconds spent at the origin."""

_COUNTS = """SELECT moves.origin AS origin, moves.target AS target, COUNT(*) AS moves,
    COUNT(DISTINCT moves.number) AS leads, MEDIAN(moves.spent) AS spent
FROM moves
GROUP BY moves.origin, moves.target
ORDER BY moves.origin NULLS FIRST, moves.target"""


def _ways(stages: int, loop: int | None) -> Query:
    """A row a lead: the day it started, its path as a list of positions, what happened on it, and how often it came to each stage."""
    lost = ends_of(stages)[1]
    back = f"visits.to_position < visits.position AND visits.position <> {lost}"
    back += "" if loop is None else f" AND visits.to_position <> {loop}"
    first = "CASE WHEN visits.from_position IS NULL THEN visits.position END"
    came = [
        f"COUNT(*) FILTER (WHERE visits.to_position = {place}) + COUNT(*) FILTER (WHERE {first} = {place}) AS came_{place}"
        for place in range(stages)
    ]
    columns = [
        "CAST(MAX(visits.started_local) AS DATE) AS started_on",
        f"LIST_PREPEND(MAX({first}), COALESCE(LIST(visits.to_position ORDER BY visits.visit)"
        " FILTER (WHERE visits.to_position IS NOT NULL), [])) AS path",
        "BOOL_OR(visits.is_won) AS is_won",
        "CASE WHEN MAX(visits.ended_at) >= MAX(visits.started_at)"
        " THEN EPOCH_US(MAX(visits.ended_at)) - EPOCH_US(MAX(visits.started_at)) END AS lasted",
        f"COALESCE(BOOL_OR({back}), FALSE) AS moved_back",
        f"COALESCE(BOOL_OR(visits.position = {lost} OR visits.to_position = {lost}), FALSE) AS was_lost",
        f"COALESCE(BOOL_OR(visits.position = {lost} AND visits.to_position IS NOT NULL), FALSE) AS returned",
        *came,
    ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM visits\nGROUP BY visits.number")


def _totals(stages: int) -> Query:
    """One row: leads, those that moved back and those that were won, came again or came back, and the days to the win."""
    columns = [
        "COUNT(*) AS leads",
        "COUNT(*) FILTER (WHERE ways.was_lost) AS ever_lost",
        "COUNT(*) FILTER (WHERE ways.returned) AS returned",
    ]
    for group, condition in (("back", "ways.moved_back"), ("others", "NOT ways.moved_back")):
        won = f"{condition} AND ways.is_won"
        columns += [
            f"COUNT(*) FILTER (WHERE {condition}) AS {group}",
            f"COUNT(*) FILTER (WHERE {won}) AS won_{group}",
            f"COUNT(ways.lasted) FILTER (WHERE {won}) AS timed_{group}",
            f"MEDIAN(ways.lasted) FILTER (WHERE {won}) AS lasted_{group}",
        ]
    for place in range(stages):
        columns += [
            f"COUNT(*) FILTER (WHERE ways.came_{place} > 0) AS came_{place}",
            f"COUNT(*) FILTER (WHERE ways.came_{place} > 1) AS again_{place}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM ways")


def _before_win(journeys: Journeys, question: Question) -> range:
    """The positions of the stages before the win; a stage that is a win and what comes before it is one of them."""
    pure, win = question.model.pure_win_stage(journeys.concepts), question.model.win_stage(journeys.concepts)
    if pure is not None:
        return range(pure)
    return range(len(question.model.stages) if win is None else win + 1)


def _by_depth(places: range) -> Query:
    """A row a deepest stage of some (NULL: none of them) and whether leads moved back: leads, and those that were won."""
    cases = " ".join(f"WHEN ways.came_{place} > 0 THEN {place}" for place in reversed(places))
    deepest = f"CASE {cases} END" if cases else "CAST(NULL AS INTEGER)"
    text = f"""SELECT {deepest} AS deepest, ways.moved_back AS moved_back, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE ways.is_won) AS won
FROM ways
GROUP BY 1, 2
ORDER BY 1, 2"""
    return Query(text)


def _paths(stages: int, win: int | None) -> Query:
    """A row a path and way out (NULL where the path itself says how it ended): leads, won, and days from start to end."""
    over = f"ways.path[-1] >= {stages}" + ("" if win is None else f" OR ways.path[-1] = {win}")
    text = f"""SELECT ways.path AS path, CASE WHEN {over} THEN NULL ELSE '{STILL}' END AS way_out,
    COUNT(*) AS leads, COUNT(*) FILTER (WHERE ways.is_won) AS won, MEDIAN(ways.lasted) AS lasted
FROM ways
GROUP BY path, way_out"""
    return Query(text)


_RANKED = """SELECT paths.path AS path, paths.way_out AS way_out, paths.leads AS leads, paths.won AS won, paths.lasted AS lasted,
    COUNT(*) OVER () AS distinct_paths
FROM paths
ORDER BY paths.leads DESC, paths.path, paths.way_out
LIMIT ?"""


def _all_moves(rows: list[dict[str, Any]], stages: int, filled: Sequence[int], loop: int | None) -> tuple[Move, ...]:
    """The moves that were counted, and after those from a stage who is still there: whoever came and did not go."""
    found = []
    for origin in [None, *range(stages), *ends_of(stages)]:
        gone = [row for row in rows if row["origin"] == origin]
        for row in gone:
            kind = _kind(origin, row["target"], stages, filled, loop)
            ends = _end(origin, stages), _end(row["target"], stages)
            found.append(Move(*ends, kind, row["moves"], row["leads"], _days(row["spent"])))
        still = sum(row["moves"] for row in rows if row["target"] == origin) - sum(row["moves"] for row in gone)
        if origin is not None and origin < stages and still:
            found.append(Move(origin, STILL, "still", still, still, None))
    return tuple(found)


def _kind(origin: int | None, target: int, stages: int, filled: Sequence[int], loop: int | None) -> str:
    won, lost = ends_of(stages)
    if origin is None:
        return "start"
    if lost in (origin, target):
        return "lost" if target == lost else "return"
    if target == won:
        return "won"
    if target < origin:
        return "loop" if target == loop else "back"
    return "skip" if any(origin < place < target for place in filled) else "forward"


def _end(position: int | None, stages: int) -> int | str:
    """A stage's position, or the name of an end."""
    if position is None:
        return START
    return position if position < stages else (WON_END, LOST_END)[ends_of(stages).index(position)]


def _back(row: dict[str, Any], depths: Sequence[dict[str, Any]]) -> MovesBack:
    sides = {(each["deepest"], each["moved_back"]): wilson(each["won"], each["leads"]) for each in depths}
    places = list(dict.fromkeys(each["deepest"] for each in depths))
    nobody = wilson(0, 0)
    return MovesBack(
        moved_back=wilson(row["back"], row["leads"]),
        win_rate=wilson(row["won_back"], row["back"]),
        win_rate_others=wilson(row["won_others"], row["others"]),
        median_days=_days(row["lasted_back"]),
        median_days_others=_days(row["lasted_others"]),
        timed=row["timed_back"],
        timed_others=row["timed_others"],
        same_stage=tuple(
            SameStage(place, sides.get((place, True), nobody), sides.get((place, False), nobody)) for place in places
        ),
    )


def _path(row: dict[str, Any], stages: int) -> Path:
    ends = [_end(position, stages) for position in row["path"]]
    way_out = [row["way_out"]] if row["way_out"] else []
    return Path((*ends, *way_out), row["leads"], row["won"], _days(row["lasted"]))


def _days(microseconds: float | None) -> float | None:
    return None if microseconds is None else float(microseconds) / MICROSECONDS_A_DAY
