"""Kinds of files that were once read wrong without a word; what is right follows from how each file is made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

import funnel
from funnel import measures
from funnel.core.sql import Query
from funnel.core.types import Shape
from funnel.dataset import DataSet
from funnel.mapping import MappingOverrides
from tests.mapped import AS_OF, mapped, written
from tests.thorough import thorough

FIRST = date(2024, 2, 5)


def day(number: int, form: str = "%Y-%m-%d") -> str:
    """The day so many days after the first."""
    return (FIRST + timedelta(days=number)).strftime(form)


def text(header: str, rows: Sequence[Sequence[object]]) -> str:
    return "\n".join([header, *(",".join("" if cell is None else str(cell) for cell in row) for row in rows)]) + "\n"


def opened(folder: Path, content: str) -> DataSet:
    [path] = written(folder, deals=content)
    return funnel.open(path, as_of=AS_OF)


def bitrix(row: int) -> list[object]:
    stage = ("NEW", "PREPARATION", "WON", "LOSE")[row % 4]
    return [7000 + row, stage, 12, row % 3 + 1 if row % 6 == 0 else 0, f"{day(row)} 09:00:00", 900 + row]


def pipedrive(row: int) -> list[object]:
    status = ("open", "open", "won", "lost")[row % 4]
    return [300 + row, "000000000000000AAA" if row % 5 else f"003X{row}", status, day(row), 50 * row + 50]


@pytest.mark.parametrize(
    ("header", "made", "lead"),
    [
        ("ID,STAGE_ID,COMPANY_ID,CONTACT_ID,DATE_CREATE,OPPORTUNITY", bitrix, "ID"),
        ("id,primary_contact_id,status,add_time,value", pipedrive, "id"),
    ],
)
def test_the_id_of_a_list_is_its_own_and_not_that_of_a_parent_that_is_mostly_missing(
    tmp_path: Path, header: str, made: Callable[[int], list[object]], lead: str
) -> None:
    with opened(tmp_path, text(header, [made(row) for row in range(48)])) as found:
        assert found.mapping.shape in (Shape.SNAPSHOT, Shape.WIDE)
        assert found.loaded.columns["lead"] == lead
        assert found.loaded.leads == 48
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.won, steps.lost) == (12, 12)


@thorough
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Etapa anterior", "Etapa nueva"),
        ("Alter Status", "Neuer Status"),
        ("from_status", "to_status"),
        ("status_before", "status_after"),
        ("Стадия до", "Стадия после"),
        ("Ancienne étape", "Nouvelle étape"),
        ("prior_stage_id", "stage_id"),
        ("変更前ステージ", "変更後ステージ"),
    ],
)
def test_of_two_columns_of_labels_the_one_that_was_gone_to_counts(tmp_path: Path, old: str, new: str) -> None:
    """24 leads begin, all qualify, 16 get a proposal, 8 of them are won: 72 lines, in whichever order the two columns stand."""
    paths = [("New", "Qualified", "Proposal", "Closed Won")] * 8 + [("New", "Qualified", "Proposal")] * 8
    paths += [("New", "Qualified")] * 8
    for swapped in (False, True):
        rows = []
        for lead, path in enumerate(paths):
            for place, label in enumerate(path):
                sides = [path[place - 1] if place else None, label]
                rows.append([f"N{lead:02}", *(reversed(sides) if swapped else sides), f"{day(lead + 9 * place)} 11:30"])
        header = f"deal_id,{new},{old},changed_at" if swapped else f"deal_id,{old},{new},changed_at"
        with mapped(*written(tmp_path, log=text(header, rows))) as found:
            assert found.loaded.columns["label"] == new
            assert found.loaded.columns["old"] == old
            assert found.sums() == [(72, 72, 0, 0)]
            at = {each.label: each.leads for each in found.loaded.labels}
            assert at == {"New": 24, "Qualified": 24, "Proposal": 16, "Closed Won": 8}


@pytest.mark.parametrize(
    "header",
    [
        "Date de clôture prévue",
        "previsao_fechamento",
        "Voraussichtlicher Abschluss",
        "Planned closing date",
        "Target close",
        "Estimated decision date",
        "Планируемая дата закрытия",
        "Tahmini kapanış tarihi",
        "预计成交日期",
        "Chiusura prevista",
    ],
)
def test_a_planned_closing_is_no_entry_no_end_and_no_observation(tmp_path: Path, header: str) -> None:
    stages = ("Lead in", "Qualified", "Proposal", "Negotiation", "Won", "Lost")
    rows = [[row + 1, stages[row % 6], day(row), day(row + 400)] for row in range(54)]
    with opened(tmp_path, text(f"deal_id,stage,created_at,{header}", rows)) as found:
        steps = found.ask(measures.steps, found.question("as-recorded", rule="visited"))
        at = {stage.name: stage.leads for stage in steps.stages}
        assert {name: count for name, count in at.items() if name != "Lead in"} == dict.fromkeys(stages[1:5], 9)
        assert (steps.won, steps.lost) == (9, 9)
        assert header not in found.loaded.columns.values()
        assert found.loaded.observed_until is not None
        assert found.loaded.observed_until <= datetime(2024, 3, 30)


@pytest.mark.parametrize(
    ("labels", "won", "order"),
    [
        (
            ("a) Erstkontakt", "b) Besichtigung", "c) Gewonnen", "d) Vertragsentwurf", "x) Verloren"),
            "c) Gewonnen",
            ("a) Erstkontakt", "b) Besichtigung", "d) Vertragsentwurf"),
        ),
        (
            ("1 - Won", "2 - Inquiry", "3 - Site visit", "4 - Quote sent", "5 - Lost"),
            "1 - Won",
            ("2 - Inquiry", "3 - Site visit", "4 - Quote sent"),
        ),
        (("Zorp", "Closed Won", "Blim", "Closed Lost", "Frob"), "Closed Won", ()),
    ],
)
def test_a_win_is_the_last_stage_of_a_list_wherever_its_label_stands(
    tmp_path: Path, labels: tuple[str, ...], won: str, order: tuple[str, ...]
) -> None:
    rows = [[f"R{row:02}", labels[row % 5], day(row), None] for row in range(60)]
    with opened(tmp_path, text("deal_id,stage,created_at,closed_at", rows)) as found:
        steps = found.ask(measures.steps, "as-recorded")
        names = [stage.name for stage in steps.stages]
        assert names[-1] == won
        assert steps.stages[-1].leads == 12
        assert (steps.won, steps.lost) == (12, 12)
        assert tuple(name for name in names if name in order) == order


@thorough
@pytest.mark.parametrize(
    "header", ["Close Date", "closing_date", "Expected Close Date", "Fecha de cierre", "Дата закрытия"]
)
def test_the_close_date_beside_a_history_is_a_plan(tmp_path: Path, header: str) -> None:
    """Each line of a deal repeats the day on which it should close, half a year after the last entry."""
    path = ("Prospecting", "Proposal", "Negotiation")
    rows = [
        [f"H{lead:02}", label, f"{day(lead + 6 * place)} 08:15:00", day(lead + 200), 2000]
        for lead in range(20)
        for place, label in enumerate((*path, "Closed Won" if lead % 2 else "Closed Lost"))
    ]
    with opened(tmp_path, text(f"OpportunityId,StageName,CreatedDate,{header},Amount", rows)) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert found.loaded.entries == 80
        # The last entry: lead 19 at its fourth place.
        assert found.loaded.observed_until == datetime.fromisoformat(f"{day(19 + 18)} 08:15:00")
        [cohort] = found.ask(measures.cohorts, "as-recorded", period="quarter", days=[90]).cohorts
        assert cohort.followed_days == 37
        assert cohort.win.on(90).rate is None


@pytest.mark.parametrize(
    "header", ["Etapa,Fecha de creación,Responsable", "Phase,Erstellt am,Vertriebsmitarbeiter", "stage,created,rep"]
)
def test_a_file_without_ids_opens_with_each_line_as_a_lead(tmp_path: Path, header: str) -> None:
    rows = [
        [("Qualified", "Closed Won", "Closed Lost")[row % 3], day(row // 4), ("Ada", "Ben")[row % 2]]
        for row in range(45)
    ]
    with opened(tmp_path, text(header, rows)) as found:
        assert found.mapping.primary.lead_is_line
        assert found.loaded.leads == 45
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.won, steps.lost) == (15, 15)


@pytest.mark.parametrize("header", ["Codigo cliente", "customer_no", "Kundennummer", "ID клиента", "account_ref"])
def test_the_code_of_a_client_does_not_name_a_deal(tmp_path: Path, header: str) -> None:
    """Ninety deals of 40 clients under code names that come again: a client's deals stand at stages in no order."""
    chance = Random(40)
    names = ("Aurora", "Borealis", "Comet", "Draco", "Eclipse", "Fornax", "Gemini")
    stages = ("A. Enquiry", "B. Survey", "C. Offer", "D. Project won", "E. Project lost") * 18
    rows = [
        [chance.choice(names), f"C{chance.randrange(40):03}", stage, day(row % 30)]
        for row, stage in enumerate(chance.sample(stages, len(stages)))
    ]
    with opened(tmp_path, text(f"Project,{header},Deal Stage,Created Date", rows)) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.loaded.leads == 90
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.won, steps.lost) == (18, 18)


