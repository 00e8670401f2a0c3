"""No message that people read on a screen names a call of the API: it says where on the screens the same is done."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.web.plain import PLACES, plain

ROOT = Path(__file__).parents[2]
CALL = re.compile(r"\b(GET|PUT|POST|DELETE|PATCH) /|/v1/")


def test_where_a_call_set_something_up_a_screen_does() -> None:
    assert plain("set up the posting manager first: PUT /v1/posting-manager") == (
        "set up the posting manager first, under Set-up, Posting manager"
    )
    assert plain("there is no debtor A/S, B & C: set it up in PUT /v1/debtors/A/S, B & C") == (
        "there is no debtor A/S, B & C: set it up under Set-up, Dissection, Debtors"
    )
    assert plain(
        "sales territory X has no GL interface record: set it in PUT /v1/sales-territories/X (of debtor D1); "
        "warehouse 02 has no GL interface record: set it in PUT /v1/warehouses/02; "
        "or set a record for warehouse 02 and X together: PUT /v1/gl-interfaces/{code}"
    ) == (
        "sales territory X has no GL interface record: set it under Set-up, Dissection, Sales territories (of debtor D1); "
        "warehouse 02 has no GL interface record: set it under Set-up, Dissection, Warehouses; "
        "or set a record for warehouse 02 and X together, under Set-up, Dissection, GL interface records"
    )
    assert plain("required: one of GET /v1/gl-interfaces") == "required: one of the GL interface records"
    assert plain("try it with POST /v1/anything-else/X/test") == "try it with under Set-up"


def test_what_checks_of_shapes_say() -> None:
    assert plain("Field required") == plain("String should have at least 1 character") == "is needed"
    assert plain("Value should have at least 1 item after validation, not 0") == "is needed"
    assert plain("Input should be less than or equal to 64") == "must be 64 or less"
    assert plain("The purse is empty") == "The purse is empty"


def _messages(path: Path) -> Iterator[str]:
    """Every text in a module that names a call; what is put into it is `X`, which is what is set up. Docstrings are for programmers."""
    tree = ast.parse(path.read_text())
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    for each in joined:
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in each.values)
        yield text.replace("/v1/X/", "/v1/debtors/")
    parts = {part for each in joined for part in each.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts | docstrings:
            yield node.value


MESSAGES = sorted(
    {
        text
        for folder in ("domain", "application")
        for path in (ROOT / "app" / folder).rglob("*.py")
        for text in _messages(path)
        if re.search(r"(GET|PUT|POST|DELETE|PATCH) /v1/", text)
    }
)


@pytest.mark.parametrize("message", MESSAGES)
def test_no_message_names_a_call(message: str) -> None:
    told = plain(message)
    assert not CALL.search(told)
    assert "X" not in told.partition("under ")[2], "the code at the end of the call is left there"


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) >= 8
    known = {found for message in MESSAGES for found in re.findall(r"/v1/([a-z-]+)", message)}
    assert known <= PLACES.keys(), "say in PLACES where people set it up"
