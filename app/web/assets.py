"""Files that pages load: named with their content's hash, so that browsers may keep them for good."""

import hashlib
from functools import cache
from pathlib import Path

from app.web.parts import PREFIX

FOLDER = Path(__file__).parent / "static"
CSS, JS, HTMX, ICON = "glint.css", "glint.js", "htmx-2.0.11.min.js", "glint.svg"


@cache
def asset(name: str) -> str:
    """The address of a file."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"{PREFIX}/static/{name}?v={digest[:16]}"
