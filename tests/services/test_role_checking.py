"""What looking at a role finds out, on the simulated AWS; who may assume it is proved with ministack."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from clients.aws.role_looks import RoleLooks
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from demo.aws_account.errors import AwsError
from engine.errors import Unavailable
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import Feature, ProblemKind, RoleCheck
from services.role_checking import RoleChecking
from tests.demo.aws_world import NOW, Records
from tests.services.world import ACCOUNT, EXTERNAL_ID, REGIONS, World


@pytest.fixture
async def aws(world: World) -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(clock=world.turned, lookup_rate=None)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def customer(aws: AwsSimulator) -> SimulatedAccount:
    return aws.add_account(ACCOUNT, REGIONS, external_id=EXTERNAL_ID, alias="acme")


def account(world: World, **changes: Any) -> AwsAccount:
    made = AwsAccount(
        account_id=ACCOUNT,
        name="",
        status=AccountStatus.PENDING,
        external_id=EXTERNAL_ID,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly",
        regions=(),
        connected_at=world.clock(),
    )
    return msgspec.structs.replace(made, **changes)


async def check(world: World, aws: AwsSimulator, *others: AwsAccount, **changes: Any) -> RoleCheck:
    checking = RoleChecking(
        roles=RoleLooks(world.roles(aws)), clock=world.clock, new_id=lambda: "a-guess", principal_arn=""
    )
    return await checking.check(account(world, **changes), others)


def kinds(found: RoleCheck) -> list[ProblemKind]:
    return [problem.kind for problem in found.problems]


async def test_a_good_role(world: World, aws: AwsSimulator, customer: SimulatedAccount) -> None:
    customer.record(Records(ACCOUNT).at(NOW - 180))
    found = await check(world, aws)
    assert (found.usable, found.problems, found.regions, found.name) == (True, (), REGIONS, "acme")
    assert "me-south-1" in found.regions_off
    assert found.last_record_time is not None
    assert (found.checked_at - found.last_record_time).total_seconds() == 180
    assert all(one.granted and not one.unknown for one in found.features)


async def test_a_role_that_asks_for_the_id_of_another_account(
    world: World, aws: AwsSimulator, customer: SimulatedAccount
) -> None:
    customer.restore_role("of-another")
    other = account(world, account_id="444455556666", external_id="of-another")
    found = await check(world, aws, other)
    assert kinds(found) == [ProblemKind.EXTERNAL_ID_MISMATCH]
    assert "444455556666" in found.problems[0].text


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            AwsError(
                "AccessDenied",
                "User: x is not authorized to perform: sts:AssumeRole on resource: y because no identity-based policy "
                "allows the sts:AssumeRole action",
                403,
            ),
            ProblemKind.OWN_PERMISSION,
        ),
        (AwsError("RegionDisabledException", "STS is not activated in this region", 403), ProblemKind.REGION_OFF),
        (
            AwsError("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole", 403),
            ProblemKind.TRUST_REFUSED,
        ),
    ],
)
@pytest.mark.usefixtures("customer")
async def test_what_aws_says_to_us_is_told_apart(
    world: World, aws: AwsSimulator, error: AwsError, kind: ProblemKind
) -> None:
    aws.fail_next("AssumeRole", error, times=9)
    assert kinds(await check(world, aws)) == [kind]


async def test_all_that_must_be_there_and_lacks_is_named_at_once(
    world: World, aws: AwsSimulator, customer: SimulatedAccount
) -> None:
    customer.deny("ec2:DescribeRegions")
    customer.deny("cloudtrail:LookupEvents")
    found = await check(world, aws)
    assert not found.usable
    assert [one.action for one in found.problems] == ["ec2:DescribeRegions", "cloudtrail:LookupEvents"]
    customer.allow("ec2:DescribeRegions")
    found = await check(world, aws)
    assert not found.usable
    assert [one.action for one in found.problems] == ["cloudtrail:LookupEvents"]


async def test_what_lacks_for_a_feature_does_not_stand_in_the_way(
    world: World, aws: AwsSimulator, customer: SimulatedAccount
) -> None:
    customer.deny("ec2:DescribeVolumes")
    customer.deny("iam:ListAccountAliases")
    found = await check(world, aws)
    assert (found.usable, found.name) == (True, ACCOUNT)
    assert {one.feature: one.missing for one in found.features if not one.granted} == {
        Feature.DETAILS: ("iam:ListAccountAliases",),
        Feature.ZOMBIES: ("ec2:DescribeVolumes",),
    }


@pytest.mark.parametrize(
    ("error", "kind", "watched"),
    [
        ("AccessDeniedException", ProblemKind.MISSING_ACTION, True),
        ("OptInRequired", ProblemKind.REGION_OFF, False),
        ("InternalFailure", ProblemKind.UNREACHABLE, True),
    ],
)
@pytest.mark.usefixtures("customer")
async def test_one_region_that_refuses_is_named_and_the_others_are_read(
    world: World, aws: AwsSimulator, error: str, kind: ProblemKind, watched: bool
) -> None:
    aws.fail_next("LookupEvents", error)
    found = await check(world, aws)
    assert found.usable
    assert kinds(found) == [kind]
    assert found.problems[0].region in REGIONS
    assert (found.problems[0].region in found.regions) is watched


@pytest.mark.usefixtures("customer")
async def test_an_aws_that_answers_nowhere_says_nothing_of_the_role(world: World, aws: AwsSimulator) -> None:
    aws.fail_next("LookupEvents", "InternalFailure", times=9)
    with pytest.raises(Unavailable):
        await check(world, aws)
    await aws.stop()
    with pytest.raises(Unavailable):
        await check(world, aws)


@pytest.mark.usefixtures("customer")
async def test_a_permission_that_could_not_be_tried_is_not_called_missing(world: World, aws: AwsSimulator) -> None:
    aws.fail_next("DescribeVolumes", "Unavailable", times=3)
    found = await check(world, aws)
    [zombies] = [one for one in found.features if one.feature is Feature.ZOMBIES]
    assert (zombies.missing, zombies.unknown) == ((), ("ec2:DescribeVolumes",))
