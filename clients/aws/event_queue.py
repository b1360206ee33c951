"""The standard SQS queue behind the hub's EventBridge bus."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from clients.aws.errors import translated
from clients.aws.shared_client import OpenClient, SharedClient
from clients.aws.trail_queue import QueueMessage

_AT_ONCE = 10
_LOOK_SECONDS = 30
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class EventQueue:
    """One queue. What is not deleted comes again, until its redrive policy calls it a dead letter."""

    def __init__(self, url: str, open_client: OpenClient, *, wait_seconds: int = 10, hidden_seconds: int = 60) -> None:
        self._url = url
        self._shared = SharedClient(open_client)
        self._wait_seconds = wait_seconds
        self._hidden_seconds = hidden_seconds

    async def receive(self) -> Sequence[QueueMessage]:
        """Give up to ten messages; waits for the first one."""
        doing = f"Receiving CloudTrail events from {self._url}"
        async with self._shared.use(doing) as client, translated(doing):
            answer = await client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                WaitTimeSeconds=self._wait_seconds,
                VisibilityTimeout=self._hidden_seconds,
            )
        return [QueueMessage(message["Body"], message["ReceiptHandle"]) for message in answer.get("Messages", ())]

    async def count_dead(self) -> int:
        """Count what came three times and could not be read; 0 where the queue has no place for that.

        SQS's numbers lag by up to a minute. Raises UpstreamError when it cannot be asked.
        """
        doing = f"Looking at {self._url}"
        async with self._shared.use(doing) as client, translated(doing):
            dead = await _dead_letters(client, self._url)
            return await _count(client, dead) if dead else 0

    async def redrive(self) -> int:
        """Give every dead letter another three receives; return how many.

        Each is sent before it is deleted: a crash in between brings its record twice, which counts once. No more are
        moved than there were, or one that cannot be read would go round for ever. Raises UpstreamError.
        """
        doing = f"Giving the dead letters of {self._url} another try"
        moved = 0
        async with self._shared.use(doing) as client, translated(doing):
            dead = await _dead_letters(client, self._url)
            count = await _count(client, dead) if dead else 0
            while moved < count and (some := await _take(client, dead)):
                for message in some:
                    await client.send_message(QueueUrl=self._url, MessageBody=message["Body"])
                    await client.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
                moved += len(some)
        return moved

    async def delete(self, receipts: Sequence[str]) -> None:
        """Forget messages for good. One that could not be deleted comes again, which does no harm."""
        doing = f"Deleting messages from {self._url}"
        entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]
        if entries:
            async with self._shared.use(doing) as client, translated(doing):
                await client.delete_message_batch(QueueUrl=self._url, Entries=entries)


async def _dead_letters(client: Any, url: str) -> str:
    """The address of the queue's dead letters, empty where it has no place for them."""
    policy = json.loads((await _attributes(client, url, "RedrivePolicy")).get("RedrivePolicy") or "{}")
    if not policy:
        return ""
    *_, owner, name = policy["deadLetterTargetArn"].split(":")
    return str((await client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner))["QueueUrl"])


async def _count(client: Any, url: str) -> int:
    counts = await _attributes(client, url, *_COUNTS)
    return sum(int(counts[name]) for name in _COUNTS)


async def _take(client: Any, url: str) -> Sequence[Mapping[str, str]]:
    answer = await client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=1, VisibilityTimeout=_LOOK_SECONDS
    )
    taken: Sequence[Mapping[str, str]] = answer.get("Messages", ())
    return taken


async def _attributes(client: Any, url: str, *names: str) -> dict[str, str]:
    answer = await client.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
    return dict(answer.get("Attributes", {}))
