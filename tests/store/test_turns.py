"""One message a second in a channel, by the database's clock, over all who post."""

import asyncio
import time

import pytest

from clients.slack.spacing import ChannelSpacing
from demo.slack_workspace import SlackWorkspace
from store.connect import Store
from tests.services.scene import Scene
from tests.services.world import HOUR, TENANT, furnished
from tests.store.conftest import RETENTION_DAYS, Motor
from tests.store.samples import OTHER_TENANT

pytestmark = pytest.mark.integration
LONG = 1_000.0
PATIENT = 1_000_000.0


async def test_everybody_gets_a_turn_of_their_own(real_store: Store) -> None:
    waits = await asyncio.gather(*(real_store.turns.take(TENANT, "C1", LONG, PATIENT) for _ in range(12)))
    assert [round(wait / LONG) for wait in sorted(waits)] == list(range(12))
    assert min(waits) == 0.0


async def test_tenants_and_channels_do_not_wait_for_each_other(real_store: Store) -> None:
    for tenant_id, channel_id in [(TENANT, "C1"), (OTHER_TENANT, "C1"), (TENANT, "C2")]:
        assert await real_store.turns.take(tenant_id, channel_id, LONG, PATIENT) == 0.0


async def test_who_has_no_patience_takes_no_turn(real_store: Store) -> None:
    await real_store.turns.take(TENANT, "C1", LONG, 1.0)
    for _ in range(3):
        assert 1.0 < await real_store.turns.take(TENANT, "C1", LONG, 1.0) <= LONG


async def test_a_channel_that_is_to_rest_takes_nothing(real_store: Store) -> None:
    await real_store.turns.defer(TENANT, "C1", LONG)
    await real_store.turns.defer(TENANT, "C1", 1.0)
    assert 2.0 < await real_store.turns.take(TENANT, "C1", 1.0, 0.0) <= LONG


async def test_two_senders_share_the_turns_of_a_channel(real_database: Motor) -> None:
    world = await furnished(Store(real_database, retention_days=RETENTION_DAYS))
    slept: list[float] = []

    async def at_once(seconds: float) -> None:
        slept.append(seconds)

    async with SlackWorkspace(rate_limit=False) as slack:
        scene = Scene(world, slack)
        await scene.use_channel(scene.channel.channel_id)
        for number in range(8):
            await scene.alert(number)
            world.turn(HOUR)
        began = time.monotonic()
        spacings = [ChannelSpacing(world.store.turns, at_once) for _ in range(2)]
        senders = [scene.new_sender(spacing=spacing) for spacing in spacings]
        counts = await asyncio.gather(*(sender.deliver_due() for sender in senders))
        assert sum(counts) == len(slept) == len(scene.cards()) == 8
        left = await world.store.turns.take(TENANT, scene.channel.channel_id, 1.0, 0.0)
        assert left >= 8 - (time.monotonic() - began)
