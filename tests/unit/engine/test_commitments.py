"""Purchases for a term: what they bind, and that they are always told unless a person says otherwise."""

from typing import Any

import msgspec
import pytest

from engine.errors import MalformedRecord
from engine.governance import Circumstances, decide
from engine.models.account import AwsAccount, GovernanceMode
from engine.models.anomaly import DecisionKind, Severity
from engine.models.cost_event import Change, CostEvent
from engine.pricing import estimate
from engine.severity import severity_of
from engine.verdicts import expectation_of, snooze_of
from tests.unit.engine.factories import (
    ALICE,
    T0,
    Account,
    Prices,
    Record,
    account,
    parse_record,
    record,
    run_instances,
    seasoned,
)


def savings_plan(commitment: str = "1.00", *, upfront: str | None = None, **where: Any) -> Record:
    asked: Record = {"savingsPlanOfferingId": "87654321-abcd", "commitment": commitment, "clientToken": "c"}
    if upfront is not None:
        asked["upfrontPaymentAmount"] = upfront
    return record("savingsplans", "CreateSavingsPlan", asked, {"savingsPlanId": f"sp-{commitment}"}, by=ALICE, **where)


def capacity_block(**where: Any) -> Record:
    asked = {"CapacityBlockOfferingId": "cb-0123", "InstancePlatform": "Linux/UNIX"}
    block = {
        "capacityReservationId": "cr-0123",
        "instanceType": "p5.48xlarge",
        "totalInstanceCount": 4,
        "startDate": "2026-01-06T11:30:00.000Z",
        "endDate": "2026-01-08T11:30:00.000Z",
        "state": "payment-pending",
        "reservationType": "capacity-block",
    }
    answer = {"PurchaseCapacityBlockResponse": {"xmlns": "x", "capacityReservation": block}}
    return record("ec2", "PurchaseCapacityBlock", {"PurchaseCapacityBlockRequest": asked}, answer, by=ALICE, **where)


def reserved(source: str, name: str, fields: Record, wrapper: str | None = None) -> Record:
    return record(source, name, {}, {wrapper: fields} if wrapper else fields, by=ALICE)


RESERVED_DB = {
    "reservedDBInstanceId": "ri-db",
    "dBInstanceClass": "db.r5.large",
    "duration": 31536000,
    "fixedPrice": 500.0,
    "usagePrice": 0,
    "currencyCode": "USD",
    "dBInstanceCount": 2,
    "recurringCharges": [{"recurringChargeAmount": 0.1, "recurringChargeFrequency": "Hourly"}],
}
RESERVED_CACHE = {
    "reservedCacheNodeId": "ri-cache",
    "cacheNodeType": "cache.r6g.large",
    "duration": 31536000,
    "fixedPrice": "900",
    "cacheNodeCount": 3,
    "recurringCharges": [],
}
RESERVED_NODES = {"reservedNodeId": "ri-r", "nodeType": "ra3.4xlarge", "duration": 94608000, "fixedPrice": 20000.0}
HOSTS = {
    "currencyCode": "USD",
    "totalUpfrontPrice": "1000",
    "purchase": [
        {"hostReservationId": "hr-1", "duration": 31536000, "upfrontPrice": "1000", "hourlyPrice": "0.5"},
    ],
}
UNWRAPPED_DB = {**RESERVED_DB, "currencyCode": "CNY"}


@pytest.mark.parametrize(
    ("raw", "resource_type", "quantity", "upfront"),
    [
        (savings_plan(), "savings_plan", 1, 8760.0),
        (savings_plan("0.50", upfront="5000"), "savings_plan", 1, 5000.0),
        (savings_plan("many"), "savings_plan", 1, None),
        (capacity_block(), "capacity_block/p5.48xlarge", 4, None),
        (
            record("ec2", "PurchaseReservedInstancesOffering", {"instanceCount": "3"}, {"reservedInstancesId": "r"}),
            "reserved_instances",
            3,
            None,
        ),
        (
            record(
                "ec2",
                "PurchaseReservedInstancesOffering",
                {"instanceCount": 3, "limitPrice": {"amount": "1200.0", "currencyCode": "USD"}},
                {"reservedInstancesId": "r"},
            ),
            "reserved_instances",
            3,
            1200.0,
        ),
        (record("ec2", "PurchaseHostReservation", {}, HOSTS), "host_reservation", 1, 1000 + 0.5 * 8760),
        (
            reserved("rds", "PurchaseReservedDBInstancesOffering", RESERVED_DB),
            "reserved_db_instances/db.r5.large",
            2,
            2 * (500 + 0.1 * 8760),
        ),
        (
            reserved("rds", "PurchaseReservedDBInstancesOffering", RESERVED_DB, "reservedDBInstance"),
            "reserved_db_instances/db.r5.large",
            2,
            2 * (500 + 0.1 * 8760),
        ),
        (
            reserved("rds", "PurchaseReservedDBInstancesOffering", UNWRAPPED_DB),
            "reserved_db_instances/db.r5.large",
            2,
            None,
        ),
        (
            reserved("elasticache", "PurchaseReservedCacheNodesOffering", RESERVED_CACHE),
            "reserved_cache_nodes/cache.r6g.large",
            3,
            2700.0,
        ),
        (
            reserved("redshift", "PurchaseReservedNodeOffering", RESERVED_NODES),
            "reserved_redshift_nodes/ra3.4xlarge",
            1,
            20000.0,
        ),
        (
            reserved("memorydb", "PurchaseReservedNodesOffering", {"reservationId": "m"}, "reservedNode"),
            "reserved_memorydb_nodes",
            1,
            None,
        ),
        (
            record("es", "PurchaseReservedInstanceOffering", {"instanceCount": 2}, {"reservedInstanceId": "s"}),
            "reserved_search_instances",
            2,
            None,
        ),
        (record("sagemaker", "CreateTrainingPlan", {"trainingPlanName": "t"}, None), "training_plan", 1, None),
        (record("sagemaker", "CreateTrainingPlan", None, None), "training_plan", 1, None),
    ],
)
def test_a_purchase_binds_what_its_record_tells(
    raw: Record, resource_type: str, quantity: int, upfront: float | None
) -> None:
    (event,) = parse_record(raw)
    assert (event.change, event.resource_type, event.quantity) == (Change.START, resource_type, quantity)
    assert event.is_commitment
    assert event.upfront_cost == (None if upfront is None else pytest.approx(upfront))
    assert estimate(event, Prices()).hourly_cost == (None if upfront is None else 0.0)


