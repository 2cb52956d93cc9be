"""What stands over every page: the menu of the file, and the chips of the filters, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests import uploads
from tests.pages.apps import ALL, MOVES, titles, turned, uploaded
from tests.pages.test_pages_pipeline import plain
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")


def links(at: AppTest) -> list[tuple[str, str]]:
    """The links of the menu: what they say, and the page."""
    return [(plain(each.proto.label), each.proto.page) for each in at.main.get("page_link")]


def chips(at: AppTest) -> dict[str, str]:
    """Key → what the chip says."""
    return {str(each.key): plain(each.label) for each in at.button if str(each.key).startswith("chip_")}


@pytest.mark.parametrize(
    "page",
    [
        "overview",
        "models",
        *(pytest.param(page, marks=thorough) for page in ("funnel", "segments", "trends", "pipeline", "files")),
    ],
)
def test_every_page_leads_to_the_data_check_and_takes_another_file(page: str) -> None:
    at = uploaded(page=page)
    assert links(at)[:2] == [("Data check", "data"), ("All rows imported · Data check", "data")]
    uploads.upload(at, ("april.csv", MOVES + b"E-5,New,2025-04-02,East,\n"))
    assert not at.exception
    assert at.session_state["workspace"].data_set.leads == 5
    assert [file.name for file in at.session_state["workspace"].data_set.files] == ["april.csv"]
    assert len(uploads.boxes(at)) == 1


def test_lines_that_were_not_used_are_told_in_the_menu() -> None:
    at = uploaded(MOVES.replace(b"2025-01-10", b"soon"))
    # One of eight lines has no day: 87.5%.
    assert [each[0] for each in links(at)[:2]] == ["Data check: needs you", "88% of rows imported · Data check"]


def test_files_can_be_added_on_any_page() -> None:
    at = uploaded()
    at.segmented_control(key="more").set_value("Add files").run()
    header = MOVES.splitlines(keepends=True)[0]
    uploads.upload(at, ("april.csv", header + b"E-5,New,2025-04-02,East,\n"))
    assert titles(at) == ["1 of 5 leads won · entered Jan 2025 – Apr 2025"]


def test_a_chip_takes_its_filter_off_and_leaves_the_others() -> None:
    content = MOVES.replace(b"=1+1", b"Fair").replace(b"West,\n", b"West,Web\n")
    at = uploaded(content, filter=["region", "note"], where_region=["West"], where_note=["Web", "Fair"])
    assert chips(at) == {"chip_region": "region: West ✕", "chip_note": "note: Web, Fair ✕"}
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Mar 2025"]
    at.button(key="chip_region").click().run()
    assert not at.exception
    assert chips(at) == {"chip_note": "note: Web, Fair ✕"}
    assert at.multiselect(key="where_note").value == ["Web", "Fair"]
    # C-3 says nothing there.
    assert titles(at) == ["1 of 3 leads won · entered Jan 2025 – Mar 2025"]
    at.button(key="chip_note").click().run()
    assert chips(at) == {}
    assert titles(at) == [ALL]


def test_a_chip_stands_on_every_page_and_holds_the_text_of_a_file_as_text() -> None:
    evil = "![x](http://evil.example/a.png)<b>"
    at = uploaded(MOVES.replace(b"West", evil.encode()), filter=["region"], where_region=[evil])
    for page in ("overview", "pipeline", "paths"):
        turned(at, page)
        (chip,) = [each for each in at.button if str(each.key).startswith("chip_")]
        assert "![" not in chip.label
        assert "http://" not in chip.label
        assert "evil" in chip.label
        assert "![" not in chip.help
