"""Time zones, as far as this machine knows them."""

import asyncio
from collections.abc import Collection
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


async def find_zones() -> Collection[str]:
    """The names of all zones; UTC alone on a machine without a zone database."""
    return sorted({"UTC", *await asyncio.to_thread(available_timezones)})


def zone_of(name: str) -> tzinfo:
    """The zone of this name; UTC for one that this machine does not know any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
