"""What a human's label does to an anomaly and to the patterns of the account."""

from datetime import datetime

import msgspec

from engine.baselines.model import pair_key
from engine.models.anomaly import JUDGED, Anomaly, AnomalyStatus, SnoozeLabel
from engine.models.verdict import Expectation, Snooze, Terms
from engine.scoring.thresholds import EXPECTATION_HEADROOM

_MOST_TYPES = 20
_QUIETABLE = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED})


def may_judge(anomaly: Anomaly) -> bool:
    """Anything not judged yet can be called expected or not expected, also when it has ended already.

    >>> from engine.examples import incident, launch
    >>> may_judge(incident(launch()))
    True
    """
    return anomaly.status not in JUDGED


def may_quiet(anomaly: Anomaly) -> bool:
    """Only what still asks for attention can be snoozed or acknowledged.

    >>> from engine.examples import incident, launch
    >>> may_quiet(incident(launch()))
    True
    """
    return anomaly.status in _QUIETABLE


def may_acknowledge(anomaly: Anomaly) -> bool:
    """Somebody can take it once.

    >>> from engine.examples import incident, launch
    >>> may_acknowledge(incident(launch()))
    True
    """
    return anomaly.status is AnomalyStatus.OPEN


def may_undo(anomaly: Anomaly) -> bool:
    """Every label can be taken back; without one there is nothing to take back.

    >>> from engine.examples import incident, launch
    >>> may_undo(incident(launch()))
    False
    """
    return bool(anomaly.status_by)


def expectation_of(
    anomaly: Anomaly, *, expectation_id: str, user_id: str, now: datetime, terms: Terms | None = None
) -> Expectation:
    """What *Mark expected* declares: this actor with these types, up to half as much again as this incident cost.

    Only where no price at all is known there is no limit. ``terms`` say otherwise by whom, up to what and until when.

    >>> from engine.examples import MONDAY, incident, launch
    >>> expectation_of(incident(launch()), expectation_id="x", user_id="U1", now=MONDAY).max_hourly_cost
    1.5
    """
    nothing_known = anomaly.unknown_price and anomaly.hourly_cost == 0.0
    limit = None if nothing_known else anomaly.hourly_cost * EXPECTATION_HEADROOM
    if terms is not None:
        limit = terms.max_hourly_cost
    return Expectation(
        expectation_id=expectation_id,
        account_id=anomaly.account_id,
        actor_key="" if terms is not None and terms.anybody else anomaly.actor.key,
        resource_types=_types(anomaly),
        max_hourly_cost=limit,
        until=None if terms is None else terms.until,
        all_running=terms is not None and terms.all_running,
        max_quantity=None if terms is None else terms.max_quantity,
        created_by=user_id,
        created_at=now,
        covers_unknown_price=anomaly.unknown_price,
        max_upfront_cost=None if anomaly.upfront_cost is None else anomaly.upfront_cost * EXPECTATION_HEADROOM,
    )


def snooze_of(anomaly: Anomaly, *, snooze_id: str, user_id: str, until: datetime) -> Snooze:
    """Silence for this actor's launches of these types.

    >>> from engine.examples import MONDAY, incident, launch
    >>> snooze_of(incident(launch()), snooze_id="s", user_id="U1", until=MONDAY).resource_types
    ('m5.large',)
    """
    return Snooze(
        snooze_id=snooze_id,
        account_id=anomaly.account_id,
        actor_key=anomaly.actor.key,
        resource_types=_types(anomaly),
        until=until,
        created_by=user_id,
        anomaly_id=anomaly.anomaly_id,
    )


def told_pairs(anomaly: Anomaly) -> tuple[str, ...]:
    """The baseline's names for all that the card tells of: its actor with each of its types.

    >>> from engine.examples import incident, launch
    >>> told_pairs(incident(launch()))
    ('ci | m5.large',)
    """
    return tuple(dict.fromkeys(pair_key(anomaly.actor.key, line.resource_type) for line in anomaly.lines))


def _types(anomaly: Anomaly) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.resource_type for line in anomaly.lines))[:_MOST_TYPES]


def labelled(anomaly: Anomaly, status: AnomalyStatus, *, user_id: str, now: datetime) -> Anomaly:
    """Give the anomaly under its new label; of earlier ones who had acknowledged or snoozed it is kept, for an undo.

    >>> from engine.examples import MONDAY, incident, launch
    >>> labelled(incident(launch()), AnomalyStatus.ACKNOWLEDGED, user_id="U1", now=MONDAY).status_by
    'U1'
    """
    if anomaly.status is AnomalyStatus.ACKNOWLEDGED:
        anomaly = msgspec.structs.replace(anomaly, acknowledged_by=anomaly.status_by, acknowledged_at=anomaly.status_at)
    return msgspec.structs.replace(
        anomaly,
        status=status,
        status_by=user_id,
        status_at=now,
        snooze_before=_snooze_of(anomaly),
        snoozed_until=None,
        expectation_id="",
        revision=anomaly.revision + 1,
    )


def _snooze_of(anomaly: Anomaly) -> SnoozeLabel | None:
    if anomaly.status is not AnomalyStatus.SNOOZED or anomaly.snoozed_until is None:
        return None
    return SnoozeLabel(anomaly.status_by, anomaly.status_at, anomaly.snoozed_until)


def unlabelled(anomaly: Anomaly) -> Anomaly:
    """Give the anomaly as if nobody had said anything: open while something runs, else resolved.

    >>> from engine.examples import incident, launch
    >>> unlabelled(incident(launch())).status
    <AnomalyStatus.OPEN: 'open'>
    """
    status = AnomalyStatus.RESOLVED if anomaly.ended_at is not None else AnomalyStatus.OPEN
    return msgspec.structs.replace(
        anomaly,
        status=status,
        status_by="",
        status_at=None,
        acknowledged_by="",
        acknowledged_at=None,
        snooze_before=None,
        snoozed_until=None,
        expectation_id="",
        revision=anomaly.revision + 1,
    )


def undone(anomaly: Anomaly, now: datetime) -> Anomaly:
    """Give the anomaly as it was before its label: snoozed if that would go on, acknowledged if somebody had, or open.

    What has stopped meanwhile is as if nobody had said anything.

    >>> from engine.examples import MONDAY, incident, launch
    >>> taken = labelled(incident(launch()), AnomalyStatus.ACKNOWLEDGED, user_id="U1", now=MONDAY)
    >>> before = undone(labelled(taken, AnomalyStatus.UNEXPECTED, user_id="U2", now=MONDAY), MONDAY)
    >>> (before.status, before.status_by, undone(before, MONDAY).status)
    (<AnomalyStatus.ACKNOWLEDGED: 'acknowledged'>, 'U1', <AnomalyStatus.OPEN: 'open'>)
    """
    snooze = anomaly.snooze_before
    if snooze is not None and snooze.until > now and anomaly.ended_at is None:
        return msgspec.structs.replace(
            anomaly,
            status=AnomalyStatus.SNOOZED,
            status_by=snooze.by,
            status_at=snooze.at,
            snooze_before=None,
            snoozed_until=snooze.until,
            expectation_id="",
            revision=anomaly.revision + 1,
        )
    if not anomaly.acknowledged_by or anomaly.ended_at is not None:
        return unlabelled(anomaly)
    return msgspec.structs.replace(
        unlabelled(anomaly),
        status=AnomalyStatus.ACKNOWLEDGED,
        status_by=anomaly.acknowledged_by,
        status_at=anomaly.acknowledged_at,
    )
