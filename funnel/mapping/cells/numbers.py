"""Numbers in a column of text: `$45,000`, `1.234,56`, `45k`, `1 234,56 ₽`. Its decimal mark is decided once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping.cells import number_sql, placeholders
from funnel.mapping.cells.cells import HOPELESS_SHARE, Cells, Pattern, sampled
from funnel.mapping.cells.number_sql import GROUPING, Form

FIRST_CELLS = 1000
READABLE_SHARE = 0.5


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, and how it is read.

    `expression` gives a DOUBLE, or NULL where the cell is blank, a placeholder or unreadable; `unreadable` is a
    condition, true exactly for the last. `currency_expression` gives the currency that the cell itself names (VARCHAR,
    NULL for none). All speak of the column as raw."<column>". `currencies` are those named, most frequent first;
    `currency` is the only one, or None. A percentage keeps its figure: "12%" is 12. filled = parsed + placeholders +
    unreadable cells; blank cells are in none. `decimal` is "." or ","; `ambiguous`: every mark stands before three
    digits and nothing else tells, so it was taken for a thousands mark.
    """

    table: str
    column: str
    format: str
    decimal: str
    currency: str | None
    currencies: tuple[str, ...]
    expression: Query
    unreadable: Query
    currency_expression: Query
    filled: int
    parsed: int
    placeholders: int
    ambiguous: bool


def read_numbers(engine: Engine, table: str, column: str) -> NumberColumn | None:
    """How the column is read as numbers; None where under half of its filled cells, placeholders aside, can be read."""
    cells = Cells(engine, table, column)
    sample = sampled(cells)
    hopeful = sum(pattern.cells for pattern in sample if _form(pattern))
    if not sample or hopeful < HOPELESS_SHARE * sum(pattern.cells for pattern in sample):
        return None
    counted_forms = [(form, pattern.cells) for pattern in cells.patterns if (form := _form(pattern))]
    decimal, ambiguous = _decimal(counted_forms)
    currencies = Counter[str]()
    for form, count in counted_forms:
        if form.currency:
            currencies[form.currency] += count
    named = tuple(name for name, _ in currencies.most_common())
    return _read(cells, counted_forms, decimal, ambiguous, named)


def plain_counts(cell: str, prefix: str) -> Query:
    """Aggregates over the cells of a column: how many, those of digits and a point alone, and those with a point."""
    return Query(
        f"count({cell}) AS {prefix}cells, count(*) FILTER (WHERE regexp_full_match({cell}, ?)) AS {prefix}plain,"
        f" count(*) FILTER (WHERE contains({cell}, '.')) AS {prefix}pointed",
        (number_sql.PLAIN,),
    )


def proven(sample: NumberColumn | None, view: str, counts: Mapping[str, int]) -> NumberColumn | None:
    """The column of a whole table as `read_numbers` would read it, given how some of its lines are written and its `plain_counts` by name;
    None where those prove nothing."""
    if sample is None:
        return None
    # What a point means must be clear from these lines, where the column has any.
    clear = sample.decimal == "." and not sample.ambiguous and ("." in sample.format or not counts["pointed"])
    if counts["cells"] != counts["plain"] or not clear or sample.parsed != sample.filled or sample.currencies:
        return None
    return replace(sample, table=view, filled=counts["cells"], parsed=counts["cells"], placeholders=0)


def as_id(engine: Engine, table: str, column: str) -> Query:
    """An expression: the identifier as text, without blanks around it, NULL for none; it never passes through a number.

    Where every filled cell of the column ends in ".0" (a column of whole numbers with gaps, saved by a program that
    counts in fractions), that ending is dropped: "15.0" is 15.
    """
    cells = Cells(engine, table, column)
    text = placeholders.cleaned(cells.name)
    # Of most columns the first cells tell already that they are none of this.
    if _whole_fractions(cells, text, f" LIMIT {FIRST_CELLS}") and _whole_fractions(cells, text):
        return Query(f"regexp_replace({text.text}, ?, '')", (*text.values, r"\.0+$"))
    return text


def _whole_fractions(cells: Cells, text: Query, after: str = "") -> bool:
    """Whether there are ids among the cells, and each is a whole number written as a fraction."""
    inner = cells.select(f"{text.text} AS id", text.values, after=after)
    counts = "count(cells.id) AS filled, count(*) FILTER (WHERE regexp_full_match(cells.id, ?)) AS fractions"
    filled, fractions = cells.engine.row(
        Query(f"SELECT {counts} FROM (\n{inner.text}\n) AS cells", (r"\d+\.0+", *inner.values))
    )
    return bool(filled) and filled == fractions


