"""What a snooze would have hidden."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from engine.incidents import settle
from engine.models.anomaly import Anomaly, DecisionKind


class Hidden(msgspec.Struct, frozen=True):
    """How many earlier alerts, and the USD that burnt in them."""

    alerts: int
    burnt_usd: float


def hidden_by_snooze(snoozed: Anomaly, others: Iterable[Anomaly], now: datetime) -> Hidden:
    """Sum up the other alerts that a snooze of this anomaly would have hidden: by its actor, of its types only.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, incident, launch
    >>> earlier = incident(launch(event_id="e-0"))
    >>> hidden_by_snooze(incident(launch()), [earlier], MONDAY + timedelta(hours=2))
    Hidden(alerts=1, burnt_usd=2.0)
    """
    types = {line.resource_type for line in snoozed.lines}
    hidden = [
        one
        for one in others
        if one.anomaly_id != snoozed.anomaly_id
        and one.decision.kind is DecisionKind.ALERT
        and (one.account_id, one.actor.key) == (snoozed.account_id, snoozed.actor.key)
        and types.issuperset(line.resource_type for line in one.lines)
    ]
    return Hidden(len(hidden), sum(settle(one, now)[0] for one in hidden))
