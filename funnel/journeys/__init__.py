"""`journeys`: each lead seen through one model. The one statement of what a funnel is.

A lead has *entries*: it entered a label at a time. A model places labels at stages 0 … k; a label it does not place is not seen.

- **start**: the lead's first entry at any stage of the model. In a snapshot, which has no history, the day it was created, or none; a
  lead of which a snapshot says only that it is lost has passed the first stage and no other.
- **version**: of a model whose stages changed on days, a lead belongs to the version in force on the day (by its own clock) of its first
  entry at any stage of any version, and is seen through the stages of that version alone; its start is its first entry at one of these.
  A lead that came nobody knows when belongs to no version.
- **passed** i: the lead entered stage i or any later stage; the time is the earliest of those entries. Moving back never un-reaches.
- **visited** i: the lead entered stage i; the time is its first entry there.
- **in order** i: the first entry at stage 0, then the earliest entry at stage i at or after the counted entry of stage i − 1.
  Entries with equal times are taken in model order. No stage may be skipped.
- **strict order** i: the lead was at the stages 0 … i one right after another, with no entry at any other stage between; each counts
  from the first of the entries there that follow each other. Of several such runs the deepest counts, the earliest of equals.
- **window**: a stage counts if it is reached at most that many days after the start (in order and in strict order: after the counted
  entry at stage 0; the run is then the one that leads deepest within it). With `Entry.ANY`, any entry at stage 0 may open the window of
  an order: the one that leads deepest counts, the earliest of equals.
- **fate** at a stage where a lead counts, what came after its counted arrival: *advanced* to the next stage; *skipped ahead*
  past it; *lost*; *moved back* (open, and now recorded at an earlier stage); *still there*. In order, a lead that is
  recorded further on but not at the next stage in its turn skipped ahead; so in strict order. With a window, what came after it does
  not count.
- **outcome**: the file's own outcome column where it says one; else *won* = entered a label that means won, and after the last such
  entry neither an exit nor a label whose meaning comes before the win (a deal moved back from won is open again, unless the model
  has a loyalty loop, whose customers stay won when they consider again); else *lost* = no entry at a label with a meaning after its
  last exit; else *open*. A label without a meaning opens nothing. What opens a lead again may be said otherwise (`EndRule`). So the
  outcome is the same in every model without a loop.

The history is walked once, into `gathered`; the journeys of every model are a view of that, so another model costs next to nothing.
One view serves three rules and every window; only strict order, and `Entry.ANY` with a window, need views of their own. The SQL keeps to
what DuckDB, Spark and ClickHouse share.
"""

from funnel.journeys.build import CORE_COLUMNS, local_time
from funnel.journeys.file_facts import Columns, FileFacts
from funnel.journeys.first_last import Gathered
from funnel.journeys.observed import Tables
from funnel.journeys.panel import LOST_STATE, WON_STATE, labels_of
from funnel.journeys.rules import EVERYWHERE, RULES
from funnel.journeys.stage_exits import FATES, fate, is_reached
from funnel.journeys.stage_visits import ends_of
from funnel.journeys.views import Journeys

__all__ = [
    "CORE_COLUMNS",
    "EVERYWHERE",
    "FATES",
    "LOST_STATE",
    "RULES",
    "WON_STATE",
    "Columns",
    "FileFacts",
    "Gathered",
    "Journeys",
    "Tables",
    "ends_of",
    "fate",
    "is_reached",
    "labels_of",
    "local_time",
]
