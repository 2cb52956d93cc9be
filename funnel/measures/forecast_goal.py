"""A target of all the months that are forecast: how likely it is, and whether enough is open for it.

Coverage is what is open over what is still wanted; beside it stands what is needed of it by what earlier leads did, 1 ÷ (Σ p v ÷ Σ v):
there is no rule of three times. How far the wins of all these months together scatter is that of earlier forecasts of as many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from funnel.core.errors import QuestionError
from funnel.measures.forecast_months import Goal
from funnel.measures.forecast_told import Told
from funnel.measures.forecast_value import Pricing
from funnel.measures.statistics.counts import at_least
from funnel.measures.statistics.draws import DRAWS

RAREST = 0.5 / (DRAWS + 1)
"""What happened in no draw, or in all of them, may still happen."""


def goal(told: Told, aheads: Sequence[int], wins: int | None, value: float | None, currency: str | None) -> Goal:
    """Of so many `wins`, or so much `value` in a currency (None: the only one), up to the end of the last of these months; QuestionError
    where there is no such currency, or where it is open which is meant."""
    month = told.calendar.number(told.calendar.as_of)
    since, by = told.calendar.first_day(month + aheads[0]), told.calendar.last_day(month + aheads[-1])
    phi = told.phi(aheads)
    from_open, from_new = (sum(told.expected(0, ahead)[which] for ahead in aheads) for which in (0, 1))
    if wins is not None:
        mean = from_open + from_new
        reach = None if phi is None else at_least(wins - told.won_so_far, [mean], phi)
        return Goal(wins, None, since, by, told.won_so_far, told.open_leads, from_open, told.won_so_far + mean, reach)
    assert value is not None
    pricing = _priced(told, currency)
    chances = np.minimum(1.0, np.sum([told.chances(pricing, ahead) for ahead in aheads], axis=0))
    reach = None
    if phi is not None:
        reached = float((pricing.draws(chances, from_new, phi) >= value - pricing.so_far).mean())
        reach = min(1 - RAREST, max(RAREST, reached))
    return Goal(
        target=value,
        currency=pricing.currency,
        since=since,
        by=by,
        so_far=pricing.so_far,
        open=pricing.open_value,
        open_won=float((chances * pricing.amounts).sum()),
        expected=pricing.so_far + pricing.expected(chances, from_new),
        reach=reach,
    )


def _priced(told: Told, currency: str | None) -> Pricing:
    """The currency of a target in money; QuestionError where it has none, or where it is open which is meant."""
    known = {each.currency: each for each in told.pricings}
    if currency is None and len(known) > 1:
        raise QuestionError("errors.target_currencies", currencies=sorted(known))
    found = next(iter(known.values()), None) if currency is None else known.get(currency)
    if found is None:
        accepted = sorted(filter(None, known))
        if currency is None or not accepted:
            raise QuestionError("errors.forecast_no_value")
        raise QuestionError("errors.forecast_other_currency", currency=currency, accepted=accepted)
    return found
