"""The Models page, through pages/main.py, without a browser; and its scoreboard in words."""

from __future__ import annotations

import threading
from functools import wraps
from html.parser import HTMLParser

import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from funnel import DataSet, Question, catalogue, charts
from funnel.nouns import (
    Alignment,
    Filters,
    Hidden,
    Landmark,
    Moves,
    Note,
    OneOf,
    Overlap,
    Rate,
    Rise,
    Score,
    Signal,
    Spread,
    StageRate,
)
from pages.shared import compared_tables, filters, readings, scoreboard
from tests.test_pages import MOVES, opened, titles, uploaded

ACCOUNTS = b"""lead_id,stage,changed_at,company
A-1,New,2025-01-05,Acme
B-2,New,2025-01-20,Acme
B-2,Qualified,2025-01-25,Acme
C-3,New,2025-02-03,Bolt
"""


def compared(content: bytes = MOVES, **query: str | list[str]) -> AppTest:
    """The Models page after an upload."""
    at = uploaded(content, **query)
    at.switch_page("models.py").run()
    assert not at.exception
    return at


def sampled(shape: str, **query: str | list[str]) -> AppTest:
    """The Models page on the bundled sample."""
    at = opened(sample=shape, **query)
    at.switch_page("models.py").run()
    assert not at.exception
    return at


def board(at: AppTest) -> list[list[str]]:
    """The rows of the scoreboard as texts."""
    (html,) = [each.proto.body for each in at.get("html") if "<table" in each.proto.body]
    return _cells(html)


def captions(at: AppTest) -> list[str]:
    return [caption.value for caption in at.main.caption]


def subheaders(at: AppTest) -> list[str]:
    return [subheader.value for subheader in at.main.subheader]


def test_the_same_leads_stand_side_by_side() -> None:
    at = compared()
    assert titles(at) == ["The same 4 leads through three models"]
    assert captions(at)[0] == "started 5 Jan 2025 – 15 Mar 2025 · one scale"
    # Three funnels, the labels' ribbons, the steps.
    assert len(at.main.get("plotly_chart")) == 5
    assert [row[0] for row in board(at)[1:]][::2] == [
        "Signal kept of what the CRM status says about winning",
        "Right order how often a later stage beats an earlier one; 50% is chance",
        "Runs forward of all moves go to a later stage",
        "No hidden stages what labels inside a stage would add to the next month's forecast; less is better",
        "Where it leaks the stage with most losses, and its share of all",
        "Where it waits the stage with most open time, and its share of all",
        "Coverage of the leads have a place in the model",
        "Disagreement leads that another model puts at a place that does not overlap",
    ]


def test_too_few_wins_are_said_and_nothing_stands_in_their_place() -> None:
    at = compared()
    rows = {row[0].split(" of ")[0].split(" how ")[0]: row[1:] for row in board(at)}
    few = "1 win among these leads; with fewer than 50 wins this would be guesswork."
    assert rows["Signal kept"] == rows["Right order"] == [few]
    assert rows["Runs forward"] == ["Not shown without signal kept: a coarse model looks good here whatever it hides."]
    assert rows["Coverage"] == ["4 of 4 4 of 4"] * 3
    verdict = [markdown.value for markdown in at.main.markdown if "guesswork" in markdown.value]
    assert len(verdict) == 1


def test_dates_and_filters_are_one_for_all_models() -> None:
    at = compared(started=["2025-01-20", "2025-03-15"], filter=["region"], where_region=["West"])
    assert titles(at) == ["The same 2 leads through three models"]
    assert captions(at)[0] == "started 20 Jan 2025 – 15 Mar 2025 · region\\:\u2060 West · one scale"
    at = compared(started=["2025-02-03", "2025-02-20"], filter=["region"], where_region=["West"])
    assert titles(at) == ["The same 0 leads through three models"]
    assert not at.main.get("plotly_chart")


def test_the_sample_is_told_in_numbers() -> None:
    at = sampled("history")
    assert titles(at) == ["The same 12,000 leads through three models"]
    rows = board(at)
    assert rows[0] == ["Measure", "Standard B2B", "AIDA", "Top, middle, bottom"]
    assert all(cell.endswith("100% 12,000 of 12,000") for cell in rows[13][1:])
    assert all("forecast skill" in cell for cell in rows[1][1:])


