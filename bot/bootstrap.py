"""The composition root: the one place that chooses adapters and hands them to the use cases."""

import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_bolt.async_app import AsyncApp

from bot.files import build_archiving, build_events, build_trails
from bot.identity import new_id, utc_now
from bot.settings import CoreSettings, Settings
from bot.slack_access import SlackAccess, build_install_flow
from bot.work_queue import aws_identity, build_operator, build_queue, build_shared_queue
from clients.aws.connect import connect_cloudtrail
from clients.aws.sqs_operator import SqsOperator
from clients.aws.sqs_queue import SqsQueue
from clients.local_queue import LocalQueue
from clients.prices.packaged import load_price_table
from clients.slack.messages import SlackMessages
from clients.slack.notifier import SlackNotifier
from clients.slack.poster import SlackPoster
from clients.slack.spacing import ChannelSpacing
from engine.models.work import WorkItem
from handlers.slack.app import build_slack_app
from handlers.slack.context import SlackServices
from handlers.web.pages import Pages
from handlers.web.slack_install import InstallFlow
from scheduler.in_flight import InFlight
from scheduler.jobs import table
from scheduler.leadership import Leadership
from scheduler.runner import build_scheduler
from services.alert_channels import AlertChannels
from services.archiving import Archiving
from services.delivery import Sender
from services.digest_settings import DigestSettings
from services.digests import Digests
from services.file_health import FileHealth
from services.findings import Findings
from services.growth import Growth
from services.history import History
from services.inbox import InboxReader
from services.intake import Intake
from services.keys import Keys
from services.leaving import Departures
from services.limits import Limits
from services.onboarding import Onboarding
from services.pausing import Pausing
from services.polling import Poller
from services.ports import CloudTrailSource, DeadLetters, Notifier, WorkQueue
from services.posting import PostSender
from services.preferences import Preferences
from services.promotion import Promotion
from services.quieting import Quieting
from services.receiving import Receiver
from services.regions import Regions
from services.reports import Reports
from services.verdicts import Verdicts
from services.work import Work
from services.workspaces import Workspaces
from store.connect import Store

PRICES_FILE = "prices.json.gz"


class Parts(msgspec.Struct, frozen=True):
    """What the process starts and stops."""

    slack: AsyncApp
    sender: Sender
    scheduler: AsyncIOScheduler
    in_flight: InFlight
    leadership: Leadership
    queue: LocalQueue | SqsQueue
    operator: SqsOperator | None
    handle: Callable[[WorkItem], Awaitable[None]]
    workspaces: Workspaces
    pages: Pages
    install_flow: InstallFlow | None
    keys: Keys
    receiver: Receiver


class WorkerParts(msgspec.Struct, frozen=True):
    """What a process that only works starts and stops."""

    queue: SqsQueue
    operator: SqsOperator
    handle: Callable[[WorkItem], Awaitable[None]]


class _Workshop(msgspec.Struct, frozen=True):
    """What turns work items into effects, in whichever process that happens."""

    source: CloudTrailSource
    verdicts: Verdicts
    departures: Departures
    inbox: InboxReader
    archiving: Archiving | None
    work: Work


def build(settings: Settings, store: Store, access: SlackAccess) -> Parts:
    """Wire everything; nothing is started and nothing is sent."""
    queue = build_queue(settings)
    operator = build_operator(settings) if settings.work_queue_url is not None else None
    workshop = _workshop(settings, store, queue)
    sender = _sender(store, access)
    digests = _digests(store)
    workspaces = _workspaces(store, access)
    pages = Pages()
    services = SlackServices(
        lookups=store.system,
        reports=_reports(store, operator, workshop.archiving),
        digests=digests,
        findings=Findings(
            accounts=store.accounts,
            anomalies=store.anomalies,
            search=store.search,
            outbox=store.outbox,
            clock=utc_now,
        ),
        verdicts=workshop.verdicts,
        onboarding=Onboarding(
            accounts=store.accounts,
            source=workshop.source,
            queue=queue,
            clock=utc_now,
            new_id=new_id,
            principal_arn=settings.aws_principal_arn,
        ),
        departures=workshop.departures,
        preferences=Preferences(store.accounts, utc_now),
        digest_settings=DigestSettings(store.tenants, utc_now),
        quieting=Quieting(
            tenants=store.tenants,
            accounts=store.accounts,
            patterns=store.patterns,
            verdicts=workshop.verdicts,
            clock=utc_now,
            new_id=new_id,
        ),
        pausing=_pausing(store, access),
        sender=sender,
        workspaces=workspaces,
        clock=utc_now,
    )
    promotion = Promotion(
        lookups=store.system,
        accounts=store.accounts,
        experiences=store.baselines,
        anomalies=store.anomalies,
        clock=utc_now,
    )
    receiver = Receiver(inbox=store.inbox, accounts=store.accounts, lookups=store.system, queue=queue, clock=utc_now)
    trails = build_trails(settings, store, queue, workshop.archiving)
    in_flight = InFlight()
    leadership = Leadership(store.leases, new_id(), time.monotonic)
    jobs = table(
        work=workshop.work,
        sender=sender,
        post_sender=_post_sender(store, access),
        digests=digests,
        verdicts=workshop.verdicts,
        promotion=promotion,
        regions=Regions(lookups=store.system, accounts=store.accounts, source=workshop.source, clock=utc_now),
        inbox=workshop.inbox,
        departures=workshop.departures,
        leadership=leadership,
        listing=trails.listing,
        notices=trails.notices,
        events=build_events(settings, receiver),
        archiving=workshop.archiving,
        poll_seconds=settings.poll_seconds,
        listing_seconds=trails.seconds,
    )
    return Parts(
        slack=build_slack_app(
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            client=access.client,
            authorize=access.authorize,
            services=services,
        ),
        sender=sender,
        scheduler=build_scheduler([in_flight.tracked(job) for job in jobs], leadership),
        in_flight=in_flight,
        leadership=leadership,
        queue=queue,
        operator=operator,
        handle=workshop.work.handle,
        workspaces=workspaces,
        pages=pages,
        install_flow=build_install_flow(settings, store, access, workspaces, pages),
        keys=Keys(store.api_keys, os.urandom, utc_now),
        receiver=receiver,
    )


