"""``/dd0c zombies``: the list, its pages, and what its buttons say."""

import json
from datetime import timedelta
from typing import Any

from engine.models.account import AccountStatus, Role
from engine.zombies.models import Finding, Owner, Rest, Scan, Trouble, VerdictKind
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, TENANT
from tests.store.samples import audit_record
from tests.store.zombie_samples import finding


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


async def filled(office: Office, count: int = 1, **fields: Any) -> list[Finding]:
    """So many findings of a finished scan, the dearest first."""
    store, now = office.world.store, office.world.clock()
    found = [
        finding(f"z-{number}", account_id=ACCOUNT, resource_id=f"vol-{number}", monthly_cost=100.0 - number, **fields)
        for number in range(count)
    ]
    await store.zombies.save_findings(TENANT, found)
    await store.zombies.begin_scan(TENANT, ACCOUNT, now, ended_before=now, begun_before=now)
    trouble = Trouble("eu-north-1", "databases", "AccessDenied")
    scan = Scan(
        account_id=ACCOUNT,
        began_at=now,
        ended_at=now,
        troubles=(trouble,),
        rest=(Rest("snapshot_old", "eu-west-1", 99_800, 1234.5),),
    )
    await store.zombies.end_scan(TENANT, scan)
    return found


async def test_before_the_first_scan_asking_begins_it_unless_the_account_still_learns(office: Office) -> None:
    await office.world.change_account(status=AccountStatus.LEARNING)
    assert "No account was looked at yet" in words(await office.type("/dd0c zombies"))
    await office.world.change_account(status=AccountStatus.ACTIVE)
    assert await office.world.store.zombie_asks.find_asks(TENANT, office.ann.user_id) == []
    shown = words(await office.type("/dd0c zombies"))
    assert "Nothing is found so far" in shown
    assert "1 account is being looked at now, which takes some minutes: a direct message tells you" in shown
    [ask] = await office.world.store.zombie_asks.find_asks(TENANT, office.ann.user_id)
    assert ask.account_ids == (ACCOUNT,)


async def test_within_the_hour_and_on_other_pages_nothing_is_looked_at_again(office: Office) -> None:
    await filled(office, 6)
    asks = office.world.store.zombie_asks
    assert "Asking looks again, at each account once an hour at most." in words(await office.type("/dd0c zombies"))
    office.world.turn(timedelta(hours=1))
    await office.type("/dd0c zombies --page 2")
    await office.type("/dd0c zombies --hidden")
    assert await asks.find_asks(TENANT, office.ann.user_id) == []
    shown = words(await office.type("/dd0c zombies"))
    assert "Looked at" in shown
    assert "a direct message tells you" in shown
    assert len(await asks.find_asks(TENANT, office.ann.user_id)) == 1


async def test_a_look_that_came_to_nothing_is_named(office: Office) -> None:
    await filled(office)
    store, now = office.world.store, office.world.clock()
    await store.zombies.fail_scan(TENANT, ACCOUNT, now, "Assuming the role: <no>")
    shown = words(await office.type("/dd0c zombies"))
    assert "came to nothing: Assuming the role: &lt;no&gt;." in shown
    assert "vol-0" in shown


async def test_while_it_looks_for_the_first_time_it_does_not_say_that_nothing_is_idle(office: Office) -> None:
    store, now = office.world.store, office.world.clock()
    await store.zombies.begin_scan(TENANT, ACCOUNT, now, ended_before=now, begun_before=now)
    shown = words(await office.type("/dd0c zombies"))
    assert "Nothing is found so far" in shown
    assert "1 account is being looked at now" in shown
    await store.zombies.end_scan(TENANT, Scan(account_id=ACCOUNT, began_at=now, ended_at=now))
    shown = words(await office.type("/dd0c zombies"))
    assert "Nothing is idle" in shown
    assert "being looked at now" not in shown


