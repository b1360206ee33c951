"""The answer to /dd0c anomalies, and the digest."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from blocks.anomaly_list import anomaly_list
from blocks.anomaly_rows import row_text
from blocks.digest import digest
from engine.models.anomaly import Severity
from engine.models.report import (
    AnomalyList,
    DigestReport,
    Suppressed,
)
from engine.models.search import AnomalyQuery
from engine.models.spend_report import Grade, MonthEstimate, SpendSummary
from tests.blocks.reports import ROW, ROW_TEXT, accepted
from tests.blocks.rules import reading
from tests.blocks.samples import START

LATER = START + timedelta(days=1)


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


def test_a_quiet_day_leaves_the_bill_to_the_weekly_digest() -> None:
    """Every morning the same three sentences about the bill are noise."""
    spend = SpendSummary(
        month=MonthEstimate(so_far_usd=100.0, total_usd=900.0, low_usd=800.0, high_usd=1000.0),
        grade=Grade(cards=4, by_human=2, by_bill=1, confirmed=3, expected=1, found_by_aws=1),
    )
    daily = DigestReport(since=START, until=LATER, spend=spend)
    weekly = msgspec.structs.replace(daily, until=START + timedelta(days=7))
    assert "Of 4 cards" not in reading(accepted(digest(daily)))
    assert "Of 4 cards" in reading(accepted(digest(weekly)))


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


def test_a_week_says_so_and_one_posted_again_too() -> None:
    report = DigestReport(since=START, until=START + timedelta(days=7), rows=(ROW,))
    card = accepted(digest(report, may_repeat=True))
    assert card.text.startswith("Weekly cost digest")
    assert "may repeat" in reading(card)
