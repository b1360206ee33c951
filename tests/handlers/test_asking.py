"""Asking the person behind a card: the menu, the form, the direct message, answers and silence."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from demo.aws_account.identities import sso_person
from demo.slack_workspace.interactions import Interaction
from demo.slack_workspace.models import Message, User
from engine.models.account import Role
from engine.models.anomaly import Anomaly
from engine.models.asking import AskState
from engine.models.audit import AuditAction, AuditRecord
from engine.models.delivery import SlackMessage
from engine.models.post import Question
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, MINUTE, TENANT

BOB = sso_person(ACCOUNT, "Developer", "Bob@Example.com", source_ip="203.0.113.45", user_agent="aws-cli")
SCOPES = ("chat:write", "commands", "users:read", "users:read.email")


@pytest.fixture(autouse=True)
def granted(office: Office) -> None:
    office.slack.set_scopes(SCOPES)


def words(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def menu(office: Office) -> dict[str, str]:
    """The entries of the card's menu, by value."""
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    [more] = [one for one in actions["elements"] if one["type"] == "overflow"]
    return {option["value"]: option["text"]["text"] for option in more["options"]}


async def alert_about_bob(office: Office) -> Anomaly:
    await office.world.ingest(office.world.launch(actor=BOB))
    await office.sender.deliver_due()
    return (await office.world.anomalies())[0]


async def choose(office: Office, user: User, value: str) -> Interaction:
    return await office.slack.select(user.user_id, office.channel, office.card().message_ts, "anomaly.more", value)


async def ask_bob(office: Office) -> Message:
    """Let Ann ask Bob; gives the question he got."""
    await alert_about_bob(office)
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "asked" in words(office.card()))
    await office.post_due()
    return direct(office, office.bob)[-1]


def direct(office: Office, user: User) -> list[Message]:
    return office.slack.messages(office.slack.state.direct_channel(user.user_id).channel_id)


async def answer(office: Office, user: User, question: Message, action: str) -> Interaction:
    return await office.slack.click(user.user_id, question.channel_id, question.message_ts, action)


async def stored(office: Office) -> Anomaly:
    return (await office.world.anomalies())[0]


async def told(interaction: Interaction) -> str:
    [said] = await interaction.wait_for_posts()
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    return str(said["text"])


async def test_a_new_card_names_the_person_and_calls_nobody(office: Office) -> None:
    """What is posted with a mention calls whom it mentions, what is changed does not."""
    await alert_about_bob(office)
    posted = office.slack.calls_to("chat.postMessage")[0].params
    assert f"<@{office.bob.user_id}>" not in json.dumps(posted["blocks"])
    assert "*bob*\\nBob@Example.com (person)" in json.dumps(posted["blocks"])
    await office.click(office.ann, "acknowledge")
    await office.until(lambda: f"*Who*\\n<@{office.bob.user_id}>" in words(office.card()))
    assert len(office.slack.calls_to("users.lookupByEmail")) == 1


async def test_without_the_scope_a_card_goes_on_as_ever_and_slack_is_asked_once(office: Office) -> None:
    office.slack.set_scopes(SCOPES[:2])
    await alert_about_bob(office)
    await office.world.ingest(office.world.launch(actor=BOB, instance_type="c5.large", ago=-3 * timedelta(hours=1)))
    await office.sender.deliver_due()
    assert "Bob@Example.com (person)" in words(office.card())
    assert len(office.slack.calls_to("users.lookupByEmail")) == 1
    assert menu(office)["ask"] == "Ask a person..."


async def test_a_directory_that_hangs_holds_no_card_up(office: Office) -> None:
    held = office.slack.hold_next("users.lookupByEmail")
    await office.world.ingest(office.world.launch(actor=BOB))
    async with asyncio.timeout(10):
        await office.sender.deliver_due()
    assert "Bob@Example.com (person)" in words(office.card())
    held.released.set()


async def test_the_person_gets_the_question_and_says_mine(office: Office) -> None:
    question = await ask_bob(office)
    assert "Did you start this?" in words(question)
    assert "$6.00 per hour" in words(question)
    assert f"<@{office.ann.user_id}> asks" in words(question)
    assert not any(value.startswith("ask") for value in menu(office))
    await answer(office, office.bob, question, "ask.mine")
    await office.until(lambda: "says that this is theirs" in words(office.card()))
    assert "You said that it is yours" in words(direct(office, office.bob)[-1])
    await office.post_due()
    assert office.card().replies == []
    actions = [entry.action for entry in (await office.world.store.audit.find_chain(TENANT)).entries]
    assert actions == ["actor.asked", "actor.answered"]