async def test_a_finding_says_what_it_costs_whose_it_is_and_why(office: Office) -> None:
    command = "aws ec2 create-snapshot --region eu-west-1 --volume-id vol-0"
    await filled(office, owner=Owner("maria", "created it", "arn:maria"), commands=(command,))
    shown = words(await office.type("/dd0c zombies"))
    for text in ("$100.00 a month", "vol-0", "created by maria", "attached to nothing", "high confidence", command):
        assert text in shown
    assert "databases in eu-north-1: AccessDenied" in shown
    assert "99,800 cheaper ones" in shown


async def test_a_finding_says_what_would_make_it_again(office: Office) -> None:
    await filled(office, tags={"aws:autoscaling:groupName": "web-<1>", "aws:cloudformation:stack-name": "shop"})
    shown = words(await office.type("/dd0c zombies"))
    assert "Before you do:* it is part of the Auto Scaling group `web-&lt;1&gt;`, which starts others instead" in shown
    assert "; it is part of the CloudFormation stack `shop`: change that." in shown
    await filled(office, tags={"Name": "aws:cloudformation:stack-name"})
    assert "Before you do" not in words(await office.type("/dd0c zombies"))


async def test_every_command_of_a_way_is_shown_and_what_is_too_long_is_left_out_whole(office: Office) -> None:
    steps = tuple(f"aws ec2 step-{number} --instance-id i-1" for number in range(4))
    await filled(office, commands=steps)
    shown = words(await office.type("/dd0c zombies"))
    assert all(step in shown for step in steps)
    await filled(office, commands=("aws " + "x" * 490,) * 4, evidence=("y" * 290,) * 4)
    assert words(await office.type("/dd0c zombies")).count("x" * 490) == 3


async def test_names_from_outside_are_shown_and_never_obeyed(office: Office) -> None:
    await filled(office, name="<!channel> *x*", owner=Owner("<@U1>", "tag <b>"))
    shown = words(await office.type("/dd0c zombies"))
    assert "<!channel>" not in shown
    assert "<@U1>" not in shown


async def test_the_list_is_paged_in_its_place(office: Office) -> None:
    await filled(office, 7)
    first = await office.type("/dd0c zombies")
    assert "Page 1 of 2" in words(first)
    [shown] = office.slack.ephemerals(office.ann.user_id)
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:next")
    [second] = await pressed.wait_for_posts()
    assert second["replace_original"]
    assert "vol-6" in words(second)
    assert "vol-0" not in words(second)


async def test_a_button_keeps_it_for_a_month(office: Office) -> None:
    await filled(office)
    await office.type("/dd0c zombies")
    [shown] = office.slack.ephemerals(office.ann.user_id)
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:keep_0")
    [answer] = await pressed.wait_for_posts()
    assert "is kept" in words(answer)
    stored = await office.world.store.zombies.find_finding(TENANT, "z-0")
    assert stored.verdict is not None
    assert stored.verdict.kind is VerdictKind.KEEP
    assert stored.verdict.until == office.world.clock() + timedelta(days=30)
    assert "Nothing is idle" in words(await office.type("/dd0c zombies"))


async def test_a_line_says_why_and_for_how_long(office: Office) -> None:
    await filled(office)
    await office.type("/dd0c zombies keep z-0 7d the migration needs it")
    stored = await office.world.store.zombies.find_finding(TENANT, "z-0")
    assert stored.verdict is not None
    assert stored.verdict.reason == "the migration needs it"
    hidden = words(await office.type("/dd0c zombies --hidden"))
    assert f"<@{office.ann.user_id}> keeps it <!date^" in hidden
    assert ": the migration needs it" in hidden
    office.world.turn(timedelta(days=8))
    assert f"<@{office.ann.user_id}> kept it <!date^" in words(await office.type("/dd0c zombies"))


async def test_planned_stays_listed_and_not_idle_does_not(office: Office) -> None:
    await filled(office, 2)
    assert "deleting it is planned" in words(await office.type("/dd0c zombies planned z-0"))
    assert "is not idle" in words(await office.type("/dd0c zombies not-idle z-1"))
    shown = words(await office.type("/dd0c zombies"))
    assert f"<@{office.ann.user_id}> plans to delete it" in shown
    assert "vol-1" not in shown


