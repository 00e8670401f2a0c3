"""The least of an HTTP/1.1 client: on the one processor that it shares with the database, a full one would be what is measured."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit


class Connection:
    """One connection that is kept open; a request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: str) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = headers

    @classmethod
    async def to(cls, url: str, headers: Mapping[str, str] | None = None) -> Self:
        """`headers` go with every request."""
        host, port = urlsplit(url).hostname, urlsplit(url).port
        reader, writer = await asyncio.open_connection(host, port, limit=2**24)
        return cls(reader, writer, _lines(headers))

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """The answer's body; `RuntimeError` where it is not 2xx. `headers` go with this request alone."""
        more = self._headers + _lines(headers)
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
        self._writer.write(head.encode() + body)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answered.split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        if not answered.startswith(b"http/1.1 2"):
            raise RuntimeError(f"{path}: {answered.decode()}{answer.decode()}")
        return answer

    async def post_json(self, path: str, body: object) -> Any:
        return json.loads(await self.post(path, json.dumps(body).encode()))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def _lines(headers: Mapping[str, str] | None) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
