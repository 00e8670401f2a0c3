"""Logs as JSON lines with tenant and trace, and the metrics of this process."""

import logging
import re
import secrets
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from structlog.contextvars import bind_contextvars, get_contextvars, reset_contextvars, unbind_contextvars

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII)
_SECRET_WORDS = frozenset({"authorization", "credentials", "password", "secret", "token", "api_key", "admin_key", "secret_key"})
HIDDEN = "[hidden]"


class Metrics:
    """What is counted, in a registry of its own, so that several applications in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("glint_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry)
        self.request_seconds = Histogram(
            "glint_http_request_seconds", "Time to the whole answer", ["method", "route"], registry=self.registry
        )
        self.attempts = Counter(
            "glint_delivery_attempts",
            "Journals that calls to ERPs were about",
            ["tenant", "endpoint", "purpose", "outcome"],
            registry=self.registry,
        )
        self.calls = Counter("glint_delivery_calls", "Calls to ERPs", ["tenant", "endpoint", "purpose"], registry=self.registry)
        self.call_seconds = Histogram(
            "glint_delivery_call_seconds", "Time of a call to an ERP", ["tenant", "endpoint", "purpose"], registry=self.registry
        )


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Everything this process logs, libraries included, goes to `stream` (standard error) as one JSON object per line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # plain tracebacks: the values of variables could be secrets
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def hide_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: a value under a name that means a secret is never written."""
    for name in event.keys() & _SECRET_WORDS:
        event[name] = HIDDEN
    return event


def trace_id_from(traceparent: str | None) -> str:
    """The trace of a W3C `traceparent` header, or a new one where there is none that counts."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found and found[1].strip("0") and found[2].strip("0") and not found[0].startswith("ff"):
        return found[1]
    return secrets.token_hex(16)


class Trace:
    """`with Trace(trace_id):` everything logged inside carries it, and the tenant from where that is known."""

    def __init__(self, trace_id: str) -> None:
        self._trace_id = trace_id

    def __enter__(self) -> str:
        self._tokens = bind_contextvars(trace_id=self._trace_id)
        return self._trace_id

    def __exit__(self, *_: object) -> None:
        unbind_contextvars("tenant_id")
        reset_contextvars(**self._tokens)


def current_trace_id() -> str | None:
    """The trace of the request that is being answered, None outside of one."""
    found = get_contextvars().get("trace_id")
    return str(found) if found is not None else None
