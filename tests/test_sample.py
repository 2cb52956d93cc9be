"""The bundled sample is what its generator writes, and looks like real B2B leads: counted in pandas alone."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.thorough import thorough

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
FILES = ("leads-history.csv.gz", "leads-wide.csv.gz", "leads-snapshot.csv.gz", "contracts.csv.gz", "touches.csv.gz")
PIPELINE = (
    "New", "Contacted", "Marketing qualified", "Discovery call", "Demo done", "Proposal sent", "Negotiation",
    "Closed won", "Onboarding", "Expansion",
)  # fmt: skip
EXITS = ("Closed lost", "Disqualified", "No response")
ATTRIBUTES = ["Channel", "Region", "Owner", "Company size", "Industry", "Amount", "Currency"]
LAST_MOMENT = pd.Timestamp("2025-06-30 23:59:59")


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "leads-history.csv.gz", parse_dates=["Entered at"], keep_default_na=False)


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    rows = pd.read_csv(SAMPLES / "leads-wide.csv.gz", keep_default_na=False)
    dates = [column for column in rows.columns if "Date" in column]
    return rows.assign(**{column: pd.to_datetime(rows[column]) for column in dates})


@pytest.fixture(scope="module")
def snapshot() -> pd.DataFrame:
    dates = ["Created", "Closed", "Last stage change"]
    return pd.read_csv(SAMPLES / "leads-snapshot.csv.gz", parse_dates=dates, keep_default_na=False)


@pytest.fixture(scope="module")
def moves(history: pd.DataFrame) -> pd.DataFrame:
    """Each entry after a lead's first, with the label it came from; places are NaN at an exit."""
    places = {label: place for place, label in enumerate(PIPELINE)}
    before = history.groupby("Lead ID")["Stage"].shift()
    moves = history.assign(before=before, place=history["Stage"].map(places), place_before=before.map(places))
    return moves[before.notna()]


def cycle_days(snapshot: pd.DataFrame) -> pd.Series:
    """Days from start to win of the leads won among those that started in the first twelve months."""
    won = snapshot[(snapshot["Created"] < "2024-01-02") & (snapshot["Status"] == "Closed won")]
    return (won["Closed"] - won["Created"]) / pd.Timedelta(days=1)


@thorough
def test_the_generator_writes_the_same_files_again(tmp_path):
    subprocess.run([sys.executable, SAMPLES / "generate.py", tmp_path], check=True)
    first = {name: (tmp_path / name).read_bytes() for name in FILES}
    for name in FILES:
        # Unpacked, since another zlib may pack the same text differently.
        assert gzip.decompress(first[name]) == gzip.decompress((SAMPLES / name).read_bytes())
        assert first[name][4:8] == bytes(4), "a time in the header would change the file at each run"
    assert sum((SAMPLES / name).stat().st_size for name in FILES) < 3_000_000


def test_12000_leads_start_over_30_months_and_nothing_is_later(history, wide, snapshot):
    starts = history.groupby("Lead ID")["Entered at"].min()
    assert len(starts) == len(wide) == len(snapshot) == 12_000
    assert (str(starts.min().date()), str(starts.max().date())) == ("2023-01-02", "2025-06-30")
    assert history["Entered at"].max() <= LAST_MOMENT
    assert starts.groupby(starts.dt.to_period("M")).size().between(250, 600).all()


def test_most_accounts_have_six_to_ten_people(snapshot):
    people = snapshot.groupby("Account").size()
    assert 1_400 <= len(people) <= 1_600
    assert people.between(6, 10).mean() > 0.8
    assert people.max() == 16


def test_three_quarters_of_wins_take_four_months_and_nearly_half_seven(snapshot):
    days = cycle_days(snapshot)
    assert len(days) > 500
    assert 0.73 <= (days >= 120).mean() <= 0.78
    assert 0.45 <= (days >= 210).mean() <= 0.50


def test_one_in_ten_finished_leads_is_won_and_the_newest_are_unfinished(snapshot):
    finished = snapshot[snapshot["Status"] != "Open"]
    assert 0.09 <= (finished["Status"] == "Closed won").mean() <= 0.12
    still_open = (snapshot["Status"] == "Open").groupby(snapshot["Created"].dt.to_period("Y")).mean()
    assert still_open["2023"] < 0.02
    assert still_open["2025"] > 0.30
    owners = snapshot.groupby("Owner").size()
    assert len(owners) == 14
    assert owners.min() > 200


