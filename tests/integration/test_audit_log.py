"""Every command is in the audit log: who gave it, what it was and on what. A route that changes something must be listed here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.api.application import routed_application
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, order, receipt
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

NO_COMMANDS = {
    ("POST", "/v1/events"): "the event log itself keeps what came",
    ("POST", "/v1/cxml"): "the event log itself keeps what came",
    ("POST", "/v1/debtor-transactions/preview"): "it changes nothing",
    ("POST", "/v1/erp-endpoints/{name}/requests"): "an ERP's calls are attempts of the journals",
    ("POST", "/v1/erp-endpoints/{name}/responses"): "an ERP's calls are attempts of the journals",
    ("POST", "/v1/erp-endpoints/{name}/authorise"): "needs a vendor: test_sign_in.py",
    ("PUT", "/v1/erp-endpoints/{name}/authorisation"): "needs a vendor: test_sign_in.py",
    ("POST", "/v1/erp-endpoints/{name}/revoke"): "needs a vendor: test_sign_in.py",
    ("POST", "/v1/tenants"): "the first entry of a tenant's log: a test of its own below",
}

Known = Mapping[str, Any]
"""Ids and addresses that only exist once the test runs, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A call of a route, and the entry that it must leave. Names in braces in `call` and `subject` are filled in with what is known."""

    method: str
    route: str
    call: str
    entry: str
    subject: str
    body: Callable[[Known], Any] = field(default=lambda _: None)

    csv: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.route


def command(method: str, route: str, entry: str, subject: str, body: Any = None, **path: str) -> Command:
    """`path` fills the route's parameters."""
    call = route.format(**path)
    return Command(method=method, route=route, call=call, entry=entry, subject=subject, body=body if callable(body) else lambda _: body)


def load(route: str, entry: str, text: str) -> Command:
    """A file in CSV."""
    return Command(method="POST", route=route, call=route, entry=entry, subject="", csv=text)


def _chosen(known: Known) -> Any:
    return {"journal_ids": [known["journal"]]}


def _marked(known: Known) -> Any:
    return {"journal_ids": [known["third_journal"]], "reason_code": "not_required", "reason": "the ERP has it"}


def _redated(_: Known) -> Any:
    return {"date": "2026-12-01", "reason": "closed over there"}


ENDPOINT = "/v1/erp-endpoints/{name}"
JOURNAL = "/v1/journals/{journal_id}"
PERIOD = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"}
RECORD = {"trade_debtors_account": "Bank", "invoice_account": "Fees", "journal_account": "Fees", "tax_account": "Tax"}
FEES = {"account_code": "4000", "type": "income"}
NAMED: dict[str, Any] = {"name": "N", "gl_interface": "R"}
DEBTORS = (
    command("PUT", "/v1/accounts/{name}", "account.put", "Fees", FEES, name="Fees"),
    command("PUT", "/v1/gl-interfaces/{code}", "gl_interface.put", "R", RECORD, code="R"),
    load(
        "/v1/gl-interfaces",
        "gl_interface.load",
        "code,trade_debtors_account,invoice_account,journal_account,tax_account\nS,Bank,Fees,Fees,Tax",
    ),
    command("PUT", "/v1/debtor-dissection", "debtor_dissection.put", "dissect", {"option": "dissect"}),
    command("PUT", "/v1/warehouses/{code}", "warehouse.put", "01", NAMED, code="01"),
    load("/v1/warehouses", "warehouse.load", "code,name\n02,N"),
    command("PUT", "/v1/sales-territories/{code}", "sales_territory.put", "NSW", NAMED, code="NSW"),
    load("/v1/sales-territories", "sales_territory.load", "code,name\nVIC,N"),
    command("PUT", "/v1/debtors/{code}", "debtor.put", "D100", NAMED | {"sales_territory": "NSW"}, code="D100"),
    load("/v1/debtors", "debtor.load", "code,name,sales_territory\nD200,N,NSW"),
    command("DELETE", "/v1/debtors/{code}", "debtor.delete", "D100", code="D100"),
    command("DELETE", "/v1/warehouses/{code}", "warehouse.delete", "01", code="01"),
    command("DELETE", "/v1/sales-territories/{code}", "sales_territory.delete", "VIC", code="VIC"),
    command("DELETE", "/v1/gl-interfaces/{code}", "gl_interface.delete", "S", code="S"),
)
COMMANDS = (
    command("PUT", "/v1/tenant", "tenant.update", "{tenant}", lambda known: {"name": known["tenant"], "time_zone": "Pacific/Chatham"}),
    command("POST", "/v1/keys", "key.create", "clerk", {"name": "clerk", "scopes": ["reports:read"]}),
    command("DELETE", "/v1/keys/{key_id}", "key.revoke", "clerk", key_id="{key}"),
    command("PUT", "/v1/accounts/{name}", "account.put", "Spare", {"account_code": "7000", "type": "expense"}, name="Spare"),
    command("DELETE", "/v1/accounts/{name}", "account.delete", "Spare", name="Spare"),
    command("PUT", "/v1/posting-manager", "posting_manager.put", "2", POSTING_MANAGER | {"shipping_account": None}),
    command("POST", "/v1/posting-manager/repost", "posting_manager.repost", "2", {"preview": False}),
    command("PUT", "/v1/periods/{period}", "period.put", "2026-11", PERIOD, period="2026-11"),
    command("POST", "/v1/periods/{period}/roll-commitments", "period.roll_commitments", "2026-11", period="2026-11"),
    *DEBTORS,
    command("PUT", ENDPOINT, "endpoint.put", "new", {"adapter": "json", "url": "https://erp.example"}, name="new"),
    command("POST", f"{ENDPOINT}/pause", "endpoint.pause", "new", name="new"),
    command("POST", f"{ENDPOINT}/resume", "endpoint.resume", "new", name="new"),
    command("PUT", f"{ENDPOINT}/chart-of-accounts", "endpoint.chart_load", "new", {"accounts": [{"code": "1"}]}, name="new"),
    command("DELETE", ENDPOINT, "endpoint.delete", "new", name="new"),
    command("POST", f"{ENDPOINT}/test", "endpoint.test", "erp", name="erp"),
    command("POST", f"{ENDPOINT}/chart-of-accounts/pull", "endpoint.chart_pull", "erp", name="erp"),
    command("POST", f"{ENDPOINT}/test-messages", "endpoint.test_messages", "erp", {"account_code": "6000"}, name="erp"),
    command("POST", "/v1/journals/mark-as-sent", "journals.mark_as_sent", "", _marked),
    command("POST", f"{JOURNAL}/unmark", "journal.unmark", "{third_reference}", {"reason": "a mistake"}, journal_id="{third_journal}"),
    command("POST", f"{JOURNAL}/redate", "journal.redate", "{third_reference}", _redated, journal_id="{third_journal}"),
    command("POST", "/v1/journals/validate", "journals.validate", "", _chosen),
    command("POST", f"{JOURNAL}/hold", "journal.hold", "{reference}", journal_id="{journal}"),
    command("POST", f"{JOURNAL}/release", "journal.release", "{reference}", journal_id="{journal}"),
    command("POST", f"{JOURNAL}/retry", "journal.retry", "{other_reference}", journal_id="{other_journal}"),
    command("POST", "/v1/journals/send", "journals.send", "", _chosen),
    command("POST", "/v1/events/{event_id}/retry", "event.retry", "parked", event_id="{event}"),
    command("POST", "/v1/events/{event_id}/discard", "event.discard", "parked", {"reason": "a mistake"}, event_id="{event}"),
)


