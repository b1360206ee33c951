"""``/dd0c anomalies`` with its options and pages, and ``/dd0c explain``."""

import json
from typing import Any

import msgspec
import pytest

from engine.account_state import Changes
from engine.models.anomaly import Anomaly
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, DAY, HOUR, TENANT, stranger


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


async def incidents(office: Office, count: int) -> list[Anomaly]:
    """So many alerts, three hours apart; the newest comes first."""
    for number in range(count):
        office.world.turn(3 * HOUR)
        await office.world.ingest(office.world.launch(6 + number, actor=stranger(number)))
    return await office.world.anomalies()


async def test_a_list_is_paged_in_its_place(office: Office) -> None:
    await incidents(office, 12)
    first = await office.type("/dd0c anomalies")
    assert "12 anomalies" in first["text"]
    assert "Page 1 of 2" in words(first)
    [shown] = office.slack.ephemerals(office.ann.user_id)
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:next")
    [second] = await pressed.wait_for_posts()
    assert second["replace_original"]
    assert "Page 2 of 2" in words(second)
    assert words(second).count("m5.large") == 2
    assert len(office.slack.ephemerals(office.ann.user_id)) == 1
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:previous")
    [again] = await pressed.wait_for_posts()
    assert words(again) == words(first)


async def test_a_page_behind_the_last_is_the_last(office: Office) -> None:
    await incidents(office, 11)
    assert "Page 2 of 2" in words(await office.type("/dd0c anomalies --page 99"))


async def test_options_narrow_a_list(office: Office) -> None:
    await incidents(office, 2)
    await office.sender.deliver_due()
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: "marked this expected" in json.dumps(office.card().blocks))
    assert "1 anomaly" in (await office.type("/dd0c anomalies \u2014open"))["text"]
    assert "1 anomaly" in (await office.type("/dd0c anomalies --since 2h"))["text"]
    assert (
        "2 anomalies"
        in (await office.type("/dd0c anomalies --severity warning --account \u201cproduction\u201d"))["text"]
    )
    assert "No anomalies" in (await office.type("/dd0c anomalies --severity=critical"))["text"]
    office.world.turn(8 * DAY)
    assert "No anomalies" in (await office.type("/dd0c anomalies"))["text"]
    assert "2 anomalies" in (await office.type("/dd0c anomalies --since 2w"))["text"]


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("--sinc 7d", "Did you mean `--since`?"),
        ("--since yesterday", "no span of time"),
        ("--severity warnin", "Did you mean `warning`?"),
        ("--account staging", "There is `production`"),
        ("--page 0", "count from 1"),
        ("--page \u0663", "count from 1"),
        ("opne", "Did you mean `--open`?"),
        ("qqqqqq", "/dd0c help anomalies"),
    ],
)
async def test_what_is_not_understood_is_said(office: Office, rest: str, said: str) -> None:
    assert said in (await office.type(f"/dd0c anomalies {rest}"))["text"]


async def test_what_was_suppressed_is_listed_and_explained(office: Office) -> None:
    await office.world.ingest(office.world.launch(2))
    listed = await office.type("/dd0c anomalies --suppressed")
    assert "1 suppressed anomaly" in listed["text"]
    assert "No anomalies" in (await office.type("/dd0c anomalies"))["text"]
    short_id = words(listed).split(" · `")[1].split("`")[0]
    told = words(await office.type(f"/dd0c explain {short_id}"))
    assert "Only logged: The account is still being learned; only the safety net alerts." in told
    assert "its card" not in told


async def test_explain_tells_the_whole_story(office: Office) -> None:
    anomaly = await office.alert()
    await office.click(office.ann, "acknowledge")
    await office.until(lambda: "acknowledged this" in json.dumps(office.card().blocks))
    told = words(await office.type(f"/dd0c explain {anomaly.anomaly_id[:8].upper()}"))
    assert "People were told: Safety net" in told
    assert all(signal.text in told for signal in anomaly.signals)
    assert f"<@{office.ann.user_id}> acknowledged it" in told
    assert f"its card stands in <#{office.channel}>" in told
    assert ACCOUNT in told


@pytest.mark.parametrize(
    ("rest", "said"), [("", "Which anomaly?"), ("7f3", "at least 4 characters"), ("zzzz", "no anomaly `zzzz`")]
)
async def test_explain_says_which_ids_there_are(office: Office, rest: str, said: str) -> None:
    answer = await office.type(f"/dd0c explain {rest}")
    assert said in answer["text"]
    assert "/dd0c anomalies" in answer["text"]


async def test_an_id_that_fits_several_names_them(office: Office) -> None:
    await incidents(office, 1)
    [found] = await office.world.anomalies()
    twin = found.anomaly_id[:-1] + ("0" if found.anomaly_id[-1] != "0" else "1")
    loaded = await office.world.store.ledger.load_state(TENANT, ACCOUNT, [], office.world.clock())
    changes = Changes(baseline=loaded.state.baseline, anomalies={twin: msgspec.structs.replace(found, anomaly_id=twin)})
    await office.world.store.ledger.commit(TENANT, loaded, changes, office.world.clock())
    answer = await office.type(f"/dd0c explain {twin[:8]}")
    assert "Several anomalies" in answer["text"]
    assert twin in answer["text"]


async def test_when_the_digest_comes_is_kept(office: Office) -> None:
    answer = await office.type("/dd0c digest on 07:30 Europe/Berlin")
    assert "every day at 07:30 (`Europe/Berlin`)" in answer["text"]
    kept = (await office.world.store.tenants.find_tenant(TENANT)).digest
    assert (kept.rhythm.value, f"{kept.at:%H:%M}", kept.zone) == ("daily", "07:30", "Europe/Berlin")
    assert "every Friday at 07:30" in (await office.type("/dd0c digest weekly Fri"))["text"]
    assert "The digest is off" in (await office.type("/dd0c digest off"))["text"]
    assert "Running" in words(await office.type("/dd0c digest now"))
    assert "Did you mean `weekly`?" in (await office.type("/dd0c digest weekli"))["text"]
