"""Accounts that a file names in several spellings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import funnel
from funnel import DataSet, Question, Unit, measures
from funnel.core.sql import Query
from funnel.core.types import Note
from funnel.mapping.build.accounts import accounts_apart
from tests.mapped import written

HEAD = "lead id,{account},stage,changed at\n"


def opened(folder: Path, accounts: list[str], header: str = "Account") -> DataSet:
    lines = "".join(f'L{n},"{account}",New,2026-01-{n + 1:02d}\n' for n, account in enumerate(accounts))
    return funnel.open(*written(folder, log=HEAD.format(account=header) + lines), as_of=datetime(2026, 3, 1))


def accounts(data_set: DataSet) -> list[str]:
    rows = data_set.engine.rows(Query("SELECT leads.account_id FROM leads ORDER BY leads.lead_id"))
    return [account for (account,) in rows]


def test_spellings_of_one_account_are_joined_and_said(tmp_path: Path) -> None:
    with opened(tmp_path, ["Acme Inc.", "ACME, Inc", "Acme  inc.", "Acme Inc.", "Borg"]) as data_set:
        assert accounts(data_set) == ["Acme Inc."] * 4 + ["Borg"]
        (note,) = [note for note in data_set.warnings if note.key == "mapping.merged_accounts"]
        assert note.values["n"] == 1
        assert note.values["listed"].endswith("→ Acme Inc.")
        question = Question(data_set.as_recorded(), unit=Unit.ACCOUNT)
        assert data_set.ask(measures.steps, question).leads == 2


@pytest.mark.parametrize(
    ("spelt", "header"),
    [
        (["Acme Nord", "Acme Süd"], "Account"),
        # The case of letters tells two ids apart.
        (["001Aa0", "001aA0"], "Account"),
        (["001Abcde0", "001aBCDe0"], "Account"),
        (["AbCdEfGh", "aBcDeFgH"], "Account"),
        (["Acme", "ACME"], "Account ID"),
        (["A-1", "A.1"], "Company"),
    ],
)
def test_what_may_be_two_stays_two(tmp_path: Path, spelt: list[str], header: str) -> None:
    with opened(tmp_path, spelt, header) as data_set:
        assert accounts(data_set) == spelt
        assert "mapping.merged_accounts" not in [note.key for note in data_set.warnings]


def test_touches_find_an_account_in_any_spelling(tmp_path: Path) -> None:
    leads = HEAD.format(account="Account") + 'L1,"Acme, Inc.",New,2026-01-02\n'
    touches = "account,touched at,channel\nACME INC,2026-01-01,Web\nAcme Ltd,2026-01-01,Web\n"
    with funnel.open(*written(tmp_path, log=leads, touches=touches), as_of=datetime(2026, 3, 1)) as data_set:
        assert data_set.touches is not None
        assert (data_set.touches.used, data_set.touches.unmatched) == (1, 1)


def test_leads_without_an_account_are_counted_apart(tmp_path: Path) -> None:
    with opened(tmp_path, ["Acme", "", "Borg", ""]) as data_set:
        by_account = Question(data_set.as_recorded(), unit=Unit.ACCOUNT)
        assert data_set.ask(measures.steps, by_account).leads == 2
        assert data_set.unmet(by_account) == (Note("measures.without_account", {"n": 2}),)
        assert data_set.unmet(Question(data_set.as_recorded())) == ()


def test_where_they_are_not_joined_it_is_said(tmp_path: Path) -> None:
    with opened(tmp_path, ["Acme Inc.", "ACME Inc", "Borg"], "Account ID") as data_set:
        assert accounts_apart(data_set.engine, data_set.mapping) == []
        named: Any = SimpleNamespace(parts={"account": ("log", "Account")})
        assert accounts_apart(data_set.engine, named) == [Note("mapping.accounts_apart", {"n": 1})]


def test_a_filter_finds_an_account_by_each_of_its_spellings(tmp_path: Path) -> None:
    with opened(tmp_path, ["Acme Inc.", "ACME, Inc", "Acme  inc.", "Acme Inc.", "Borg"]) as data_set:
        for spelt in ("Acme Inc.", "ACME, Inc", "acme inc"):
            question = data_set.question(where={"Account": [spelt]})
            assert data_set.ask(measures.steps, question).leads == 4, spelt
            assert data_set.unmet(question) == ()
        (note,) = data_set.unmet(data_set.question(where={"Account": ["Nobody"]}))
        assert note.values["column"] == "Account"


def test_what_was_not_joined_is_found_as_it_is_spelt_alone(tmp_path: Path) -> None:
    with opened(tmp_path, ["Acme", "ACME"], "Account ID") as data_set:
        assert data_set.ask(measures.steps, data_set.question(where={"Account ID": ["acme"]})).leads == 0
        assert data_set.ask(measures.steps, data_set.question(where={"Account ID": ["ACME"]})).leads == 1
