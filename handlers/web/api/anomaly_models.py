"""How an anomaly is shown, here and to webhooks."""

from pydantic import Field

from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.cost_event import ActorKind
from handlers.web.api.models import AccountId, Model, Moment, Usd


class ActorShown(Model):
    """Who did it."""

    key: str = Field(description="Stable over sessions.")
    kind: ActorKind
    name: str


class SignalShown(Model):
    """One reason for the score; a contribution of 1.0 alone would alert."""

    name: str
    contribution: float
    text: str


class LineShown(Model):
    """What was started of one type in one Region."""

    service: str
    resource_type: str
    region: str
    quantity: int
    hourly_cost_usd: float | None = Field(description="For all of it; null where the price is not known.")
    upfront_cost_usd: Usd | None = Field(description="What a purchase binds; null for what is none.")
    labels: list[str]


class ResourceShown(Model):
    """One thing that was started."""

    resource_id: str
    region: str
    service: str
    resource_type: str


class AnomalyShown(Model):
    """One incident by one actor in one account. ``revision`` grows with every change."""

    anomaly_id: str
    account_id: AccountId
    actor: ActorShown
    status: AnomalyStatus
    severity: Severity
    score: float
    signals: list[SignalShown]
    decision: DecisionKind
    decision_reason: str
    lines: list[LineShown]
    resources: list[ResourceShown] = Field(description="At most a thousand.")
    running_resource_ids: list[str]
    hourly_cost_usd: float
    running_hourly_cost_usd: float = Field(description="Of that, what still runs.")
    unknown_price: bool = Field(description="Whether some of it has no known price, and is not in the sums.")
    burnt_usd: Usd = Field(description="Burnt until `burning_since`; from there `running_hourly_cost_usd` adds up.")
    burning_since: Moment
    first_event_time: Moment
    last_event_time: Moment
    detected_at: Moment
    ended_at: Moment | None
    status_by: str = Field(description="Who set the status: a Slack user's id, `key:` and an API key's id, or empty.")
    status_at: Moment | None
    snoozed_until: Moment | None
    slack_message_url: str | None = Field(description="Leads to the card; null where there is none.")
    revision: int


def anomaly_of(anomaly: Anomaly, slack_message_url: str) -> AnomalyShown:
    """Show an anomaly."""
    return AnomalyShown(
        anomaly_id=anomaly.anomaly_id,
        account_id=anomaly.account_id,
        actor=ActorShown(key=anomaly.actor.key, kind=anomaly.actor.kind, name=anomaly.actor.name),
        status=anomaly.status,
        severity=anomaly.severity,
        score=anomaly.score,
        signals=[SignalShown(name=one.name, contribution=one.contribution, text=one.text) for one in anomaly.signals],
        decision=anomaly.decision.kind,
        decision_reason=anomaly.decision.reason,
        lines=_lines(anomaly),
        resources=_resources(anomaly),
        running_resource_ids=list(anomaly.running_ids),
        hourly_cost_usd=anomaly.hourly_cost,
        running_hourly_cost_usd=anomaly.running_hourly_cost,
        unknown_price=anomaly.unknown_price,
        burnt_usd=anomaly.burnt_usd,
        burning_since=anomaly.burning_since,
        first_event_time=anomaly.first_event_time,
        last_event_time=anomaly.last_event_time,
        detected_at=anomaly.detected_at,
        ended_at=anomaly.ended_at,
        status_by=anomaly.status_by,
        status_at=anomaly.status_at,
        snoozed_until=anomaly.snoozed_until,
        slack_message_url=slack_message_url or None,
        revision=anomaly.revision,
    )


def _lines(anomaly: Anomaly) -> list[LineShown]:
    return [
        LineShown(
            service=line.service,
            resource_type=line.resource_type,
            region=line.region,
            quantity=line.quantity,
            hourly_cost_usd=line.hourly_cost,
            upfront_cost_usd=line.upfront_cost,
            labels=list(line.labels),
        )
        for line in anomaly.lines
    ]


def _resources(anomaly: Anomaly) -> list[ResourceShown]:
    return [
        ResourceShown(
            resource_id=one.resource_id, region=one.region, service=one.service, resource_type=one.resource_type
        )
        for one in anomaly.resources
    ]
