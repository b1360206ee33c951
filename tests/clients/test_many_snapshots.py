"""An account with 100,000 snapshots: few calls, few in memory, and what is not shown is counted."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from clients.aws.zombies.scanning import ZombieLooks
from clients.prices import load_price_table
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.judging import Known, judge
from engine.zombies.keeping import MOST_OF_A_RULE, Keeper
from engine.zombies.models import Batch, Trouble
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGES, ON_PAGE, ONE_OF = 100, 1000, 10
OLD, YOUNG = NOW - timedelta(days=200), NOW - timedelta(days=2)
# What may be read before somebody judges it: what waits, and what is being made ready.
FEW_PAGES = 20


class Snapshots:
    """A role in an account that holds nothing else; every tenth snapshot is old. Answers are as the SDK parses them."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    @asynccontextmanager
    async def acting(self, *_whom: object, **_why: object) -> AsyncIterator["Snapshots"]:
        """Stand for a client of any service."""
        yield self

    async def call(self, operation: str, **asked: Any) -> dict[str, Any]:
        """Describe a page of snapshots, and of all else nothing."""
        self.calls[operation] += 1
        if operation != "describe_snapshots":
            return {}
        page = int(asked.get("NextToken", 0))
        following = {"NextToken": str(page + 1)} if page + 1 < PAGES else {}
        return {"Snapshots": [_snapshot(page * ON_PAGE + number) for number in range(ON_PAGE)], **following}


def _snapshot(number: int) -> dict[str, Any]:
    started = OLD if number % ONE_OF == 0 else YOUNG
    return {"SnapshotId": f"snap-{number:017x}", "State": "completed", "StartTime": started, "VolumeSize": number + 1}


async def test_a_hundred_thousand_snapshots_take_a_hundred_calls_and_the_dearest_are_kept() -> None:
    aws, keeper, known = Snapshots(), Keeper(frozenset()), Known("111122223333", load_price_table(), {})
    account = AwsAccount(
        account_id="111122223333",
        name="many",
        status=AccountStatus.ACTIVE,
        external_id="external",
        role_arn="arn:aws:iam::111122223333:role/dd0c",
        regions=("eu-west-1",),
        connected_at=NOW,
    )
    looks = ZombieLooks(cast("Roles", aws), Pacer(1e9, time.monotonic))
    seen, troubles, read_ahead = 0, [], 0
    async with aclosing(looks.look(account, account.regions, NOW, Thresholds())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Trouble):
                troubles.append(piece)
            if not isinstance(piece, Batch):
                continue
            if not read_ahead:
                # While nobody takes more, it is read no further.
                for _ in range(2000):
                    await asyncio.sleep(0)
                read_ahead = aws.calls["describe_snapshots"]
            seen += len(piece.resources)
            for one in piece.resources:
                found = judge(known, Look(one, {}, NOW))
                if found is not None:
                    keeper.add(found)
    assert (seen, troubles) == (PAGES * ON_PAGE, [])
    assert aws.calls["describe_snapshots"] == PAGES
    assert sum(aws.calls.values()) < 2 * PAGES
    assert 1 < read_ahead <= FEW_PAGES
    kept, (rest,) = keeper.findings(), keeper.rest()
    assert (len(kept), rest.count) == (MOST_OF_A_RULE, PAGES * ON_PAGE // ONE_OF - MOST_OF_A_RULE)
    # Sizes grow with the numbers, so the last ones are the dearest.
    cheapest_kept = min(one.monthly_cost or 0.0 for one in kept)
    assert rest.monthly_cost / rest.count < cheapest_kept
