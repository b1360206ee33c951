"""All answers to words after /dd0c at once: Slack takes them whatever is in them."""

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
from blocks.card import Card
from blocks.digest import digest
from blocks.explanation import explanation
from blocks.joined import joined
from blocks.status import status
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus, Severity
from engine.models.delivery import DeliveryState
from engine.models.post import Joined
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
from engine.models.search import Explanation
from tests.blocks.reports import HEALTH, LATE, REGIONS, ROW, SOURCE, STUCK, accepted, many
from tests.blocks.rules import problems
from tests.blocks.samples import LEAKED_KEY, LONG, MOMENTS, MONEY, NAMES, START, swollen

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
@settings(max_examples=80)
def test_slack_takes_any_answer(card: Card) -> None:
    assert problems(card) == []
