"""`python bench/cohorts.py [--entries 5_000_000]`: Aalen–Johansen of every monthly cohort and stage, beside statsmodels.

One million leads that start in 36 months, seven stages: all curves in one query over `journeys`, against one
`CumIncidenceRight` for each cohort and stage over arrays that are ready in memory. The answers must be equal.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
SPAN_DAYS, DAY, REPEATS = 1_095, 90, 7
MOST_SECONDS = 0.5


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=5_000_000, help="default 5_000_000: of 1 million leads")
    entries = asked.parse_args().entries
    path = HERE / "out" / f"history-{entries}-{SPAN_DAYS}-days.csv"
    if not path.exists():
        from data import write_history

        write_history(path, entries, SPAN_DAYS)

    import funnel
    from funnel import measures
    from funnel.core.sql import Query, compose
    from funnel.core.types import Period
    from funnel.measures import targets
    from funnel.measures.population import states

    with funnel.open(path) as data_set:
        question = data_set.question()
        stages = len(question.model.stages)
        measures.cohorts(data_set.journeys, question, Period.MONTH, (DAY,))
        taken = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            found = measures.cohorts(data_set.journeys, question, Period.MONTH, (DAY,))
            taken.append(time.perf_counter() - began)
        ours = statistics.median(taken)

        base = targets.followed(data_set.journeys, question)
        cohort, arrays = targets.first_day(Period.MONTH), {}
        for place in range(stages):
            to = targets.to_stage(data_set.journeys, question, place)
            each = Query(
                f"SELECT {cohort} AS cohort, {states.day_of(f'({to.state})')} AS day, {to.fate} AS fate\nFROM followed"
            )
            for start, group in data_set.engine.frame(compose(base, each)).groupby("cohort"):
                arrays[start, place] = (group["day"].to_numpy(), group["fate"].to_numpy())
        began = time.perf_counter()
        theirs = {key: _incidence(*each) for key, each in arrays.items()}
        peer = time.perf_counter() - began
        apart = max(
            abs((cohort.stages[place].on(DAY).rate or 0) - theirs[cohort.start, place])
            for cohort in found.cohorts
            for place in range(stages)
            if cohort.stages[place].on(DAY).rate is not None
        )
        print(f"{data_set.leads:,} leads, {len(found.cohorts)} cohorts, {stages} stages and the win, by day {DAY}\n")
    print(
        f"| seconds | |\n|---|---:|\n| Funnel Lens, all in one query | {ours:.3f} |\n"
        f"| statsmodels, {len(arrays)} curves | {peer:.2f} |\n"
    )
    verdicts = [
        (f"equal answers: at most {apart:.0e} apart", apart < 1e-9),
        (f"{ours:.3f} s for all of them (at most {MOST_SECONDS})", ours <= MOST_SECONDS),
    ]
    for sentence, good in verdicts:
        print(f"{'yes' if good else 'NO '}  {sentence}")
    print(f"     {peer / ours:.0f} times faster than statsmodels")
    return 0 if all(good for _, good in verdicts) else 1


def _incidence(days: np.ndarray, fates: np.ndarray) -> float:
    """The incidence by DAY; statsmodels takes no day 0, so all of its days are one later."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    if not (fates == 1).any():
        return 0.0
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")
        found = CumIncidenceRight(days + 1, fates)
    place = np.searchsorted(found.times, DAY + 1, side="right") - 1
    return float(found.cinc[0][place]) if place >= 0 else 0.0


if __name__ == "__main__":
    sys.exit(main())
