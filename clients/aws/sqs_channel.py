"""One SQS queue over one open SDK client, with SDK errors in our own words."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import aioboto3
import msgspec
from aiobotocore.config import AioConfig

from clients.aws.errors import translated
from clients.aws.sqs_messages import ATTRIBUTES, Received, received
from clients.aws.trust import SharedTrust
from engine.errors import Rejected, Unavailable

AT_ONCE = 10
"""SQS takes and gives at most so many messages in one call."""

_REGION = re.compile(r"(?:^|\.)sqs[.-](?:fips\.)?([a-z]{2,3}(?:-[a-z]+)+-\d)\.")
_CONNECTIONS = 50
_NOT_THERE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


class Outgoing(msgspec.Struct, frozen=True):
    """A message to send. SQS drops another one with the same ``send_id`` within five minutes."""

    body: str
    group_id: str
    send_id: str


class SqsChannel:
    """Calls to one queue. The client opens with the first call and lives until ``close``.

    The queue's own address says where to call, so that queue and other AWS services may be in different places.
    """

    def __init__(self, session: aioboto3.Session, url: str) -> None:
        self._session = session
        self.url = url
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._open_client: Any = None

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send messages, those of one group in their order. Raises Unavailable when SQS did not take all of them."""
        for start in range(0, len(messages), AT_ONCE):
            entries = [_outgoing_entry(number, one) for number, one in enumerate(messages[start : start + AT_ONCE])]
            async with translated("Queueing work"):
                client = await self._client()
                answer = await client.send_message_batch(QueueUrl=self.url, Entries=entries)
            for failed in answer.get("Failed", []):
                refused = Rejected if failed.get("SenderFault") else Unavailable
                raise refused(f"Queueing work: SQS refused it ({failed['Code']}).", code=failed["Code"])

    async def receive(self, *, visibility_seconds: int, wait_seconds: int) -> list[Received]:
        """Take up to ten messages, invisible to others for a while; waits that long for the first to come."""
        async with translated("Asking for work"):
            client = await self._client()
            answer = await client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=visibility_seconds,
                WaitTimeSeconds=wait_seconds,
                MessageSystemAttributeNames=ATTRIBUTES,
            )
        return [received(message) for message in answer.get("Messages", [])]

    async def delete(self, messages: Iterable[Received]) -> set[str]:
        """Forget messages for good, also once more; gives the receipts of those that are not ours any more."""
        lost: set[str] = set()
        for entries in _entries(messages):
            async with translated("Finishing work"):
                client = await self._client()
                answer = await client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            lost |= _refused(entries, answer)
        return lost

    async def show_in(self, messages: Iterable[Received], seconds: int) -> set[str]:
        """Make messages visible in so many seconds from now; gives the receipts of those that are not ours any more."""
        lost: set[str] = set()
        for entries in _entries(messages, VisibilityTimeout=seconds):
            async with translated("Holding on to work"):
                client = await self._client()
                answer = await client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
            lost |= _refused(entries, answer)
        return lost

    async def fetch_attributes(self, *names: str) -> Mapping[str, str]:
        """Give attributes of the queue. Raises Rejected with a sentence when there is no such queue."""
        try:
            async with translated("Looking at the work queue"):
                client = await self._client()
                answer = await client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names))
        except Rejected as error:
            if error.code not in _NOT_THERE:
                raise
            raise Rejected(f"There is no queue at {self.url}.", code=error.code) from error
        attributes: Mapping[str, str] = answer.get("Attributes", {})
        return attributes

    async def fetch_url(self, queue_arn: str) -> str:
        """Give the address of another queue in the same place."""
        owner, name = queue_arn.split(":")[-2:]
        async with translated(f"Looking for the queue {name}"):
            client = await self._client()
            answer = await client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)
        return str(answer["QueueUrl"])

    def beside(self, url: str) -> "SqsChannel":
        """Give a channel to another queue with the same credentials."""
        return SqsChannel(self._session, url)

    async def close(self) -> None:
        """Drop the connections; the next call opens new ones."""
        async with self._opening:
            self._open_client = None
            await self._stack.aclose()

    async def _client(self) -> Any:
        async with self._opening:
            if self._open_client is None:
                parts = urlsplit(self.url)
                config = AioConfig(
                    connect_timeout=5,
                    read_timeout=30,
                    max_pool_connections=_CONNECTIONS,
                    http_session_cls=SharedTrust,
                    retries={"mode": "standard", "total_max_attempts": 3},
                )
                self._open_client = await self._stack.enter_async_context(
                    self._session.client(
                        "sqs",
                        region_name=region_of(self.url) or self._session.region_name,
                        endpoint_url=f"{parts.scheme}://{parts.netloc}",
                        config=config,
                    )
                )
            return self._open_client


def region_of(url: str) -> str | None:
    """Give the Region that a queue's address names; None for an address that is not Amazon's.

    >>> region_of("https://sqs.eu-west-1.amazonaws.com/111122223333/dd0c-work.fifo")
    'eu-west-1'
    """
    found = _REGION.search(urlsplit(url).netloc)
    return found.group(1) if found else None


def _outgoing_entry(number: int, message: Outgoing) -> dict[str, str]:
    return {
        "Id": str(number),
        "MessageBody": message.body,
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.send_id,
    }


def _entries(messages: Iterable[Received], **fields: Any) -> list[list[dict[str, Any]]]:
    """Give the entries of batch calls, ten at a time."""
    every = [{"Id": str(number), "ReceiptHandle": one.receipt, **fields} for number, one in enumerate(messages)]
    return [every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE)]


def _refused(entries: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> set[str]:
    """Give the receipts that SQS says are no good; what failed by its own fault is still ours."""
    receipts = {entry["Id"]: entry["ReceiptHandle"] for entry in entries}
    return {receipts[failed["Id"]] for failed in answer.get("Failed", []) if failed.get("SenderFault")}
