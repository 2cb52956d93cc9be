"""Where the labels of a file flow in a model, and where two models put the same leads."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.legend import Entry
from funnel.charts.canvas.text import plain
from funnel.charts.canvas.theme import colours, pale
from funnel.charts.ribbons import Block, Ribbon, Side, ribbons
from funnel.charts.sentences import wrapped
from funnel.core.types import IGNORED, LOST_CONCEPTS
from funnel.measures.alignment import Alignment, Flows, LabelFlow
from funnel.words import wording

MOST_LABELS = 14
NO_STAGE, LEAVES = "no_stage", "leaves"
PALE, LOUD = 0.3, 0.75

Cell = tuple[int | None, int | None, int, bool]


def lineup(flows: Flows, model: int, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Ribbons from the labels of the file to the stages of one of the models, as thick as leads were recorded there.

    `model` is its index among the questions. A label that the model does not place flows to "no stage", an exit to
    "leaves". Labels to be ignored, and those where none of these leads was recorded, are left out; of more than 14,
    the smallest are summed up.
    """
    theme = colours(dark)
    stage_model = flows.questions[model].model
    hue = theme.series[model % len(theme.series)]
    groups = label_groups(flows, model)
    flowing = [label for group in groups for label in group]
    colour_of: dict[int | str, str] = dict.fromkeys(range(len(stage_model.stages)), hue)
    colour_of |= {
        end: colour
        for end, colour in ((NO_STAGE, theme.still), (LEAVES, theme.lost))
        if any(end_of(label, model) == end for label in flowing)
    }
    right = []
    for end, colour in colour_of.items():
        labels = sum(end_of(label, model) == end for label in flowing)
        beside = wording.say("charts.label_count", n=labels) if labels else wording.say("charts.no_label")
        name = stage_model.stages[end].name if isinstance(end, int) else wording.say(f"charts.{end}")
        right.append(Block(name, beside, colour, hatched=end == NO_STAGE))
    left, drawn = [], []
    for index, group in enumerate(groups):
        name = group[0].label if len(group) == 1 else wording.say("charts.more_labels", n=len(group))
        left.append(Block(name, _count(group), theme.still, _hover(flows, group)))
        for number, (end, colour) in enumerate(colour_of.items()):
            part = [label for label in group if end_of(label, model) == end]
            if part:
                fill = colour if end == NO_STAGE else pale(colour, PALE)
                hover = _hover(flows, part, _where(flows, model, end))
                drawn.append(Ribbon(index, number, _sum(part), fill, hover, end == NO_STAGE))
    return ribbons(
        Side(wording.say("charts.labels_of_file"), theme.muted, tuple(left)),
        Side(stage_model.name, hue, tuple(right)),
        drawn,
        dark=dark,
        width_hint=width_hint,
    )


def end_of(label: LabelFlow, model: int) -> int | str | None:
    """Where a label's ribbon ends: at a stage's position, at `NO_STAGE`, at `LEAVES`; None: it is to be ignored."""
    stage = label.stages[model]
    if stage is not None:
        return stage
    if label.concept == IGNORED:
        return None
    return LEAVES if label.concept in LOST_CONCEPTS else NO_STAGE


def label_groups(flows: Flows, model: int) -> list[list[LabelFlow]]:
    """The labels that are drawn, in their order, each alone; of too many, the smallest together at the end."""
    labels = [label for label in flows.labels if label.leads and end_of(label, model) is not None]
    if len(labels) <= MOST_LABELS:
        return [[label] for label in labels]
    largest = sorted(range(len(labels)), key=lambda index: (-labels[index].leads, index))[: MOST_LABELS - 1]
    alone = [[labels[index]] for index in sorted(largest)]
    return [*alone, [label for index, label in enumerate(labels) if index not in set(largest)]]


