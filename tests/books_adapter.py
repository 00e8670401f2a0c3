"""A destination that signs in at the vendor of `tests.authorisation_server`. It is known to tests only."""

import json
from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls, NoToken, outcome_without_token
from app.adapters.erp.calls import Calls
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import outcome_of
from app.adapters.erp.sign_in_flow import SignInFlow
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Exchange, Prepared
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow
from app.application.ports.vendor_sign_in import Organisation, OrganisationsAnswer, OrganisationsUnknown
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    Booked,
    CannotTell,
    FindOutcome,
    Problem,
    Purpose,
    SendOutcome,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.erp_chart import ErpAccount
from app.domain.errors import Fault, Invalid
from app.domain.journal import JournalDocument
from tests.authorisation_server import Vendor

CAPABILITIES = Capabilities(
    batch_max=1, atomic_batch=True, dry_run="none", highest_validation=ValidationLevel.LOCAL, max_lines=None, time_limit=5
)
NOTHING = Exchange(status=None, body="", duration_ms=0)


class BooksConnection:
    capabilities = CAPABILITIES

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        self._http = http
        self._connection = connection

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        return ()

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        body = json.dumps({"reference": journals[0].reference})
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        return Answered(results={each: Validation(level=ValidationLevel.LOCAL) for each in prepared.references}, exchange=NOTHING)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        (reference,) = prepared.references
        result, calls = await self._call("POST", "/journals", prepared.body)
        if isinstance(result, NotAuthorised | NoTokenNow):
            return Answered(results={reference: outcome_without_token(result)}, exchange=calls.exchange)
        booked = isinstance(result, HttpAnswer) and result.status == 200
        outcome: SendOutcome = Booked(number=json.loads(result.content)["number"]) if booked else outcome_of(result)
        return Answered(results={reference: outcome}, exchange=calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        return Answered(results={each: CannotTell(reason="it has no look-up") for each in prepared.references}, exchange=NOTHING)

    async def check(self) -> Checked:
        result, _ = await self._call("GET", "/accounts")
        known = isinstance(result, HttpAnswer) and result.status == 200
        codes = json.loads(result.content) if isinstance(result, HttpAnswer) and known else []
        accounts = tuple(ErpAccount(code=code, name=code, type="other") for code in codes)
        return Checked(reachable=True, signed_in=known, accounts=accounts, open_periods=(), problems=())

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        return CannotTell(reason="its ledger cannot be read")

    async def _call(self, method: str, path: str, content: str = "") -> tuple[HttpResult | NoToken, Calls]:
        calls = AuthorisedCalls(self._http, self._connection.sign_in, Timeouts())
        token = await calls.token()
        headers = {"organisation": token.organisation or ""} if isinstance(token, AccessToken) else {}
        return await calls.request(method, self._connection.url + path, label=path, headers=headers, content=content), calls.calls


def _check(connection: Connection) -> None:
    if missing := [name for name in ("client_id", "client_secret") if not connection.credentials.get(name)]:
        raise Invalid("not complete", *(Fault(pointer=f"/credentials/{name}", message="is needed") for name in missing))


def books(vendor: Vendor) -> Destination:
    """The destination `books` of this vendor. With the setting `by_itself` the application signs in without a person."""

    def flow(connection: Connection) -> SignInFlow:
        async def organisations(http: HttpClient, access: str) -> OrganisationsAnswer:
            answer = await http.request("GET", f"{connection.url}/connections", headers={"authorization": f"Bearer {access}"})
            if not isinstance(answer, HttpAnswer) or answer.status != 200:
                return OrganisationsUnknown(reason="the vendor did not list them")
            return tuple(Organisation(id=each["tenantId"], name=each["tenantName"]) for each in json.loads(answer.content))

        return SignInFlow(
            client_id=connection.credentials["client_id"],
            client_secret=connection.credentials["client_secret"],
            authorise_url=f"{connection.url}/authorize",
            token_url=f"{connection.url}/token",
            revoke_url=f"{connection.url}/revoke" if vendor.revokes else None,
            revoke_as=vendor.revokes or "form",
            scopes=("books", "offline_access"),
            grant="client_credentials" if connection.settings.get("by_itself") else "authorization_code",
            pkce=vendor.pkce,
            client_authentication=vendor.authentication,
            organisations=organisations if vendor.lists_organisations else None,
            organisation_parameter=vendor.organisation_parameter,
        )

    return Destination(name="books", title="Books", check=_check, connect=BooksConnection, capabilities=CAPABILITIES, sign_in=flow)
