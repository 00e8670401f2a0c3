"""The screens as an application of their own, which `app.main` mounts beside the API."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from app.web import assets
from app.web.errors import Unforeseen, add_handlers
from app.web.headers import SecureHeaders
from app.web.parts import PREFIX, Parts
from app.web.routes import (
    audit_log,
    batches,
    choices,
    debtor_batch_entries,
    debtor_batches,
    debtor_entry,
    debtor_transactions,
    dissection,
    events,
    gl,
    gl_actions,
    health,
    journal,
    journal_changes,
    ledger,
    mark,
    masters,
    masters_load,
    orders,
    outstanding,
    password,
    set_up,
    set_up_accounts,
    set_up_endpoint,
    set_up_endpoints,
    set_up_mapping,
    set_up_periods,
    set_up_posting,
    sign_in,
    sign_in_oidc,
    transactions,
)

ROUTERS = (
    sign_in.router,
    sign_in_oidc.router,
    gl.router,
    gl_actions.router,
    mark.router,
    batches.router,
    journal.router,
    journal_changes.router,
    orders.router,
    transactions.router,
    ledger.router,
    outstanding.router,
    events.router,
    set_up.router,
    set_up_accounts.router,
    set_up_posting.router,
    set_up_periods.router,
    set_up_endpoints.router,
    set_up_endpoint.router,
    set_up_mapping.router,
    password.router,
    debtor_entry.router,
    debtor_batches.router,
    debtor_batch_entries.router,
    debtor_transactions.router,
    choices.router,
    dissection.router,
    masters_load.router,
    masters.router,
    health.router,
    audit_log.router,
)


def screens(parts: Parts) -> FastAPI:
    """All screens on these parts. It describes itself to nobody: its pages are for people."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.parts = parts
    app.state.public_url = parts.public_url
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=assets.FOLDER))
    app.add_middleware(Unforeseen)
    app.add_middleware(SecureHeaders, static=f"{PREFIX}/static/")
    return app
