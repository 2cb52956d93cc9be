"""The Customers page: what becomes of accounts after their first win: who buys again, what they bring, and what is kept of contracts."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, report
from funnel.charts import expansion as picture
from funnel.core.errors import QuestionError
from funnel.measures.expansion import Expansion, expansion
from funnel.report import said
from funnel.words import wording
from pages.sections import contract_view, customer_view
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import frame, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import section

TABS = ("landings", "value", "deals", "contracts")


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The answer, then one tab, the first of which is second wins by day; where nobody bought again, what file would tell it."""
    try:
        # All is asked before any of it is drawn, so that nothing new stands beside something old.
        with frame.waiting("expansion", wording.say("pages.customers.measuring")):
            found = ask(workspace, expansion, question)
    except QuestionError as error:
        _nobody(texts.problem(error))
        return
    if not found.whole.again.numerator:
        counted = "again" if found.whole.accounts else "won"
        _nobody(texts.inert(wording.say(f"pages.customers.nobody_{counted}", n=found.whole.accounts)))
        return
    title = wording.say(found.answer.key, **found.answer.values)
    st.title(texts.inert(title), anchor=False)
    st.caption(_subtitle(found))
    tab = tabs.show("customers", TABS)
    if tab == "landings":
        part = report.part("expansion", question)
        section("expansion", found, picture.draw, picture.describe, heading=title, part=part)
        customer_view.landings(found)
    elif tab == "value":
        customer_view.value(found)
    elif tab == "deals":
        customer_view.deals(workspace, question)
    else:
        contract_view.show(workspace, data_set, question)
    for note in found.notes:
        st.caption(texts.sentence(note))


def _nobody(why: str) -> None:
    """What is missing, and the way to where it can be said."""
    st.title(wording.say("pages.customers.nobody"), anchor=False)
    st.info(why)
    st.page_link("files_page.py", label=wording.say("pages.customers.to_data"), icon=":material/arrow_forward:")


def _subtitle(found: Expansion) -> str:
    parts = [
        wording.say("pages.customers.counted", n=found.whole.accounts, again=found.whole.again.numerator),
        *said.conditions(found.question),
        wording.say("pages.times.observed", until=found.question.observed_until),
    ]
    return wording.dotted(texts.inert(part) for part in parts)


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
