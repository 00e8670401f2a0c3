"""The page that people see when they come back from a vendor: text alone, nothing of the request in it."""

from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.application.sign_in.finish_consent import ConsentEnd

MOST_PARAMETERS = 20
LONGEST = 8_000

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title} – Glint</title></head>
<body><main><h1>{title}</h1><p>{told}</p><p>You can close this page.</p></main></body>
</html>
"""


def callback_parameters(request: Request) -> Mapping[str, str]:
    """The query. One that names a parameter twice (RFC 6749, 3.1), or has no end, is as good as none."""
    given = request.query_params.multi_items()
    found = dict(given)
    if len(found) != len(given) or len(given) > MOST_PARAMETERS or any(len(value) > LONGEST for value in found.values()):
        return {}
    return found


def page(end: ConsentEnd) -> HTMLResponse:
    title = "Authorised" if end.done else "Not authorised"
    return HTMLResponse(PAGE.format(title=title, told=escape(end.told)), status_code=200 if end.done else 400, headers=dict(HEADERS))
