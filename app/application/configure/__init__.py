"""The set-up of a tenant: one use case per file, and all of them together."""

from app.application.configure.browse_masters import BrowseMasters
from app.application.configure.check_endpoint import CheckEndpoint
from app.application.configure.create_key import CreateKey
from app.application.configure.create_tenant import CreateTenant
from app.application.configure.debtor_dissection import DebtorDissection
from app.application.configure.delete_account import DeleteAccount
from app.application.configure.delete_endpoint import DeleteEndpoint
from app.application.configure.delete_master import DeleteMaster
from app.application.configure.describe_adapters import DescribeAdapters
from app.application.configure.erp_chart import LoadErpChart, ReadErpChart
from app.application.configure.find_accounts import FindAccounts
from app.application.configure.get_account import GetAccount
from app.application.configure.get_endpoint import GetEndpoint
from app.application.configure.get_period import GetPeriod
from app.application.configure.get_posting_manager import GetPostingManager
from app.application.configure.get_tenant import GetTenant
from app.application.configure.list_accounts import ListAccounts
from app.application.configure.list_audit_log import ListAuditLog
from app.application.configure.list_endpoints import ListEndpoints
from app.application.configure.list_keys import ListKeys
from app.application.configure.list_periods import ListPeriods
from app.application.configure.list_posting_managers import ListPostingManagers
from app.application.configure.pause_endpoint import PauseEndpoint
from app.application.configure.preview_posting import PreviewPosting
from app.application.configure.put_account import PutAccount
from app.application.configure.put_endpoint import PutEndpoint
from app.application.configure.put_mapping import PutMapping
from app.application.configure.put_masters import PutMasters
from app.application.configure.put_period import PutPeriod
from app.application.configure.put_posting_manager import PutPostingManager
from app.application.configure.read_mapping import ReadMapping
from app.application.configure.read_set_up_progress import ReadSetUpProgress
from app.application.configure.resume_endpoint import ResumeEndpoint
from app.application.configure.revoke_key import RevokeKey
from app.application.configure.send_test_messages import SendTestMessages
from app.application.configure.set_period_status import SetPeriodStatus
from app.application.configure.update_tenant import UpdateTenant
from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.erp import ErpAdapters
from app.application.ports.secrecy import Tokens
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.sign_in.begin_consent import BeginConsent
from app.application.sign_in.choose_organisation import ChooseOrganisation
from app.application.sign_in.finish_consent import FinishConsent
from app.application.sign_in.read_authorisation import ReadAuthorisation
from app.application.sign_in.revoke_authorisation import RevokeAuthorisation


class Configure:
    """The use cases of setting up, on these ports."""

    def __init__(
        self,
        *,
        units_of_work: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        currencies: Currencies,
        secrets: Secrets,
        tokens: Tokens,
        erp_adapters: ErpAdapters,
    ) -> None:
        connect = ConnectEndpoint(erp_adapters, secrets, units_of_work, clock)
        self.create_tenant = CreateTenant(units_of_work, clock, ids, currencies, tokens)
        self.get_tenant = GetTenant(units_of_work)
        self.update_tenant = UpdateTenant(units_of_work)
        self.create_key = CreateKey(units_of_work, clock, ids, tokens)
        self.list_keys = ListKeys(units_of_work)
        self.revoke_key = RevokeKey(units_of_work)
        self.list_audit_log = ListAuditLog(units_of_work)
        self.read_set_up_progress = ReadSetUpProgress(units_of_work)
        self.put_account = PutAccount(units_of_work)
        self.get_account = GetAccount(units_of_work)
        self.list_accounts = ListAccounts(units_of_work)
        self.find_accounts = FindAccounts(units_of_work)
        self.delete_account = DeleteAccount(units_of_work)
        self.put_posting_manager = PutPostingManager(units_of_work)
        self.get_posting_manager = GetPostingManager(units_of_work)
        self.list_posting_managers = ListPostingManagers(units_of_work)
        self.preview_posting = PreviewPosting(units_of_work, clock, ids, currencies)
        self.put_period = PutPeriod(units_of_work)
        self.set_period_status = SetPeriodStatus(units_of_work)
        self.get_period = GetPeriod(units_of_work)
        self.list_periods = ListPeriods(units_of_work)
        self.debtor_dissection = DebtorDissection(units_of_work)
        self.put_masters = PutMasters(units_of_work)
        self.browse_masters = BrowseMasters(units_of_work)
        self.delete_master = DeleteMaster(units_of_work)
        self.put_endpoint = PutEndpoint(units_of_work, clock, secrets, erp_adapters)
        self.read_mapping = ReadMapping(units_of_work)
        self.put_mapping = PutMapping(units_of_work)
        self.describe_adapters = DescribeAdapters(erp_adapters)
        self.get_endpoint = GetEndpoint(units_of_work, secrets)
        self.list_endpoints = ListEndpoints(units_of_work, secrets)
        self.delete_endpoint = DeleteEndpoint(units_of_work)
        self.pause_endpoint = PauseEndpoint(units_of_work, secrets)
        self.resume_endpoint = ResumeEndpoint(units_of_work, secrets)
        self.check_endpoint = CheckEndpoint(units_of_work, clock, secrets, erp_adapters)
        self.begin_consent = BeginConsent(units_of_work, connect, secrets, tokens, clock)
        self.finish_consent = FinishConsent(units_of_work, connect, secrets, clock)
        self.read_authorisation = ReadAuthorisation(units_of_work)
        self.choose_organisation = ChooseOrganisation(units_of_work)
        self.revoke_authorisation = RevokeAuthorisation(units_of_work, connect, secrets, clock)
        self.read_erp_chart = ReadErpChart(units_of_work)
        self.load_erp_chart = LoadErpChart(units_of_work, clock)
        self.send_test_messages = SendTestMessages(units_of_work, clock, ids, currencies, secrets, erp_adapters)
