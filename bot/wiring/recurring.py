"""Wiring of what happens by itself, again and again."""

from collections.abc import Sequence

from bot.files import build_events, build_trails
from bot.identity import utc_now
from bot.settings import Settings
from bot.wiring.api import build_webhook_sender
from bot.wiring.delivery import Delivery
from bot.wiring.foundation import Foundation
from bot.wiring.workshop import PRICES_FILE
from bot.wiring.zombies import build_births, build_zombie_answers, build_zombie_scans
from bot.work_queue import aws_identity
from clients.aws.connect import connect_bills
from clients.webhook_caller import WebhookCaller
from scheduler.jobs import Job, table
from scheduler.leadership import Leadership
from services.first_looks import FirstLooks
from services.homes import Homes
from services.operator_news import OperatorNews
from services.panic import PanicFollower
from services.policy_modes import PolicyModeFollower
from services.promotion import Promotion
from services.receiving import Receiver
from services.regions import Regions
from services.spend import BillReader
from services.spend_budgets import BudgetWatch
from store.connect import Store


def build_jobs(
    ground: Foundation, delivery: Delivery, homes: Homes, receiver: Receiver, leadership: Leadership
) -> Sequence[Job]:
    """Give the table of jobs with all they call."""
    settings, store, workshop = ground.settings, ground.store, ground.workshop
    trails = build_trails(settings, store, ground.queue, workshop.archiving)
    bills = BillReader(
        lookups=store.system,
        accounts=store.accounts,
        source=connect_bills(aws_identity(settings, store), clock=utc_now),
        bills=store.bills,
        clock=utc_now,
    )
    zombies = build_zombie_scans(settings, store, PRICES_FILE)
    return table(
        work=workshop.work,
        sender=delivery.sender,
        post_sender=delivery.posts,
        mail_sender=delivery.mails,
        connections=delivery.connections,
        webhooks=build_webhook_sender(ground.settings, store, ground.access, workshop.policies),
        digests=delivery.digests,
        homes=homes,
        verdicts=workshop.verdicts,
        asking=delivery.asking,
        promotion=Promotion(
            lookups=store.system,
            accounts=store.accounts,
            experiences=store.baselines,
            anomalies=store.anomalies,
            clock=utc_now,
        ),
        panic=PanicFollower(store.panics, workshop.policies, store.accounts, store.search, utc_now),
        policy_modes=PolicyModeFollower(store.policy_modes, workshop.policies, utc_now),
        regions=Regions(lookups=store.system, accounts=store.accounts, source=workshop.source, clock=utc_now),
        bills=bills,
        budgets=BudgetWatch(store.system, store.tenants, delivery.spend_budgets, store.posts, utc_now),
        inbox=workshop.inbox,
        departures=workshop.departures,
        leadership=leadership,
        listing=trails.listing,
        notices=trails.notices,
        retries=trails.retries,
        events=build_events(settings, store, receiver),
        archiving=workshop.archiving,
        zombies=zombies,
        zombie_answers=build_zombie_answers(store, zombies),
        first_looks=FirstLooks(store.system, bills, zombies, utc_now),
        births=build_births(settings, store, delivery.people),
        operator_news=_operator_news(settings, store),
        subscriptions=ground.billing.subscriptions,
        poll_seconds=settings.poll_seconds,
        listing_seconds=trails.seconds,
    )


def _operator_news(settings: Settings, store: Store) -> OperatorNews | None:
    url = settings.operator_webhook.get_secret_value()
    return OperatorNews(store.breakers, WebhookCaller(), url, utc_now) if url else None
