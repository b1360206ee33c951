"""Whose a raw record is, and whether it says or foretells anything of cost: a cheap look before it is stored."""

import re

from engine.cloudtrail.precursors import may_foretell
from engine.cloudtrail.record import decode_object, decode_record
from engine.cloudtrail.trial import may_tell
from engine.errors import MalformedRecord
from engine.fields import text

LARGEST_RECORD = 1 << 20
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_SHOWN = 40


def find_owner(raw: bytes) -> str | None:
    """Give the AWS account whose record this is, or None for a record that says nothing of cost.

    Raises MalformedRecord for what is no record, is larger than any, or names no account.

    >>> find_owner(b'{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "eventTime": "2026-01-05T10:00:00Z"}')
    >>> find_owner(b'{"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",'
    ...            b' "eventTime": "2026-01-05T10:00:00Z", "recipientAccountId": "111122223333"}')
    '111122223333'
    """
    if len(raw) > LARGEST_RECORD:
        raise MalformedRecord(f"a record of {len(raw):,} bytes is larger than any CloudTrail writes")
    record = decode_record(raw)
    call = (record.event_source, record.event_name)
    if not may_tell(*call) and not may_foretell(*call):
        return None
    account_id = record.recipient_account_id or text(decode_object(record.user_identity), "accountId") or ""
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise MalformedRecord(f"recipientAccountId {account_id[:_SHOWN]!r} is no AWS account id")
    return account_id
