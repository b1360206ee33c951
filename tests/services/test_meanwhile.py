"""What somebody changes of an account between a use case's reading and its writing: it stays."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from demo.aws_account import AwsAccount, AwsSimulator
from engine.errors import NotFound
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.audit import AuditAction
from tests.services.test_leaving import PURGE, departures
from tests.services.test_promotion import live, promotion
from tests.services.test_regions import NEW, regions
from tests.services.world import ACCOUNT, MINUTE, TENANT, World

ROLE = f"arn:aws:iam::{ACCOUNT}:role/renamed"


class Meanwhile:
    """Lets a change come right after the next call of one of the repository's methods."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._accounts = world.store.accounts
        self._monkeypatch = monkeypatch

    def after(self, method: str, change: Callable[[], Awaitable[object]]) -> None:
        original = getattr(self._accounts, method)

        async def call(*args: object, **named: object) -> object:
            self._monkeypatch.setattr(self._accounts, method, original)
            given = await original(*args, **named)
            await change()
            return given

        self._monkeypatch.setattr(self._accounts, method, call)


@pytest.fixture
def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    return Meanwhile(world, monkeypatch)


async def test_a_role_that_was_given_while_the_old_one_was_refused_is_not_denied(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount, meanwhile: Meanwhile
) -> None:
    aws_account.revoke_role()
    meanwhile.after("save_cursors", lambda: world.change_account(role_arn=ROLE, name="renamed"))
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    account = await world.account()
    assert (account.status, account.role_arn, account.name) == (AccountStatus.ACTIVE, ROLE, "renamed")
    world.turn(MINUTE)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert (await world.account()).status is AccountStatus.DENIED


async def test_an_account_that_was_disconnected_while_it_was_polled_goes(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount, meanwhile: Meanwhile
) -> None:
    aws_account.revoke_role()
    meanwhile.after("save_cursors", lambda: departures(world).disconnect(TENANT, "U1", [ACCOUNT, ACCOUNT]))
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    account = await world.account()
    assert account.status is AccountStatus.DISCONNECTING
    assert "U1" in account.status_detail


async def test_a_role_that_was_given_while_regions_were_listed_stays(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount, meanwhile: Meanwhile
) -> None:
    aws_account.regions = (*aws_account.regions, NEW)
    found = (*(await world.account()).regions, "eu-south-1")
    given = {"role_arn": ROLE, "mode": GovernanceMode.AUDIT, "regions": found}
    meanwhile.after("find_account", lambda: world.change_account(**given))
    assert await regions(world, simulator).refresh_regions() == 1
    account = await world.account()
    assert (account.role_arn, account.mode, account.regions) == (ROLE, GovernanceMode.AUDIT, (*found, NEW))


async def test_an_account_that_was_disconnected_while_regions_were_listed_goes_without_new_ones(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount, meanwhile: Meanwhile
) -> None:
    aws_account.regions = (*aws_account.regions, NEW)
    meanwhile.after("find_account", lambda: world.change_account(status=AccountStatus.DISCONNECTING))
    assert await regions(world, simulator).refresh_regions() == 0
    account = await world.account()
    assert account.status is AccountStatus.DISCONNECTING
    assert NEW not in {*account.regions, *(cursor.region for cursor in account.cursors)}


async def test_a_role_that_was_given_while_an_account_was_promoted_stays(world: World, meanwhile: Meanwhile) -> None:
    await live(world, 28)
    meanwhile.after("find_accounts", lambda: world.change_account(role_arn=ROLE))
    assert await promotion(world).promote_accounts() == 1
    account = await world.account()
    assert (account.role_arn, account.mode) == (ROLE, GovernanceMode.AUDIT)


@pytest.mark.parametrize("change", [{"mode_set_by": "U1"}, {"status": AccountStatus.DISCONNECTING}])
async def test_who_chose_a_mode_or_left_while_it_was_due_is_not_promoted(
    world: World, meanwhile: Meanwhile, change: dict[str, object]
) -> None:
    await live(world, 28)
    meanwhile.after("find_accounts", lambda: world.change_account(**change))
    assert await promotion(world).promote_accounts() == 0
    assert (await world.account()).mode is GovernanceMode.STRICT
    actions = [entry.action for entry in (await world.store.audit.find_chain(TENANT)).entries]
    assert AuditAction.PROMOTED not in actions


async def test_what_changed_while_an_account_was_disconnected_stays(world: World, meanwhile: Meanwhile) -> None:
    meanwhile.after("find_account", lambda: world.change_account(role_arn=ROLE, mode=GovernanceMode.AUDIT))
    await departures(world).disconnect(TENANT, "U1", [ACCOUNT, ACCOUNT])
    account = await world.account()
    assert (account.role_arn, account.mode) == (ROLE, GovernanceMode.AUDIT)
    assert account.status is AccountStatus.DISCONNECTING


@pytest.mark.integration
async def test_of_two_who_disconnect_at_once_one_is_written_down(real_world: World) -> None:
    leaving = departures(real_world)
    await asyncio.gather(*(leaving.disconnect(TENANT, user, [ACCOUNT, ACCOUNT]) for user in ("U1", "U2")))
    [entry] = (await real_world.store.audit.find_chain(TENANT)).entries
    assert entry.actor in (await real_world.account()).status_detail
    assert real_world.queue.items == [PURGE]


@pytest.mark.usefixtures("aws_account")
async def test_an_account_that_was_disconnected_while_its_history_was_read_is_not_watched(
    world: World, simulator: AwsSimulator, meanwhile: Meanwhile
) -> None:
    await world.change_account(status=AccountStatus.LEARNING)
    meanwhile.after("count_records", lambda: world.change_account(status=AccountStatus.DISCONNECTING))
    with pytest.raises(NotFound):
        await world.history(simulator).read(TENANT, ACCOUNT)
    assert (await world.account()).status is AccountStatus.DISCONNECTING
