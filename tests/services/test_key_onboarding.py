"""Connecting an account by an access key, and reading it by that key, on the simulated AWS."""

import os
from datetime import timedelta

import msgspec
import pytest

from clients.aws.cloudtrail import CloudTrailHistory
from clients.aws.pacing import Pacer
from clients.aws.role_looks import RoleLooks
from clients.aws.roles import Roles
from clients.cipher import Cipher
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator, Caller
from demo.aws_account.errors import AwsError
from engine.errors import Conflict, InputError, NotFound, Unavailable
from engine.models.access_key import AccessKey
from engine.models.account import AccountStatus, Tenant
from engine.models.connection import AccountConnected, RoleRefused
from services.key_onboarding import KeyOnboarding
from services.polling import Poller
from services.role_checking import RoleChecking
from tests.demo.aws_world import session_of
from tests.services.world import ACCOUNT, REGIONS, TENANT, World

NEW_ACCOUNT = "444455556666"
BY = "operator"


def key_of(caller: Caller) -> AccessKey:
    return AccessKey(key_id=caller.access_key_id, secret=caller.secret_access_key)


class Office:
    """The use case, and a bot without any identity of its own in AWS that polls with what it keeps."""

    def __init__(self, world: World, aws: AwsSimulator) -> None:
        self.world = world
        self.keys = world.store.access_keys(Cipher({"v1": bytes(32)}, os.urandom))
        looks = RoleLooks(self._roles(aws))
        self.onboarding = KeyOnboarding(
            accounts=world.store.accounts,
            lookups=world.store.system,
            looks=looks,
            checking=RoleChecking(roles=looks, clock=world.clock, new_id=lambda: "a-guess", principal_arn=""),
            sealing=self.keys,
            clock=world.clock,
            new_id=lambda: "an-external-id",
        )
        self.source = CloudTrailHistory(self._roles(aws), Pacer(1e9, lambda: 0.0))
        self.poller = Poller(self.source, world.store.accounts, world.intake, world.clock)

    def _roles(self, aws: AwsSimulator) -> Roles:
        nobody = aws.add_caller("999900001111", "nobody")
        # On a busy machine a connection may take longer than it has, so what was not sent is tried again, as by a bot.
        return Roles(
            session_of(nobody), clock=self.world.clock, endpoint_url=aws.url, attempts=3, find_key=self.find_key
        )

    async def find_key(self, account_id: str) -> AccessKey:
        return await self.keys.find_key(TENANT, account_id)


@pytest.fixture
def office(world: World, simulator: AwsSimulator) -> Office:
    return Office(world, simulator)


@pytest.fixture
def reader(simulator: AwsSimulator, aws_account: SimulatedAccount) -> Caller:
    """A user of the world's account whose policy is the one we print."""
    return simulator.add_caller(aws_account.account_id, "dd0c", may_read=True)


async def test_an_account_nobody_knew_is_proved_kept_and_learned(
    office: Office, world: World, simulator: AwsSimulator
) -> None:
    simulator.add_account(NEW_ACCOUNT, REGIONS, alias="acme-lab")
    key = key_of(simulator.add_caller(NEW_ACCOUNT, "dd0c", may_read=True))
    outcome = await office.onboarding.add(TENANT, key, BY)
    assert isinstance(outcome, AccountConnected)
    assert (outcome.account_id, outcome.name, outcome.learning) == (NEW_ACCOUNT, "acme-lab", True)
    account = await world.store.accounts.find_account(TENANT, NEW_ACCOUNT)
    assert (account.status, account.regions, account.role_arn) == (AccountStatus.LEARNING, REGIONS, "")
    assert account.access_key_id == key.key_id
    assert await world.store.system.find_history_accounts() == [(TENANT, NEW_ACCOUNT)]
    assert await office.keys.find_key(TENANT, NEW_ACCOUNT) == key
    [entry] = (await world.store.audit.find_chain(TENANT)).entries
    assert dict(entry.details) == {"access_key": f"access key ...{key.key_id[-4:]}"}
    assert simulator.calls_of("AssumeRole") == []
    with pytest.raises(Conflict, match=f"dd0c accounts rotate {NEW_ACCOUNT}"):
        await office.onboarding.add(TENANT, key, BY)


async def test_a_launch_is_seen_through_the_key_until_it_is_deactivated_and_again_after_another_is_given(
    office: Office, world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, reader: Caller
) -> None:
    outcome = await office.onboarding.add(TENANT, key_of(reader), BY)
    assert isinstance(outcome, AccountConnected)
    assert not outcome.learning  # A role opened it before; its mode and history stay.
    aws_account.revoke_role()
    aws_account.record(world.launch(ago=timedelta(seconds=30)))
    await office.poller.poll(TENANT, ACCOUNT)
    assert len(await world.anomalies()) == 1

    simulator.deactivate(reader)
    world.turn(timedelta(minutes=11))
    await office.poller.poll(TENANT, ACCOUNT)
    denied = await world.account()
    assert denied.status is AccountStatus.DENIED
    assert f"`dd0c accounts rotate {ACCOUNT}`" in denied.status_detail
    assert "activate it there" in denied.status_detail
    [health] = (await world.reports.status(TENANT)).accounts
    assert health.access_key == f"access key ...{reader.access_key_id[-4:]}"

    another = simulator.add_caller(ACCOUNT, "dd0c-2", may_read=True)
    assert isinstance(await office.onboarding.rotate(TENANT, ACCOUNT, key_of(another), BY), AccountConnected)
    aws_account.record(world.launch(7, ago=timedelta(seconds=30)))
    await office.poller.poll(TENANT, ACCOUNT)
    watched = await world.account()
    assert (watched.status, watched.status_detail, watched.access_key_id) == (
        AccountStatus.ACTIVE,
        "",
        another.access_key_id,
    )
    assert len(watched.cursors) == len(REGIONS)
    assert sum(len(anomaly.resources) for anomaly in await world.anomalies()) == 13