def overlap(alignment: Alignment, pair: int, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Ribbons from the stages of one model to those of another: the same leads, each at the deepest stage that counts.

    `pair` is the index among the alignment's pairs. Where the two put leads at different depths, the ribbon is warm;
    what a model does not place stands last.
    """
    theme = colours(dark)
    overlap = alignment.pairs[pair]
    sides, positions = [], []
    for which, model in enumerate((overlap.a, overlap.b)):
        stage_model = alignment.questions[model].model
        hue = theme.series[model % len(theme.series)]
        leads_of: dict[int | None, int] = dict.fromkeys(range(len(stage_model.stages)), 0)
        for cell in overlap.cells:
            leads_of[cell[which]] = leads_of.get(cell[which], 0) + cell[2]
        blocks = [
            Block(
                wording.say("charts.unplaced") if stage is None else stage_model.stages[stage].name,
                wording.say("charts.count", n=leads),
                theme.still if stage is None else hue,
                hatched=stage is None,
            )
            for stage, leads in leads_of.items()
        ]
        sides.append(Side(stage_model.name, hue, tuple(blocks)))
        positions.append({stage: position for position, stage in enumerate(leads_of)})
    alike, apart, alone = (pale(theme.series[overlap.a % len(theme.series)], PALE), pale(theme.lost, LOUD), theme.still)
    drawn = []
    # What differs lies on top.
    for cell in sorted(overlap.cells, key=lambda cell: cell[3]):
        one, other, leads, differs = cell
        placed = one is not None and other is not None
        colour = apart if differs else alike if placed else alone
        sentences = [
            cell_sentence(alignment, pair, cell),
            *([wording.say("charts.cell_apart")] if differs else []),
        ]
        hover = "<br>".join(wrapped(sentences))
        drawn.append(Ribbon(positions[0][one], positions[1][other], leads, colour, hover, not placed))
    agree = overlap.both - overlap.disagree
    explained = [Entry(wording.say("charts.same_depth", n=agree), alike)]
    if overlap.both:
        explained.append(Entry(wording.say("charts.other_depth", n=overlap.disagree), apart))
    if overlap.one_only:
        explained.append(Entry(wording.say("charts.one_only", n=overlap.one_only), theme.track, theme.still))
    return ribbons(sides[0], sides[1], drawn, dark=dark, width_hint=width_hint, explained=explained)


def cell_sentence(alignment: Alignment, pair: int, cell: Cell) -> str:
    """ "312 leads: Qualification in Standard B2B, Interest in AIDA." """
    overlap = alignment.pairs[pair]
    words = {}
    for key, model, stage in (("one", overlap.a, cell[0]), ("other", overlap.b, cell[1])):
        stage_model = alignment.questions[model].model
        words[f"{key}_model"] = plain(stage_model.name)
        words[key] = wording.say("charts.not_placed") if stage is None else plain(stage_model.stages[stage].name)
    return wording.say("charts.cell", n=cell[2], **words)


def _hover(flows: Flows, group: Sequence[LabelFlow], where: str = "") -> str:
    if len(group) == 1:
        words = {"part": group[0].leads, "whole": flows.leads, "label": plain(group[0].label)}
        sentence = wording.say("charts.recorded", **words)
    else:
        each = [wording.say("charts.label_leads", label=plain(one.label), n=one.leads) for one in group]
        sentence = wording.say("charts.recorded_more", labels=", ".join(each))
    return "<br>".join(wrapped([sentence, where] if where else [sentence]))


def _where(flows: Flows, model: int, end: int | str) -> str:
    stage_model = flows.questions[model].model
    if isinstance(end, int):
        return wording.say("charts.flows_to", model=plain(stage_model.name), stage=plain(stage_model.stages[end].name))
    return wording.say(f"charts.flows_to_{end}", model=plain(stage_model.name))


def _count(group: Sequence[LabelFlow]) -> str:
    return wording.say("charts.count", n=_sum(group))


def _sum(group: Sequence[LabelFlow]) -> int:
    return sum(label.leads for label in group)
