"""The AWS that is polled, in a process of its own: ``python -m bench.poll.cloud`` with a ``Plan`` on standard input."""

import asyncio
import logging
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import msgspec

from bench.poll.plan import BUSY_ACCOUNT, EXTERNAL_ID, REGIONS, Plan, Started, account_ids
from demo.aws_account import AwsAccount, AwsSimulator
from demo.aws_account.history import RegionHistory, StoredRecord, store_form
from demo.aws_account.identities import assumed_role, iam_user
from demo.aws_account.records import Record, Writer, create_tags, run_instances

_COST_BEARING = 6  # Of the write records of real logs, one in six bears cost.
_TEMPLATES = 600
_KNOWN_WRITES = 3


class SteadyHistory(RegionHistory):
    """Records at an even pace from ``since`` to ``until``, made when somebody looks; times are epoch seconds."""

    def __init__(self, templates: list[Record], since: float, until: float, count: int) -> None:
        super().__init__(limit=0)
        self._templates = templates
        self._since = since
        self._step = (until - since) / count
        self._count = count

    def newest_first(self, start: float, end: float, before: tuple[float, int] | None = None) -> Iterator[StoredRecord]:
        """Deliveries with start <= event_time <= end, from the newest down, below the cursor ``before``."""
        last = min(self._position(end), self._count - 1)
        if before is not None:
            last = min(last, before[1] - 1)
        for position in range(last, -1, -1):
            record = self._record(position)
            if record.event_time < start:
                return
            if record.event_time <= end:
                yield record

    def _position(self, at: float) -> int:
        return int((at - self._since) / self._step) + 1

    def _record(self, position: int) -> StoredRecord:
        at = int(self._since + position * self._step)
        template = self._templates[position % len(self._templates)]
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        event_id = f"{position:08x}{template['eventID'][8:]}"
        return store_form({**template, "eventTime": stamp, "eventID": event_id}, float(at), position, float(at))


def _templates(account_id: str, region: str) -> list[Record]:
    """Small launches by a deploy role among tags: nothing of it is worth a card."""
    writer = Writer(account_id, Random(region))  # noqa: S311 - made-up ids, no secrets
    deploy = assumed_role(account_id, "deploy", "run-1", source_ip="192.0.2.1", user_agent="terraform")
    scene = writer.scene(deploy, datetime.now(UTC), region)
    return [
        run_instances(scene, "t3.nano", 1) if number % _COST_BEARING == 0 else create_tags(scene, "i-1", "owner", "me")
        for number in range(_TEMPLATES)
    ]


def _furnish(aws: AwsSimulator, plan: Plan) -> list[AwsAccount]:
    """All accounts, with a few writes of the last minutes that cost nothing; the busy one has its past besides."""
    now = time.time()
    quiet = []
    for account_id in account_ids(plan.accounts):
        account = aws.add_account(account_id, REGIONS, external_id=EXTERNAL_ID)
        writer = Writer(account_id, Random(account_id))  # noqa: S311 - made-up ids, no secrets
        ann = iam_user(account_id, "ann", source_ip="192.0.2.1", user_agent="aws-cli")
        for region in REGIONS:
            for number in range(_KNOWN_WRITES):
                at = datetime.fromtimestamp(now - 60 * (number + 1), UTC)
                account.record(create_tags(writer.scene(ann, at, region), "i-1", "owner", "ann"), visible_after=0)
        quiet.append(account)
    busy = aws.add_account(BUSY_ACCOUNT, REGIONS, external_id=EXTERNAL_ID)
    for region in REGIONS:
        count = plan.backlog_records // len(REGIONS)
        past = SteadyHistory(_templates(BUSY_ACCOUNT, region), now - plan.backlog_seconds, now, count)
        busy.replace_history(region, past)
    return quiet


async def _launch(quiet: list[AwsAccount], plan: Plan) -> None:
    """Let a stranger start something dear, each time in another account."""
    chance = Random(plan.accounts)  # noqa: S311 - chooses who is next, protects nothing
    for account in chance.sample(quiet, plan.launches):
        thief = iam_user(account.account_id, "thief", source_ip="192.0.2.9", user_agent="aws-cli")
        writer = Writer(account.account_id, chance)
        scene = writer.scene(thief, datetime.now(UTC), chance.choice(REGIONS))
        account.record(run_instances(scene, "p4d.24xlarge", 1), visible_after=0)
        await asyncio.sleep(plan.seconds_between_launches)


async def _serve() -> None:
    logging.getLogger("aiohttp.server").disabled = True  # Who stops measuring leaves calls unanswered.
    loop = asyncio.get_running_loop()
    plan = msgspec.json.decode(await loop.run_in_executor(None, sys.stdin.readline), type=Plan)
    aws = AwsSimulator(latency=plan.latency_seconds, max_calls=1)
    quiet = _furnish(aws, plan)
    await aws.start()
    started = Started(aws.url, aws.caller.access_key_id, aws.caller.secret_access_key)
    sys.stdout.write(msgspec.json.encode(started).decode() + "\n")
    sys.stdout.flush()
    launching: asyncio.Task[None] | None = None
    while await loop.run_in_executor(None, sys.stdin.readline):
        launching = asyncio.create_task(_launch(quiet, plan))
    if launching is not None:
        launching.cancel()
    await aws.stop()


if __name__ == "__main__":
    asyncio.run(_serve())
