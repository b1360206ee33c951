"""Small, valid examples of everything the store keeps."""

from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.oauth.installation_store import Installation

from engine.account_state import AccountState, Anomalies, Changes, Loaded
from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.account import AccountStatus, AwsAccount, RegionCursor, Tenant
from engine.models.anomaly import (
    Anomaly,
    AnomalyStatus,
    Decision,
    DecisionKind,
    Line,
    ResourceRef,
    Severity,
    Signal,
)
from engine.models.api_key import ApiKey, Scope
from engine.models.audit import AuditAction, AuditRecord
from engine.models.billing import Billing
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent, UsageItem
from engine.models.delivery import DeliveryState
from engine.models.inbox import InboxBatch
from engine.models.installation import SlackInstallation
from engine.models.leaving import Tombstone
from engine.models.post import Joined, Post
from engine.models.resource import Resource
from engine.models.session import Session, User
from engine.models.settlement import Settlement
from engine.models.trail import FileState, TrailFile, TrailRow
from engine.models.verdict import Expectation, Snooze, Verdict, VerdictKind

TENANT = "6f9c1c52-8a55-4f0e-9d39-0c2f3d3e0001"
OTHER_TENANT = "6f9c1c52-8a55-4f0e-9d39-0c2f3d3e0002"
ACCOUNT = "111122223333"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTOR = Actor("arn:aws:iam::111122223333:role/ci", ActorKind.ROLE, "ci")


def tenant(tenant_id: str = TENANT, **fields: Any) -> Tenant:
    given = {"team_id": f"T-{tenant_id[-4:]}", "team_name": "Acme", "alert_channel_id": "C1", **fields}
    return Tenant(tenant_id=tenant_id, **given)


def account(account_id: str = ACCOUNT, **fields: Any) -> AwsAccount:
    given = {
        "name": "production",
        "status": AccountStatus.ACTIVE,
        "external_id": "external",
        "role_arn": f"arn:aws:iam::{account_id}:role/dd0c",
        "regions": ("us-east-1", "eu-west-1"),
        "connected_at": NOW - 24 * HOUR,
        **fields,
    }
    return AwsAccount(account_id=account_id, **given)


def cursor(region: str = "us-east-1", **fields: Any) -> RegionCursor:
    return RegionCursor(region=region, **{"read_until": NOW, "rescanned_at": NOW, **fields})


def cost_event(event_id: str = "event-1", **fields: Any) -> CostEvent:
    given = {
        "account_id": ACCOUNT,
        "event_name": "RunInstances",
        "event_time": NOW - HOUR,
        "region": "us-east-1",
        "service": "ec2",
        "resource_type": "m5.large",
        "resource_ids": ("i-1",),
        "quantity": 1,
        "actor": ACTOR,
        "change": Change.START,
        "usage": (UsageItem("ec2/m5.large", 1.0),),
        "hourly_cost": 0.096,
        **fields,
    }
    return CostEvent(event_id=event_id, **given)


def resource(resource_id: str = "i-1", **fields: Any) -> Resource:
    given = {
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "service": "ec2",
        "resource_type": "m5.large",
        "actor_key": ACTOR.key,
        "since": NOW - HOUR,
        "hourly_cost": 0.096,
        **fields,
    }
    return Resource(resource_id=resource_id, **given)


def anomaly(anomaly_id: str = "anomaly-1", **fields: Any) -> Anomaly:
    given = {
        "account_id": ACCOUNT,
        "actor": ACTOR,
        "status": AnomalyStatus.OPEN,
        "severity": Severity.WARNING,
        "score": 1.5,
        "signals": (Signal("novelty", 1.5, "ci never started an m5.large"),),
        "decision": Decision(DecisionKind.ALERT, "it costs much"),
        "event_ids": ("event-1",),
        "lines": (Line("ec2", "m5.large", "us-east-1", 1, 0.096),),
        "resources": (ResourceRef("us-east-1", "ec2", "m5.large", "i-1"),),
        "running_ids": ("i-1",),
        "hourly_cost": 0.096,
        "running_hourly_cost": 0.096,
        "unknown_price": False,
        "first_event_time": NOW - HOUR,
        "last_event_time": NOW - HOUR,
        "detected_at": NOW,
        "burning_since": NOW - HOUR,
        **fields,
    }
    return Anomaly(anomaly_id=anomaly_id, **given)


def verdict(verdict_id: str = "verdict-1", **fields: Any) -> Verdict:
    given = {
        "anomaly_id": "anomaly-1",
        "account_id": ACCOUNT,
        "kind": VerdictKind.EXPECTED,
        "user_id": "U1",
        "at": NOW,
        "learned": False,
        **fields,
    }
    return Verdict(verdict_id=verdict_id, **given)


def expectation(expectation_id: str = "expectation-1", **fields: Any) -> Expectation:
    given = {
        "account_id": ACCOUNT,
        "actor_key": ACTOR.key,
        "resource_types": ("m5.large",),
        "max_hourly_cost": 1.0,
        "created_by": "U1",
        "created_at": NOW,
        **fields,
    }
    return Expectation(expectation_id=expectation_id, **given)


def snooze(snooze_id: str = "snooze-1", **fields: Any) -> Snooze:
    given = {
        "account_id": ACCOUNT,
        "actor_key": ACTOR.key,
        "resource_types": ("m5.large",),
        "until": NOW + HOUR,
        "created_by": "U1",
        "anomaly_id": "anomaly-1",
        **fields,
    }
    return Snooze(snooze_id=snooze_id, **given)


