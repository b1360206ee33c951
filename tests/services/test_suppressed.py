"""Whatever people silence, the audit log says what they were not told of, and not what nobody would have told them."""

from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.audit import AuditAction, AuditEntry
from engine.models.search import AnomalyQuery
from engine.models.session import User
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


async def test_what_was_expected_can_be_asked_for_and_counts_as_no_alert(world: World) -> None:
    """It has an id, a reason and an entry; no card, no place among the alerts, nothing for an undo to take back."""
    await world.ingest(world.launch(40))
    [told] = await found(world)
    await world.verdicts.mark_expected(TENANT, told, "U1")
    await world.settle()
    track_record = await world.store.anomalies.find_track_records(TENANT)
    world.turn(8 * HOUR)
    await world.ingest(world.launch(50))
    [note] = [one for one in (await found(world)).values() if one.is_covered]
    assert (note.decision.kind, note.decision.reason) == (DecisionKind.LOG, "Expected, as U1 said.")
    assert (await world.findings.explain(TENANT, note.anomaly_id)).anomaly == note
    assert await world.store.outbox.find_delivery(TENANT, note.anomaly_id) is None
    listed = await world.findings.list_anomalies(TENANT, AnomalyQuery(suppressed=True))
    assert [row.anomaly_id for row in listed.rows] == [note.anomaly_id]
    [entry] = await suppressed(world)
    assert (entry.details["reason"], entry.details["alerts"]) == ("Expected, as U1 said.", 1)
    assert entry.details["anomaly_ids"] == note.anomaly_id
    report = await world.new_digests().last_day(TENANT)
    assert [(one.reason, one.count) for one in report.suppressed] == [("Expected, as somebody said.", 1)]
    await world.store.users.save_user(
        TENANT, User(user_id="U1", name="Ann", issuer="slack", subject="U1", created_at=world.clock())
    )
    named = await world.new_digests().last_day(TENANT)
    assert [one.reason for one in named.suppressed] == ["Expected, as Ann said."]
    assert await world.store.anomalies.find_track_records(TENANT) == track_record
    assert not (await world.verdicts.undo(TENANT, note.anomaly_id, "U2")).changed
    assert not (await world.verdicts.not_expected(TENANT, note.anomaly_id, "U2")).changed
