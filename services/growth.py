"""Says in a card's thread what joined its incident since people were told."""

from collections.abc import Sequence

from engine.models.anomaly import Anomaly, AnomalyStatus, Line
from engine.models.delivery import Delivery, DeliveryState, SlackMessage
from engine.models.post import Joined, Post
from services.ports import Clock, Posts


class Growth:
    """More of the same only moves the card's numbers; another type or Region is news, once."""

    def __init__(self, posts: Posts, clock: Clock) -> None:
        self._posts = posts
        self._clock = clock

    async def tell(
        self, tenant_id: str, delivery: Delivery, anomaly: Anomaly, message: SlackMessage
    ) -> tuple[str, ...]:
        """Put a reply on its way if there is news; gives all that people have been told of by then.

        A reply's id says how much was known before it. Whoever comes here again after a crash finds it there, and goes
        on from what it told. A card's first posting tells all by itself, and one that is snoozed tells nothing.
        """
        told = delivery.told
        if not told or anomaly.status is AnomalyStatus.SNOOZED:
            return tuple(dict.fromkeys((*told, *map(_kind, anomaly.lines))))
        while news := [line for line in anomaly.lines if _kind(line) not in told]:
            post = await self._posts.insert_post(tenant_id, self._reply(anomaly, news, len(told), message))
            lines = post.content.lines if isinstance(post.content, Joined) else news
            told = tuple(dict.fromkeys((*told, *map(_kind, lines))))
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


def _kind(line: Line) -> str:
    """What people would call another thing: a type in a Region."""
    return f"{line.region} {line.resource_type}"
