"""The file of live sources: what it may say, and the one sentence where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.cli.command import main
from funnel.core.errors import SourceError
from funnel.live import sources
from funnel.live.sources import Database, Folder

WHOLE = """
[[source]]
name = "CRM"
kind = "postgres"
uri_env = "CRM_URI"
query = "select 1"
refresh = "15m"
cursor = "changed_at"
key = "id"

[[source]]
name = "Exports 2"
kind = "folder"
path = "/data/exports"
"""


def test_a_whole_file() -> None:
    assert sources.parse(WHOLE, "sources.toml") == (
        Database("CRM", "postgres", "CRM_URI", "select 1", 900, "changed_at", "id"),
        Folder("Exports 2", "folder", Path("/data/exports"), 15),
    )
    assert sources.parse("", "empty.toml") == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"15m"', '"15 minutes"', 's.toml, source no. 1, refresh: found something else. Accepted: "15s", "15m"'),
        ('"15m"', '"25h"', "refresh: found something else"),
        ('"15m"', "15", "refresh: found something else"),
        ('"postgres"', '"mysql"', "source no. 1, kind: found something else. Accepted: postgres, folder."),
        ('kind = "postgres"\n', "", "source no. 1, kind: found nothing. Accepted: postgres, folder."),
        ('query = "select 1"\n', "", "source no. 1, query: found nothing. Accepted: a text in quotes."),
        (
            '"CRM_URI"',
            '"postgresql://me:pass@host/db"',
            "uri_env: found something else. Accepted: the name of an environment variable",
        ),
        (
            '"/data/exports"',
            '"exports"',
            "source no. 2, path: found something else. Accepted: a path that begins with /.",
        ),
        (
            '"Exports 2"',
            '"crm"',
            "source no. 2, name: found something else. Accepted: a name that no other source has.",
        ),
        ('"CRM"', '"../etc"', "source no. 1, name: found something else. Accepted: a name of up to 60 letters"),
        ('key = "id"', 'token = "x"', "source no. 1, token: found an unknown key. Accepted: name, kind, uri_env"),
        ('key = "id"', "key = ", "s.toml, the file of live sources, is not read: Invalid value"),
        ('[[source]]\nname = "CRM"', '[source]\nname = "CRM"', "is not read"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_accepted(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(SourceError) as wrong:
        sources.parse(WHOLE.replace(old, new, 1), "s.toml")
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_names_are_found_whatever_their_case(tmp_path, monkeypatch, capsys) -> None:
    path = tmp_path / "sources.toml"
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(path))
    assert main(["steps", "source:CRM"]) == 2
    assert (
        f"The file of live sources {path}, which FUNNEL_LENS_SOURCES names, cannot be read" in capsys.readouterr().err
    )
    path.write_text(WHOLE)
    assert sources.named("source:exports 2").name == "Exports 2"
    assert main(["steps", "source:Sales"]) == 2
    assert capsys.readouterr().err == "There is no live source “Sales”. There are: CRM and Exports 2.\n"
    monkeypatch.delenv("FUNNEL_LENS_SOURCES")
    assert main(["pull", "source:CRM", "--to", str(tmp_path)]) == 2
    assert "none is allowed here" in capsys.readouterr().err
    assert main(["build", "source:CRM", "--to", str(tmp_path / "built")]) == 2
    assert "python -m funnel pull source:CRM --to FOLDER" in capsys.readouterr().err
