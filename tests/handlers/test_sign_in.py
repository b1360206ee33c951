"""Signing in and out on the web, as a browser does it."""

import base64
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import msgspec
import pytest
from aiohttp import web

from bot.settings import GivenSettings
from bot.slack_access import build_access
from bot.wiring.identity import build_sign_in
from clients.identity.passwords import Argon2Passwords
from demo.slack_workspace import SlackWorkspace
from engine.errors import InputError
from engine.models.account import Role, Tenant
from engine.models.session import Viewer
from engine.roles import Deed
from handlers.web import sign_in
from handlers.web.pages import Pages
from handlers.web.sign_in import SignInParts
from services.session_identities import CSRF_HEADER
from services.user_admin import UserAdmin
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.world import TENANT, World
from tests.store.conftest import RETENTION_DAYS

KEY = "v1:" + base64.b64encode(bytes(32)).decode()
PASSWORD = "correct horse battery staple"


class Gate:
    """The bot's pages that know people, in front of a simulated Slack."""

    def __init__(self, store: Store, slack: SlackWorkspace, parts: SignInParts, url: str) -> None:
        self.store = store
        self.slack = slack
        self.parts = parts
        self.url = url
        self.ann = slack.add_user("ann", email="ann@acme.example")
        self.admin = UserAdmin(
            users=store.users,
            sessions=store.sessions,
            passwords=Argon2Passwords(),
            clock=World(store).clock,
            new_id=lambda: "local-1",
        )

    def app(self) -> web.Application:
        app = web.Application()
        sign_in.register(app, self.parts)

        async def show(_request: web.Request, viewer: Viewer) -> web.StreamResponse:
            return web.json_response({"user": viewer.user_id, "role": viewer.role, "csrf": viewer.csrf_token})

        async def act(_request: web.Request, _viewer: Viewer) -> web.StreamResponse:
            return web.Response(text="done")

        app.router.add_get("/dashboard", self.parts.viewing.page(show))
        app.router.add_get("/anomalies/1", self.parts.viewing.page(show))
        app.router.add_post("/act", self.parts.viewing.form(act, Deed.CHANGE_SETTINGS))
        return app

    async def slack_sign_in(self, browser: "Browser", path: str = "/sign-in/slack") -> Any:
        there = await browser.get(path)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}
        return await browser.get(self.slack.openid.agree(asked, self.ann.user_id))


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def get(self, address: str, **named: Any) -> aiohttp.ClientResponse:
        full = address if address.startswith("http") else self._url + address
        return await self._session.get(full, allow_redirects=False, **named)

    async def post(self, address: str, **form: str) -> aiohttp.ClientResponse:
        full = address if address.startswith("http") else self._url + address
        return await self._session.post(full, data=form, allow_redirects=False)

    def cookie(self) -> str:
        return next((cookie.value for cookie in self._session.cookie_jar if cookie.key == "dd0c_session"), "")

    async def close(self) -> None:
        await self._session.close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@asynccontextmanager
