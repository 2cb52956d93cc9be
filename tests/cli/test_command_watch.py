"""`python -m funnel watch`: exit codes, what is told once, what leaves the machine and what does not, and a state that no kill breaks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from funnel.storage import watch_state
from tests import watch_leads
from tests.cli.test_command import _refused
from tests.cli.watching import CALM, KNOWN, LABELS, NEW, RULES, calm, fallen, rules, watched, written
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
__all__ = ["calm", "fallen", "rules"]


def test_nothing_is_printed_where_all_is_calm(capsys, calm, rules):
    assert watched(capsys, calm, "--rules", rules) == (CALM, "")


def test_an_alarm_is_new_once_then_known_then_calm_again(capsys, tmp_path, calm, fallen, rules):
    code, out = watched(capsys, fallen, "--rules", rules)
    assert code == NEW
    assert out.startswith("New: New → Demo done is below its usual range: ")
    assert "By chance alone that happens " in out
    assert out.count("\n") == 1
    for _ in range(2):
        # The same data again: the same answer, and nothing new.
        code, out = watched(capsys, fallen, "--rules", rules)
        assert code == KNOWN
        assert out.startswith(("Known since 2", "Known since "))
    state = watch_state.read(tmp_path / "watch-state.json")
    assert state.episodes["step: New"].since is not None
    # An older file changes nothing of what is remembered.
    assert watched(capsys, calm, "--rules", rules)[0] == CALM
    assert watch_state.read(tmp_path / "watch-state.json") == state


def test_a_report_of_the_same_reading_begins_with_what_rings(capsys, tmp_path, fallen, rules):
    made = tmp_path / "week.html"
    assert watched(capsys, fallen, "--rules", rules, "--report", str(made))[0] == NEW
    page = made.read_text(encoding="utf-8")
    assert page.index("is below its usual range") < page.rindex("How far each cohort got")
    told = _refused(capsys, "watch", fallen, "--rules", rules, "--report", str(tmp_path / "week.doc"))
    assert ".pptx" in told


@thorough
def test_an_episode_ends_after_four_calm_looks_and_the_next_is_new(capsys, tmp_path, rules):
    gone_on = [*watch_leads.weeks(40), 1, *watch_leads.weeks(7)]
    codes = []
    for weeks in range(41, 49):
        file = written(tmp_path / f"{weeks}.csv", watch_leads.csv(gone_on[:weeks]))
        codes.append(watched(capsys, file, "--rules", rules)[0])
    # A week so bad shows in the four of which it is one, too.
    assert codes == [NEW, KNOWN, KNOWN, KNOWN, CALM, CALM, CALM, CALM]
    assert watch_state.read(tmp_path / "watch-state.json").episodes["step: New"].since is None
    again = written(tmp_path / "again.csv", watch_leads.csv([*gone_on, 1]))
    assert watched(capsys, again, "--rules", rules)[0] == NEW


def test_json_says_all_of_it(capsys, fallen, rules):
    code, out = watched(capsys, fallen, "--rules", rules, "--json")
    assert code == NEW
    told = json.loads(out)
    assert list(told) == ["as_of", "model", "alarms", "calm", "not_judged", "promised_per_year", "notes"]
    assert (told["calm"], told["not_judged"], told["promised_per_year"]) == ([], [], 1.0)
    (alarm,) = told["alarms"]
    assert (alarm["rule"], alarm["new"]) == ("step: New", True)
    assert alarm["entered"] == 40 * len(alarm["cohorts"])
    assert alarm["rate"] == alarm["converted"] / alarm["entered"]
    low, high = alarm["usual"]
    assert alarm["converted"] < low <= high
    assert alarm["one_in"].startswith("chance alone: ")


@thorough
def test_without_rules_the_usual_ones_are_watched_and_nothing_is_remembered(capsys, tmp_path, calm):
    code, out = watched(capsys, calm, "--json", "--observed-until", "2024-10-15")
    told = json.loads(out)
    assert {*told["calm"], *(each["rule"] for each in told["not_judged"] + told["alarms"])} == {
        "step: New", "step: Demo done", "wins", "stalled", "data",
    }  # fmt: skip
    assert code in (CALM, NEW)
    assert [each.name for each in tmp_path.iterdir()] == ["calm.csv"]


def test_old_data_ring(capsys, tmp_path, calm):
    data = written(tmp_path / "data.toml", '[[rule]]\nkind = "data"\n')
    code, out = watched(capsys, calm, "--rules", data)
    assert code == NEW
    assert "is too old" in out


def test_many_at_once_is_one_message(capsys, tmp_path):
    """In the last week hardly anybody goes on from New, and of the week's leads nobody from Demo done is won."""
    gone_on = [*(2 * some for some in watch_leads.weeks(43)), 18]
    lines = watch_leads.csv(gone_on, each=80).splitlines()
    file = written(
        tmp_path / "all.csv",
        "\n".join(each for each in lines if not each.startswith("w43-") or "won" not in each) + "\n",
    )
    second = RULES.replace('"New"', '"Demo done"').replace("day = 7", "day = 6")
    both = written(tmp_path / "both.toml", "false_alarms_a_year = 12\n" + RULES + second)
    code, out = watched(capsys, file, "--rules", both, "--json")
    assert code == NEW
    told = json.loads(out)["alarms"]
    assert [(each["rule"], each["new"]) for each in told] == [
        ("many at once", True), ("step: New", False), ("step: Demo done", False),
    ]  # fmt: skip
    assert "(New → Demo done and Demo done → Closed won)" in told[0]["text"]
    assert watched(capsys, file, "--rules", both)[0] == KNOWN


