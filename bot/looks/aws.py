"""AWS: who the bot is there, the keys it keeps for accounts, and its queues."""

from bot.files import build_event_queue
from bot.identity import utc_now
from bot.key_health import look_at_keys
from bot.looks.sick import Sick
from bot.settings import CoreSettings
from bot.work_queue import aws_identity, build_operator
from clients.aws.connect import connect_roles
from engine.errors import AccessDenied

_NO_IDENTITY = "NoCredentials"


async def look_at_aws(settings: CoreSettings) -> str:
    """Ask AWS who this bot is."""
    roles = connect_roles(aws_identity(settings), clock=utc_now)
    try:
        return f"this bot is {await roles.fetch_principal()}"
    except AccessDenied as error:
        if error.code != _NO_IDENTITY or not (await look_at_keys(settings)).kept:
            raise
    return "this bot has no identity of its own there, and reads accounts by access keys alone"


async def look_at_access_keys(settings: CoreSettings) -> str:
    """Try each key that is kept."""
    health = await look_at_keys(settings)
    if health.faults:
        raise Sick("\n".join(health.faults))
    if health.kept is None:
        return "not looked at, because MongoDB cannot be used"
    return f"{health.kept} in use, and AWS takes each" if health.kept else "none in use"


async def look_at_work_queue(settings: CoreSettings) -> str:
    """Look at how the queue between processes is set up, and what was given up there."""
    operator = build_operator(settings)
    try:
        if fault := await operator.check():
            raise Sick(f"{fault} docs/operations.md says how it is to be set up.")
        depth = await operator.fetch_depth()
    finally:
        await operator.close()
    if depth.dead:
        raise Sick(f"{depth.dead} work items were given up. `dd0c queue dead` shows them, `redrive` tries again.")
    return f"{depth.waiting} waiting, {depth.in_work} in work, no dead letters"


async def look_at_events(settings: CoreSettings) -> str:
    """Look at what EventBridge's queue gave up."""
    queue = build_event_queue(settings)
    dead = await queue.count_dead() if queue is not None else 0
    if dead:
        raise Sick(
            f"{dead} messages from EventBridge were given up; the log says why. "
            "`dd0c queue redrive --events` tries again."
        )
    return "no dead letters"
