"""Volumes and snapshots to cost events."""

from typing import Any

import pytest

from engine.errors import MalformedRecord
from engine.models.cost_event import Change, UsageItem
from tests.unit.engine.factories import Record, parse_record, record


def usage(**amounts: float) -> tuple[UsageItem, ...]:
    """``gp3_gb=100`` for ``ebs/gp3/gb``."""
    return tuple(UsageItem(f"ebs/{name.replace('_', '/')}", amount) for name, amount in amounts.items())


class TestVolumes:
    @pytest.mark.parametrize(
        ("described", "priced"),
        [
            ({"size": "170", "volumeType": "gp3", "iops": 3000, "throughput": 125}, usage(gp3_gb=170)),
            (
                {"size": "170", "volumeType": "gp3", "iops": "16000", "throughput": "1000"},
                usage(gp3_gb=170, gp3_iops=13000, gp3_mibps=875),
            ),
            ({"size": "1", "volumeType": "gp2", "iops": 100}, usage(gp2_gb=1)),
            ({"size": 100, "volumeType": "io1", "iops": 5000}, usage(io1_gb=100, io1_iops=5000)),
            ({"size": 100, "volumeType": "io2", "iops": 32000}, usage(io2_gb=100, io2_iops=32000)),
            ({"size": 100, "volumeType": "io2", "iops": 64000}, usage(io2_gb=100, io2_iops=32000 * 1.7)),
            ({"size": 100, "volumeType": "io2", "iops": 100_000}, usage(io2_gb=100, io2_iops=32000 * 1.7 + 17640)),
            ({"size": "500", "volumeType": "st1"}, usage(st1_gb=500)),
            ({"size": "100"}, usage(gp2_gb=100)),
            ({"volumeType": "gp3"}, ()),
        ],
    )
    def test_a_volume_is_priced_by_what_was_made(self, described: Record, priced: tuple[UsageItem, ...]) -> None:
        raw = record("ec2", "CreateVolume", {"zone": "eu-west-1a"}, {"volumeId": "vol-1", **described})
        (event,) = parse_record(raw)
        assert (event.change, event.resource_ids) == (Change.START, ("vol-1",))
        assert event.resource_type == described.get("volumeType", "gp2")
        assert [item.sku for item in event.usage] == [item.sku for item in priced]
        assert [item.amount for item in event.usage] == pytest.approx([item.amount for item in priced])

    def test_the_answer_goes_before_the_request(self) -> None:
        """A volume made of a snapshot has the snapshot's size."""
        answer = {"volumeId": "vol-1", "snapshotId": "snap-1", "volumeType": "standard", "size": "100"}
        (event,) = parse_record(record("ec2", "CreateVolume", {"snapshotId": "snap-1"}, answer))
        assert event.usage == usage(standard_gb=100)

    def test_a_change_is_told_as_the_volume_will_be(self) -> None:
        asked = {"ModifyVolumeRequest": {"VolumeId": "vol-1", "Size": 500}}
        target = {"targetSize": 500, "targetVolumeType": "gp3", "targetIops": 6000, "targetThroughput": 125}
        change = {"volumeId": "vol-1", "modificationState": "modifying", "originalSize": 100, **target}
        answer = {"ModifyVolumeResponse": {"xmlns": "x", "volumeModification": change}}
        (event,) = parse_record(record("ec2", "ModifyVolume", asked, answer))
        assert (event.change, event.resource_type) == (Change.MODIFY, "gp3")
        assert event.usage == usage(gp3_gb=500, gp3_iops=3000)

    @pytest.mark.parametrize(
        ("asked", "resource_type", "priced"),
        [
            ({"VolumeId": "vol-1", "Size": 500, "VolumeType": "gp3"}, "gp3", usage(gp3_gb=500)),
            ({"VolumeId": "vol-1", "VolumeType": "gp3"}, "gp3", ()),
            ({"VolumeId": "vol-1", "Size": 500}, "ebs_volume", ()),
        ],
    )
    def test_without_an_answer_a_change_is_priced_if_it_says_all(
        self, asked: Record, resource_type: str, priced: tuple[UsageItem, ...]
    ) -> None:
        (event,) = parse_record(record("ec2", "ModifyVolume", {"ModifyVolumeRequest": asked}, None))
        assert (event.resource_type, event.usage) == (resource_type, priced)

    @pytest.mark.parametrize("name", ["CreateVolume", "ModifyVolume"])
    def test_a_volume_without_an_id_is_malformed(self, name: str) -> None:
        with pytest.raises(MalformedRecord, match="volume"):
            parse_record(record("ec2", name, {"size": "1"}, None))

    @pytest.mark.parametrize("field", [{"size": 10**9}, {"iops": 10**9}, {"volumeType": "gp3", "throughput": "1e9"}])
    def test_more_than_is_sold_is_malformed(self, field: Record) -> None:
        answer = {"volumeId": "vol-1", "size": 1, **field}
        with pytest.raises(MalformedRecord, match="more than AWS sells"):
            parse_record(record("ec2", "CreateVolume", {}, answer))

    def test_a_deletion_ends_it(self) -> None:
        (event,) = parse_record(record("ec2", "DeleteVolume", {"volumeId": "vol-1"}, {"_return": True}))
        assert (event.change, event.resource_ids) == (Change.STOP, ("vol-1",))


