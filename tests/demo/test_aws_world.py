"""The demo's account: its past is the same every time, and its steps do what their names say."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.aws_account import AwsSimulator, world
from demo.aws_account.records import Record, instance_ids

NOW = datetime(2026, 11, 19, 10, 17, 42, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 3, 5, tzinfo=UTC)


def launches(written: list[Record]) -> list[Record]:
    return [one for one in written if one["eventName"] == "RunInstances" and "errorCode" not in one]


def what(launch: Record) -> tuple[Any, ...]:
    """Who, where, which type, how many."""
    identity = launch["userIdentity"]
    who = identity.get("sessionContext", {}).get("sessionIssuer", identity)["arn"]
    kind = launch["requestParameters"]["instanceType"]
    return who, launch["awsRegion"], kind, len(instance_ids(launch))


def of_role(written: list[Record], role: str) -> list[Record]:
    return [one for one in launches(written) if f"assumed-role/{role}/" in one["userIdentity"]["arn"]]


@pytest.fixture(scope="module", params=[NOW, SATURDAY], ids=["thursday", "saturday"])
def past(request: pytest.FixtureRequest) -> tuple[datetime, list[Record]]:
    return request.param, world.history(request.param)


def test_the_past_is_decided_by_the_seed() -> None:
    assert world.history(NOW, seed=3) == world.history(NOW, seed=3)
    assert world.history(NOW, seed=3) != world.history(NOW, seed=4)


def test_the_past_has_the_size_and_places_of_a_small_company(past: tuple[datetime, list[Record]]) -> None:
    now, written = past
    assert 600 <= len(written) <= 900
    assert {one["awsRegion"] for one in written} == set(world.HOME_REGIONS)
    times = [one["eventTime"] for one in written]
    assert times == sorted(times)
    assert times[-1] <= now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len({one["eventID"] for one in written}) == len(written)


def test_every_record_is_a_whole_write_of_this_account(past: tuple[datetime, list[Record]]) -> None:
    for one in past[1]:
        assert one["eventVersion"] == "1.11"
        assert one["recipientAccountId"] == one["userIdentity"]["accountId"] == world.ACCOUNT_ID
        assert one["readOnly"] is False
        assert one["userAgent"]
        assert one["sourceIPAddress"]
        assert re.fullmatch(r"[0-9a-f-]{36}", one["requestID"])


def test_nothing_ends_before_it_started(past: tuple[datetime, list[Record]]) -> None:
    alive: set[str] = set()
    for one in past[1]:
        if one["eventName"] == "RunInstances":
            alive.update(instance_ids(one))
        elif one["eventName"] == "TerminateInstances":
            ended = {item["instanceId"] for item in one["requestParameters"]["instancesSet"]["items"]}
            assert ended <= alive
            alive -= ended
    assert len(alive) < 15


def test_this_weeks_deploy_equals_those_of_the_weeks_before(past: tuple[datetime, list[Record]]) -> None:
    now, written = past
    before = of_role(written, "deploy")
    release = world.normal_deploy(now + timedelta(minutes=12), written)
    assert len(before) == 6
    assert {what(one) for one in before} == {what(release[0])}
    assert what(release[0])[2:] == ("m5.2xlarge", 3)
    for weeks, one in enumerate(reversed(before), start=1):
        at = datetime.fromisoformat(one["eventTime"])
        assert abs(now - timedelta(weeks=weeks) - at) < timedelta(minutes=5)


def test_a_deploy_ends_the_machines_of_the_last_one() -> None:
    written = world.history(NOW)
    _, ended = world.normal_deploy(NOW, written)
    replaced = [item["instanceId"] for item in ended["requestParameters"]["instancesSet"]["items"]]
    assert replaced == instance_ids(of_role(written, "deploy")[-1])


def test_a_deploy_without_a_past_only_launches() -> None:
    (launch,) = world.normal_deploy(NOW)
    assert launch["eventTime"] == "2026-11-19T10:17:22Z"


def test_the_leaked_key_fails_first_and_then_launches_where_nothing_ever_ran(
    past: tuple[datetime, list[Record]],
) -> None:
    now, written = past
    stolen = world.leaked_key(now)
    assert ["errorCode" in one for one in stolen] == [True, True, False, False]
    assert [what(one)[1:] for one in launches(stolen)] == list(world.STOLEN_LAUNCHES)
    arn = f"arn:aws:iam::{world.ACCOUNT_ID}:user/backup-uploader"
    assert {one["userIdentity"]["arn"] for one in stolen} == {arn}
    of_the_key = [one for one in written if one["userIdentity"].get("arn") == arn]
    assert of_the_key
    assert not launches(of_the_key)
    assert not {one["awsRegion"] for one in stolen} & {one["awsRegion"] for one in written}


def test_maria_types_a_hundred_and_may_do_it_again() -> None:
    (typo,) = world.typo_count(NOW)
    (again,) = world.same_launch_again(NOW + timedelta(hours=1))
    assert what(typo) == what(again)
    assert what(typo)[2:] == ("m5.large", 100)
    assert typo["eventID"] != again["eventID"]
    assert not set(instance_ids(typo)) & set(instance_ids(again))


def test_maria_is_known_and_modest_in_the_past(past: tuple[datetime, list[Record]]) -> None:
    (typo,) = world.typo_count(NOW)
    hers = [one for one in launches(past[1]) if one["userIdentity"]["arn"] == typo["userIdentity"]["arn"]]
    assert len(hers) >= 3
    assert {what(one)[2:] for one in hers} == {("t3.large", 1)}


def test_stop_ends_exactly_what_was_started() -> None:
    stolen = world.leaked_key(NOW)
    ended = world.stop(stolen, NOW + timedelta(minutes=5))
    stopped = Counter(
        (one["awsRegion"], item["instanceId"])
        for one in ended
        for item in one["requestParameters"]["instancesSet"]["items"]
    )
    assert stopped == Counter(
        (one["awsRegion"], instance_id) for one in launches(stolen) for instance_id in instance_ids(one)
    )


def test_the_simulator_takes_the_whole_world() -> None:
    simulator = AwsSimulator(clock=NOW.timestamp)
    account = simulator.add_account(world.ACCOUNT_ID, alias=world.ALIAS)
    written = world.history(NOW)
    for one in written:
        account.record(one)
    assert sum(len(account.history(region)) for region in world.HOME_REGIONS) == len(written)
    office = [one.state for one in account.fleet.visible("eu-west-1", NOW.timestamp())]
    assert office.count("running") >= 3