def test_a_snapshot_says_what_it_cannot_tell() -> None:
    at = sampled("snapshot")
    rows = board(at)
    cannot = "This file says only where each lead stands now, not how it got there, so this cannot be computed."
    assert [rows[place][1:] for place in (1, 3, 7)] == [[cannot]] * 3
    assert titles(at) == ["The same 12,000 leads through three models"]


def test_swapping_a_model_asks_only_for_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    scored, counted = [], []
    score, steps = DataSet.score, DataSet.steps

    @wraps(score)
    def watched_score(self: DataSet, question: Question, questions: tuple[Question, ...]) -> Score:
        scored.append(question.model.key)
        return score(self, question, questions)

    @wraps(steps)
    def watched_steps(self: DataSet, question: Question) -> object:
        counted.append(question.model.key)
        return steps(self, question)

    monkeypatch.setattr(DataSet, "score", watched_score)
    monkeypatch.setattr(DataSet, "steps", watched_steps)
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
    score, caption = DataSet.score, DeltaGenerator.caption

    @wraps(caption)
    def heard(self: DeltaGenerator, body: str, **how: object) -> object:
        drawn = caption(self, body, **how)  # type: ignore[arg-type]
        if body.startswith("Comparing 3 models"):
            said.set()
        return drawn

    @wraps(score)
    def slow(self: DataSet, question: Question, questions: tuple[Question, ...]) -> Score:
        assert said.wait(30)
        return score(self, question, questions)

    monkeypatch.setattr(DataSet, "score", slow)
    monkeypatch.setattr(DeltaGenerator, "caption", heard)
    at = compared()
    assert len(board(at)) == 17
    assert not [caption for caption in captions(at) if "Comparing" in caption]


def test_an_address_opens_the_comparison_it_names() -> None:
    at = compared(model_1="As recorded", model_4="CRM lifecycle", own_2="true", rule_2="came in order", window_2="10")
    assert titles(at) == ["The same 4 leads through four models"]
    assert board(at)[0][1:] == ["As recorded", "AIDA", "Top, middle, bottom", "CRM lifecycle"]
    assert "came in order, within 10 days" in captions(at)


