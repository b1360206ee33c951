"""What records tell of protection, backups, groups and stacks, and what a card says of it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.anomaly_card import anomaly_card
from engine.cloudtrail.cautions import find_cautions
from engine.cloudtrail.family import Call
from engine.examples import launch, new_state
from engine.models.caution import Caution, CautionKind
from engine.pipeline import advance, start_changes
from engine.resolution import resolve
from tests.blocks.rules import problems
from tests.blocks.samples import NAMES, START, incident
from tests.unit.engine.factories import Prices, parse_record, resize, run_instances, start, stop

STACK = [{"key": "aws:cloudformation:stack-name", "value": "shop-db"}]
LEAVES: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 7, -1.5, float("nan"), "", "x", "aws:cloudformation:stack-name", []]
)
TAGS = st.lists(st.dictionaries(st.sampled_from(["key", "value", "Key", "tags"]), LEAVES, max_size=3), max_size=2)
JSON = LEAVES | TAGS | st.fixed_dictionaries({"items": TAGS})


@pytest.mark.parametrize(
    ("request_", "response", "source", "found"),
    [
        ({"disableApiTermination": True}, {}, "", [("protected", "")]),
        ({"disableApiTermination": False}, {}, "", []),
        ({}, {"deletionProtection": "true", "backupRetentionPeriod": 7}, "", [("protected", ""), ("backups", "7")]),
        ({"backupRetentionPeriod": 0}, {"backupRetentionPeriod": 7}, "", [("backups", "0")]),
        ({"backupRetentionPeriod": "soon"}, {}, "", []),
        ({}, {"snapshotRetentionLimit": 0}, "", [("backups", "0")]),
        ({"dBClusterIdentifier": "shop"}, {"backupRetentionPeriod": 7}, "", [("backups", "7")]),
        ({"dBClusterIdentifier": "shop", "dBInstanceIdentifier": "a"}, {"backupRetentionPeriod": 7}, "", []),
        ({"tags": STACK}, {}, "", [("stack", "shop-db")]),
        ({"tagSpecificationSet": {"items": [{"tags": STACK}]}}, {}, "", [("stack", "shop-db")]),
        ({}, {}, "cloudformation.amazonaws.com", [("stack", "")]),
        ({}, {}, "198.51.100.1", []),
    ],
)
def test_what_is_told_and_nothing_else(
    request_: dict[str, Any], response: dict[str, Any], source: str, found: list[tuple[str, str]]
) -> None:
    cautions = find_cautions(Call("CreateDBInstance", request_, response), source)
    assert [(one.kind.value, one.name) for one in cautions] == found


@given(
    st.dictionaries(
        st.sampled_from(["tags", "tagSpecificationSet", "deletionProtection", "backupRetentionPeriod"]), JSON
    )
)
def test_any_shape_is_read(loose: dict[str, Any]) -> None:
    assert all(isinstance(one, Caution) for one in find_cautions(Call("X", loose, loose), ""))


@given(st.lists(st.builds(Caution, st.sampled_from(CautionKind), NAMES), max_size=9).map(tuple))
def test_a_card_takes_any_of_them(cautions: tuple[Caution, ...]) -> None:
    card = anomaly_card(
        incident(cautions=cautions), account_name="prod", now=START + timedelta(hours=1), may_repeat=False
    )
    assert problems(card) == []
    told = [one for one in cautions if one.kind not in {CautionKind.FINAL, CautionKind.NO_FINAL}]
    assert ("Before you do" in str(card.blocks)) == bool(told)


def protected_launch() -> dict[str, Any]:
    """A launch of two with termination protection."""
    raw = run_instances(["i-1", "i-2"])
    raw["requestParameters"]["disableApiTermination"] = True
    return raw


def as_restarted(*records: dict[str, Any]) -> tuple[Caution, ...]:
    """What the last record's cost event says after those before it took effect."""
    state = new_state()
    changes = start_changes(state)
    for one in records:
        advance(parse_record(one), state, changes, Prices())
    return changes.cost_events[-1].cautions


def test_what_the_launch_told_is_known_at_every_restart() -> None:
    first = [protected_launch(), stop(["i-1"], at=1), start(["i-1"], at=2)]
    again = [*first, stop(["i-1"], at=3), start(["i-1"], at=4)]
    assert as_restarted(*first) == as_restarted(*again) == (Caution(CautionKind.PROTECTED),)


def test_a_resize_in_between_forgets_nothing() -> None:
    resized = [stop(["i-1"], at=1), resize("i-1", "c5.large", at=2), start(["i-1"], at=3)]
    assert as_restarted(protected_launch(), *resized) == (Caution(CautionKind.PROTECTED),)


def test_what_is_not_known_is_not_said() -> None:
    assert as_restarted(start(["i-9"])) == ()
    assert as_restarted(protected_launch(), start(["i-9"], at=1)) == ()
    assert as_restarted(protected_launch(), stop(["i-1"], at=1)) == ()


def test_what_the_start_itself_says_counts() -> None:
    told = msgspec.structs.replace(launch(), cautions=(Caution(CautionKind.BACKUPS, "7"),))
    state = new_state()
    changes = start_changes(state)
    advance([told], state, changes, Prices())
    [known] = state.resources.values()
    assert known.cautions == told.cautions
    [again] = resolve(msgspec.structs.replace(told, cautions=(Caution(CautionKind.PROTECTED),)), state.resources)
    assert again.cautions == (Caution(CautionKind.PROTECTED),)
