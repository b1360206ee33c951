"""Signing in by an issuer that others wrote (oidc-provider-mock, which is Authlib's server behind a page)."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import aiohttp
import msgspec
import pytest

from engine.allowed_emails import parse_allowed
from engine.errors import InputError
from engine.models.account import Role
from services.admission import Admission
from tests.handlers.test_sign_in import PASSWORD, Browser, Gate, free_port, installed, open_gate
from tests.services.world import TENANT

READY_SECONDS = 60.0
PEOPLE = {
    "maria": {"email": "maria@acme.example", "email_verified": True},
    "sam": {"email": "Sam@home.example", "email_verified": True},
    "eve": {"email": "eve@home.example", "email_verified": True},
    "mallory": {"email": "mallory@acme.example", "email_verified": False},
    "trudy": {"email": "trudy@acme.example"},
    "carol": {"email": "carol@acme.example.evil.example", "email_verified": True},
    "dave": {"email": "dave@sub.acme.example", "email_verified": True},
}


STRANGERS = {
    "eve": "eve@home.example is not among those",
    "mallory": "does not say that your e-mail address is proven",
    "trudy": "does not say that your e-mail address is proven",
    "carol": "is not among those",
    "dave": "is not among those",
    "nobody": "is proven",
}


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    port = free_port()
    url = f"http://localhost:{port}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"),
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_SECONDS):
            while not await answers(session, url):  # noqa: ASYNC110 - another process begins to listen
                await asyncio.sleep(0.05)
        yield url
    finally:
        process.kill()
        await process.wait()


async def answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url):
            return True
    except aiohttp.ClientError:
        return False


@pytest.fixture
async def gate(issuer: str) -> AsyncIterator[Gate]:
    """A bot for one workspace, whose people sign in by their own issuer."""
    known = {"DD0C_OIDC_CLIENT_ID": "dd0c", "DD0C_OIDC_CLIENT_SECRET": "some secret"}
    only = {"SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": "", "DD0C_ALERT_CHANNEL": "C1"}
    async with (
        open_gate(DD0C_OIDC_ISSUER=issuer, DD0C_OIDC_ALLOW="@acme.example,sam@home.example", **known, **only) as made,
        aiohttp.ClientSession() as session,
    ):
        await installed(made)
        for subject, claims in PEOPLE.items():
            async with session.put(f"{issuer}/users/{subject}", json=claims) as kept:
                kept.raise_for_status()
        yield made


@asynccontextmanager
async def browsing(gate: Gate) -> AsyncIterator[Browser]:
    browser = Browser(gate.url)
    try:
        yield browser
    finally:
        await browser.close()


async def sign_in(browser: Browser, **chosen: str) -> aiohttp.ClientResponse:
    """Go to the issuer's page, fill it in, and come back."""
    there = (await browser.get("/sign-in/oidc?next=/anomalies/1")).headers["Location"]
    assert "Authorize Client" in await (await browser.get(there)).text()
    back = await browser.post(there, **chosen)
    return await browser.get(urljoin(there, back.headers["Location"]))


async def test_all_who_the_issuer_lets_in_work_in_the_one_workspace(gate: Gate) -> None:
    seen = []
    for name in ("maria", "sam", "maria"):
        async with browsing(gate) as browser:
            entered = await sign_in(browser, sub=name)
            assert (entered.status, entered.headers.get("Location")) == (303, "/anomalies/1")
            seen.append(await (await browser.get("/dashboard")).json())
    assert [one["role"] for one in seen] == [Role.RESPONDER] * 3
    assert seen[0]["user"] == seen[2]["user"] != seen[1]["user"]
    people = await gate.store.users.find_users(TENANT)
    assert [(user.subject, user.email) for user in people] == [
        ("maria", "maria@acme.example"),
        ("sam", "Sam@home.example"),
    ]


async def test_whom_the_issuer_signs_in_and_nobody_named_is_a_stranger(gate: Gate) -> None:
    for stranger, said in STRANGERS.items():
        async with browsing(gate) as browser:
            refused = await sign_in(browser, sub=stranger)
            assert (refused.status, browser.cookie()) == (403, ""), stranger
            assert said in await refused.text(), stranger
    tenant = await gate.store.tenants.find_tenant(TENANT)
    await gate.store.tenants.save_tenant(msgspec.structs.replace(tenant, leaving=True))
    async with browsing(gate) as browser:
        assert (await sign_in(browser, sub="maria")).status == 409
    assert await gate.store.users.find_users(TENANT) == []


