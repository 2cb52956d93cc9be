"""Notes to days as a CSV file and back: what is written is read again, bad lines are told one by one, other files are refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.errors import ProjectError
from funnel.core.types import DatedNote, NoteKind, SavedWork, parted
from funnel.storage import notes_csv
from funnel.storage.project import LONGEST_LABEL, MOST_DATED_NOTES, plain_said
from funnel.words import wording

SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="'")
texts = st.text(SIGNS, max_size=40).map(str.strip)
conditions = st.one_of(
    st.just(""), st.tuples(st.text(SIGNS, min_size=1, max_size=9), texts).map("=".join).map(str.strip)
)
notes = st.builds(
    DatedNote,
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    texts.filter(bool),
    st.one_of(st.none(), st.sampled_from(NoteKind)),
    texts,
    conditions.filter(lambda text: not text or parted(text) is not None),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(notes, max_size=8))
def test_what_is_written_is_read_again(drawn) -> None:
    found = notes_csv.read(notes_csv.written(drawn))
    assert found.notes == tuple(dict.fromkeys(drawn))
    assert (found.problems, found.lines) == ((), len(drawn))


def test_what_a_spreadsheet_would_run_is_defused_and_comes_back_as_it_was() -> None:
    noted = DatedNote(date(2025, 1, 1), "=HYPERLINK(1)", None, "-2+3", "@a=+b")
    content = notes_csv.written([noted])
    assert b",'=HYPERLINK(1)," in content
    assert notes_csv.read(content).notes == (noted,)


def test_bad_lines_are_told_one_by_one_and_counted() -> None:
    lines = [
        "Note\tDATE\tType\tStep\tCondition",
        "Prices\t2025-04-01\tPricing\tDemo\tRegion=EMEA",
        "Fair\t1.4.2025\t\t\t",
        "\t2025-04-01\t\t\t",
        "War\t2025-04-01\twar\t\t",
        "",
        "Bare\t2025-04-02",
        f"{'x' * (LONGEST_LABEL + 1)}\t2025-04-01",
        "Mars\t2025-04-01\t\t\tRegion",
    ]
    found = notes_csv.read("\r\n".join(lines).encode("utf-8-sig"))
    assert found.notes == (
        DatedNote(date(2025, 4, 1), "Prices", NoteKind.PRICING, "Demo", "Region=EMEA"),
        DatedNote(date(2025, 4, 2), "Bare"),
    )
    assert notes_csv.problems_said(found, 3) == [
        "5 of 7 lines could not be read:",
        "Line 3: “1.4.2025” is no day; write it as 2025-04-01.",
        "Line 4: nothing says what happened.",
        "Line 5: “war” is no kind. Accepted: process, pricing, team, marketing, data.",
        "… and 2 more.",
    ]
    told = [wording.say(each.key, **each.values) for each in found.problems[3:]]
    assert told == ["Line 8: more than 200 signs.", "Line 9: “Region” is no condition; write it as Region=EMEA."]


def test_no_more_are_read_than_can_be_kept() -> None:
    content = b"day,text\n2025-01-01,a\n2025-01-01,a\n2025-01-02,b\n"
    found = notes_csv.read(content, MOST_DATED_NOTES - 1)
    assert len(found.notes) == 1
    [problem] = found.problems
    assert "there are 500 notes already" in wording.say(problem.key, **problem.values)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a,b\n1,2\n", "found: “a” and “b”"),
        (b"day\n2025-01-01\n", "what happened"),
        ("Tag,Text\nä".encode("latin-1"), "no text in UTF-8"),
        (b"day,text\n" + b"x" * 1_000_001, "more than 1,000 kB"),
    ],
)
def test_what_is_no_file_of_notes_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ProjectError) as refused:
        notes_csv.read(content)
    assert said in str(refused.value)


def test_a_project_of_notes_without_more_is_written_as_before_and_opens(tmp_path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("lead,stage,at\n1,New,2025-01-01\n1,Won,2025-02-01\n", encoding="utf-8")
    plain, more = DatedNote(date(2025, 1, 9), "Fair"), DatedNote(date(2025, 1, 9), "Fair", NoteKind.TEAM, "New", "a=b")

    with funnel.open(leads) as data_set:
        work = SavedWork(dated_notes=(plain, more))
        told = plain_said(data_set.overrides, work)["work"]["dated_notes"]
        data_set.save(tmp_path / "all.funnel", work)
    assert told[0] == {"day": "2025-01-09", "text": "Fair"}
    assert told[1] == {"day": "2025-01-09", "text": "Fair", "kind": "team", "stage": "New", "condition": "a=b"}
    with funnel.open(tmp_path / "all.funnel") as again:
        assert again.work.dated_notes == (plain, more)
