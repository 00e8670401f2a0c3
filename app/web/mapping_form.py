"""An endpoint's mapping as a form: for each kind of code its lines, the template, and what becomes of the others. Pure."""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import Fault, Invalid
from app.domain.mapping import ACCOUNT_CODES, ALL_LINES, CHARGE_CODES, DIMENSIONS_OF, EXPENSE_LINES, KINDS, REFUSE, SAME
from app.web.mapping_lines import LineFault, Lines, at_line, cells_of, dimensions_of, read_lines, short, write_lines, written_dimensions

THERE = "there"
TARGET = ("account", "tax_code", "dimensions")
OTHERWISE = ((SAME, "Go as they are"), (REFUSE, "Are refused: a journal with one is not valid"), (THERE, "Go to this account"))
DIMENSIONS = ((EXPENSE_LINES, "Expense lines"), (ALL_LINES, "All lines that belong to them"))
KIND_WORDS = ((ACCOUNT_CODES, "Account codes"), (CHARGE_CODES, "Charge codes"))


def _names(kind: str) -> list[str]:
    under = f"mapping/{kind}"
    template = [f"{under}/template/{each}" for each in ("separator", *TARGET)]
    return [f"{under}/table", f"{under}/template", *template, f"{under}/otherwise", *(f"{under}/otherwise/{each}" for each in TARGET)]


FIELDS = (*(name for kind in KINDS for name in _names(kind)), f"mapping/{DIMENSIONS_OF}")
"""Of the form. `…/template` stands for what is wrong with all of a template."""


def values_of(mapping: Mapping[str, Any]) -> dict[str, str] | None:
    """What stands in the fields; None where the mapping has what lines cannot say, such as a code with a line break."""
    values = dict.fromkeys(FIELDS, "") | {f"mapping/{DIMENSIONS_OF}": mapping.get(DIMENSIONS_OF, EXPENSE_LINES)}
    for kind in KINDS:
        rules = mapping.get(kind) or {}
        otherwise, template = rules.get("otherwise", SAME), rules.get("template") or {}
        values[f"mapping/{kind}/table"] = write_lines(dict(sorted((rules.get("table") or {}).items())))
        values[f"mapping/{kind}/otherwise"] = otherwise if isinstance(otherwise, str) else THERE
        values |= _target_values(f"mapping/{kind}/otherwise", {} if isinstance(otherwise, str) else otherwise)
        values |= _target_values(f"mapping/{kind}/template", template)
        values[f"mapping/{kind}/template/separator"] = template.get("separator") or ""
    try:
        return values if mapping_of(values)[0] == _plain(mapping) else None
    except Invalid:
        return None


def mapping_of(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Lines]]:
    """The mapping, and the lines that its tables are of, by kind. Raises `Invalid` with a fault per line or field."""
    faults: list[Fault] = []
    lines = {kind: read_lines(values[f"mapping/{kind}/table"], f"/mapping/{kind}/table") for kind in KINDS}
    mapping: dict[str, Any] = {kind: rules for kind in KINDS if (rules := _rules(values, kind, lines[kind], faults))}
    if values[f"mapping/{DIMENSIONS_OF}"] not in ("", EXPENSE_LINES):
        mapping[DIMENSIONS_OF] = values[f"mapping/{DIMENSIONS_OF}"]
    faults[:0] = [fault for each in lines.values() for fault in each.faults]
    if faults:
        raise Invalid("the mapping cannot be read", *faults)
    return mapping, lines


def at_lines(error: Invalid, lines: Mapping[str, Lines], values: Mapping[str, str]) -> Invalid:
    """The same, but that a fault of a table's entry names the line."""
    return Invalid(error.detail, *(_at_line(fault, lines, values) for fault in error.faults))


def _at_line(fault: Fault, lines: Mapping[str, Lines], values: Mapping[str, str]) -> Fault:
    _, _, kind, part, *rest = (*fault.pointer.split("/"), "", "", "")[:6]
    code = rest[0].replace("~1", "/").replace("~0", "~") if rest else ""
    if part != "table" or kind not in lines or code not in lines[kind].places:
        return fault
    number = lines[kind].places[code]
    line = values[f"mapping/{kind}/table"].splitlines()[number - 1]
    return Fault(pointer=f"/mapping/{kind}/table", message=at_line(number, line, fault.message))


def _rules(values: Mapping[str, str], kind: str, lines: Lines, faults: list[Fault]) -> dict[str, Any]:
    under = f"mapping/{kind}"
    rules: dict[str, Any] = {"table": lines.entries} if lines.entries else {}
    template = _target(values, f"{under}/template", faults)
    if separator := values[f"{under}/template/separator"]:
        template["separator"] = separator
    if template:
        rules["template"] = template
    otherwise, there = values[f"{under}/otherwise"] or SAME, _target(values, f"{under}/otherwise", faults)
    if otherwise == THERE:
        rules["otherwise"] = there
    elif there:
        faults.append(Fault(pointer=f"/{under}/otherwise", message="choose “Go to this account” where one is typed"))
    elif otherwise != SAME:
        rules["otherwise"] = otherwise
    return rules


def _target(values: Mapping[str, str], under: str, faults: list[Fault]) -> dict[str, Any]:
    found: dict[str, Any] = {key: value for key in ("account", "tax_code") if (value := values[f"{under}/{key}"])}
    try:
        dimensions = dimensions_of([cell for cell in cells_of(values[f"{under}/dimensions"]) if cell])
    except LineFault as error:
        faults.append(Fault(pointer=f"/{under}/dimensions", message=str(error)))
        return found
    return found | ({"dimensions": dimensions} if dimensions else {})


def _target_values(under: str, target: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{under}/account": target.get("account") or "",
        f"{under}/tax_code": target.get("tax_code") or "",
        f"{under}/dimensions": written_dimensions(target.get("dimensions") or {}),
    }


def _plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """As the form would write it: without what says nothing."""
    found: dict[str, Any] = {kind: rules for kind in KINDS if (rules := _plain_rules(mapping.get(kind) or {}))}
    if mapping.get(DIMENSIONS_OF, EXPENSE_LINES) != EXPENSE_LINES:
        found[DIMENSIONS_OF] = mapping[DIMENSIONS_OF]
    return found


def _plain_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    table = {code: entry if isinstance(entry, str) else short(entry) for code, entry in (rules.get("table") or {}).items()}
    template = {key: value for key, value in (rules.get("template") or {}).items() if value}
    otherwise = rules.get("otherwise", SAME)
    if not isinstance(otherwise, str):
        otherwise = {key: value for key, value in otherwise.items() if value}
    said = {"table": table, "template": template, "otherwise": None if otherwise == SAME else otherwise}
    return {key: value for key, value in said.items() if value}
