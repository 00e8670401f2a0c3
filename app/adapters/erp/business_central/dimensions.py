"""Dimensions of the lines: set after a line is made, since Business Central gives it the defaults of its account first. Pure.

Field names as in the AL source of pages 30021 "APIV2 - Dimensions" and 30022 "APIV2 - Dimension Set Lines".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from app.adapters.erp.business_central.odata import Operation, literal, query
from app.adapters.erp.exact_json import as_objects, as_text
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

CODE_LENGTH = 20
ANY_VERSION = "*"
"""A dimension of a line that this step made: nobody else can know it."""

Values = Mapping[str, frozenset[str]]
"""The values of each dimension, by code."""


def wanted_dimensions(line: JournalLine) -> dict[str, str]:
    """Codes as Business Central spells them."""
    return {code.upper(): value.upper() for code, value in sorted(line.dimensions.items())}


def dimension_codes(journals: Collection[JournalDocument]) -> list[str]:
    return sorted({code for journal in journals for line in journal.lines for code in wanted_dimensions(line)})


def read_dimensions(codes: Sequence[str]) -> Operation:
    """These dimensions with their values, where they are there."""
    wanted = " or ".join(f"code eq {literal(code)}" for code in codes)
    return Operation(method="GET", path="dimensions" + query(filter=wanted, expand="dimensionValues"))


def read_values(rows: Sequence[Mapping[str, Any]]) -> Values:
    """What `read_dimensions` gave."""
    return {
        as_text(row.get("code"), CODE_LENGTH): frozenset(
            as_text(value.get("code"), CODE_LENGTH) for value in as_objects(row.get("dimensionValues"))
        )
        for row in rows
    }


def dimension_problems(journal: JournalDocument, values: Values) -> Iterator[Problem]:
    """A dimension or a value that is not there."""
    for line in journal.lines:
        for code, value in wanted_dimensions(line).items():
            if code not in values:
                yield Problem(line=line.line, code="unknown-dimension", message=f"there is no dimension {code}")
            elif value not in values[code]:
                yield Problem(line=line.line, code="unknown-dimension-value", message=f"dimension {code} has no value {value}")


def read_lines(journal_id: str) -> Operation:
    """The lines of an unposted journal with the dimensions that they have."""
    return Operation(method="GET", path=f"journals({journal_id})/journalLines" + query(expand="dimensionSetLines"))


def set_dimensions(line: JournalLine, row: Mapping[str, Any]) -> list[Operation]:
    """What is to be done so that the line there has ours: a default is changed, what is missing is added, the rest stays."""
    there = {as_text(each.get("code"), CODE_LENGTH): each for each in as_objects(row.get("dimensionSetLines"))}
    path = f"journalLines({row.get('id')})/dimensionSetLines"
    operations = []
    for code, value in wanted_dimensions(line).items():
        if code not in there:
            operations.append(Operation(method="POST", path=path, body={"code": code, "valueCode": value}))
        elif there[code].get("valueCode") != value:
            change = f"{path}({there[code].get('id')})"
            operations.append(Operation(method="PATCH", path=change, body={"valueCode": value}, etag=ANY_VERSION))
    return operations


def has_dimensions(line: JournalLine, row: Mapping[str, Any]) -> bool:
    """Whether the line there has ours."""
    return not set_dimensions(line, row)
