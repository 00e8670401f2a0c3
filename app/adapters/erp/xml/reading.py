"""Reads the documents of an `xml` endpoint into the objects that `app.adapters.erp.agreed` understands. Pure.

What is missing, there twice, or in another namespace is left out, and is then missed there. Elements that are not known are passed over,
but in what must be whole: the ledger, and the lines of a journal.
"""

from collections.abc import Callable, Mapping, Sequence

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.xml.hardened import Element, parse
from app.adapters.erp.xml.payload import NAMESPACE

Object = Mapping[str, object]


def read_xml(answer: HttpAnswer) -> object:
    """The document by its root element; None where it is none of ours."""
    root = parse(answer)
    read = None if root is None else _ROOTS.get(root.tag)
    return None if root is None or read is None else read(root)


def _response(root: Element) -> Object:
    return {
        "results": [_texts(each, "reference", "result", "number") | _problems(each) for each in _all(root, "account-transaction-result")]
    }


def _problems(result: Element) -> dict[str, object]:
    return {"problems": [_problem(each) for each in _all(result, "problem")]}


def _problem(element: Element) -> Object:
    line = (element.get("line") or "").strip()
    return {
        "line": int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None,
        "code": element.get("code"),
        "severity": element.get("severity"),
        "message": _text(element),
    }


def _journal(element: Element) -> Object:
    """Without lines where they are not whole, or not all of its base currency: other amounts do not add up."""
    lists = _all(element, "lines")
    found = _all(lists[0], "line") if len(lists) == 1 and _holds_only(lists[0], "line") else []
    journal = _texts(element, "reference", "number", "status", "accounting-date", "base-currency")
    currencies = {each.get("iso-currency-code") for line in found for each in _all(line, "base-amount")}
    whole = bool(found) and currencies == {journal.get("base_currency")}
    return {"reference": None} | journal | ({"lines": [_line(each) for each in found]} if whole else {})


def _line(element: Element) -> Object:
    return _texts(element, "account-code", "side", "base-amount")


def _ledger(root: Element) -> Object:
    """`next` is text, None at the end, and False where it cannot be read."""
    if not _holds_only(root, "account-transaction", "next"):
        return {}
    following = _all(root, "next")
    after = None if not following else len(following) == 1 and (_text(following[0]) or False)
    return {"journals": [_journal(each) for each in _all(root, "account-transaction")], "next": after}


def _listed(name: str, item: str, read: Callable[[Element], Object]) -> Callable[[Element], Object]:
    return lambda root: {name: [read(each) for each in _all(root, item)]}


def _account(element: Element) -> Object:
    account = _texts(element, "code", "name", "type", "active")
    return account | {"active": account.get("active") not in ("false", "0")}


def _period(element: Element) -> Object:
    return _texts(element, "period", "starts-on", "ends-on", "status")


def _error(root: Element) -> Object:
    return _texts(root, "code", "title", "detail")


def _texts(element: Element, *names: str) -> dict[str, object]:
    """Those that are there exactly once and not empty, with underscores in their names."""
    found = {name: _all(element, name) for name in names}
    return {name.replace("-", "_"): text for name, each in found.items() if len(each) == 1 and (text := _text(each[0]))}


def _all(element: Element, name: str) -> Sequence[Element]:
    return element.findall(f"{{{NAMESPACE}}}{name}")


def _holds_only(element: Element, *names: str) -> bool:
    return {each.tag for each in element} <= {f"{{{NAMESPACE}}}{name}" for name in names}


def _text(element: Element) -> str | None:
    """Without white space around it; None where there are elements inside."""
    return None if len(element) else (element.text or "").strip()


_ROOTS: Mapping[object, Callable[[Element], Object]] = {
    f"{{{NAMESPACE}}}{name}": read
    for name, read in {
        "account-transaction-response": _response,
        "account-transaction": _journal,
        "account-transactions": _ledger,
        "accounts": _listed("accounts", "account", _account),
        "periods": _listed("periods", "accounting-period", _period),
        "error": _error,
    }.items()
}
