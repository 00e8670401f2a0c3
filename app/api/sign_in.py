"""Endpoints that people authorise at their vendor (OAuth 2.0), and the page that they come back to."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.api.configuration import Setup
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.api.sign_in_page import callback_parameters, page
from app.api.sign_in_redirect import CALLBACK_PATH, redirect_uri
from app.application.events_in.values import Strict, Text
from app.application.ports.authorisations import Authorisation, AuthorisationStatus

router = APIRouter(tags=["ERP endpoints"])
ENDPOINT = "/v1/erp-endpoints/{name:name}"


class AuthoriseBody(Strict):
    """`redirect_uri`: only needed where this service is reached at another loopback address than it was asked at."""

    redirect_uri: Annotated[Text, Field(max_length=500)] | None = None


class AuthoriseAnswer(Answer):
    """Where a person signs in at the vendor and consents, once and before `expires_at`."""

    url: str
    expires_at: datetime


class OrganisationAnswer(Answer):
    id: str
    name: str


class AuthorisationAnswer(Answer):
    """`reconnect`: it was authorised, and the vendor does not give tokens any more; a person has to authorise it again.

    `organisations` are those to choose from. The access token, which ends at `access_expires_at`, is renewed by itself. `reason` says why
    it is not authorised, or what stood in the way of the last renewal.
    """

    status: AuthorisationStatus
    organisation: OrganisationAnswer | None
    organisations: list[OrganisationAnswer]
    scopes: list[str]
    authorised_by: str | None
    authorised_at: datetime | None
    access_expires_at: datetime | None
    reason: str | None


class ChooseBody(Strict):
    """`organisation` is the id of one of `organisations`."""

    organisation: Annotated[Text, Field(max_length=100)]


class RevokeAnswer(Answer):
    """The tokens are forgotten in any case. `vendor_told`: the vendor took them back too; else `reason` says why not."""

    vendor_told: bool
    reason: str | None


@router.post(ENDPOINT + "/authorise", responses=may_fail(409))
async def authorise(
    name: NamePath,
    principal: Configurer,
    setup: Setup,
    request: Request,
    body: Annotated[AuthoriseBody, Depends(JsonBody(AuthoriseBody, optional=True))],
) -> AuthoriseAnswer:
    """A link for a person who may open the organisation's books: there they sign in at the vendor and consent.

    It is good once and for ten minutes, and a newer one makes it void. The vendor must know the address to which it sends people back,
    `<GLINT_PUBLIC_URL>/v1/sign-in/callback`; 409 where that address is not known here.
    """
    link = await setup.begin_consent(principal.tenant_id, principal.key_name, name, redirect_uri(request, body.redirect_uri))
    return AuthoriseAnswer(url=link.url, expires_at=link.expires_at)


@router.get(ENDPOINT + "/authorisation")
async def get_authorisation(name: NamePath, principal: Configurer, setup: Setup) -> AuthorisationAnswer:
    """How the endpoint stands with its vendor; 404 where it needs no authorisation. Nothing is called."""
    return _show(await setup.read_authorisation(principal.tenant_id, name))


@router.put(ENDPOINT + "/authorisation", responses=may_fail(409))
async def choose_organisation(
    name: NamePath, principal: Configurer, setup: Setup, body: Annotated[ChooseBody, Depends(JsonBody(ChooseBody))]
) -> AuthorisationAnswer:
    """Chooses the organisation whose books the journals go to. An endpoint that was paused for want of a sign-in goes on."""
    return _show(await setup.choose_organisation(principal.tenant_id, principal.key_name, name, body.organisation))


@router.post(ENDPOINT + "/revoke")
async def revoke_authorisation(name: NamePath, principal: Configurer, setup: Setup) -> RevokeAnswer:
    """Tells the vendor that the tokens are not to be taken any more, forgets them whatever it says, and pauses the endpoint."""
    done = await setup.revoke_authorisation(principal.tenant_id, principal.key_name, name)
    return RevokeAnswer(vendor_told=done.vendor_reason is None, reason=done.vendor_reason)


@router.get(CALLBACK_PATH, response_class=HTMLResponse, responses={400: {"content": {"text/html": {}}, "description": "Not authorised"}})
async def sign_in_callback(request: Request, setup: Setup) -> HTMLResponse:
    """Where a vendor sends people back, with `state` and `code` or `error`. It answers a page for them, and needs no key."""
    return page(await setup.finish_consent(callback_parameters(request)))


def _show(found: Authorisation) -> AuthorisationAnswer:
    chosen = found.organisation
    return AuthorisationAnswer(
        status=found.status,
        organisation=None if chosen is None else OrganisationAnswer(id=chosen.id, name=chosen.name),
        organisations=[OrganisationAnswer(id=each.id, name=each.name) for each in found.organisations],
        scopes=list(found.scopes),
        authorised_by=found.authorised_by,
        authorised_at=found.authorised_at,
        access_expires_at=found.access_expires_at,
        reason=found.reason,
    )
