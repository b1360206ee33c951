"""What a person reads on a card, and that Slack takes any card there can be."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.anomaly_actions import ACKNOWLEDGE, MARK_EXPECTED, MORE, NOT_EXPECTED, SNOOZE, UNDO, anomaly_id_of
from blocks.anomaly_card import anomaly_card
from blocks.card import Card
from engine.asking import is_moot
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Line, ResourceRef, Signal
from engine.models.cost_event import Actor, ActorKind
from engine.verdicts import expectation_of, may_acknowledge, may_judge, may_quiet, may_undo
from tests.blocks.rules import labels, problems, reading
from tests.blocks.samples import INSTANCES, LEAKED_KEY, MOMENTS, NAMES, START, anomalies, incident

NOW = START + timedelta(minutes=15)
TIMES = "\N{MULTIPLICATION SIGN}"

GPU_CARD = """\
Critical: 4 \N{MULTIPLICATION SIGN} p3.8xlarge in ap-southeast-1, $48.96/h
*Cost*
$48.96 per hour · $1,175.04 per day
$12.24 so far, as of 2026-03-04 14:15 UTC
*Who*
ci-deploy (IAM user)
from 203.0.113.7
*Where*
prod (123456789012)
ap-southeast-1
*When*
2026-03-04 14:00 UTC
*Why this alert*
• $48.96 an hour is 510 times the $0.096 that launches usually cost here.
• Nothing was ever started in ap-southeast-1 before.
*How to stop it*
```aws ec2 stop-instances --region ap-southeast-1 --instance-ids i-0a1 i-0a2 i-0a3 i-0a4```
If that is not enough: the same with `terminate-instances`
*If the key may have leaked*, stopping this is not enough: *Show details* has the steps, the key first.
*Mark expected*: From now on, ci-deploy starting p3.8xlarge up to $73.44 an hour per launch stays silent.
Seen 4 min after the event · score 3.2 (1.0 is unusual) · AWS list price · id 7f3a91c2"""


def draw(anomaly: Anomaly, *, may_repeat: bool = False) -> Card:
    """Draw the card a quarter of an hour after the launch and insist that Slack would take it."""
    card = anomaly_card(anomaly, account_name="prod", now=NOW, may_repeat=may_repeat)
    assert problems(card) == []
    return card


def labelled(status: AnomalyStatus, **changes: Any) -> Card:
    """Draw the card after a click by U123."""
    return draw(incident(status=status, status_by="U123", status_at=NOW, **changes))


def test_four_gpu_instances_by_a_leaked_key() -> None:
    card = draw(LEAKED_KEY)
    assert reading(card) == GPU_CARD
    assert labels(card) == ["Mark expected", "Not expected", "Acknowledge", "Snooze"]
    one_line = "Critical: 4 \N{MULTIPLICATION SIGN} p3.8xlarge in ap-southeast-1"
    assert card.text == f"{one_line}, $48.96 per hour · $1,175.04 per day, by ci-deploy in prod"


def test_buttons_carry_the_anomaly_id_and_nothing_else() -> None:
    (actions,) = [block for block in draw(LEAKED_KEY).blocks if block["type"] == "actions"]
    assert anomaly_id_of(actions["block_id"]) == LEAKED_KEY.anomaly_id
    *buttons, snooze, more = actions["elements"]
    assert [one["action_id"] for one in actions["elements"]] == [
        "anomaly.mark_expected",
        "anomaly.not_expected",
        "anomaly.acknowledge",
        "anomaly.snooze",
        "anomaly.more",
    ]
    assert [option["value"] for option in more["options"]] == ["expected", "ask", "ticket", "details"]
    assert [one.get("style") for one in buttons] == ["primary", None, None]
    assert {one["value"] for one in buttons} == {LEAKED_KEY.anomaly_id}
    assert [option["value"] for option in snooze["options"]] == ["1h", "4h", "24h", "7d"]


def meaning_of_the_click(card: Card) -> str:
    """What the small print says that *Mark expected* does."""
    [small] = [block for block in card.blocks if block["block_id"] == "context"]
    return str(small["elements"][0]["text"])


def test_mark_expected_is_one_click() -> None:
    [actions] = [block for block in draw(LEAKED_KEY).blocks if block["type"] == "actions"]
    assert actions["elements"][0]["text"]["text"] == "Mark expected"
    assert "confirm" not in actions["elements"][0]
    assert "Mark expected*:" not in reading(labelled(AnomalyStatus.EXPECTED))


def test_mark_expected_says_exactly_what_it_will_declare() -> None:
    declared = expectation_of(LEAKED_KEY, expectation_id="x", user_id="U1", now=NOW)
    assert declared.max_hourly_cost == pytest.approx(73.44)
    assert meaning_of_the_click(draw(LEAKED_KEY)) == (
        "*Mark expected*: From now on, ci-deploy starting p3.8xlarge up to $73.44 an hour per launch stays silent."
    )


def test_mark_expected_of_many_types_and_unknown_price_says_that_too() -> None:
    lines = tuple(Line("ec2", f"t{size}.micro", "us-east-1", 1, None) for size in range(5))
    text = meaning_of_the_click(draw(incident(lines=lines, unknown_price=True, hourly_cost=0.0)))
    assert text == (
        "*Mark expected*: From now on, ci-deploy starting t0.micro or t1.micro or t2.micro or 2 more types at any "
        "price stays silent."
    )


def test_after_a_verdict_the_buttons_give_way_to_who_did_what_and_undo() -> None:
    expected = labelled(AnomalyStatus.EXPECTED)
    assert "<@U123> marked this expected · 2026-03-04 14:15 UTC" in reading(expected)
    assert labels(expected) == ["Undo"]
    assert "How to stop it" not in reading(expected)


def test_snoozed_says_until_when() -> None:
    snoozed = labelled(AnomalyStatus.SNOOZED, snoozed_until=NOW + timedelta(hours=4))
    assert "<@U123> snoozed this until 2026-03-04 18:15 UTC" in reading(snoozed)
    assert labels(snoozed) == ["Undo"]


def test_a_snooze_that_outlasts_its_launch_can_be_undone() -> None:
    changes = {"ended_at": NOW, "running_ids": (), "snoozed_until": NOW + timedelta(days=7)}
    card = labelled(AnomalyStatus.RESOLVED, **changes)
    assert "<@U123> snoozed this until 2026-03-11 14:15 UTC" in reading(card)
    assert labels(card) == ["Mark expected", "Not expected", "Undo"]


def test_acknowledged_can_still_be_judged_or_snoozed() -> None:
    taken = labelled(AnomalyStatus.ACKNOWLEDGED)
    assert "<@U123> acknowledged this" in reading(taken)
    assert labels(taken) == ["Mark expected", "Not expected", "Snooze", "Undo"]


def test_ended_says_what_was_burnt_and_saved() -> None:
    over = START + timedelta(minutes=42)
    changes = {"ended_at": over, "burnt_usd": 34.272, "running_ids": (), "running_hourly_cost": 0.0}
    card = draw(incident(status=AnomalyStatus.RESOLVED, **changes))
    text = reading(card)
    assert text.startswith("Stopped: 4 \N{MULTIPLICATION SIGN} p3.8xlarge")
    assert "*Stopped after 42 min:* $34.27 burnt; left running it would have cost $1,175.04 a day" in text
    assert "How to stop it" not in text
    assert "so far" not in text
    assert labels(card) == ["Mark expected", "Not expected"]
    assert labels(labelled(AnomalyStatus.EXPECTED, **changes)) == ["Undo"]


def test_what_has_not_burnt_a_cent_yet_is_not_mentioned() -> None:
    card = anomaly_card(LEAKED_KEY, account_name="prod", now=START, may_repeat=False)
    assert "so far" not in reading(card)


def test_partly_stopped_says_what_runs_on() -> None:
    text = reading(draw(incident(running_ids=INSTANCES[:1], running_hourly_cost=12.24, burnt_usd=20.0)))
    assert "$23.06 so far, as of" in text
    assert "$12.24/h still running" in text
    assert "--instance-ids i-0a1```" in text


def test_a_card_posted_again_in_doubt_says_so() -> None:
    assert "may repeat one posted before" in reading(draw(LEAKED_KEY, may_repeat=True))
    assert "may repeat" not in reading(draw(LEAKED_KEY))


def test_an_unknown_price_is_said_and_never_zero() -> None:
    line = Line("ec2", "u9-new.metal", "us-east-1", 1, None)
    card = draw(incident(lines=(line,), hourly_cost=0.0, running_hourly_cost=0.0, unknown_price=True))
    assert "*Cost*\nprice not known\n*Who*" in reading(card)
    assert "$0.00" not in reading(card)
    assert "price not known, by ci-deploy" in card.text


def test_a_sum_that_leaves_out_unknown_prices_is_a_lower_bound() -> None:
    lines = (*LEAKED_KEY.lines, Line("ec2", "u9-new.metal", "us-east-1", 1, None))
    text = reading(draw(incident(lines=lines, unknown_price=True)))
    assert "at least $48.96 per hour" in text
    assert "• u9-new.metal in us-east-1: price not known" in text


def test_labels_say_what_the_list_price_does_not_reflect() -> None:
    line = Line("ec2", "m5.large", "us-east-1", 2, 0.192, ("spot", "multi-az"), "estimated")
    text = reading(draw(incident(lines=(line,))))
    assert (
        "• 2 \N{MULTIPLICATION SIGN} m5.large in us-east-1: $0.192/h "
        "(spot, multi-az: on-demand Linux list price shown; estimated price)"
    ) in text


def test_sprawl_over_regions_is_summed_in_the_headline_and_listed_shortly() -> None:
    lines = tuple(Line("ec2", "nat_gateway", f"xx-test-{number}", 2, 0.09, (), "list") for number in range(12))
    text = reading(draw(incident(lines=lines)))
    assert text.startswith("Critical: 24 \N{MULTIPLICATION SIGN} nat_gateway in 12 Regions, $48.96/h\n• ")
    assert text.count("• 2 \N{MULTIPLICATION SIGN} nat_gateway") == 5
    assert "_and 7 more_" in text
    assert "xx-test-3, … (12 Regions)" in text


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, "$48.96/h"),
        ({"unknown_price": True}, "over $48.96/h"),
        ({"unknown_price": True, "hourly_cost": 0.0}, "price unknown"),
    ],
)
def test_the_longest_headline_has_under_ten_words(changes: dict[str, Any], price: str) -> None:
    lines = (*LEAKED_KEY.lines, Line("rds", "db.r6i.32xlarge", "us-east-1", 9, 40.0))
    blocks = draw(incident(lines=lines, **changes)).blocks
    (head,) = [block["text"]["text"] for block in blocks if block["type"] == "header"]
    assert head == f"Critical: 4 {TIMES} p3.8xlarge + others in 2 Regions, {price}"
    assert len([word for word in head.split() if word not in {TIMES, "+"}]) < 10


def test_a_group_of_several_types_is_summed_before_it_is_listed() -> None:
    lines = (
        *LEAKED_KEY.lines,
        Line("ec2", "p3.8xlarge", "us-east-1", 2, 24.48),
        Line("rds", "gp3", "us-east-1", 9, None),
    )
    card = draw(incident(lines=lines, hourly_cost=73.44, running_hourly_cost=73.44, unknown_price=True))
    text = reading(card)
    assert text.startswith(
        f"Critical: 6 {TIMES} p3.8xlarge + others in 2 Regions, over $73.44/h\n*15 in all, of 2 types*\n"
    )
    assert text.count("\n• ", 0, text.index("*Cost*")) == 3
    assert "at least $73.44 per hour · $1,762.56 per day\n$18.36 so far" in text
    assert card.text.startswith(f"Critical: 6 {TIMES} p3.8xlarge + others in 2 Regions, at least $73.44 per hour")


def test_a_reason_that_is_also_a_signal_stands_once() -> None:
    reason = "Safety net: $25 an hour or more at once, of a type that this actor has started at most 2 times before."
    alone = Decision(DecisionKind.ALERT, reason, safety_net=True)
    text = reading(draw(incident(decision=alone, signals=(Signal("safety_net", 1.0, reason),))))
    assert text.count(reason) == 1


def test_the_safety_net_of_a_young_account_says_so_first() -> None:
    reason = "Safety net: $5 an hour or more in an account that is still being learned."
    text = reading(draw(incident(decision=Decision(DecisionKind.ALERT, reason, safety_net=True))))
    assert f"*Why this alert*\n• {reason}\n• $48.96" in text


def test_automation_is_to_be_stopped_before_what_it_started() -> None:
    actor = Actor("autoscaling", ActorKind.AUTOMATION, "autoscaling")
    assert "stop that first" in reading(draw(incident(actor=actor)))
    assert "stop that first" not in reading(draw(LEAKED_KEY))


def test_what_no_command_stops_points_to_the_console() -> None:
    table = ResourceRef("us-east-1", "sqs", "table", "orders")
    changes = {"resources": (table,), "running_ids": ("orders",)}
    text = reading(draw(incident(lines=(Line("sqs", "table", "us-east-1", 1, 9.0),), **changes)))
    assert "*How to stop it*\nIn the AWS console: `sqs` in us-east-1" in text


def running(number: int) -> Anomaly:
    """An incident with so many instances, whose ids are as long as AWS makes them."""
    ids = tuple(f"i-{index:017x}" for index in range(number))
    resources = tuple(ResourceRef("us-east-1", "ec2", "m5.large", one) for one in ids)
    return incident(resources=resources, running_ids=ids)


def test_a_hundred_are_all_named() -> None:
    text = reading(draw(running(100)))
    assert text.count(" i-") == 100
    assert "left out" not in text


def test_more_than_fits_is_counted_and_can_be_listed() -> None:
    text = reading(draw(running(1000)))
    named = text.count(" i-")
    assert 120 < named < 150
    assert f"This names {named} of 1,000 running resources; {1000 - named} are left out.\nTo list what runs:" in text
    assert "```aws ec2 describe-instances --region us-east-1 --filters Name=instance-state-name,Values=running" in text


def test_what_no_command_lists_is_looked_up_in_the_console() -> None:
    names = tuple(f"orders-{index:03}-{'x' * 40}" for index in range(100))
    resources = tuple(ResourceRef("us-east-1", "rds", "db.r5.large", one) for one in names)
    lines = (Line("rds", "db.r5.large", "us-east-1", 100, 25.0),)
    text = reading(draw(incident(lines=lines, resources=resources, running_ids=names)))
    assert "are left out.\nIn the AWS console: `rds` in us-east-1" in text


def test_names_cannot_ping_the_channel_or_become_links() -> None:
    actor = Actor("k", ActorKind.ROLE, "<!channel> http://evil.example")
    card = draw(incident(actor=actor))
    assert "&lt;!channel&gt; http://evil.example (role)" in str(card.blocks)
    assert "<!channel>" not in card.text


@given(anomaly=anomalies(), account_name=NAMES, now=MOMENTS, may_repeat=st.booleans())
@settings(max_examples=60)
def test_slack_takes_any_card(anomaly: Anomaly, account_name: str, now: Any, may_repeat: bool) -> None:
    card = anomaly_card(anomaly, account_name=account_name, now=now, may_repeat=may_repeat)
    assert problems(card) == []


@pytest.mark.parametrize("status", list(AnomalyStatus))
def test_every_button_shown_is_one_the_engine_allows(status: AnomalyStatus) -> None:
    by = "" if status in {AnomalyStatus.OPEN, AnomalyStatus.RESOLVED} else "U123"
    anomaly = incident(status=status, status_by=by)
    allowed = {
        MARK_EXPECTED: may_judge(anomaly),
        NOT_EXPECTED: may_judge(anomaly),
        MORE: True,
        ACKNOWLEDGE: may_acknowledge(anomaly),
        SNOOZE: may_quiet(anomaly),
        UNDO: may_undo(anomaly),
    }
    (actions,) = [block for block in draw(anomaly).blocks if block["type"] == "actions"]
    assert all(allowed[element["action_id"]] for element in actions["elements"])
    *buttons, more = actions["elements"]
    asks = MARK_EXPECTED in [one["action_id"] for one in buttons]
    entries = [*(["expected"] if asks else []), *([] if is_moot(anomaly) else ["ask"]), "ticket", "details"]
    assert [option["value"] for option in more["options"]] == entries
