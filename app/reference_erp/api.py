"""The HTTP side of the reference ERP."""

import pathlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Request

from app.reference_erp import fault_routes
from app.reference_erp.fault_effects import FaultMiddleware
from app.reference_erp.faults import FaultSwitch
from app.reference_erp.ledger import Ledger
from app.reference_erp.messages import (
    Account,
    AccountBody,
    Accounts,
    BookedJournal,
    BookedJournals,
    Booking,
    Code,
    Journals,
    Period,
    PeriodBody,
    TrialBalance,
    Verdict,
)
from app.reference_erp.problems import JournalNotFound, add_handlers
from app.reference_erp.signatures import require_signature


def create_app(database: pathlib.Path, token: str | None, signing_secret: str | None = None) -> FastAPI:
    """The ERP over the books in `database`, which is made where it is missing. With a `token`, all but `/healthz` ask for it.

    With a `signing_secret`, journals must be signed with it.

    Cutting connections (the faults book_then_drop and half_body) needs the server of `server.run`.
    """
    ledger, switch = Ledger(database), FaultSwitch()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        ledger.close()

    app = FastAPI(title="Reference ERP", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.ledger, app.state.switch, app.state.token, app.state.signing_secret = ledger, switch, token, signing_secret
    app.add_middleware(FaultMiddleware, switch=switch)
    app.add_api_route("/healthz", _healthz)
    app.include_router(router)
    app.include_router(fault_routes.router, dependencies=[Depends(_require_token)])
    add_handlers(app)
    return app


def _require_token(request: Request) -> None:
    token: str | None = request.app.state.token
    given = request.headers.get("authorization", "")
    if token is not None and not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise HTTPException(401, "The token is missing or wrong", {"www-authenticate": "Bearer"})


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger


Books = Annotated[Ledger, Depends(_ledger)]
router = APIRouter(dependencies=[Depends(_require_token)])
SIGNED = [Depends(require_signature)]


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.post("/journals/validate", dependencies=SIGNED)
def validate_journals(body: Journals, books: Books) -> dict[str, list[Verdict]]:
    return {"results": [books.check(journal) for journal in body.journals]}


@router.post("/journals", dependencies=SIGNED)
def book_journals(body: Journals, books: Books) -> dict[str, list[Booking]]:
    """Each journal by itself: one that is rejected does not sink the others."""
    return {"results": [books.book(journal) for journal in body.journals]}


@router.get("/journals")
def list_journals(
    books: Books,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> BookedJournals:
    """In the order of booking; the next page begins `after` what `next` says."""
    found = list(books.journals(first, last, after, limit))
    return BookedJournals(journals=found, next=found[-1].number.removeprefix("JE-") if len(found) == limit else None)


@router.get("/journals/{reference:path}")
def find_journal(reference: str, books: Books) -> BookedJournal:
    found = books.find(reference)
    if found is None:
        raise JournalNotFound(reference)
    return found


@router.get("/accounts")
def list_accounts(books: Books) -> Accounts:
    return Accounts(accounts=books.accounts())


@router.post("/accounts")
def load_accounts(body: Accounts, books: Books) -> Accounts:
    """Adds or changes all of them; answers with the whole chart."""
    books.put_accounts(body.accounts)
    return Accounts(accounts=books.accounts())


@router.put("/accounts/{code:path}")
def put_account(code: Annotated[Code, Path()], body: AccountBody, books: Books) -> Account:
    account = Account(code=code, **body.model_dump())
    books.put_accounts([account])
    return account


@router.get("/periods")
def list_periods(books: Books) -> dict[str, list[Period]]:
    return {"periods": books.periods()}


@router.put("/periods/{period:path}")
def put_period(period: Annotated[Code, Path()], body: PeriodBody, books: Books) -> Period:
    stored = Period(period=period, **body.model_dump())
    books.put_period(stored)
    return stored


@router.get("/trial-balance")
def trial_balance(books: Books, as_of: date | None = None) -> TrialBalance:
    return books.trial_balance(as_of)
