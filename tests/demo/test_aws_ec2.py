"""Regions, instances and the account's name as the real client sees them; and what broken requests get."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from demo.aws_account import DEFAULT_REGIONS, AwsAccount, AwsError, AwsSimulator
from demo.aws_account.identities import iam_user
from demo.aws_account.lookup_events import parse_query
from demo.aws_account.records import (
    Scene,
    Writer,
    failed_run_instances,
    instance_ids,
    run_instances,
    stop_instances,
    terminate_instances,
)
from demo.aws_account.wire import parse_call
from tests.demo.aws_world import ACCOUNT, EXTERNAL_ID, NOW, ONE_ATTEMPT, REGION, TurnedClock, assume


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def simulator(clock: TurnedClock) -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(clock=clock)
    regions = (*DEFAULT_REGIONS, "eu-south-1")
    simulator.add_account(ACCOUNT, regions=regions, external_id=EXTERNAL_ID, alias="acme-prod")
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def account(simulator: AwsSimulator) -> AwsAccount:
    return simulator.accounts[ACCOUNT]


@pytest.fixture
async def ec2(simulator: AwsSimulator) -> AsyncIterator[Any]:
    session = await assume(simulator)
    async with session.client("ec2", endpoint_url=simulator.url, config=ONE_ATTEMPT) as client:
        yield client


def scene(later: float = 0.0) -> Scene:
    actor = iam_user(ACCOUNT, "ann", source_ip="192.0.2.1", user_agent="test")
    at = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=later)
    return Writer(ACCOUNT, Random(later)).scene(actor, at, REGION)  # noqa: S311 - made-up ids, no secrets


async def states(ec2: Any, **parameters: Any) -> dict[str, str]:
    answer = await ec2.describe_instances(**parameters)
    return {
        instance["InstanceId"]: instance["State"]["Name"]
        for reservation in answer["Reservations"]
        for instance in reservation["Instances"]
    }


async def test_enabled_regions_are_listed_and_others_only_on_request(ec2: Any) -> None:
    enabled = {one["RegionName"]: one["OptInStatus"] for one in (await ec2.describe_regions())["Regions"]}
    assert set(enabled) == {*DEFAULT_REGIONS, "eu-south-1"}
    assert enabled["us-east-1"] == "opt-in-not-required"
    assert enabled["eu-south-1"] == "opted-in"
    everything = (await ec2.describe_regions(AllRegions=True))["Regions"]
    assert {"RegionName": "me-south-1", "OptInStatus": "not-opted-in"}.items() <= next(
        one for one in everything if one["RegionName"] == "me-south-1"
    ).items()
    opted_in = [{"Name": "opt-in-status", "Values": ["opted-in"]}]
    assert [one["RegionName"] for one in (await ec2.describe_regions(Filters=opted_in))["Regions"]] == ["eu-south-1"]


async def test_instances_follow_the_records(ec2: Any, account: AwsAccount, clock: TurnedClock) -> None:
    launch = run_instances(scene(), "m5.large", 3)
    first, second, third = instance_ids(launch)
    account.record(launch)
    account.record(stop_instances(scene(1), [second]))
    account.record(terminate_instances(scene(2), [third]))
    assert await states(ec2) == {first: "running", second: "stopped", third: "terminated"}
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    assert await states(ec2, Filters=running) == {first: "running"}
    clock.now += 3599
    assert third in await states(ec2)
    assert third not in {one.instance_id for one in account.fleet.visible(REGION, NOW + 3603)}


async def test_a_failed_launch_starts_nothing(ec2: Any, account: AwsAccount) -> None:
    account.record(failed_run_instances(scene(), "m5.large", 3, ("Client.DryRunOperation", "dry")))
    assert await states(ec2) == {}


async def test_an_instance_may_end_without_a_record(ec2: Any, account: AwsAccount) -> None:
    launch = run_instances(scene(), "m5.large")
    account.record(launch)
    (only,) = instance_ids(launch)
    account.end_silently(only)
    assert await states(ec2, InstanceIds=[only]) == {only: "terminated"}
    assert len(account.history(REGION)) == 1


async def test_instances_come_in_pages(ec2: Any, account: AwsAccount) -> None:
    account.record(run_instances(scene(), "m5.large", 12))
    pages = ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5})
    sizes = [len(page["Reservations"]) async for page in pages]
    assert sizes == [5, 5, 2]


async def test_an_unknown_instance_is_not_found(ec2: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
        await ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])


async def test_a_denied_call_is_unauthorized(ec2: Any, account: AwsAccount) -> None:
    account.deny("ec2:DescribeRegions")
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        await ec2.describe_regions()


async def test_a_call_that_is_not_simulated_says_so(ec2: Any) -> None:
    with pytest.raises(ClientError, match="ec2:DescribeVpcs is not simulated"):
        await ec2.describe_vpcs()


async def test_the_account_has_its_alias(simulator: AwsSimulator) -> None:
    session: Any = await assume(simulator)
    async with session.client("iam", endpoint_url=simulator.url) as iam:
        assert (await iam.list_account_aliases())["AccountAliases"] == ["acme-prod"]


async def test_a_request_without_a_signature_is_refused(simulator: AwsSimulator) -> None:
    async with aiohttp.ClientSession() as http, http.post(simulator.url, data={"Action": "Anything"}) as answer:
        assert answer.status == 403
        assert "MissingAuthenticationToken" in await answer.text()


@given(
    st.dictionaries(st.sampled_from(["Authorization", "X-Amz-Target", "X-Amz-Security-Token"]), st.text()),
    st.binary(),
    st.booleans(),
)
def test_no_request_breaks_the_parser(headers: dict[str, str], body: bytes, signed: bool) -> None:
    if signed:
        headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIA/20251121/us-east-1/ec2/aws4_request"
    with suppress(AwsError):
        call = parse_call(headers, body)
        assert call.region
        assert call.operation


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.dictionaries(
        st.sampled_from(["StartTime", "EndTime", "MaxResults", "LookupAttributes", "EventCategory"]), JSON_VALUES
    )
)
def test_no_parameters_break_the_query(params: dict[str, Any]) -> None:
    with suppress(AwsError):
        query = parse_query(params, NOW)
        assert 1 <= query.page_size <= 50
