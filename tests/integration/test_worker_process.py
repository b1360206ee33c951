"""``dd0c worker`` and ``dd0c queue`` as an operator runs them, on a real database."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import aiohttp
import pytest
from click.testing import CliRunner

from bot.cli import main
from clients.aws.sqs_lane import USUAL
from clients.aws.sqs_queue import SqsQueue
from demo.aws_account import AwsSimulator
from demo.aws_account.identities import iam_user
from demo.aws_account.records import Record, Writer, run_instances
from demo.stage import Stage
from engine.models.account import AccountStatus, AwsAccount, RegionCursor, Tenant
from engine.models.work import WorkItem, WorkKind
from store.connect import Store, connect
from tests.fixtures.sqs import SqsServer, channel_to
from tests.integration.bot_process import DD0C, BotProcess, refused
from tests.integration.bot_process import connect as connect_account
from tests.integration.crew import PATIENCE_SECONDS, Crew, assembled, terminated, until

pytestmark = pytest.mark.integration
TENANT = "t-1"
REGION = "us-east-1"
ACCOUNTS = ("111111111111", "222222222222", "333333333333")
EXTERNAL_ID = "dd0c-7f3a"


class Installation:
    """A database, a simulated AWS with three accounts, a queue, and processes that know of all three."""

    def __init__(self, *, store: Store, database: str, uri: str, aws: AwsSimulator, sqs: SqsServer, crew: Crew) -> None:
        self.store, self.aws, self.sqs, self.crew = store, aws, sqs, crew
        self.url = sqs.new_queue()
        self.queue = SqsQueue(channel_to(self.url), concurrency=1, new_id=lambda: str(uuid4()))
        self.environment = {
            **aws.environment(),
            "MONGODB_URI": uri,
            "DD0C_DATABASE": database,
            "DD0C_WORK_QUEUE_URL": self.url,
            "DD0C_HEALTH_PORT": "0",
        }

    async def furnish(self) -> None:
        await self.store.tenants.save_tenant(
            Tenant(tenant_id=TENANT, team_id="T1", team_name="acme", alert_channel_id="C1")
        )
        now = datetime.now(UTC)
        for account_id in ACCOUNTS:
            account = self.aws.add_account(account_id, (REGION,), external_id=EXTERNAL_ID)
            await self.store.accounts.insert_account(
                TENANT,
                AwsAccount(
                    account_id=account_id,
                    name=account_id,
                    status=AccountStatus.ACTIVE,
                    external_id=EXTERNAL_ID,
                    role_arn=account.role_arn,
                    regions=(REGION,),
                    connected_at=now,
                    cursors=(RegionCursor(region=REGION, read_until=now, rescanned_at=now),),
                ),
            )

    def happen(self, number: int) -> list[Record]:
        """One launch in each account."""
        records = []
        for account_id in ACCOUNTS:
            writer = Writer(account_id, Random(f"{account_id}-{number}"))  # noqa: S311 - made-up ids, no secrets
            maria = iam_user(account_id, "maria", source_ip="192.0.2.9", user_agent="aws-cli")
            scene = writer.scene(maria, datetime.now(UTC) - timedelta(minutes=1), REGION)
            records.append(run_instances(scene, "m5.large", 1))
            self.aws.accounts[account_id].record(records[-1])
        return records

    async def poll(self) -> None:
        await self.queue.put_all([WorkItem(WorkKind.POLL, TENANT, account_id) for account_id in ACCOUNTS])

    async def worker(self) -> asyncio.subprocess.Process:
        return await self.crew.start(DD0C, "worker", **self.environment)

    async def read_events(self, account_id: str) -> list[str]:
        rows = self.store._database.cost_events.find({"tenant_id": TENANT, "account_id": account_id})  # noqa: SLF001 - no port reads all
        return [row["event_id"] async for row in rows]

    async def learned(self, account_id: str) -> int:
        found = await self.store.baselines.find_experiences(TENANT)
        return found[account_id].events if account_id in found else 0


@asynccontextmanager
async def installed(uri: str, sqs: SqsServer, folder: Path) -> AsyncIterator[Installation]:
    database = f"test-{uuid4().hex[:12]}"
    store, aws = await connect(uri, database), AwsSimulator(lookup_rate=None)
    await aws.start()
    async with assembled(folder) as crew:
        installation = Installation(store=store, database=database, uri=uri, aws=aws, sqs=sqs, crew=crew)
        await installation.furnish()
        yield installation
        await installation.queue.stop(0.0)
    await aws.stop()
    await store._database.motor.client.drop_database(database)  # noqa: SLF001 - no other way to the driver
    store.close()


@pytest.fixture
async def installation(mongod_uri: str, sqs_server: SqsServer, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(mongod_uri, sqs_server, tmp_path) as installation:
        yield installation


async def test_of_three_workers_one_is_killed_while_it_works_and_every_record_counts_once(
    installation: Installation,
) -> None:
    launches = [installation.happen(1)]
    installation.aws.latency = 2.0
    victim = await installation.worker()
    await installation.poll()
    await until(lambda: installation.sqs.depth(installation.url)[1] == len(ACCOUNTS), "work in progress")
    others = [await installation.worker() for _ in range(2)]
    victim.send_signal(signal.SIGKILL)
    await victim.wait()
    installation.aws.latency = 0.0
    await asyncio.sleep(USUAL.poll_wait)  # SQS still answers the dead process's last question for work.
    installation.sqs.let_time_in_work_pass(installation.url)
    await until(lambda: installation.sqs.depth(installation.url) == (0, 0), "the victim's work")
    for number in (2, 3):
        launches.append(installation.happen(number))
        await installation.poll()
        await installation.poll()  # The second one reads everything once more.
        await until(lambda: installation.sqs.depth(installation.url) == (0, 0), "another poll")
    for position, account_id in enumerate(ACCOUNTS):
        happened = sorted(str(one[position]["eventID"]) for one in launches)
        assert sorted(await installation.read_events(account_id)) == happened
        assert await installation.learned(account_id) == len(happened)
    assert [await terminated(one) for one in others] == [0, 0]
    assert "Traceback" not in installation.crew.log()
    assert installation.aws.caller.secret_access_key not in installation.crew.log()


async def test_a_worker_tells_its_health_and_what_waits_for_all(installation: Installation) -> None:
    process = await installation.worker()
    dead_url = installation.url.replace(".fifo", "-dead.fifo")
    installation.sqs.client().send_message(
        QueueUrl=dead_url, MessageBody="{}", MessageGroupId="1", MessageDeduplicationId="1"
    )
    await until(lambda: "its health is at" in installation.crew.log(), "the start")
    address = re.search(r"its health is at (http://127\.0\.0\.1:\d+)", installation.crew.log())
    assert address is not None
    async with aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz"):
            async with session.get(address.group(1) + path) as answer:
                assert (answer.status, await answer.json()) == (200, {"status": "ok"})
        async with session.get(address.group(1) + "/metrics") as answer:
            numbers = await answer.text()
    assert "\ndd0c_queue_items 0.0\n" in numbers
    assert '\ndd0c_shared_queue_messages{state="dead"} 1.0\n' in numbers
    assert await terminated(process) == 0


async def test_a_worker_tells_cloudwatch_what_it_did(installation: Installation) -> None:
    installation.environment["DD0C_EMF"] = "1"
    worker = await installation.worker()
    records = installation.happen(1)
    await installation.poll()
    await until(lambda: installation.sqs.depth(installation.url) == (0, 0), "a poll")
    assert await terminated(worker) == 0
    lines = [json.loads(line) for line in installation.crew.log().splitlines() if line.startswith('{"_aws"')]
    total = {name: sum(line[name] for line in lines) for name in ("Operations", "Errors", "Records")}
    assert (total["Operations"], total["Errors"]) == (len(ACCOUNTS), 0)
    assert total["Records"] >= len(records)
    lags = [lag for line in lines for lag in line.get("LagSeconds", [])]
    assert len(lags) == len(records)
    assert all(0 < lag < 3600 for lag in lags)


async def test_a_worker_names_all_it_needs_at_once(tmp_path: Path) -> None:
    said = await refused(tmp_path, {}, command="worker")
    assert "MONGODB_URI is not set: name the database" in said
    assert "DD0C_WORK_QUEUE_URL is not set: name the SQS FIFO queue" in said


async def test_an_operator_sees_what_was_given_up_and_tries_again(installation: Installation) -> None:
    secret = json.dumps({"kind": "poll", "password": "hunter2"})
    dead_url = installation.url.replace(".fifo", "-dead.fifo")
    bodies = {ACCOUNTS[0]: json.dumps({"kind": "poll", "tenant_id": TENANT, "account_id": ACCOUNTS[0]}), "odd": secret}
    for group, body in bodies.items():
        installation.sqs.client().send_message(
            QueueUrl=dead_url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=group
        )
    said = [await _queue(installation, "status")]
    said += [await _asked(installation, word) for word in ("dead", "redrive", "status", "dead")]
    assert re.search(r"waiting +0\nin work +0\ndelayed +0\ndead letters +2 \(the oldest seen is 0m old\)", said[0])
    assert f"account {ACCOUNTS[0]}  poll  tenant {TENANT}" in said[1]
    assert "group odd  its body is no work item that this version knows" in said[1]
    assert said[1].endswith("2 of 2 dead letters shown\n")
    assert said[2] == "2 dead letters queued again, 1 of them unreadable by this version\n"
    assert re.search(r"waiting +2\n(.*\n)*dead letters +0\n", said[3])
    assert said[4] == "0 of 0 dead letters shown\n"
    assert not any("hunter2" in text for text in said)


async def _queue(installation: Installation, word: str) -> str:
    before = len(installation.crew.log())
    process = await installation.crew.start(DD0C, "queue", word, **installation.environment)
    assert await process.wait() == 0, installation.crew.log()
    return installation.crew.log()[before:]


async def _asked(installation: Installation, word: str) -> str:
    """The same in this process, which is up already."""
    answer = await asyncio.to_thread(CliRunner().invoke, main, ["queue", word], env=installation.environment)
    assert answer.exit_code == 0, answer.output
    return answer.output


async def test_a_bot_that_leaves_all_work_to_workers(sqs_server: SqsServer, mongod_uri: str, tmp_path: Path) -> None:
    """The bot queues the history of a new account; nothing happens until there is a worker."""
    shared = {
        "MONGODB_URI": mongod_uri,
        "DD0C_DATABASE": f"test-{uuid4().hex[:12]}",
        "DD0C_WORK_QUEUE_URL": sqs_server.new_queue(),
        "DD0C_WORKERS_IN_PROCESS": "0",
        "DD0C_POLL_SECONDS": "3600",
    }
    async with (
        Stage(with_bot=False) as stage,
        assembled(tmp_path) as crew,
        BotProcess(stage, tmp_path / "bot", **shared) as bot,
    ):
        await connect_account(stage)
        assert "reading its history" in await stage.ask("/dd0c status")
        worker = await crew.start(DD0C, "worker", **stage.aws.environment(), **shared)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while ": watched" not in await stage.ask("/dd0c status"):  # noqa: ASYNC110 - status is all that shows it
                await asyncio.sleep(0.5)
        assert (await bot.terminate(), await terminated(worker)) == (0, 0)