def test_a_name_that_is_missing_on_most_lines_is_no_id(tmp_path: Path) -> None:
    """Of 60 lines 20 have a name, all an address, one of them twice: nothing is thrown away."""
    stages = ("First Touch", "Client Replied", "Closed Won", "Closed Lost")
    rows = [
        [f"Kim {row}" if row % 3 == 0 else None, f"k{max(row, 1)}@example.org", stages[row % 4], day(row)]
        for row in range(60)
    ]
    with opened(tmp_path, text("Full name,E-mail,Status,Inquiry date", rows)) as found:
        [file] = found.loaded.files
        assert file.rows_rejected == 0
        assert found.loaded.leads in (59, 60)
        assert found.ask(measures.steps, "as-recorded").won == 15


@pytest.mark.parametrize(("again", "at"), [(1, 0), (1, 30), (2, 17)])
def test_a_line_or_two_that_come_again_make_no_history(tmp_path: Path, again: int, at: int) -> None:
    rows = [
        [f"Q{row:03}", ("New", "Proposal", "Won")[row % 3], f"{day(row)} 07:00", f"{day(row + 20)} 07:00"]
        for row in range(120)
    ]
    rows += [[*row[:1], "Won", row[2], f"{day(190)} 07:00"] for row in rows[at : at + again]]
    with opened(tmp_path, text("deal_id,stage,created_at,updated_at", rows)) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.loaded.leads == 120
        assert found.loaded.columns["created"] == "created_at"
        starts = found.engine.row(Query("SELECT MIN(created_at) AS first, MAX(created_at) AS last FROM leads"))
        assert [str(each)[:10] for each in starts] == [day(0), day(119)]


