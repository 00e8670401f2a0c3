"""A server on loopback that does to requests what ERPs and networks do wrong, for an application of the tests' own.

Used before a stand-in for a vendor's API, and as a proxy before a real ERP.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.reference_erp.fault_effects import carry_out, replayed, whole_request
from app.reference_erp.faults import Fault, Target
from app.reference_erp.server import DroppableProtocol

TargetOf = Callable[[str, str, bytes], Target | None]
"""Which purpose a request serves, by method, path with query, and body; None where no fault may hit it. `send` is the call that books."""


class FaultyServer:
    """`with FaultyServer(app, target_of) as server:` serves `app` at `server.url` in a thread. `stop` and `start` keep the port."""

    def __init__(self, app: ASGIApp, target_of: TargetOf) -> None:
        self._app = app
        self._target_of = target_of
        self._fault = Fault(mode="none")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[tuple[str, str, Mapping[str, str], bytes]] = []
        """What came, in its order: method, path with query, headers in lower case, body."""

    def fault(self, mode: str, **details: Any) -> None:
        """What goes wrong next: see `app.reference_erp.faults.Fault`; all modes but `hold` and `reject_some`."""
        self._fault = Fault(mode=mode, **details)

    def start(self) -> None:
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",  # told, since uvicorn takes a bound method for the older kind
            host="127.0.0.1",
            port=self.port,
            http=DroppableProtocol,
            ws="none",
            lifespan="off",
            log_level="error",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """From here on nothing listens."""
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await whole_request(receive)
        query = scope["query_string"].decode()
        path = scope["raw_path"].decode() + (f"?{query}" if query else "")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.requests.append((scope["method"], path, headers, request["body"]))
        fault = self._take(self._target_of(scope["method"], path, request["body"]))
        if fault is None:
            await self._app(scope, replayed(request, receive), send)
        else:
            await carry_out(fault, self._app, scope, replayed(request, receive), send)

    def _take(self, target: Target | None) -> Fault | None:
        fault = self._fault
        if target is None or fault.mode == "none" or fault.on != target:
            return None
        if fault.times is not None:
            left = fault.times - 1
            self._fault = fault.model_copy(update={"times": left}) if left else Fault(mode="none")
        return fault


class Proxy:
    """An application that passes every request on to a real server and its answer back."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        headers = [(name, value) for name, value in request.headers.raw if name not in (b"host", b"connection", b"content-length")]
        path = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        async with httpx.AsyncClient(trust_env=False, timeout=120) as http:
            try:
                answer = await http.request(request.method, self._url + path, headers=headers, content=await request.body())
            except httpx.TransportError:
                await Response("the server behind is away", 502)(scope, receive, send)
                return
        kept = {name: value for name, value in answer.headers.items() if name not in ("transfer-encoding", "content-length", "connection")}
        await Response(answer.content, answer.status_code, kept)(scope, receive, send)
