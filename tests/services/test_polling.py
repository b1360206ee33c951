"""Polling: what is read when, and what a Region, a role or a database that fails may not break."""

from datetime import timedelta

import pytest

from blocks.status import status
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from demo.aws_account.identities import iam_user
from demo.aws_account.records import create_tags
from engine.errors import Unavailable
from engine.models.account import AccountStatus, RegionCursor
from engine.models.report import GapKind, RegionGap
from services.poll_windows import LIVE_PAGES, RESCAN_PAGES
from tests.services.world import ACCOUNT, DEPLOY, EXTERNAL_ID, HOUR, MINUTE, REGION, REGIONS, SECOND, TENANT, World


async def test_only_writes_are_asked_for_in_a_frozen_window(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    for number in range(120):
        aws_account.record(world.launch(1, ago=timedelta(seconds=number)))
    world.turn(MINUTE)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    calls = [call.params for call in simulator.calls_of("LookupEvents") if call.region == REGION]
    assert len(calls) == 3
    assert {str(call["LookupAttributes"]) for call in calls} == {
        "[{'AttributeKey': 'ReadOnly', 'AttributeValue': 'false'}]"
    }
    assert len({(call["StartTime"], call["EndTime"]) for call in calls}) == 1
    assert (await world.baseline()).events == 120


async def test_cursors_move_and_the_newest_record_is_named(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    aws_account.record(world.launch(1))
    world.turn(MINUTE)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    by_region = {cursor.region: cursor for cursor in (await world.account()).cursors}
    assert by_region[REGION].read_until == by_region["eu-west-1"].read_until == world.clock()
    assert by_region[REGION].last_record_time == world.clock() - MINUTE
    assert by_region["eu-west-1"].last_record_time is None
    assert by_region["eu-west-1"].last_success_at == world.clock()


async def test_no_cursor_moves_before_the_commit(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws_account.record(world.launch())
    world.turn(MINUTE)
    before = (await world.account()).cursors

    async def away(*_args: object) -> None:
        raise Unavailable("MongoDB did not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(world.store.ledger, "commit", away)
        with pytest.raises(Unavailable):
            await world.poller(simulator).poll(TENANT, ACCOUNT)
        assert (await world.account()).cursors == before
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert len(await world.anomalies()) == 1
    assert all(cursor.read_until == world.clock() for cursor in (await world.account()).cursors)


@pytest.mark.parametrize("error", ["AccessDeniedException", "ThrottlingException", "InternalFailure"])
async def test_one_failing_region_is_named_and_the_others_go_on(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, error: str
) -> None:
    aws_account.record(world.launch(region="eu-west-1"))
    aws_account.record(world.launch())
    world.turn(MINUTE)
    before = world.clock() - MINUTE
    simulator.fail_next("LookupEvents", error)
    poller = world.poller(simulator)
    await poller.poll(TENANT, ACCOUNT)
    account = await world.account()
    failed = [cursor for cursor in account.cursors if cursor.error]
    assert len(failed) == 1
    assert error in failed[0].error
    assert failed[0].region in failed[0].error
    assert failed[0].read_until == before
    assert account.status is AccountStatus.ACTIVE
    assert sum(len(anomaly.event_ids) for anomaly in await world.anomalies()) == 1
    [health] = (await world.reports.status(TENANT)).accounts
    assert [trouble.region for trouble in health.region_troubles] == [failed[0].region]
    await poller.poll(TENANT, ACCOUNT)
    assert not any(cursor.error for cursor in (await world.account()).cursors)
    assert sum(len(anomaly.event_ids) for anomaly in await world.anomalies()) == 2


async def test_pages_before_a_failing_one_are_judged_at_once(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    """A busy Region that is throttled on every second page must not be blind for ever."""
    simulator.token_seconds = -1.0  # every NextToken is refused
    for number in range(60):
        aws_account.record(world.launch(1, ago=timedelta(seconds=number)))
    world.turn(MINUTE)
    before = (await world.account()).cursors
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert (await world.baseline()).events == 50
    by_region = {cursor.region: cursor for cursor in (await world.account()).cursors}
    assert by_region[REGION].read_until == before[1].read_until


async def test_a_revoked_role_is_told_and_a_restored_one_noticed(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    poller = world.poller(simulator)
    await poller.poll(TENANT, ACCOUNT)
    aws_account.revoke_role()
    world.turn(MINUTE)
    await poller.poll(TENANT, ACCOUNT)
    [health] = (await world.reports.status(TENANT)).accounts
    assert health.status is AccountStatus.DENIED
    assert "restore it, or connect the account again" in health.status_detail
    assert "AccessDenied" in health.status_detail
    aws_account.record(world.launch())
    aws_account.restore_role(EXTERNAL_ID)
    world.turn(HOUR)
    await poller.poll(TENANT, ACCOUNT)
    account = await world.account()
    assert (account.status, account.status_detail) == (AccountStatus.ACTIVE, "")
    assert len(await world.anomalies()) == 1  # what happened meanwhile was not missed


async def test_a_mode_chosen_while_polling_is_kept(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws_account.revoke_role()
    read = world.poller(simulator)
    original = world.store.accounts.save_cursors

    async def choose(*args: object) -> None:
        await original(*args)  # type: ignore[arg-type] # handed on as it came
        await world.change_account(mode_set_by="U1")

    monkeypatch.setattr(world.store.accounts, "save_cursors", choose)
    await read.poll(TENANT, ACCOUNT)
    account = await world.account()
    assert (account.status, account.mode_set_by) == (AccountStatus.DENIED, "U1")


@pytest.mark.parametrize("status", [AccountStatus.PENDING, AccountStatus.LEARNING, AccountStatus.DISCONNECTING])
async def test_only_watched_accounts_are_polled(world: World, simulator: AwsSimulator, status: AccountStatus) -> None:
    await world.change_account(status=status)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert not simulator.calls
    assert (await world.account()).status is status


async def test_late_records_and_duplicates_have_their_effect_once(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    simulator.page_overlap = 5
    poller = world.poller(simulator)
    aws_account.record(world.launch(1), copies=3)
    aws_account.record(world.launch(2), visible_after=85 * 60)
    for number in range(60):
        aws_account.record(world.launch(1, ago=timedelta(seconds=number)), copies=2)
    seen = []
    for _ in range(14):
        world.turn(10 * MINUTE)
        await poller.poll(TENANT, ACCOUNT)
        seen.append((await world.baseline()).events)
    assert seen[0] == 61
    assert seen[-1] == 62
    assert (await world.store.spending.sum_running(TENANT))[ACCOUNT] == pytest.approx(63.0)
    assert all(cursor.read_until == world.clock() for cursor in (await world.account()).cursors)


async def test_a_busy_account_catches_up_in_turns_and_in_order(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    """It was not read for an hour and a half; no turn may read an hour of a record each second."""
    actor, span = iam_user(ACCOUNT, "ann", source_ip="192.0.2.1", user_agent="aws-cli"), 5400
    for second in range(span):
        if second % 600:
            scene = world.writer.scene(actor, world.clock() - second * SECOND, REGION)
            aws_account.record(create_tags(scene, "i-1", "owner", "ann"), visible_after=0)
        else:
            aws_account.record(world.launch(1, "t3.nano", ago=second * SECOND, actor=DEPLOY), visible_after=0)
    since = world.clock() - span * SECOND
    behind = RegionCursor(region=REGION, read_until=since, rescanned_at=since)
    await world.store.accounts.save_cursors(TENANT, ACCOUNT, [behind])
    poller = world.poller(simulator)
    read, more = [since], True
    while more:
        before = len(simulator.calls_of("LookupEvents"))
        more = await poller.poll(TENANT, ACCOUNT)
        assert len(simulator.calls_of("LookupEvents")) - before <= LIVE_PAGES + RESCAN_PAGES + len(REGIONS)
        [cursor] = [one for one in (await world.account()).cursors if one.region == REGION]
        read.append(cursor.read_until)
        assert len(read) < 60
    assert (await world.baseline()).events == span // 600
    assert read == sorted(read)
    assert read[-1] == world.clock()


async def test_status_tells_how_late_polling_is_and_what_it_does_not_cover(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    poller = world.poller(simulator)
    for _ in range(21):  # At the last one the quiet Region's cursor is stored, too.
        aws_account.record(world.launch(1, "t3.nano", actor=DEPLOY))
        world.turn(MINUTE)
        await poller.poll(TENANT, ACCOUNT)
    [health] = (await world.reports.status(TENANT)).accounts
    [source] = health.sources
    assert (source.name, [one.region for one in source.regions]) == ("polling", [REGION])
    assert source.median_lag == pytest.approx(60, rel=0.125)
    assert source.p95_lag == pytest.approx(60, rel=0.125)
    assert health.gaps == ()
    aws_account.deny("cloudtrail:LookupEvents")
    denied_at = world.clock()
    world.turn(MINUTE)
    await poller.poll(TENANT, ACCOUNT)
    await world.change_account(regions=("ap-south-2", *REGIONS))
    [health] = (await world.reports.status(TENANT)).accounts
    assert health.gaps == (
        RegionGap("ap-south-2", GapKind.UNWATCHED),
        *(RegionGap(region, GapKind.UNREAD, denied_at) for region in REGIONS),
    )
    text = str(status(await world.reports.status(TENANT)).blocks)
    assert "NOT covered: ap-south-2 (not read yet), eu-west-1" in text
    assert "polling: " in text
    aws_account.allow("cloudtrail:LookupEvents")
    world.turn(3 * HOUR)
    await poller.poll(TENANT, ACCOUNT)
    [health] = (await world.reports.status(TENANT)).accounts
    behind = denied_at + HOUR
    assert health.gaps[1:] == tuple(RegionGap(region, GapKind.BEHIND, behind) for region in REGIONS)


async def test_a_record_that_another_source_brought_first_says_nothing_of_pollings_lag(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    launched = world.launch(1, "t3.nano", actor=DEPLOY)
    aws_account.record(launched)
    await world.ingest(launched)
    world.turn(MINUTE)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert (await world.account()).arrivals == {}
