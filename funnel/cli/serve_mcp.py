"""The command `serve-mcp`: the measures for an assistant, over standard input and output. Nothing listens at a port.

Each measure of `ask` is a tool with the flags of its command as parameters, and answers what `--json` prints; errors are the sentences of
the command. What is asked only reads.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import funnel
from funnel import AsOf, catalogue
from funnel.cli import ask, options, output
from funnel.core.errors import FunnelError, QuestionError
from funnel.words import wording

if TYPE_CHECKING:
    from mcp import types
    from mcp.server.lowlevel import Server

NAME, FILE = "funnel-lens", "files"
MODEL_ENDING = ".toml"
COMMONEST = 10
_KINDS: Mapping[Any, str] = {int: "integer", float: "number"}


def add(commands: Any) -> None:
    """Adds this command to the others."""
    parser = commands.add_parser("serve-mcp", help=wording.say("command.serve_mcp"), allow_abbrev=False)
    options.file_options(parser)
    parser.set_defaults(run=_serve)


def _serve(args: argparse.Namespace) -> int:
    try:
        import anyio
        from mcp.server.stdio import stdio_server
    except ImportError as missing:
        raise QuestionError("command.mcp_missing") from missing
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        served = server(Tools(data_set))

        async def run() -> None:
            async with stdio_server() as (coming, going):
                await served.run(coming, going, served.create_initialization_options())

        anyio.run(run)
    return 0


@dataclass(frozen=True)
class Tool:
    """What can be asked: what it says, its parameters by name, and the answer to them."""

    description: str
    parameters: Mapping[str, argparse.Action]
    answer: Callable[[Mapping[str, Any]], dict[str, Any]]

    def schema(self) -> dict[str, Any]:
        """Its parameters as a JSON schema."""
        shapes = {name: _shape(action) for name, action in self.parameters.items()}
        required = [name for name, action in self.parameters.items() if action.required]
        return {"type": "object", "properties": shapes, "required": required, "additionalProperties": False}


class Tools:
    """All that can be asked of a data set, by name."""

    def __init__(self, data_set: funnel.DataSet) -> None:
        self._data_set = data_set
        self._parser = options.Parser(prog="serve-mcp", allow_abbrev=False)
        commands = self._parser.add_subparsers(required=True, parser_class=options.Parser)
        self.by_name = {
            "inspect": Tool(wording.say("command.mcp_inspect"), {}, lambda _: output.inspection(data_set)),
            "columns": Tool(wording.say("command.mcp_columns"), {}, lambda _: self._columns()),
            "models": Tool(wording.say("command.mcp_models"), {}, lambda _: self._models()),
        }
        for name, measure in ask.askable():
            flags = ask.command(commands, name, measure)._group_actions
            parameters = {_parameter(action): action for action in flags}
            # What stands first in it is what comes out, for whoever calls it.
            said = (inspect.getdoc(measure) or "").partition("\n\n")[0]
            self.by_name[name] = Tool(said, parameters, self._asking(name, parameters))

    def answer(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a tool answers. FunnelError, in a sentence, where there is none, or it cannot."""
        tool = self.by_name.get(name)
        if tool is None:
            raise QuestionError("command.mcp_no_tool", found=name, accepted=list(self.by_name))
        for parameter in given:
            if parameter not in tool.parameters:
                accepted = list(tool.parameters) or [wording.ABSENT]
                raise QuestionError("command.mcp_no_parameter", tool=name, found=parameter, accepted=accepted)
        return tool.answer(given)

    def _asking(
        self, name: str, parameters: Mapping[str, argparse.Action]
    ) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        def asked(given: Mapping[str, Any]) -> dict[str, Any]:
            words = [word for each, value in given.items() for word in _words(each, parameters[each], value)]
            args = self._parser.parse_args([name, *words, "--json", FILE])
            if str(args.model).endswith(MODEL_ENDING):
                # Whoever asks by way of an assistant opens no file of this machine.
                raise QuestionError("command.mcp_model_key")
            return ask.answered(args, self._data_set)[1]

        return asked

    def _columns(self) -> dict[str, Any]:
        known = self._data_set.columns
        return {
            "columns": [
                {
                    "column": each.column,
                    "kind": each.kind,
                    "values": each.values,
                    "commonest": [
                        {"value": value, "leads": leads}
                        for value, leads in known.values(each.column, limit=COMMONEST, attributes=AsOf.LATEST)
                    ],
                }
                for each in known.attributes
            ]
        }

    def _models(self) -> dict[str, Any]:
        own = self._data_set.work.models
        return output.models([self._data_set.as_recorded(), *own, *catalogue.models()])


def server(tools: Tools) -> Server[Any]:
    """The server of these tools, which any transport can run."""
    import anyio.to_thread
    from mcp import types
    from mcp.server.lowlevel import Server

    async def listed(_: object, __: object) -> types.ListToolsResult:
        only_reads = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
        return types.ListToolsResult(
            tools=[
                types.Tool(name=name, description=tool.description, input_schema=tool.schema(), annotations=only_reads)
                for name, tool in tools.by_name.items()
            ]
        )

    async def called(_: object, asked: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await anyio.to_thread.run_sync(tools.answer, asked.name, asked.arguments or {})
        except Exception as error:
            # Whoever asks is told a sentence, never a query or where it broke.
            told = str(error) if isinstance(error, FunnelError) else wording.say("command.mcp_failed", tool=asked.name)
            said = types.TextContent(type="text", text=wording.plain(told))
            return types.CallToolResult(content=[said], is_error=True)
        text = types.TextContent(type="text", text=output.as_json(answer))
        return types.CallToolResult(content=[text])

    instructions = wording.say("command.mcp_instructions")
    return Server(NAME, instructions=instructions, on_list_tools=listed, on_call_tool=called)


def _parameter(action: argparse.Action) -> str:
    """A flag as a parameter: `--observed-until` is observed_until."""
    return action.option_strings[0].lstrip("-").replace("-", "_")


def _shape(action: argparse.Action) -> dict[str, Any]:
    """A flag as a JSON schema."""
    said = {"description": action.help} if action.help else {}
    if isinstance(action.const, bool):
        return {"type": "boolean", **said}
    if isinstance(action.default, list):
        return {"type": "array", "items": {"type": "string"}, **said}
    if action.choices is not None:
        return {"type": "string", "enum": list(action.choices), **said}
    return {"type": _KINDS.get(action.type, "string"), **said}


def _words(name: str, action: argparse.Action, value: Any) -> list[str]:
    """A parameter as the words of its flag. QuestionError where the value is of another kind."""
    flag = action.option_strings[0]
    if value is None:
        return []
    if isinstance(action.const, bool) and isinstance(value, bool):
        return [flag] if value else []
    values = value if isinstance(action.default, list) and isinstance(value, list) else [value]
    if isinstance(action.const, bool) or not all(type(each) in (str, int, float) for each in values):
        raise QuestionError("command.mcp_value", parameter=name, found=str(value))
    return [f"{flag}={each}" for each in values]
