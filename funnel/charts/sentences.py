"""What a chart says in words: beside the bars, on hover, and as a summary for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.charts.canvas.text import plain, safe_lines
from funnel.core.types import FEWEST_FOR_A_RATE, WON_CONCEPT, Note, Rate, Rule, Unit
from funnel.measures.bottleneck import Bottleneck
from funnel.measures.steps import StageCount, Steps
from funnel.words import wording

HOVER_SIZE = 13
HOVER_ROOM = 330
HOVER_LINES = 14
NAME_LINES = 8

WENT_ON, WON, MOVED_BACK, STILL_THERE, LOST = "went_on", "won", "moved_back", "still_there", "lost"
PARTS = (WENT_ON, WON, MOVED_BACK, STILL_THERE, LOST)


def parts(steps: Steps) -> tuple[dict[str, int], ...]:
    """The ledger of each stage as it is drawn, by the names in `PARTS`; the parts of a stage sum to its leads.

    *Went on* joins advanced and skipped ahead. *Won* is taken out of those still there: at the model's won stage and
    after it (without one: at the last stage), as many as the question has wins, counted from the last stage backwards.
    """
    stages = steps.question.model.stages
    first_won = next((index for index, stage in enumerate(stages) if WON_CONCEPT in stage.concepts), len(stages) - 1)
    wins_left = steps.won
    drawn = []
    for stage in reversed(steps.stages):
        won = min(stage.still_there, wins_left) if stage.position >= first_won else 0
        wins_left -= won
        drawn.append(
            {
                WENT_ON: stage.advanced + stage.skipped_ahead,
                WON: won,
                MOVED_BACK: stage.moved_back,
                STILL_THERE: stage.still_there - won,
                LOST: stage.lost,
            }
        )
    return tuple(reversed(drawn))


def counted(steps: Steps, count: int) -> str:
    """The count with its unit: "3,208 leads", or accounts where the question counts those."""
    key = "charts.accounts" if steps.question.unit is Unit.ACCOUNT else "charts.leads"
    return wording.say(key, n=count)


def share(rate: Rate) -> str | None:
    """The rate as a percentage; None where it is of too few leads to be one."""
    if rate.value is None or rate.denominator < FEWEST_FOR_A_RATE:
        return None
    return wording.say("charts.share", rate=rate.value)


def step(steps: Steps, stage: StageCount, *, median: bool = True) -> str | None:
    """What stands between a stage and the one before: "↓ 67% went on, median 9 days", or without the days; None where nobody came
    before."""
    rate = stage.from_previous
    if rate is None or rate.value is None:
        return None
    rule = _key(steps.question.rule)
    if rate.denominator < FEWEST_FOR_A_RATE:
        text = wording.say(f"charts.few_{rule}", part=rate.numerator, whole=rate.denominator)
    else:
        text = wording.say(f"charts.step_{rule}", rate=rate.value)
    if not median or stage.median_days_from_previous is None:
        return text
    return wording.say("charts.with_median", step=text, days=stage.median_days_from_previous)


def hovers(steps: Steps, stage: StageCount, ledger: dict[str, int]) -> dict[str, str]:
    """For each part of one bar its sentences, wrapped and safe: the stage, the part, how many got here and how fast."""
    whole = counted(steps, stage.leads)
    shared = _got_here(steps, stage)
    texts = {}
    for part, count in ledger.items():
        rate = of_all(count, stage.leads)
        sentences = [wording.say(f"charts.hover_{part}", part=count, whole=whole, rate=rate)]
        if part == WENT_ON and stage.skipped_ahead:
            ways = {"advanced": stage.advanced, "skipped": stage.skipped_ahead}
            sentences.append(wording.say("charts.hover_ways_on", **ways))
        texts[part] = hover(stage.name, [*sentences, *shared])
    return texts


def stage_hover(steps: Steps, stage: StageCount, *, with_model: bool = False) -> str:
    """What a mark says that stands for a whole stage: its name (and its model's), how many got here and how fast."""
    model = wording.say("charts.in_model", model=plain(steps.question.model.name))
    return hover(stage.name, [*([model] if with_model else []), *_got_here(steps, stage)])


def description(steps: Steps) -> str:
    """A sentence that sums the funnel up: how many came to the first stage, and how many to the last. Plain text."""
    if not any(stage.leads for stage in steps.stages):
        return wording.say("charts.nothing")
    first, last = steps.stages[0], steps.stages[-1]
    return wording.say(
        "charts.first_to_last",
        whole=counted(steps, first.leads),
        first=plain(first.name),
        part=last.leads,
        last=plain(last.name),
        rate=rate_with_interval(last.from_entry),
    )


def stuck(bottleneck: Bottleneck) -> str:
    """Where leads wait most and where most are lost, or that no stage stands out. Plain text."""
    return " ".join(_note(note) for note in bottleneck.sentences)


def _note(note: Note) -> str:
    return wording.say(note.key, **{name: _plain(value) for name, value in note.values.items()})


def _plain(value: object) -> object:
    return (
        plain(value)
        if isinstance(value, str)
        else [plain(each) for each in value]
        if isinstance(value, tuple)
        else value
    )


def _got_here(steps: Steps, stage: StageCount) -> list[str]:
    """What all parts of a bar say: how many came this far, of the first stage and of the one before, and how fast."""
    first, rule = steps.stages[0], steps.question.rule
    if stage.position == 0:
        return [wording.say("charts.hover_first", whole=counted(steps, stage.leads))]
    before = steps.stages[stage.position - 1]
    of_first = "hover_started" if rule is Rule.PASSED else f"hover_{_key(rule)}"
    sentences = [_rate_sentence(steps, of_first, stage.from_entry, first)]
    if stage.from_previous is not None and before is not first:
        sentences.append(_rate_sentence(steps, f"hover_{_key(rule)}", stage.from_previous, before))
    if stage.median_days_from_previous is not None:
        sentences.append(
            wording.say(
                "charts.hover_median",
                days=stage.median_days_from_previous,
                stage=plain(before.name),
                timed=counted(steps, stage.timed_leads),
            )
        )
    if rule is Rule.PASSED and stage.skipped_here:
        sentences.append(wording.say("charts.hover_skipped_here", part=stage.skipped_here))
    return sentences


def _rate_sentence(steps: Steps, key: str, rate: Rate, whole_of: StageCount) -> str:
    return wording.say(
        f"charts.{key}",
        part=rate.numerator,
        whole=counted(steps, rate.denominator),
        stage=plain(whole_of.name),
        rate=rate_with_interval(rate),
    )


def rate_with_interval(rate: Rate) -> str:
    """ ": 39% (95% interval 38% to 41%)", to end a sentence; "" of too few leads."""
    if rate.value is None or rate.denominator < FEWEST_FOR_A_RATE:
        return ""
    if rate.low is None or rate.high is None:
        return wording.say("charts.rate", rate=rate.value)
    return wording.say("charts.rate_interval", rate=rate.value, low=rate.low, high=rate.high)


def hover(name: str, sentences: Sequence[str]) -> str:
    """What a mark says: the name of what it is of and the plain sentences, as lines that are safe and no wider than a hover should be."""
    title = [f"<b>{line}</b>" for line in safe_lines(plain(name), HOVER_SIZE * 1.1, HOVER_ROOM, NAME_LINES)]
    return "<br>".join([*title, *wrapped(sentences)])


def wrapped(sentences: Sequence[str]) -> list[str]:
    """Plain sentences as lines for a hover: safe, and no wider than a hover should be."""
    return [line for sentence in sentences for line in safe_lines(sentence, HOVER_SIZE, HOVER_ROOM, HOVER_LINES)]


def of_all(count: int, whole: int) -> str:
    """ ": 39%", to end a sentence; "" of too few."""
    if whole < FEWEST_FOR_A_RATE:
        return ""
    return wording.say("charts.rate", rate=count / whole)


def _key(rule: Rule) -> str:
    return rule.value.replace("-", "_")
