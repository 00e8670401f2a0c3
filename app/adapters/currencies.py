"""ISO 4217 from the `iso4217` package, which carries the registrar's published table."""

from functools import cache

from iso4217 import Currency as IsoCurrency

from app.domain.money import Currency


class IsoCurrencies:
    """The published table. Codes without minor units (metals, testing) are no currencies to post in."""

    def get(self, code: str) -> Currency | None:
        return _table().get(code)


@cache
def _table() -> dict[str, Currency]:
    return {each.code: Currency(code=each.code, digits=each.exponent) for each in IsoCurrency if each.exponent is not None}
