"""Which addresses may be called. Names are resolved here, checked, and the connection goes to the very address that was checked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

ADDRESSES_TRIED = 8

# The registries of special-purpose addresses (RFC 6890 and its successors), spelled out because `is_global` differs between
# Python versions and takes NAT64 and 6to4 for public. The first match gives the word.
_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), word)
    for network, word in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "private"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),  # Teredo among others
        ("2001:db8::/32", "reserved"),
        ("2002::/16", "reserved"),  # 6to4
        ("3ffe::/16", "reserved"),
        ("3fff::/20", "reserved"),
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_IPV4_IN_LOW_BITS = tuple(IPv6Network(network) for network in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96"))


class ForbiddenAddress(Exception):
    """The host has no address that may be called. Names the kind of network, never the address: a tenant could map the inside with it."""


def refusal(address: Address, allowed: Iterable[Network], *, encrypted: bool = True) -> str | None:
    """Why `address` may not be called (`private`, `loopback` …), None where it may. `allowed` is the operator's list.

    What is not `encrypted` may only go where the list says: credentials in clear text stay in networks that the operator knows.
    An IPv4 address that travels inside an IPv6 one is judged as itself; the wrapping of a tunnel must be allowed besides.
    """
    allowed = tuple(allowed)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return refusal(address.ipv4_mapped, allowed, encrypted=encrypted)
        for inner in _wrapped(address):
            if (reason := refusal(inner, allowed, encrypted=encrypted)) is not None:
                return reason
    if any(address in network for network in allowed):
        return None
    for network, word in _REFUSED:
        if address in network:
            return word
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return "reserved"
    return None if encrypted else "public, which needs https"


def _wrapped(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses a tunnel or translator would reach through this one. `::` and `::1` are themselves, not IPv4-compatible."""
    if address.teredo is not None:
        return address.teredo
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if int(address) > 1 and any(address in network for network in _IPV4_IN_LOW_BITS):
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return ()


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections for the HTTP client. TLS still asks for and checks the host's name, since only the address is replaced."""

    def __init__(self, *, allowed: Sequence[Network], resolve: Resolver, encrypted: bool = True) -> None:
        self._allowed = tuple(allowed)
        self._encrypted = encrypted
        self._resolve = resolve
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `ForbiddenAddress`, httpcore.ConnectError or httpcore.ConnectTimeout; in each case nothing was sent."""
        addresses = await self._permitted(host, port, timeout)
        share = None if timeout is None else timeout / len(addresses)
        failure: Exception = httpcore.ConnectError("the host name has no address")
        for address in addresses:
            try:
                return await self._sockets.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _permitted(self, host: str, port: int, limit: float | None) -> list[str]:
        try:
            async with asyncio.timeout(limit):
                found = list(dict.fromkeys(await self._resolve(host, port)))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the host name was not resolved in time") from error
        except OSError as error:
            raise httpcore.ConnectError("the host name does not resolve") from error
        if not found:
            raise httpcore.ConnectError("the host name has no address")
        verdicts = {address: refusal(ip_address(address), self._allowed, encrypted=self._encrypted) for address in found}
        permitted = [address for address, reason in verdicts.items() if reason is None]
        if not permitted:
            reasons = ", ".join(sorted({reason for reason in verdicts.values() if reason is not None}))
            raise ForbiddenAddress(f"the address of {host} is not allowed: {reasons}")
        return permitted[:ADDRESSES_TRIED]

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: an ERP is reached over TCP."""
        raise ForbiddenAddress("unix sockets are not allowed")

    async def sleep(self, seconds: float) -> None:
        """Between retries of httpcore, which are switched off."""
        await asyncio.sleep(seconds)
