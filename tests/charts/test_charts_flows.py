"""Ribbons: from the labels of a file to stages, and from the stages of one model to those of another."""

from __future__ import annotations

from typing import Any

import pytest

from funnel import charts
from funnel.measures.alignment import Alignment, Flows, LabelFlow, Overlap
from tests.drawn import a_funnel, hovers, modelled, texts

B2B = modelled(a_funnel(), "Standard B2B").question
AIDA = modelled(a_funnel(names=("Awareness", "Interest", "Desire", "Action")), "AIDA").question
LABELS = (
    LabelFlow("New", "lead", 400, (0, 0)),
    LabelFlow("SQL", "qualified", 200, (1, 0)),
    LabelFlow("Security check", "checks", 60, (None, None)),
    LabelFlow("Closed won", "won", 40, (3, 3)),
    LabelFlow("Closed lost", "lost", 100, (None, 2)),
    LabelFlow("Call log", "ignored", 900, (None, None)),
    LabelFlow("Never used", "demo", 0, (2, 2)),
)
FLOWS = Flows((B2B, AIDA), 500, LABELS, "")
CELLS = (
    (0, 0, 150, False),
    (1, 2, 31, True),
    (2, 2, 80, False),
    (3, 0, 9, True),
    (None, 1, 20, False),
    (0, None, 10, False),
    (None, None, 5, False),
)
ALIGNMENT = Alignment((B2B, AIDA), 305, (Overlap(0, 1, CELLS),), "")


def drawn(figure: Any) -> list[Any]:
    """The ribbons."""
    return [trace for trace in figure.data if trace.type == "scatter"]


def thickness(trace: Any) -> list[float]:
    """How thick a ribbon is at its two ends, in pixels."""
    half = len(trace.x) // 2
    return [trace.y[-1] - trace.y[0], trace.y[half] - trace.y[half - 1]]


def test_ribbons_are_as_thick_as_leads_were_recorded() -> None:
    thick = [thickness(trace) for trace in drawn(charts.lineup(FLOWS, 0))]
    assert [ends[0] for ends in thick] == pytest.approx([ends[1] for ends in thick])
    per_lead = thick[0][0] / 400
    assert [ends[0] / per_lead for ends in thick] == pytest.approx([400, 200, 60, 40, 100])


def test_ribbons_leave_and_enter_their_blocks_without_overlap() -> None:
    figure = charts.lineup(FLOWS, 1)
    half = len(figure.data[0].x) // 2
    into_first = sorted((trace.y[half - 1], trace.y[half]) for trace in figure.data[:2])
    assert into_first[0][1] == pytest.approx(into_first[1][0])
    _, right = [trace for trace in figure.data if trace.meta == "blocks"]
    edges = right.y[0] - right.width[0] / 2, right.y[0] + right.width[0] / 2
    assert edges == pytest.approx((into_first[0][0], into_first[1][1]))
    assert figure.layout.yaxis2.range == figure.layout.yaxis.range


def test_labels_flow_to_stages_to_no_stage_or_out() -> None:
    said = hovers(charts.lineup(FLOWS, 0))
    assert "Recorded at SQL: 200 of 500 leads. Standard B2B puts them at Qualification." in said
    assert "Recorded at Security check: 60 of 500 leads. Standard B2B has no stage for this." in said
    assert "Recorded at Closed lost: 100 of 500 leads. There, leads leave: it is no stage of Standard B2B." in said
    assert not any("Call log" in one or "Never used" in one for one in said)
    # A stage that names an exit takes it.
    assert "Recorded at Closed lost: 100 of 500 leads. AIDA puts them at Desire." in hovers(charts.lineup(FLOWS, 1))
    assert not any("Leave" in one for one in texts(charts.lineup(FLOWS, 1)))


def test_what_has_no_stage_is_hatched_and_what_leaves_is_warm() -> None:
    traces = drawn(charts.lineup(FLOWS, 0))
    assert [trace.fillpattern.shape for trace in traces] == [None, None, "/", None, None]
    assert traces[4].fillcolor == "rgba(220,95,24,0.3)"
    assert charts.colours().lost == "#dc5f18"


def test_names_and_counts_stand_on_both_sides() -> None:
    said = [one.replace("<br>", " ") for one in texts(charts.lineup(FLOWS, 0, width_hint=900))]
    look = charts.colours()
    assert f'New <span style="color:{look.muted}">400</span>' in said
    assert f'Proposal <span style="color:{look.muted}">no label</span>' in said
    assert f'Qualification <span style="color:{look.muted}">1 label</span>' in said
    assert f'<span style="color:{look.series[0]}"><b>Standard B2B</b></span>' in said
    assert [one for one in said if one.startswith(("No stage", "Leave the funnel"))] != []


