"""What is known of snapshots before somebody stops or deletes what holds data, and after."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.anomaly_card import anomaly_card
from engine.account_state import AccountState
from engine.cloudtrail.family import Call
from engine.cloudtrail.snapshots_told import find_final_snapshots, find_snapshots
from engine.models.anomaly import Anomaly
from engine.pipeline import advance, learn_history, start_changes
from engine.pricing import Rate
from engine.resolution import resource_keys
from engine.snapshots import copied_keys
from tests.blocks.rules import problems
from tests.unit.engine.factories import T0, Record, hours, new_state, parse_record, record

RDS, EC2 = "rds", "ec2"


class Dear:
    """Whatever runs costs enough to be told of, snapshots but little."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the protocol asks for the Region too
        if "snapshot" in sku or "storage" in sku:
            return Rate(0.0001, "list")
        return Rate(40.0 if "24xlarge" in sku else 0.001 if sku.startswith("ebs") else 1.0, "list")


def database(at: float = 0, name: str = "orders", **more: Any) -> Record:
    asked = {"dBInstanceIdentifier": name, "dBInstanceClass": "db.r5.24xlarge", "engine": "postgres", **more}
    return record(RDS, "CreateDBInstance", request=asked, response=asked, at=at)


def database_snapshot(at: float, snapshot: str = "nightly", name: str = "orders") -> Record:
    asked = {"dBInstanceIdentifier": name, "dBSnapshotIdentifier": snapshot}
    return record(RDS, "CreateDBSnapshot", request=asked, response={**asked, "allocatedStorage": 100}, at=at)


def deleted(at: float, **more: Any) -> Record:
    return record(RDS, "DeleteDBInstance", request={"dBInstanceIdentifier": "orders", **more}, response={}, at=at)


def volume(volume_id: str, at: float = 0, **more: Any) -> Record:
    made = {"volumeId": volume_id, "volumeType": "gp3", "size": 60_000, **more}
    return record(EC2, "CreateVolume", request={}, response=made, at=at)


def volume_snapshots(at: float, **snapshots: str) -> Record:
    made = [
        {"snapshotId": f"snap-{name}", "volumeId": f"vol-{name}", "volumeSize": int(size)}
        for name, size in snapshots.items()
    ]
    return record(EC2, "CreateSnapshots", request={}, response={"snapshotSet": {"items": made}}, at=at)


def lived(*records: Record, state: AccountState | None = None) -> AccountState:
    state = state or new_state()
    for one in records:
        advance(parse_record(one), state, start_changes(state), Dear())
    return state


def found(state: AccountState) -> Anomaly:
    """The incident that is worth most, for snapshots may begin one of their own."""
    return max(state.anomalies.values(), key=lambda one: (not one.lead.resource_type.endswith("snapshot"), one.score))


def said(anomaly: Anomaly) -> str:
    card = anomaly_card(anomaly, account_name="prod", now=T0 + hours(99), may_repeat=False)
    assert problems(card) == []
    return str(card.blocks)


def test_that_none_was_seen_is_said_where_there_is_data() -> None:
    assert "no snapshot of it was seen" in said(found(lived(database())))
    assert "no snapshot of it was seen" in said(found(lived(volume("vol-a"))))
    launch = record(EC2, "RunInstances", request={}, response={"instancesSet": {"items": [
        {"instanceId": "i-1", "instanceType": "p4d.24xlarge"}]}})  # fmt: skip
    assert "snapshot" not in said(found(lived(launch)))


def test_a_snapshot_repaints_the_card_of_what_it_is_one() -> None:
    state = lived(database())
    before = found(state)
    after = found(lived(database_snapshot(1), state=state))
    assert after.revision > before.revision
    assert "there is a snapshot of `orders`: `nightly`" in said(after)
    assert "no snapshot" not in said(after)


def test_the_latest_counts_and_a_deleted_one_does_not() -> None:
    gone = record(RDS, "DeleteDBSnapshot", request={"dBSnapshotIdentifier": "second"}, response={}, at=3)
    state = lived(database(), database_snapshot(1), database_snapshot(2, "second"))
    assert "`second`" in said(found(state))
    assert "nightly" not in said(found(state))
    assert "no snapshot of it was seen" in said(found(lived(gone, state=state)))


def test_of_several_volumes_it_is_said_which_have_none() -> None:
    told = said(found(lived(volume("vol-a"), volume("vol-b"), volume("vol-c"), volume_snapshots(1, a="5"))))
    assert "there is a snapshot of `vol-a`: `snap-a`" in told
    assert "of 2 others no snapshot was seen" in told


def test_what_history_learned_of_a_database_is_known_when_it_grows() -> None:
    state = new_state()
    small: dict[str, Any] = {"dBInstanceClass": "db.r5.large", "backupRetentionPeriod": 0}
    history = [database(-900, **small), database_snapshot(-800)]
    learn_history([parse_record(one) for one in history], state, Dear())
    asked = {"dBInstanceIdentifier": "orders", "dBInstanceClass": "db.r5.24xlarge"}
    grown = record(RDS, "ModifyDBInstance", request=asked, response={"engine": "postgres"}, at=0)
    told = said(found(lived(grown, state=state)))
    assert "there is a snapshot of `orders`: `nightly`" in told


