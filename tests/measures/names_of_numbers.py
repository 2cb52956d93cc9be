"""What every command and every page tells of one question, gathered under the words that stand beside it.

A figure is (name, of what, value). The names of a terminal's tables are their heads, those of a page its cards and heads, those of
`--json` the keys; a key that says less than it means is given in `MEANT` the words under which people read it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pandas as pd
from streamlit.testing.v1 import AppTest

from funnel.words import wording

WORDS = wording.read_words(wording.FOLDER / "en.toml")

# By command and path (lists without their places): the key of the words that name it, or a name where nothing shows it.
MEANT = {
    "steps.leads": "leads counted",
    "compare.models.leads": "leads counted",
    "times.leads": "leads counted",
    "moves.leads": "leads counted",
    "compare.models.counted": "leads counted",
    "compare.leads": "leads compared by model",
    "cohorts.all.leads": "leads counted",
    "steps.lost": "lost for good",
    "compare.models.lost": "lost for good",
    "cohorts.all.lost": "lost for good",
    "steps.won": "won",
    "compare.models.won": "won",
    "cohorts.all.won": "won",
    "steps.open": "pages.figures.open",
    "compare.models.open": "pages.figures.open",
    "cohorts.all.open": "pages.figures.open",
    "times.velocity.open": "pages.figures.open",
    "times.velocity.currencies.open": "pages.times.card_open",
    "cohorts.all.plain": "lead to win rate",
    "steps.stages.lost": "tables.ledger.lost",
    "steps.stages.moved_back": "tables.ledger.moved_back",
    "steps.stages.still_there": "tables.ledger.still_there",
    "compare.models.stages.lost": "tables.ledger.lost",
    "times.steps.lost": "tables.step_times.lost",
    "times.steps.lost_for_good": "tables.step_times.lost",
    "times.steps.advanced": "tables.step_times.advanced",
    "times.steps.came_to_next": "tables.step_times.advanced",
    "times.steps.open": "undecided",
    "times.steps.entered": "tables.step_times.entered",
    "times.stages.lost": "pages.move_kind.lost",
    "times.stages.loss_events": "pages.move_kind.lost",
    "times.stages.still": "tables.times.still",
    "times.stages.there_now": "tables.times.still",
    "times.drop_off.leads": "most stood last",
    "times.drop_off.share": "command.line_top_leak",
    "times.slowest.days": "most waiting days",
    "times.slowest.share": "command.line_top_wait",
    "compare.models.top_leak.leads": "most stood last",
    "compare.models.top_leak.share": "command.line_top_leak",
    "compare.models.top_wait.days": "most waiting days",
    "compare.models.top_wait.share": "command.line_top_wait",
    "moves.reentries.of": "tables.moves_again.of",
    "moves.reentries.leads": "tables.moves_again.leads",
    "moves.by_stage_reached.after_back.leads": "tables.moves_alike.back_won",
    "moves.by_stage_reached.after_back.of": "tables.moves_alike.back_leads",
    "moves.by_stage_reached.others.leads": "tables.moves_alike.others_won",
    "moves.by_stage_reached.others.of": "tables.moves_alike.others_leads",
    "moves.moved_back.leads": "leads that moved back at least once",
    "moves.won_after_back.of": "leads that moved back at least once",
    "times.stages.median_days": "tables.times.median_days",
    "times.stages.completed_median_days": "tables.times.completed_median_days",
    "times.aging.median_days": "tables.aging.median_days",
    "times.steps.median_days": "tables.step_times.median_days",
    "times.steps.completed_median_days": "tables.step_times.completed_median_days",
    "times.velocity.currencies.win_rate": "pages.times.card_rate",
    "times.velocity.currencies.win_rate_of_closed": "pages.times.card_rate",
    "times.velocity.currencies.cycle_days": "pages.times.card_cycle",
    "times.velocity.currencies.mean_days_to_win": "pages.times.card_cycle",
    "times.velocity.currencies.won": "won of those closed",
    "times.velocity.mean_days": "mean days open",
    "cohorts.all.by_day.rate": "pages.cohorts.card_by_day",
    "cohorts.all.by_day.low": "by day, low",
    "cohorts.all.by_day.high": "by day, high",
    "cohorts.all.by_day.converted": "so far, within the days",
    "cohorts.all.by_day.mature.rate": "command.won_by",
    "plan.now.rate": "command.won_by",
    "plan.now.converted": "converted of the old enough",
    "cohorts.all.by_day.mature.converted": "converted of the old enough",
    "plan.now.leads": "tables.cohorts.old_enough",
    "cohorts.all.by_day.mature.leads": "tables.cohorts.old_enough",
    "segments.leads": "leads counted",
    "compare.models.landmark.stages.leads": "undecided at the landmark",
    "compare.models.landmark.stages.won": "of these won within the horizon",
    "segments.groups.leads": "tables.segments.leads",
    "scan.findings.leads": "tables.segments.leads",
    "change.before.leads": "tables.segments.leads",
    "change.after.leads": "tables.segments.leads",
}
# Sentences with figures in them, each named by the words that follow it ("4,984 of the …": by those that begin the sentence).
SENTENCES = (
    "command.funnel_line",
    "measures.drop_off",
    "measures.slowest",
    "command.times_velocity",
    "pages.figures.won_so_far",
    "pages.funnel.title_won",
    "pages.measure.leaks.beside",
    "pages.measure.waits.beside",
)
# What a step tells of its first stage.
AT_FIRST = ("leads", "lost for good", "lost", "advanced")
# Durations are told in whole hours here, to the second there.
AN_HOUR = 1 / 24


class Figure(NamedTuple):
    """What is told where; `of` is the stage, step, group or day that it is of."""

    name: str
    of: tuple[str, ...]
    value: str
    where: str


def name_of(said: str) -> str:
    """Words as they are compared: small letters, no signs, underscores as spaces."""
    return " ".join(re.sub(r"[%_,:.-]|\{[^}]*\}", " ", said.lower()).split())


def meant(path: str, key: str) -> str:
    """The name of a key of `--json`: the words that people read for it, or the key itself."""
    # A group is asked as all are, and so is a cohort.
    path = re.sub(r"^(steps|times)\.groups\.", r"\1.", path).replace("cohorts.cohorts.", "cohorts.all.")
    said = MEANT.get(path, key)
    return name_of(str(WORDS.get(said, said)))


def in_json(answer: Any, path: str, key: str = "", of: tuple[str, ...] = ()) -> Iterator[Figure]:
    """Every number of an answer, under its path; who the parts of a list are of is told by their texts."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            # "leads" in "won_others" are no other leads' leads; those of a part of a list are that part's.
            yield from in_json(value, f"{path}.{name}", f"{key} {name}", of)
    elif isinstance(answer, list):
        for place, value in enumerate(answer):
            yield from in_json(value, path, "", (*of, identity(value, place)))
    elif isinstance(answer, int | float) and not isinstance(answer, bool):
        yield Figure(meant(path, key), of, repr(answer), path)


