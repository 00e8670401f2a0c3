"""How people authorise a `quickbooks` endpoint: Intuit's OAuth 2.0; the callback carries the company that they chose.

https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0
"""

from app.adapters.erp.quickbooks.settings import read_endpoint
from app.adapters.erp.sign_in_flow import SignInFlow
from app.application.ports.erp import Connection


def sign_in_flow(connection: Connection) -> SignInFlow:
    """Raises `Invalid` where the connection's shape is wrong."""
    credentials = read_endpoint(connection).credentials
    return SignInFlow(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret.get_secret_value(),
        authorise_url="https://appcenter.intuit.com/connect/oauth2",
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
        revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        revoke_as="json",
        scopes=("com.intuit.quickbooks.accounting",),
        pkce=False,  # not in Intuit's documentation
        organisation_parameter="realmId",
    )