def test_what_is_made_anew_under_the_old_name_has_no_snapshot_of_its_own() -> None:
    state = lived(database(), database_snapshot(1), deleted(2), database(30))
    assert state.resources["eu-west-1/rds/orders"].cautions == ()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"finalDBSnapshotIdentifier": "orders-final"}, "AWS was told to keep a last snapshot of `orders`"),
        ({"skipFinalSnapshot": True}, "`orders` was deleted without a last snapshot"),
        ({}, ""),
    ],
)
def test_the_closed_card_says_what_is_left(asked: dict[str, Any], sentence: str) -> None:
    anomaly = found(lived(database(), deleted(1, **asked)))
    assert anomaly.ended_at is not None
    assert sentence in said(anomaly)
    assert ("last snapshot" in said(anomaly)) == bool(sentence)


def test_what_was_restored_says_from_what() -> None:
    restored = database(dBSnapshotIdentifier="arn:aws:rds:eu-west-1:111122223333:snapshot:nightly")
    restored["eventName"] = "RestoreDBInstanceFromDBSnapshot"
    told = said(found(lived(restored)))
    assert "it was made from the snapshot `nightly`" in told
    assert "no snapshot of it" not in told
    assert "`snap-9`" in said(found(lived(volume("vol-a", snapshotId="snap-9"))))


def gone(at: float, snapshot: str = "nightly") -> Record:
    return record(RDS, "DeleteDBSnapshot", request={"dBSnapshotIdentifier": snapshot}, response={}, at=at)


@pytest.mark.parametrize(
    ("records", "names"),
    [
        ((database(), database_snapshot(1)), ["nightly"]),
        ((database(), database_snapshot(1), database_snapshot(2, "second")), ["second"]),
        ((database(), database_snapshot(1), gone(2)), []),
        ((volume("vol-a"), volume_snapshots(1, a="5")), ["snap-a"]),
    ],
)
def test_the_order_in_which_records_come_does_not_matter(records: tuple[Record, ...], names: list[str]) -> None:
    for order in permutations(records):
        state = lived(*order)
        [known] = [one for key, one in state.resources.items() if key.endswith(("/orders", "/vol-a")) and one.running]
        assert [one.name for one in known.cautions] == names
        assert [one.name for one in found(state).cautions] == names


def test_an_older_snapshot_is_none_of_what_was_made_since() -> None:
    state = lived(database_snapshot(1), database(30))
    assert state.resources["eu-west-1/rds/orders"].cautions == ()
    assert "no snapshot of it was seen" in said(found(state))


def test_history_too_learns_of_a_snapshot_before_its_database() -> None:
    state = new_state()
    history = [database_snapshot(-800), database(-900, dBInstanceClass="db.r5.large")]
    learn_history([parse_record(one) for one in history], state, Dear())
    assert [one.name for one in state.resources["eu-west-1/rds/orders"].cautions] == ["nightly"]


def test_what_must_be_loaded_to_hear_of_it() -> None:
    [event] = parse_record(database_snapshot(1))
    assert set(resource_keys(event)) == {
        "eu-west-1/rds/snapshot:nightly",
        "eu-west-1/rds/orders",
        "eu-west-1/rds/snapshots-of:orders",
    }
    [event] = parse_record(database())
    assert "eu-west-1/rds/snapshots-of:orders" in resource_keys(event)
    state = lived(database(), database_snapshot(1))
    assert "eu-west-1/rds/orders" in copied_keys({
        key: one for key, one in state.resources.items() if "snapshot:" in key
    })  # fmt: skip


LEAVES: st.SearchStrategy[object] = st.sampled_from([None, True, 7, float("nan"), "", "x", "a:b:", [], {}])
FIELDS = st.dictionaries(
    st.sampled_from(["volumeId", "snapshotId", "snapshotSet", "dBSnapshotIdentifier", "finalSnapshotName",
                     "dBInstanceIdentifier", "dBClusterIdentifier", "skipFinalSnapshot"]),
    LEAVES | st.fixed_dictionaries({"items": st.lists(st.dictionaries(st.just("volumeId"), LEAVES), max_size=2)}),
)  # fmt: skip
NAMES = st.sampled_from(["CreateSnapshot", "CreateSnapshots", "CreateDBSnapshot", "CreateDBClusterSnapshot",
                         "CreateVolume", "RestoreX"])  # fmt: skip


@given(NAMES, FIELDS, FIELDS)
def test_any_shape_is_read(name: str, asked: dict[str, Any], answer: dict[str, Any]) -> None:
    call = Call(name, asked, answer)
    for one in (*find_snapshots(call, T0), *find_final_snapshots(call, ["orders"], T0 + timedelta(hours=1))):
        assert isinstance(one.name, str)
        assert isinstance(one.of, str)