def identity(part: Any, place: int) -> str:
    """What tells one part of a list from the others."""
    if not isinstance(part, dict):
        return str(place)
    names = (
        ("from_name", "to_name")
        if "from_name" in part
        else ("column", "name", "stage", "from", "to", "kind", "value", "start", "currency")
    )
    told = [str(part[name]) for name in names if part.get(name) is not None]
    return " → ".join(
        [*told, *(str(part[name]) for name in ("day", "path", "a", "b", "label") if name in part)]
    ) or str(place)


def in_text(told: str, where: str) -> Iterator[Figure]:
    """Every cell of a terminal's tables, under the head of its column."""
    group: tuple[str, ...] = ()
    for block in told.split("\n\n"):
        head, *rows = [re.split(r"\s{2,}", line) for line in block.splitlines()]
        if where in ("steps", "times") and len(head) == 1:
            # A group is told under its value, and a funnel's own title.
            group = (head[0].removesuffix(".").split(":")[0],) if len(rows) == (where == "steps") else group
        for row in rows:
            if len(row) != len(head) or len(row) < 3:
                continue
            named = ("Group", "To", "Kind of move", "Path")
            names = [place for place, each in enumerate(head) if place == 0 or each in named]
            if "Path" in head:
                names = [len(head) - 1]
            of = (*group, " → ".join(row[place] for place in names))
            yield from (
                Figure(name_of(each), of, cell, where)
                for place, (each, cell) in enumerate(zip(head, row, strict=True))
                if place not in names
            )