async def open_gate(**more: str) -> AsyncIterator[Gate]:
    """With these settings besides; an empty one takes one away."""
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    port = free_port()
    async with SlackWorkspace(rate_limit=False) as slack, aiohttp.ClientSession() as session:
        given = {
            "SLACK_CLIENT_ID": slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": slack.oauth.client_secret,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            # Slack once more, as an issuer like any other.
            "DD0C_OIDC_ISSUER": urljoin(slack.api_url, "/").rstrip("/"),
            "DD0C_OIDC_ALLOW": "*",
            "DD0C_OIDC_CLIENT_ID": slack.oauth.client_id,
            "DD0C_OIDC_CLIENT_SECRET": slack.oauth.client_secret,
            "DD0C_URL": f"http://127.0.0.1:{port}",
            "DD0C_ENCRYPTION_KEYS": KEY,
            "DD0C_LOCAL_MONGOD": "1",
            "DD0C_LOCAL_LOGIN": "1",
            "SLACK_BOT_TOKEN": slack.bot_token if "DD0C_ALERT_CHANNEL" in more else "",
            **more,
        }
        settings = GivenSettings.model_validate({name: value for name, value in given.items() if value})
        await store.ensure_indexes()
        parts = build_sign_in(settings, store, build_access(settings, store, session), session, Pages())
        made = Gate(store, slack, parts, f"http://127.0.0.1:{port}")
        runner = web.AppRunner(made.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield made
        await runner.cleanup()


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    async with open_gate() as made:
        yield made


@pytest.fixture
async def browser(gate: Gate) -> AsyncIterator[Browser]:
    made = Browser(gate.url)
    yield made
    await made.close()


async def installed(gate: Gate, installer: str = "") -> None:
    tenant = Tenant(
        tenant_id=TENANT,
        team_id=gate.slack.team_id,
        team_name="acme",
        alert_channel_id="C1",
        installer_user_id=installer,
    )
    await gate.store.tenants.save_tenant(tenant)


async def local(gate: Gate, role: Role = Role.ADMIN) -> None:
    await installed(gate)
    await gate.admin.save(TENANT, "Maria", PASSWORD, role)


async def test_with_slack_one_comes_to_the_page_one_wanted(gate: Gate, browser: Browser) -> None:
    await installed(gate, gate.ann.user_id)
    away = await browser.get("/anomalies/1")
    assert away.headers["Location"] == "/sign-in?next=/anomalies/1"
    assert "Sign in with Slack" in await (await browser.get(away.headers["Location"])).text()
    back = await gate.slack_sign_in(browser, "/sign-in/slack?next=/anomalies/1")
    assert (back.status, back.headers["Location"]) == (303, "/anomalies/1")
    seen = await (await browser.get("/anomalies/1")).json()
    assert (seen["user"], seen["role"]) == (gate.ann.user_id, "admin")


async def test_who_comes_to_the_web_before_slack_gets_a_tenant_of_their_workspace(gate: Gate, browser: Browser) -> None:
    await gate.slack_sign_in(browser)
    tenant = await gate.store.system.find_tenant_by_team(gate.slack.team_id)
    assert tenant is not None
    assert tenant.installer_user_id == gate.ann.user_id
    other = Browser(gate.url)
    await gate.slack_sign_in(other)
    await other.close()
    assert len(await gate.store.system.find_tenants(5)) == 1


async def test_a_return_that_nobody_began_signs_nobody_in(gate: Gate, browser: Browser) -> None:
    """Somebody else's code and state, planted in this browser."""
    await installed(gate)
    attacker = Browser(gate.url)
    there = await attacker.get("/sign-in/slack")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}
    planted = gate.slack.openid.agree(asked, gate.ann.user_id)
    await attacker.close()
    refused = await browser.get(planted)
    assert refused.status == 403
    assert "another browser" in await refused.text()
    assert browser.cookie() == ""
    await browser.get("/sign-in/slack")
    assert (await browser.get(planted)).status == 403


