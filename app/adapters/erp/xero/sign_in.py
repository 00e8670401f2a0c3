"""How people authorise a `xero` endpoint: Xero's OAuth 2.0 for web apps, with the organisations that they chose.

https://developer.xero.com/documentation/guides/oauth2/auth-flow/ and …/scopes/; `accounting.journals.read` is given to few apps, and
asking for it without would refuse the whole consent: it is asked for only where the ledger is read from the Journals.
"""

from functools import partial

from app.adapters.erp.answers import HttpAnswer, HttpFailure
from app.adapters.erp.exact_json import as_objects, as_text, read_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.sign_in_flow import SignInFlow
from app.adapters.erp.xero.settings import read_endpoint
from app.application.ports.erp import Connection
from app.application.ports.vendor_sign_in import Organisation, OrganisationsAnswer, OrganisationsUnknown

SCOPES = ("offline_access", "accounting.manualjournals", "accounting.settings.read")
LEDGER_SCOPE = "accounting.journals.read"


def sign_in_flow(connection: Connection) -> SignInFlow:
    """Raises `Invalid` where the connection's shape is wrong."""
    endpoint = read_endpoint(connection)
    return SignInFlow(
        client_id=endpoint.credentials.client_id,
        client_secret=endpoint.credentials.client_secret.get_secret_value(),
        authorise_url="https://login.xero.com/identity/connect/authorize",
        token_url="https://identity.xero.com/connect/token",  # noqa: S106 - an address
        revoke_url="https://identity.xero.com/connect/revocation",
        scopes=(*SCOPES, LEDGER_SCOPE) if endpoint.settings.ledger == "journals" else SCOPES,
        pkce=False,  # Xero has it for apps without a secret only
        organisations=partial(_organisations, endpoint.url),
    )


async def _organisations(url: str, http: HttpClient, token: str) -> OrganisationsAnswer:
    """`GET /connections`: what is no organisation (a practice) is left out."""
    result = await http.request("GET", f"{url}/connections", headers={"accept": "application/json", "authorization": f"Bearer {token}"})
    if isinstance(result, HttpFailure):
        return OrganisationsUnknown(reason=f"Xero's connections: {result.reason}")
    listed = read_json(result)
    if result.status != 200 or not isinstance(listed, list):
        return OrganisationsUnknown(reason=_why(result))
    return tuple(
        Organisation(id=tenant, name=as_text(item.get("tenantName"), 200) or tenant)
        for item in as_objects(listed)
        if item.get("tenantType") == "ORGANISATION" and (tenant := as_text(item.get("tenantId"), 200))
    )


def _why(answer: HttpAnswer) -> str:
    return "Xero's connections cannot be read" if answer.status == 200 else f"Xero answered {answer.status} when asked for its connections"
