"""The operator's line in the status."""

import pytest

from blocks.status import status
from engine.errors import Unavailable, UpstreamError
from services.reports import Reports
from tests.services.world import TENANT, World


class Letters:
    """So many dead letters, or an error."""

    def __init__(self, answer: int | UpstreamError) -> None:
        self._answer = answer

    async def count_dead(self) -> int:
        if isinstance(self._answer, UpstreamError):
            raise self._answer
        return self._answer


async def said(world: World, letters: Letters | None, events: Letters | None = None) -> str:
    reports = Reports(
        tenants=world.store.tenants,
        accounts=world.store.accounts,
        anomalies=world.store.anomalies,
        outbox=world.store.outbox,
        posts=world.store.posts,
        set_aside=world.store.inbox,
        spending=world.store.spending,
        experiences=world.store.baselines,
        clock=world.clock,
        dead_letters=letters,
        dead_events=events,
    )
    return str(status(await reports.status(TENANT)).blocks)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        (Letters(1), "1 work item was given up."),
        (Letters(1200), "1,200 work items were given up."),
        (Letters(Unavailable("SQS did not answer <now>.")), "cannot be looked at: SQS did not answer &lt;now&gt;."),
    ],
)
async def test_the_operator_is_told_of_dead_letters_and_of_a_queue_that_is_away(
    world: World, letters: Letters, words: str
) -> None:
    assert words in await said(world, letters)
    assert "production" in await said(world, letters), "and all else is there"


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (Letters(1), "1 message from EventBridge was given up."),
        (Letters(Unavailable("SQS did not answer.")), "EventBridge's queue cannot be looked at: SQS did not answer."),
    ],
)
async def test_so_are_messages_from_eventbridge(world: World, events: Letters, words: str) -> None:
    assert words in await said(world, None, events)


@pytest.mark.parametrize("letters", [None, Letters(0)])
async def test_nothing_is_said_where_nothing_was_given_up(world: World, letters: Letters | None) -> None:
    assert "work_queue" not in await said(world, letters, letters)
