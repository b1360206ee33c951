"""What has no hourly cost is not drawn as if it were free: purchases for a term, and precursors."""

import json
from datetime import timedelta

import msgspec
import pytest

from blocks.anomaly_actions import meaning_of_expected
from blocks.anomaly_card import anomaly_card
from blocks.anomaly_rows import row_text
from engine.models.anomaly import Anomaly, AnomalyStatus, Line, Severity
from engine.models.cost_event import COMMITMENT
from engine.models.precursor import PrecursorKind
from engine.models.report import AnomalyRow
from tests.blocks.samples import START, incident

ROW = AnomalyRow(
    anomaly_id="7f3a",
    severity=Severity.CRITICAL,
    status=AnomalyStatus.OPEN,
    resource_type="savings_plan",
    quantity=1,
    regions=("us-east-1",),
    actor_name="alice",
    account_name="production",
    hourly_cost=0.0,
    first_event_time=START,
    upfront_cost=8760.0,
)


def purchase(*upfront: float | None) -> Anomaly:
    labels = (COMMITMENT, "at least")
    lines = tuple(
        Line("savingsplans", "savings_plan", "us-east-1", 1, None if one is None else 0.0, labels, upfront_cost=one)
        for one in upfront
    )
    return incident(
        lines=lines,
        resources=(),
        running_ids=(),
        hourly_cost=0.0,
        running_hourly_cost=0.0,
        unknown_price=None in upfront,
    )


@pytest.mark.parametrize(
    ("upfront", "cost"),
    [
        ((8760.0,), "$8,760.00 bound for a term"),
        ((8760.0, None), "at least $8,760.00 bound for a term"),
        ((None,), "price not known"),
    ],
)
def test_the_card_of_a_purchase_says_what_it_binds_and_nothing_of_stopping(
    upfront: tuple[float | None, ...], cost: str
) -> None:
    card = anomaly_card(purchase(*upfront), account_name="production", now=START + timedelta(hours=5), may_repeat=False)
    drawn = json.dumps(card.blocks)
    assert f"*Cost*\\n{cost}" in drawn
    assert "How to stop it" not in drawn
    assert "$0.00" not in drawn


def test_marking_a_purchase_expected_says_up_to_what() -> None:
    meaning = meaning_of_expected(purchase(8760.0), START)
    assert meaning.endswith("buying savings_plan for up to $13,140.00 at once stays silent.")


def test_a_purchase_in_a_list_says_what_it_binds() -> None:
    assert "in us-east-1: $8,760.00 bound for a term, open" in row_text(ROW)


@pytest.mark.parametrize("kind", PrecursorKind)
def test_a_precursor_in_a_list_has_no_price_and_no_state(kind: PrecursorKind) -> None:
    row = msgspec.structs.replace(ROW, resource_type=kind, upfront_cost=None, ended_at=START, quantity=3)
    first, second = row_text(row).splitlines()
    assert first.endswith("* in us-east-1")
    assert second.startswith("by alice in production")
