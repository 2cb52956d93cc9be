"""A log, the work upon it that a project keeps, and how a value deep in its JSON is changed."""

from __future__ import annotations

from datetime import date, datetime

from funnel import Stage, StageModel
from funnel.core.types import DatedNote, NoteKind, SavedView, SavedWork, Unit
from funnel.core.types.watch import DataRule, Direction, StepRule, WatchRules, WinsRule

AS_OF = datetime(2025, 6, 1, 12, 30, 15, 123456)
LINES = (
    'Deal ID,Stage,Entered at,Region,"A ""header"", \\ and مرحلة"\n'
    "d1,New,2025-01-02,East,=1+1\n"
    "d1,Demo \\ 'done',2025-01-12,East,\n"
    "d1,Closed won,2025-02-01,East,x\n"
    "d2,New,2025-01-05,West,x,too,many\n"
    "d2,New,2025-01-05,مرحلة\u200cدوم,y\n"
    ",New,2025-01-05,West,no lead\n"
    "d3,New,no date,West,\n"
    "d3,Closed lost,2025-03-01,,z\n"
)
OWN = StageModel(
    "own",
    'My "own" \\ model',
    (
        Stage("a", "First", ("lead",), entry='They "wrote" \\ back', requires=("Region", "'; DROP TABLE leads; --")),
        Stage("w", "Won", ("won",), ("Closed won",), ask="Who else?"),
    ),
    year=2024,
)
WORK = SavedWork(
    models=(OWN,),
    draft=StageModel("draft", "Half made", (Stage("x", "", (), entry="Half"),), unit=Unit.ACCOUNT, reading="backward"),
    notes="Ask Åsa about row 5.\n<b>مرحلة</b> \\ ' \" ` \x00 end",
    views={"models": {"model": ("aida", "own")}, "": {"where_Region": ("East",)}},
    page="models",
    saved_views=(SavedView("Ost «Q1» \\ <b>", "trends", {"period": ("quarter",), "trends_tab": ("By age",)}),),
    dated_notes=(
        DatedNote(date(1, 1, 1), "مرحلة"),
        DatedNote(date(2024, 2, 29), "New 'prices' \\ <i>", NoteKind.PRICING, "Vorführung", "Region=a=b"),
    ),
    watch=WatchRules((StepRule('Demo "done" \\', 30, Direction.BOTH), WinsRule(), DataRule(3, 5)), 0.25),
)


def put(*path, value):  # type: ignore[no-untyped-def]
    """Sets a value deep in the JSON."""

    def change(told):  # type: ignore[no-untyped-def]
        for key in path[:-1]:
            told = told[key]
        told[path[-1]] = value

    return change
