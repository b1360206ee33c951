"""Every recurring job, in one table."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from scheduler.leadership import TURN_SECONDS, Leadership
from services.archiving import Archiving
from services.asking import Asking
from services.births import BirthClock
from services.connection_news import ConnectionTeller
from services.delivery import Sender
from services.digests import Digests
from services.event_reading import EventReader
from services.first_looks import FirstLooks
from services.homes import Homes
from services.inbox import InboxReader
from services.lanes import SIDE_BY_SIDE
from services.leaving import Departures
from services.operator_news import OperatorNews
from services.panic import PanicFollower
from services.policy_modes import PolicyModeFollower
from services.posting import PostSender
from services.promotion import Promotion
from services.regions import Regions
from services.spend import BillReader
from services.spend_budgets import BudgetWatch
from services.subscriptions import Subscriptions
from services.trail_notices import TrailNoticeReader
from services.trail_retries import TrailRetries
from services.trails import TrailListing
from services.verdicts import Verdicts
from services.webhook_sending import WebhookSender
from services.work import Work
from services.zombie_asks import ZombieAnswers
from services.zombie_scans import ZombieScans

_DAY = 86_400.0
_NOTICE_SECONDS = 5.0


class Job(msgspec.Struct, frozen=True):
    """What runs how often. ``run`` may raise; the next turn comes all the same.

    Where several schedulers run, only the one that leads takes turns, unless the job is to run ``everywhere``.
    ``beside`` is how many turns of it may be at work at once in one process.
    """

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]
    everywhere: bool = False
    beside: int = 1


def table(
    *,
    work: Work,
    sender: Sender,
    post_sender: PostSender,
    mail_sender: PostSender | None,
    webhooks: WebhookSender,
    connections: ConnectionTeller,
    digests: Digests,
    homes: Homes,
    verdicts: Verdicts,
    asking: Asking,
    promotion: Promotion,
    panic: PanicFollower,
    policy_modes: PolicyModeFollower,
    regions: Regions,
    bills: BillReader,
    budgets: BudgetWatch,
    inbox: InboxReader,
    departures: Departures,
    leadership: Leadership,
    listing: TrailListing,
    notices: TrailNoticeReader,
    retries: TrailRetries,
    events: EventReader,
    archiving: Archiving | None,
    zombies: ZombieScans,
    zombie_answers: ZombieAnswers,
    births: BirthClock,
    first_looks: FirstLooks,
    subscriptions: Subscriptions | None,
    operator_news: OperatorNews | None,
    poll_seconds: float,
    listing_seconds: float,
) -> Sequence[Job]:
    """List the jobs. docs/map.md says what each is for."""
    return (
        Job("keep_leadership", TURN_SECONDS, leadership.keep, everywhere=True),
        Job("poll_accounts", poll_seconds, work.enqueue_due),
        # As many turns may hang as messages can, and one more finds what is due meanwhile.
        Job("deliver_cards", 1.0, sender.deliver_due, everywhere=True, beside=SIDE_BY_SIDE + 1),
        Job("deliver_posts", 1.0, post_sender.deliver_due, everywhere=True, beside=SIDE_BY_SIDE + 1),
        Job("move_clocks", 60.0, sender.move_clocks),
        Job("follow_policy", 5.0, panic.follow),
        Job("note_policy", 5.0, policy_modes.follow),
        Job("tell_webhooks", 2.0, webhooks.run, everywhere=True),
        Job("follow_connections", 3.0, connections.follow),
        # A person whose Slack hangs holds up the others of one turn only.
        Job("publish_homes", 1.0, homes.publish_due, everywhere=True, beside=3),
        Job("send_digests", 60.0, digests.send_due),
        Job("wake_snoozed", 30.0, verdicts.wake_snoozed),
        Job("settle_questions", 30.0, asking.settle_due),
        Job("requeue_unlearned", 60.0, verdicts.requeue_unlearned),
        Job("promote_accounts", _DAY, promotion.promote_accounts),
        Job("refresh_regions", _DAY, regions.refresh_regions),
        Job("read_bills", 1800.0, bills.read_due),
        Job("watch_budgets", 1800.0, budgets.watch),
        Job("requeue_inbox", 60.0, inbox.requeue),
        Job("purge_accounts", 600.0, departures.enqueue_purges),
        Job("read_trails", listing_seconds, listing.read_trails),
        Job("read_trail_notices", _NOTICE_SECONDS, notices.read_notices),
        Job("retry_trail_files", 60.0, retries.retry_files),
        Job("read_events", 1.0, events.read_events, everywhere=True),
        Job("scan_zombies", 600.0, zombies.scan_due),
        # One that takes minutes holds up no other.
        Job("answer_zombie_asks", 5.0, zombie_answers.answer_due, beside=2),
        Job("look_at_new", 10.0, first_looks.look),
        Job("tell_births", 3600.0, births.tell_due),
        *(_mailing(mail_sender) if mail_sender is not None else []),
        *([Job("prune_archive", _DAY, archiving.prune)] if archiving is not None else []),
        *([Job("tell_operator", 15.0, operator_news.tell)] if operator_news is not None else []),
        *(_billing(subscriptions) if subscriptions is not None else []),
    )


def _mailing(mail_sender: PostSender) -> Sequence[Job]:
    return (Job("deliver_mails", 5.0, mail_sender.deliver_due, everywhere=True, beside=2),)


def _billing(subscriptions: Subscriptions) -> Sequence[Job]:
    return (
        Job("follow_accounts", 300.0, subscriptions.follow_accounts),
        Job("end_graces", 600.0, subscriptions.end_graces),
        Job("reconcile_subscriptions", _DAY, subscriptions.reconcile),
    )
