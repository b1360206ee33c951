"""The composition root: the one place that chooses adapters and hands them to the use cases.

What belongs together is wired in ``bot/wiring``, a module for each idea.
"""

import os
import time
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.identity import new_id, utc_now
from bot.settings import CoreSettings, Settings
from bot.slack_access import SlackAccess, build_install_flow
from bot.wiring.api import build_api
from bot.wiring.billing import BillingParts, build_billing
from bot.wiring.charts import build_addresses, build_pictures
from bot.wiring.conversation import build_conversation
from bot.wiring.delivery import build_delivery, build_workspaces
from bot.wiring.foundation import Foundation
from bot.wiring.identity import build_sign_in
from bot.wiring.newcomers import NewcomerPages, build_newcomer_pages
from bot.wiring.recurring import build_jobs
from bot.wiring.site import build_site
from bot.wiring.telemetry import Telemetry, build_telemetry
from bot.wiring.workshop import build_workshop
from bot.work_queue import build_operator, build_queue, build_shared_queue
from clients.aws.sqs_operator import SqsOperator
from clients.aws.sqs_queue import SqsQueue
from clients.local_queue import LocalQueue
from engine.models.metrics import QUEUE, SLACK_AT_WORK
from engine.models.work import WorkItem
from handlers.slack.app import SlackApp, build_slack_app
from handlers.web.api.services import ApiServices
from handlers.web.pages import Pages
from handlers.web.sign_in import SignInParts
from handlers.web.site.services import SiteServices
from handlers.web.slack_install import InstallFlow
from scheduler.in_flight import InFlight
from scheduler.leadership import Leadership
from scheduler.runner import build_scheduler, measured
from services.chart_pictures import ChartPictures
from services.delivery import Sender
from services.keys import Keys
from services.metering import metered
from services.posting import PostSender
from services.receiving import Receiver
from services.workspaces import Workspaces
from store.connect import Store


class Parts(msgspec.Struct, frozen=True):
    """What the process starts and stops."""

    slack: SlackApp
    sender: Sender
    post_sender: PostSender
    mail_sender: PostSender | None
    scheduler: AsyncIOScheduler
    in_flight: InFlight
    leadership: Leadership
    queue: LocalQueue | SqsQueue
    operator: SqsOperator | None
    handle: Callable[[WorkItem], Awaitable[None]]
    telemetry: Telemetry
    workspaces: Workspaces
    pages: Pages
    chart_pictures: ChartPictures
    install_flow: InstallFlow | None
    keys: Keys
    api: ApiServices
    receiver: Receiver
    billing: BillingParts
    sign_in: SignInParts
    newcomers: NewcomerPages
    site: SiteServices


class WorkerParts(msgspec.Struct, frozen=True):
    """What a process that only works starts and stops."""

    queue: SqsQueue
    operator: SqsOperator
    handle: Callable[[WorkItem], Awaitable[None]]
    telemetry: Telemetry


def build(
    settings: Settings,
    store: Store,
    access: SlackAccess,
    session: aiohttp.ClientSession,
    telemetry: Telemetry | None = None,
) -> Parts:
    """Wire everything; nothing is started and nothing is sent. ``session`` is for identity providers."""
    queue = build_queue(settings)
    operator = build_operator(settings) if settings.work_queue_url is not None else None
    billing = build_billing(settings, store)
    telemetry = telemetry or build_telemetry(settings, emf=settings.emf)
    workshop = build_workshop(settings, store, queue, telemetry, billing.farewell)
    telemetry.numbers.ask(QUEUE, queue.depth)
    ground = Foundation(settings=settings, store=store, access=access, queue=queue, workshop=workshop, billing=billing)
    charts = build_addresses(settings)
    delivery = build_delivery(settings, store, access, charts, telemetry=telemetry, policies=workshop.policies)
    workspaces = build_workspaces(store, access)
    pages = Pages()
    sign_in = build_sign_in(settings, store, access, session, pages)
    receiver = Receiver(
        inbox=store.inbox,
        accounts=store.accounts,
        lookups=store.system,
        queue=queue,
        clock=utc_now,
        tracer=telemetry.tracer,
    )
    in_flight = InFlight()
    leadership = Leadership(store.leases, new_id(), time.monotonic)
    services = build_conversation(ground, delivery, workspaces, operator)
    api = build_api(
        settings,
        store,
        workshop.verdicts,
        workshop.departures,
        onboarding=services.onboarding,
        reports=services.reports,
        spend=services.spend,
        plans=billing.plans,
        sessions=sign_in.identities,
        policies=workshop.policies,
    )
    slack = build_slack_app(
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        client=access.client,
        authorize=access.authorize,
        services=services,
        meter=telemetry.meter,
    )
    telemetry.numbers.ask(SLACK_AT_WORK, slack.listeners.count)
    jobs = build_jobs(ground, delivery, services.homes, receiver, leadership)
    return Parts(
        slack=slack,
        sender=delivery.sender,
        post_sender=delivery.posts,
        mail_sender=delivery.mails,
        scheduler=build_scheduler([measured(in_flight.tracked(job), telemetry.meter) for job in jobs], leadership),
        in_flight=in_flight,
        leadership=leadership,
        queue=queue,
        operator=operator,
        handle=metered(workshop.work.handle, telemetry.meter, new_id),
        telemetry=telemetry,
        workspaces=workspaces,
        pages=pages,
        chart_pictures=build_pictures(store, charts),
        install_flow=build_install_flow(settings, store, access, workspaces, pages),
        keys=Keys(store.api_keys, os.urandom, utc_now),
        api=api,
        receiver=receiver,
        billing=billing,
        sign_in=sign_in,
        newcomers=build_newcomer_pages(settings, store, services, sign_in, billing),
        site=build_site(ground, services, api, sign_in),
    )


def build_worker(settings: CoreSettings, store: Store, telemetry: Telemetry) -> WorkerParts:
    """Wire what works off the queue between processes, and nothing else. Raises InvalidSetting when there is none."""
    queue = build_shared_queue(settings)
    workshop = build_workshop(settings, store, queue, telemetry)
    telemetry.numbers.ask(QUEUE, queue.depth)
    return WorkerParts(
        queue=queue,
        operator=build_operator(settings),
        handle=metered(workshop.work.handle, telemetry.meter, new_id),
        telemetry=telemetry,
    )
