"""The App Home: published when it is opened and when what it shows has changed, to who may see it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from clients.slack.homes import SlackHomes
from demo.slack_workspace.models import View
from engine.models.account import Tenant
from engine.models.anomaly import AnomalyStatus
from engine.models.delivery import DeliveryState
from engine.models.home import HomeReport
from engine.models.post import PauseNotice, Post
from services.homes import GAP
from tests.handlers.conftest import EVER, Office
from tests.handlers.test_departures import told
from tests.services.world import HOUR, MINUTE, SECOND, TENANT


async def opened(office: Office, user_id: str = "") -> View:
    """Open a Home and wait for what it shows."""
    who = user_id or office.ann.user_id
    published = len(office.slack.calls_to("views.publish"))
    delivery = await office.slack.open_home(who)
    assert delivery.attempts[-1].status == 200
    await office.until(lambda: len(office.slack.calls_to("views.publish")) > published)
    await saved(office, who)
    view = office.slack.home(who)
    assert view is not None
    return view


async def saved(office: Office, user_id: str) -> None:
    """Wait until the bot has noted what it published, which it does after Slack's answer."""
    async with asyncio.timeout(20.0):
        while (home := await office.world.store.homes.find_home(TENANT, user_id)) is None or not home.shown:  # noqa: ASYNC110 - a database tells nobody what is written
            await asyncio.sleep(0.01)


def words(view: View | None) -> str:
    return json.dumps(view.payload if view else None, ensure_ascii=False)


async def looked_at(office: Office) -> int:
    """Let the job have its turn a while later; gives how often something was published."""
    before = len(office.slack.calls_to("views.publish"))
    office.world.turn(MINUTE)
    await office.homes.publish_due()
    return len(office.slack.calls_to("views.publish")) - before


async def test_it_shows_what_is_watched_and_what_is_open(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office)
    text = words(view)
    assert "production" in text
    assert "Open anomalies* (1)" in text
    assert f"anomaly:{anomaly.anomaly_id}" in text
    assert f"/archives/{office.channel}/p{office.card().message_ts.replace('.', '')}|card>" in text
    assert "Your role: admin" in text


async def test_nothing_is_published_while_nothing_changes(office: Office) -> None:
    await opened(office)
    for _ in range(5):
        assert await looked_at(office) == 0


async def test_numbers_that_move_by_themselves_are_refreshed_seldom(office: Office) -> None:
    await opened(office)
    office.world.turn(10 * MINUTE)
    assert await looked_at(office) == 1
    assert await looked_at(office) == 0
    office.world.turn(3 * HOUR)
    assert await looked_at(office) == 0  # Nobody has opened it for hours.


async def test_a_new_anomaly_is_shown_without_being_asked(office: Office) -> None:
    await opened(office)
    await office.alert()
    assert await looked_at(office) == 1
    assert "Open anomalies* (1)" in words(office.slack.home(office.ann.user_id))


@pytest.mark.parametrize("line", ["pause", "settings sensitivity low", "digest off", "expect 8 m5.large"])
async def test_a_change_is_shown_to_everybody_who_opened_it(office: Office, line: str) -> None:
    await opened(office)
    await opened(office, office.bob.user_id)
    before = words(office.slack.home(office.bob.user_id))
    await office.type(f"/dd0c {line}")
    assert await looked_at(office) == 2
    assert words(office.slack.home(office.bob.user_id)) != before


async def test_a_message_that_was_given_up_is_shown(office: Office) -> None:
    await opened(office)
    now = office.world.clock()
    notice = PauseNotice(by=office.ann.user_id)
    lost = Post(
        post_id="pause:1", content=notice, channel_id="C0GONE", state=DeliveryState.DEAD, due_at=now, created_at=now
    )
    await office.world.store.posts.insert_post(TENANT, lost)
    assert await looked_at(office) == 1
    assert "1 message did not get through" in words(office.slack.home(office.ann.user_id))


async def test_a_change_is_noted_at_once(office: Office) -> None:
    """What was changed in Slack is seen soon, and not only when everybody's turn has come."""
    await opened(office)
    office.world.turn(GAP)
    await office.type("/dd0c pause")
    await office.homes.publish_due()
    assert "Alerting is paused" in words(office.slack.home(office.ann.user_id))


