"""Intake: what cannot be used is counted and named, what can has its effect once, and nothing is lost."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.status import status
from engine.errors import Conflict, Unavailable
from engine.models.account import GovernanceMode
from engine.models.anomaly import DecisionKind
from services.intake import parse_batch
from tests.services.world import ACCOUNT, DEPLOY, HOUR, MINUTE, TENANT, World, raw

Change = Callable[[dict[str, Any]], Any]


def without(name: str) -> Change:
    return lambda record: {key: value for key, value in record.items() if key != name}


def having(**changes: Any) -> Change:
    return lambda record: {**record, **changes}


MALFORMED: dict[str, Change] = {
    "no object": lambda _: [1, 2],
    "no id": without("eventID"),
    "no time": without("eventTime"),
    "time of another kind": having(eventTime=17),
    "time of another millennium": having(eventTime="9999-01-01T00:00:00Z"),
    "name of another kind": having(eventName={"a": 1}),
    "no instances": having(responseElements={"instancesSet": {"items": []}}),
    "instances of another kind": having(responseElements={"instancesSet": {"items": [{"instanceId": 5}]}}),
    "another account": having(recipientAccountId="999999999999"),
}
HARMLESS: dict[str, Change] = {
    "unknown event": having(eventName="RunEverything"),
    "unknown service": having(eventSource="tea.amazonaws.com"),
    "refused": having(errorCode="Client.VcpuLimitExceeded"),
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_record_is_counted_and_named_and_stops_nothing(world: World, change: Change) -> None:
    broken = json.dumps(change(world.launch())).encode()
    report = await world.intake.ingest(TENANT, ACCOUNT, [*raw([world.launch()]), broken, *raw([world.launch()])])
    assert (report.read, report.malformed, report.cost_events) == (3, 1, 2)
    account = await world.account()
    assert (account.records_read, account.records_malformed) == (3, 1)
    assert broken[:40].decode() in account.last_malformed
    shown = json.dumps(status(await world.reports.status(TENANT)).blocks)
    assert "1 malformed (last: " in shown


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b"{" + b"x" * 2_000_000])
async def test_bytes_that_are_no_record_are_counted(world: World, broken: bytes) -> None:
    await world.intake.ingest(TENANT, ACCOUNT, [broken, *raw([world.launch()])])
    account = await world.account()
    assert account.records_malformed == 1
    assert 0 < len(account.last_malformed) < 500
    assert len(await world.anomalies()) == 1


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
async def test_a_record_that_costs_nothing_changes_nothing(world: World, change: Change) -> None:
    report = await world.intake.ingest(TENANT, ACCOUNT, raw([change(world.launch())]))
    assert (report.malformed, report.cost_events) == (0, 0)
    assert (await world.account()).records_malformed == 0


async def test_a_large_record_is_read(world: World) -> None:
    record = world.launch()
    record["requestParameters"]["userData"] = "x" * 300_000
    report = await world.intake.ingest(TENANT, ACCOUNT, raw([record]))
    assert (report.malformed, report.cost_events) == (0, 1)


async def test_the_wrong_account_is_named(world: World) -> None:
    await world.ingest({**world.launch(), "recipientAccountId": "999999999999"})
    assert "belongs to account '999999999999'" in (await world.account()).last_malformed


async def test_one_broken_record_is_counted_once_however_often_polls_overlap(world: World) -> None:
    for _ in range(3):
        await world.intake.ingest(TENANT, ACCOUNT, [b"{", b"{"])
    assert (await world.account()).records_malformed == 1
    await world.intake.ingest(TENANT, ACCOUNT, [b"{", b"{{"])
    account = await world.account()
    assert account.records_malformed == 2
    assert account.last_malformed.endswith("{{")


async def test_an_unknown_price_is_counted_shown_and_alerts_as_a_warning(world: World) -> None:
    class NoPrices:
        def rate(self, _sku: str, _region: str) -> None:
            return None

    world.intake._prices = NoPrices()  # noqa: SLF001 - the one price table is chosen when a process starts
    launched = world.launch(2, "x9.giant")
    await world.ingest(launched, world.terminate(launched))
    assert (await world.account()).unknown_prices == 1  # a stop needs no price
    assert "1 unknown price" in json.dumps(status(await world.reports.status(TENANT)).blocks)


@given(st.lists(st.binary(max_size=60)))
def test_parsing_never_raises_and_counts_everything(records: list[bytes]) -> None:
    batch = parse_batch(records, ACCOUNT)
    assert batch.read == len(records)
    assert batch.malformed + len(batch.records) <= batch.read
    assert bool(batch.last_malformed) is bool(batch.malformed)


async def test_the_same_batch_twice_changes_nothing(world: World) -> None:
    batch = [world.launch(), world.launch(2, ago=MINUTE), world.launch(1, actor=DEPLOY)]
    await world.ingest(*batch, *batch)
    before = (await world.baseline(), await world.anomalies(), await world.store.spending.sum_running(TENANT))
    await world.ingest(*batch)
    after = (await world.baseline(), await world.anomalies(), await world.store.spending.sum_running(TENANT))
    assert after == before
    assert before[0].events == 3
    assert before[2] == {ACCOUNT: 9.0}


async def test_the_order_of_a_batch_does_not_matter(world: World) -> None:
    launched = world.launch(ago=MINUTE)
    await world.ingest(world.terminate(launched), launched)
    [anomaly] = await world.anomalies()
    assert anomaly.ended_at == world.clock()


async def test_a_conflict_is_judged_again_on_what_is_true_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, first = world.store.ledger, world.launch(1)
    load, others = ledger.load_state, [world.launch(1)]

    async def overtaken(*args: Any) -> Any:
        loaded = await load(*args)
        if others:
            await world.ingest(others.pop())
        return loaded

    monkeypatch.setattr(ledger, "load_state", overtaken)
    await world.ingest(first)
    baseline = await world.baseline()
    assert (baseline.events, baseline.launches) == (2, 2)


async def test_a_conflict_that_does_not_end_is_raised(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    async def conflict(*args: object) -> None:
        tries.append(args)
        raise Conflict("somebody else")

    monkeypatch.setattr(world.store.ledger, "commit", conflict)
    with pytest.raises(Conflict):
        await world.ingest(world.launch())
    assert len(tries) == 5


@pytest.mark.integration
async def test_two_who_take_in_the_same_batch_at_once(real_world: World) -> None:
    batch = [real_world.launch(1) for _ in range(5)]
    await asyncio.gather(*(real_world.ingest(*batch) for _ in range(3)))
    assert (await real_world.baseline()).events == 5
    assert (await real_world.store.spending.sum_running(TENANT)) == {ACCOUNT: 5.0}


@pytest.mark.parametrize("method", ["find_known_event_ids", "load_state", "commit"])
async def test_nothing_is_lost_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("MongoDB did not answer.")

    batch = [*raw([world.launch()]), b"{"]
    with monkeypatch.context() as patched:
        patched.setattr(world.store.ledger, method, away)
        with pytest.raises(Unavailable):
            await world.intake.ingest(TENANT, ACCOUNT, batch)
    await world.intake.ingest(TENANT, ACCOUNT, batch)
    assert len(await world.anomalies()) == 1
    assert (await world.account()).records_malformed == 1


async def test_a_large_batch_is_committed_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, commit = [], world.store.ledger.commit

    async def counted(tenant_id: str, loaded: Any, changes: Any, now: Any) -> None:
        sizes.append(len(changes.cost_events))
        await commit(tenant_id, loaded, changes, now)

    monkeypatch.setattr(world.store.ledger, "commit", counted)
    monkeypatch.setattr("services.intake._BATCH", 4)
    report = await world.intake.ingest(TENANT, ACCOUNT, raw(world.launch(1) for _ in range(10)))
    assert sizes == [4, 4, 2]
    assert report.cost_events == 10
    assert (await world.baseline()).events == 10


async def test_a_new_anomaly_says_when_it_was_found(world: World) -> None:
    launched = world.launch(ago=7 * MINUTE)
    await world.ingest(launched)
    [anomaly] = await world.anomalies()
    assert anomaly.detected_at - anomaly.first_event_time == 7 * MINUTE
    found = anomaly.detected_at
    world.turn(MINUTE)
    await world.ingest(world.launch())
    [grown] = await world.anomalies()
    assert len(grown.event_ids) == 2
    assert grown.detected_at == found


async def test_an_anomaly_that_becomes_an_alert_says_when(world: World) -> None:
    """The first launch is only logged, because the account is young; the second one is caught by the safety net."""
    await world.ingest(world.launch(3, ago=2 * MINUTE))
    world.turn(MINUTE)
    second = world.launch(6)
    world.turn(4 * MINUTE)
    await world.ingest(second)
    [anomaly] = await world.anomalies()
    assert anomaly.decision.kind is DecisionKind.ALERT
    assert anomaly.detected_at == world.clock()


async def test_nothing_is_found_before_it_happens(world: World) -> None:
    """Our clock may be behind AWS's."""
    await world.ingest(world.launch(ago=-MINUTE))
    [anomaly] = await world.anomalies()
    assert anomaly.detected_at == anomaly.first_event_time


async def test_the_safety_net_alerts_in_default_strict_mode_and_not_in_a_chosen_one(world: World) -> None:
    await world.ingest(world.launch(6))
    assert [one.decision.safety_net for one in await world.anomalies()] == [True]
    await world.change_account(mode=GovernanceMode.STRICT, mode_set_by="U1")
    world.turn(3 * HOUR)
    await world.ingest(world.launch(9))
    assert len(await world.anomalies()) == 1
