"""Who was touched → the lead: by its id, else the person's id, else the e-mail, else the account."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.engine import Engine
from funnel.core.history import Form
from funnel.core.sql import Query, identifier
from funnel.mapping.build.accounts import spelling
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.data_file import data_file
from funnel.mapping.headers import squashed
from funnel.mapping.template import fill
from funnel.mapping.touches.lines import said_table
from funnel.mapping.touches.roles import WHO, TouchFile
from funnel.mapping.touches.salesforce_ids import SHORT, is_long, is_short, long_form

CODES = "touches_leads"
"""lead_code, lead_id and account_id of every lead."""
KEYS = "touches_keys"
"""kind (a place in WHO), what a lead is known by as that kind, lead_code."""
MATCHED = "touches_matched"
"""touch and lead_code: whom each line touched."""
SEVERAL = ";"
"""What stands between the ids of one cell."""


def match_leads(engine: Engine, form: Form, files: Sequence[TouchFile]) -> None:
    """Leaves CODES and MATCHED. A line is matched by the first of its columns, and of what a cell may be, that knows any lead; a cell with
    several ids touches each of them, an e-mail or an account, however it is spelled, every lead that has it."""
    codes = f"SELECT {form.key} AS lead_code, leads.lead_id AS lead_id, leads.account_id AS account_id FROM leads"
    engine.keep(CODES, Query(codes))
    _keep_keys(engine, form)
    engine.run(Query(f"CREATE OR REPLACE TABLE {MATCHED} (touch BIGINT, lead_code UBIGINT)"))
    for place, file in enumerate(files):
        selects = []
        rank = 0
        for index, who in enumerate(file.who):
            cell = f"said.who_{index}"
            for kind in who.kinds:
                key = "lower(trim(who.part))" if kind == "email" else "trim(who.part)"
                if kind == "account":
                    key = spelling(key)
                source = (
                    f"{said_table(place)} AS said, (SELECT unnest(string_split({cell}, '{SEVERAL}')) AS part) AS who"
                )
                if not _holds_several(engine, said_table(place), f"who_{index}"):
                    key, source = key.replace("who.part", cell), f"{said_table(place)} AS said"
                selects.append(
                    f"SELECT said.touch AS touch, {rank} AS rank, keys.lead_code AS lead_code FROM {source}"
                    f" INNER JOIN {KEYS} AS keys ON keys.kind = {WHO.index(kind)} AND keys.key = {key}"
                    " WHERE said.apart IS NULL"
                )
                rank += 1
        found = " UNION ALL ".join(selects)
        if rank > 1:
            found = (
                "SELECT DISTINCT best.touch AS touch, best.lead_code AS lead_code FROM"
                " (SELECT found.touch AS touch, found.lead_code AS lead_code, found.rank AS rank,"
                f" MIN(found.rank) OVER (PARTITION BY found.touch) AS first_rank FROM ({found}) AS found) AS best"
                " WHERE best.rank = best.first_rank"
            )
        else:
            found = f"SELECT DISTINCT found.touch AS touch, found.lead_code AS lead_code FROM ({found}) AS found"
        engine.add(MATCHED, Query(found))


def _holds_several(engine: Engine, table: str, column: str) -> bool:
    query = f"SELECT COALESCE(BOOL_OR(contains(said.{column}, '{SEVERAL}')), FALSE) AS several FROM {table} AS said"
    return bool(engine.row(Query(query))[0])


def _keep_keys(engine: Engine, form: Form) -> None:
    words = data_file("touches")
    columns = [name for name, _ in engine.columns("leads")]
    selects = [fill("SELECT 0 AS kind, leads.lead_id AS key, {code} AS lead_code FROM leads", code=form.key)]
    for kind in ("contact", "email"):
        known = {squashed(header) for header in words[kind]}
        for column in (each for each in columns if squashed(each) in known):
            text = cleaned(f"CAST(leads.{identifier(column)} AS VARCHAR)")
            template = "SELECT {kind} AS kind, {text} AS key, {code} AS lead_code FROM leads"
            if kind == "email":
                template = template.replace("{text}", "lower({text})")
            selects.append(fill(template, kind=str(WHO.index(kind)), text=text, code=form.key))
    # Who is known by the id of a person alone is a lead by that id.
    selects.append(fill("SELECT 1 AS kind, leads.lead_id AS key, {code} AS lead_code FROM leads", code=form.key))
    account = "SELECT 3 AS kind, {account} AS key, {code} AS lead_code FROM leads WHERE leads.account_id IS NOT NULL"
    selects.append(fill(account, account=spelling("leads.account_id"), code=form.key))
    union = " UNION ".join(each.text for each in selects)
    # One export writes ids of Salesforce short, another long.
    both = f"""WITH keys AS ({union})
SELECT keys.* FROM keys
UNION
SELECT keys.kind AS kind, left(keys.key, {SHORT}) AS key, keys.lead_code AS lead_code
FROM keys
WHERE keys.kind <> {WHO.index("email")} AND {is_long("keys.key")}
UNION
SELECT keys.kind AS kind, {long_form("keys.key")} AS key, keys.lead_code AS lead_code
FROM keys
WHERE keys.kind <> {WHO.index("email")} AND {is_short("keys.key")}"""
    engine.keep(KEYS, Query(both, tuple(value for each in selects for value in each.values)))
