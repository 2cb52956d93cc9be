"""What the picture of moves says: the names of its ends, the sentence of one move, and the whole in a sentence or two."""

from __future__ import annotations

from funnel.charts.canvas.text import plain
from funnel.charts.sentences import of_all, wrapped
from funnel.core.types import FEWEST_FOR_A_RATE, Move, MovesFound, Rate
from funnel.core.types.moves import LOST_END, START, STILL, WON_END
from funnel.words import wording

_ENDS = {START: "moves_start", LOST_END: "moves_lost", WON_END: "moves_won", STILL: "moves_still"}


def end_name(found: MovesFound, end: int | str) -> str:
    """What one end of a move, or one place of a path, is called: the stage's name as the file has it, or a word for the end."""
    if isinstance(end, int):
        return found.question.model.stages[end].name
    return wording.say(f"charts.{_ENDS[end]}")


def move_sentence(found: MovesFound, move: Move) -> str:
    """ "Demo → Qualified: 231 moves back by 224 leads, median 29 days after they had come." Plain text."""
    values = {
        "origin": plain(end_name(found, move.origin)),
        "target": plain(end_name(found, move.target)),
    }
    told = wording.say(f"charts.moves_{move.kind}_told", n=move.count, leads=move.leads, **values)
    if move.median_days is None:
        return wording.say("charts.moves_told", told=told)
    return wording.say("charts.moves_with_days", told=told, days=move.median_days)


def move_hover(found: MovesFound, move: Move) -> str:
    """The sentence of one move, and its share of all that left its origin, as wrapped and safe lines."""
    said = [move_sentence(found, move)]
    if isinstance(move.origin, int):
        came = found.came(move.origin)
        values = {"part": move.count, "whole": came, "origin": plain(end_name(found, move.origin))}
        rate = of_all(move.count, came)
        said.append(wording.say("charts.moves_of_origin", **values, rate=rate))
    return "<br>".join(wrapped(said))


def describe_moves(found: MovesFound) -> str:
    """How many leads moved back and by which step most often; what came of them so far, beside the others. Plain text.

    It says what happened together, not why: who was there for longer has had more time for a step back.
    """
    if not found.leads:
        return wording.say("charts.nothing")
    back = found.back
    steps = [move for move in found.moves if move.kind == "back"]
    if not steps:
        return wording.say("charts.moves_nobody_back", leads=found.leads)
    most = max(steps, key=lambda move: move.count)
    said = wording.say(
        "charts.moves_back_most",
        part=rate_words(back.moved_back),
        origin=plain(end_name(found, most.origin)),
        target=plain(end_name(found, most.target)),
        n=most.count,
    )
    if not back.win_rate_others.denominator:
        won = wording.say("charts.moves_all_back", part=rate_words(back.win_rate))
    else:
        rates = {"part": rate_words(back.win_rate), "others": rate_words(back.win_rate_others)}
        key = "moves_won_so_far" if back.win_rate_alike is None else "moves_won_alike"
        won = wording.say(f"charts.{key}", **rates, alike=back.win_rate_alike)
    return f"{said} {won}"


def rate_words(rate: Rate) -> str:
    """ "18% (142 of 788)"; "3 of 12" of too few."""
    key = "few" if rate.value is None or rate.denominator < FEWEST_FOR_A_RATE else "rate"
    counts = {"part": rate.numerator, "whole": rate.denominator}
    return wording.say(f"charts.moves_{key}", **counts, rate=rate.value)
