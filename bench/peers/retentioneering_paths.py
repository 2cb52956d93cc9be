"""retentioneering 5: its event stream, and its funnel of ordered steps, which runs on DuckDB over a pandas frame."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data import EACH_LABEL, LABELS, MODELS, STAGES


class Retentioneering:
    """`Eventstream.funnel_data` after the stream's own processors: filter_events, add_segment, rename_events."""

    PACKAGES = ("retentioneering", "duckdb", "pandas")
    NOTES = (
        "retentioneering counts a step only strictly after the one before, in the order of the stream. Left to itself that is the order"
        " of the file among entries of one second, and about one lead in ten thousand gets less far than with the others; here the stream's"
        " own `subindex` column orders them by stage, which gives equal answers.",
        "retentioneering has no funnel by cohort: `add_segment(funnel_events=…)` says how far each lead got, and pandas counts that by"
        " month. For other dates `filter_events` keeps the leads by a column with their start, made when the file is read (its own"
        " `filter_paths` by `first_event_time` takes several times as long). The four models are `rename_events` and a funnel each.",
    )

    def __init__(self, folder: Path) -> None:
        import pandas
        from retentioneering import Eventstream

        self.pandas, self.eventstream = pandas, Eventstream

    def load(self, path: Path) -> None:
        pandas = self.pandas
        self.stream = self.ids = None
        frame = pandas.read_csv(path, dtype={"Stage": "category"}, parse_dates=["Entered at"])
        frame["Lead ID"], self.ids = pandas.factorize(frame["Lead ID"])
        frame["subindex"] = pandas.Categorical(frame["Stage"], categories=LABELS).codes
        started = frame.loc[frame["Stage"].isin(EACH_LABEL[0])].groupby("Lead ID")["Entered at"].min()
        frame["started"] = frame["Lead ID"].map(started)
        columns = {"path_cols": ["Lead ID"], "event_col": "Stage", "timestamp_col": "Entered at"}
        self.stream = self.eventstream(frame, schema={**columns, "custom_cols": ["started"]})

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        stream = self.stream
        if dates:
            start, after = self.pandas.Timestamp(dates[0]), self.pandas.Timestamp(dates[1] + timedelta(days=1))
            stream = stream.filter_events(func=lambda frame: (frame["started"] >= start) & (frame["started"] < after))
        return _counts(stream, STAGES)

    def cohorts(self) -> dict[str, list[int]]:
        frame = self.stream.add_segment("furthest", funnel_events=list(STAGES)).df
        leads = frame.drop_duplicates("Lead ID")
        table = self.pandas.crosstab(leads["started"].dt.to_period("M"), leads["furthest"])
        counts = table.reindex(columns=list(STAGES), fill_value=0).iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1]
        return {
            str(month): [int(count) for count in row] for month, row in zip(counts.index, counts.values, strict=True)
        }

    def models(self) -> dict[str, list[int]]:
        told = {}
        for key, groups in MODELS.items():
            renamed = self.stream.rename_events({label: group[0] for group in groups for label in group})
            told[key] = _counts(renamed, [group[0] for group in groups])
        return told


def _counts(stream: Any, steps: Any) -> list[int]:
    return [step["unique_paths"] for step in stream.funnel_data(list(steps))["steps"]]
