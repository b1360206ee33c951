"""The lines of ``dd0c replay --format jsonl``. Scripts rely on these fields: they are added to, never changed."""

from datetime import datetime

import msgspec

from engine.models.anomaly import Anomaly, Signal
from engine.models.cost_event import CostEvent


class CostEventLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="cost_event"):
    """A change of cost. ``hourly_cost_usd`` is list USD per hour, null where not known."""

    event_id: str
    event_name: str
    event_time: datetime
    account_id: str
    region: str
    service: str
    resource_type: str
    resource_ids: tuple[str, ...]
    quantity: int
    actor: str
    change: str
    hourly_cost_usd: float | None
    price_source: str | None


class AnomalyLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="anomaly"):
    """An anomaly as it ended. Type and Region are those of what costs most in it."""

    anomaly_id: str
    account_id: str
    severity: str
    score: float
    event_ids: tuple[str, ...]
    actor: str
    resource_type: str
    region: str
    hourly_cost_usd: float | None
    detected_at: datetime
    decision: str
    signals: tuple[Signal, ...]


class Summary(msgspec.Struct, kw_only=True, tag_field="kind", tag="summary"):
    """The last line. ``records_read`` counts what could be read, second copies included."""

    records_read: int = 0
    records_malformed: int = 0
    duplicates: int = 0
    cost_events: int = 0
    anomalies: int = 0
    seconds: float = 0.0


def cost_event_line(event: CostEvent) -> CostEventLine:
    """Put a cost event on a line."""
    return CostEventLine(
        event_id=event.event_id,
        event_name=event.event_name,
        event_time=event.event_time,
        account_id=event.account_id,
        region=event.region,
        service=event.service,
        resource_type=event.resource_type,
        resource_ids=event.resource_ids,
        quantity=event.quantity,
        actor=event.actor.key,
        change=event.change,
        hourly_cost_usd=event.hourly_cost,
        price_source=event.price_source,
    )


def anomaly_line(anomaly: Anomaly) -> AnomalyLine:
    """Put an anomaly on a line; its cost is null when no price in it is known."""
    return AnomalyLine(
        anomaly_id=anomaly.anomaly_id,
        account_id=anomaly.account_id,
        severity=anomaly.severity,
        score=anomaly.score,
        event_ids=anomaly.event_ids,
        actor=anomaly.actor.key,
        resource_type=anomaly.lead.resource_type,
        region=anomaly.lead.region,
        hourly_cost_usd=known_cost(anomaly),
        detected_at=anomaly.detected_at,
        decision=anomaly.decision.kind,
        signals=anomaly.signals,
    )


def known_cost(anomaly: Anomaly) -> float | None:
    """USD per hour of what it started, None when no price of it is known."""
    return None if all(line.hourly_cost is None for line in anomaly.lines) else anomaly.hourly_cost
