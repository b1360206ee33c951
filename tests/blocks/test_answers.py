"""The answers to the words after /dd0c, and the digest."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.accounts import accounts
from blocks.anomaly_card import anomaly_card
from blocks.anomaly_list import anomaly_list
from blocks.anomaly_rows import row_text
from blocks.card import Card
from blocks.digest import digest
from blocks.explanation import explanation
from blocks.help import COMMANDS, help_card, unknown_command
from blocks.joined import joined
from blocks.settings import settings as settings_card
from blocks.status import status
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus, Severity
from engine.models.delivery import DeliveryState
from engine.models.post import Joined
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.report import (
    AccountHealth,
    AnomalyList,
    AnomalyRow,
    DeliveryTrouble,
    DigestReport,
    GapKind,
    RegionGap,
    RegionLag,
    RegionTrouble,
    SourceHealth,
    StatusReport,
    Suppressed,
)
from engine.models.search import AnomalyQuery, Explanation
from engine.models.sensitivity import Sensitivity, SensitivityRule
from tests.blocks.rules import problems, reading
from tests.blocks.samples import LEAKED_KEY, LONG, LONG_NAMES, MOMENTS, MONEY, NAMES, START, swollen

LATER = START + timedelta(days=1)
COUNTS = st.integers(0, 10**12)
ROWS = st.builds(
    AnomalyRow,
    anomaly_id=NAMES,
    severity=st.sampled_from(Severity),
    status=st.sampled_from(AnomalyStatus),
    resource_type=NAMES,
    quantity=COUNTS,
    regions=st.lists(NAMES, max_size=3).map(tuple),
    actor_name=NAMES,
    account_name=NAMES,
    hourly_cost=st.none() | MONEY,
    other_types=st.integers(0, 999),
    unknown_price=st.booleans(),
    first_event_time=MOMENTS,
    ended_at=st.none() | MOMENTS,
)
LAGS = st.none() | st.floats(0, 10**7)
REGION_LAGS = st.builds(RegionLag, region=NAMES, last_record_time=st.none() | MOMENTS, median_lag=LAGS, p95_lag=LAGS)
SOURCES = st.builds(
    SourceHealth,
    name=NAMES | st.just("eventbridge"),
    last_record_time=st.none() | MOMENTS,
    median_lag=LAGS,
    p95_lag=LAGS,
    regions=st.lists(REGION_LAGS, max_size=2).map(tuple),
    silent_regions=st.lists(NAMES, max_size=2).map(tuple),
)
GAPS = st.builds(RegionGap, NAMES, st.sampled_from(GapKind), st.none() | MOMENTS)
HEALTHS = st.builds(
    AccountHealth,
    account_id=NAMES,
    name=NAMES,
    status=st.sampled_from(AccountStatus),
    mode=st.sampled_from(GovernanceMode),
    history_days=COUNTS,
    events_seen=COUNTS,
    regions_watched=COUNTS,
    last_record_time=st.none() | MOMENTS,
    region_troubles=st.lists(st.builds(RegionTrouble, NAMES, NAMES), max_size=2).map(tuple),
    status_detail=NAMES,
    running_hourly_cost=MONEY,
    records_read=COUNTS,
    records_malformed=COUNTS,
    last_malformed=NAMES,
    unknown_prices=COUNTS,
    sources=st.lists(SOURCES, max_size=2).map(tuple),
    gaps=st.lists(GAPS, max_size=3).map(tuple),
    set_aside=COUNTS,
)
DELIVERIES = st.builds(
    DeliveryTrouble, anomaly_id=NAMES, state=st.sampled_from(DeliveryState), error=NAMES, attempts=COUNTS
)


def many(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """None, a few or a great many, of few that differ: what is drawn costs more time than what is shown."""
    return st.tuples(st.lists(items, max_size=3), st.sampled_from([1, 2, 60])).map(
        lambda drawn: tuple(drawn[0] * drawn[1])
    )


def accepted(card: Card) -> Card:
    """Insist that Slack would take the card."""
    assert problems(card) == []
    return card


ROW = AnomalyRow(
    anomaly_id="7f3a91c2",
    severity=Severity.CRITICAL,
    status=AnomalyStatus.ACKNOWLEDGED,
    resource_type="p3.8xlarge",
    quantity=4,
    regions=("ap-southeast-1",),
    actor_name="ci-deploy",
    account_name="prod",
    hourly_cost=48.96,
    first_event_time=START,
)
ROW_TEXT = (
    "*Critical: 4 \N{MULTIPLICATION SIGN} p3.8xlarge* in ap-southeast-1: $48.96/h, acknowledged\n"
    "by ci-deploy in prod · 2026-03-04 14:00 UTC"
)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"other_types": 3}, "p3.8xlarge and 3 other types* in ap-southeast-1: $48.96/h, "),
        (
            {"other_types": 1, "unknown_price": True},
            "p3.8xlarge and 1 other type* in ap-southeast-1: at least $48.96/h, ",
        ),
        ({"unknown_price": True, "hourly_cost": None}, "p3.8xlarge* in ap-southeast-1: price not known, "),
    ],
)
def test_a_row_speaks_of_the_whole_group(changes: dict[str, Any], told: str) -> None:
    assert told in row_text(msgspec.structs.replace(ROW, **changes))


HEALTH = AccountHealth(
    account_id="123456789012",
    name="prod",
    status=AccountStatus.ACTIVE,
    mode=GovernanceMode.STRICT,
    history_days=3,
    events_seen=12,
    regions_watched=17,
    last_record_time=START,
    running_hourly_cost=4.08,
    records_read=12_345,
)


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
    card = accepted(status(report))
    text = reading(card)
    assert text.index("*lab (210987654321)*: NOT WATCHED, access denied\nThe role is gone.") < text.index("*prod")
    assert "2 accounts, 1 in trouble; 0 open anomalies\n*Alerting is paused (panic mode)" in text
    assert "• us-east-1 cannot be read: AccessDenied: not authorized" in text
    assert "3 malformed (last: no eventName); 2 unknown prices" in text
    assert "*Cards that did not get through*\n• 7f3a91c2 was given up after 3 tries: channel_not_found" in text
    assert "Learning" not in text.split("*prod")[0]


REGIONS = tuple(f"ap-southeast-{number}" for number in range(17))
LATE = tuple(RegionLag(region=one, last_record_time=START, median_lag=1e6, p95_lag=1e6) for one in REGIONS)
SOURCE = SourceHealth(
    name="eventbridge", last_record_time=START, median_lag=1e6, p95_lag=1e6, regions=LATE, silent_regions=REGIONS
)
FULL = msgspec.structs.replace(
    HEALTH,
    status_detail="y" * 999,
    last_malformed="z" * 999,
    records_malformed=1,
    region_troubles=tuple(RegionTrouble(region, "x" * 999) for region in REGIONS),
    sources=(SOURCE,) * 20,
    gaps=tuple(RegionGap(region, GapKind.SHORT_HISTORY, START) for region in REGIONS),
    set_aside=2,
)
STUCK = DeliveryTrouble(anomaly_id="7f3a91c2-11", state=DeliveryState.SENDING, error="e" * 999, attempts=10**9)


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


def test_anomalies_are_listed_with_their_counts() -> None:
    query = AnomalyQuery(severity=Severity.WARNING, account="123456789012", open_only=True, page=2)
    view = AnomalyList(rows=(ROW,), total=31, open_count=2, since=START, query=query, pages=4)
    card = accepted(anomaly_list(view))
    assert reading(card) == (
        "Anomalies\n31 anomalies since 2026-03-04 14:00 UTC of severity warning or more in 123456789012, "
        f"only open ones, 2 open\n{ROW_TEXT} · `7f3a91c2`\n"
        "Page 2 of 4. `/dd0c explain ID` says why one was told or not."
    )
    [paging] = [block for block in card.blocks if block["type"] == "actions"]
    line = "anomalies --since 7d --severity warning --account 123456789012 --open --page"
    assert [(one["action_id"], one["value"]) for one in paging["elements"]] == [
        ("command.run:previous", f"{line} 1"),
        ("command.run:next", f"{line} 3"),
    ]


def test_no_anomalies_is_one_line() -> None:
    card = accepted(anomaly_list(AnomalyList(rows=(), total=0, open_count=0, since=START)))
    assert reading(card) == "No anomalies since 2026-03-04 14:00 UTC."


def test_a_quiet_day_is_one_line() -> None:
    card = accepted(digest(DigestReport(since=START, until=LATER, running_hourly_cost=4.08)))
    assert len(card.blocks) == 1
    assert reading(card) == (
        "A quiet time, from 2026-03-04 14:00 UTC to 2026-03-05 14:00 UTC: nothing unusual. "
        "Running: $4.08 per hour · $97.92 per day. Spent: about $0.00."
    )


def test_the_digest_sums_up_and_shows_five_of_each() -> None:
    report = DigestReport(
        since=START,
        until=LATER,
        open_count=1,
        expected_count=2,
        resolved_count=3,
        burnt_usd=1034.271,
        saved_per_day_usd=1175.04,
        running_hourly_cost=4.08,
        rows=(ROW,) * 8,
        findings=(ROW,),
        suppressed=(Suppressed("Snoozed by <@U1>.", 2, 7.0),),
    )
    card = accepted(digest(report))
    assert "2 findings, $7.00 per hour · $168.00 per day: Snoozed by <@U1>." in reading(card)
    text = reading(card)
    assert "*Anomalies*\n1 open, 2 expected, 3 stopped\n*Burnt by anomalies*\n$1,034.27" in text
    assert "*Saved by stopping them*\n$1,175.04 a day" in text
    assert text.count(ROW_TEXT) == 6
    assert "_and 3 more_" in text
    assert card.text == "Cost digest: 1 open, $1,034.27 burnt by anomalies, $1,175.04 a day saved"


def test_a_digest_of_very_many_reasons_stays_in_bounds() -> None:
    reasons = (Suppressed("s" * 999, 10**12, 1e300),) * 180
    text = reading(accepted(digest(DigestReport(since=START, until=LATER, suppressed=reasons))))
    assert "and 172 more reasons" in text


def test_settings_of_very_many_long_names_stay_in_bounds() -> None:
    rule = SensitivityRule(level=Sensitivity.LOW, service="s" * 999, resource_type="t" * 999)
    one = AccountSettings(
        account_id="1" * 12,
        name="n" * 999,
        mode=GovernanceMode.AUDIT,
        mode_set_by="u" * 999,
        sensitivities=(rule,) * 20,
    )
    text = reading(accepted(settings_card(SettingsReport((one,) * 40, rule, ("1" * 12,)))))
    assert "more lines" in text


def test_a_week_says_so_and_one_posted_again_too() -> None:
    report = DigestReport(since=START, until=START + timedelta(days=7), rows=(ROW,))
    card = accepted(digest(report, may_repeat=True))
    assert card.text.startswith("Weekly cost digest")
    assert "may repeat" in reading(card)


def test_help_lists_every_command() -> None:
    text = reading(accepted(help_card()))
    assert all(f"`/dd0c {word}`" in text for word in COMMANDS)


@pytest.mark.parametrize(
    ("word", "meant"), [("statsu", "status"), ("ANOMALY", "anomalies"), ("digets", "digest"), ("hlep", "help")]
)
def test_an_unknown_word_points_to_the_nearest(word: str, meant: str) -> None:
    assert f"Did you mean `/dd0c {meant}`?" in accepted(unknown_command(word)).text


@given(word=NAMES | LONG_NAMES)
@settings(deadline=None)
def test_any_unknown_word_gets_an_answer(word: str) -> None:
    assert "/dd0c" in accepted(unknown_command(word, ["status"])).text


SMALL = msgspec.structs.replace(
    HEALTH,
    region_troubles=(RegionTrouble("r", "e"),),
    sources=(msgspec.structs.replace(SOURCE, regions=LATE[:2], silent_regions=REGIONS[:2]),),
    gaps=(RegionGap("r", GapKind.UNREAD),),
    records_malformed=1,
)


def own_card(anomaly: Anomaly) -> Card:
    """The card of an incident whose names came from outside; its id is always ours."""
    named = msgspec.structs.replace(anomaly, anomaly_id=LEAKED_KEY.anomaly_id)
    return anomaly_card(named, account_name=anomaly.account_id, now=LATER, may_repeat=True)


LISTED = AnomalyList(rows=(ROW,) * 3, total=10**9, open_count=10**9, since=START)
ANSWERS: list[tuple[Callable[[Any], Card], Any]] = [
    (status, StatusReport(accounts=(SMALL,), deliveries=(STUCK,), file_troubles=("f",), queue_error="q", as_of=LATER)),
    (accounts, StatusReport(accounts=(HEALTH,), as_of=LATER)),
    (anomaly_list, LISTED),
    (digest, DigestReport(since=START, until=LATER, rows=(ROW,), suppressed=(Suppressed("Snoozed.", 2, 7.0),))),
    (own_card, LEAKED_KEY),
    (explanation, Explanation(anomaly=LEAKED_KEY, account_name="prod")),
    (partial(joined, may_repeat=True), Joined(lines=LEAKED_KEY.lines, hourly_cost=1.0, unknown_price=True)),
]


@pytest.mark.parametrize("name", LONG, ids=lambda name: f"{name[:3]} x {len(name)}")
@pytest.mark.parametrize(("draw", "report"), ANSWERS)
def test_slack_takes_an_answer_of_very_long_names(draw: Callable[[Any], Card], report: Any, name: str) -> None:
    accepted(draw(swollen(report, name)))


@given(
    card=st.one_of(
        st.builds(
            StatusReport,
            accounts=many(HEALTHS),
            deliveries=many(DELIVERIES),
            open_anomalies=COUNTS,
            panic_mode=st.booleans(),
            as_of=MOMENTS,
        ).map(status),
        st.builds(StatusReport, accounts=many(HEALTHS), as_of=MOMENTS).map(accounts),
        st.builds(AnomalyList, rows=many(ROWS), total=COUNTS, open_count=COUNTS, since=MOMENTS).map(anomaly_list),
        st.builds(
            DigestReport,
            since=MOMENTS,
            until=MOMENTS,
            open_count=COUNTS,
            burnt_usd=MONEY,
            saved_per_day_usd=MONEY,
            running_hourly_cost=MONEY,
            rows=many(ROWS),
            findings=many(ROWS),
            suppressed=many(st.builds(Suppressed, NAMES, COUNTS, MONEY)),
        ).map(digest),
    )
)
@settings(max_examples=80, deadline=None)
def test_slack_takes_any_answer(card: Card) -> None:
    assert problems(card) == []


RULES = st.builds(SensitivityRule, level=st.sampled_from(Sensitivity), service=NAMES, resource_type=NAMES)
SETTINGS = st.builds(
    AccountSettings,
    account_id=NAMES,
    name=NAMES,
    mode=st.sampled_from(GovernanceMode),
    mode_set_by=NAMES,
    sensitivities=st.lists(RULES, max_size=2).map(tuple),
)


@given(many(SETTINGS), st.none() | RULES)
@settings(max_examples=30, deadline=None)
def test_any_settings_are_a_message_slack_takes(
    accounts: tuple[AccountSettings, ...], changed: SensitivityRule | None
) -> None:
    ids = tuple(one.account_id for one in accounts[:2])
    accepted(settings_card(SettingsReport(accounts, changed, ids)))


def test_settings_are_shown_from_the_whole_to_its_parts() -> None:
    high, low = (SensitivityRule(level=Sensitivity.HIGH), SensitivityRule(level=Sensitivity.LOW, service="rds"))
    shown = AccountSettings(
        account_id="111122223333",
        name="prod",
        mode=GovernanceMode.AUDIT,
        mode_set_by="U1",
        sensitivities=(high, low),
    )
    text = reading(accepted(settings_card(SettingsReport((shown,), low, ("111122223333",)))))
    assert "Sensitivity is now low for `rds` in prod (111122223333)." in text
    assert "audit mode, chosen by <@U1>" in text
    assert text.index("• sensitivity high") < text.index("• low for `rds`")
