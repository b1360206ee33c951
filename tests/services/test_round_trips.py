"""What records cost MongoDB: nothing if they say nothing of cost, and a few commands for a batch however large."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from clients.archive_folder import ArchiveFolder
from engine.examples import FlatPrices
from services.archiving import Archiving
from services.intake import Intake
from services.receiving import Receiver
from store.connect import Store
from tests.services.world import ACCOUNT, MINUTE, TENANT, World, furnished, raw
from tests.store.conftest import RETENTION_DAYS

pytestmark = pytest.mark.integration

IRRELEVANT = [
    json.dumps(
        {
            "eventSource": "kms.amazonaws.com",
            "eventName": "Decrypt",
            "eventTime": "2026-01-05T10:00:00Z",
            "eventID": f"event-{number}",
            "recipientAccountId": ACCOUNT,
        }
    ).encode()
    for number in range(3000)
]


class Asked(CommandListener):
    """Counts what MongoDB is asked."""

    def __init__(self) -> None:
        self.commands: Counter[str] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.commands[event.command_name] += 1

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """What was asked is counted already."""

    def failed(self, event: CommandFailedEvent) -> None:
        """What was asked is counted already."""


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
async def heard_world(mongod_uri: str, asked: Asked) -> AsyncIterator[World]:
    """A world over a database whose commands are counted."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongod_uri, tz_aware=True, tzinfo=UTC, w="majority", event_listeners=[asked]
    )
    database = client[f"test-{uuid4().hex}"]
    world = await furnished(Store(database, retention_days=RETENTION_DAYS))
    asked.commands.clear()
    yield world
    await client.drop_database(database.name)
    client.close()


def archiving_intake(world: World, folder: Path) -> Intake:
    archiving = Archiving(ArchiveFolder(folder), 30, world.clock)
    return Intake(world.store.ledger, world.store.accounts, FlatPrices(), world.clock, archiving)


async def test_polled_records_that_say_nothing_of_cost_ask_nothing(
    heard_world: World, asked: Asked, tmp_path: Path
) -> None:
    report = await archiving_intake(heard_world, tmp_path).ingest(TENANT, ACCOUNT, IRRELEVANT)
    assert report.read == len(IRRELEVANT)
    assert any(tmp_path.iterdir()), "they are archived nevertheless"  # noqa: ASYNC240 - a folder of two entries
    assert asked.commands == {}


@pytest.mark.parametrize("tenant_id", [TENANT, None])
async def test_received_records_that_say_nothing_of_cost_ask_nothing(
    heard_world: World, asked: Asked, tenant_id: str | None
) -> None:
    store = heard_world.store
    receiver = Receiver(
        inbox=store.inbox,
        accounts=store.accounts,
        lookups=store.system,
        queue=heard_world.queue,
        clock=heard_world.clock,
    )
    receipt = await receiver.receive("push", [b"\n".join(IRRELEVANT)], tenant_id)
    assert receipt.irrelevant == len(IRRELEVANT)
    assert asked.commands == {}


async def test_a_batch_asks_a_few_times_however_large_it_is(heard_world: World, asked: Asked) -> None:
    records = [heard_world.launch(1, ago=number * MINUTE) for number in range(90)]
    report = await heard_world.intake.ingest(TENANT, ACCOUNT, raw(records))
    assert report.cost_events == len(records)
    assert asked.commands.total() <= 20
