"""*Create ticket* on a card, and connecting a tracker: one ticket whatever is clicked or dies, and no token told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web

from demo.slack_workspace.interactions import Interaction
from demo.slack_workspace.models import User, View
from engine.models.account import Role
from engine.models.anomaly import Anomaly
from engine.models.audit import AuditAction, AuditRecord
from engine.models.ticket import Ticket, TrackerKind
from tests.fixtures.trackers import LOGIN, TOKEN, TrackerServer
from tests.handlers.conftest import Office
from tests.services.world import MINUTE, TENANT

FORMS = {
    TrackerKind.JIRA: {"project": "OPS", "login": LOGIN, "token": TOKEN},
    TrackerKind.GITHUB: {"project": "acme/infra", "token": TOKEN},
    TrackerKind.LINEAR: {"project": "ops", "token": TOKEN},
}


@pytest.fixture
async def server() -> AsyncIterator[TrackerServer]:
    async with TrackerServer() as made:
        yield made


def words(office: Office) -> str:
    return json.dumps(office.card().blocks, ensure_ascii=False)


async def create(office: Office, user: User | None = None) -> Interaction:
    clicker = user or office.ann
    return await office.slack.select(
        clicker.user_id, office.channel, office.card().message_ts, "anomaly.more", "ticket"
    )


async def form(office: Office, kind: TrackerKind, user: User | None = None) -> View:
    """Let somebody open the form by the button in the answer to the command."""
    clicker = user or office.ann
    interaction = await office.slack.run_command(clicker.user_id, office.channel, "/dd0c settings tickets")
    await interaction.wait_for_posts()
    answer = office.slack.ephemerals(clicker.user_id)[-1]
    await office.slack.click(clicker.user_id, office.channel, answer.message_ts, f"tickets.connect:{kind.value}")
    await office.until(lambda: bool(forms(office, kind)))
    return forms(office, kind)[-1]


def forms(office: Office, kind: TrackerKind) -> list[View]:
    """The forms for this tracker that stand open."""
    return [one for one in office.slack.views.values() if one.is_open and one.payload.get("private_metadata") == kind]


async def connect(office: Office, server: TrackerServer, kind: TrackerKind = TrackerKind.GITHUB, **changes: str) -> str:
    """Let Ann connect the tracker; gives what the form says in the end."""
    opened = await form(office, kind)
    values = {"base_url": server.url, **FORMS[kind], **changes}
    await office.slack.submit_view(office.ann.user_id, opened.view_id, values)
    await office.until(lambda: "Trying it" not in str(opened.payload) and "said" in str(opened.payload))
    return str(opened.payload["blocks"][0]["text"]["text"])


async def make_ann(office: Office, role: Role) -> None:
    roles = {office.bob.user_id: Role.ADMIN, office.ann.user_id: role}
    record = AuditRecord(at=office.world.clock(), action=AuditAction.ROLE_SET, actor=office.bob.user_id)
    await office.world.store.tenants.save_roles(TENANT, roles, record)


async def stored(office: Office) -> Anomaly:
    return (await office.world.anomalies())[0]


async def told(interaction: Interaction) -> str:
    [said] = await interaction.wait_for_posts()
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    return str(said["text"])


@pytest.mark.parametrize("kind", TrackerKind)
async def test_a_ticket_is_made_and_its_key_is_on_the_card(
    office: Office, server: TrackerServer, kind: TrackerKind
) -> None:
    await office.alert()
    assert "Connected: tickets go to" in await connect(office, server, kind)
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    assert f", by <@{office.ann.user_id}>" in words(office)
    assert '"value": "ticket"' not in words(office)
    assert len(server.made) == 1
    actions = [entry.action for entry in (await office.world.store.audit.find_chain(TENANT)).entries]
    assert actions == ["tracker.connected", "ticket.made"]


async def test_five_clicks_at_once_make_one(office: Office, server: TrackerServer) -> None:
    await office.alert()
    await connect(office, server)
    before = len(office.slack.ephemerals(office.ann.user_id))
    await asyncio.gather(*(create(office) for _ in range(5)))
    await office.until(lambda: len(office.slack.ephemerals(office.ann.user_id)) == before + 4)
    await office.until(lambda: "Ticket <" in words(office))
    assert len(server.made) == 1
    assert all("Nothing changed" in one.text for one in office.slack.ephemerals(office.ann.user_id)[before:])


async def test_a_ticket_whose_answer_was_lost_is_found_and_not_made_twice(
    office: Office, server: TrackerServer
) -> None:
    await office.alert()
    await connect(office, server)
    server.lose = 1
    assert "nobody knows whether the ticket was made" in await told(await create(office))
    assert "it is not there yet" in words(office)
    assert "having the ticket made just now" in await told(await create(office))
    office.world.turn(3 * MINUTE)
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    assert len(server.made) == 1


async def test_a_bot_that_died_between_making_and_noting_makes_no_second_one(
    office: Office, server: TrackerServer
) -> None:
    """The claim is all that the dead one left behind here; the ticket is there."""
    await office.alert()
    await connect(office, server)
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    before = await stored(office)
    left = Ticket(kind=TrackerKind.GITHUB, by="U1", at=office.world.clock())
    after = msgspec.structs.replace(before, ticket=left, revision=before.revision + 1)
    await office.world.store.amendments.amend(TENANT, before=before, after=after, now=office.world.clock())
    office.world.turn(3 * MINUTE)
    await office.sender.deliver_due()
    await office.until(lambda: "it is not there yet" in words(office))
    await create(office, office.bob)
    await office.until(lambda: f", by <@{office.bob.user_id}>" in words(office))
    assert len(server.made) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "refuses the token"),
        (404, "does not know the project"),
        (429, "Try again in 2 min"),
        (422, "does not take it"),
    ],
)
async def test_a_refusal_says_what_to_do_and_leaves_nothing(
    office: Office, server: TrackerServer, status: int, said: str
) -> None:
    await office.alert()
    await connect(office, server)
    server.refuse = [web.json_response({"message": "no"}, status=status, headers={"Retry-After": "120"})]
    assert said in await told(await create(office))
    assert (await stored(office)).ticket is None
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    assert len(server.made) == 1


async def test_without_a_tracker_the_click_says_where_to_connect_one(office: Office) -> None:
    anomaly = await office.alert()
    assert "`/dd0c settings tickets`" in await told(await create(office))
    assert await stored(office) == anomaly


async def test_a_wrong_token_connects_nothing_and_is_told_nowhere(
    office: Office, server: TrackerServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="services")
    caplog.set_level(logging.DEBUG, logger="clients")
    said = await connect(office, server, token="ghp_wrong_secret")
    assert said.startswith("Nothing was connected.")
    assert await office.tickets.find_connected(TENANT) is None
    await connect(office, server, token=TOKEN)
    everything = json.dumps([call.params for call in office.slack.calls], default=str) + caplog.text
    assert "ghp_wrong_secret" not in everything
    assert TOKEN not in everything


async def test_what_is_wrong_in_the_form_is_said_under_its_field(office: Office, server: TrackerServer) -> None:
    opened = await form(office, TrackerKind.GITHUB)
    values = {"base_url": server.url, "project": "no repository", "token": TOKEN}
    sent = await office.slack.submit_view(office.ann.user_id, opened.view_id, values)
    assert list(sent.errors) == ["project"]
    assert server.calls == []


@pytest.mark.parametrize("doing", ["open", "submit", "disconnect"])
async def test_only_admins_connect(office: Office, server: TrackerServer, doing: str) -> None:
    await connect(office, server)
    opened = await form(office, TrackerKind.LINEAR)
    answer = office.slack.ephemerals(office.ann.user_id)[-1]
    await make_ann(office, Role.RESPONDER)
    before = await office.tickets.find_connected(TENANT)
    if doing == "submit":
        values = {"base_url": server.url, **FORMS[TrackerKind.LINEAR]}
        await office.slack.submit_view(office.ann.user_id, opened.view_id, values)
        await office.until(lambda: "admin" in str(opened.payload))
    else:
        action = "tickets.disconnect" if doing == "disconnect" else "tickets.connect:jira"
        said = await told(await office.slack.click(office.ann.user_id, office.channel, answer.message_ts, action))
        assert "admin" in said
    assert await office.tickets.find_connected(TENANT) == before


async def test_disconnecting_forgets_the_token(office: Office, server: TrackerServer) -> None:
    await connect(office, server)
    await form(office, TrackerKind.JIRA)
    answer = office.slack.ephemerals(office.ann.user_id)[-1]
    assert "acme/infra" in answer.text
    await office.slack.click(office.ann.user_id, office.channel, answer.message_ts, "tickets.disconnect")
    await office.until(lambda: "No ticket system is connected" in office.slack.ephemerals(office.ann.user_id)[-1].text)
    assert await office.tickets.find_connected(TENANT) is None
    entries = (await office.world.store.audit.find_chain(TENANT)).entries
    assert [(one.action, one.actor) for one in entries[-2:]] == [
        ("tracker.connected", office.ann.user_id),
        ("tracker.disconnected", office.ann.user_id),
    ]


@pytest.mark.parametrize("value", ["ticket", "ask U1", "details", "expected"])
async def test_who_may_only_look_changes_nothing_by_the_menu(office: Office, value: str) -> None:
    anomaly = await office.alert()
    await make_ann(office, Role.VIEWER)
    if value.startswith("ask"):
        [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
        more = next(one for one in actions["elements"] if one["type"] == "overflow")
        next(one for one in more["options"] if one["value"] == "ask")["value"] = value
    posts = len(office.slack.calls_to("chat.postMessage")) + len(office.slack.calls_to("chat.update"))
    clicked = await office.slack.select(
        office.ann.user_id, office.channel, office.card().message_ts, "anomaly.more", value
    )
    if value == "details":
        await office.until(lambda: office.slack.modal(office.ann.user_id) is not None)
    else:
        assert "responder" in (await told(clicked)).lower()
    assert await stored(office) == anomaly
    assert len(office.slack.calls_to("chat.postMessage")) + len(office.slack.calls_to("chat.update")) == posts


async def test_an_entry_that_no_menu_offers(office: Office) -> None:
    anomaly = await office.alert()
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    more = next(one for one in actions["elements"] if one["type"] == "overflow")
    more["options"][0]["value"] = "drop table"
    clicked = await office.slack.select(
        office.ann.user_id, office.channel, office.card().message_ts, "anomaly.more", "drop table"
    )
    assert "older kind" in await told(clicked)
    assert await stored(office) == anomaly


async def ticketed(office: Office, server: TrackerServer, kind: TrackerKind = TrackerKind.GITHUB) -> None:
    await office.alert()
    await connect(office, server, kind)
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))


async def undo(office: Office, user: User | None = None, number: int = 0) -> Interaction:
    clicker = user or office.ann
    return await office.slack.select(
        clicker.user_id, office.channel, office.card().message_ts, "anomaly.more", f"undo_ticket {number}"
    )


@pytest.mark.parametrize("kind", TrackerKind)
async def test_undo_takes_the_ticket_off_the_card_says_so_there_and_makes_room_for_another(
    office: Office, server: TrackerServer, kind: TrackerKind
) -> None:
    await ticketed(office, server, kind)
    ticket = (await stored(office)).ticket
    assert ticket is not None
    said = await told(await undo(office))
    assert f"Ticket {ticket.key} is off the card" in said
    assert "stays open" in said
    assert "a comment there says so" in said
    await office.until(lambda: "Ticket <" not in words(office))
    [(key, comment)] = server.comments
    assert key == ticket.key
    assert "stays open" in comment
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    assert len(server.made) == 2
    again = (await stored(office)).ticket
    assert again is not None
    assert again.key != ticket.key
    actions = [entry.action for entry in (await office.world.store.audit.find_chain(TENANT)).entries]
    assert actions == ["tracker.connected", "ticket.made", "ticket.undone", "ticket.made"]


async def test_of_five_who_undo_a_ticket_one_does(office: Office, server: TrackerServer) -> None:
    await ticketed(office, server)
    before = len(office.slack.ephemerals(office.ann.user_id))
    await asyncio.gather(*(undo(office) for _ in range(5)))
    await office.until(lambda: len(office.slack.ephemerals(office.ann.user_id)) == before + 5)
    said = [one.text for one in office.slack.ephemerals(office.ann.user_id)[before:]]
    assert sum("is off the card." in one for one in said) == 1
    assert sum("Nothing changed: the ticket is off this card already" in one for one in said) == 4
    assert len(server.comments) == 1


async def test_an_old_card_does_not_undo_the_next_ticket(office: Office, server: TrackerServer) -> None:
    await ticketed(office, server)
    await undo(office)
    await office.until(lambda: "Ticket <" not in words(office))
    await create(office)
    await office.until(lambda: "Ticket <" in words(office))
    before = await stored(office)
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    more = next(one for one in actions["elements"] if one["type"] == "overflow")
    more["options"][0]["value"] = "undo_ticket 0"
    assert "look at the newest" in await told(await undo(office))
    assert await stored(office) == before


@pytest.mark.parametrize("gone", ["tracker", "ticket", "token"])
async def test_where_no_comment_can_be_written_the_answer_says_so(
    office: Office, server: TrackerServer, gone: str
) -> None:
    await ticketed(office, server)
    if gone == "tracker":
        await office.tickets.disconnect(TENANT, office.ann.user_id)
    elif gone == "ticket":
        server.made.clear()
    else:
        server.refuse = [web.json_response({"message": "no"}, status=401)]
    said = await told(await undo(office))
    assert "no comment could be written there" in said
    assert (await stored(office)).ticket is None
    assert server.comments == []


async def test_a_person_of_another_workspace_undoes_no_ticket(office: Office, server: TrackerServer) -> None:
    await ticketed(office, server)
    office.bob.team_id = "T0STRANGER"
    before = await stored(office)
    assert "belongs to another workspace" in await told(await undo(office, office.bob))
    assert await stored(office) == before


async def test_who_may_only_look_undoes_nothing(office: Office, server: TrackerServer) -> None:
    await ticketed(office, server)
    await make_ann(office, Role.VIEWER)
    before = await stored(office)
    assert "responder" in (await told(await undo(office))).lower()
    assert await stored(office) == before