async def test_a_key_is_replaced_without_a_poll_that_fails(
    office: Office, world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, reader: Caller
) -> None:
    """Both keys are good for a while, as IAM allows; a process that still has the old one goes on with it."""
    await office.onboarding.add(TENANT, key_of(reader), BY)
    await office.poller.poll(TENANT, ACCOUNT)
    before = await world.account()
    another = simulator.add_caller(ACCOUNT, "dd0c-2", may_read=True)
    await office.onboarding.rotate(TENANT, ACCOUNT, key_of(another), BY)
    stale = [page async for page in office.source.lookup(before, REGIONS[0], world.clock(), world.clock())]
    assert stale == [[]]
    simulator.deactivate(reader)
    await office.poller.poll(TENANT, ACCOUNT)
    assert [cursor.error for cursor in (await world.account()).cursors] == ["", ""]
    assert aws_account.role_exists


async def test_a_key_that_may_not_read_is_refused_with_all_that_lacks_and_nothing_is_kept(
    office: Office, world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, reader: Caller
) -> None:
    aws_account.deny("cloudtrail:LookupEvents")
    before = await world.account()
    outcome = await office.onboarding.add(TENANT, key_of(reader), BY)
    assert isinstance(outcome, RoleRefused)
    assert [one.action for one in outcome.check.problems] == ["cloudtrail:LookupEvents"]
    assert "dd0c accounts policy" in outcome.check.problems[0].hint
    assert "The user of the access key" in outcome.check.problems[0].text
    assert await world.account() == before
    assert await world.store.system.find_all_access_keys() == []
    assert len(simulator.calls_of("GetCallerIdentity")) == 1


async def test_an_optional_permission_that_lacks_is_named_and_does_not_stand_in_the_way(
    office: Office, aws_account: SimulatedAccount, reader: Caller
) -> None:
    aws_account.deny("ce:GetCostAndUsage")
    outcome = await office.onboarding.add(TENANT, key_of(reader), BY)
    assert isinstance(outcome, AccountConnected)
    assert [one.action for one in outcome.check.problems] == ["ce:GetCostAndUsage"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "inactive, deleted or mistyped"),
        (AwsError("SignatureDoesNotMatch", "The request signature we calculated does not match", 403), "another one's"),
    ],
)
async def test_a_key_that_aws_does_not_take(
    office: Office, simulator: AwsSimulator, reader: Caller, error: AwsError | None, words: str
) -> None:
    if error is None:
        simulator.deactivate(reader)
    else:
        simulator.fail_next("GetCallerIdentity", error)
    with pytest.raises(InputError, match=words) as caught:
        await office.onboarding.add(TENANT, key_of(reader), BY)
    assert reader.secret_access_key not in str(caught.value)


async def test_an_aws_that_is_away_is_no_fault_of_the_key(office: Office, simulator: AwsSimulator) -> None:
    await simulator.stop()
    with pytest.raises(Unavailable):
        await office.onboarding.add(TENANT, AccessKey(key_id="AKIAIOSFODNN7EXAMPLE", secret="x" * 40), BY)


async def test_the_key_of_another_account_replaces_none(
    office: Office, world: World, simulator: AwsSimulator, reader: Caller
) -> None:
    await office.onboarding.add(TENANT, key_of(reader), BY)
    simulator.add_account(NEW_ACCOUNT, REGIONS)
    other = simulator.add_caller(NEW_ACCOUNT, "dd0c", may_read=True)
    with pytest.raises(InputError, match="Nothing was changed"):
        await office.onboarding.rotate(TENANT, ACCOUNT, key_of(other), BY)
    assert (await world.account()).access_key_id == reader.access_key_id


async def test_what_has_no_key_has_none_to_replace(office: Office, world: World, reader: Caller) -> None:
    with pytest.raises(InputError, match="read by a role"):
        await office.onboarding.rotate(TENANT, ACCOUNT, key_of(reader), BY)
    with pytest.raises(NotFound):
        await office.onboarding.rotate(TENANT, NEW_ACCOUNT, key_of(reader), BY)
    await world.store.tenants.save_tenant(Tenant(tenant_id="t-2", team_id="T2", team_name="x", alert_channel_id="C2"))
    claimed = msgspec.structs.replace(await world.account(), account_id=ACCOUNT)
    assert claimed.role_arn
    with pytest.raises(Conflict, match="another workspace"):
        await office.onboarding.add("t-2", key_of(reader), BY)


async def test_without_anything_to_open_a_key_with_every_region_says_so(
    office: Office, world: World, simulator: AwsSimulator, reader: Caller
) -> None:
    await office.onboarding.add(TENANT, key_of(reader), BY)
    poller = world.poller(simulator)
    await poller.poll(TENANT, ACCOUNT)
    assert all("DD0C_ENCRYPTION_KEYS is not set" in cursor.error for cursor in (await world.account()).cursors)