def in_sentences(told: str, where: str) -> Iterator[Figure]:
    """The figures of known sentences in a text, wherever they stand; what a sentence is of are its stage and nothing else."""
    for key in SENTENCES:
        pieces = re.split(r"\{(\w+)[^}]*\}", WORDS[key])
        pattern = "".join(f"(?P<{each}>.+?)" if place % 2 else re.escape(each) for place, each in enumerate(pieces))
        for match in re.finditer(f"{pattern}(?=\\s|$)", told):
            of = (match["stage"],) if "stage" in match.groupdict() else ()
            for field, after in zip(pieces[1::2], pieces[2::2], strict=True):
                name = name_of(re.split(r"[.;:()×÷=]", after)[0])
                if name.startswith("of the"):
                    name = name_of(f"{pieces[0]} {name}")
                if name and field != "stage" and re.fullmatch(r"[\d,.]+%?", match[field]):
                    yield Figure(name, () if field == "total" else of, match[field], f"{where}: {key}")


def in_page(at: AppTest, where: str) -> Iterator[Figure]:
    """Every card of a page, and every cell of its tables under the head of its column; of a stage, where each row is of one."""
    cohort = ("one cohort",) if where in ("trends", "heat") else ()
    for metric in at.main.metric:
        yield Figure(name_of(metric.label), cohort, metric.value, where)
    shown = [each.value for each in (*at.main.title, *at.main.caption, *at.main.markdown)]
    if not cohort:
        shown += [metric.delta for metric in at.main.metric]
    yield from in_sentences("\n".join(shown).replace("\\", "").replace("\u2060", ""), where)
    stage, step = (name_of(wording.say(f"tables.{key}")) for key in ("times.name", "step_times.step"))
    for each in at.main.dataframe:
        frame = each.value
        if not isinstance(frame, pd.DataFrame) or name_of(str(frame.columns[0])) not in (stage, step):
            continue
        for row in frame.to_dict("records"):
            of, *_ = row.values()
            for head, value in list(row.items())[1:]:
                if isinstance(value, int | float) and not pd.isna(value):
                    yield Figure(name_of(str(head)), (str(of),), wording.number(value), where)


def two_values(figures: list[Figure]) -> dict[tuple[str, tuple[str, ...]], set[tuple[str, str]]]:
    """The names under which two values stand. Rounded texts are compared with texts, numbers of `--json` with one another."""
    found: dict[tuple[str, tuple[str, ...]], set[Figure]] = defaultdict(set)
    for figure in figures:
        found[figure.name, first_stage(figure)].add(figure)
    return {
        key: {(each.value, each.where) for each in those}
        for key, those in found.items()
        if any(not same(one.value, other.value) for one, other in product(those, those))
    }


def first_stage(figure: Figure) -> tuple[str, ...]:
    """What a figure is of; what is told of the leads at the first stage of a step is of that stage."""
    if figure.name not in AT_FIRST or not figure.where.startswith("times") or figure.of == ():
        return figure.of
    return (*figure.of[:-1], figure.of[-1].split(" → ")[0])


def number(text: str) -> float | None:
    """The number that a text is, if it is one and nothing else."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def same(one: str, other: str) -> bool:
    """Whether two texts tell one value: numbers to what is shown of them; a number is not compared with words ("5.8 months")."""
    a, b = number(one), number(other)
    if a is None or b is None:
        return (a is None) != (b is None) or one == other
    if a == int(a) and b == int(b):
        return a == b
    return abs(a - b) <= max(AN_HOUR, 0.06 if min(abs(a), abs(b)) > 1 else 0.0)
