"""Who made a record, and in which account."""

from functools import lru_cache

import msgspec

from engine.attribution import identify
from engine.cloudtrail.record import CloudTrailRecord, decode_object
from engine.fields import text
from engine.models.cost_event import Actor

_REMEMBERED = 1024
_LONGEST_REMEMBERED = 4096


def find_actor(record: CloudTrailRecord) -> tuple[Actor, str]:
    """Give the actor of a record and the id of the account it concerns.

    >>> from datetime import UTC, datetime
    >>> root = msgspec.Raw(b'{"type": "Root", "accountId": "111122223333"}')
    >>> record = CloudTrailRecord(event_source="ec2.amazonaws.com", event_name="RunInstances",
    ...     event_time=datetime(2026, 1, 5, tzinfo=UTC), user_identity=root)
    >>> find_actor(record)[0].key, find_actor(record)[1]
    ('111122223333:root', '111122223333')
    """
    identity = bytes(record.user_identity)
    find = _find_remembered if len(identity) <= _LONGEST_REMEMBERED else _find
    return find(identity, record.recipient_account_id)


def _find(identity: bytes, recipient_account_id: str) -> tuple[Actor, str]:
    found = decode_object(msgspec.Raw(identity))
    account_id = recipient_account_id or text(found, "accountId") or ""
    return identify(found, account_id), account_id


# All calls of one session carry the same identity to the last byte, and actors hardly ever make a single call.
_find_remembered = lru_cache(_REMEMBERED)(_find)
