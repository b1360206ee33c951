"""The life of a bot that may die at any point.

Everything from the store to Slack is real; only the moments at which things happen are a test's. ``Life.live`` may be
begun again by another process as often as the one before was killed, and ends where an undisturbed one ends.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from slack_sdk.web.async_client import AsyncWebClient

from clients.archive_folder import ArchiveFolder
from clients.local_queue import LocalQueue
from clients.slack.messages import SlackMessages
from clients.slack.notifier import SlackNotifier
from clients.slack.spacing import ChannelSpacing
from engine.errors import Conflict
from engine.examples import FlatPrices
from engine.models.account import AwsAccount
from engine.models.anomaly import AnomalyStatus
from engine.models.work import WorkItem, WorkKind
from services.alert_budget import AlertBudget
from services.alert_channels import AlertChannels
from services.archiving import Archiving
from services.delivery import Sender
from services.growth import Growth
from services.inbox import InboxReader
from services.intake import Intake
from services.polling import Poller
from services.receiving import Receiver
from services.verdicts import Verdicts
from store.connect import Store, connect
from tests.fixtures.free_turns import FreeTurns
from tests.integration.reaper import Point, Reaper

PAUSE_BETWEEN_LIVES = timedelta(minutes=10)
"""Longer than any lease, and than what waits in the inbox is left alone."""
_DAYS = 30
_BEFORE_TRYING_AGAIN = 0.2


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a life needs, in a form that another process can be given.

    ``pushed`` are the deliveries before and after somebody calls what ``expected_user`` started expected; ``polled`` is
    what LookupEvents has of each Region. Acknowledgements are files in ``folder``: they are what the sender knows.
    """

    uri: str
    database: str
    folder: Path
    slack_url: str
    slack_token: str
    tenant_id: str
    account_id: str
    person: str
    expected_actor: str
    now: datetime
    pushed: tuple[Sequence[bytes], Sequence[bytes]]
    polled: dict[str, Sequence[bytes]]
    life: int = 1
    death: Point | None = None


def live(plan: Plan) -> None:
    """What a process does from its start to its end."""
    asyncio.run(_live(plan))


async def _live(plan: Plan) -> None:
    store = await connect(plan.uri, plan.database, retention_days=36_500)
    try:
        await Life(plan, store, Reaper(plan.death, store)).live()
    finally:
        store.close()


class _Acknowledgements:
    """What the sender was told is safe, and will not send again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def give(self, delivery: int) -> None:
        (self._folder / f"acknowledged-{delivery}").touch()

    def has(self, delivery: int) -> bool:
        return (self._folder / f"acknowledged-{delivery}").exists()


class _History:
    """LookupEvents, of which one page is enough."""

    def __init__(self, records: dict[str, Sequence[bytes]]) -> None:
        self._records = records

    async def lookup(
        self, _account: AwsAccount, region: str, _start: datetime, _end: datetime
    ) -> AsyncIterator[Sequence[bytes]]:
        yield self._records.get(region, ())

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"polling needs no {name}")


class Life:
    """A bot from its start to its end. Intake's clock stands still, so that no text depends on when somebody died."""

    def __init__(self, plan: Plan, store: Store, reaper: Reaper) -> None:
        self._plan = plan
        watched: dict[str, Any] = {
            name: reaper.watching(name, getattr(store, name))
            for name in ("accounts", "anomalies", "inbox", "ledger", "outbox")
        }
        self._anomalies, self._accounts = watched["anomalies"], watched["accounts"]
        self._local = LocalQueue(1)
        queue = reaper.watching("queue", self._local)
        archiving = Archiving(ArchiveFolder(plan.folder / "archive"), _DAYS, self._then)
        intake = Intake(watched["ledger"], self._accounts, FlatPrices(), self._then, archiving)
        self._acknowledgements = reaper.watching("acknowledgements", _Acknowledgements(plan.folder))
        self._was_acknowledged = _Acknowledgements(plan.folder).has
        self._receiver = Receiver(
            inbox=watched["inbox"], accounts=self._accounts, lookups=store.system, queue=queue, clock=self._then
        )
        self._reader = InboxReader(
            inbox=watched["inbox"], accounts=self._accounts, intake=intake, queue=queue, clock=self._now
        )
        source: Any = _History(plan.polled)
        self._poller = Poller(source, self._accounts, intake, self._then)
        self._verdicts = Verdicts(self._anomalies, watched["ledger"], queue, self._now, lambda: uuid4().hex)
        self._sender = self._new_sender(store, watched)

    def _new_sender(self, store: Store, watched: dict[str, Any]) -> Sender:
        client = AsyncWebClient(token=self._plan.slack_token, base_url=self._plan.slack_url, retry_handlers=[])

        async def client_for(_tenant_id: str) -> AsyncWebClient:
            return client

        async def at_once(_seconds: float) -> None:
            """No test waits for Slack's pace."""

        return Sender(
            outbox=watched["outbox"],
            anomalies=self._anomalies,
            accounts=self._accounts,
            channels=AlertChannels(store.tenants, SlackMessages(client_for)),
            notifier=SlackNotifier(client_for, ChannelSpacing(FreeTurns(), at_once), self._then),
            clock=self._now,
            growth=Growth(store.posts, self._now),
            budget=AlertBudget(store.tenants, store.budgets, self._now),
        )

    def _then(self) -> datetime:
        return self._plan.now

    def _now(self) -> datetime:
        return self._plan.now + (self._plan.life - 1) * PAUSE_BETWEEN_LIVES

    async def live(self) -> None:
        """Receive, poll, send, listen to somebody, receive again, send again."""
        self._local.start(self._handle)
        await self._requeue()
        await self._receive(0)
        await self._local.put(WorkItem(WorkKind.POLL, self._plan.tenant_id, self._plan.account_id))
        await self._local.join()
        await self._sender.deliver_due()
        await self._mark_expected()
        await self._local.join()
        await self._receive(1)
        await self._local.join()
        await self._sender.deliver_due()

    async def _requeue(self) -> None:
        """What the jobs do."""
        await self._reader.requeue()
        await self._verdicts.requeue_unlearned()
        await self._local.join()

    async def _receive(self, delivery: int) -> None:
        if not self._was_acknowledged(delivery):
            await self._receiver.receive("push", [b"\n".join(self._plan.pushed[delivery])])
            await self._acknowledgements.give(delivery)

    async def _mark_expected(self) -> None:
        """Click, unless the card says already that it was clicked."""
        since = self._plan.now - timedelta(days=1)
        for anomaly in await self._anomalies.find_anomalies(self._plan.tenant_id, since=since, limit=10):
            if anomaly.actor.name == self._plan.expected_actor and anomaly.status is AnomalyStatus.OPEN:
                await self._verdicts.mark_expected(self._plan.tenant_id, anomaly.anomaly_id, self._plan.person)

    async def _handle(self, item: WorkItem) -> None:
        """Work as the bot does, whose jobs bring back what failed; only that here nobody waits a minute for them."""
        try:
            await self._work(item)
        except Conflict:
            await asyncio.sleep(_BEFORE_TRYING_AGAIN)
            await self._local.put(item)

    async def _work(self, item: WorkItem) -> None:
        match item.kind:
            case WorkKind.INGEST:
                await self._reader.ingest(item.tenant_id, item.account_id)
            case WorkKind.POLL:
                await self._poller.poll(item.tenant_id, item.account_id)
            case WorkKind.LEARN_VERDICT:
                await self._verdicts.learn(item.tenant_id, item.subject)
            case _:
                raise AssertionError(f"nobody queued {item.kind}")
