"""A report as one HTML page that asks for nothing: it holds charts, tables, queries and numbers; a light one has bars instead of charts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from funnel import charts
from funnel.core.rows import Cell, Chance, Gain, Points
from funnel.core.types import Rate
from funnel.report.contents import Report, Section
from funnel.words import wording

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""What the page may do: run and style what stands in it, show pictures that it made; ask for nothing."""
NARROW, SMALL = 340, 300
"""Pixels that a chart is drawn for on a small screen, and each of several beside each other."""
MOST_ROWS, MOST_LIGHT_ROWS = 200, 40
"""Rows of a table; of more, the first, and all of them as data. A light page holds no queries either: it is for mail."""
LONG = 60
"""Signs of a list that is worth to be told once."""
FOR_CLICKS = ("customdata", "selected", "unselected")
"""What a figure carries for the pages that ask it; nobody does here."""
_HERE = Path(__file__).resolve().parent


def page(report: Report, *, light: bool = False) -> bytes:
    """The page, UTF-8; the same report gives the same bytes. `light`: without any script, its tables with bars."""
    pictures = [[] if light else _figures(each) for each in report.sections]
    queries = [""] * len(report.sections) if light else _queries(report.sections)
    sections = [
        _section(each, f"s{place}", figures, query, light)
        for place, (each, figures, query) in enumerate(zip(report.sections, pictures, queries, strict=True), 1)
    ]
    if report.leads is not None:
        sections.append(_section(report.leads, f"s{len(sections) + 1}", [], "", False))
    language = wording.language()
    direction = "rtl" if wording.is_right_to_left() else "ltr"
    parts = [
        "<!doctype html>",
        f'<html lang="{escape(language)}" dir="{direction}">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">',
        f"<title>{escape(report.title)}</title>",
        f"<style>{_text('page.css')}</style></head>",
        "<body>",
        _head(report),
        *sections,
        _foot(report),
        *([] if light else [*_data(report), *_scripts(pictures)]),
        "</body></html>",
    ]
    return ("\n".join(parts) + "\n").encode("utf-8", "replace")


def _head(report: Report) -> str:
    observed = [wording.say("pages.times.observed", until=report.as_of)] if report.as_of else []
    line = wording.dotted([*(each.name for each in report.sources), report.counted, *observed])
    titles = [*report.sections, *([report.leads] if report.leads else [])]
    entries = "".join(f'<li><a href="#s{place}">{escape(each.title)}</a></li>' for place, each in enumerate(titles, 1))
    return (
        f'<header><h1>{escape(report.title)}</h1><p class="quiet">{escape(line)}</p></header>\n'
        f'<nav aria-label="{_said("contents")}"><p class="quiet">{_said("contents")}</p><ol>{entries}</ol></nav>'
    )


def _section(section: Section, key: str, figures: Sequence[Any], told_sql: str, light: bool) -> str:
    head = f'<section id="{key}"><h2>{escape(section.title)}</h2>\n<p class="quiet asked">{escape(section.asked)}</p>'
    if section.problem:
        return f'{head}\n<p class="problem">{escape(section.problem)}</p></section>'
    described = " ".join(section.sentences)
    drawn = [
        f'<div class="chart" id="{key}-{place}" data-chart="{key}-{place}-data" role="img" aria-label="{escape(described)}"></div>'
        for place in range(1, len(figures) + 1)
    ]
    picture = f'<div class="charts">{"".join(drawn)}</div>' if len(drawn) > 1 else "".join(drawn)
    sentences = "".join(f'<p class="said">{escape(each)}</p>' for each in section.sentences)
    query = f'<details class="query"><summary>{_said("sql")}</summary>{told_sql}</details>' if told_sql else ""
    table = f'<div class="wide" tabindex="0">{_table(section, light)}</div>'
    return (
        f"{head}\n{sentences}\n{picture}\n"
        f'<details class="table" open><summary>{_said("table")}</summary>{table}</details>\n'
        f"{query}</section>"
    )


