"""Which IP addresses may be called where a customer chose the address: those of the public internet, and none else."""

import ipaddress

# Networks whose addresses carry another address that the last router calls in their stead: NAT64, 6to4, Teredo.
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def is_address(host: str) -> bool:
    """Whether this is an IP address and no name.

    >>> is_address("127.0.0.1"), is_address("example.com")
    (True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and carries none that is not. Raises ValueError for a name.

    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1%eth0")]
    [True, False, False, False, False]
    >>> is_public("fec0::1")  # Such a network is as private as fd00::/8, which took its place.
    False
    >>> [is_public(one) for one in ("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::")]
    [False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.is_site_local or any(found in network for network in _CARRIERS):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved
