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
from dataclasses import dataclass, replace
from typing import Any

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word, days, share, text
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, Entry, Question, Rate, Rule, Unit
from funnel.journeys import Journeys, ends_of
from funnel.measures.moves_back import MovesBack, before_win, by_depth, in_days, moved_back
from funnel.measures.population.population import in_question
from funnel.measures.seen_visits import seen_visits, ways_of
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import started_within, whatever_dates

START, LOST_END, WON_END, STILL = "start", "lost", "won", "still there"
"""The ends of moves and paths that are no stage."""
END_WORDS = {START: "moves_start", LOST_END: "moves_lost", WON_END: "moves_won", STILL: "moves_still"}
ARROW = " → "
ONLY_SHOWN = ("of_stays", "of_leads", "share")
"""Fields that tables have beside those of `--json`."""

MOVE_KINDS = ("start", "forward", "skip", "loop", "back", "return", "won", "lost", "still")


@dataclass(frozen=True)
class Move:
    """So many times leads went from one stage to another; stages by position, or one of the ends above.

    `kind` is one of `MOVE_KINDS`, as `measures.moves` defines them. `leads` are those that did it at least once. `median_days` is
    how long they had been at `origin`, over the moves whose moments are known; None where there are none, and for who is still there.
    """

    origin: int | str
    target: int | str
    kind: str
    count: int
    leads: int
    median_days: float | None


@dataclass(frozen=True)
class Path:
    """A way that leads took: stages by position, then how it ended: "lost", "won" or "still there"; nothing where the win is
    itself a stage and the path ends there. "lost" stands inside a path where the lead came back.

    `median_days` are from start to end, over the `won` and the lost leads whose moments are known; None where there are none.
    """

    ends: tuple[int | str, ...]
    leads: int
    won: int
    median_days: float | None


@dataclass(frozen=True)
class MovesFound:
    """How leads moved between the stages of a model, whatever the question's rule and window.

    `moves` stand in the order of their origins: start, stages, won, lost; of each in that of their targets, still there last. A stay
    ends with one of them, so that for each stage they sum to `came`. `reentries` are, for each stage, the leads
    that came to it more than once, of those that came to it at all; of 0 where the file cannot tell. `returned` are leads that
    came back, of those ever lost. `paths` are the commonest; `other_paths` leads took others; `distinct_paths` counts them all.
    `win` is the position of the stage that is the win alone, None where there is none such.
    """

    question: Question
    leads: int
    win: int | None
    moves: tuple[Move, ...]
    back: MovesBack
    reentries: tuple[Rate, ...]
    returned: Rate
    paths: tuple[Path, ...]
    other_paths: int
    distinct_paths: int
    sql: str

    def rows(self) -> list[Row]:
        """A row a move: from, to, its kind, how often, leads, median days they had been there, and the share of the stays there."""
        return [
            {
                "from": self.end(move.origin),
                "to": self.end(move.target),
                "kind": Word(move.kind, f"pages.move_kind.{move.kind}"),
                "count": move.count,
                "leads": move.leads,
                "median_days": days(move.median_days),
                "of_stays": share(self.share(move)) if self.came(move.origin) >= FEWEST_FOR_A_RATE else None,
            }
            for move in self.moves
        ]

    def path_rows(self) -> list[Row]:
        """A row a path, the commonest first: path, leads, those won, median days from start to end, and the share of all leads."""
        enough = self.leads >= FEWEST_FOR_A_RATE
        return [
            {
                "path": ARROW.join(text(self.end(end)) for end in path.ends),
                "leads": path.leads,
                "won": path.won,
                "median_days": days(path.median_days),
                "of_leads": share(self.path_share(path)) if enough else None,
            }
            for path in self.paths
        ]

    def reentry_rows(self) -> list[Row]:
        """A row a stage: the leads that came more than once, of those that came to it."""
        return [
            {"stage": stage.name, "leads": again.numerator, "of": again.denominator, "share": again}
            for stage, again in zip(self.question.model.stages, self.reentries, strict=True)
        ]

    def alike_rows(self) -> list[Row]:
        """A row a deepest stage before the win (None: none): the leads that moved back, those won, their share; the same of the others."""
        return [
            {
                "deepest": None if each.position is None else self.end(each.position),
                "back_leads": each.back.denominator,
                "back_won": each.back.numerator,
                "back_rate": each.back,
                "others_leads": each.others.denominator,
                "others_won": each.others.numerator,
                "others_rate": each.others,
            }
            for each in self.back.same_stage
        ]

    def matrix_rows(self) -> list[Row]:
        """A row an origin, a field for each of the `targets`: how many moves; None where none."""
        counts = {(move.origin, move.target): move.count for move in self.moves}
        return [
            {"from": self.end(origin), **{str(target): counts.get((origin, target)) for target in self.targets}}
            for origin in self.origins
        ]

    @property
    def origins(self) -> list[int | str]:
        """Where leads moved from: the start, every stage, the win and the loss, the ends only where any did."""
        return self._ends((START, *range(len(self.reentries)), WON_END, LOST_END), {each.origin for each in self.moves})

    @property
    def targets(self) -> list[int | str]:
        """Where to: every stage, the win, the loss, and whoever is still there."""
        return self._ends((*range(len(self.reentries)), WON_END, LOST_END, STILL), {each.target for each in self.moves})

    def _ends(self, among: Sequence[int | str], moved: set[int | str]) -> list[int | str]:
        return [end for end in among if end in moved or isinstance(end, int)]

    def end(self, end: int | str) -> str:
        """What one end of a move, or one place of a path, is called: the stage's name as the file has it, or a word for the end."""
        return self.question.model.stages[end].name if isinstance(end, int) else Word(end, f"charts.{END_WORDS[end]}")

    def came(self, end: int | str) -> int:
        """How many times leads came to a stage or an end, each time counted; for the start, how many leads there are."""
        if end == START:
            return self.leads
        return sum(move.count for move in self.moves if move.target == end)

    def path_share(self, path: Path) -> float | None:
        """The share of all leads that took a path; None where there are none."""
        return path.leads / self.leads if self.leads else None

    def share(self, move: Move) -> float | None:
        """The share of all stays at a move's origin that ended with it; None where there was none."""
        came = self.came(move.origin)
        return move.count / came if came else None


