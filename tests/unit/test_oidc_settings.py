"""Which settings for signing in by OpenID Connect are taken, and what is said of those that are not."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.config import CannotStart, Settings, read_settings

WHOLE: dict[str, Any] = {
    "oidc_issuer": "https://login.uni.example/",
    "oidc_client_id": "glint",
    "oidc_client_secret": "the secret itself",
    "public_url": "https://glint.example",
}


def test_a_whole_set_up_is_taken_as_it_is() -> None:
    settings = Settings(**WHOLE)
    assert settings.oidc_issuer == "https://login.uni.example/"  # the slash is part of its name
    assert (settings.oidc_claim, settings.oidc_label) == ("email", "your organisation's account")
    assert "the secret itself" not in repr(settings)
    assert Settings(**WHOLE, oidc_claim=" sub ", oidc_label="").oidc_claim == "sub"


@pytest.mark.parametrize("empty", [{}, {"oidc_issuer": "", "oidc_client_id": " ", "oidc_client_secret": ""}, {"oidc_claim": "sub"}])
def test_none_at_all_is_none(empty: dict[str, Any]) -> None:
    settings = Settings(**empty)
    assert (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret) == (None, None, None)


@pytest.mark.parametrize("missing", list(WHOLE))
@pytest.mark.parametrize("empty", [False, True])
def test_half_a_set_up_is_refused(missing: str, empty: bool) -> None:
    given = {name: value for name, value in WHOLE.items() if name != missing} | ({missing: " "} if empty else {})
    with pytest.raises(ValidationError, match=f"signing in by OpenID Connect needs GLINT_{missing.upper()} too") as caught:
        Settings(**given)
    assert "the secret itself" not in str(caught.value)


@pytest.mark.parametrize(
    "issuer", ["login.uni.example", "http://login.uni.example", "https://u:p@login.uni.example", "https://login.uni.example/?x", "https://"]
)
def test_an_issuer_is_a_url_over_tls(issuer: str) -> None:
    with pytest.raises(ValidationError, match="GLINT_OIDC_ISSUER must be"):
        Settings(**WHOLE | {"oidc_issuer": issuer})
    assert Settings(**WHOLE | {"oidc_issuer": "http://localhost:9000"}).oidc_issuer == "http://localhost:9000"


def test_what_an_operator_reads_names_the_setting_and_repeats_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLINT_OIDC_CLIENT_SECRET", "the secret itself")
    with pytest.raises(CannotStart) as caught:
        read_settings()
    assert str(caught.value) == "signing in by OpenID Connect needs GLINT_OIDC_ISSUER and GLINT_OIDC_CLIENT_ID and GLINT_PUBLIC_URL too"
    monkeypatch.delenv("GLINT_OIDC_CLIENT_SECRET")
    monkeypatch.setenv("GLINT_LEASE_SECONDS", "soon")
    with pytest.raises(CannotStart, match=r"^GLINT_LEASE_SECONDS: "):
        read_settings()
