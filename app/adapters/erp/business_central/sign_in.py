"""How people, or the application by itself, sign in to Business Central: Microsoft Entra, OAuth 2.0 (identity platform v2.0).

Sources: Microsoft Learn, "Use OAuth to authorize access to Business Central web services" and "Using service-to-service authentication".
"""

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.business_central.settings import BusinessCentralEndpoint, read_endpoint
from app.adapters.erp.exact_json import as_object, as_objects, as_text, read_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.sign_in_flow import ListOrganisations, SignInFlow
from app.application.ports.erp import Connection
from app.application.ports.vendor_sign_in import Organisation, OrganisationsAnswer, OrganisationsUnknown

AUTHORITY = "https://login.microsoftonline.com"
ANY_DIRECTORY = "organizations"
RESOURCE = "https://api.businesscentral.dynamics.com"


def sign_in_flow(connection: Connection) -> SignInFlow:
    """Raises `Invalid` where the connection's shape is wrong."""
    endpoint = read_endpoint(connection)
    settings, credentials = endpoint.settings, endpoint.credentials
    by_itself = settings.sign_in == "client_credentials"
    base = f"{AUTHORITY}/{settings.entra_tenant or ANY_DIRECTORY}/oauth2/v2.0"
    return SignInFlow(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret.get_secret_value(),
        authorise_url=f"{base}/authorize",
        token_url=f"{base}/token",
        scopes=(f"{RESOURCE}/.default",) if by_itself else (f"{RESOURCE}/Financials.ReadWrite.All", "offline_access"),
        grant=settings.sign_in,
        client_authentication="post",
        organisations=None if settings.company_id is not None else _companies(endpoint),
    )


def _companies(endpoint: BusinessCentralEndpoint) -> ListOrganisations:
    async def listed(http: HttpClient, token: str) -> OrganisationsAnswer:
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        result = await http.request("GET", f"{endpoint.url}/companies", headers=headers)
        if not isinstance(result, HttpAnswer):
            return OrganisationsUnknown(reason=result.reason)
        if result.status != 200:
            return OrganisationsUnknown(reason=f"Business Central answered {result.status}")
        rows = as_objects(as_object(read_json(result)).get("value"))
        found = [(as_text(row.get("id"), 36), as_text(row.get("displayName"), 200) or as_text(row.get("name"), 200)) for row in rows]
        return tuple(Organisation(id=company, name=name) for company, name in found if company)

    return listed
