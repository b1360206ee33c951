"""The composition root: the one place that chooses adapters and hands them to the use cases."""

import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from clients.aws.connect import AwsIdentity, connect_cloudtrail
from clients.local_queue import LocalQueue
from clients.prices.packaged import load_price_table
from clients.slack.notifier import SlackNotifier
from clients.slack.spacing import ChannelSpacing
from engine.models.work import WorkItem
from handlers.slack.app import build_slack_app
from handlers.slack.context import SlackServices
from scheduler.in_flight import InFlight
from scheduler.jobs import table
from scheduler.runner import build_scheduler
from services.delivery import Sender
from services.history import History
from services.intake import Intake
from services.onboarding import Onboarding
from services.polling import Poller
from services.ports import CloudTrailSource, Notifier
from services.promotion import Promotion
from services.reports import Reports
from services.verdicts import Verdicts
from services.work import Work
from services.workspaces import Workspaces
from store.connect import Store

_ACCOUNTS_AT_ONCE = 16
PRICES_FILE = "prices.json.gz"


class Parts(msgspec.Struct, frozen=True):
    """What the process starts and stops."""

    slack: AsyncApp
    scheduler: AsyncIOScheduler
    in_flight: InFlight
    queue: LocalQueue
    handle: Callable[[WorkItem], Awaitable[None]]
    workspaces: Workspaces


def utc_now() -> datetime:
    """The one clock of the process."""
    return datetime.now(UTC)


def new_id() -> str:
    """The one source of random ids."""
    return str(uuid.uuid4())


def build(settings: Settings, store: Store, slack_client: AsyncWebClient) -> Parts:
    """Wire everything; nothing is started and nothing is sent."""
    queue = LocalQueue(_ACCOUNTS_AT_ONCE)
    source = connect_cloudtrail(_identity(settings), clock=utc_now, monotonic=time.monotonic)
    verdicts = Verdicts(store.anomalies, store.ledger, queue, utc_now, new_id)
    sender = _sender(store, slack_client)
    work = _work(settings, store, source, verdicts, queue)
    services = SlackServices(
        lookups=store.system,
        reports=_reports(store),
        verdicts=verdicts,
        onboarding=Onboarding(
            accounts=store.accounts,
            source=source,
            queue=queue,
            clock=utc_now,
            new_id=new_id,
            principal_arn=settings.aws_principal_arn,
        ),
        sender=sender,
    )
    promotion = Promotion(
        lookups=store.system,
        accounts=store.accounts,
        experiences=store.baselines,
        anomalies=store.anomalies,
        clock=utc_now,
    )
    in_flight = InFlight()
    jobs = table(work=work, sender=sender, verdicts=verdicts, promotion=promotion, poll_seconds=settings.poll_seconds)
    return Parts(
        slack=build_slack_app(
            signing_secret=settings.slack_signing_secret.get_secret_value(), client=slack_client, services=services
        ),
        scheduler=build_scheduler([in_flight.tracked(job) for job in jobs]),
        in_flight=in_flight,
        queue=queue,
        handle=work.handle,
        workspaces=Workspaces(store.tenants, store.system, new_id),
    )


def _identity(settings: Settings) -> AwsIdentity:
    secret, token = settings.aws_secret_access_key, settings.aws_session_token
    return AwsIdentity(
        region=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
        session_token=token.get_secret_value() if token else None,
    )


def _sender(store: Store, slack_client: AsyncWebClient) -> Sender:
    async def client_for(_tenant_id: str) -> AsyncWebClient:
        return slack_client

    notifier: Notifier = SlackNotifier(client_for, ChannelSpacing(time.monotonic), utc_now)
    return Sender(
        outbox=store.outbox,
        anomalies=store.anomalies,
        accounts=store.accounts,
        tenants=store.tenants,
        notifier=notifier,
        clock=utc_now,
    )


def _work(settings: Settings, store: Store, source: CloudTrailSource, verdicts: Verdicts, queue: LocalQueue) -> Work:
    prices = load_price_table(settings.data_dir.expanduser() / PRICES_FILE)
    intake = Intake(store.ledger, store.accounts, prices, utc_now)
    history = History(
        source=source, accounts=store.accounts, ledger=store.ledger, intake=intake, prices=prices, clock=utc_now
    )
    return Work(
        poller=Poller(source, store.accounts, intake, utc_now),
        history=history,
        verdicts=verdicts,
        lookups=store.system,
        queue=queue,
    )


def _reports(store: Store) -> Reports:
    return Reports(
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        outbox=store.outbox,
        spending=store.spending,
        experiences=store.baselines,
        clock=utc_now,
    )
