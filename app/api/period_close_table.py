"""The period-close report as the wire has it: the body for JSON, and the same as one table."""

from typing import Any

from app.api.ids import Kind, format_id
from app.api.tables import Cell, Money, Table, shown, table_of
from app.application.ports.period_close import UnsentJournals, WaitingEvent
from app.application.reports.period_close import PeriodCloseReport
from app.domain.money import Currency

COLUMNS = (
    *("what", "endpoint", "status", "count", "base_debit_total", "date"),
    *("event_id", "event_type", "source", "id", "order_numbers", "detail"),
)


def show_period_close(report: PeriodCloseReport) -> dict[str, Any]:
    """`ready` where nothing is left. `date` is the oldest one in `unsent`, the event's own in `events`."""
    return {
        "period": report.period.name,
        "starts_on": report.period.starts_on.isoformat(),
        "ends_on": report.period.ends_on.isoformat(),
        "status": report.period.status,
        "base_currency": report.base.code,
        "ready": not report.unsent and not report.event_count,
        "unsent": [shown(_unsent(each, report.base)) for each in report.unsent],
        "event_count": report.event_count,
        "events": [{**shown(_event(each)), "order_numbers": list(each.order_numbers)} for each in report.events],
    }


def period_close_table(report: PeriodCloseReport) -> Table:
    """A row per endpoint and status of unsent journals, then a row per event."""
    empty: dict[str, Cell] = dict.fromkeys(COLUMNS)
    journals = [empty | {"what": "journals"} | _unsent(each, report.base) for each in report.unsent]
    events = [empty | {"what": "event", "count": 1} | _event(each) for each in report.events]
    return table_of(
        "period-close",
        journals + events,
        COLUMNS,
        period=report.period.name,
        starts_on=report.period.starts_on,
        ends_on=report.period.ends_on,
        base_currency=report.base.code,
        event_count=report.event_count,
    )


def _unsent(unsent: UnsentJournals, base: Currency) -> dict[str, Cell]:
    return {
        "endpoint": unsent.endpoint,
        "status": str(unsent.status),
        "count": unsent.count,
        "base_debit_total": Money(unsent.base_debit_total, base),
        "date": unsent.oldest_date,
    }


def _event(event: WaitingEvent) -> dict[str, Cell]:
    return {
        "status": event.status,
        "date": event.date,
        "event_id": format_id(Kind.EVENT, event.id),
        "event_type": event.type,
        "source": event.source,
        "id": event.external_id,
        "order_numbers": ", ".join(event.order_numbers) or None,
        "detail": event.detail,
    }
