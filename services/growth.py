"""Says in a card's thread what joined its incident since people were told, and in its channel that it got critical."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from engine.models.anomaly import Anomaly, AnomalyStatus, Line, Severity
from engine.models.delivery import Delivery, DeliveryState, SlackMessage
from engine.models.post import Joined, Post
from services.ports import Clock, Posts

_NOTABLE_GROWTH = 2.0
_ANY_GROWTH = 1.0 + 1e-6  # What people called not expected is told again each time; a repriced cent is no launch.
_ASKS_FOR_ATTENTION = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.UNEXPECTED})


class Told(msgspec.Struct, frozen=True):
    """What people know of an incident. There is more that ``is_waiting`` until anybody may be told of anything."""

    lines: tuple[Line, ...]
    severity: Severity
    is_waiting: bool = False


class Growth:
    """Another type or Region is news, and twice of what people know; less of the same only moves the card's numbers.

    That an incident became critical is for the whole channel, and once: few look into the threads of cards they know.
    """

    def __init__(self, posts: Posts, clock: Clock) -> None:
        self._posts = posts
        self._clock = clock

    async def tell(
        self,
        tenant_id: str,
        delivery: Delivery,
        anomaly: Anomaly,
        message: SlackMessage,
        are_silent: Callable[[str], Awaitable[bool]],
    ) -> Told:
        """Put a reply on its way if there is news; gives all that people have been told of by then, in its order.

        A reply's id says how much was known before it, or that it tells of the rise. Whoever comes here again after a
        crash finds it there, and goes on from what it told. A card's first posting tells all by itself. What is news
        while ``are_silent`` says of the tenant that nobody is told of anything, waits.
        """
        told = delivery.told or anomaly.lines
        severity = (delivery.told_severity if delivery.told else None) or anomaly.severity
        if _is_worth_telling(anomaly, told, severity) and await are_silent(tenant_id):
            return Told(told, severity, is_waiting=True)
        if _got_critical(anomaly, severity):
            severity = anomaly.severity
            changed = [line for line in anomaly.lines if line not in told] or anomaly.lines
            told = (*told, *await self._put(tenant_id, anomaly, changed, message, known=None))
        while news := [line for line in anomaly.lines if _is_news(line, told, anomaly.status)]:
            told = (*told, *await self._put(tenant_id, anomaly, news, message, known=len(told)))
        return Told(told, severity)

    async def _put(
        self, tenant_id: str, anomaly: Anomaly, news: Sequence[Line], message: SlackMessage, *, known: int | None
    ) -> Sequence[Line]:
        """Put a reply on its way; gives what it tells, or what one tells that was there before."""
        post = await self._posts.insert_post(tenant_id, self._reply(anomaly, news, message, known))
        return post.content.lines if isinstance(post.content, Joined) else news

    def _reply(self, anomaly: Anomaly, news: Sequence[Line], message: SlackMessage, known: int | None) -> Post:
        """A reply to people who know so many lines; None for the one that tells of the rise."""
        now = self._clock()
        is_rise = known is None
        return Post(
            post_id=f"critical/{anomaly.anomaly_id}" if is_rise else f"joined/{anomaly.anomaly_id}/{known}",
            account_id=anomaly.account_id,
            content=Joined(
                lines=tuple(news),
                hourly_cost=anomaly.hourly_cost,
                unknown_price=anomaly.unknown_price,
                now_critical=is_rise,
            ),
            channel_id=message.channel_id,
            thread_ts=message.message_ts,
            broadcast=is_rise,
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )


def _is_worth_telling(anomaly: Anomaly, told: Sequence[Line], severity: Severity) -> bool:
    return _got_critical(anomaly, severity) or any(_is_news(line, told, anomaly.status) for line in anomaly.lines)


def _got_critical(anomaly: Anomaly, told: Severity) -> bool:
    """What a snooze speaks of is silent until it ends, and is told then."""
    is_critical = anomaly.severity is Severity.CRITICAL
    return is_critical and told is not Severity.CRITICAL and anomaly.status in _ASKS_FOR_ATTENTION


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