def _read(
    cells: Cells, counted_forms: list[tuple[Form, int]], decimal: str, ambiguous: bool, currencies: tuple[str, ...]
) -> NumberColumn | None:
    forms = [form for form, _ in counted_forms]
    plain = Query(f"regexp_full_match({cells.name}, ?)", (number_sql.PLAIN,))
    total, simple = cells.counted("count(*) AS cells, count(*) FILTER (WHERE cells.plain) AS simple", {"plain": plain})
    no_groups = decimal == "." or not any("." in form.body for form, _ in counted_forms)
    if total == simple and no_groups:
        expression, counted = Query(f"TRY_CAST({cells.name} AS DOUBLE)"), (total, total, 0)
    else:
        expression = number_sql.strict(cells.name, decimal, forms)
        counted = _counted(cells, expression)
    filled, parsed, empty = counted
    if not parsed or parsed < READABLE_SHARE * (filled - empty):
        return None
    text = placeholders.cleaned(cells.name, typed=True)
    unreadable = Query(f"({expression.text} IS NULL AND {text.text} IS NOT NULL)", (*expression.values, *text.values))
    return NumberColumn(
        table=cells.table,
        column=cells.column,
        format=_example(counted_forms, decimal, currencies),
        decimal=decimal,
        currency=currencies[0] if len(currencies) == 1 else None,
        currencies=currencies,
        expression=expression,
        unreadable=unreadable if parsed + empty < filled else Query("false"),
        currency_expression=number_sql.currency(cells.name, forms) if currencies else Query("CAST(NULL AS VARCHAR)"),
        filled=filled,
        parsed=parsed,
        placeholders=empty,
        ambiguous=ambiguous,
    )


def _counted(cells: Cells, expression: Query) -> tuple[int, int, int]:
    """Filled cells, numbers, placeholders."""
    has_text, text = placeholders.filled(cells.name), placeholders.cleaned(cells.name, typed=True)
    filled, parsed, empty = cells.counted(
        "count(*) FILTER (WHERE cells.has_text) AS filled, count(cells.number) AS parsed,"
        " count(*) FILTER (WHERE cells.has_text AND cells.number IS NULL AND cells.real IS NULL) AS placeholders",
        {"has_text": has_text, "real": text, "number": expression},
    )
    return filled, parsed, empty


def _form(pattern: Pattern) -> Form | None:
    """The form of a pattern: the cells differ only in their digits, of which the last may be of another script."""
    first, last = (number_sql.form(text) for text in (pattern.first, pattern.last))
    return replace(first, foreign=first.foreign or last.foreign) if first and last else first


def _decimal(counted_forms: Iterable[tuple[Form, int]]) -> tuple[str, bool]:
    """The decimal mark of the column, and whether nothing but the habit of grouping by three speaks for it."""
    votes, open_marks, long_heads = Counter[str](), Counter[str](), 0
    for form, cells in counted_forms:
        mark, verdict = (".", ".") if form.arabic else _verdict(form.body)
        if verdict == "open":
            open_marks[mark] += cells
        elif verdict:
            votes[verdict] += cells
        elif len(form.body) > 3 and form.body.isdigit():
            long_heads += cells
    if votes:
        return (".", False) if votes["."] >= votes[","] else (",", False)
    if open_marks["."] and not open_marks[","]:
        # Who writes 1.500 for fifteen hundred does not write 2500 beside it.
        return (".", False) if long_heads else (",", True)
    return ".", bool(open_marks)


def _verdict(body: str) -> tuple[str, str]:
    """A mark of the body, and the decimal mark that it proves: "open" where it proves none, "" where there is none."""
    marks_used = [character for character in body if character in ".,"]
    if not marks_used:
        return "", ""
    last = marks_used[-1]
    other = "," if last == "." else "."
    if other in marks_used:
        return last, last if marks_used.count(last) == 1 else ""
    if len(marks_used) > 1:
        return last, other
    head, tail = body.split(last)
    three = len(tail) == 3 and tail.isdigit()
    grouped = any(blank in head for blank in GROUPING)
    if three and not grouped and 1 <= len(head) <= 3 and not head.startswith("0"):
        return last, "open"
    return last, last


def _example(counted_forms: list[tuple[Form, int]], decimal: str, currencies: tuple[str, ...]) -> str:
    """An example of how the column writes numbers: "$1,234.56"."""
    bodies = [form.body for form, _ in counted_forms]
    other = "," if decimal == "." else "."
    grouping = next((mark for mark in (other, *GROUPING) if any(mark in body for body in bodies)), "")
    text = f"1{grouping}234" + (f"{decimal}56" if any(decimal in body for body in bodies) else "")
    most = max(counted_forms, key=lambda pair: pair[1])[0]
    scale = max(((count, form.scale) for form, count in counted_forms if form.scale), default=(0, ""))[1]
    if any(form.percent for form, _ in counted_forms):
        return text + "%"
    sign = currencies[0] if len(currencies) == 1 else ""
    if not sign:
        return text + scale
    leading = most.leading if most.currency else any(form.leading for form, _ in counted_forms)
    gap = " " if sign.isalpha() or not leading else ""
    return f"{sign}{gap}{text}{scale}" if leading else f"{text}{scale}{gap}{sign}"
