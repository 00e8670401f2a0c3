"""What a mapping lacks, held against an ERP's chart of accounts and the codes that we use. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.mapping import KINDS, NOT_MAPPED, PLACEHOLDER, target_of

UNKNOWN, INACTIVE = "unknown-account", "inactive-account"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """An account of the ERP that the mapping itself names, and where: a JSON pointer."""

    pointer: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Where a code of ours leads, None where nowhere."""

    code: str
    account: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that does not lead to an account that can be posted to: why, as a problem's code. `where` is a pointer into the mapping
    or a code of ours."""

    where: str
    account: str | None
    reason: str


def named_targets(mapping: Mapping[str, Any]) -> Iterator[NamedTarget]:
    """The accounts that the mapping says in full; what a template makes of a code is seen where the code is used."""
    for kind in KINDS:
        rules = mapping.get(kind) or {}
        for code, entry in (rules.get("table") or {}).items():
            yield from _named(entry, f"/mapping/{kind}/table/{code.replace('~', '~0').replace('/', '~1')}")
        if isinstance(rules.get("otherwise"), dict):
            yield from _named(rules["otherwise"], f"/mapping/{kind}/otherwise")
        if rules.get("template") and not PLACEHOLDER.search(rules["template"].get("account") or "{code}"):
            yield from _named(rules["template"], f"/mapping/{kind}/template")


def leads(mapping: Mapping[str, Any], kind: str, codes: Iterable[str]) -> list[Lead]:
    """Where each code leads, in order of the codes."""
    targets = ((code, target_of(mapping, kind, code)) for code in sorted(set(codes)))
    return [Lead(code=code, account=None if target is None else target.account) for code, target in targets]


def lacking(found: Iterable[NamedTarget | Lead], *, unknown: Collection[str], inactive: Collection[str]) -> Iterator[Lack]:
    """Those that lead nowhere, or to an account that the ERP lacks or has switched off."""
    for each in found:
        where = each.pointer if isinstance(each, NamedTarget) else each.code
        if each.account is None:
            yield Lack(where=where, account=None, reason=NOT_MAPPED)
        elif each.account in unknown:
            yield Lack(where=where, account=each.account, reason=UNKNOWN)
        elif each.account in inactive:
            yield Lack(where=where, account=each.account, reason=INACTIVE)


def _named(entry: str | Mapping[str, Any], pointer: str) -> Iterator[NamedTarget]:
    account = entry if isinstance(entry, str) else entry.get("account")
    if account is not None:
        yield NamedTarget(pointer=pointer, account=account)