class TestSnapshots:
    def test_the_size_of_the_volume_is_the_most_a_snapshot_costs(self) -> None:
        answer = {"snapshotId": "snap-1", "volumeId": "vol-1", "volumeSize": "100", "status": "pending"}
        (event,) = parse_record(record("ec2", "CreateSnapshot", {"volumeId": "vol-1"}, answer))
        assert (event.change, event.resource_type, event.resource_ids) == (Change.START, "ebs_snapshot", ("snap-1",))
        assert (event.usage, event.labels) == (usage(snapshot_gb=100), ("upper bound",))

    @pytest.mark.parametrize(
        ("sizes", "priced"), [([100, 50], usage(snapshot_gb=150)), ([100, None], ())], ids=["known", "one unknown"]
    )
    def test_snapshots_of_all_volumes_are_one_start(self, sizes: list[Any], priced: tuple[UsageItem, ...]) -> None:
        made = [{"snapshotId": f"snap-{n}", "volumeSize": size} for n, size in enumerate(sizes)]
        answer = {"CreateSnapshotsResponse": {"snapshotSet": {"item": made}}}
        (event,) = parse_record(record("ec2", "CreateSnapshots", {}, answer))
        assert (event.resource_ids, event.quantity, event.usage) == (("snap-0", "snap-1"), 2, priced)

    def test_a_copy_is_of_unknown_price(self) -> None:
        asked = {"sourceRegion": "us-east-1", "sourceSnapshotId": "snap-0", "destinationRegion": "eu-west-1"}
        (event,) = parse_record(record("ec2", "CopySnapshot", asked, {"snapshotId": "snap-1"}))
        assert (event.resource_ids, event.usage, event.labels) == (("snap-1",), (), ())

    @pytest.mark.parametrize("name", ["CreateSnapshot", "CopySnapshot", "CreateSnapshots"])
    def test_a_snapshot_without_an_id_is_malformed(self, name: str) -> None:
        with pytest.raises(MalformedRecord, match="snapshotId"):
            parse_record(record("ec2", name, {"volumeId": "vol-1"}, None))

    def test_a_deletion_ends_it(self) -> None:
        (event,) = parse_record(record("ec2", "DeleteSnapshot", {"snapshotId": "snap-1"}, {"_return": True}))
        assert (event.change, event.resource_ids) == (Change.STOP, ("snap-1",))

    @pytest.mark.parametrize("name", ["CreateImage", "DeregisterImage"])
    def test_an_image_costs_nothing_but_its_snapshots(self, name: str) -> None:
        assert parse_record(record("ec2", name, {"instanceId": "i-1"}, {"imageId": "ami-1"})) == ()
