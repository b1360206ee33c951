"""What the audit log holds: who did what, each entry bound to the one before."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

# Who did it where no person of the customer's did: the bot by its own rules, or whoever runs `dd0c` commands.
ITSELF = "dd0c"
OPERATOR = "operator"


class AuditAction(StrEnum):
    """What is recorded."""

    VERDICT = "verdict.recorded"
    SETTING_CHANGED = "setting.changed"
    ROLE_SET = "role.set"
    ALERTING_PAUSED = "alerting.paused"
    ALERTING_RESUMED = "alerting.resumed"
    SUPPRESSED = "alert.suppressed"
    BREAKER_OPENED = "breaker.opened"
    BREAKER_CLOSED = "breaker.closed"
    FLAG_REPLAYED = "flag.replayed"
    PANIC_BEGAN = "panic.began"
    PANIC_ENDED = "panic.ended"
    POLICY_CHANGED = "policy.changed"
    EXPECTATION_DECLARED = "expectation.declared"
    EXPECTATION_ENDED = "expectation.ended"
    PROMOTED = "account.promoted"
    CONNECTED = "account.connected"
    DISCONNECTED = "account.disconnected"
    SIGNED_IN = "user.signed_in"
    USER_SAVED = "user.saved"
    USER_DELETED = "user.deleted"
    PLAN_CHANGED = "plan.changed"
    TENANT_LEFT = "tenant.left"
    TENANT_TAKEN_OVER = "tenant.taken_over"
    ACCOUNT_PURGED = "account.purged"
    TENANT_PURGED = "tenant.purged"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    EXPORTED = "audit.exported"
    ACTOR_ASKED = "actor.asked"
    ACTOR_ANSWERED = "actor.answered"
    QUESTION_WITHDRAWN = "actor.question_withdrawn"
    TICKET_MADE = "ticket.made"
    TICKET_UNDONE = "ticket.undone"
    TRACKER_CONNECTED = "tracker.connected"
    TRACKER_DISCONNECTED = "tracker.disconnected"
    DATA_EXPORTED = "data.exported"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_WOKEN = "webhook.woken"
    WEBHOOK_DELETED = "webhook.deleted"


TOMBSTONES = (AuditAction.ACCOUNT_PURGED, AuditAction.TENANT_PURGED)


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is to be recorded. ``actor`` is a Slack user's id, ``ITSELF`` or ``OPERATOR``."""

    at: datetime
    action: str
    actor: str
    account_id: str = ""
    details: Mapping[str, str | int] = {}


class AuditEntry(AuditRecord, frozen=True, kw_only=True):
    """A link of a tenant's chain.

    ``seq`` counts from 1. ``digest`` is the SHA-256 of all fields above it, ``previous`` the one of the entry before
    (empty for the first). ``signature`` is the digest's HMAC-SHA-256, empty where the writer had no key.
    """

    tenant_id: str
    seq: int
    previous: str
    digest: str = ""
    signature: str = ""


class AuditHead(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry of a tenant's chain, kept apart from it, so that a missing end is seen."""

    seq: int
    digest: str


class AuditChain(msgspec.Struct, frozen=True):
    """A tenant's chain as it is stored, by ``seq``."""

    entries: tuple[AuditEntry, ...]
    head: AuditHead | None
