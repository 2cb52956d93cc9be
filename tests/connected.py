"""Pages of a running app without a browser: their connections as the frontend opens them, with whatever cookies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


@contextmanager
def page(address: str, query: str = "", cookie: str | None = None) -> Iterator[ClientConnection]:
    """The connection of a page that is just opened at `address?query`."""
    host = address.removeprefix("http://")
    headers = {} if cookie is None else {"cookie": cookie}
    with connect(
        f"ws://{host}/_stcore/stream",
        origin=address,
        subprotocols=["streamlit"],
        additional_headers=headers,
        max_size=None,
    ) as line:
        order = BackMsg()
        order.rerun_script.query_string = query
        line.send(order.SerializeToString())
        yield line


def texts(line: ClientConnection, seconds: float = 60) -> str:
    """All that a page is sent until a run of it is over that leads to no other."""
    said: list[str] = []
    while True:
        message = ForwardMsg.FromString(line.recv(timeout=seconds))
        said.append(str(message))
        if (
            message.WhichOneof("type") == "script_finished"
            and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        ):
            return "\n".join(said)
