"""What a call tells of protection, backups and of who would start again what is stopped."""

from collections.abc import Iterator

from engine.cloudtrail.family import Call
from engine.fields import Json, flag, items, number, text
from engine.models.caution import STACK_TAG, Caution, CautionKind

_CLOUDFORMATION = "cloudformation.amazonaws.com"
_PROTECTIONS = frozenset(
    {"disableApiTermination", "deletionProtection", "deletionProtectionEnabled", "deleteProtection"}
)
_BACKUPS = frozenset({"backupRetentionPeriod", "snapshotRetentionLimit", "automatedSnapshotRetentionPeriod"})
_TAGGED = frozenset({"tagSpecificationSet", "tags", "tagList", "instancesSet"})


def find_cautions(call: Call, source_ip: str, group: str = "") -> tuple[Caution, ...]:
    """Give what the request or the answer says; what they leave out is not known, and so not said.

    >>> [one.kind.value for one in find_cautions(Call("X", {"deletionProtection": True}, {}), "198.51.100.1")]
    ['protected']
    """
    found = []
    names = {*call.request, *call.response}
    if any(_is_set(call, name) for name in _PROTECTIONS & names):
        found.append(Caution(CautionKind.PROTECTED))
    if group:
        found.append(Caution(CautionKind.GROUP, group))
    stack = "" if _TAGGED.isdisjoint(names) else next(_stacks(call), "")
    if stack or source_ip == _CLOUDFORMATION:
        found.append(Caution(CautionKind.STACK, stack))
    days = max((days for name in _BACKUPS & names if (days := _days(call, name)) is not None), default=None)
    if days is not None and not _is_member(call):
        found.append(Caution(CautionKind.BACKUPS, str(days)))
    return tuple(found)


def _is_member(call: Call) -> bool:
    """Whether a call is about a member of a cluster of databases: its backups are the cluster's, and stay with that."""
    return all(
        text(call.request, name) or text(call.response, name)
        for name in ("dBInstanceIdentifier", "dBClusterIdentifier")
    )


def _is_set(call: Call, name: str) -> bool:
    return (name in call.request and flag(call.request, name)) or (name in call.response and flag(call.response, name))


def _days(call: Call, name: str) -> int | None:
    """A request that says 0 switches backups off, whatever else is told; no number says nothing."""
    days = number(call.request if name in call.request else call.response, name)
    return None if days is None or days < 0 else int(days)


def _stacks(call: Call) -> Iterator[str]:
    """CloudFormation tags what it makes, in each service's own way."""
    for tags in _tag_lists(call):
        for tag in tags:
            if (text(tag, "key") or text(tag, "Key")) == STACK_TAG:
                yield text(tag, "value") or text(tag, "Value") or ""


def _tag_lists(call: Call) -> Iterator[list[Json]]:
    for specified in items(call.request, "tagSpecificationSet"):
        yield items(specified, "tags")
    yield items(call.request, "tags")
    yield items(call.response, "tagList")
    launched = items(call.response, "instancesSet")
    if launched:
        yield items(launched[0], "tagSet")
