"""Texts that attack as arguments of the command line, and files that attack the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from funnel.cli.command import main
from tests.attacks import ATTACKS, ITSELF, ring, table
from tests.thorough import thorough

pytestmark = [pytest.mark.usefixtures("opened_once"), thorough]
SMALL = table(
    [("Deal", "Stage", "Changed at", "Region"), ("d1", "New", "2025-01-02", "East"), ("d2", "Won", "2025-01-03", "")]
)
WORDS = tuple(attack for attack in ATTACKS if "\0" not in attack.text)
"""No system hands a NUL to a program."""
OPTIONS = ("--model", "--labels", "--by", "--where", "--lead", "--won", "--mapping", "--from", "--window", "--pipeline")
STEERING = {
    chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    (tmp_path / "small.csv").write_bytes(SMALL)
    (tmp_path / "ring.csv").write_bytes(ring(ITSELF))
    (tmp_path / "steering.csv").write_bytes(ring([text for text in ITSELF if STEERING & set(text) or "\n" in text]))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ring.csv", "small.csv", "steering.csv"]


def test_every_value_can_be_a_condition_and_counts_what_it_is(files, capsys) -> None:
    conditions = [word for text in ITSELF for word in ("--where", f"channel={text}")]
    assert main(["steps", "ring.csv", "--labels", "CON", *conditions, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["leads"] == 2
    assert main(["steps", "ring.csv", "--where", f"channel={ITSELF[3]}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["leads"] == 1


def test_every_text_as_an_argument_is_an_answer_or_one_sentence(files, capsys) -> None:
    for place, attack in enumerate(WORDS[::2]):
        option = OPTIONS[place % len(OPTIONS)]
        word = f"Region={attack.text}" if option == "--where" else attack.text
        code = main(["steps", "small.csv", f"{option}={word}"])
        told = capsys.readouterr()
        assert code in (0, 2)
        assert told.err.count("\n") == (code == 2), (attack.name, told.err)
        assert not STEERING & set(told.out + told.err), attack.name


def test_every_text_as_the_name_of_a_file_is_one_sentence(files, capsys) -> None:
    for attack in WORDS[::5]:
        for words in (
            (f"./{attack.text}",),
            ("small.csv", f"--mapping={attack.text}"),
            ("small.csv", f"--model={attack.text}.toml"),
        ):
            assert main(["steps", *words]) == 2
            told = capsys.readouterr()
            assert (told.out, told.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("command", [("inspect",), ("steps",), ("steps", "--by", "channel"), ("moves",), ("times",)])
def test_no_answer_steers_or_turns_a_terminal(files, capsys, command) -> None:
    name, *words = command
    for more in ((), ("--json",)):
        assert main([name, "steering.csv", *words, *more]) == 0
        told = capsys.readouterr().out
        assert "Set-Cookie" in told
        assert not STEERING & set(told)
        assert not any(line.startswith(("Set-Cookie", "<html>", "- item")) for line in told.splitlines())


def test_json_tells_every_text_as_it_is(files, capsys) -> None:
    assert main(["inspect", "ring.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {label["label"] for label in told["labels"]} == set(ITSELF)


def test_bytes_that_are_no_text_are_an_argument_like_another(files) -> None:
    root = Path(__file__).resolve().parents[2]
    for option in (
        b"--where=Region=\xff\xfe",
        b"--model=\xed\xa0\x80",
        b"--mapping=\xff",
        b"--labels=\xff,\xfe",
        b"--lead=\xff",
    ):
        told = subprocess.run(
            [sys.executable, "-m", "funnel", "steps", os.fsdecode(b"small.csv"), option],
            cwd=files,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in told.stderr, told.stderr[-600:]
        assert told.returncode in (0, 2)
