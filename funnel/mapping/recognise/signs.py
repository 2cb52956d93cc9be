"""What the other columns of a table say of its labels, where their text leaves open what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.sql import Query, identifier
from funnel.core.types import WON_CONCEPT, Shape
from funnel.mapping import grammar
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.headers import words
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import header_means, is_flag, outcome_values, says_yes
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.template import among, chosen, fill, listed, raw_cell
from funnel.mapping.types import LabelSigns, Source
from funnel.mapping.votes import is_open

MOST_LABELS = 200
CONVERTED = {"converted", "conversion"}
"""Of a lead this says that it became an opportunity, or a customer: which, it does not say."""


def label_signs(
    facts: Mapping[str, Facts], sources: Sequence[tuple[Source, Table]], typed: Typed
) -> tuple[LabelSigns, ...]:
    """The signs of each source with a column of labels or a flag of wins, but for change logs, whose labels are values of a field."""
    signs = []
    for source, table in sources:
        if source.shape is Shape.CHANGES:
            continue
        label = source.parts.get("label")
        texts = facts[source.view].texts(table.by_name[label]) if label is not None else ()
        open_texts = [text for text in texts if is_open(text)]
        flagged = _flagged(facts[source.view], source, table, typed, texts)
        if texts or flagged:
            shares = _shares(facts[source.view], source, table, typed, open_texts) if open_texts else {}
            signs.append(LabelSigns(source.view, texts, shares, flagged))
    return tuple(signs)


def converted_only(sources: Sequence[tuple[Source, Table]]) -> set[str]:
    """The views whose outcome column only says that a lead was converted, where another label surely says what was won."""
    sure = any(
        label_concepts.end(text) == "won"
        for source, table in sources
        if "label" in source.parts
        for text in table.by_name[source.parts["label"]].values
    )
    return {
        source.view
        for source, _ in sources
        if sure and "outcome" in source.parts and set(words(source.parts["outcome"])) & CONVERTED
    }


def _shares(
    facts: Facts, source: Source, table: Table, typed: Typed, texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """For each label, the share of its lines that each sign holds for; a sign that holds for no line of the table says nothing."""
    signs = _signs(source, table, typed)
    if not signs:
        return {text: {} for text in texts}
    label = cleaned(raw_cell(source.parts["label"]))
    shares = [
        fill("AVG(CAST(COALESCE({condition}, FALSE) AS INTEGER)) AS {name}", condition=condition, name=name)
        for name, condition in signs.items()
    ]
    query = fill(
        "SELECT {label} AS label, {shares} FROM {view} AS raw GROUP BY 1 LIMIT {most}",
        label=label,
        shares=listed([*shares, Query("COUNT(*) AS lines")]),
        view=identifier(source.view),
        most=str(MOST_LABELS + 1),
    )
    rows = [row for row in facts.engine.rows(query) if row[0] is not None]
    met = {name for column, name in enumerate(signs, 1) if any(row[column] for row in rows)}
    return {
        row[0]: {name: float(row[column]) for column, name in enumerate(signs, 1) if name in met}
        for row in rows
        if row[0] in texts
    }


def _flagged(facts: Facts, source: Source, table: Table, typed: Typed, texts: Sequence[str]) -> dict[str, float]:
    """Of each label and date of a list that means a win, the share of its lines on which the outcome column says yes; none where that
    is no column of yes and no, or nothing is to be told apart."""
    flag = table.by_name[source.parts["outcome"]] if "outcome" in source.parts else None
    if flag is None or source.is_log or not is_flag(flag) or header_means(flag.name) != "won":
        return {}
    if set(words(flag.name)) & CONVERTED:
        return {}
    at = {text: among(cleaned(raw_cell(source.parts["label"])), [text]) for text in texts if _wins(text)}
    for stage in source.stage_dates:
        date_column = typed.date(source.view, stage.column) if not stage.made and _wins(stage.label) else None
        if date_column is not None:
            at.setdefault(stage.label, fill("{moment} IS NOT NULL", moment=date_column.expression))
    if len(at) < 2:
        return {}
    yes = says_yes(cleaned(raw_cell(flag.name)))
    shares = [
        fill(
            "AVG(CAST(COALESCE({yes}, FALSE) AS INTEGER)) FILTER (WHERE {at}) AS s{n}", yes=yes, at=each, n=str(number)
        )
        for number, each in enumerate(at.values())
    ]
    row = facts.engine.row(
        fill("SELECT {shares} FROM {view} AS raw", shares=listed(shares), view=identifier(source.view))
    )
    return {text: float(share) for text, share in zip(at, row, strict=True) if share is not None}


def _wins(text: str) -> bool:
    return label_concepts.guess(text)[0] == WON_CONCEPT


def _signs(source: Source, table: Table, typed: Typed) -> dict[str, Query]:
    """What says how leads ended, apart from the label: its name → a condition over a line."""
    conditions: dict[str, Query] = {}
    ends = {each.column: end for each in source.stage_dates if (end := label_concepts.end(each.label)) is not None}
    # A date under the name of a win may be of a step before it ("Order date", then "Is signed"): what is said of the end comes first.
    told = sorted(table.columns, key=lambda column: (column.name != source.parts.get("outcome"), column.name in ends))
    for column in told:
        if column.name in (source.parts.get("label"), source.parts.get("lead")) or not column.filled:
            continue
        parts = set(grammar.tokens(column.name)) | set(words(column.name))
        cell = cleaned(raw_cell(column.name))
        if is_flag(column):
            if header_means(column.name) == "won" and not set(words(column.name)) & CONVERTED:
                conditions.setdefault("won", says_yes(cell))
            elif parts & (grammar.events("closed") - {"won", "lost", "converted", "conversion"}):
                conditions.setdefault("closed", says_yes(cell))
        elif column.name in ends:
            date_column = typed.date(source.view, column.name)
            if date_column is not None:
                conditions.setdefault(ends[column.name], fill("{moment} IS NOT NULL", moment=date_column.expression))
        elif column.name == source.parts.get("outcome"):
            _outcome_signs(column, cell, conditions)
        elif parts & grammar.words_of("reasons"):
            conditions.setdefault("reason", fill("{cell} IS NOT NULL", cell=cell))
        elif parts & grammar.words_of("chances") and column.numbers >= 0.9:
            most = max((_number(value) for value in column.values), default=0.0)
            number = fill("TRY_CAST(replace({cell}, '%', '') AS DOUBLE)", cell=cell)
            if most in (1.0, 100.0):
                conditions.setdefault("certain", fill("{number} >= {most}", number=number, most=str(most)))
    closed = source.parts.get("closed")
    date_column = typed.date(source.view, closed) if closed is not None else None
    if date_column is not None:
        conditions["dated"] = fill("{moment} IS NOT NULL", moment=date_column.expression)
    return conditions


def _outcome_signs(column: Column, cell: Query, conditions: dict[str, Query]) -> None:
    outcomes = outcome_values(column.name, column.values) or {}
    for end in ("won", "lost"):
        values = [(value, True) for value, outcome in outcomes.items() if outcome == end]
        if values:
            cases = chosen("told.value", values, Query("FALSE"))
            conditions.setdefault(
                end, fill("(SELECT {cases} FROM (SELECT {cell} AS value) AS told)", cases=cases, cell=cell)
            )


def _number(text: str) -> float:
    try:
        return float(text.strip().rstrip("%"))
    except ValueError:
        return 0.0
