"""The archive: every raw record that reaches us, compressed, so that any account can be scored again."""

import asyncio
import gzip
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec

from engine.cloudtrail.peek import Peek, peek
from engine.errors import UNREADABLE, UpstreamError
from services.ports import Archive, Clock
from services.replay import SeenKeys

_log = logging.getLogger(__name__)
_GZIP_LEVEL = 3
_REMEMBERED = 2**16
_HOUR_SECONDS = 3600
_HOURS_AHEAD = 24

Named = tuple[str, bytes]


class Archiving:
    """Appends records to the archive, once each as far as this process remembers.

    The archive is for later; cost events are for now. So a full disk or an unreachable bucket is named in the log and
    in ``trouble``, and stops nothing: whoever calls goes on.
    """

    def __init__(self, archive: Archive, days: int, clock: Clock) -> None:
        self.trouble = ""
        self._archive = archive
        self._days = days
        self._clock = clock
        self._seen = SeenKeys(_REMEMBERED)

    async def append(self, tenant_id: str, account_id: str, records: Sequence[bytes]) -> None:
        """Keep the records, one object for each hour in which they happened. Raises nothing from outside.

        An object's name follows from the ids in it, so a batch that is repeated makes no second copy, not even after
        a restart. Polls overlap, so what this process kept lately is left out.
        """
        try:
            for hour, named in self._by_hour(account_id, records).items():
                await self._save(tenant_id, account_id, hour, named)
        except UpstreamError as error:
            self._note(str(error))
        else:
            self._note("")

    async def delete_account(self, tenant_id: str, account_id: str) -> int:
        """Delete all that is kept of an account; return the number of objects. Raises UpstreamError when it cannot."""
        return await self._archive.delete_account(tenant_id, account_id)

    async def prune(self) -> int:
        """Delete what is older than the archive is to reach back; return the number of objects."""
        pruned = await self._archive.prune(self._clock() - timedelta(days=self._days))
        if pruned:
            _log.info("%d objects of the archive are older than %d days and were deleted", pruned, self._days)
        return pruned

    def _by_hour(self, account_id: str, records: Iterable[bytes]) -> dict[datetime, list[Named]]:
        hours: dict[int, dict[str, bytes]] = defaultdict(dict)
        now = _hour(self._clock())
        for raw in records:
            seen = peek(raw)
            if not self._seen.knows((account_id, seen.key)):
                hours[_hour_kept(seen, now)].setdefault(seen.key, raw)
        return {_time(hour): sorted(found.items()) for hour, found in hours.items()}

    async def _save(self, tenant_id: str, account_id: str, hour: datetime, named: Sequence[Named]) -> None:
        content = await asyncio.to_thread(packed, [raw for _, raw in named])
        await self._archive.save_object(tenant_id, account_id, _digest(key for key, _ in named), hour, content)
        for key, _ in named:
            self._seen.is_new((account_id, key))

    def _note(self, trouble: str) -> None:
        """Say once what is wrong, and once that it is over."""
        if trouble and trouble != self.trouble:
            _log.error("the archive takes no records; watching goes on without it: %s", trouble)
        elif self.trouble and not trouble:
            _log.info("the archive takes records again")
        self.trouble = trouble


def packed(records: Iterable[bytes]) -> bytes:
    """Give records as gzipped JSON Lines; equal records give equal bytes.

    >>> gzip.decompress(packed([b'{"a": 1}', b'{\\n "b": 2\\n}']))
    b'{"a": 1}\\n{"b":2}\\n'
    """
    return gzip.compress(b"".join(_line(raw) + b"\n" for raw in records), _GZIP_LEVEL, mtime=0)


def _line(raw: bytes) -> bytes:
    """A record that was written over several lines is put on one; what is no JSON keeps its words."""
    if b"\n" not in raw:
        return raw
    try:
        return msgspec.json.format(raw, indent=-1)
    except UNREADABLE:
        return raw.replace(b"\n", b" ")


def _hour_kept(seen: Peek, now: int) -> int:
    """The hour a record is kept under: its own, or that of its arrival when it has none that can be."""
    if seen.time is None:
        return now
    hour = _hour(seen.time)
    return hour if 0 <= hour <= now + _HOURS_AHEAD else now


def _hour(time: datetime) -> int:
    """Whole hours since 1970."""
    return int(time.timestamp() // _HOUR_SECONDS)


def _time(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * _HOUR_SECONDS, UTC)


def _digest(keys: Iterable[str]) -> str:
    digest = blake2b(digest_size=12)
    for key in keys:
        digest.update(key.encode("utf-8", "backslashreplace") + b"\n")
    return digest.hexdigest()
