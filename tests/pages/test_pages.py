"""The pages, through pages/main.py, without a browser."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from funnel import Rule
from funnel.words import wording
from pages.ui.views import FORMER_WORDS
from tests import uploads
from tests.pages.apps import ALL, MOVES, below, dated, metrics, opened, titles, turned, uploaded, with_ledger
from tests.pictures import pictures
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")


def test_every_page_greets_whoever_has_no_data() -> None:
    at = opened()
    assert titles(at) == ["See the funnel in your lead file"]
    assert not pictures(at)
    at.switch_page("files_page.py").run()
    assert titles(at) == ["See the funnel in your lead file"]
    languages = [wording.called(tag) for tag in wording.languages()]
    calendars = ["Gregorian calendar", "Jalali calendar"]
    assert [button.label for button in at.button] == [*languages, *calendars, "Try the sample"]
    assert any("nothing leaves it" in markdown.value for markdown in at.markdown)


def test_an_upload_shows_its_funnel_at_once_and_is_not_kept_mounted() -> None:
    at = uploaded()
    assert titles(at) == [ALL]
    assert metrics(at) == {
        "New leads": "4",
        "Won within 180 days": "–",
        "Median time to win": "–",
        "Open leads": "2",
    }
    # The box of the greeting went with its ticket: the file menu has one of its own.
    assert len(uploads.boxes(at)) == 1
    assert list(at.session_state["workspace"].tickets) == [at.session_state["upload_ticket"]]
    assert not [each for each in below(at).get("bidi_component") if each in uploads.boxes(at)]


def test_the_slider_counts_only_leads_that_started_on_its_days() -> None:
    at = uploaded()
    dated(at.slider, "started").set_range(date(2025, 1, 20), date(2025, 2, 3)).run()
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Feb 2025"]
    dated(at.slider, "started").set_range(date(2025, 1, 5), date(2025, 3, 15)).run()
    assert titles(at) == [ALL]


def test_the_rules_say_how_many_leads_they_would_count_differently() -> None:
    skipped = MOVES.replace(b"C-3,New,2025-02-03,East,\n", b"")
    at = uploaded(skipped)
    said = "Other methods change the count for 1 (“Entered this stage”) or 1 lead (“Went through every stage in order”)"
    assert said in [caption.value for caption in at.caption]


def test_strict_order_is_a_rule_to_choose() -> None:
    skipped = MOVES.replace(b"C-3,New,2025-02-03,East,\n", b"")
    at = uploaded(skipped, rule="Every stage in strict order")
    assert any("counted only in strict order" in caption.value for caption in at.caption)
    assert any(caption.value.startswith("Other methods change the count for ") for caption in at.caption)


def test_an_address_in_former_words_says_what_it_said() -> None:
    skipped = MOVES.replace(b"C-3,New,2025-02-03,East,\n", b"")
    at = uploaded(skipped, rule="came in strict order")
    assert any("counted only in strict order" in caption.value for caption in at.caption)
    assert at.query_params["rule"] == "Every stage in strict order"


def test_former_words_lead_to_words_of_now() -> None:
    now = {each for each in wording.read_words(wording.FOLDER / "en.toml").values() if isinstance(each, str)}
    for choice, words in tomllib.loads(FORMER_WORDS.read_text(encoding="utf-8")).items():
        if choice not in ("model", "power"):
            assert set(words.values()) <= now, choice
            assert not set(words) & {wording.say(f"pages.rule.{rule}") for rule in Rule}


def test_an_address_opens_the_view_it_names() -> None:
    at = uploaded(
        started=["2025-01-20", "2025-03-15"],
        rule="Went through every stage in order",
        filter=["region"],
        where_region=["West"],
    )
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Mar 2025"]
    assert below(at).caption[0].value == (
        "CRM stages · counted only after every stage before, in order · 1 open, so the last figure will grow"
    )


@pytest.mark.parametrize(
    "query",
    every(
        5,
        [
            {"started": ["1900-01-01", "2999-01-01"]},
            {"started": ["2025-03-01", "x"]},
            {"from": "soon", "to": "2025-13-40", "range": "' OR 1=1", "fiscal": "0"},
            {"rule": "'; DROP TABLE leads"},
            {"model": "../../etc/passwd"},
            {"filter": ["no such column"], "where_region": ["<script>"]},
            {"window": "-7"},
            {"unit": "account", "quorum": "0"},
            {"by": "-1", "day": "1e99", "split": "lead_id"},
            {"stages": ["nobody"]},
            {"sample": "../history"},
        ],
    ),
)
def test_an_address_that_makes_no_sense_shows_everything(query: dict[str, str | list[str]]) -> None:
    assert titles(uploaded(**query)) == [ALL]


def test_a_broken_file_says_so_and_leaves_the_old_view_standing() -> None:
    at = uploaded(page="files")
    uploads.upload(at, ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20))
    assert not at.exception
    assert len(at.error) == 1
    assert "picture" in at.error[0].value
    at.switch_page("funnel_page.py").run()
    assert titles(at) == [ALL]


def test_a_first_file_that_is_broken_is_said_beside_the_box() -> None:
    at = uploaded(b"", "nothing.csv")
    assert titles(at) == ["See the funnel in your lead file"]
    assert len(at.error) == 1
    assert "nothing" in at.error[0].value


def test_an_empty_result_says_why_and_gives_the_way_out() -> None:
    at = uploaded(filter=["region"], where_region=["West"], started=["2025-02-03", "2025-02-20"])
    assert titles(at) == ["No lead is counted here"]
    at.button(key="clear_filters").click().run()
    assert titles(at) == [ALL]


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    hostile = MOVES.replace(b"Qualified", label.encode())
    at = uploaded(hostile, "![y](http:evil).csv", page="files")
    assert not at.exception
    places = [*at.markdown, *at.caption, *at.title, *at.metric, *at.warning, *at.info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    assert any("evil" in place.value for place in at.markdown)
    assert label in [each.label for each in at.session_state["workspace"].data_set.labels]


def test_the_ledger_sums() -> None:
    ledger = with_ledger(uploaded()).dataframe[0].value
    parts = ledger[["To next stage", "Skipped", "Moved back", "Lost for good", "In stage (open or won)"]].sum(axis=1)
    assert list(parts) == list(ledger["Leads"])
    assert dict(zip(ledger["Stage"], ledger["Leads"], strict=True)) == {"New": 4, "Qualified": 2, "Closed won": 1}


def test_stages_can_be_left_out_by_hand() -> None:
    at = with_ledger(uploaded(stages=["New", "Closed won"]))
    assert list(at.dataframe[0].value["Stage"]) == ["New", "Closed won"]


def test_two_sessions_do_not_see_each_others_leads() -> None:
    mine, yours = uploaded(), uploaded(MOVES.replace(b"D-4,New,2025-03-15,West,\n", b""), "moves.csv")
    assert titles(mine) == [ALL]
    assert titles(yours) == ["1 of 3 leads won · entered Jan 2025 – Feb 2025"]
    assert titles(mine.run()) == [ALL]
    assert mine.session_state["workspace"].token != yours.session_state["workspace"].token


def test_the_sample_is_one_click_away() -> None:
    at = opened()
    at.button(key="try_the_sample").click().run()
    assert not at.exception
    assert titles(at) == ["1,006 of 12,000 leads won (8.4%) · entered Jan 2023 – Jun 2025"]
    assert at.query_params["sample"] == "history"


def test_a_breakdown_shows_one_funnel_for_each_value() -> None:
    at = uploaded()
    at.selectbox(key="split").select("region").run()
    assert not at.exception
    # East and West, in place of the funnel of all.
    assert len(pictures(below(at))) == 2


def test_a_second_file_is_added_to_the_first() -> None:
    at = uploaded(page="rows")
    at.segmented_control(key="more").set_value("Add files").run()
    more = MOVES.splitlines(keepends=True)[0] + b"E-5,New,2025-04-02,East,\n"
    uploads.upload(at, ("april.csv", more))
    assert not at.exception
    assert list(at.dataframe[0].value["File"]) == ["moves.csv", "april.csv"]
    at.switch_page("funnel_page.py").run()
    assert titles(at) == ["1 of 5 leads won · entered Jan 2025 – Apr 2025"]


def test_a_file_takes_the_place_of_the_sample_and_the_page_says_so() -> None:
    at = turned(opened(sample="snapshot"), "rows")
    assert not [box for box in at.segmented_control if box.key == "more"]
    assert "The sample is complete: your file takes its place." in [caption.value for caption in at.caption]
    uploads.upload(at, ("moves.csv", MOVES))
    assert list(at.dataframe[0].value["File"]) == ["moves.csv"]
    assert not at.segmented_control(key="more").disabled


def test_amounts_and_accounts_can_be_filtered() -> None:
    content = b"""lead_id,stage,changed_at,company,amount
A-1,New,2025-01-05,Acme,100
B-2,New,2025-01-20,Acme,250
C-3,New,2025-02-03,Bolt,900
"""
    at = uploaded(content, filter=["Amount"], where_from_amount="200")
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Feb 2025"]
    at = uploaded(content, filter=["Account"], where_account_id=["Acme"])
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025"]


def test_a_file_without_dates_has_a_funnel_and_a_comparison_and_says_what_they_cannot_tell() -> None:
    rows = "".join(f"L-{n},{stage}\n" for n, stage in enumerate(("New", "Qualified", "Closed won") * 8))
    at = uploaded(b"lead_id,stage\n" + rows.encode(), "standing.csv")
    assert not at.exception
    assert pictures(at)
    assert any("holds no date" in info.value for info in at.info)
    at.switch_page("models_page.py").run()
    assert not at.exception
    assert titles(at) == ["The same 24 leads through three models"]
    assert len(pictures(below(at))) > 3
