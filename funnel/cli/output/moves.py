"""Moves between stages as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.text import table
from funnel.core.types import FEWEST_FOR_A_RATE, MovesFound, Note, Rate, Unit
from funnel.words import wording

ARROW = " → "


def moves(found: MovesFound, cannot: Sequence[Note] = ()) -> dict[str, Any]:
    """How leads moved between stages. Stages are called by name; "start", "lost", "won" and "still there" are no stages, as `kind`
    tells. Shares are fractions; null is what cannot be said. `win_rate_others` is of leads that mostly never came as far as those that
    moved back; `by_stage_reached` has both by the deepest stage before the win (null: none), and `win_rate_others_alike` is that of
    the others at the stages of those that moved back. Moves of the kind "lost" are loss events: a lead that was lost, came back and was
    lost again has two, while `lost` of `steps` counts leads. `of` in `reentries` are leads recorded there. `cannot` is what the file
    does not tell."""
    stages = found.question.model.stages

    def named(end: int | str) -> str:
        return stages[end].name if isinstance(end, int) else end

    back = found.back
    return {
        "model": found.question.model.key,
        "unit": Unit.LEAD.value,
        "leads": found.leads,
        "moves": [
            {
                "from": named(move.origin),
                "to": named(move.target),
                "kind": move.kind,
                "count": move.count,
                "leads": move.leads,
                "median_days": move.median_days,
            }
            for move in found.moves
        ],
        "moved_back": _share(back.moved_back),
        "win_rate_after_back": back.win_rate.value,
        "win_rate_others": back.win_rate_others.value,
        "win_rate_others_alike": back.win_rate_alike,
        "won_after_back": _counts(back.win_rate),
        "won_others": _counts(back.win_rate_others),
        "by_stage_reached": [
            {
                "stage": None if each.position is None else stages[each.position].name,
                "after_back": _counts(each.back),
                "others": _counts(each.others),
            }
            for each in back.same_stage
        ],
        "extra_days": back.extra_days,
        "returned": _share(found.returned),
        "reentries": [
            {"stage": stage.name, "leads": again.numerator, "of": again.denominator}
            for stage, again in zip(stages, found.reentries, strict=True)
        ],
        "paths": [
            {
                "path": [named(end) for end in path.ends],
                "leads": path.leads,
                "won": path.won,
                "median_days": path.median_days,
            }
            for path in found.paths
        ],
        "distinct_paths": found.distinct_paths,
        "cannot": [wording.say(note.key, **note.values) for note in cannot],
    }


def moves_text(answer: dict[str, Any]) -> str:
    """`moves` for a terminal: the moves, moving back and coming again, the paths."""
    parts = [wording.say("command.moves_line", **answer), *answer["cannot"]]
    if answer["moves"]:
        parts += [_moves(answer), _back(answer), _again(answer), _paths(answer)]
    return "\n\n".join(parts)


def _moves(answer: dict[str, Any]) -> str:
    heads = [wording.say(f"command.moves_{head}") for head in ("from", "to", "kind", "count", "leads", "days")]
    rows = [
        [
            move["from"],
            _end(move),
            wording.say(f"pages.move_kind.{move['kind']}"),
            *_numbers(move, "count", "leads", "median_days"),
        ]
        for move in answer["moves"]
    ]
    return "\n".join(table(heads, rows, left=3))


def _end(move: dict[str, Any]) -> str:
    """Where a move leads; the end of leads that have not moved on has its words."""
    return wording.say("charts.moves_still") if move["kind"] == "still" else str(move["to"])


def _back(answer: dict[str, Any]) -> str:
    lines = [wording.say("command.moves_back", part=_told(answer["moved_back"]))]
    if answer["won_after_back"]["of"]:
        parts = {"part": _told(answer["won_after_back"]), "others": _told(answer["won_others"])}
        lines.append(wording.say("command.moves_won", **parts))
        lines.append(_alike(answer))
    if answer["extra_days"] is not None:
        lines.append(wording.say("command.moves_extra", days=answer["extra_days"]))
    return "\n".join([*lines, wording.say("command.moves_returned", part=_told(answer["returned"]))])


def _alike(answer: dict[str, Any]) -> str:
    """The same between leads that came as far: all together where they are enough, and stage by stage."""
    alike = answer["win_rate_others_alike"]
    said = wording.say("command.moves_alike" if alike is not None else "command.moves_alike_few", rate=alike)
    heads = [wording.say(f"command.moves_{head}") for head in ("deepest", "won_back", "won_else")]
    rows = [
        [each["stage"] or wording.ABSENT, _told(each["after_back"]), _told(each["others"])]
        for each in answer["by_stage_reached"]
    ]
    return "\n".join([said, "", *table(heads, rows), ""])


def _again(answer: dict[str, Any]) -> str:
    heads = [wording.say(f"command.moves_{head}") for head in ("stage", "came", "again")]
    rows = [[again["stage"], *_numbers(again, "of", "leads")] for again in answer["reentries"]]
    return "\n".join(table(heads, rows))


def _paths(answer: dict[str, Any]) -> str:
    heads = [wording.say(f"command.moves_{head}") for head in ("leads", "won_head", "median")]
    numbers = table(heads, [_numbers(path, "leads", "won", "median_days") for path in answer["paths"]], left=0)
    # Paths are of any length, so they stand last and are not padded.
    paths = [wording.say("command.moves_path"), *(ARROW.join(path["path"]) for path in answer["paths"])]
    told = wording.say("command.moves_paths", shown=len(answer["paths"]), paths=answer["distinct_paths"])
    return "\n".join([told, *(f"{line}  {path}" for line, path in zip(numbers, paths, strict=True))])


def _told(counts: dict[str, int]) -> str:
    """The two counts, and the share where there are enough."""
    key = "moves_rate" if counts["of"] >= FEWEST_FOR_A_RATE else "moves_few"
    rate = counts["leads"] / counts["of"] if counts["of"] else None
    return wording.say(f"command.{key}", part=counts["leads"], whole=counts["of"], rate=rate)


def _numbers(row: dict[str, Any], *names: str) -> list[str]:
    return [wording.number(row[name]) for name in names]


def _counts(rate: Rate) -> dict[str, int]:
    return {"leads": rate.numerator, "of": rate.denominator}


def _share(rate: Rate) -> dict[str, Any]:
    return {**_counts(rate), "share": rate.value}
