"""Steps that set up a tenant: its accounts, the posting manager, and the ERP that it delivers to."""

import secrets
from urllib.parse import quote

from app.demo.chart import ACCOUNTS, CHARGE_CODES, NAMES
from app.demo.client import ENDPOINT, Client, Json
from app.demo.steps import Chapter, Done, Step

UNIVERSITY = "Harbour University"
FIRST_DAY = "2026-01-01"
LAST_DAY = "2026-12-31"
"""Everything in the demo happens between these two."""

SHIPPING = "Shipping"


def chapter() -> Chapter:
    """What an administrator does once."""
    return Chapter(
        title="Setting up",
        steps=(
            Step(title="Tenant", run=_make_tenant),
            Step(title="Chart of accounts", run=_load_accounts),
            Step(title="ERP endpoint", run=_connect_erp),
        ),
    )


def ship_to(account: str | None) -> Step:
    """A new version of the posting manager, for the orders that come from now on. None: shipping is spread over the lines."""

    def run(client: Client) -> Done:
        client.glint.put("/v1/posting-manager", _posting_manager(account))
        return Done(text="shipping is spread over the lines by value" if account is None else f"shipping goes to an account, {account}")

    return Step(title="Posting manager", run=run)


def _make_tenant(client: Client) -> Done:
    """Under a new name each time: a key is shown once, so a tenant whose answer got lost is of no more use."""
    name = f"{UNIVERSITY} {secrets.token_hex(4)}"
    tenant = {"name": name, "base_currency": "NZD", "time_zone": "Pacific/Auckland"}
    client.glint.token = client.glint.post("/v1/tenants", tenant, token=client.admin_key)["key"]
    return Done(text=f"{name}, NZD, Pacific/Auckland")


def _load_accounts(client: Client) -> Done:
    chart = [{"code": account.code, "name": account.name, "type": account.type} for account in (*ACCOUNTS, *CHARGE_CODES)]
    client.erp.post("/accounts", {"accounts": chart})
    for account in ACCOUNTS:
        client.glint.put(f"/v1/accounts/{quote(account.name, safe='')}", {"account_code": account.code, "type": account.type})
    return Done(text=f"{len(chart)} accounts in the ERP, {len(ACCOUNTS)} of them in Glint")


def _connect_erp(client: Client) -> Done:
    endpoint = {
        "adapter": "json",
        "url": client.erp.url,
        "settings": {"time_limit_seconds": client.time_limit_seconds},
        "credentials": {"token": client.erp.token},
        "release": "automatic",
        "starts_on": FIRST_DAY,
    }
    client.glint.put(f"/v1/erp-endpoints/{ENDPOINT}", endpoint)
    return Done(text=f"reference ERP at {client.erp.url}, journals go by themselves")


def _posting_manager(shipping_account: str | None) -> Json:
    return {
        "estimate_account": NAMES["2110"],
        "grni_account": NAMES["2120"],
        "ap_account": NAMES["2100"],
        "shipping_account": shipping_account,
        "tax_account": NAMES["1400"],
        "price_variance_account": NAMES["5900"],
    }
