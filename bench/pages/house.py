"""The bot's pages over a database with very many anomalies, and somebody who is signed in."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from bot.bootstrap import build
from bot.identity import utc_now
from bot.routes import add_routes
from bot.settings import GivenSettings
from bot.slack_access import build_access
from engine.models.account import AccountStatus, AwsAccount, Role, Tenant
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Line, ResourceRef, Severity, Signal
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent
from engine.models.resource import Resource
from engine.models.session import User
from handlers.web.pages import Pages
from store.codec import encode
from store.connect import Store

TENANT = "tenant-1"
EMPTY = "/empty"
_ACCOUNTS = 4
_RESOURCES = 20
_AT_ONCE = 1000
_SPAN = timedelta(days=30)
_SEVERITIES = tuple(Severity)
_STATUSES = tuple(AnomalyStatus)


class House(msgspec.Struct, frozen=True):
    """Where the pages are, and the cookie that opens them."""

    url: str
    cookie: str


@asynccontextmanager
async def opened(store: Store, anomalies: int) -> AsyncIterator[House]:
    """Serve the pages as ``dd0c serve`` does, with so many anomalies of the last 30 days behind them."""
    await _furnish(store, anomalies)
    settings = _settings()
    async with aiohttp.ClientSession() as session:
        parts = build(settings, store, build_access(settings, store, session), session)
        app = web.Application()
        add_routes(app, parts, signing_secret="", ping=_nothing)
        app.router.add_get(EMPTY, _empty(parts.pages))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            user = await _maria(store)
            cookie = f"{parts.sign_in.cookies.session_name}={await parts.sign_in.sessions.begin(TENANT, user)}"
            yield House(f"http://127.0.0.1:{runner.addresses[0][1]}", cookie)
        finally:
            await runner.cleanup()


async def _nothing() -> None:
    """Nobody asks for the database's health here."""


def _empty(pages: Pages) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A page with a heading and a line, of which nothing is looked up."""

    async def handle_empty(_request: web.Request) -> web.Response:
        return web.Response(text=pages.render("stopped", heading="Empty", text="-", links=()), headers=pages.headers)

    return handle_empty


def _settings() -> GivenSettings:
    return GivenSettings.model_validate(
        {
            "SLACK_SIGNING_SECRET": "signing",
            "SLACK_BOT_TOKEN": "xoxb-1-bench",
            "DD0C_ALERT_CHANNEL": "C1",
            "DD0C_ENCRYPTION_KEYS": "v1:" + base64.b64encode(bytes(32)).decode(),
            "DD0C_LOCAL_MONGOD": "1",
            "DD0C_LOCAL_LOGIN": "1",
            "DD0C_API_REQUESTS_PER_MINUTE": "100000",  # One person opens all pages here, as fast as they come.
            "DD0C_DATA_DIR": str(Path.cwd()),
        }
    )


async def _maria(store: Store) -> User:
    user = User(user_id="maria", issuer="local", subject="maria", name="Maria", role=Role.ADMIN, created_at=utc_now())
    await store.users.save_user(TENANT, user)
    return user


async def _furnish(store: Store, anomalies: int) -> None:
    await store.tenants.save_tenant(
        Tenant(tenant_id=TENANT, team_id="T1", team_name="acme", alert_channel_id="C1", installer_user_id="U1")
    )
    for number in range(_ACCOUNTS):
        await store.accounts.insert_account(TENANT, _account(number))
    numbers = list(range(anomalies))
    database = store._database  # noqa: SLF001 - one by one, as repositories do, would take minutes
    for start in range(0, anomalies, _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        await database.anomalies.insert_many([encode(TENANT, _anomaly(one, anomalies)) for one in some])
        await database.cost_events.insert_many([encode(TENANT, _event(one, anomalies)) for one in some])
        await database.resources.insert_many([encode(TENANT, one) for number in some for one in _running(number)])


def _account(number: int) -> AwsAccount:
    return AwsAccount(
        account_id=_account_id(number),
        name=f"team-{number}",
        status=AccountStatus.ACTIVE,
        external_id=f"external-{number}",
        role_arn=f"arn:aws:iam::{_account_id(number)}:role/dd0c-cost-readonly",
        regions=("us-east-1", "eu-west-1"),
        connected_at=utc_now() - _SPAN,
    )


def _account_id(number: int) -> str:
    return f"{number % _ACCOUNTS + 1:012}"


def _anomaly(number: int, total: int) -> Anomaly:
    """The older, the higher the number; an incident of twenty instances in two Regions."""
    at = utc_now() - _SPAN * (number / total)
    refs = tuple(ResourceRef("us-east-1", "ec2", "m5.large", f"i-{number:07x}{one:010x}") for one in range(_RESOURCES))
    return Anomaly(
        anomaly_id=f"{number:032x}",
        account_id=_account_id(number),
        actor=_actor(number),
        status=_STATUSES[number % len(_STATUSES)],
        severity=_SEVERITIES[number % len(_SEVERITIES)],
        score=1.4,
        signals=tuple(
            Signal(f"signal_{one}", 0.5, "deploy never started so many of these at once") for one in range(5)
        ),
        decision=Decision(DecisionKind.ALERT, "Its score is over 1.0, and it costs much."),
        event_ids=(f"event-{number}",),
        lines=tuple(Line("ec2", "m5.large", region, 10, 0.96) for region in ("us-east-1", "eu-west-1")),
        resources=refs,
        running_ids=tuple(ref.resource_id for ref in refs),
        hourly_cost=1.92,
        running_hourly_cost=1.92,
        unknown_price=False,
        first_event_time=at,
        last_event_time=at,
        detected_at=at,
        burning_since=at,
    )


def _actor(number: int) -> Actor:
    name = f"deploy-{number % 50}"
    return Actor(f"arn:aws:iam::{_account_id(number)}:role/{name}", ActorKind.ROLE, name)


def _event(number: int, total: int) -> CostEvent:
    found = _anomaly(number, total)
    return CostEvent(
        event_id=f"event-{number}",
        account_id=found.account_id,
        event_name="RunInstances",
        event_time=found.first_event_time,
        region="us-east-1",
        service="ec2",
        resource_type="m5.large",
        resource_ids=found.running_ids,
        quantity=_RESOURCES,
        actor=found.actor,
        change=Change.START,
        hourly_cost=1.92,
    )


def _running(number: int) -> Iterator[Resource]:
    """Two of them still run, so that sums have something to add up."""
    for one in range(2):
        yield Resource(
            resource_id=f"us-east-1/ec2/i-{number:07x}{one:010x}",
            account_id=_account_id(number),
            region="us-east-1",
            service="ec2",
            resource_type="m5.large",
            actor_key=_actor(number).key,
            since=utc_now() - timedelta(days=number % 30),
            hourly_cost=0.096,
        )
