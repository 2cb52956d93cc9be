"""Moves between stages as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import said
from funnel.cli.output.text import in_lines, paragraphs, rows_text
from funnel.core.rows import data
from funnel.core.types import Note, Rate, Unit
from funnel.measures.moves import ONLY_SHOWN, MovesFound
from funnel.words import wording


def moves(result: MovesFound, cannot: Sequence[Note] = ()) -> dict[str, Any]:
    """How leads moved between stages. Stages are called by name; "start", "lost", "won" and "still there" are no stages, as `kind`
    tells. Shares are fractions; null is what cannot be said. `win_rate_others` is of leads that mostly never came as far as those that
    moved back; `by_stage_reached` has both by the deepest stage before the win (null: none), and `win_rate_others_alike` is that of
    the others at the stages of those that moved back. Moves of the kind "lost" are loss events: a lead that was lost, came back and was
    lost again has two, while `lost` of `steps` counts leads. `of` in `reentries` are leads recorded there. `cannot` is what the file
    does not tell."""
    back = result.back
    return {
        "model": result.question.model.key,
        "unit": Unit.LEAD.value,
        "leads": result.leads,
        "moves": data(result.rows(), ONLY_SHOWN),
        "moved_back": _share(back.moved_back),
        "win_rate_after_back": back.win_rate.value,
        "win_rate_others": back.win_rate_others.value,
        "win_rate_others_alike": back.win_rate_alike,
        "won_after_back": _counts(back.win_rate),
        "won_others": _counts(back.win_rate_others),
        "by_stage_reached": [
            {
                "stage": None if each.position is None else result.end(each.position),
                "after_back": _counts(each.back),
                "others": _counts(each.others),
            }
            for each in back.same_stage
        ],
        "extra_days": back.extra_days,
        "returned": _share(result.returned),
        "reentries": data(result.reentry_rows(), ONLY_SHOWN),
        "paths": [
            {**row, "path": [result.end(end) for end in path.ends]}
            for row, path in zip(data(result.path_rows(), ONLY_SHOWN), result.paths, strict=True)
        ],
        "distinct_paths": result.distinct_paths,
        "cannot": said(cannot),
    }


def moves_text(result: MovesFound, cannot: Sequence[Note] = ()) -> str:
    """`moves` for a terminal: the moves, moving back and coming again, the paths."""
    line = wording.say("command.moves_line", leads=result.leads, model=wording.plain(result.question.model.key))
    parts = [[line], *([sentence] for sentence in in_lines(said(cannot)))]
    if result.moves:
        back = [*_back(result), wording.say("command.moves_returned", part=_counted(result.returned))]
        parts += [
            rows_text("moves", result.rows(), left=3),
            back,
            rows_text("moves_again", result.reentry_rows()),
            _paths(result),
        ]
    return paragraphs(parts)


def _back(result: MovesFound) -> list[str]:
    back = result.back
    lines = [wording.say("command.moves_back", part=_counted(back.moved_back))]
    if back.win_rate.denominator:
        parts = {"part": _counted(back.win_rate), "others": _counted(back.win_rate_others)}
        lines += [wording.say("command.moves_won", **parts), *_alike(result)]
    if back.extra_days is not None:
        lines.append(wording.say("command.moves_extra", days=back.extra_days))
    return lines


def _alike(result: MovesFound) -> list[str]:
    """The same between leads that came as far: all together where they are enough, and stage by stage."""
    alike = result.back.win_rate_alike
    sentence = wording.say("command.moves_alike" if alike is not None else "command.moves_alike_few", rate=alike)
    return [sentence, "", *rows_text("moves_alike", result.alike_rows()), ""]


def _paths(result: MovesFound) -> list[str]:
    # Paths are of any length, so they stand last and are not padded.
    rows = result.path_rows()
    paths = [wording.say("tables.moves_paths.path"), *(str(row["path"]) for row in rows)]
    title = wording.say("command.moves_paths", shown=len(rows), paths=result.distinct_paths)
    lines = zip(rows_text("moves_path_counts", rows, left=0), paths, strict=True)
    return [title, *(f"{numbers}  {path}" for numbers, path in lines)]


def _counted(rate: Rate) -> str:
    """The two counts, and the share where there are enough."""
    key = "moves_few" if rate.few else "moves_rate"
    return wording.say(f"command.{key}", part=rate.numerator, whole=rate.denominator, rate=rate.value)


def _counts(rate: Rate) -> dict[str, int]:
    return {"leads": rate.numerator, "of": rate.denominator}


def _share(rate: Rate) -> dict[str, Any]:
    return {**_counts(rate), "share": rate.value}