async def test_a_verdict_given_in_the_home_repaints_card_and_home(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "anomaly.acknowledge")
    await office.until(lambda: "acknowledged this" in json.dumps(office.card().blocks))
    stored = await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert stored.status is AnomalyStatus.ACKNOWLEDGED
    assert await looked_at(office) == 1
    assert "acknowledged this" in words(office.slack.home(office.ann.user_id))


async def test_a_question_from_the_home_is_told_in_the_cards_thread(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "anomaly.more", "ask")
    await office.until(lambda: office.slack.modal(office.ann.user_id) is not None)
    form = office.slack.modal(office.ann.user_id)
    assert form is not None
    place = f"{office.channel} {office.card().message_ts} {anomaly.anomaly_id}"
    assert form.payload["private_metadata"] == place


async def test_nobody_is_asked_before_there_is_a_card(office: Office) -> None:
    await office.world.ingest(office.world.launch(6))
    view = await opened(office)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "anomaly.more", "ask")
    await office.until(lambda: "has not come yet" in words(office.slack.modal(office.ann.user_id)))


async def test_a_second_click_in_the_home_is_answered_in_a_modal(office: Office) -> None:
    await office.alert()
    view = await opened(office)
    for _ in range(2):
        await office.slack.act_in_view(office.ann.user_id, view.view_id, "anomaly.acknowledge")
    await office.until(lambda: "Nothing changed" in words(office.slack.modal(office.ann.user_id)))


async def test_a_command_word_is_answered_in_a_modal_that_pages(office: Office) -> None:
    view = await opened(office)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "command.run:status")
    await office.until(lambda: "1 account" in words(office.slack.modal(office.ann.user_id)))
    account = (await office.world.store.accounts.find_accounts(TENANT))[0]
    for number in range(60):
        other = msgspec.structs.replace(account, account_id=f"{number:012}", name=f"prod-{number:02}")
        await office.world.store.accounts.insert_account(TENANT, other)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "command.run:accounts")
    await office.until(lambda: "Page 1 of 2" in words(office.slack.modal(office.ann.user_id)))
    modal = office.slack.modal(office.ann.user_id)
    assert modal is not None
    await office.slack.act_in_view(office.ann.user_id, modal.view_id, "command.run:next")
    await office.until(lambda: "Page 2 of 2" in words(office.slack.modal(office.ann.user_id)))
    again = office.slack.modal(office.ann.user_id)
    assert again is not None
    assert again.view_id == modal.view_id


async def test_an_answer_for_which_slack_opens_no_modal_comes_as_a_message(office: Office) -> None:
    view = await opened(office)
    office.slack.fail_next("views.open", error="expired_trigger_id")
    office.slack.fail_next("views.open", error="expired_trigger_id")
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "command.run:status")
    direct = office.slack.state.direct_channel(office.ann.user_id).channel_id
    await office.until(lambda: bool(office.slack.messages(direct)))
    assert "1 account" in office.slack.messages(direct)[-1].text


async def test_a_viewer_sees_no_buttons_that_change_anything(office: Office) -> None:
    await office.alert()
    await office.type(f"/dd0c settings role <@{office.bob.user_id}> viewer")
    text = words(await opened(office, office.bob.user_id))
    assert "Your role: viewer" in text
    assert "anomaly.acknowledge" not in text
    assert "choose_channel" not in text


async def test_a_role_that_is_taken_away_is_seen(office: Office) -> None:
    await opened(office, office.bob.user_id)
    await office.type(f"/dd0c settings role <@{office.bob.user_id}> viewer")
    assert await looked_at(office) == 1
    assert "Your role: viewer" in words(office.slack.home(office.bob.user_id))


async def test_opening_again_and_again_publishes_once_in_a_while(office: Office) -> None:
    await opened(office)
    for _ in range(20):
        await office.slack.open_home(office.ann.user_id)
    assert len(office.slack.calls_to("views.publish")) == 1
    office.world.turn(GAP)
    await office.homes.publish_due()
    await office.homes.publish_due()
    assert len(office.slack.calls_to("views.publish")) == 2


async def test_the_tab_with_messages_is_not_the_home(office: Office) -> None:
    event = {"type": "app_home_opened", "user": office.ann.user_id, "channel": "D1", "tab": "messages"}
    assert (await office.slack.send_event(event)).attempts[-1].status == 200
    assert await office.world.store.homes.find_home(TENANT, office.ann.user_id) is None


