"""``/dd0c settings route`` by words and by its form, as Slack sends them."""

import json
from typing import Any

import msgspec
import pytest

from engine.models.account import AccountStatus, Role
from engine.models.anomaly import Severity
from engine.models.audit import AuditRecord
from engine.models.routing import Route
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, TENANT


async def stored(office: Office) -> tuple[Route, ...]:
    return (await office.world.store.tenants.find_tenant(TENANT)).routes


def said(office: Office, channel_id: str) -> list[str]:
    return [message.text for message in office.slack.messages(channel_id)]


async def test_a_route_is_set_by_words_after_a_first_line_went_there(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    answer = await office.type(f"/dd0c settings route production Critical <#{oncall}|oncall>")
    assert "Critical cards of production (111122223333) go to" in answer["text"]
    assert await stored(office) == (Route(channel_id=oncall, account_id=ACCOUNT, severity=Severity.CRITICAL),)
    [line] = said(office, oncall)
    assert line.endswith("come here from now on: critical cards of production (111122223333).")
    [entry] = (await office.world.store.audit.find_chain(TENANT)).entries
    assert (entry.action, entry.actor, entry.account_id) == ("setting.changed", office.ann.user_id, ACCOUNT)
    assert entry.details == {"setting": "route", "severity": "critical", "to": oncall}


async def test_a_second_route_of_a_case_takes_the_firsts_place_and_off_takes_it_away(office: Office) -> None:
    one, two = (office.slack.add_channel(name).channel_id for name in ("one", "two"))
    await office.type(f"/dd0c settings route critical <#{one}|one>")
    await office.type(f"/dd0c settings route critical <#{two}|two>")
    await office.type(f"/dd0c settings route production <#{one}|one>")
    assert [route.channel_id for route in await stored(office)] == [two, one]
    answer = await office.type("/dd0c settings route critical off")
    assert "There is no route for critical cards of all accounts any more" in answer["text"]
    assert [route.channel_id for route in await stored(office)] == [one]
    assert "There is no such route" in (await office.type("/dd0c settings route critical off"))["text"]


async def test_the_channel_of_all_other_cards_is_set_the_same_way_and_recorded(office: Office) -> None:
    other = office.slack.add_channel("other").channel_id
    answer = await office.type(f"/dd0c settings route default <#{other}|other>")
    assert "All cards of all accounts go to" in answer["text"]
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    assert (tenant.alert_channel_id, tenant.routes) == (other, ())
    [entry] = (await office.world.store.audit.find_chain(TENANT)).entries
    assert entry.details == {"setting": "alert channel", "to": other}


@pytest.mark.parametrize(
    ("error", "what_to_do"),
    [
        ("not_in_channel", "Say `/invite @dd0c` there"),
        ("channel_not_found", "it is private and dd0c is not a member of it, or it is gone. Say `/invite @dd0c`"),
        ("is_archived", "Unarchive it, or choose another channel"),
        ("restricted_action", "Ask an admin of your workspace"),
        ("missing_scope", "Let an admin install it again"),
        ("something_new", "Slack says `something_new`"),
    ],
)
async def test_what_takes_no_line_is_not_saved_and_says_what_to_do(office: Office, error: str, what_to_do: str) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    for words in ("critical", "default"):
        office.slack.fail_next("chat.postMessage", error=error)
        answer = await office.type(f"/dd0c settings route {words} <#{oncall}|oncall>")
        assert what_to_do in answer["text"]
        assert f"<#{oncall}>" in answer["text"]
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    assert (tenant.alert_channel_id, tenant.routes) == (office.channel, ())


async def test_a_slack_that_does_not_answer_saves_nothing(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    office.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    assert "Please try again" in (await office.type(f"/dd0c settings route critical <#{oncall}|oncall>"))["text"]
    assert await stored(office) == ()


async def test_there_are_only_so_many_routes(office: Office) -> None:
    for number in range(100):
        route = Route(channel_id="C1", account_id=f"{number:012d}")
        await office.world.store.tenants.save_route(TENANT, route, a_record(office))
    oncall = office.slack.add_channel("oncall").channel_id
    assert "There can be 100 routes" in (await office.type(f"/dd0c settings route critical <#{oncall}>"))["text"]
    assert said(office, oncall) == []
    answer = await office.type("/dd0c settings route 000000000007 off")
    assert "any more" in answer["text"]
    assert len(await stored(office)) == 99


def a_record(office: Office) -> AuditRecord:
    return AuditRecord(at=office.world.clock(), action="setting.changed", actor="U1")


async def opened(office: Office) -> Any:
    """Open the form from the answer to the command."""
    await office.type("/dd0c settings route")
    [answer] = office.slack.ephemerals(office.ann.user_id)[-1:]
    await office.slack.click(office.ann.user_id, office.channel, answer.message_ts, "routes.open")
    await office.until(lambda: "Cards of" in shown(office))
    return office.slack.modal(office.ann.user_id)


def told(office: Office) -> str:
    return " ".join(message.text for message in office.slack.ephemerals(office.ann.user_id))


def shown(office: Office) -> str:
    view = office.slack.modal(office.ann.user_id)
    return json.dumps(view.payload, ensure_ascii=False) if view else ""


async def test_a_route_is_set_and_taken_away_in_the_form(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    view = await opened(office)
    values = {"account": ACCOUNT, "severity": "critical", "channel": oncall}
    await office.slack.submit_view(office.ann.user_id, view.view_id, values)
    await office.until(lambda: "from now on" in told(office))
    assert office.slack.modal(office.ann.user_id) is None
    assert await stored(office) == (Route(channel_id=oncall, account_id=ACCOUNT, severity=Severity.CRITICAL),)
    assert len(said(office, oncall)) == 1
    view = await opened(office)
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "routes.remove", f"{ACCOUNT} critical")
    await office.until(lambda: "any more" in shown(office))
    assert await stored(office) == ()


async def test_what_the_form_cannot_save_is_said_where_it_was_opened(office: Office) -> None:
    hidden = office.slack.add_channel("hidden").channel_id
    office.slack.state.channels[hidden].is_private = True
    office.slack.remove_bot(hidden)
    view = await opened(office)
    await office.slack.submit_view(office.ann.user_id, view.view_id, {"channel": hidden, "severity": "warning"})
    await office.until(lambda: "/invite @dd0c" in told(office))
    assert await stored(office) == ()


async def test_an_account_that_left_while_the_form_was_open_gets_no_route(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    typed = await office.type(f"/dd0c settings route 999999999999 <#{oncall}>")
    assert "No AWS account `999999999999` is connected" in typed["text"]
    view = await opened(office)
    values = {"account": ACCOUNT, "severity": "critical", "channel": oncall}
    await office.world.change_account(status=AccountStatus.DISCONNECTING)
    await office.slack.submit_view(office.ann.user_id, view.view_id, values)
    await office.until(lambda: f"AWS account {ACCOUNT} is not connected" in told(office))
    assert (await stored(office), said(office, oncall)) == ((), [])


async def test_a_button_of_a_route_that_is_gone_changes_nothing(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    await office.type(f"/dd0c settings route critical <#{oncall}>")
    view = await opened(office)
    await office.type("/dd0c settings route critical off")
    await office.slack.act_in_view(office.ann.user_id, view.view_id, "routes.remove", "any critical")
    await office.until(lambda: "There is no such route" in shown(office))


async def test_others_than_admins_may_look_at_routes_and_change_none(office: Office) -> None:
    oncall = office.slack.add_channel("oncall").channel_id
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    made = msgspec.structs.replace(tenant, installer_user_id=office.bob.user_id)
    await office.world.store.tenants.save_tenant(made)
    assert "Where cards go" in (await office.type("/dd0c settings route"))["text"]
    for line in (f"route critical <#{oncall}>", "route critical off", "budget 5"):
        assert f"takes the role {Role.ADMIN.value}" in (await office.type(f"/dd0c settings {line}"))["text"]
    assert (await office.world.store.audit.find_chain(TENANT)).entries == ()
    assert said(office, oncall) == []


async def test_the_budget_is_set_by_words(office: Office) -> None:
    assert "up to 20 cards a day" in json.dumps((await office.type("/dd0c settings route"))["blocks"])
    assert "up to 7 cards a day" in json.dumps((await office.type("/dd0c settings budget 7"))["blocks"])
    assert "any number of cards" in json.dumps((await office.type("/dd0c settings budget off"))["blocks"])
    assert "up to 20 cards a day" in json.dumps((await office.type("/dd0c settings budget default"))["blocks"])
    assert "from 1 to 1,000" in (await office.type("/dd0c settings budget lots"))["text"]
    assert len((await office.world.store.audit.find_chain(TENANT)).entries) == 3


async def test_what_waits_comes_at_once_when_there_is_a_channel_for_it(office: Office) -> None:
    """With nobody to send it to, it would be tried again up to a quarter of an hour later."""
    office.slack.archive_channel(office.channel)
    other = office.slack.add_channel("other").channel_id
    await office.world.ingest(office.world.launch(6))
    await office.sender.deliver_due()
    await office.type(f"/dd0c settings route default <#{other}|other>")
    await office.sender.deliver_due()
    first, card = office.slack.messages(other)
    assert "chose this channel" in first.text
    assert "m5.large" in card.text
