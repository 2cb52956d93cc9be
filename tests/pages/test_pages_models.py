"""The Models page and its tabs, through pages/main.py, without a browser."""

from __future__ import annotations

import threading
from functools import wraps

import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from funnel import Question, StageModel, measures
from funnel.journeys import Journeys
from funnel.measures.scores import Score
from tests.pages.apps import MOVES, below, opened, titles, uploaded
from tests.pages.test_pages_scoreboard import cells
from tests.pictures import pictures
from tests.thorough import every, thorough

pytestmark = pytest.mark.usefixtures("opened_once")
ACCOUNTS = b"""lead_id,stage,changed_at,company
A-1,New,2025-01-05,Acme
B-2,New,2025-01-20,Acme
B-2,Qualified,2025-01-25,Acme
C-3,New,2025-02-03,Bolt
"""


def compared(content: bytes = MOVES, page: str = "models", **query: str | list[str]) -> AppTest:
    """The Models page, or a tab of it, after an upload."""
    at = uploaded(content, page=page, **query)
    assert not at.exception
    return at


def sampled(shape: str) -> AppTest:
    """The scorecard of the Models page on the bundled sample."""
    at = opened("scorecard", sample=shape)
    assert not at.exception
    return at


def board(at: AppTest) -> list[list[str]]:
    """The rows of the scoreboard, on its tab, as texts."""
    if at.segmented_control(key="models_tab").value != "scorecard":
        at.segmented_control(key="models_tab").set_value("scorecard").run()
        assert not at.exception
    (html,) = [each.proto.body for each in at.get("html") if "<table" in each.proto.body]
    return cells(html)


def captions(at: AppTest) -> list[str]:
    return [caption.value for caption in below(at).caption]


def headers(at: AppTest) -> list[str]:
    return [header.value for header in below(at).header]


def test_the_same_leads_stand_side_by_side() -> None:
    at = compared()
    assert titles(at) == ["The same 4 leads through three models"]
    assert captions(at)[0] == "entered 5 Jan 2025 – 15 Mar 2025 · one scale"
    # Three funnels, the labels' ribbons.
    assert len(pictures(below(at))) == 4
    assert [row[0] for row in board(at)[1:]][::2] == [
        "Predictive power kept of what the CRM status says about winning",
        "Stage ranking (AUC) how often a later stage beats an earlier one; 50% is chance",
        "Forward moves of all moves go to a later stage",
        "Stage detail lost what labels inside a stage would add to the next month's forecast; less is better",
        "Most losses the stage where most of the lost stood last, and their share",
        "Most time the stage with most waiting, and its share of all",
        "Leads covered of the leads have a label mapped to a stage of the model",
        "Disagreement leads that another model puts at a place that does not overlap",
    ]


def test_too_few_wins_are_said_and_nothing_stands_in_their_place() -> None:
    at = compared()
    rows = {row[0].split(" of ")[0].split(" how ")[0]: row[1:] for row in board(at)}
    few = "1 win among these leads; with fewer than 50 wins this would be guesswork."
    assert (rows["Predictive power kept"], rows["Stage ranking (AUC)"]) == ([few], ["The same holds here."])
    assert rows["Forward moves"] == [
        "Not shown without predictive power kept: a coarse model looks good here whatever it hides."
    ]
    assert rows["Leads covered"] == ["4 of 4 4 of 4"] * 3
    verdict = [markdown.value for markdown in below(at).markdown if "guesswork" in markdown.value]
    assert len(verdict) == 1


@thorough
def test_dates_and_filters_are_one_for_all_models() -> None:
    at = compared(started=["2025-01-20", "2025-03-15"], filter=["region"], where_region=["West"])
    assert titles(at) == ["The same 2 leads through three models"]
    assert captions(at)[0] == "entered 20 Jan 2025 – 15 Mar 2025 · region\\:\u2060 West · one scale"
    at = compared(started=["2025-02-03", "2025-02-20"], filter=["region"], where_region=["West"])
    assert titles(at) == ["The same 0 leads through three models"]
    assert not pictures(below(at))


@thorough
def test_the_sample_is_told_in_numbers() -> None:
    at = sampled("history")
    assert titles(at) == ["The same 12,000 leads through three models"]
    rows = board(at)
    assert rows[0] == ["Measure", "Standard B2B", "AIDA", "Top, middle, bottom"]
    assert all(cell.endswith("100% 12,000 of 12,000") for cell in rows[13][1:])
    assert all("forecast skill" in cell for cell in rows[1][1:])


