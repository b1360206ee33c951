"""The inbox: durable before anybody is told so, and whatever crashes, each record has its effect once."""

import asyncio
import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.status import status
from engine.errors import Unavailable
from engine.lag_sketch import lag_quantile
from engine.models.account import AccountStatus
from engine.models.inbox import InboxBatch, Receipt
from engine.models.work import WorkItem, WorkKind
from services.inbox import InboxReader
from services.intake import Intake
from services.receiving import Receiver, on_one_line
from tests.services.world import ACCOUNT, HOUR, MINUTE, REGIONS, TENANT, World
from tests.store.samples import batch

LAG_ERROR = 0.125
STRANGER = "999988887777"
INGEST = WorkItem(WorkKind.INGEST, TENANT, ACCOUNT)
IRRELEVANT = {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "eventTime": "2026-01-05T10:00:00Z"}


class Inbox:
    """Both sides of the inbox of a world."""

    def __init__(self, world: World, **parts: Any) -> None:
        store = world.store
        shared: dict[str, Any] = {
            "inbox": parts.get("inbox", store.inbox),
            "accounts": store.accounts,
            "queue": parts.get("queue", world.queue),
            "clock": world.clock,
        }
        self.receiver = Receiver(lookups=store.system, **shared)
        self.reader = InboxReader(intake=parts.get("intake", world.intake), **shared)

    async def receive(self, *records: Any, tenant_id: str | None = None) -> Receipt:
        return await self.receiver.receive("push", [lines(records)], tenant_id)

    async def settle(self) -> None:
        await self.reader.ingest(TENANT, ACCOUNT)


class Broken:
    """A part of which one method fails as told before it does anything, and another after it did its work."""

    def __init__(self, part: Any, error: BaseException, before: str = "", after: str = "") -> None:
        self._part, self._error, self._before, self._after = part, error, before, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        async def call(*args: Any, **named: Any) -> Any:
            if name == self._before:
                raise self._error
            answer = await method(*args, **named)
            if name == self._after:
                raise self._error
            return answer

        return call


class Crash(BaseException):
    """The process dies here."""


