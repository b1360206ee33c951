"""Auto Scaling groups cost nothing: they are remembered for who changed them last, which their launches do not say."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.fields import text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "autoscaling_group"
_SOURCE = "autoscaling.amazonaws.com"


def _change(call: Call) -> tuple[Part, ...]:
    """A new group is a change too, not a start: what it starts arrives as RunInstances."""
    group = text(call.request, "autoScalingGroupName")
    usage = (UsageItem("autoscaling/idle/group", 1),)
    return (Part(Change.MODIFY, RESOURCE_TYPE, (group,), 1, usage),) if group else ()


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, text(call.request, "autoScalingGroupName"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateAutoScalingGroup"): _change,
    (_SOURCE, "UpdateAutoScalingGroup"): _change,
    (_SOURCE, "SetDesiredCapacity"): _change,
    (_SOURCE, "DeleteAutoScalingGroup"): _delete,
}
