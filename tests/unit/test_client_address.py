"""Who a request comes from, whatever those that we do not trust say of it."""

from contextlib import suppress
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import GivenSettings
from engine.errors import InputError
from handlers.web.client_address import ClientAddresses, parse_networks

OURS = ClientAddresses(parse_networks("10.0.0.0/8, fd00::/8"))
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
OUTSIDE = ADDRESSES.filter(lambda one: not _is_ours(one))


def _is_ours(text: str) -> bool:
    address = ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(one) for one in ("10.0.0.0/8", "fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["1.1.1.1"], "203.0.113.5"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.5", "10.9.9.9"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5:4711"], "203.0.113.5"),
        ("::ffff:10.0.0.1", ["::ffff:203.0.113.5"], "203.0.113.5"),
        ("fd00::1", ["[2001:db8:1:2:3:4:5:6]:443"], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["203.0.113.5", "unknown"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2", "10.0.0.3"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("", ["203.0.113.5"], "unknown"),
    ],
)
def test_the_last_hop_that_is_not_ours_counts(peer: str, said: list[str], found: str) -> None:
    assert OURS.find(peer, said) == found


@given(st.lists(st.one_of(ADDRESSES, st.text(max_size=30)), max_size=8), OUTSIDE)
def test_nobody_becomes_somebody_else_by_what_they_send(invented: list[str], client: str) -> None:
    """A proxy of ours adds whom it saw at the end; all that stands before it is the client's own words."""
    honest = OURS.find("10.0.0.1", [client])
    assert OURS.find("10.0.0.1", [*invented, client]) == honest
    assert OURS.find(client, invented) == honest


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "proxy.example", "0.0.0.0/0", "10.0.0.1,::/0", "1;2"])
def test_what_is_no_network_or_is_everybody_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_networks(text)
    with pytest.raises(ValueError, match=r"no network such as|is everybody"):
        GivenSettings.model_validate({"DD0C_TRUSTED_PROXIES": text})


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(InputError):
        assert all(network.prefixlen for network in parse_networks(text))
