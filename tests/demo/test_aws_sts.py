"""AssumeRole as the real client sees it."""

from collections.abc import AsyncIterator
from typing import Any

import aioboto3
import pytest
from botocore.exceptions import ClientError

from demo.aws_account import HUB_ACCOUNT, AwsSimulator
from tests.demo.aws_world import (
    ACCOUNT,
    EXTERNAL_ID,
    NOW,
    ONE_ATTEMPT,
    REGION,
    TurnedClock,
    assume,
    cloudtrail_of,
    session_of,
)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def simulator(clock: TurnedClock) -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(clock=clock)
    simulator.add_account(ACCOUNT, external_id=EXTERNAL_ID, alias="acme-prod")
    await simulator.start()
    yield simulator
    await simulator.stop()


async def refusal_of_assume(simulator: AwsSimulator, **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        await assume(simulator, **parameters)
    return {**refused.value.response["Error"], **refused.value.response["ResponseMetadata"]}


async def test_the_right_external_id_opens_the_account(simulator: AwsSimulator) -> None:
    session = await assume(simulator)
    async with session.client("sts", endpoint_url=simulator.url) as sts:
        identity = await sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/dd0c-cost-readonly/dd0c"


async def test_the_caller_knows_itself_before_assuming_anything(simulator: AwsSimulator) -> None:
    async with session_of(simulator.caller).client("sts", endpoint_url=simulator.url) as sts:
        identity = await sts.get_caller_identity()
    assert identity["Account"] == HUB_ACCOUNT
    assert identity["Arn"] == simulator.caller.arn


@pytest.mark.parametrize("external_id", ["somebody-elses", None])
async def test_a_wrong_or_missing_external_id_is_denied(simulator: AwsSimulator, external_id: str | None) -> None:
    refusal = await refusal_of_assume(simulator, external_id=external_id)
    assert refusal["Code"] == "AccessDenied"
    assert refusal["HTTPStatusCode"] == 403
    assert refusal["Message"] == (
        f"User: arn:aws:iam::{HUB_ACCOUNT}:user/dd0c-hub is not authorized to perform: sts:AssumeRole "
        f"on resource: arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly"
    )


async def test_a_role_without_an_external_id_lets_anyone_of_the_hub_in(simulator: AwsSimulator) -> None:
    simulator.accounts[ACCOUNT].external_id = None
    await assume(simulator, external_id=None)


async def test_an_unknown_role_and_an_unknown_account_are_denied_alike(simulator: AwsSimulator) -> None:
    for arn in (f"arn:aws:iam::{ACCOUNT}:role/nobody", "arn:aws:iam::444455556666:role/dd0c-cost-readonly"):
        refusal = await refusal_of_assume(simulator, RoleArn=arn)
        assert refusal["Code"] == "AccessDenied"


async def test_another_account_is_not_trusted_even_with_the_external_id(simulator: AwsSimulator) -> None:
    stranger = simulator.add_caller("555566667777", "stranger")
    refusal = await refusal_of_assume(simulator, caller=stranger)
    assert refusal["Code"] == "AccessDenied"


async def test_a_revoked_role_is_denied_and_its_sessions_too(simulator: AwsSimulator) -> None:
    async with cloudtrail_of(simulator) as cloudtrail:
        await cloudtrail.lookup_events()
        simulator.accounts[ACCOUNT].revoke_role()
        with pytest.raises(ClientError, match="AccessDeniedException"):
            await cloudtrail.lookup_events()
    assert (await refusal_of_assume(simulator))["Code"] == "AccessDenied"
    simulator.accounts[ACCOUNT].restore_role("a-new-one")
    await assume(simulator, external_id="a-new-one")


async def test_a_session_ends_at_its_time(simulator: AwsSimulator, clock: TurnedClock) -> None:
    session = await assume(simulator, DurationSeconds=900)
    async with session.client("cloudtrail", endpoint_url=simulator.url, config=ONE_ATTEMPT) as cloudtrail:
        clock.now = NOW + 899
        await cloudtrail.lookup_events()
        clock.now = NOW + 900
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            await cloudtrail.lookup_events()


async def test_all_sessions_of_an_account_can_be_ended(simulator: AwsSimulator) -> None:
    async with cloudtrail_of(simulator) as cloudtrail:
        simulator.accounts[ACCOUNT].expire_sessions()
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            await cloudtrail.lookup_events()
    async with cloudtrail_of(simulator) as cloudtrail:
        await cloudtrail.lookup_events()


async def test_the_environment_is_all_an_sdk_needs(simulator: AwsSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in simulator.environment().items():
        monkeypatch.setenv(name, value)
    async with aioboto3.Session().client("sts") as sts:
        assert (await sts.get_caller_identity())["Account"] == HUB_ACCOUNT


@pytest.mark.parametrize(
    "parameters", [{"DurationSeconds": 43201}, {"DurationSeconds": 3601}, {"RoleSessionName": "not a name"}]
)
async def test_malformed_parameters_are_a_validation_error(simulator: AwsSimulator, parameters: dict[str, Any]) -> None:
    assert (await refusal_of_assume(simulator, **parameters))["Code"] == "ValidationError"


async def test_unknown_keys_and_false_tokens_are_not_recognized(simulator: AwsSimulator) -> None:
    opened: Any = await assume(simulator)  # aioboto3 awaits where its stubs do not
    real = await opened.get_credentials()
    for key, token in ((real.access_key, "forged"), ("AKIAUNKNOWN123456789", None)):
        session = aioboto3.Session(
            aws_access_key_id=key,
            aws_secret_access_key="x",
            aws_session_token=token,
            region_name=REGION,
        )
        async with session.client("cloudtrail", endpoint_url=simulator.url) as cloudtrail:
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                await cloudtrail.lookup_events()
