"""Pictures of every screen, light and dark, wide and on a phone: `python -m tests.screens.look FOLDER`. With `--readme` instead of a
folder: those of the README."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.databases import enterable_folder, execute, postgres_server, with_database
from tests.events import event, receipt
from tests.screens import debtors, showcase
from tests.screens.browser import PHONE, WIDE, chromium, launch, sign_in, violations, window
from tests.screens.service import Service, today

LOOKS = {"wide-light": (WIDE, False), "wide-dark": (WIDE, True), "phone-light": (PHONE, False), "phone-dark": (PHONE, True)}
BATCH = 60
XERO = {
    "adapter": "xero",
    "url": "https://xero.example/api.xro/2.0",
    "credentials": {"client_id": "glint", "client_secret": "not shown"},
    "starts_on": "2999-01-01",
    "mapping": {
        "account_codes": {"table": {"2100": "850", "2110": {"account": "851", "tax_code": "NONE"}, "2000": "800"}, "otherwise": "refuse"},
        "charge_codes": {
            "table": {"4100-99": {"dimensions": {"Cost centre": "Head office"}}},
            "template": {"separator": "-", "account": "{1}", "dimensions": {"Cost centre": "{2}"}},
            "otherwise": {"account": "999"},
        },
    },
}
"""An endpoint that somebody has to authorise; nothing is ever sent to it."""


def fill(service: Service) -> None:
    """Some of everything: journals in several states, events that wait, things sent."""
    for number in range(3):
        service.entry(f"SENT-{number}", day=today() - timedelta(days=3), amount=f"{1250 + number}.40")
    ids = [each["id"] for each in service.journals()]
    service.call("POST", "/v1/journals/validate", {"journal_ids": ids})
    service.call("POST", "/v1/journals/send", {"journal_ids": ids})
    service.entry("T-OLD", day=today() - timedelta(days=40), amount="75.00")
    service.order("PO-1001")
    service.receipt("PO-1001")
    service.entry("T-100", amount="12840.15")
    service.entry("T-101", amount="310.00", account_code="4711")
    service.entry("T-102", amount="88.20")
    service.entry("T-103", amount="945.00")
    by_description = {each["debit_total"]: each["id"] for each in service.journals(6)}
    service.call("POST", "/v1/journals/validate", {"journal_ids": [by_description[each] for each in ("12840.15", "310.00", "88.20")]})
    service.call("POST", f"/v1/journals/{by_description['945.00']}/hold", {"reason": "asked the club"})
    service.erp.fault("fail", on="send", status=502, times=1)
    service.call("POST", "/v1/journals/send", {"journal_ids": [by_description["88.20"]]})
    service.call("PUT", "/v1/periods/2026-10", {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "status": "closed"})
    service.call("PUT", "/v1/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
    service.call("POST", "/v1/erp-endpoints/erp/test")
    service.call("PUT", "/v1/erp-endpoints/xero", XERO)
    debtors.fill(service)
    service.call("POST", "/v1/events", event("parked-1", "goods.received", receipt("PO-7777")))
    buy(service)


def buy(service: Service) -> None:
    """Orders of the last months at every stage, one of them in another currency."""
    bolt = {"code": "BOLT", "name": "Bolt & Nut Supplies Ltd"}
    service.order("PO-2001", days_ago=110, quantity="12", unit_price="245.50", charges=[{"kind": "shipping", "amount": "85.00"}])
    for days_ago, quantity in ((98, "4"), (70, "5"), (33, "2")):
        service.receipt("PO-2001", days_ago=days_ago, quantity=quantity)
    service.invoice("PO-2001", days_ago=81, quantity="4", amount="982.00")
    service.invoice("PO-2001", days_ago=25, quantity="3", amount="751.20")
    service.order(
        "PO-2002", days_ago=64, code="E2", quantity="3", unit_price="1999.00", supplier=bolt, currency="CHF", exchange_rate="1.93"
    )
    service.receipt("PO-2002", days_ago=40, quantity="2")
    service.invoice("PO-2002", days_ago=30, quantity="1", amount="1999.00", currency="CHF", exchange_rate="1.95")
    service.order("PO/2026/17", days_ago=200, code="E2", quantity="1", unit_price="12500.00", supplier=bolt)
    service.receipt("PO/2026/17", days_ago=190)
    service.order("PO-2003", days_ago=20, quantity="40", unit_price="3.75")


def screens(service: Service, page: Page) -> dict[str, str]:
    """Addresses by name."""
    bought = service.call("GET", "/v1/account-transactions?order_number=PO-2002")["items"]
    bad = next(each for each in service.journals(6) if each["status"] == "invalid")
    sent = next(each for each in service.journals(6) if each["status"] == "sent")
    parked = service.call("GET", "/v1/events?status=parked")["items"][0]["event_id"]
    return {
        "gl": "/app/",
        "gl-sent": "/app/?tab=sent",
        "gl-empty": "/app/?from=2020-01-01&to=2020-01-02",
        "journal-invalid": f"/app/journals/{bad['id']}",
        "journal-sent": f"/app/journals/{sent['id']}",
        "orders": "/app/orders",
        "orders-none": "/app/orders?number=nothing",
        "order": "/app/orders/PO-2001",
        "order-foreign": "/app/orders/PO-2002",
        "transaction": f"/app/transactions/{bought[-1]['id']}",
        "ledger": "/app/ledger",
        "ledger-account": "/app/ledger?account=2110&from=&to=",
        "ledger-order": "/app/ledger?account=2110&order=PO-2002",
        "ledger-fault": "/app/ledger?account=2110&from=yesterday&order=PO-1&debtor=D-1",
        "ledger-none": "/app/ledger?account=2110&from=2020-01-01&to=2020-01-31",
        "grni": "/app/outstanding",
        "grni-part": "/app/outstanding?supplier=BOLT&age=1",
        "grni-fault": "/app/outstanding?as_of=yesterday",
        "commitments": "/app/outstanding?tab=commitments",
        "commitments-none": "/app/outstanding?tab=commitments&as_of=2020-01-01",
        "events": "/app/events",
        "events-none": "/app/events?tab=refused",
        "event": f"/app/events/{parked}",
        "trial": "/app/events/trial",
        **debtors.screens(service, page),
        "health": "/app/health",
        "set-up": "/app/set-up",
        "accounts": "/app/set-up/accounts",
        "account": "/app/set-up/accounts/GRNI",
        "new-account": "/app/set-up/new-account",
        "posting-manager": "/app/set-up/posting-manager",
        "periods": "/app/set-up/periods",
        "new-period": "/app/set-up/new-period",
        "endpoints": "/app/set-up/endpoints",
        "endpoint": "/app/set-up/endpoints/erp",
        "endpoint-settings": "/app/set-up/endpoints/erp/settings",
        "endpoint-to-authorise": "/app/set-up/endpoints/xero",
        "endpoint-chart": "/app/set-up/endpoints/erp/chart",
        "endpoint-mapping": "/app/set-up/endpoints/xero/mapping",
        "adapters": "/app/set-up/new-endpoint",
        "new-endpoint": "/app/set-up/new-endpoint?adapter=business_central",
        "password": "/app/password",
        "audit-log": "/app/audit-log",
        "missing": "/app/nothing-here",
    }


def shoot(context: BrowserContext, service: Service, folder: Path, look: str) -> None:
    first = context.new_page()
    first.goto("/app/sign-in")
    first.screenshot(path=folder / f"sign-in-{look}.png")
    page = sign_in(context, "anna")
    for name, path in screens(service, page).items():
        page.goto(path)
        for each in violations(page):
            sys.stdout.write(f"{look} {name}: {each}\n")
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
    page.goto("/app/")
    page.get_by_label("Tick all journals on this page").check()
    page.screenshot(path=folder / f"gl-ticked-{look}.png")
    page.get_by_role("button", name="Mark as sent…").click()
    page.get_by_role("heading", name="Mark").wait_for()
    for each in violations(page):
        sys.stdout.write(f"{look} mark: {each}\n")
    page.screenshot(path=folder / f"mark-{look}.png", full_page=True)


@contextmanager
def running() -> Iterator[Service]:
    with enterable_folder() as folder, postgres_server(folder) as url, tempfile.TemporaryDirectory() as data:
        execute(url, "CREATE DATABASE glint_look")
        with Service(with_database(url, "glint_look"), Path(data)) as service:
            yield service


def every_screen(browser: Browser, service: Service, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fill(service)
    for look, (size, dark) in LOOKS.items():
        with window(browser, service, size=size, dark=dark) as context:
            shoot(context, service, folder, look)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("folder", nargs="?", type=Path)
    wanted.add_argument("--readme", action="store_true")
    asked = parser.parse_args()
    program = chromium()
    if program is None:
        raise SystemExit("there is no Chromium here (apt-get install chromium, or set GLINT_TEST_CHROMIUM)")
    with running() as service, sync_playwright() as playwright:
        browser = launch(playwright, program)
        if asked.readme:
            showcase.paint(browser, service)
        else:
            every_screen(browser, service, asked.folder)
        browser.close()


if __name__ == "__main__":
    main()
