"""What the picture of moves says: the sentence of one move, and the whole in a sentence or two."""

from __future__ import annotations

from funnel.charts.canvas.text import plain
from funnel.charts.sentences import of_all, wrapped
from funnel.core.rows import text
from funnel.core.types import FEWEST_FOR_A_RATE, Rate
from funnel.measures.moves import Move, MovesFound
from funnel.words import wording


def move_sentence(moves: MovesFound, move: Move) -> str:
    """ "Demo → Qualified: 231 moves back by 224 leads, median 29 days after they had come." Plain text."""
    values = {
        "origin": plain(text(moves.end(move.origin))),
        "target": plain(text(moves.end(move.target))),
    }
    sentence = wording.say(f"charts.moves_{move.kind}_told", n=move.count, leads=move.leads, **values)
    if move.median_days is None:
        return wording.say("charts.moves_told", told=sentence)
    return wording.say("charts.moves_with_days", told=sentence, days=move.median_days)


def move_hover(moves: MovesFound, move: Move) -> str:
    """The sentence of one move, and its share of all that left its origin, as wrapped and safe lines."""
    sentences = [move_sentence(moves, move)]
    if isinstance(move.origin, int):
        came = moves.came(move.origin)
        values = {"part": move.count, "whole": came, "origin": plain(text(moves.end(move.origin)))}
        rate = of_all(move.count, came)
        sentences.append(wording.say("charts.moves_of_origin", **values, rate=rate))
    return "<br>".join(wrapped(sentences))


def describe_moves(moves: MovesFound) -> str:
    """How many leads moved back and by which step most often; what came of them so far, beside the others. Plain text.

    It says what happened together, not why: who was there for longer has had more time for a step back.
    """
    if not moves.leads:
        return wording.say("charts.nothing")
    back = moves.back
    steps = [move for move in moves.moves if move.kind == "back"]
    if not steps:
        return wording.say("charts.moves_nobody_back", leads=moves.leads)
    most = max(steps, key=lambda move: move.count)
    sentence = wording.say(
        "charts.moves_back_most",
        part=rate_words(back.moved_back),
        origin=plain(text(moves.end(most.origin))),
        target=plain(text(moves.end(most.target))),
        n=most.count,
    )
    if not back.win_rate_others.denominator:
        won = wording.say("charts.moves_all_back", part=rate_words(back.win_rate))
    else:
        rates = {"part": rate_words(back.win_rate), "others": rate_words(back.win_rate_others)}
        key = "moves_won_so_far" if back.win_rate_alike is None else "moves_won_alike"
        won = wording.say(f"charts.{key}", **rates, alike=back.win_rate_alike)
    return f"{sentence} {won}"


def rate_words(rate: Rate) -> str:
    """ "18% (142 of 788)"; "3 of 12" of too few."""
    key = "few" if rate.value is None or rate.denominator < FEWEST_FOR_A_RATE else "rate"
    counts = {"part": rate.numerator, "whole": rate.denominator}
    return wording.say(f"charts.moves_{key}", **counts, rate=rate.value)
