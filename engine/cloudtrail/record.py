"""A CloudTrail record, decoded only as far as every record needs.

Five of six records say nothing of cost, so parameters, answer and identity stay raw until a family asks for them.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.errors import UNREADABLE, MalformedRecord

_EMPTY = msgspec.Raw(b"{}")
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 2200


class CloudTrailRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The fields every record is read for. Unknown fields are ignored; ``eventVersion`` needs no look.

    They stand in the order in which CloudTrail writes them, so that each is found at the first look.
    """

    user_identity: msgspec.Raw = msgspec.field(name="userIdentity", default=_EMPTY)
    event_time: datetime = msgspec.field(name="eventTime")
    event_source: str = msgspec.field(name="eventSource")
    event_name: str = msgspec.field(name="eventName")
    aws_region: str = msgspec.field(name="awsRegion", default="")
    source_ip: str | None = msgspec.field(name="sourceIPAddress", default=None)
    error_code: str | None = msgspec.field(name="errorCode", default=None)
    request_parameters: msgspec.Raw = msgspec.field(name="requestParameters", default=_EMPTY)
    response_elements: msgspec.Raw = msgspec.field(name="responseElements", default=_EMPTY)
    event_id: str = msgspec.field(name="eventID", default="")
    recipient_account_id: str = msgspec.field(name="recipientAccountId", default="")
    service_event_details: msgspec.Raw = msgspec.field(name="serviceEventDetails", default=_EMPTY)


_decoder = msgspec.json.Decoder(CloudTrailRecord)
_list_decoder = msgspec.json.Decoder(list[CloudTrailRecord])
_any_decoder = msgspec.json.Decoder()


def decode_record(raw: bytes | memoryview) -> CloudTrailRecord:
    """Decode one bare record from JSON.

    Raises MalformedRecord, saying what is wrong and where.

    >>> decode_record(b'{"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "eventTime": "soon"}')
    Traceback (most recent call last):
    ...
    engine.errors.MalformedRecord: Invalid RFC3339 encoded datetime - at `$.eventTime`
    """
    record = decode_unchecked(raw)
    utc_time(record)
    return record


def decode_unchecked(raw: bytes | memoryview | msgspec.Raw) -> CloudTrailRecord:
    """Decode one bare record; that its time makes sense is left to ``parse``, which looks at it where it matters."""
    try:
        return _decoder.decode(raw)
    except UNREADABLE as error:
        raise MalformedRecord(str(error)) from None


def decode_lines(block: bytes) -> list[CloudTrailRecord]:
    """Decode many bare records, one a line; raises MalformedRecord if any of them is none."""
    try:
        return _decoder.decode_lines(block)
    except UNREADABLE as error:
        raise MalformedRecord(str(error)) from None


def decode_list(block: bytes) -> list[CloudTrailRecord]:
    """Decode a JSON list of bare records; raises MalformedRecord if any of them is none."""
    try:
        return _list_decoder.decode(block)
    except UNREADABLE as error:
        raise MalformedRecord(str(error)) from None


def utc_time(record: CloudTrailRecord) -> datetime:
    """Give the record's time in UTC; one without a zone is taken as UTC, which CloudTrail always means.

    Raises MalformedRecord for a year in which there are no records.
    """
    time = record.event_time
    if not _EARLIEST_YEAR <= time.year <= _LATEST_YEAR:
        raise MalformedRecord(f"eventTime lies in the year {time.year}")
    if time.tzinfo is UTC:
        return time
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def decode_object(raw: msgspec.Raw) -> dict[str, Any]:
    """Decode a raw part to a dict; null and anything that is no object give an empty one.

    >>> decode_object(msgspec.Raw(b"null"))
    {}
    """
    if raw is _EMPTY:
        return {}
    try:
        value = _any_decoder.decode(raw)
    except UNREADABLE as error:
        raise MalformedRecord(str(error)) from None
    return value if isinstance(value, dict) else {}


class Place(msgspec.Struct, frozen=True):
    """When and where a record was made; the time is in UTC."""

    time: datetime = msgspec.field(name="eventTime")
    region: str = msgspec.field(name="awsRegion", default="")


_place_decoder = msgspec.json.Decoder(Place)


def peek_place(raw: bytes) -> Place | None:
    """Read only time and Region of a raw record; None when it has no time that can be read."""
    try:
        place = _place_decoder.decode(raw)
    except UNREADABLE:
        return None
    time = place.time
    return Place(time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC), place.region)


def peek_time(raw: bytes) -> datetime | None:
    """Read only the time of a raw record, in UTC; None when it has none that can be read.

    >>> peek_time(b'{"eventTime": "2026-01-05T10:00:00Z"}')
    datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc)
    """
    place = peek_place(raw)
    return place.time if place else None
