"""Whether an ERP endpoint works."""

from dataclasses import dataclass
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.clock import Clock
from app.application.ports.erp import Checked, ErpAdapters
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Secrets
from app.application.ports.sign_in import NotAuthorised, NoTokenNow, SignIn
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCheck:
    """What the ERP answered, and which active accounts of ours have a code that it does not know."""

    checked: Checked
    unknown_account_codes: tuple[str, ...]


class CheckEndpoint:
    """Calls the ERP: whether it can be reached and signed in to, its chart of accounts and its periods. Nothing is posted.

    What it tells is kept, and journals are checked against it before the ERP is asked about them.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, secrets: Secrets, adapters: ErpAdapters) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._connect = ConnectEndpoint(adapters, secrets, units_of_work, clock)

    async def __call__(self, tenant_id: UUID, actor: str, name: str) -> EndpointCheck:
        """Raises `NotFound`, or `Conflict` where the ERP polls and there is nothing to call."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            if endpoint.delivery == "poll":
                raise Conflict(f"{name} is polled by the ERP: there is nothing to call")
            accounts = await uow.accounts.list()
            await uow.audit.write(actor, "endpoint.test", name, {})
            await uow.commit()
        try:
            connection, sign_in = self._connect(tenant_id, endpoint), self._connect.sign_in(tenant_id, endpoint)
        except SealedByOther as error:
            raise Conflict(f"the credentials of {name} cannot be opened any more: send them again") from error
        checked = await _without_token(sign_in) or await connection.check()
        codes = [account.code for account in checked.accounts if account.active]
        if checked.signed_in:
            async with self._units_of_work(tenant_id) as uow:
                await uow.reference_data.put(name, accounts=codes, open_periods=checked.open_dates, read_at=self._clock.now())
                await uow.commit()
        lacking = {account.code for account in accounts if account.active}.difference(codes) if codes else ()
        return EndpointCheck(checked=checked, unknown_account_codes=tuple(sorted(lacking)))


async def _without_token(sign_in: SignIn | None) -> Checked | None:
    """What there is to say where the ERP cannot even be asked; None where it can."""
    answer = None if sign_in is None else await sign_in.token()
    if not isinstance(answer, NotAuthorised | NoTokenNow):
        return None
    problem = f"not authorised: {answer.reason}" if isinstance(answer, NotAuthorised) else answer.reason
    return Checked(reachable=False, signed_in=False, accounts=(), open_periods=(), problems=(problem,))
