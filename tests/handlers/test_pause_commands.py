"""``/dd0c pause`` and ``/dd0c resume``: everything is logged, nothing is sent, one summary at the end."""

import json
from typing import Any

import msgspec
import pytest

from engine.models.anomaly import DecisionKind
from tests.handlers.conftest import Office
from tests.services.world import HOUR, MINUTE, TENANT, stranger


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


async def told(office: Office, line: str) -> dict[str, Any]:
    """Type a command, and let what the channel is told of it come."""
    answer = await office.type(line)
    await office.post_due()
    return answer


async def launched(office: Office, count: int, actor: int) -> None:
    """Let somebody launch so many for a dollar an hour each, and send what is to be sent."""
    office.world.turn(3 * HOUR)
    await office.world.ingest(office.world.launch(count, actor=stranger(actor)))
    await office.sender.deliver_due()


async def test_nothing_is_sent_while_paused_and_all_of_it_is_kept(office: Office) -> None:
    answer = await told(office, "/dd0c pause")
    assert "Alerting is paused." in answer["text"]
    assert f"<@{office.ann.user_id}> paused alerting" in office.card().text
    for number in range(7):
        await launched(office, 6 + number, number)
    assert len(office.slack.messages(office.channel)) == 1
    assert "Alerting is paused" in words(await office.type("/dd0c status"))
    assert "7 suppressed anomalies" in (await office.type("/dd0c anomalies --suppressed"))["text"]


async def test_resuming_sends_one_summary_and_no_flood(office: Office) -> None:
    await told(office, "/dd0c pause")
    for number in range(7):
        await launched(office, 6 + number, number)
    answer = await told(office, "/dd0c resume")
    assert "7 anomalies were found and not told" in answer["text"]
    await office.sender.deliver_due()
    notice, summary = office.slack.messages(office.channel)
    assert "paused alerting" in notice.text
    assert "resumed alerting. 7 anomalies" in summary.text
    shown = json.dumps(summary.blocks)
    assert "12 \\u00d7 m5.large" in shown
    assert "6 \\u00d7 m5.large" not in shown
    assert "And 2 more" in shown
    assert "$63.00/h of it still runs" in shown
    await launched(office, 6, 99)
    assert len(office.slack.messages(office.channel)) == 3


async def test_cards_that_wait_when_alerting_is_paused_join_the_summary(office: Office) -> None:
    await office.world.ingest(office.world.launch(6))
    answer = await told(office, "/dd0c pause")
    assert "1 card that was not sent yet is kept for the summary" in words(answer)
    office.world.turn(10 * MINUTE)
    await office.world.ingest(office.world.launch(6))  # the same incident grows
    await office.sender.deliver_due()
    assert len(office.slack.messages(office.channel)) == 1
    [anomaly] = await _logged(office)
    assert anomaly.decision.reason == "Alerting is paused."
    assert "1 anomaly was found" in (await told(office, "/dd0c resume"))["text"]


async def test_a_card_that_stands_is_kept_true(office: Office) -> None:
    launch = office.world.launch(6)
    await office.world.ingest(launch)
    await office.sender.deliver_due()
    card = office.card()
    await told(office, "/dd0c pause")
    office.world.turn(HOUR)
    await office.world.ingest(office.world.terminate(launch))
    await office.sender.deliver_due()
    assert "Stopped" in json.dumps(card.blocks)
    assert len(office.slack.messages(office.channel)) == 2


async def test_a_batch_judged_before_the_pause_is_judged_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its card would come after everybody was told that none does."""
    await launched(office, 1, 0)
    load = office.world.store.ledger.load_state

    async def paused_meanwhile(*args: Any) -> Any:
        loaded = await load(*args)
        monkeypatch.undo()
        await told(office, "/dd0c pause")
        return loaded

    monkeypatch.setattr(office.world.store.ledger, "load_state", paused_meanwhile)
    await launched(office, 6, 1)
    assert len(office.slack.messages(office.channel)) == 1
    assert len(await _logged(office)) == 1


async def test_pausing_twice_says_who_did_it(office: Office) -> None:
    await told(office, "/dd0c pause")
    assert "paused already, " in (await told(office, "/dd0c pause"))["text"]
    assert len(office.slack.messages(office.channel)) == 1


async def test_resuming_what_runs_changes_nothing(office: Office) -> None:
    assert "was not paused" in (await told(office, "/dd0c resume"))["text"]
    assert office.slack.messages(office.channel) == []


async def test_only_who_installed_the_app_may_pause_and_everybody_may_resume(office: Office) -> None:
    tenants = office.world.store.tenants
    tenant = await tenants.find_tenant(TENANT)
    await tenants.save_tenant(msgspec.structs.replace(tenant, installer_user_id=office.bob.user_id))
    refused = await told(office, "/dd0c pause")
    assert f"takes the role admin, and yours is responder. Ask <@{office.bob.user_id}>" in refused["text"]
    assert not (await tenants.find_tenant(TENANT)).panic_mode
    allowed = await office.slack.run_command(office.bob.user_id, office.channel, "/dd0c pause")
    await allowed.wait_for_posts()
    assert "resumed alerting" in (await told(office, "/dd0c resume"))["text"]
    assert not (await tenants.find_tenant(TENANT)).panic_mode


@pytest.mark.parametrize("word", ["pause", "resume"])
async def test_a_channel_that_takes_nothing_keeps_nobody_from_it(office: Office, word: str) -> None:
    if word == "resume":
        await told(office, "/dd0c pause")
    before = len(office.slack.messages(office.channel))
    office.slack.fail_next("chat.postMessage", status=500)
    await told(office, f"/dd0c {word}")
    assert (await office.world.store.tenants.find_tenant(TENANT)).panic_mode is (word == "pause")
    assert len(office.slack.messages(office.channel)) == before
    office.world.turn(MINUTE)
    await office.post_due()
    office.world.turn(MINUTE)
    await office.post_due()
    assert len(office.slack.messages(office.channel)) == before + 1


@pytest.mark.parametrize("word", ["pause", "resume"])
async def test_of_two_at_once_one_is_told_of(office: Office, word: str) -> None:
    pausing = office.pausing
    if word == "resume":
        await pausing.pause(TENANT, "U1")
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    change = office.world.store.pauses.pause if word == "pause" else office.world.store.pauses.resume
    assert await change(TENANT, "U2", office.world.clock(), None) in (0, True)
    assert not await change(TENANT, "U3", office.world.clock(), None)
    assert tenant.panic_mode is (word == "resume")
    entries = (await office.world.store.audit.find_chain(TENANT)).entries
    assert [entry.actor for entry in entries][-1] == "U2"


async def _logged(office: Office) -> list[Any]:
    loaded = await office.world.store.ledger.load_state(TENANT, "111122223333", [], office.world.clock() - 9 * HOUR)
    return [
        one for one in loaded.state.anomalies.values() if one.decision.kind is DecisionKind.LOG and one.hourly_cost >= 6
    ]


async def test_the_audit_log_says_who_silenced_what(office: Office) -> None:
    for line in ("pause", "resume", "expect 8 m5.large"):
        await office.type(f"/dd0c {line}")
    [declared] = (await office.world.quieting.list_patterns(TENANT)).patterns
    await office.type(f"/dd0c snoozes end {declared.pattern_id}")
    chain = await office.world.store.audit.find_chain(TENANT)
    assert [(entry.action, entry.actor) for entry in chain.entries] == [
        (action, office.ann.user_id)
        for action in ("alerting.paused", "alerting.resumed", "expectation.declared", "expectation.ended")
    ]
