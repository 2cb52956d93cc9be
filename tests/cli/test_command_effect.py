"""`python -m funnel effect`, and `change --note`: what is printed, notes by their words, and the one sentence where something is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import funnel
from funnel.cli.command import main
from funnel.core.types import DatedNote, SavedWork
from funnel.measures.effect import effect
from tests.cli.test_command import _json, _refused
from tests.pages.test_pages_effect import YEAR

WAY = ("--labels", "New,Qualified,Closed won")
NOTES = """day,what happened,kind,stage,condition
2024-08-01,New pricing,pricing,Qualified,region=EMEA
2024-08-01,Twice,,,
2024-09-01,twice,,,
2024-05-01,Moon,,Landing,
2030-01-01,Late,,,
2024-13-01,No day,,,
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("effect")
    leads, notes = folder / "year.csv", folder / "notes.csv"
    leads.write_bytes(YEAR)
    notes.write_text(NOTES, encoding="utf-8")
    return {"leads": str(leads), "notes": str(notes), "project": str(folder / "year.funnel"), "folder": str(folder)}


@pytest.fixture(scope="module")
def project(files) -> str:
    assert main(["save", files["leads"], "--to", files["project"], "--dated-notes", files["notes"], "--json"]) == 0
    return files["project"]


def test_notes_of_a_file_are_kept_with_a_project_and_bad_lines_are_said(capsys, files) -> None:
    target = str(Path(files["folder"]) / "again.funnel")
    told = _json(capsys, "save", files["leads"], "--to", target, "--dated-notes", files["notes"])
    assert told["dated_notes"] == 5
    assert told["warnings"] == [
        "1 of 6 lines could not be read:",
        "Line 7: “2024-13-01” is no day; write it as 2025-04-01.",
    ]
    assert "command.unreadable" not in _refused(
        capsys, "save", files["leads"], "--to", target, "--dated-notes", "/nowhere.csv"
    )


def test_effect_as_json(capsys, files) -> None:
    told = _json(capsys, "effect", files["leads"], *WAY, "--on", "2024-08-01", "--day", "30")
    assert list(told) == [
        "on", "step", "day", "gap", "only", "before", "after", "difference", "p", "design_effect", "pre_trend", "trend",
        "others", "difference_in_differences", "verdict", "why", "months", "undated", "sentences", "warnings",
        "attributes", "notes",
    ]  # fmt: skip
    # Of thirty leads a month eight win; from August on those of odd numbers below twenty do too.
    before, after = 7 * 8, 5 * len([number for number in range(30) if number < 8 or (number < 20 and number % 2)])
    assert (told["before"]["k"], told["before"]["n"]) == (before, 7 * 30)
    assert (told["after"]["k"], told["after"]["n"]) == (after, 5 * 30)
    assert told["difference"][0] == pytest.approx(after / 150 - before / 210)
    assert told["pre_trend"]["odds_per_month"] == pytest.approx(1)
    assert told["trend"]["odds_ratio"] == pytest.approx((after / (150 - after)) / (before / (210 - before)))
    assert told["trend"]["extra"] == pytest.approx(after - 150 * before / 210)
    assert (told["verdict"], told["others"], told["only"]) == ("higher", None, [])
    assert len(told["months"]) == 13
    change = _json(
        capsys, "change", files["leads"], *WAY, "--before", "2024-01-01..2024-07-31", "--after", "2024-08-01..2025-06-01",
        "--day", "30",
    )  # fmt: skip
    assert (change["before"]["converted"], change["after"]["converted"]) == (before, after)
    assert told["difference"] == pytest.approx([change["change"], change["change_low"], change["change_high"]])
    assert told["p"] == pytest.approx(change["p"])


def test_a_condition_sets_the_others_beside(capsys, files) -> None:
    told = _json(capsys, "effect", files["leads"], *WAY, "--on", "2024-08-01", "--day", "30", "--only", "region=EMEA")
    assert told["only"] == ["region: EMEA"]
    assert (told["before"]["k"], told["after"]["k"]) == (7 * 4, 5 * 10)
    assert (told["others"]["before"]["k"], told["others"]["after"]["k"]) == (7 * 4, 5 * 4)
    assert told["difference_in_differences"][0] == pytest.approx(10 / 15 - 4 / 15)
    where = _json(capsys, "effect", files["leads"], *WAY, "--on", "2024-08-01", "--day", "30", "--where", "region=EMEA")
    assert (where["after"], where["others"]) == (told["after"], None)


