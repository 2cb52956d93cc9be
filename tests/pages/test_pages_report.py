"""The report in the making: put together from the charts of pages, put in order, kept, and taken away."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

import funnel
from funnel import report
from funnel.core.errors import QuestionError
from funnel.core.types import ReportPart
from funnel.report import html
from funnel.storage.project import MOST_PARTS, contents
from funnel.words import wording
from pages.server import downloads, query_queue
from pages.strip import report_box
from pages.ui import gathered
from tests.pages.apps import choose, menu, turned, uploaded
from tests.thorough import every, thorough

HOSTILE = '"><script>x</script> & <b> =1+1'
CHARTS = [
    ("funnel", "funnel", "funnel"),
    ("heat", "cohorts", "cohorts"),
    ("paths", "moves_stream", "moves"),
    ("convert", "step_times", "step_times"),
    ("pipeline", "aging", "aging"),
    ("stages", "stage_times", "times"),
    ("overview", "overview", "funnel"),
    ("models", "columns", "models"),
]
"""A page or tab, the key of a chart there, and the section of a report that it is."""


def names(at) -> list[str]:  # type: ignore[no-untyped-def]
    return [part.section for part in at.session_state["workspace"].report]


def added(at, key: str):  # type: ignore[no-untyped-def]
    choose(at, key, "report", True)
    assert not at.exception
    return at


def shown(at) -> list[str]:  # type: ignore[no-untyped-def]
    return [each.value for each in at.markdown if each.value.startswith(tuple(f"{n}. **" for n in range(1, 9)))]


@pytest.mark.parametrize(("page", "key", "section"), every(6, CHARTS))
def test_a_chart_is_put_in_and_answers_as_its_page_does(page: str, key: str, section: str) -> None:
    at = turned(uploaded(), page)
    assert menu(at, key)["report"] is True
    added(at, key)
    [part] = at.session_state["workspace"].report
    assert part.section == section
    # What is kept goes on with other data: it does not say up to when these tell.
    assert part.question.observed_until is None
    made = report.make(at.session_state["workspace"].data_set, [part])
    assert made.sections[0].problem == ""
    assert made.sections[0].cells


@thorough
def test_what_was_chosen_on_the_page_is_what_is_kept() -> None:
    at = uploaded(**{"filter": ["region"], "where_region": ["West"], "rule": "came in order", "from": "2025-01-10"})
    [part] = added(at, "funnel").session_state["workspace"].report
    assert (part.question.rule.value, str(part.question.filters.start_from)) == ("in-order", "2025-01-10")
    [condition] = part.question.filters.where
    assert (condition.column, condition.values) == ("region", ("West",))


def test_parts_are_put_in_order_and_taken_out() -> None:
    at = added(turned(added(uploaded(), "funnel"), "pipeline"), "aging")
    assert names(at) == ["funnel", "aging"]
    # Twice the same is once.
    assert names(added(at, "aging")) == ["funnel", "aging"]
    assert [line.split(" · ")[0] for line in shown(at)] == ["1. **Funnel**", "2. **Open and stalled leads**"]
    at.button(key="report_up_1").click().run()
    assert names(at) == ["aging", "funnel"]
    at.button(key="report_out_0").click().run()
    assert names(at) == ["funnel"]
    at.text_input(key="report_title").set_value(HOSTILE).run()
    assert at.session_state["workspace"].report_title == HOSTILE
    assert not at.exception


@thorough
def test_it_is_kept_with_the_project_and_opens_again(tmp_path) -> None:
    at = added(uploaded(), "funnel")
    at.text_input(key="report_title").set_value("Every Monday").run()
    space = at.session_state["workspace"]
    space.data_set.save(tmp_path / "p.funnel", space.work())
    with funnel.open(tmp_path / "p.funnel") as again:
        assert again.work.report == space.report
        assert again.work.report_title == "Every Monday"
        page = html.page(report.make(again, again.work.report, title=HOSTILE), light=True).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@thorough
def test_a_full_report_takes_no_more() -> None:
    at = uploaded()
    space = at.session_state["workspace"]
    question = at.session_state["question"]
    space.report = tuple(ReportPart("times", replace(question, window_days=day)) for day in range(1, MOST_PARTS + 1))
    added(at, "funnel")
    assert len(names(at)) == MOST_PARTS
    assert [each.value for each in at.toast] == [f"A report has up to {MOST_PARTS} sections. Take one out first."]


@pytest.mark.parametrize(
    "change",
    [
        {"section": 1},
        {"question": {}},
        {"question": None},
        {"options": []},
        {"more": 1},
    ],
)
def test_a_forged_part_is_no_project(change) -> None:
    part = ReportPart("funnel", funnel.Question(funnel.StageModel("m", "M", (_stage("a"),))))
    work = funnel.core.types.SavedWork(report=(part,))
    said = json.loads(json.dumps(contents.plain_said(funnel.MappingOverrides(), work)))
    assert contents.read_said(said)[1].report == (part,)
    said["work"]["report"][0] |= change
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        contents.read_said(said)


def test_a_model_that_cannot_be_meant_is_no_part() -> None:
    model = funnel.StageModel("m", "M", (_stage("a"), _stage("a")))
    work = funnel.core.types.SavedWork(report=(ReportPart("funnel", funnel.Question(model)),))
    said = json.loads(json.dumps(contents.plain_said(funnel.MappingOverrides(), work)))
    with pytest.raises(ValueError, match="stages"):
        contents.read_said(said)


def test_a_part_of_no_section_has_a_name_all_the_same() -> None:
    question = funnel.Question(funnel.StageModel("m", "M", (_stage("a"),)))
    assert gathered.name(ReportPart("nonsense", question)) == "Report"


def _stage(key: str) -> funnel.core.types.Stage:
    return funnel.core.types.Stage(key, key.upper(), ("new",))


def test_files_are_made_by_turns(monkeypatch) -> None:
    at = added(uploaded(), "funnel")
    space = at.session_state["workspace"]
    turns = query_queue.Turns(lambda: 1)
    monkeypatch.setattr(report_box.query_queue, "readings", turns)
    at_once: list[int] = []

    def content(made, ending, *, light=False) -> bytes:  # type: ignore[no-untyped-def]
        at_once.append(len(turns._held))
        busy.wait(0.2)
        at_once.append(len(turns._held))
        return b"whole"

    busy = threading.Event()
    monkeypatch.setattr(report_box.writing, "content", content)
    made = [report_box._made(space, space.data_set, ".html", light) for light in (False, True)]
    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(one) for one in made]] == [b"whole", b"whole"]
    assert at_once == [1, 1, 1, 1]

    assert turns._held == []


def test_a_file_that_cannot_be_made_says_why(monkeypatch) -> None:
    def asked(problem: Exception) -> str:
        def content() -> bytes:
            raise problem

        with wording.speaking("ru"):
            make = downloads.given(content)
        files = MediaFileManager(MemoryMediaFileStorage("/media"))
        monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: "session")
        file_id = files.add_deferred(make, "application/pdf", "1.2.3", "report.pdf")
        request = BackendOperationRequest(request_id="r")
        request.deferred_file.file_id = file_id
        answer = asyncio.run(DeferredFileHandler(lambda: files).handle(request, "session"))
        assert answer.request_id == "r"
        return str(answer.error_msg)

    uploaded()
    with wording.speaking("ru"):
        not_printed = wording.say("report.not_printed", browser="chrome")
        failed = wording.say("pages.failed")
    assert asked(QuestionError("report.not_printed", browser="chrome")) == wording.plain(not_printed)
    assert asked(ValueError("secret")) == failed