def start_again(gate: Gate, issuer: str, allow: str, *, with_passwords: bool = True) -> None:
    """With these settings."""
    now = Admission(issuer=issuer, allowed=parse_allowed(allow), with_passwords=with_passwords)
    gate.parts.sign_ins._admission = now  # noqa: SLF001 - settings are read at the start
    gate.parts.sessions._admission = now  # noqa: SLF001 - so they are here


async def test_who_is_named_no_more_is_signed_out_and_does_not_come_back(gate: Gate, issuer: str) -> None:
    async with browsing(gate) as maria, browsing(gate) as sam:
        await sign_in(maria, sub="maria")
        await sign_in(sam, sub="sam")
        for allow, let_in in (("sam@home.example", False), ("@acme.example", True), ("*", True)):
            start_again(gate, issuer, allow)
            assert (await maria.get("/dashboard")).status == (200 if let_in else 303), allow
        assert (await sam.get("/dashboard")).status == 200
        start_again(gate, issuer, "sam@home.example")
        assert (await sign_in(maria, sub="maria")).status == 403
        start_again(gate, "https://another.example", "*")
        assert (await sam.get("/dashboard")).status == 303, "the operator trusts this issuer no more"


async def test_the_list_is_asked_about_the_address_that_was_proven_when_they_came(gate: Gate, issuer: str) -> None:
    """Not about one that they had before, or say they have."""
    start_again(gate, issuer, "*")
    async with browsing(gate) as maria, browsing(gate) as mallory, aiohttp.ClientSession() as session:
        await sign_in(mallory, sub="mallory")
        await sign_in(maria, sub="maria")
        moved = {"email": "maria@home.example", "email_verified": True}
        async with session.put(f"{issuer}/users/maria", json=moved) as kept:
            kept.raise_for_status()
        async with browsing(gate) as later:
            await sign_in(later, sub="maria")
            start_again(gate, issuer, "@acme.example")
            seen = [(await browser.get("/dashboard")).status for browser in (maria, later, mallory)]
    assert seen == [200, 303, 303]


async def test_passwords_that_are_good_no_more_end_what_was_begun_with_them(gate: Gate, issuer: str) -> None:
    await gate.admin.save(TENANT, "Nora", PASSWORD, Role.ADMIN)
    async with browsing(gate) as nora:
        await nora.post("/sign-in", name="nora", password=PASSWORD)
        assert (await nora.get("/dashboard")).status == 200
        start_again(gate, issuer, "*", with_passwords=False)
        assert (await nora.get("/dashboard")).status == 303


async def test_an_operator_gives_one_of_them_another_role_and_forgets_one(gate: Gate) -> None:
    async with browsing(gate) as browser:
        await sign_in(browser, sub="maria")
        with pytest.raises(InputError, match="no user 'sam'"):
            await gate.admin.give_role(TENANT, "sam", Role.ADMIN)
        await gate.admin.give_role(TENANT, "maria", Role.ADMIN)
        assert (await (await browser.get("/dashboard")).json())["role"] == Role.ADMIN
        last = (await gate.store.audit.find_chain(TENANT)).entries[-1]
        assert (last.action, last.actor, last.details["role"]) == ("user.saved", "operator", "admin")
        await gate.admin.remove(TENANT, "maria")
        assert (await browser.get("/dashboard")).status == 303


async def test_nobody_from_another_slack_workspace_gets_a_place_there() -> None:
    async with open_gate(DD0C_ALERT_CHANNEL="C1") as gate, browsing(gate) as browser:
        refused = await gate.slack_sign_in(browser)
        assert (refused.status, browser.cookie()) == (403, "")
        assert "another Slack workspace" in await refused.text()
        assert await gate.store.system.find_tenants(5) == []
        await installed(gate)
        assert (await gate.slack_sign_in(browser)).status == 303


async def test_whose_slack_account_was_deactivated_is_signed_out() -> None:
    """Though an admin, and though the session would last for days."""
    async with open_gate(DD0C_ALERT_CHANNEL="C1") as gate, browsing(gate) as browser, browsing(gate) as other:
        await installed(gate, gate.ann.user_id)
        await gate.slack_sign_in(other)
        gate.ann.deleted = True
        assert (await other.get("/dashboard")).status == 303
        gate.slack.state.scopes = gate.slack.state.scopes - {"users:read"}
        again = gate.slack.add_user("sam")
        gate.ann = again
        await gate.slack_sign_in(browser)
        again.deleted = True
        assert (await browser.get("/dashboard")).status == 200, "nobody may ask"


async def test_who_says_no_there_is_not_let_in(gate: Gate) -> None:
    async with browsing(gate) as browser:
        refused = await sign_in(browser, action="deny")
        assert (refused.status, browser.cookie()) == (403, "")
        assert "did not let you in" in await refused.text()
