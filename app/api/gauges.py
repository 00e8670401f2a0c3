"""The gauges of delivery in the form that Prometheus reads."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.application.ports.delivery_gauges import EndpointGauge

LABELS = ("tenant", "endpoint")
FIELDS = {
    "oldest_unsent_seconds": "Age of the oldest journal that is not sent",
    "lanes_due": "Lanes that could be worked on now",
    "lanes_waiting": "Lanes that wait for their next try",
    "unknown": "Journals whose answer was lost and that are being looked up",
    "breaker_open": "1 while nothing is called, after failures or because the ERP asked to wait",
    "paused": "1 while the endpoint is paused",
}


class _Gauges(Collector):
    def __init__(self, gauges: Sequence[EndpointGauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for field, text in FIELDS.items():
            family = GaugeMetricFamily(f"glint_delivery_{field}", text, labels=LABELS)
            for gauge in self._gauges:
                family.add_metric((str(gauge.tenant_id), gauge.endpoint), float(getattr(gauge, field)))
            yield family


def exposed(gauges: Sequence[EndpointGauge]) -> bytes:
    """As text for Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Gauges(gauges))
    return generate_latest(registry)
