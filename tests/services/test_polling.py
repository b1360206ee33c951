"""Polling: what is read when, and what a Region, a role or a database that fails may not break."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.errors import Unavailable
from engine.models.account import AccountStatus, RegionCursor
from services.polling import RESCAN_EVERY, RESCAN_SPAN, Window, window_of
from tests.services.world import ACCOUNT, EXTERNAL_ID, HOUR, MINUTE, REGION, TENANT, World

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def cursor(read: float, rescanned: float) -> RegionCursor:
    """A cursor with these minutes behind now."""
    return RegionCursor(region=REGION, read_until=NOW - read * MINUTE, rescanned_at=NOW - rescanned * MINUTE)


def minutes(window: Window) -> tuple[float, float, float]:
    """Start, end and rescan time in minutes before now."""
    return tuple((NOW - at) / MINUTE for at in (window.start, window.end, window.rescanned_at))  # type: ignore[return-value] # three of them


@pytest.mark.parametrize(
    ("read", "rescanned", "start", "end", "rescan"),
    [
        (1, 1, 16, 0, 1),  # the usual poll: a minute, and fifteen of overlap
        (1, 29, 16, 0, 29),  # not due yet
        (1, 30, 120, 0, 0),  # due: from ninety minutes before the last rescan
        (45, 20, 60, 0, 20),  # a little behind: still one slice
        (300, 310, 400, 240, 150),  # far behind: one hour forward, nothing older is lost
        (240, 150, 255, 180, 90),  # the next slice: what it read was ninety minutes old, so nothing is still to come
        (60, 30, 120, 0, 0),  # caught up
        (-20, -20, 15, 0, -20),  # our clock was set back by twenty minutes
    ],
)
def test_window(read: float, rescanned: float, start: float, end: float, rescan: float) -> None:
    assert minutes(window_of(cursor(read, rescanned), NOW)) == (start, end, rescan)


def read_by(cursor: RegionCursor, window: Window) -> RegionCursor:
    """The cursor after the window was read."""
    moved = max(window.end, cursor.read_until)
    return msgspec.structs.replace(cursor, read_until=moved, rescanned_at=window.rescanned_at)


@given(
    pauses=st.lists(st.floats(0.1, 600.0), min_size=1, max_size=30),
    happened=st.floats(0.0, 300.0),
    lag=st.floats(0.0, 90.0),
)
def test_whatever_arrives_up_to_ninety_minutes_late_is_read(pauses: list[float], happened: float, lag: float) -> None:
    """However irregular the polls are; time runs in minutes from the first cursor on."""
    at, found, moving = NOW, False, cursor(0, 0)
    event_time, visible = NOW + happened * MINUTE, NOW + (happened + lag) * MINUTE
    for pause in [*pauses, *[29.0] * 60]:
        at += pause * MINUTE
        window = window_of(moving, at)
        assert window.end <= at
        assert window.end - window.start <= RESCAN_SPAN + RESCAN_EVERY + 2 * HOUR
        found = found or (visible <= at and window.start <= event_time <= window.end)
        moving = read_by(moving, window)
    assert found


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