def test_leads_skip_move_back_come_again_and_are_lost_at_every_stage(history, moves):
    between = moves.dropna(subset=["place", "place_before"])
    assert 0.10 <= (between["place"] > between["place_before"] + 1).mean() <= 0.14
    assert 0.04 <= (between["place"] < between["place_before"]).mean() <= 0.06
    again = moves[moves["place"].notna() & moves["before"].isin(EXITS)]["Lead ID"].nunique()
    exited = history[history["Stage"].isin(EXITS)]["Lead ID"].nunique()
    assert 0.02 <= again / exited <= 0.04
    lost_from = moves[moves["Stage"].isin(EXITS)].groupby("before").size()
    assert set(lost_from.index) == set(PIPELINE[:7])
    assert lost_from.min() > 100
    first = history.groupby("Lead ID")["Stage"].first()
    assert set(first) == {"New"}


def test_moves_happen_in_business_hours_in_order_of_time(history, moves):
    when = moves["Entered at"]
    assert when.dt.day_of_week.max() == 4
    assert when.dt.hour.between(8, 18).all()
    assert history.groupby("Lead ID")["Entered at"].diff().dropna().min() > pd.Timedelta(0)
    starts = history[history["Stage"] == "New"]["Entered at"].dt
    assert 0.02 <= (starts.day_of_week > 4).mean() <= 0.08
    by_month = starts.month.value_counts()
    assert by_month[8] < by_month[10] * 0.75


def test_paid_search_grows_and_wins_less(snapshot):
    paid = snapshot["Channel"] == "Paid search"
    share = paid.groupby(snapshot["Created"].dt.to_period("Q")).mean()
    assert share["2023Q1"] < 0.13
    assert share["2025Q2"] > 0.25
    old = snapshot["Created"] < "2024-01-02"
    won = snapshot["Status"] == "Closed won"
    assert won[old & paid].mean() < 0.6 * won[old & ~paid].mean()


def test_amounts_are_skewed_and_a_few_cells_are_empty(snapshot, history):
    assert (snapshot["Amount"] == "-").sum() == 4
    assert (snapshot["Channel"] == "").sum() == 24
    amounts = snapshot.loc[snapshot["Amount"] != "-", "Amount"].astype(int)
    assert 15_000 < amounts.median() < 25_000
    assert amounts.mean() > 1.5 * amounts.median()
    assert 5 <= (amounts > 500_000).sum() <= 40
    filled = [column for column in history.columns if column != "Channel"]
    assert (history[filled] != "").all().all()


def test_touches_are_of_the_same_leads_by_nine_channels_and_some_of_nobody(history):
    touches = pd.read_csv(SAMPLES / "touches.csv.gz", parse_dates=["Touched at"], keep_default_na=False)
    known = touches["Lead ID"].isin(history["Lead ID"])
    assert 0.005 < (~known).mean() < 0.03
    assert touches["Channel"].str.lower().nunique() == 9
    assert touches["Touched at"].max() <= LAST_MOMENT
    starts = history.groupby("Lead ID")["Entered at"].min()
    before = touches[known].merge(starts.rename("start"), left_on="Lead ID", right_index=True)
    assert 0.2 < (before["Touched at"] <= before["start"]).mean() < 0.8
    assert 0.6 < before["Lead ID"].nunique() / len(starts) < 1


def test_the_three_copies_tell_of_the_same_leads(history, wide, snapshot):
    by_lead = history.groupby("Lead ID")
    ids = pd.Index(snapshot["Lead ID"])
    assert list(wide["Lead ID"]) == list(ids)
    for column in ("Account", *ATTRIBUTES):
        assert by_lead[column].nunique().max() == 1
        assert list(snapshot[column]) == list(wide[column]) == list(by_lead[column].first()[ids])
    assert list(snapshot["Created"]) == list(wide["Create Date"]) == list(by_lead["Entered at"].first()[ids])
    last = by_lead["Stage"].last()[ids]
    status = {**dict.fromkeys(EXITS, "Closed lost"), **dict.fromkeys(PIPELINE[:7], "Open")}
    assert list(snapshot["Status"]) == [status.get(label, "Closed won") for label in last]
    assert list(snapshot["Closed"].isna()) == list(snapshot["Status"] == "Open")
    assert list(snapshot["Lost reason"]) == [label if label in EXITS else "" for label in last]
    at_stages = history[history["Stage"].isin(PIPELINE)].groupby("Lead ID")
    assert list(snapshot["Stage"]) == list(at_stages["Stage"].last()[ids])
    assert list(snapshot["Last stage change"]) == list(at_stages["Entered at"].last()[ids])
    pd.testing.assert_series_equal(wide["Close Date"], snapshot["Closed"], check_names=False)
    latest = history.pivot_table(index="Lead ID", columns="Stage", values="Entered at", aggfunc="max").loc[ids]
    for label in (*PIPELINE, *EXITS):
        pd.testing.assert_series_equal(
            wide[f'Date entered "{label}"'], latest[label].reset_index(drop=True), check_names=False
        )
