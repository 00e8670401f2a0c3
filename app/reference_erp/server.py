"""Runs the reference ERP as a server of its own."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.reference_erp.api import create_app
from app.reference_erp.faults import DROP


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with one addition: the application may cut its own connection, as a crash or a network would."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        application = self.app

        async def with_drop(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            scope["extensions"] = {**scope.get("extensions", {}), DROP: self._drop}
            await application(scope, receive, send)

        self.app = with_drop

    def _drop(self, flush: bool) -> None:
        if flush:
            self.transport.close()
        else:
            self.transport.abort()


def run(host: str, port: int, database: Path, token: str | None, signing_secret: str | None = None) -> None:
    """Serves until the process is told to stop. `database` is a file; it and its folder are made where missing."""
    app = create_app(database, token, signing_secret)
    uvicorn.run(app, host=host, port=port, http=DroppableProtocol, ws="none", log_level="warning", access_log=False)
