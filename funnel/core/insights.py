"""What segments are called and what a contrast says, with its p-value. Plain text, not Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from funnel.core.types import Between, Closed, Contrast, OneOf, Rate, Segment, Value, Verdict
from funnel.words import wording

MOST_VALUES = 3
CORE_COLUMNS = {"account_id": "pages.column.account", "amount": "pages.column.amount"}
RARE, OFTEN = 0.001, 0.5
SMALL_POINTS, NO_POINTS = 0.095, 0.005
NOTICED = 1.2
LONGEST_NAME = 80
YEARS = range(1800, 2101)


def segment_name(segment: Segment, *, columns: bool = False) -> str:
    """The name given by hand; else the value, or the band of numbers; with `columns`, each condition's column before it."""
    if segment.name:
        return wording.plain(segment.name)
    return ", ".join(condition_said(condition, column=columns) for condition in segment.where)


def condition_said(condition: OneOf | Between, *, column: bool = True) -> str:
    """ "Channel: Event, Web", or without its column "Event, Web"; numbers as "10 – 50"."""
    if isinstance(condition, Between):
        low, high = condition.low, condition.high
        kind = "from_on" if high is None else "up_to" if low is None else "exactly" if low == high else "between"
        ends = [side for side in (low, high) if side is not None]
        written = [None if side is None else _side_said(side, ends) for side in (low, high)]
        text = wording.say(f"telling.{kind}", low=written[0], high=written[1])
    elif len(condition.values) > MOST_VALUES:
        text = wording.say("telling.many", values=len(condition.values))
    else:
        text = ", ".join(value_said(value) for value in condition.values)
    if not column:
        return text
    name = wording.say("telling.closed") if isinstance(condition, Closed) else column_name(condition.column)
    return wording.say("telling.condition", column=name, said=text)


def _side_said(side: float | date, ends: Sequence[float | date]) -> str:
    if isinstance(side, date):
        return value_said(side)
    # A year has no thousands.
    years = all(not isinstance(each, date) and each == int(each) and int(each) in YEARS for each in ends)
    return str(int(side)) if years else wording.number(side)


def column_name(column: str) -> str:
    """What a column is called: a header of the file as it is, one of the house's in words."""
    key = CORE_COLUMNS.get(column)
    return wording.say(key) if key else wording.plain(column)


def value_said(value: Value | None) -> str:
    """A value of a column; None is empty."""
    return wording.say("telling.empty") if value is None else wording.plain(value_written(value))


def value_written(value: Value) -> str:
    """A value as plain data write it: numbers without needless decimals, dates in ISO form."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def points(difference: float | None) -> str:
    """The size of a difference of two shares in percentage points, without its sign: "5.3 points"; under a tenth with two decimals."""
    if difference is None:
        return wording.ABSENT
    if _nearly_none(difference):
        return wording.say("telling.nearly_none")
    size = abs(difference) * 100
    return wording.say("telling.points", points=round(size, 1 if size >= SMALL_POINTS else 2))


def signed_points(difference: float | None) -> str:
    """The same with its sign: "+5.3 points", "−5.3 points"."""
    sign = "" if not difference or _nearly_none(difference) else "+" if difference > 0 else "\u2212"
    return sign + points(difference)


def _nearly_none(difference: float) -> bool:
    return 0 < abs(difference) * 100 < NO_POINTS


def rate_said(rate: Rate) -> str:
    """The share with its counts, "14% (167 of 1,244)"; of fewer than 20 leads the counts alone."""
    few = rate.value is None or rate.few
    return wording.say(
        "telling.counts" if few else "telling.rate",
        rate=rate.value,
        part=rate.numerator,
        whole=rate.denominator,
    )


def by_account(rate: Rate) -> str:
    """ "by account: 412 leads of 140 accounts", where accounts hold several of the leads; else ""."""
    if rate.accounts is None:
        return ""
    return wording.say("telling.by_account", leads=rate.denominator, accounts=rate.accounts)


def chance(p: float | None) -> str:
    """The p-value, how often chance alone would show as much: "p = 0.025"."""
    if p is None:
        return wording.ABSENT
    if p < RARE:
        return wording.say("telling.chance_rare")
    if p >= OFTEN:
        return wording.say("telling.chance_often")
    return wording.say("telling.chance", p=p)


def verdict_said(contrast: Contrast, name: str, others: str) -> str:
    """What the counts say of `name` against `others`, both as they stand in a sentence, and how sure that is: by the p-value
    itself, and by that corrected for all that was looked at, where that is more."""
    verdict = contrast.verdict
    by_chance = chance(contrast.p)
    if contrast.p is not None and contrast.p_adjusted is not None and contrast.p_adjusted > NOTICED * contrast.p:
        allowing = chance(contrast.p_adjusted)
        if allowing != by_chance:
            by_chance = wording.say("telling.allowing", chance=by_chance, allowing=allowing)
    values = {
        "name": short(name),
        "others": short(others),
        "rate": rate_said(contrast.rate),
        "others_rate": rate_said(contrast.others),
        "points": points(contrast.difference),
        "low": signed_points(contrast.low),
        "high": signed_points(contrast.high),
        "chance": by_chance,
    }
    if verdict is not Verdict.UNCLEAR:
        return wording.say(f"telling.verdict_{verdict.name.lower()}", **values)
    sentence = wording.say("telling.verdict_unclear", **values)
    return f"{sentence} {detectable_said(contrast)}"


def short(name: str) -> str:
    """A name that fits in a sentence."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def detectable_said(contrast: Contrast) -> str:
    """The smallest difference that such counts would have shown; that of the side that needs less."""
    if contrast.least_detectable is None:
        return wording.say("telling.detects_nothing")
    return wording.say("telling.detects", points=points(contrast.least_detectable))


def verdict_word(verdict: Verdict) -> str:
    """ "above average", "below average", "not significant", "sample too small"."""
    return wording.say(f"telling.word_{verdict.name.lower()}")
