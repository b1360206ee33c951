"""What only a real MongoDB can prove: all or nothing, whoever races and whatever breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.errors import Conflict, NotFound, Rejected, Unavailable
from engine.models.anomaly import AnomalyStatus
from engine.models.verdict import Label
from store.connect import Store
from tests.store.conftest import RETENTION_DAYS, Motor
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    TENANT,
    anomaly,
    audit_record,
    baseline,
    changes,
    cost_event,
    expectation,
    loaded,
    nothing_but,
    resource,
    verdict,
)

pytestmark = pytest.mark.integration

WRITTEN_BY_A_BATCH = ("baselines", "cost_events", "resources", "anomalies", "outbox")


@asynccontextmanager
async def failing(database: Motor, commands: list[str], times: int, **data: Any) -> AsyncIterator[None]:
    """Make the server fail the next ``times`` of these commands."""
    admin = database.client.admin
    what = {"failCommands": commands, **data}
    await admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=what)
    try:
        yield
    finally:
        await admin.command("configureFailPoint", "failCommand", mode="off")


async def refuse_writes(database: Motor, collection: str) -> None:
    await database.command("collMod", collection, validator={"never there": {"$exists": True}})


async def counts(database: Motor, *collections: str) -> list[int]:
    return [await database[name].count_documents({}) for name in collections]


@pytest.mark.parametrize("last", WRITTEN_BY_A_BATCH)
async def test_a_batch_whose_write_fails_leaves_nothing(real_store: Store, real_database: Motor, last: str) -> None:
    await refuse_writes(real_database, last)
    with pytest.raises(Rejected) as raised:
        await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    assert raised.value.code == "121"
    assert await counts(real_database, *WRITTEN_BY_A_BATCH) == [0] * 5


async def test_cost_events_expire_a_while_after_they_were_committed(real_store: Store, real_database: Motor) -> None:
    await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    event = await real_database["cost_events"].find_one({"tenant_id": TENANT})
    assert event
    assert event["expires_at"] == NOW + timedelta(days=RETENTION_DAYS)
    indexes = await real_database["cost_events"].index_information()
    assert indexes["system_expiry"]["expireAfterSeconds"] == 0


@pytest.mark.parametrize("last", ["verdicts", "expectations", "outbox"])
async def test_a_verdict_whose_write_fails_leaves_nothing(real_store: Store, real_database: Motor, last: str) -> None:
    await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    await refuse_writes(real_database, last)
    label = Label(
        before=anomaly(),
        after=anomaly(revision=2, expectation_id="expectation-1"),
        verdict=verdict(),
        expectation=expectation(),
    )
    with pytest.raises(Rejected):
        await real_store.anomalies.record_verdicts(TENANT, [label], NOW)
    assert await real_store.anomalies.find_anomaly(TENANT, "anomaly-1") == anomaly()
    assert await counts(real_database, "verdicts", "expectations") == [0, 0]
    assert (await real_store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).version == 1


async def test_learning_that_fails_leaves_the_baseline(real_store: Store) -> None:
    await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    with pytest.raises(NotFound):
        await real_store.anomalies.commit_learning(TENANT, "nowhere", baseline(launches=99), 1)
    found = await real_store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    assert (found.version, found.state.baseline) == (1, baseline())


async def test_an_account_whose_owner_was_not_recorded_is_not_connected(
    real_store: Store, real_database: Motor
) -> None:
    await refuse_writes(real_database, "accounts")
    other = msgspec.structs.replace(loaded().state.account, account_id="444455556666")
    with pytest.raises(Rejected):
        await real_store.accounts.insert_account(TENANT, other)
    assert await counts(real_database, "accounts", "account_owners") == [1, 1]


async def test_a_dozen_accounts_opened_at_once_are_all_opened(real_store: Store) -> None:
    """Each writes the next entry of one audit log, so that they follow each other."""
    found = [msgspec.structs.replace(loaded().state.account, account_id=f"{one:012d}") for one in range(12)]
    await asyncio.gather(*(real_store.accounts.insert_account(TENANT, account, most=13) for account in found))
    before = len((await real_store.audit.find_chain(TENANT)).entries)
    await asyncio.gather(*(real_store.accounts.open_account(TENANT, account, audit_record()) for account in found))
    assert len((await real_store.audit.find_chain(TENANT)).entries) == before + 12


async def test_a_race_that_is_lost_to_the_end_says_nothing_of_whose_an_account_is(
    real_store: Store, real_database: Motor
) -> None:
    other = msgspec.structs.replace(loaded().state.account, account_id="444455556666")
    lost = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
    async with failing(real_database, ["insert"], 99, **lost):
        with pytest.raises(Unavailable, match="at the same time"):
            await real_store.accounts.insert_account(TENANT, other)


@pytest.mark.parametrize("version", [0, 1])
async def test_of_two_batches_at_once_one_is_a_conflict_without_effect(
    real_store: Store, real_database: Motor, version: int
) -> None:
    if version:
        await real_store.ledger.commit(TENANT, loaded(), nothing_but(), NOW)
    batches = [nothing_but(cost_events=[cost_event(name)], resources={name: resource(name)}) for name in ("one", "two")]
    results = await asyncio.gather(
        *(real_store.ledger.commit(TENANT, loaded(version), batch, NOW) for batch in batches),
        return_exceptions=True,
    )
    assert [type(result) for result in results if result] == [Conflict]
    assert await counts(real_database, "cost_events", "resources") == [1, 1]
    assert (await real_store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).version == version + 1


async def test_a_duplicate_event_id_undoes_its_whole_batch(real_store: Store, real_database: Motor) -> None:
    await real_store.ledger.commit(TENANT, loaded(0), changes(), NOW)
    late = nothing_but(cost_events=[cost_event("new"), cost_event()], resources={"i-9": resource("i-9")})
    with pytest.raises(Conflict):
        await real_store.ledger.commit(TENANT, loaded(1), late, NOW)
    assert await counts(real_database, "cost_events", "resources") == [1, 1]
    await real_store.ledger.commit(TENANT, loaded(1), nothing_but(), NOW)


async def test_of_many_clickers_at_once_one_wins(real_store: Store, real_database: Motor) -> None:
    await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    after = anomaly(status=AnomalyStatus.EXPECTED, revision=2)
    clicks = [
        real_store.anomalies.record_verdicts(
            TENANT, [Label(before=anomaly(), after=after, verdict=verdict(f"v-{number}"))], NOW
        )
        for number in range(5)
    ]
    results = await asyncio.gather(*clicks, return_exceptions=True)
    assert [type(result) for result in results if result] == [Conflict] * 4
    assert await counts(real_database, "verdicts") == [1]
    assert (await real_store.ledger.load_state(TENANT, ACCOUNT, [], NOW)).version == 2


async def test_a_commit_whose_answer_is_lost_is_repeated_and_done_once(real_store: Store, real_database: Motor) -> None:
    async with failing(real_database, ["commitTransaction"], 3, closeConnection=True):
        await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    assert await counts(real_database, *WRITTEN_BY_A_BATCH) == [1] * 5


async def test_a_passing_failure_inside_a_transaction_is_repeated(real_store: Store, real_database: Motor) -> None:
    passing = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
    async with failing(real_database, ["insert"], 2, **passing):
        await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    assert await counts(real_database, *WRITTEN_BY_A_BATCH) == [1] * 5


async def test_a_server_that_keeps_failing_is_unavailable(real_store: Store, real_database: Motor) -> None:
    async with failing(real_database, ["insert"], 99, errorCode=251, errorLabels=["TransientTransactionError"]):
        with pytest.raises(Unavailable) as raised:
            await real_store.ledger.commit(TENANT, loaded(), changes(), NOW)
    assert raised.value.code == "251"
    assert await counts(real_database, *WRITTEN_BY_A_BATCH) == [0] * 5


async def test_a_cancelled_batch_locks_nothing(real_store: Store, real_database: Motor) -> None:
    async with failing(real_database, ["commitTransaction"], 1, blockConnection=True, blockTimeMS=300, errorCode=91):
        batch = asyncio.create_task(real_store.ledger.commit(TENANT, loaded(), changes(), NOW + HOUR))
        await asyncio.sleep(0.15)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
    found = await real_store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    await real_store.ledger.commit(TENANT, found, nothing_but(), NOW)
