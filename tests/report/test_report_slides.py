"""A report as a presentation: native charts and tables, notes, and workbooks that run nothing."""

from __future__ import annotations

import io
import time
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from pptx import Presentation

import funnel
from funnel import report
from funnel.report import slides
from funnel.report.contents import Report, Section
from funnel.words import wording
from tests.attacks import ITSELF, ring
from tests.thorough import thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz"
SECTIONS = ("funnel", "cohorts", "cohort_by_start", "forecast", "scan", "retention")


@pytest.fixture(scope="module")
def made():  # type: ignore[no-untyped-def]
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard")
        parts = [report.part(name, question) for name in SECTIONS]
        return report.make(data_set, parts, files=[SAMPLE], title="=Q2\x0bfor the board\ufffe")


@pytest.fixture(scope="module")
def shown(made):  # type: ignore[no-untyped-def]
    return list(Presentation(io.BytesIO(slides.presentation(made))).slides)


def _texts(slide) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_a_slide_a_section_after_the_first_with_its_sentence(made, shown) -> None:
    assert len(shown) == len(SECTIONS) + 1
    assert "=Q2 for the board" in _texts(shown[0])
    for section, slide in zip(made.sections, shown[1:], strict=True):
        assert (section.problem or section.sentences[0]) in _texts(slide)
        notes = slide.notes_slide.notes_text_frame.text
        assert section.title in notes
        assert section.asked in notes
        if section.sql:
            assert section.sql.split("\n")[0] in notes


def test_the_charts_are_numbers(made, shown) -> None:
    funnel_slide, cohorts, by_start, forecast = shown[1:5]
    [chart] = [shape.chart for shape in funnel_slide.shapes if shape.has_chart]
    [plot] = chart.plots
    # Of 12,000 leads 6,827 went on to the second stage of the sample.
    assert list(plot.categories)[:2] == ["Lead generation", "Qualification"]
    sums = [sum(values) for values in zip(*(series.values for series in plot.series), strict=True)]
    assert sums[:2] == [12_000, 6_827]
    [table] = [shape.table for shape in cohorts.shapes if shape.has_table]
    assert table.cell(0, 2).text == "Qualification"
    assert table.cell(1, 0).text == "Q1 2023"
    # What is coloured is known; what is too early to tell is not.
    assert table.cell(1, 2).fill.fore_color.rgb != table.cell(10, 2).fill.fore_color.rgb
    assert [shape.chart.chart_type.name for shape in by_start.shapes if shape.has_chart] == ["BAR_STACKED"]
    [lines] = [shape.chart for shape in forecast.shapes if shape.has_chart]
    assert lines.chart_type.name == "LINE"
    assert len(lines.plots[0].series) == 4
    low, high = (list(series.values) for series in list(lines.plots[0].series)[2:])
    assert all(below <= above for below, above in zip(low, high, strict=True) if below is not None)
    told = made.sections[3].rows
    assert [value for value in lines.plots[0].series[1].values if value is not None][1:] == pytest.approx(
        [row["expected"] for row in told[1:]]
    )


def test_charts_and_tables_are_described_and_every_run_says_its_language(shown) -> None:
    for slide in shown[1:]:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
        runs = [run for run in slide._element.iter() if run.tag.endswith("}rPr")]
        assert runs
        assert {run.get("lang") for run in runs} == {"en"}


def test_a_language_from_the_right_runs_that_way(made) -> None:
    with wording.speaking("ar"):
        first = Presentation(io.BytesIO(slides.presentation(made))).slides[0]
    paragraphs = [each for each in first._element.iter() if each.tag.endswith("}pPr")]
    assert paragraphs
    assert {each.get("rtl") for each in paragraphs} == {"1"}


def test_the_same_report_gives_the_same_bytes(made) -> None:
    before = slides.presentation(made)
    # Archives tell seconds, two at a time.
    time.sleep(2.1)
    assert slides.presentation(made) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('=HYPERLINK("https://attack.invalid")', '\'=HYPERLINK("https://attack.invalid")'),
        ("+1-2", "'+1-2"),
        ("-5", "-5"),
        ("a\x00b\x1b\ufffe\u202ec", "abc"),
        ("@SUM(A1)", "'@SUM(A1)"),
    ],
)
def test_a_name_is_no_formula_and_no_sign_of_control(text, told) -> None:
    assert slides.safe(text) == told


@thorough
def test_no_text_of_a_file_is_obeyed(tmp_path) -> None:
    file = tmp_path / "ring.csv"
    file.write_bytes(ring(ITSELF))
    with funnel.open(file) as data_set:
        parts = []
        for first in range(0, 48, 12):
            labels = [[label.label] for label in data_set.labels[first : first + 12]]
            question = data_set.question(data_set.labels_model(labels))
            parts += [report.part(name, question) for name in ("funnel", "aging", "cohorts", "moves")]
        everybody = data_set.question(data_set.labels_model([[label.label for label in data_set.labels]]))
        made = report.make(data_set, parts, files=[file], title=ITSELF[0], leads_of=everybody)
    content = slides.presentation(made)
    cells = 0
    with ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xlsx"):
                for sheet in openpyxl.load_workbook(io.BytesIO(archive.read(name))):
                    for row in sheet.iter_rows():
                        for cell in row:
                            cells += 1
                            assert cell.data_type != "f", cell.value
                            assert cell.hyperlink is None
            assert b"attack.invalid" not in archive.read(name) or not name.endswith(".rels")
    assert cells > 100
    for slide in Presentation(io.BytesIO(content)).slides:
        for part in (slide.part, slide.notes_slide.part):
            assert not [each for each in part.rels.values() if each.is_external]


def test_what_a_slide_does_not_hold_of_a_table_is_said_on_it() -> None:
    heads = tuple(f"Head {number}" for number in range(1, 22))
    whole = Section("Wide", "asked", ("Told.",), heads[:9], (("x" * 60, *"abcdefgh"),) * 14)
    wide = Section("Wide", "asked", ("Told.",), heads, (("y" * 61, *map(str, range(2, 22))),) * 20)
    few = Section("Wide", "asked", ("Told.",), heads[:10], (tuple("abcdefghij"),))
    made = Report("T", None, "", (), (whole, wide, few))
    _, one, two, three = list(Presentation(io.BytesIO(slides.presentation(made))).slides)
    assert "columns" not in _texts(one)
    assert "rows" not in _texts(one)
    columns = "Not on this slide: 12 columns, which the report as a page (HTML) has: Head 10, Head 11, "
    assert f"The first 14 of 20 rows. {columns}" in _texts(two)
    assert "Head 17, and …" in _texts(two)
    assert columns in two.notes_slide.notes_text_frame.text
    assert "Not on this slide: 1 column, " in _texts(three)
    tables = [shape for slide in (one, two) for shape in slide.shapes if shape.has_table]
    assert [len(shape.table.columns) for shape in tables] == [9, 9]
    # A long text ends in a sign that says so; what fits stays whole. The sentence has room under the table.
    assert [shape.table.cell(1, 0).text for shape in tables] == ["x" * 60, "y" * 59 + "…"]
    [note] = [shape for shape in two.shapes if shape.has_text_frame and "The first 14" in shape.text_frame.text]
    assert tables[1].top + tables[1].height <= note.top
