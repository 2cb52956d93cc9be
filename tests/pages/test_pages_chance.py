"""The list of open leads by their chance to win, through pages/main.py, without a browser."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from funnel.words import wording
from tests.pages.apps import opened, uploaded
from tests.scored import file_of_leads
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
CAUTION = "Likely to be won is not the same as worth your time: nothing here says what your work changes. That takes an experiment."


def _texts(at: AppTest) -> str:
    places = (*at.main.markdown, *at.main.caption, *at.main.info)
    return "\n".join(each.value for each in places).replace("\\", "").replace(wording.WORD_JOINER, "")


def _tables(at: AppTest) -> list[str]:
    return [element.proto.body for element in at.main.get("html") if "fl-chances" in element.proto.body]


def _by_chance(at: AppTest) -> AppTest:
    at.segmented_control(key="list_by").set_value("chance").run()
    assert not at.exception
    return at


@thorough
def test_it_is_learnt_only_when_it_is_asked_for_and_then_told_with_its_test() -> None:
    at = uploaded(file_of_leads(4, 2500, 0.8), page="pipeline")
    assert not at.exception
    assert (_tables(at), CAUTION in _texts(at)) == ([], False)
    at = _by_chance(at)
    (table,) = _tables(at)
    assert table.count("<tbody>") == 15
    assert "of such were won (" in table
    assert CAUTION in _texts(at)
    assert "Of the wins that came within 90 days, the best-scored 20% of open leads held " in _texts(at)
    assert "Not looked at: Deal notes, looks like it is filled in when a deal closes." in _texts(at)
    assert "AUC" not in _texts(at)
    (everyone,) = re.findall(r"^(\d+) open leads, by chance × amount\.", _texts(at), re.MULTILINE)
    at.pills(key="chance_part").set_value("twice").run()
    assert not at.exception
    (twice,) = re.findall(r"^(\d+) open leads? with at least twice the chance of their stage", _texts(at), re.MULTILINE)
    assert int(twice) < int(everyone)
    at.pills(key="chance_day").set_value("own").run()
    at.number_input(key="chance_days").set_value(45).run()
    assert not at.exception
    assert "within 45 days" in _texts(at)
    at.segmented_control(key="list_by").set_value("time").run()
    assert not at.exception
    assert _tables(at) == []


def test_where_it_is_not_shown_the_reason_stands_and_the_rate_of_the_stage() -> None:
    at = _by_chance(uploaded(file_of_leads(1, 1200, 0.0), page="pipeline"))
    assert "Too few wins to tell whether a score would help" in _texts(at)
    (table,) = _tables(at)
    assert "Stage&#x27;s rate" in table
    assert ">Chance<" not in table
    assert CAUTION not in _texts(at)


@thorough
def test_a_snapshot_says_that_it_cannot_tell() -> None:
    at = _by_chance(opened("pipeline", sample="snapshot"))
    assert "A snapshot does not tell where leads stood earlier" in _texts(at)
    assert "open leads, the longest in their stage first." in _texts(at)
    (table,) = _tables(at)
    assert "Stage&#x27;s rate" not in table
