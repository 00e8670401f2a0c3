"""The bodies of ERP endpoints."""

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool

from app.api.parameters import Answer
from app.application.configure.check_endpoint import EndpointCheck
from app.application.configure.endpoint_draft import EndpointDraft
from app.application.configure.endpoint_view import EndpointView
from app.application.events_in.values import Day, Name, Strict, Text
from app.application.ports.authorisations import AuthorisationStatus
from app.domain.delivery import ValidationLevel
from app.domain.mapping_check import Lack

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Environment = Literal["live", "test"]
Delivery = Literal["push", "poll"]
Grouping = Literal["per_transaction", "daily"]
Release = Literal["manual", "automatic"]
Omittable = Literal["estimate", "grni", "ap"]
Commitments = Literal["send", "separate_journal", "omit"]


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(value, ensure_ascii=False)
    if _UNSTORABLE.search(text) or "\\u0000" in text:
        raise ValueError("text must be valid Unicode without NUL")
    return value


def _each_once(values: list[Omittable]) -> list[Omittable]:
    return list(dict.fromkeys(values))


Json = Annotated[dict[str, Any], AfterValidator(_storable)]
Secret = Annotated[str, Field(max_length=10_000, strict=True)]


class EndpointBody(Strict):
    """`credentials` are written and never read: without them those that are kept stay, `{}` removes them.

    Not said, `starts_on` is the day it is made, in the tenant's time zone, and `paused` stays as it is. `url` is needed where
    `delivery` is push; an ERP that polls is never called. `minimum_validation`: null is the highest that the adapter offers.
    """

    adapter: Name
    url: Annotated[Text, Field(max_length=2_000)] = ""
    environment: Environment = "live"
    settings: Json = Field(default_factory=dict)
    credentials: Annotated[dict[Name, Secret], AfterValidator(_storable)] | None = None
    delivery: Delivery = "push"
    grouping: Grouping | None = None
    release: Release | None = None
    omit: Annotated[list[Omittable], AfterValidator(_each_once)] = Field(default_factory=list)
    commitments: Commitments = "send"
    minimum_validation: ValidationLevel | None = None
    starts_on: Day | None = None
    mapping: Json = Field(default_factory=dict)
    description_template: Text | None = None
    rate_limit_per_minute: Annotated[int, Field(ge=1, le=60_000, strict=True)] = 60
    max_concurrency: Annotated[int, Field(ge=1, le=64, strict=True)] = 4
    paused: StrictBool | None = None

    def draft(self) -> EndpointDraft:
        """What it says."""
        said = {name: getattr(self, name) for name in EndpointBody.model_fields}
        return EndpointDraft(**{**said, "omit": tuple(self.omit)})


class EndpointAnswer(Answer):
    """`credentials` are the names of those that are set; null where they cannot be opened any more. `authorisation` null: it needs none."""

    name: str
    adapter: str
    url: str
    environment: Environment
    settings: dict[str, Any]
    credentials: list[str] | None
    delivery: Delivery
    grouping: Grouping
    release: Release
    omit: list[Omittable]
    commitments: Commitments
    minimum_validation: ValidationLevel | None
    starts_on: date
    mapping: dict[str, Any]
    description_template: str | None
    rate_limit_per_minute: int
    max_concurrency: int
    paused: bool
    paused_reason: str | None
    authorisation: AuthorisationStatus | None


class EndpointList(Answer):
    items: list[EndpointAnswer]
    next_cursor: str | None = None


class PauseBody(Strict):
    reason: Text | None = None


class LackingTarget(Answer):
    """An account that the mapping names, at `pointer`; `reason` is `unknown-account` or `inactive-account`."""

    pointer: str
    account: str | None
    reason: str


class LackingCode(Answer):
    """A code of ours, and the ERP's account that it leads to: null where it leads nowhere (`reason` is then `not-mapped`)."""

    code: str
    leads_to: str | None
    reason: str


class MappingCheckAnswer(Answer):
    """What the mapping lacks, by the ERP's chart as it is known now; at most 1,000 of each. `targets`: accounts that the mapping names and
    the ERP lacks or has switched off. `account_codes` of our active accounts, and `charge_codes` of open orders and unsent journals, that
    lead to such an account or nowhere."""

    targets: list[LackingTarget]
    account_codes: list[LackingCode]
    charge_codes: list[LackingCode]


class EndpointCheckAnswer(Answer):
    """`accounts` are the codes of active accounts. `unknown_account_codes` are codes of our active accounts that lead to no account that
    the ERP can post to; `mapping` says why. `kept`: whether what the ERP told is what journals are checked against from now on.
    `problems` are sentences."""

    reachable: bool
    signed_in: bool
    accounts: list[str]
    open_periods: list[str]
    unknown_account_codes: list[str]
    problems: list[str]
    kept: bool
    mapping: MappingCheckAnswer


def show_endpoint(view: EndpointView) -> EndpointAnswer:
    """As the wire has it."""
    shown = {name: getattr(view.endpoint, name) for name in EndpointAnswer.model_fields if not hasattr(view, name)}
    credentials = None if view.credentials is None else list(view.credentials)
    return EndpointAnswer(**shown, credentials=credentials, authorisation=view.authorisation)


def show_check(found: EndpointCheck) -> EndpointCheckAnswer:
    """As the wire has it."""
    return EndpointCheckAnswer(
        reachable=found.checked.reachable,
        signed_in=found.checked.signed_in,
        accounts=[account.code for account in found.checked.accounts if account.active],
        open_periods=list(found.checked.open_periods),
        unknown_account_codes=[each.where for each in found.mapping.account_codes],
        problems=list(found.checked.problems),
        kept=found.kept,
        mapping=MappingCheckAnswer(
            targets=[LackingTarget(pointer=each.where, account=each.account, reason=each.reason) for each in found.mapping.targets],
            account_codes=_codes(found.mapping.account_codes),
            charge_codes=_codes(found.mapping.charge_codes),
        ),
    )


def _codes(lacks: Sequence[Lack]) -> list[LackingCode]:
    return [LackingCode(code=each.where, leads_to=each.account, reason=each.reason) for each in lacks]
