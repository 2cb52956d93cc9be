"""A report as a presentation: a sentence a slide, its chart as numbers that can be edited, the query and what was asked in the notes.

No picture is in it. What a file says is shown, never obeyed: names that a spreadsheet would run get an apostrophe, since a chart carries
a workbook, and signs that no document holds are left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from funnel.charts.canvas.theme import LIGHT
from funnel.core.errors import QuestionError
from funnel.core.exports import escape_formulas
from funnel.report.contents import Report, Section
from funnel.report.natives import MOST_ROWS
from funnel.report.shown import Heat, Hue, Native, Series, Shape
from funnel.words import wording

if TYPE_CHECKING:
    from pptx.slide import Slide
    from pptx.table import Table

INSTALL = "pip install -r requirements-report.txt"
WIDTH, HEIGHT, EDGE = 13.333, 7.5, 0.6
"""Inches: 16:9."""
TOP, FOOT, CUT = 1.75, 0.55, 0.4
TITLES = ((90, 26), (170, 20), (320, 15), (10_000, 12))
"""The size of a title in points, by how many signs it has at most."""
LONGEST_CELL, MOST_COLUMNS, MOST_NAMED = 60, 9, 8
LONGEST_TITLE, LONGEST_NOTES = 600, 30_000
HUES = {Hue.PROGRESS: LIGHT.progress, Hue.STILL: LIGHT.still, Hue.LOST: LIGHT.lost, Hue.BAND: LIGHT.border}
WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
"""When everything in the file was made: the same report gives the same bytes."""
WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")
NO_LETTERS = re.compile("[\ufffe\uffff]")


def is_there() -> bool:
    """Whether the package is there that writes presentations."""
    return find_spec("pptx") is not None


def presentation(report: Report) -> bytes:
    """The presentation. QuestionError where the package is not there that writes it."""
    if not is_there():
        raise QuestionError("report.no_pptx", install=INSTALL)
    from pptx import Presentation
    from pptx.util import Inches

    made: Any = Presentation()
    made.slide_width, made.slide_height = Inches(WIDTH), Inches(HEIGHT)
    properties = made.core_properties
    properties.title = held(report.title)
    properties.author = properties.last_modified_by = wording.say("pages.name")
    _first(made, report)
    for number, section in enumerate(report.sections, 2):
        _slide(made, section, number)
    if report.leads is not None:
        _slide(made, report.leads, len(report.sections) + 2)
    _language(made)
    written = io.BytesIO()
    made.save(written)
    return _fixed(written.getvalue())


def safe(text: str) -> str:
    """A text of a file for a workbook, or a cell that may be copied into one: on one line, without signs of control, and no formula."""
    return str(escape_formulas(held(text)))


def held(text: str) -> str:
    """A text as a document can hold it: on one line, without signs of control or such as no letter is."""
    return NO_LETTERS.sub("", wording.plain(text))


def _first(made: Any, report: Report) -> None:
    slide = _blank(made)
    _text(slide, report.title, 40, (EDGE, 2.2, WIDTH - 2 * EDGE, 1.6), bold=True)
    observed = [wording.say("pages.times.observed", until=report.as_of)] if report.as_of else []
    _text(slide, wording.dotted([report.counted, *observed]), 18, (EDGE, 3.9, WIDTH - 2 * EDGE, 0.6), quiet=True)
    files = "\n".join(f"{each.name}  {each.told}" for each in report.sources[:12])
    _text(slide, files, 11, (EDGE, 4.7, WIDTH - 2 * EDGE, 2.0), quiet=True)
    sources = [f"{each.name} SHA-256 {each.told}" for each in report.sources]
    _notes(slide, [wording.say("report.files"), *sources, *report.notes])


def _slide(made: Any, section: Section, number: int) -> None:
    slide = _blank(made)
    sentence = section.problem or (section.sentences[0] if section.sentences else section.title)
    size = next(points for most, points in TITLES if len(sentence) <= most or most == TITLES[-1][0])
    _text(slide, section.title, 13, (EDGE, 0.35, WIDTH - 2 * EDGE, 0.35), quiet=True)
    _text(slide, sentence[:LONGEST_TITLE], size, (EDGE, 0.68, WIDTH - 2 * EDGE, 1.0), bold=True)
    foot = wording.say("report.slide", title=section.asked, page=number)
    _text(slide, foot, 10, (EDGE, HEIGHT - FOOT, WIDTH - 2 * EDGE, 0.35), quiet=True)
    native = None if section.shown is None else section.shown.native
    cut: list[str] = []
    if isinstance(native, Native) and native.categories:
        _chart(slide, native, " ".join(section.sentences))
    elif isinstance(native, Heat):
        _heat(slide, native, " ".join(section.sentences))
    elif section.heads:
        cut = _rows(slide, section)
    asked = wording.say("report.asked_line", asked=section.asked)
    lines = [section.title, *section.sentences, section.problem, asked, *cut]
    _notes(slide, [*filter(None, lines), "", *section.sql.split("\n")])


def _blank(made: Any) -> Slide:
    slide: Slide = made.slides.add_slide(made.slide_layouts[6])
    return slide


def _text(
    slide: Slide,
    text: str,
    points: int,
    place: tuple[float, float, float, float],
    *,
    bold: bool = False,
    quiet: bool = False,
) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Inches, Pt

    left, top, width, height = map(Inches, place)
    frame = slide.shapes.add_textbox(left, top, width, height).text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = 0
    for number, line in enumerate(text.split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = held(line)
        run.font.size, run.font.bold = Pt(points), bold
        run.font.color.rgb = _colour(LIGHT.muted if quiet else LIGHT.text)


def _notes(slide: Slide, lines: Sequence[str]) -> None:
    text = "\n".join(held(line) if line.strip() else "" for line in lines)
    frame = slide.notes_slide.notes_text_frame
    if frame is not None:
        frame.text = text[:LONGEST_NOTES]


def _chart(slide: Slide, native: Native, described: str) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Inches, Pt

    kinds = {
        Shape.STACKED: XL_CHART_TYPE.BAR_STACKED,
        Shape.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
        Shape.LINES: XL_CHART_TYPE.LINE,
    }
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = [safe(each) or wording.ABSENT for each in native.categories]
    for series in native.series:
        data.add_series(safe(series.name), series.values)
    place = (EDGE, TOP, WIDTH - 2 * EDGE, HEIGHT - TOP - FOOT - 0.1)
    shapes: Any = slide.shapes
    frame = shapes.add_chart(kinds[native.shape], *map(Inches, place), data)
    _describe(frame, described)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(native))
    chart.has_legend, chart.has_title = len(native.series) > 1, False
    chart.font.size = Pt(12)
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.value_axis.has_major_gridlines = native.shape is not Shape.STACKED
    chart.value_axis.tick_labels.number_format = "#,##0"
    chart.value_axis.tick_labels.number_format_is_linked = False
    if native.shape is Shape.STACKED:
        # Bars stand from top to bottom as they are read.
        chart.category_axis.reverse_order = True
        chart.value_axis.visible = False
        chart.plots[0].gap_width, chart.plots[0].overlap = 45, 100
    for series, told in zip(chart.plots[0].series, native.series, strict=True):
        _coloured(series, told, native.shape)


def _workbook(native: Native) -> bytes:
    """The numbers of a chart where it looks for them, a row a category; every text in it is a text, no link and no formula."""
    from xlsxwriter import Workbook

    written = io.BytesIO()
    book = Workbook(written, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("Sheet1")
    for row, category in enumerate(native.categories, 1):
        sheet.write_string(row, 0, safe(category))
    for column, series in enumerate(native.series, 1):
        sheet.write_string(0, column, safe(series.name))
        for row, value in enumerate(series.values, 1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return written.getvalue()


def _coloured(series: Any, told: Series, shape: Shape) -> None:
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    colour = _colour(HUES[told.hue] if told.hue is not Hue.BAND else LIGHT.lost)
    if shape is Shape.LINES:
        series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
        series.smooth = False
        if told.hue is Hue.BAND:
            series.format.line.dash_style, series.format.line.width = MSO_LINE.DASH, Pt(1)
        return
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = colour
    if shape is Shape.STACKED:
        labels = series.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, "#,##0;;", False
        labels.font.size = Pt(11)
        labels.font.color.rgb = _colour(LIGHT.progress_text if told.hue is Hue.PROGRESS else LIGHT.lost_text)


def _heat(slide: Slide, heat: Heat, described: str) -> None:
    table = _table(slide, heat.heads, [[name, *(text for text, _ in cells)] for name, cells in heat.rows], described)
    top = max((share for _, cells in heat.rows for _, share in cells if share is not None), default=0.0)
    for number, (_, cells) in enumerate(heat.rows, 1):
        for column, (_, share) in enumerate(cells, 1):
            if share is not None and top:
                _fill(table.cell(number, column), _mixed(LIGHT.background, LIGHT.progress, 0.75 * share / top))


def _rows(slide: Slide, section: Section) -> list[str]:
    """The table, as much of it as a slide holds, and under it what it does not; that is said, too."""
    heads, cells = section.heads[:MOST_COLUMNS], [row[:MOST_COLUMNS] for row in section.cells[:MOST_ROWS]]
    cut = []
    if len(cells) < len(section.cells):
        cut.append(wording.say("report.rows_cut", shown=len(cells), all=len(section.cells)))
    if more := list(section.heads[MOST_COLUMNS:]):
        named = [*more[:MOST_NAMED], *(["…"] if len(more) > MOST_NAMED else [])]
        cut.append(wording.say("report.columns_cut", n=len(more), named=named))
    _table(slide, heads, cells, " ".join(section.sentences), room=CUT if cut else 0.0)
    if cut:
        _text(slide, " ".join(cut), 10, (EDGE, HEIGHT - FOOT - CUT, WIDTH - 2 * EDGE, CUT), quiet=True)
    return cut


def _table(
    slide: Slide, heads: Sequence[str], cells: Sequence[Sequence[str]], described: str, *, room: float = 0.0
) -> Table:
    """A table; `room` are the inches under it that are left free."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches, Pt

    place = (EDGE, TOP, WIDTH - 2 * EDGE, min(HEIGHT - TOP - FOOT - room - 0.1, 0.34 * (len(cells) + 1)))
    frame: Any = slide.shapes.add_table(len(cells) + 1, len(heads), *map(Inches, place))
    _describe(frame, described)
    table: Table = frame.table
    for number, row in enumerate([heads, *cells]):
        for column, text in enumerate(row):
            cell = table.cell(number, column)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            _fill(cell, LIGHT.surface if number == 0 else LIGHT.background)
            paragraph = cell.text_frame.paragraphs[0]
            run = paragraph.add_run()
            run.text = safe(text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…")
            run.font.size, run.font.bold = Pt(11), number == 0
            run.font.color.rgb = _colour(LIGHT.muted if number == 0 else LIGHT.text)
            paragraph.alignment = PP_ALIGN.LEFT if column == 0 else PP_ALIGN.RIGHT
    return table


def _describe(frame: Any, described: str) -> None:
    frame._element.nvGraphicFramePr.cNvPr.set("descr", held(described))


def _fill(cell: Any, colour: str) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = _colour(colour)


def _colour(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#").upper())  # type: ignore[no-untyped-call]


def _mixed(one: str, other: str, part: float) -> str:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(low + (high - low) * part):02x}" for low, high in pairs)


def _language(made: Any) -> None:
    """Every run says its language; those of languages from the right run that way, in a font that has their letters."""
    from pptx.oxml.ns import qn

    language = wording.language()
    from_the_right = wording.is_right_to_left()
    for slide in made.slides:
        for tree in (slide._element, slide.notes_slide._element):
            for properties in tree.iter(qn("a:rPr"), qn("a:endParaRPr")):
                properties.set("lang", language)
                if from_the_right:
                    font = properties.makeelement(qn("a:cs"), {"typeface": "Arial"})
                    properties.append(font)
            if from_the_right:
                for paragraph in tree.iter(qn("a:p")):
                    paragraph.get_or_add_pPr().set("rtl", "1")


def _fixed(content: bytes) -> bytes:
    """The same archive with one moment on all that is in it, also in the workbooks of its charts."""
    written = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(written, "w", ZIP_DEFLATED) as after:
        for name in sorted(before.namelist()):
            inner = before.read(name)
            if name.endswith(".xlsx"):
                inner = _fixed(inner)
            elif name == "docProps/core.xml":
                inner = WRITTEN.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", inner)
            entry = ZipInfo(name, WRITTEN_AT)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0
            after.writestr(entry, inner)
    return written.getvalue()
