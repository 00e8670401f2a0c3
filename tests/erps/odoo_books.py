"""The books that every Odoo of the tests begins with: a company in NZD, accounts by code, an administrator and a clerk with their keys."""

import json
from collections.abc import Mapping
from pathlib import Path

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
"""Analytic accounts by plan: their codes and names. Before Odoo 16 there are no plans."""

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

OLD_TYPES = {
    "asset_current": "current_assets",
    "asset_receivable": "receivable",
    "liability_current": "current_liabilities",
    "liability_payable": "payable",
    "income": "revenue",
    "expense": "expenses",
}
"""What the types of accounts are called before Odoo 16."""

_SET_UP = """
import json
from pathlib import Path

given = json.loads({given!r})
version = given["version"]
# Else a copied database would need a copied folder of files.
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()

currencies = env["res.currency"].with_context(active_test=False)
for code in given["currencies"]:
    currencies.search([("name", "=", code)]).active = True
company = env.company
company.write({{"name": given["company"], "currency_id": currencies.search([("name", "=", given["currencies"][0])]).id}})
for code, (name, kind) in given["accounts"].items():
    if version >= 16:
        kinds = {{"account_type": kind}}
    else:
        kinds = {{"user_type_id": env.ref("account.data_account_type_" + given["old_types"][kind]).id, "reconcile": "able" in kind}}
    env["account.account"].create({{"code": code, "name": name, **kinds}})
if not env["account.journal"].search([("code", "=", given["journal"])]):
    env["account.journal"].create({{"code": given["journal"], "name": "Miscellaneous Operations", "type": "general"}})

users = {{given["admin"]: env.ref("base.user_admin")}}
for login, rights in given["rights"].items():
    groups = [env.ref(right).id for right in rights]
    users[login] = env["res.users"].create({{"name": login, "login": login, given["groups"]: [(6, 0, groups)]}})
for plan, accounts in given["analytic"].items():
    planned = {{"plan_id": env["account.analytic.plan"].create({{"name": plan}}).id}} if version >= 16 else {{}}
    env["account.analytic.account"].create([{{"code": code, "name": name, **planned}} for code, name in accounts.items()])
arguments = [None, "tests", None] if version >= 18 else [None, "tests"]
keys = {{login: env["res.users.apikeys"].with_user(user).sudo()._generate(*arguments) for login, user in users.items()}}
env.cr.commit()
Path(given["keys"]).write_text(json.dumps(keys))
"""


def set_up_script(keys: Path, version: int) -> str:
    """What fills a database in which nothing but the modules of this version was set up, for the standard input of `odoo shell`.

    It writes the API keys by login to this file.
    """
    given = {
        "version": version,
        "groups": "group_ids" if version >= 19 else "groups_id",
        "old_types": OLD_TYPES,
        "journal": JOURNAL,
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
