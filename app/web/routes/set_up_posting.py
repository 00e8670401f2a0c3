"""The posting manager: every setting, what a sample purchase would post with those in the form, and the versions there were."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.application.configure import Configure
from app.application.configure.preview_posting import SamplePosting
from app.application.people.resume_session import SignedIn
from app.application.ports.users import UserRole
from app.domain.accounts import Account
from app.domain.errors import DomainError, NotFound
from app.domain.posting_manager import PostingManager
from app.web import posting_form
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.net import net_of
from app.web.paging import paged, place
from app.web.parts import PREFIX, Setup
from app.web.render import page
from app.web.session import Anyone, SetUp, Viewer

router = APIRouter(prefix="/set-up/posting-manager")

HERE = f"{PREFIX}/set-up/posting-manager"
VERSIONS = 20
MOST_OFFERED = 1_000
"""So many accounts are offered to choose from; any other can be typed."""


@router.get("")
async def posting_manager_page(
    request: Request, person: Viewer, setup: Setup, cursor: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """As it is in force, with what it posts."""
    manager = await _in_force(setup, person)
    values = posting_form.values_of(manager)
    posted = await _previewed(setup, person, values) if manager is not None else ()
    return await _page(request, person, setup, Filled(values=values), posted, cursor=cursor)


@router.post("/preview")
async def preview(request: Request, acting: Anyone, setup: Setup) -> Response:
    """What the settings in the form would post; nothing is kept."""
    values = posting_form.typed_values(acting.form)
    try:
        posted = await _previewed(setup, acting.person, values)
    except DomainError as error:
        return await _page(request, acting.person, setup, refused(values, error), status=status_of(type(error)))
    return await _page(request, acting.person, setup, Filled(values=values), posted, tried=True)


@router.post("")
async def save(request: Request, acting: SetUp, setup: Setup) -> Response:
    """As a new version, unless nothing is other than before."""
    values, tenant_id = posting_form.typed_values(acting.form), acting.person.tenant_id
    before = await _in_force(setup, acting.person)
    try:
        saved, _ = await setup.put_posting_manager(tenant_id, acting.name, posting_form.document_of(values))
    except DomainError as error:
        return await _page(request, acting.person, setup, refused(values, error), status=status_of(type(error)))
    if before is not None and saved.version == before.version:
        return await told(request, acting, "Nothing was changed: the posting manager was so already.", to=HERE)
    return await told(request, acting, f"Saved as version {saved.version}. It counts for orders from now on.", to=HERE)


async def _in_force(setup: Configure, person: SignedIn) -> PostingManager | None:
    try:
        return await setup.get_posting_manager(person.tenant_id)
    except NotFound:
        return None


async def _previewed(setup: Configure, person: SignedIn, values: dict[str, str]) -> Sequence[SamplePosting]:
    return await setup.preview_posting(person.tenant_id, posting_form.document_of(values), posting_form.sample_of(values))


async def _page(
    request: Request,
    person: SignedIn,
    setup: Configure,
    form: Filled,
    posted: Sequence[SamplePosting] = (),
    *,
    cursor: str | None = None,
    tried: bool = False,
    status: int = 200,
) -> Response:
    before = place(cursor)
    versions = await setup.list_posting_managers(
        person.tenant_id, before=None if before is None else min(before, 2**31 - 1), limit=VERSIONS + 1
    )
    rows = posting_form.version_rows(versions, VERSIONS + 1)
    return page(
        request,
        "set_up/posting_manager.html",
        status=status,
        form=form,
        roles=posting_form.ROLES,
        offered=_offered([account for account in await setup.list_accounts(person.tenant_id) if account.active]),
        posted=posted,
        net=net_of([each.transaction for each in posted if each.transaction is not None]),
        tried=tried,
        base_currency=person.base_currency,
        versions=paged(request, rows, lambda row: row.made.manager.version, VERSIONS),
        may_save=UserRole.SET_UP in person.user.roles,
        here_path=HERE,
    )


def _offered(accounts: Sequence[Account]) -> dict[str, Sequence[Account]]:
    """By the type that a role needs, or `any`; each list once on the page."""
    lists = {"any": accounts[:MOST_OFFERED]}
    for role in posting_form.ROLES:
        if role.type is not None:
            lists[role.type] = [account for account in accounts if account.type is role.type][:MOST_OFFERED]
    return lists
