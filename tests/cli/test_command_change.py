"""`python -m funnel change`: numbers worked out apart, what is printed, and the one sentence where something is wrong."""

from __future__ import annotations

from itertools import permutations
from math import sqrt
from pathlib import Path

import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from funnel.cli.command import main
from tests.cli.deals_before_and_after import COUNTS, LABELS, written
from tests.cli.test_command import _json, _refused
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")
YEARS = ("--before", "2023-Q1", "--after", "2023-Q2")
SIDE = ["from", "to", "leads", "converted", "rate", "low", "high", "accounts", "young"]


@pytest.fixture
def file(tmp_path: Path) -> str:
    return written(tmp_path)


def totals(side: int) -> tuple[int, int, int]:
    leads, demos, wins = (sum(each[side][place] for each in COUNTS.values()) for place in range(3))
    return leads, demos, wins


def test_change_as_json(capsys, file):
    told = _json(capsys, "change", file, *LABELS, *YEARS, "--by", "channel", "--day", "30")
    assert list(told) == [
        "day", "design_effect", "to_stage", "by", "before", "after", "change", "change_low", "change_high", "p", "verdict",
        "detectable", "mix",
        "rate_part", "rate_part_low", "rate_part_high", "parts", "standardised", "simpson", "chain", "stages", "warnings",
        "attributes", "notes",
    ]  # fmt: skip
    assert (told["day"], told["to_stage"], told["by"], told["warnings"]) == (30, None, "Channel", [])
    assert list(told["before"]) == list(told["after"]) == SIDE
    (leads, _, wins), (later, _, later_wins) = totals(0), totals(1)
    low, high = proportion_confint(wins, leads, method="wilson")
    assert told["before"] == {
        "from": "2023-01-01", "to": "2023-03-31", "leads": leads, "converted": wins, "rate": pytest.approx(wins / leads),
        "low": pytest.approx(low), "high": pytest.approx(high), "accounts": None, "young": 0,
    }  # fmt: skip
    after = told["after"]
    assert (after["from"], after["to"], after["leads"], after["converted"], after["young"]) == (
        "2023-04-01", "2023-06-30", later, later_wins, 5,
    )  # fmt: skip
    assert told["change"] == pytest.approx(later_wins / later - wins / leads)
    down, up = confint_proportions_2indep(later_wins, later, wins, leads, compare="diff", method="newcomb")
    assert (told["change_low"], told["change_high"]) == (pytest.approx(down), pytest.approx(up))
    assert told["p"] == pytest.approx(proportions_ztest([later_wins, wins], [later, leads])[1])
    assert told["verdict"] == "lower"


def test_the_parts_of_a_change(capsys, file):
    """Kitagawa's mix and rate, each kind's mix against the average rate; and the paradox: each channel rose, all together fell."""
    told = _json(capsys, "change", file, *LABELS, *YEARS, "--by", "Channel", "--day", "30")
    (leads, _, wins), (later, _, later_wins) = totals(0), totals(1)
    average = (wins / leads + later_wins / later) / 2
    assert [part["value"] for part in told["parts"]] == ["Fair", "Web", None]
    variance = 0.0
    for part in told["parts"]:
        (n0, _, x0), (n1, _, x1) = COUNTS[part["value"] or ""]
        w0, w1, r1 = n0 / leads, n1 / later, x1 / n1
        r0 = x0 / n0 if n0 else r1
        assert part == {
            "value": part["value"], "before_leads": n0, "before_rate": x0 / n0 if n0 else None, "after_leads": n1, "after_rate": r1,
            "mix": pytest.approx((w1 - w0) * ((r0 + r1) / 2 - average)), "rate_part": pytest.approx((w0 + w1) / 2 * (r1 - r0)),
        }  # fmt: skip
        # A kind that was not there before has no rate part, and nothing in it to be unsure of.
        variance += ((w0 + w1) / 2) ** 2 * (r0 * (1 - r0) / n0 + r1 * (1 - r1) / n1) if n0 else 0.0
    for name in ("mix", "rate_part"):
        assert told[name] == pytest.approx(sum(part[name] for part in told["parts"]))
    assert told["mix"] + told["rate_part"] == pytest.approx(told["change"])
    reach = norm.ppf(0.975) * sqrt(variance)
    assert told["rate_part_low"] == pytest.approx(told["rate_part"] - reach)
    assert told["rate_part_high"] == pytest.approx(told["rate_part"] + reach)
    # The same mix on both sides: that of both together, of the channels that were there both times.
    both = [COUNTS["Web"], COUNTS["Fair"]]
    weights = [n0 + n1 for (n0, _, _), (n1, _, _) in both]
    within = [x1 / n1 - x0 / n0 for (n0, _, x0), (n1, _, x1) in both]
    assert told["standardised"] == pytest.approx(
        sum(w * d for w, d in zip(weights, within, strict=True)) / sum(weights)
    )
    assert told["standardised"] > 0 > told["change"]
    assert told["simpson"] is True


