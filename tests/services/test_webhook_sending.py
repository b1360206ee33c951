"""Webhooks as whoever runs the server behind them meets them: what comes, by whom, and again while it is away."""

import base64
import hashlib
import hmac
import json
import os
import ssl
from datetime import timedelta
from typing import Any

import pytest

from clients.cipher import Cipher
from clients.webhook_caller import WebhookCaller
from engine.models.account import Tenant
from engine.models.delivery import DeliveryState
from engine.models.webhook import Webhook, WebhookDelivery, WebhookState
from engine.webhooks import new_secret
from handlers.web.api.webhooks import payload
from services.webhook_sending import WebhookSender
from services.webhooks import Webhooks
from tests.fixtures.https_receiver import Receiver
from tests.services.world import HOUR, SECOND, TENANT, World, stranger

SECRET = new_secret(bytes(range(32)))
HOOK = "0a1b2c3d-0000-4000-8000-000000000001"
OTHER_TENANT = "t-2"
# The gaps grow to ten hours; the ninth failure is the last, a good day after the first.
MOST_TRIES = 9


class Told:
    """Who installed the app hears of webhooks that were given up."""

    def __init__(self) -> None:
        self.dead: list[tuple[str, str]] = []

    async def tell_dead_webhook(self, tenant: Tenant, url: str, reason: str) -> None:
        self.dead.append((tenant.tenant_id, f"{url} {reason}"))


class Post:
    """A world, what sends its webhooks, and the server at the other end."""

    def __init__(self, world: World, there: Receiver, tls: ssl.SSLContext) -> None:
        self.world = world
        self.there = there
        self.told = Told()
        self.seal = Cipher({"v1": bytes(32)}, os.urandom)
        self.rows = world.store.webhooks
        self.kept = Webhooks(self.rows, self.seal, world.clock)
        told: Any = self.told
        self.sender = WebhookSender(
            rows=self.rows,
            anomalies=world.store.anomalies,
            tenants=world.store.tenants,
            caller=WebhookCaller(may_call=lambda _address: True, tls=tls),
            messages=told,
            payload=payload,
            seal=self.seal,
            clock=world.clock,
        )

    async def add(self, tenant_id: str = TENANT, webhook_id: str = HOOK, path: str = "/hook") -> None:
        made = Webhook(
            webhook_id=webhook_id,
            url=f"https://localhost:{self.there.port}{path}",
            description="",
            secret=self.seal.seal(SECRET, webhook_id),
            created_by="U1",
            created_at=self.world.clock(),
        )
        await self.rows.insert_webhook(tenant_id, made)

    async def happens(self) -> str:
        """Something is told of; gives its id."""
        known = {one.anomaly_id for one in await self.world.anomalies()}
        await self.world.ingest(self.world.launch(actor=stranger(len(known))))
        [found] = [one for one in await self.world.anomalies() if one.anomaly_id not in known]
        return found.anomaly_id

    async def later(self, span: timedelta) -> None:
        self.world.turn(span)
        await self.sender.run()

    async def state(self) -> WebhookState:
        return (await self.kept.find(TENANT, HOOK)).state

    def messages(self) -> list[dict[str, Any]]:
        """All that came, each proved to be from who knows the secret, as Standard Webhooks say."""
        return [proved(headers, body, self.world) for headers, body in self.there.requests]


def proved(headers: dict[str, str], body: bytes, world: World) -> dict[str, Any]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert int(headers["webhook-timestamp"]) <= world.clock().timestamp()
    message: dict[str, Any] = json.loads(body)
    assert message["id"] == headers["webhook-id"]
    return message


@pytest.fixture
async def post(world: World, receiver: tuple[Receiver, ssl.SSLContext]) -> Post:
    made = Post(world, *receiver)
    await made.add()
    return made


async def test_what_cards_tell_comes_signed_and_once(post: Post) -> None:
    anomaly_id = await post.happens()
    await post.sender.run()
    await post.sender.run()
    [opened] = post.messages()
    assert (opened["type"], opened["data"]["anomaly_id"]) == ("anomaly.opened", anomaly_id)
    await post.world.verdicts.acknowledge(TENANT, anomaly_id, "U1")
    await post.sender.run()
    updated = post.messages()[-1]
    assert (updated["type"], updated["data"]["status"]) == ("anomaly.updated", "acknowledged")
    assert updated["data"]["revision"] > opened["data"]["revision"]
    assert [one.state for one in await post.kept.find_recent(TENANT, HOOK)] == [DeliveryState.SENT] * 2


