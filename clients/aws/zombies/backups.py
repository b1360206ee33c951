"""Snapshots and images. There may be a hundred thousand: they are looked at page by page, and none is kept."""

from collections.abc import Mapping
from typing import Any

from clients.aws.moments import parse_moment
from clients.aws.zombies.asker import Asker, require_seen, tags_in
from clients.aws.zombies.ec2 import Found
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_MANAGED_TAGS = ("aws:backup:source-resource", "aws:dlm:lifecycle-policy-id")


async def images(asker: Asker) -> Found:
    """The account's own images; notes their snapshots. Without the instances nothing is said of their use."""
    made: set[str] = set()
    async for page in asker.pages("ec2", "describe_images", "Images", Owners=["self"], MaxResults=500):
        for one in page:
            made.update(_snapshots_of(one))
        if asker.seen.images_used is not None:
            yield [_image(asker, one) for one in page]
    asker.seen.images = made
    require_seen(asker.region, asker.seen.images_used, "instances")


def _snapshots_of(image: Mapping[str, Any]) -> Mapping[str, int]:
    disks = [mapping["Ebs"] for mapping in image.get("BlockDeviceMappings", []) if "Ebs" in mapping]
    return {disk["SnapshotId"]: disk.get("VolumeSize", 0) for disk in disks if "SnapshotId" in disk}


def _image(asker: Asker, one: Mapping[str, Any]) -> Described:
    size = sum(_snapshots_of(one).values())
    used = asker.seen.images_used or set()
    return Described(
        kind="image",
        region=asker.region,
        resource_id=one["ImageId"],
        name=one.get("Name", ""),
        known_as=("ec2", one["ImageId"]),
        # Of images AWS tells moments as mere texts.
        created_at=parse_moment(one["CreationDate"]) if one.get("CreationDate") else None,
        changed_at=parse_moment(one["LastLaunchedTime"]) if one.get("LastLaunchedTime") else None,
        usage=(UsageItem("ebs/snapshot/gb", size),),
        traits=frozenset({"in_use"} if one["ImageId"] in used else ()),
        tags=tags_in(one.get("Tags")),
    )


async def snapshots(asker: Asker) -> Found:
    """The account's own EBS snapshots. Without the images nothing is said, for which are theirs is not known."""
    require_seen(asker.region, asker.seen.images, "images")
    async for page in asker.pages("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"], MaxResults=1000):
        yield [_snapshot(asker, one) for one in page if one.get("State") == "completed"]


def _snapshot(asker: Asker, one: Mapping[str, Any]) -> Described:
    tags, snapshot_id = tags_in(one.get("Tags")), one["SnapshotId"]
    traits = {"in_image"} if snapshot_id in (asker.seen.images or ()) else set()
    if any(tag in tags for tag in _MANAGED_TAGS):
        traits.add("managed")
    return Described(
        kind="snapshot",
        region=asker.region,
        resource_id=snapshot_id,
        name=tags.get("Name", ""),
        known_as=("ec2", snapshot_id),
        created_at=one.get("StartTime"),
        usage=(UsageItem("ebs/snapshot/gb", one.get("VolumeSize", 0)),),
        traits=frozenset(traits),
        tags=tags,
    )


async def database_snapshots(asker: Asker) -> Found:
    """Snapshots of databases that were made by hand, with whether their database is still there."""
    databases = {
        one["DBInstanceIdentifier"]
        async for page in asker.pages("rds", "describe_db_instances", "DBInstances", follow="Marker")
        for one in page
    }
    async for page in asker.pages(
        "rds",
        "describe_db_snapshots",
        "DBSnapshots",
        follow="Marker",
        SnapshotType="manual",
        MaxRecords=100,
    ):
        yield [
            Described(
                kind="database_snapshot",
                region=asker.region,
                resource_id=one["DBSnapshotIdentifier"],
                arn=one.get("DBSnapshotArn", ""),
                known_as=("rds", one["DBSnapshotIdentifier"]),
                created_at=one.get("SnapshotCreateTime"),
                usage=(UsageItem("rds/snapshot/gb", one.get("AllocatedStorage", 0)),),
                traits=frozenset({"source_exists"} if one["DBInstanceIdentifier"] in databases else ()),
                words={"source": one["DBInstanceIdentifier"]},
                tags=tags_in(one.get("TagList")),
            )
            for one in page
        ]
