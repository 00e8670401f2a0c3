"""Debtor transactions that people enter together under a control total: the use cases, and all of them together."""

from app.application.debtor_batches.keep_batch import KeepBatch
from app.application.debtor_batches.keep_entries import KeepEntries
from app.application.debtor_batches.post_batch import PostBatch
from app.application.debtor_batches.read_batches import ReadBatches
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.preview_debtor_transaction import PreviewDebtorTransaction


class DebtorBatching:
    """The use cases of batches, on these ports."""

    def __init__(
        self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies, preview: PreviewDebtorTransaction
    ) -> None:
        self.keep = KeepBatch(units_of_work, clock, ids, currencies)
        self.entries = KeepEntries(units_of_work, preview)
        self.read = ReadBatches(units_of_work, currencies)
        self.post = PostBatch(units_of_work, clock, ids, currencies)
