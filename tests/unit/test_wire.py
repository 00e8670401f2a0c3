"""What clients rely on word by word: error codes with their statuses, ids and cursors."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.errors import descendants, status_of, stored_problem
from app.api.ids import Kind, format_id, parse_id
from app.api.paging import Page, decode_cursor, encode_cursor
from app.api.problems import problem
from app.application.problems import problem_of
from app.domain.errors import DomainError, Fault, Invalid, NotFound, OrderClosed

CODES = {
    "amount-too-large": 422,
    "body-too-large": 413,
    "conflict": 409,
    "credit-above-invoiced": 422,
    "debtor-transaction-exists": 409,
    "debtor-transaction-reversed": 409,
    "entry-exists": 409,
    "entry-reversed": 409,
    "erp-did-not-answer": 409,
    "debtor-batch-posted": 409,
    "control-total-differs": 409,
    "event-id-reused": 409,
    "event-not-waiting": 409,
    "forbidden": 403,
    "gl-interface-missing": 409,
    "in-use": 409,
    "invalid": 422,
    "invoice-exists": 409,
    "invoice-in-use": 409,
    "invoice-not-in-force": 409,
    "invoice-unknown": 422,
    "journal-already-sent": 409,
    "journal-blocked": 409,
    "journal-not-valid": 409,
    "lease-expired": 409,
    "no-posting-manager": 409,
    "not-acceptable": 406,
    "not-csv": 400,
    "not-found": 404,
    "not-json": 400,
    "not-ready": 503,
    "order-cancelled": 409,
    "order-closed": 409,
    "order-exists": 409,
    "order-in-use": 409,
    "period-closed": 409,
    "quantity-below-used": 409,
    "return-above-received": 422,
    "stale-version": 409,
    "tenant-exists": 409,
    "unauthenticated": 401,
    "unknown-account": 422,
    "unknown-debtor": 422,
    "unknown-gl-interface": 422,
    "unknown-warehouse": 422,
    "unsupported-media-type": 415,
    "verdict-differs": 409,
    "warehouse-missing": 422,
    "wrong-currency": 422,
    "wrong-dissection": 422,
}


def test_codes_and_their_statuses_never_change() -> None:
    """A new code is added here; one that is here stays as it is. Pages show sentences, not codes."""
    ours = {each for each in descendants(DomainError) if each.__module__.startswith("app.") and not each.__module__.startswith("app.web")}
    found = {each.code: status_of(each) for each in ours}
    assert len(found) == len(ours), "two classes share a code"
    assert {code: status for code, status in found.items() if CODES.get(code) != status} == {}


def test_a_problem_that_was_kept_has_the_status_it_would_have_had() -> None:
    kept = problem_of(OrderClosed("line 1 is closed", Fault(pointer="/lines/0", message="closed")))
    assert stored_problem(kept) == {
        "type": "/problems/order-closed",
        "title": "Order or line is closed",
        "status": 409,
        "code": "order-closed",
        "detail": "line 1 is closed",
        "errors": [{"pointer": "/lines/0", "message": "closed"}],
    }


def test_what_a_sender_sent_is_cut_and_cleaned_where_it_is_repeated() -> None:
    shown = problem(
        status=422, code="invalid", title="t", detail="\ud800\x00" + "x" * 600, errors=[{"pointer": "/\udfff", "message": "m"}] * 200
    )
    assert shown["detail"].encode()
    assert len(shown["detail"]) == 500
    assert "\x00" not in shown["detail"]
    assert shown["errors"] == [{"pointer": "/?", "message": "m"}] * 100


@given(st.sampled_from(Kind), st.uuids())
def test_an_id_is_read_back(kind: Kind, value: UUID) -> None:
    assert parse_id(kind, format_id(kind, value)) == value


@pytest.mark.parametrize(
    "text", ["", "txn_", "jnl_" + "0" * 32, "txn_" + "0" * 31, "txn_" + "G" * 32, "TXN_" + "0" * 32, "txn_" + "٠" * 32, "0" * 32]
)
def test_what_is_no_id_of_the_kind_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        parse_id(Kind.TRANSACTION, text)


@given(st.integers(0, 2**128 - 1))
def test_a_cursor_is_read_back(place: int) -> None:
    assert decode_cursor(encode_cursor(place)) == place


@pytest.mark.parametrize(
    "cursor", ["", "x", "17", encode_cursor(1) + "=", encode_cursor(1)[:-1], encode_cursor(1) + "AAAA", "ä" * 22, "A" * 21 + "B"]
)
def test_a_cursor_of_somebody_elses_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor)


def test_a_page_has_a_cursor_only_where_something_follows() -> None:
    page = Page(after=None, limit=2)
    assert page.wanted == 3
    assert page.answer([5, 6, 7], lambda row: {"n": row}, int) == {"items": [{"n": 5}, {"n": 6}], "next_cursor": encode_cursor(6)}
    assert page.answer([5, 6], lambda row: {"n": row}, int)["next_cursor"] is None
    assert page.answer([], lambda row: {"n": row}, int) == {"items": [], "next_cursor": None}
