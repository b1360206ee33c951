"""The demo with a visitor who does not do what the story suggests."""

import asyncio

import pytest

from demo import cli
from demo.slack_workspace.models import Message
from demo.stage import Stage, text_of
from tests.fixtures.trackers import TOKEN, TrackerServer

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 90.0


async def click(stage: Stage, card: Message, action: str) -> None:
    await stage.slack.click(stage.maria.user_id, card.channel_id, card.message_ts, f"anomaly.{action}")


async def test_the_story_goes_on_whatever_the_visitor_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_PAUSE_SECONDS", 0.0)
    async with Stage() as stage:
        story = asyncio.create_task(cli.unfold(stage))
        assert await stage.until(lambda: len(stage.cards()) == 2, PATIENCE_SECONDS)
        stolen, slip = stage.cards()
        await click(stage, slip, "not_expected")
        assert await stage.until(lambda: "Stopped after" in text_of(stolen), PATIENCE_SECONDS)
        await click(stage, slip, "undo")
        assert await stage.until(lambda: "called this not expected" not in text_of(slip), PATIENCE_SECONDS)
        await click(stage, slip, "mark_expected")
        await asyncio.wait_for(story, PATIENCE_SECONDS)
    said = capsys.readouterr().out
    assert "You called it not expected" in said
    assert said.index("Maria terminates the stolen machines") < said.index("The same launch comes again")
    assert said.endswith("... and stays silent: the bot has learned.\n")


async def test_the_story_clears_away_only_its_own_questions() -> None:
    async with Stage() as stage:
        _, visitors, _ = await asyncio.gather(
            *(stage.ask("/dd0c status"), stage.type("/dd0c help"), stage.ask("/dd0c digest"))
        )
        (left,) = stage.slack.ephemerals(stage.maria.user_id)
        assert text_of(left) in visitors


async def test_a_visitor_connects_a_tracker_of_their_own_machine() -> None:
    async with TrackerServer() as trackers, Stage() as stage:
        slack, maria = stage.slack, stage.maria.user_id
        await stage.type("/dd0c settings tickets")
        [answer] = slack.ephemerals(maria)[-1:]
        await slack.click(maria, stage.channel.channel_id, answer.message_ts, "tickets.connect:github")
        assert await stage.until(lambda: slack.modal(maria) is not None, PATIENCE_SECONDS)
        form = slack.modal(maria)
        assert form
        given = {"base_url": trackers.url, "project": "acme/infra", "token": TOKEN}
        assert (await slack.submit_view(maria, form.view_id, given)).errors == {}
        assert await stage.until(lambda: "Connected: tickets go to acme/infra" in str(form.payload), PATIENCE_SECONDS)
