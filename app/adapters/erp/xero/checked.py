"""What a test of a `xero` endpoint tells. Pure."""

from app.adapters.erp.answers import HttpAnswer, HttpFailure
from app.adapters.erp.token_calls import Reply
from app.adapters.erp.xero.reference_data import read_accounts, read_organisation
from app.application.ports.erp import Checked
from app.application.ports.sign_in import NotAuthorised, NoTokenNow


def checked(organisation: Reply, accounts: Reply, *, reached: bool) -> Checked:
    """By the answers about the organisation and its chart; `reached`: Xero answered something."""
    told, chart = read_organisation(organisation), read_accounts(accounts)
    problems = []
    if told is None:
        problems.append(f"The organisation: {why_not(organisation)}")
    if chart is None:
        problems.append(f"The chart of accounts: {why_not(accounts)}")
    open_dates = told.open_dates if told is not None else None
    return Checked(
        reachable=reached,
        signed_in=isinstance(organisation, HttpAnswer) and organisation.status == 200,
        accounts=tuple(each.account for each in (chart or {}).values()),
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
            return "Xero refused the access token: authorise the endpoint again"
        case HttpAnswer(status=403):
            return "Xero refused access: the organisation is not connected any more, or the scope or the person's rights do not suffice"
        case HttpAnswer(status=status):
            return f"Xero answered {status}"
