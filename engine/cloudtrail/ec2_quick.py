"""Launches and ends of instances as AWS usually writes them, decoded straight into the few fields that are needed.

Most changes of cost are of these three calls. What is of any other shape, or says more than these fields hold, is None
here and left to `ec2_instances`, which reads it as loosely as everything else is read.
"""

from collections.abc import Callable, Mapping

import msgspec

from engine.cloudtrail.ec2_instances import (
    ENDED_STATES,
    GROUP_TAG,
    MOST_INSTANCES,
    SHARED_TENANCY,
    UNKNOWN_TYPE,
    Kind,
    labels_of,
    launches,
)
from engine.cloudtrail.family import Part, stopped
from engine.cloudtrail.record import CloudTrailRecord
from engine.errors import UNREADABLE
from engine.fields import LONGEST_TEXT

_STACK_TAG = "aws:cloudformation:stack-name"
_STACK, _ESCAPE = _STACK_TAG.encode(), b"\\"
# Nothing can be decoded as this, so that whatever has such a field is left to others.
_Absent = msgspec.UnsetType


class _Quiet(msgspec.Struct, rename="camel", gc=False):
    """A request or an answer without what `cautions` looks for, and without a hint that something was left out."""

    omitted: _Absent = msgspec.UNSET
    disable_api_termination: _Absent = msgspec.UNSET
    deletion_protection: _Absent = msgspec.UNSET
    deletion_protection_enabled: _Absent = msgspec.UNSET
    delete_protection: _Absent = msgspec.UNSET
    backup_retention_period: _Absent = msgspec.UNSET
    snapshot_retention_limit: _Absent = msgspec.UNSET
    automated_snapshot_retention_period: _Absent = msgspec.UNSET
    tags: _Absent = msgspec.UNSET
    tag_list: _Absent = msgspec.UNSET


class _Tag(msgspec.Struct, gc=False):
    key: str
    value: str


class _Tags(msgspec.Struct, gc=False):
    items: list[_Tag]


class _Placement(msgspec.Struct, gc=False):
    tenancy: str | None = None


class _Launched(msgspec.Struct, rename="camel", gc=False):
    instance_id: str
    instance_type: str
    tag_set: _Tags | None = None
    placement: _Placement | None = None
    instance_lifecycle: str | None = None
    platform: str | None = None


class _LaunchedSet(msgspec.Struct, gc=False):
    items: list[_Launched]


class _Asked(_Quiet, rename="camel", gc=False):
    tag_specification_set: msgspec.Raw = msgspec.Raw(b"")


class _LaunchAnswer(_Quiet, rename="camel", kw_only=True, gc=False):
    instances_set: _LaunchedSet


class _State(msgspec.Struct, gc=False):
    name: str


class _Ended(msgspec.Struct, rename="camel", gc=False):
    instance_id: str
    previous_state: _State


class _EndedSet(msgspec.Struct, gc=False):
    items: list[_Ended]


class _EndAnswer(msgspec.Struct, rename="camel", gc=False):
    instances_set: _EndedSet


_decode_asked = msgspec.json.Decoder(_Asked).decode
_decode_launch = msgspec.json.Decoder(_LaunchAnswer).decode
_decode_end = msgspec.json.Decoder(_EndAnswer).decode


def _run(record: CloudTrailRecord) -> tuple[Part, ...] | None:
    try:
        asked = bytes(_decode_asked(record.request_parameters).tag_specification_set)
        launched = _decode_launch(record.response_elements).instances_set.items
    except UNREADABLE:
        return None
    if not 0 < len(launched) <= MOST_INSTANCES or _STACK in asked or _ESCAPE in asked:
        return None
    kinds: dict[str, Kind] = {}
    for one in launched:
        tenancy = one.placement.tenancy if one.placement else None
        if not _are_texts(one.instance_id, one.instance_type, tenancy or SHARED_TENANCY):
            return None
        kinds[one.instance_id] = (one.instance_type, labels_of(one.instance_lifecycle, one.platform, tenancy))
    group = _group(launched[0].tag_set)
    return None if group is None else launches(kinds, group)


def _group(tags: _Tags | None) -> str | None:
    """The Auto Scaling group that launched, "" for none; None where there is more to tell of whoever launched."""
    own = [tag for tag in tags.items if tag.key in {GROUP_TAG, _STACK_TAG}] if tags else []
    if not own:
        return ""
    return own[0].value if len(own) == 1 and own[0].key == GROUP_TAG and _are_texts(own[0].value) else None


def _end(record: CloudTrailRecord) -> tuple[Part, ...] | None:
    try:
        ended = _decode_end(record.response_elements).instances_set.items
    except UNREADABLE:
        return None
    if not 0 < len(ended) <= MOST_INSTANCES:
        return None
    ids = [one.instance_id for one in ended if one.previous_state.name not in ENDED_STATES]
    return stopped(UNKNOWN_TYPE, *ids) if _are_texts(*ids) else None


def _are_texts(*found: str) -> bool:
    """Whether none is empty, or longer than anything AWS names."""
    return "" not in found and len(max(found, key=len, default="")) <= LONGEST_TEXT


QUICK_PARSERS: Mapping[tuple[str, str], Callable[[CloudTrailRecord], tuple[Part, ...] | None]] = {
    ("ec2.amazonaws.com", "RunInstances"): _run,
    ("ec2.amazonaws.com", "StopInstances"): _end,
    ("ec2.amazonaws.com", "TerminateInstances"): _end,
}
