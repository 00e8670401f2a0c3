"""What came of one HTTP call: a whole answer, or how far it got."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FailureKind(StrEnum):
    """How far a request got that has no answer. `timeout` is after sending too: it may have been carried out."""

    BEFORE_SENT = "before_sent"
    AFTER_SENT = "after_sent"
    TIMEOUT = "timeout"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole answer, or its first `max_response_bytes` where `truncated`. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    truncated: bool
    duration_ms: int
    received_at: datetime

    @property
    def text(self) -> str:
        """As UTF-8; what is not is replaced, and so are NULs, which a database's text cannot hold."""
        return readable(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFailure:
    """No whole answer. `status` and `content` are what had come before it broke off."""

    kind: FailureKind
    reason: str
    duration_ms: int
    status: int | None = None
    content: bytes = b""


HttpResult = HttpAnswer | HttpFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """In seconds. `read` and `write` bound each wait on the socket, `total` the whole call, a slow trickle included."""

    connect: float = 10.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 10.0
    total: float = 120.0


def readable(content: bytes) -> str:
    """An answer as text that can be stored: UTF-8 with what is not UTF-8, and NULs, replaced."""
    return content.decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def storable(text: str) -> str:
    """Text out of an answer's JSON, which can hold half a surrogate pair or a NUL: no database takes them, so they are replaced."""
    return readable(text.encode("utf-8", errors="replace"))