@thorough
def test_a_snapshot_says_what_it_cannot_tell() -> None:
    at = sampled("snapshot")
    rows = board(at)
    cannot = "This file says only where each lead stands now, not how it got there, so this cannot be computed."
    assert [rows[place][1:] for place in (1, 3)] == [[cannot], ["The same holds here."]]
    assert rows[7][1:] in ([cannot], ["The same holds here."])
    assert titles(at) == ["The same 12,000 leads through three models"]


def test_swapping_a_model_asks_only_for_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    scored, counted = [], []
    score, steps = measures.score, measures.steps

    @wraps(score)
    def watched_score(journeys: Journeys, question: Question, reference: StageModel) -> Score:
        scored.append(question.model.key)
        return score(journeys, question, reference)

    @wraps(steps)
    def watched_steps(journeys: Journeys, question: Question) -> object:
        counted.append(question.model.key)
        return steps(journeys, question)

    monkeypatch.setattr(measures, "score", watched_score)
    monkeypatch.setattr(measures, "steps", watched_steps)
    at = compared()
    assert scored == ["standard", "aida", "tofu-mofu-bofu"]
    scored.clear()
    counted.clear()
    at.selectbox(key="model_2").select("lifecycle").run()
    assert not at.exception
    assert scored == ["lifecycle"]
    assert counted == ["lifecycle"]
    at.run()
    assert scored == ["lifecycle"]


def test_a_wait_is_told_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    said = threading.Event()
    score, caption = measures.score, DeltaGenerator.caption

    @wraps(caption)
    def heard(self: DeltaGenerator, body: str, **how: object) -> object:
        drawn = caption(self, body, **how)  # type: ignore[arg-type]
        if body.startswith("Comparing 3 models"):
            said.set()
        return drawn

    @wraps(score)
    def slow(journeys: Journeys, question: Question, reference: StageModel) -> Score:
        assert said.wait(30)
        return score(journeys, question, reference)

    monkeypatch.setattr(measures, "score", slow)
    monkeypatch.setattr(DeltaGenerator, "caption", heard)
    at = compared()
    assert not [caption for caption in captions(at) if "Comparing" in caption]
    assert len(board(at)) == 17


def test_an_address_opens_the_comparison_it_names() -> None:
    at = compared(
        model_1="CRM stages",
        model_4="CRM lifecycle",
        own_2="true",
        rule_2="Went through every stage in order",
        window_2="10",
    )
    assert titles(at) == ["The same 4 leads through four models"]
    assert board(at)[0][1:] == ["CRM stages", "AIDA", "Top, middle, bottom", "CRM lifecycle"]
    assert "Went through every stage in order, within 10 days" in captions(at)


@pytest.mark.parametrize(
    "query",
    every(
        3,
        [
            {"model_1": "nobody", "model_4": "../../etc/passwd"},
            {"own_1": "maybe", "rule_1": "x", "window_1": "-4"},
            {"lineup": "<script>", "changed_on": "yesterday"},
        ],
    ),
)
def test_an_address_that_makes_no_sense_compares_the_usual_three(query: dict[str, str]) -> None:
    at = compared(**query)
    assert titles(at) == ["The same 4 leads through three models"]
    assert board(at)[0][1:] == ["Standard B2B", "AIDA", "Top, middle, bottom"]


def test_a_model_chosen_twice_counts_once() -> None:
    at = compared(model_2="Standard B2B", model_3="+ add a model")
    assert titles(at) == ["4 leads through one model"]
    assert "Standard B2B is chosen twice; it is shown once." in captions(at)


def test_where_two_models_differ_is_counted() -> None:
    at = compared(lineup="Where two models differ")
    assert "Standard B2B beside AIDA: each lead at its deepest stage" in headers(at)
    assert any("of 4 leads at different depths" in caption for caption in captions(at))


def test_models_that_know_no_label_say_so() -> None:
    at = compared(MOVES.replace(b"New", b"Xa").replace(b"Qualified", b"Xb").replace(b"Closed won", b"Xc"))
    assert titles(at) == ["Nothing to compare"]
    assert len(below(at).info) == 1


