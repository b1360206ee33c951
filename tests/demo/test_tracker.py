"""The simulated tracker, asked by the client that asks the real one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from clients.tickets.systems import TicketSystems
from demo.tracker import TrackerSimulator
from engine.errors import AccessDenied, NotFound
from engine.models.ticket import TicketDraft, Tracker, TrackerKind, TrackerPlace

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SYSTEMS = TicketSystems(local=True)


@pytest.fixture
async def simulator() -> AsyncIterator[TrackerSimulator]:
    made = TrackerSimulator(lambda: NOON)
    await made.start()
    yield made
    await made.stop()


def draft(number: int = 1) -> TicketDraft:
    return TicketDraft(
        title=f"AWS: <b>{number}</b>", facts=("Cost: $9.60 an hour",), commands=(), marker=f"dd0c-{number}.", since=NOON
    )


def place(simulator: TrackerSimulator, *, project: str = "acme/infra", token: str = "") -> Tracker:
    there = TrackerPlace(kind=TrackerKind.GITHUB, base_url=simulator.url, project=project)
    return Tracker(place=there, token=token or simulator.token)


async def test_a_ticket_is_made_found_again_and_can_be_read(simulator: TrackerSimulator) -> None:
    told: list[tuple[str, str]] = []
    simulator.on_made = lambda key, url: told.append((key, url))
    tracker = place(simulator)
    await SYSTEMS.check(tracker)
    assert await SYSTEMS.find_ticket(tracker, draft()) is None
    made = await SYSTEMS.make_ticket(tracker, draft())
    assert told == [(made.key, made.url)] == [("acme/infra#1", f"{simulator.page}/1")]
    async with aiohttp.ClientSession() as session:
        async with session.get(made.url) as answer:
            page = await answer.text()
        async with session.get(simulator.page) as answer:
            listed = await answer.text()
        async with session.get(f"{simulator.page}/2") as answer:
            assert answer.status == 404
    assert "AWS: &lt;b&gt;1&lt;/b&gt;" in page
    assert "Cost: $9.60 an hour" in page
    assert "#1 opened 2026-03-04 12:00 UTC" in listed


async def test_a_comment_can_be_read_below_its_ticket(simulator: TrackerSimulator) -> None:
    tracker = place(simulator)
    made = await SYSTEMS.make_ticket(tracker, draft())
    await SYSTEMS.add_comment(tracker, draft(), made, "It <i>stays</i> open.")
    async with aiohttp.ClientSession() as session, session.get(made.url) as answer:
        assert "It &lt;i&gt;stays&lt;/i&gt; open." in await answer.text()


async def test_one_of_many_is_found_on_a_later_page(simulator: TrackerSimulator) -> None:
    tracker = place(simulator)
    first = await SYSTEMS.make_ticket(tracker, draft(0))
    for number in range(1, 105):
        await SYSTEMS.make_ticket(tracker, draft(number))
    assert await SYSTEMS.find_ticket(tracker, draft(0)) == first


async def test_another_token_and_another_repository_are_refused(simulator: TrackerSimulator) -> None:
    with pytest.raises(AccessDenied):
        await SYSTEMS.check(place(simulator, token="github_pat_other"))
    with pytest.raises(AccessDenied):
        await SYSTEMS.make_ticket(place(simulator, token="github_pat_other"), draft())
    with pytest.raises(NotFound):
        await SYSTEMS.check(place(simulator, project="acme/other"))
    assert simulator.issues == []
