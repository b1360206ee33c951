"""Reports as answers show them, small and full."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from blocks.card import Card
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.anomaly import AnomalyStatus, Severity
from engine.models.delivery import DeliveryState
from engine.models.report import (
    AccountHealth,
    AnomalyRow,
    DeliveryTrouble,
    GapKind,
    RegionGap,
    RegionLag,
    RegionTrouble,
    SourceHealth,
)
from tests.blocks.rules import problems
from tests.blocks.samples import START

LATER = START + timedelta(days=1)


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
