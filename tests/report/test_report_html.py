"""A report as one page: what stands in it, what it asks for, and that nothing of a file is obeyed in it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import funnel
from funnel import report
from funnel.core.types import ReportPart
from funnel.measures import leads_at
from funnel.report import html
from funnel.words import wording
from tests.attacks import ITSELF, ring
from tests.thorough import thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz"
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "nav",
        "ol",
        "ul",
        "li",
        "a",
    ),
    *(
        "section",
        "div",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "code",
        "footer",
        "script",
    ),
}
ATTRIBUTES = {
    *(
        "lang",
        "dir",
        "charset",
        "http-equiv",
        "content",
        "name",
        "rel",
        "href",
        "id",
        "class",
        "style",
        "scope",
        "tabindex",
    ),
    *("open", "type", "role", "aria-label", "data-chart"),
}
ASKED = "Standard B2B · entered 2 Jan 2023 – 30 Jun 2025"
MEGABYTE = 1_000_000
CURVES = ("cohort_ages", "segment_curves")


class Read(HTMLParser):
    """What a page holds: its tags and attributes, the texts outside of scripts, and what stands in scripts by id."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.scripts: dict[str, str] = {}
        self.texts: list[str] = []
        self._script: str | None = None
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.attributes |= given.keys()
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]
        self.ids += [str(value) for name, value in attrs if name == "id"]
        self._script = (given.get("id") or f"script {len(self.scripts)}") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            self.texts.append(data)
        else:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


@pytest.fixture(scope="module")
def made():  # type: ignore[no-untyped-def]
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard")
        parts = [report.part(name, question) for name in ("funnel", "cohorts", "times", "retention")]
        yield report.make(data_set, parts, files=[SAMPLE], title="Q2 <b>for</b> the board")


def test_a_page_is_whole_and_asks_for_nothing(made) -> None:
    page = html.page(made)
    read = Read(page)
    assert read.tags <= TAGS
    assert read.attributes <= ATTRIBUTES
    assert [link for link in read.links if not link.startswith("#")] == ["data:,"]
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{html.POLICY.replace(chr(39), "&#x27;")}">'
    assert policy in page.decode()
    text = "\n".join(read.texts)
    for told in (
        "Q2 <b>for</b> the board",
        "observed until 30 Jun 2025",
        "12,000 leads",
        "Standard B2B · entered 2 Jan 2023 – 30 Jun 2025",
    ):
        assert told in text
    assert re.search(r"\b[0-9a-f]{64}\b", text)
    # What the file cannot tell is said where it would have stood.
    assert "The file does not say when contracts end" in text