def moves(journeys: Journeys, question: Question, most_paths: int = 20) -> MovesFound:
    """The moves of the leads that a question counts, what moving back cost, who came again, and the `most_paths` commonest paths.

    A win counts for the leads whose outcome is won by `observed_until`; young leads may still be won, so win rates are "so far".
    A snapshot tells where leads stand and not how they came there: it has no moves, and its rates are of 0 leads. QuestionError where
    no path is asked for.
    """
    if most_paths < 1:
        raise QuestionError("errors.most_paths", paths=most_paths)
    model = question.model
    of_leads = replace(question, rule=Rule.PASSED, window_days=None, entry=Entry.FIRST, unit=Unit.LEAD, quorum=1)
    everyone = whatever_dates(of_leads)
    visits = [*in_question(journeys, everyone), *seen_visits(journeys, everyone)]
    keys = [stage.key for stage in model.stages]
    loop = keys.index(model.loop.to) if model.loop else None
    win = model.pure_win_stage(journeys.concepts)
    # Kept for whatever dates, so that a slider moves over one row a lead and one a move.
    kept_ways = journeys.keep("ways", (everyone,), lambda: compose(visits, ways_of(len(keys), loop)))
    kept_moves = journeys.keep("moves", (everyone,), lambda: compose(visits, Query(_MOVES)))
    ways, moved = _started("ways", kept_ways, of_leads), _started("moves", kept_moves, of_leads)
    queries = (
        compose([moved], Query(_COUNTS)),
        compose([ways], _totals(len(keys))),
        compose([ways, Paragraph("paths", _paths(len(keys), win))], Query(_RANKED, (most_paths,))),
        compose([ways], by_depth(before_win(journeys, question))),
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
        back=moved_back(row, depths),
        reentries=tuple(wilson(row[f"again_{position}"], row[f"came_{position}"]) for position in range(len(keys))),
        returned=wilson(row["returned"], row["ever_lost"]),
        paths=tuple(_path(path, len(keys)) for path in paths),
        other_paths=row["leads"] - sum(path["leads"] for path in paths),
        distinct_paths=paths[0]["distinct_paths"] if paths else 0,
        sql=sql,
    )


def _started(name: str, table: str, question: Question) -> Paragraph:
    """The rows of a kept table whose leads started within the question's dates."""
    where = started_within(question)
    text = f"SELECT followed.*\nFROM {identifier(table)} AS followed\nWHERE {where.text}"
    return Paragraph(name, Query(text, where.values))


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
    for position in range(stages):
        columns += [
            f"COUNT(*) FILTER (WHERE ways.came_{position} > 0) AS came_{position}",
            f"COUNT(*) FILTER (WHERE ways.came_{position} > 1) AS again_{position}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM ways")


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
    all_moves = []
    for origin in [None, *range(stages), *ends_of(stages)]:
        gone = [row for row in rows if row["origin"] == origin]
        for row in gone:
            kind = _kind(origin, row["target"], stages, filled, loop)
            ends = _end(origin, stages), _end(row["target"], stages)
            all_moves.append(Move(*ends, kind, row["moves"], row["leads"], in_days(row["spent"])))
        still = sum(row["moves"] for row in rows if row["target"] == origin) - sum(row["moves"] for row in gone)
        if origin is not None and origin < stages and still:
            all_moves.append(Move(origin, STILL, "still", still, still, None))
    return tuple(all_moves)


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
    return "skip" if any(origin < position < target for position in filled) else "forward"


def _end(position: int | None, stages: int) -> int | str:
    """A stage's position, or the name of an end."""
    if position is None:
        return START
    return position if position < stages else (WON_END, LOST_END)[ends_of(stages).index(position)]


def _path(row: dict[str, Any], stages: int) -> Path:
    ends = [_end(position, stages) for position in row["path"]]
    way_out = [row["way_out"]] if row["way_out"] else []
    return Path((*ends, *way_out), row["leads"], row["won"], in_days(row["lasted"]))
