"""The guarded HTTP client over real sockets on loopback: TLS, sizes, times, and whether anything was sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, HttpResult, Timeouts
from app.adapters.erp.http import HttpClient
from tests.reference_erp_process import free_port

pytestmark = pytest.mark.anyio

LOOPBACK = (ip_network("127.0.0.0/8"),)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def client(tls: ssl.SSLContext | None = None) -> HttpClient:
    return HttpClient(allowed_networks=LOOPBACK, resolve=to_loopback, tls=tls)


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on loopback that hands each connection to `handler`, and closes it afterwards. Gives the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (OSError, EOFError):
            pass  # the client has gone, which is what some of these tests are about
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def answering(*parts: bytes, requests: list[bytes] | None = None, pause: float = 0) -> Handler:
    """Reads one request and answers with these parts, `pause` seconds apart."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if requests is not None:
            requests.append(request)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return handle


def failed(result: HttpResult) -> HttpFailure:
    assert isinstance(result, HttpFailure)
    return result


def answered(result: HttpResult) -> HttpAnswer:
    assert isinstance(result, HttpAnswer)
    return result


async def test_the_checked_address_is_called_with_the_hosts_own_name() -> None:
    requests: list[bytes] = []
    async with serving(answering(OK, requests=requests)) as port, client() as http:
        answer = answered(await http.request("GET", f"http://erp.test:{port}/gl", headers={"x-one": "1"}))

    assert (answer.status, answer.text, answer.truncated) == (200, "ok", False)
    assert f"host: erp.test:{port}".encode() in requests[0].lower()


async def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with serving(answering(OK)) as port, client() as http:
        answered(await http.request("GET", f"http://erp.test:{port}/"))


async def test_redirects_are_not_followed_and_cookies_are_not_kept() -> None:
    requests: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
    async with serving(answering(moved, requests=requests)) as port, client() as http:
        assert answered(await http.request("GET", f"http://erp.test:{port}/")).status == 302
        answered(await http.request("GET", f"http://erp.test:{port}/"))

    assert len(requests) == 2
    assert b"cookie" not in requests[1].lower()


async def test_a_long_answer_is_cut_and_says_so() -> None:
    body = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 1000
    async with serving(answering(body)) as port, client() as http:
        cut = answered(await http.request("GET", f"http://erp.test:{port}/", max_bytes=999))
        whole = answered(await http.request("GET", f"http://erp.test:{port}/", max_bytes=1000))

    assert (len(cut.content), cut.truncated) == (999, True)
    assert (len(whole.content), whole.truncated) == (1000, False)


async def test_a_compressed_answer_is_not_unfolded() -> None:
    requests: list[bytes] = []
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08"
    async with serving(answering(packed, requests=requests)) as port, client() as http:
        answer = answered(await http.request("GET", f"http://erp.test:{port}/"))

    assert answer.content == b"\x1f\x8b\x08"
    assert b"accept-encoding: identity" in requests[0].lower()


async def test_refused_connection_is_before_sent() -> None:
    async with client() as http:
        failure = failed(await http.request("POST", f"http://erp.test:{free_port()}/", content=b"{}"))

    assert (failure.kind, failure.reason) == (FailureKind.BEFORE_SENT, "connection refused")


@pytest.mark.parametrize(
    "parts",
    [(), (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",), (b"HTTP/1.1 200",), (b"this is not HTTP\r\n\r\n",)],
    ids=["dropped", "half a body", "half a header", "no HTTP"],
)
async def test_what_breaks_after_sending_is_after_sent(parts: tuple[bytes, ...]) -> None:
    async with serving(answering(*parts)) as port, client() as http:
        failure = failed(await http.request("POST", f"http://erp.test:{port}/", content=b"{}"))

    assert failure.kind is FailureKind.AFTER_SENT
    assert failure.content in (b"", b"half")


async def test_silence_after_sending_is_a_timeout() -> None:
    async with serving(answering(b"", pause=5)) as port, client() as http:
        failure = failed(await http.request("POST", f"http://erp.test:{port}/", content=b"{}", timeouts=Timeouts(read=0.1)))

    assert failure.kind is FailureKind.TIMEOUT


async def test_a_trickle_is_bounded_by_the_whole_calls_time() -> None:
    slow = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", *[b"x"] * 100, pause=0.05)
    async with serving(slow) as port, client() as http:
        failure = failed(await http.request("GET", f"http://erp.test:{port}/", timeouts=Timeouts(read=5, total=0.3)))

    assert (failure.kind, failure.status) == (FailureKind.TIMEOUT, 200)
    assert 250 <= failure.duration_ms < 3000


async def test_a_name_that_resolves_slowly_is_before_sent() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    async with HttpClient(resolve=never) as http:
        failure = failed(await http.request("POST", "http://erp.test/", content=b"{}", timeouts=Timeouts(connect=0.1)))

    assert (failure.kind, failure.reason) == (FailureKind.BEFORE_SENT, "no connection in time")


async def test_tls_checks_the_hosts_name_although_an_address_is_called(tmp_path: Path) -> None:
    authority, server_tls = certificate_for("erp.test", tmp_path)
    names: list[str | None] = []
    server_tls.sni_callback = lambda _, name, __: names.append(name)
    async with serving(answering(OK), server_tls) as port, client(authority) as http:
        assert answered(await http.request("GET", f"https://erp.test:{port}/")).status == 200
        wrong = failed(await http.request("POST", f"https://other.test:{port}/", content=b"{}"))

    assert names == ["erp.test", "other.test"]
    assert wrong.kind is FailureKind.BEFORE_SENT
    assert wrong.reason.startswith("TLS: Hostname mismatch")


async def test_an_unknown_authority_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    _, server_tls = certificate_for("erp.test", tmp_path)
    async with serving(answering(OK), server_tls) as port, client() as http:
        failure = failed(await http.request("POST", f"https://erp.test:{port}/", content=b"{}"))

    assert failure.kind is FailureKind.BEFORE_SENT
    assert failure.reason.startswith("TLS: ")


async def test_plain_http_where_tls_is_expected_is_before_sent() -> None:
    async with serving(answering(OK)) as port, client() as http:
        failure = failed(await http.request("POST", f"https://erp.test:{port}/", content=b"{}", timeouts=Timeouts(connect=1)))

    assert failure.kind is FailureKind.BEFORE_SENT


async def test_cancelling_is_not_an_answer() -> None:
    async with serving(answering(b"", pause=5)) as port, client() as http:
        call = asyncio.create_task(http.request("POST", f"http://erp.test:{port}/", content=b"{}"))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


def certificate_for(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A client's context that trusts only a new certificate for `host`, and the server's with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = folder / "chain.pem"
    chain.write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return ssl.create_default_context(cadata=pem.decode()), server
