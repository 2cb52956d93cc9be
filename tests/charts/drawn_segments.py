"""Segments to draw: one that is clearly higher, one lower, one level, one of few leads; and names that harm."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from funnel.core.types import Contrast, OneOf, Question, Rate, Segment, Stage, StageModel
from funnel.measures.scan import Finding, Scan
from funnel.measures.segments import SegmentFound, Segments

NAMES = ("Lead", "Qualified", "Proposal")
QUESTION = Question(StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(NAMES))))
NASTY = (
    "<b>Bold</b> & <img src=x onerror=alert(1)>",
    "قناة الإحالة من الشركاء في المنطقة",
    "a very long name " * 18,
    "one\ntwo\u202ethree",
    "x" * 300,
)


def rate(part: int, whole: int) -> Rate:
    return Rate(part, whole, part / whole if whole else None, 0.0 if whole else None, 1.0 if whole else None)


def against(
    part: int, whole: int, others: tuple[int, int], reach: tuple[float, float] = (0.03, 0.03), p: float = 0.001
) -> Contrast:
    """A contrast with an interval that reaches so far below and above the difference."""
    one, other = rate(part, whole), rate(*others)
    if one.few or other.few or one.value is None or other.value is None:
        return Contrast(one, other)
    difference = one.value - other.value
    return Contrast(one, other, difference, difference - reach[0], difference + reach[1], p, p, False, 0.04, 0.03)


def segment(name: str | None, column: str = "Channel") -> Segment:
    return Segment((OneOf(column, (name,)),))


# 20 % against 10 %: 20 of 100 where 10 were to be expected, so 10 more; and so on.
STEPS = (against(60, 100, (500, 1000)), against(20, 60, (200, 500), p=0.4))
HIGH = SegmentFound(segment("Referral"), 100, against(20, 100, (100, 1000)), STEPS)
LOW = SegmentFound(
    segment("Cold call"), 400, against(20, 400, (90, 900)), (against(100, 400, (450, 900)), against(20, 100, (90, 450), p=0.9))
)  # fmt: skip
LEVEL = SegmentFound(segment("Web"), 200, against(22, 200, (90, 900), p=0.3), STEPS)
FEW = SegmentFound(
    segment(None), 12, against(9, 12, (90, 900)), (against(10, 12, (400, 800)), against(9, 10, (90, 400)))
)


def found(*segments: SegmentFound, **changed: Any) -> Segments:
    values: dict[str, Any] = {
        "question": QUESTION,
        "column": "Channel",
        "target": None,
        "day": 90,
        "segments": segments,
        "whole": rate(110, 1000),
        "leads": 1000,
        "others": 0,
        "in_both": 0,
        "young": 0,
        "untimed": 0,
        "known": (),
        "bet": None,
        "sql": "",
    }
    return Segments(**(values | changed))


FOUND = found(LOW, LEVEL, HIGH, FEW)
TWO = found(
    replace(HIGH, segment=Segment(HIGH.segment.where, "A")),
    replace(LOW, segment=Segment(LOW.segment.where, "B")),
    column=None,
)
SCAN = Scan(
    QUESTION,
    None,
    90,
    (
        Finding("Channel", HIGH.segment, HIGH.overall, 0.09, "Region", True),
        Finding("Channel", LOW.segment, LOW.overall, -0.01, "<i>Region</i>", False),
        Finding("Channel", segment("Fair"), HIGH.overall, 0.02, "", False),
        Finding("Channel", LEVEL.segment, LEVEL.overall, None, None, False),
    ),
    9,
    ("Channel", "Region"),
    (),
    (),
    (),
    (),
    rate(110, 1000),
    "",
)


def plain(text: str) -> str:
    return re.sub("<[^>]+>", "", text.replace("<br>", " / "))
