"""``/dd0c expect`` and ``/dd0c snoozes``: declared beforehand, listed, ended."""

import json
from typing import Any

import pytest

from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import NEW_ACCOUNT, Office
from tests.services.world import ACCOUNT, DAY, HOUR, TENANT, stranger


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


async def launched(office: Office, count: int, actor: int = 0, instance_type: str = "m5.large") -> int:
    """Let somebody launch so many for a dollar an hour each; gives how many anomalies there are then."""
    office.world.turn(3 * HOUR)
    await office.world.ingest(office.world.launch(count, instance_type, actor=stranger(actor)))
    return len(await office.world.anomalies())


async def test_a_type_that_nobody_sells_is_asked_about(office: Office) -> None:
    assert "No price of" not in words(await office.type("/dd0c expect 12 m5.large for 3d"))
    answer = words(await office.type("/dd0c expect 12 m5.lagre for 3d"))
    assert "No price of `m5.lagre` is known. Did you mean `m5.large`?" in answer
    assert await launched(office, 2, actor=1, instance_type="m5.lagre") == 0
    assert "No price of" not in words(await office.type("/dd0c expect 12 m5.lagre for 3d"))


async def test_what_was_declared_stays_silent_up_to_its_limit(office: Office) -> None:
    answer = await office.type("/dd0c expect 12 m5.large for 3d")
    assert "`m5.large` in production, by anybody, up to 12 running at a time" in answer["text"]
    assert "Running now: 0" in words(answer)
    assert await launched(office, 6, actor=1) == 0
    assert await launched(office, 6, actor=2) == 0
    assert await launched(office, 6, actor=3) == 1


async def test_what_stopped_leaves_room_again(office: Office) -> None:
    await office.type("/dd0c expect 6 m5.large $6/h")
    first = office.world.launch(6)
    await office.world.ingest(first)
    office.world.turn(HOUR)
    await office.world.ingest(office.world.terminate(first))
    assert await launched(office, 6, actor=2) == 0
    assert "Running now: 6, $6.00/h" in words(await office.type("/dd0c expect 7 m5.large"))


async def test_a_price_is_a_limit_for_all_that_runs(office: Office) -> None:
    await office.type("/dd0c expect M5.LARGE $10/h until 2036-01-01")  # refused, too far away
    assert await launched(office, 6, actor=1) == 1
    await office.type("/dd0c expect M5.LARGE $12/h")
    assert await launched(office, 6, actor=2) == 1
    assert await launched(office, 6, actor=3) == 2


async def test_it_ends_when_it_was_said_to(office: Office) -> None:
    await office.type("/dd0c expect 20 m5.large for 1d")
    office.world.turn(DAY)
    assert await launched(office, 6) == 1
    assert "Nothing is snoozed or expected" in words(await office.type("/dd0c snoozes"))


async def test_other_types_alert_as_ever(office: Office) -> None:
    await office.type("/dd0c expect 20 m5.large")
    assert await launched(office, 6, instance_type="c5.large") == 1


async def test_a_declaration_is_taken_back_by_its_button(office: Office) -> None:
    await office.type("/dd0c expect 20 m5.large")
    [shown] = office.slack.ephemerals(office.ann.user_id)
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:end")
    [answer] = await pressed.wait_for_posts()
    assert "Ended: *Expected:* `m5.large` by anybody" in words(answer)
    assert await launched(office, 6) == 1


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", "Which type?"),
        ("8", "Which type?"),
        ("m5.large", "How many, or for how much"),
        ("8 m5.large until Fryday", "Did you mean `friday`?"),
        ("8 m5.large until", "Until when?"),
        ("8 m5.large for", "no span of time"),
        ("8 9 m5.large", "How many was said twice"),
        ("8 m5.large c5.large", "A type was said twice: `m5.large` and `c5.large`"),
        ("0 m5.large", "need not be declared"),
        ("8 m5.large \u20ac3/h", "no price"),
        ("8 m5.large !!", "is not understood"),
        ("8 m5.large until 2036-01-01", "too far away"),
        ("8 m5.large --account staging", "There is `production`"),
    ],
)
async def test_what_is_not_understood_declares_nothing(office: Office, rest: str, said: str) -> None:
    answer = await office.type(f"/dd0c expect {rest}")
    assert said in answer["text"]
    assert "Nothing is snoozed or expected" in words(await office.type("/dd0c snoozes"))


async def test_with_several_accounts_one_must_be_named(office: Office) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    assert "In which account?" in (await office.type("/dd0c expect 8 m5.large"))["text"]
    assert "in production" in (await office.type("/dd0c expect 8 m5.large --account production"))["text"]


async def test_a_snooze_is_listed_and_ended(office: Office) -> None:
    anomaly = await office.alert()
    await office.snooze(office.ann, "4h")
    await office.until(lambda: "snoozed this" in json.dumps(office.card().blocks))
    listed = words(await office.type("/dd0c snoozes"))
    assert "1 pattern stays silent" in listed
    assert "*Snoozed:* `m5.large` by thief in production" in listed
    assert f"by <@{office.ann.user_id}>" in listed
    short_id = listed.rsplit(" · `", 1)[1].split("`")[0]
    assert "Ended: *Snoozed:*" in words(await office.type(f"/dd0c snoozes end {short_id}"))
    stored = await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert stored.status is AnomalyStatus.OPEN
    assert "Nothing is snoozed" in words(await office.type("/dd0c snoozes list"))


async def test_what_a_card_called_expected_is_listed_and_ended(office: Office) -> None:
    await office.alert()
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: "marked this expected" in json.dumps(office.card().blocks))
    listed = words(await office.type("/dd0c snoozes"))
    assert "up to $9.00/h per launch, without an end" in listed
    short_id = listed.rsplit(" · `", 1)[1].split("`")[0]
    assert "Ended: *Expected:*" in words(await office.type(f"/dd0c snoozes end {short_id}"))


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("end", "Which one?"),
        ("end abc", "at least 4 characters"),
        ("end abcdef", "Nothing silent has the id `abcdef`"),
        ("ned abcd", "Did you mean `end`?"),
    ],
)
async def test_ending_says_what_to_write(office: Office, rest: str, said: str) -> None:
    assert said in (await office.type(f"/dd0c snoozes {rest}"))["text"]


async def test_what_others_declared_is_not_there(office: Office) -> None:
    await office.type("/dd0c expect 8 m5.large")
    assert (await office.world.quieting.list_patterns("t-2")).patterns == ()
    assert len((await office.world.quieting.list_patterns(TENANT)).patterns) == 1
    assert ACCOUNT not in words(await office.type("/dd0c snoozes"))
