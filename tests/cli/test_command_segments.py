"""`python -m funnel segments`: numbers worked out apart, what is printed, and the one sentence where something is wrong."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta, norm
from statsmodels.duration.survfunc import survdiff
from statsmodels.stats.multitest import multipletests

from funnel.cli.command import main
from tests.cli.deals_by_region import COMPARED, COUNTS, END, LABELS, START, expected, lines, told_of, win_day, written
from tests.cli.test_command import _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")
STEP = ["from", "to", *(key for key in COMPARED if key not in ("detectable_fall", "impact"))]


@pytest.fixture
def file(tmp_path: Path) -> str:
    return written(tmp_path)


def groups_of(told: dict) -> dict:
    return {group["value"]: group for group in told["groups"]}


def test_segments_as_json(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--by", "region", "--day", "30")
    assert list(told) == [
        "model", "rule", "unit", "from", "to", "observed_until", "to_stage", "day", "by", "leads", "accounts", "others",
        "young", "untimed", "groups", "log_rank", "warnings", "attributes", "notes",
    ]  # fmt: skip
    groups = told.pop("groups")
    assert told.pop("log_rank") is not None
    assert told == {
        "model": "labels", "rule": "passed", "unit": "lead", "from": None, "to": None, "observed_until": "2025-03-02T00:00:00",
        "to_stage": None, "day": 30, "by": "Region", "leads": 146, "accounts": None, "others": 0, "young": 1, "untimed": 0, "warnings": [],
        "attributes": "start", "notes": [],
    }  # fmt: skip
    assert [group["value"] for group in groups] == ["East", "West", None, "North"]
    assert list(groups[0]) == ["value", *COMPARED, "steps"]
    assert [list(step) for step in groups[0]["steps"]] == [STEP, STEP]
    leads, demos, wins = (sum(counts[place] for counts in COUNTS.values()) for place in range(3))
    found = []
    for group in groups[:3]:
        mine, came, won = COUNTS[group["value"] or ""]
        wanted = expected((won, mine), (wins - won, leads - mine))
        assert told_of(group, wanted) == pytest.approx(wanted)
        found.append(wanted["p"])
        steps = [expected((came, mine), (demos - came, leads - mine))]
        if came >= 20:
            steps.append(expected((won, came), (wins - won, demos - came)))
            assert group["steps"][1]["p"] == pytest.approx(steps[1]["p"])
    adjusted = multipletests(found, method="fdr_bh")[1]
    assert [group["p_adjusted"] for group in groups[:3]] == pytest.approx(list(adjusted))
    assert [group["verdict"] for group in groups] == ["higher", "lower", "cannot tell", "too few"]


def test_the_steps_are_corrected_for_there_being_several(capsys, file):
    """Holm over the steps of a group, then Benjamini and Hochberg over the groups of each step."""
    told = groups_of(_json(capsys, "segments", file, *LABELS, "--by", "Region", "--day", "30"))
    holm = {}
    for region in ("East", "West"):
        steps = told[region]["steps"]
        assert [(step["from"], step["to"]) for step in steps] == [("New", "Demo done"), ("Demo done", "Closed won")]
        holm[region] = multipletests([step["p"] for step in steps], method="holm")[1]
    # Of the empty only the first step has 20 leads.
    (first, second) = told[None]["steps"]
    assert (second["verdict"], second["p"], second["rate"]) == ("too few", None, None)
    firsts = multipletests([holm["East"][0], holm["West"][0], first["p"]], method="fdr_bh")[1]
    assert [told[value]["steps"][0]["p_adjusted"] for value in ("East", "West", None)] == pytest.approx(list(firsts))
    seconds = multipletests([holm["East"][1], holm["West"][1]], method="fdr_bh")[1]
    assert [told[value]["steps"][1]["p_adjusted"] for value in ("East", "West")] == pytest.approx(list(seconds))


def test_of_few_leads_the_counts_are_told_alone(capsys, file):
    north = groups_of(_json(capsys, "segments", file, *LABELS, "--by", "Region"))["North"]
    assert (north["leads"], north["converted"], north["verdict"]) == (10, 4, "too few")
    assert all(north[key] is None for key in COMPARED if key not in ("leads", "converted", "verdict"))
    assert all(step[key] is None for step in north["steps"] for key in STEP[4:] if key != "verdict")


def test_where_only_the_others_are_few_its_own_rate_is_told(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--a", "Region=East", "--b", "Region=North", "--day", "30")
    east, north = told["groups"]
    assert (east["rate"], east["verdict"], east["difference"], east["impact"]) == (0.4, "too few", None, None)
    assert (north["rate"], told["bet"]) == (None, None)


def test_a_difference_would_have_shown_in_four_of_five_cases(capsys, file):
    east = groups_of(_json(capsys, "segments", file, *LABELS, "--by", "Region", "--day", "30"))["East"]
    one, (won, others) = 60, (15, 85)
    for size in (east["detectable"], -east["detectable_fall"]):
        base, shown = won / others, won / others + size
        middle = (one * shown + others * base) / (one + others)
        pooled = norm.ppf(0.975) * sqrt(middle * (1 - middle) * (1 / one + 1 / others))
        spread = sqrt(shown * (1 - shown) / one + base * (1 - base) / others)
        assert norm.cdf((abs(size) - pooled) / spread) == pytest.approx(0.8, abs=1e-6)


def test_so_far_all_leads_count(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--by", "Region", "--so-far")
    assert (told["day"], told["young"], told["log_rank"]) == (None, 0, None)
    east = groups_of(told)["East"]
    assert (east["leads"], east["verdict"]) == (61, "so far")
    # Leads of different ages are no comparison: nothing that could be taken for one is told.
    for each in (east, *east["steps"]):
        assert each["rate"] is not None
        assert {each[key] for key in ("difference", "difference_low", "p", "p_adjusted", "detectable")} == {None}
    assert main(["segments", file, *LABELS, "--by", "Region", "--so-far"]) == 0
    said = capsys.readouterr().out
    assert "To date, whatever their age: the older leads have had more time" in said
    assert not any(word in said for word in ("above average", "below average", "p ="))
    told = _json(capsys, "scan", file, *LABELS, "--so-far")
    assert (told["day"], told["tested"]) == (None, 0)
    assert {each["verdict"] for each in told["findings"]} == {"so far"}
    assert not any(each["holds"] for each in told["findings"])
    assert "either for the first 30 days" in _refused(capsys, "scan", file, *LABELS, "--so-far", "--day", "30")


def test_without_a_day_leads_are_compared_at_equal_age(capsys, file):
    # Followed for 60 days, the last one for none: 60 is the latest usual day that half have reached.
    for command in (("segments", file, *LABELS, "--by", "Region"), ("scan", file, *LABELS)):
        told = _json(capsys, *command)
        assert told == _json(capsys, *command, "--day", str(told["day"]))
        assert told["day"] == 60


@pytest.mark.parametrize(
    ("stage", "key", "converted"), [("Demo done", "Demo done", 36), ("won", None, 24), ("New", "New", 60)]
)
def test_to_a_stage_or_the_win(capsys, file, stage, key, converted):
    told = _json(capsys, "segments", file, *LABELS, "--by", "Region", "--stage", stage, "--day", "30")
    assert (told["to_stage"], groups_of(told)["East"]["converted"]) == (key, converted)


def test_a_stage_by_key_and_by_name(capsys):
    asked = ("segments", SAMPLE, "--model", "standard", "--by", "Channel", "--stage")
    by_key, by_name = (_json(capsys, *asked, stage) for stage in ("qualification", "Qualification"))
    assert (by_key["groups"], by_key["to_stage"]) == (by_name["groups"], by_name["to_stage"])
    assert by_key["to_stage"] == "qualification"


def test_by_a_day_only_what_was_reached_by_then_counts(capsys, file):
    told = groups_of(_json(capsys, "segments", file, *LABELS, "--by", "Region", "--day", "9"))
    assert told["East"]["converted"] == sum(win_day(number) <= 9 for number in range(24))


def test_the_log_rank_test_keeps_lost_leads_at_risk(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--by", "Region")["log_rank"]
    followed = (END - START).days
    times, events, regions = [0], [0], ["East"]
    for region, (leads, _, wins) in COUNTS.items():
        if leads < 20:
            continue
        times += [win_day(number) if number < wins else followed for number in range(leads)]
        events += [int(number < wins) for number in range(leads)]
        regions += [region] * leads
    statistic, p = survdiff(np.array(times), np.array(events), np.array(regions))
    assert told == {"statistic": pytest.approx(statistic), "degrees": 2, "p": pytest.approx(p)}


def test_two_groups_by_hand(capsys, file):
    told = _json(
        capsys, "segments", file, *LABELS, "--a", "region=West", "--a", "Region=", "--b", "Region=East", "--day", "30"
    )
    assert (told["by"], told["in_both"], told["others"]) == (None, 0, 10)
    assert [group["value"] for group in told["groups"]] == ["Region: West, (empty)", "Region: East"]
    wanted = expected((11, 75), (24, 60))
    one, other = told["groups"]
    assert told_of(one, wanted) == pytest.approx(wanted)
    assert one["p_adjusted"] == one["p"]
    assert (one["verdict"], other["verdict"]) == ("lower", "higher")
    assert other["difference"] == pytest.approx(-one["difference"])
    assert told["log_rank"]["degrees"] == 1
    # The bet is on b: drawn from what the counts leave likely, it is the higher so often, and falls short by so much.
    draws = np.random.default_rng(5)
    a, b = (beta(1 + won, 1 + rest).rvs(400_000, random_state=draws) for won, rest in ((11, 64), (24, 36)))
    assert told["bet"]["on"] == "b"
    assert told["bet"]["chance"] == pytest.approx((b > a).mean(), abs=0.001)
    assert told["bet"]["loss"] == pytest.approx(np.maximum(a - b, 0).mean(), abs=1e-4)


def test_leads_in_both_groups_count_in_neither(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--a", "Region=East", "--b", "Channel=Web", "--day", "30")
    assert (told["in_both"], [group["leads"] for group in told["groups"]]) == (30, [30, 42])


def test_numbers_are_told_apart_in_bands(capsys, tmp_path):
    path = tmp_path / "amounts.csv"
    rows = [f"d{number},New,2025-01-01,{number}" for number in range(1, 101)]
    rows += [f"d{number},Closed won,2025-01-05,{number}" for number in range(1, 101, 5)]
    path.write_text("\n".join(["Deal ID,Stage,Entered at,Amount", *rows]) + "\n", encoding="utf-8")
    told = _json(capsys, "segments", str(path), "--by", "Amount", "--day", "4")
    assert [(group["value"], group["leads"], group["converted"]) for group in told["groups"]] == [
        ("1 – 25", 25, 5), ("26 – 50", 25, 5), ("51 – 75", 25, 5), ("76 – 100", 25, 5),
    ]  # fmt: skip


def test_few_groups_leave_the_rest_among_the_others(capsys, file):
    told = _json(capsys, "segments", file, *LABELS, "--by", "Region", "--groups", "2", "--day", "30")
    assert ([group["value"] for group in told["groups"]], told["others"]) == (["East", "West"], 35)
    wanted = expected((24, 60), (15, 85))
    assert told_of(told["groups"][0], wanted) == pytest.approx(wanted)


def test_a_file_without_dates_has_no_log_rank(capsys, tmp_path):
    path = tmp_path / "now.csv"
    rows = [f"d{number},{'Won' if number % 3 else 'New'},{'E' if number % 2 else 'W'}" for number in range(80)]
    path.write_text("\n".join(["Deal ID,Stage,Region", *rows]) + "\n", encoding="utf-8")
    assert "--so-far" in _refused(capsys, "segments", str(path), "--by", "Region")
    told = _json(capsys, "segments", str(path), "--by", "Region", "--so-far")
    assert (told["observed_until"], told["log_rank"]) == (None, None)
    assert [group["leads"] for group in told["groups"]] == [40, 40]
    assert "holds no date" in _refused(capsys, "segments", str(path), "--by", "Region", "--day", "30")


def test_a_file_without_a_win_says_so(capsys, tmp_path):
    path = tmp_path / "no-win.csv"
    path.write_text("\n".join(line for line in lines() if "Closed won" not in line) + "\n", encoding="utf-8")
    for command in ("segments", "scan"):
        by = ("--by", "Region") if command == "segments" else ()
        (warning,) = _json(capsys, command, str(path), *by)["warnings"]
        assert warning.startswith("No label of this file was recognised as a win")
        assert _json(capsys, command, str(path), *by, "--stage", "Demo done")["warnings"] == []


def test_segments_as_text(capsys, file):
    assert main(["segments", file, *LABELS, "--by", "Region", "--day", "30"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert (
        told[0] == "146 leads through labels, rule passed, by Region: each group against all others, won within 30 days"
    )
    rows = [line.split() for line in told]
    assert ["East", "60", "24", "40%", "29%", "53%", "+22.4", "above", "average"] in rows
    assert ["North", "10", "4", "–", "–", "–", "–", "sample", "too", "small"] in rows
    assert "Step conversion within 30 days of arriving:" in told
    wanted = expected((24, 60), (15, 85))
    low, high = (f"+{100 * wanted[end]:.1f} points" for end in ("difference_low", "difference_high"))
    assert next(line for line in told if line.startswith("East:")).startswith(
        f"East: 40% (24 of 60), the others 18% (15 of 85): 22.4 points more ({low} to {high}; p = "
    )
    assert "Not followed for 30 days yet, so not counted: 1." in told
    assert any(line.startswith("Not significant (in brackets") and "(empty)" in line for line in told)
    assert "Sample too small, fewer than 20 leads on a side: North." in told
    assert told[-1].startswith("Over all ages together, the groups differ significantly (p = ")


def test_two_groups_as_text(capsys, file):
    asked = ["segments", file, *LABELS, "--a", "Region=East", "--b", "Region=West", "--day", "30"]
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert "rule passed: two groups against each other, won within 30 days\n" in told
    assert "“Region: East”: 40% (24 of 60), “Region: West” 12% (6 of 50): 28 points more" in told
    assert "Taken as a bet: “Region: East” is really the better one with a chance of 99.9%" in told
    assert "In neither group: 35.\n" in told


def test_the_bundled_sample(capsys):
    told = _json(capsys, "segments", SAMPLE, "--model", "standard", "--by", "Channel", "--day", "180")
    assert (told["leads"], told["young"]) == (12_000, 2_665)
    verdicts = {group["value"]: group["verdict"] for group in told["groups"]}
    assert verdicts["Referral"] == verdicts["Partner"] == "higher"
    assert verdicts["Outbound"] == verdicts["Paid search"] == "lower"
    assert verdicts[None] == "too few"
    assert told["log_rank"]["p"] < 0.001


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "either --by COLUMN, or two groups"),
        (("--a", "Region=East"), "either --by COLUMN, or two groups"),
        (("--by", "Region", "--a", "Region=East", "--b", "Region=West"), "either --by COLUMN, or two groups"),
        (("--by", "Region", "--b", "Region=West"), "either --by COLUMN, or two groups"),
        (("--a", "Region=East", "--b", "Region=East"), "The two groups are the same leads"),
        (("--a", "East", "--b", "Region=West"), "--a takes COLUMN=VALUE, not “East”"),
        (("--a", "Region=East", "--b", "Nowhere=1"), "no column “Nowhere”"),
        (("--by", "Nowhere"), "no column “Nowhere”"),
        (("--by", "Region", "--stage", "Signed"), "has no stage “Signed”"),
        (("--by", "Region", "--day", "soon"), "--day takes one whole number of days, such as 90, not “soon”"),
        (("--by", "Region", "--day", "90,180"), "not “90,180”"),
        (("--by", "Region", "--day", "40000"), "A day is a whole number from 0 to 36,500"),
        (("--by", "Region", "--groups", "0"), "--groups takes a whole number"),
        (("--by", "Region", "--model", "nobody"), "There is no model “nobody”"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(capsys, file, words, said):
    assert said in _refused(capsys, "segments", file, *words)
