"""The reports of CONTRACT.md 9, one use case each: `Reports` holds them all."""

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.reports.balances import Balances, TrialBalance
from app.application.reports.books import Books
from app.application.reports.commitments import CommitmentsReport
from app.application.reports.debtors import DebtorsBalances
from app.application.reports.grni import GrniReport
from app.application.reports.ledger import LedgerOfAccount
from app.application.reports.orders import OrdersReport
from app.application.reports.period_close import PeriodClose
from app.application.reports.reconciliation import ReconciliationOf


class Reports:
    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock, connect: ConnectEndpoint) -> None:
        books = Books(units_of_work, currencies, clock)
        self.grni = GrniReport(books)
        self.commitments = CommitmentsReport(books)
        self.trial_balance = TrialBalance(books)
        self.balances = Balances(books)
        self.debtors = DebtorsBalances(books)
        self.ledger = LedgerOfAccount(books)
        self.orders = OrdersReport(books, currencies)
        self.period_close = PeriodClose(books)
        self.reconciliation = ReconciliationOf(units_of_work, currencies, clock, connect)
