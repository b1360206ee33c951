"""The ways through the same bytes: bare decoders that throw away what they decode, and the whole engine."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.cloudtrail.split import read_records
from engine.pricing.estimate import Prices
from services.replay import Replay
from services.replay_lines import Summary

OURS = "dd0c: decode to group"
LIMIT = "msgspec, typed"
_PIECE = 2**18

Json = dict[str, Any]


class TypedRecord(msgspec.Struct):
    """A record as whoever does this job by hand would type it: every field the engine reads, objects as plain dicts.

    What the engine never reads (user agent, request id, TLS details) is skipped, as typed decoding always does.
    """

    event_source: str = msgspec.field(name="eventSource")
    event_name: str = msgspec.field(name="eventName")
    event_time: datetime = msgspec.field(name="eventTime")
    aws_region: str = msgspec.field(name="awsRegion", default="")
    event_id: str = msgspec.field(name="eventID", default="")
    error_code: str | None = msgspec.field(name="errorCode", default=None)
    recipient_account_id: str = msgspec.field(name="recipientAccountId", default="")
    source_ip: str | None = msgspec.field(name="sourceIPAddress", default=None)
    user_identity: Json | None = msgspec.field(name="userIdentity", default=None)
    request_parameters: Json | None = msgspec.field(name="requestParameters", default=None)
    response_elements: Json | None = msgspec.field(name="responseElements", default=None)
    service_event_details: Json | None = msgspec.field(name="serviceEventDetails", default=None)


def ways(lines: Sequence[bytes], prices: Prices) -> dict[str, Callable[[], None]]:
    """Give every way by name. Bare decoders get the records cut apart already, the engine gets a stream of bytes."""
    import orjson  # noqa: PLC0415 - installed by make bench alone

    typed = msgspec.json.Decoder(TypedRecord).decode
    stream = b"\n".join(lines) + b"\n"
    return {
        LIMIT: lambda: _decode_all(typed, lines),
        "orjson": lambda: _decode_all(orjson.loads, lines),
        "json": lambda: _decode_all(json.loads, lines),
        OURS: lambda: _replay_all(stream, prices),
    }


def replay(chunks: Iterable[bytes], prices: Prices) -> Summary:
    """Take a stream of records all the way that ``dd0c replay`` takes it, short of printing what was found."""
    scoring = Replay(prices)
    for found in read_records(chunks):
        scoring.read(found)
    for _ in scoring.finish():
        pass
    return scoring.summary


def _decode_all(decode: Callable[[bytes], object], lines: Sequence[bytes]) -> None:
    for line in lines:
        decode(line)


def _replay_all(stream: bytes, prices: Prices) -> None:
    replay(_pieces(stream), prices)


def _pieces(stream: bytes) -> Iterator[bytes]:
    return (stream[start : start + _PIECE] for start in range(0, len(stream), _PIECE))
