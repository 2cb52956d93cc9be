"""Real public files through the command line, against figures computed apart (`truth.json` beside each file)."""

from __future__ import annotations

import json

import pytest

from funnel.cli.command import main
from tests.cases import case

pytestmark = pytest.mark.usefixtures("opened_once")
# In truth.json each rule has a name of its own.
RULES = {"visited": "reached", "in-order": "ordered_funnel", "passed": "reached_or_beyond"}
MEDIANS = {"visited": "median_days_first_first", "in-order": "median_days_ordered"}


def _answer(capsys, command, files, *options):
    code = main([command, *(str(file) for file in files), *options, "--json"])
    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    return json.loads(told.out)


def _labels(stages):
    return ",".join('"' + stage + '"' for stage in stages)


def _hold(capsys, files, truth, *options, apart=1e-6):
    """The three rules and their medians equal the truth of one funnel; medians may be some days `apart`."""
    stages = truth["stages"]
    for rule, name in RULES.items():
        told = _answer(capsys, "steps", files, "--labels", _labels(stages), "--rule", rule, *options)
        assert told["leads"] == truth["leads_in_listed_stages"]
        assert {stage["name"]: stage["leads"] for stage in told["stages"]} == truth[name]
        if rule in MEDIANS:
            for before, after in zip(told["stages"], told["stages"][1:], strict=False):
                expected = (
                    truth[MEDIANS[rule]][f"{before['name']} -> {after['name']}"] if after["timed"] >= 20 else None
                )
                found = after["median_days_from_previous"]
                assert found == (None if expected is None else pytest.approx(expected, abs=apart))


def _truth(folder):
    return json.loads(case(folder, "truth.json").read_text(encoding="utf-8"))


def test_bpic2012_history_of_a_changing_clock(capsys):
    """Who came where is told in local time; how long it took in true time, which the local figures miss by up to an hour."""
    files, truth = [case("bpic2012", "bpic2012_events.csv.gz")], _truth("bpic2012")
    inspected = _answer(capsys, "inspect", files)
    assert (inspected["shape"], inspected["leads"], inspected["entries"]) == ("history", 13087, 262200)
    (file,) = inspected["files"]
    assert (file["rows_read"], file["rows_used"], file["rows_rejected"], file["rows_ignored"]) == (262200, 262200, 0, 0)
    local = truth["funnel_local_time_all_lifecycles"]
    _hold(capsys, files, local, apart=1 / 24)
    _hold(capsys, files, truth["offer_loop_funnel_local (has regressions)"], apart=1 / 24)
    told = _answer(capsys, "steps", files, "--labels", _labels(local["stages"]), "--rule", "in-order")
    true = truth["funnel_utc"]["median_days_ordered"]
    for before, after in zip(told["stages"], told["stages"][1:], strict=False):
        assert after["median_days_from_previous"] == pytest.approx(
            true[f"{before['name']} -> {after['name']}"], abs=1e-6
        )


@pytest.mark.parametrize("by_hand", [(), ("--won", "A_ACTIVATED", "--lost", "A_DECLINED,A_CANCELLED")])
def test_bpic2012_outcomes(capsys, by_hand):
    truth = _truth("bpic2012")
    stages = truth["funnel_local_time_all_lifecycles"]["stages"]
    files = [case("bpic2012", "bpic2012_events.csv.gz")]
    told = _answer(capsys, "steps", files, "--labels", _labels(stages), *by_hand)
    expected = truth["outcomes"]
    assert told["won"] == expected["won_A_ACTIVATED"]
    assert told["lost"] == expected["declined"] + expected["cancelled"]
    assert told["open"] == expected["open_no_outcome"]


def test_bpic2012_cohorts_are_of_the_local_day(capsys):
    files, truth = [case("bpic2012", "bpic2012_events.csv.gz")], _truth("bpic2012")
    funnel = truth["funnel_local_time_all_lifecycles"]
    for month, first, last in (("2011-10", "2011-10-01", "2011-10-31"), ("2012-02", "2012-02-01", "2012-02-29")):
        dates = ("--from", first, "--to", last, "--rule", "in-order")
        told = _answer(capsys, "steps", files, "--labels", _labels(funnel["stages"]), *dates)
        cohort = dict(funnel["cohorts_by_month_of_first_stage"][month])
        assert told["leads"] == cohort.pop("n")
        assert {stage["name"]: stage["leads"] for stage in told["stages"][1:]} == cohort


def test_enpal_changes_with_stage_names_from_a_second_table(capsys):
    files = [case("enpal_pipedrive", "deal_changes.csv"), case("enpal_pipedrive", "stages.csv")]
    truth = _truth("enpal_pipedrive")
    inspected = _answer(capsys, "inspect", files)
    assert (inspected["shape"], inspected["leads"]) == ("changes", 1995)
    _hold(capsys, files, truth["funnel_9_stages"])
    _hold(capsys, files, truth["funnel_created_then_9"])
    told = _answer(capsys, "steps", files)
    assert (told["won"], told["lost"], told["open"]) == (0, 1995, 0)


def test_maven_snapshot_with_lookups(capsys):
    names = ("sales_pipeline.csv", "accounts.csv", "products.csv", "sales_teams.csv")
    files, truth = [case("maven_crm", name) for name in names], _truth("maven_crm")
    told = _answer(capsys, "steps", files, "--labels", "Prospecting,Engaging,Won")
    reached = {stage["name"]: stage["leads"] for stage in told["stages"]}
    assert reached == {name: truth["reached_or_beyond"][name] for name in ("Prospecting", "Engaging", "Won")}
    assert (told["won"], told["lost"], told["open"]) == (4238, 2473, 1589 + 500)
    _hold(capsys, files, truth["funnel_engaging_won"])
    by_office = _answer(capsys, "steps", files, "--labels", "Prospecting,Engaging,Won", "--by", "regional_office")
    for group in by_office["groups"]:
        office = truth["by_regional_office"][group["value"]]
        assert (group["leads"], group["won"], group["lost"]) == (office["n"], office["won"], office["lost"])


@pytest.mark.parametrize("name", ["mql_ddmmyyyy.csv", "mql_mdy.csv"])
def test_olist_two_tables_and_both_date_orders(capsys, name):
    files, truth = [case("olist", name), case("olist", "closed_deals_iso.csv")], _truth("olist")
    inspected = _answer(capsys, "inspect", files)
    assert (inspected["leads"], inspected["entries"]) == (8000, 8842)
    assert inspected["first_start"].startswith(truth["first_contact_min"])
    _hold(capsys, files, truth["funnel"])
    dates = ("--from", "2018-02-01", "--to", "2018-02-28")
    told = _answer(capsys, "steps", files, "--labels", "MQL,Closed won", "--rule", "in-order", *dates)
    assert told["leads"] == truth["funnel"]["cohorts_by_month_of_first_stage"]["2018-02"]["n"]


def test_olist_by_origin(capsys):
    files, truth = [case("olist", "mql_mdy.csv"), case("olist", "closed_deals_iso.csv")], _truth("olist")
    told = _answer(capsys, "steps", files, "--by", "origin")
    found = {group["value"] or "nan": (group["leads"], group["won"]) for group in told["groups"]}
    assert found == {origin: (row["n"], row["won"]) for origin, row in truth["by_origin"].items()}
