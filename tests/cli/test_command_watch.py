"""`python -m funnel watch`: exit codes, what is told once, what leaves the machine and what does not, and a state that no kill breaks."""

from __future__ import annotations

import email
import email.policy
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import pytest

from funnel.cli.command import main
from funnel.storage import watch_state
from tests import watch_leads
from tests.cli.test_command import _refused
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
LABELS = ["--labels", "New,Demo done,Closed won"]
RULES = '[[rule]]\nkind = "step"\nstep = "New"\nday = 7\n'
MORE = RULES + '[[rule]]\nkind = "open_value"\nbelow = 1000000\n'
CALM, UNSENT, BAD, NEW, KNOWN = 0, 1, 2, 3, 4
HOSTILE = "<http://evil.example|free> @channel ![x](http://evil.example/p.png) <b>"


@pytest.fixture
def calm(tmp_path):
    return written(tmp_path / "calm.csv", watch_leads.csv(watch_leads.weeks(42)))


@pytest.fixture
def fallen(tmp_path):
    return written(tmp_path / "fallen.csv", watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4)))


@pytest.fixture
def rules(tmp_path):
    return written(tmp_path / "watch.toml", RULES)


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def watched(capsys, *words: str) -> tuple[int, str]:
    code = main(["watch", *words, *LABELS])
    told = capsys.readouterr()
    assert told.err == ""
    return code, told.out


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as it is told."""

    answers: ClassVar[list[int]] = []
    bodies: ClassVar[list[dict]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).bodies.append(json.loads(body))
        code = type(self).answers.pop(0) if type(self).answers else 200
        self.send_response(code)
        if code in (301, 302, 307, 308):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    Listener.answers, Listener.bodies = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


def test_nothing_is_printed_where_all_is_calm(capsys, calm, rules):
    assert watched(capsys, calm, "--rules", rules) == (CALM, "")


def test_an_alarm_is_new_once_then_known_then_calm_again(capsys, tmp_path, calm, fallen, rules):
    code, out = watched(capsys, fallen, "--rules", rules)
    assert code == NEW
    assert out.startswith("New: New → Demo done is below its usual range: ")
    assert "chance alone: " in out
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


# What leaves the machine --------------------------------------------------------------------------------------------------------------


def test_nothing_is_posted_unless_it_is_asked_for(capsys, fallen, rules, listener, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_POST", listener)
    assert watched(capsys, fallen, "--rules", rules)[0] == NEW
    assert Listener.bodies == []


def test_new_alarms_are_posted_once(capsys, fallen, rules, listener, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_POST", listener)
    assert watched(capsys, fallen, "--rules", rules, "--post", "-")[0] == NEW
    assert watched(capsys, fallen, "--rules", rules, "--post", listener)[0] == KNOWN
    (body,) = Listener.bodies
    assert list(body) == ["text"]
    assert "is below its usual range" in body["text"]


def test_no_amount_and_no_lead_is_posted_unless_it_is_asked_for(capsys, tmp_path, fallen, listener):
    more = written(tmp_path / "more.toml", MORE)
    for words, amounts in (([], False), (["--with-leads"], True)):
        (tmp_path / "more-state.json").unlink(missing_ok=True)
        watched(capsys, fallen, "--rules", more, "--digest", "--post", listener, *words)
        text = Listener.bodies.pop()["text"]
        assert ("1M" in text) is amounts
        assert ("w43-" in text or "Stalled longest" in text) is amounts


@pytest.mark.parametrize("answers", [[500, 500], [302, 302], [404, 404]])
def test_a_message_that_is_not_taken_is_tried_twice_and_told_again(capsys, tmp_path, fallen, rules, listener, answers):
    Listener.answers = [*answers]
    assert main(["watch", fallen, "--rules", rules, "--post", listener, *LABELS]) == UNSENT
    told = capsys.readouterr()
    assert "is below its usual range" in told.out
    assert told.err.startswith("The message could not be posted to 127.0.0.1: HTTP ")
    assert told.err.count("\n") == 1
    assert "/hook" not in told.err
    assert len(Listener.bodies) == 2
    assert not (tmp_path / "watch-state.json").exists()
    # It was not told, so it is new again.
    assert watched(capsys, fallen, "--rules", rules, "--post", listener)[0] == NEW
    assert len(Listener.bodies) == 3


def test_one_failure_is_tried_again(capsys, fallen, rules, listener):
    Listener.answers = [503]
    assert watched(capsys, fallen, "--rules", rules, "--post", listener)[0] == NEW
    assert len(Listener.bodies) == 2


def test_nobody_listening_is_said(capsys, fallen, rules):
    assert main(["watch", fallen, "--rules", rules, "--post", "http://127.0.0.1:9/", *LABELS]) == UNSENT
    assert "could not be posted to 127.0.0.1" in capsys.readouterr().err


def test_a_hostile_label_is_inert_wherever_it_is_sent(capsys, tmp_path, listener):
    quoted = f'"{HOSTILE}"'
    text = watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4), quoted)
    file = written(tmp_path / "hostile.csv", text)
    rules = written(tmp_path / "watch.toml", RULES)
    mail = tmp_path / "alarm.eml"
    words = ["watch", file, "--rules", rules, "--labels", f'New,"{HOSTILE}",Closed won', "--post", listener]
    assert main([*words, "--mail", str(mail), "--to", "sales@example.com"]) == NEW
    told = capsys.readouterr()
    assert told.err == ""
    (body,) = Listener.bodies
    for live in ("<http", "<b>", "@channel", "http://", "](", "!["):
        assert live not in body["text"]
    assert "&lt;http" in body["text"]
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert message.get_content_type() == "text/plain"
    assert (message["To"], message["Subject"].startswith("Funnel Lens: 1 new alarm on ")) == ("sales@example.com", True)
    assert HOSTILE in message.get_content().replace("\n", " ")
    assert message.defects == []


def test_a_mail_is_written_only_where_there_is_something_to_tell(capsys, tmp_path, calm, fallen, rules):
    mail = tmp_path / "alarm.eml"
    assert watched(capsys, calm, "--rules", rules, "--mail", str(mail))[0] == CALM
    assert not mail.exists()
    assert watched(capsys, fallen, "--rules", rules, "--mail", str(mail))[0] == NEW
    raw = mail.read_bytes()
    assert b"\nDate: " in raw
    assert b"\nFrom: Funnel Lens <" in raw
    assert b"\nMessage-ID: <" in raw
    assert all(len(line) <= 998 for line in raw.splitlines())


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
