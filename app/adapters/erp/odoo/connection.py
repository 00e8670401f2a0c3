"""The steps of an `odoo` endpoint: Odoo 14 to 18 over JSON-RPC, 19 and later over JSON-2."""

from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.odoo.calling import calling
from app.adapters.erp.odoo.checking import check_endpoint
from app.adapters.erp.odoo.ledger import read_entries
from app.adapters.erp.odoo.looking_up import find_journals
from app.adapters.erp.odoo.payload import described, own_problems
from app.adapters.erp.odoo.sending import send_journals
from app.adapters.erp.odoo.settings import OdooCredentials, OdooSettings, read_endpoint
from app.adapters.erp.odoo.validating import LEVEL, validate_journals
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell, FindOutcome, Problem, Purpose, SendOutcome, ValidateOutcome
from app.domain.journal import JournalDocument


class OdooConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        self._http = http
        self._endpoint = read_endpoint(connection)
        self._settings = self._endpoint.settings
        self.capabilities = _capabilities(self._settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """Amounts with more digits than Odoo rounds rightly, and tax codes, which its journal entries do not take."""
        return own_problems(journal)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The same entries validate and book; a look-up has none."""
        body = "" if purpose is Purpose.FIND else described(journals, self._settings.journal)
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Checks accounts, dates and currencies live, then makes each entry as a draft and deletes it again."""
        odoo = calling(self._http, self._endpoint)
        results = await validate_journals(odoo, self._settings, prepared.journals)
        return Answered(results=results, exchange=odoo.calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """Looks up, makes drafts, posts them and reads them back."""
        odoo = calling(self._http, self._endpoint)
        results = await send_journals(odoo, self._settings, prepared.journals)
        return Answered(results=results, exchange=odoo.calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By our reference, which is the entry's own."""
        odoo = calling(self._http, self._endpoint)
        results = await find_journals(odoo, self._settings, prepared.journals)
        return Answered(results=results, exchange=odoo.calls.exchange)

    async def check(self) -> Checked:
        """Reads the journal, the chart of accounts and what is locked, and asks whether the user may do what is needed."""
        return await check_endpoint(calling(self._http, self._endpoint), self._settings)

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """The posted journal items."""
        return await read_entries(calling(self._http, self._endpoint), self._settings, accounts, since, as_of)


def _capabilities(settings: OdooSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="draft",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        reads_books=True,
    )


ODOO = Destination(
    name="odoo",
    title="Odoo 14 and later",
    check=read_endpoint,
    connect=OdooConnection,
    capabilities=_capabilities(OdooSettings()),
    settings=OdooSettings,
    credentials=OdooCredentials,
)
