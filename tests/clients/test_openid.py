"""Proof of who signed in: what an issuer may say, and what proves nothing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from clients.identity.oidc import Client, OpenIdProvider
from clients.identity.passwords import Argon2Passwords
from clients.identity.signing import CookieSigner
from demo.openid import OpenIdIssuer, Person
from engine.errors import AccessDenied, Unavailable

RETURN = "https://costs.acme.example/v1/sign-in/oidc/return"
KEYS = {"v1": bytes(32), "v2": bytes([7]) * 32}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Front:
    """An issuer on this machine, our client of it, and a clock that a test may turn."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.ahead = timedelta()
        self.person = Person("u-1", "Maria", {"email": "m@acme.example"})
        self.issuer = OpenIdIssuer("client-1", "secret-1", lambda: [self.person])
        self.session = session

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def provider(self, **changed: str) -> OpenIdProvider:
        named = {"client_id": "client-1", "client_secret": "secret-1", "return_url": RETURN, **changed}
        return OpenIdProvider(self.session, self.issuer.base_url, Client(**named), self.clock)

    async def code(self, provider: OpenIdProvider, *, nonce: str = "n", verifier: str = "v" * 43) -> str:
        url = await provider.authorize_url(state="s", nonce=nonce, verifier=verifier)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["code_challenge_method"] == "S256"
        return parse_qs(urlsplit(self.issuer.agree(asked, "u-1")).query)["code"][0]

    async def sign_in(self, provider: OpenIdProvider | None = None, **named: str) -> Any:
        used = provider or self.provider()
        given = {"nonce": "n", "verifier": "v" * 43, **named}
        return await used.redeem(code=await self.code(used), **given)


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with aiohttp.ClientSession() as session:
        made = Front(session)
        app = web.Application()
        made.issuer.add_routes(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.issuer.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
        await runner.cleanup()


async def test_who_signed_in_is_known(front: Front) -> None:
    who = await front.sign_in()
    assert (who.issuer, who.subject, who.name, who.email) == (front.issuer.base_url, "u-1", "Maria", "m@acme.example")


async def test_slacks_claims_name_the_workspace_and_its_organisation(front: Front) -> None:
    front.issuer.faults = {"https://slack.com/team_id": "T1", "https://slack.com/enterprise_id": "E1"}
    assert (await front.sign_in()).team_ids == ("E1", "T1")


@pytest.mark.parametrize(
    "faults",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": ["client-1", "other"], "azp": "other"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
    ],
)
async def test_a_token_that_is_not_for_us_now_proves_nothing(front: Front, faults: dict[str, Any]) -> None:
    front.issuer.faults = faults
    with pytest.raises(AccessDenied):
        await front.sign_in()


async def test_a_code_is_good_once_and_only_with_its_verifier(front: Front) -> None:
    provider = front.provider()
    with pytest.raises(AccessDenied):
        await front.sign_in(provider, verifier="w" * 43)
    code = await front.code(provider)
    await provider.redeem(code=code, nonce="n", verifier="v" * 43)
    with pytest.raises(AccessDenied):
        await provider.redeem(code=code, nonce="n", verifier="v" * 43)


async def test_a_wrong_client_secret_is_refused_and_not_shown(front: Front) -> None:
    with pytest.raises(AccessDenied) as refusal:
        await front.sign_in(front.provider(client_secret="wrong-word"))
    assert "wrong-word" not in str(refusal.value)


@pytest.mark.parametrize("secret", ["secret-1", "of: all+kinds/ü&%"])
async def test_an_issuer_that_takes_the_secret_in_the_header_alone_gets_it_there(front: Front, secret: str) -> None:
    front.issuer.proofs = ["private_key_jwt", "client_secret_basic"]
    front.issuer.client_secret = secret
    assert (await front.sign_in(front.provider(client_secret=secret))).subject == "u-1"
    with pytest.raises(AccessDenied):
        await front.sign_in(front.provider(client_secret="wrong-word"))


async def test_an_issuer_may_be_named_with_a_slash_at_the_end_or_without(front: Front) -> None:
    provider = OpenIdProvider(
        front.session,
        front.issuer.base_url + "/",
        Client(client_id="client-1", client_secret="secret-1", return_url=RETURN),
        front.clock,
    )
    assert (await front.sign_in(provider)).subject == "u-1"


async def test_who_it_is_may_be_told_beside_the_token(front: Front) -> None:
    front.issuer.faults = {"name": None, "email": None}
    who = await front.sign_in()
    assert (who.subject, who.name, who.email) == ("u-1", "Maria", "m@acme.example")
    front.issuer.said_subject = "u-2"
    assert (await front.sign_in()).name == "u-1", "what is said of somebody else is not said of them"


