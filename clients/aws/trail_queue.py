"""The SQS queue that names new log files."""

from collections.abc import Sequence

import msgspec

from clients.aws.errors import translated
from clients.aws.shared_client import OpenClient, SharedClient

_AT_ONCE = 10
_WAIT_SECONDS = 10
_HIDDEN_SECONDS = 900
_WAITING = "ApproximateNumberOfMessages"


class QueueMessage(msgspec.Struct, frozen=True):
    """A message as SQS gave it."""

    body: str
    receipt: str


class TrailQueue:
    """One queue. What is not deleted comes again after a quarter of an hour, until the queue calls it a dead letter."""

    def __init__(self, url: str, open_client: OpenClient) -> None:
        self._url = url
        self._shared = SharedClient(open_client)

    async def receive(self) -> Sequence[QueueMessage]:
        """Give up to ten messages; waits ten seconds for the first one."""
        doing = f"Asking {self._url} for new log files"
        async with self._shared.use(doing) as client, translated(doing):
            answer = await client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                WaitTimeSeconds=_WAIT_SECONDS,
                VisibilityTimeout=_HIDDEN_SECONDS,
            )
        return [QueueMessage(message["Body"], message["ReceiptHandle"]) for message in answer.get("Messages", ())]

    async def count_waiting(self) -> int:
        """How much waits, as far as SQS knows. Raises AccessDenied where that may not be asked, UpstreamError."""
        doing = f"Looking at {self._url}"
        async with self._shared.use(doing) as client, translated(doing):
            answer = await client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[_WAITING])
        return int(answer["Attributes"][_WAITING])

    async def delete(self, receipt: str) -> None:
        """Forget a message for good."""
        doing = f"Deleting a message from {self._url}"
        async with self._shared.use(doing) as client, translated(doing):
            await client.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)
