"""Leads that are drawn for targets: they come over two years, pass two stages, skip, go back, are lost and opened again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from funnel.core.types import Question
from funnel.journeys import Journeys
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.oracles.target_oracle import DAY, LOST, WON, Lead

UNTIL = datetime(2026, 6, 30, 17, 30)
FIRST = datetime(2024, 7, 4)
LABELS = {0: "New", 1: "Demo", WON: "Won", LOST: "Lost"}
CONCEPTS = {"New": "lead", "Demo": "demo", "Won": "won", "Lost": "lost"}
STAGES = 2


def drawn(leads: int, seed: int) -> list[Lead]:
    """So many leads, up to UNTIL."""
    chance = random.Random(seed)
    found: list[Lead] = []
    for number in range(leads):
        moment = FIRST + number * (UNTIL - FIRST) / leads + chance.random() * DAY
        way: list[tuple[int | str, datetime]] = [(1 if chance.random() < 0.1 else 0, moment)]
        while way[-1][0] != WON:
            at = way[-1][0]
            moment += timedelta(minutes=chance.randint(1, 1440 * (25 if at == 0 else 60)))
            roll = chance.random()
            if at == LOST:
                if roll > 0.05:
                    break
                way.append((0, moment))
            elif at == 0:
                way.append((1 if roll < 0.55 else WON if roll < 0.57 else 0 if roll < 0.62 else LOST, moment))
            else:
                way.append((WON if roll < 0.45 else 0 if roll < 0.5 else LOST, moment))
        seen = [each for each in way if each[1] <= UNTIL]
        if seen:
            found.append(seen)
    return found


def journeys_from(
    leads: list[Lead], accounts: int | None = None, worth: list[tuple[float | None, str | None]] | None = None
) -> Journeys:
    """Their journeys; with `accounts`, so many accounts hold them in turn; `worth`: the amount and the currency of each."""
    histories = {f"L{n}": [Entered(LABELS[at], moment) for at, moment in lead] for n, lead in enumerate(leads)}
    columns: dict[str, dict[str, object]] = {lead: {} for lead in histories}
    for n, beside in enumerate(columns.values()):
        if accounts:
            beside["account_id"] = f"A{n % accounts}"
        if worth:
            beside["amount"], beside["currency"] = worth[n]
    return journeys_of(engine_with(histories, columns), CONCEPTS)


def question(**changes: object) -> Question:
    """Both stages and the win, all leads."""
    return Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=UNTIL, **changes)  # type: ignore[arg-type]
