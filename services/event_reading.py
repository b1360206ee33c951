"""CloudTrail events from EventBridge, in near real time. Polling remains the authority and fills the gaps."""

import logging
from collections.abc import Sequence
from typing import Protocol

from engine.cloudtrail.envelope import open_envelope, parse_heartbeat
from engine.errors import MalformedRecord
from services.arrivals import EVENTBRIDGE
from services.heartbeats import Heartbeats
from services.receiving import Receiver, on_one_line

_log = logging.getLogger(__name__)
_MOST_ROUNDS = 100


class EventMessage(Protocol):
    """A message as the queue gave it."""

    @property
    def body(self) -> str: ...

    @property
    def receipt(self) -> str: ...


class Events(Protocol):
    """The queue behind the hub's bus."""

    async def receive(self) -> Sequence[EventMessage]:
        """Some messages, none when none came for a while."""
        ...

    async def delete(self, receipts: Sequence[str]) -> None: ...


class EventReader:
    """Messages are deleted when their records are durable in the inbox, and no sooner."""

    def __init__(self, events: Events | None, receiver: Receiver, heartbeats: Heartbeats) -> None:
        self._events = events
        self._receiver = receiver
        self._heartbeats = heartbeats

    async def read_events(self) -> None:
        """Work the queue off, for a while. Raises UpstreamError when the queue or the database is away.

        What cannot be read or believed is left for the queue's redrive policy, where a person can look at it.
        """
        if self._events is None:
            return
        for _ in range(_MOST_ROUNDS):
            messages = await self._events.receive()
            if not messages:
                return
            await self._take(self._events, messages)

    async def _take(self, events: Events, messages: Sequence[EventMessage]) -> None:
        records, receipts, beats = [], [], []
        for message in messages:
            if (beat := parse_heartbeat(message.body)) is not None:
                beats.append(beat)
                receipts.append(message.receipt)
                continue
            try:
                records.append(on_one_line(open_envelope(message.body)) + b"\n")
            except MalformedRecord as error:
                _log.warning("a message from EventBridge is left for the dead letters: %s", error)
            else:
                receipts.append(message.receipt)
        await self._receiver.receive(EVENTBRIDGE, records)
        await self._heartbeats.note(beats)
        await events.delete(receipts)
