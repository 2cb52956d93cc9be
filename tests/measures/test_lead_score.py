"""When a score is shown, and when not; what it says of a lead, in which order, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import funnel
from funnel.core.errors import QuestionError
from funnel.measures.lead_score import LeadScore, Part, lead_score, prepare_score, said, whole_percent
from funnel.measures.lead_score_backtest import Decile, ScoreTest, Skill, folds
from funnel.measures.lead_score_learning import learnt_from
from funnel.measures.lead_score_model import learn, stage_and_time_rates
from funnel.measures.lead_score_panel import NOW
from tests.scored import LABELS, SPAN, file_of_leads, simulated, ways
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
LEADS, SIGNAL = 2500, 0.8


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("leads") / "history.csv"
    file.write_bytes(file_of_leads(5, LEADS, SIGNAL))
    return str(file)


@pytest.fixture(scope="module")
def result(path: str) -> LeadScore:
    with funnel.open(path) as data_set:
        return data_set.ask(lead_score, data_set.question(), 60, limit=None)


def test_what_differs_is_shown_and_what_does_not_is_not() -> None:
    shown = learnt_from(simulated(1, 2000, SIGNAL), 60)
    assert shown.why_hidden is None
    assert shown.test is not None
    assert shown.learnt is not None
    assert shown.test.skill.low > 0.01
    assert 0.8 < shown.test.slope < 1.25
    hidden = learnt_from(simulated(1, 2000), 60)
    assert hidden.why_hidden is not None
    assert hidden.why_hidden.key == "measures.chance_untold"
    assert hidden.learnt is None
    assert hidden.rates is not None


@thorough
def test_where_nothing_tells_who_wins_hardly_any_score_is_shown() -> None:
    shown = [seed for seed in range(40) if learnt_from(simulated(seed, 2000), 60).why_hidden is None]
    assert len(shown) <= 2, shown


def _shuffled(of, seed: int):  # type: ignore[no-untyped-def]
    """Who wins is dealt anew among the leads at one stage and landmark."""
    read, random = of.panel, np.random.default_rng(seed)
    wins = read.win_days.copy()
    for cell in np.unique(read.landmark * 100 + read.label):
        rows = np.flatnonzero(read.landmark * 100 + read.label == cell)
        wins[rows] = wins[random.permutation(rows)]
    return replace(of, panel=replace(read, win_days=wins))


def test_wins_dealt_anew_among_leads_at_a_stage_are_hidden() -> None:
    known = simulated(1, 2000, SIGNAL)
    assert learnt_from(known, 60).why_hidden is None
    assert learnt_from(_shuffled(known, 7), 60).why_hidden is not None


def test_a_column_that_knows_the_outcome_is_named_and_not_looked_at() -> None:
    known = simulated(1, 1500, SIGNAL)
    scored = learnt_from(replace(known, columns=("Channel", "Region", "Fate")), 60)
    assert [each.column for each in scored.dropped] == ["Fate"]
    assert said(scored.dropped[0].why) == "looks like it is filled in when a deal closes"
    assert scored.learnt is not None
    assert scored.learnt.columns == ("Channel", "Region")
    assert learnt_from(known, 60).dropped == ()


def test_an_amount_that_knows_the_outcome_is_named_too() -> None:
    known = simulated(1, 1500, SIGNAL)
    won_later = known.panel.codes["Fate"] == 0
    amounts = np.where(won_later, 5000.0, np.nan)
    scored = learnt_from(replace(known, panel=replace(known.panel, amount=amounts)), 60)
    assert [each.column for each in scored.dropped] == ["amount"]


def test_nothing_is_learnt_from_what_was_not_known_when_a_fold_began() -> None:
    read = simulated(3, 300).panel
    past = read.among(read.landmark != NOW)
    splits = folds(past, 90)
    assert len(splits) == 4
    tested = np.zeros(len(past), dtype=int)
    for learning, testing in splits:
        latest = max(past.moments[place] for place in past.landmark[learning])
        first = min(past.moments[place] for place in past.landmark[testing])
        assert (first - latest).days >= 90
        tested += testing
    assert tested.max() == 1
    assert folds(past.among(past.landmark < 3), 90) == []


def _test(**changed: object) -> ScoreTest:
    good = ScoreTest(
        900,
        600,
        400,
        Skill(0.04, 0.02, 0.06),
        Skill(0.03, 0.01, 0.05),
        0.02,
        0.1,
        0.11,
        1.0,
        0.8,
        0.7,
        410,
        400,
        0.7,
        0.6,
        (),
    )
    return replace(good, **changed)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"wins": 49}, "few_wins"),
        ({"wins": 50}, None),
        ({"skill": Skill(0.04, 0.0, 0.06)}, "no_better"),
        ({"skill": Skill(0.04, -0.1, 0.06), "wins": 299}, "untold"),
        ({"brier_skill": Skill(0.0, -0.1, 0.1)}, "no_better"),
        ({"expected": 500.0}, None),
        ({"expected": 501.0}, "off"),
        ({"expected": 319.0}, "off"),
        ({"observed": 0}, "off"),
        ({"slope": 1.26}, "shy"),
        ({"slope": 0.79}, "extreme"),
        ({"slope": None}, "shy"),
    ],
)
def test_the_gate(changed: dict[str, object], why: str | None) -> None:
    note = _test(**changed).why_hidden
    assert (note and note.key) == (why and f"measures.chance_{why}")
    assert note is None or len(said(note)) > 20


def test_stage_and_time_alone_by_hand() -> None:
    read = simulated(3, 400).panel
    past = read.among((read.landmark != NOW) & (read.label == 1))
    won = (past.win_days <= 60).astype(float)
    rate = (won.sum() + won.mean()) / (len(won) + 1)
    quarter = np.quantile(past.days_at_label, 0.25)
    young = past.days_at_label <= quarter
    expected = (won[young].sum() + 20 * rate) / (young.sum() + 20)
    assert stage_and_time_rates(past, won, past)[young] == pytest.approx(np.full(young.sum(), expected))


def test_the_open_leads_are_those_of_the_file_by_chance_times_amount(result: LeadScore) -> None:
    made = ways(5, LEADS, SIGNAL)
    began, ended = made.entered[:, 0] <= SPAN, np.minimum(made.entered[:, -1], made.lost) <= SPAN
    assert {lead.lead for lead in result.leads} == {f"L-{number:05}" for number in np.flatnonzero(began & ~ended)}
    assert result.is_shown
    assert result.total == result.open == len(result.leads)
    # Currencies are never mixed: that of most leads comes first.
    currencies = [lead.currency for lead in result.leads]
    assert currencies == sorted(currencies)
    assert set(currencies) == {"EUR", "USD"}
    for currency in ("EUR", "USD"):
        worth = [lead.chance[60] * lead.amount for lead in result.leads if lead.currency == currency]
        assert worth == sorted(worth, reverse=True)
    for lead in result.leads:
        chances = [lead.chance[day] for day in (30, 60, 90, 180) if lead.chance[day] is not None]
        assert chances == sorted(chances)
    number = int(result.leads[0].lead[2:])
    stage = int((made.entered[number, :3] <= SPAN).sum()) - 1
    assert result.leads[0].label == result.leads[0].stage == LABELS[stage]
    assert f"{result.as_of}" == "2024-12-20"


def test_the_column_that_is_filled_in_at_the_end_is_named(result: LeadScore) -> None:
    assert {each.column: said(each.why) for each in result.dropped} == {
        "Deal notes": "looks like it is filled in when a deal closes"
    }


def test_reasons_are_told_with_the_counts_of_past_cases(path: str, result: LeadScore) -> None:
    reasons = [reason for lead in result.leads for reason in lead.reasons]
    assert {reason.column for reason in reasons} <= {
        "Channel",
        "Region",
        "days_at_label",
        "days_since_start",
        "entries",
        "amount",
    }
    best = next(lead for lead in result.leads if any(reason.value == "D" for reason in lead.reasons))
    (reason,) = [reason for reason in best.reasons if reason.value == "D"]
    assert reason.column == "Channel"
    assert reason.log_odds > 0.1
    # Counted apart: leads of channel D open at the same label at the ends of months after which 60 days are observed.
    made = ways(5, LEADS, SIGNAL)
    stage = LABELS.index(best.label)
    month_ends = [np.datetime64("2023-01-01") + np.timedelta64(int(day), "D") for day in range(SPAN + 1)]
    ends = [day + 1 for day, date in enumerate(month_ends) if (date + np.timedelta64(1, "D")).astype(str)[-2:] == "01"]
    last = max(moment.max() for moment in (made.entered[made.entered <= SPAN], made.lost[made.lost <= SPAN]))
    cases = won = 0
    for end in [end for end in ends if end + 60 <= last]:
        at = (made.entered[:, : stage + 1] < end).all(axis=1) & (made.entered[:, stage + 1] >= end) & (made.lost >= end)
        at &= made.channel == 3
        cases += int(at.sum())
        won += int((at & (made.entered[:, -1] < end + 60) & (made.entered[:, -1] <= SPAN)).sum())
    assert (reason.note.values["cases"], reason.note.values["won"]) == (cases, won)
    assert said(reason.note).startswith(
        f"Channel D: {round(100 * won / cases)}% of such were won ({won:,} of {cases:,} cases)"
    )
    plain = [lead for lead in result.leads if not lead.reasons]
    assert all(result.why(lead) == "like others at this stage" for lead in plain)


def test_the_parts_of_the_list_and_its_pages(path: str, result: LeadScore) -> None:
    with funnel.open(path) as data_set:
        question = data_set.question()
        twice = data_set.ask(lead_score, question, 60, part=Part.TWICE, limit=None)
        stalled = data_set.ask(lead_score, question, 60, part=Part.STALLED, limit=None)
        page = data_set.ask(lead_score, question, 60, offset=5, limit=3)
        east = data_set.ask(lead_score, data_set.question(where={"Region": "N"}), 60, limit=None)
    wanted = [lead.lead for lead in result.leads if lead.chance[60] >= 2 * lead.stage_rate[60]]
    assert [lead.lead for lead in twice.leads] == wanted
    assert twice.open == result.open
    wanted = [lead.lead for lead in result.leads if lead.is_stalled and lead.chance[60] > lead.stage_rate[60]]
    assert [lead.lead for lead in stalled.leads] == wanted != []
    assert page.leads == result.leads[5:8]
    assert page.total == result.total
    # A filter chooses leads, and moves no chance.
    by_lead = {lead.lead: lead.chance for lead in result.leads}
    assert 0 < len(east.leads) < len(result.leads)
    assert all(by_lead[lead.lead] == lead.chance for lead in east.leads)


def test_what_is_not_shown_carries_the_rate_of_its_stage(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "null.csv"
    file.write_bytes(file_of_leads(1, 1200, 0.0))
    with funnel.open(file) as data_set:
        hidden = data_set.ask(lead_score, data_set.question(), 90, limit=5)
    assert not hidden.is_shown
    assert hidden.why_hidden.key == "measures.chance_untold"
    assert all(lead.chance[90] is None and 0 < lead.stage_rate[90] < 1 and not lead.reasons for lead in hidden.leads)
    assert [row["why"] for row in hidden.rows()] == [None] * 5


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Lead ID,Stage,Entered at\nA,New,2024-01-01\nA,Demo,2024-02-01\n", "no_win"),
        ("Lead ID,Stage,Entered at\nA,New,2024-01-01\nA,Won,2024-02-01\nB,New,2024-02-01\n", "one_stage"),
        (
            "Lead ID,Stage,Entered at\nA,New,2024-01-01\nA,Demo,2024-01-09\nA,Won,2024-02-01\nB,New,2024-02-01\n",
            "few_ever",
        ),
        (
            "Lead ID,Stage,Amount,Created\nA,New,5,2024-01-01\nB,Demo,7,2024-01-09\nC,Won,8,2024-02-01\nD,Demo,1,2024-02-01\n",
            "snapshot",
        ),
    ],
)
def test_a_file_that_cannot_tell_says_why(tmp_path, content: str, why: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "leads.csv"
    file.write_text(content)
    with funnel.open(file) as data_set:
        result = data_set.ask(lead_score, data_set.question())
        assert not data_set.ask(prepare_score, data_set.question(), 90)
    assert result.why_hidden.key == f"measures.chance_{why}"
    assert result.test is None
    assert all(chance is None for lead in result.leads for chance in (*lead.chance.values(), *lead.stage_rate.values()))


@pytest.mark.parametrize("day", [0, -5, 731])
def test_other_days_are_refused_in_a_sentence(path: str, day: int) -> None:
    with funnel.open(path) as data_set, pytest.raises(QuestionError, match="1 to 730 days ahead"):
        data_set.ask(lead_score, data_set.question(), day)


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (0.0, "under 1%"),
        (0.0049, "under 1%"),
        (0.006, "1%"),
        (0.124, "12%"),
        (0.994, "99%"),
        (0.999, "over 99%"),
        (None, "–"),
    ],
)
def test_a_chance_is_never_nothing_nor_certain(chance: float | None, told: str) -> None:
    assert whole_percent(chance) == told


def test_levels_of_few_rows_have_no_features_of_their_own() -> None:
    read = simulated(3, 400).panel
    past = read.among(read.landmark != NOW)
    rare = past.codes["Region"].copy()
    rare[rare == 2] = 3
    rare[np.flatnonzero(rare == 3)[49:]] = 0
    learnt = learn(
        replace(past, codes={**past.codes, "Region": rare}), (past.win_days <= 60).astype(float), ("Region",)
    )
    assert learnt.levels["Region"].tolist() == [0, 1]


def test_deciles_hold_all_cases() -> None:
    test = learnt_from(simulated(1, 1500, SIGNAL), 60).test
    assert test is not None
    assert sum(each.rows for each in test.deciles) == test.rows
    assert sum(each.wins for each in test.deciles) == test.observed
    assert all(isinstance(each, Decile) and each.low <= each.was <= each.high for each in test.deciles)
    assert [each.said for each in test.deciles] == sorted(each.said for each in test.deciles)