def lines(records: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


async def waiting(world: World) -> Sequence[InboxBatch]:
    return await world.store.inbox.find_batches(TENANT, ACCOUNT, 100)


@pytest.fixture
def inbox(world: World) -> Inbox:
    return Inbox(world)


async def test_what_bears_cost_is_kept_and_work_is_queued(world: World, inbox: Inbox) -> None:
    receipt = await inbox.receive(world.launch(), IRRELEVANT, world.launch(), {"what": 1})
    assert (receipt.kept, receipt.irrelevant, receipt.malformed, receipt.unknown) == (2, 1, 1, 0)
    assert "eventTime" in receipt.problems[0]
    [kept] = await waiting(world)
    assert (kept.count, kept.source, kept.received_at) == (2, "push", world.clock())
    assert world.queue.items == [INGEST]


async def test_it_takes_effect_and_is_forgotten(world: World, inbox: Inbox) -> None:
    await inbox.receive(world.launch())
    await inbox.settle()
    assert len(await world.anomalies()) == 1
    assert await waiting(world) == []


async def test_irrelevant_records_ask_no_database(world: World) -> None:
    store = world.store
    nothing: Any = object()
    receiver = Receiver(
        inbox=Broken(store.inbox, Crash()), accounts=nothing, lookups=nothing, queue=nothing, clock=world.clock
    )
    receipt = await receiver.receive("push", [lines([IRRELEVANT] * 50)])
    assert receipt == Receipt(irrelevant=50)


async def test_the_same_delivery_makes_no_second_batch_however_it_is_cut(world: World, inbox: Inbox) -> None:
    body = lines([world.launch(), world.launch()])
    for size in (1, 1000, len(body)):
        chunks = [body[start : start + size] for start in range(0, len(body), size)]
        assert (await inbox.receiver.receive("push", chunks)).kept == 2
    assert len(await waiting(world)) == 1


async def test_a_record_from_three_sources_has_one_effect(world: World, inbox: Inbox) -> None:
    launched = world.launch()
    for source in ("push", "eventbridge", "s3"):
        await inbox.receiver.receive(source, [lines([launched, launched])])
    await world.ingest(launched)
    await inbox.settle()
    [anomaly] = await world.anomalies()
    assert anomaly.hourly_cost == 6.0
    assert await waiting(world) == []


async def test_unknown_accounts_are_skipped_and_named_once(
    world: World, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = {**world.launch(), "recipientAccountId": STRANGER}
    for _ in range(3):
        receipt = await inbox.receive(foreign, world.launch())
        assert (receipt.kept, receipt.unknown, receipt.unknown_accounts) == (1, 1, [STRANGER])
    assert caplog.text.count(STRANGER) == 1


@pytest.mark.parametrize("account_id", ["", "12", "1" * 13, "٣" * 12, "a.b$", None])
async def test_a_record_without_an_account_is_malformed(world: World, inbox: Inbox, account_id: str | None) -> None:
    record = {**world.launch(), "recipientAccountId": account_id, "userIdentity": {}}
    receipt = await inbox.receive(record)
    assert (receipt.kept, receipt.malformed) == (0, 1)


async def test_a_tenant_pushes_for_its_own_accounts_only(world: World, inbox: Inbox) -> None:
    assert (await inbox.receive(world.launch(), tenant_id="t-2")).unknown == 1
    assert (await inbox.receive(world.launch(), tenant_id=TENANT)).kept == 1


async def test_the_hub_gives_nothing_to_who_has_not_proven_the_account(world: World, inbox: Inbox) -> None:
    await world.change_account(status=AccountStatus.PENDING)
    assert (await inbox.receive(world.launch())).unknown == 1
    assert (await inbox.receive(world.launch(), tenant_id=TENANT)).kept == 1


async def test_a_disconnecting_account_gets_nothing_at_once(world: World, inbox: Inbox) -> None:
    await world.change_account(status=AccountStatus.DISCONNECTING)
    assert (await inbox.receive(world.launch())).unknown == 1
    assert (await inbox.receive(world.launch(), tenant_id=TENANT)).unknown == 1


async def test_an_account_learns_its_past_before_anything_is_judged(world: World, inbox: Inbox) -> None:
    await world.change_account(status=AccountStatus.LEARNING)
    await inbox.receive(world.launch())
    await inbox.settle()
    assert (len(await waiting(world)), await world.anomalies()) == (1, [])
    await world.change_account(status=AccountStatus.ACTIVE)
    await inbox.settle()
    assert (await waiting(world), len(await world.anomalies())) == ([], 1)


async def test_batches_of_an_account_that_is_gone_are_forgotten(world: World, inbox: Inbox) -> None:
    await world.store.inbox.save_batches([batch(tenant_id=TENANT, account_id=STRANGER)])
    await inbox.reader.ingest(TENANT, STRANGER)
    assert await world.store.inbox.find_batches(TENANT, STRANGER, 1) == []


async def test_nothing_is_acknowledged_when_the_database_is_away(world: World) -> None:
    away = Inbox(world, inbox=Broken(world.store.inbox, Unavailable("away"), before="save_batches"))
    with pytest.raises(Unavailable):
        await away.receive(world.launch())
    assert world.queue.items == []


async def test_a_queue_that_is_away_only_delays(world: World, inbox: Inbox) -> None:
    away = Inbox(world, queue=Broken(world.queue, Unavailable("away"), before="put"))
    assert (await away.receive(world.launch())).kept == 1
    assert await inbox.reader.requeue() == 0
    world.turn(2 * MINUTE)
    assert await inbox.reader.requeue() == 1
    assert world.queue.items == [INGEST]


@pytest.mark.integration
@pytest.mark.parametrize(
    "crash",
    [
        {"part": "inbox", "before": "save_batches"},
        {"part": "inbox", "after": "save_batches"},
        {"part": "queue", "after": "put"},
        {"part": "intake", "before": "ingest"},
        {"part": "intake", "after": "ingest"},
        {"part": "inbox", "after": "delete_batches"},
    ],
    ids=lambda crash: " ".join(crash.values()),
)
async def test_a_crash_anywhere_loses_and_doubles_nothing(real_world: World, crash: dict[str, str]) -> None:
    """The sender repeats what was not acknowledged, and the job brings back what nobody works on."""
    world, launched = real_world, real_world.launch()
    name = crash.pop("part")
    part = {"inbox": world.store.inbox, "queue": world.queue, "intake": world.intake}[name]
    broken = Inbox(world, **{name: Broken(part, Crash(), **crash)})
    acknowledged = asyncio.Event()

    async def deliver_and_work() -> None:
        await broken.receive(launched)
        acknowledged.set()
        await broken.settle()

    with pytest.raises(Crash):
        await deliver_and_work()
    whole = Inbox(world)
    if not acknowledged.is_set():
        await whole.receive(launched)
    world.turn(2 * MINUTE)
    await whole.reader.requeue()
    for item in world.queue.items:
        await whole.reader.ingest(item.tenant_id, item.account_id)
    [anomaly] = await world.anomalies()
    assert (anomaly.hourly_cost, anomaly.event_ids) == (6.0, (launched["eventID"],))
    assert await waiting(world) == []


@pytest.mark.integration
async def test_two_workers_on_one_account_double_nothing(real_world: World) -> None:
    """The queue keeps them apart; should it fail, the transaction does."""
    inbox = Inbox(real_world)
    for _ in range(5):
        await inbox.receive(real_world.launch())
        real_world.turn(MINUTE)
    await asyncio.gather(inbox.settle(), inbox.settle())
    assert sum(one.hourly_cost for one in await real_world.anomalies()) == 30.0
    assert await waiting(real_world) == []


class PickyIntake:
    """An intake with a defect: it cannot take one record."""

    def __init__(self, intake: Intake, event_id: str) -> None:
        self._intake, self._event_id = intake, event_id.encode()

    async def ingest(self, tenant_id: str, account_id: str, records: Sequence[bytes]) -> None:
        if any(self._event_id in record for record in records):
            raise ZeroDivisionError("a defect")
        await self._intake.ingest(tenant_id, account_id, records)


async def test_a_batch_that_cannot_take_effect_is_set_aside_and_named(world: World) -> None:
    poison = world.launch()
    inbox = Inbox(world, intake=PickyIntake(world.intake, poison["eventID"]))
    for record in (world.launch(), poison, world.launch()):
        await inbox.receive(record)
    await world.store.inbox.save_batches([batch("damaged", tenant_id=TENANT, received_at=world.clock())])
    await inbox.settle()
    assert await waiting(world) == []
    assert sum(one.hourly_cost for one in await world.anomalies()) == 12.0
    account = await world.account()
    assert account.records_malformed == 2
    assert "set aside" in account.last_malformed


async def test_a_database_that_is_away_sets_nothing_aside(world: World, inbox: Inbox) -> None:
    away = Inbox(world, intake=Broken(world.intake, Unavailable("away"), before="ingest"))
    await inbox.receive(world.launch())
    with pytest.raises(Unavailable):
        await away.settle()
    assert len(await waiting(world)) == 1


async def test_how_late_records_come_is_noted_by_source_and_region(world: World, inbox: Inbox) -> None:
    await inbox.receive(world.launch(ago=5 * MINUTE), world.launch(ago=HOUR, region=REGIONS[0]))
    await inbox.receive(world.launch(region="mars-north-1"))
    await inbox.settle()
    push = (await world.account()).arrivals["push"]
    assert {region: known.last_record_time for region, known in push.items()} == {
        REGIONS[0]: world.clock() - HOUR,
        REGIONS[1]: world.clock() - 5 * MINUTE,
    }
    assert lag_quantile(push[REGIONS[0]].lags, 0.5) == pytest.approx(3600, rel=LAG_ERROR)
    assert lag_quantile(push[REGIONS[1]].lags, 0.5) == pytest.approx(300, rel=LAG_ERROR)


async def test_status_tells_how_late_a_source_is_and_where_it_is_silent(world: World, inbox: Inbox) -> None:
    for minutes in range(1, 21):
        await inbox.receiver.receive("eventbridge", [lines([world.launch(ago=minutes * MINUTE)])])
    await inbox.settle()
    report = await world.reports.status(TENANT)
    [source] = report.accounts[0].sources
    assert source.median_lag == pytest.approx(600, rel=LAG_ERROR)
    assert source.p95_lag == pytest.approx(1140, rel=LAG_ERROR)
    assert source.silent_regions == (REGIONS[0],)
    text = str(status(report).blocks)
    assert "eventbridge: " in text
    assert "s behind (95%: 1,1" in text
    assert f"; NOTHING yet from {REGIONS[0]}" in text


async def test_a_body_larger_than_memory_should_hold_becomes_several_batches(world: World, inbox: Inbox) -> None:
    record = {**world.launch(), "padding": "x" * 900_000}
    records = [{**record, "eventID": f"event-{number}"} for number in range(12)]
    receipt = await inbox.receiver.receive("push", (lines([one]) for one in records))
    assert receipt.kept == 12
    assert [one.count for one in await waiting(world)] == [5, 5, 2]


async def test_a_record_larger_than_any_is_malformed(world: World, inbox: Inbox) -> None:
    receipt = await inbox.receive({**world.launch(), "padding": "x" * (1 << 20)})
    assert (receipt.kept, receipt.malformed) == (0, 1)


PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b'"Records":', b'"detail":', b'"', b"\n", b" ", b"\x00", b"\xff", b"12", b"null"]
)


