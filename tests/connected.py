"""Pages of a running app without a browser: their connections as the frontend opens them, with whatever cookies."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 60


def ask(
    address: str, path: str = "/", *lines: tuple[str, str], method: str = "GET", body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of an answer to a request with exactly these lines of headers, and a host."""
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    try:
        line.putrequest(method, path, skip_accept_encoding=True)
        for name, value in lines:
            line.putheader(name, value.encode("latin-1"))
        line.endheaders(body)
        answer = line.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        line.close()


def cookie(address: str) -> str:
    """The cookie of a browser that comes for the first time."""
    _, headers, _ = ask(address, "/", ("accept", "text/html"))
    return headers["set-cookie"].partition(";")[0]


@contextmanager
def page(address: str, query: str = "", cookie: str | None = None, name: str = "") -> Iterator[ClientConnection]:
    """The connection of a page that is just opened at `address/name?query`."""
    stream = f"ws://{address.removeprefix('http://')}/_stcore/stream"
    headers = {} if cookie is None else {"cookie": cookie}
    with connect(stream, origin=address, subprotocols=["streamlit"], additional_headers=headers, max_size=None) as line:
        order = BackMsg()
        order.rerun_script.query_string = query
        order.rerun_script.page_name = name
        line.send(order.SerializeToString())
        yield line


def shown(line: ClientConnection) -> list[ForwardMsg]:
    """All that a page is sent until a run of it is over that leads to no other."""
    messages: list[ForwardMsg] = []
    while True:
        messages.append(ForwardMsg.FromString(line.recv(timeout=PATIENCE_SECONDS)))
        over = messages[-1].WhichOneof("type") == "script_finished"
        if over and messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return messages


def made(line: ClientConnection, messages: list[ForwardMsg]) -> str:
    """The address of the file that the first download button of a page makes, as when it is clicked."""
    [session] = {each.new_session.initialize.session_id for each in messages if each.HasField("new_session")}
    buttons = (each.delta.new_element.download_button for each in messages if each.HasField("delta"))
    order = BackMsg()
    order.backend_operation_request.request_id = "1"
    order.backend_operation_request.session_id = session
    order.backend_operation_request.deferred_file.file_id = next(
        filter(None, (each.deferred_file_id for each in buttons))
    )
    line.send(order.SerializeToString())
    while True:
        message = ForwardMsg.FromString(line.recv(timeout=PATIENCE_SECONDS))
        if message.HasField("backend_operation_response"):
            return str(message.backend_operation_response.deferred_file.url)
