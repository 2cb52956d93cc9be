"""Journeys under a question: which leads (or accounts) are in it, what each reached and when. Every measure starts here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.core.types import Between, Filters, OneOf, Question, Rule, Unit
from funnel.journeys import CORE_COLUMNS, RULES, Journeys, fate, is_reached

MICROSECONDS_A_DAY = 86_400_000_000
_OF_JOURNEYS = {*CORE_COLUMNS}


def in_question(journeys: Journeys, question: Question, extra: tuple[str, ...] = ()) -> list[Paragraph]:
    """Paragraphs that end in `counted`: a row for each lead (or account) that the question counts.

    Columns: lead_id, account_id, outcome, ended_at, started_at, started_local, and for each stage by the question's rule and window fate_i
    (see `journeys.FATES`; 0 where the lead does not count there), reached_i (whether it counts there: cheaper to ask than its fate),
    time_i (NULL where it does not, or where the moment is unknown) and recorded_i (whether that is the moment of an entry there; under
    `passed` it may be that of a later stage's); then the `extra` columns of the leads (of an account: of its first lead).
    """
    check(question)
    stages = len(question.model.stages)
    if question.filters.where:
        check_columns(journeys, table_of(journeys, question), question.filters)
    paragraphs = [
        *rows_of(journeys, question, "selected", extra),
        # The one date of a snapshot is of where the lead stands, and says nothing of the stages before it.
        Paragraph("placed", _by_rule(question, stages, extra, own_times_only=journeys.start_from_created)),
    ]
    last = "placed"
    if question.unit is Unit.ACCOUNT:
        paragraphs += _by_account(question, stages, extra)
        last = "accounts"
    return [*paragraphs, *within_dates(journeys, question, last, "counted")]


def deepest(journeys: Journeys, question: Question) -> Query:
    """lead_id and the deepest stage where the question counts the lead (NULL: at none); its dates and unit are not looked at."""
    of_leads = replace(
        question, unit=Unit.LEAD, quorum=1, filters=replace(question.filters, start_from=None, start_to=None)
    )
    stages = " ".join(
        f"WHEN counted.reached_{position} THEN {position}" for position in reversed(range(len(of_leads.model.stages)))
    )
    select = f"SELECT counted.lead_id AS lead_id, CASE {stages} END AS stage\nFROM counted"
    return compose(in_question(journeys, of_leads), Query(select))


def rows_of(journeys: Journeys, question: Question, name: str, columns: tuple[str, ...]) -> list[Paragraph]:
    """Paragraphs that end in `name`: the journeys whose columns meet the question's filters, with these `columns` of the leads, and with
    a window the columns of `Journeys.within`; dates of start are not looked at."""
    rows = selected(table_of(journeys, question, columns), question.filters)
    if question.window_days is None:
        return [Paragraph(name, rows)]
    within = journeys.within(
        question.model, question.rule, question.entry, question.window_days, source="whole", name=name
    )
    return [Paragraph("whole", rows), *within]


def table_of(journeys: Journeys, question: Question, columns: tuple[str, ...] | None = None) -> str:
    """The journeys table that answers a question, with the values of leads that it looks at: those of the question's filters and of
    these `columns` (None: of all)."""
    needed = None if columns is None else {*columns, *(condition.column for condition in question.filters.where)}
    if needed is None or needed - _OF_JOURNEYS or journeys.starts.columns or journeys.starts.unknown:
        table = journeys.table(question.model, question.entry, question.window_days, question.rule)
    else:
        table = journeys.own(question.model, question.entry, question.window_days, question.rule)
    return journeys.starts.seen(table, question.attributes)


def check(question: Question) -> None:
    """Raise a sentence where the question cannot be asked."""
    if question.window_days is not None and question.window_days < 0:
        raise QuestionError("errors.window", days=question.window_days)
    if question.quorum is not None and question.quorum < 1:
        raise QuestionError("errors.quorum", leads=question.quorum)
    start, end = question.filters.start_from, question.filters.start_to
    if start and end and start > end:
        raise QuestionError("errors.date_range", start=start, end=end)
    if not question.model.stages:
        raise QuestionError("errors.no_stages", model=question.model.name)


def check_columns(journeys: Journeys, table: str, filters: Filters) -> None:
    """Raise a sentence where a filter names a column that the leads do not have, or whose value at the start is not known."""
    known_columns = {name.casefold() for name, _ in journeys.engine.columns(table)}
    for condition in filters.where:
        if condition.column.casefold() not in known_columns:
            if condition.column in journeys.starts.unknown:
                raise QuestionError("errors.unknown_at_start", column=condition.column)
            accepted = ", ".join(name for name, _ in journeys.engine.columns("leads"))
            raise QuestionError("errors.unknown_column", column=condition.column, accepted=accepted)


def selected(table: str, filters: Filters) -> Query:
    """The rows of a journeys table (or of `leads`) whose columns meet the filters; dates of start are not looked at."""
    conditions: list[str] = []
    values: list[object] = []
    for condition in filters.where:
        met = meets(condition, f"source.{identifier(condition.column)}")
        conditions.append(met.text)
        values += met.values
    where = "\nWHERE " + "\n    AND ".join(conditions) if conditions else ""
    return Query(f"SELECT source.*\nFROM {identifier(table)} AS source{where}", tuple(values))


def meets(condition: OneOf | Between, column: str) -> Query:
    """Whether a column, as SQL, meets a condition."""
    text, values = _one_of(column, condition) if isinstance(condition, OneOf) else _between(column, condition)
    return Query(text, tuple(values))


def within_dates(journeys: Journeys, question: Question, source: str, name: str) -> list[Paragraph]:
    """Paragraphs that end in `name`: the rows of `source` whose start lies in the question's dates, both ends included; of a
    question that is `dated_by` another model, those whose start in that model does. Without dates, undated rows stay."""
    filters = question.filters
    if question.dated_by is None or (filters.start_from is None and filters.start_to is None):
        return [Paragraph(name, _started_within(source, filters))]
    unit = id_of(question)
    within = f"SELECT {source}.*\nFROM {source}\nWHERE {source}.{unit} IN (SELECT started.{unit} FROM started)"
    return [
        *started_by(journeys, question),
        Paragraph("started", _started_within("first_start", filters)),
        Paragraph(name, Query(within)),
    ]


def started_by(journeys: Journeys, question: Question) -> list[Paragraph]:
    """Paragraphs that end in `first_start`: lead_id (or account_id), started_at and started_local, when each started in the model that
    the question is `dated_by`."""
    dated_by = replace(question, model=question.dated_by or question.model)
    unit = id_of(question)
    starts = f"""SELECT every_start.{unit} AS {unit}, MIN(every_start.started_at) AS started_at,
    ARG_MIN(every_start.started_local, ROW(every_start.started_at, every_start.lead_id)) AS started_local
FROM every_start
GROUP BY every_start.{unit}"""
    return [
        Paragraph("every_start", selected(table_of(journeys, dated_by, ()), question.filters)),
        Paragraph("first_start", Query(starts)),
    ]


def id_of(question: Question) -> str:
    """The column that names what the question counts."""
    return "account_id" if question.unit is Unit.ACCOUNT else "lead_id"


def _started_within(source: str, filters: Filters) -> Query:
    conditions, values = [], []
    if filters.start_from is not None:
        conditions.append(f"{source}.started_local >= ?")
        values.append(filters.start_from)
    if filters.start_to is not None:
        conditions.append(f"{source}.started_local < ?")
        values.append(filters.start_to + timedelta(days=1))
    where = "\nWHERE " + " AND ".join(conditions) if conditions else ""
    return Query(f"SELECT {source}.*\nFROM {source}{where}", tuple(values))


def fates(question: Question, row: str, rule: Rule | None = None) -> list[str]:
    """For each stage, the SQL expression of a journey's fate there under the question's rule (or another) and window.

    Without a window the fates stand in the journeys table, so that nothing is worked out again.
    """
    rule = rule or question.rule
    stages = len(question.model.stages)
    if question.window_days is None:
        return [f"{row}.{RULES[rule].column}_fate_{position}" for position in range(stages)]
    return [fate(row, rule, position, stages, question.window_days) for position in range(stages)]


def reached(question: Question, row: str, rule: Rule | None = None) -> list[str]:
    """For each stage, the SQL expression of whether a journey counts there under the question's rule (or another) and window."""
    rule = rule or question.rule
    return [is_reached(row, rule, position, question.window_days) for position in range(len(question.model.stages))]


def _by_rule(question: Question, stages: int, extra: tuple[str, ...], own_times_only: bool) -> Query:
    positions = range(stages)
    columns = [f"selected.{column} AS {column}" for column in (*_SHARED, *map(identifier, extra))]
    came_after = fates(question, "selected")
    columns += [f"{expression} AS fate_{position}" for position, expression in enumerate(came_after)]
    counts = reached(question, "selected")
    if question.window_days is not None:
        counts = [f"selected.reached_{position}" for position in positions]
    columns += [f"{expression} AS reached_{position}" for position, expression in enumerate(counts)]
    rule = RULES[question.rule]
    for position in positions:
        conditions = []
        if question.window_days is not None:
            conditions.append(counts[position])
        if own_times_only:
            conditions.append(f"selected.seen_{position}")
        time = f"selected.{rule.column}_{position}"
        columns.append(
            f"CASE WHEN {' AND '.join(conditions)} THEN {time} END AS time_{position}"
            if conditions
            else f"{time} AS time_{position}"
        )
        columns.append(f"{rule.recorded('selected', position)} AS recorded_{position}")
    if question.unit is Unit.ACCOUNT:
        windowed = "" if question.window_days is None else "window_"
        columns += ["selected.last_stage AS last_stage"]
        columns += [
            f"selected.{name}_{position} AS {name}_{position}" for name in ("seen", "first") for position in positions
        ]
        columns += [f"selected.{windowed}last_{position} AS last_{position}" for position in positions]
        if windowed:
            columns += ["selected.window_outcome AS window_outcome", "selected.window_stage AS window_stage"]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM selected")


_FIRST = "ROW(placed.started_at, placed.lead_id)"
"""What orders the leads of an account: of those that started at one moment, the lower id is the first."""
_SHARED = ("lead_id", "account_id", "outcome", "ended_at", "started_at", "started_local")


def _by_account(question: Question, stages: int, extra: tuple[str, ...]) -> list[Paragraph]:
    """A row for each account. It reaches a stage when its first (second, …, every) lead does, and starts with its first lead.
    It is won when one of its leads is, else open while one is, else lost. Leads without an account are left out."""
    quorum = question.quorum
    columns = [
        f"ARG_MIN(placed.lead_id, {_FIRST}) AS lead_id",
        "placed.account_id AS account_id",
        _together("outcome"),
        "CASE WHEN BOOL_OR(placed.outcome = 'won') THEN MIN(CASE WHEN placed.outcome = 'won' THEN placed.ended_at END)"
        " WHEN BOOL_OR(placed.outcome = 'open') THEN NULL ELSE MAX(placed.ended_at) END AS ended_at",
        "MIN(placed.started_at) AS started_at",
        f"ARG_MIN(placed.started_local, {_FIRST}) AS started_local",
        _standing("outcome", "last_stage"),
    ]
    if question.window_days is not None:
        columns += [_together("window_outcome"), _standing("window_outcome", "window_stage")]
    for position in range(stages):
        here = f"placed.reached_{position}"
        many = f"COUNT(*) FILTER (WHERE {here})"
        if quorum == 1:
            counts, moment = f"BOOL_OR({here})", "MIN({time})"
        elif quorum is None:
            counts = f"BOOL_AND({here})"
            moment = f"CASE WHEN BOOL_AND({here}) THEN MAX({{time}}) END"
        else:
            counts = f"{many} >= {int(quorum)}"
            moment = f"LIST({{time}} ORDER BY {{time}} NULLS LAST)[{int(quorum)}]"
        time = f"placed.time_{position}"
        own = f"CASE WHEN placed.recorded_{position} THEN {time} END"
        arrived, recorded = moment.format(time=time), moment.format(time=own)
        columns += [
            f"BOOL_OR(placed.seen_{position}) AS seen_{position}",
            f"MIN(placed.first_{position}) AS first_{position}",
            f"MAX(placed.last_{position}) AS last_{position}",
            f"{counts} AS reached_{position}",
            f"{arrived} AS time_{position}",
            f"COALESCE({recorded} = {arrived}, FALSE) AS recorded_{position}",
        ]
    columns += [f"ARG_MIN_NULL(placed.{identifier(c)}, {_FIRST}) AS {identifier(c)}" for c in extra]
    grouped = (
        "SELECT\n    "
        + ",\n    ".join(columns)
        + "\nFROM placed\nWHERE placed.account_id IS NOT NULL\nGROUP BY placed.account_id"
    )
    each = [
        f"{fate('gathered', question.rule, position, stages, question.window_days, ready=True)} AS fate_{position}"
        for position in range(stages)
    ]
    return [
        Paragraph("gathered", Query(grouped)),
        Paragraph("accounts", Query("SELECT\n    gathered.*,\n    " + ",\n    ".join(each) + "\nFROM gathered")),
    ]


def _together(outcome: str) -> str:
    """The outcome of an account, from a column of those of its leads."""
    return (
        f"CASE WHEN BOOL_OR(placed.{outcome} = 'won') THEN 'won'"
        f" WHEN BOOL_OR(placed.{outcome} = 'open') THEN 'open' ELSE 'lost' END AS {outcome}"
    )


def _standing(outcome: str, stage: str) -> str:
    """The furthest stage at which an account stands: that of its open leads, where it has any."""
    return f"COALESCE(MAX(CASE WHEN placed.{outcome} = 'open' THEN placed.{stage} END), MAX(placed.{stage})) AS {stage}"


def _one_of(column: str, condition: OneOf) -> tuple[str, list[object]]:
    by_form: dict[str, list[object]] = {}
    for value in condition.values:
        if value is not None:
            by_form.setdefault(_form(column, value), []).append(value)
    parts = [f"{form} IN ({marks(wanted)})" for form, wanted in by_form.items()]
    if None in condition.values:
        parts.append(f"{column} IS NULL")
    return f"({' OR '.join(parts) or 'FALSE'})", [value for wanted in by_form.values() for value in wanted]


def _between(column: str, condition: Between) -> tuple[str, list[object]]:
    sides = [(">=", condition.low), ("<=", condition.high)]
    bounds = [(f"{_form(column, bound)} {sign} ?", bound) for sign, bound in sides if bound is not None]
    return " AND ".join(text for text, _ in bounds) or "TRUE", [bound for _, bound in bounds]


def _form(column: str, value: object) -> str:
    """As what a column is compared with a value: 5 is met by 5.0, and a day by each of its moments."""
    if isinstance(value, str):
        return f"CAST({column} AS VARCHAR)"
    kind = "TIMESTAMP" if isinstance(value, datetime) else "DATE" if isinstance(value, date) else "DOUBLE"
    return f"TRY_CAST({column} AS {kind})"
