"""A fresh database with some connected accounts, and the parts of the bot that bring records into it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from bot.identity import utc_now
from clients.archive_folder import ArchiveFolder
from clients.local_queue import LocalQueue
from engine.models.account import AccountStatus, AwsAccount, Tenant
from engine.models.work import WorkItem, WorkKind
from engine.pipeline import learn_history
from engine.pricing.estimate import Prices
from engine.resolution import resource_keys
from services.archiving import Archiving
from services.inbox import InboxReader
from services.intake import Intake, parse_batch
from services.receiving import Receiver
from store.codec import Document
from store.connect import Store, connect
from store.watching import CommandTold

TENANT = "tenant-1"
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
_ACCOUNTS_AT_ONCE = 16
_ARCHIVE_DAYS = 365


class Site:
    """The bot's own parts, wired as `dd0c serve` wires them, over one database."""

    def __init__(self, store: Store, prices: Prices, archive: Path) -> None:
        self.store = store
        self.queue = LocalQueue(_ACCOUNTS_AT_ONCE)
        self._prices = prices
        archiving = Archiving(ArchiveFolder(archive), _ARCHIVE_DAYS, utc_now)
        self.intake = Intake(store.ledger, store.accounts, prices, utc_now, archiving)
        self.receiver = Receiver(
            inbox=store.inbox, accounts=store.accounts, lookups=store.system, queue=self.queue, clock=utc_now
        )
        self._reader = InboxReader(
            inbox=store.inbox, accounts=store.accounts, intake=self.intake, queue=self.queue, clock=utc_now
        )

    async def work(self, item: WorkItem) -> None:
        """Do what the queue holds."""
        if item.kind is WorkKind.INGEST:
            await self._reader.ingest(item.tenant_id, item.account_id)

    async def learn(self, account_id: str, raw_records: Sequence[bytes]) -> None:
        """Learn an account's past, as its connection does."""
        records = parse_batch(raw_records, account_id).records
        keys = sorted({key for events in records for event in events for key in resource_keys(event)})
        loaded = await self.store.ledger.load_state(TENANT, account_id, keys, records[0][0].event_time)
        changes, _ = learn_history(records, loaded.state, self._prices)
        await self.store.ledger.commit(TENANT, loaded, changes, utc_now())

    async def cost_events(self, since: datetime) -> list[Document]:
        """The documents of all cost events from a time on, as they were inserted."""
        found = self.store._database.cost_events.find({"event_time": {"$gte": since}}, {"_id": 0})  # noqa: SLF001 - the very documents, not what they mean
        return [document async for document in found]

    async def insert_bare(self, documents: Sequence[Document]) -> None:
        """Insert documents by the shortest way there is."""
        await self.store._database.cost_events.insert_many(documents, ordered=False)  # noqa: SLF001 - no repository between

    async def commands(self) -> int:
        """How many commands that read or write data this mongod has run since it started."""
        status = await self.store._database.motor.client.admin.command("serverStatus")  # noqa: SLF001 - the server's own counters
        counts = status["metrics"]["commands"]
        return sum(int(counts.get(name, {}).get("total", 0)) for name in _DATA_COMMANDS)


_DATA_COMMANDS = (
    "aggregate",
    "bulkWrite",
    "commitTransaction",
    "delete",
    "find",
    "findAndModify",
    "getMore",
    "insert",
    "update",
)


@asynccontextmanager
async def open_site(
    uri: str, prices: Prices, account_ids: Sequence[str] = (), told: CommandTold | None = None
) -> AsyncIterator[Site]:
    """A site in a database and an archive of its own, both dropped afterwards; ``told`` hears of every command."""
    name = f"bench-{uuid4().hex}"
    store = await connect(uri, name, told=told)
    try:
        with TemporaryDirectory(prefix="dd0c-bench-archive-") as folder:
            await _furnish(store, account_ids)
            yield Site(store, prices, Path(folder))
        await store._database.motor.client.drop_database(name)  # noqa: SLF001 - nothing else drops one
    finally:
        store.close()


async def _furnish(store: Store, account_ids: Sequence[str]) -> None:
    await store.tenants.save_tenant(Tenant(tenant_id=TENANT, team_id="T1", team_name="bench", alert_channel_id="C1"))
    for account_id in account_ids:
        await store.accounts.insert_account(
            TENANT,
            AwsAccount(
                account_id=account_id,
                name=account_id,
                status=AccountStatus.ACTIVE,
                external_id=f"bench-{account_id}",
                role_arn=f"arn:aws:iam::{account_id}:role/dd0c-cost-readonly",
                regions=_REGIONS,
                connected_at=utc_now(),
            ),
        )
