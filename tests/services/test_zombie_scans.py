"""Scans over a store: what is found, what closes by itself, and what a failure leaves alone."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta

import msgspec
import pytest

from engine.errors import Conflict, NotFound, Unavailable
from engine.examples import FlatPrices
from engine.models.account import AwsAccount
from engine.models.cost_event import UsageItem
from engine.zombies.keeping import MOST_OF_A_RULE
from engine.zombies.models import Batch, Confidence, Covered, Described, FindingStatus, Totals, Trouble, VerdictKind
from engine.zombies.thresholds import Thresholds
from services.zombie_asks import ZombieAsking
from services.zombie_scans import ZombieScans
from services.zombie_settings import ZombieSettings
from services.zombies import Zombies
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.store.samples import ACCOUNT, ACTOR, NOW, OTHER_TENANT, TENANT, account, changes, loaded, resource, tenant

DAY = timedelta(days=1)
REGION = "eu-west-1"


class Aws:
    """Says of an account what a test put into it, and fails where a test wants it to."""

    def __init__(self) -> None:
        self.volumes: list[Described] = []
        self.is_denied = False
        self.dies = False

    async def look(
        self,
        account: AwsAccount,  # noqa: ARG002 - the port asks for all of them
        regions: Sequence[str],  # noqa: ARG002 - the port asks for all of them
        now: datetime,  # noqa: ARG002 - the port asks for all of them
        limits: Thresholds,  # noqa: ARG002 - the port asks for all of them
    ) -> AsyncGenerator[Batch | Covered | Trouble, None]:
        if self.dies:
            raise Unavailable("AWS is away.", code="away")
        yield Batch(region=REGION, family="volumes", resources=tuple(self.volumes))
        yield Trouble(REGION, "volumes", "denied") if self.is_denied else Covered(REGION, "volumes")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def volume(volume_id: str = "vol-1", gb: float = 1, *traits: str) -> Described:
    return Described(
        kind="volume",
        region=REGION,
        resource_id=volume_id,
        known_as=("ec2", volume_id),
        usage=(UsageItem("ebs/gp3/gb", gb),),
        traits=frozenset(traits),
    )


@pytest.fixture
def store() -> Store:
    return Store(memory_database(), transactions=False)


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def scans(store: Store, aws: Aws, clock: Clock) -> ZombieScans:
    await store.tenants.save_tenant(tenant())
    await store.accounts.insert_account(TENANT, account())
    return ZombieScans(
        lookups=store.system,
        tenants=store.tenants,
        accounts=store.accounts,
        source=aws,
        rows=store.zombies,
        prices=FlatPrices(),
        clock=clock,
    )


@pytest.fixture
def zombies(store: Store, clock: Clock) -> Zombies:
    return Zombies(store.accounts, store.zombies, ZombieAsking(store.zombies, store.zombie_asks, clock), clock)


async def listed(zombies: Zombies) -> list[str]:
    return [one.resource_id for one in (await zombies.list_zombies(TENANT, "", 1)).rows]


async def test_an_account_is_scanned_once_a_day_and_at_once_when_new(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.volumes = [volume(), volume("vol-2", 1, "attached")]
    assert await scans.scan_due() == 1
    assert await scans.scan_due() == 0
    assert await listed(zombies) == ["vol-1"]
    clock.now += DAY + timedelta(hours=2)
    assert await scans.scan_due() == 1


async def test_findings_close_when_the_resource_goes_and_the_money_is_counted(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, store: Store
) -> None:
    aws.volumes = [volume(), volume("vol-2")]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    clock.now += DAY
    aws.volumes = [volume("vol-2", 1, "attached")]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    found = await zombies.list_zombies(TENANT, "", 1)
    assert (found.rows, found.totals, found.saved) == ((), Totals(), Totals(1, 730.0, 0))
    assert await store.zombies.find_known(TENANT, ACCOUNT) == []


@pytest.mark.parametrize(("is_planned", "saved"), [(True, 1), (False, 0)])
async def test_what_is_changed_as_planned_saves_money_though_it_goes_on(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, *, is_planned: bool, saved: int
) -> None:
    old = msgspec.structs.replace(volume("vol-1", 10, "attached"), words={"type": "gp2"}, numbers={"gb": 10})
    aws.volumes = [old]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.list_zombies(TENANT, "", 1)).rows
    assert found.rule == "volume_previous"
    if is_planned:
        await zombies.judge(TENANT, found.finding_id, VerdictKind.DELETE_PLANNED, "U1")
    clock.now += DAY
    aws.volumes = [msgspec.structs.replace(old, words={"type": "gp3"})]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    listed_now = await zombies.list_zombies(TENANT, "", 1)
    assert (listed_now.rows, listed_now.saved.count) == ((), saved)


async def test_what_is_changing_is_neither_gone_nor_used(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    """A cache that is copied at the moment of the look saves nobody anything."""
    aws.volumes = [volume()]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    for traits, still in (("changing",), ["vol-1"]), (("changing", "attached"), ["vol-1"]), (("attached",), []):
        clock.now += DAY
        aws.volumes = [volume("vol-1", 1, *traits)]
        await scans.scan(TENANT, ACCOUNT, clock.now)
        assert await listed(zombies) == still
    assert (await zombies.list_zombies(TENANT, "", 1)).saved == Totals()


@pytest.mark.parametrize(("trait", "saved"), [("stopped", 1), ("running", 0)])
async def test_what_is_stopped_as_proposed_saves_money(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, *, trait: str, saved: int
) -> None:
    notebook = Described(
        kind="notebook",
        region=REGION,
        resource_id="nb",
        usage=(UsageItem("sagemaker/ml.t3.medium", 1),),
        traits=frozenset({"running"}),
        changed_at=clock.now - 9 * DAY,
    )
    aws.volumes = [notebook]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert await listed(zombies) == ["nb"]
    clock.now += DAY
    # What runs was started anew an hour ago.
    aws.volumes = [
        msgspec.structs.replace(notebook, traits=frozenset({trait}), changed_at=clock.now - timedelta(hours=1))
    ]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    found = await zombies.list_zombies(TENANT, "", 1)
    assert (found.rows, found.saved.count) == ((), saved)


async def test_nothing_closes_where_aws_did_not_show_everything(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.volumes = [volume()]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    aws.volumes, aws.is_denied = [], True
    scan = await scans.scan(TENANT, ACCOUNT, clock.now + DAY)
    assert await listed(zombies) == ["vol-1"]
    assert [one.error for one in scan.troubles] == ["denied"]


async def test_a_scan_that_fails_is_done_again_and_stops_no_other(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.dies = True
    assert await scans.scan_due() == 0
    aws.dies, aws.volumes = False, [volume()]
    clock.now += timedelta(hours=2)
    assert await scans.scan_due() == 1
    assert await listed(zombies) == ["vol-1"]


async def test_of_very_many_only_the_dearest_are_kept_and_the_rest_is_counted(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.volumes = [volume(f"vol-{number}", number) for number in range(1, MOST_OF_A_RULE + 4)]
    scan = await scans.scan(TENANT, ACCOUNT, clock.now)
    assert [(one.count, one.monthly_cost) for one in scan.rest] == [(3, 6 * 730.0)]
    found = await zombies.list_zombies(TENANT, "", 1)
    assert (found.totals.count, found.rows[0].resource_id) == (MOST_OF_A_RULE, f"vol-{MOST_OF_A_RULE + 3}")
    # What was kept before is kept although dearer ones came, for it is still there.
    aws.volumes += [volume(f"vol-x{number}", 9999) for number in range(MOST_OF_A_RULE)]
    await scans.scan(TENANT, ACCOUNT, clock.now + DAY)
    assert (await zombies.list_zombies(TENANT, "", 1)).totals.count == 2 * MOST_OF_A_RULE


async def test_the_owner_is_who_created_it(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, store: Store
) -> None:
    made = {f"{REGION}/ec2/vol-1": resource(f"{REGION}/ec2/vol-1")}
    await store.ledger.commit(TENANT, loaded(tenant_id=TENANT), changes(resources=made), NOW)
    aws.volumes = [volume()]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.list_zombies(TENANT, "", 1)).rows
    assert found.owner is not None
    assert (found.owner.name, found.owner.actor_key) == ("ci", ACTOR.key)


async def test_verdicts_hide_and_teach(scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies) -> None:
    aws.volumes = [volume(), volume("vol-2"), volume("vol-3")]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    by_id = {one.resource_id: one.finding_id for one in (await zombies.list_zombies(TENANT, "", 1)).rows}
    until = clock.now + 7 * DAY
    kept = await zombies.judge(TENANT, by_id["vol-1"], VerdictKind.KEEP, "U1", until=until, reason="migration")
    assert kept.verdict is not None
    assert kept == await zombies.judge(TENANT, by_id["vol-1"], VerdictKind.KEEP, "U2", until=until)
    await zombies.judge(TENANT, by_id["vol-2"], VerdictKind.NOT_IDLE, "U1")
    await zombies.judge(TENANT, by_id["vol-3"], VerdictKind.DELETE_PLANNED, "U1")
    clock.now += DAY
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert await listed(zombies) == ["vol-3"]
    clock.now += 7 * DAY
    assert set(await listed(zombies)) == {"vol-1", "vol-3"}


async def test_verdicts_that_make_no_sense_are_refused(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, store: Store
) -> None:
    aws.volumes = [volume()]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.list_zombies(TENANT, "", 1)).rows
    for kind, until in (
        (VerdictKind.KEEP, None),
        (VerdictKind.KEEP, NOW - DAY),
        (VerdictKind.KEEP, NOW + 500 * DAY),
        (VerdictKind.NOT_IDLE, NOW + DAY),
    ):
        with pytest.raises(Conflict):
            await zombies.judge(TENANT, found.finding_id, kind, "U1", until=until)
    with pytest.raises(NotFound):
        await zombies.judge(OTHER_TENANT, found.finding_id, VerdictKind.NOT_IDLE, "U1")
    await store.zombies.close_findings(TENANT, [found.finding_id], FindingStatus.GONE, clock.now)
    with pytest.raises(Conflict):
        await zombies.judge(TENANT, found.finding_id, VerdictKind.NOT_IDLE, "U1")


async def test_a_tenants_own_threshold_holds_for_its_scans_and_is_shown(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, store: Store
) -> None:
    settings = ZombieSettings(store.tenants, clock)
    young = msgspec.structs.replace(volume(), created_at=clock.now - 3 * DAY)
    aws.volumes = [young]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert await listed(zombies) == ["vol-1"]
    await settings.change(TENANT, "U1", {"grace_days": 5.0})
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert await listed(zombies) == []
    await settings.change(TENANT, "U1", {"grace_days": 2.0})
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.list_zombies(TENANT, "", 1)).rows
    assert found.threshold == "attached to nothing, 2 d old at least"
    chain = await store.audit.find_chain(TENANT)
    records = [one.details["to"] for one in chain.entries if "setting" in one.details]
    assert records == ["grace_days 5", "grace_days 2"]
    await store.tenants.save_tenant(tenant())
    assert (await store.tenants.find_tenant(TENANT)).zombie_thresholds == {"grace_days": 2}


async def test_what_is_said_can_be_taken_back(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies, store: Store
) -> None:
    aws.volumes = [volume(), volume("vol-2")]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    kept, taught = (await zombies.list_zombies(TENANT, "", 1)).rows
    await zombies.judge(TENANT, kept.finding_id, VerdictKind.KEEP, "U1", until=clock.now + DAY)
    await zombies.judge(TENANT, taught.finding_id, VerdictKind.NOT_IDLE, "U1")
    hidden = await zombies.list_zombies(TENANT, "", 1, hidden=True)
    assert ({one.resource_id for one in hidden.rows}, hidden.totals.count) == ({"vol-1", "vol-2"}, 2)
    for one in (kept, taught):
        assert (await zombies.undo(TENANT, one.finding_id, "U2")).verdict is None
        with pytest.raises(Conflict):
            await zombies.undo(TENANT, one.finding_id, "U2")
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert set(await listed(zombies)) == {"vol-1", "vol-2"}
    with pytest.raises(NotFound):
        await zombies.undo(OTHER_TENANT, kept.finding_id, "U2")
    said = [one.details["verdict"] for one in (await store.audit.find_chain(TENANT)).entries if "zombie" in one.details]
    assert said == ["keep", "not_idle", "undo", "undo"]


async def test_not_idle_holds_for_the_resource_whatever_rule_finds_it(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.volumes = [volume()]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.list_zombies(TENANT, "", 1)).rows
    await zombies.judge(TENANT, found.finding_id, VerdictKind.NOT_IDLE, "U1")
    stopped = {"changed_at": clock.now - 9 * DAY, "traits": frozenset({"attached", "on_stopped"})}
    aws.volumes = [msgspec.structs.replace(volume(), **stopped), msgspec.structs.replace(volume("vol-2"), **stopped)]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert await listed(zombies) == ["vol-2"]
    await zombies.undo(TENANT, found.finding_id, "U1")
    await scans.scan(TENANT, ACCOUNT, clock.now)
    assert set(await listed(zombies)) == {"vol-1", "vol-2"}


async def test_a_rule_that_is_wrong_again_and_again_gets_less_sure(
    scans: ZombieScans, aws: Aws, clock: Clock, zombies: Zombies
) -> None:
    aws.volumes = [volume(f"vol-{number}") for number in range(5)]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    for found in (await zombies.page(TENANT, None, 1, 10)).rows[:3]:
        await zombies.judge(TENANT, found.finding_id, VerdictKind.NOT_IDLE, "U1")
    await scans.scan(TENANT, ACCOUNT, clock.now)
    for found in (await zombies.page(TENANT, None, 1, 10)).rows:
        assert found.confidence is Confidence.MEDIUM
        assert found.evidence[-1] == "of what this rule found, you called 3 not idle and let 0 go"
    aws.volumes = []
    await scans.scan(TENANT, ACCOUNT, clock.now)
    aws.volumes = [volume("vol-9")]
    await scans.scan(TENANT, ACCOUNT, clock.now)
    [found] = (await zombies.page(TENANT, None, 1, 10)).rows
    assert found.evidence[-1] == "of what this rule found, you called 3 not idle and let 2 go"