def test_of_many_labels_the_smallest_are_summed_up() -> None:
    labels = tuple(LabelFlow(f"L{place}", "lead", 10 * (place + 1), (place % 4, None)) for place in range(15))
    figure = charts.lineup(Flows((B2B, AIDA), 500, labels, ""), 0)
    names = [one.split(" <")[0].split("<br>")[0] for one in texts(figure)]
    assert "2 more labels" in names
    assert "L0" not in names
    assert "L1" not in names
    assert names.index("L2") < names.index("L14") < names.index("2 more labels")
    assert "Recorded at: L0 (10). Standard B2B puts them at Lead generation." not in hovers(figure)
    assert "Recorded at L0: 10 of 500 leads. Standard B2B puts them at Lead generation." in hovers(figure)
    fourteen = charts.lineup(Flows((B2B, AIDA), 500, labels[:14], ""), 0)
    assert not any("more labels" in one for one in texts(fourteen))


@pytest.mark.parametrize("width_hint", [None, 220, 460])
def test_names_of_files_are_harmless_and_keep_their_direction(width_hint: int | None) -> None:
    labels = (
        LabelFlow("<a href='x'>a</a>", "lead", 30, (0,)),
        LabelFlow("مرحلة دوم", "demo", 20, (None,)),
        LabelFlow("waiting for the documents that the bank of the customer asked for twice already", "won", 9, (3,)),
    )
    question = modelled(a_funnel(names=("<i>x</i>", "B", "C", "D")), "<b>M</b>").question
    figure = charts.lineup(Flows((question,), 40, labels, ""), 0, width_hint=width_hint)
    written = figure.to_json()
    assert "<a " not in written
    assert "<i>x" not in written
    assert "<b>M" not in written
    assert "\u2067مرحلة" in "".join(texts(figure))
    assert "…" in next(text for text in texts(figure) if text.startswith("waiting"))
    (left, _) = [trace for trace in figure.data if trace.meta == "blocks"]
    assert "asked for twice already: 9 of 40 leads." in left.hovertext[2].replace("<br>", " ")


def test_no_labels_say_so() -> None:
    nothing = Flows((B2B,), 0, (), "")
    assert "No leads to draw." in texts(charts.lineup(nothing, 0))
    assert charts.describe_lineup(nothing, 0) == "No label to draw."


def test_the_lineup_in_words() -> None:
    assert charts.describe_lineup(FLOWS, 0) == (
        "Standard B2B: 3 of 4 stages filled, by 3 labels of the file. Without a stage: Security check."
    )
    many = tuple(LabelFlow(f"L{place}", "lead", 1, (None,)) for place in range(9))
    assert charts.describe_lineup(Flows((B2B,), 9, many, ""), 0).endswith("L0, L1, L2, L3, and 5 more labels.")


def test_the_same_leads_in_two_models() -> None:
    figure = charts.overlap(ALIGNMENT, 0)
    said = hovers(figure)
    assert "150 leads: Lead generation in Standard B2B, Awareness in AIDA." in said
    assert (
        "31 leads: Qualification in Standard B2B, Desire in AIDA. "
        "The two put them at different depths on the way to the win."
    ) in said
    assert "20 leads: unassigned in Standard B2B, Interest in AIDA." in said
    look = charts.colours()
    counts = [one.split(">")[-2].removesuffix("</span") for one in texts(figure) if "Unassigned" in one]
    assert counts == ["25", "15"]
    assert [one for one in texts(figure) if "<b>" in one] == [
        f'<span style="color:{hue}"><b>{name}</b></span>'
        for hue, name in zip(look.series, ("Standard B2B", "AIDA"), strict=False)
    ]


def test_leads_at_different_depths_are_warm_and_lie_on_top() -> None:
    traces = drawn(charts.overlap(ALIGNMENT, 0))
    warm = [trace.fillcolor == "rgba(220,95,24,0.75)" for trace in traces]
    assert warm == [False] * 5 + [True] * 2
    assert ["31 leads" in trace.text or "9 leads" in trace.text for trace in traces] == warm
    hatched = [trace.fillpattern.shape for trace in traces]
    assert hatched.count("/") == 3


def test_the_legend_counts_what_agrees_and_what_does_not() -> None:
    figure = charts.overlap(ALIGNMENT, 0)
    explained = [trace for trace in figure.data if trace.showlegend is not False]
    assert figure.layout.showlegend
    assert [trace.marker.pattern.shape for trace in explained] == [None, None, "/"]
    assert [trace.name for trace in explained] == ["same depth: 230", "different depth: 40", "in one model only: 30"]


def test_the_overlap_in_words() -> None:
    assert charts.describe_overlap(ALIGNMENT, 0) == (
        "Standard B2B and AIDA put 40 of 270 leads at different depths."
        " Most of these: 31 leads: Qualification in Standard B2B, Desire in AIDA."
    )
    nobody = Alignment((B2B, AIDA), 0, (Overlap(0, 1, ()),), "")
    assert charts.describe_overlap(nobody, 0) == "No lead is in both Standard B2B and AIDA."
    assert "No leads to draw." in texts(charts.overlap(nobody, 0))
