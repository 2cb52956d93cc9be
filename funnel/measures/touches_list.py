"""The lines of files of touches that are no touches, each with its place and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnel.core.sql import Query
from funnel.core.types import Question
from funnel.journeys import Journeys
from funnel.measures.credit_paths import known_touches

if TYPE_CHECKING:
    import pandas as pd


def touches_apart(journeys: Journeys, question: Question, *, offset: int = 0, limit: int | None = 50) -> pd.DataFrame:
    """A page of them in the order of the files: source_file, source_line, who, moment, channel, reason (a key of `Apart`); `attrs["total"]`
    is how many there are. They are the same for every `question`. LackingError where no file tells of touches."""
    touches = known_touches(journeys)
    page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    query = f"SELECT apart.*\nFROM touches_apart AS apart\nORDER BY apart.source_file, apart.source_line{page}"
    frame = journeys.engine.frame(Query(query))
    frame.attrs["total"] = sum(touches.apart.values())
    return frame