async def test_a_server_that_is_away_gets_the_very_same_when_it_is_back(post: Post) -> None:
    post.there.status = 503
    await post.happens()
    await post.sender.run()
    await post.later(9 * SECOND)
    [waiting] = await post.kept.find_recent(TENANT, HOOK)
    assert (waiting.state, waiting.attempts, waiting.error) == (DeliveryState.PENDING, 1, "It answered 503.")
    post.there.status = 204
    await post.later(SECOND)
    (first, body), (second, again) = post.there.requests
    assert body == again
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 10
    assert len(post.messages()) == 2
    assert ((await post.kept.find(TENANT, HOOK)).last_error, post.told.dead) == ("", [])


async def test_after_a_day_it_is_given_up_and_said_once_and_goes_on_when_it_is_woken(post: Post) -> None:
    post.there.status = 500
    first = await post.happens()
    for _ in range(MOST_TRIES + 3):
        await post.later(10 * HOUR)
    assert len(post.there.requests) == MOST_TRIES
    assert await post.state() is WebhookState.DEAD
    [(tenant_id, why)] = post.told.dead
    assert (tenant_id, "It answered 500." in why) == (TENANT, True)
    post.there.status = 200
    second = await post.happens()
    await post.later(HOUR)
    assert len(post.there.requests) == MOST_TRIES, "a dead one is told nothing"
    await post.kept.wake(TENANT, HOOK, "U1")
    await post.sender.run()
    assert {one["data"]["anomaly_id"] for one in post.messages()[MOST_TRIES:]} == {first, second}
    assert await post.state() is WebhookState.ACTIVE


async def test_what_is_set_aside_while_somebody_wakes_the_webhook_is_sent(post: Post) -> None:
    """The sender saw it dead, and puts the message to what is dead just after that was put on its way again."""
    assert await post.rows.bury_webhook(TENANT, HOOK)
    anomaly_id = await post.happens()
    save = post.rows.save_webhook_delivery
    saved: list[DeliveryState] = []

    async def save_late(tenant_id: str, delivery: WebhookDelivery) -> None:
        if not saved:
            await post.kept.wake(TENANT, HOOK, "U1")
        saved.append(delivery.state)
        await save(tenant_id, delivery)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(post.rows, "save_webhook_delivery", save_late)
        await post.sender.run()
    assert saved[0] is DeliveryState.DEAD
    await post.later(SECOND)
    assert {one["data"]["anomaly_id"] for one in post.messages()} == {anomaly_id}


async def test_who_says_that_it_is_gone_is_asked_no_more(post: Post) -> None:
    post.there.status = 410
    await post.happens()
    await post.sender.run()
    await post.later(HOUR)
    assert len(post.there.requests) == 1
    assert await post.state() is WebhookState.DEAD
    assert len(post.told.dead) == 1


async def test_nobody_is_told_of_another_tenant_s(post: Post) -> None:
    other = Tenant(tenant_id=OTHER_TENANT, team_id="T2", team_name="other", alert_channel_id="C2")
    await post.world.store.tenants.save_tenant(other)
    await post.add(OTHER_TENANT, "0a1b2c3d-0000-4000-8000-000000000002", "/theirs")
    await post.happens()
    await post.sender.run()
    assert post.there.paths == ["/hook"]


async def test_one_server_that_is_away_keeps_no_other_waiting(post: Post) -> None:
    gone = "0a1b2c3d-0000-4000-8000-000000000003"
    await post.add(webhook_id=gone, path="/gone")
    post.there.status_of["/gone"] = 500
    await post.happens()
    await post.sender.run()
    assert sorted(post.there.paths) == ["/gone", "/hook"]
    assert [one.state for one in await post.kept.find_recent(TENANT, HOOK)] == [DeliveryState.SENT]
    assert [one.state for one in await post.kept.find_recent(TENANT, gone)] == [DeliveryState.PENDING]