async def test_not_mine_is_told_in_the_thread_once(office: Office) -> None:
    question = await ask_bob(office)
    await answer(office, office.bob, question, "ask.not_mine")
    await office.until(lambda: "*not* theirs" in words(office.card()))
    await office.post_due()
    await office.post_due()
    [reply] = office.card().replies
    assert f"<@{office.ann.user_id}>: <@{office.bob.user_id}> says that this is *not* theirs" in reply.text


async def test_silence_is_told_after_half_an_hour_and_never_twice(office: Office) -> None:
    question = await ask_bob(office)
    asked_before = question.blocks
    office.world.turn(29 * MINUTE)
    assert await office.asking.settle_due() == 0
    office.world.turn(MINUTE)
    assert await office.asking.settle_due() == 1
    assert await office.asking.settle_due() == 0
    await office.post_due()
    await office.sender.deliver_due()
    [reply] = office.card().replies
    assert "has not answered" in reply.text
    assert "did not answer" in words(office.card())
    assert "No answer is awaited any more" in words(question)
    assert "actions" not in [block["type"] for block in question.blocks]
    question.blocks = asked_before
    late = await answer(office, office.bob, question, "ask.mine")
    assert "the half hour is over" in await told(late)
    asked = (await stored(office)).asked
    assert asked is not None
    assert asked.state is AskState.SILENT


async def test_who_has_answered_is_not_told_of_again(office: Office) -> None:
    question = await ask_bob(office)
    await answer(office, office.bob, question, "ask.mine")
    await office.until(lambda: "says that this is theirs" in words(office.card()))
    office.world.turn(31 * MINUTE)
    assert await office.asking.settle_due() == 0
    await office.post_due()
    assert office.card().replies == []


@pytest.mark.parametrize("ending", ["stop", "verdict"])
async def test_what_has_ended_or_was_judged_needs_no_answer(office: Office, ending: str) -> None:
    launched = office.world.launch(actor=BOB)
    await office.world.ingest(launched)
    await office.sender.deliver_due()
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "asked" in words(office.card()))
    await office.post_due()
    if ending == "stop":
        await office.world.ingest(office.world.terminate(launched))
    else:
        await office.click(office.ann, "not_expected")
        await office.until(lambda: "called this not expected" in words(office.card()))
    await office.sender.deliver_due()
    assert "waiting" not in words(office.card())
    late = await answer(office, office.bob, direct(office, office.bob)[-1], "ask.not_mine")
    assert "no answer is needed" in await told(late)
    office.world.turn(31 * MINUTE)
    assert await office.asking.settle_due() == 1
    await office.post_due()
    assert office.card().replies == []
    assert "No answer is awaited any more" in words(direct(office, office.bob)[-1])


async def test_a_second_click_and_another_person_change_nothing(office: Office) -> None:
    question = await ask_bob(office)
    before = await stored(office)
    foreign = await answer(office, office.ann, question, "ask.mine")
    assert f"only <@{office.bob.user_id}> can answer" in await told(foreign)
    assert await stored(office) == before
    blocks = question.blocks
    await answer(office, office.bob, question, "ask.mine")
    await office.until(lambda: "says that this is theirs" in words(office.card()))
    question.blocks = blocks
    again = await answer(office, office.bob, question, "ask.not_mine")
    assert "you have answered that it is theirs" in await told(again)
    await office.post_due()
    assert office.card().replies == []


async def test_five_clicks_at_once_ask_once(office: Office) -> None:
    await alert_about_bob(office)
    await asyncio.gather(*(choose(office, office.ann, f"ask {office.bob.user_id}") for _ in range(5)))
    await office.until(lambda: len(office.slack.ephemerals(office.ann.user_id)) == 4)
    await office.post_due()
    assert len(direct(office, office.bob)) == 1
    assert all("was asked already" in one.text for one in office.slack.ephemerals(office.ann.user_id))


async def test_where_nobody_is_known_a_form_asks_whom(office: Office) -> None:
    await office.alert()
    assert menu(office)["ask"] == "Ask a person..."
    await choose(office, office.ann, "ask")
    await office.until(lambda: office.slack.modal(office.ann.user_id) is not None)
    form = office.slack.modal(office.ann.user_id)
    assert form is not None
    await office.slack.submit_view(office.ann.user_id, form.view_id, {"person": office.bob.user_id})
    await office.until(lambda: f"asked <@{office.bob.user_id}>" in words(office.card()))
    await office.post_due()
    assert "Did you start this?" in words(direct(office, office.bob)[-1])


