"""What the charts that compare say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from funnel.charts import sentences
from funnel.charts.canvas.text import plain
from funnel.charts.flows import NO_STAGE, cell_sentence, end_of
from funnel.charts.ring import loop_sentences
from funnel.charts.wins import needed
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.account_sizes import AccountSizes
from funnel.measures.alignment import Alignment, Flows
from funnel.measures.backward import Backward
from funnel.measures.loyalty import Loyalty
from funnel.measures.steps import StageCount, Steps
from funnel.words import wording

MOST_NAMED = 5


def describe_lineup(flows: Flows, model: int) -> str:
    """How many labels flow into how many stages, and which have no stage."""
    labels = [label for label in flows.labels if label.leads and end_of(label, model) is not None]
    if not labels:
        return wording.say("charts.no_labels")
    stage_model = flows.questions[model].model
    placed = [label for label in labels if label.stages[model] is not None]
    filled = len({label.stages[model] for label in placed})
    values = {"stages": len(stage_model.stages), "model": plain(stage_model.name)}
    lines = [wording.say("charts.lineup", labels=len(placed), part=filled, **values)]
    nowhere = [plain(label.label) for label in labels if end_of(label, model) == NO_STAGE]
    if nowhere:
        named = nowhere if len(nowhere) <= MOST_NAMED else nowhere[: MOST_NAMED - 1]
        rest = [wording.say("charts.more_labels", n=len(nowhere) - len(named))] if len(named) < len(nowhere) else []
        lines.append(wording.say("charts.lineup_no_stage", list=wording.listed([*named, *rest])))
    return " ".join(lines)


def describe_overlap(alignment: Alignment, pair: int) -> str:
    """On how many leads two models differ, and where most of them stand."""
    overlap = alignment.pairs[pair]
    names = {key: plain(alignment.questions[model].model.name) for key, model in (("a", overlap.a), ("b", overlap.b))}
    if not overlap.both:
        return wording.say("charts.none_on_both", **names)
    lines = [wording.say("charts.overlap", part=overlap.disagree, whole=overlap.both, **names)]
    apart = [cell for cell in overlap.cells if cell[3] and cell[2]]
    if apart:
        most = max(apart, key=lambda cell: cell[2])
        lines.append(wording.say("charts.overlap_most", cell=cell_sentence(alignment, pair, most)))
    return " ".join(lines)


def describe_loop(loyalty: Loyalty) -> str:
    """Who bought again, how, and after how long."""
    return " ".join(loop_sentences(loyalty))


def describe_backward(backward: Backward) -> str:
    """Where fewest of the won were recorded, and how many leads of the first stage one win takes."""
    if not backward.won or not backward.stages:
        return wording.say("charts.nothing_won")
    fewest = min(backward.stages, key=lambda stage: stage.recorded.numerator)
    first = backward.stages[-1]
    if not fewest.recorded.denominator:
        recorded = "backward_unknown"
    elif fewest.recorded.numerator == backward.won:
        recorded = "backward_all"
    else:
        recorded = "backward_few" if backward.won < FEWEST_FOR_A_RATE else "backward"
    counts = {"part": fewest.recorded.numerator, "rate": fewest.recorded.value, "stage": plain(fewest.name)}
    takes = needed(backward, first)
    return " ".join(
        [
            wording.say(f"charts.{recorded}", won=backward.won, **counts),
            wording.say("charts.backward_needed", stage=plain(first.name), needed=takes),
            *(
                [wording.say("charts.backward_at_best", open=first.open, best=round(first.at_best, 1))]
                if first.open and first.at_best
                else []
            ),
        ]
    )


def describe_account_sizes(account_sizes: AccountSizes) -> str:
    """The median number of leads in an account, and in those won and lost."""
    if not account_sizes.accounts:
        return wording.say("charts.no_accounts")
    others = ""
    if account_sizes.median_won is not None and account_sizes.median_lost is not None:
        others = wording.say("charts.deciders_ended", won=account_sizes.median_won, lost=account_sizes.median_lost)
    return wording.say("charts.deciders_median", median=account_sizes.median, others=others)


def _counts(steps: Steps, stage: StageCount) -> dict[str, object]:
    whole = stage.from_entry.denominator
    rate = sentences.of_all(stage.leads, whole)
    return {"part": stage.leads, "whole": sentences.counted(steps, whole), "rate": rate}