async def test_a_home_of_nobodys_is_answered_and_shows_nothing(office: Office) -> None:
    office.slack.state.team_id = "T0STRANGER"
    assert (await office.slack.open_home(office.ann.user_id)).attempts[-1].status == 200
    assert office.slack.calls_to("views.publish") == []


async def test_what_cannot_be_noted_is_told_again(
    office: Office, unavailable: Callable[..., Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.world.store.homes, "open_home", unavailable)
    assert await told(office, {"type": "app_home_opened", "user": office.ann.user_id, "tab": "home"}) == 503


async def test_a_process_that_dies_before_it_publishes_loses_nothing(
    office: Office, unavailable: Callable[..., Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.homes, "publish_one", unavailable)
    await office.slack.open_home(office.ann.user_id)
    assert office.slack.calls_to("views.publish") == []
    assert await looked_at(office) == 1


async def test_a_process_that_dies_while_it_publishes_holds_nobody_up_for_long(office: Office) -> None:
    homes = office.world.store.homes
    await homes.open_home(TENANT, office.ann.user_id, office.world.clock(), EVER)
    assert await homes.claim_due(office.world.clock(), GAP, 60.0)
    assert await office.homes.publish_due() == 0
    assert await looked_at(office) == 1


async def test_what_changes_while_it_is_published_is_published_next(office: Office) -> None:
    homes = office.world.store.homes
    await homes.open_home(TENANT, office.ann.user_id, office.world.clock(), EVER)
    claimed = await homes.claim_due(office.world.clock(), GAP, 60.0)
    assert claimed
    office.world.turn(SECOND)
    await homes.open_home(TENANT, office.ann.user_id, office.world.clock(), EVER)
    done = msgspec.structs.replace(claimed[1], shown="x", due_at=office.world.clock() + HOUR)
    await homes.save_home(TENANT, claimed[1], done)
    assert await looked_at(office) == 1


async def test_slacks_wish_to_wait_is_heard(office: Office) -> None:
    office.slack.fail_next("views.publish", status=429, retry_after=120)
    await office.slack.open_home(office.ann.user_id)
    await office.until(lambda: len(office.slack.calls_to("views.publish")) == 1)
    async with asyncio.timeout(20.0):
        while (home := await office.world.store.homes.find_home(TENANT, office.ann.user_id)) and not home.attempts:  # noqa: ASYNC110 - a database tells nobody what is written
            await asyncio.sleep(0.01)
    assert await looked_at(office) == 0
    assert await looked_at(office) == 1


async def test_somebody_who_is_gone_is_forgotten(office: Office) -> None:
    await office.world.store.homes.open_home(TENANT, "U0GONE", office.world.clock(), EVER)
    await looked_at(office)
    assert await office.world.store.homes.find_home(TENANT, "U0GONE") is None


async def test_a_tenant_that_leaves_has_no_homes_any_more(office: Office) -> None:
    await opened(office)
    await office.departures.disconnect_tenant(TENANT, "gone")
    assert await looked_at(office) == 0
    assert await office.world.store.homes.find_home(TENANT, office.ann.user_id) is None


async def test_two_tenants_with_the_same_people_see_their_own(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of users are no more than names within a workspace."""
    other: dict[str, Any] = {"tenant_id": "t-2", "team_id": "T2", "team_name": "b", "alert_channel_id": "C"}
    await office.world.store.tenants.save_tenant(Tenant(**other))
    await office.alert()
    await opened(office)
    await office.world.store.homes.open_home("t-2", office.ann.user_id, office.world.clock(), EVER)
    seen = []
    publish = SlackHomes.publish

    async def noted(homes: SlackHomes, tenant_id: str, user_id: str, report: HomeReport) -> None:
        seen.append((tenant_id, user_id, len(report.status.accounts), report.open_count))
        await publish(homes, tenant_id, user_id, report)

    monkeypatch.setattr(SlackHomes, "publish", noted)
    office.world.turn(15 * MINUTE)
    await office.homes.publish_due()
    assert sorted(seen) == sorted([(TENANT, office.ann.user_id, 1, 1), ("t-2", office.ann.user_id, 0, 0)])


async def test_very_many_people_are_not_all_kept(office: Office) -> None:
    for number in range(205):
        office.world.turn(SECOND)
        await office.world.store.homes.open_home(TENANT, f"U{number}", office.world.clock(), EVER)
    assert await office.world.store.homes.find_home(TENANT, "U4") is None
    assert await office.world.store.homes.find_home(TENANT, "U5")
