"""EventBridge's envelope around one record, and what must hold of it before it is believed."""

import msgspec

from engine.cloudtrail.record import decode_unchecked
from engine.errors import MalformedRecord

_AWS = "aws."


class _Envelope(msgspec.Struct, frozen=True):
    account: str
    source: str
    detail: msgspec.Raw


_decoder = msgspec.json.Decoder(_Envelope)


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
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedRecord(f"no EventBridge envelope: {error}") from None
    record = decode_unchecked(envelope.detail)
    if not envelope.source.startswith(_AWS):
        raise MalformedRecord(f"an event of {envelope.source[:80]!r} is none of AWS")
    if record.recipient_account_id != envelope.account:
        sent, said = envelope.account[:20], record.recipient_account_id[:20] or "nobody"
        raise MalformedRecord(f"account {sent} sent a record of account {said}")
    return bytes(envelope.detail)
