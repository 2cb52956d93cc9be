"""Several files as one data set: stacked, about the same leads, or adding columns; and a mapping kept as TOML."""

from __future__ import annotations

import pytest

from funnel.core.errors import MappingError
from funnel.core.types import Shape
from funnel.mapping import UNUSED, MappingOverrides, from_toml, to_toml
from tests.cases import case
from tests.mapped import EXPORTS, mapped, written

DEALS = (
    "id,name,stage,created,close_date,amount,company\n"
    "10,A,Won,2024-01-01,2024-02-01,5,X\n11,B,Demo,2024-01-03,,6,Y\n12,C,New,2024-01-04,,6,Y\n"
)
HISTORY = "deal_id,stage,changed_at\n10,New,2024-01-01\n10,Demo,2024-01-10\n10,Won,2024-02-01\n11,New,2024-01-03\n"


def test_files_with_equal_headers_are_stacked(tmp_path):
    january = "Lead ID,Stage,Date\na,New,2024-01-01\na,Won,2024-01-13\n"
    february = "lead id,date,stage\nb,2024-02-02,New\n,2024-02-03,New\n"
    with mapped(*written(tmp_path, january=january, february=february)) as found:
        assert found.entries() == [("a", "New", "2024-01-01"), ("a", "Won", "2024-01-13"), ("b", "New", "2024-02-02")]
        assert found.sums() == [(2, 2, 0, 0), (2, 1, 1, 0)]
        assert found.rejects() == [(3, "Lead ID", None, "no lead id", True)]


def test_a_list_of_deals_and_their_history(tmp_path):
    with mapped(*written(tmp_path, deals=DEALS, deal_history=HISTORY)) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert found.entries() == [
            ("10", "New", "2024-01-01"),
            ("10", "Demo", "2024-01-10"),
            ("10", "Won", "2024-02-01"),
            ("11", "New", "2024-01-03"),
            ("12", "New", None),
        ]
        leads = found.leads()
        assert (leads["10"]["account_id"], leads["10"]["amount"], leads["12"]["name"]) == ("X", 5.0, "C")
        assert found.sums() == [(3, 3, 0, 0), (4, 4, 0, 0)]


def test_a_file_for_each_stage(tmp_path):
    leads = "lead_id,created_at,source\n1,2024-01-01,ads\n2,2024-01-02,web\n3,2024-01-03,web\n"
    files = {
        "leads": leads,
        "qualified": "lead_id,date\n1,2024-01-05\n2,2024-01-09\n",
        "won": "lead_id,date\n1,2024-02-05\n",
    }
    with mapped(*written(tmp_path, **files)) as found:
        assert found.entries() == [
            ("1", "Lead", "2024-01-01"),
            ("1", "Qualified", "2024-01-05"),
            ("1", "Won", "2024-02-05"),
            ("2", "Lead", "2024-01-02"),
            ("2", "Qualified", "2024-01-09"),
            ("3", "Lead", "2024-01-03"),
        ]
        assert found.leads()["2"]["source"] == "web"


def test_joined_columns_never_multiply_leads(tmp_path):
    deals = "deal_id,stage,created_at,product,owner_id\n1,Won,2024-01-01,GTXPro,7\n2,New,2024-01-02,GTX Pro,8\n3,New,2024-01-03,Nova,9\n"
    products = "product,series,price\nGTX Pro,GTX,10\nMG,M,5\n"
    owners = "id,name,team\n7,Ann,East\n8,Bob,West\n9,Cy,West\n"
    with mapped(*written(tmp_path, deals=deals, products=products, owners=owners)) as found:
        leads = found.leads()
        assert [(row["series"], row["price"], row["team"]) for row in leads.values()] == [
            ("GTX", 10.0, "East"),
            ("GTX", 10.0, "West"),
            (None, None, "West"),
        ]
        assert found.warnings()["joined_spellings"].values["n"] == 1
        assert found.warnings()["join_unmatched"].values["n"] == 1
        assert found.sums() == [(3, 3, 0, 0), (2, 2, 0, 0), (3, 3, 0, 0)]


def test_ids_of_stages_get_their_names(tmp_path):
    stages = "stage_id,stage_name\n1,Lead in\n2,Demo\n"
    (path,) = written(tmp_path, stages=stages)
    with mapped(EXPORTS / "pipedrive_changes.csv", path) as found:
        assert [label for lead, label, _ in found.entries() if lead == "1"] == [
            "Deal created",
            "Lead in",
            "Demo",
            "Lost",
        ]


def test_a_file_that_fits_nothing_is_left_out_and_said(tmp_path):
    activities = (
        "activity_id,type,deal_id,due_to\n1,meeting,10,2024-01-02\n2,call,10,2024-01-03\n3,call,11,2024-01-05\n"
    )
    with mapped(*written(tmp_path, deals=DEALS, activities=activities)) as found:
        assert found.sums() == [(3, 3, 0, 0), (3, 0, 0, 3)]
        assert found.warnings()["left_out"].values == {"file": "activities.csv", "others": "deals.csv", "lines": 3}
        assert len(found.leads()) == 3


def test_both_date_orders_of_one_file_give_the_same_leads():
    closed = case("olist", "closed_deals_iso.csv")
    with (
        mapped(case("olist", "mql_ddmmyyyy.csv"), closed) as day_first,
        mapped(case("olist", "mql_mdy.csv"), closed) as month_first,
    ):
        assert day_first.entries() == month_first.entries()
        assert day_first.concepts() == {"MQL": "mql", "Closed won": "won"}
        assert day_first.mapping.ambiguities == ()


