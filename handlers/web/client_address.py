"""Where a request comes from: the peer, or whom a proxy that we trust says it asks for."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from engine.errors import InputError

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address
_FORWARDED = "X-Forwarded-For"
# Whoever has one address of version 6 has these many of them.
_OWN_BITS = 64
_MOST_HOPS = 20


class ClientAddresses:
    """``trusted`` are the networks of our own proxies; what anybody else says of where it comes from is not heard."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def of(self, request: web.Request) -> str:
        """Give where a request comes from: an address of version 4, or a network of version 6; words otherwise."""
        said = ",".join(request.headers.getall(_FORWARDED, ())).split(",")
        return self.find(request.remote or "", said[-_MOST_HOPS:])

    def find(self, peer: str, forwarded: Sequence[str]) -> str:
        """Go back from the peer, hop by hop, as long as a proxy of ours tells of the one before it.

        >>> behind = ClientAddresses(parse_networks("10.0.0.0/8"))
        >>> behind.find("10.0.0.1", ["1.2.3.4", "203.0.113.9", "10.0.0.2"]), behind.find("8.8.8.8", ["1.2.3.4"])
        ('203.0.113.9', '8.8.8.8')
        """
        address = _parse(peer)
        if address is None:
            return "unknown"
        for hop in reversed(forwarded):
            before = _parse(hop) if self._is_ours(address) else None
            if before is None:
                break
            address = before
        return _place(address)

    def _is_ours(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read networks and addresses with commas between them. Raises InputError for what is none, or is everything."""
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            network = ip_network(word)
        except ValueError as error:
            raise InputError(f"{word[:60]!r} is no network such as 10.0.0.0/16 ({error})") from None
        if not network.prefixlen:
            raise InputError(f"{word} is everybody: then anybody could say to come from anywhere")
        found.append(network)
    return tuple(found)


def _parse(text: str) -> _Address | None:
    """Read an address. Some proxies add a port, and version 4 may come in the clothes of version 6."""
    word = text.strip()
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ip_address(word)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _place(address: _Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _OWN_BITS), strict=False))