@thorough
def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    at = compared(MOVES.replace(b"Qualified", label.encode()), model_1="CRM stages")
    places = [*at.markdown, *at.caption, *at.title, *at.header, *at.info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    assert any(label in cell for row in board(at) for cell in row)


@thorough
def test_what_is_special_about_a_model_has_its_section() -> None:
    at = compared(
        ACCOUNTS,
        "scorecard",
        model_1="Reverse funnel",
        model_2="CRM stages",
        model_3="Account-based",
        model_4="Consumer decision journey",
    )
    assert headers(at) == [
        "Model scorecard",
        "Reverse funnel: reverse funnel",
        "Account\\-based: by account",
        "Consumer decision journey: customers who come back",
    ]
    told = " ".join(captions(at))
    assert "By account\\:\u2060 2 accounts" in told
    assert "A customer is an account\\." in told


STANDING = b"""lead_id,stage,created_at
1,D. Signed,2025-01-05
2,B. Visit,2025-01-06
3,A. Enquiry,2025-01-07
4,C. Drawn,2025-01-08
5,B. Visit,2025-01-09
"""


def checked(content: bytes) -> AppTest:
    """Data check with the box on the order open."""
    at = compared(content, "files")
    at.session_state["order_check"] = True
    return at.run()


@thorough
def test_an_order_says_what_it_was_taken_from() -> None:
    at = checked(STANDING)
    (told,) = [caption for caption in captions(at) if "in this order" in caption]
    assert "letters or numbers in the labels \\(2 of 3\\) and a win being last \\(1 of 3\\)" in told
    assert "No lead has entries at two of these labels" in told
    (pairs,) = [frame.value for frame in at.dataframe if "Taken from" in frame.value]
    assert pairs["First"].tolist() == ["A. Enquiry", "B. Visit", "C. Drawn"]
    assert pairs["Taken from"].tolist() == ["letters or numbers in the labels"] * 2 + ["a win being last"]
    assert "CRM stages: stage order check" in headers(at)
    at = checked(MOVES)
    (told,) = [caption for caption in captions(at) if "in this order" in caption]
    assert "how leads moved" in told
    assert "1 of 1 run in this order" in " ".join(captions(checked(ACCOUNTS)))


def test_the_funnel_page_has_the_section_of_its_model() -> None:
    at = uploaded(model="Reverse funnel")
    assert "Reverse funnel: reverse funnel" in headers(at)
    assert "read from the win" not in " ".join(headers(uploaded(model="AIDA")))


@thorough
def test_an_account_based_model_counts_accounts_where_there_are_any() -> None:
    at = uploaded(ACCOUNTS, model="Account-based")
    assert titles(at) == ["None of 2 accounts won yet · entered Jan 2025 – Feb 2025"]
    at.selectbox(key="model").select("aida").run()
    assert titles(at) == ["None of 3 leads won yet · entered Jan 2025 – Feb 2025"]
    at.selectbox(key="model").select("account-based").run()
    assert titles(at) == ["None of 2 accounts won yet · entered Jan 2025 – Feb 2025"]
    at = uploaded(model="Account-based")
    assert titles(at)[0].startswith("1 of 4 leads won")
    said = "Account\\-based is made to count accounts. This file names none, so leads are counted."
    assert said in [caption.value for caption in at.caption]


@thorough
def test_before_and_after_a_change_stand_on_one_scale() -> None:
    # Within 30 days of the start: A-1 and B-2 started before; A-1 won on day 27. C-3 after; D-4 has no 30 days yet.
    at = compared(MOVES + b"Z-9,New,2025-03-20,East,\n", "process", changed_on="2025-02-01", changed_within="30 days")
    told = [markdown.value for markdown in below(at).markdown if "Entered before" in markdown.value]
    assert told == [
        "Entered before 1 Feb 2025\\:\u2060 1 of 2 got to Retention and development\\. "
        "Entered on that day or later\\:\u2060 0 of 1\\. Each had 30 days from entering\\; younger ones are left out\\."
    ]


def test_a_change_too_young_to_judge_says_so() -> None:
    at = compared(page="process", changed_on="2025-03-10", changed_within="180 days")
    # The other is of the effect of a note, and there is none.
    [told] = [info.value for info in below(at).info if "note" not in info.value]
    assert "180" in told
    assert not [markdown for markdown in below(at).markdown if "Entered before" in markdown.value]


def test_one_model_is_not_chosen_in_the_strip_over_this_page() -> None:
    at = compared()
    assert "model" not in [box.key for box in at.selectbox]
    at.switch_page("funnel_page.py").run()
    assert "model" in [box.key for box in at.selectbox]


def test_how_many_labels_and_entries_a_model_takes_is_said() -> None:
    at = compared(compare=["Standard B2B"])
    [told] = [each.value for each in at.caption if " takes " in each.value]
    # Two losses of one label are asked of no model: seven entries at three labels are left.
    assert "3 of 3 labels" in told
    assert "7 of 7 entries" in told


def test_where_no_model_takes_a_label_one_can_be_made() -> None:
    odd = b"lead_id,stage,changed_at\nA,Qqq,2025-01-05\nA,Zzz,2025-01-09\nB,Qqq,2025-02-01\n"
    at = compared(odd)
    assert [each.value for each in at.info if "No label of these files is mapped to a stage" in each.value]
    at = compared(odd, page="edit")
    assert [box.key for box in at.text_input if box.key == "draft_name"]
