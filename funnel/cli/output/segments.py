"""Segments set against each other as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import (
    by_account,
    compared,
    compared_heads,
    contrast_cells,
    reached_said,
    said,
    share,
    stage_key,
    value_of,
)
from funnel.cli.output.text import moment, paragraphs, table
from funnel.core import insights
from funnel.core.types import (
    CLEAR,
    FEWEST_FOR_A_RATE,
    Contrast,
    Finding,
    LogRank,
    Note,
    Scan,
    SegmentFound,
    Segments,
    Verdict,
)
from funnel.words import wording

START = "start"
GROUPS = ("a", "b")


def segments(found: Segments, log_rank: LogRank | None, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """Each group against all other leads, or two groups against each other; then `by` is null, and `in_both` and the `bet` on the
    likelier of "a" and "b" are told.

    `leads` of a group are those that count in its rate, `converted` those of them that came to the target. Rates and differences are
    fractions; null where there are fewer than 20 leads.
    """
    question = found.question
    answer: dict[str, Any] = {
        "model": question.model.key,
        "rule": question.rule.value,
        "unit": question.unit.value,
        "from": moment(question.filters.start_from),
        "to": moment(question.filters.start_to),
        "observed_until": moment(question.observed_until),
        "to_stage": stage_key(question, found.target),
        "day": found.day,
        "by": found.column,
        "leads": found.leads,
        "accounts": found.whole.accounts,
        "others": found.others,
        "young": found.young,
        "untimed": found.untimed,
        "groups": [_group(found, each) for each in found.segments],
        "log_rank": log_rank and {"statistic": log_rank.statistic, "degrees": log_rank.degrees, "p": log_rank.p},
        "warnings": said(warnings),
    }
    if found.column is None:
        bet = found.bet
        told = bet and {"on": GROUPS[bet.on], "chance": bet.chance, "loss": bet.loss}
        answer |= {"in_both": found.in_both, "bet": told}
    return answer


def segments_text(found: Segments, log_rank: LogRank | None, warnings: Sequence[Note] = ()) -> str:
    """The groups as a table, then step by step, then what may be said of them, in sentences."""
    question, by_hand = found.question, found.column is None
    reached = reached_said(question, found.target, found.day)
    column = wording.say("command.segments_group") if by_hand else insights.column_name(str(found.column))
    title = wording.say(
        f"command.segments_{'two_' if by_hand else ''}line",
        leads=found.leads,
        unit=question.unit.value,
        model=question.model.key,
        rule=question.rule.value,
        by=column,
        reached=reached,
    )
    names = [insights.segment_name(each.segment, columns=by_hand) for each in found.segments]
    sentences = _two(found, names) if by_hand else _against_others(found, names)
    if found.day is None:
        sentences = [wording.say("command.segments_ages_differ")]
    enough = sum(each.leads >= FEWEST_FOR_A_RATE for each in found.segments)
    if log_rank is not None and enough > 1:
        key = "differ" if log_rank.p < CLEAR else "alike"
        sentences.append(wording.say(f"command.curves_{key}", chance=insights.chance(log_rank.p)))
    counts = {"young": found.young, "untimed": found.untimed, "in_both": found.in_both}
    counts["in_neither" if by_hand else "others"] = found.others
    notes = [
        wording.say(f"command.segments_{name}", leads=leads, day=found.day) for name, leads in counts.items() if leads
    ]
    notes += by_account(found.whole)
    parts = [[title], _overall(found, names, column, reached), _steps(found, names, column), notes, sentences]
    return paragraphs([*parts, said(warnings)])


def scan(found: Scan, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """Every group of every column against all other leads, clear and lasting differences first. `within` is what is left of a clear
    one between leads alike in the column `beside` ("start": in the quarter of their start)."""
    return {
        "day": found.day,
        "accounts": found.whole.accounts,
        "tested": found.tested,
        "looked_at": list(found.looked_at),
        "telling": list(found.telling),
        "known": [insights.segment_name(each, columns=True) for each in found.known],
        "same": [insights.segment_name(each, columns=True) for each in found.same],
        "too_many": list(found.too_many),
        "unknown_at_start": list(found.unknown_at_start),
        "findings": [
            {
                "column": each.column,
                "value": value_of(each.segment),
                **compared(each.contrast),
                "within": each.within,
                "beside": START if each.beside == "" else each.beside,
                "holds": each.holds,
            }
            for each in found.findings
        ],
        "warnings": said(warnings),
    }


def scan_text(found: Scan, warnings: Sequence[Note] = ()) -> str:
    """The clear differences as a table, then in sentences; and what was left out."""
    reached = reached_said(found.question, found.target, found.day)
    clear = [each for each in found.findings if each.contrast.is_clear]
    title = wording.say(
        "command.scan_line",
        tested=found.tested,
        columns=len(found.looked_at),
        model=found.question.model.key,
        reached=reached,
    )
    rest: dict[str, Any] = {
        "unclear": found.tested - len(clear),
        "few": sum(each.contrast.verdict is Verdict.FEW for each in found.findings),
        "telling": [insights.column_name(column) for column in found.telling],
        "known": [insights.segment_name(each, columns=True) for each in found.known],
        "same": [insights.segment_name(each, columns=True) for each in found.same],
        "too_many": [insights.column_name(column) for column in found.too_many],
        "unknown_at_start": [insights.column_name(column) for column in found.unknown_at_start],
    }
    notes = [wording.say(f"command.scan_{name}", left=left) for name, left in rest.items() if left]
    rows = [
        [
            insights.column_name(each.column),
            insights.segment_name(each.segment),
            *contrast_cells(each.contrast),
            _within(each),
        ]
        for each in clear
    ]
    heads = [
        *compared_heads("column", "group", "leads"),
        reached,
        *compared_heads("share", "range", "difference", "verdict", "within"),
    ]
    key = "scan_none" if found.tested else "scan_nothing"
    none = wording.say("command.segments_ages_differ" if found.day is None else f"command.{key}")
    notes += by_account(found.whole)
    found_clear = table(heads, rows, left=2) if rows else [none]
    return paragraphs([[title], found_clear, [_held(each) for each in clear], notes, said(warnings)])


def _group(found: Segments, each: SegmentFound) -> dict[str, Any]:
    stages = found.question.model.stages
    value = insights.segment_name(each.segment, columns=True) if found.column is None else value_of(each.segment)
    steps = []
    for place, step in enumerate(each.steps):
        told = compared(step)
        del told["detectable_fall"], told["impact"]
        steps.append({"from": stages[place].key, "to": stages[place + 1].key, **told})
    return {"value": value, **compared(each.overall), "steps": steps}


def _overall(found: Segments, names: Sequence[str], column: str, reached: str) -> list[str]:
    if not found.segments:
        return []
    heads = [column, *compared_heads("leads"), reached, *compared_heads("share", "range", "difference", "verdict")]
    rows = [[name, *contrast_cells(each.overall)] for name, each in zip(names, found.segments, strict=True)]
    return table(heads, rows)


def _steps(found: Segments, names: Sequence[str], column: str) -> list[str]:
    stages = found.question.model.stages[1:]
    if not stages or not found.segments:
        return []
    rows = [
        [name, *(_step_cell(step) for step in each.steps)] for name, each in zip(names, found.segments, strict=True)
    ]
    heads = [column, *(wording.say("command.segments_to", stage=stage.name) for stage in stages)]
    title = wording.say("command.segments_steps" if found.day is None else "command.segments_steps_by", day=found.day)
    return [title, "", *table(heads, rows)]


def _step_cell(step: Contrast) -> str:
    if not step.is_clear:
        return share(step.rate)
    return wording.say("command.segments_step", rate=step.rate.value, verdict=insights.verdict_word(step.verdict))


def _against_others(found: Segments, names: Sequence[str]) -> list[str]:
    """A sentence for each clear difference; those that cannot be told together in one, and those of too few leads."""
    others = wording.say("command.segments_the_others")
    sentences, unclear, few = [], [], []
    for name, each in zip(names, found.segments, strict=True):
        if each.overall.is_clear:
            sentences.append(insights.verdict_said(each.overall, name, others))
        elif each.overall.verdict is Verdict.UNCLEAR:
            unclear.append(_unclear(each.overall, name))
        else:
            few.append(name)
    for key, those in (("unclear", unclear), ("few", few)):
        if those:
            sentences.append(wording.say(f"command.segments_{key}", names=those))
    return sentences


def _unclear(contrast: Contrast, name: str) -> str:
    """The name, with the smallest difference that would most likely have shown."""
    if contrast.least_detectable is None:
        return name
    return wording.say("command.segments_would_show", name=name, points=insights.points(contrast.least_detectable))


def _two(found: Segments, names: Sequence[str]) -> list[str]:
    """The verdict on the first of two groups against the second, and the bet."""
    one, other = (wording.say("command.quoted", name=name) for name in names)
    sentences = [insights.verdict_said(found.segments[0].overall, one, other)]
    if found.bet is not None:
        on, loss = (one, other)[found.bet.on], insights.points(found.bet.loss)
        sentences.append(wording.say("command.segments_bet", on=on, chance=found.bet.chance, loss=loss))
    return sentences


def _held(finding: Finding) -> str:
    """A clear difference in a sentence, and whether it stays between leads alike in something else."""
    name = wording.say("command.quoted", name=insights.segment_name(finding.segment, columns=True))
    sentence = insights.verdict_said(finding.contrast, name, wording.say("command.segments_the_others"))
    if finding.beside is None:
        return sentence
    key = "command.scan_holds" if finding.holds else "command.scan_mix"
    within = insights.signed_points(finding.within)
    return f"{sentence} {wording.say(key, beside=_beside(finding.beside), within=within)}"


def _within(finding: Finding) -> str:
    if finding.beside is None:
        return wording.ABSENT
    points = insights.signed_points(finding.within)
    return wording.say("command.scan_within", points=points, beside=_beside(finding.beside))


def _beside(column: str) -> str:
    return insights.column_name(column) if column else wording.say("command.scan_start")
