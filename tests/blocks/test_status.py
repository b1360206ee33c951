"""The answers to /dd0c status and accounts."""

from datetime import timedelta
from typing import get_args, get_type_hints

import msgspec
import pytest

from blocks.accounts import account_line, accounts
from blocks.status import status
from blocks.status_deliveries import RESEND
from engine.models.account import AccountStatus, GovernanceMode, OperatorPanic
from engine.models.delivery import DeliveryState
from engine.models.post import Post
from engine.models.report import (
    AccountHealth,
    DeliveryTrouble,
    PostTrouble,
    RegionTrouble,
    StatusReport,
)
from tests.blocks.reports import FULL, HEALTH, STUCK, accepted
from tests.blocks.rules import reading
from tests.blocks.samples import START

LATER = START + timedelta(days=1)


def test_status_of_a_young_account() -> None:
    card = accepted(status(StatusReport(accounts=(HEALTH,), open_anomalies=1, as_of=LATER)))
    assert reading(card) == (
        "Status\n"
        "1 account, none in trouble; 1 open anomaly\n"
        "*prod (123456789012)*: watched\n"
        "Learning what is normal: 3 of 14 days, 12 of 20 cost events\n"
        "Strict mode: only very expensive launches alert\n"
        "17 Regions watched, newest record 2026-03-04 14:00 UTC\n"
        "Running: $4.08 per hour · $97.92 per day; 12,345 records read\n"
        "As of 2026-03-05 14:00 UTC"
    )


def test_status_shows_trouble_first_and_in_words() -> None:
    denied = AccountHealth(
        account_id="210987654321",
        name="lab",
        status=AccountStatus.DENIED,
        mode=GovernanceMode.AUDIT,
        history_days=40,
        events_seen=400,
        regions_watched=2,
        region_troubles=(RegionTrouble("us-east-1", "AccessDenied: not authorized"),),
        status_detail="The role is gone.",
        records_malformed=3,
        last_malformed="no eventName",
        unknown_prices=2,
    )
    stuck = DeliveryTrouble(anomaly_id="7f3a91c2-11", state=DeliveryState.DEAD, error="channel_not_found", attempts=3)
    report = StatusReport(accounts=(HEALTH, denied), deliveries=(stuck,), panic_mode=True, as_of=LATER)
    panic = OperatorPanic(since=LATER, by="Ann", why="prices are wrong")
    by_operator = reading(accepted(status(msgspec.structs.replace(report, operator_panic=panic))))
    assert "by Ann: prices are wrong. Everything is scored and logged, nothing is sent" in by_operator
    card = accepted(status(report))
    text = reading(card)
    assert text.index("*lab (210987654321)*: NOT WATCHED, access denied\nThe role is gone.") < text.index("*prod")
    assert "2 accounts, 1 in trouble; 0 open anomalies\n*Alerting is paused (panic mode)" in text
    assert "• us-east-1 cannot be read: AccessDenied: not authorized" in text
    assert "3 malformed (last: no eventName); 2 unknown prices" in text
    assert "*What did not get through*\n• Card 7f3a91c2 was given up after 3 tries: channel_not_found" in text
    assert "Learning" not in text.split("*prod")[0]


def test_status_of_many_sources_and_gaps_stays_in_bounds() -> None:
    """A Slack section holds 3,000 characters, and one account's words must fit."""
    text = reading(accepted(status(StatusReport(accounts=(FULL,), as_of=LATER))))
    assert "2 received batches were set aside" in text
    assert "NOT covered: ap-southeast-0 before 2026-03-04 14:00 UTC (too much history" in text
    assert "and 11 more" in text
    assert "and 15 more sources" in text
    assert "ap-southeast-3 until" in text


def test_status_of_a_hundred_accounts_shows_what_is_wrong_as_far_as_slack_takes_it() -> None:
    """A message holds about 13,200 characters: what does not fit is counted, and where it is told is said."""
    report = StatusReport(
        accounts=(HEALTH,) * 90 + (FULL,) * 10,
        deliveries=(STUCK,) * 9,
        file_troubles=("f" * 999,) * 9,
        dead_letters=10**9,
        queue_error="q" * 999,
        as_of=LATER,
    )
    text = reading(accepted(status(report)))
    assert "100 accounts, 10 in trouble" in text
    assert text.count("2 received batches were set aside") == 1
    assert "and 99 more accounts, 9 of them in trouble_; `/dd0c accounts` lists them" in text


