"""The day-zero baseline: learned in order, told to nobody, the same after a crash."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from blocks.status import status
from clients.archive_folder import ArchiveFolder
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from demo.aws_account.records import create_tags
from engine.cloudtrail import parse
from engine.errors import AccessDenied, Unavailable
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode
from engine.models.report import GapKind, RegionGap
from services.archiving import Archiving
from tests.services.world import ACCOUNT, DAY, DEPLOY, HOUR, MINUTE, REGIONS, TENANT, World, stranger


@pytest.fixture
async def learning(world: World) -> World:
    """An account that was just connected."""
    await forget_cursors(world)
    await world.change_account(status=AccountStatus.LEARNING)
    return world


async def forget_cursors(world: World) -> None:
    database = world.store.accounts._accounts  # noqa: SLF001 - a cursor is never removed in the program
    await database.update_one({"tenant_id": TENANT}, {"$set": {"cursors": []}})


def a_quiet_life(world: World, days: int, every: timedelta = 12 * HOUR) -> Iterator[dict[str, Any]]:
    """The same deploy over and over, in turn in both Regions."""
    ago = days * DAY
    number = 0
    while ago > timedelta(0):
        yield world.launch(1, "t3.micro", ago=ago, actor=DEPLOY, region=REGIONS[number % 2])
        ago -= every
        number += 1


def fill(world: World, account: SimulatedAccount, days: int) -> None:
    for record in a_quiet_life(world, days):
        account.record(record)


class Crash(BaseException):
    """What ends a process."""


class CrashingLedger:
    """The ledger, in a process that dies at one of its commits: before it, or right after it."""

    def __init__(self, ledger: Any, at: int, *, after: bool) -> None:
        self._ledger = ledger
        self._left = at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def commit(self, *args: Any) -> None:
        self._left -= 1
        if self._left or self._after:
            await self._ledger.commit(*args)
        if not self._left:
            raise Crash


async def test_history_is_learned_and_nobody_is_bothered(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 30)
    aws_account.record(learning.launch(30, "p3.8xlarge", ago=10 * DAY))
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account, baseline = await learning.account(), await learning.baseline()
    assert (account.status, account.regions_learned) == (AccountStatus.ACTIVE, len(REGIONS))
    assert baseline.launches == baseline.events == 61
    assert await learning.anomalies() == []
    assert await learning.store.outbox.claim_due(learning.clock(), 60) is None
    assert account.records_read == 61


async def test_it_is_learned_in_the_order_it_happened(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudTrail gives it newest first, one Region after the other."""
    fill(learning, aws_account, 20)
    times: list[datetime] = []
    commit = learning.store.ledger.commit

    async def noted(tenant_id: str, loaded: Any, changes: Any, now: Any) -> None:
        times.extend(event.event_time for event in changes.cost_events)
        await commit(tenant_id, loaded, changes, now)

    monkeypatch.setattr(learning.store.ledger, "commit", noted)
    monkeypatch.setattr("services.history._BATCH", 7)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    assert len(times) == 40
    assert times == sorted(times)


async def test_polling_goes_on_where_history_ended(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 20)
    until = learning.clock()
    await learning.history(simulator).read(TENANT, ACCOUNT)
    cursors = (await learning.account()).cursors
    assert [cursor.region for cursor in cursors] == list(REGIONS)
    assert {(cursor.read_until, cursor.rescanned_at, cursor.error) for cursor in cursors} == {(until, until, "")}
    aws_account.record(learning.launch(30, "p3.8xlarge"))
    learning.turn(MINUTE)
    await learning.poller(simulator).poll(TENANT, ACCOUNT)
    assert len(await learning.anomalies()) == 1