def test_the_chain_of_a_change(capsys, file):
    """Leads × demo × won, each factor's effect averaged over all orders of changing them."""
    told = _json(capsys, "change", file, *LABELS, *YEARS, "--day", "30")
    one, other = ((n, demos / n, wins / demos) for n, demos, wins in (totals(0), totals(1)))
    assert [(each["factor"], each["before"], each["after"]) for each in told["chain"]] == [
        (name, pytest.approx(before), pytest.approx(after))
        for name, before, after in zip(("leads", "Demo done", "won"), one, other, strict=True)
    ]
    effects = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        now = list(one)
        for place in order:
            was = now[0] * now[1] * now[2]
            now[place] = other[place]
            effects[place] += (now[0] * now[1] * now[2] - was) / 6
    assert [each["effect"] for each in told["chain"]] == pytest.approx(effects)
    assert sum(effects) == pytest.approx(totals(1)[2] - totals(0)[2])
    # Nothing told the change apart.
    assert (told["by"], told["mix"], told["parts"], told["standardised"], told["simpson"]) == (
        None,
        None,
        [],
        None,
        False,
    )


@thorough
def test_change_to_a_stage_and_the_usual_day(capsys, file):
    told = _json(capsys, "change", file, *LABELS, *YEARS, "--stage", "Demo done")
    # More than half of the later leads are 60 days old, none is 90.
    assert (told["day"], told["to_stage"], told["after"]["converted"]) == (60, "Demo done", 78)
    assert [each["factor"] for each in told["chain"]] == ["leads", "Demo done"]
    assert _json(capsys, "change", file, *LABELS, *YEARS, "--stage", "won")["to_stage"] is None
    standard = ("change", SAMPLE, "--model", "standard", "--before", "2023", "--after", "2024", "--stage")
    by_key, by_name = (_json(capsys, *standard, stage) for stage in ("qualification", "Qualification"))
    assert by_key == by_name


def test_few_leads_on_a_side(capsys, file):
    words = ("--before", "2023-02", "--after", "2023-06-01..2023-06-22", "--by", "Channel", "--day", "17")
    asked = ("change", file, *LABELS, *words)
    told = _json(capsys, *asked)
    assert (told["after"]["leads"], told["after"]["rate"], told["verdict"]) == (3, 0.0, "too few")
    assert told["change"] == pytest.approx(-52 / 160)
    assert [told[name] for name in ("change_low", "change_high", "p", "detectable")] == [None] * 4
    assert main(list(asked)) == 0
    text = capsys.readouterr().out
    assert "After: 0 of 3, before 33% (52 of 160). Sample too small: fewer than 20 leads on a side" in text
    assert "mix" not in text


def test_nobody_on_a_side(capsys, file):
    words = ("--before", "2022", "--after", "2023-Q2", "--by", "Channel", "--day", "30")
    told = _json(capsys, "change", file, *LABELS, *words)
    assert told["before"]["leads"] == 0
    assert [told["before"][name] for name in ("rate", "low", "high")] == [None] * 3
    assert (told["change"], told["change_low"]) == (None, None)
    assert (told["mix"], told["parts"], told["verdict"]) == (None, [], "too few")


