"""What a tenant's time zone and base currency must be."""

from functools import cache
from zoneinfo import available_timezones

from app.application.ports.currencies import Currencies
from app.domain.errors import Fault, Invalid


def check_time_zone(name: str) -> None:
    """`Invalid` where it is no IANA time zone."""
    if name not in _time_zones():
        raise Invalid("the time zone is unknown", Fault(pointer="/time_zone", message="must be an IANA time zone, like Pacific/Auckland"))


def check_base_currency(code: str, currencies: Currencies) -> None:
    """`Invalid` where it is no currency of ISO 4217."""
    if currencies.get(code) is None:
        raise Invalid("the base currency is unknown", Fault(pointer="/base_currency", message="must be a currency of ISO 4217"))


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
