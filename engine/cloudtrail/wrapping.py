"""What CloudTrail records come wrapped in, one object at a time."""

import msgspec

from engine.errors import UNREADABLE

_NOTHING = msgspec.Raw(b"")


class _Wrapping(msgspec.Struct, frozen=True):
    """A log file, a LookupEvents page, an EventBridge envelope, or one element of a LookupEvents page."""

    records: list[msgspec.Raw] | None = msgspec.field(name="Records", default=None)
    events: list[msgspec.Raw] | None = msgspec.field(name="Events", default=None)
    detail: msgspec.Raw = _NOTHING
    cloud_trail_event: str | None = msgspec.field(name="CloudTrailEvent", default=None)


_decoder = msgspec.json.Decoder(_Wrapping)


def unwrap(piece: bytes | msgspec.Raw) -> list[msgspec.Raw | bytes] | None:
    """Give what an object wraps, unread; None if it wraps nothing.

    >>> [bytes(one) for one in unwrap(b'{"detail": {"eventName": "RunInstances"}}')]
    [b'{"eventName": "RunInstances"}']
    >>> unwrap(b'{"eventName": "RunInstances"}') is None
    True
    """
    try:
        wrapping = _decoder.decode(piece)
    except UNREADABLE:
        return None
    if wrapping == _Wrapping():
        return None
    inner: list[msgspec.Raw | bytes] = [*(wrapping.records or ()), *(wrapping.events or ())]
    if wrapping.detail != _NOTHING:
        inner.append(wrapping.detail)
    if wrapping.cloud_trail_event is not None:
        inner.append(wrapping.cloud_trail_event.encode("utf-8", "replace"))
    return inner