@pytest.mark.parametrize(
    "raw",
    [
        savings_plan("1e9"),
        record("ec2", "PurchaseReservedInstancesOffering", {"instanceCount": "20000"}, {"reservedInstancesId": "r"}),
    ],
)
def test_more_than_anybody_buys_at_once_is_malformed(raw: Record) -> None:
    with pytest.raises(MalformedRecord, match="more than AWS sells at once"):
        parse_record(raw)


@pytest.mark.parametrize(
    ("upfront", "severity"),
    [(0.4, Severity.WARNING), (5.0, Severity.WARNING), (24.9, Severity.WARNING), (25.0, Severity.CRITICAL)],
)
def test_a_purchase_is_judged_by_its_dollars_and_never_info(upfront: float, severity: Severity) -> None:
    assert severity_of(0.0, upfront_cost=upfront) is severity


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (account(GovernanceMode.STRICT), DecisionKind.ALERT),
        (account(GovernanceMode.AUDIT), DecisionKind.ALERT),
        (account(GovernanceMode.STRICT, set_by="U1"), DecisionKind.LOG),
    ],
)
@pytest.mark.parametrize("young", [True, False])
def test_only_people_silence_a_purchase(who: AwsAccount, kind: DecisionKind, *, young: bool) -> None:
    case = Circumstances(
        account=who, severity=Severity.WARNING, anomalous=True, in_safety_net=False, young=young, commitment=True
    )
    assert decide(case).kind is kind
    assert decide(case).safety_net
    assert decide(msgspec.structs.replace(case, panic_mode=True)).kind is DecisionKind.LOG


@pytest.mark.parametrize(
    ("raw", "severity"), [(savings_plan(), Severity.CRITICAL), (capacity_block(), Severity.WARNING)]
)
def test_a_purchase_in_a_new_account_makes_a_card_with_nothing_to_stop(raw: Record, severity: Severity) -> None:
    fresh = Account()
    changes = fresh.play(raw)
    anomaly = fresh.only_anomaly()
    assert (anomaly.decision.kind, anomaly.severity) == (DecisionKind.ALERT, severity)
    assert anomaly.running_ids == ()
    assert changes.resources == {}
    assert anomaly.signals[0].name == "commitment"
    assert "cannot be given back" in anomaly.signals[0].text


def test_a_purchase_and_a_launch_make_a_card_each_and_two_purchases_share_one() -> None:
    known = seasoned()
    known.play(
        run_instances(["i-1"], "p4d.24xlarge", at=0, by=ALICE),
        savings_plan(at=0.1),
        savings_plan("2.00", at=0.2),
    )
    launch, purchase = known.anomalies
    assert (launch.is_commitment, purchase.is_commitment) == (False, True)
    assert (launch.upfront_cost, purchase.upfront_cost) == (None, 3 * 8760.0)


def second_purchase(commitment: str, **silence: Any) -> CostEvent | None:
    known = seasoned(**silence)
    known.play(savings_plan(commitment))
    told = any(one.decision.kind is DecisionKind.ALERT for one in known.anomalies)
    return known.cost_events[0] if told else None


@pytest.mark.parametrize(("commitment", "told"), [("1.00", False), ("1.50", False), ("1.51", True)])
def test_an_expected_purchase_is_expected_up_to_half_as_much_again(commitment: str, *, told: bool) -> None:
    before = seasoned()
    before.play(savings_plan())
    expected = expectation_of(before.only_anomaly(), expectation_id="x", user_id="U1", now=T0)
    assert (second_purchase(commitment, expectations=[expected]) is not None) is told


def test_an_expected_launch_says_nothing_of_purchases() -> None:
    before = seasoned()
    before.play(savings_plan("many"))
    expected = expectation_of(before.only_anomaly(), expectation_id="x", user_id="U1", now=T0)
    assert second_purchase("1.00", expectations=[expected]) is not None


def test_a_snooze_silences_a_purchase() -> None:
    before = seasoned()
    before.play(savings_plan())
    quiet = snooze_of(before.only_anomaly(), snooze_id="s", user_id="U1", until=T0.replace(year=2027))
    later = seasoned(snoozes=[quiet])
    later.play(savings_plan())
    assert later.only_anomaly().decision.kind is DecisionKind.LOG
