"""Which addresses the HTTP client may call, and what each status or failure means. No network: names resolve as the test says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import httpcore
import pytest

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, Timeouts, readable, storable
from app.adapters.erp.guard import ForbiddenAddress, GuardedBackend, Network, refusal
from app.adapters.erp.http import HttpClient, url_fault
from app.adapters.erp.outcomes import as_look_up, as_validation, exchange_of, outcome_of, retry_after
from app.domain.delivery import (
    CannotTell,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorised,
    Unknown,
    Validation,
    ValidationLevel,
)

PROBLEMS = (Problem(line=1, code="unknown-account", message="no such account"),)


def networks(*names: str) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in names)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("100.100.100.200", "private"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("168.63.129.16", "metadata"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "reserved"),
        ("192.88.99.1", "reserved"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "reserved"),
        ("203.0.113.9", "reserved"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("fe80::1%2", "link-local"),
        ("fec0::1", "reserved"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "reserved"),
        ("3fff::1", "reserved"),
        ("100::1", "reserved"),
        ("5f00::1", "reserved"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("::ffff:0:169.254.169.254", "link-local"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::8.8.8.8", "reserved"),
        ("64:ff9b:1::1", "reserved"),
        ("2002:7f00:1::", "loopback"),
        ("2002:808:808::1", "reserved"),
        ("2001:0:808:808:0:0:80ff:fffe", "loopback"),
        ("2001:0:4136:e378:8000:63bf:f7f7:f7f7", "reserved"),
    ],
)
def test_address_inside_is_refused(address: str, word: str) -> None:
    assert refusal(ip_address(address), ()) == word


PUBLIC = (
    "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255"
    " 2606:4700:4700::1111 2001:200::1 2a00:1450:4001:80b::200e ::ffff:8.8.8.8"
)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_address_is_allowed(address: str) -> None:
    assert refusal(ip_address(address), ()) is None


@pytest.mark.parametrize(
    ("address", "allowed", "verdict"),
    [
        ("10.1.2.3", ("10.0.0.0/8",), None),
        ("10.1.2.3", ("192.168.0.0/16",), "private"),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), None),
        ("::ffff:10.1.2.3", ("::/0",), "private"),
        ("fd12::1", ("fd12::/16",), None),
        ("64:ff9b::8.8.8.8", ("64:ff9b::/96",), None),
        ("64:ff9b::10.0.0.1", ("64:ff9b::/96",), "private"),
        ("64:ff9b::10.0.0.1", ("10.0.0.0/8",), "reserved"),
        ("64:ff9b::10.0.0.1", ("10.0.0.0/8", "64:ff9b::/96"), None),
        ("::1", ("127.0.0.0/8",), "loopback"),
        ("::1", ("::1/128",), None),
    ],
)
def test_operators_list_opens_what_it_names_and_no_more(address: str, allowed: Sequence[str], verdict: str | None) -> None:
    assert refusal(ip_address(address), networks(*allowed)) == verdict


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("10.1.2.3", None),
        ("::ffff:10.1.2.3", None),
        ("8.8.8.8", "public, which needs https"),
        ("::ffff:8.8.8.8", "public, which needs https"),
        ("2606:4700:4700::1111", "public, which needs https"),
        ("192.168.1.1", "private"),
        ("fec0::1", "reserved"),
    ],
)
def test_without_encryption_only_the_operators_list_is_called(address: str, verdict: str | None) -> None:
    assert refusal(ip_address(address), networks("10.0.0.0/8"), encrypted=False) == verdict


@pytest.mark.anyio
async def test_nothing_goes_to_a_public_address_in_clear_text() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["1.1.1.1"]

    async with HttpClient(resolve=resolve) as http:
        result = await http.request("POST", "http://erp.example/gl", content=b"{}")

    assert isinstance(result, HttpFailure)
    assert (result.kind, result.reason) == (FailureKind.FORBIDDEN, "the address of erp.example is not allowed: public, which needs https")


@pytest.mark.anyio
async def test_a_name_that_resolves_inside_is_forbidden_without_telling_the_address() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "169.254.169.254"]

    async with HttpClient(resolve=resolve) as http:
        result = await http.request("GET", "https://erp.example/gl")

    assert isinstance(result, HttpFailure)
    assert result.kind is FailureKind.FORBIDDEN
    assert result.reason == "the address of erp.example is not allowed: link-local, private"


class Recorded(GuardedBackend):
    """Resolves as told, and notes what would be connected to."""

    def __init__(self, *addresses: str, allowed: Sequence[Network] = ()) -> None:
        self.connected: list[str] = []
        self.asked = 0

        async def resolve(host: str, port: int) -> Sequence[str]:
            self.asked += 1
            return addresses

        super().__init__(allowed=allowed, resolve=resolve)
        self._sockets = self  # type: ignore[assignment]

    async def connect_tcp(self, host: str, port: int, *rest: object, **named: object) -> httpcore.AsyncNetworkStream:
        if host == "erp.example":
            return await super().connect_tcp(host, port, timeout=1)
        self.connected.append(host)
        raise httpcore.ConnectError("refused")


@pytest.mark.anyio
async def test_only_checked_addresses_are_connected_to_and_the_name_is_resolved_once() -> None:
    backend = Recorded("10.0.0.1", "1.1.1.1", "::1", "8.8.8.8")

    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("erp.example", 443)

    assert backend.connected == ["1.1.1.1", "8.8.8.8"]
    assert backend.asked == 1


@pytest.mark.anyio
async def test_all_inside_is_forbidden_before_any_connection() -> None:
    backend = Recorded("10.0.0.1")

    with pytest.raises(ForbiddenAddress, match="is not allowed: private"):
        await backend.connect_tcp("erp.example", 443)

    assert backend.connected == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]:80/"]
)
async def test_an_address_in_any_spelling_is_checked(url: str) -> None:
    async with HttpClient() as http:
        result = await http.request("GET", url)

    assert isinstance(result, HttpFailure)
    assert (result.kind, result.status) == (FailureKind.FORBIDDEN, None)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "erp.example/gl",
        "ftp://erp.example",
        "file:///etc/passwd",
        "https://",
        "https://user:pw@erp.example/",
        "https://user@erp.example",
        "http://erp.example:99999/",
        "http://erp.example:0/",
        "https://erp\x00.example/",
    ],
)
def test_url_that_is_not_called(url: str) -> None:
    assert url_fault(url) is not None


def test_url_that_is() -> None:
    assert url_fault("https://erp.example:8443/gl") is None
    assert url_fault("http://[2606:4700::1]/gl") is None


@pytest.mark.anyio
async def test_a_refused_url_is_forbidden() -> None:
    async with HttpClient() as http:
        result = await http.request("GET", "https://user:secret@erp.example/")

    assert isinstance(result, HttpFailure)
    assert result.kind is FailureKind.FORBIDDEN
    assert "secret" not in result.reason


@pytest.mark.anyio
async def test_a_name_that_does_not_resolve_is_before_anything_was_sent() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    async with HttpClient(resolve=resolve) as http:
        result = await http.request("POST", "https://erp.example/gl", content=b"{}", timeouts=Timeouts(connect=1))

    assert isinstance(result, HttpFailure)
    assert result.kind is FailureKind.BEFORE_SENT


NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


def answer(status: int, retry: str | None = None, content: bytes = b"") -> HttpAnswer:
    headers = {} if retry is None else {"retry-after": retry}
    return HttpAnswer(status=status, headers=headers, content=content, truncated=False, duration_ms=1, received_at=NOW)


def failure(kind: FailureKind) -> HttpFailure:
    return HttpFailure(kind=kind, reason="why", duration_ms=1)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (failure(FailureKind.BEFORE_SENT), Retryable(reason="why")),
        (failure(FailureKind.AFTER_SENT), Unknown(reason="why")),
        (failure(FailureKind.TIMEOUT), Unknown(reason="why")),
        (failure(FailureKind.FORBIDDEN), Misconfigured(reason="why")),
        (answer(200), Unknown(reason="the ERP answered 200")),
        (answer(204), Unknown(reason="the ERP answered 204")),
        (answer(301), Misconfigured(reason="the ERP answered 301")),
        (answer(307), Misconfigured(reason="the ERP answered 307")),
        (answer(400), Rejected(problems=PROBLEMS)),
        (answer(401), Unauthorised(reason="the ERP answered 401")),
        (answer(403), Misconfigured(reason="the ERP answered 403")),
        (answer(404), Misconfigured(reason="the ERP answered 404")),
        (answer(405), Misconfigured(reason="the ERP answered 405")),
        (answer(408), Unknown(reason="the ERP answered 408")),
        (answer(409), Rejected(problems=PROBLEMS)),
        (answer(413), Rejected(problems=PROBLEMS)),
        (answer(417), Rejected(problems=PROBLEMS)),
        (answer(422), Rejected(problems=PROBLEMS)),
        (answer(429), Throttled(retry_after=None)),
        (answer(429, "7"), Throttled(retry_after=7)),
        (answer(500), Unknown(reason="the ERP answered 500")),
        (answer(502), Unknown(reason="the ERP answered 502")),
        (answer(503), Retryable(reason="the ERP answered 503")),
        (answer(503, "7"), Throttled(retry_after=7)),
        (answer(503, "soon"), Retryable(reason="the ERP answered 503")),
        (answer(504), Unknown(reason="the ERP answered 504")),
        (answer(599), Unknown(reason="the ERP answered 599")),
    ],
)
def test_what_a_send_means(result: HttpAnswer | HttpFailure, outcome: object) -> None:
    assert outcome_of(result, PROBLEMS) == outcome


def test_a_refusal_without_problems_still_has_one() -> None:
    assert outcome_of(answer(400)) == Rejected(problems=(Problem(line=None, code="refused", message="the ERP answered 400"),))


def test_what_the_same_means_for_a_validation_and_a_look_up() -> None:
    level = ValidationLevel.ERP_DRY_RUN
    assert as_validation(Unknown(reason="why"), level) == Retryable(reason="why")
    assert as_validation(Rejected(problems=PROBLEMS), level) == Validation(level=level, problems=PROBLEMS)
    assert as_validation(Throttled(retry_after=1), level) == Throttled(retry_after=1)
    for outcome in (Unknown(reason="why"), Retryable(reason="why"), Misconfigured(reason="why"), Unauthorised(reason="why")):
        assert as_look_up(outcome) == CannotTell(reason="why")
    assert isinstance(as_look_up(Throttled(retry_after=1)), CannotTell)
    assert isinstance(as_look_up(Rejected(problems=PROBLEMS)), CannotTell)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0),
        ("120", 120),
        ("9" * 5000, 86_400),
        ("Sun, 01 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 01 Nov 2026 12:00:30 -0000", 30),
        ("Sun, 01 Nov 2026 13:00:30 +0100", 30),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("Fri, 99 Dec 2026 23:59:59 GMT", None),
    ],
)
def test_retry_after_in_both_forms(header: str | None, seconds: int | None) -> None:
    assert retry_after(answer(429, header)) == seconds


def test_what_is_kept_of_an_answer_can_be_stored_and_holds_no_secret() -> None:
    kept = exchange_of(answer(200, content=b"you sent Bearer s3cret\x00 \xff M\xc4\x81ori"), ("s3cret",))

    assert kept.body == "you sent Bearer [redacted]\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER} Māori"
    assert readable(b"a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
    assert storable("half \ud800 pair") == "half ? pair"
