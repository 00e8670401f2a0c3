"""What the issuer publishes, read when it is needed and kept for an hour."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from app.adapters.erp.answers import HttpResult, Timeouts
from app.adapters.erp.http import HttpClient
from app.adapters.oidc.documents import Metadata, metadata_url, read_keys, read_metadata
from app.adapters.oidc.refused import Refused

KEPT = timedelta(hours=1)
ANEW_AFTER = timedelta(seconds=30)
"""What is younger is not read again, whatever token asks for it."""
PAUSE = timedelta(seconds=5)
"""After a failure the next ones are told so without a call: people who wait for one another would wait for all of them."""
TIMEOUTS = Timeouts(connect=5, read=10, write=10, pool=5, total=15)
MAX_BYTES = 256_000

Document = TypeVar("Document")


class Published:
    """Its metadata and its keys. Raises `Refused`."""

    def __init__(self, http: HttpClient, issuer: str) -> None:
        self._http = http
        self._issuer = issuer
        self._metadata = _Kept(http.now, self._read_metadata)
        self._keys = _Kept(http.now, self._read_keys)

    async def metadata(self) -> Metadata:
        return await self._metadata.get(KEPT)

    async def keys(self, *, anew: bool = False) -> Sequence[Mapping[str, Any]]:
        """`anew`: one was missing among them."""
        return await self._keys.get(ANEW_AFTER if anew else KEPT)

    async def _read_metadata(self) -> Metadata:
        return read_metadata(await self._get(metadata_url(self._issuer)), self._issuer)

    async def _read_keys(self) -> Sequence[Mapping[str, Any]]:
        return read_keys(await self._get((await self.metadata()).jwks_uri))

    async def _get(self, url: str) -> HttpResult:
        return await self._http.request("GET", url, headers={"accept": "application/json"}, timeouts=TIMEOUTS, max_bytes=MAX_BYTES)


class _Kept(Generic[Document]):
    """Read by one at a time; whoever waited takes what the one before brought, a failure too."""

    def __init__(self, now: Callable[[], datetime], read: Callable[[], Awaitable[Document]]) -> None:
        self._now = now
        self._read = read
        self._lock = asyncio.Lock()
        self._found: tuple[datetime, Document] | None = None
        self._failed: tuple[datetime, Refused] | None = None

    async def get(self, oldest: timedelta) -> Document:
        async with self._lock:
            now = self._now()
            if self._found is not None and now - self._found[0] < oldest:
                return self._found[1]
            if self._failed is not None and now - self._failed[0] < PAUSE:
                raise Refused(self._failed[1].reason, self._failed[1].detail)
            try:
                document = await self._read()
            except Refused as failure:
                self._failed = self._now(), failure
                raise
            self._found, self._failed = (now, document), None
            return document
