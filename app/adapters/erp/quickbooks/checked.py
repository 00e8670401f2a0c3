"""What a test of a `quickbooks` endpoint tells. Pure."""

from app.adapters.erp.answers import HttpAnswer, HttpFailure
from app.adapters.erp.exact_json import as_object, read_json
from app.adapters.erp.quickbooks.company import Account, Preferences
from app.adapters.erp.quickbooks.faults import read_fault
from app.adapters.erp.token_calls import Reply
from app.application.ports.erp import Checked
from app.application.ports.sign_in import NotAuthorised, NoTokenNow


def checked(preferences: Preferences | Reply, accounts: dict[str, Account] | Reply, *, reached: bool) -> Checked:
    """By what was read, or by the answers that could not be; `reached`: QuickBooks answered something."""
    problems = []
    if not isinstance(preferences, Preferences):
        problems.append(f"The preferences: {why_not(preferences)}")
    if not isinstance(accounts, dict):
        problems.append(f"The chart of accounts: {why_not(accounts)}")
    elif not accounts:
        problems.append("No account has what the setting account_ref says: are account numbers turned on in QuickBooks?")
    open_dates = preferences.open_dates if isinstance(preferences, Preferences) else None
    return Checked(
        reachable=reached,
        signed_in=isinstance(preferences, Preferences),
        accounts=tuple(each.account for each in accounts.values()) if isinstance(accounts, dict) else (),
        open_periods=() if open_dates is None else (open_dates.name,),
        problems=tuple(problems),
        open_dates=() if open_dates is None else (open_dates,),
    )


def why_not(reply: Reply) -> str:
    """A sentence for an answer that is not what was asked for."""
    match reply:
        case NotAuthorised(reason=reason) | NoTokenNow(reason=reason) | HttpFailure(reason=reason):
            return reason
        case HttpAnswer(status=200):
            return "the answer cannot be read"
        case HttpAnswer(status=401):
            return "QuickBooks refused the access token: authorise the endpoint again"
        case HttpAnswer(status=403):
            return "QuickBooks refused access: the app was disconnected from the company, or the person's rights do not suffice"
        case HttpAnswer(status=status):
            refusal = read_fault(as_object(read_json(reply)))
            return f"QuickBooks answered {status}" + (f": {refusal.complaints[0].sentence}" if refusal is not None else "")
