"""EventBridge's envelope around one record or one heartbeat, and what must hold of it before it is believed."""

from datetime import UTC, datetime

import msgspec

from engine.cloudtrail.record import decode_unchecked
from engine.cloudtrail.trail_keys import is_account, is_region
from engine.errors import UNREADABLE, MalformedRecord

_AWS = "aws."
_SCHEDULER = "aws.events"
_SCHEDULED = "Scheduled Event"


class _Envelope(msgspec.Struct, frozen=True):
    account: str
    source: str
    detail: msgspec.Raw


class Heartbeat(msgspec.Struct, frozen=True):
    """What a Region's scheduled rule says: the way from there to us is open. The time is in UTC."""

    account_id: str
    region: str
    time: datetime


class _Schedule(msgspec.Struct, frozen=True):
    account: str
    source: str
    region: str
    time: datetime
    detail_type: str = msgspec.field(name="detail-type")


_decoder = msgspec.json.Decoder(_Envelope)
_schedule_decoder = msgspec.json.Decoder(_Schedule)


def parse_heartbeat(body: str | bytes) -> Heartbeat | None:
    """Give the heartbeat a message is, None when it is anything else. Nobody but AWS can send one.

    >>> beat = '{"account": "111122223333", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {},'
    >>> parse_heartbeat(beat + ' "region": "eu-west-1", "time": "2026-01-05T10:00:00Z"}').region
    'eu-west-1'
    >>> parse_heartbeat(beat + ' "region": "../..", "time": "2026-01-05T10:00:00Z"}') is None
    True
    """
    try:
        found = _schedule_decoder.decode(body)
        time = found.time.replace(tzinfo=UTC) if found.time.tzinfo is None else found.time.astimezone(UTC)
    except (*UNREADABLE, OverflowError):
        return None
    if (found.source, found.detail_type) != (_SCHEDULER, _SCHEDULED):
        return None
    if not (is_account(found.account) and is_region(found.region)):
        return None
    return Heartbeat(found.account, found.region, time)


def open_envelope(body: str | bytes) -> bytes:
    """Give the record inside. Raises MalformedRecord for what is no envelope, and for one that must not be believed.

    Anyone may put events on an open bus. EventBridge itself writes the sender's account into the envelope and lets
    nobody but AWS name a source that starts with ``aws.``, so a record is its account's own if both agree.

    >>> detail = ('{"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",'
    ...           ' "eventTime": "2026-01-05T10:00:00Z", "recipientAccountId": "111122223333"}')
    >>> forged = '{"account": "999988887777", "source": "aws.ec2", "detail": ' + detail + "}"
    >>> open_envelope(forged)
    Traceback (most recent call last):
    ...
    engine.errors.MalformedRecord: account 999988887777 sent a record of account 111122223333
    """
    try:
        envelope = _decoder.decode(body)
    except UNREADABLE as error:
        raise MalformedRecord(f"no EventBridge envelope: {error}") from None
    record = decode_unchecked(envelope.detail)
    if not envelope.source.startswith(_AWS):
        raise MalformedRecord(f"an event of {envelope.source[:80]!r} is none of AWS")
    if record.recipient_account_id != envelope.account:
        sent, said = envelope.account[:20], record.recipient_account_id[:20] or "nobody"
        raise MalformedRecord(f"account {sent} sent a record of account {said}")
    return bytes(envelope.detail)
