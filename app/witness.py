"""What is logged and counted of every call to an ERP: never what was sent or answered."""

import structlog

from app.application.ports.attempt_witness import MadeCall
from app.observability import Metrics

log = structlog.get_logger(__name__)


class LoggingWitness:
    """One line and one count per journal that a call was about. The trace and, inside a request, what else is bound come with the line."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def saw(self, call: MadeCall) -> None:
        tenant = str(call.tenant_id)
        self._metrics.attempts.labels(tenant, call.endpoint, str(call.purpose), call.outcome).inc()
        if call.counts:
            self._metrics.calls.labels(tenant, call.endpoint, str(call.purpose)).inc()
        self._metrics.call_seconds.labels(tenant, call.endpoint, str(call.purpose)).observe(call.duration_ms / 1000)
        log.info(
            "attempt",
            tenant_id=tenant,
            endpoint=call.endpoint,
            order_number=call.order_number,
            journal=call.reference,
            journal_id=f"jnl_{call.journal_id.hex}",
            attempt_id=f"att_{call.attempt_id.hex}",
            purpose=str(call.purpose),
            outcome=call.outcome,
            duration_ms=call.duration_ms,
            journals=call.journals,
        )
