"""Accounts that a file names in several spellings are one: "Acme Inc.", "ACME Inc" and "Acme  inc". Ids are left as they are."""

from __future__ import annotations

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.core.types import Note
from funnel.mapping.build.labels import LISTED_MERGES, wording_tail
from funnel.mapping.types import ColumnMapping

_SPELT = "account_spellings"
JOINED_ACCOUNTS = "mapping.merged_accounts"
"""The note that says that accounts were joined."""


def spelling(account: str) -> str:
    """What all spellings of an account have in common, as SQL: it without case, and without the number of blanks, points and commas in
    it. What may be an id stays as it is, since the case of its letters may tell two apart: what has no three letters that stand
    together, or a digit and no blank, or capitals where no word has them."""
    bare = rf"lower(trim(regexp_replace(regexp_replace({account}, '[.,;]+', ' ', 'g'), '\s+', ' ', 'g')))"
    word = rf"NOT regexp_matches({account}, '\d') AND regexp_full_match({account}, '\p{{Lu}}?[\p{{Ll}}.,-]*|[\p{{Lu}}.,-]+|\p{{Lo}}+')"
    name = rf"regexp_matches({account}, '\p{{L}}{{3}}') AND (contains({account}, ' ') OR ({word}))"
    return f"CASE WHEN {name} THEN {bare} ELSE {account} END"


def join_accounts(engine: Engine, mapping: ColumnMapping) -> list[Note]:
    """Gives the leads of each account the spelling that most of its leads have (of several the first by the alphabet); says which were
    joined. Nothing where accounts go by an id."""
    if not _more_spellings(engine, mapping):
        return []
    same = spelling("leads.account_id")
    spelt = f"""SELECT spelt.account_id AS account_id,
    FIRST_VALUE(spelt.account_id) OVER (PARTITION BY spelt.same ORDER BY spelt.leads DESC, spelt.account_id) AS best
FROM (SELECT leads.account_id AS account_id, {same} AS same, COUNT(*) AS leads FROM leads WHERE leads.account_id IS NOT NULL
    GROUP BY 1, 2) AS spelt"""
    engine.keep(_SPELT, Query(f"SELECT each.* FROM ({spelt}) AS each WHERE each.account_id <> each.best"))
    others = "list(spelt.account_id ORDER BY spelt.account_id)"
    joined = engine.rows(
        Query(f"SELECT spelt.best AS best, {others} AS others FROM {_SPELT} AS spelt GROUP BY 1 ORDER BY 1")
    )
    engine.run(
        Query(
            f"UPDATE leads SET account_id = spelt.best FROM {_SPELT} AS spelt WHERE spelt.account_id = leads.account_id"
        )
    )
    engine.drop_table(_SPELT)
    texts = [f"{', '.join(spelt)} → {best}" for best, spelt in joined]
    listed = "; ".join(texts[:LISTED_MERGES]) + wording_tail(texts, LISTED_MERGES)
    return [Note(JOINED_ACCOUNTS, {"n": len(joined), "listed": listed})]


def accounts_apart(engine: Engine, mapping: ColumnMapping) -> list[Note]:
    """Says of leads whose accounts are as the file spells them how many spellings are one too many."""
    more = _more_spellings(engine, mapping)
    return [Note("mapping.accounts_apart", {"n": more})] if more else []


def _more_spellings(engine: Engine, mapping: ColumnMapping) -> int:
    """By how many the spellings of accounts are more than the accounts; 0 where they go by an id."""
    header = mapping.parts.get("account")
    if header is None or header[1].casefold().replace("_", " ").endswith(("id", "ids", " key", " number")):
        return 0
    same = spelling("leads.account_id")
    counted = f"SELECT COUNT(DISTINCT leads.account_id) - COUNT(DISTINCT {same}) AS more FROM leads"
    return int(engine.row(Query(counted))[0])
