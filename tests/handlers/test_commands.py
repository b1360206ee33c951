"""``/dd0c ...``, as Slack sends it."""

import asyncio
import json
from typing import Any

import pytest

from engine.models.account import AccountStatus, GovernanceMode, Tenant
from engine.models.sensitivity import Sensitivity, SensitivityRule
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, HOUR, TENANT, stranger
from tests.store.samples import audit_record


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/dd0c", "/dd0c status"),
        ("/dd0c help", "/dd0c anomalies"),
        ("/dd0c HELP me please", "/dd0c digest"),
        ("/dd0c status", "production"),
        ("/dd0c anomalies", "m5.large"),
        ("/dd0c digest", "m5.large"),
        ("/dd0c settings", "sensitivity medium"),
    ],
)
async def test_every_command_answers_only_who_asked(office: Office, line: str, said: str) -> None:
    await office.alert()
    answer = await office.type(line)
    assert said in words(answer)
    assert answer["text"]
    assert answer["response_type"] == "ephemeral"
    assert len(office.slack.messages(office.channel)) == 1  # the card, and nothing else


async def test_disconnecting_takes_the_account_id_twice(office: Office) -> None:
    assert "cannot be undone" in words(await office.type(f"/dd0c disconnect {ACCOUNT}"))
    assert (await office.world.account()).status is AccountStatus.ACTIVE
    assert "within 72 hours" in words(await office.type(f"/dd0c disconnect {ACCOUNT} {ACCOUNT}"))
    assert (await office.world.account()).status is AccountStatus.DISCONNECTING
    assert "disconnecting" in words(await office.type("/dd0c status"))


async def test_disconnecting_says_what_was_wrong(office: Office) -> None:
    assert "12 digits" in words(await office.type("/dd0c disconnect production"))
    assert "not connected" in words(await office.type("/dd0c disconnect 999999999999"))


@pytest.mark.parametrize(("typed", "meant"), [("staus", "status"), ("anomalis", "anomalies"), ("Digset", "digest")])
async def test_an_unknown_word_points_to_the_nearest(office: Office, typed: str, meant: str) -> None:
    answer = await office.type(f"/dd0c {typed}")
    assert f"Did you mean `/dd0c {meant}`?" in answer["text"]


