"""Says in a card's thread what joined its incident since people were told."""

from collections.abc import Sequence

from engine.models.anomaly import Anomaly, AnomalyStatus, Line
from engine.models.delivery import Delivery, DeliveryState, SlackMessage
from engine.models.post import Joined, Post
from services.ports import Clock, Posts

_NOTABLE_GROWTH = 2.0
_ANY_GROWTH = 1.0 + 1e-6  # What people called not expected is told again each time; a repriced cent is no launch.


class Growth:
    """Another type or Region is news, and twice of what people know; less of the same only moves the card's numbers."""

    def __init__(self, posts: Posts, clock: Clock) -> None:
        self._posts = posts
        self._clock = clock

    async def tell(
        self, tenant_id: str, delivery: Delivery, anomaly: Anomaly, message: SlackMessage
    ) -> tuple[Line, ...]:
        """Put a reply on its way if there is news; gives all that people have been told of by then, in its order.

        A reply's id says how much was known before it. Whoever comes here again after a crash finds it there, and goes
        on from what it told. A card's first posting tells all by itself.
        """
        told = delivery.told or anomaly.lines
        while news := [line for line in anomaly.lines if _is_news(line, told, anomaly.status)]:
            post = await self._posts.insert_post(tenant_id, self._reply(anomaly, news, len(told), message))
            told = (*told, *(post.content.lines if isinstance(post.content, Joined) else news))
        return told

    def _reply(self, anomaly: Anomaly, news: Sequence[Line], known: int, message: SlackMessage) -> Post:
        now = self._clock()
        return Post(
            post_id=f"joined/{anomaly.anomaly_id}/{known}",
            account_id=anomaly.account_id,
            content=Joined(lines=tuple(news), hourly_cost=anomaly.hourly_cost, unknown_price=anomaly.unknown_price),
            channel_id=message.channel_id,
            thread_ts=message.message_ts,
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )


def _is_news(line: Line, told: Sequence[Line], status: AnomalyStatus) -> bool:
    """Tell what people would want to hear again: what a snooze speaks of is silent until it ends, and is told then."""
    if status is AnomalyStatus.SNOOZED and line.resource_type in {one.resource_type for one in told}:
        return False
    before = [one for one in told if _kind(one) == _kind(line)]
    if not before:
        return True
    least = _ANY_GROWTH if status is AnomalyStatus.UNEXPECTED else _NOTABLE_GROWTH
    return _growth(line, before[-1]) >= least


def _growth(line: Line, before: Line) -> float:
    """How many times as much it is, in dollars where both prices are known."""
    if line.hourly_cost and before.hourly_cost:
        return line.hourly_cost / before.hourly_cost
    return line.quantity / max(before.quantity, 1)


def _kind(line: Line) -> tuple[str, str, str]:
    return line.service, line.resource_type, line.region
