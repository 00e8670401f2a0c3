"""How people, or an application by itself, sign in to a vendor by OAuth 2.0: all that differs from one vendor to the next."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.adapters.erp.http import HttpClient
from app.application.ports.vendor_sign_in import OrganisationsAnswer

ListOrganisations = Callable[[HttpClient, str], Awaitable[OrganisationsAnswer]]
"""What an access token opens. Never raises for what a vendor or a network does."""

SignAssertion = Callable[[datetime], str]
"""The JWT (RFC 7523) by which the client proves itself, signed for this instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFlow:
    """One endpoint's, made from its settings and credentials.

    `grant`: `authorization_code`, a person consents (RFC 6749, 4.1, with RFC 7636 where `pkce`); `client_credentials`, the application
    signs in by itself (4.4): then nobody is asked, and only `token_url`, `scopes` and the client are used. `client_authentication`:
    `basic` (header), `post` (form fields) or `assertion` (RFC 7523, made by `client_assertion`; `client_secret` is empty then).

    Which books: `organisations` lists those to choose from, or the callback carries the choice in `organisation_parameter` (Intuit's
    `realmId`), or, where both are None, there is nothing to choose. `revoke_url` None: the vendor has no way to revoke.
    `authorise_parameters` and `token_parameters` are added to those of the standard. `revoke_as`: the body that revoking takes.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str
    scopes: tuple[str, ...]
    authorise_url: str = ""
    revoke_url: str | None = None
    revoke_as: Literal["form", "json"] = "form"
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    pkce: bool = True
    client_authentication: Literal["basic", "post", "assertion"] = "basic"
    client_assertion: SignAssertion | None = field(default=None, repr=False)
    authorise_parameters: Mapping[str, str] = field(default_factory=dict)
    token_parameters: Mapping[str, str] = field(default_factory=dict)
    organisations: ListOrganisations | None = None
    organisation_parameter: str | None = None