def test_the_digest_follows_the_alarms(capsys, fallen, rules):
    code, out = watched(capsys, fallen, "--rules", rules, "--digest")
    lines = out.splitlines()
    assert code == NEW
    assert lines[0].startswith("New: ")
    assert lines[1].startswith("As of ")
    assert any("the smallest lasting fall" in line for line in lines)
    assert any(line.startswith("New leads in the last 7 days: ") for line in lines)
    told = json.loads(watched(capsys, fallen, "--rules", rules, "--digest", "--json")[1])
    assert list(told["digest"]) == ["new_leads", "steps", "wins", "stalled"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--rules", "nowhere.toml"], "cannot be read"),
        (["--post", "http://example.com/hook"], "is no address to post to"),
        (["--post", "ftp://example.com"], "is no address to post to"),
        (["--post", "https://user:secret@example.com/"], "is no address to post to"),
        (["--post", "http://127.0.0.1.example.com/"], "is no address to post to"),
        (["--post", "https://example.com/\r\nHost: evil"], "is no address to post to"),
        (["--post", "-"], "FUNNEL_LENS_POST, which is not set"),
        (["--mail", "a.eml", "--to", "a@b.example\nBcc: all@b.example"], "no address of mail"),
        (["--to", "a@b.example"], "Give --mail too"),
        (["--with-leads"], "Give --post or --mail too"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(capsys, calm, words, sentence, monkeypatch):
    monkeypatch.delenv("FUNNEL_LENS_POST", raising=False)
    assert sentence in _refused(capsys, "watch", calm, *words, *LABELS)


def test_a_rule_of_no_step_is_refused_with_those_there_are(capsys, tmp_path, calm):
    wrong = written(tmp_path / "wrong.toml", RULES.replace("New", "Nowhere"))
    told = _refused(capsys, "watch", calm, "--rules", wrong, *LABELS)
    assert "no step that begins at “Nowhere”" in told
    assert "New and Demo done" in told


def test_a_damaged_state_is_refused(capsys, tmp_path, calm, rules):
    state = written(tmp_path / "watch-state.json", "{")
    assert "is no state of a watch" in _refused(capsys, "watch", calm, "--rules", rules, *LABELS)
    assert Path(state).read_text(encoding="utf-8") == "{"


# Killed -------------------------------------------------------------------------------------------------------------------------------


@thorough
def test_the_state_survives_a_kill(tmp_path, fallen, rules):
    """Whenever it is killed, the state is whole or not there; the alarm is told until one run ended, and known after."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "funnel", "watch", fallen, "--rules", rules, *LABELS]
    settings = {**os.environ, "PYTHONPATH": str(root)}
    state = tmp_path / "watch-state.json"
    begun = time.monotonic()
    assert subprocess.run(command, env=settings, cwd=tmp_path, capture_output=True, check=False).returncode == NEW
    whole = time.monotonic() - begun
    state.unlink()
    for part in (0.3, 0.7, 0.85, 0.95, 1.0):
        with subprocess.Popen(command, env=settings, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
            time.sleep(part * whole)
            run.send_signal(signal.SIGKILL)
        told = watch_state.read(state)
        assert told.episodes == {} or told.episodes["step: New"].since is not None
    code = subprocess.run(command, env=settings, cwd=tmp_path, capture_output=True, check=False).returncode
    assert code == (KNOWN if told.episodes else NEW)


def test_a_run_that_is_killed_while_it_writes_leaves_the_state_before(tmp_path):
    """Killed between the first byte and the rename."""
    path = tmp_path / "state.json"
    watch_state.write(path, watch_state.WatchState("before"))
    writing = (
        "import os, signal, pathlib\n"
        "from funnel.storage import watch_state\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"watch_state.write(pathlib.Path({str(path)!r}), watch_state.WatchState('after'))\n"
    )
    settings = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    code = subprocess.run([sys.executable, "-c", writing], env=settings, check=False).returncode
    assert code == -signal.SIGKILL
    assert watch_state.read(path) == watch_state.WatchState("before")
