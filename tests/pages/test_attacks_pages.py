"""Texts that attack, typed into every box and put into the address of every page: nothing breaks, nothing else changes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from funnel.core.sql import Query
from tests.attacks import ATTACKS, FIRST_DAY, ITSELF, table
from tests.pages.apps import opened, turned, uploaded
from tests.thorough import every, thorough

pytestmark = [pytest.mark.usefixtures("opened_once"), thorough]
PAGES = ("files", "overview", "funnel", "models", "trends", "segments", "pipeline", "paths", "edit", "project")
TYPED = tuple(attack.text for attack in ATTACKS)
LABELS = (*ITSELF[:4], "Won")
LEADS = 24
PARAMETERS = (
    *(
        "model",
        "rule",
        "window",
        "entry",
        "unit",
        "quorum",
        "range",
        "filter",
        "where_channel",
        "where_from_amount",
        "split",
        "by",
    ),
    *(
        "day",
        "period",
        "stage",
        "age",
        "by_column",
        "a_name",
        "b_name",
        "a_filter",
        "view",
        "against",
        "sample",
        "models",
    ),
    *("compare", "start_from", "start_to", "dates", "embed", "lang", "language"),
)


def content() -> bytes:
    rows: list[list[object]] = [["lead_id", "stage", "changed_at", "channel", "amount"]]
    for lead in range(LEADS):
        for place, label in enumerate(LABELS[: 2 + lead % 4]):
            day = FIRST_DAY.replace(month=1 + lead % 6, day=1 + 4 * place)
            rows.append([f"L{lead}", label, day.isoformat(), ITSELF[lead % 12], 10 * lead])
    return table(rows)


@pytest.fixture(scope="module")
def app() -> AppTest:
    return uploaded(content())


def unharmed(at: AppTest) -> None:
    assert not at.exception
    data_set = at.session_state["workspace"].data_set
    assert data_set is not None, [error.value for error in at.error]
    assert data_set.engine.row(Query("SELECT COUNT(*) FROM leads")) == (LEADS,)


def boxes(at: AppTest):  # type: ignore[no-untyped-def]
    return [*at.text_input, *at.text_area]


@pytest.mark.parametrize("page", every(4, PAGES))
def test_every_text_box_takes_every_text(app, page) -> None:
    turned(app, page)
    if page == "segments":
        app.selectbox(key="by_column").select_index(-1).run()
    unharmed(app)
    keys = [box.key for box in boxes(app)]
    # Three stand in the strip over every page: the name of a view, a note to a day, and which leads it concerns.
    assert (len(keys) > 3) == (page in ("project", "segments", "edit"))
    for place, text in enumerate(TYPED[:: 3 if len(keys) > 3 else 9]):
        for turn, key in enumerate([*keys[:3], *keys[-3:]]):
            if (place + turn) % 2:
                [box] = [box for box in boxes(app) if box.key == key]
                box.set_value(text)
        app.run()
        unharmed(app)


def test_a_group_and_a_model_bear_the_name_that_was_typed() -> None:
    at = uploaded(content(), page="edit")
    for text in ITSELF[:12]:
        at.text_input(key="draft_name").set_value(text).run()
        at.text_area(key="draft_description").set_value(text).run()
        unharmed(at)
        draft = at.session_state["workspace"].drafts[-1]
        assert (draft.name, draft.description) == (text, text)


@pytest.mark.parametrize("page", every(4, PAGES))
def test_every_address_is_answered(page) -> None:
    at = uploaded(content(), page=page)
    for text in TYPED[:: len(TYPED) // 6]:
        for name in (*PARAMETERS, text):
            at.query_params[name] = [text, text]
        at.run()
        unharmed(at)


def test_an_address_that_attacks_is_greeted_like_any_other() -> None:
    for text in TYPED[::6]:
        at = opened(**dict.fromkeys(PARAMETERS, text))
        assert not at.exception
        assert at.session_state["workspace"].data_set is None
