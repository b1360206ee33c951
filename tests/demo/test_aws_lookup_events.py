"""LookupEvents as the real client sees it: pages, limits, delays, duplicates."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.aws_account import AwsAccount, AwsSimulator
from tests.demo.aws_world import ACCOUNT, EXTERNAL_ID, NOW, REGION, Records, TurnedClock, cloudtrail_of

DAY = 86400


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def simulator(clock: TurnedClock) -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(clock=clock, lookup_rate=None)
    simulator.add_account(ACCOUNT, external_id=EXTERNAL_ID)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def account(simulator: AwsSimulator) -> AwsAccount:
    return simulator.accounts[ACCOUNT]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def all_ids(cloudtrail: Any, **parameters: Any) -> list[str]:
    pages = cloudtrail.get_paginator("lookup_events").paginate(**parameters)
    return [event["EventId"] async for page in pages for event in page["Events"]]


async def refusal(cloudtrail: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        await cloudtrail.lookup_events(**parameters)
    return str(refused.value.response["Error"]["Code"])


async def test_an_event_has_the_true_shape(simulator: AwsSimulator, account: AwsAccount) -> None:
    record = Records().at(NOW - 60)
    account.record(record)
    async with cloudtrail_of(simulator) as cloudtrail:
        (event,) = (await cloudtrail.lookup_events())["Events"]
    assert event["EventId"] == record["eventID"]
    assert event["EventName"] == "CreateTags"
    assert event["EventSource"] == "ec2.amazonaws.com"
    assert event["ReadOnly"] == "false"
    assert event["EventTime"].timestamp() == NOW - 60
    assert event["Username"] == "ann"
    assert event["AccessKeyId"] == record["userIdentity"]["accessKeyId"]
    assert event["Resources"] == []
    assert json.loads(event["CloudTrailEvent"]) == record


async def test_pages_of_a_frozen_window_give_every_event_once_newest_first(
    simulator: AwsSimulator, account: AwsAccount
) -> None:
    written = [Records().at(NOW - 500 + second) for second in range(120)]
    for number, record in enumerate(written):
        account.record({**record, "eventID": f"event-{number}"})
    window: dict[str, Any] = {"StartTime": moment(NOW - 600), "EndTime": moment(NOW)}
    async with cloudtrail_of(simulator) as cloudtrail:
        found = await all_ids(cloudtrail, **window)
    assert found == [f"event-{number}" for number in range(119, -1, -1)]
    assert len(simulator.calls_of("LookupEvents")) == 3


async def test_a_page_never_exceeds_fifty(simulator: AwsSimulator, account: AwsAccount) -> None:
    for second in range(51):
        account.record(Records().at(NOW - 100 + second))
    async with cloudtrail_of(simulator) as cloudtrail:
        assert len((await cloudtrail.lookup_events())["Events"]) == 50
        assert await refusal(cloudtrail, MaxResults=50, NextToken="forged") == "InvalidNextTokenException"


async def test_a_token_is_bound_to_its_parameters_and_grows_old(
    simulator: AwsSimulator, account: AwsAccount, clock: TurnedClock
) -> None:
    for second in range(3):
        account.record(Records().at(NOW - 10 + second))
    window: dict[str, Any] = {"StartTime": moment(NOW - 60), "EndTime": moment(NOW)}
    async with cloudtrail_of(simulator) as cloudtrail:
        token = (await cloudtrail.lookup_events(MaxResults=1, **window))["NextToken"]
        moved = {**window, "EndTime": moment(NOW - 1)}
        assert await refusal(cloudtrail, NextToken=token, **moved) == "InvalidNextTokenException"
        rest = await cloudtrail.lookup_events(MaxResults=2, NextToken=token, **window)
        assert len(rest["Events"]) == 2
        assert "NextToken" not in rest
        simulator.token_seconds = 60.0
        clock.now += 61
        assert await refusal(cloudtrail, NextToken=token, **window) == "InvalidNextTokenException"


async def test_two_requests_a_second_for_each_region(simulator: AwsSimulator, clock: TurnedClock) -> None:
    limited = AwsSimulator(clock=clock)
    limited.add_account(ACCOUNT, external_id=EXTERNAL_ID)
    await limited.start()
    try:
        async with cloudtrail_of(limited) as east, cloudtrail_of(limited, "eu-west-1") as west:
            await east.lookup_events()
            await east.lookup_events()
            assert await refusal(east) == "ThrottlingException"
            await west.lookup_events()
            clock.now += 0.5
            await east.lookup_events()
            assert await refusal(east) == "ThrottlingException"
    finally:
        await limited.stop()
    simulator.lookup_rate = 2.0
    async with cloudtrail_of(simulator) as switched:
        for _ in range(2):
            await switched.lookup_events()
        assert await refusal(switched) == "ThrottlingException"
    simulator.lookup_rate = None
    async with cloudtrail_of(simulator) as unlimited:
        for _ in range(5):
            await unlimited.lookup_events()


async def test_one_attribute_is_looked_up_and_two_are_refused(simulator: AwsSimulator, account: AwsAccount) -> None:
    account.record(Records().at(NOW - 5, user="ann"))
    account.record({**Records().at(NOW - 4, user="bob"), "eventID": "of-bob", "readOnly": True})
    by_user: Any = {"AttributeKey": "Username", "AttributeValue": "bob"}
    writes: Any = {"AttributeKey": "ReadOnly", "AttributeValue": "false"}
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await all_ids(cloudtrail, LookupAttributes=[by_user]) == ["of-bob"]
        assert len(await all_ids(cloudtrail, LookupAttributes=[writes])) == 1
        both = [by_user, writes]
        assert await refusal(cloudtrail, LookupAttributes=both) == "InvalidLookupAttributesException"


async def test_a_window_that_ends_before_it_starts_is_refused(simulator: AwsSimulator) -> None:
    async with cloudtrail_of(simulator) as cloudtrail:
        backwards = {"StartTime": moment(NOW), "EndTime": moment(NOW - 1)}
        assert await refusal(cloudtrail, **backwards) == "InvalidTimeRangeException"


async def test_ninety_days_are_kept(simulator: AwsSimulator, account: AwsAccount) -> None:
    account.record({**Records().at(NOW - 91 * DAY), "eventID": "forgotten"})
    account.record({**Records().at(NOW - 89 * DAY), "eventID": "kept"})
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await all_ids(cloudtrail, StartTime=moment(NOW - 400 * DAY)) == ["kept"]


async def test_a_late_record_appears_below_those_already_seen(
    simulator: AwsSimulator, account: AwsAccount, clock: TurnedClock
) -> None:
    account.record({**Records().at(NOW - 30), "eventID": "prompt"})
    account.record({**Records().at(NOW - 60), "eventID": "late"}, visible_after=300)
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await all_ids(cloudtrail) == ["prompt"]
        clock.now = NOW + 240
        assert await all_ids(cloudtrail) == ["prompt", "late"]


async def test_the_usual_delay_holds_for_records_without_one_of_their_own(
    simulator: AwsSimulator, account: AwsAccount, clock: TurnedClock
) -> None:
    simulator.delivery_delay = 120.0
    account.record(Records().at(NOW))
    async with cloudtrail_of(simulator) as cloudtrail:
        clock.now = NOW + 119
        assert await all_ids(cloudtrail) == []
        clock.now = NOW + 120
        assert len(await all_ids(cloudtrail)) == 1


async def test_copies_come_under_one_id(simulator: AwsSimulator, account: AwsAccount) -> None:
    account.record({**Records().at(NOW - 5), "eventID": "twice"}, copies=2)
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await all_ids(cloudtrail) == ["twice", "twice"]


async def test_pages_may_overlap_and_still_end(simulator: AwsSimulator, account: AwsAccount) -> None:
    simulator.page_overlap = 1
    for number in range(100):
        account.record({**Records().at(NOW - 100 + number), "eventID": str(number)})
    async with cloudtrail_of(simulator) as cloudtrail:
        found = await all_ids(cloudtrail)
    assert len(found) > 100
    assert set(found) == {str(number) for number in range(100)}


async def test_a_denied_role_is_told_so(simulator: AwsSimulator, account: AwsAccount) -> None:
    account.deny("cloudtrail:LookupEvents")
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await refusal(cloudtrail) == "AccessDeniedException"
        account.allow("cloudtrail:LookupEvents")
        await cloudtrail.lookup_events()


async def test_regions_and_accounts_are_apart(simulator: AwsSimulator, account: AwsAccount) -> None:
    other = simulator.add_account("444455556666", external_id="x")
    other.record(Records(account_id="444455556666").at(NOW - 5))
    account.record(Records().at(NOW - 5, region="eu-west-1"))
    async with cloudtrail_of(simulator) as here, cloudtrail_of(simulator, "eu-west-1") as there:
        assert await all_ids(here) == []
        assert len(await all_ids(there)) == 1


async def test_a_region_that_is_off_does_not_know_the_credentials(simulator: AwsSimulator) -> None:
    async with cloudtrail_of(simulator, "me-south-1") as cloudtrail:
        assert await refusal(cloudtrail) == "UnrecognizedClientException"


async def test_planned_failures_come_as_often_as_planned(simulator: AwsSimulator) -> None:
    simulator.fail_next("LookupEvents", "InternalFailure", times=2)
    async with cloudtrail_of(simulator) as cloudtrail:
        assert await refusal(cloudtrail) == "InternalFailure"
        assert await refusal(cloudtrail) == "InternalFailure"
        await cloudtrail.lookup_events()


async def test_a_failure_may_be_planned_for_one_account(simulator: AwsSimulator) -> None:
    simulator.fail_next("LookupEvents", "InternalFailure", account_id="444455556666")
    async with cloudtrail_of(simulator) as cloudtrail:
        await cloudtrail.lookup_events()
        simulator.fail_next("LookupEvents", "InternalFailure", account_id=ACCOUNT)
        assert await refusal(cloudtrail) == "InternalFailure"


async def test_answers_take_as_long_as_they_are_told_to(simulator: AwsSimulator) -> None:
    async with cloudtrail_of(simulator) as cloudtrail:
        simulator.latency = 0.2
        began = time.perf_counter()
        await cloudtrail.lookup_events()
    assert time.perf_counter() - began >= 0.2


async def test_calls_are_remembered_with_account_and_region(simulator: AwsSimulator, clock: TurnedClock) -> None:
    async with cloudtrail_of(simulator) as cloudtrail:
        clock.now = NOW + 7
        await cloudtrail.lookup_events(MaxResults=9)
    (call,) = simulator.calls_of("LookupEvents")
    assert (call.service, call.account_id, call.region, call.time) == ("cloudtrail", ACCOUNT, REGION, NOW + 7)
    assert call.params == {"MaxResults": 9}


async def test_memory_keeps_to_its_bound(clock: TurnedClock) -> None:
    small = AwsSimulator(clock=clock, max_records=10)
    account = small.add_account(ACCOUNT)
    for second in range(30):
        account.record(Records().at(NOW - 100 + second))
    assert len(account.history(REGION)) == 10
