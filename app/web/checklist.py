"""What is needed before a first journal gets to an ERP, in the order in which people set it up. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.application.ports.authorisations import AuthorisationStatus
from app.application.ports.set_up_progress import EndpointProgress, SetUpProgress
from app.web.formats import plural, segment
from app.web.parts import PREFIX
from app.web.set_up_words import AUTHORISATION

HOME = f"{PREFIX}/set-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`done` None: nobody has to do it. `path` is where it is done."""

    name: str
    told: str
    done: bool | None
    path: str


def steps(found: SetUpProgress) -> list[Step]:
    """All of them, whether done or not."""
    return [_accounts(found), _posting_manager(found), _periods(found), *_endpoints(found.endpoints), _journals(found)]


def _accounts(found: SetUpProgress) -> Step:
    told = f"{plural(found.accounts, 'account')}, {found.active_accounts} of them active." if found.accounts else "None yet."
    return Step(name="Accounts", told=told, done=found.active_accounts > 0, path=f"{HOME}/accounts")


def _posting_manager(found: SetUpProgress) -> Step:
    told = (
        f"Version {found.posting_manager} is in force."
        if found.posting_manager
        else "Not set up: orders, receipts and invoices are refused."
    )
    return Step(name="Posting manager", told=told, done=found.posting_manager is not None, path=f"{HOME}/posting-manager")


def _periods(found: SetUpProgress) -> Step:
    told = f"{plural(found.periods, 'period')}, {found.closed_periods} of them closed." if found.periods else "None: every day is open."
    return Step(name="Periods", told=told, done=True if found.periods else None, path=f"{HOME}/periods")


def _endpoints(found: Sequence[EndpointProgress]) -> Iterator[Step]:
    """One that there has to be, and what each of them waits for."""
    if not found:
        yield Step(name="ERP endpoint", told="None yet: journals are made for endpoints.", done=False, path=f"{HOME}/new-endpoint")
    for each in found:
        told, done = _standing(each)
        yield Step(name=f"ERP endpoint {each.name}", told=told, done=done, path=f"{HOME}/endpoints/{segment(each.name)}")


def _standing(endpoint: EndpointProgress) -> tuple[str, bool]:
    """What is missing first."""
    if endpoint.authorisation not in (None, AuthorisationStatus.AUTHORISED):
        return f"{AUTHORISATION[endpoint.authorisation]}.", False
    if endpoint.paused:
        return f"Paused: {endpoint.paused_reason or 'nobody said why'}.", False
    if endpoint.delivery != "poll" and endpoint.asked_at is None:
        return "Not tested yet.", False
    return "Set up and tested." if endpoint.delivery != "poll" else "Set up; its ERP fetches its journals.", True


def _journals(found: SetUpProgress) -> Step:
    sent, made = (any(getattr(each, name) for each in found.endpoints) for name in ("has_sent", "has_journals"))
    told = "Sent." if sent else "Made, and not sent yet." if made else "None yet: it is made from the first event that posts."
    return Step(name="First journal", told=told, done=sent, path=f"{PREFIX}/")
