"""What the charts that compare say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from collections.abc import Sequence

from funnel import wording
from funnel.charts import sentences
from funnel.charts.flows import NO_STAGE, cell_sentence, end_of
from funnel.charts.ring import loop_sentences
from funnel.charts.sentences import FEWEST_FOR_A_RATE
from funnel.charts.text import plain
from funnel.charts.wins import needed
from funnel.nouns import Alignment, Backward, Change, Deciders, Flows, Loyalty, StageCount, Steps


def describe_comparison(steps: Sequence[Steps], *, language: str = "en") -> str:
    """How many models, and how many leads each of them takes to its last stage."""
    told = []
    for each in steps:
        if each.stages:
            last = each.stages[-1]
            values = {"model": plain(each.question.model.name), "stage": plain(last.name)}
            told.append(_say("came_to", language, **values, **_counts(each, last, language)))
    return _say("all_models", language, models=len(steps), each=" ".join(told)).rstrip()


def describe_lineup(flows: Flows, model: int, *, language: str = "en") -> str:
    """How many labels flow into how many stages, and which have no stage."""
    labels = [label for label in flows.labels if label.leads and end_of(label, model) is not None]
    if not labels:
        return _say("no_labels", language)
    asked = flows.questions[model].model
    placed = [label for label in labels if label.stages[model] is not None]
    filled = len({label.stages[model] for label in placed})
    values = {"stages": len(asked.stages), "model": plain(asked.name)}
    said = [_say("lineup", language, labels=len(placed), part=filled, **values)]
    nowhere = [plain(label.label) for label in labels if end_of(label, model) == NO_STAGE]
    if nowhere:
        said.append(
            _say("lineup_no_stage", language, labels=len(nowhere), list=wording.listed(nowhere, language=language))
        )
    return " ".join(said)


def describe_overlap(alignment: Alignment, pair: int, *, language: str = "en") -> str:
    """On how many leads two models differ, and where most of them stand."""
    found = alignment.pairs[pair]
    names = {"a": plain(alignment.questions[found.a].model.name), "b": plain(alignment.questions[found.b].model.name)}
    if not found.both:
        return _say("none_on_both", language, **names)
    said = [_say("overlap", language, part=found.disagree, whole=found.both, **names)]
    apart = [cell for cell in found.cells if cell[3] and cell[2]]
    if apart:
        most = max(apart, key=lambda cell: cell[2])
        said.append(_say("overlap_most", language, cell=cell_sentence(alignment, pair, most, language)))
    return " ".join(said)


def describe_depth(steps: Sequence[Steps], wins: Sequence[int | None], *, language: str = "en") -> str:
    """The share of each model's first stage that came to its win, or to its last stage where it has none."""
    told = []
    for each, win in zip(steps, wins, strict=True):
        if each.stages and each.stages[0].leads:
            stage = each.stages[-1 if win is None else win]
            few = stage.from_entry.denominator < FEWEST_FOR_A_RATE
            counts = {"part": stage.leads, "whole": stage.from_entry.denominator, "rate": stage.from_entry.value}
            got = _say("line_end_few" if few else "line_end", language, **counts)
            told.append(_say("reached_end", language, model=plain(each.question.model.name), got=got))
    return _say("reached_win", language, each=", ".join(told)) if told else _say("nothing", language)


def describe_loop(loyalty: Loyalty, *, language: str = "en") -> str:
    """Who bought again, how, and after how long."""
    return " ".join(loop_sentences(loyalty, language))


def describe_backward(backward: Backward, *, language: str = "en") -> str:
    """Where fewest of the won were recorded, and how many leads of the first stage one win takes."""
    if not backward.won or not backward.stages:
        return _say("nothing_won", language)
    fewest = min(backward.stages, key=lambda stage: stage.recorded.numerator)
    counts = {
        "part": fewest.recorded.numerator,
        "rate": sentences.of_all(fewest.recorded.numerator, backward.won, language),
    }
    first = backward.stages[-1]
    return " ".join(
        [
            _say("backward", language, won=backward.won, stage=plain(fewest.name), **counts),
            _say("backward_needed", language, stage=plain(first.name), needed=needed(backward, first, language)),
        ]
    )


def describe_change(change: Change, *, language: str = "en") -> str:
    """The share of the first stage that came to the last one, before and after."""
    if not change.before.stages or not change.after.stages:
        return _say("nothing", language)
    told = {
        key: _say("changed_group", language, **_counts(each, each.stages[-1], language))
        for key, each in (("before", change.before), ("after", change.after))
    }
    return _say("changed", language, stage=plain(change.after.stages[-1].name), **told)


def describe_deciders(deciders: Deciders, *, language: str = "en") -> str:
    """The median number of leads in an account, and in those won and lost."""
    if not deciders.accounts:
        return _say("no_accounts", language)
    others = ""
    if deciders.median_won is not None and deciders.median_lost is not None:
        others = _say("deciders_ended", language, won=deciders.median_won, lost=deciders.median_lost)
    return _say("deciders_median", language, median=deciders.median, others=others)


def _counts(steps: Steps, stage: StageCount, language: str) -> dict[str, object]:
    whole = stage.from_entry.denominator
    rate = sentences.of_all(stage.leads, whole, language)
    return {"part": stage.leads, "whole": sentences.counted(steps, whole, language), "rate": rate}


def _say(key: str, language: str, **values: object) -> str:
    return wording.say(f"charts.{key}", language=language, **values)
