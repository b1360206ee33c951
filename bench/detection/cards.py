"""Cards: what a detector would have sent, and the grouping all simple detectors share."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from bench.detection.world import AccountWorld
from engine.models.cost_event import Change, CostEvent
from engine.scoring.thresholds import GROUP_MINUTES, WARNING_FLOOR

_SPAN = timedelta(minutes=GROUP_MINUTES)


class Card(msgspec.Struct, frozen=True):
    """One alert: when it was sent, the records it speaks of, and whom it names."""

    at: datetime
    event_ids: tuple[str, ...]


Detector = Callable[[AccountWorld], list[Card]]


class Cards:
    """Groups alarms by actor within the hour, as our own cards do; one is sent when its group reaches a warning."""

    def __init__(self) -> None:
        self._open: dict[str, _Group] = {}
        self._groups: list[_Group] = []

    def alarm(self, event: CostEvent) -> None:
        """Put an alarming event into its group."""
        group = self._open.get(event.actor.key)
        if group is None or event.event_time - group.last > _SPAN:
            group = self._open[event.actor.key] = _Group()
            self._groups.append(group)
        group.add(event)

    def sent(self) -> list[Card]:
        """The cards of all groups that reached a warning."""
        return [Card(group.sent_at, tuple(group.event_ids)) for group in self._groups if group.sent_at is not None]


class _Group:
    """Alarms of one actor that belong together."""

    def __init__(self) -> None:
        self.event_ids: list[str] = []
        self.sent_at: datetime | None = None
        self._usd = 0.0

    def add(self, event: CostEvent) -> None:
        self.last = event.event_time
        self.event_ids.append(event.event_id)
        self._usd += event.hourly_cost or 0.0
        if self.sent_at is None and self._usd >= WARNING_FLOOR:
            self.sent_at = event.event_time


def alarm_by_event(account: AccountWorld, is_alarming: Callable[[CostEvent], bool]) -> list[Card]:
    """Run a detector that looks at one start after the other."""
    cards = Cards()
    for record in account.records:
        for event in record:
            if event.change is Change.START and is_alarming(event):
                cards.alarm(event)
    return cards.sent()