async def test_what_is_to_be_changed_is_not_called_to_be_deleted(office: Office) -> None:
    await filled(office, rule="volume_overbought")
    assert '"Change planned"' in words(await office.type("/dd0c zombies"))
    assert "changing it is planned. It stays listed until that is done" in words(
        await office.type("/dd0c zombies planned z-0")
    )
    assert "plans to change it" in words(await office.type("/dd0c zombies"))


async def test_what_is_odd_is_explained(office: Office) -> None:
    await filled(office)
    assert "is not understood" in words(await office.type("/dd0c zombies explode z-0"))
    assert "Say of which one" in words(await office.type("/dd0c zombies keep"))
    assert "There is no idle resource" in words(await office.type("/dd0c zombies not-idle z-99"))
    assert "zombies keep ID" in words(await office.type("/dd0c help zombies"))


async def test_a_viewer_looks_and_does_not_judge(office: Office) -> None:
    await filled(office)
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    assert tenant is not None
    await set_viewer(office)
    assert "vol-0" in words(await office.type("/dd0c zombies"))
    assert "role" in words(await office.type("/dd0c zombies not-idle z-0")).lower()
    assert (await office.world.store.zombies.find_finding(TENANT, "z-0")).verdict is None


async def set_viewer(office: Office) -> None:
    """Ann may only look from now on."""

    roles = {office.ann.user_id: Role.VIEWER, "U0ADMIN": Role.ADMIN}
    await office.world.store.tenants.save_roles(TENANT, roles, audit_record())


async def test_thresholds_are_shown_and_set(office: Office) -> None:
    assert "All thresholds are the usual ones" in words(await office.type("/dd0c settings zombies"))
    shown = words(await office.type("/dd0c settings zombies nat_days 14"))
    assert "`nat_days` *14*, usually 30 (unused NAT gateway)" in shown
    assert "1 of 35 zombie thresholds are your own" in shown
    refused = {
        "nat_day 14": "Did you mean `nat_days`?",
        "nat_days 33": "`nat_days` is from 1 to 32",
        "nat_days nan": "`nat_days` is from 1 to 32",
        "nat_days 1.5": "`nat_days` is a whole number",
        "nat_days lots": "`lots` is no value for `nat_days`",
        "volume_days 30": "`volume_days` must be less than `stopped_days`",
        "low_days 15": "`low_days` is at most `instance_days`",
        "nat_days": "Say it like",
    }
    for line, told in refused.items():
        assert told in words(await office.type(f"/dd0c settings zombies {line}"))
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    assert tenant.zombie_thresholds == {"nat_days": 14}
    await office.type("/dd0c settings zombies nat_days default")
    assert (await office.world.store.tenants.find_tenant(TENANT)).zombie_thresholds == {}


async def test_a_finding_says_which_threshold_of_your_own_it_was_found_at(office: Office) -> None:
    await filled(office, threshold="attached to nothing, 1 d old at least")
    assert "your own threshold" not in words(await office.type("/dd0c zombies"))
    await filled(office, threshold="attached to nothing, 9 day old at least")
    assert "your own threshold: attached to nothing, 9 day old at least" in words(await office.type("/dd0c zombies"))


async def test_undo_stands_beside_what_was_said(office: Office) -> None:
    await filled(office)
    await office.type("/dd0c zombies not-idle z-0")
    [shown] = office.slack.ephemerals(office.ann.user_id)
    pressed = await office.slack.click(office.ann.user_id, office.channel, shown.message_ts, "command.run:undo")
    [answer] = await pressed.wait_for_posts()
    assert "is taken back" in words(answer)
    assert (await office.world.store.zombies.find_finding(TENANT, "z-0")).verdict is None
    assert "nothing is said of that" in words(await office.type("/dd0c zombies undo z-0"))
    await office.type("/dd0c zombies keep z-0 7d")
    hidden = words(await office.type("/dd0c zombies --hidden"))
    assert "1 idle resource that you keep or called not idle" in hidden
    assert "zombies undo z-0" in hidden
