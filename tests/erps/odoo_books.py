"""The books that every Odoo of the tests begins with: a company in NZD, accounts by code, an administrator and a clerk with their keys."""

import json
from collections.abc import Mapping
from pathlib import Path

MODULES = "account,rpc"

COMPANY = "Glint University"
JOURNAL = "MISC"  # one of those that Odoo ships
ADMIN, CLERK, AUDITOR = "admin", "glint", "auditor"
"""The clerk has the right Invoicing, the least with which journal entries can be posted, and Analytic Accounting; the auditor may only
read. All sign in with their API keys."""

RIGHTS = {
    CLERK: ("account.group_account_invoice", "analytic.group_analytic_accounting"),
    AUDITOR: ("account.group_account_readonly",),
}

ANALYTIC_PLANS = {"Department": {"12": "Marine Sciences", "13": "Chemistry"}, "Fund": {"G": "General", "R": "Research"}}
"""Analytic accounts by plan: their codes and names."""

CURRENCIES = ("NZD", "USD", "JPY", "KWD")
"""Active ones; the first is the company's."""

ACCOUNTS = {
    "1000": ("Bank", "asset_current"),
    "1050": ("Card Clearing", "asset_current"),
    "1200": ("Debtors", "asset_receivable"),
    "1400": ("GST Receivable", "asset_current"),
    "2100": ("Accounts Payable", "liability_payable"),
    "2110": ("Estimate", "liability_current"),
    "2120": ("GRNI", "liability_current"),
    "2200": ("GST Payable", "liability_current"),
    "4000": ("Income", "income"),
    "4100": ("Equipment", "expense"),
    "4100.12": ("Equipment, Marine Sciences", "expense"),
    "4100.13": ("Equipment, Chemistry", "expense"),
    "5300": ("Shipping", "expense"),
    "5900": ("Price Variance", "expense"),
    "9999": ("Suspense", "liability_current"),
}
"""Beside those that Odoo makes by itself. Its codes are letters, digits and dots: no dashes."""

_SET_UP = """
import json
from pathlib import Path

given = json.loads({given!r})
# Else a copied database would need a copied folder of files.
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()

currencies = env["res.currency"].with_context(active_test=False)
for code in given["currencies"]:
    currencies.search([("name", "=", code)]).active = True
company = env.company
company.write({{"name": given["company"], "currency_id": currencies.search([("name", "=", given["currencies"][0])]).id}})
env["account.account"].create([{{"code": code, "name": name, "account_type": kind}} for code, (name, kind) in given["accounts"].items()])

users = {{given["admin"]: env.ref("base.user_admin")}}
for login, rights in given["rights"].items():
    groups = [env.ref(right).id for right in rights]
    users[login] = env["res.users"].create({{"name": login, "login": login, "group_ids": [(6, 0, groups)]}})
for plan, accounts in given["analytic"].items():
    plan = env["account.analytic.plan"].create({{"name": plan}})
    env["account.analytic.account"].create([{{"plan_id": plan.id, "code": code, "name": name}} for code, name in accounts.items()])
keys = {{login: env["res.users.apikeys"].with_user(user).sudo()._generate(None, "tests", None) for login, user in users.items()}}
env.cr.commit()
Path(given["keys"]).write_text(json.dumps(keys))
"""


def set_up_script(keys: Path) -> str:
    """What fills a database in which nothing but the modules was set up, for the standard input of `odoo shell`; it writes the API keys
    by login to this file."""
    given = {
        "company": COMPANY,
        "currencies": CURRENCIES,
        "accounts": ACCOUNTS,
        "analytic": ANALYTIC_PLANS,
        "admin": ADMIN,
        "rights": RIGHTS,
        "keys": str(keys),
    }
    return _SET_UP.format(given=json.dumps(given))


def read_keys(file: Path) -> Mapping[str, str]:
    """API keys by login."""
    keys: dict[str, str] = json.loads(file.read_text())
    return keys
