"""Price tables as files: gzipped JSON, the same bytes for the same prices, replaced atomically."""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import UNREADABLE, InputError
from engine.pricing.sheets import PriceSheet, SheetProvenance

FILE_FORMAT = 1
MAX_UNPACKED_BYTES = 64 * 1024 * 1024


class PriceFile(msgspec.Struct, frozen=True):
    """The whole file: a format number and the sheets."""

    format: int
    sheets: tuple[PriceSheet, ...]


def encode_sheets(sheets: Iterable[PriceSheet]) -> bytes:
    """Pack sheets into file bytes; the order of the sheets does not matter."""
    ordered = tuple(sorted(sheets, key=_sheet_key))
    packed = msgspec.json.encode(PriceFile(FILE_FORMAT, ordered))
    return gzip.compress(packed, compresslevel=9, mtime=0)


def decode_sheets(packed: bytes) -> tuple[PriceSheet, ...]:
    """Read file bytes.

    Raises:
        InputError: not gzip, too large when unpacked, not our JSON, or of another format.
    """
    try:
        price_file = msgspec.json.decode(_unpack(packed), type=PriceFile)
    except (zlib.error, *UNREADABLE) as error:
        raise InputError(f"not a price table: {error}") from error
    if price_file.format != FILE_FORMAT:
        raise InputError(f"price table of format {price_file.format}, this version reads format {FILE_FORMAT}")
    return price_file.sheets


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unpack(packed: bytes) -> bytes:
    """Unpack with a bound, so that a small file cannot fill the memory."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    content = unpacker.decompress(packed, MAX_UNPACKED_BYTES)
    if unpacker.unconsumed_tail:
        raise InputError(f"a price table of more than {MAX_UNPACKED_BYTES} bytes is not believable")
    if not unpacker.eof:
        raise InputError("not a price table: the file is cut off")
    return content


def _sheet_key(sheet: PriceSheet) -> tuple[str, SheetProvenance, str, str]:
    return sheet.offer, sheet.provenance, sheet.published.isoformat(), sheet.source
