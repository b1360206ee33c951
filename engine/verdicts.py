"""What a human's label does to an anomaly and to the patterns of the account."""

from datetime import datetime

import msgspec

from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.verdict import Expectation, Snooze
from engine.scoring.thresholds import EXPECTATION_HEADROOM

_MOST_TYPES = 20
_UNJUDGED = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.SNOOZED, AnomalyStatus.RESOLVED})
_QUIETABLE = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED})


def may_mark_expected(anomaly: Anomaly) -> bool:
    """Anything not judged yet can be called expected, also when it has ended already."""
    return anomaly.status in _UNJUDGED


def may_quiet(anomaly: Anomaly) -> bool:
    """Only what still asks for attention can be snoozed or acknowledged."""
    return anomaly.status in _QUIETABLE


def may_acknowledge(anomaly: Anomaly) -> bool:
    """Somebody can take it once."""
    return anomaly.status is AnomalyStatus.OPEN


def may_undo(anomaly: Anomaly) -> bool:
    """Every label can be taken back; without one there is nothing to take back."""
    return bool(anomaly.status_by)


def expectation_of(anomaly: Anomaly, *, expectation_id: str, user_id: str, now: datetime) -> Expectation:
    """What *Mark expected* declares: this actor with these types, up to half as much again as this incident cost."""
    limit = None if anomaly.unknown_price else anomaly.hourly_cost * EXPECTATION_HEADROOM
    return Expectation(
        expectation_id=expectation_id,
        account_id=anomaly.account_id,
        actor_key=anomaly.actor.key,
        resource_types=_types(anomaly),
        max_hourly_cost=limit,
        created_by=user_id,
        created_at=now,
    )


def snooze_of(anomaly: Anomaly, *, snooze_id: str, user_id: str, until: datetime) -> Snooze:
    """Silence for this actor's launches of these types."""
    return Snooze(
        snooze_id=snooze_id,
        account_id=anomaly.account_id,
        actor_key=anomaly.actor.key,
        resource_types=_types(anomaly),
        until=until,
        created_by=user_id,
        anomaly_id=anomaly.anomaly_id,
    )


def _types(anomaly: Anomaly) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.resource_type for line in anomaly.lines))[:_MOST_TYPES]


def labelled(anomaly: Anomaly, status: AnomalyStatus, *, user_id: str, now: datetime) -> Anomaly:
    """Give the anomaly under its new label; what an earlier label left behind is gone."""
    return msgspec.structs.replace(
        anomaly,
        status=status,
        status_by=user_id,
        status_at=now,
        snoozed_until=None,
        expectation_id="",
        revision=anomaly.revision + 1,
    )


def unlabelled(anomaly: Anomaly) -> Anomaly:
    """Give the anomaly as if nobody had said anything: open while something runs, else resolved."""
    status = AnomalyStatus.RESOLVED if anomaly.ended_at is not None else AnomalyStatus.OPEN
    return msgspec.structs.replace(
        anomaly,
        status=status,
        status_by="",
        status_at=None,
        snoozed_until=None,
        expectation_id="",
        revision=anomaly.revision + 1,
    )
