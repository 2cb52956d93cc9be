"""`python bench/credit.py [TOUCHES]`: all rules of credit over so many touches (usual: a million) on a tenth as many leads, beside pandas
as it is usually written, with equal answers."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)]

import funnel  # noqa: E402
from funnel.measures.credit import credit  # noqa: E402
from funnel.measures.credit_rules import CreditRule  # noqa: E402

CHANNELS = ("Web", "Paid", "Email", "Event", "Webinar", "Referral", "Partner", "Call", "Direct", "Social")
HALF_LIFE, LOOKBACK = 30.0, 365
SEED = 7


def written(folder: Path, touches: int) -> tuple[Path, Path]:
    """The two files."""
    draw = np.random.default_rng(SEED)
    leads = touches // 10
    start = pd.Timestamp("2023-01-02") + pd.to_timedelta(draw.integers(0, 700, leads), "D")
    mql = start + pd.to_timedelta(draw.integers(1, 30, leads), "D")
    offer = mql + pd.to_timedelta(draw.integers(1, 60, leads), "D")
    end = offer + pd.to_timedelta(draw.integers(1, 60, leads), "D")
    won = draw.random(leads) < 0.3
    ids = np.arange(leads)
    parts = [("New", start), ("MQL", mql), ("Proposal", offer), ("Won", end[won]), ("Lost", end[~won])]
    of = [ids, ids, ids, ids[won], ids[~won]]
    history = pd.concat(
        [
            pd.DataFrame({"lead_id": who, "stage": name, "entered_at": when})
            for who, (name, when) in zip(of, parts, strict=True)
        ]
    )
    who = draw.integers(0, leads, touches)
    when = start[who] + pd.to_timedelta(draw.integers(-60 * 86_400, 200 * 86_400, touches), "s")
    channel = np.array(CHANNELS)[draw.integers(0, len(CHANNELS), touches)]
    frame = pd.DataFrame({"lead_id": who, "touched_at": when, "channel": channel})
    paths = folder / "leads.csv", folder / "touches.csv"
    history.to_csv(paths[0], index=False)
    frame.to_csv(paths[1], index=False)
    return paths


def plain(leads: Path, touches: Path) -> dict[str, pd.Series]:
    """Wins by channel in pandas: first, last, linear, position, decay, W."""
    history = pd.read_csv(leads, parse_dates=["entered_at"])
    frame = pd.read_csv(touches, parse_dates=["touched_at"])
    frame = frame.sort_values(["lead_id", "channel", "touched_at"], kind="stable")
    before = frame.groupby(["lead_id", "channel"])["touched_at"].diff()
    frame = frame[~(before < pd.Timedelta(seconds=60))]
    entered = history.pivot_table(index="lead_id", columns="stage", values="entered_at", aggfunc="min")
    joined = frame.reset_index(names="line").merge(entered[entered["Won"].notna()], left_on="lead_id", right_index=True)
    day, won = joined["touched_at"].dt.normalize(), joined["Won"].dt.normalize()
    joined = joined[(day <= won) & (day >= won - pd.Timedelta(days=LOOKBACK))]
    joined = joined.sort_values(["lead_id", "touched_at", "line"])
    group = joined.groupby("lead_id")
    joined["place"] = group.cumcount()
    joined["n"] = group["place"].transform("size")
    last = joined["place"] == joined["n"] - 1
    first = joined["place"] == 0
    joined["first"], joined["last"], joined["linear"] = first.astype(float), last.astype(float), 1 / joined["n"]
    ends = first | last
    joined["position"] = np.where(
        joined["n"] < 3, 1 / joined["n"], np.where(ends, 0.4, 0.2 / (joined["n"] - 2).clip(lower=1))
    )
    age = (joined["touched_at"] - group["touched_at"].transform("max")) / pd.Timedelta(days=HALF_LIFE)
    joined["decay"] = 2.0**age
    joined["decay"] /= joined.groupby("lead_id")["decay"].transform("sum")
    marks = first.astype(int)
    for stage in ("MQL", "Proposal"):
        by = joined["place"].where(joined["touched_at"].dt.normalize() <= joined[stage].dt.normalize())
        at = by.groupby(joined["lead_id"]).transform("max")
        marks = marks + (joined["place"] == at).astype(int)
    joined["marks"] = marks
    others = joined["n"] - (marks > 0).groupby(joined["lead_id"]).transform("sum")
    raw = np.where(marks > 0, 0.3 * marks, 0.1 / others.clip(lower=1))
    joined["w"] = raw / pd.Series(raw, index=joined.index).groupby(joined["lead_id"]).transform("sum")
    return {
        rule: joined.groupby("channel")[rule].sum() for rule in ("first", "last", "linear", "position", "decay", "w")
    }


def main() -> int:
    touches = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        leads, lines = written(Path(folder), touches)
        began = time.perf_counter()
        expected = plain(leads, lines)
        print(f"pandas, files and six rules: {time.perf_counter() - began:.2f} s")
        began = time.perf_counter()
        with funnel.open(leads, touches=lines) as data_set:
            print(f"Funnel Lens, both files: {time.perf_counter() - began:.2f} s")
            question = data_set.question(
                data_set.labels_model([["New"], ["MQL"], ["Proposal"], ["Won"]]), rule="visited"
            )
            data_set.ask(funnel.measures.steps, question)
            began = time.perf_counter()
            result = data_set.ask(credit, question, None, tuple(CreditRule))
            print(f"Funnel Lens, {len(result.rules)} rules with intervals: {time.perf_counter() - began:.2f} s")
        for rule, given in expected.items():
            for channel, value in given.items():
                ours = result.of(channel, CreditRule(rule))
                if ours is None or abs(ours.events - value) > 1e-6 * max(1, value):
                    raise AssertionError((rule, channel, ours, value))
        print(f"equal, {result.events:,} wins")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