def test_the_digest_is_that_of_the_file(made) -> None:
    # By `sha256sum` of the same bytes.
    told = subprocess.run(["sha256sum", str(SAMPLE)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert [(each.name, each.digest) for each in made.sources] == [(SAMPLE.name, told)]


def test_the_same_report_gives_the_same_bytes(made) -> None:
    assert html.page(made) == html.page(made)
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard")
        parts = [report.part(name, question) for name in ("funnel", "cohorts", "times", "retention")]
        again = report.make(data_set, parts, files=[SAMPLE], title="Q2 <b>for</b> the board")
    assert html.page(again) == html.page(made)


def test_every_chart_has_its_figure_in_both_themes(made) -> None:
    read = Read(html.page(made))
    charts = re.findall(r'data-chart="([^"]+)"', html.page(made).decode())
    assert charts == ["s1-1-data", "s2-1-data", "s3-1-data"]
    for chart in charts:
        told = json.loads(read.scripts[chart])
        assert told.keys() == {"light", "narrow", "dark", "dark narrow", "lists"}
        assert told["light"]["data"]
        assert told["dark"]
        assert told["narrow"]
    assert json.loads(read.scripts["templates"]).keys() == {"light", "dark"}


def test_changes_of_a_figure_lead_from_one_to_the_other() -> None:
    one = {"a": [1, 2, {"b": "x"}], "c": {"d": 1}, "e": [1]}
    other = {"a": [1, 3, {"b": "y"}], "c": {"d": 1}, "e": [1, 2]}
    changed = json.loads(json.dumps(one))
    for path, value in html._changes(one, other):
        *steps, last = path
        place = changed
        for step in steps:
            place = place[step]
        place[last] = value
    assert changed == other


def test_a_light_page_has_no_script_and_bars_in_its_tables(made) -> None:
    page = html.page(made, light=True)
    assert Read(page).scripts == {}
    assert len(page) < 0.2 * MEGABYTE
    # 6,827 of the 12,000 leads at the first stage: 57 % of the longest bar.
    assert '<td class="n b" style="--w:57%">6,827</td>' in page.decode()


def test_leads_stand_in_it_only_where_they_are_asked_for(made) -> None:
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard", where={"lead_id": _first_lead(data_set)})
        lead = _first_lead(data_set)
        parts = [report.part("funnel", data_set.question("standard"))]
        without = report.make(data_set, parts)
        listed = report.make(data_set, parts, leads_of=question)
    assert lead.encode() not in html.page(without, light=True)
    assert listed.leads is not None
    assert listed.leads.sentences == ("1 of 1 lead that the question counts, those that entered last first.",)
    assert lead.encode() in html.page(listed, light=True)


def _first_lead(data_set: funnel.DataSet) -> str:
    return str(data_set.ask(leads_at, data_set.question("standard"), 0, limit=1)["lead_id"].iloc[0])


@thorough
def test_no_text_of_a_file_is_obeyed(tmp_path: Path) -> None:
    file = tmp_path / "ring.csv"
    file.write_bytes(ring(ITSELF))
    with funnel.open(file) as data_set:
        question = data_set.question(data_set.labels_model([[label.label] for label in data_set.labels[:12]]))
        of_all = data_set.question(where={"channel": list(ITSELF[:20])})
        names = ("funnel", "moves", "segments", "aging", "bridge")
        parts = [report.part(name, question, **report.split_by(name, "channel")) for name in names]
        parts += [report.part("funnel", of_all), report.part("funnels_by", question, column="channel")]
        everybody = data_set.question(data_set.labels_model([[label.label for label in data_set.labels]]))
        made = report.make(data_set, parts, files=[file], title=ITSELF[0], leads_of=everybody)
    for light in (False, True):
        read = Read(html.page(made, light=light))
        assert read.tags <= TAGS
        assert read.attributes <= ATTRIBUTES
        assert [link for link in read.links if not link.startswith("#")] == ["data:,"]
        text = "".join(read.texts)
        # As a lead, each is there as it is shown: all of it, or its beginning.
        assert [each for each in ITSELF if wording.plain(each) not in text] == []
        for name, script in read.scripts.items():
            if name.startswith(("s", "templates")) and not name.startswith("script "):
                assert "<" not in script
                json.loads(script)


def test_a_part_of_no_section_is_a_sentence() -> None:
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard")
        parts = [
            ReportPart("nonsense", question),
            ReportPart("cohorts", question, {"day": -1}),
            ReportPart("cohorts", question, {"target": 99}),
            ReportPart("cohorts", question, {"colour": "red"}),
            ReportPart("segments", question, {"groups": [{"name": "A"}]}),
            ReportPart("change", question, {"day": "2024-01-01", "after": {"key": "m", "name": "M", "stages": []}}),
            ReportPart("times_by", question, {}),
        ]
        made = report.make(data_set, parts)
    kept = "What was kept of this section cannot be read any more. Take it out and put it in again from its page."
    assert [each.problem for each in made.sections[:6]] == [kept] * 6
    assert made.sections[6].problem.startswith("The section times_by needs to know its column")


@thorough
def test_twenty_sections_of_the_sample_are_under_six_megabytes() -> None:
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard")
        names = [name for name in report.KINDS if report.takes_no_options(name)]
        made = report.make(data_set, [report.part(name, question) for name in names], files=[SAMPLE])
        told = [name for name, each in zip(names, made.sections, strict=True) if not each.problem]
        assert len(told) >= 20
        # Curves by age hold a point for each day on which somebody converted: half a megabyte each.
        twenty = [each for name, each in zip(names, made.sections, strict=True) if name in told and name not in CURVES]
    made_of_twenty = replace(made, sections=tuple(twenty[:20]))
    assert len(made_of_twenty.sections) == 20
    assert len(html.page(made_of_twenty)) < 6 * MEGABYTE
    assert len(html.page(made)) < 8 * MEGABYTE
    assert len(html.page(made, light=True)) < 0.2 * MEGABYTE


def test_every_section_has_a_name() -> None:
    assert [name for name in report.KINDS if not wording.known(f"report.names.{name}")] == []


def test_a_file_that_was_changed_since_it_was_read_has_no_digest_but_a_sentence(tmp_path) -> None:
    path, other = tmp_path / "deals.csv", tmp_path / "gone.csv"
    rows = "\n".join(["lead,stage,entered", *(f"{n},New,2025-01-0{n}" for n in range(1, 9))]) + "\n"
    path.write_text(rows)
    other.write_text(rows.replace("2025", "2024").replace("\n", "\nx", 8))
    with funnel.open(path, other) as data_set:
        parts = [report.part("funnel", data_set.question())]
        whole = report.make(data_set, parts, files=[path, other])
        assert [each.digest for each in whole.sources] == [
            hashlib.sha256(each.read_bytes()).hexdigest() for each in (path, other)
        ]
        # What has as many bytes is another file all the same; and one that was never read has no digest here.
        path.write_text(rows.replace("New", "Old"))
        other.unlink()
        (tmp_path / "never.csv").write_text(rows)
        made = report.make(data_set, parts, files=[path, other, tmp_path / "never.csv", tmp_path])
    assert [(each.digest, each.changed) for each in made.sources] == [("", True), ("", True), ("", False), ("", False)]
    page = html.page(made).decode()
    assert page.count("changed since it was read") == 2
    assert hashlib.sha256(path.read_bytes()).hexdigest() not in page
    assert hashlib.sha256(rows.encode()).hexdigest() not in page