def test_effect_as_text(capsys, files) -> None:
    assert main(["effect", files["leads"], *WAY, "--on", "2024-08-01", "--step", "New", "--day", "30"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("More convert since 1 Aug 2024: ")
    assert "From New to Qualified within 30 days, before and after 1 Aug 2024, through labels" in told
    assert "Before it: 7 months, level as far as they show" in told
    assert "So many months show a step from odds × " in told
    assert "\n1 Aug 2024" in told
    assert "{" not in told


def test_a_note_gives_its_day_its_stage_and_its_condition(capsys, project) -> None:
    told = _json(capsys, "effect", project, *WAY, "--note", " new PRICING", "--day", "30")
    assert (told["on"], told["step"], told["only"]) == ("2024-08-01", "Qualified", ["region: EMEA"])
    other = _json(capsys, "effect", project, *WAY, "--note", "New pricing", "--step", "New", "--day", "30")
    assert other["step"] == "New"
    change = _json(capsys, "change", project, *WAY, "--note", "New pricing", "--day", "30")
    assert (change["before"]["from"], change["before"]["to"]) == ("2024-01-01", "2024-07-31")
    assert (change["after"]["from"], change["after"]["to"]) == ("2024-08-01", "2025-06-01")


def test_python_answers_the_same(capsys, files) -> None:
    told = _json(capsys, "effect", files["leads"], *WAY, "--on", "2024-08-01", "--day", "30", "--gap")
    with funnel.open(files["leads"]) as data_set:
        question = data_set.question(data_set.labels_model([["New"], ["Qualified"], ["Closed won"]]))
        result = data_set.ask(effect, question, date(2024, 8, 1), None, 30, gap=True)
    assert told["trend"]["odds_ratio"] == pytest.approx(result.trend.odds_ratio)
    assert told["before"]["n"] == result.contrast.others.denominator < 210
    assert "entered_on" in result.sql


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--on"),
        (("--on", "soon"), "“soon”"),
        (("--on", "2024-08-01", "--note", "x"), "not allowed with"),
        (("--on", "2024-01-20"), "before it there are 1"),
        (("--on", "2023-01-20"), "does not part the leads"),
        (("--on", "2030-01-20"), "does not part the leads"),
        (("--on", "2024-08-01", "--step", "Mars"), "“Mars” is no stage of"),
        (("--on", "2024-08-01", "--step", "won"), "“won” is no stage of"),
        (("--on", "2024-08-01", "--step", "Closed won"), "is the last stage"),
        (("--on", "2024-08-01", "--day", "soon"), "“soon”"),
        (("--on", "2024-08-01", "--only", "region"), "--only"),
        (("--on", "2024-08-01", "--only", "Planet=Mars"), "Planet"),
        (("--on", "2024-08-01", "--dates", "closed"), "clos"),
        (("--note", "New pricing"), "hold no notes"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(capsys, files, words, said) -> None:
    assert said in _refused(capsys, "effect", files["leads"], *WAY, *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("effect", "--note", "Old pricing"), "No note says “Old pricing”. The notes are: “Moon”"),
        (("effect", "--note", "Twice"), "2 notes say “Twice”: of 1 Aug 2024 and 1 Sep 2024"),
        (("effect", "--note", "Moon"), "“Landing” is no stage of"),
        (("effect", "--note", "Late"), "does not part the leads"),
        (("change", "--note", "Late"), "does not part the leads"),
        (
            ("change", "--note", "New pricing", "--before", "2024", "--after", "2025"),
            "both --before and --after, or a note",
        ),
        (("change", "--before", "2024"), "both --before and --after, or a note"),
        (("change",), "both --before and --after, or a note"),
    ],
)
def test_what_is_wrong_with_a_note_is_said_in_one_sentence(capsys, project, words, said) -> None:
    command, *more = words
    assert said in _refused(capsys, command, project, *WAY, *more)


def test_a_hostile_stage_stands_on_one_line(capsys, tmp_path) -> None:
    steering = "Qual\x1b[31m\u202eified"
    lines = YEAR.decode().replace("Qualified", steering)
    (tmp_path / "steering.csv").write_text(lines, encoding="utf-8")
    way = ("--labels", f"New,{steering},Closed won")
    assert (
        main(["effect", str(tmp_path / "steering.csv"), *way, "--on", "2024-08-01", "--step", "New", "--day", "30"])
        == 0
    )
    told = capsys.readouterr().out
    assert "From New to Qual" in told
    assert not {"\x1b", "\u202e"} & set(told)


def test_a_hostile_note_is_shown_on_one_line(capsys, files, tmp_path) -> None:
    target = tmp_path / "hostile.funnel"
    with funnel.open(files["leads"]) as data_set:
        data_set.save(target, SavedWork(dated_notes=(DatedNote(date(2024, 8, 1), "a\n\x1b[31mb"),)))
    said = _refused(capsys, "effect", str(target), *WAY, "--note", "x")
    assert "\x1b" not in said
