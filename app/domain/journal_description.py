"""What a journal is called: an endpoint's template, its fields filled in. No more than that: no formats, no attributes."""

from collections.abc import Mapping, Set
from string import Formatter

from app.domain.errors import Fault, Invalid

LONGEST = 500
DAILY_FIELDS = frozenset({"reference", "accounting_date", "currency"})
TRANSACTION_FIELDS = DAILY_FIELDS | {"description", "order_number", "supplier", "document_number", "document_date", "event_type"}
_POINTER = "/description_template"


def check_template(template: str, fields: Set[str]) -> None:
    """`Invalid` where it is not text with some of these fields in braces; braces themselves are written twice."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise Invalid(f"the template does not read: {error}", Fault(pointer=_POINTER, message=str(error))) from error
    for _, field, spec, conversion in parts:
        if field is not None and (field not in fields or spec or conversion):
            message = f"{{{field}}} is not one of {', '.join(sorted(fields))}, as they are"
            raise Invalid("the template has a field that a journal does not have", Fault(pointer=_POINTER, message=message))


def rendered(template: str, values: Mapping[str, str]) -> str:
    """A checked template with its fields filled in."""
    return "".join(text + ("" if field is None else values[field]) for text, field, _, _ in Formatter().parse(template))
