"""What leaves the machine with `watch`: one message, where it is asked for, without names and amounts, and with nothing live in it."""

from __future__ import annotations

import email
import email.policy
import http.server
import json
import threading
from typing import ClassVar

import pytest

from funnel.cli.command import main
from tests import watch_leads
from tests.cli.watching import CALM, KNOWN, LABELS, NEW, RULES, UNSENT, calm, fallen, rules, watched, written

pytestmark = pytest.mark.usefixtures("opened_once")
__all__ = ["calm", "fallen", "rules"]
MORE = RULES + '[[rule]]\nkind = "open_value"\nbelow = 1000000\n'
HOSTILE = "<http://evil.example|free> @channel ![x](http://evil.example/p.png) <b>"


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
