"""What an endpoint's mapping lacks, held against what is known of its ERP and the codes that we use."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.mapping import ACCOUNT_CODES, CHARGE_CODES
from app.domain.mapping_check import Lack, Lead, NamedTarget, lacking, leads, named_targets

MOST_CODES = 10_000
MOST_SHOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCheck:
    """At most 1,000 of each. `targets`: accounts that the mapping names and the ERP does not have, or has switched off. `account_codes`:
    codes of our active accounts, and `charge_codes`: charge codes of open orders and unsent journals, that lead to such an account or
    nowhere."""

    targets: Sequence[Lack]
    account_codes: Sequence[Lack]
    charge_codes: Sequence[Lack]


async def check_mapping(uow: UnitOfWork, endpoint: Endpoint) -> MappingCheck:
    """Without a chart of the ERP's only what leads nowhere is seen."""
    named = list(named_targets(endpoint.mapping))
    ours = [account.code for account in await uow.accounts.list() if account.active]
    accounts = leads(endpoint.mapping, ACCOUNT_CODES, ours)
    charges = leads(endpoint.mapping, CHARGE_CODES, await uow.reference_data.charge_codes_in_use(MOST_CODES))
    wanted = {target.account for target in named} | {lead.account for lead in (*accounts, *charges) if lead.account is not None}
    known = await uow.reference_data.look_up(endpoint.name, wanted)
    unknown, inactive = (known.unknown_codes, known.inactive_codes) if known else (frozenset[str](), frozenset[str]())

    def lacks(found: Sequence[NamedTarget | Lead]) -> Sequence[Lack]:
        return list(islice(lacking(found, unknown=unknown, inactive=inactive), MOST_SHOWN))

    return MappingCheck(targets=lacks(named), account_codes=lacks(accounts), charge_codes=lacks(charges))