def test_the_part_of_all_other_leads(capsys, tmp_path):
    told = ["Deal ID,Stage,Entered at,City"]
    for place in range(15):
        told += [f"{place}-{side}-{n},New,2023-0{side}-01,C{place:02}" for side in (1, 2) for n in range(20 - place)]
    told.append("last,New,2023-12-01,C00")
    path = tmp_path / "cities.csv"
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    parts = _json(capsys, "change", str(path), "--before", "2023-01", "--after", "2023-02", "--by", "City")["parts"]
    assert [part["value"] for part in parts] == [*(f"C{place:02}" for place in range(12)), "(other)"]
    assert parts[-1]["before_leads"] == 8 + 7 + 6


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2022-05", "2022-05-01", "2022-05-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2022-Q2", "2022-04-01", "2022-06-30"),
        ("2022-q4", "2022-10-01", "2022-12-31"),
        ("2022-03-07", "2022-03-07", "2022-03-07"),
        ("2022-01-15..2022-02-20", "2022-01-15", "2022-02-20"),
        ("2021-12..2022-Q1", "2021-12-01", "2022-03-31"),
    ],
)
def test_a_range_of_days(capsys, file, span, first, last):
    told = _json(capsys, "change", file, *LABELS, "--before", span, "--after", "2023-Q2", "--day", "30")["before"]
    assert (told["from"], told["to"]) == (first, last)


def test_change_as_text(capsys, file):
    asked = ("change", file, *LABELS, *YEARS, "--by", "Channel", "--day", "30")
    found = _json(capsys, *asked)
    assert main(list(asked)) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "Leads that entered 1 Apr 2023 to 30 Jun 2023 (after) against 1 Jan 2023 to 31 Mar 2023 (before) through labels:"
        " won within 30 days\n"
    )
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "Before 1 Jan 2023 31 Mar 2023 160 52 33% 26% 40% 0" in lines
    assert "After 1 Apr 2023 30 Jun 2023 175 38 22% 16% 28% 5" in lines
    assert "\nAfter: 22% (38 of 175), before 33% (52 of 160): " in told
    assert "are the mix effect (who came, by Channel)" in told
    within = f"+{100 * found['standardised']:.1f} points"
    assert f"Careful: within the same kinds of Channel the change is {within}, the other way round than in all." in told
    assert "“won within 30 days”: 52 before, 38 after. What moved the number:" in told
    assert f"Leads 160 175 – – +{found['chain'][0]['effect']:.2g}" in lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--before", "2023", "--after", "2023-06..2024-02"), "share the days from 1 Jun 2023 to 31 Dec 2023"),
        (("--before", "2023-03-01..2023-01-01", "--after", "2024"), "Swap the two"),
        (("--before", "2023-13", "--after", "2024"), "“2023-13” is no range of days"),
        (("--before", "2023-00", "--after", "2024"), "“2023-00” is no range of days"),
        (("--before", "2023-02-30..2023-03-01", "--after", "2024"), "is no range of days"),
        (("--before", "2023-Q5", "--after", "2024"), "is no range of days"),
        (("--before", "23", "--after", "2024"), "is no range of days"),
        (("--before", "0000", "--after", "2024"), "is no range of days"),
        (("--before", "2023-01-01..", "--after", "2024"), "is no range of days"),
        (("--before", "2023", "--after", "last year"), "is no range of days"),
        (("--before", "2023"), "--after"),
        ((*YEARS, "--by", "Nowhere"), "no column “Nowhere”"),
        ((*YEARS, "--stage", "Signed"), "has no stage “Signed”"),
        ((*YEARS, "--day", "x"), "--day takes one whole number of days"),
        ((*YEARS, "--day", "40000"), "A day is a whole number from 0 to 36,500"),
        ((*YEARS, "--from", "2023-01-01"), "--from"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(capsys, file, words, said):
    assert said in _refused(capsys, "change", file, *words)


@thorough
def test_change_of_the_bundled_sample(capsys):
    told = _json(
        capsys, "change", SAMPLE, "--model", "standard", "--before", "2023", "--after", "2024", "--by", "Region"
    )
    assert told["day"] == 365
    assert (told["before"]["leads"], told["before"]["converted"], told["after"]["young"]) == (4470, 452, 2377)
    assert told["mix"] + told["rate_part"] == pytest.approx(told["change"])
    assert sum(each["effect"] for each in told["chain"]) == pytest.approx(
        told["after"]["converted"] - told["before"]["converted"]
    )
