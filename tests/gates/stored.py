"""Which structs each collection stores."""

import msgspec

from engine.baselines.model import Baseline
from engine.models.access_key import SealedAccessKey
from engine.models.account import AwsAccount, Tenant
from engine.models.anomaly import Anomaly
from engine.models.api_key import ApiKey
from engine.models.audit import AuditEntry, AuditHead
from engine.models.billing import Billing
from engine.models.breaker import Breaker
from engine.models.cost_event import CostEvent
from engine.models.delivery import Delivery
from engine.models.home import Home
from engine.models.idempotency import IdempotentRequest
from engine.models.inbox import InboxBatch
from engine.models.installation import SlackInstallation
from engine.models.post import Post
from engine.models.resource import Resource
from engine.models.session import Session, User
from engine.models.spend import AccountBill, DayBill, SpendBudget, TagBill
from engine.models.ticket import SealedTracker
from engine.models.trail import TrailFile, TrailRow
from engine.models.verdict import Expectation, Snooze, Verdict
from engine.models.webhook import Webhook, WebhookDelivery
from engine.models.zombie_ask import ZombieAsk
from engine.zombies.models import Finding, Scan

STORED: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "access_keys": (SealedAccessKey,),
    "accounts": (AwsAccount,),
    "anomalies": (Anomaly,),
    "api_keys": (ApiKey,),
    "audit_heads": (AuditHead,),
    "audit_log": (AuditEntry,),
    "baselines": (Baseline,),
    "bills": (AccountBill,),
    "budgets": (SpendBudget,),
    "cost_events": (CostEvent,),
    "expectations": (Expectation,),
    "flags_state": (Breaker,),
    "homes": (Home,),
    "idempotency": (IdempotentRequest,),
    "inbox": (InboxBatch,),
    "installations": (SlackInstallation,),
    "outbox": (Delivery,),
    "posts": (Post,),
    "resources": (Resource,),
    "sessions": (Session,),
    "snoozes": (Snooze,),
    "spend_daily": (DayBill,),
    "spend_tags": (TagBill,),
    "tenants": (Tenant, Billing),
    "trackers": (SealedTracker,),
    "trail_files": (TrailFile,),
    "trails": (TrailRow,),
    "users": (User,),
    "verdicts": (Verdict,),
    "webhook_deliveries": (WebhookDelivery,),
    "webhooks": (Webhook,),
    "zombie_asks": (ZombieAsk,),
    "zombie_scans": (Scan,),
    "zombies": (Finding,),
}

# They are read from a part of a document whose own struct is above, from a count over many, or on the way to one.
READ_ONLY = frozenset(
    {
        "AsideBatch",
        "AuditRecord",
        "Changed",
        "Experience",
        "KnownFinding",
        "ObservedType",
        "Seen",
        "TrackRecord",
        "TrailAccount",
    }
)
