"""What a vendor's token endpoint answered (RFC 6749, 5). Pure. No reason repeats anything of an answer but an error code that we know."""

import json
from collections.abc import Mapping
from typing import Any

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, HttpResult
from app.application.ports.vendor_sign_in import GrantAnswer, Granted, GrantRefused, NoGrant

USUAL_SECONDS = 300
LONGEST_SECONDS = 7 * 86_400
LONGEST_TOKEN = 16_000

FOR_GOOD = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""What was presented will never be taken. The last three are OpenID Connect's, as Entra says them of a refresh token (AADSTS50076)."""
TO_BE_MENDED = frozenset(
    {"access_denied", "invalid_client", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type"}
)
"""The set-up is wrong, here or at the vendor; what was presented may still be good."""


def read_grant(result: HttpResult) -> GrantAnswer:
    """Tokens count only where the answer is exactly what the standard says."""
    if isinstance(result, HttpFailure):
        reason = f"the vendor's sign-in: {result.reason}"
        return GrantRefused(reason=reason, for_good=False) if result.kind is FailureKind.FORBIDDEN else NoGrant(reason=reason)
    content = _object(result)
    if result.status == 200:
        return _granted(content)
    return _refused(result.status, content)


def _refused(status: int, content: Mapping[str, Any]) -> GrantAnswer:
    code = content.get("error")
    if status in (400, 401, 403) and isinstance(code, str) and code in FOR_GOOD | TO_BE_MENDED:
        return GrantRefused(reason=f"the vendor's sign-in refused it: {code}", for_good=code in FOR_GOOD)
    if status == 401:
        return GrantRefused(reason="the vendor's sign-in refused it: 401", for_good=False)
    return NoGrant(reason=f"the vendor's sign-in answered {status}")


def _granted(content: Mapping[str, Any]) -> GrantAnswer:
    access, kind, scope = content.get("access_token"), content.get("token_type", "bearer"), content.get("scope")
    if not is_token(access) or not isinstance(kind, str) or kind.lower() != "bearer":
        return NoGrant(reason="the vendor's sign-in gave no bearer token")
    refresh = content.get("refresh_token")
    return Granted(
        access=str(access),
        refresh=refresh if is_token(refresh) else None,
        expires_in=_seconds(content.get("expires_in")),
        scopes=tuple(scope.split()) if isinstance(scope, str) else None,
    )


def is_token(value: object) -> bool:
    """Whether it can stand in a header: visible ASCII, and not without end."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and all("\x21" <= character <= "\x7e" for character in value)


def _seconds(value: object) -> int:
    """A number, or as some vendors have it a text of digits. Where it is not told a token is taken to be good for a short while."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:10])
    known = isinstance(value, int) and not isinstance(value, bool)
    return max(0, min(int(str(value)), LONGEST_SECONDS)) if known else USUAL_SECONDS


def _object(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        content = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) and not answer.truncated else {}
