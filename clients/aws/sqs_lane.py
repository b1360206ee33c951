"""One account's messages in work: held while they wait and while they are worked on, deleted only after success."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from clients.aws.sqs_channel import SqsChannel
from clients.aws.sqs_messages import Received, item_of
from clients.aws.sqs_places import Place
from engine.errors import Dd0cError, InputError, NotFound, UpstreamError
from engine.models.work import WorkItem

_log = logging.getLogger(__name__)
_GIVING_BACK_SECONDS = 2.0

Handler = Callable[[WorkItem], Awaitable[None]]


class Timing(msgspec.Struct, frozen=True):
    """All in seconds.

    A message stays invisible for ``visibility`` after its worker was last heard of, which is thrice in that time. What
    failed comes back after the next of ``retries``; a failure beyond them leaves it to the dead letters.
    """

    visibility: int = 60
    poll_wait: int = 3
    retries: Sequence[int] = (10, 60)


USUAL = Timing()


class Lane:
    """Works off messages of one group that came together, one after the other.

    Of equal items only the first is worked on: all of them were put before that begins, so it does what each asked for.
    """

    def __init__(self, channel: SqsChannel, messages: Sequence[Received], timing: Timing) -> None:
        self._channel = channel
        self._timing = timing
        self._held = {message.receipt: message for message in messages}
        self._is_lost = False

    async def run(self, handler: Handler, place: Place, stopping: asyncio.Event) -> None:
        """Work everything off, or until ``stopping`` is set, or until SQS took the messages away from us.

        What is not done by then, even when this is cancelled, goes back to the queue at once.
        """
        work = asyncio.ensure_future(self._work_off(handler, place, stopping))
        hold = asyncio.ensure_future(self._hold())
        try:
            await asyncio.wait({work, hold}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            hold.cancel()
            await asyncio.gather(work, hold, return_exceptions=True)
            if not self._is_lost:
                await self._give_back_rest()

    async def _work_off(self, handler: Handler, place: Place, stopping: asyncio.Event) -> None:
        async with place.taken():
            for item, message in await self._sort_out():
                if stopping.is_set() or self._is_lost:
                    return
                await self._work(handler, item, message)

    async def _sort_out(self) -> list[tuple[WorkItem, Received]]:
        """Give what there is to do in order, without what is superfluous or unreadable."""
        first: dict[WorkItem, Received] = {}
        superfluous = []
        for message in list(self._held.values()):
            try:
                item = item_of(message)
            except InputError as error:
                await self._refuse(message, error)
                continue
            if first.setdefault(item, message) is not message:
                superfluous.append(message)
        await self._delete(superfluous)
        return list(first.items())

    async def _work(self, handler: Handler, item: WorkItem, message: Received) -> None:
        if await _succeeds(handler, item):
            await self._delete([message])
            return
        retries = self._timing.retries
        pause = retries[message.receives - 1] if message.receives <= len(retries) else 0
        await self._give_back([message], pause)

    async def _refuse(self, message: Received, error: InputError) -> None:
        """Nobody can work on this, today at least: let it come back until SQS counts it among the dead letters."""
        _log.warning("message %s of group %s: %s", message.message_id, message.group_id, error)
        await self._give_back([message], 0)

    async def _delete(self, messages: Sequence[Received]) -> None:
        """A message that cannot be deleted comes again, and so does its work; that has its effect once.

        One that is ours no more may be in another's work already: to go on with the next would overtake it.
        """
        self._let_go(messages)
        try:
            if await self._channel.delete(messages):
                self._lose()
        except UpstreamError as error:
            _log.warning("%s It will be done once more.", error)

    async def _give_back(self, messages: Sequence[Received], pause: int) -> None:
        self._let_go(messages)
        try:
            await self._channel.show_in(messages, pause)
        except UpstreamError as error:
            _log.warning("%s It comes back by itself in %d s.", error, self._timing.visibility)

    async def _give_back_rest(self) -> None:
        """Not for long: this may be the end of the process, and they come back by themselves too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVING_BACK_SECONDS):
                await self._give_back(list(self._held.values()), 0)

    def _let_go(self, messages: Sequence[Received]) -> None:
        for message in messages:
            self._held.pop(message.receipt, None)

    async def _hold(self) -> None:
        """Keep what is held invisible to others; return when a message of it is ours no more.

        Then another worker may have it, so ours must stop. That is also so when SQS could not be told in time.
        """
        clock = asyncio.get_running_loop().time
        told_at = clock()
        while clock() - told_at < self._timing.visibility:
            await asyncio.sleep(self._timing.visibility / 3)
            asked_at = clock()
            try:
                lost = await self._channel.show_in(list(self._held.values()), self._timing.visibility)
            except UpstreamError as error:
                _log.warning("%s Trying again.", error)
                continue
            told_at = asked_at
            if lost & self._held.keys():
                break
        self._lose()

    def _lose(self) -> None:
        self._is_lost = True
        _log.warning("the messages of a group are not held any more; their work is cut off and comes again")


async def _succeeds(handler: Handler, item: WorkItem) -> bool:
    """Try once; what is gone needs no work any more."""
    try:
        await handler(item)
    except NotFound as error:
        _log.info("%s of account %s is not needed any more: %s", item.kind, item.account_id, error)
    except Dd0cError as error:
        _log.warning("%s of account %s failed: %s", item.kind, item.account_id, error)
        return False
    except Exception:
        _log.exception("%s of account %s failed", item.kind, item.account_id)
        return False
    return True
