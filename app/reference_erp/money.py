"""Money as whole minor units of its currency."""

from iso4217 import Currency

# Far inside SQLite's 64 bits, so that there is room for the sums of a ledger.
MAX_MINOR = 10**15


def minor_digits(currency: str) -> int | None:
    """The decimals of a currency by ISO 4217; None where it is unknown, or none that money is kept in."""
    try:
        return Currency(currency).exponent
    except ValueError:
        return None


def to_minor(amount: str, digits: int) -> int | None:
    """`amount` has the form of the messages (`12`, `12.50`). None where it has more decimals than the currency, zeros apart."""
    whole, _, fraction = amount.partition(".")
    kept, rest = fraction[:digits], fraction[digits:]
    return None if rest.strip("0") else int(whole + kept.ljust(digits, "0"))


def to_text(minor: int, currency: str) -> str:
    """The major units, with all decimals of the currency."""
    digits = minor_digits(currency) or 0
    sign, figures = "-" if minor < 0 else "", str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{figures[:-digits]}.{figures[-digits:]}" if digits else sign + figures
