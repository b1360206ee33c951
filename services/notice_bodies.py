"""What tells us of new log files: S3's notifications, EventBridge's, CloudTrail's own, also through SNS."""

from typing import Any
from urllib.parse import unquote_plus

import msgspec

from engine.errors import UNREADABLE, InputError

_DEEPEST_WRAPPING = 2
_decoder = msgspec.json.Decoder()


class NamedFile(msgspec.Struct, frozen=True):
    """A file that is said to be there. ``key`` counts from the bucket; ``etag`` is empty where the notice has none."""

    bucket: str
    key: str
    etag: str = ""


def parse_notice(body: str | bytes) -> tuple[NamedFile, ...]:
    """Read the body of a message; one that names no file, like S3's test, gives none.

    Raises InputError when it is no notice at all.

    >>> parse_notice('{"s3Bucket": "trail", "s3ObjectKey": ["AWSLogs/a.json.gz"]}')
    (NamedFile(bucket='trail', key='AWSLogs/a.json.gz', etag=''),)
    """
    return _read(body, _DEEPEST_WRAPPING)


def _read(body: str | bytes, depth: int) -> tuple[NamedFile, ...]:
    try:
        content = _decoder.decode(body)
    except UNREADABLE as error:
        raise InputError(f"A notice of a new log file is no JSON: {error}") from None
    match content:
        case {"Records": list(records)}:
            return tuple(named for record in records for named in _from_s3(record))
        case {"s3Bucket": str(bucket), "s3ObjectKey": list(keys)}:
            return tuple(NamedFile(bucket, key) for key in keys if isinstance(key, str))
        case {"detail": {"bucket": {"name": str(bucket)}, "object": {"key": str(key), **more}}}:
            return (NamedFile(bucket, key, _text(more.get("etag"))),)
        case {"Message": str(inner)} if depth:
            return _read(inner, depth - 1)
        case {"Event": "s3:TestEvent"}:
            return ()
    raise InputError("A message in the queue of new log files is no notice that S3, EventBridge or CloudTrail writes.")


def _from_s3(record: Any) -> tuple[NamedFile, ...]:
    """Only what was created counts; in S3's own notifications keys are written as in a form."""
    match record:
        case {"eventName": str(name), "s3": {"bucket": {"name": str(bucket)}, "object": {"key": str(key), **more}}}:
            if name.removeprefix("s3:").startswith("ObjectCreated"):
                return (NamedFile(bucket, unquote_plus(key), _text(more.get("eTag"))),)
    return ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
