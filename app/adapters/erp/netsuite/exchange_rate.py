"""One rate for a whole journal: NetSuite multiplies each amount by it and rounds to the base currency's digits. Pure."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from app.domain.journal import JournalLine

DIGITS = 40
MOST_PLACES = 15


def exchange_rate(lines: Sequence[JournalLine]) -> Decimal | None:
    """The shortest rate by which every line's base amount is its amount, rounded half up; None where there is none for all."""
    with localcontext() as context:
        context.prec = DIGITS
        lowest, highest = Decimal(0), Decimal("Infinity")
        for line in lines:
            if line.amount == 0:
                if line.base_amount != 0:
                    return None
                continue
            half = Decimal(1).scaleb(int(line.base_amount.as_tuple().exponent)) / 2
            lowest = max(lowest, (line.base_amount - half) / line.amount)
            highest = min(highest, (line.base_amount + half) / line.amount)
        return _shortest(lowest, highest)


def _shortest(lowest: Decimal, highest: Decimal) -> Decimal | None:
    """The one with the fewest decimal places strictly between them, so that nothing hangs on how a half is rounded."""
    if not lowest < highest or not highest.is_finite():
        return None
    for places in range(MOST_PLACES + 1):
        step = Decimal(1).scaleb(-places)
        middle = (lowest + highest) / 2
        for rounding in (ROUND_FLOOR, ROUND_CEILING):
            rate = middle.quantize(step, rounding=rounding)
            if lowest < rate < highest:
                return rate
    return None
