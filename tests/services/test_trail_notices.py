"""Files named by a queue: read at once, once, and again only as long as they are not settled."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from clients.aws.files import own_sqs
from clients.aws.trail_queue import TrailQueue
from engine.errors import Unavailable
from services.trail_notices import TrailNoticeReader
from tests.fixtures.sqs import SqsServer
from tests.services.trail_places import PREFIX, FolderPlace, TrailWorld, Unreliable, identity, log_file
from tests.services.world import MINUTE, World


class Message(msgspec.Struct, frozen=True):
    body: str
    receipt: str


class NoticeList:
    """A queue in memory: what is not deleted comes again when it is asked to."""

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}
        self._asked = False

    def put(self, *keys: str, bucket: str = "trail") -> None:
        body = {"s3Bucket": bucket, "s3ObjectKey": [f"{PREFIX}/{key}" for key in keys]}
        self.waiting[f"receipt-{uuid4().hex}"] = json.dumps(body)

    async def receive(self) -> Sequence[Message]:
        self._asked = not self._asked
        return [Message(body, receipt) for receipt, body in self.waiting.items()] if self._asked else []

    async def delete(self, receipt: str) -> None:
        del self.waiting[receipt]


@pytest.fixture
def queue() -> NoticeList:
    return NoticeList()


@pytest.fixture
def unreliable(tmp_path: Path) -> Unreliable:
    return Unreliable(FolderPlace(tmp_path / "trail").store)


@pytest.fixture
def trails(world: World, tmp_path: Path, unreliable: Unreliable) -> TrailWorld:
    return TrailWorld(world, FolderPlace(tmp_path / "trail"), wrapped=unreliable)


def reader(trails: TrailWorld, queue: NoticeList | TrailQueue | None) -> TrailNoticeReader:
    return TrailNoticeReader(trails=[trails.trail], notices=queue, files=trails.files, rows=trails.world.store.trails)


async def test_a_named_file_takes_effect_and_listing_does_not_read_it_again(
    trails: TrailWorld, queue: NoticeList
) -> None:
    queue.put(trails.deliver([trails.world.launch(1)]), trails.deliver([trails.world.launch(1)]))
    await reader(trails, queue).read_notices()
    await trails.settle()
    assert not queue.waiting
    assert await trails.cost_events() == 2
    assert (await trails.region_row()).tally.files_read == 2
    await trails.turn()
    assert await trails.cost_events() == 2
    assert (await trails.region_row()).read_until is not None


async def test_a_message_comes_again_until_its_file_is_settled(
    trails: TrailWorld, queue: NoticeList, unreliable: Unreliable
) -> None:
    key = trails.deliver([trails.world.launch(1)])
    queue.put(key, trails.deliver([trails.world.launch(1)]))
    unreliable.refused = {key: Unavailable("no answer")}
    await reader(trails, queue).read_notices()
    assert len(queue.waiting) == 1
    unreliable.refused = {}
    await reader(trails, queue).read_notices()
    await trails.settle()
    assert not queue.waiting
    assert await trails.cost_events() == 2


async def test_what_is_no_business_of_ours_is_dropped_and_stops_nothing(
    trails: TrailWorld, queue: NoticeList, unreliable: Unreliable, caplog: pytest.LogCaptureFixture
) -> None:
    key = trails.deliver([trails.world.launch(1)])
    queue.waiting["broken"] = "{"
    queue.put(key, bucket="another")
    queue.put("../../etc/passwd", "AWSLogs/x\n.json.gz", "y" * 5000)
    queue.put(key.replace("/CloudTrail/", "/CloudTrail-Digest/"))
    queue.put(trails.key(account="999988887777"))
    await reader(trails, queue).read_notices()
    assert not queue.waiting
    assert not unreliable.opened
    assert "a message was dropped" in caplog.text
    queue.put(key)
    await reader(trails, queue).read_notices()
    assert unreliable.opened == [key]


async def test_a_prefix_is_a_folder_and_not_the_beginning_of_a_name(
    trails: TrailWorld, queue: NoticeList, unreliable: Unreliable
) -> None:
    key = trails.deliver([trails.world.launch(1)])
    queue.waiting["near"] = json.dumps({"s3Bucket": "trail", "s3ObjectKey": [f"{PREFIX}2/{key}", key]})
    await reader(trails, queue).read_notices()
    assert not queue.waiting
    assert not unreliable.opened


async def test_a_file_that_is_gone_ends_its_message(trails: TrailWorld, queue: NoticeList) -> None:
    key = trails.deliver([trails.world.launch(1)])
    trails.place.delete(key)
    queue.put(key)
    await reader(trails, queue).read_notices()
    assert not queue.waiting
    assert "was deleted" in (await trails.odd_files())[0].error


async def test_a_damaged_file_ends_its_message_and_is_read_again_by_the_books(
    trails: TrailWorld, queue: NoticeList, unreliable: Unreliable
) -> None:
    world, key = trails.world, trails.key()
    content = log_file([world.launch(1) for _ in range(30)])
    trails.place.put(key, content[:-20])
    queue.put(key)
    await reader(trails, queue).read_notices()
    assert not queue.waiting
    trails.place.put(key, content)
    world.turn(MINUTE)
    await trails.retries.retry_files()
    await trails.settle()
    assert unreliable.opened == [key, key]
    assert await trails.cost_events() == 30


async def test_a_file_the_store_does_not_give_keeps_its_message(
    trails: TrailWorld, queue: NoticeList, unreliable: Unreliable
) -> None:
    queue.put(trails.deliver([trails.world.launch(1)]))
    unreliable.refused = {".json.gz": Unavailable("no answer")}
    await reader(trails, queue).read_notices()
    assert queue.waiting
    unreliable.refused = {}
    await reader(trails, queue).read_notices()
    assert not queue.waiting


async def test_without_a_queue_there_is_nothing_to_do(trails: TrailWorld) -> None:
    await reader(trails, None).read_notices()


@pytest.mark.integration
async def test_a_real_queue_gives_each_message_until_it_is_deleted(
    trails: TrailWorld, sqs_server: SqsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.aws.trail_queue._WAIT_SECONDS", 0)
    sqs = sqs_server.client()
    url = sqs.create_queue(QueueName=f"notices-{uuid4().hex}")["QueueUrl"]
    key = trails.key()
    trails.place.put(key, log_file([trails.world.launch(1)]))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"s3Bucket": "trail", "s3ObjectKey": [f"{PREFIX}/{key}"]}))
    sqs.send_message(QueueUrl=url, MessageBody="not ours")
    await reader(trails, TrailQueue(url, own_sqs(identity(sqs_server.url), url))).read_notices()
    await trails.settle()
    assert await trails.cost_events() == 1
    assert sqs_server.depth(url) == (0, 0)
