"""Wiring of what turns work items into effects, in whichever process that happens."""

import time
from datetime import timedelta

import msgspec

from bot.files import build_archiving
from bot.identity import new_id, utc_now
from bot.settings import CoreSettings
from bot.wiring.telemetry import Telemetry
from bot.work_queue import aws_identity
from clients.aws.connect import connect_cloudtrail
from clients.flags import LocalFlags, load_flags, parse_overrides
from clients.policy_file import PolicyFile
from clients.prices.packaged import load_price_table
from engine.pricing.table import PriceTable
from services.archiving import Archiving
from services.flagging import Flagging
from services.history import History
from services.inbox import InboxReader
from services.intake import Intake
from services.leaving import Departures, Farewell
from services.limits import Limits
from services.policies import NO_POLICIES, Policies
from services.polling import Poller
from services.ports import CloudTrailSource, WorkQueue
from services.verdicts import Verdicts
from services.work import Work
from store.connect import Store

PRICES_FILE = "prices.json.gz"


class Workshop(msgspec.Struct, frozen=True):
    """What turns work items into effects, in whichever process that happens."""

    source: CloudTrailSource
    verdicts: Verdicts
    departures: Departures
    inbox: InboxReader
    archiving: Archiving | None
    policies: Policies
    prices: PriceTable
    work: Work


def build_policies(settings: CoreSettings) -> Policies:
    """Give the operator's policy. Raises InvalidSetting when it is named and cannot be read."""
    return PolicyFile(settings.policy.expanduser(), time.monotonic) if settings.policy is not None else NO_POLICIES


def build_workshop(
    settings: CoreSettings,
    store: Store,
    queue: WorkQueue,
    telemetry: Telemetry,
    farewell: Farewell | None = None,
) -> Workshop:
    """Give what reads records, judges, learns and forgets."""
    source = connect_cloudtrail(aws_identity(settings, store), clock=utc_now, monotonic=time.monotonic)
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
        farewell=farewell,
    )
    prices = load_price_table(settings.data_dir.expanduser() / PRICES_FILE)
    tracer = telemetry.tracer
    flags = LocalFlags(load_flags(), parse_overrides(settings.flags))
    policies = build_policies(settings)
    intake = Intake(
        store.ledger,
        store.accounts,
        prices,
        utc_now,
        archiving,
        meter=telemetry.meter,
        tracer=tracer,
        flagging=Flagging(flags, store.breakers, utc_now, telemetry.meter),
        policies=policies,
    )
    inbox = InboxReader(
        inbox=store.inbox, accounts=store.accounts, intake=intake, queue=queue, clock=utc_now, tracer=tracer
    )
    work = Work(
        poller=Poller(
            source,
            store.accounts,
            intake,
            utc_now,
            beside_events=timedelta(seconds=settings.event_poll_seconds),
            tracer=tracer,
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
        tracer=tracer,
    )
    return Workshop(
        source=source,
        verdicts=verdicts,
        departures=departures,
        inbox=inbox,
        archiving=archiving,
        policies=policies,
        prices=prices,
        work=work,
    )
