"""Gzip or plain bytes to plain bytes, a piece at a time and never more than was agreed."""

import zlib
from collections.abc import Iterable, Iterator

from engine.errors import BrokenArchive, InputTooLarge

_PIECE = 2**18
_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_MEGABYTE = 10**6


def unpack(pieces: Iterable[bytes], most_bytes: int | None = None) -> Iterator[bytes]:
    """Give the content of a stream, unpacked if it is gzip, in pieces of at most 256 KiB if it is.

    Several packed files may stand one behind the other. Raises BrokenArchive for gzip that is damaged or cut off, after
    what could be unpacked was given, and InputTooLarge as soon as there are more than ``most_bytes`` unpacked.

    >>> b"".join(unpack([b"plain ", b"text"]))
    b'plain text'
    """
    given = 0
    for piece in _opened(iter(pieces)):
        given += len(piece)
        if most_bytes is not None and given > most_bytes:
            raise InputTooLarge(f"it holds more than {most_bytes // _MEGABYTE} MB when unpacked")
        yield piece


def _opened(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    while len(first) < len(_MAGIC) and (more := next(pieces, b"")):
        first += more
    if first.startswith(_MAGIC):
        yield from _unpacked(first, pieces)
    else:
        yield first
        yield from pieces


def _unpacked(piece: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP)
    while True:
        if stream.eof:
            piece = stream.unused_data.lstrip(b"\0") or next(pieces, b"").lstrip(b"\0")
            if not piece:
                return
            stream = zlib.decompressobj(_GZIP)
        yield _step(stream, piece)
        piece = stream.unconsumed_tail
        if not piece and not stream.eof:
            piece = next(pieces, b"")
            if not piece:
                yield stream.flush()
                raise BrokenArchive("is gzip that was cut off; what is there was read")


def _step(stream: "zlib._Decompress", piece: bytes) -> bytes:
    try:
        return stream.decompress(piece, _PIECE)
    except zlib.error as error:
        raise BrokenArchive(f"is damaged gzip ({error}); what came before was read") from None
