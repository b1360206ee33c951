"""What the splitter makes of a record: its bytes as they are, or the decoded record."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from engine.cloudtrail.record import CloudTrailRecord, decode_lines, decode_list, decode_unchecked

T = TypeVar("T")


class Form(msgspec.Struct, Generic[T], frozen=True):
    """What a record is made into. ``lines`` and ``elements`` read many at once; they raise when any is not plain."""

    one: Callable[[bytes | msgspec.Raw], T]
    lines: Callable[[bytes], list[T]] | None = None
    elements: Callable[[bytes], list[T]] | None = None


def _raw(piece: bytes | msgspec.Raw) -> bytes:
    decode_unchecked(piece)
    return bytes(piece)


RAW: Form[bytes] = Form(one=_raw)
DECODED: Form[CloudTrailRecord] = Form(one=decode_unchecked, lines=decode_lines, elements=decode_list)