@pytest.mark.parametrize("who", ["outsider", "bot", "gone", "nobody"])
async def test_only_colleagues_are_asked(office: Office, who: str) -> None:
    await office.alert()
    changes: dict[str, dict[str, Any]] = {
        "outsider": {"team_id": "T0STRANGER"},
        "bot": {"is_bot": True},
        "gone": {"deleted": True},
    }
    for name, value in changes.get(who, {}).items():
        setattr(office.bob, name, value)
    chosen = "U0NOBODY" if who == "nobody" else office.bob.user_id
    before = await stored(office)
    with pytest.raises(Exception, match="Nobody was asked"):
        await office.asking.ask(TENANT, before.anomaly_id, office.ann.user_id, chosen, place(office))
    assert await stored(office) == before
    await office.post_due()
    assert len(office.slack.calls_to("chat.postMessage")) == 1


async def test_without_the_scope_to_look_people_up_nobody_is_asked(office: Office) -> None:
    await office.alert()
    office.slack.set_scopes(SCOPES[:2])
    with pytest.raises(Exception, match="grant users:read"):
        await office.asking.ask(TENANT, (await stored(office)).anomaly_id, "U1", office.bob.user_id, place(office))


def place(office: Office) -> SlackMessage:
    return SlackMessage(office.channel, office.card().message_ts)


async def test_an_expired_trigger_says_so_and_changes_nothing(office: Office) -> None:
    await office.alert()
    office.slack.fail_next("views.open", error="expired_trigger_id")
    before, calls = await stored(office), len(office.slack.calls_to("chat.update"))
    said = await told(await choose(office, office.ann, "ask"))
    assert "in time" in said
    assert await stored(office) == before
    assert len(office.slack.calls_to("chat.update")) == calls


async def test_a_person_of_another_workspace_may_not_ask(office: Office) -> None:
    await alert_about_bob(office)
    carol = office.slack.add_user("carol")
    carol.team_id = "T0STRANGER"
    before = await stored(office)
    said = await told(await choose(office, carol, f"ask {office.bob.user_id}"))
    assert "belongs to another workspace" in said
    assert await stored(office) == before


@pytest.mark.parametrize("refusal", ["cannot_dm_bot", "channel_not_found", "user_disabled", "missing_scope"])
async def test_a_question_that_slack_refuses_is_told_in_the_thread_at_once_and_once(
    office: Office, refusal: str
) -> None:
    """It is for nobody else's eyes, so it goes nowhere instead; whoever asked need not wait for half an hour."""
    await alert_about_bob(office)
    await refuse_question(office, refusal)
    await office.post_due()
    assert len(office.slack.calls_to("chat.postMessage")) == 3
    assert len(office.slack.messages(office.channel)) == 1
    [reply] = office.card().replies
    assert f"<@{office.ann.user_id}>: <@{office.bob.user_id}> was *not* asked" in reply.text
    await office.sender.deliver_due()
    assert "could not be asked: Slack takes no direct message to them" in words(office.card())
    assert menu(office)[f"ask {office.bob.user_id}"]
    assert await office.asking.settle_due() == 0
    await office.post_due()
    assert len(office.card().replies) == 1


async def refuse_question(office: Office, refusal: str) -> None:
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "asked" in words(office.card()))
    office.slack.fail_next("chat.postMessage", error=refusal)