ODD = {
    "unlike anything": "qqqqqqqq",
    "very long": "x" * 50_000,
    "many words": "status " * 5_000,
    "everybody": "<!channel> <@U1> *bold* &amp;",
    "other scripts": "стат 状態 🔥",
    "control characters": "\x00\x1b[31m\r\n\u202e",
    "a lone surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "odd spaces": "\u00a0\u2003status",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_odd_texts_are_answered_in_words(office: Office, text: str) -> None:
    answer = await office.type(f"/dd0c {text}")
    assert answer["text"]
    assert len(words(answer)) < 14_000
    assert "<!channel>" not in words(answer)
    assert "error in dd0c" not in words(answer)


@pytest.mark.parametrize(
    "rest", ["", "abc", "1234", "123456789012 extra", "arn:aws:iam::1:role/x", "٣" * 12, "9" * 9000]
)
async def test_connect_says_what_to_write(office: Office, rest: str) -> None:
    answer = await office.type(f"/dd0c connect {rest}")
    assert "/dd0c connect 123456789012" in answer["text"]


async def test_a_workspace_that_is_not_set_up(office: Office) -> None:
    stranger = Tenant(tenant_id=TENANT, team_id="T-OTHER", team_name="b", alert_channel_id="C")
    await office.world.store.tenants.save_tenant(stranger)
    answer = await office.type("/dd0c status")
    assert "not set up yet" in answer["text"]
    assert ACCOUNT not in words(answer)


@pytest.mark.parametrize("error", [Exception, ValueError])
async def test_a_bug_is_answered_in_words_and_logged(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    async def broken(*_args: object) -> None:
        raise error("secret detail")

    monkeypatch.setattr(office.world.store.accounts, "find_accounts", broken)
    answer = await office.type("/dd0c status")
    assert "error in dd0c/cost" in answer["text"]
    assert "secret detail" not in answer["text"]
    assert "answering a command failed" in caplog.text


async def test_the_ack_does_not_wait_for_the_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, find = asyncio.Event(), office.world.store.accounts.find_accounts

    async def slow(*args: str) -> Any:
        await gate.wait()
        return await find(*args)

    monkeypatch.setattr(office.world.store.accounts, "find_accounts", slow)
    interaction = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c status")
    assert (interaction.ack.status, interaction.ack.text, interaction.posts) == (200, "", [])
    gate.set()
    assert await interaction.wait_for_posts()


async def test_an_answer_that_slack_refuses_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.slack.fail_next("response_url", status=404, error="expired_url")
    await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c help")
    async with asyncio.timeout(30.0):
        while "Slack refused an answer (404)" not in caplog.text:  # noqa: ASYNC110 - a log announces nothing
            await asyncio.sleep(0.005)


async def test_a_sensitivity_is_set_and_shown(office: Office) -> None:
    answer = await office.type("/dd0c settings sensitivity high")
    assert answer["text"] == f"Sensitivity is now high for everything in production ({ACCOUNT})."
    answer = await office.type(
        "/dd0c settings Sensitivity LOW --account production --service=RDS \u2014type db.r5.large"
    )
    assert "now low for `db.r5.large` of `rds`" in answer["text"]
    assert (await office.world.account()).sensitivities == (
        SensitivityRule(level=Sensitivity.HIGH),
        SensitivityRule(level=Sensitivity.LOW, service="rds", resource_type="db.r5.large"),
    )
    shown = words(await office.type("/dd0c settings"))
    assert "sensitivity high" in shown
    assert "low for `db.r5.large` of `rds`" in shown


async def test_strict_mode_is_chosen_and_said_by_whom(office: Office) -> None:
    answer = await office.type("/dd0c settings mode strict --account production")
    assert answer["text"].startswith(f"Strict mode is chosen for production ({ACCOUNT}): everything is logged")
    assert f"strict mode, chosen by <@{office.ann.user_id}>" in words(answer)
    status = words(await office.type("/dd0c status"))
    assert f"Strict mode: nobody is told of anything, chosen by <@{office.ann.user_id}>" in status
    answer = await office.type("/dd0c settings mode default --account production")
    assert answer["text"].startswith("Nobody's choice holds for production")
    answer = await office.type("/dd0c settings mode strict")
    assert "for all accounts, also those connected later" in answer["text"]


async def test_setting_what_holds_anyway_takes_a_rule_back(office: Office) -> None:
    await office.type("/dd0c settings sensitivity low --service ec2")
    await office.type(f"/dd0c settings sensitivity medium --service ec2 --account {ACCOUNT}")
    assert (await office.world.account()).sensitivities == ()


async def test_sensitivity_changes_what_alerts(office: Office) -> None:
    """The safety net is the same for all; below it the level counts."""
    await office.world.change_account(mode=GovernanceMode.AUDIT)
    scores: list[float] = []
    for level in ("low", "high"):
        await office.type(f"/dd0c settings sensitivity {level} --type m5.large")
        office.world.turn(3 * HOUR)
        await office.world.ingest(office.world.launch(6, actor=stranger(len(scores))))
        scores.append((await office.world.anomalies())[0].score)
    assert scores[0] < scores[1]


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("colour blue", "no setting `colour`"),
        ("sensitivity", "`low`, `medium` or `high`"),
        ("sensitivity extreme", "`low`, `medium` or `high`"),
        ("sensitivity low --acount prod", "`--acount` is not understood"),
        ("sensitivity low rds", "`low`, `medium` or `high`"),
        ("sensitivity low --service", "`--service` needs a value"),
        ("sensitivity low --service=", "`--service` needs a value"),
        ("sensitivity low --service rds --service ec2", "`--service` was said twice"),
        ("--service rds", "no setting"),
        ("mode audit", "can only be made stricter"),
        ("mode strict --account staging", "There is `production`"),
        ("sensitivity low --service rdss", "Did you mean `rds`?"),
        ("sensitivity low --service qqqqqqqqq", "API names"),
        ("sensitivity low --type <!channel>", "A type is a word"),
        ("sensitivity low --type " + "x" * 500, "A type is a word"),
        ("sensitivity low --account staging", "There is `production`"),
        ("`sensitivity`", "no setting"),
        ("\u201csensitivity low", "never closed"),
    ],
)
async def test_settings_that_are_not_understood_change_nothing(office: Office, rest: str, said: str) -> None:
    answer = await office.type(f"/dd0c settings {rest}")
    assert said in answer["text"]
    assert "/dd0c settings" in answer["text"] or "--" in rest or "\u201c" in rest
    assert (await office.world.account()).sensitivities == ()


async def test_rules_do_not_grow_without_end(office: Office) -> None:
    rules = [SensitivityRule(level=Sensitivity.LOW, resource_type=f"t{number}") for number in range(100)]
    await office.world.store.accounts.save_sensitivities(TENANT, ACCOUNT, rules, audit_record())
    assert "at most 100" in (await office.type("/dd0c settings sensitivity low --type t100"))["text"]
    assert "now high" in (await office.type("/dd0c settings sensitivity high --type t99"))["text"]


async def test_settings_of_another_workspace_are_not_there(office: Office) -> None:
    other = Tenant(tenant_id="t-2", team_id=office.slack.team_id, team_name="b", alert_channel_id="C")
    await office.world.store.tenants.save_tenant(
        Tenant(tenant_id=TENANT, team_id="T-OTHER", team_name="a", alert_channel_id="C")
    )
    await office.world.store.tenants.save_tenant(other)
    assert "No AWS account is connected" in (await office.type("/dd0c settings"))["text"]
    assert "No AWS account is connected" in (await office.type("/dd0c settings sensitivity low"))["text"]
    assert (await office.world.account()).sensitivities == ()


async def test_an_answer_that_gets_lost_is_no_error_of_ours(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.slack.fail_next("response_url", times=2)  # The SDK tries once more by itself.
    answer = await office.type("/dd0c status")
    assert answer["text"] == "Slack did not take the answer. Please look whether it was done, and ask again."
    assert "answering a command: Slack did not take the answer (ServerDisconnectedError)" in caplog.text
    assert "Traceback" not in caplog.text
