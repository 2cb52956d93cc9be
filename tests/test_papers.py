"""What is said of the project in more than one place is the same everywhere, and what is named is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.test_architecture import ALLOWED, ONLY_IN
from tests.test_readme import ROOT, TEXTS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ARCHITECTURE = TEXTS["docs/architecture.md"]
TOP = ("funnel", "pages", "data", "tests", "docs", "bench", ".ci", ".streamlit")
# What git ignores, whoever runs the app writes.
IGNORED = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
TESTS = {path.stem for path in ROOT.glob("tests/**/test_*.py")}


@pytest.mark.parametrize(
    ("file", "declared"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-sign-in.txt", EXTRAS["sign-in"]),
        ("requirements-spark.txt", EXTRAS["spark"]),
        ("requirements-report.txt", EXTRAS["report"]),
        ("requirements-live.txt", EXTRAS["live"]),
        ("requirements-mcp.txt", EXTRAS["mcp"]),
        ("tests/requirements.txt", [each for each in EXTRAS["tests"] if not each.startswith("funnel-lens[")]),
    ],
)
def test_pins_are_equal(file, declared):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines if not line.startswith(("#", "-r "))]
    assert pins == declared
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", pin) for pin in pins)


@pytest.mark.parametrize("extra", ["sign-in", "report"])
def test_the_tests_need_what_an_extra_needs(extra):
    assert f"-r ../requirements-{extra}.txt" in (ROOT / "tests/requirements.txt").read_text(encoding="utf-8")
    assert f"funnel-lens[{extra}]" in EXTRAS["tests"]


def test_the_newest_version_of_the_changes_is_the_projects():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert next(each for each in headings if each != "Unreleased").split(",")[0] == PROJECT["version"]


def test_the_arrows_that_are_told_are_those_that_are_tested():
    rooms_told = ARCHITECTURE.partition("## Rooms")[2].partition("The app:")[0]
    rows = re.findall(r"^\| `(\w+)`( itself)? \| [^|]+ \| ([^|]+) \|$", rooms_told, re.M)
    told = {"" if itself else room: {word.strip() for word in rooms.split(",")} - {"–"} for room, itself, rooms in rows}
    named = {room: {each or "funnel" for each in rooms} for room, rooms in ALLOWED.items()}
    assert told == named


@pytest.mark.parametrize(("library", "place"), ONLY_IN.items())
def test_where_a_library_is_imported_is_told(library, place):
    (line,) = [line for line in ARCHITECTURE.splitlines() if line.startswith("One place for each library")]
    assert f"`{library}`" in line
    assert f"`{place.partition('/')[0]}`" in line or f"`{place}`" in line


def _named(text: str) -> list[str]:
    """What a paper names in backticks that can only be a file or folder of the project."""
    marked = [name for name in re.findall(r"`([^`\n]+)`", text) if re.fullmatch(r"[\w./*-]+", name)]
    return [name for name in marked if name.split("/")[0] in TOP and "/" in name and name not in IGNORED]


@pytest.mark.parametrize("paper", TEXTS)
def test_files_that_are_named_exist(paper):
    assert [name for name in _named(TEXTS[paper]) if not list(ROOT.glob(name.rstrip("/")))] == []
    assert set(re.findall(r"`(test_\w+)`", TEXTS[paper])) <= TESTS


def test_a_file_that_is_missing_is_found():
    assert _named("`funnel/no.py`, `pages/*_page.py`, `python -m funnel`, `a/b`, `docs`") == [
        "funnel/no.py",
        "pages/*_page.py",
    ]


def _strangers(text: str) -> list[str]:
    """Names of code that stand beside files of the project, in one line, and in none of them."""
    strangers = []
    for line in text.splitlines():
        files = [ROOT / name for name in _named(line) if (ROOT / name).is_file()]
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        marked = re.findall(r"`(?:\w+\.)*(\w+)(?:\([^`]*\))?`", line)
        strangers += [name for name in marked if files and not re.search(rf"\b{name}\b", code)]
    return strangers


@pytest.mark.parametrize("paper", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_code_that_is_named_beside_a_file_is_in_it(paper):
    assert _strangers(TEXTS[paper]) == []


def test_code_that_is_elsewhere_is_found():
    assert _strangers("`funnel/dataset.py` has `DataSet.no_such_question`, and `DataSet`") == ["no_such_question"]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", TEXTS)
def test_links_lead_somewhere(paper):
    for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", TEXTS[paper]):
        if "://" not in link:
            name, _, anchor = link.partition("#")
            path = (ROOT / paper).parent / name if name else ROOT / paper
            assert path.is_file(), link
            assert not anchor or anchor in _anchors(path), link


def test_every_paper_can_be_reached_from_the_readme():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        paper = ahead.pop().resolve()
        if paper in reached or paper.suffix != ".md":
            continue
        reached.add(paper)
        links = re.findall(r"\]\(([^)#:]+)[^)]*\)", paper.read_text(encoding="utf-8"))
        ahead += [path for link in links if (path := paper.parent / link).is_file()]
    assert {ROOT / paper for paper in TEXTS} <= reached


def test_decisions_are_numbered_and_listed():
    listed = re.findall(r"^\| (\d+) \| \[(.+)\]\((\d{4})-[\w-]+\.md\) \|$", TEXTS["docs/decisions/README.md"], re.M)
    written = [text.splitlines()[0] for name, text in TEXTS.items() if re.match(r"docs/decisions/\d", name)]
    assert written == [f"# {number}. {title}" for number, title, _ in listed]
    assert [(int(number), int(file)) for number, _, file in listed] == [(n, n) for n in range(1, len(written) + 1)]
