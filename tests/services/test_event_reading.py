"""EventBridge's events, through a real SQS server: durable before they are deleted, believed only when they may be."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped] # it ships no types
import pytest

from clients.aws.connect import AwsIdentity
from clients.aws.event_queue import EventQueue
from clients.aws.files import own_sqs
from engine.cloudtrail.envelope import open_envelope
from engine.errors import MalformedRecord, Unavailable, UpstreamError
from services.arrivals import HEARTBEAT
from services.event_reading import EventReader
from services.heartbeats import Heartbeats
from tests.fixtures.sqs import KEY_ID, REGION, SECRET, SqsServer
from tests.services.test_inbox import IRRELEVANT, STRANGER, Broken, Inbox
from tests.services.world import ACCOUNT, DAY, HOUR, REGIONS, TENANT, World


class Bus:
    """A standard queue with dead letters after three receives, and the reader behind it."""

    def __init__(self, world: World, server: SqsServer) -> None:
        self.world, self.server, self.sqs = world, server, server.client()
        name = f"events-{uuid4().hex[:8]}"
        self.dead = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        policy = json.dumps({"deadLetterTargetArn": self.arn(self.dead), "maxReceiveCount": 3})
        self.url = self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]

    def arn(self, url: str) -> str:
        names = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(names["Attributes"]["QueueArn"])

    def put(self, *bodies: Any) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def queue(self) -> EventQueue:
        identity = AwsIdentity(region=REGION, access_key_id=KEY_ID, secret_access_key=SECRET)
        return EventQueue(self.url, own_sqs(identity, self.url), wait_seconds=0, hidden_seconds=60)

    async def read(self, inbox: Inbox | None = None) -> None:
        await EventReader(self.queue(), (inbox or Inbox(self.world)).receiver, heartbeats(self.world)).read_events()

    async def waiting(self) -> int:
        return sum(one.count for one in await self.world.store.inbox.find_batches(TENANT, ACCOUNT, 100))


def heartbeats(world: World) -> Heartbeats:
    return Heartbeats(accounts=world.store.accounts, lookups=world.store.system, clock=world.clock)


def heartbeat(at: datetime, **changes: Any) -> dict[str, Any]:
    """What a scheduled rule sends."""
    fields = {"account": ACCOUNT, "source": "aws.events", "region": REGION, "time": at.isoformat()}
    return {**fields, "detail-type": "Scheduled Event", "detail": {}, **changes}


def envelope(record: Any, **changes: Any) -> dict[str, Any]:
    return {"account": ACCOUNT, "source": "aws.ec2", "detail": record, **changes}


# The simulator leaves the account out of what it sends on, unless a target asks for it; AWS never does.
WITH_ACCOUNT = {
    "InputTransformer": {
        "InputPathsMap": {"account": "$.account", "source": "$.source", "detail": "$.detail"},
        "InputTemplate": '{"account": "<account>", "source": "<source>", "detail": <detail>}',
    }
}


@pytest.fixture
def bus(world: World, sqs_server: SqsServer) -> Bus:
    return Bus(world, sqs_server)


async def test_events_are_kept_and_then_deleted(bus: Bus) -> None:
    bus.put(*(envelope(bus.world.launch()) for _ in range(12)), envelope({**IRRELEVANT, "recipientAccountId": ACCOUNT}))
    await bus.read()
    assert await bus.waiting() == 12
    assert bus.server.depth(bus.url) == (0, 0)


async def test_events_reach_the_queue_through_a_bus_and_a_rule(bus: Bus) -> None:
    named = {"region_name": REGION, "aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    events = boto3.client("events", endpoint_url=bus.server.url, **named)
    rule = f"rule-{uuid4().hex[:8]}"
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail-type": [rule]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": bus.arn(bus.url), **WITH_ACCOUNT}])
    record = bus.world.launch()
    events.put_events(Entries=[{"Source": "aws.ec2", "DetailType": rule, "Detail": json.dumps(record)}])
    [message] = bus.sqs.receive_message(QueueUrl=bus.url, VisibilityTimeout=0)["Messages"]
    sender = json.loads(message["Body"])["account"]
    with pytest.raises(MalformedRecord, match=f"{sender} sent a record of account {ACCOUNT}"):
        open_envelope(message["Body"])
    assert json.loads(open_envelope(message["Body"].replace(ACCOUNT, sender)))["eventID"] == record["eventID"]


async def test_a_crash_between_keeping_and_deleting_has_one_effect(bus: Bus) -> None:
    bus.put(envelope(bus.world.launch()), envelope(bus.world.launch()))
    inbox = Inbox(bus.world, inbox=Broken(bus.world.store.inbox, Unavailable("away"), after="save_batches"))
    with pytest.raises(Unavailable):
        await bus.read(inbox)
    assert bus.server.depth(bus.url) == (0, 2)
    bus.server.let_time_in_work_pass(bus.url)
    await bus.read()
    await Inbox(bus.world).settle()
    assert sum(one.hourly_cost for one in await bus.world.anomalies()) == 12.0
    assert bus.server.depth(bus.url) == (0, 0)


UNBELIEVABLE: dict[str, Any] = {
    "another account's envelope": {"account": STRANGER},
    "a source that anybody may name": {"source": "my.app"},
    "no record": {"detail": {"eventName": 3}},
    "no account": {"account": None},
}


@pytest.mark.parametrize("changes", UNBELIEVABLE.values(), ids=UNBELIEVABLE)
async def test_what_is_not_to_be_believed_ends_with_the_dead_letters(bus: Bus, changes: dict[str, Any]) -> None:
    bus.put(envelope(bus.world.launch(), **changes), envelope(bus.world.launch()), "no json")
    for _ in range(4):
        await bus.read()
        bus.server.let_time_in_work_pass(bus.url)
    assert await bus.waiting() == 1
    assert bus.server.depth(bus.url) == (0, 0)
    assert bus.server.depth(bus.dead)[0] == 2
    assert await bus.queue().count_dead() == 2


async def test_what_was_given_up_is_tried_again_and_counts_once(bus: Bus) -> None:
    record = bus.world.launch()
    bus.put("no json", envelope(record, source="my.app"))
    for _ in range(4):
        await bus.read()
        bus.server.let_time_in_work_pass(bus.url)
    assert bus.server.depth(bus.dead)[0] == 2
    bus.sqs.send_message(
        QueueUrl=bus.dead, MessageBody=json.dumps(envelope(record))
    )  # As one that a newer version can read.
    assert await bus.queue().redrive() == 3
    assert (bus.server.depth(bus.url), bus.server.depth(bus.dead)) == ((3, 0), (0, 0))
    for _ in range(4):
        await bus.read()
        bus.server.let_time_in_work_pass(bus.url)
    assert await bus.waiting() == 1
    assert bus.server.depth(bus.dead)[0] == 2


async def test_without_a_place_for_dead_letters_none_are_tried_again(bus: Bus) -> None:
    bus.url = bus.dead
    assert await bus.queue().redrive() == 0


async def test_events_of_accounts_nobody_connected_are_deleted(bus: Bus) -> None:
    foreign = {**bus.world.launch(), "recipientAccountId": STRANGER}
    bus.put(envelope(foreign, account=STRANGER))
    await bus.read()
    assert bus.server.depth(bus.url) == (0, 0)


async def test_a_queue_without_a_place_for_dead_letters_has_none(bus: Bus) -> None:
    assert await bus.queue().count_dead() == 0
    bus.url = bus.dead
    assert await bus.queue().count_dead() == 0
    bus.url += "-gone"
    with pytest.raises(UpstreamError):
        await bus.queue().count_dead()


async def test_without_a_queue_nothing_is_read(world: World) -> None:
    await EventReader(None, Inbox(world).receiver, heartbeats(world)).read_events()


async def test_heartbeats_are_noted_for_the_regions_that_are_watched(bus: Bus) -> None:
    world = bus.world
    now, minute = world.clock(), timedelta(minutes=1)
    bus.put(
        heartbeat(now - minute),
        heartbeat(now - 2 * minute),
        heartbeat(now + DAY, region=REGIONS[0]),
        heartbeat(now, region="ap-made-up-1"),
        heartbeat(now, account=STRANGER),
        heartbeat(now, source="my.app"),
        heartbeat(now, region="a.b"),
    )
    await bus.read()
    await bus.read()
    heard = (await world.account()).arrivals[HEARTBEAT]
    assert {name: one.last_record_time for name, one in heard.items()} == {REGION: now - minute, REGIONS[0]: now}
    assert bus.server.depth(bus.url) == (0, 2)
    bus.put(heartbeat(now - 9 * minute))
    await bus.read()
    assert (await world.account()).arrivals[HEARTBEAT] == heard


async def test_status_names_regions_that_no_heartbeat_comes_from(bus: Bus) -> None:
    world = bus.world
    bus.put(heartbeat(world.clock()))
    await bus.read()
    [source] = (await world.reports.status(TENANT)).accounts[0].sources
    assert (source.name, source.last_record_time) == ("eventbridge", None)
    assert set(source.silent_regions) == set(REGIONS) - {REGION}
    world.turn(4 * HOUR)
    [source] = (await world.reports.status(TENANT)).accounts[0].sources
    assert set(source.silent_regions) == set(REGIONS)
