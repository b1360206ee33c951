"""Whatever people silence, the audit log says what they were not told of, and not what nobody would have told them."""

from engine.models.anomaly import Anomaly
from engine.models.audit import AuditAction, AuditEntry
from tests.services.test_panic import pausing
from tests.services.world import ACCOUNT, HOUR, TENANT, World, stranger


async def suppressed(world: World) -> list[AuditEntry]:
    chain = await world.store.audit.find_chain(TENANT)
    return [entry for entry in chain.entries if entry.action == AuditAction.SUPPRESSED]


async def found(world: World) -> dict[str, Anomaly]:
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock() - 9 * HOUR)
    return dict(loaded.state.anomalies)


async def test_what_a_pause_keeps_silent_is_recorded_once_for_all_that_joins(world: World) -> None:
    await pausing(world).pause(TENANT, "U1")
    await world.ingest(world.launch(40), world.launch(50, actor=stranger(1)))
    await world.ingest(world.launch(10))
    [entry] = await suppressed(world)
    assert (entry.details["reason"], entry.details["alerts"]) == ("Alerting is paused.", 2)
    assert set(str(entry.details["anomaly_ids"]).split()) == set(await found(world))


async def test_what_was_too_cheap_for_a_card_is_no_alert_that_a_pause_suppressed(world: World) -> None:
    await pausing(world).pause(TENANT, "U1")
    await world.ingest(world.launch(3, "t3.nano"))
    [cheap] = (await found(world)).values()
    assert cheap.decision.reason == "Alerting is paused."
    assert await suppressed(world) == []


async def test_what_a_snooze_hides_is_recorded(world: World) -> None:
    await world.ingest(world.launch(40))
    [first] = await found(world)
    await world.verdicts.snooze(TENANT, first, "U1", 20 * HOUR)
    world.turn(8 * HOUR)
    await world.ingest(world.launch(40))
    [entry] = await suppressed(world)
    assert (entry.details["reason"], entry.details["alerts"]) == ("Snoozed by U1.", 1)
    assert entry.details["anomaly_ids"] != first
