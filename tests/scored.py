"""Made-up panels of open leads, with or without anything beside the stage that tells who wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from funnel.measures.lead_score_learning import Known
from funnel.measures.lead_score_panel import NOW, Panel

LABELS = ("New", "Demo", "Offer")
ADVANCE = np.asarray([0.45, 0.5, 0.55])
MEAN_DAYS = 25
FIRST = datetime(2023, 1, 1)
SPAN = 720


@dataclass(frozen=True)
class Ways:
    """Of each lead the day of its entry at each label and of its win (infinite: never), that of its loss, its channel and its region."""

    entered: np.ndarray
    lost: np.ndarray
    channel: np.ndarray
    region: np.ndarray


def ways(seed: int, leads: int, signal: float = 0.0) -> Ways:
    """Leads that begin over two years and go on or are lost after stays of MEAN_DAYS; channels differ by `signal` in the log odds of
    going on, regions in nothing."""
    random = np.random.default_rng(seed)
    start = random.uniform(0, SPAN, leads)
    channel, region = random.integers(0, 4, leads), random.integers(0, 3, leads)
    effect = signal * (channel - 1.5)
    entered = np.full((leads, len(LABELS) + 1), np.inf)
    entered[:, 0] = start
    lost = np.full(leads, np.inf)
    for stage, advance in enumerate(ADVANCE):
        leaves = entered[:, stage] + random.exponential(MEAN_DAYS, leads)
        odds = advance / (1 - advance) * np.exp(effect)
        goes_on = random.random(leads) < odds / (1 + odds)
        here = np.isfinite(entered[:, stage])
        entered[:, stage + 1] = np.where(here & goes_on, leaves, np.inf)
        lost = np.where(here & ~goes_on, leaves, lost)
    return Ways(entered, lost, channel, region)


def file_of_leads(seed: int, leads: int, signal: float) -> bytes:
    """The same leads as a stage history, up to the day SPAN, with a column that is filled in as a deal ends."""
    made, lines = ways(seed, leads, signal), []
    for lead in range(leads):
        moments = [*zip(made.entered[lead], (*LABELS, "Won"), strict=True), (made.lost[lead], "Lost")]
        seen = [(day, label) for day, label in moments if day <= SPAN]
        fate = seen[-1][1] if seen else ""
        reason = {"Won": "fine price", "Lost": "too dear"}.get(fate, "")
        tail = f"{'ABCD'[made.channel[lead]]},{'NSW'[made.region[lead]]},{reason},{100 * (1 + lead % 7)},{'EUR' if lead % 3 else 'USD'}"
        lines += [f"L-{lead:05},{label},{FIRST + timedelta(days=day):%Y-%m-%d %H:%M:%S},{tail}" for day, label in seen]
    head = "Lead ID,Stage,Entered at,Channel,Region,Deal notes,Amount,Currency"
    return "\n".join([head, *lines, ""]).encode()


def simulated(seed: int, leads: int, signal: float = 0.0) -> Known:
    """The panel of the same leads, seen every 30 days. Columns: Channel, Region, and Fate, which knows what becomes of each lead."""
    made = ways(seed, leads, signal)
    entered, lost, channel, region = made.entered, made.lost, made.channel, made.region
    start, won = entered[:, 0], entered[:, -1]
    until = SPAN
    marks = np.arange(30, SPAN, 30)
    parts = []
    for number, mark in [*enumerate(marks), (NOW, until)]:
        lead = np.flatnonzero((start <= mark) & (won > mark) & (lost > mark))
        label = (entered[lead, : len(LABELS)] <= mark).sum(axis=1) - 1
        parts.append(
            (np.full(len(lead), number), lead, label, mark - entered[lead, label], mark - start[lead], won[lead] - mark)
        )
    landmark, lead, label, at_label, since, win = (np.concatenate(column) for column in zip(*parts, strict=True))
    win = np.where(np.isfinite(win) & (won[lead] <= until), win, np.nan)
    fate = np.where(won <= until, 0, np.where(lost <= until, 1, 2))
    texts = {
        "Channel": ("A", "B", "C", "D", None),
        "Region": ("N", "S", "W", None),
        "Fate": ("won", "lost", "open", None),
    }
    read = Panel(
        moments=tuple(FIRST + timedelta(days=int(mark)) for mark in marks),
        labels=LABELS,
        leads=tuple(f"L-{number:05}" for number in range(leads)),
        values=texts,
        landmark=landmark,
        lead=lead,
        label=label,
        days_at_label=at_label,
        days_since_start=since,
        entries=label + 1.0,
        moves_back=np.zeros(len(lead)),
        account_wins=np.zeros(len(lead)),
        amount=np.full(len(lead), np.nan),
        win_days=win,
        codes={"Channel": channel[lead], "Region": region[lead], "Fate": fate[lead]},
    )
    return Known(read, ("Channel", "Region"), (), FIRST + timedelta(days=until))
