"""Charts: what stands on them, what a click finds, and that text of files cannot harm or turn them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from funnel import charts
from funnel.charts.canvas import text
from funnel.charts.sentences import PARTS, parts
from funnel.core.types import Calendar, Period, Rule, Unit
from funnel.measures.bottleneck import Bottleneck, TopStage
from funnel.measures.kpis import Starts
from funnel.measures.steps import Breakdown
from tests.drawn import NAMES, a_funnel, contrast, texts, traces


def test_the_parts_of_a_bar_sum_to_its_leads() -> None:
    steps = a_funnel()
    assert [sum(ledger.values()) for ledger in parts(steps)] == [4812, 3208, 1895, 311]
    drawn = traces(charts.funnel(steps))
    assert list(drawn["went_on"].x) == [3208, 1895, 311, 0]
    assert list(drawn["moved_back"].x) == [12, 0, 0, 0]
    assert list(drawn["still_there"].x) == [592, 413, 961, 0]
    assert list(drawn["lost"].x) == [1000, 900, 623, 4]
    assert list(drawn["won"].x) == [0, 0, 0, 307]


def test_the_parts_lie_in_one_order_and_what_is_not_there_is_not_drawn() -> None:
    assert [trace.meta for trace in charts.funnel(a_funnel()).data] == list(PARTS)
    without = a_funnel(((10, 0, 0, 2, 3), (0, 0, 0, 0, 10)), NAMES[:2], won=0)
    assert [trace.meta for trace in charts.funnel(without).data] == ["went_on", "still_there", "lost"]


def test_wins_stand_at_the_won_stage_and_after_it_never_more_than_the_question_has() -> None:
    ledgers = ((8, 0, 0, 0, 4), (3, 0, 0, 0, 5), (0, 0, 0, 0, 3))
    assert [ledger["won"] for ledger in parts(a_funnel(ledgers, NAMES[:3], won=6, won_stage=1))] == [0, 3, 3]
    assert [ledger["still_there"] for ledger in parts(a_funnel(ledgers, NAMES[:3], won=6, won_stage=1))] == [4, 2, 0]
    assert [ledger["won"] for ledger in parts(a_funnel(ledgers, NAMES[:3], won=6))] == [0, 0, 3]


def test_a_click_finds_the_stage_and_a_part_of_the_ledger() -> None:
    drawn = traces(charts.funnel(a_funnel()))
    assert [list(pair) for pair in drawn["lost"].customdata] == [[0, "lost"], [1, "lost"], [2, "lost"], [3, "lost"]]
    assert list(drawn["won"].customdata[3]) == [3, "still_there"]


def test_counts_shares_and_drops_stand_beside_the_bars() -> None:
    said = texts(charts.funnel(a_funnel()))
    assert any("4,812" in one and "100% cumulative" in one for one in said)
    assert any("311" in one and "6.5% cumulative" in one for one in said)
    assert [one for one in said if one.startswith("↓")] == [
        "↓ 67% conversion · 9 days (median)",
        "↓ 59% conversion · 24 days (median)",
        "↓ 16% conversion · 51 days (median)",
    ]


def test_below_twenty_leads_counts_stand_instead_of_percentages() -> None:
    steps = a_funnel(((8, 0, 0, 2, 2), (0, 0, 0, 4, 4)), NAMES[:2], won=0)
    figure = charts.funnel(steps)
    said = texts(figure)
    assert "↓ 8 of 12 advanced · 9 days (median)" in said
    assert not any("%" in one for one in said)
    assert not any("%" in one for trace in figure.data for one in trace.hovertext)
    assert "↓ 19 of 19 advanced · 9 days (median)" in texts(
        charts.funnel(a_funnel(((19, 0, 0, 0, 0), (0, 0, 0, 0, 19)), NAMES[:2]))
    )
    assert "↓ 100% conversion · 9 days (median)" in texts(
        charts.funnel(a_funnel(((20, 0, 0, 0, 0), (0, 0, 0, 0, 20)), NAMES[:2]))
    )


def test_the_hover_says_the_counts_behind_every_rate() -> None:
    said = traces(charts.funnel(a_funnel()))["lost"].hovertext[2].replace("<br>", " ")
    assert "<b>Proposal</b> Lost for good, no further than here: 623 of 1,895 leads here: 33%." in said
    assert "1,895 of 4,812 leads that entered the funnel got this far: 39% (95% interval 38% to 41%)." in said
    assert "1,895 of 3,208 leads at Qualification advanced to here: 59% (95% interval 57% to 61%)." in said
    assert "Median 24 days from Qualification to here, over 1,895 leads recorded at both." in said


def test_the_first_stage_says_how_many_skipped_ahead() -> None:
    said = traces(charts.funnel(a_funnel()))["went_on"].hovertext[0].replace("<br>", " ")
    assert said == (
        "<b>Lead generation</b> Advanced: 3,208 of 4,812 leads here: 67%."
        " 3,000 of them to the next stage, 208 skipped it. 4,812 leads at the first stage."
    )


def test_a_rule_that_is_not_monotone_may_pass_a_hundred_percent() -> None:
    steps = a_funnel(((100, 0, 0, 0, 0), (0, 0, 0, 0, 120)), NAMES[:2], rule=Rule.VISITED, won=0)
    figure = charts.funnel(steps)
    assert "↓ 120% of the stage before · 9 days (median)" in texts(figure)
    assert figure.layout.xaxis.range == (0, 120)
    hover = traces(figure)["still_there"].hovertext[1].replace("<br>", " ")
    assert "120 here, for 100 leads at Lead generation: 120%." in hover


def test_in_order_says_so() -> None:
    assert "↓ 67% conversion in order · 9 days (median)" in texts(charts.funnel(a_funnel(rule=Rule.IN_ORDER)))


def test_accounts_are_called_accounts() -> None:
    hover = traces(charts.funnel(a_funnel(unit=Unit.ACCOUNT)))["lost"].hovertext[0]
    assert "1,000 of 4,812 accounts here" in hover.replace("<br>", " ")
    assert "lead " not in hover
    assert charts.description(a_funnel(unit=Unit.ACCOUNT)).startswith("4,812 accounts at Lead generation, 311 at Won")


@pytest.mark.parametrize("width_hint", [None, 368, 1500])
def test_text_of_files_is_shown_as_it_is(width_hint: int | None) -> None:
    hostile = ("<b>bold</b>", "<a href='x'>a</a>", "a\u202eb\x00c\nd", "&amp;")
    written = charts.funnel(a_funnel(names=hostile), width_hint=width_hint).to_json()
    assert "\\u202e" not in written
    assert "\u202e" not in written
    assert "<a " not in written
    assert "<b>bold" not in written
    said = texts(charts.funnel(a_funnel(names=hostile), width_hint=width_hint))
    assert {"&lt;b&gt;bold&lt;/b&gt;", "abc d", "&amp;amp;"} <= set(said)


def test_right_to_left_names_keep_their_direction_and_their_joiners() -> None:
    persian = "قرارداد می\u200cشود (2)"
    assert text.plain(persian) == "\u2067" + persian + "\u2069"
    lines = text.safe_lines(text.plain(persian), 14, 80, 4)
    assert len(lines) > 1
    assert all(line.startswith("\u2067") and line.endswith("\u2069") for line in lines)
    assert text.plain("SAP عرض") == "\u2066SAP عرض\u2069"
    assert text.plain("Won") == "Won"


def test_long_names_wrap_and_what_is_cut_is_whole_on_hover() -> None:
    name = "waiting for the documents that the bank of the customer has asked for twice already and not yet got"
    (note,) = [n for n in charts.funnel(a_funnel(names=(name, *NAMES[1:]))).layout.annotations if "waiting" in n.text]
    assert note.text.count("<br>") >= 2
    assert note.text.endswith("…")
    assert note.hovertext.replace("<br>", " ") == name
    (note,) = [n for n in charts.funnel(a_funnel()).layout.annotations if n.text == "Lead generation"]
    assert note.hovertext is None


def test_a_word_wider_than_the_room_breaks_between_letters_only() -> None:
    assert "".join(text.safe_lines("x" * 60, 14, 100, 9)) == "x" * 60
    marked = "e\u0301" * 40
    assert not any(line.startswith("\u0301") for line in text.safe_lines(marked, 14, 60, 99))


def test_every_line_fits_its_room() -> None:
    line = "Supercalifragilistic expialidocious, W_Completeren_aanvraag и отправка коммерческого предложения"
    for room in (60, 100, 140, 300):
        assert all(text.width(part, 14) <= room for part in text.safe_lines(line, 14, room, 99))


@pytest.mark.parametrize("stages", [1, 3, 9, 24])
def test_the_height_grows_with_the_stages(stages: int) -> None:
    ledgers = tuple((stages - place - 1, 0, 0, 0, 1) for place in range(stages))
    names = tuple(f"Stage {place}" for place in range(stages))
    figure = charts.funnel(a_funnel(ledgers, names, won=0))
    row = 82 if stages <= 7 else 56 if stages <= 12 else 44
    assert figure.layout.yaxis.range[0] == figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    assert (stages - 1) * row < figure.layout.height < (stages + 1) * row
    assert len(figure.data) == 3


def test_no_leads_still_make_a_figure() -> None:
    empty = a_funnel(((0, 0, 0, 0, 0),) * 2, NAMES[:2], won=0)
    assert [one for one in texts(charts.funnel(empty)) if one.startswith("↓")] == []
    assert charts.funnel(empty).layout.xaxis.range == (0, 1)
    assert charts.description(empty) == "No leads to draw."


def test_small_multiples_share_scale_and_height() -> None:
    few = a_funnel(((8, 0, 0, 2, 2), (0, 0, 0, 4, 4)), NAMES[:2], won=0)
    many = a_funnel(((300, 0, 0, 200, 100), (0, 0, 0, 100, 200)), NAMES[:2], won=0)
    figures = charts.small_multiples(Breakdown(many.question, "channel", (("<i>Web</i>", many), (None, few)), 0, ""))
    assert [figure.layout.xaxis.range for figure in figures] == [(0, 600), (0, 600)]
    assert len({figure.layout.height for figure in figures}) == 1
    assert texts(figures[0])[0] == "<b>&lt;i&gt;Web&lt;/i&gt;</b>"
    assert texts(figures[1])[0] == "<b>no value</b>"
    assert any("100%" in one for one in texts(figures[0]))
    assert not any("%" in one for one in texts(figures[1]))
    assert charts.small_multiples(Breakdown(many.question, "channel", (), 0, "")) == ()


def test_chosen_starts_are_blue_and_the_picture_is_as_wide_as_the_slider() -> None:
    counts = ((date(2024, 1, 1), 5), (date(2024, 1, 8), 7), (date(2024, 1, 15), 1))
    starts = Starts(Period.WEEK, Calendar.GREGORIAN, counts, 0, datetime(2024, 1, 3, 9), datetime(2024, 1, 16, 23), "")
    look = charts.colours()
    figure = charts.starts(starts, date(2024, 1, 14), None)
    assert list(figure.data[0].marker.color) == [look.other_bar, look.chosen_bar, look.chosen_bar]
    assert list(charts.starts(starts, None, date(2024, 1, 7)).data[0].marker.color) == [
        look.chosen_bar,
        look.other_bar,
        look.other_bar,
    ]
    assert figure.data[0].hovertext[2] == "Week of 15 Jan 2024: 1 lead"
    assert list(figure.layout.xaxis.range) == [datetime(2024, 1, 2, 12), datetime(2024, 1, 16, 12)]
    assert figure.layout.height == 56


def test_a_month_is_as_wide_as_its_days() -> None:
    starts = Starts(
        Period.MONTH, Calendar.GREGORIAN, ((date(2024, 2, 1), 3), (date(2024, 12, 1), 4)), 0, None, None, ""
    )
    figure = charts.starts(starts, None, None, unit=Unit.ACCOUNT)
    assert [round(width / 86_400_000 / 0.86) for width in figure.data[0].width] == [29, 31]
    assert list(figure.data[0].hovertext) == ["Feb 2024: 3 accounts", "Dec 2024: 4 accounts"]
    assert len(charts.starts(Starts(Period.DAY, Calendar.GREGORIAN, (), 3, None, None, ""), None, None).data[0].x) == 0


def test_the_description_says_how_many_came_to_the_last_stage() -> None:
    assert charts.description(a_funnel()) == (
        "4,812 leads at Lead generation, 311 at Won: 6.5% (95% interval 5.8% to 7.2%)."
    )
    few = a_funnel(((5, 0, 0, 0, 0), (0, 0, 0, 0, 5)), NAMES[:2])
    assert charts.description(few) == "5 leads at Lead generation, 5 at Qualification."


def test_where_it_waits_and_leaks_in_words() -> None:
    slow, leak = TopStage(0, "New", 700.4, 1000, 1, True), TopStage(1, "<b>Demo</b>", 6, 10, 1, False)
    found = Bottleneck(50, (700.4, 299.6), (4, 6), slow, leak, (), "")
    assert charts.stuck(found) == (
        "Most waiting: New, with 700 of the 1,000 days that all leads together waited."
        " No stage stands out as the largest drop-off: <b>Demo</b> comes first, where 6 of the 10 lost for good stood last,"
        " but its lead over another stage may be chance."
    )
    assert charts.stuck(replace(found, drop_off=None, never_left=("Offer",))).endswith(
        "No lead was lost. Not counted there: Offer, which nobody has left yet."
    )


def test_a_chart_offers_nothing_by_itself() -> None:
    assert {name: charts.config()[name] for name in ("displayModeBar", "scrollZoom", "doubleClick")} == {
        "displayModeBar": False,
        "scrollZoom": False,
        "doubleClick": False,
    }


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_both_themes(dark: bool) -> None:
    look = charts.colours(dark)
    pairs = [
        *((ink, paper) for ink in (look.text, look.muted) for paper in (look.background, look.surface, look.track)),
        (look.progress_text, look.progress),
        (look.still_text, look.still),
        (look.lost_text, look.lost),
        *((colour, look.background) for colour in look.series),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
    # The parts differ in lightness too, so they stay apart without colour.
    assert contrast(look.progress, look.still) > 1.5
    assert contrast(look.still, look.lost) > 1.2
    assert charts.funnel(a_funnel(), dark=dark).layout.template.layout.paper_bgcolor == look.background
