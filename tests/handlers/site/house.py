"""The bot's pages as ``dd0c serve`` wires them, over a store with two tenants, and browsers of people in them."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.bootstrap import build
from bot.settings import GivenSettings
from bot.slack_access import build_access
from bot.web import build_web
from engine.models.account import Role
from engine.models.session import User
from handlers.web.sign_in import SignInParts
from services.sessions import csrf_token
from store.connect import Store
from tests.store.samples import OTHER_TENANT, TENANT, account, anomaly, changes, cost_event, resource, tenant

HOSTILE = "<script>alert(1)</script>\u202egnp"
OTHER_ACCOUNT = "444455556666"
_SETTINGS = {
    "SLACK_SIGNING_SECRET": "signing",
    "SLACK_BOT_TOKEN": "xoxb-1-test",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "DD0C_ALERT_CHANNEL": "C1",
    "DD0C_ENCRYPTION_KEYS": "v1:" + base64.b64encode(bytes(32)).decode(),
    "DD0C_LOCAL_MONGOD": "1",
    "DD0C_LOCAL_LOGIN": "1",
    "DD0C_URL": "http://127.0.0.1:8080",
}


class Browser:
    """Somebody signed in; follows nothing by itself."""

    def __init__(self, url: str, cookie: str, secret_of: Mapping[str, str], cookie_name: str) -> None:
        self._url = url
        self.cookie_name = cookie_name
        self.cookie = cookie
        self.csrf = csrf_token(secret_of["sid"]) if secret_of else ""

    async def get(self, path: str) -> tuple[int, str, Mapping[str, str]]:
        return await self._send("GET", path)

    async def post(self, path: str, **form: str) -> tuple[int, str, Mapping[str, str]]:
        return await self._send("POST", path, data={"csrf_token": self.csrf, **form})

    async def _send(self, method: str, path: str, **given: Any) -> tuple[int, str, Mapping[str, str]]:
        async with (
            aiohttp.ClientSession(headers={"Cookie": f"{self.cookie_name}={self.cookie}"}) as session,
            session.request(method, self._url + path, allow_redirects=False, **given) as answer,
        ):
            return answer.status, await answer.text(), answer.headers


class House:
    """``store`` is behind the pages at ``url``; all times are around ``now``. ``routes`` are (method, path)."""

    def __init__(self, store: Store, sign_in: SignInParts) -> None:
        self.store = store
        self.url = ""
        self.routes: list[tuple[str, str]] = []
        self.now = datetime.now(UTC).replace(microsecond=0)
        self._sign_in = sign_in

    async def enter(self, role: Role = Role.ADMIN, tenant_id: str = TENANT, name: str = "Maria") -> Browser:
        """Somebody who signed in as this."""
        user_id = f"{name}-{role.value}"
        user = User(user_id=user_id, issuer="local", subject=user_id.lower(), name=name, role=role, created_at=self.now)
        await self.store.users.save_user(tenant_id, user)
        cookie = await self._sign_in.sessions.begin(tenant_id, user)
        claims = self._sign_in.sessions._signer.read(cookie)  # noqa: SLF001 - the page would tell it, in every form
        return Browser(self.url, cookie, claims or {}, self._sign_in.cookies.session_name)

    def stop_refilling(self) -> None:
        """What was taken from a limit stays taken, however slow the machine is."""
        parts = self._sign_in
        for limits in (parts.attempts, parts.attempts_at_name, parts.doorman.limits, parts.viewing.visits):
            limits._monotonic = lambda: 0.0  # noqa: SLF001 - nothing else may turn this clock

    async def put(self, anomaly_id: str, tenant_id: str = TENANT, **fields: Any) -> None:
        """Let an anomaly be found, an hour ago unless told otherwise."""
        account_id = fields.pop("account_id", "111122223333" if tenant_id == TENANT else OTHER_ACCOUNT)
        began = self.now - timedelta(hours=1)
        given = {
            "account_id": account_id,
            "first_event_time": began,
            "last_event_time": began,
            "detected_at": began,
            "burning_since": began,
            "hourly_cost": 98.32,
            "running_hourly_cost": 98.32,
            "event_ids": (f"event-{anomaly_id}",),
            **fields,
        }
        event = cost_event(f"event-{anomaly_id}", account_id=account_id, event_time=began)
        running = resource(f"i-{anomaly_id}", account_id=account_id, since=began, hourly_cost=98.32)
        loaded = await self.store.ledger.load_state(tenant_id, account_id, [], self.now)
        made = changes(
            cost_events=[event],
            resources={running.resource_id: running},
            anomalies={anomaly_id: anomaly(anomaly_id, **given)},
            baseline=loaded.state.baseline,
        )
        await self.store.ledger.commit(tenant_id, loaded, made, self.now)

    async def furnish(self) -> None:
        """Give both tenants an account."""
        for tenant_id, account_id, mark in ((TENANT, "111122223333", "ours"), (OTHER_TENANT, OTHER_ACCOUNT, "theirs")):
            await self.store.tenants.save_tenant(tenant(tenant_id, team_name=mark))
            connected = account(account_id, name=f"account-{mark}", connected_at=self.now - timedelta(days=9))
            await self.store.accounts.insert_account(tenant_id, connected)


@asynccontextmanager
async def opened(store: Store, **given: str) -> AsyncIterator[House]:
    """Serve the pages on a port of their own, with these settings too; nothing else of the bot runs."""

    async def ping() -> None:
        """The database is there."""

    settings = GivenSettings.model_validate({**_SETTINGS, **given})
    async with aiohttp.ClientSession() as session:
        parts = build(settings, store, build_access(settings, store, session), session)
        house = House(store, parts.sign_in)
        app = build_web(settings, parts, ping)
        house.routes = [(one.method, one.resource.canonical) for one in app.router.routes() if one.resource]
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            house.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            await house.furnish()
            yield house
        finally:
            await runner.cleanup()
            if parts.billing.stripe is not None:
                await parts.billing.stripe.close()