def test_every_route_that_changes_something_is_in_the_table() -> None:
    paths = routed_application().openapi()["paths"]
    routes = {(method.upper(), path) for path, item in paths.items() for method in item if method in ("post", "put", "delete", "patch")}
    assert routes == {each.key for each in COMMANDS} | NO_COMMANDS.keys(), (
        "say in COMMANDS which entry it leaves, or in NO_COMMANDS why none"
    )


async def test_every_command_leaves_its_entry(api: Api, tmp_path: Path) -> None:
    with ReferenceErp(tmp_path / "erp.db") as erp:
        known = await _set_up(api, erp)
        for each in COMMANDS:
            file = {} if each.csv is None else {"content": each.csv, "headers": {"content-type": "text/csv"}}
            answer = await api(each.method, each.call.format(**known), each.body(known), **file)
            assert answer.status_code < 300, f"{each.key}: {answer.text}"
            if each.entry == "key.create":
                known["key"] = answer.json()["id"]
            last = await _newest(api)
            assert (last["actor"], last["command"], last["subject"]) == ("first", each.entry, each.subject.format(**known)), each.key
            assert last["subject"] or last["detail"], f"{each.key} says nothing of what it was given on"


async def _set_up(api: Api, erp: ReferenceErp) -> dict[str, Any]:
    """Accounts, an ERP, three journals and an event that waits."""
    erp.load_chart({each["account_code"]: each["type"] for each in ACCOUNTS.values()})
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    endpoint = {"adapter": "json", "url": erp.url, "credentials": {"token": erp.token}, "starts_on": "2026-01-01"}
    await api("PUT", "/v1/erp-endpoints/erp", endpoint)
    for number in ("T-1", "T-2", "T-3"):
        await api("POST", "/v1/events", event(number, "entry.recorded", entry(number)))
    parked = await api("POST", "/v1/events", event("parked", "goods.received", receipt("PO-9")))
    journals = (await api("GET", "/v1/journals?from=2026-11-01")).json()["items"]
    return {
        "tenant": (await api("GET", "/v1/tenant")).json()["name"],
        "event": parked.json()["event_id"],
        "journal": journals[0]["id"],
        "reference": journals[0]["reference"],
        "other_journal": journals[1]["id"],
        "other_reference": journals[1]["reference"],
        "third_journal": journals[2]["id"],
        "third_reference": journals[2]["reference"],
    }


async def _newest(api: Api) -> Any:
    return (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]


async def test_a_tenants_log_begins_with_itself(api: Api) -> None:
    last = await _newest(api)
    assert (last["actor"], last["command"], last["subject"]) == ("admin", "tenant.create", api.name)


async def test_what_only_looks_or_is_refused_leaves_no_entry(api: Api) -> None:
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    await api("POST", "/v1/events", event("1", "order.created", order()))
    before = await _newest(api)
    assert (await api("POST", "/v1/posting-manager/repost", {"preview": True})).status_code == 200
    assert (await api("DELETE", "/v1/accounts/GRNI")).status_code == 409
    assert (await api("POST", "/v1/erp-endpoints/none/test")).status_code == 404
    assert await _newest(api) == before
