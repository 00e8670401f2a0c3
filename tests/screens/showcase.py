"""The pictures of the README: three screens of a university whose months are in order."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.events import event
from tests.screens.browser import sign_in, window
from tests.screens.png import small
from tests.screens.service import Service, today

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH = 1280
LARGEST = 150_000
"""Bytes of a picture."""

CODES = {"6110-CHEM": "expense", "6120-CHEM": "expense", "6230-IT": "expense", "4100": "income", "4200": "income", "4300": "income"}
INCOME = {"Membership fees": "4000", "Theatre tickets": "4100", "Parking": "4200", "Conference dinners": "4300"}
SOUTHERN = {"code": "SOUTHERN", "name": "Southern Laboratory Supplies"}
KAURI = {"code": "KAURI", "name": "Kauri Networks Ltd"}
ORDER = "PO-2026-0418"
TAKINGS = (
    (4, "Membership fees", "Gym memberships, week 46", "12840.15"),
    (4, "Theatre tickets", "Campus theatre, box office", "3610.00"),
    (3, "Parking", "Car parks, city campus", "1988.20"),
    (2, "Conference dinners", "Alumni dinner, table bookings", "945.00"),
    (1, "Theatre tickets", "Campus theatre, box office", "2475.50"),
    (1, "Membership fees", "Gym memberships, week 47", "11206.80"),
)
"""How many days ago, on what, what for, how much."""


def paint(browser: Browser, service: Service) -> None:
    """Writes the pictures to `FOLDER`."""
    FOLDER.mkdir(exist_ok=True)
    set_up(service)
    past(service)
    this_week(service)
    with window(browser, service) as context:
        page = sign_in(context, "anna")
        for box in page.get_by_role("checkbox", name=re.compile("^Journal ")).all()[:3]:
            box.check()
        _shoot(page, "gl", 880)
        page.goto(f"/app/orders/{ORDER}")
        _shoot(page, "order", 965)
        page.goto(f"/app/journals/{_invoiced(service)}")
        _shoot(page, "journal", 640)


def set_up(service: Service) -> None:
    service.erp.load_chart(CODES)
    for name, code in INCOME.items():
        service.call("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "income"})


def past(service: Service) -> None:
    """Half a year of purchases, and takings, that are all in the ERP."""
    glass = _line(1, "Fume cupboard, 1800 mm", "6", "4150.00", "6110-CHEM")
    filters = _line(2, "Carbon filter", "24", "86.50", "6120-CHEM")
    _order(service, ORDER, 150, SOUTHERN, [glass, filters])
    _receipt(service, ORDER, 118, {1: "2", 2: "12"})
    _invoice(service, ORDER, 104, "SLS-20417", {1: ("2", "8300.00"), 2: ("12", "1038.00")}, "1400.70")
    _receipt(service, ORDER, 76, {1: "3"})
    _invoice(service, ORDER, 61, "SLS-20688", {1: ("2", "8420.00")}, "1263.00")
    _receipt(service, ORDER, 30, {2: "12"})
    _invoice(service, ORDER, 16, "SLS-20951", {2: ("12", "1038.00")}, "155.70")
    _order(service, "PO-2026-0433", 40, KAURI, [_line(1, "Access switch, 48 ports", "10", "1890.00", "6230-IT")])
    _receipt(service, "PO-2026-0433", 22, {1: "10"})
    _takings(service, 9, "Parking", "Car parks, city campus", "2104.60")
    sent = [each["id"] for each in service.journals(200)]
    for step in ("validate", "send"):
        service.call("POST", f"/v1/journals/{step}", {"journal_ids": sent})


def this_week(service: Service) -> None:
    """What somebody has before them: most of it validated, the last not yet."""
    for taking in TAKINGS:
        _takings(service, *taking)
    _invoice(service, "PO-2026-0433", 3, "KN-7731", {1: ("10", "18900.00")}, "2835.00")
    _receipt(service, ORDER, 2, {1: "1"})
    waiting = [each["id"] for each in service.journals(7) if each["status"] == "open"]
    service.call("POST", "/v1/journals/validate", {"journal_ids": waiting[:-2]})


def _shoot(page: Page, name: str, height: int) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_load_state("networkidle")
    picture = small(page.screenshot())
    if len(picture) >= LARGEST:
        raise SystemExit(f"{name}.png would have {len(picture):,} bytes")
    (FOLDER / f"{name}.png").write_bytes(picture)


def _invoiced(service: Service) -> str:
    """The journal of an invoice that cost more than was ordered."""
    found = next(each for each in service.journals(200) if "SLS-20688" in each["description"])
    return str(found["id"])


def _day(days_ago: int) -> str:
    return (today() - timedelta(days=days_ago)).isoformat()


def _record(service: Service, name: str, kind: str, data: dict[str, Any]) -> None:
    service.call("POST", "/v1/events", event(name, kind, data))


def _line(number: int, description: str, quantity: str, price: str, code: str) -> dict[str, Any]:
    coded = [{"code": code, "percentage": "100"}]
    return {"line_number": number, "description": description, "quantity": quantity, "unit_price": price, "account_codes": coded}


def _order(service: Service, number: str, days_ago: int, supplier: dict[str, str], lines: list[dict[str, Any]]) -> None:
    head = {"order_number": number, "currency": "NZD", "order_date": _day(days_ago), "supplier": supplier}
    _record(service, number, "order.created", head | {"lines": lines})


def _receipt(service: Service, order: str, days_ago: int, quantities: dict[int, str]) -> None:
    name = f"GR-{order[-4:]}-{days_ago}"
    lines = [{"line_number": line, "quantity": quantity} for line, quantity in quantities.items()]
    data = {"order_number": order, "receipt_number": name, "receipt_date": _day(days_ago), "lines": lines}
    _record(service, name, "goods.received", data)


def _invoice(service: Service, order: str, days_ago: int, number: str, billed: dict[int, tuple[str, str]], tax: str) -> None:
    lines = [
        {"order_number": order, "line_number": line, "quantity": quantity, "amount": amount} for line, (quantity, amount) in billed.items()
    ]
    data = {"invoice_number": number, "invoice_date": _day(days_ago), "currency": "NZD", "lines": lines}
    _record(service, number, "invoice.matched", data | {"tax": [{"amount": tax, "recoverable": True}]})


def _takings(service: Service, days_ago: int, account: str, description: str, amount: str) -> None:
    name = f"T-{days_ago}-{account}-{amount}"
    lines = [{"account": "Bank", "side": "debit", "amount": amount}, {"account": account, "side": "credit", "amount": amount}]
    head = {"transaction_number": name, "date": _day(days_ago), "description": description, "currency": "NZD"}
    _record(service, name, "entry.recorded", head | {"lines": lines})