@pytest.mark.parametrize(
    "query",
    [
        {"model_1": "nobody", "model_4": "../../etc/passwd"},
        {"own_1": "maybe", "rule_1": "x", "window_1": "-4"},
        {"lineup": "<script>", "changed_on": "yesterday"},
    ],
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
    assert "Standard B2B beside AIDA: each lead at its deepest stage" in subheaders(at)
    assert any("of 4 leads at different depths" in caption for caption in captions(at))


def test_models_that_know_no_label_say_so() -> None:
    at = compared(MOVES.replace(b"New", b"Xa").replace(b"Qualified", b"Xb").replace(b"Closed won", b"Xc"))
    assert titles(at) == ["Nothing to compare"]
    assert len(at.main.info) == 1


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    at = compared(MOVES.replace(b"Qualified", label.encode()), model_1="As recorded")
    places = [*at.markdown, *at.caption, *at.title, *at.subheader, *at.info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    assert any(label in cell for row in board(at) for cell in row)


def test_what_is_special_about_a_model_has_its_section() -> None:
    at = compared(
        ACCOUNTS,
        model_1="Reverse funnel",
        model_2="As recorded",
        model_3="Account-based",
        model_4="Consumer decision journey",
    )
    assert subheaders(at)[-4:] == [
        "Reverse funnel, read from the win",
        "As recorded: how sure the order is",
        "Account\\-based: by account",
        "Consumer decision journey: customers who come back",
    ]
    told = " ".join(captions(at))
    assert "1 of 1 run in this order" in told
    assert "By account\\:\u2060 2 accounts" in told
    assert "A customer is an account." in told


def test_the_funnel_page_has_the_section_of_its_model() -> None:
    at = uploaded(model="Reverse funnel")
    assert "Reverse funnel, read from the win" in subheaders(at)
    assert "read from the win" not in " ".join(subheaders(uploaded(model="AIDA")))


def test_an_account_based_model_counts_accounts_where_there_are_any() -> None:
    at = uploaded(ACCOUNTS, model="Account-based")
    assert titles(at) == ["Of 2 accounts started Jan 2025 – Feb 2025, none was won so far"]
    at.selectbox(key="model").select("aida").run()
    assert titles(at) == ["Of 3 leads started Jan 2025 – Feb 2025, none was won so far"]
    at.selectbox(key="model").select("account-based").run()
    assert titles(at) == ["Of 2 accounts started Jan 2025 – Feb 2025, none was won so far"]
    at = uploaded(model="Account-based")
    assert titles(at)[0].startswith("Of 4 leads")
    said = "Account\\-based is made to count accounts. This file names none, so leads are counted."
    assert said in [caption.value for caption in at.sidebar.caption]


def test_before_and_after_a_change_stand_on_one_scale() -> None:
    # Within 30 days of the start: A-1 and B-2 started before; A-1 won on day 27. C-3 after; D-4 has no 30 days yet.
    at = compared(MOVES + b"Z-9,New,2025-03-20,East,\n", changed_on="2025-02-01", changed_within="30 days")
    told = [markdown.value for markdown in at.main.markdown if "Started before" in markdown.value]
    assert told == [
        "Started before 1 Feb 2025\\:\u2060 1 of 2 got to Retention and development\\. "
        "Started on that day or later\\:\u2060 0 of 1\\. Each had 30 days from its start\\; younger ones are left out\\."
    ]


def test_a_change_too_young_to_judge_says_so() -> None:
    at = compared(changed_on="2025-03-10", changed_within="180 days")
    assert len(at.main.info) == 1
    assert not [markdown for markdown in at.main.markdown if "Started before" in markdown.value]


def test_one_model_is_not_chosen_in_the_sidebar_of_this_page() -> None:
    at = compared()
    assert "model" not in [box.key for box in at.sidebar.selectbox]
    at.switch_page("overview.py").run()
    assert "model" in [box.key for box in at.sidebar.selectbox]


# The scoreboard in words, from scores made by hand.


def rate(part: int, whole: int) -> Rate:
    return Rate(part, whole, part / whole if whole else None, 0.0, 1.0)


def score(key: str = "aida", **changes: object) -> Score:
    """A score with every line; `changes` replace some."""
    lines: dict[str, object] = {
        "signal": Signal(
            landmark=Landmark(60, 180),
            leads=265,
            won=47,
            bits=0.08,
            label_bits=0.1,
            kept=0.8,
            skill=-0.02,
            order=0.72,
            stages=(StageRate(None, "", rate(0, 1)), StageRate(0, "Awareness", rate(2, 10))),
            rises=(
                Rise("Awareness", "Interest", 0.1, 0.02, 0.2),
                Rise("Interest", "Desire", 0.01, -0.1, 0.1),
                Rise("Desire", "Action", -0.3, -0.5, -0.1),
            ),
        ),
        "moves": Moves(rate(90, 100), rate(9, 90), rate(3, 12)),
        "hidden": Hidden(500, 0.01, 0.03, 12.0, 4, 0.02),
        "leaks": Spread((3.0, 60.0, 37.0, 0.0), 1, 0.6, 0.5),
        "waits": Spread((30.0, 30.0, 40.0, 0.0), 2, 0.4, 0.9),
        **changes,
    }
    question = Question(catalogue.model(key))
    return Score(question=question, leads=300, coverage=rate(290, 300), **lines)  # type: ignore[arg-type]


def aligned(*scores: Score) -> Alignment:
    pairs = (Overlap(0, 1, ((0, 0, 200, False), (1, 3, 80, True), (None, 2, 20, False))),) if len(scores) > 1 else ()
    return Alignment(tuple(each.question for each in scores), 300, pairs, "")


def lines(*scores: Score) -> dict[str, readings.Line]:
    return {line.key: line for line in readings.lines(scores, aligned(*scores))}


def test_each_measure_is_read_to_a_sales_leader() -> None:
    told = lines(score(), score("four-elements"))
    signal = told["signal"].cells[0]
    assert signal.figures[0].said == "80%"
    assert signal.beside == "forecast skill -2%"
    assert signal.sentences == ("AIDA keeps 80% of what the CRM status says about winning.",)
    assert told["signal"].looked_at == told["order"].looked_at
    assert told["order"].looked_at == (
        "Landmark day 60: 265 leads were still undecided then; 47 were won within the next 180 days."
    )
    order = told["order"].cells[0]
    assert [sign for sign, _ in order.marks] == ["▲", "=", "▼"]
    assert order.marks[2][1] == "Desire → Action: clear fall, -30% (-50% to -10%)"
    assert "Awareness: 2 of 10 won within the horizon." in order.sentences
    forward = told["forward"].cells[0]
    assert (forward.figures[0].said, forward.beside) == ("90%", "10% skip, 3 of 12 of wins touch every stage")
    assert told["hidden"].cells[0].beside == "a clear sign of hidden stages"
    leaks = told["leaks"].cells[0]
    assert (leaks.figures[0].said, leaks.figures[0].of, leaks.beside) == ("60%", "Interest", "60 of 100 lost there")
    assert told["waits"].cells[0].beside == "40 days of waiting, all leads together"
    assert told["coverage"].cells[0].figures[0].said == "97%"
    apart = told["disagreement"].cells
    assert (apart[0].figures[0].said, apart[0].figures[0].of, apart[0].figures[0].series) == (
        "80",
        "with Four elements",
        1,
    )
    assert (apart[1].figures[0].said, apart[1].figures[0].of, apart[1].figures[0].series) == ("80", "with AIDA", 0)
    assert apart[0].sentences == (
        "AIDA and Four elements put 80 of 280 leads at places that do not overlap. "
        "20 leads have a place in only one of them.",
    )


def test_what_runs_forward_never_stands_without_the_signal() -> None:
    missing = {"signal": Note("measures.score_no_panel")}
    told = lines(score(signal=None, missing=missing))
    assert told["signal"].cells[0].absent == "No lead was watched for 30 days before it was decided."
    assert told["order"].cells[0].absent == told["signal"].cells[0].absent
    assert told["forward"].cells[0].figures == ()
    assert told["forward"].cells[0].absent.startswith("Not shown without signal kept")


def test_what_is_missing_says_why_and_one_label_a_stage_hides_nothing() -> None:
    missing = {name: Note("measures.score_no_moves") for name in ("moves", "leaks", "waits", "hidden")}
    told = lines(score(moves=None, leaks=None, waits=None, hidden=None, missing=missing))
    assert {told[key].cells[0].absent for key in missing if key != "moves"} == {"No lead changed its stage."}
    assert told["forward"].cells[0].absent == "No lead changed its stage."
    single = lines(score(hidden=Hidden(500, 0.0, 0.0, 0.0, 0, None)))["hidden"].cells[0]
    assert single.figures[0].said == "none"
    assert lines(score(hidden=Hidden(500, 0.0, 0.001, 3.0, 4, 0.4)))["hidden"].cells[0].beside == "no clear sign of any"


@pytest.mark.parametrize(
    ("given", "said"),
    [(rate(3, 7), "3 of 7"), (rate(0, 0), "–"), (rate(19, 19), "19 of 19"), (rate(1, 20), "5%")],
)
def test_a_share_of_few_is_said_in_counts(given: Rate, said: str) -> None:
    assert readings.rate(given) == said


def test_the_board_is_well_formed_and_escapes_everything() -> None:
    hostile = readings.Cell(
        (readings.Figure("<img src=x>", 1, 2, '"><script>'),), beside="<b>", sentences=("<i>", "<u>")
    )
    line = readings.Line("x", "<name>", "&", "<formula>", (hostile, readings.Cell(absent="<why>")), "<day>")
    html = scoreboard.html([line], ["<one>", "two"], dark=False)
    assert _tags(html) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "strong", "b", "small"} | {
        "details",
        "summary",
        "p",
        "ul",
        "li",
    }
    assert _cells(html)[1] == ["<name> &", '<img src=x> "><script> <b>', "<why>"]
    assert charts.colours(False).series[0] in html
    assert "calc(100% * 1.000000 / 2.000000)" in html


def test_the_board_says_once_what_no_model_can_tell() -> None:
    line = readings.Line("x", "name", "meaning", "formula", (readings.Cell(absent="why"), readings.Cell(absent="why")))
    assert _cells(scoreboard.html([line], ["one", "two"], dark=True))[1] == ["name meaning", "why"]


def test_the_board_is_a_table_too() -> None:
    table = compared_tables.scores(list(lines(score(), score("four-elements")).values()), ["AIDA", "Four elements"])
    assert list(table.columns) == ["Measure", "What the number means", "AIDA", "Four elements"]
    assert list(table["AIDA"])[:5] == ["80%", "72%", "90%", "3%", "60% Interest"]


def test_filters_are_told_in_a_few_words() -> None:
    asked = Filters(where=(OneOf("region", ("East", None)), OneOf("owner", ("a", "b", "c", "d"))))
    assert filters.told(asked.where) == ["region: East, (empty)", "owner: one of 4 values"]


class _Reader(HTMLParser):
    """Cells by row, all tags, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def _cells(html: str) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row] for row in _read(html).rows]


def _tags(html: str) -> set[str]:
    return _read(html).tags