@pytest.mark.parametrize("path", ["/sign-in/nobody", "/v1/sign-in/nobody/return?code=x&state=y"])
async def test_a_way_that_is_not_there_is_said(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status in {404, 409}
    assert "no way to sign in" in await answer.text()


async def test_a_password_lets_in_and_a_wrong_one_does_not(gate: Gate, browser: Browser) -> None:
    await local(gate)
    for name, password in (("maria", "wrong"), ("nobody", PASSWORD), ("", "")):
        refused = await browser.post("/sign-in", name=name, password=password)
        assert refused.status == 403
        assert "name or the password is wrong" in await refused.text()
    entered = await browser.post("/sign-in", name="MARIA", password=PASSWORD, next="//evil.example")
    assert (entered.status, entered.headers["Location"]) == (303, "/dashboard")
    cookie = entered.headers.getall("Set-Cookie")[-1]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PASSWORD not in cookie
    chain = await gate.store.audit.find_chain(TENANT)
    assert [entry.action for entry in chain.entries] == ["user.saved", "user.signed_in"]


async def test_guessing_is_slowed_down(gate: Gate, browser: Browser) -> None:
    await local(gate)
    for limits in (gate.parts.attempts, gate.parts.attempts_at_name):
        limits._monotonic = lambda: 0.0  # noqa: SLF001 - passwords take their time, in which guesses come back
    statuses = [(await browser.post("/sign-in", name="maria", password=str(n))).status for n in range(14)]
    assert statuses[0] == 403
    assert statuses[-1] == 429


async def test_signing_out_ends_the_session_and_everywhere_ends_all(gate: Gate, browser: Browser) -> None:
    await local(gate)
    other = Browser(gate.url)
    for one in (browser, other):
        await one.post("/sign-in", name="maria", password=PASSWORD)
    kept = browser.cookie()
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    assert (await browser.post("/sign-out", csrf_token=token)).status == 303
    stolen = Browser(gate.url)
    assert (await stolen.get("/dashboard", headers={"Cookie": f"dd0c_session={kept}"})).status == 303
    await stolen.close()
    assert (await (await other.get("/dashboard")).json())["user"] == "local-1"
    await browser.post("/sign-in", name="maria", password=PASSWORD)
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    await browser.post("/sign-out-everywhere", csrf_token=token)
    assert (await other.get("/dashboard")).status == 303
    await other.close()


@pytest.mark.parametrize("way", ["password", "slack", "oidc"])
async def test_nobody_signs_in_to_a_tenant_that_leaves_and_sessions_end(gate: Gate, browser: Browser, way: str) -> None:
    await local(gate)
    if way == "oidc":
        made = msgspec.structs.replace(
            await gate.store.users.find_user(TENANT, "local-1"),
            user_id="oidc-1",
            issuer=gate.slack.openid.base_url,
            subject=gate.ann.user_id,
        )
        await gate.store.users.save_user(TENANT, made)

    async def enter() -> aiohttp.ClientResponse:
        if way == "password":
            return await browser.post("/sign-in", name="maria", password=PASSWORD)
        entered: aiohttp.ClientResponse = await gate.slack_sign_in(browser, f"/sign-in/{way}")
        return entered

    assert (await enter()).status == 303
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    tenant = await gate.store.tenants.find_tenant(TENANT)
    await gate.store.tenants.save_tenant(msgspec.structs.replace(tenant, leaving=True))
    assert (await browser.get("/dashboard")).status == 303
    cookie = {"Cookie": f"dd0c_session={browser.cookie()}", CSRF_HEADER: token}
    assert await gate.parts.identities.identify(cookie) is None
    refused = await enter()
    assert refused.status == 409
    assert "is leaving" in await refused.text()
    assert (await browser.get("/dashboard")).status == 303


async def test_a_form_without_its_token_counts_for_nothing(gate: Gate, browser: Browser) -> None:
    await local(gate)
    await browser.post("/sign-in", name="maria", password=PASSWORD)
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    assert (await browser.post("/act")).status == 403
    assert (await browser.post("/act", csrf_token=token[::-1])).status == 403
    assert await (await browser.post("/act", csrf_token=token)).text() == "done"


async def test_a_role_that_does_not_suffice_is_said(gate: Gate, browser: Browser) -> None:
    await local(gate, Role.VIEWER)
    await browser.post("/sign-in", name="maria", password=PASSWORD)
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    refused = await browser.post("/act", csrf_token=token)
    assert refused.status == 403
    assert "role is viewer" in await refused.text()


async def test_a_new_password_and_a_removal_end_every_session(gate: Gate, browser: Browser) -> None:
    await local(gate)
    await browser.post("/sign-in", name="maria", password=PASSWORD)
    await gate.admin.save(TENANT, "maria", PASSWORD + "!", Role.ADMIN)
    assert (await browser.get("/dashboard")).status == 303
    await browser.post("/sign-in", name="maria", password=PASSWORD + "!")
    await gate.admin.remove(TENANT, "maria")
    assert (await browser.get("/dashboard")).status == 303
    with pytest.raises(InputError, match="no user"):
        await gate.admin.remove(TENANT, "maria")
    last = (await gate.store.audit.find_chain(TENANT)).entries[-1]
    assert (last.action, last.actor, last.details) == ("user.deleted", "operator", {"user": "local-1"})


@pytest.mark.parametrize(
    ("name", "password"), [("", PASSWORD), ("a\nb", PASSWORD), ("x" * 101, PASSWORD), ("a", "short")]
)
async def test_odd_names_and_short_passwords_are_refused(gate: Gate, name: str, password: str) -> None:
    with pytest.raises(InputError):
        await gate.admin.save(TENANT, name, password, Role.ADMIN)


async def test_at_the_api_a_cookie_counts_only_with_its_header(gate: Gate, browser: Browser) -> None:
    await local(gate, Role.VIEWER)
    await browser.post("/sign-in", name="maria", password=PASSWORD)
    token = (await (await browser.get("/dashboard")).json())["csrf"]
    cookie = {"Cookie": f"a=b; dd0c_session={browser.cookie()}"}
    identities = gate.parts.identities
    assert await identities.identify(cookie) is None
    assert await identities.identify({**cookie, CSRF_HEADER: "0" * 64}) is None
    known = await identities.identify({**cookie, CSRF_HEADER: token})
    assert known is not None
    assert (known.subject, known.role) == ("local-1", Role.VIEWER)


async def test_the_page_runs_no_script_and_says_no_more_than_it_must(browser: Browser) -> None:
    page = await browser.get("/sign-in?next=%22%3E%3Cscript%3E")
    text = await page.text()
    assert "<script" not in text
    assert re.search(r"default-src 'none'", page.headers["Content-Security-Policy"])