@pytest.mark.parametrize(
    ("created", "closed"), [("T14:05:00+03:00", "T03:00:00+03:00"), (" 14:05", ""), (" 14:05:00", " 00:00:00")]
)
def test_closed_on_the_day_of_the_making_is_not_before_it(tmp_path: Path, created: str, closed: str) -> None:
    """A close date without a time of day is of that whole day; an own flag says which labels are ends."""
    stages = (("NEW", "N"), ("Выдано", "Y"), ("Сделка провалена", "Y"))
    rows = [[row, *stages[row % 3], f"{day(row)}{created}", f"{day(row)}{closed}", 10] for row in range(30)]
    with opened(tmp_path, text("ID,STAGE_ID,CLOSED,DATE_CREATE,CLOSEDATE,OPPORTUNITY", rows)) as found:
        assert not any("closed_before" in note.key or "before" in note.key for note in found.loaded.warnings)
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.open, steps.won, steps.lost) == (10, 10, 10)


def test_leads_without_a_date_of_their_end_are_won_or_lost_even_so(tmp_path: Path) -> None:
    """A quarter each: new, qualified, converted with a date, lost without one."""
    stages = ("New", "Qualified", "Converted", "Lost")
    rows = [
        [
            f"U{row:02}",
            day(row),
            day(row + 30) if row % 4 == 2 else None,
            stages[row % 4],
            700 if row % 4 == 2 else None,
        ]
        for row in range(64)
    ]
    with opened(tmp_path, text("lead_id,lead_date,conversion_date,status,deal_value_eur", rows)) as found:
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.leads, steps.won, steps.lost, steps.open) == (64, 16, 16, 32)
        assert found.loaded.columns["amount"] == "deal_value_eur"


