"""Structs to MongoDB documents and back, whatever strings and numbers the outside put into them.

What changes on the way: a datetime loses what is below a millisecond (BSON has no more; CloudTrail has seconds), an
integer beyond 64 bits becomes the nearest one MongoDB can hold, and a lone surrogate becomes its escape, ``\\ud800``.
Everything else comes back as it was. Fields a document has too many are ignored, fields it lacks take their defaults.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from engine.errors import UpstreamError

Document = dict[str, Any]
StructT = TypeVar("StructT", bound=msgspec.Struct)

SCHEMA_VERSION = 1
_MIN_INT64 = -(2**63)
_MAX_INT64 = 2**63 - 1
_encoder = msgspec.json.Encoder()
_LONG_NUMBER = b"0" * 19
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")


def encode(tenant_id: str, value: msgspec.Struct) -> Document:
    """Return the document of one struct of one tenant."""
    return {"schema_version": SCHEMA_VERSION, **plain(value), "tenant_id": clean(tenant_id)}


def plain(value: msgspec.Struct) -> Document:
    """Return the fields of a struct as a document stores them."""
    fields: Document = msgspec.to_builtins(value, builtin_types=(datetime, bytes))
    return fields if _is_storable(value) else storable(fields)


def _is_storable(value: msgspec.Struct) -> bool:
    """Tell whether BSON surely takes all of it as it is: nearly everything is plain ASCII, and a walk takes far longer.

    An integer may be too long for BSON from 19 digits on; a text of so many is taken for one, which only costs the
    walk.
    """
    try:
        text = _encoder.encode(value)
    except UnicodeEncodeError:
        return False
    return text.isascii() and _LONG_NUMBER not in text.translate(_DIGITS_TO_ZERO)


def decode(kind: type[StructT], document: Mapping[str, Any]) -> StructT:
    """Return the struct a document holds; raise UpstreamError when it cannot be one."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        where = f"{kind.__name__} document {document.get('_id')}"
        raise UpstreamError(f"The stored {where} cannot be read: {error}", code="unreadable_document") from error


def within(tenant_id: str, **fields: Any) -> Document:
    """Return a filter for documents of one tenant; every query of a tenant's data is made with it."""
    document: Document = storable({**fields, "tenant_id": tenant_id})
    return document


def storable(value: Any) -> Any:
    """Return ``value`` with all that BSON refuses replaced. The keys of its dicts must be names of ours."""
    match value:
        case str():
            return clean(value)
        case int():
            return max(_MIN_INT64, min(_MAX_INT64, value))
        case dict():
            return {key: storable(item) for key, item in value.items()}
        case list() | tuple():
            return [storable(item) for item in value]
        case _:
            return value


def clean(text: str) -> str:
    """Return ``text`` as MongoDB stores it: lone surrogates, which UTF-8 has not, are spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
