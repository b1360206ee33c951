"""FSx by provisioned storage and throughput, EFS by provisioned throughput: what EFS stores is billed as it grows."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, changed, needed, started, told, use
from engine.fields import get
from engine.models.cost_event import UsageItem

_FSX = "fsx.amazonaws.com"
_EFS = "elasticfilesystem.amazonaws.com"
FSX_TYPE, EFS_TYPE = "fsx_file_system", "efs_file_system"
_FLAVOURS = ("ontapConfiguration", "openZFSConfiguration", "windowsConfiguration")
_BY_USE = UsageItem("efs/idle/file-system", 1)


def _create_fsx(call: Call) -> tuple[Part, ...]:
    return started(FSX_TYPE, needed(call, _id(call)), _fsx_usage(call))


def _update_fsx(call: Call) -> tuple[Part, ...]:
    resized = get(call.request, "storageCapacity") or any(
        get(call.request, flavour, "throughputCapacity") for flavour in _FLAVOURS
    )
    return changed(FSX_TYPE, _id(call), _fsx_usage(call)) if resized else ()


def _fsx_usage(call: Call) -> tuple[UsageItem, ...]:
    flavour = (asked(call, "fileSystemType", "fileSystem.fileSystemType") or "unknown").lower()
    storage = (asked(call, "storageType", "fileSystem.storageType") or "ssd").lower()
    gigabytes = asked_number(call, "storageCapacity", "fileSystem.storageCapacity")
    paths = (f"{place}{one}.throughputCapacity" for one in _FLAVOURS for place in ("", "fileSystem."))
    throughput = asked_number(call, *paths)
    found = ((f"fsx/{flavour}/{storage}/gb", gigabytes), (f"fsx/{flavour}/mibps", throughput))
    return tuple(use(sku, amount) for sku, amount in found if amount)


def _create_efs(call: Call) -> tuple[Part, ...]:
    return started(EFS_TYPE, needed(call, _id(call)), _efs_usage(call))


def _update_efs(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "throughputMode") and not get(call.request, "provisionedThroughputInMibps"):
        return ()
    return changed(EFS_TYPE, _id(call), _efs_usage(call))


def _efs_usage(call: Call) -> tuple[UsageItem, ...]:
    provisioned = asked_number(call, "provisionedThroughputInMibps")
    if asked(call, "throughputMode") == "provisioned" and provisioned:
        return (use("efs/provisioned/mibps", provisioned),)
    return (_BY_USE,)


def _delete_fsx(call: Call) -> tuple[Part, ...]:
    return stopped(FSX_TYPE, _id(call))


def _delete_efs(call: Call) -> tuple[Part, ...]:
    return stopped(EFS_TYPE, _id(call))


def _id(call: Call) -> str | None:
    return told(call, "fileSystem.fileSystemId", "fileSystemId")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_FSX, "CreateFileSystem"): _create_fsx,
    (_FSX, "CreateFileSystemFromBackup"): _create_fsx,
    (_FSX, "UpdateFileSystem"): _update_fsx,
    (_FSX, "DeleteFileSystem"): _delete_fsx,
    (_EFS, "CreateFileSystem"): _create_efs,
    (_EFS, "UpdateFileSystem"): _update_efs,
    (_EFS, "DeleteFileSystem"): _delete_efs,
}
