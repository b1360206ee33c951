"""A backup's file: BSON documents one after the other, ``{"c": collection, "d": document}``, and an end that counts.

A file that was cut off has no end, so it is found before anything is written.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from engine.errors import InputError

FORMAT = "dd0c-backup-1"
_LENGTH_BYTES = 4
_SMALLEST = 5
_LARGEST = 17 * 2**20  # MongoDB's documents have at most 16 MiB.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


class Readable(Protocol):
    """A binary file."""

    def read(self, size: int, /) -> bytes:
        """Give up to ``size`` bytes; fewer only at the end."""


def head() -> bytes:
    """The first frame."""
    return bson.encode({"format": FORMAT})


def frame(collection: str, document: RawBSONDocument) -> bytes:
    """One document of a collection."""
    return bson.encode({"c": collection, "d": document})


def end(counts: Mapping[str, int]) -> bytes:
    """The last frame."""
    return bson.encode({"end": dict(counts)})


def read_frames(file: Readable) -> Iterator[tuple[str, RawBSONDocument]]:
    """Give (collection, document) of each frame. Raises InputError for a file that is no whole backup."""
    counts: dict[str, int] = {}
    try:
        if _next(file).get("format") != FORMAT:
            raise InputError("This is no backup that this version of `dd0c backup` wrote.")
        while (found := _next(file)).get("end") is None:
            collection, document = found["c"], found["d"]
            if not isinstance(collection, str) or not _NAME.fullmatch(collection):
                raise InputError("The backup names a collection that cannot be ours.")
            counts[collection] = counts.get(collection, 0) + 1
            yield collection, document
        if dict(found["end"]) != counts or file.read(1):
            raise InputError("The backup is damaged: its end counts other documents than it holds.")
    except (BSONError, KeyError, TypeError, ValueError) as error:
        raise InputError("The backup is damaged: a document in it cannot be read.") from error


def _next(file: Readable) -> RawBSONDocument:
    start = file.read(_LENGTH_BYTES)
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH_BYTES or not _SMALLEST <= length <= _LARGEST:
        raise InputError("This is no backup, or it was cut off: its end is missing.")
    rest = file.read(length - _LENGTH_BYTES)
    if len(rest) < length - _LENGTH_BYTES:
        raise InputError("The backup was cut off: its end is missing.")
    return RawBSONDocument(start + rest, _RAW)
