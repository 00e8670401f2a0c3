"""Deliveries that must be signed by Standard Webhooks."""

from fastapi import HTTPException, Request
from standardwebhooks import Webhook, WebhookVerificationError


async def require_signature(request: Request) -> None:
    """401 for a body that was not signed with our secret in the last five minutes; anything goes where we have none."""
    secret: str | None = request.app.state.signing_secret
    if secret is None:
        return
    try:
        Webhook(secret).verify(await request.body(), dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # malformed headers escape the library as ValueError
        raise HTTPException(401, "The signature is missing or wrong") from error
