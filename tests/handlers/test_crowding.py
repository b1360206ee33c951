"""More than this process can take in is refused in the acknowledgement, so that what waits keeps within bounds."""

import asyncio
import json
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.async_app import AsyncBoltContext

from demo.slack_workspace import payloads
from demo.slack_workspace.signing import FORM, JSON
from handlers.slack import crowding
from handlers.slack.acknowledging import Acknowledgements
from handlers.slack.crowding import Crowd
from handlers.slack.listeners import Listeners
from services.unwatched import NO_METER
from tests.handlers.conftest import Office
from tests.handlers.test_routes import signed
from tests.services.world import TENANT

COMMAND = {"command": "/dd0c"}


async def sent(office: Office, path: str, body: bytes, content_type: str) -> tuple[int, str]:
    """Send as Slack does, once; gives the status and the text of the answer."""
    headers = {**signed(office, body), "Content-Type": content_type}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{office.url}/v1/slack/{path}", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def told(office: Office, event: dict[str, str]) -> int:
    """Send an event; gives the status of the answer."""
    body = json.dumps(payloads.event_envelope(office.slack.state, event)).encode()
    return (await sent(office, "events", body, JSON))[0]


def opened(office: Office) -> dict[str, str]:
    """Bob opens his Home."""
    return {"type": "app_home_opened", "user": office.bob.user_id, "channel": "D1", "tab": "home"}


async def test_what_would_wait_behind_too_much_is_refused_and_can_be_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.alert()
    monkeypatch.setattr(crowding, "MOST_AT_WORK", 1)
    hold = office.slack.hold_next("views.publish")
    await office.slack.open_home(office.ann.user_id)
    await asyncio.wait_for(hold.arrived.wait(), 20.0)  # One is at work.
    status, text = await sent(office, "commands", urlencode({**COMMAND, "text": "help"}).encode(), FORM)
    assert (status, json.loads(text)["response_type"]) == (200, "ephemeral")  # An error Slack would show as its name.
    assert "busy: nothing was done. Please try again in a minute." in json.loads(text)["text"]
    assert (await office.click(office.ann, "acknowledge")).ack.status == 503
    assert await told(office, opened(office)) == 503
    assert (await office.world.anomalies())[0].status == "open"
    assert await office.world.store.homes.find_home(TENANT, office.bob.user_id) is None
    hold.released.set()
    await office.listeners.finish(20.0)
    assert (await office.click(office.ann, "acknowledge")).ack.status == 200
    await office.until(lambda: "acknowledged this" in json.dumps(office.card().blocks))
    numbers = office.numbers.render().decode()
    assert [f'slack_refused_total{{kind="{one}"}} 1.0' in numbers for one in ("command", "click", "event")] == [
        True
    ] * 3


async def test_that_the_app_was_uninstalled_is_heard_in_any_crowd(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack repeats itself for some minutes only, and whose data is to be deleted must not depend on that."""
    monkeypatch.setattr(crowding, "MOST_AT_WORK", 0)
    assert await told(office, opened(office)) == 503
    assert await told(office, {"type": "app_uninstalled"}) == 200
    assert (await office.world.store.tenants.find_tenant(TENANT)).leaving


async def test_who_did_not_sign_learns_nothing_of_a_crowd(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "MOST_AT_WORK", 0)
    async with aiohttp.ClientSession() as session, session.post(f"{office.url}/v1/slack/commands") as answer:
        assert answer.status == 401


async def test_more_than_can_be_acknowledged_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "MOST_AWAITED", 1)
    acknowledgements = Acknowledgements()
    crowd = Crowd(acknowledgements, Listeners(), NO_METER)
    context = AsyncBoltContext()
    with acknowledgements.awaited(context):
        refusal = crowd.refusal(COMMAND)
        assert refusal is not None
        await context.ack()
        assert crowd.refusal(COMMAND) is None
