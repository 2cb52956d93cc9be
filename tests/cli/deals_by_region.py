"""Deals of four regions, in a file; and what statsmodels and scipy say of two groups of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from scipy.stats import fisher_exact
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

START, END = date(2025, 1, 1), date(2025, 3, 2)
# Region: leads, of them came to a demo, of those were won.
COUNTS = {"East": (60, 36, 24), "West": (50, 20, 6), "": (25, 10, 5), "North": (10, 5, 4)}
LABELS = ("--labels", "New,Demo done,Closed won")
COMPARED = [
    "leads", "converted", "rate", "low", "high", "difference", "difference_low", "difference_high", "p", "p_adjusted", "verdict",
    "detectable", "detectable_fall", "impact", "accounts", "design_effect",
]  # fmt: skip


def win_day(number: int) -> int:
    return 8 + number % 7


def lines() -> list[str]:
    """Demo on day 3, won on a day from 8 to 14, every other lead that saw no demo is lost on day 2; one lead is too young."""
    told = ["Deal ID,Stage,Entered at,Region,Channel"]

    def row(lead: str, label: str, day: int, region: str, number: int) -> None:
        channel = "Web" if number % 2 else "Fair"
        told.append(f"{lead},{label},{START + timedelta(days=day)},{region},{channel}")

    for region, (leads, demos, wins) in COUNTS.items():
        for number in range(leads):
            lead = f"{region or 'none'}{number}"
            row(lead, "New", 0, region, number)
            if number < demos:
                row(lead, "Demo done", 3, region, number)
            elif number % 2:
                row(lead, "Closed lost", 2, region, number)
            if number < wins:
                row(lead, "Closed won", win_day(number), region, number)
    row("young", "New", (END - START).days, "East", 0)
    return told


def written(folder: Path) -> str:
    """The path of a file of these lines."""
    path = folder / "deals.csv"
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return str(path)


def expected(mine: tuple[int, int], theirs: tuple[int, int]) -> dict[str, float]:
    """(converted, leads) against (converted, leads), by statsmodels and scipy; not corrected."""
    (won, leads), (others_won, others) = mine, theirs
    low, high = proportion_confint(won, leads, method="wilson")
    down, up = confint_proportions_2indep(won, leads, others_won, others, compare="diff", method="newcomb")
    smallest = min(won + others_won, leads + others - won - others_won) * min(leads, others) / (leads + others)
    if smallest < 5:
        p = fisher_exact([[won, leads - won], [others_won, others - others_won]]).pvalue
    else:
        p = proportions_ztest([won, others_won], [leads, others])[1]
    difference = won / leads - others_won / others
    return {
        "leads": leads, "converted": won, "rate": won / leads, "low": low, "high": high, "difference": difference,
        "difference_low": down, "difference_high": up, "p": p, "impact": difference * leads,
    }  # fmt: skip


def told_of(group: dict, names) -> dict:
    return {name: group[name] for name in names}
