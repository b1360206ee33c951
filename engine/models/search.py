"""What of all anomalies somebody asks for, and what is told of one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.delivery import Delivery
from engine.models.verdict import Verdict


class AnomalyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is asked for: of the last ``span``, of at least this severity, of one account, only what is open.

    ``suppressed`` asks for what nobody was told of instead of what they were. Pages count from 1.
    """

    span: timedelta = timedelta(days=7)
    severity: Severity = Severity.INFO
    account: str = ""
    open_only: bool = False
    suppressed: bool = False
    page: int = 1


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for among a tenant's anomalies; None stands for any.

    ``since`` and ``until`` (both included) bound the time of the last record.
    """

    since: datetime
    severities: Sequence[Severity]
    decisions: Sequence[DecisionKind]
    statuses: Sequence[AnomalyStatus]
    account_id: str | None = None
    until: datetime | None = None
    actor_key: str | None = None


class Position(msgspec.Struct, frozen=True):
    """Where somebody reading a list, newest first, has come: the last that was seen."""

    last_event_time: datetime
    anomaly_id: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One anomaly with all that happened to it: what people said, oldest first, and its card, if it ever had one."""

    anomaly: Anomaly
    account_name: str
    verdicts: tuple[Verdict, ...] = ()
    delivery: Delivery | None = None
