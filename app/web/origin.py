"""Where a request comes from: whether it was our own page that sent it, and whether people reach us without TLS."""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PAGE_PATH = "/app"


def is_own_origin(request: Request, public_url: str | None) -> bool:
    """Whether the `Origin` that browsers send with every POST is ours: the host that was asked, or `GLINT_PUBLIC_URL`'s. The scheme of the
    first is not compared: a proxy in front of us may speak TLS where we do not see it."""
    origin = request.headers.get("origin")
    if origin is None:
        return False
    if public_url is not None and origin == _origin(public_url):
        return True
    return urlsplit(origin).netloc == request.headers.get("host")


def is_plain_loopback(request: Request) -> bool:
    """Whether a browser on the same machine asked without TLS: only then may a cookie go without it."""
    return request.url.scheme == "http" and request.url.hostname in LOOPBACK


def csrf_token(session_token: str) -> str:
    """A session's own: nobody without its cookie can make it."""
    return hmac.new(session_token.encode(), b"glint screens csrf", hashlib.sha256).hexdigest()


def is_csrf_token(given: str, session_token: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), csrf_token(session_token).encode())


def local_path(wanted: str, otherwise: str) -> str:
    """A path of the screens that somebody may be sent to, `otherwise` where it is anything else."""
    parts = urlsplit(wanted)
    inside = wanted.startswith((f"{PAGE_PATH}/", f"{PAGE_PATH}?")) and not parts.netloc and not parts.scheme
    clean = wanted.isprintable() and "\\" not in wanted and len(wanted) <= 2_000 and "//" not in parts.path
    return wanted if inside and clean else otherwise


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