def _table(section: Section, light: bool) -> str:
    kinds = [_is_number(column) for column in _columns(section)]
    tops = [_top(column) if light and number else 0.0 for column, number in zip(_columns(section), kinds, strict=True)]
    heads = "".join(
        f'<th scope="col"{_class(number)}>{escape(head)}</th>'
        for head, number in zip(section.heads, kinds, strict=True)
    )
    shown = section.cells[: MOST_LIGHT_ROWS if light else MOST_ROWS]
    lines = []
    for place, texts in enumerate(shown):
        cells = []
        for column, text in enumerate(texts):
            tag, scope = ("th", ' scope="row"') if column == 0 else ("td", "")
            value = _bar(section.rows[place][section.fields[column]]) if tops[column] else None
            if value is None:
                cells.append(f"<{tag}{scope}{_class(kinds[column])}>{escape(text)}</{tag}>")
            else:
                width = round(100 * max(0.0, value) / tops[column])
                cells.append(f'<{tag}{scope} class="n b" style="--w:{width}%">{escape(text)}</{tag}>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(lines)
    counts = {"shown": len(shown), "all": len(section.cells)}
    cut = (
        f'<p class="quiet">{escape(wording.say("report.rows_cut", **counts))}</p>' if len(shown) < counts["all"] else ""
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table>{cut}"


def _columns(section: Section) -> list[list[Cell]]:
    """The values under each head; none where the section has texts alone."""
    return [[row[field] for row in section.rows] for field in section.fields] or [[] for _ in section.heads]


def _is_number(column: Sequence[Cell]) -> bool:
    told = [cell for cell in column if cell is not None]
    return bool(told) and all(isinstance(cell, int | float | Rate) and not isinstance(cell, bool) for cell in told)


def _top(column: Iterable[Cell]) -> float:
    return max([0.0, *(size for size in map(_bar, column) if size is not None)])


def _bar(cell: Cell) -> float | None:
    """What the length of a bar says; None of what has none: a difference, a chance, a share of too few."""
    if isinstance(cell, Rate):
        return None if cell.few else cell.value
    if isinstance(cell, bool | Points | Chance | Gain) or not isinstance(cell, int | float):
        return None
    return float(cell)


def _class(number: bool) -> str:
    return ' class="n"' if number else ""


def _foot(report: Report) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(each.name)}</th>"
        f"<td>{f'<code>{each.digest}</code>' if each.digest else escape(each.told)}</td></tr>"
        for each in report.sources
    )
    listed = (
        f'<div class="wide"><table><thead><tr><th scope="col">{_said("file")}</th><th scope="col">{_said("digest")}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    told = f"<h2>{_said('files')}</h2>{listed}" if report.sources else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    told = f"<h2>{_said('notes')}</h2><ul>{notes}</ul>{told}" if notes else told
    paper = f'<p class="quiet paper">{_said("on_paper")}</p>'
    return f'<footer>{told}<p class="quiet">{_said("page")}</p>{paper}</footer>'


def _data(report: Report) -> list[str]:
    return [
        _json(
            f"s{place}-rows",
            {"asked": each.asked, "fields": list(each.data[0]), "rows": [list(row.values()) for row in each.data]},
        )
        for place, each in enumerate(report.sections, 1)
        if each.data
    ]


def _figures(section: Section) -> list[dict[str, Any]]:
    """Each figure of a section, light and wide, and what is changed of it where it is narrow, dark, or (of the narrow one) both; without
    the template, which all share. What stands in them several times is told once."""
    if section.shown is None or section.shown.draw is None:
        return []
    draw = section.shown.draw
    several = isinstance(draw(dark=False, width_hint=SMALL), tuple | list)
    sizes = {"wide": SMALL, "narrow": SMALL} if several else {"wide": None, "narrow": NARROW}
    drawn = {
        theme: {size: _each(draw(dark=theme == "dark", width_hint=hint)) for size, hint in sizes.items()}
        for theme in ("light", "dark")
    }
    light, dark = drawn["light"], drawn["dark"]
    return [
        _once(
            {
                "light": light["wide"][place],
                "narrow": list(_changes(light["wide"][place], light["narrow"][place])),
                "dark": list(_changes(light["wide"][place], dark["wide"][place])),
                "dark narrow": list(_changes(light["narrow"][place], dark["narrow"][place])),
            }
        )
        for place in range(len(light["wide"]))
    ]


def _once(told: dict[str, Any]) -> dict[str, Any]:
    """The same with each long list that stands in it several times as its place in the list `lists`."""
    counts: Counter[str] = Counter()

    def count(value: Any) -> None:
        if isinstance(value, list) and len(text := _written(value)) > LONG:
            counts[text] += 1
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            count(inner)

    count(told)
    places = {text: place for place, text in enumerate(text for text, times in counts.items() if times > 1)}

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: short(inner) for key, inner in value.items()}
        if isinstance(value, list):
            place = places.get(_written(value)) if places else None
            return [short(inner) for inner in value] if place is None else {"list": place}
        return value

    return {**{key: short(value) for key, value in told.items()}, "lists": [json.loads(text) for text in places]}


def _changes(one: Any, other: Any, path: tuple[str | int, ...] = ()) -> Iterator[list[Any]]:
    """What to put at which place of plain data so that they become others: a figure in another theme differs in little."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _changes(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        inner = [change for place in range(len(one)) for change in _changes(one[place], other[place], (*path, place))]
        yield from inner if len(_written(inner)) < len(_written(other)) else [[[*path], other]]
    elif one != other:
        yield [[*path], other]


def _each(figures: Any) -> list[dict[str, Any]]:
    specs = [json.loads(charts.spec(each)) for each in (figures if isinstance(figures, tuple | list) else [figures])]
    for each in specs:
        each["layout"].pop("template", None)
        for trace in each["data"]:
            for name in FOR_CLICKS:
                trace.pop(name, None)
    return specs


def _scripts(pictures: Sequence[Sequence[Any]]) -> list[str]:
    if not any(pictures):
        return []
    template = {
        theme: json.loads(json.dumps(charts.template(theme == "dark").to_plotly_json())) for theme in ("light", "dark")
    }
    specs = [
        _json(f"s{place}-{number}-data", figure)
        for place, figures in enumerate(pictures, 1)
        for number, figure in enumerate(figures, 1)
    ]
    return [
        _json("templates", template),
        *specs,
        f"<script>{_program()}</script>",
        f"<script>{_text('page.js')}</script>",
    ]


def _json(key: str, value: object) -> str:
    """Plain data that no browser takes for markup."""
    safe = _written(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'<script type="application/json" id="{key}">{safe}</script>'


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _queries(sections: Sequence[Section]) -> list[str]:
    """The query of each section; one that stands above is only named."""
    first: dict[str, str] = {}
    queries = []
    for section in sections:
        if section.sql in first:
            queries.append(f"<p>{escape(wording.say('report.same_sql', title=first[section.sql]))}</p>")
        else:
            queries.append(f"<pre>{_sql(section.sql)}</pre>" if section.sql else "")
            first |= {section.sql: section.title} if section.sql else {}
    return queries


def _sql(text: str) -> str:
    return escape("\n".join(wording.plain(line) if line.strip() else "" for line in text.split("\n")))


def _said(key: str) -> str:
    return escape(wording.say(f"report.{key}"))


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8").strip()


@cache
def _program() -> str:
    """The program that draws charts; no text of it ends the script that it stands in."""
    return charts.PROGRAM.read_text(encoding="utf-8").replace("</script", "<\\/script")
