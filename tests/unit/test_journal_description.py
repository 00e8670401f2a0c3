"""The template of a journal's description: its fields and nothing else."""

import pytest

from app.domain.errors import Invalid
from app.domain.journal_description import DAILY_FIELDS, TRANSACTION_FIELDS, check_template, rendered


def test_fields_are_filled_in_once() -> None:
    values = dict.fromkeys(TRANSACTION_FIELDS, "") | {"supplier": "{order_number} {{x}}", "order_number": "PO/1"}
    template = "{{{order_number}}} of {supplier}"
    check_template(template, TRANSACTION_FIELDS)
    assert rendered(template, values) == "{PO/1} of {order_number} {{x}}"


@pytest.mark.parametrize(
    "template",
    [
        "{order}",
        "{}",
        "{0}",
        "{supplier",
        "supplier}",
        "{supplier.name}",
        "{supplier[0]}",
        "{supplier!r}",
        "{supplier:>9}",
        "{supplier:{x}}",
    ],
)
def test_anything_else_is_refused_at_its_place(template: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_template(template, TRANSACTION_FIELDS)
    assert [fault.pointer for fault in refused.value.faults] == ["/description_template"]


def test_a_day_has_no_order_number() -> None:
    check_template("{reference} {accounting_date} {currency}", DAILY_FIELDS)
    with pytest.raises(Invalid):
        check_template("{order_number}", DAILY_FIELDS)
