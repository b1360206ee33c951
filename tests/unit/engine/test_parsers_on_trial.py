"""Parsers on trial: used only where their flag is on, marked in what they raise, and no match for the net."""

import json

import pytest

from engine.cloudtrail import decode_record, parse
from engine.cloudtrail.family import Call, Parser, Part
from engine.cloudtrail.registry import REGISTRY
from engine.cloudtrail.routing import find_owner
from engine.cloudtrail.trial import ON_TRIAL, OnTrial
from engine.flags import NO_FLAGS, Flag, FlagSet, is_held
from engine.models.anomaly import Decision, DecisionKind
from engine.models.cost_event import Change, UsageItem
from engine.pipeline import advance, start_changes
from tests.unit.engine.factories import ACCOUNT, Prices, Record, record, run_instances, seasoned

FLAG = Flag.YOUNG_CREEP  # Any will do.
ON, TRIPPED = FlagSet(on=frozenset({FLAG})), FlagSet(tripped=frozenset({FLAG}))
NEW = record("braket", "CreateQuantumTask", {"device": "d"}, {"quantumTaskArn": "q-1"}, at=1)


def selling(sku: str) -> Parser:
    def parser(_call: Call) -> tuple[Part, ...]:
        return (Part(Change.START, sku.partition("/")[2], ("x-1",), usage=(UsageItem(sku, 1),)),)

    return parser


@pytest.fixture(autouse=True)
def on_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser of a call that nobody reads yet, and a changed one of a call that is read."""
    monkeypatch.setitem(
        ON_TRIAL, ("braket.amazonaws.com", "CreateQuantumTask"), OnTrial(FLAG, selling("ec2/g5.48xlarge"))
    )
    monkeypatch.setitem(ON_TRIAL, ("ec2.amazonaws.com", "RunInstances"), OnTrial(FLAG, selling("ec2/c5.large")))


def types(raw: Record, on: frozenset[Flag]) -> list[str]:
    return [event.resource_type for event in parse(decode_record(json.dumps(raw).encode()), on)]


def test_it_is_used_where_its_flag_is_on_and_nowhere_else() -> None:
    assert types(NEW, frozenset()) == []
    assert types(NEW, ON.on) == ["g5.48xlarge"]
    known = run_instances(["i-1"])
    assert types(known, frozenset()) == ["m5.large"]
    assert types(known, ON.on) == ["c5.large"]
    assert types({**NEW, "errorCode": "Denied"}, ON.on) == []


def test_a_record_that_only_it_reads_is_not_dropped_before() -> None:
    assert ("braket.amazonaws.com", "CreateQuantumTask") not in REGISTRY
    assert find_owner(json.dumps(NEW).encode()) == ACCOUNT


def decided(flags: FlagSet, sku: str = "ec2/g5.48xlarge") -> Decision:
    """What is decided of a launch of $16 an hour that the parser on trial saw in a well-known account."""
    ON_TRIAL["braket.amazonaws.com", "CreateQuantumTask"] = OnTrial(FLAG, selling(sku))
    account = seasoned()
    account.state.flags = flags
    changes = start_changes(account.state)
    advance(parse(decode_record(json.dumps(NEW).encode()), ON.on), account.state, changes, Prices())
    (found,) = changes.anomalies.values()
    return found.decision


def test_what_it_raises_says_so() -> None:
    told = decided(ON)
    assert (told.kind, told.flag, told.reason) == (DecisionKind.ALERT, FLAG, "Unusual and expensive.")


def test_what_its_breaker_holds_back_is_kept() -> None:
    assert is_held(decided(TRIPPED))


def test_what_was_read_before_the_flag_went_off_tells_nobody() -> None:
    assert decided(NO_FLAGS) == Decision(DecisionKind.LOG, "Its parser is on trial.")


@pytest.mark.parametrize("flags", [NO_FLAGS, ON, TRIPPED])
def test_the_safety_net_does_not_ask_its_flag(flags: FlagSet) -> None:
    told = decided(flags, "ec2/p4d.24xlarge")
    assert (told.kind, told.safety_net, told.flag) == (DecisionKind.ALERT, True, "")