def test_lookup_tables_of_a_real_snapshot():
    files = [case("maven_crm", f"{name}.csv") for name in ("sales_pipeline", "accounts", "products", "sales_teams")]
    with mapped(*files) as found:
        assert (found.loaded.leads, found.loaded.entries) == (8800, 8300 + 500 + 4238 + 2473)
        assert found.warnings()["joined_spellings"].values["n"] == 1480
        assert found.sums() == [(8800, 8800, 0, 0), (85, 85, 0, 0), (7, 7, 0, 0), (35, 35, 0, 0)]
        offices = [row["regional_office"] for row in found.leads().values()]
        assert {office: offices.count(office) for office in set(offices)} == {
            "Central": 3512,
            "East": 2291,
            "West": 2997,
        }


def test_what_a_person_says_wins(tmp_path):
    paths = written(tmp_path, deals=DEALS)
    said = MappingOverrides(label="Name", closed=UNUSED, won=("B",), lost=("C",), concepts=(("A", "demo"),))
    with mapped(*paths, overrides=said) as found:
        assert found.concepts() == {"A": "demo", "B": "won", "C": "lost"}
        assert "closed" not in found.loaded.columns
    with mapped(*paths, overrides=MappingOverrides(stage_dates=(("close_date", "Signed"),))) as found:
        assert ("10", "Signed", "2024-02-01") in found.entries()


def test_a_date_order_said_by_hand(tmp_path):
    text = "lead_id,stage,changed_at\n1,New,01/02/2024\n1,Won,03/04/2024\n"
    paths = written(tmp_path, leads=text)
    for order, days in (("dmy", ["2024-02-01", "2024-04-03"]), ("mdy", ["2024-01-02", "2024-03-04"])):
        with mapped(*paths, overrides=MappingOverrides(date_order=order)) as found:
            assert [at for _, _, at in found.entries()] == days
            assert found.mapping.ambiguities == ()


def test_dates_agree_with_dates_of_the_same_line(tmp_path):
    # Each column alone reads both ways; only day first is every lead closed after it was created.
    text = "lead_id,stage,created_at,closed_at\n1,Won,05/04/2024,02/06/2024\n2,Won,07/01/2024,01/09/2024\n3,Lost,09/03/2024,10/04/2024\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert [(str(row["created_at"])[:10], str(row["closed_at"])[:10]) for row in found.leads().values()] == [
            ("2024-04-05", "2024-06-02"),
            ("2024-01-07", "2024-09-01"),
            ("2024-03-09", "2024-04-10"),
        ]
        assert found.mapping.ambiguities == ()


def test_a_saved_mapping_reads_the_next_file_the_same_way(tmp_path):
    odd = 'who,"where ""it"" is",when,\\odd\n1,Neu,01/02/2024,x\n1,Fertig,03/02/2024,y\n2,Neu,05/02/2024,x\n'
    paths = written(tmp_path, odd=odd)
    said = MappingOverrides(
        shape=Shape.HISTORY,
        lead="who",
        label='where "it" is',
        time="when",
        date_order="dmy",
        won=("Fertig",),
        concepts=(("Neu", "lead"),),
    )
    with mapped(*paths, overrides=said) as found:
        saved = to_toml(found.mapping)
        entries, concepts = found.entries(), found.concepts()
    loaded = from_toml(saved, "mapping.toml")
    assert loaded.headers == ("who", 'where "it" is', "when", "\\odd")
    assert to_toml(found.mapping, loaded) == saved
    with mapped(*paths, overrides=loaded) as again:
        assert (again.entries(), again.concepts()) == (entries, concepts)


@pytest.mark.parametrize(
    "name", ["hubspot_wide", "pipedrive_snapshot", "salesforce_field_history", "frappe", "generic_wide"]
)
def test_a_saved_guess_is_the_same_guess(name):
    with mapped(EXPORTS / f"{name}.csv") as found:
        saved, entries = to_toml(found.mapping), found.entries()
    with mapped(EXPORTS / f"{name}.csv", overrides=from_toml(saved, "mapping.toml")) as again:
        assert again.entries() == entries
        assert again.mapping.shape is found.mapping.shape


WRONG = {
    "shape = ": "is not a mapping that was saved by this program",
    'shape = "round"': "shape: found 'round'. Accepted: history, changes, wide, snapshot",
    "colour = 1": "colour: found an unknown key",
    '[columns]\nface = "x"': "columns.face: found an unknown part",
    "won = 3": "won: found 3. Accepted: a list of texts",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_mapping_file_names_the_key(text):
    with pytest.raises(MappingError) as wrong:
        from_toml(text, "mine.toml")
    assert str(wrong.value).startswith("mine.toml")
    assert WRONG[text] in str(wrong.value)


def test_of_several_lists_that_share_ids_the_one_that_knows_most_names_the_labels(tmp_path):
    changes = "deal_id,changed_on,field,new_value\n" + "".join(
        f"{n},2024-01-{n + 1:02},stage_id,{1 + n % 4}\n{n},2024-02-{n + 1:02},stage_id,{2 + n % 4}\n" for n in range(20)
    )
    fields = "ID,KEY,NAME\n3,user_id,Owner\n11,stage_id,Stage\n"
    stages = "stage_id,stage_name\n1,First talk\n2,Needs\n3,Offer\n4,Haggling\n5,Signed\n"
    with mapped(*written(tmp_path, changes=changes, fields=fields, stages=stages)) as found:
        assert {label.label for label in found.loaded.labels} >= {"First talk", "Needs", "Offer", "Haggling", "Signed"}