@pytest.mark.parametrize(
    ("days", "mode_set_by", "thefts", "mode"),
    [
        (30, "", 0, GovernanceMode.AUDIT),
        (13, "", 0, GovernanceMode.STRICT),  # under fourteen days
        (30, "", 5, GovernanceMode.STRICT),  # would have alerted five times in four weeks
        (30, "U1", 0, GovernanceMode.STRICT),  # chosen
    ],
)
async def test_promotion_at_the_end(
    *,
    learning: World,
    simulator: AwsSimulator,
    aws_account: SimulatedAccount,
    days: int,
    mode_set_by: str,
    thefts: int,
    mode: GovernanceMode,
) -> None:
    await learning.change_account(mode_set_by=mode_set_by)
    fill(learning, aws_account, days)
    for number in range(thefts):
        ago = 12 * DAY - number * 5 * HOUR
        aws_account.record(learning.launch(30, f"p{number}.8xlarge", ago=ago, actor=stranger(number)))
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert (account.mode, account.history_alerts) == (mode, thefts)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 4])
async def test_a_crash_in_the_middle_changes_nothing_in_the_end(
    *,
    learning: World,
    simulator: AwsSimulator,
    aws_account: SimulatedAccount,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    after: bool,
) -> None:
    monkeypatch.setattr("services.history._BATCH", 10)
    fill(learning, aws_account, 20)
    until = learning.clock()
    crashing = CrashingLedger(learning.store.ledger, at, after=after)
    with pytest.raises(Crash):
        await learning.history(simulator, crashing).read(TENANT, ACCOUNT)
    assert (await learning.account()).status is AccountStatus.LEARNING
    learning.turn(HOUR)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    again = await learning.baseline()
    assert again.launches == again.events == 40
    assert again.types["t3.micro"].count == 40
    assert again.regions == {"eu-west-1": 20, "us-east-1": 20}
    account = await learning.account()
    assert account.mode is GovernanceMode.AUDIT
    assert {cursor.read_until for cursor in account.cursors} == {until}


async def test_what_happens_after_a_failed_attempt_is_judged_and_not_just_learned(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 20)
    crashing = CrashingLedger(learning.store.ledger, 1, after=False)
    with pytest.raises(Crash):
        await learning.history(simulator, crashing).read(TENANT, ACCOUNT)
    learning.turn(MINUTE)
    aws_account.record(learning.launch(30, "p3.8xlarge"))
    learning.turn(MINUTE)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    await learning.poller(simulator).poll(TENANT, ACCOUNT)
    assert len(await learning.anomalies()) == 1


