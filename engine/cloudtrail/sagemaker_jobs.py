"""What SageMaker runs on instances of its own besides endpoints: notebooks, jobs, Studio apps, HyperPod clusters.

Jobs end by themselves without a record, at the latest when their time is over; only those that are stopped early tell
it. One table says where each kind keeps its name, its machines and its time.
"""

from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import DAY, changed, longest, needed, nodes, started, use
from engine.fields import Json, flag, get, items, number, text
from engine.models.cost_event import UsageItem

_SOURCE = "sagemaker.amazonaws.com"
_SYSTEM = "system"
_FREE_APP = UsageItem("sagemaker/idle/app", 1)


class _Kind(msgspec.Struct, frozen=True):
    """One kind of machine user.

    Attributes:
        name: as in its ARN.
        id_fields: what names it, each with a mark before it.
        machines: leads to an object with ``instanceType`` and ``instanceCount``, or with ``instanceGroups`` of such.
        copies: leads to how many of it may run at once.
        limit: leads to the seconds after which AWS ends it.
        longest: the seconds that AWS takes where the call names none; None for what runs until somebody stops it.
    """

    name: str
    id_fields: Mapping[str, str]
    machines: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    limit: tuple[str, ...] = ()
    longest: float | None = None

    @property
    def resource_type(self) -> str:
        return f"sagemaker_{self.name.replace('-', '_')}"


_NOTEBOOK = _Kind("notebook-instance", {"notebookInstanceName": ""})
_CLUSTER = _Kind("cluster", {"clusterName": ""})
_APP = _Kind(
    "app",
    {"domainId": "", "userProfileName": "user-profile=", "spaceName": "space=", "appType": "", "appName": ""},
    ("resourceSpec",),
)
_STOPPING = ("stoppingCondition", "maxRuntimeInSeconds")
_TRAINING = _Kind("training-job", {"trainingJobName": ""}, ("resourceConfig",), limit=_STOPPING, longest=DAY)
_PROCESSING = _Kind(
    "processing-job",
    {"processingJobName": ""},
    ("processingResources", "clusterConfig"),
    limit=_STOPPING,
    longest=DAY,
)
# AWS names no limit for a transform job; five days is the longest it lets any processing run.
_TRANSFORM = _Kind("transform-job", {"transformJobName": ""}, ("transformResources",), longest=5 * DAY)
_TUNING = _Kind(
    "hyper-parameter-tuning-job",
    {"hyperParameterTuningJobName": ""},
    ("trainingJobDefinition", "resourceConfig"),
    ("hyperParameterTuningJobConfig", "resourceLimits", "maxParallelTrainingJobs"),
    ("hyperParameterTuningJobConfig", "resourceLimits", "maxRuntimeInSeconds"),
    30 * DAY,
)


def _create(what: _Kind, call: Call) -> tuple[Part, ...]:
    usage = tuple(_machines(what, call))
    limit = None if what.longest is None else longest(_limit(what, call), what.longest)
    return started(_resource_type(what, usage), needed(call, _id(what, call)), usage, _labels(call), limit)


def _limit(what: _Kind, call: Call) -> float | None:
    """Whoever waits for spot instances names the time that waiting and running may take together."""
    waiting = number(call.request, "stoppingCondition", "maxWaitTimeInSeconds")
    return waiting or (number(call.request, *what.limit) if what.limit else None)


def _create_app(call: Call) -> tuple[Part, ...]:
    """Apps on the instance type ``system`` are free, and so are those that name none."""
    usage = tuple(item for item in _machines(_APP, call) if not item.sku.endswith(f"/{_SYSTEM}"))
    return started(_resource_type(_APP, usage), needed(call, _id(_APP, call)), usage or (_FREE_APP,))


def _change(what: _Kind, call: Call) -> tuple[Part, ...]:
    usage = tuple(_machines(what, call))
    return changed(_resource_type(what, usage), _id(what, call), usage) if usage else ()


def _start(what: _Kind, call: Call) -> tuple[Part, ...]:
    return started(what.resource_type, needed(call, _id(what, call)))


def _stop(what: _Kind, call: Call) -> tuple[Part, ...]:
    return stopped(what.resource_type, _id(what, call))


def _id(what: _Kind, call: Call) -> str | None:
    """The name, or, for an app, all that names it: several people may have one of the same name."""
    names = [f"{mark}{name}" for field, mark in what.id_fields.items() if (name := text(call.request, field))]
    return "/".join((what.name, *names)) if names else None


def _machines(what: _Kind, call: Call) -> Iterator[UsageItem]:
    resources = get(call.request, *what.machines)
    copies = nodes(number(call.request, *what.copies)) if what.copies else 1
    for group in _groups(resources):
        instance_type = text(group, "instanceType")
        if instance_type:
            yield use(f"sagemaker/{instance_type}", nodes(number(group, "instanceCount")) * copies)


def _groups(resources: Json) -> list[Json]:
    return items(resources, "instanceGroups") or [resources]


def _resource_type(what: _Kind, usage: tuple[UsageItem, ...]) -> str:
    return usage[0].sku.removeprefix("sagemaker/") if usage else what.resource_type


def _labels(call: Call) -> tuple[str, ...]:
    return ("spot",) if flag(call.request, "enableManagedSpotTraining") else ()


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateNotebookInstance"): partial(_create, _NOTEBOOK),
    (_SOURCE, "UpdateNotebookInstance"): partial(_change, _NOTEBOOK),
    (_SOURCE, "StartNotebookInstance"): partial(_start, _NOTEBOOK),
    (_SOURCE, "StopNotebookInstance"): partial(_stop, _NOTEBOOK),
    (_SOURCE, "DeleteNotebookInstance"): partial(_stop, _NOTEBOOK),
    (_SOURCE, "CreateTrainingJob"): partial(_create, _TRAINING),
    (_SOURCE, "StopTrainingJob"): partial(_stop, _TRAINING),
    (_SOURCE, "CreateProcessingJob"): partial(_create, _PROCESSING),
    (_SOURCE, "StopProcessingJob"): partial(_stop, _PROCESSING),
    (_SOURCE, "CreateTransformJob"): partial(_create, _TRANSFORM),
    (_SOURCE, "StopTransformJob"): partial(_stop, _TRANSFORM),
    (_SOURCE, "CreateHyperParameterTuningJob"): partial(_create, _TUNING),
    (_SOURCE, "StopHyperParameterTuningJob"): partial(_stop, _TUNING),
    (_SOURCE, "CreateApp"): _create_app,
    (_SOURCE, "DeleteApp"): partial(_stop, _APP),
    (_SOURCE, "CreateCluster"): partial(_create, _CLUSTER),
    (_SOURCE, "UpdateCluster"): partial(_change, _CLUSTER),
    (_SOURCE, "DeleteCluster"): partial(_stop, _CLUSTER),
}
