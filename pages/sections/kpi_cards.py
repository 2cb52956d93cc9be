"""The four figures above a funnel, as they stand on every page that has them."""

from __future__ import annotations

from funnel.core.types import FEWEST_FOR_A_RATE, FEWEST_TIMED
from funnel.measures.kpis import Kpis
from funnel.words import wording
from pages.ui import texts


def told(kpis: Kpis) -> list[tuple[str, str, str, str]]:
    """Of leads, win rate, median time to win and open leads: the name, the figure, what it counts, and its help."""
    unit = kpis.question.unit
    rate = kpis.win_rate
    value = [wording.money(amount, currency) for currency, amount, _ in kpis.open_value]
    interval = (
        wording.say(
            "pages.figures.old_enough",
            old=wording.say(f"pages.counted.{unit}", n=rate.denominator),
            day=kpis.by_day,
            low=rate.low,
            high=rate.high,
        )
        if rate.denominator
        else wording.say("pages.figures.too_young", day=kpis.by_day)
    )
    few = "_few" if kpis.timed_wins < FEWEST_TIMED else ""
    return [
        (
            wording.say(f"pages.figures.started_{unit}"),
            wording.number(kpis.leads),
            _won_so_far(kpis),
            wording.say("pages.figures.started_help"),
        ),
        (
            wording.say("pages.figures.won_by", day=kpis.by_day),
            texts.rate(rate),
            interval,
            wording.say("pages.figures.won_by_help", day=kpis.by_day),
        ),
        (
            wording.say("pages.figures.median"),
            wording.days(kpis.median_days_to_win),
            wording.say(f"pages.figures.timed{few}", timed=kpis.timed_wins, won=kpis.won)
            if kpis.won
            else wording.say("pages.figures.no_win"),
            wording.say("pages.figures.median_help"),
        ),
        (
            wording.say("pages.figures.open"),
            wording.number(kpis.open),
            texts.inert(wording.say("pages.figures.open_value", value=", ".join(value)))
            if value
            else wording.say("pages.figures.no_value"),
            wording.say("pages.figures.open_help"),
        ),
    ]


def _won_so_far(kpis: Kpis) -> str:
    """How many are won, and the lead-to-win rate of enough leads."""
    if kpis.leads < FEWEST_FOR_A_RATE:
        return wording.say("pages.figures.won_so_far_few", won=kpis.won)
    return wording.say("pages.figures.won_so_far", won=kpis.won, rate=kpis.won / kpis.leads)
