"""The `xml` adapter without a network: what it sends, what it reads, and that page, schema and code agree."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.adapters.erp.agreed import books, response
from app.adapters.erp.agreed.books import Page
from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.xml.payload import problems_of, request_body
from app.adapters.erp.xml.reading import read_xml
from app.adapters.erp.xml.settings import read_endpoint
from app.application.ports.erp import Connection
from app.domain.booked import BookedEntry
from app.domain.delivery import Absent, Booked, CannotTell, FoundBooked, FoundDraft, Problem, Rejected, Retryable, Unknown, Validation
from app.domain.erp_chart import ErpAccount
from app.domain.errors import Invalid
from app.domain.local_validation import OpenPeriod
from tests.contract.erp_suite import journal, line
from tests.xml_schema import DOCS, NAMESPACE, schema_errors

GOLDEN = Path(__file__).parents[1] / "data" / "xml" / "request.xml"
read_sends = partial(response.read_sends, read_xml)
read_validations = partial(response.read_validations, read_xml)
read_find = partial(response.read_find, read_xml)
read_listed = partial(response.read_listed, read_xml)
read_page = partial(books.read_page, read_xml)
compared = partial(books.compared, read_xml)


def answer(content: str | bytes, status: int = 200, **changes: Any) -> HttpAnswer:
    known: dict[str, Any] = {"headers": {}, "truncated": False, "duration_ms": 1, "received_at": datetime(2026, 11, 1, tzinfo=UTC)}
    return HttpAnswer(status=status, content=content.encode() if isinstance(content, str) else content, **known | changes)


def document(root: str, inside: str) -> HttpAnswer:
    return answer(f'<{root} xmlns="{NAMESPACE}">{inside}</{root}>')


def results(*inside: str) -> HttpAnswer:
    listed = (f"<account-transaction-result>{each}</account-transaction-result>" for each in inside)
    return document("account-transaction-response", "".join(listed))


def booked(reference: str = "<reference>JNL-1</reference>", code: str = "NZD", status: str = "booked", rest: str = "") -> str:
    money = f'<base-amount iso-currency-code="{code}">10.50</base-amount>'
    sides = {"2100": "debit", "2110": "credit"}
    lines = "".join(f"<line><account-code>{each}</account-code><side>{side}</side>{money}</line>" for each, side in sides.items())
    return (
        f"{reference}<number>JE-1</number><status>{status}</status><accounting-date>2026-11-01</accounting-date>"
        f"<base-currency>NZD</base-currency><lines>{lines}{rest}</lines>"
    )


BOOKED = "<reference>JNL-1</reference><result>booked</result><number>JE-1</number>"
EXAMPLES = re.findall(r"```xml\n(.*?)\n```", (DOCS / "adapters" / "xml.md").read_text(), re.DOTALL)


def test_what_is_sent_is_what_it_was() -> None:
    first = replace(line(1, "debit", "2100", "1200", "123456789012345.67"), dimensions={"fund": "G", "cost_centre": "12"}, tax_code="NONE")
    second = replace(line(2, "credit", "2110", "1200", "123456789012345.67"), charge_code=None, description="")
    sent = request_body([journal("JNL-1", currency="JPY", description="R-7 <a> & Kōwhai", lines=(first, second))])

    assert sent == GOLDEN.read_text().rstrip("\n")
    assert schema_errors(sent) == []


@pytest.mark.parametrize(
    ("amount", "text"), [("1E+3", "1000"), ("0.000001", "0.000001"), ("123456789012345.67", "123456789012345.67"), ("0", "0")]
)
def test_money_is_text_in_full(amount: str, text: str) -> None:
    sent = request_body([journal("JNL-1", lines=(line(1, "debit", "2100", amount, "1"), line(2, "credit", "2110", amount, "1")))])

    assert f'<amount iso-currency-code="NZD">{text}</amount>' in sent
    assert schema_errors(sent) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (' iso-currency-code="NZD"', ""),
        (">1200<", ">-1200<"),
        (">1200<", ">1.2E3<"),
        ("2026-11-01", "2026-11-01Z"),
        ("<side>debit</side>", "<side>left</side>"),
        ("<reference>JNL-1</reference>", ""),
        (NAMESPACE, "urn:else"),
    ],
)
def test_the_schema_refuses_what_is_not_agreed(old: str, new: str) -> None:
    assert schema_errors(GOLDEN.read_text().replace(old, new)) != []


@pytest.mark.parametrize("text", ["a\x00b", "a\x1fb", "a\ufffeb", "\ud800"])
def test_codes_that_xml_cannot_carry_are_told_by_their_line_and_words_are_replaced(text: str) -> None:
    bad = line(1, "debit", text, "1.00")
    mapped = replace(line(2, "credit", "2110", "1.00"), dimensions={text: "1"}, tax_code=text, charge_code=text)

    told = problems_of(journal("JNL-1", lines=(bad, mapped)))

    assert [(problem.line, problem.code) for problem in told] == [(1, "not-xml"), (2, "not-xml"), (2, "not-xml"), (2, "not-xml")]
    described = journal("JNL-1", description=f"é\t{text}")
    assert problems_of(described) == ()
    assert schema_errors(request_body([described])) == []
    assert problems_of(journal(text))[0].line is None


def test_the_pages_examples_keep_to_the_schema_and_name_every_document() -> None:
    assert [schema_errors(each) for each in EXAMPLES] == [[]] * len(EXAMPLES)
    roots = {match.group(1) for each in EXAMPLES if (match := re.search(r"<([a-z-]+) xmlns=", each))}
    declared = re.findall(r'^  <xs:element name="([a-z-]+)"', (DOCS / "xml-adapter" / "account-transaction.xsd").read_text(), re.MULTILINE)
    assert roots == set(declared)


def test_the_pages_examples_are_read_as_the_page_says() -> None:
    _, validation, booking, found, missing, ledger, accounts, periods = map(answer, EXAMPLES)

    verdicts = read_validations(("JNL-000017", "JNL-000018"), validation)
    told = (Problem(line=2, code="unknown-account", message="Account 2110 is not in the chart of accounts"),)
    assert verdicts["JNL-000017"] == Validation(level=response.LEVEL, problems=told)
    assert isinstance(verdicts["JNL-000018"], Validation)
    assert verdicts["JNL-000018"].valid
    sent = read_sends(("JNL-000017", "JNL-000018", "JNL-000019"), booking)
    assert sent["JNL-000017"] == Booked(number="JE-88")
    assert sent["JNL-000018"] == Booked(number="JE-12")
    assert isinstance(sent["JNL-000019"], Rejected)
    assert read_find("JNL-000017", found) == FoundBooked(number="JE-88")
    assert compared(FoundBooked(number="JE-88"), journal("JNL-000017"), found) == FoundBooked(number="JE-88")
    assert read_find("JNL-000020", replace(missing, status=404)) == Absent()
    page = read_page(ledger)
    assert isinstance(page, Page)
    day = date(2026, 11, 2)
    entry = BookedEntry(reference=None, number="JE-89", accounting_date=day, account_code="2110", amount=Decimal("1.00"))
    assert (page.entries[0], page.after) == (entry, "89")
    chart = response.read_accounts(read_listed(accounts, "accounts") or ())
    assert chart == (ErpAccount(code="2110", name="Goods received, not invoiced", type="liability", active=True),)
    open_dates = response.read_open_dates(read_listed(periods, "periods") or ())
    assert open_dates == (OpenPeriod(name="2026-11", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30)),)


def test_white_space_comments_and_what_is_new_do_no_harm() -> None:
    spaced = "<new>1</new><reference>\n JNL-1\n</reference><!-- x --><result> booked </result><?pi?><number>\tJE-1 </number>"

    assert read_sends(("JNL-1",), results(spaced)) == {"JNL-1": Booked(number="JE-1")}
    assert read_sends(("JNL-1",), answer(b"\xef\xbb\xbf" + results(BOOKED).content)) == {"JNL-1": Booked(number="JE-1")}


ENTITY = '<!DOCTYPE r [<!ENTITY e "JE-1">]>'
LAUGHS = "<!DOCTYPE r [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)) + "]>"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"<html/>",
        results(BOOKED).content[:-5],
        results(BOOKED).content.replace(NAMESPACE.encode(), b"urn:else"),
        ENTITY.encode() + results(BOOKED.replace("JE-1", "&e;")).content,
        LAUGHS.encode() + results(BOOKED.replace("JE-1", "&e11;")).content,
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd">' + results(BOOKED).content,
        b'<?xml version="1.0" encoding="UTF-16"?>' + results(BOOKED).content.decode().encode("utf-16"),
        (ENTITY + results(BOOKED).content.decode()).encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>' + (ENTITY.encode("utf-7") + results(BOOKED).content),
        results(BOOKED.replace("JE-1", "J\xe9")).content.decode().encode("latin-1"),
        b"<a>" * 100_000,
        results(BOOKED, BOOKED).content,
        results(BOOKED.replace("JNL-1", "JNL-2")).content,
        results(BOOKED + "<number>JE-2</number>").content,
        results(BOOKED.replace("JE-1", "")).content,
        results(BOOKED.replace("JE-1", "<b>JE-1</b>")).content,
        results(BOOKED.replace("JE-1", "9" * 101)).content,
        results(BOOKED.replace(">booked<", ">perhaps<")).content,
        document("account-transaction", BOOKED).content,
    ],
)
def test_a_sending_that_is_not_clearly_answered_is_unknown(content: bytes) -> None:
    assert isinstance(read_sends(("JNL-1",), answer(content))["JNL-1"], Unknown)
    assert isinstance(read_validations(("JNL-1",), answer(content))["JNL-1"], Retryable)
    assert isinstance(read_find("JNL-1", answer(content)), CannotTell)
    assert isinstance(read_page(answer(content)), CannotTell)


def test_an_answer_that_was_cut_counts_for_nothing() -> None:
    assert isinstance(read_sends(("JNL-1",), replace(results(BOOKED), truncated=True))["JNL-1"], Unknown)


def test_a_refused_request_rejects_all_its_journals_with_the_erps_words() -> None:
    refused = replace(document("error", "<code>invalid</code><detail>lines are missing</detail>"), status=422)

    problem = Problem(line=None, code="invalid", message="lines are missing")
    assert read_sends(("A", "B"), refused) == dict.fromkeys(("A", "B"), Rejected(problems=(problem,)))


def test_problems_of_any_shape_are_read_without_trust() -> None:
    odd = '<problem/><problem line="x" code="">y</problem><problem line="99999999999999"><b/></problem><problem line="٣" severity="fatal"/>'

    outcome = read_sends(("JNL-1",), results(f"<reference>JNL-1</reference><result>rejected</result>{odd}"))["JNL-1"]

    assert isinstance(outcome, Rejected)
    assert [(problem.line, problem.code, problem.severity) for problem in outcome.problems] == [(None, "refused", "error")] * 4


def test_what_a_look_up_finds() -> None:
    assert read_find("JNL-1", document("account-transaction", booked())) == FoundBooked(number="JE-1")
    assert read_find("JNL-1", document("account-transaction", booked(status="draft"))) == FoundDraft(number="JE-1")
    assert isinstance(read_find("JNL-2", document("account-transaction", booked())), CannotTell)
    assert isinstance(read_find("JNL-1", answer("<html>404</html>", 404)), CannotTell)


@pytest.mark.parametrize(
    "inside",
    [
        f"<account-transaction>{booked(code='AUD')}</account-transaction>",
        f"<account-transaction>{booked(rest='<row/>')}</account-transaction>",
        f"<account-transaction>{booked()}<lines/></account-transaction>",
        f"<account-transaction>{booked().replace('<side>debit</side>', '')}</account-transaction>",
        f"<account-transaction>{booked().replace(' iso-currency-code=', ' currency=')}</account-transaction>",
        f"<account-transaction>{booked()}</account-transaction><account-transction/>",
        "<next>1</next><next>2</next>",
        "<next/>",
        "<next><b/></next>",
    ],
)
def test_a_part_of_a_ledger_proves_nothing(inside: str) -> None:
    assert isinstance(read_page(document("account-transactions", inside)), CannotTell)


def test_a_whole_ledger_without_more_ends() -> None:
    page = read_page(document("account-transactions", f"<account-transaction>{booked(reference='')}</account-transaction>"))

    assert isinstance(page, Page)
    assert ([entry.reference for entry in page.entries], page.after) == ([None, None], None)
    assert read_page(document("account-transactions", "")) == Page(entries=[], after=None)


def test_a_large_chart_is_read() -> None:
    accounts = "".join(f"<account><code>{number}</code><name>{'Kōwhai' * 20}</name></account>" for number in range(80_000))
    listed = read_listed(document("accounts", accounts), "accounts")

    assert listed is not None
    assert len(listed) == 80_000


@pytest.mark.parametrize(
    ("credentials", "authorization"),
    [
        ({}, None),
        ({"token": "erp-token"}, "Bearer erp-token"),
        ({"user": "Aladdin", "password": "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ({"user": "test", "password": "123£"}, "Basic dGVzdDoxMjPCow=="),
    ],
)
def test_ways_to_sign_in(credentials: dict[str, str], authorization: str | None) -> None:
    """The last two are the examples of RFC 7617."""
    assert read_endpoint(Connection(url="https://erp.example", credentials=credentials)).credentials.authorization == authorization


@pytest.mark.parametrize(
    ("credentials", "pointer"),
    [
        ({"user": "glint"}, "/credentials"),
        ({"password": "secret"}, "/credentials"),
        ({"token": "secret", "user": "glint", "password": "secret"}, "/credentials"),
        ({"user": "a:secret", "password": "secret"}, "/credentials/user"),
        ({"token": "two secret\r\nwords"}, "/credentials/token"),
        ({"signing_secret": "whsec_secret"}, "/credentials/signing_secret"),
    ],
)
def test_wrong_credentials_name_the_field_and_keep_the_secret(credentials: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_endpoint(Connection(url="https://erp.example", credentials=credentials))

    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert "secret" not in f"{caught.value.detail} {[fault.message for fault in caught.value.faults]}"