def test_a_list_with_dates_of_start_does_not_say_that_nothing_has_a_date(tmp_path: Path) -> None:
    rows = [
        [5000 + row, ("New", "Won", "Delivered")[row % 3], day(row, "%m/%d/%y"), f"Site {row}"] for row in range(36)
    ]
    with opened(tmp_path, text("Opportunity Number,Opp Status,Start Date,Property Name", rows)) as found:
        assert found.loaded.columns["created"] == "Start Date"
        assert not any(
            "date" in note.key and "no_" in note.key for note in (*found.loaded.warnings, *found.loaded.cannot)
        )
        assert found.loaded.observed_until == datetime.fromisoformat(day(35))


@pytest.mark.parametrize(
    "header", ["Estimated €", "Est. value (£)", "Deal size $", "Bedrag in €", "Сумма ₽", "見込金額（¥）", "Budget USD"]
)
def test_a_sign_of_money_in_a_header_is_its_unit(tmp_path: Path, header: str) -> None:
    rows = [[f"M{row:02}", ("Qualified", "Won")[row % 2], day(row), 100 * row + 50] for row in range(20)]
    with opened(tmp_path, text(f"deal_id,stage,created_at,{header}", rows)) as found:
        assert found.loaded.columns["amount"] == header
        total = found.engine.row(Query("SELECT SUM(amount) AS total FROM leads"))[0]
        assert total == sum(100 * row + 50 for row in range(20))


@pytest.mark.parametrize("header", ["SAL date", "AQL date", "Lead date", "Date", "Anfragedatum", "Eingang"])
def test_a_closing_date_of_the_won_alone_is_no_start(tmp_path: Path, header: str) -> None:
    """Four in a day; of each four one is won and one is lost, 16 days later: none by day 10, a quarter by day 30."""
    stages = ("Negotiations", "Closed Won", "Closed Lost", "Trial")
    rows = [
        [f"S{row:03}", day(row // 4), "Partner", stages[row % 4], day(row // 4 + 16) if row % 4 in (1, 2) else None]
        for row in range(240)
    ]
    with opened(tmp_path, text(f"Deal ID,{header},Source,Stage,Closing Date", rows)) as found:
        assert found.loaded.columns["closed"] == "Closing Date"
        whole = found.ask(measures.cohorts, "as-recorded", period="year", days=[10, 30]).whole
        assert (whole.leads, whole.won, whole.lost) == (240, 60, 60)
        assert whole.win.on(10).rate == 0
        assert whole.win.on(30).rate == pytest.approx(0.25)


def test_hints_win_over_evidence(tmp_path: Path) -> None:
    """Whoever knows better says so: the history of the clients, although each line looks like a deal."""
    stages = ("Enquiry", "Offer", "Won", "Lost")
    rows = [[f"C{row % 20}", stages[(row * 7 + row // 20) % 4], day(row)] for row in range(80)]
    [path] = written(tmp_path, deals=text("client_code,stage,created_at", rows))
    with mapped(path, overrides=MappingOverrides(shape=Shape.HISTORY, lead="client_code")) as found:
        assert (found.loaded.leads, found.loaded.entries) == (20, 80)
