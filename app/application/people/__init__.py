"""People who use the screens: kept by the operator, signed in by themselves."""

from app.application.people.by_identity import ByIdentity
from app.application.people.change_password import ChangePassword
from app.application.people.manage_users import ManageUsers
from app.application.people.resume_session import ResumeSession
from app.application.people.start_session import StartSession
from app.application.ports.clock import Clock
from app.application.ports.secrecy import Tokens
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import Passwords, TenantNames


class People:
    """The use cases, on these ports. `by_identity` None: people sign in by password alone."""

    def __init__(
        self,
        units_of_work: UnitsOfWork,
        passwords: Passwords,
        tenants: TenantNames,
        tokens: Tokens,
        clock: Clock,
        by_identity: ByIdentity | None = None,
    ) -> None:
        self.by_identity = by_identity
        self.users = ManageUsers(units_of_work, passwords, clock)
        self.start_session = StartSession(units_of_work, passwords, tenants, tokens, clock)
        self.change_password = ChangePassword(units_of_work, passwords, clock)
        self.session = ResumeSession(units_of_work, clock)
