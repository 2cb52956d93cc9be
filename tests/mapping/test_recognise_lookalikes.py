"""Columns that look like what they are not, beside the one that is meant: each was once read wrong without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.core.errors import FunnelError
from funnel.core.types import Shape
from tests.mapped import AS_OF, Mapped, mapped, written

STAGES = ("Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost")


def day(number: int) -> str:
    """The day so many days after the first of March 2024."""
    return (date(2024, 3, 1) + timedelta(days=number)).isoformat()


def text(header: str, rows: Sequence[Sequence[object]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    "header",
    [
        "orig_close_date",
        "Original Close Date",
        "Revised closing date",
        "close_month",
        "Close quarter",
        "Fecha de cierre real",
        "Data de fechamento original",
        "Ursprüngliches Abschlussdatum",
    ],
)
def test_one_more_closing_date_is_no_stage(tmp_path: Path, header: str) -> None:
    """Ten leads at each of five stages, each line with a second closing date: still ten at each, not fifty in negotiation."""
    rows = [[f"D{row}", STAGES[row % 5], day(row), day(row + 40), day(row + 30)] for row in range(50)]
    with mapped(*written(tmp_path, deals=text(f"deal_id,stage,created_date,close_date,{header}", rows))) as found:
        assert found.loaded.columns["closed"] == "close_date"
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(STAGES, 10)


def test_a_month_of_closing_alone_is_no_stage_either(tmp_path: Path) -> None:
    rows = [[f"D{row}", ("won", "lost")[row % 2], f"2024-{row % 12 + 1:02}"] for row in range(24)]
    with mapped(*written(tmp_path, deals=text("id,outcome,close_month", rows))) as found:
        assert {label.label: label.leads for label in found.loaded.labels} == {"won": 12, "lost": 12}


@pytest.mark.parametrize("beside", ["account_revenue", "account_value", "avg_unit_price", "Average order value"])
def test_what_an_account_is_worth_and_an_average_are_not_the_amount(tmp_path: Path, beside: str) -> None:
    rows = [[f"D{row}", STAGES[row % 5], day(row), 7_000_000 + row, 100 + row] for row in range(20)]
    content = text(f"deal_id,stage,created_date,{beside},arr", rows)
    with mapped(*written(tmp_path, deals=content)) as found:
        assert found.loaded.columns["amount"] == "arr"


@pytest.mark.parametrize("header", ["account_revenue", "avg_unit_price"])
def test_where_nothing_else_is_an_amount_there_is_none(tmp_path: Path, header: str) -> None:
    rows = [[f"D{row}", STAGES[row % 5], day(row), 7_000_000 + row] for row in range(20)]
    with mapped(*written(tmp_path, deals=text(f"deal_id,stage,created_date,{header}", rows))) as found:
        assert "amount" not in found.loaded.columns


@pytest.mark.parametrize(
    "header", ["Next_Best_Action__c", "Planned action", "Next step", "Следующий шаг", "Próximo paso"]
)
def test_what_is_to_be_done_next_is_no_stage(tmp_path: Path, header: str) -> None:
    actions = ("Schedule a demo", "Send proposal", "Contacted", "Put into nurture")
    rows = [[f"00Q{row:05}", actions[row % 4], day(row)] for row in range(40)]
    [path] = written(tmp_path, leads=text(f"Id,{header},Scored_At", rows))
    with pytest.raises(FunnelError) as refused, funnel.open(path, as_of=AS_OF):
        pass
    assert header in str(refused.value)


@pytest.mark.parametrize(
    ("header", "won", "lost"),
    [("Resultado", "Fechado", "Não fechado"), ("Resultado", "Cerrado ganado", "No cerrado")],
)
def test_a_label_that_says_not_closed_is_a_label(tmp_path: Path, header: str, won: str, lost: str) -> None:
    rows = [[f"OPP-{row:04}", (won, lost)[row % 2], day(row)] for row in range(20)]
    with mapped(*written(tmp_path, oportunidades=text(f"ID Oportunidade,{header},Data", rows))) as found:
        assert {label.label: label.leads for label in found.loaded.labels} == {won: 10, lost: 10}
        assert len(found.entries()) == 20


def test_not_closed_in_a_column_of_dates_is_still_nothing(tmp_path: Path) -> None:
    stages, header = ("В работе", "Успешно реализовано"), "ID,Этап сделки,Дата создания,Дата закрытия"
    rows = [[row, stages[row % 2], day(row), "не закрыта" if row % 2 == 0 else day(row + 9)] for row in range(20)]
    with mapped(*written(tmp_path, deals=text(header, rows))) as found:
        assert found.loaded.columns["closed"] == "Дата закрытия"
        assert found.rejects() == []
        assert found.concepts()["Успешно реализовано"] == "won"


def test_a_list_of_a_few_deals_each_at_another_stage_is_no_log(tmp_path: Path) -> None:
    """`STAGE_ID` says which stage, and numbers no event: three lines of one owner are three deals."""
    header = (
        "ID,TITLE,STAGE_ID,CURRENCY_ID,OPPORTUNITY,COMPANY_ID,TYPE_ID,DATE_CREATE,CLOSEDATE,ASSIGNED_BY_ID,MODIFY_BY_ID"
    )
    stages = ("NEW", "EXECUTING", "FINAL_INVOICE")
    rows = [
        [
            2 * row + 1,
            f"Deal {row}",
            stages[row],
            "RUB",
            100 * row + 100,
            0,
            "SALE",
            f"{day(row)} 09:00:00",
            day(row + 7),
            1,
            1,
        ]
        for row in range(3)
    ]
    with mapped(*written(tmp_path, deals=text(header, rows))) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.loaded.columns["lead"] == "ID"
        assert found.loaded.leads == 3


@pytest.mark.parametrize("header", ["last_stage_change_at", "Last Stage Changed At", "last_status_change_date"])
def test_the_last_change_of_the_stage_dates_it(tmp_path: Path, header: str) -> None:
    rows = [[f"O{row:02}", STAGES[row % 5], day(row), day(row + 10)] for row in range(20)]
    with mapped(*written(tmp_path, deals=text(f"opportunity_id,stage_name,created_at,{header}", rows))) as found:
        assert found.loaded.columns["changed"] == header
        assert ("O03", "Closed Won", day(13)) in found.entries()


def test_the_step_that_a_log_goes_to_next_is_a_label_all_the_same(tmp_path: Path) -> None:
    path = ("New", "Qualified", "Proposal", "Closed Won")
    rows = [[f"L{lead:02}", path[at], path[at + 1], day(lead + 5 * at)] for lead in range(20) for at in range(3)]
    with mapped(*written(tmp_path, log=text("lead_id,previous_step,next_step,changed_at", rows))) as found:
        assert found.loaded.columns["label"] == "next_step"
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(path[1:], 20)


def test_when_a_lead_was_first_seen_is_when_it_came_and_last_seen_is_not(tmp_path: Path) -> None:
    """Some leads have no first day, some write it otherwise, and one names no year: that cell alone cannot be read."""
    forms = ("2026-01-04", "23/01/2026", "2026-02-19", "", "18/12/2025")
    rows = [[f"L{row:03}", STAGES[row % 5], forms[row % 5], day(row)] for row in range(30)]
    rows.append(["L030", "Proposal", "Dec 31", day(30)])
    with mapped(*written(tmp_path, leads=text("lead_id,stage,first_seen_date,last_seen_date", rows))) as found:
        assert found.loaded.columns["created"] == "first_seen_date"
        assert str(found.leads()["L001"]["created_at"]) == "2026-01-23 00:00:00"
        assert [value for _, _, value, _, _ in found.rejects()] == ["Dec 31"]


@pytest.mark.parametrize("header", ["id,is_won,is_lost,created_at,amount", "id,Is Lost,Won,created_at,amount"])
@pytest.mark.parametrize("yes", ["true", "1", "Yes", "TRUE"])
def test_won_and_lost_as_two_columns_of_yes_and_no(tmp_path: Path, header: str, yes: str) -> None:
    """Of forty leads ten were won and eight lost; two say both, and count as won."""
    no = {"true": "false", "1": "0", "Yes": "No", "TRUE": "FALSE"}[yes]
    rows = []
    for row in range(40):
        said = {"won": row < 10, "lost": row < 2 or 10 <= row < 18}
        pair = [yes if said[name] else no for name in ("won", "lost")]
        rows.append([f"D{row}", *(pair if "is_won" in header else pair[::-1]), day(row), 100 + row])
    with mapped(*written(tmp_path, deals=text(header, rows))) as found:
        said = Counter(lead["outcome_said"] for lead in found.leads().values())
        assert said == {"won": 10, "lost": 8, None: 22}
        assert {label.label: label.leads for label in found.loaded.labels if label.concept != "lead"} == {
            "Won": 10,
            "Lost": 8,
        }
        assert found.warnings()["won_and_lost"].values == {"n": 2}


def test_a_stage_beside_both_columns_of_yes_and_no(tmp_path: Path) -> None:
    rows = [[f"D{row}", STAGES[row % 3], day(row), int(row % 5 == 0), int(row % 5 == 1)] for row in range(30)]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,won,lost", rows))) as found:
        assert Counter(lead["outcome_said"] for lead in found.leads().values()) == {"won": 6, "lost": 6, None: 18}
        assert "won_and_lost" not in found.warnings()


def test_a_column_of_lost_alone_says_who_was_lost(tmp_path: Path) -> None:
    rows = [[f"D{row}", STAGES[row % 4], day(row), ("no", "yes")[row % 5 == 1]] for row in range(40)]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,is_lost", rows))) as found:
        assert Counter(lead["outcome_said"] for lead in found.leads().values()) == {"lost": 8, None: 32}


def ends_of(found: Mapped) -> Counter[object]:
    return Counter(lead["outcome_said"] for lead in found.leads().values())


@pytest.mark.parametrize(
    "header", ["lost reason", "Loss Reason", "closed_lost_reason", "Причина отказа", "Reason Lost"]
)
def test_where_only_a_reason_says_who_was_lost_it_is_believed(tmp_path: Path, header: str) -> None:
    rows = [[f"D{row}", STAGES[row % 3], day(row), ("", "Price", "N/A", "No budget")[row % 4]] for row in range(48)]
    with mapped(*written(tmp_path, deals=text(f"id,stage,created_at,{header}", rows))) as found:
        assert ends_of(found) == {"lost": 24, None: 24}
        assert found.warnings()["lost_by_reason"].values == {"n": 24}


def test_a_reason_left_from_before_loses_no_deal_that_was_won_and_none_where_a_stage_says_lost(tmp_path: Path) -> None:
    stages = (*STAGES[:3], "Closed Won")
    rows = [[f"D{row}", stages[row % 4], day(row), "Price" if row % 2 else ""] for row in range(48)]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,lost reason", rows))) as found:
        assert ends_of(found) == {"lost": 12, None: 36}
    rows = [[f"D{row}", STAGES[row % 5], day(row), "Price" if row % 2 else ""] for row in range(50)]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,lost reason", rows))) as found:
        assert ends_of(found) == {None: 50}


def test_closed_beside_a_day_of_winning_and_one_of_losing_is_where_both_end(tmp_path: Path) -> None:
    """Sixteen leads are closed: eight have a day on which they were won, eight one on which they were lost."""
    rows = []
    for row in range(48):
        closed, won = row % 3 == 2, row % 2 == 1
        ends = [day(row + 20) if closed and won else "", day(row + 25) if closed and not won else ""]
        rows.append([f"D{row}", ("Discovery", "Proposal", "Closed")[row % 3], day(row), *ends])
    [path] = written(tmp_path, deals=text("id,stage,created,won_date,lost_date", rows))
    with funnel.open(path, as_of=AS_OF) as found:
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.leads, steps.won, steps.lost, steps.open) == (48, 8, 8, 32)
    rows = [
        [f"D{row}", ("Open", "Closed", "Closed")[row % 3], ("", "Won", "Lost")[row % 3], day(row)] for row in range(45)
    ]
    [path] = written(tmp_path, deals=text("id,status,result,created", rows))
    with funnel.open(path, as_of=AS_OF) as found:
        assert found.concepts["Closed"] == "unplaced"
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.won, steps.lost, steps.open) == (15, 15, 15)


@pytest.mark.parametrize(
    ("header", "told"), [("IsDeleted", True), ("is_deleted", True), ("Deleted", True), ("deleted by", False)]
)
def test_what_the_crm_has_deleted_is_said(tmp_path: Path, header: str, told: bool) -> None:
    rows = [[f"D{row}", STAGES[row % 5], day(row), ("false", "true")[row % 8 == 0]] for row in range(40)]
    with mapped(*written(tmp_path, deals=text(f"id,stage,created_at,{header}", rows))) as found:
        assert found.loaded.leads == 40
        assert {key: note.values for key, note in found.warnings().items() if key == "deleted"} == (
            {"deleted": {"n": 5}} if told else {}
        )


def leads_at(found: Mapped) -> dict[str, int]:
    return {label.label: label.leads for label in found.loaded.labels}


def said(found: Mapped) -> set[str]:
    return {note.key.removeprefix("mapping.") for note in found.loaded.warnings}


def test_a_month_of_closing_that_is_left_out_is_said(tmp_path: Path) -> None:
    rows = [[f"D{row}", ("won", "lost")[row % 2], day(row), f"2024-{row % 12 + 1:02}"] for row in range(24)]
    with mapped(*written(tmp_path, deals=text("id,outcome,created,close_month", rows))) as found:
        assert "month_of_closing" in said(found)
    dated = [[*row, day(60)] for row in rows]
    with mapped(*written(tmp_path, deals=text("id,outcome,created,close_month,closed", dated))) as found:
        assert "month_of_closing" not in said(found)


def test_a_lead_made_and_closed_in_a_month_is_not_closed_before_it_was_made(tmp_path: Path) -> None:
    """Closed in March, without a day: a deal made on the 13th of March was closed no earlier; one made in April was."""
    rows = [
        ["A", "Won", "2024-03-13", "Mar 2024"],
        ["B", "Lost", "2024-01-14", "Apr 2024"],
        ["C", "Won", "2024-05-14", "Apr 2024"],
    ]
    with mapped(*written(tmp_path, deals=text("Deal,Stage,Created,Close Date", rows))) as found:
        assert found.leads()["A"]["closed_at"] == found.leads()["A"]["created_at"]
        [note] = [note for note in found.loaded.warnings if note.key == "mapping.closed_before_created"]
        assert note.values == {"n": 1}


def test_stages_of_bitrix_by_their_codes_and_what_they_come_to(tmp_path: Path) -> None:
    """A stage that a firm made itself has a code without meaning; the letter beside it says success, failure or process."""
    codes = [("WON", "S"), ("C2:WON", "S"), ("UC_4RT9", "F"), ("EXECUTING", "P"), ("C2:NEW", "P"), ("UC_7", "P")]
    rows = [[row, code, letter, 100 * row, day(row), day(row + 9)] for row, (code, letter) in enumerate(codes, 1)]
    header = "ID,STAGE_ID,STAGE_SEMANTIC_ID,OPPORTUNITY,DATE_CREATE,CLOSEDATE"
    with mapped(*written(tmp_path, deals=text(header, rows))) as found:
        assert found.loaded.columns["outcome"] == "STAGE_SEMANTIC_ID"
        outcomes = [found.leads()[str(row)]["outcome_said"] for row in range(1, 7)]
        assert outcomes == ["won", "won", "lost", "open", "open", "open"]
        closed = {lead for lead, row in found.leads().items() if row["closed_at"] is not None}
        assert closed == {"1", "2", "3"}


def test_money_of_a_company_is_no_account_and_a_deal_in_dollars_no_id(tmp_path: Path) -> None:
    rows = [[f"D{row}", STAGES[row % 5], day(row), 100 + row, 100 + row] for row in range(20)]
    with mapped(
        *written(tmp_path, deals=text("Deal ID,Stage,Created,Amount,Amount in company currency", rows))
    ) as found:
        assert "account" not in found.loaded.columns
    with mapped(*written(tmp_path, deals=text("Lead,Stage,Created,Deal $,Deal €", rows))) as found:
        assert found.loaded.columns["lead"] == "Lead"


def test_the_day_of_closing_beside_those_of_winning_and_losing_is_no_win(tmp_path: Path) -> None:
    """Ten deals, five won and five lost, each with the day of both ends once more."""
    rows = [
        [row, "Proposal", day(row), "" if row % 2 else day(50 + row), day(50 + row) if row % 2 else "", day(50 + row)]
        for row in range(10)
    ]
    header = "Deal - ID,Deal - Stage,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Deal closed on"
    with mapped(*written(tmp_path, deals=text(header, rows))) as found:
        at = leads_at(found)
        assert (at["Won"], at["Lost"]) == (5, 5)
        assert not {label.label for label in found.loaded.labels if label.concept == "won"} - {"Won"}


def test_the_sum_of_a_report_by_stages_is_no_lead(tmp_path: Path) -> None:
    rows = [*([STAGES[row % 5], f"Opp {row}", 100, day(row)] for row in range(10)), ["Total", "", 1000, ""]]
    with mapped(*written(tmp_path, report=text("Stage,Opportunity Name,Amount,Created Date", rows))) as found:
        assert found.loaded.leads == 10
        assert "Total" not in leads_at(found)


def test_deals_of_a_customer_that_end_each_on_its_day_are_no_history(tmp_path: Path) -> None:
    """Twelve opportunities of six customers: a third won, a third lost."""
    ends = (("Won", day(40), ""), ("Lost", "", day(41)), ("Active", "", ""))
    rows = [[f"o{row}", f"c{row // 2}", ends[row % 3][0], day(row), *ends[row % 3][1:]] for row in range(12)]
    header = "id,lead_id,status_label,date_created,date_won,date_lost"
    with mapped(*written(tmp_path, opportunities=text(header, rows))) as found:
        assert (found.loaded.columns["lead"], found.loaded.leads) == ("id", 12)
        assert (leads_at(found)["Won"], leads_at(found)["Lost"]) == (4, 4)


@pytest.mark.parametrize(
    "header", ["Last Activity", "last_notable_activity", "Letzte Aktivität", "Última actividad", "Последнее действие"]
)
def test_what_was_last_done_with_a_lead_is_not_where_it_stands(tmp_path: Path, header: str) -> None:
    done = ("Email Opened", "SMS Sent", "Converted to Lead", "Page visited", "Form submitted")
    rows = [(f"P-{number}", done[number % 5], "Web", int(number % 4 == 0)) for number in range(80)]
    path = tmp_path / "list.csv"
    path.write_text(text(f"Prospect ID,{header},Lead source,Converted", rows), encoding="utf-8")
    with mapped(path) as found:
        assert "label" not in found.mapping.parts
        assert found.mapping.parts["outcome"][1] == "Converted"
        assert {each.concept: each.leads for each in found.loaded.labels} == {"lead": 80, "won": 20}
    # Where nothing else tells, it is asked.
    path.write_text(text(f"Prospect ID,{header},Lead source", [row[:3] for row in rows]), encoding="utf-8")
    with mapped(path) as alone:
        assert alone.mapping.parts["label"][1] == header
        assert alone.concepts()["Converted to Lead"] == "lead"
