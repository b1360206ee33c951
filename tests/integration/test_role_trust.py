"""Who opens a customer's role and what it may do, on an AWS that heeds policies (moto assumes any role with any id)."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aioboto3
import pytest

from clients.aws.role_looks import RoleLooks
from clients.aws.roles import Roles
from engine.customer_role import ACTIONS, trust_policy
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import Feature, ProblemKind, RoleCheck
from services.role_checking import RoleChecking
from tests.fixtures.ministack import find_ministack, make_role, make_stack, make_user, ministack, statement

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(find_ministack() is None, reason="ministack is not installed: `make test` does that"),
]

TEMPLATE = (Path(__file__).parents[2] / "infra" / "customer-role.yaml").read_text()
HUB, CUSTOMER, OTHER = "999988887777", "111122223333", "444455556666"
BOT = f"arn:aws:iam::{HUB}:user/dd0c"
EXTERNAL_ID = "0b0c8d7e-58a4-4f0f-9c3b-0123456789ab"
# ministack asks no permission for SageMaker's, so nothing is seen to lack.
UNKNOWN = {"sagemaker:DescribeEndpointConfig"}
# ministack's table of Lambda's paths has no `provisioned-concurrency`, so it takes a GET of one for lambda:GetFunction,
# which the template rightly does not allow, and refuses what AWS would let pass.
MISREAD = {"lambda:ListProvisionedConcurrencyConfigs"}


def now() -> datetime:
    return datetime.now(UTC)


def account(role_arn: str, external_id: str = EXTERNAL_ID, account_id: str = CUSTOMER) -> AwsAccount:
    return AwsAccount(
        account_id=account_id,
        name="",
        status=AccountStatus.PENDING,
        external_id=external_id,
        role_arn=role_arn,
        regions=(),
        connected_at=now(),
    )


class Aws:
    """ministack at ``url``, with a bot that may assume roles."""

    def __init__(self, url: str, bot: aioboto3.Session) -> None:
        self.url = url
        self.bot = bot

    async def check(
        self,
        looked_at: AwsAccount,
        *others: AwsAccount,
        bot: aioboto3.Session | None = None,
        principal_arn: str = "",
    ) -> RoleCheck:
        roles = Roles(bot or self.bot, clock=now, endpoint_url=self.url, attempts=1)
        checking = RoleChecking(
            roles=RoleLooks(roles), clock=now, new_id=lambda: str(uuid.uuid4()), principal_arn=principal_arn
        )
        return await checking.check(looked_at, others)

    async def problem_of(self, trust: str, *others: AwsAccount, **more: Any) -> ProblemKind:
        """The one thing that is wrong with a role that has this trust policy."""
        arn = await make_role(self.url, CUSTOMER, f"r-{uuid.uuid4()}", trust)
        check = await self.check(account(arn), *others, **more)
        assert not check.usable
        [problem] = check.problems
        return problem.kind


@pytest.fixture
async def aws(tmp_path: Path) -> AsyncIterator[Aws]:
    program = find_ministack()
    assert program is not None
    async with ministack(program, tmp_path) as url:
        yield Aws(url, await make_user(url, HUB, "dd0c"))


def trusting(principal: str, **condition: Any) -> str:
    return statement(Principal={"AWS": principal}, Action="sts:AssumeRole", **condition)


async def test_what_is_wrong_with_a_trust_policy(aws: Aws) -> None:
    """One program serves all of it, because it takes seconds to start."""
    other = account("", "another-id", OTHER)
    refused = ProblemKind.TRUST_REFUSED
    of_us = trust_policy(BOT, EXTERNAL_ID)
    anybody = {"Condition": {"StringLike": {"sts:ExternalId": "*"}}}
    if_given = {"Condition": {"StringEqualsIfExists": {"sts:ExternalId": EXTERNAL_ID}}}

    assert await aws.problem_of(trusting(BOT)) is ProblemKind.TRUSTS_ANYONE
    assert await aws.problem_of(trusting(BOT, **anybody)) is ProblemKind.TRUSTS_ANYONE
    assert await aws.problem_of(trusting(BOT, **if_given)) is ProblemKind.TRUSTS_ANYONE
    assert await aws.problem_of(trust_policy(BOT, "somebody-elses")) is refused
    assert await aws.problem_of(trust_policy(BOT, "another-id"), other) is ProblemKind.EXTERNAL_ID_MISMATCH
    assert await aws.problem_of(trust_policy(f"arn:aws:iam::{OTHER}:user/x", EXTERNAL_ID)) is refused
    wrong = f"arn:aws:iam::{OTHER}:user/dd0c"
    assert await aws.problem_of(trust_policy(wrong, EXTERNAL_ID), principal_arn=wrong) is ProblemKind.WRONG_PRINCIPAL
    stranger = await make_user(aws.url, HUB, "stranger")
    assert await aws.problem_of(of_us, bot=stranger) is refused
    missing = await aws.check(account(f"arn:aws:iam::{CUSTOMER}:role/nobody"))
    assert [one.kind for one in missing.problems] == [refused]


async def test_a_role_that_opens_and_may_do_nothing(aws: Aws) -> None:
    for principal in (BOT, f"arn:aws:iam::{HUB}:root"):
        arn = await make_role(aws.url, CUSTOMER, f"r-{uuid.uuid4()}", trust_policy(principal, EXTERNAL_ID))
        check = await aws.check(account(arn))
        assert not check.usable
        assert [one.action for one in check.problems] == list(ACTIONS[Feature.WATCH])[::-1]


async def test_what_the_template_makes_may_do_all_that_was_asked_for_and_no_more(aws: Aws) -> None:
    """Looking at a whole account takes seconds, so one stack with a feature on and another off proves both."""
    arn = await make_stack(aws.url, CUSTOMER, TEMPLATE, ExternalId=EXTERNAL_ID, PrincipalArn=BOT, Details="false")
    check = await aws.check(account(arn))
    granted = {*ACTIONS[Feature.ZOMBIES], *UNKNOWN} - MISREAD
    lacking = {*ACTIONS[Feature.DETAILS]} - granted
    assert check.usable
    assert len(check.regions) > 1
    assert {one.action for one in check.problems} == lacking | MISREAD
    assert {one.feature: {*one.missing} for one in check.features if not one.granted} == {
        Feature.DETAILS: lacking,
        Feature.ZOMBIES: MISREAD,
    }
