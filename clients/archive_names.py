"""How the archive's objects are named: ``tenant/account/YYYY/MM/DD/account_archive_TIME_name.jsonl.gz``.

The time in the name is the hour of the records, written as CloudTrail does, so ``dd0c replay`` takes them in order.
"""

import re
from datetime import UTC, datetime

from engine.errors import Rejected

SUFFIX = ".jsonl.gz"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9]+_archive_([0-9]{8}T[0-9]{4}Z)_[A-Za-z0-9]+\.jsonl\.gz")
_TIME = "%Y%m%dT%H%MZ"


def account_folder(tenant_id: str, account_id: str) -> str:
    """Give the folder of an account, with a slash at the end. Raises Rejected for ids that are no plain words.

    >>> account_folder("t-1", "111122223333")
    't-1/111122223333/'
    """
    for part in (tenant_id, account_id):
        if not _PLAIN.fullmatch(part):
            raise Rejected(f"{part!r} cannot name a folder of the archive.", code="BadName")
    return f"{tenant_id}/{account_id}/"


def object_name(tenant_id: str, account_id: str, name: str, time: datetime) -> str:
    """Give the key of an object whose records happened in the hour ``time``.

    >>> object_name("t-1", "111122223333", "abc", datetime(2026, 1, 5, 10, tzinfo=UTC))
    't-1/111122223333/2026/01/05/111122223333_archive_20260105T1000Z_abc.jsonl.gz'
    """
    return f"{account_folder(tenant_id, account_id)}{time:%Y/%m/%d}/{account_id}_archive_{time:{_TIME}}_{name}{SUFFIX}"


def object_time(name: str) -> datetime | None:
    """Give the hour in an object's name, None for what is no object of the archive.

    >>> object_time("111122223333_archive_20260105T1000Z_abc.jsonl.gz").hour
    10
    """
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
