"""The standard SQS queue behind the hub's EventBridge bus."""

import json
from collections.abc import Sequence
from typing import Any

from clients.aws.errors import translated
from clients.aws.shared_client import OpenClient, SharedClient
from clients.aws.trail_queue import QueueMessage

_AT_ONCE = 10
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
            policy = json.loads((await _attributes(client, self._url, "RedrivePolicy")).get("RedrivePolicy") or "{}")
            if not policy:
                return 0
            *_, owner, name = policy["deadLetterTargetArn"].split(":")
            dead = await client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)
            counts = await _attributes(client, dead["QueueUrl"], *_COUNTS)
        return sum(int(counts[name]) for name in _COUNTS)

    async def delete(self, receipts: Sequence[str]) -> None:
        """Forget messages for good. One that could not be deleted comes again, which does no harm."""
        doing = f"Deleting messages from {self._url}"
        entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]
        if entries:
            async with self._shared.use(doing) as client, translated(doing):
                await client.delete_message_batch(QueueUrl=self._url, Entries=entries)


async def _attributes(client: Any, url: str, *names: str) -> dict[str, str]:
    answer = await client.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
    return dict(answer.get("Attributes", {}))
