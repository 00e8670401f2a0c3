"""What is sent to NetSuite for a journal. Names of fields as in its REST API Browser, record `journalEntry`. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.erp.exact_json import to_json
from app.adapters.erp.netsuite.exchange_rate import exchange_rate
from app.adapters.erp.netsuite.reference_data import ReferenceData
from app.adapters.erp.netsuite.suiteql import SEGMENTS
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine
from app.domain.journal_json import journal_json

MEMO_LENGTH = 999
CUSTOM_SEGMENT = re.compile(r"^(cseg|custcol)_[a-z0-9_]{1,60}$")


def shape_problems(journal: JournalDocument, max_lines: int) -> tuple[Problem, ...]:
    """What NetSuite can certainly not take."""
    found = []
    if len(journal.lines) > max_lines:
        message = f"the journal has {len(journal.lines)} lines; NetSuite takes at most {max_lines}"
        found.append(Problem(line=None, code="too-many-lines", message=message))
    if journal.currency != journal.base_currency and exchange_rate(journal.lines) is None:
        message = "the lines have no exchange rate in common, and NetSuite takes one for a whole journal"
        found.append(Problem(line=None, code="no-common-rate", message=message))
    for line in journal.lines:
        if line.tax_code is not None:
            message = "NetSuite's REST services take no tax code on a journal's line"
            found.append(Problem(line=line.line, code="tax-code-refused", message=message))
        for name in sorted(line.dimensions):
            if name not in SEGMENTS and not CUSTOM_SEGMENT.match(name):
                message = f"{name} is neither {', '.join(SEGMENTS)} nor a custom segment (cseg_…, custcol_…)"
                found.append(Problem(line=line.line, code="unknown-dimension", message=message))
    return tuple(found)


def journal_body(journal: JournalDocument, data: ReferenceData, *, subsidiary: str | None, approve: bool) -> str:
    """The record, for a journal that has no problem in its shape or with `data`. The period is named, so that NetSuite chooses none."""
    period = data.period_of(journal.accounting_date)
    record: dict[str, Any] = {
        "externalId": journal.reference,
        "tranDate": journal.accounting_date.isoformat(),
        "postingPeriod": _ref(period.id if period is not None else ""),
        "memo": journal.description[:MEMO_LENGTH],
        "currency": _ref(data.currencies[journal.currency]),
        "approved": approve,
    }
    if subsidiary is not None:
        record["subsidiary"] = _ref(subsidiary)
    if journal.currency != journal.base_currency:
        record["exchangeRate"] = exchange_rate(journal.lines)
    return to_json(record | {"line": {"items": [_line(line, data) for line in journal.lines]}})


def planned(journals: Sequence[JournalDocument]) -> str:
    """What is to be booked, for the record of an attempt: internal ids are only known once the step has begun."""
    return to_json({"journals": [journal_json(journal) for journal in journals]})


def _line(line: JournalLine, data: ReferenceData) -> Mapping[str, Any]:
    dimensions = {name: _ref(data.segments[name][value] if name in SEGMENTS else value) for name, value in sorted(line.dimensions.items())}
    return {
        "account": _ref(data.accounts[line.account_code].id),
        line.side: line.amount,
        "memo": line.description[:MEMO_LENGTH],
        **dimensions,
    }


def _ref(internal_id: str) -> dict[str, str]:
    return {"id": internal_id}
