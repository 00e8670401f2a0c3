"""The one exchange rate that QuickBooks takes for a journal entry, found from amounts that were converted elsewhere. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from app.domain.journal import JournalLine

MAX_DIGITS = 9
_PRECISION = 50


def exchange_rate(lines: Sequence[JournalLine]) -> Decimal | None:
    """Home currency for one unit of the journal's, with as few digits as make each line's base amount out of its amount. None where no
    rate of up to nine digits after the point does, as where lines were converted at different rates."""
    with localcontext(Context(prec=_PRECISION)):
        amount, base = sum(line.amount for line in lines), sum(line.base_amount for line in lines)
        if not amount or not base:
            return None
        for digits in range(MAX_DIGITS + 1):
            rate = (base / amount).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            if rate and all(converted(line.amount, rate, line.base_amount) == line.base_amount for line in lines):
                return rate
    return None


def converted(amount: Decimal, rate: Decimal, like: Decimal) -> Decimal:
    """In the home currency, rounded half up to as many digits as `like` has after the point."""
    with localcontext(Context(prec=_PRECISION)):
        return (amount * rate).quantize(like, ROUND_HALF_UP)
