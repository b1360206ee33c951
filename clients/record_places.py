"""From addresses to the places where trails and the archive lie: ``s3://bucket/prefix`` or ``file:///folder``."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from engine.errors import InvalidSetting

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ACCOUNT = re.compile(r"account=([0-9]{12})")


class BucketPlace(msgspec.Struct, frozen=True):
    """A bucket, and a prefix without slashes at its ends. ``account_id`` says whose role opens it; empty: our own."""

    bucket: str
    prefix: str = ""
    account_id: str = ""


class FolderPlace(msgspec.Struct, frozen=True):
    """A folder of this machine."""

    path: Path


Place = BucketPlace | FolderPlace


def parse_place(setting: str, address: str) -> Place:
    """Read an address. Raises InvalidSetting that names the setting and says what to write.

    >>> parse_place("DD0C_TRAIL_URLS", "s3://trail/logs/?account=111122223333")
    BucketPlace(bucket='trail', prefix='logs', account_id='111122223333')
    >>> parse_place("DD0C_ARCHIVE_URL", "file:///var/lib/dd0c%20archive").path.name
    'dd0c archive'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _unusable(setting, address) from None
    account = _ACCOUNT.fullmatch(parts.query)
    if parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc) and (account or not parts.query):
        return BucketPlace(parts.netloc, parts.path.strip("/"), account[1] if account else "")
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/") and not parts.query:
        return FolderPlace(Path(unquote(parts.path)))
    raise _unusable(setting, address)


def _unusable(setting: str, address: str) -> InvalidSetting:
    return InvalidSetting(f"{setting}: {address[:200]!r} must be s3://bucket/prefix or file:///folder.")
