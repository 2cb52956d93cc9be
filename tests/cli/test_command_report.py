"""`python -m funnel report`: a file of its own kind, whole or none, and one sentence where something is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import funnel
from funnel import report
from funnel.cli.command import main
from funnel.report import paper, slides
from tests.cli.test_command import HISTORY, _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(HISTORY, encoding="utf-8")
    return str(path)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_report_is_written_as_its_ending_says(capsys, file, tmp_path) -> None:
    for name, begins in (("r.html", b"<!doctype html>"), ("r.pptx", b"PK")):
        told = _json(capsys, "report", file, "--out", str(tmp_path / name), "--sections", "funnel,pipeline")
        assert told == {"file": str(tmp_path / name), "sections": ["funnel", "pipeline"], "problems": []}
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert _left(tmp_path) == ["deals.csv", "r.html", "r.pptx"]


def test_without_sections_the_usual_ones_and_what_cannot_be_told(capsys, file, tmp_path) -> None:
    assert main(["report", file, "--out", str(tmp_path / "r.html"), "--light"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"Wrote {tmp_path / 'r.html'} with 7 sections."
    assert [line for line in others if line.startswith("Forecast: ")]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<section ") == 7
    assert "<script" not in page


def test_the_same_command_gives_the_same_bytes(file, tmp_path) -> None:
    for name in ("a.html", "b.html"):
        assert main(["report", file, "--out", str(tmp_path / name), "--sections", "funnel"]) == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_leads_are_in_it_only_where_they_are_asked_for(file, tmp_path) -> None:
    lead = ">d1<"
    for flags, there in (([], False), (["--with-leads"], True)):
        assert main(["report", file, "--out", str(tmp_path / "r.html"), "--sections", "funnel", *flags]) == 0
        assert (lead in (tmp_path / "r.html").read_text(encoding="utf-8").partition("<body>")[2]) is there


def test_questions_count_as_elsewhere(capsys, file, tmp_path) -> None:
    out = tmp_path / "r.html"
    assert main(["report", file, "--out", str(out), "--sections", "funnel", "--where", "Region=West", "--light"]) == 0
    leads = _json(capsys, "steps", file, "--where", "Region=West") if capsys.readouterr() else {}
    assert "Region: West" in out.read_text(encoding="utf-8")
    assert f">{leads['stages'][0]['leads']}<" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--out", "r.doc"],
            "A report is a file that ends in .html, .pptx, and .pdf; “r.doc” does not. Say one with --out.",
        ),
        (
            ["--out", "r.html", "--sections", "funnle"],
            "No section of a report is called funnle. There are funnel, value_steps, ",
        ),
        (["--out", "r.html", "--sections", ""], "No section of a report is called 0."),
        (["--out", "no/r.html"], "“no/r.html” cannot be written."),
        (["--out", "r.html", "--project", "deals.csv"], "“deals.csv” is no project, so no report was gathered in it."),
        (["--out", "r.html", "--sections", "segments", "--by", "Colour"], "These leads have no column “Colour”."),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(words, told, capsys, file, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _refused(capsys, "report", "deals.csv", *words).startswith(told)
    assert _left(tmp_path) == ["deals.csv"]


def test_without_a_browser_there_is_no_pdf(capsys, file, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_BROWSER", str(tmp_path / "no-browser"))
    assert "FUNNEL_LENS_BROWSER" in _refused(capsys, "report", file, "--out", str(tmp_path / "r.pdf"))
    # What is no browser, or prints nothing, leaves what stood there.
    (tmp_path / "r.pdf").write_bytes(b"of before")
    monkeypatch.setenv("FUNNEL_LENS_BROWSER", "false")
    assert "did not print the report" in _refused(capsys, "report", file, "--out", str(tmp_path / "r.pdf"))
    assert (tmp_path / "r.pdf").read_bytes() == b"of before"
    assert _left(tmp_path) == ["deals.csv", "r.pdf"]


def test_without_the_package_there_is_no_presentation(capsys, file, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(slides, "is_there", lambda: False)
    told = _refused(capsys, "report", file, "--out", str(tmp_path / "r.pptx"))
    assert told == "A presentation needs one package more: pip install -r requirements-report.txt.\n"
    assert _left(tmp_path) == ["deals.csv"]


def test_a_project_brings_its_sections_and_its_title(capsys, file, tmp_path) -> None:
    with funnel.open(file) as data_set:
        question = data_set.question(rule="strict")
        parts = (report.part("pipeline", question), report.part("funnels_by", question, column="Region"))
        data_set.save(tmp_path / "p.funnel", replace(data_set.work, report=parts, report_title="Every Monday"))
    for words in ([str(tmp_path / "p.funnel")], [file, "--project", str(tmp_path / "p.funnel")]):
        told = _json(capsys, "report", *words, "--out", str(tmp_path / "r.html"))
        assert told["sections"] == ["pipeline", "funnels_by"]
        page = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert "<h1>Every Monday</h1>" in page
        assert "consecutive" in page or "strict" in page
    told = _json(
        capsys,
        "report",
        file,
        "--project",
        str(tmp_path / "p.funnel"),
        "--sections",
        "funnel",
        "--out",
        str(tmp_path / "r.html"),
    )
    assert told["sections"] == ["funnel"]


def test_the_browser_is_the_one_that_the_setting_names(monkeypatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_BROWSER", "sh")
    assert Path(str(paper.browser())).name == "sh"
    monkeypatch.delenv("FUNNEL_LENS_BROWSER")
    monkeypatch.setenv("PATH", "")
    assert paper.browser() is None
