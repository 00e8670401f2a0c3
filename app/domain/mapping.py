"""An endpoint's mapping: from our account codes and charge codes to the ERP's accounts, dimensions and tax codes. Pure.

Its shape is checked where it is set (`app.domain.mapping_rules`); here it is read as it is kept, entry by entry, so that a large table
costs a journal no more than a small one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

ACCOUNT_CODES, CHARGE_CODES = "account_codes", "charge_codes"
KINDS = (ACCOUNT_CODES, CHARGE_CODES)
SAME, REFUSE = "same", "refuse"
DIMENSIONS_OF = "dimensions_of_charge_codes"
EXPENSE_LINES, ALL_LINES = "expense_lines", "all_lines"
PLACEHOLDER = re.compile(r"\{(code|[1-9][0-9]?)\}")
NOT_MAPPED = "not-mapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a code leads: the ERP's account, its dimensions by name, and its tax code."""

    account: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    tax_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A document as the ERP is to get it. `problems` stand at lines whose code leads nowhere; these lines keep our codes."""

    document: JournalDocument
    problems: tuple[Problem, ...] = ()


def target_of(mapping: Mapping[str, Any], kind: str, code: str) -> Target | None:
    """Where a code of ours leads: by the table, else by the template where the code has its parts, else as `otherwise` says (the same
    code, where it says nothing). None where it leads nowhere."""
    rules: Mapping[str, Any] = mapping.get(kind) or {}
    table: Mapping[str, Any] = rules.get("table") or {}
    if code in table:
        return _target(table[code], code)
    if rules.get("template") and (filled := _filled(rules["template"], code)) is not None:
        return filled
    otherwise = rules.get("otherwise", SAME)
    if otherwise == REFUSE:
        return None
    return Target(account=code) if otherwise == SAME else _target(otherwise, code)


def map_document(mapping: Mapping[str, Any], document: JournalDocument) -> Mapped:
    """The document on the ERP's accounts. Lines stay in their order, and their amounts what they are."""
    if not mapping:
        return Mapped(document=document)
    problems: list[Problem] = []
    lines = tuple(_mapped(mapping, line, problems) for line in document.lines)
    return Mapped(document=replace(document, lines=lines), problems=tuple(problems))


def code_of(line: JournalLine) -> tuple[str, str]:
    """By which code a line is looked up: an account of ours by its account code, any other by its charge code."""
    if line.account is not None:
        return ACCOUNT_CODES, line.account_code
    return CHARGE_CODES, line.charge_code or line.account_code


def _mapped(mapping: Mapping[str, Any], line: JournalLine, problems: list[Problem]) -> JournalLine:
    kind, code = code_of(line)
    target = target_of(mapping, kind, code)
    if target is None:
        problems.append(_not_mapped(line, kind, code))
    dimensions: Mapping[str, str] = {} if target is None else target.dimensions
    if kind == ACCOUNT_CODES and line.charge_code and mapping.get(DIMENSIONS_OF) == ALL_LINES:
        charged = target_of(mapping, CHARGE_CODES, line.charge_code)
        if charged is None:
            problems.append(_not_mapped(line, CHARGE_CODES, line.charge_code))
        else:
            dimensions = {**charged.dimensions, **dimensions}
    if target is None:
        return line
    return replace(line, account_code=target.account, dimensions=dimensions, tax_code=target.tax_code)


def _not_mapped(line: JournalLine, kind: str, code: str) -> Problem:
    ours = "account code" if kind == ACCOUNT_CODES else "charge code"
    message = f"{ours} {code} is not mapped to an account of the ERP: add it to the endpoint's mapping, {kind}, table"
    return Problem(line=line.line, code=NOT_MAPPED, message=message)


def _target(entry: str | Mapping[str, Any], code: str) -> Target:
    """A string is short for an account; an entry that names none keeps the code."""
    if isinstance(entry, str):
        return Target(account=entry)
    return Target(account=entry.get("account") or code, dimensions=dict(entry.get("dimensions") or {}), tax_code=entry.get("tax_code"))


def _filled(template: Mapping[str, Any], code: str) -> Target | None:
    """None where the code lacks a part that the template names; an empty part is none."""
    separator = template.get("separator")
    parts: Sequence[str] = code.split(separator) if separator else ()
    known = {"code": code} | {str(number): part for number, part in enumerate(parts, start=1) if part}
    entry = _target(template, "{code}")
    texts = [entry.account, *entry.dimensions.values(), *([] if entry.tax_code is None else [entry.tax_code])]
    if any(named not in known for text in texts for named in PLACEHOLDER.findall(text)):
        return None

    def fill(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: known[found[1]], text)

    return Target(
        account=fill(entry.account),
        dimensions={name: fill(value) for name, value in entry.dimensions.items()},
        tax_code=None if entry.tax_code is None else fill(entry.tax_code),
    )
