"""The work queue on Amazon SQS FIFO: an account's items in order, accounts side by side, over many processes.

The message group is the AWS account, and SQS gives out no message of a group while one of it is in work anywhere.

SQS drops a message whose deduplication id came within five minutes, even when the first of them was worked on long ago.
A poll put again after a minute must not be dropped, so every put has an id of its own, which makes only the repeated
sending of one and the same put harmless. What is superfluous is found out where it is known what waits: by the worker
that receives a group's messages together (``Lane``).

Like the in-process queue it holds nothing that would be lost with it: whatever must happen is found in the database.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from clients.aws.sqs_channel import Outgoing, SqsChannel
from clients.aws.sqs_lane import USUAL, Handler, Lane, Timing
from clients.aws.sqs_messages import Received, body_of
from clients.aws.sqs_places import Place, Places
from engine.errors import UpstreamError
from engine.models.work import WorkItem

_log = logging.getLogger(__name__)
_STREAMS = 8
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class SqsQueue:
    """Puts work, and works it off once started. At most ``concurrency`` accounts are worked on at a time."""

    def __init__(
        self, channel: SqsChannel, *, concurrency: int, new_id: Callable[[], str], timing: Timing = USUAL
    ) -> None:
        self._channel = channel
        self._new_id = new_id
        self._timing = timing
        self._places = Places(concurrency)
        self._stopping = asyncio.Event()
        self._consumer: asyncio.Task[None] | None = None
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._trouble: UpstreamError | None = None

    async def put(self, item: WorkItem) -> None:
        """Accept an item; an equal one that still waits makes it superfluous."""
        await self.put_all([item])

    async def put_all(self, items: Sequence[WorkItem]) -> None:
        """Accept items, those of one account in their order. Raises UpstreamError when not all were accepted."""
        streams: dict[int, list[Outgoing]] = {}
        for item in items:  # An account's items go through one stream, so they cannot overtake each other.
            message = Outgoing(body_of(item), item.account_id, self._new_id())
            streams.setdefault(hash(item.account_id) % _STREAMS, []).append(message)
        sendings = await asyncio.gather(*map(self._channel.send, streams.values()), return_exceptions=True)
        for error in filter(None, sendings):
            raise error

    def start(self, handler: Handler) -> None:
        """Begin to work; what was put before, by whomever, has waited for that."""
        self._consumer = asyncio.create_task(self._consume(handler))

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing new, let what is in work finish for a while, give the rest back, and close the connections.

        A grace longer than ``poll_wait`` lets the last question for work be answered: cut off, it might still be, and
        what it was answered with would be nobody's until its time in work is over.
        """
        self._stopping.set()
        tasks = {*self._lanes.values(), *([self._consumer] if self._consumer else [])}
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._channel.close()

    def depth(self) -> int:
        """How many accounts are worked on here, or wait for a place; what waits in SQS, CloudWatch tells."""
        return len(self._lanes)

    async def ping(self) -> None:
        """Raise UpstreamError when the queue could not be asked for work the last time."""
        if self._trouble is not None:
            raise self._trouble

    async def _consume(self, handler: Handler) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await self._receive(handler)
            except UpstreamError as error:
                _log.warning("%s Trying again in %d s.", error, pause)
                self._trouble = error
                await self._rest(pause)
                pause = min(_LONGEST_PAUSE, 2 * pause)
            else:
                self._trouble, pause = None, _FIRST_PAUSE

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _receive(self, handler: Handler) -> None:
        """Take messages while there is room; up to nine accounts more than fit may wait here, held like the others.

        So may those that are to read a history while enough others do.
        """
        while self._places.are_full(len(self._lanes)):
            await asyncio.wait(self._lanes.values(), return_when=asyncio.FIRST_COMPLETED)
        messages = await self._channel.receive(
            visibility_seconds=self._timing.visibility, wait_seconds=self._timing.poll_wait
        )
        if self._stopping.is_set():
            await self._channel.show_in(messages, 0)
            return
        groups: dict[str, list[Received]] = {}
        for message in messages:
            groups.setdefault(message.group_id, []).append(message)
        for group_id, together in groups.items():
            self._work_on(group_id, together, handler)

    def _work_on(self, group_id: str, messages: Sequence[Received], handler: Handler) -> None:
        before = self._lanes.get(group_id)
        place = self._places.ask(messages)
        task = asyncio.create_task(self._run(Lane(self._channel, messages, self._timing), handler, place, before))
        self._lanes[group_id] = task
        task.add_done_callback(lambda done: self._forget(group_id, done))

    async def _run(self, lane: Lane, handler: Handler, place: Place, before: asyncio.Task[None] | None) -> None:
        """SQS gives a group out again only when we did not hold it in time; then its work is being cut off here."""
        try:
            if before is not None:
                await asyncio.wait({before})
            await lane.run(handler, place, self._stopping)
        finally:
            place.leave()

    def _forget(self, group_id: str, task: asyncio.Task[None]) -> None:
        if self._lanes.get(group_id) is task:
            del self._lanes[group_id]
        if not task.cancelled() and task.exception() is not None:
            _log.error("a group of messages was dropped and comes again", exc_info=task.exception())
