"""Several processes on one queue and one database, some of which are killed."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from clients.aws.sqs_queue import SqsQueue
from engine.models.work import WorkItem, WorkKind
from store.connect import connect
from tests.fixtures.sqs import SqsServer, channel_to
from tests.integration.crew import Crew, assembled, terminated, until
from tests.integration.queue_worker import AT_ONCE, LONG, released

pytestmark = pytest.mark.integration
ACCOUNTS = tuple(f"{number:012}" for number in range(1, AT_ONCE + 1))
ITEMS = 12


@pytest.fixture
async def crew(tmp_path: Path) -> AsyncIterator[Crew]:
    async with assembled(tmp_path) as crew:
        yield crew


class Journal:
    """What the workers wrote, in the order it happened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def lines(self) -> list[tuple[str, int, str, str]]:
        rows = (line.split() for line in self.path.read_text().splitlines())
        return [(what, int(pid), account_id, subject) for what, pid, account_id, subject in rows]

    def ended(self) -> list[tuple[str, str]]:
        return [(account_id, subject) for what, _, account_id, subject in self.lines() if what == "end"]

    def at_long_work(self, pid: int) -> set[str]:
        """The accounts on whose long item this process is at work, or was when it died."""
        mine = [(what, account_id) for what, one, account_id, subject in self.lines() if (one, subject) == (pid, LONG)]
        return {account_id for what, account_id in mine if what == "begin" and ("end", account_id) not in mine}


async def test_a_killed_worker_loses_doubles_and_disorders_nothing(
    crew: Crew, sqs_server: SqsServer, tmp_path: Path
) -> None:
    url, journal = sqs_server.new_queue(), Journal(tmp_path / "journal")
    queue = SqsQueue(channel_to(url), concurrency=1, new_id=lambda: str(uuid4()))
    items = [
        WorkItem(WorkKind.LEARN_VERDICT, "t-1", account_id, LONG if number == 6 else str(number))
        for number in range(ITEMS)
        for account_id in ACCOUNTS
    ]
    await queue.put_all(items)
    await queue.stop(0.0)
    workers = [
        await crew.start(sys.executable, "-m", "tests.integration.queue_worker", url, journal.path) for _ in range(3)
    ]
    await until(lambda: any(journal.at_long_work(one.pid) for one in workers), "long work")
    victim = next(one for one in workers if journal.at_long_work(one.pid))
    victim.send_signal(signal.SIGKILL)
    await victim.wait()

    left = journal.at_long_work(victim.pid)
    others = [one for one in workers if one is not victim]
    # The others hold theirs all the while, which is longer than they could without saying so to the queue.
    await until(lambda: left <= set().union(*(journal.at_long_work(one.pid) for one in others)), "the victim's work")
    released(journal.path).touch()
    await until(lambda: {(one.account_id, one.subject) for one in items} <= set(journal.ended()), "the end of all work")
    assert [await terminated(one) for one in others] == [0, 0]
    assert sqs_server.depth(url) == (0, 0)
    assert "not held any more" not in crew.log(), "this machine is too busy to say anything about order"
    _assert_in_order(journal, items, victim.pid)


def _assert_in_order(journal: Journal, items: list[WorkItem], victim: int) -> None:
    """An account's items are begun and ended one after the other, as they were put, and none of them twice.

    Only what the victim did not end, or ended without a moment left to say so, is done again, by another.
    """
    lines = journal.lines()
    redone = 0
    for account_id in ACCOUNTS:
        story = [(what, pid, subject) for what, pid, one, subject in lines if one == account_id]
        last = next((subject for _, pid, subject in reversed(story) if pid == victim), None)
        if any(pid != victim and subject == last for _, pid, subject in story):
            redone += 1
            story = [line for line in story if line[1:] != (victim, last)]
        wanted = [item.subject for item in items if item.account_id == account_id]
        clean = [(what, subject) for subject in wanted for what in ("begin", "end")]
        assert [(what, subject) for what, _, subject in story] == clean
    assert redone, "the victim held something"


async def test_a_killed_scheduler_is_followed_by_the_other(crew: Crew, mongod_uri: str, tmp_path: Path) -> None:
    journal, database = tmp_path / "journal", f"test-{uuid4().hex}"
    journal.touch()

    def leaders() -> list[int]:
        return [int(line) for line in journal.read_text().splitlines()]

    command = (sys.executable, "-m", "tests.integration.queue_scheduler", mongod_uri, database, journal)
    first, second = [await crew.start(*command) for _ in range(2)]
    await until(lambda: len(leaders()) > 5, "leading")
    leader, other = (first, second) if leaders()[0] == first.pid else (second, first)
    assert set(leaders()) == {leader.pid}
    os.kill(leader.pid, signal.SIGKILL)
    await leader.wait()
    await until(lambda: other.pid in leaders(), "another leader")

    third = await crew.start(*command)
    await until(lambda: leaders().count(other.pid) > 20, "leading on")
    assert third.pid not in leaders()
    assert await terminated(other) == 0
    await until(lambda: third.pid in leaders(), "a third leader")
    terms = leaders()
    assert terms == sorted(terms, key=[leader.pid, other.pid, third.pid].index), "never two at once"
    assert await terminated(third) == 0
    store = await connect(mongod_uri, database)
    await store._database.motor.client.drop_database(database)  # noqa: SLF001 - no other way to the driver
    store.close()
