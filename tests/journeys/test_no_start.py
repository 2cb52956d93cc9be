"""Leads without a start: of a list with closing dates alone nothing is told that counts days, on no page and by no command."""

from __future__ import annotations

from datetime import date, datetime

import pytest

import funnel
from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import AS_RECORDED
from tests.cli.test_command import _refused
from tests.mapped import written
from tests.pages.apps import turned, uploaded
from tests.thorough import thorough

STAGES = ("Proposal", "Negotiation", "Closed Won", "Closed Lost")
# 40 leads, ten at each stage; only the won have a date.
LIST = "Deal ID,Stage,Region,Closing Date\n" + "".join(
    f"{n},{STAGES[n % 4]},{'North' if n % 3 else 'South'},{f'2024-03-{n % 28 + 1:02}' if n % 4 == 2 else ''}\n"
    for n in range(40)
)


@pytest.fixture
def deals(tmp_path):
    with funnel.open(*written(tmp_path, deals=LIST), as_of=datetime(2024, 6, 1)) as data_set:
        yield data_set


def test_what_does_not_count_days_is_told(deals):
    told = deals.ask(measures.steps, AS_RECORDED)
    assert (told.leads, told.won, told.lost, told.open, told.undated) == (40, 10, 10, 20, 40)
    assert (deals.first_start, deals.last_start) == (None, None)
    found = deals.ask(measures.kpis, deals.question())
    assert (found.won, found.win_rate.denominator, found.median_days_to_win) == (10, 0, None)


def test_what_counts_days_from_the_start_is_refused(deals):
    question = deals.question()
    spans = (date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 2, 1), date(2024, 2, 29))
    for ask in (
        lambda: deals.ask(measures.segments, question, "Region"),
        lambda: deals.ask(measures.scan, question),
        lambda: deals.ask(measures.periods, question, *spans),
        lambda: deals.ask(measures.plans, question, [0.4]),
        lambda: deals.ask(measures.change, [question, question], date(2024, 2, 1)),
    ):
        with pytest.raises(QuestionError, match="has a start"):
            ask()
    assert deals.ask(measures.cohorts, question).cohorts == ()
    assert deals.ask(measures.segments, question, "Region", so_far=True).segments


@pytest.mark.parametrize("command", [["cohorts"], ["segments", "--by", "Region"], ["scan"]])
def test_commands_refuse_in_a_sentence(command, tmp_path, capsys):
    (tmp_path / "deals.csv").write_text(LIST, encoding="utf-8")
    said = _refused(capsys, command[0], str(tmp_path / "deals.csv"), *command[1:])
    assert said.startswith("No lead of these files has a start")


@thorough
@pytest.mark.parametrize(
    "page", ["overview", "funnel", "files", "models", "trends", "pipeline", "channels", "paths", "segments", "edit"]
)
def test_every_page_says_what_it_can(page):
    at = turned(uploaded(LIST.encode()), page)
    shown = " ".join(
        str(each.value) for kind in ("markdown", "caption", "info", "warning", "error") for each in getattr(at, kind)
    )
    assert "100%" not in shown.replace("100% of lines", "")


ENDS = ("{n},Closed Won,2024-02-{day:02}\n", "{n},Closed Lost,\n", "")
LOG = "id,stage,changed\n" + "".join(
    f"{n},New,2024-01-{n + 1:02}\n" + ENDS[n % 3].format(n=n, day=n + 1) for n in range(24)
)


def test_ends_without_a_date_are_counted(tmp_path):
    with funnel.open(*written(tmp_path, log=LOG), as_of=datetime(2024, 6, 1)) as data_set:
        told = data_set.ask(measures.steps, AS_RECORDED)
        assert (told.leads, told.won, told.lost, told.open) == (24, 8, 8, 8)
        assert [(file.rows_read, file.rows_used) for file in data_set.files] == [(40, 40)]
        (note,) = [each for each in data_set.warnings if each.key == "mapping.undated_losses"]
        assert note.values["n"] == 8
        whole = data_set.ask(measures.cohorts, AS_RECORDED).whole
        # Of the sixteen that ended, eight have no moment: no rate by a day is told.
        assert (whole.win.untimed, [each.rate for each in whole.win.by_day]) == (8, [None, None, None])


def test_a_closing_without_a_time_of_day_is_the_whole_day(tmp_path):
    text = "id,stage,created,closed\n1,Closed Won,2024-01-05 09:30,2024-01-05\n"
    text += "2,Closed Won,2024-01-06 10:00,2024-01-05\n3,New,2024-01-07 10:00,\n"
    with funnel.open(*written(tmp_path, deals=text), as_of=datetime(2024, 6, 1)) as data_set:
        (note,) = [each for each in data_set.warnings if each.key == "mapping.closed_before_created"]
        assert note.values["n"] == 1
