"""The accounting split of an order line: Distribution/Accounting with its segments, weighed by Charge/Money."""

from decimal import Decimal

from app.adapters.procurement.cxml.money import ZERO, amount, plain, same, total
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reading import Notes, attribute, check_length, child, children
from app.adapters.procurement.cxml.xml import Element

AccountCodes = list[dict[str, str]]


def account_codes(item: Element, line_total: Decimal | None, options: Options, notes: Notes) -> AccountCodes:
    """The line's codes: one code is 100 percent where it carries no money, several are weighed by their money."""
    distributions = children(item, "Distribution")
    if not distributions:
        if options.default_account_code is None:
            notes.fault(item, "The line has no Distribution, and no default account code is set up")
            return []
        return [{"code": options.default_account_code, "percentage": "100"}]
    weights: dict[str, Decimal] = {}
    unweighed = False
    for distribution in distributions:
        weight = amount(child(distribution, "Charge"), notes)
        unweighed = unweighed or weight is None
        if weight is not None and weight < 0:
            notes.fault(distribution, "Charge/Money must not be negative")
        code = _code(distribution, options, notes)
        weights[code] = weights.get(code, ZERO) + (weight or ZERO)
    return _weighed(item, weights, unweighed, line_total, notes)


def _weighed(item: Element, weights: dict[str, Decimal], unweighed: bool, line_total: Decimal | None, notes: Notes) -> AccountCodes:
    charged = total(list(weights.values()))
    if len(weights) == 1 and (unweighed or not charged):
        return [{"code": code, "percentage": "100"} for code in weights]
    if unweighed or not charged:
        notes.fault(item, "The line is split over several account codes, and their Charge/Money does not say how")
    elif line_total is not None and not same(line_total, charged):
        notes.warn(
            item, f"The distributions come to {plain(charged)} and the line to {line_total.normalize():f}; they are taken as weights"
        )
    return [{"code": code, "amount": plain(weight)} for code, weight in weights.items()]


def _code(distribution: Element, options: Options, notes: Notes) -> str:
    accounting = child(distribution, "Accounting")
    segments = children(accounting, "AccountingSegment") or children(accounting, "Segment")
    if not segments:
        notes.fault(distribution, "The Distribution has no AccountingSegment or Segment")
    ids = [attribute(segment, "id") for segment in segments]
    for segment, found in zip(segments, ids, strict=True):
        if not found:
            notes.fault(segment, "The segment has no id", "id")
    code = options.segment_separator.join(ids)
    check_length(code, "The account code", distribution, notes)
    return code