@pytest.mark.parametrize(
    ("in_token", "besides", "is_proven"),
    [
        ({}, True, True),
        ({"email_verified": True}, False, True),
        ({"email_verified": "true"}, False, True),
        ({"email_verified": False}, True, False),
        ({"email_verified": "false"}, True, False),
        ({"email_verified": 2}, False, False),
        ({"email": "boss@acme.example"}, True, False),
        ({"email": None}, True, True),
        ({"email": "x" * 307 + "@acme.example.evil.example", "email_verified": True}, True, False),
        ({}, False, False),
    ],
)
async def test_an_address_is_proven_by_whoever_names_it(
    front: Front, in_token: dict[str, Any], besides: bool, is_proven: bool
) -> None:
    front.person.claims["email_verified"] = besides
    front.issuer.faults = {"email_verified": None, **in_token}
    assert (await front.sign_in()).has_proven_email == is_proven


async def test_keys_of_kinds_that_nobody_knows_yet_stand_in_nobodys_way(front: Front) -> None:
    front.issuer.odd_keys = [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AA"}, {"kty": "EC"}, "odd", None]
    assert (await front.sign_in()).subject == "u-1"


async def test_keys_are_kept_and_looked_for_again_when_they_change_but_not_often(front: Front) -> None:
    provider = front.provider()
    await front.sign_in(provider)
    await front.sign_in(provider)
    assert front.issuer.key_requests == 1
    front.issuer.change_key()
    with pytest.raises(AccessDenied):
        await front.sign_in(provider)
    assert front.issuer.key_requests == 1, "a stranger's tokens must not let us ask all the time"
    front.ahead = timedelta(seconds=61)
    front.issuer.faults = {"exp": int((front.clock() + timedelta(minutes=5)).timestamp())}
    await front.sign_in(provider)
    assert front.issuer.key_requests == 2


async def test_a_token_signed_with_what_everybody_knows_proves_nothing(front: Front) -> None:
    """The classic: the client's secret, or nothing at all, as the key."""
    provider = front.provider()
    claims = {"iss": front.issuer.base_url, "aud": "client-1", "sub": "u-1", "nonce": "n", "exp": 4_000_000_000}
    forged = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("secret-1" * 8))
    for token in (forged, "a.b.c", "", "e30.e30."):
        with pytest.raises(AccessDenied):
            await provider._verified(token, "n", front.issuer.base_url)  # noqa: SLF001 - no honest issuer would send it


async def test_an_issuer_that_is_away_or_another_one_is_said(front: Front) -> None:
    real = front.issuer.base_url
    front.issuer.base_url = "http://127.0.0.1:9"
    with pytest.raises(Unavailable, match="did not answer"):
        await front.sign_in()
    provider = OpenIdProvider(
        front.session,
        real,
        Client(client_id="c", client_secret="s", return_url=RETURN),
        front.clock,
    )
    with pytest.raises(Unavailable, match="another issuer"):
        await provider.authorize_url(state="s", nonce="n", verifier="v")


def test_a_cookie_is_read_until_it_ends_and_while_its_key_is_known() -> None:
    token = CookieSigner({"v1": KEYS["v1"]}, lambda: NOW).sign({"sid": "x", "exp": int(NOW.timestamp()) + 60})
    assert CookieSigner(KEYS, lambda: NOW).read(token) == {"sid": "x"}
    assert CookieSigner(KEYS, lambda: NOW + timedelta(seconds=61)).read(token) is None
    assert CookieSigner({"v2": KEYS["v2"]}, lambda: NOW).read(token) is None
    assert CookieSigner({"v1": KEYS["v2"]}, lambda: NOW).read(token) is None


@given(st.text(max_size=300))
def test_whatever_a_browser_sends_is_a_cookie_of_ours_or_none(text: str) -> None:
    assert CookieSigner(KEYS, lambda: NOW).read(text) is None


@given(st.integers(0, 400), st.integers(0, 127))
def test_a_changed_cookie_is_none(place: int, char: int) -> None:
    signer = CookieSigner(KEYS, lambda: NOW)
    token = signer.sign({"sid": "x" * 43, "tid": "t-1", "exp": int(NOW.timestamp()) + 60})
    at = place % len(token)
    changed = token[:at] + chr(char) + token[at + 1 :]
    read = signer.read(changed)
    assert read is None or read == signer.read(token)


def test_passwords_are_checked_and_nobodys_is_never_right() -> None:
    passwords = Argon2Passwords()
    kept = passwords.hash("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "wrong")
    assert not passwords.matches("", "nobody")
    assert not passwords.matches("no hash", "x")
