"""`python -m funnel scan`: numbers worked out apart, what is printed, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from statsmodels.stats.multitest import multipletests

from funnel.cli.command import main
from tests.cli.deals_by_region import COMPARED, LABELS, expected, told_of, written
from tests.cli.test_command import _json, _refused
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")


@pytest.fixture
def file(tmp_path: Path) -> str:
    return written(tmp_path)


def test_scan_as_json(capsys, file):
    told = _json(capsys, "scan", file, *LABELS, "--day", "30")
    assert list(told) == [
        "day", "accounts", "tested", "looked_at", "telling", "known", "same", "too_many", "unknown_at_start", "findings",
        "warnings", "attributes", "notes",
    ]  # fmt: skip
    # North has ten leads, so five groups of two columns are tested.
    assert (told["tested"], told["looked_at"], told["telling"], told["too_many"]) == (5, ["Region", "Channel"], [], [])
    assert list(told["findings"][0]) == ["column", "value", *COMPARED, "within", "beside", "holds"]
    found = {(each["column"], each["value"]): each for each in told["findings"]}
    assert len(found) == 6
    tested = [each for each in found.values() if each["p"] is not None]
    adjusted = multipletests([each["p"] for each in tested], method="fdr_bh")[1]
    assert [each["p_adjusted"] for each in tested] == pytest.approx(list(adjusted))
    east = found["Region", "East"]
    assert told["findings"][0] is east
    wanted = expected((24, 60), (15, 85))
    assert told_of(east, wanted) == pytest.approx(wanted)
    # All started in one quarter, so that is beside: all of the difference stays.
    assert (east["holds"], east["beside"], east["within"]) == (True, "start", pytest.approx(east["difference"]))
    north = found["Region", "North"]
    assert (north["verdict"], north["rate"], north["impact"], north["beside"]) == ("too few", None, None, None)


def test_scan_as_text(capsys, file):
    assert main(["scan", file, *LABELS, "--day", "30"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "5 groups of 2 columns through labels, each against all others, won within 30 days; corrected"
    )
    assert "“Region: East”: 40% (24 of 60), the others 18% (15 of 85): " in told
    assert "Between leads alike in quarter of entry it stays: +22.4 points." in told
    assert told.rstrip().endswith("Groups of too small a sample, fewer than 20 leads on a side: 1.")


def test_scan_without_anything_to_look_at(capsys, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("Deal ID,Stage,Entered at\na,New,2025-01-01\na,Closed won,2025-01-02\nb,New,2025-01-03\n")
    assert main(["scan", str(path)]) == 0
    assert "so there is nothing to compare" in capsys.readouterr().out


@thorough
def test_the_scan_leaves_out_what_knows_the_outcome(capsys):
    snapshot = SAMPLE.replace("history", "snapshot")
    told = _json(capsys, "scan", snapshot, "--model", "standard")
    assert "Status" in told["telling"]
    assert "Status" not in told["looked_at"]
    assert main(["scan", snapshot, "--model", "standard"]) == 0
    assert "Left out, since they know the outcome by themselves: Status" in capsys.readouterr().out


def test_the_scan_of_the_bundled_sample(capsys):
    told = _json(capsys, "scan", SAMPLE, "--model", "standard", "--day", "180")
    first = told["findings"][0]
    assert (told["tested"], first["column"], first["value"], first["verdict"]) == (39, "Channel", "Outbound", "lower")
    assert first["holds"]
    assert "has no stage “Signed”" in _refused(capsys, "scan", SAMPLE, "--stage", "Signed")
