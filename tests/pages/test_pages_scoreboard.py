"""The scoreboard in words, from scores made by hand, and as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from funnel import Question, catalogue, charts
from funnel.core.types import Filters, Note, OneOf, Rate
from funnel.measures.alignment import Alignment, Overlap
from funnel.measures.bottleneck import Bottleneck, TopStage
from funnel.measures.scores import Moves, Score, Spread
from funnel.measures.signal import Landmark, Rise, Signal, StageRate
from funnel.measures.statistics.information import Hidden
from funnel.report import said
from pages.sections import scoreboard, scoreboard_text


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
        "leaks": Spread((3.0, 60.0, 37.0, 0.0), 0.5),
        "waits": Spread((30.0, 30.0, 40.0, 0.0), 0.9),
        "bottleneck": Bottleneck(
            300,
            (30, 30, 40, 0),
            (3, 60, 37, 0),
            TopStage(2, "Desire", 40.0, 100.0, 1, False),
            TopStage(1, "Interest", 60, 100, 1, True),
            (),
            "",
        ),
        **changes,
    }
    question = Question(catalogue.model(key))
    return Score(question=question, leads=300, placed=290, coverage=rate(290, 300), **lines)  # type: ignore[arg-type]


def aligned(*scores: Score) -> Alignment:
    pairs = (Overlap(0, 1, ((0, 0, 200, False), (1, 3, 80, True), (None, 2, 20, False))),) if len(scores) > 1 else ()
    return Alignment(tuple(each.question for each in scores), 300, pairs, "")


def lines(*scores: Score) -> dict[str, scoreboard_text.Line]:
    return {line.key: line for line in scoreboard_text.lines(scores, aligned(*scores))}


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
    assert order.beside == "1 of 3 clear rises"
    assert [sign for sign, _ in order.marks] == ["▲", "=", "▼"]
    assert order.marks[2][1] == "Desire → Action: clear fall, -30% (-50% to -10%)"
    assert "Awareness: 2 of 10 won within the horizon." in order.sentences
    forward = told["forward"].cells[0]
    assert (forward.figures[0].said, forward.beside) == ("90%", "10% skip, 3 of 12 of wins touch every stage")
    assert told["hidden"].cells[0].beside == "splitting this stage would improve the forecast"
    leaks = told["leaks"].cells[0]
    assert (leaks.figures[0].said, leaks.figures[0].of, leaks.beside) == (
        "60%",
        "Interest",
        "60 of 100 lost for good stood there last",
    )
    waits = told["waits"].cells[0]
    assert (waits.figures[0].said, waits.beside) == (
        "no stage stands out", "at most 40 days of 3.3 months at one stage",
    )  # fmt: skip
    assert waits.sentences[0].startswith("AIDA: no stage stands out by its waiting. ")
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
    assert told["forward"].cells[0].absent.startswith("Not shown without predictive power kept")


def test_what_is_missing_says_why_and_one_label_a_stage_hides_nothing() -> None:
    missing = {name: Note("measures.score_no_moves") for name in ("moves", "leaks", "waits", "hidden")}
    told = lines(score(moves=None, leaks=None, waits=None, hidden=None, missing=missing))
    assert {told[key].cells[0].absent for key in missing if key != "moves"} == {"No lead changed its stage."}
    assert told["forward"].cells[0].absent == "No lead changed its stage."
    single = lines(score(hidden=Hidden(500, 0.0, 0.0, 0.0, 0, None)))["hidden"].cells[0]
    assert single.figures[0].said == "none"
    assert (
        lines(score(hidden=Hidden(500, 0.0, 0.001, 3.0, 4, 0.4)))["hidden"].cells[0].beside
        == "no clear sign that splitting would help"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [(rate(3, 7), "3 of 7"), (rate(0, 0), "–"), (rate(19, 19), "19 of 19"), (rate(1, 20), "5%")],
)
def test_a_share_of_few_is_said_in_counts(given: Rate, said: str) -> None:
    assert scoreboard_text.rate(given) == said


def test_the_board_is_well_formed_and_escapes_everything() -> None:
    hostile = scoreboard_text.Cell(
        (scoreboard_text.Figure("<img src=x>", 1, 2, '"><script>'),), beside="<b>", sentences=("<i>", "<u>")
    )
    line = scoreboard_text.Line(
        "x", "<name>", "&", "<formula>", (hostile, scoreboard_text.Cell(absent="<why>")), "<day>"
    )
    html = scoreboard.html([line], ["<one>", "two"], dark=False)
    assert _tags(html) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "strong", "b", "small"} | {
        "details",
        "summary",
        "p",
        "ul",
        "li",
    }
    assert cells(html)[1] == ["<name> &", '<img src=x> "><script> <b>', "<why>"]
    assert charts.colours(False).series[0] in html
    assert "calc(100% * 1.000000 / 2.000000)" in html


def test_the_board_says_once_what_no_model_can_tell() -> None:
    line = scoreboard_text.Line(
        "x", "name", "meaning", "formula", (scoreboard_text.Cell(absent="why"), scoreboard_text.Cell(absent="why"))
    )
    assert cells(scoreboard.html([line], ["one", "two"], dark=True))[1] == ["name meaning", "why"]


def test_the_board_is_a_table_too() -> None:
    table = scoreboard.table(list(lines(score(), score("four-elements")).values()), ["AIDA", "Four elements"])
    assert list(table.columns) == ["Measure", "What the number means", "AIDA", "Four elements"]
    assert list(table["AIDA"])[:5] == ["80%", "72%", "90%", "3%", "60% Interest"]


def test_filters_are_told_in_a_few_words() -> None:
    asked = Filters(where=(OneOf("region", ("East", None)), OneOf("owner", ("a", "b", "c", "d"))))
    question = Question(catalogue.models()[0], filters=asked)
    assert said.conditions(question) == ["region: East, (empty)", "owner: one of 4 values"]


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


def cells(html: str) -> list[list[str]]:
    """The cells of a table by row, as texts."""
    return [[" ".join(cell.split()) for cell in row] for row in _read(html).rows]


def _tags(html: str) -> set[str]:
    return _read(html).tags
