"""The posting manager as a form: its fields, what stands in them, and what they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.api.json_body import shaped
from app.api.posting_manager import PostingManagerBody
from app.application.configure.preview_posting import SamplePurchase
from app.application.events_in.values import Name, Number, Strict
from app.application.ports.setup import PostingManagerVersion
from app.domain.accounts import Account, AccountType
from app.domain.posting_manager import ACCOUNT_ROLES, REQUIRED_TYPES, PostingManager
from app.web.forms import Form
from app.web.set_up_words import POLICY, ROLE
from app.web.words import words

SAMPLE = {"ordered": "1000.00", "shipping": "", "billed": "", "tax": "", "account_code": "", "invoice_first": ""}
POLICIES = tuple(POLICY)
UNSAID = PostingManager()


class Sample(Strict):
    """The sample purchase as it is typed."""

    ordered: Number
    shipping: Number = Decimal(0)
    billed: Number | None = None
    tax: Number = Decimal(0)
    account_code: Name | None = None
    invoice_first: bool = False


class Typed(Strict):
    """Both, so that a fault is below `/sample` where it is of the sample."""

    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A field for an account. `type` is the one that it must have, None where any will do."""

    name: str
    label: str
    hint: str
    type: AccountType | None


ROLES = tuple(Role(name=name, label=label, hint=hint, type=REQUIRED_TYPES.get(name)) for name, (label, hint) in ROLE.items())


def values_of(manager: PostingManager | None) -> dict[str, str]:
    """What stands in the fields: the posting manager in force, or what applies where nothing is said."""
    found = manager or UNSAID
    accounts: dict[str, Account | None] = {role: getattr(found, role) for role in ACCOUNT_ROLES}
    policies = {name: str(getattr(found, name)) for name in POLICIES}
    sample = {f"sample/{name}": value for name, value in SAMPLE.items()}
    return {role.name: account.name if (account := accounts[role.name]) else "" for role in ROLES} | policies | sample


def typed_values(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in values_of(None)}


def document_of(values: Mapping[str, str]) -> dict[str, Any]:
    """What is to be saved. Raises `Invalid`."""
    given: dict[str, Any] = {name: values[name] for name in (*ACCOUNT_ROLES, *POLICIES) if values[name]}
    if given.get("cutoff_days", "").isdecimal():
        given["cutoff_days"] = int(given["cutoff_days"])
    return shaped(PostingManagerBody, given, "the posting manager is not complete").model_dump(mode="json")


def sample_of(values: Mapping[str, str]) -> SamplePurchase:
    """Raises `Invalid`, with pointers below `/sample`. Thousands may be apart by commas."""
    given: dict[str, Any] = {name: value for name in SAMPLE if (value := values[f"sample/{name}"])}
    for name in ("ordered", "shipping", "billed", "tax"):
        if name in given:
            given[name] = given[name].replace(",", "")
    given["invoice_first"] = given.get("invoice_first") == "yes"
    return SamplePurchase(**dict(shaped(Typed, {"sample": given}, "the sample purchase cannot be").sample))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version, and what is other in it than in the one before: a sentence each."""

    made: PostingManagerVersion
    changes: Sequence[str]


def version_rows(versions: Sequence[PostingManagerVersion], shown: int) -> list[VersionRow]:
    """Of versions that are sorted from the newest to the oldest."""
    rows = []
    for index, made in enumerate(versions[:shown]):
        before = versions[index + 1].manager if index + 1 < len(versions) else UNSAID
        rows.append(VersionRow(made=made, changes=_changes(before, made.manager)))
    return rows


def _changes(before: PostingManager, after: PostingManager) -> list[str]:
    changed = [name for name in (*ROLE, *POLICIES) if getattr(before, name) != getattr(after, name)]
    return [f"{_label(name)}: {_shown(getattr(before, name))} → {_shown(getattr(after, name))}" for name in changed]


def _label(name: str) -> str:
    return ROLE[name][0] if name in ROLE else POLICY[name][0]


def _shown(value: object) -> str:
    if isinstance(value, Account):
        return f"{value.name} ({value.code})"
    return "none" if value is None else words(str(value)).lower()
