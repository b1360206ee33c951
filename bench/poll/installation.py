"""The bot's own parts over a real mongod, with the accounts of the benchmark connected."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from bench.poll.plan import BUSY_ACCOUNT, EXTERNAL_ID, REGIONS, Plan, Started, account_ids
from bot.identity import utc_now
from bot.mongod import LocalMongod
from clients.aws.connect import AwsIdentity, connect_cloudtrail
from clients.local_queue import LocalQueue
from clients.prices import load_price_table
from engine.models.account import AccountStatus, AwsAccount, RegionCursor, Tenant
from engine.models.work import WorkItem, WorkKind
from services.intake import Intake
from services.polling import Poller
from store.connect import Store, connect
from store.replica_set import ensure_primary

ACCOUNTS_AT_ONCE = 16
_ACCOUNTS_OF_A_TENANT = 10
_STOP_SECONDS = 10.0
_LAUNCH = b"launch\n"


class Cloud:
    """The process that plays AWS."""

    def __init__(self, stdin: asyncio.StreamWriter, started: Started) -> None:
        self._stdin = stdin
        self.started = started

    async def begin_launching(self) -> None:
        """Let strangers start dear things from now on."""
        self._stdin.write(_LAUNCH)
        await self._stdin.drain()


@asynccontextmanager
async def cloud(plan: Plan) -> AsyncIterator[Cloud]:
    """Run it until the end of its standard input says that nobody needs it any more."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.poll.cloud", stdin=pipe, stdout=pipe)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process that was started with pipes has none")
    try:
        process.stdin.write(msgspec.json.encode(plan) + b"\n")
        started = msgspec.json.decode(await process.stdout.readline(), type=Started)
        yield Cloud(process.stdin, started)
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Store]:
    """A store over a mongod of its own."""
    async with LocalMongod(folder, ensure_primary=ensure_primary) as uri:
        store = await connect(uri)
        try:
            yield store
        finally:
            store.close()


class Installation:
    """Accounts that are polled as ``dd0c serve`` polls them, with its source, its queue and its intake."""

    def __init__(self, plan: Plan, store: Store, started: Started) -> None:
        identity = AwsIdentity(
            region="us-east-1",
            endpoint_url=started.url,
            access_key_id=started.access_key_id,
            secret_access_key=started.secret_access_key,
        )
        source = connect_cloudtrail(identity, clock=utc_now, monotonic=time.monotonic)
        intake = Intake(store.ledger, store.accounts, load_price_table(), utc_now)
        self.store = store
        self.queue = LocalQueue(ACCOUNTS_AT_ONCE)
        self._poller = Poller(source, store.accounts, intake, utc_now)
        self._plan = plan

    @property
    def tenants(self) -> Sequence[str]:
        """The tenants of the quiet accounts."""
        return sorted({_tenant_of(account_id) for account_id in account_ids(self._plan.accounts)})

    async def furnish(self) -> None:
        """Connect the quiet accounts."""
        for tenant_id in {*self.tenants, _tenant_of(BUSY_ACCOUNT)}:
            tenant = Tenant(tenant_id=tenant_id, team_id=tenant_id, team_name=tenant_id, alert_channel_id="C1")
            await self.store.tenants.save_tenant(tenant)
        for account_id in account_ids(self._plan.accounts):
            await self._connect(account_id, behind=timedelta(minutes=1))
        self.queue.start(self._handle)

    async def connect_busy_account(self) -> None:
        """One more account, which could not be read for as long as its backlog is."""
        await self._connect(BUSY_ACCOUNT, behind=timedelta(seconds=self._plan.backlog_seconds))

    async def put_polls(self) -> None:
        """Queue what the job ``poll_accounts`` queues."""
        due = await self.store.system.find_due_accounts()
        await self.queue.put_all([WorkItem(WorkKind.POLL, *account) for account in due])

    async def find_busy_account(self) -> AwsAccount:
        """How far the busy account was read."""
        return await self.store.accounts.find_account(_tenant_of(BUSY_ACCOUNT), BUSY_ACCOUNT)

    async def _connect(self, account_id: str, behind: timedelta) -> None:
        read_until = utc_now() - behind
        account = AwsAccount(
            account_id=account_id,
            name=account_id,
            status=AccountStatus.ACTIVE,
            external_id=EXTERNAL_ID,
            role_arn=f"arn:aws:iam::{account_id}:role/dd0c-cost-readonly",
            regions=REGIONS,
            connected_at=read_until,
            cursors=tuple(
                RegionCursor(region=region, read_until=read_until, rescanned_at=read_until) for region in REGIONS
            ),
        )
        await self.store.accounts.insert_account(_tenant_of(account_id), account)

    async def _handle(self, item: WorkItem) -> None:
        if await self._poller.poll(item.tenant_id, item.account_id):
            await self.queue.put(item)


def _tenant_of(account_id: str) -> str:
    return f"tenant-{int(account_id) // _ACCOUNTS_OF_A_TENANT}"
