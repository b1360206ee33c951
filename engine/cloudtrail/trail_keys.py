"""The layout of a trail: ``AWSLogs/[o-orgid/]account/CloudTrail/region/YYYY/MM/DD/*.json.gz``.

Within a Region's folder keys sort by the time of delivery, because every part of them that changes is a date or begins
with one; so one listing from a key on gives everything that was delivered since.
"""

import re
from datetime import UTC, datetime

import msgspec

ROOT = "AWSLogs/"
_ACCOUNT = re.compile(r"[0-9]{12}")
_ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}")
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{3,30}")
_KEY = re.compile(
    r"(?P<folder>AWSLogs/(?:o-[a-z0-9]{10,32}/)?(?P<account>[0-9]{12})/CloudTrail/(?P<region>[a-z]{2}[a-z0-9-]{3,30})/)"
    r"[0-9]{4}/[0-9]{2}/[0-9]{2}/"
    r"(?P=account)_CloudTrail_(?P=region)_(?P<time>[0-9]{8}T[0-9]{4}Z)_[A-Za-z0-9_-]{1,64}\.json\.gz"
)
_TIME = "%Y%m%dT%H%MZ"
_LONGEST_KEY = 1024


class TrailKey(msgspec.Struct, frozen=True):
    """What the name of a file says. ``folder`` is its Region's folder, with a slash at the end."""

    folder: str
    account_id: str
    region: str
    delivered_at: datetime


def parse_trail_key(key: str) -> TrailKey | None:
    """Read the name of a log file, counted from the trail's root; None for anything else, such as a digest.

    >>> found = parse_trail_key("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/"
    ...                         "111122223333_CloudTrail_eu-west-1_20260105T1005Z_aBcD.json.gz")
    >>> found.region, found.delivered_at.isoformat()
    ('eu-west-1', '2026-01-05T10:05:00+00:00')
    >>> parse_trail_key("AWSLogs/111122223333/CloudTrail/../../secret.json.gz") is None
    True
    """
    found = _KEY.fullmatch(key) if len(key) <= _LONGEST_KEY else None
    if found is None:
        return None
    try:
        time = datetime.strptime(found["time"], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return TrailKey(found["folder"], found["account"], found["region"], time)


def key_before(folder: str, account_id: str, region: str, time: datetime) -> str:
    """Give the key in a Region's folder behind which everything delivered at ``time`` or later is listed.

    >>> key_before("R/", "111122223333", "eu-west-1", datetime(2026, 1, 5, 10, 5, tzinfo=UTC))
    'R/2026/01/05/111122223333_CloudTrail_eu-west-1_20260105T1005Z'
    """
    return f"{folder}{time:%Y/%m/%d}/{account_id}_CloudTrail_{region}_{time:{_TIME}}"


def is_account(name: str) -> bool:
    """Whether a folder's name is an AWS account id.

    >>> is_account("111122223333"), is_account("o-abcdefghij")
    (True, False)
    """
    return _ACCOUNT.fullmatch(name) is not None


def is_organisation(name: str) -> bool:
    """Whether a folder's name is the id of an organisation, below which its accounts' folders lie.

    >>> is_organisation("o-abcdefghij"), is_organisation("o-..")
    (True, False)
    """
    return _ORGANISATION.fullmatch(name) is not None


def is_region(name: str) -> bool:
    """Whether a folder's name may be that of a Region.

    >>> is_region("us-gov-west-1"), is_region("..")
    (True, False)
    """
    return _REGION.fullmatch(name) is not None
