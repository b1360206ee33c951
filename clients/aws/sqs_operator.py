"""What an operator sees and does with the work queue: how much waits, what was given up, and another try for that."""

import json
from collections.abc import Mapping

import msgspec

from clients.aws.sqs_channel import Outgoing, SqsChannel
from clients.aws.sqs_messages import Received, item_of
from engine.errors import InputError, InvalidSetting, Rejected
from engine.models.work_queue import DeadLetter, QueueDepth, Redriven

RECEIVES = 3
_MESSAGES = "ApproximateNumberOfMessages"
_IN_WORK = "ApproximateNumberOfMessagesNotVisible"
_DELAYED = "ApproximateNumberOfMessagesDelayed"
_LOOK_SECONDS = 30
_WAIT_SECONDS = 1


class SqsOperator:
    """Looks at one work queue and the dead-letter queue that its redrive policy names."""

    def __init__(self, work: SqsChannel) -> None:
        self._work = work
        self._dead: SqsChannel | None = None

    async def check(self) -> str:
        """Look at the queue once; gives what is wrong with its redrive policy in a sentence, or an empty string.

        Raises InvalidSetting when there is no such queue, UpstreamError when it cannot be asked.
        """
        try:
            policy = await self._redrive_policy()
        except Rejected as error:
            raise InvalidSetting(f"DD0C_WORK_QUEUE_URL cannot be used. {error}") from error
        if not policy:
            return "The work queue has no dead-letter queue: work that always fails comes back for ever."
        receives = int(policy.get("maxReceiveCount", 0))
        if receives != RECEIVES:
            return f"The work queue gives up after {receives} receives; {RECEIVES} are meant."
        return ""

    async def fetch_depth(self) -> QueueDepth:
        """Count, as far as SQS knows: its numbers lag by up to a minute."""
        attributes = await self._work.fetch_attributes(_MESSAGES, _IN_WORK, _DELAYED)
        return QueueDepth(
            waiting=int(attributes[_MESSAGES]),
            in_work=int(attributes[_IN_WORK]),
            delayed=int(attributes[_DELAYED]),
            dead=await self.count_dead(),
        )

    async def count_dead(self) -> int:
        """Count the dead letters, those included that somebody looks at; 0 where the queue has no place for them."""
        dead = await self._dead_letters()
        if dead is None:
            return 0
        attributes = await dead.fetch_attributes(_MESSAGES, _IN_WORK)
        return int(attributes[_MESSAGES]) + int(attributes[_IN_WORK])

    async def list_dead(self, limit: int) -> list[DeadLetter]:
        """Look at up to ``limit`` dead letters, oldest first; nobody else can take them while that lasts."""
        dead = await self._dead_letters()
        seen: list[Received] = []
        if dead is None:
            return []
        try:
            while len(seen) < limit and (some := await _take(dead)):
                seen += some
        finally:
            await dead.show_in(seen, 0)
        return sorted(map(_dead_letter, seen[:limit]), key=lambda one: one.sent_at)

    async def redrive(self) -> Redriven:
        """Give all dead letters another three receives.

        Each is queued before it is deleted: a crash in between queues it once more, which changes nothing. No more are
        moved than there were, or a letter that dies at once would go round for ever.
        """
        dead = await self._dead_letters()
        moved: list[Received] = []
        if dead is None:
            return Redriven(0, 0)
        count = await self.count_dead()
        while len(moved) < count and (some := await _take(dead)):
            await self._work.send([_again(message) for message in some])
            await dead.delete(some)
            moved += some
        return Redriven(len(moved), sum(1 for message in moved if _dead_letter(message).item is None))

    async def close(self) -> None:
        """Drop the connections."""
        await self._work.close()
        if self._dead is not None:
            await self._dead.close()

    async def _dead_letters(self) -> SqsChannel | None:
        if self._dead is None and (policy := await self._redrive_policy()):
            self._dead = self._work.beside(await self._work.fetch_url(policy["deadLetterTargetArn"]))
        return self._dead

    async def _redrive_policy(self) -> Mapping[str, str]:
        attributes = await self._work.fetch_attributes("RedrivePolicy")
        policy: Mapping[str, str] = json.loads(attributes.get("RedrivePolicy") or "{}")
        return policy


async def _take(dead: SqsChannel) -> list[Received]:
    return await dead.receive(visibility_seconds=_LOOK_SECONDS, wait_seconds=_WAIT_SECONDS)


def _again(message: Received) -> Outgoing:
    return Outgoing(message.body, message.group_id, f"again-{message.message_id}")


def _dead_letter(message: Received) -> DeadLetter:
    """A body that cannot be read is not shown: whoever wrote it may have put anything there."""
    letter = DeadLetter(message_id=message.message_id, group_id=message.group_id, sent_at=message.sent_at)
    try:
        return msgspec.structs.replace(letter, item=item_of(message))
    except InputError as error:
        return msgspec.structs.replace(letter, fault=str(error))
