"""What people ask for with ``/dd0c zombies``, ready to be shown."""

from collections.abc import Mapping

import msgspec

from engine.zombies.models import Finding, Scan, Totals


class ZombieList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of findings, the dearest first. ``saved`` is what went away in the last 30 days.

    ``hidden`` ones are those that people keep or called not idle. ``again`` accounts are looked at anew because of whom
    this is for, who is told when that is done.
    """

    rows: tuple[Finding, ...]
    totals: Totals
    saved: Totals
    scans: tuple[Scan, ...]
    page: int
    pages: int
    names: Mapping[str, str] = {}
    account: str = ""
    hidden: bool = False
    again: int = 0
