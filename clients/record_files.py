"""CloudTrail records from files, folders, buckets and standard input: found, opened and unpacked a piece at a time."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from clients.record_places import BucketPlace, parse_place
from clients.record_sources import (
    STANDARD_INPUT,
    LocalFile,
    Readable,
    RecordSource,
    StandardInput,
    holds_records,
    time_order,
)
from engine.cloudtrail.split import Malformed
from engine.cloudtrail.unpacking import unpack
from engine.errors import BrokenArchive, InvalidSetting, UpstreamError

_PIECE = 2**18
_BUCKET = "s3://"


def find_records(paths: Sequence[str], endpoint_url: str | None = None) -> list[RecordSource]:
    """Give the given files, and what looks like records in the given folders and buckets, the oldest first.

    ``endpoint_url`` is where buckets are, if not at AWS. Raises InvalidSetting for an address that is none, and
    UpstreamError for a bucket that cannot be listed.
    """
    found: list[RecordSource] = []
    for path in paths:
        if path == STANDARD_INPUT:
            found.append(StandardInput())
        elif path.startswith(_BUCKET):
            found += sorted(_in_bucket(path, endpoint_url), key=time_order)
        elif Path(path).is_dir():
            found += sorted(_in_folder(Path(path)), key=time_order)
        else:
            found.append(LocalFile(Path(path)))
    return found


def _in_folder(folder: Path) -> Iterator[RecordSource]:
    return (LocalFile(one) for one in folder.rglob("*") if holds_records(str(one)) and one.is_file())


def _in_bucket(address: str, endpoint_url: str | None) -> Sequence[RecordSource]:
    from clients.aws.record_bucket import find_objects  # noqa: PLC0415 -- AWS's SDK takes longer to load than most files

    place = parse_place("PATH", address)
    if not isinstance(place, BucketPlace) or place.account_id:
        raise InvalidSetting(f"PATH: {address[:200]!r} must be s3://bucket/prefix.")
    return find_objects(place, endpoint_url)


class RecordFile:
    """What one source gives. After ``chunks`` ended, ``problem`` says in words why it ended early, if it did."""

    def __init__(self, source: RecordSource, on_bytes: Callable[[int], None]) -> None:
        self.name = source.name
        self.problem = ""
        self._source = source
        self._on_bytes = on_bytes

    def chunks(self) -> Iterator[bytes]:
        """Give the content in pieces, unpacked if it is gzip. Raises nothing: see ``problem``."""
        try:
            with self._source.open() as file:
                yield from unpack(self._pieces(file))
        except OSError as error:
            self.problem = f"cannot be read: {os.strerror(error.errno) if error.errno else error}"
        except (BrokenArchive, UpstreamError) as error:
            self.problem = str(error)

    def name_malformed(self, found: Malformed) -> str:
        """Say what is malformed, and where; where the early end of the file broke it, ``problem`` says it all, once."""
        reason = found.reason
        if found.cut_off and self.problem:
            reason, self.problem = self.problem, ""
        return f"{self.name}:{found.line}: {reason}"

    def _pieces(self, file: Readable) -> Iterator[bytes]:
        while piece := file.read(_PIECE):
            self._on_bytes(len(piece))
            yield piece


def size_of(sources: Sequence[RecordSource]) -> int | None:
    """Bytes of all together, None when nobody knows those of one."""
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(size for size in sizes if size is not None)
