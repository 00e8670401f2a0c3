"""The application with its routes and error handlers, before it is given any parts."""

from typing import Any

from fastapi import FastAPI

from app.api import (
    account_transactions,
    accounts,
    audit_log,
    batches,
    commands,
    cxml,
    debtor_dissection,
    debtor_transactions,
    debtors,
    erp_chart,
    erp_endpoints,
    events,
    gl_interfaces,
    health,
    journals,
    keys,
    orders,
    periods,
    polling,
    posting_manager,
    reports,
    sales_territories,
    sign_in,
    tenants,
    warehouses,
)
from app.api.errors import add_handlers
from app.api.openapi import describe

VERSION = "0.1.0"
DESCRIPTION = "General Ledger integration: procurement events in, balanced journals out, delivered to the ERP exactly once."

ROUTERS = (
    events.router,
    health.router,
    tenants.router,
    keys.router,
    audit_log.router,
    accounts.router,
    posting_manager.router,
    periods.router,
    commands.router,
    gl_interfaces.router,
    debtor_dissection.router,
    warehouses.router,
    sales_territories.router,
    debtors.router,
    debtor_transactions.router,
    erp_endpoints.router,
    sign_in.router,
    erp_chart.router,
    polling.router,
    cxml.router,
    account_transactions.router,
    orders.router,
    journals.router,
    batches.router,
    reports.router,
)


class Application(FastAPI):
    """FastAPI that describes itself as `app.api.openapi` does. It ships no pages that load scripts from elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            title="Glint",
            version=VERSION,
            description=DESCRIPTION,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
        )

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def routed_application() -> Application:
    """All routes. What they need is put on its state by `app.main`."""
    app = Application()
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
