"""Where log files are read, and where raw records are kept."""

from bot.files import build_archive, build_places, build_trail_queue
from bot.identity import utc_now
from bot.looks.sick import Sick
from bot.operator_store import running_store
from bot.settings import CoreSettings
from engine.errors import AccessDenied

_PROBE_TENANT, _PROBE_ACCOUNT, _PROBE = "doctor", "000000000000", "probe"
_FIRST = "AWSLogs/"


async def look_at_trails(settings: CoreSettings) -> str:
    """List the top of every trail."""
    async with running_store(settings) as store:
        if store is None:
            return "not looked at, because MongoDB cannot be used"
        trails = build_places(settings, store)
        for trail in trails:
            if not await trail.store.find_folders(_FIRST):
                raise Sick(
                    f"DD0C_TRAIL_URLS: there is no log file below {trail.name}/{_FIRST}. Name the place where "
                    f"{_FIRST} lies; right after a trail was made, wait for its first file."
                )
    return f"{len(trails)} can be listed"


async def look_at_notices(settings: CoreSettings) -> str:
    """See that the queue of notices is there; reading it needs no permission to look at it."""
    queue = build_trail_queue(settings)
    try:
        waiting = await queue.count_waiting() if queue is not None else 0
    except AccessDenied:
        return "there; how much waits may not be asked"
    return f"{waiting} waiting"


async def look_at_archive(settings: CoreSettings) -> str:
    """Write an object and delete it."""
    archive = build_archive(settings)
    if archive is None:
        return "none"
    await archive.save_object(_PROBE_TENANT, _PROBE_ACCOUNT, _PROBE, utc_now(), b"")
    await archive.delete_account(_PROBE_TENANT, _PROBE_ACCOUNT)
    return f"{settings.archive_url} takes and deletes objects"
