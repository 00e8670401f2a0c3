"""To which address a vendor sends people back: our own callback and nothing else."""

from urllib.parse import urlsplit

from starlette.requests import Request

from app.domain.errors import Conflict, Fault, Invalid

CALLBACK_PATH = "/v1/sign-in/callback"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def redirect_uri(request: Request, asked: str | None) -> str:
    """Below `GLINT_PUBLIC_URL`; without that, below a loopback address only. Raises `Conflict` or `Invalid`."""
    public: str | None = request.app.state.public_url
    if public is not None:
        own = public + CALLBACK_PATH
        if asked not in (None, own):
            raise Invalid("people are not sent back there", Fault(pointer="/redirect_uri", message=f"must be {own}, or left out"))
        return own
    if asked is not None:
        if not _is_loopback_callback(asked):
            message = f"must be {CALLBACK_PATH} at a loopback address: GLINT_PUBLIC_URL is not set"
            raise Invalid("people are not sent back there", Fault(pointer="/redirect_uri", message=message))
        return asked
    here = str(request.base_url).rstrip("/") + CALLBACK_PATH
    if not _is_loopback_callback(here):
        raise Conflict("the address at which people's browsers reach this service is not known: set GLINT_PUBLIC_URL")
    return here


def _is_loopback_callback(url: str) -> bool:
    """Compared with how it would be written from its parts, so that nothing hides in one that is not looked at."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if parts.hostname == "::1" else parts.hostname
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK and url == f"{parts.scheme}://{host}{port}{CALLBACK_PATH}"