@settings(max_examples=200)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=30))
def test_no_body_breaks_the_receiver(pieces: list[bytes]) -> None:
    nothing: Any = object()
    receiver = Receiver(
        inbox=Broken(object(), Crash()), accounts=nothing, lookups=nothing, queue=nothing, clock=nothing
    )
    receipt = asyncio.run(receiver.receive("push", pieces))
    assert receipt.kept == 0
    assert len(receipt.problems) <= receipt.malformed


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_record_on_one_line_says_the_same(value: Any) -> None:
    flat = on_one_line(json.dumps(value, indent=2).encode())
    assert b"\n" not in flat
    assert json.loads(flat) == value


async def test_records_over_many_lines_are_kept_as_one_each(world: World, inbox: Inbox) -> None:
    pretty = json.dumps({"Records": [world.launch(), world.launch()]}, indent=2).encode()
    await inbox.receiver.receive("push", [pretty])
    [kept] = await waiting(world)
    assert len(gzip.decompress(kept.records).splitlines()) == kept.count == 2
    await inbox.settle()
    assert sum(one.hourly_cost for one in await world.anomalies()) == 12.0


async def test_work_is_requeued_only_after_a_while(world: World, inbox: Inbox) -> None:
    await inbox.receive(world.launch())
    world.queue.items.clear()
    world.turn(timedelta(seconds=59))
    assert await inbox.reader.requeue() == 0
    world.turn(timedelta(seconds=2))
    assert await inbox.reader.requeue() == 1
