"""A vendor's own sign-in (OAuth 2.0): where people consent, and where tokens come from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Books that an authorisation opens: the vendor's id of them and the name that people know them by."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationsUnknown:
    """They could not be listed. `reason` is a sentence, without anything of a token."""

    reason: str


OrganisationsAnswer = tuple[Organisation, ...] | OrganisationsUnknown