async def test_a_crash_between_a_refusal_and_telling_it_leaves_one_message(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alert_about_bob(office)
    await refuse_question(office, "cannot_dm_bot")

    async def die(_tenant_id: str, _asked: Question) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(office.asking, "tell_unreached", die)
        with pytest.raises(ExceptionGroup, match="unhandled errors"):
            await office.post_due()
    assert (await stored(office)).asked is not None
    assert office.card().replies == []
    assert await office.asking.settle_due() == 1
    assert await office.asking.settle_due() == 0
    await office.post_due()
    [reply] = office.card().replies
    assert "was *not* asked" in reply.text


async def test_two_who_tell_of_a_refusal_leave_one_message(office: Office) -> None:
    await alert_about_bob(office)
    await refuse_question(office, "cannot_dm_bot")
    await asyncio.gather(office.post_due(), office.asking.settle_due(), office.post_due())
    await office.asking.settle_due()
    await office.post_due()
    assert len(office.card().replies) == 1


async def test_while_slack_knows_us_no_more_a_question_waits(office: Office) -> None:
    await alert_about_bob(office)
    await refuse_question(office, "token_revoked")
    await office.post_due()
    assert await office.asking.settle_due() == 0
    asked = (await stored(office)).asked
    assert asked is not None
    assert asked.state is AskState.WAITING
    office.world.turn(MINUTE)
    await office.post_due()
    assert "Did you start this?" in words(direct(office, office.bob)[-1])


async def test_who_is_reached_after_all_can_answer_and_that_is_told(office: Office) -> None:
    """*Try again* in the status sends what was given up once more."""
    await alert_about_bob(office)
    await refuse_question(office, "cannot_dm_bot")
    await office.post_due()
    office.world.turn(MINUTE)
    await office.world.store.posts.requeue_dead(TENANT, office.world.clock())
    await office.post_due()
    await answer(office, office.bob, direct(office, office.bob)[-1], "ask.not_mine")
    await office.until(lambda: "says that this is *not* theirs" in words(office.card()))
    await office.post_due()
    assert ["was *not* asked" in one.text for one in office.card().replies] == [True, False]


async def undo(office: Office, user: User) -> Interaction:
    """Let somebody take the newest question back by the card's menu."""
    [value] = [value for value in menu(office) if value.startswith("undo_ask ")]
    return await choose(office, user, value)


async def test_undo_takes_the_question_back_and_stops_what_would_follow(office: Office) -> None:
    question = await ask_bob(office)
    await undo(office, office.ann)
    await office.until(lambda: "took back the question" in words(office.card()))
    await office.post_due()
    edited = direct(office, office.bob)[-1]
    assert edited.message_ts == question.message_ts
    assert f"<@{office.ann.user_id}> took back the question whether you started something" in words(edited)
    assert "actions" not in [block["type"] for block in edited.blocks]
    office.world.turn(31 * MINUTE)
    assert await office.asking.settle_due() == 0
    await office.post_due()
    assert office.card().replies == []
    assert len(office.slack.calls_to("chat.update")) == 3
    entries = (await office.world.store.audit.find_chain(TENANT)).entries
    assert [(one.action, one.actor) for one in entries] == [
        ("actor.asked", office.ann.user_id),
        ("actor.question_withdrawn", office.ann.user_id),
    ]
    assert menu(office)[f"ask {office.bob.user_id}"]


@pytest.mark.parametrize("action", ["ask.mine", "ask.not_mine"])
async def test_an_answer_to_what_was_taken_back_changes_nothing(office: Office, action: str) -> None:
    """Before the message is edited its buttons can still be pressed."""
    question = await ask_bob(office)
    await undo(office, office.ann)
    await office.until(lambda: "took back the question" in words(office.card()))
    before = await stored(office)
    said = await told(await answer(office, office.bob, question, action))
    assert f"<@{office.ann.user_id}> took this question back" in said
    assert await stored(office) == before
    await office.post_due()
    assert office.card().replies == []


async def test_of_two_who_undo_one_does(office: Office) -> None:
    await ask_bob(office)
    clicks = await asyncio.gather(*(undo(office, one) for one in (office.ann, office.bob)))
    await office.until(lambda: "took back the question" in words(office.card()))
    await office.until(lambda: any(click.posts for click in clicks))
    [said] = [one for click in clicks for one in click.posts]
    assert "took this question back" in str(said["text"])
    await office.post_due()
    actions = [entry.action for entry in (await office.world.store.audit.find_chain(TENANT)).entries]
    assert actions == ["actor.asked", "actor.question_withdrawn"]


async def test_what_was_answered_is_not_taken_back(office: Office) -> None:
    question = await ask_bob(office)
    [value] = [value for value in menu(office) if value.startswith("undo_ask ")]
    await answer(office, office.bob, question, "ask.mine")
    await office.until(lambda: "says that this is theirs" in words(office.card()))
    assert not any(one.startswith("undo_ask") for one in menu(office))
    before = await stored(office)
    said = await told(await choose_old(office, office.ann, value))
    assert f"<@{office.bob.user_id}> has answered that it is theirs" in said
    assert await stored(office) == before


async def make_viewer(office: Office, user: User) -> None:
    roles = {office.bob.user_id: Role.ADMIN, user.user_id: Role.VIEWER}
    record = AuditRecord(at=office.world.clock(), action=AuditAction.ROLE_SET, actor=office.bob.user_id)
    await office.world.store.tenants.save_roles(TENANT, roles, record)


@pytest.mark.parametrize("who", ["outsider", "viewer"])
async def test_who_may_not_undo_a_question_changes_nothing(office: Office, who: str) -> None:
    await ask_bob(office)
    carol = office.slack.add_user("carol")
    if who == "outsider":
        carol.team_id = "T0STRANGER"
    else:
        await make_viewer(office, carol)
    before = await stored(office)
    said = await told(await undo(office, carol))
    assert ("belongs to another workspace" if who == "outsider" else "responder") in said
    assert await stored(office) == before
    await office.post_due()
    assert "Did you start this?" in words(direct(office, office.bob)[-1])


async def choose_old(office: Office, user: User, value: str) -> Interaction:
    """Choose what an older state of the card offered, as whoever still looks at that can."""
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    next(one for one in actions["elements"] if one["type"] == "overflow")["options"][0]["value"] = value
    return await choose(office, user, value)


async def test_an_old_card_does_not_take_the_next_question_back(office: Office) -> None:
    await ask_bob(office)
    [first] = [value for value in menu(office) if value.startswith("undo_ask ")]
    await undo(office, office.ann)
    await office.until(lambda: f"ask {office.bob.user_id}" in menu(office))
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "waiting" in words(office.card()))
    assert "look at the newest" in await told(await choose_old(office, office.ann, first))
    asked = (await stored(office)).asked
    assert asked is not None
    assert (asked.state, asked.ask_id) == (AskState.WAITING, "ask-2")


