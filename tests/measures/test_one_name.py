"""One name for one number: what every command and every page tells of one question is gathered under the words that stand beside it,
and no two values may stand under one name.

A figure is (name, of what, value). The names of a terminal's tables are their heads, those of a page its cards and heads, those of
`--json` the keys; a key that says less than it means is given in `MEANT` the words under which people read it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from funnel.cli.command import main
from funnel.words import wording
from tests.pages.test_pages import opened, uploaded

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "leads-history.csv.gz"
WORDS = wording.read_words(wording.FOLDER / "en.toml")
PAGES = ("overview_page.py", "times_page.py", "moves_page.py", "cohorts_page.py", "segments_page.py", "models_page.py")

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
    "steps.stages.lost": "command.funnel_lost",
    "steps.stages.moved_back": "command.funnel_moved_back",
    "steps.stages.still_there": "command.funnel_still_there",
    "compare.models.stages.lost": "command.funnel_lost",
    "times.steps.lost": "command.times_lost",
    "times.steps.lost_for_good": "command.times_lost",
    "times.steps.advanced": "command.times_advanced",
    "times.steps.came_to_next": "command.times_advanced",
    "times.steps.open": "undecided",
    "times.steps.entered": "command.times_came",
    "times.stages.lost": "pages.move_kind.lost",
    "times.stages.loss_events": "pages.move_kind.lost",
    "times.stages.still": "command.times_still",
    "times.stages.there_now": "command.times_still",
    "times.drop_off.leads": "most stood last",
    "times.drop_off.share": "command.line_top_leak",
    "times.slowest.days": "most waiting days",
    "times.slowest.share": "command.line_top_wait",
    "compare.models.top_leak.leads": "most stood last",
    "compare.models.top_leak.share": "command.line_top_leak",
    "compare.models.top_wait.days": "most waiting days",
    "compare.models.top_wait.share": "command.line_top_wait",
    "moves.reentries.of": "command.moves_came",
    "moves.reentries.leads": "command.moves_again",
    "moves.moved_back.leads": "leads that moved back at least once",
    "moves.won_after_back.of": "leads that moved back at least once",
    "times.stages.median_days": "command.times_median",
    "times.stages.completed_median_days": "command.times_left_only",
    "times.aging.median_days": "command.times_median_so_far",
    "times.steps.median_days": "command.times_step_median",
    "times.steps.completed_median_days": "command.times_moved_only",
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
    "plan.now.leads": "pages.column.old_enough",
    "cohorts.all.by_day.mature.leads": "pages.column.old_enough",
    "segments.leads": "leads counted",
    "compare.models.landmark.stages.leads": "undecided at the landmark",
    "compare.models.landmark.stages.won": "of these won within the horizon",
    "segments.groups.leads": "command.compared_leads",
    "scan.findings.leads": "command.compared_leads",
    "change.before.leads": "command.compared_leads",
    "change.after.leads": "command.compared_leads",
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
            names = [place for place, each in enumerate(head) if place == 0 or each in ("group", "to", "kind", "path")]
            if "path" in head:
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
    cohort = ("one cohort",) if where == "cohorts_page.py" else ()
    for metric in at.main.metric:
        yield Figure(name_of(metric.label), cohort, metric.value, where)
    shown = [each.value for each in (*at.main.title, *at.main.caption, *at.main.markdown)]
    if not cohort:
        shown += [metric.delta for metric in at.main.metric]
    yield from in_sentences("\n".join(shown).replace("\\", "").replace("\u2060", ""), where)
    stage, step = (name_of(wording.say(f"pages.times.column.{key}")) for key in ("stage", "step"))
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


def commands(file: str, model: str, by: str, day: int, rule: str) -> list[list[str]]:
    """One question asked of every command."""
    one = [file, "--model", model, "--rule", rule]
    aged = ["--day", str(day)]
    return [
        ["steps", *one],
        ["steps", *one, "--by", by],
        ["compare", file, "--models", f"{model},as-recorded", "--rule", rule],
        ["cohorts", *one, "--period", "quarter", *aged],
        ["times", *one],
        ["moves", *one],
        ["segments", *one, "--by", by, *aged],
        ["scan", *one, *aged],
        ["plan", *one, *aged, "--hoped", "0.5"],
    ]


def of_commands(asked: list[list[str]], model: str, capsys: pytest.CaptureFixture[str]) -> list[Figure]:
    """What the commands tell, of the model alone."""
    found: list[Figure] = []
    for words in asked:
        assert main([*words, "--json"]) == 0, words
        answer = json.loads(capsys.readouterr().out)
        if words[0] == "compare":
            (ours,) = [each for each in answer["models"] if each["model"] == model]
            found += in_json(ours, "compare.models")
            continue
        found += in_json(answer, words[0])
        assert main(words) == 0
        told = capsys.readouterr().out
        found += in_text(told, words[0])
        if "--by" not in words:
            found += in_sentences(told, words[0])
    return found


def of_pages(at: AppTest) -> list[Figure]:
    found: list[Figure] = []
    for page in PAGES:
        at.switch_page(page).run()
        assert not at.exception, page
        found += in_page(at, page)
    return found


# Of each kind of lead: its region, and its labels with the day on which it came to each.
KINDS = (
    ("East", (("New", 0), ("Demo done", 9), ("Closed won", 30))),
    ("West", (("New", 0), ("Qualified", 4), ("Demo done", 11), ("Closed won", 90))),
    ("East", (("New", 0), ("Qualified", 3), ("New", 8), ("Closed lost", 12))),
    ("West", (("New", 0), ("Closed lost", 2), ("Qualified", 20), ("Closed lost", 41))),
    ("East", (("New", 0), ("Qualified", 5), ("Demo done", 6), ("Qualified", 7))),
    ("West", (("New", 0), ("Demo done", 14), ("Qualified", 15), ("Closed lost", 33))),
    ("East", (("Qualified", 0), ("Demo done", 10), ("Closed lost", 50), ("Demo done", 60))),
    ("", (("New", 0), ("Closed won", 21), ("Demo done", 40))),
    ("West", (("New", 0), ("New", 0), ("Sent a mug", 3))),
    ("East", (("New", 0), ("Closed lost", 400))),
)
PER_KIND = 30


def nasty() -> str:
    """Leads that skip, go back, are lost twice, opened again, won and moved back, or stand at a label without a meaning."""
    lines = ["lead_id,stage,changed_at,region,amount"]
    for (kind, (region, path)), turn in product(enumerate(KINDS), range(PER_KIND)):
        start = datetime(2024, 1, 1, 8) + timedelta(days=11 * turn, hours=kind)
        for label, day in path:
            at = start + timedelta(days=day, minutes=day * kind)
            lines.append(f"K{kind}-{turn:02d},{label},{at:%Y-%m-%d %H:%M},{region},{100 + kind}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("rule", ["passed", "visited", "in-order"])
def test_no_command_gives_one_name_to_two_numbers(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nasty.csv"
    file.write_text(nasty(), encoding="utf-8")
    found = of_commands(commands(str(file), "standard", "region", 30, rule), "standard", capsys)
    assert len(found) > 300
    assert two_values(found) == {}


def test_no_command_or_page_gives_one_name_to_two_numbers_of_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    found = of_commands(commands(str(SAMPLE), "standard", "Channel", 180, "passed"), "standard", capsys)
    found += of_pages(opened(sample="history", model="Standard B2B"))
    assert two_values(found) == {}


def test_no_page_gives_one_name_to_two_numbers() -> None:
    found = of_pages(uploaded(nasty().encode(), model="Standard B2B"))
    assert len(found) > 50
    assert two_values(found) == {}
