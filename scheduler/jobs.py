"""Every recurring job, in one table."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from services.delivery import Sender
from services.promotion import Promotion
from services.verdicts import Verdicts
from services.work import Work

_DAY = 86_400.0


class Job(msgspec.Struct, frozen=True):
    """What runs how often. ``run`` may raise; the next turn comes all the same."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


def table(
    *, work: Work, sender: Sender, verdicts: Verdicts, promotion: Promotion, poll_seconds: float
) -> Sequence[Job]:
    """List the jobs. docs/map.md says what each is for."""
    return (
        Job("poll_accounts", poll_seconds, work.enqueue_due),
        Job("deliver_cards", 1.0, sender.deliver_due),
        Job("wake_snoozed", 30.0, verdicts.wake_snoozed),
        Job("requeue_unlearned", 60.0, verdicts.requeue_unlearned),
        Job("promote_accounts", _DAY, promotion.promote_accounts),
    )
