"""What a person made of a data set, beside what they said of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from funnel.core.types.models import StageModel
from funnel.core.types.questions import Question
from funnel.core.types.watch import WatchRules
from funnel.words.calendars import Calendar

View = Mapping[str, tuple[str, ...]]
"""What a page's address says: parameter → its values."""


@dataclass(frozen=True)
class SavedView:
    """A view that was given a name, to come back to it: the page by its place in the address, and what its address says."""

    name: str
    page: str
    view: View


class NoteKind(StrEnum):
    """What of the business changed."""

    PROCESS = "process"
    PRICING = "pricing"
    TEAM = "team"
    MARKETING = "marketing"
    DATA = "data"


@dataclass(frozen=True)
class DatedNote:
    """What happened on a day, in a few words: charts over time mark it. `stage` names the one that it concerns ("": none in particular),
    `condition` the leads, as `Region=EMEA` ("": all)."""

    day: date
    text: str
    kind: NoteKind | None = None
    stage: str = ""
    condition: str = ""


@dataclass(frozen=True)
class ReportPart:
    """What was put into a report: which section of those that `funnel.report` makes, the question it answers, and its options as plain
    data of JSON. A question without a moment is asked up to that of the data."""

    section: str
    question: Question
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SavedWork:
    """Models of one's own, the one in the making (`draft`, which may be wrong for a while), notes, and how each page was last looked at:
    `views` by the page's place in the address, `page` the last one; views by name; notes to days, the earliest first; the rules of
    a watch, where they are other than the usual ones; a report in the making, its parts in their order and its title; the calendar that is
    counted by, where one was chosen. Nothing of it changes what was read."""

    models: tuple[StageModel, ...] = ()
    draft: StageModel | None = None
    notes: str = ""
    views: Mapping[str, View] = field(default_factory=dict)
    page: str = ""
    saved_views: tuple[SavedView, ...] = ()
    dated_notes: tuple[DatedNote, ...] = ()
    watch: WatchRules | None = None
    report: tuple[ReportPart, ...] = ()
    report_title: str = ""
    calendar: Calendar | None = None
