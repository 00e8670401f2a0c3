"""An ERP asked about itself, and what it tells kept: journals are checked against it before the ERP is asked about them."""

from datetime import datetime
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.erp import Checked
from app.application.ports.setup import Endpoint
from app.application.ports.sign_in import NotAuthorised, NoTokenNow, SignIn
from app.application.ports.unit_of_work import UnitOfWork


async def ask_erp(connect: ConnectEndpoint, tenant_id: UUID, endpoint: Endpoint) -> Checked:
    """Calls the ERP. No unit of work is open meanwhile. Raises `SealedByOther` where the credentials do not open."""
    connection, sign_in = connect(tenant_id, endpoint), connect.sign_in(tenant_id, endpoint)
    return await _without_token(sign_in) or await connection.check()


async def keep_told(uow: UnitOfWork, name: str, checked: Checked, now: datetime) -> bool:
    """False where the ERP told nothing that can be kept: it did not let us in, or its chart could not be read; then what was known
    before stays."""
    if not checked.signed_in or (checked.problems and not checked.accounts):
        return False
    await uow.reference_data.told(name, accounts=checked.accounts, open_periods=checked.open_dates, at=now)
    return True


async def _without_token(sign_in: SignIn | None) -> Checked | None:
    """What there is to say where the ERP cannot even be asked; None where it can."""
    answer = None if sign_in is None else await sign_in.token()
    if not isinstance(answer, NotAuthorised | NoTokenNow):
        return None
    problem = f"not authorised: {answer.reason}" if isinstance(answer, NotAuthorised) else answer.reason
    return Checked(reachable=False, signed_in=False, accounts=(), open_periods=(), problems=(problem,))