def test_status_names_all_that_are_in_trouble_before_any_other() -> None:
    denied = msgspec.structs.replace(HEALTH, status=AccountStatus.DENIED)
    text = reading(accepted(status(StatusReport(accounts=(HEALTH,) * 90 + (denied,) * 10, as_of=LATER))))
    assert text.count("NOT WATCHED") == 10
    assert ": watched" not in text
    assert "_and 90 more accounts_; `/dd0c accounts` lists them" in text


def test_accounts_are_one_line_each() -> None:
    denied = msgspec.structs.replace(HEALTH, account_id="210987654321", name="lab", status=AccountStatus.DENIED)
    text = reading(accepted(accounts(StatusReport(accounts=(HEALTH, denied), as_of=LATER))))
    assert "*lab (210987654321)*: NOT WATCHED, access denied\n*prod (123456789012)*: watched, strict mode" in text
    assert "/dd0c connect" in accepted(accounts(StatusReport(accounts=(), as_of=LATER))).text


def test_status_before_any_account_says_how_to_start() -> None:
    assert "/dd0c connect" in accepted(status(StatusReport(accounts=(), as_of=LATER))).text


def test_what_was_given_up_comes_first_with_what_to_do_and_a_button() -> None:
    waits = DeliveryTrouble(anomaly_id="11111111-1", state=DeliveryState.PENDING, error="", attempts=1)
    digest = PostTrouble(kind="digest", state=DeliveryState.DEAD, error="is_archived", attempts=9)
    report = StatusReport(accounts=(HEALTH,), deliveries=(waits,), posts=(digest,), held_cards=4, as_of=LATER)
    card = accepted(status(report))
    text = reading(card)
    assert text.index("• Digest was given up after 9 tries: is_archived") < text.index("• Card 11111111 waits")
    assert "4 cards were held back by the alert budget in the last 7 days" in text
    assert "choose another one in `/dd0c settings`" in text
    assert [one["elements"][0]["action_id"] for one in card.blocks if one["type"] == "actions"] == [RESEND]


def test_mails_that_failed_have_words_of_their_own() -> None:
    refused = PostTrouble(kind="digest_mail", state=DeliveryState.DEAD, error="550 Nobody of that name", attempts=1)
    waits = PostTrouble(kind="digest_mail", state=DeliveryState.SENDING, error="", attempts=0)
    text = reading(accepted(status(StatusReport(accounts=(HEALTH,), posts=(refused, waits), as_of=LATER))))
    assert "DD0C_DIGEST_EMAILS" in text
    assert "the mail server has not answered yet" in text
    assert "Slack" not in text
    assert "channel" not in text
    digest = PostTrouble(kind="digest", state=DeliveryState.DEAD, error="is_archived", attempts=9)
    both = reading(accepted(status(StatusReport(accounts=(HEALTH,), posts=(refused, digest), as_of=LATER))))
    assert "alert channel" in both
    assert "DD0C_DIGEST_EMAILS" in both


@pytest.mark.parametrize("kind", [one.__struct_config__.tag for one in get_args(get_type_hints(Post)["content"])])
def test_every_kind_of_message_has_a_name(kind: str) -> None:
    stuck = PostTrouble(kind=kind, state=DeliveryState.DEAD, error="is_archived", attempts=1)
    text = reading(accepted(status(StatusReport(accounts=(HEALTH,), posts=(stuck,), as_of=LATER))))
    assert " was given up after 1 try" in text
    assert "• Message was" not in text


def test_nothing_to_try_again_has_no_button() -> None:
    waits = DeliveryTrouble(anomaly_id="11111111-1", state=DeliveryState.PENDING, error="", attempts=1)
    card = accepted(status(StatusReport(accounts=(HEALTH,), deliveries=(waits,), held_cards=1, as_of=LATER)))
    assert not [one for one in card.blocks if one["type"] == "actions"]
    assert "1 card was held back" in reading(card)


def test_an_account_that_a_key_opens_says_which() -> None:
    by_key = msgspec.structs.replace(HEALTH, access_key="access key ...MPLE")
    report = StatusReport(accounts=(by_key,), as_of=LATER)
    assert "Read by access key ...MPLE" in reading(accepted(status(report)))
    assert account_line(by_key).endswith(", by access key ...MPLE")
    assert "access key" not in account_line(HEALTH)
