"""Watch: which rules ring now, which are calm, which cannot be judged and why; and when the same rules would have rung before.

Steps are judged by `watch_judge` over the counts of `watch_steps`, the other rules by `watch_other`. The budget of false alarms is that of
all steps together; beside it wins fall below their 95 % range by chance in one of forty months or weeks. The other rules state facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from funnel.core.errors import QuestionError
from funnel.core.types import Note, Question
from funnel.core.types.watch import LEAST_BUDGET, MOST_BUDGET, StepRule, WatchRules, WinsRule, usual_rules
from funnel.journeys import Journeys
from funnel.measures.watch_found import Rung, StepWatch, Watched, told
from funnel.measures.watch_judge import Promise, Window, looks, many, messages
from funnel.measures.watch_other import Judged, Looked, backtests, judged
from funnel.measures.watch_places import begins, places
from funnel.measures.watch_steps import LOOKS, StepCohorts, step_cohorts, watched


def watch(
    journeys: Journeys, question: Question, rules: WatchRules | None = None, today: date | None = None
) -> Watched:
    """How these rules stand (None: the usual ones, see `usual_rules`), of all leads that the question's filters ask for, whatever its
    dates.

    `today` is the day by which data are too old; without one they never are. A rule that cannot be judged says why; QuestionError where the
    file has no date up to which it observes, or the false alarms a year are none that can be promised.
    """
    asked = watched(question)
    looked = Looked(journeys, asked, today)
    as_of = date.fromisoformat(looked.at)
    if rules is None:
        rules = usual_rules(stage.key for stage in begins(journeys, asked))
    if not LEAST_BUDGET <= rules.false_alarms_a_year <= MOST_BUDGET:
        raise QuestionError(
            "errors.watch_budget", found=rules.false_alarms_a_year, least=LEAST_BUDGET, most=MOST_BUDGET
        )
    steps, by_key, sql = _steps(journeys, asked, rules)
    every = [by_key[rule.key] if isinstance(rule, StepRule) else judged(rule, looked) for rule in rules.rules]
    ran = dict.fromkeys(text for text in (sql, *(each.sql for each in every)) if text)
    return Watched(
        question=asked,
        as_of=as_of,
        rules=rules,
        judged=tuple(every),
        steps=steps,
        rungs=_rungs(journeys, asked, rules, steps),
        sql=";\n\n".join(ran),
    )


def _steps(
    journeys: Journeys, question: Question, rules: WatchRules
) -> tuple[tuple[StepWatch, ...], Mapping[str, Judged], str]:
    known = places(journeys, question, rules)
    found: dict[str, Judged] = {}
    watches = []
    try:
        said = {known[rule.key]: rule.day for rule in rules.steps if rule.key in known}
        counts, sql = step_cohorts(journeys, question, said)
    except QuestionError as error:
        note = Note(error.key, error.values)
        return (), {rule.key: Judged(rule, None, note) for rule in rules.steps}, ""
    by_position = {each.position: each for each in counts}
    for rule in rules.steps:
        if rule.key not in known:
            found[rule.key] = Judged(
                rule, None, Note("measures.watch_no_step", {"found": rule.step, "model": question.model.name})
            )
            continue
        each = _step(rule, by_position[known[rule.key]], rules, sql)
        watches.append(each)
        found[rule.key] = _judged(each)
    return tuple(watches), found, sql


def _step(rule: StepRule, of: StepCohorts, rules: WatchRules, sql: str) -> StepWatch:
    promise = Promise(rules.false_alarms_a_year, LOOKS[of.period], len(rules.steps))
    past = looks(of.cohorts, promise, rule.direction, LOOKS[of.period]) if of.why is None else []
    _, episode = messages(past)
    return StepWatch(rule, of, promise, past[-1] if past else None, tuple(past), episode, sql)


def _judged(step: StepWatch) -> Judged:
    values = {"step": step.of.name, "days": step.of.day, "cohorts": len(step.of.cohorts)}
    if step.of.why is not None:
        return Judged(step.rule, None, step.of.why)
    if step.look is None or step.window is None:
        return Judged(step.rule, None, Note(f"measures.watch_few_cohorts_{step.of.period}", values))
    at = step.look.at.isoformat()
    if step.look.hidden:
        window = next(each for each in step.look.windows if each.hidden)
        strays = sum(each.unknown for each in window.cohorts)
        return Judged(step.rule, None, Note("measures.watch_hidden", {**values, "leads": strays}), at)
    rings = step.look.ringing is not None
    years = step.promise.years(step.window.chance) if rings else None
    return Judged(step.rule, rings, told(step, step.window), at, years=years)


def _rungs(journeys: Journeys, question: Question, rules: WatchRules, steps: tuple[StepWatch, ...]) -> tuple[Rung, ...]:
    """The messages of the past year, had the rules been there; many steps at once are one."""
    by_day: dict[date, list[tuple[StepWatch, Window]]] = {}
    for step in steps:
        for each in messages(step.past)[0]:
            if each.ringing is not None:
                by_day.setdefault(each.at, []).append((step, each.ringing))
    judged_steps = sum(each.look is not None for each in steps)
    found = [
        Rung(day, tuple(told(*each) for each in some), many(len(some), judged_steps)) for day, some in by_day.items()
    ]
    if any(isinstance(rule, WinsRule) for rule in rules.rules):
        found += _win_rungs(journeys, question)
    return tuple(sorted(found, key=lambda each: each.day))


def _win_rungs(journeys: Journeys, question: Question) -> list[Rung]:
    try:
        unit, told_before, _ = backtests(journeys, question)
    except QuestionError:
        return []
    return [
        Rung(
            each.month,
            (
                Note(
                    f"measures.watch_wins_rings_{unit}",
                    {"first": each.month, "was": each.was, "low": each.range.low95, "high": each.range.high95},
                ),
            ),
            at_once=False,
        )
        for each in told_before[: LOOKS.get(unit, 12)]
        if each.range is not None and each.was < each.range.low95
    ]
