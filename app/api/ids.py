"""Ids as the wire has them: a prefix that shows the kind, and 32 hexadecimal digits."""

import re
from enum import StrEnum
from uuid import UUID

from app.domain.errors import NotFound

_ID = re.compile(r"([a-z]{3})_([0-9a-f]{32})", re.ASCII)


class Kind(StrEnum):
    """What an id is of."""

    TENANT = "ten"
    KEY = "key"
    EVENT = "evt"
    TRANSACTION = "txn"
    JOURNAL = "jnl"
    ATTEMPT = "att"
    LEASE = "lse"
    BATCH = "bat"
    DEBTOR_BATCH = "dba"


def format_id(kind: Kind, value: UUID) -> str:
    """`txn_018f…`."""
    return f"{kind}_{value.hex}"


def parse_id(kind: Kind, text: str) -> UUID:
    """Raises `NotFound` where it is no id, or the id of something else: either way there is no such object."""
    found = _ID.fullmatch(text)
    if found is None or found[1] != kind:
        raise NotFound(f"there is no {kind.name.lower().replace('_', ' ')} of this id")
    return UUID(hex=found[2])
