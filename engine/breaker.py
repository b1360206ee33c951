"""When a rule on trial raises too much: more than three times what all others do, in any hour."""

import msgspec

BASELINE_DAYS = 14
FACTOR = 3.0
FLOOR = 3
_HOURS = BASELINE_DAYS * 24


class Volume(msgspec.Struct, frozen=True):
    """Alerts of one rule in the last hour (``in_hour``), and of all other rules in the last 14 days (``usual``)."""

    in_hour: int
    usual: int


def limit(usual: int) -> float:
    """Alerts an hour that a rule on trial may raise where others raised ``usual`` in 14 days.

    >>> limit(0), limit(336), limit(3360)
    (3.0, 3.0, 30.0)
    """
    return max(float(FLOOR), FACTOR * usual / _HOURS)


def is_too_much(volume: Volume) -> bool:
    """Whether the rule is to be switched off.

    >>> is_too_much(Volume(in_hour=3, usual=0)), is_too_much(Volume(in_hour=4, usual=0)), is_too_much(Volume(4, 3360))
    (False, True, False)
    """
    return volume.in_hour > limit(volume.usual)
