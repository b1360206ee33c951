"""Every index, by collection.

What names a thing within a tenant is a unique index that starts with ``tenant_id`` (the shard key); ``_id`` is the
driver's. The few indexes that look across tenants serve ``store/system/`` or the server's own expiry, and their
names start with ``system_``.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel


def _lookup(*fields: str) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in ("tenant_id", *fields)])


def _key(*fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in ("tenant_id", *fields)], unique=True, **options)


def _system(name: str, *fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=f"system_{name}", **options)


INDEXES: dict[str, list[IndexModel]] = {
    # A tenant that signed up on the web has no Slack workspace yet, so only real team ids are unique.
    "tenants": [
        _key(),
        _system("team", "team_id", unique=True, partialFilterExpression={"team_id": {"$gt": ""}}),
        _system("leaving", "leaving", partialFilterExpression={"leaving": True}),
        _system("panic", "operator_panic.why", "operator_panic.by"),
        _system("policy", "policy_strict"),
        # Only who paid once has a customer.
        _system("customer", "billing.customer_id", unique=True, sparse=True),
        _system("grace", "billing.grace_until", sparse=True),
    ],
    "accounts": [_key("account_id"), _system("status", "status")],
    "account_owners": [_lookup()],
    "resources": [
        _key("account_id", "resource_id"),
        _lookup("running", "account_id", "hourly_cost"),
        _lookup("running", "account_id", "ends_by"),
        _system("births", "since", "hourly_cost", partialFilterExpression={"running": True}),
    ],
    "cost_events": [_key("account_id", "event_id", "part"), _system("expiry", "expires_at", expireAfterSeconds=0)],
    "baselines": [_key("account_id")],
    "anomalies": [
        _key("anomaly_id"),
        _lookup("account_id", "last_event_time"),
        # As lists are read, so that a page of one costs no more the longer it is.
        IndexModel([("tenant_id", ASCENDING), ("last_event_time", DESCENDING), ("anomaly_id", ASCENDING)]),
        _system("snoozed", "snoozed_until", partialFilterExpression={"status": "snoozed"}),
        _system("flagged", "decision.flag", "detected_at", partialFilterExpression={"decision.flag": {"$gt": ""}}),
        _system("detected", "detected_at"),
        _system("asked", "asked.answer_by", partialFilterExpression={"asked.state": "waiting"}),
    ],
    "verdicts": [
        _key("verdict_id"),
        _lookup("anomaly_id", "at"),
        _system("unlearned", "at", partialFilterExpression={"learned": False}),
    ],
    "expectations": [_key("expectation_id"), _lookup("account_id", "until")],
    "snoozes": [_key("snooze_id"), _lookup("account_id", "until"), _lookup("anomaly_id")],
    "inbox": [
        _key("batch_id"),
        _lookup("account_id", "received_at"),
        _system("aside", "received_at", partialFilterExpression={"set_aside": {"$gt": ""}}),
        # Nothing but the index is read to find the accounts that wait.
        _system("waiting", "received_at", "tenant_id", "account_id", partialFilterExpression={"set_aside": ""}),
    ],
    "api_keys": [_key("key_id"), _system("digest", "digest", unique=True)],
    # Rows without a number are older than the chain.
    "audit_log": [_key("seq", partialFilterExpression={"seq": {"$gt": 0}}), _lookup("at")],
    "audit_heads": [_key()],
    "flags_state": [_key("account_id", "flag"), _system("flags", "flag", "opened_at")],
    "trackers": [_key(), _system("kind", "place.kind")],
    "access_keys": [_key("account_id"), _system("key", "key_id")],
    "users": [_key("user_id"), _lookup("created_at"), _system("login", "issuer", "subject", unique=True)],
    "sessions": [
        _key("session_id"),
        _lookup("user_id"),
        _system("expiry", "expires_at", expireAfterSeconds=0),
    ],
    "seen": [_system("expiry", "expires_at", expireAfterSeconds=0)],
    "installations": [_lookup("installed_by"), _system("installer", "installed_by", unique=True)],
    "oauth_states": [_system("expiry", "expires_at", expireAfterSeconds=0)],
    "channel_turns": [_key("channel_id"), _system("expiry", "next_at", expireAfterSeconds=86_400)],
    # A trail belongs to the installation: one may feed many tenants.
    "trails": [_system("folder", "trail", "folder", unique=True), _system("account", "account_id")],
    "trail_files": [
        _system("file", "file_id", unique=True),
        _system("expiry", "expires_at", expireAfterSeconds=0),
        _system("due", "trail", "due_at", partialFilterExpression={"state": "failed"}),
        _system("aside", "noted_at", partialFilterExpression={"state": "set_aside"}),
        # Nearly all files are read plainly and never looked at again.
        _system("odd", "account_id", "region", "noted_at", partialFilterExpression={"error": {"$gt": ""}}),
    ],
    "posts": [
        _key("post_id"),
        _lookup("state"),
        _lookup("account_id"),
        _system("due", "state", "due_at"),
        _system("unfinished", "content.is_done", partialFilterExpression={"content.is_done": False}),
        _system("expiry", "expires_at", expireAfterSeconds=0),
    ],
    "homes": [
        _key("user_id"),
        _lookup("opened_at"),
        _system("due", "due_at"),
        _system("expiry", "expires_at", expireAfterSeconds=0),
    ],
    "card_budgets": [_key("channel_id", "day"), _system("expiry", "used_at", expireAfterSeconds=3 * 86_400)],
    "outbox": [
        _key("anomaly_id"),
        _lookup("state"),
        _lookup("held_for"),
        _system("due", "state", "due_at"),
        _system("untold", "untold", partialFilterExpression={"untold": True}),
        _system("steps", "state", "steps_at"),
    ],
    "bills": [_key("account_id")],
    "spend_daily": [_key("account_id", "day"), _lookup("day")],
    "spend_tags": [_key("account_id", "key"), _lookup("key"), _lookup("fetched_at")],
    "budgets": [_key("kind", "subject")],
    "zombies": [
        _key("finding_id"),
        _lookup("account_id", "status"),
        _lookup("status", "monthly_cost"),
    ],
    "zombie_scans": [_key("account_id")],
    "zombie_asks": [_key("ask_id"), _system("oldest", "asked_at")],
    "idempotency": [_key("subject", "key"), _system("expiry", "expires_at", expireAfterSeconds=0)],
    "webhooks": [_key("webhook_id")],
    "webhook_deliveries": [
        _key("delivery_id"),
        _lookup("webhook_id", "created_at"),
        _lookup("account_id"),
        _system("due", "state", "due_at"),
        _system("expiry", "expires_at", expireAfterSeconds=0),
    ],
}

# What an index was before it was defined anew, and indexes that nothing needs any more, by collection: each start drops
# what is exactly so. What stands here stays, for a database may have skipped any number of versions.
FORMER: dict[str, list[IndexModel]] = {}