def build_worker(settings: CoreSettings, store: Store) -> WorkerParts:
    """Wire what works off the queue between processes, and nothing else. Raises InvalidSetting when there is none."""
    queue = build_shared_queue(settings)
    workshop = _workshop(settings, store, queue)
    return WorkerParts(queue=queue, operator=build_operator(settings), handle=workshop.work.handle)


def _workshop(settings: CoreSettings, store: Store, queue: WorkQueue) -> _Workshop:
    source = connect_cloudtrail(aws_identity(settings), clock=utc_now, monotonic=time.monotonic)
    verdicts = Verdicts(store.anomalies, store.ledger, queue, utc_now, new_id)
    archiving = build_archiving(settings)
    departures = Departures(
        accounts=store.accounts,
        tenants=store.tenants,
        leaving=store.leaving,
        lookups=store.system,
        queue=queue,
        clock=utc_now,
        archiving=archiving,
    )
    prices = load_price_table(settings.data_dir.expanduser() / PRICES_FILE)
    intake = Intake(store.ledger, store.accounts, prices, utc_now, archiving)
    inbox = InboxReader(inbox=store.inbox, accounts=store.accounts, intake=intake, queue=queue, clock=utc_now)
    work = Work(
        poller=Poller(
            source,
            store.accounts,
            intake,
            utc_now,
            beside_events=timedelta(seconds=settings.event_poll_seconds),
        ),
        history=History(
            source=source,
            accounts=store.accounts,
            ledger=store.ledger,
            intake=intake,
            prices=prices,
            clock=utc_now,
            archiving=archiving,
        ),
        verdicts=verdicts,
        inbox=inbox,
        departures=departures,
        limits=Limits(store.spending, store.ledger, utc_now),
        lookups=store.system,
        queue=queue,
    )
    return _Workshop(
        source=source, verdicts=verdicts, departures=departures, inbox=inbox, archiving=archiving, work=work
    )


def _workspaces(store: Store, access: SlackAccess) -> Workspaces:
    return Workspaces(
        tenants=store.tenants,
        lookups=store.system,
        tokens=access.installations,
        messages=SlackMessages(access.client_for),
        new_id=new_id,
        clock=utc_now,
    )


def _pausing(store: Store, access: SlackAccess) -> Pausing:
    return Pausing(
        tenants=store.tenants,
        accounts=store.accounts,
        pauses=store.pauses,
        search=store.search,
        messages=SlackMessages(access.client_for),
        clock=utc_now,
    )


def _digests(store: Store) -> Digests:
    return Digests(
        lookups=store.system,
        accounts=store.accounts,
        search=store.search,
        spending=store.spending,
        posts=store.posts,
        clock=utc_now,
    )


def _post_sender(store: Store, access: SlackAccess) -> PostSender:
    poster = SlackPoster(access.client_for, ChannelSpacing(store.turns))
    channels = AlertChannels(store.tenants, SlackMessages(access.client_for))
    return PostSender(posts=store.posts, poster=poster, channels=channels, clock=utc_now)


def _sender(store: Store, access: SlackAccess) -> Sender:
    notifier: Notifier = SlackNotifier(access.client_for, ChannelSpacing(store.turns), utc_now)
    return Sender(
        outbox=store.outbox,
        anomalies=store.anomalies,
        accounts=store.accounts,
        channels=AlertChannels(store.tenants, SlackMessages(access.client_for)),
        notifier=notifier,
        clock=utc_now,
        growth=Growth(store.posts, utc_now),
    )


def _reports(store: Store, dead_letters: DeadLetters | None, archiving: Archiving | None) -> Reports:
    return Reports(
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        outbox=store.outbox,
        set_aside=store.inbox,
        spending=store.spending,
        experiences=store.baselines,
        clock=utc_now,
        dead_letters=dead_letters,
        files=FileHealth(rows=store.trails, archiving=archiving, clock=utc_now),
    )
