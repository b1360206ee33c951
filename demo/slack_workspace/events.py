"""Deliver Slack events to the bot, and again when it did not take them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.slack_workspace.signing import JSON, Ack, Sender

RETRY_DELAYS = (0.0, 60.0, 300.0)
_REASONS = {"operation_timeout": "http_timeout", "connection_failed": "connection_failed"}


@dataclass
class EventDelivery:
    """One Slack event and every attempt to deliver it."""

    event_id: str
    attempts: list[Ack] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the bot took it in the end."""
        return bool(self.attempts) and self.attempts[-1].error is None


async def deliver(sender: Sender, url: str | None, envelope: dict[str, Any], delays: Sequence[float]) -> EventDelivery:
    """Send an event; after a failure again after each of `delays` (seconds), unless told not to."""
    delivery = EventDelivery(str(envelope["event_id"]))
    body = json.dumps(envelope).encode()
    for number, delay in enumerate((0.0, *delays)):
        await asyncio.sleep(delay)
        ack = await sender.send(url, body, JSON, _retry_headers(number, delivery.attempts))
        delivery.attempts.append(ack)
        unwanted = (ack.headers or {}).get("X-Slack-No-Retry") == "1"
        if ack.error is None or ack.error == "not_connected" or unwanted:
            break
    return delivery


def _retry_headers(number: int, attempts: list[Ack]) -> dict[str, str]:
    if number == 0:
        return {}
    reason = _REASONS.get(attempts[-1].error or "", "http_error")
    return {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
