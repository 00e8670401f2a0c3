"""How people sign in to NetSuite: OAuth 2.0, authorization code with PKCE. The account's id is in the host names.

Source: Oracle, NetSuite help, "OAuth 2.0 Authorization Code Grant Flow" and the pages under it.
"""

from app.adapters.erp.netsuite.settings import read_endpoint
from app.adapters.erp.sign_in_flow import SignInFlow
from app.application.ports.erp import Connection


def sign_in_flow(connection: Connection) -> SignInFlow:
    """Raises `Invalid` where the connection's shape is wrong."""
    endpoint = read_endpoint(connection)
    account = endpoint.settings.account_id.lower()
    tokens = f"https://{account}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1"
    return SignInFlow(
        client_id=endpoint.credentials.client_id,
        client_secret=endpoint.credentials.client_secret.get_secret_value(),
        authorise_url=f"https://{account}.app.netsuite.com/app/login/oauth2/authorize.nl",
        token_url=f"{tokens}/token",
        revoke_url=f"{tokens}/revoke",
        scopes=("rest_webservices",),
        client_authentication="basic",
    )