async def test_a_question_that_is_taken_back_before_it_is_sent_never_comes(office: Office) -> None:
    await alert_about_bob(office)
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "asked" in words(office.card()))
    await undo(office, office.ann)
    await office.until(lambda: "took back the question" in words(office.card()))
    await office.post_due()
    await office.post_due()
    assert direct(office, office.bob) == []
    assert await office.world.store.posts.find_stuck(TENANT) == []


async def test_a_question_that_is_taken_back_while_it_is_sent_is_edited_after_it(office: Office) -> None:
    await alert_about_bob(office)
    await choose(office, office.ann, f"ask {office.bob.user_id}")
    await office.until(lambda: "asked" in words(office.card()))
    held = office.slack.hold_next("chat.postMessage")
    sending = asyncio.create_task(office.post_due())
    await held.arrived.wait()
    await undo(office, office.ann)
    await office.until(lambda: "took back the question" in words(office.card()))
    held.released.set()
    await sending
    await office.post_due()
    [question] = direct(office, office.bob)
    assert "took back the question whether" in words(question)


async def test_an_answer_that_was_a_slip_is_undone_and_the_thread_hears_of_it(office: Office) -> None:
    question = await ask_bob(office)
    await answer(office, office.bob, question, "ask.not_mine")
    await office.until(lambda: "*not* theirs" in words(office.card()))
    await answer(office, office.bob, question, "ask.correct")
    await office.until(lambda: "this is theirs" in words(office.card()))
    await answer(office, office.bob, question, "ask.correct")
    await office.until(lambda: "*not* theirs" in words(office.card()))
    await office.post_due()
    told_there = [one.text for one in office.card().replies]
    assert ["takes that back" in one for one in told_there] == [False, True, False]
    assert "says that this is *not* theirs" in told_there[-1]
    answers = [one.details.get("answer") for one in (await office.world.store.audit.find_chain(TENANT)).entries[1:]]
    assert answers == ["not_mine", "mine", "not_mine"]


async def test_an_answer_is_undone_by_who_gave_it_once_and_while_it_matters(office: Office) -> None:
    question = await ask_bob(office)
    await answer(office, office.bob, question, "ask.mine")
    await office.until(lambda: "says that this is theirs" in words(office.card()))
    thanks = question.blocks
    assert f"only <@{office.bob.user_id}> can" in await told(await answer(office, office.ann, question, "ask.correct"))
    await answer(office, office.bob, question, "ask.correct")
    await office.until(lambda: "*not* theirs" in words(office.card()))
    question.blocks = thanks
    assert "you have answered" in await told(await answer(office, office.bob, question, "ask.correct"))
    await office.click(office.ann, "not_expected")
    await office.until(lambda: "called this not expected" in words(office.card()))
    before = await stored(office)
    question.blocks = json.loads(json.dumps(thanks).replace("not_mine", "mine"))
    assert "no answer is needed" in await told(await answer(office, office.bob, question, "ask.correct"))
    assert await stored(office) == before
