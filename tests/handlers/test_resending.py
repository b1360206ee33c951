"""*Try again* in ``/dd0c status``, as Slack sends it."""

import json
from typing import Any

import msgspec
import pytest

from demo.slack_workspace.models import User
from engine.models.delivery import DeliveryState
from engine.models.post import PauseNotice, Post
from tests.handlers.conftest import Office
from tests.services.world import TENANT

NOTICE = "paused/1"


@pytest.fixture
async def given_up(office: Office) -> Office:
    """A card and a notice that Slack did not take."""
    await office.world.ingest(office.world.launch(6))
    now, store = office.world.clock(), office.world.store
    claimed = await store.outbox.claim_due(now, 60.0)
    assert claimed
    dead = msgspec.structs.replace(claimed[1], state=DeliveryState.DEAD, error="is_archived", attempts=9)
    await store.outbox.save_delivery(TENANT, dead)
    post = Post(
        post_id=NOTICE,
        content=PauseNotice(by="U1"),
        channel_id=office.channel,
        state=DeliveryState.DEAD,
        due_at=now,
        created_at=now,
        attempts=9,
        error="is_archived",
    )
    await store.posts.insert_post(TENANT, post)
    return office


async def press(office: Office, user: User) -> Any:
    """Ask for the status and press its button; gives what is said then."""
    typed = await office.slack.run_command(user.user_id, office.channel, "/dd0c status")
    [answer] = await typed.wait_for_posts()
    assert "was given up after 9 tries: is_archived" in json.dumps(answer)
    status = office.slack.ephemerals(user.user_id)[-1]
    pressed = await office.slack.click(user.user_id, office.channel, status.message_ts, "status.resend")
    return await pressed.wait_for_posts()


async def test_what_was_given_up_is_sent_once_more(given_up: Office) -> None:
    [said] = await press(given_up, given_up.ann)
    assert "2 messages will be tried again now" in said["text"]
    await given_up.sender.deliver_due()
    await given_up.post_due()
    assert len(given_up.slack.messages(given_up.channel)) == 2
    store = given_up.world.store
    assert await store.outbox.find_stuck(TENANT, given_up.world.clock()) == []
    assert await store.posts.find_stuck(TENANT) == []


async def test_who_comes_second_is_told_that_nothing_is_left(given_up: Office) -> None:
    await press(given_up, given_up.ann)
    status = given_up.slack.ephemerals(given_up.ann.user_id)[0]
    again = await given_up.slack.click(given_up.ann.user_id, given_up.channel, status.message_ts, "status.resend")
    [said] = await again.wait_for_posts()
    assert "Nothing is given up any more" in said["text"]


async def test_a_viewer_may_not(given_up: Office) -> None:
    for user, role in ((given_up.ann, "admin"), (given_up.bob, "viewer")):
        await given_up.type(f"/dd0c settings role <@{user.user_id}> {role}")
    [said] = await press(given_up, given_up.bob)
    assert "send again" in said["text"]
    assert await given_up.world.store.posts.find_stuck(TENANT)