async def test_a_role_given_meanwhile_is_kept(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(learning, aws_account, 2)
    given = "arn:aws:iam::111122223333:role/given-meanwhile"
    count = learning.store.accounts.count_records

    async def count_later(*args: Any, **named: Any) -> None:
        await learning.change_account(role_arn=given)
        await count(*args, **named)

    monkeypatch.setattr(learning.store.accounts, "count_records", count_later)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert (account.status, account.role_arn) == (AccountStatus.ACTIVE, given)


async def test_connecting_again_skips_nothing(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    """An account that was not readable for hours is connected again: what happened meanwhile is still judged."""
    world.turn(6 * HOUR)
    aws_account.record(world.launch(6, ago=30 * MINUTE))
    before = [cursor.read_until for cursor in (await world.account()).cursors]
    await world.change_account(status=AccountStatus.LEARNING)
    await world.history(simulator).read(TENANT, ACCOUNT)
    assert [cursor.read_until for cursor in (await world.account()).cursors] == before
    for _ in range(6):
        await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert len(await world.anomalies()) == 1


async def test_a_region_that_fails_is_named_and_watched_all_the_same(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 20)
    simulator.fail_next("LookupEvents", "AccessDeniedException")
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account = await learning.account()
    failed = [cursor for cursor in account.cursors if cursor.error]
    assert [one.error.startswith("Its history could not be read.") for one in failed] == [True]
    assert (account.status, account.regions_learned) == (AccountStatus.ACTIVE, len(REGIONS) - 1)
    assert (await learning.baseline()).events == 20


async def test_when_no_region_answers_it_is_tried_again(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 20)
    aws_account.deny("cloudtrail:LookupEvents")
    with pytest.raises(AccessDenied):
        await learning.history(simulator).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert account.status is AccountStatus.LEARNING
    assert account.status_detail.startswith("Its history cannot be read yet.")
    assert "cloudtrail:LookupEvents" in account.status_detail
    aws_account.allow("cloudtrail:LookupEvents")
    simulator.fail_next("LookupEvents", "InternalFailure", times=2)
    with pytest.raises(Unavailable):
        await learning.history(simulator).read(TENANT, ACCOUNT)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    assert (await learning.baseline()).events == 40
    assert (await learning.account()).status_detail == ""


async def test_malformed_history_is_counted(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    fill(learning, aws_account, 20)
    aws_account.record({**learning.launch(ago=DAY), "responseElements": {}})
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account: AwsAccount = await learning.account()
    assert account.records_malformed == 1
    assert "RunInstances" in account.last_malformed


def kept_ids(archive: Path) -> list[str]:
    packed = [gzip.decompress(path.read_bytes()) for path in archive.rglob("*.gz")]
    return [json.loads(line)["eventID"] for lines in packed for line in lines.splitlines()]


async def test_every_record_of_the_history_is_archived(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount, tmp_path: Path
) -> None:
    world = learning
    fill(world, aws_account, days=30)
    tagged = create_tags(world.writer.scene(DEPLOY, world.clock() - DAY, REGIONS[0]), "i-1", "owner", "me")
    aws_account.record(tagged)
    archiving = Archiving(ArchiveFolder(tmp_path), 400, world.clock)
    await world.history(simulator, archiving=archiving).read(TENANT, ACCOUNT)
    kept = kept_ids(tmp_path)
    assert len(kept) == len(set(kept)) == 61
    assert tagged["eventID"] in kept


async def test_too_much_history_is_learned_as_far_as_it_was_read_and_the_rest_is_named(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    world = learning
    for number in range(150):
        aws_account.record(world.launch(1, "t3.micro", ago=number * HOUR, actor=DEPLOY, region=REGIONS[0]))
    await world.history(simulator, most_pages=2).read(TENANT, ACCOUNT)
    assert (await world.baseline()).events == 100
    [health] = (await world.reports.status(TENANT)).accounts
    assert health.status is AccountStatus.ACTIVE
    assert health.gaps == (RegionGap(REGIONS[0], GapKind.SHORT_HISTORY, world.clock() - 99 * HOUR),)
    assert "too much history to read it whole" in str(status(await world.reports.status(TENANT)).blocks)


class PickyLedger:
    """A ledger with a defect: it cannot take some cost events."""

    def __init__(self, ledger: Any, hated: set[str]) -> None:
        self._ledger, self._hated = ledger, hated

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def commit(self, tenant_id: str, loaded: Any, changes: Any, now: datetime) -> None:
        if any(event.event_id in self._hated for event in changes.cost_events):
            raise KeyError("instancesSet")
        await self._ledger.commit(tenant_id, loaded, changes, now)


async def test_a_record_that_brings_out_a_fault_keeps_no_account_learning(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    lives = list(a_quiet_life(learning, 15))
    for record in lives:
        aws_account.record(record)
    hated = {lives[7]["eventID"]}
    await learning.history(simulator, PickyLedger(learning.store.ledger, hated)).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert account.status is AccountStatus.ACTIVE
    assert (await learning.baseline()).events == len(lives) - 1
    assert account.records_malformed == 1
    assert f"RunInstances with the id {lives[7]['eventID']}" in account.last_malformed


async def test_so_does_one_that_cannot_even_be_parsed(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = list(a_quiet_life(learning, 15))
    for record in lives:
        aws_account.record(record)

    def defective(record: Any, on: Any) -> Any:
        if record.event_id == lives[3]["eventID"]:
            raise IndexError
        return parse(record, on)

    monkeypatch.setattr("services.intake.parse", defective)
    await learning.history(simulator).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert (account.status, account.records_malformed) == (AccountStatus.ACTIVE, 1)
    assert (await learning.baseline()).events == len(lives) - 1


async def test_a_fault_that_is_not_the_records_is_not_taken_for_theirs(
    learning: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    lives = list(a_quiet_life(learning, 15))
    for record in lives:
        aws_account.record(record)
    ledger = PickyLedger(learning.store.ledger, {life["eventID"] for life in lives})
    with pytest.raises(KeyError):
        await learning.history(simulator, ledger).read(TENANT, ACCOUNT)
    account = await learning.account()
    assert (account.status, account.records_malformed) == (AccountStatus.LEARNING, 0)
