"""`python -m funnel serve-mcp`: an assistant over standard input and output asks what the commands answer, and gets the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from funnel.cli.command import main
from tests.pages.apps import MOVES
from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "funnel", "serve-mcp"]


def need() -> None:
    """Skips the test where the package is not here; where all are needed, as in .ci/run, that is a failure."""
    if find_spec("mcp") is None:
        missing = "serve-mcp needs mcp (requirements-mcp.txt)"
        pytest.fail(missing) if os.environ.get("ENGINES") == "needed" else pytest.skip(missing)


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    need()
    path = tmp_path / "moves.csv"
    path.write_bytes(MOVES)
    return path


def asked(leads: Path, ask: Callable[[Any], Awaitable[None]]) -> None:
    """A client over stdio, which starts the command by itself."""
    import anyio
    from mcp import Client, StdioServerParameters, stdio_client

    async def run() -> None:
        server = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], str(leads)], cwd=str(ROOT))
        # What a captured test has for standard error is no file that a process could write to.
        with anyio.fail_after(60), open(os.devnull, "w") as nowhere:
            async with Client(stdio_client(server, errlog=nowhere)) as client:
                await ask(client)

    anyio.run(run)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@thorough
def test_a_client_gets_what_the_commands_print(leads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got: dict[str, Any] = {}

    async def ask(client: Any) -> None:
        got["tools"] = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name, arguments in (
            ("inspect", {}),
            ("columns", {}),
            ("models", {}),
            ("steps", {"model": "standard", "where": ["region=East"], "from": "2025-01-01", "sql": True}),
            ("moves", {"most_paths": 2, "rule": "visited"}),
        ):
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result
            got[name] = json.loads(result.content[0].text)

    asked(leads, ask)
    tools, file = got["tools"], str(leads)
    from funnel.cli.ask import askable

    assert set(tools) == {"inspect", "columns", "models", *(name for name, _ in askable())}
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
    assert tools["steps"].input_schema["properties"]["rule"]["enum"] == ["passed", "visited", "in-order", "strict"]
    assert tools["moves"].input_schema["properties"]["most_paths"] == {"type": "integer"}
    assert got["inspect"] == printed(capsys, "inspect", file)
    # By hand: note has one value alone, so nothing can be told by it.
    (region,) = got["columns"]["columns"]
    assert (region["column"], region["kind"], region["values"]) == ("region", "text", 2)
    assert {each["value"]: each["leads"] for each in region["commonest"]} == {"East": 2, "West": 2}
    assert got["models"]["models"][1:] == printed(capsys, "models")["models"][1:]
    of_file = got["models"]["models"][0]
    assert (of_file["key"], [stage["name"] for stage in of_file["stages"]]) == (
        "as-recorded",
        ["New", "Qualified", "Closed won"],
    )
    flags = ("--model", "standard", "--where", "region=East", "--from", "2025-01-01", "--sql")
    assert got["steps"] == printed(capsys, "ask", "steps", file, *flags)
    assert got["moves"] == printed(capsys, "ask", "moves", file, "--most-paths", "2", "--rule", "visited")


@thorough
def test_errors_are_the_sentences_of_the_commands(leads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    calls: list[tuple[str, dict[str, Any]]] = [
        ("steps", {"where": ["colour=red"]}),
        ("steps", {"from": "yesterday"}),
        ("steps", {"rule": "sometimes"}),
        ("steps", {"colour": "red"}),
        ("steps", {"where": {"region": "East"}}),
        ("steps", {"model": "/etc/secrets.toml"}),
        ("drop_tables", {}),
    ]

    async def ask(client: Any) -> None:
        for name, arguments in calls:
            result = await client.call_tool(name, arguments)
            assert result.is_error
            said.append(result.content[0].text)

    asked(leads, ask)
    assert main(["ask", "steps", str(leads), "--where", "colour=red"]) == 2
    assert said[0] == capsys.readouterr().err.strip()
    assert main(["ask", "steps", str(leads), "--from", "yesterday"]) == 2
    assert said[1] == capsys.readouterr().err.strip()
    assert "invalid choice: 'sometimes'" in said[2]
    assert "steps has no parameter “colour”. There are: model, version, labels, rule, " in said[3]
    assert said[4].startswith("where cannot be {'region': 'East'}.")
    assert said[5] == "A model is named by its key here, not by a file. The tool models lists the keys."
    assert "There is no tool “drop_tables”. There are: inspect, columns, models, " in said[6]
    assert not any("\n" in each or "Traceback" in each for each in said)


@pytest.fixture
def server(leads: Path) -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*COMMAND, str(leads)], cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.kill()


def test_it_prints_the_protocol_only_and_listens_nowhere(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    for message in (
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "steps", "arguments": {}}},
    ):
        server.stdin.write(json.dumps(message) + "\n")
    server.stdin.flush()
    lines = [json.loads(server.stdout.readline()) for _ in range(2)]
    assert [line["id"] for line in lines] == [1, 2]
    assert lines[0]["result"]["serverInfo"]["name"] == "funnel-lens"
    assert "isError" not in lines[1]["result"] or not lines[1]["result"]["isError"]
    own = {os.readlink(path) for path in Path(f"/proc/{server.pid}/fd").iterdir() if path.is_symlink()}
    listening = [
        fields[9]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A"
    ]
    assert not {f"socket:[{inode}]" for inode in listening} & own
    server.stdin.close()
    assert server.wait(20) == 0, "it ends with who asks it"
    assert server.stdout.read() == ""


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "moves.csv").write_bytes(MOVES)
    for module in ("mcp", "mcp.server", "mcp.server.stdio"):
        monkeypatch.setitem(sys.modules, module, None)
    assert main(["serve-mcp", str(tmp_path / "moves.csv")]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err == "For serve-mcp a package is missing: python -m pip install -r requirements-mcp.txt\n"
