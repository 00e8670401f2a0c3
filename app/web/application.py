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
    events,
    gl,
    gl_actions,
    health,
    journal,
    ledger,
    mark,
    orders,
    outstanding,
    sign_in,
    transactions,
)

ROUTERS = (
    sign_in.router,
    gl.router,
    gl_actions.router,
    mark.router,
    batches.router,
    journal.router,
    orders.router,
    transactions.router,
    ledger.router,
    outstanding.router,
    events.router,
    health.router,
    audit_log.router,
)


def screens(parts: Parts) -> FastAPI:
    """All screens on these parts. It describes itself to nobody: its pages are for people."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.parts = parts
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=assets.FOLDER))
    app.add_middleware(Unforeseen)
    app.add_middleware(SecureHeaders, static=f"{PREFIX}/static/")
    return app
