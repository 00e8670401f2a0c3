"""Names in paths. `PO%2F2026%2F1` is one name with slashes in it, not three segments of a path.

Servers hand over the path decoded, where that difference is gone. So `EncodedNames` reads the raw path, decodes each segment by
itself, and writes what would be mistaken for structure (`/` and `%`) encoded again; routes take a name with `{name:name}`, whose
converter undoes just that.
"""

import re
from urllib.parse import quote, unquote_to_bytes

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import answer
from app.domain.errors import Fault, Invalid

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class EncodedNames:
    """ASGI middleware that keeps the segments of a path apart, and lets nothing in that no database could hold."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw = scope.get("raw_path") or quote(scope["path"], errors="surrogateescape").encode()
            scope = {**scope, "raw_path": raw, "path": "/".join(_segment(part) for part in raw.split(b"/"))}
            if _UNSTORABLE.search(scope["path"]) or b"%00" in scope["query_string"]:
                refusal = Invalid("path and query must be valid Unicode without NUL", Fault(pointer="/path", message="not valid text"))
                await answer(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _segment(raw: bytes) -> str:
    """One segment. Bytes that are no UTF-8 become lone surrogates."""
    text = unquote_to_bytes(raw).decode("utf-8", errors="surrogateescape")
    return text.replace("%", "%25").replace("/", "%2F")


class NameConvertor(Convertor[str]):
    """`{x:name}`: exactly one segment, as the client meant it."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return value.replace("%2F", "/").replace("%25", "%")

    def to_string(self, value: str) -> str:
        return quote(value, safe="")


register_url_convertor("name", NameConvertor())
