"""How much waits on the queue between processes is told by every process, and by none while SQS is away."""

import asyncio
import json
import re
from unittest.mock import patch

import pytest

from bot.scraping import Scraping
from clients.aws.sqs_channel import Outgoing
from clients.aws.sqs_operator import SqsOperator
from clients.telemetry.numbers import PrometheusMeter
from tests.fixtures.sqs import SqsServer, channel_to

_TOLD = re.compile(r'dd0c_shared_queue_messages\{state="(\w+)"\} (\d+)\.0')


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def told(scraping: Scraping) -> dict[str, int]:
    return {state: int(count) for state, count in _TOLD.findall((await scraping.render()).decode())}


@pytest.mark.integration
async def test_every_process_tells_what_waits_for_all_of_them(sqs_server: SqsServer) -> None:
    channel, clock = channel_to(sqs_server.new_queue()), Clock()
    operator = SqsOperator(channel)
    processes = [Scraping(PrometheusMeter(), operator, clock) for _ in range(2)]
    try:
        await channel.send([Outgoing(json.dumps({}), f"{number:012}", f"s-{number}") for number in range(3)])
        assert await channel.receive(visibility_seconds=60, wait_seconds=0)
        seen = [await told(process) for process in processes]
        assert seen[0] == seen[1]
        assert seen[0]["waiting"] + seen[0]["in_work"] == 3
        assert (seen[0]["in_work"] > 0, seen[0]["delayed"], seen[0]["dead"]) == (True, 0, 0)
        await channel.send([Outgoing("{}", "000000000009", "s-9")])
        assert await told(processes[0]) == seen[0], "asked again at once"
        clock.now += 15
        assert sum((await told(processes[0])).values()) == 4
    finally:
        await operator.close()


@pytest.mark.integration
async def test_what_sqs_does_not_tell_is_left_out_and_comes_back(sqs_server: SqsServer) -> None:
    operator, clock = SqsOperator(channel_to(sqs_server.new_queue())), Clock()
    nowhere = SqsOperator(channel_to("http://127.0.0.1:9/123456789012/x.fifo"))
    scraping = Scraping(PrometheusMeter(), operator, clock)
    nothing_waits = {"waiting": 0, "in_work": 0, "delayed": 0, "dead": 0}
    try:
        assert await told(scraping) == nothing_waits
        with patch.object(operator, "fetch_depth", nowhere.fetch_depth):
            clock.now += 15
            assert await told(scraping) == {}
        clock.now += 15
        assert await told(scraping) == nothing_waits
        with patch.object(operator, "fetch_depth", asyncio.Event().wait):
            assert await told(Scraping(PrometheusMeter(), operator, clock, patience_seconds=0.01)) == {}
    finally:
        await operator.close()
        await nowhere.close()


async def test_without_such_a_queue_nothing_is_asked() -> None:
    assert await told(Scraping(PrometheusMeter(), None)) == {}