def batch(batch_id: str = "batch-1", **fields: Any) -> InboxBatch:
    given = {
        "tenant_id": TENANT,
        "account_id": ACCOUNT,
        "source": "push",
        "received_at": NOW,
        "count": 1,
        "records": b"\x1f\x8b any bytes \xff",
        **fields,
    }
    return InboxBatch(batch_id=batch_id, **given)


def api_key(key_id: str = "key-1", **fields: Any) -> ApiKey:
    given = {
        "digest": f"sha-256 of {key_id}",
        "tenant_id": TENANT,
        "name": "forwarder",
        "scopes": (Scope.WRITE,),
        "created_at": NOW,
        **fields,
    }
    return ApiKey(key_id=key_id, **given)


def installation(**fields: Any) -> Installation:
    given = {
        "team_id": "T-INSTALLED",
        "team_name": "Acme",
        "bot_token": "xoxb-secret",
        "bot_id": "B1",
        "bot_user_id": "UB1",
        "bot_scopes": "chat:write,commands",
        "user_id": "U1",
        "incoming_webhook_url": "https://hooks.slack.example/secret",
        "incoming_webhook_channel_id": "C1",
        "installed_at": NOW.timestamp(),
        "custom_values": {"tenant_id": TENANT},
        **fields,
    }
    return Installation(**given)


def sealed_installation(**fields: Any) -> SlackInstallation:
    given = {
        "installed_by": "T-INSTALLED",
        "is_enterprise_install": False,
        "enterprise_id": None,
        "enterprise_name": None,
        "team_id": "T-INSTALLED",
        "team_name": "Acme",
        "app_id": None,
        "bot_id": "B1",
        "bot_user_id": "UB1",
        "bot_scopes": (),
        "bot_token": "",
        "user_id": "U1",
        "installed_at": 0.0,
        **fields,
    }
    return SlackInstallation(**given)


def audit_record(**fields: Any) -> AuditRecord:
    return AuditRecord(**{"at": NOW, "action": AuditAction.SETTING_CHANGED, "actor": "U1", **fields})


def tombstone(**fields: Any) -> Tombstone:
    given = {"account_id": ACCOUNT, "counts": {"cost_events": 2}, "at": NOW, **fields}
    return Tombstone(tenant_id=TENANT, **given)


def baseline(**fields: Any) -> Baseline:
    given = {
        "launches": 1,
        "types": {"m5.large": Cell(1, 1, -2343, 5489649)},
        "pairs": {pair_key(ACTOR.key, "m5.large"): Cell(1, 1, -2343, 5489649)},
        "actors": {ACTOR.key: 1},
        "regions": {"us-east-1": 1},
        **fields,
    }
    return Baseline(account_id=ACCOUNT, **given)


def loaded(version: int = 0, tenant_id: str = TENANT) -> Loaded:
    """An account as a batch finds it, without anything in it."""
    state = AccountState(
        namespace=tenant_id,
        account=account(),
        baseline=Baseline(account_id=ACCOUNT),
        resources={},
        anomalies=Anomalies(),
    )
    return Loaded(state, version)


def changes(**fields: Any) -> Changes:
    """One launch that alerts, unless told otherwise."""
    given = {
        "baseline": baseline(),
        "cost_events": [cost_event()],
        "resources": {"i-1": resource(anomaly_id="anomaly-1")},
        "anomalies": {"anomaly-1": anomaly()},
        **fields,
    }
    return Changes(**given)


def nothing_but(**fields: Any) -> Changes:
    """A batch that changed only what is named, and the version."""
    return Changes(**{"baseline": baseline(), **fields})


def trail_row(**fields: Any) -> TrailRow:
    given = {"trail": "s3://trail", "folder": f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/", "region": "us-east-1"}
    return TrailRow(**{**given, "account_id": ACCOUNT, "read_until": NOW, **fields})


def trail_file(**fields: Any) -> TrailFile:
    return TrailFile(**{"file_id": "file-1", "state": FileState.FAILED, "first_seen_at": NOW, **fields})


def post(post_id: str = "joined/anomaly-1/1", **fields: Any) -> Post:
    given = {
        "content": Joined(lines=anomaly().lines, hourly_cost=1.0, unknown_price=False),
        "account_id": ACCOUNT,
        "channel_id": "C1",
        "thread_ts": "1.1",
        "state": DeliveryState.PENDING,
        "due_at": NOW,
        "created_at": NOW,
        **fields,
    }
    return Post(post_id=post_id, **given)


def settlement(**fields: Any) -> Settlement:
    """A first reading of what the tenant subscribes to."""
    billing = Billing(customer_id="cus_1", grace_until=NOW, revision=1)
    given = {"billing": billing, "paused": [account("888")], "resumed": [account("999")], "posts": [post()], **fields}
    return Settlement(records=[audit_record()], **given)


def user(**fields: Any) -> User:
    given = {"user_id": "U1", "issuer": "local", "subject": "maria", "name": "Maria", "created_at": NOW, **fields}
    return User(**given)


def session(**fields: Any) -> Session:
    given = {"session_id": "session-1", "user_id": "U1", "created_at": NOW, "expires_at": NOW + 9999 * HOUR, **fields}
    return Session(**given)
