"""Segments set against each other as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import (
    by_account,
    reached_said,
    said,
    share,
    stage_key,
)
from funnel.cli.output.text import moment, paragraphs, rows_text, table
from funnel.core import insights
from funnel.core.rows import data
from funnel.core.types import CLEAR, FEWEST_FOR_A_RATE, Contrast, Note, Verdict
from funnel.measures.contrast_rows import ONLY_SHOWN
from funnel.measures.scan import Finding, Scan
from funnel.measures.segments import Segments
from funnel.measures.statistics.log_rank import LogRank
from funnel.words import wording

GROUPS = ("a", "b")


def segments(result: Segments, log_rank: LogRank | None, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """Each group against all other leads, or two groups against each other; then `by` is null, and `in_both` and the `bet` on the
    likelier of "a" and "b" are told.

    `leads` of a group are those that count in its rate, `converted` those of them that came to the target. Rates and differences are
    fractions; null where there are fewer than 20 leads.
    """
    question = result.question
    answer: dict[str, Any] = {
        "model": question.model.key,
        "rule": question.rule.value,
        "unit": question.unit.value,
        "from": moment(question.filters.start_from),
        "to": moment(question.filters.start_to),
        "observed_until": moment(question.observed_until),
        "to_stage": stage_key(question, result.target),
        "day": result.day,
        "by": result.column,
        "leads": result.leads,
        "accounts": result.whole.accounts,
        "others": result.others,
        "young": result.young,
        "untimed": result.untimed,
        "groups": [
            {**row, "steps": data(result.steps_of(each), (*ONLY_SHOWN, "value", "detectable_fall", "impact"))}
            for row, each in zip(data(result.rows(), (*ONLY_SHOWN, "all_leads")), result.segments, strict=True)
        ],
        "log_rank": log_rank and {"statistic": log_rank.statistic, "degrees": log_rank.degrees, "p": log_rank.p},
        "warnings": said(warnings),
    }
    if result.column is None:
        bet = result.bet
        bet_answer = bet and {"on": GROUPS[bet.on], "chance": bet.chance, "loss": bet.loss}
        answer |= {"in_both": result.in_both, "bet": bet_answer}
    return answer


def segments_text(result: Segments, log_rank: LogRank | None, warnings: Sequence[Note] = ()) -> str:
    """The groups as a table, then step by step, then what may be said of them, in sentences."""
    question, by_hand = result.question, result.column is None
    reached = reached_said(question, result.target, result.day)
    column = wording.say("command.segments_group") if by_hand else insights.column_name(str(result.column))
    title = wording.say(
        f"command.segments_{'two_' if by_hand else ''}line",
        counted=wording.say(f"pages.counted.{question.unit}", n=result.leads),
        model=question.model.key,
        rule=wording.say(f"command.rule_{question.rule}"),
        by=column,
        reached=reached,
    )
    names = [insights.segment_name(each.segment, columns=by_hand) for each in result.segments]
    sentences = _two(result, names) if by_hand else _against_others(result, names)
    if result.day is None:
        sentences = [wording.say("command.segments_ages_differ")]
    enough = sum(each.leads >= FEWEST_FOR_A_RATE for each in result.segments)
    if log_rank is not None and enough > 1:
        key = "differ" if log_rank.p < CLEAR else "alike"
        sentences.append(wording.say(f"command.curves_{key}", chance=insights.chance(log_rank.p)))
    counts = {"young": result.young, "untimed": result.untimed, "in_both": result.in_both}
    counts["in_neither" if by_hand else "others"] = result.others
    notes = [
        wording.say(f"command.segments_{name}", leads=leads, day=result.day) for name, leads in counts.items() if leads
    ]
    notes += by_account(result.whole)
    rows = [{**row, "group": name} for row, name in zip(result.rows(), names, strict=True)]
    overall = rows_text("segments_narrow", rows, by=column, reached=reached) if rows else []
    parts = [[title], overall, _steps(result, names, column), notes, sentences]
    return paragraphs([*parts, said(warnings)])


def scan(result: Scan, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """Every group of every column against all other leads, clear and lasting differences first. `within` is what is left of a clear
    one between leads alike in the column `beside` ("start": in the quarter of their start)."""
    return {
        "day": result.day,
        "accounts": result.whole.accounts,
        "tested": result.tested,
        "looked_at": list(result.looked_at),
        "telling": list(result.telling),
        "known": [insights.segment_name(each, columns=True) for each in result.known],
        "same": [insights.segment_name(each, columns=True) for each in result.same],
        "too_many": list(result.too_many),
        "unknown_at_start": list(result.unknown_at_start),
        "findings": data(result.rows(), ONLY_SHOWN),
        "warnings": said(warnings),
    }


def scan_text(result: Scan, warnings: Sequence[Note] = ()) -> str:
    """The clear differences as a table, then in sentences; and what was left out."""
    reached = reached_said(result.question, result.target, result.day)
    clear = [each for each in result.findings if each.contrast.is_clear]
    title = wording.say(
        "command.scan_line",
        tested=result.tested,
        columns=len(result.looked_at),
        model=result.question.model.key,
        reached=reached,
    )
    rest: dict[str, Any] = {
        "unclear": result.tested - len(clear),
        "few": sum(each.contrast.verdict is Verdict.FEW for each in result.findings),
        "telling": [insights.column_name(column) for column in result.telling],
        "known": [insights.segment_name(each, columns=True) for each in result.known],
        "same": [insights.segment_name(each, columns=True) for each in result.same],
        "too_many": [insights.column_name(column) for column in result.too_many],
        "unknown_at_start": [insights.column_name(column) for column in result.unknown_at_start],
    }
    notes = [wording.say(f"command.scan_{name}", left=left) for name, left in rest.items() if left]
    key = "scan_none" if result.tested else "scan_nothing"
    none = wording.say("command.segments_ages_differ" if result.day is None else f"command.{key}")
    notes += by_account(result.whole)
    clear_lines = rows_text("scan_narrow", [each.row() for each in clear], left=2, reached=reached) if clear else [none]
    return paragraphs([[title], clear_lines, [_held(each) for each in clear], notes, said(warnings)])


def _steps(result: Segments, names: Sequence[str], column: str) -> list[str]:
    stages = result.question.model.stages[1:]
    if not stages or not result.segments:
        return []
    rows = [
        [name, *(_step_cell(step) for step in each.steps)] for name, each in zip(names, result.segments, strict=True)
    ]
    heads = [column, *(wording.say("command.segments_to", stage=stage.name) for stage in stages)]
    title = wording.say("command.segments_steps" if result.day is None else "command.segments_steps_by", day=result.day)
    return [title, "", *table(heads, rows)]


def _step_cell(step: Contrast) -> str:
    if not step.is_clear:
        return share(step.rate)
    return wording.say("command.segments_step", rate=step.rate.value, verdict=insights.verdict_word(step.verdict))


def _against_others(result: Segments, names: Sequence[str]) -> list[str]:
    """A sentence for each clear difference; those that cannot be told together in one, and those of too few leads."""
    others = wording.say("command.segments_the_others")
    sentences, unclear, few = [], [], []
    for name, each in zip(names, result.segments, strict=True):
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


def _two(result: Segments, names: Sequence[str]) -> list[str]:
    """The verdict on the first of two groups against the second, and the bet."""
    one, other = (wording.say("command.quoted", name=name) for name in names)
    sentences = [insights.verdict_said(result.segments[0].overall, one, other)]
    if result.bet is not None:
        on, loss = (one, other)[result.bet.on], insights.points(result.bet.loss)
        sentences.append(wording.say("command.segments_bet", on=on, chance=result.bet.chance, loss=loss))
    return sentences


def _held(finding: Finding) -> str:
    """A clear difference in a sentence, and whether it stays between leads alike in something else."""
    name = wording.say("command.quoted", name=insights.segment_name(finding.segment, columns=True))
    sentence = insights.verdict_said(finding.contrast, name, wording.say("command.segments_the_others"))
    if finding.beside is None:
        return sentence
    key = "command.scan_holds" if finding.holds else "command.scan_mix"
    beside = insights.column_name(finding.beside) if finding.beside else wording.say("command.scan_start")
    return f"{sentence} {wording.say(key, beside=beside, within=insights.signed_points(finding.within))}"
