"""Secrets at rest."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cipher import Cipher, parse_keys
from engine.errors import InvalidSetting, UpstreamError

KEY, NEWER = base64.b64encode(bytes(32)).decode(), base64.b64encode(bytes(range(32))).decode()
OLD = Cipher(parse_keys(f"v1:{KEY}"), os.urandom)
BOTH = Cipher(parse_keys(f" v1:{KEY}, v2:{NEWER},"), os.urandom)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(alphabet="abc/"))
def test_what_is_sealed_opens_in_its_place_alone(secret: str, place: str) -> None:
    sealed = OLD.seal(secret, place)
    assert OLD.unseal(sealed, place) == secret
    with pytest.raises(UpstreamError) as caught:
        OLD.unseal(sealed, place + "x")
    assert caught.value.code == "broken_secret"


def test_nothing_of_the_secret_is_seen_and_no_two_are_alike() -> None:
    first, second = OLD.seal("xoxb-secret", "a"), OLD.seal("xoxb-secret", "a")
    assert first != second
    assert b"xoxb" not in base64.b64decode(first.partition(".")[2])


def test_the_newest_key_seals_and_the_older_ones_still_open() -> None:
    sealed = OLD.seal("xoxb-secret", "a")
    assert BOTH.unseal(sealed, "a") == "xoxb-secret"
    assert not BOTH.is_current(sealed)
    anew = BOTH.seal("xoxb-secret", "a")
    assert anew.startswith("v2.")
    assert BOTH.is_current(anew)
    with pytest.raises(UpstreamError, match="DD0C_ENCRYPTION_KEYS does not have"):
        OLD.unseal(anew, "a")


@given(st.text())
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(UpstreamError):
        OLD.unseal(text, "a")
    with pytest.raises(UpstreamError):
        OLD.unseal("v1." + text, "a")


def test_one_changed_bit_is_noticed() -> None:
    version, _, text = OLD.seal("xoxb-secret", "a").partition(".")
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    with pytest.raises(UpstreamError, match="does not open"):
        OLD.unseal(f"{version}.{base64.b64encode(data).decode()}", "a")


@pytest.mark.parametrize(
    "text", ["v1", KEY, f":{KEY}", "v1:short", f"v1:{KEY[:-4]}", f"v.1:{KEY}", f"v1:{KEY}v2:{KEY}"]
)
def test_keys_that_are_none_are_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(InvalidSetting, match="openssl rand -base64 32") as caught:
        parse_keys(text)
    assert KEY[:-4] not in str(caught.value)


def test_a_version_names_one_key() -> None:
    with pytest.raises(InvalidSetting, match="names v1 twice"):
        parse_keys(f"v1:{KEY},v1:{NEWER}")
