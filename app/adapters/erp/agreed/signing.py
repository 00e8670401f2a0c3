"""Signatures of deliveries by Standard Webhooks (https://www.standardwebhooks.com). Pure."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from app.application.ports.erp import Prepared

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
SECRET_BYTES = range(24, 65)


def secret_fault(secret: str) -> str | None:
    """What is wrong with a signing secret, without repeating it; None where it is one."""
    try:
        length = len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True))
    except ValueError:
        length = 0
    if not secret.startswith(SECRET_PREFIX) or length not in SECRET_BYTES:
        return f"must be {SECRET_PREFIX} followed by {SECRET_BYTES[0]} to {SECRET_BYTES[-1]} bytes in base64"
    return None


def signature_headers(secrets: Sequence[str], *, message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of a message that goes out at this instant, with a signature for each secret; none without any."""
    if not secrets:
        return {}
    moment = at.astimezone(UTC)  # the library takes any datetime for UTC
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, moment, body) for secret in secrets),
    }


def message_id_of(prepared: Prepared) -> str:
    """The same for the same purpose, journals and content: a repeated message keeps its id, one that was mended has another."""
    said = json.dumps([prepared.purpose, prepared.references, prepared.body])
    return f"msg_{hashlib.sha256(said.encode()).hexdigest()[:32]}"
