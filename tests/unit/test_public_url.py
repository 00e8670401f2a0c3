"""Where people's browsers reach the service."""

import pytest
from pydantic import ValidationError

from app.config import Settings


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://glint.example", "https://glint.example"),
        ("https://glint.example/gl/", "https://glint.example/gl"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("", None),
        (" ", None),
    ],
)
def test_kept_without_a_slash(given: str, kept: str | None) -> None:
    assert Settings(public_url=given).public_url == kept


@pytest.mark.parametrize(
    "given",
    ["glint.example", "http://glint.example", "ftp://glint.example", "https://u:p@glint.example", "https://glint.example/?x", "https://"],
)
def test_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="GLINT_PUBLIC_URL"):
        Settings(public_url=given)
