"""Idle resources as they are stored."""

from datetime import datetime

import pytest

from engine.errors import Conflict, NotFound
from engine.zombies.models import FindingStatus, Totals, VerdictKind
from services.ports.zombies import ZombieRows
from store.connect import Store
from tests.store.samples import ACCOUNT, ACTOR, HOUR, NOW, OTHER_TENANT, TENANT, audit_record, changes, loaded, resource
from tests.store.zombie_samples import finding, kept, scan


async def shown(store: Store, now: datetime = NOW) -> list[str]:
    rows = await store.zombies.find_page(TENANT, None, now, skip=0, limit=10)
    return [one.finding_id for one in rows]


async def test_the_dearest_come_first_and_unknown_prices_last(store: Store) -> None:
    rows: ZombieRows = store.zombies
    priced = [finding("z-cheap", monthly_cost=1.0), finding("z-dear", monthly_cost=99.5)]
    await rows.save_findings(TENANT, [*priced, finding("z-unknown", monthly_cost=None)])
    await rows.save_findings(OTHER_TENANT, [finding("z-foreign")])
    assert await shown(store) == ["z-dear", "z-cheap", "z-unknown"]
    assert await rows.sum_open(TENANT, None, NOW) == Totals(3, 100.5, 1)
    assert await rows.sum_open(TENANT, "444455556666", NOW) == Totals()


async def test_seen_again_keeps_when_it_was_found_and_what_people_said(store: Store) -> None:
    await store.zombies.save_findings(TENANT, [finding()])
    await store.zombies.record_verdict(TENANT, finding(), kept(), audit_record())
    later = finding(found_at=NOW + HOUR, seen_at=NOW + HOUR, monthly_cost=9.0)
    await store.zombies.save_findings(TENANT, [later])
    stored = await store.zombies.find_finding(TENANT, "z-1")
    assert (stored.found_at, stored.seen_at, stored.monthly_cost) == (NOW, NOW + HOUR, 9.0)
    assert stored.verdict == kept()


async def test_what_is_kept_is_silent_until_its_day_and_what_is_not_idle_for_ever(store: Store) -> None:
    await store.zombies.save_findings(TENANT, [finding("z-kept"), finding("z-not"), finding("z-planned")])
    for finding_id, verdict in (
        ("z-kept", kept()),
        ("z-not", kept(kind=VerdictKind.NOT_IDLE, until=None)),
        ("z-planned", kept(kind=VerdictKind.DELETE_PLANNED, until=None)),
    ):
        await store.zombies.record_verdict(TENANT, finding(finding_id), verdict, audit_record())
    assert await shown(store) == ["z-planned"]
    assert set(await shown(store, NOW + 2 * HOUR)) == {"z-kept", "z-planned"}


async def test_of_two_verdicts_at_once_one_wins(store: Store) -> None:
    await store.zombies.save_findings(TENANT, [finding()])
    await store.zombies.record_verdict(TENANT, finding(), kept(), audit_record())
    with pytest.raises(Conflict):
        await store.zombies.record_verdict(TENANT, finding(), kept(by="U2"), audit_record())
    assert len((await store.audit.find_chain(TENANT)).entries) == 1


async def test_what_went_away_is_counted_as_saved(store: Store) -> None:
    await store.zombies.save_findings(TENANT, [finding("z-1"), finding("z-2"), finding("z-3", monthly_cost=None)])
    assert await store.zombies.close_findings(TENANT, ["z-1", "z-3"], FindingStatus.GONE, NOW) == 2
    assert await store.zombies.close_findings(TENANT, ["z-1", "z-2"], FindingStatus.USED, NOW) == 1
    assert await store.zombies.sum_saved(TENANT, ACCOUNT, NOW) == Totals(2, 8.0, 1)
    assert await store.zombies.sum_saved(TENANT, None, NOW + HOUR) == Totals()
    assert await store.zombies.sum_saved(TENANT, "444455556666", NOW) == Totals()
    assert await store.zombies.find_known(TENANT, ACCOUNT) == []


async def test_another_tenant_finds_nothing(store: Store) -> None:
    await store.zombies.save_findings(TENANT, [finding()])
    with pytest.raises(NotFound):
        await store.zombies.find_finding(OTHER_TENANT, "z-1")
    assert await store.zombies.close_findings(OTHER_TENANT, ["z-1"], FindingStatus.GONE, NOW) == 0
    with pytest.raises(Conflict):
        await store.zombies.record_verdict(OTHER_TENANT, finding(), kept(), audit_record())


async def test_one_process_scans_an_account_and_a_dead_one_is_taken_over(store: Store) -> None:
    async def begin(now: datetime) -> bool:
        return await store.zombies.begin_scan(
            TENANT,
            ACCOUNT,
            now,
            ended_before=now - 24 * HOUR,
            begun_before=now - HOUR,
        )

    assert await begin(NOW)
    assert not await begin(NOW)
    assert await begin(NOW + 2 * HOUR)  # Whoever began has not ended within its time.
    await store.zombies.end_scan(TENANT, scan())  # It comes back late, and its turn is another's.
    assert [one.ended_at for one in await store.zombies.find_scans(TENANT)] == [None]
    await store.zombies.end_scan(TENANT, scan(began_at=NOW + 2 * HOUR, ended_at=NOW + 2 * HOUR))
    assert not await begin(NOW + 25 * HOUR)
    assert await begin(NOW + 27 * HOUR)


async def test_the_creator_comes_from_our_own_records(store: Store) -> None:
    made = {"eu-west-1/ec2/vol-1": resource("eu-west-1/ec2/vol-1", actor_key=ACTOR.key)}
    await store.ledger.commit(TENANT, loaded(tenant_id=TENANT), changes(resources=made), NOW)
    owners = await store.zombies.find_creators(TENANT, ACCOUNT, ["eu-west-1/ec2/vol-1", "eu-west-1/ec2/vol-2"])
    assert [(key, one.name, one.source) for key, one in owners.items()] == [
        ("eu-west-1/ec2/vol-1", "ci", "created it"),
    ]
