"""ECS on Fargate: task definitions, services, tasks. What runs on EC2 is paid for with its instances.

A service tells how many tasks it wants but not their size; that is in the task definition, which is remembered as a
template when it is registered. Ids are ``task-definition/web:3``, ``service/shop/web`` and ``task/shop/4f1c``.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.fargate import FARGATE, is_on_fargate, is_spot, size
from engine.cloudtrail.telling import DAY, asked, asked_number, bare, changed, needed, nodes, started, use
from engine.fields import Json, get, items, number, text
from engine.models.cost_event import Change, UsageItem
from engine.relative_usage import like

_SOURCE = "ecs.amazonaws.com"
TEMPLATE = "task_definition"
SERVICE = "fargate_service"
TASK = "fargate_task"
_DEFAULT_CLUSTER = "default"
# A task of its own ends when its program does, and no record tells when: a day is taken for the longest.
_LONGEST_TASK = DAY
_NO_TASK = UsageItem("fargate/idle/task", 0)


def _register(call: Call) -> tuple[Part, ...]:
    """A definition without a size of its own is one for EC2."""
    definition = _object(call.response, "taskDefinition")
    usage = size(definition, f"{FARGATE}/template") or size(call.request, f"{FARGATE}/template")
    name = _definition(text(definition, "taskDefinitionArn"))
    return started(TEMPLATE, name, usage) if usage and name else ()


def _create_service(call: Call) -> tuple[Part, ...]:
    if not is_on_fargate(_service(call)):
        return ()
    return started(SERVICE, needed(call, _service_id(call)), _service_usage(call), _spot(_service(call)))


def _update_service(call: Call) -> tuple[Part, ...]:
    """A new deployment of the same size changes nothing."""
    resized = any(key in call.request for key in ("desiredCount", "taskDefinition", "capacityProviderStrategy"))
    if not resized or not is_on_fargate(_service(call)):
        return ()
    return changed(SERVICE, _service_id(call), _service_usage(call), _spot(_service(call)))


def _delete_service(call: Call) -> tuple[Part, ...]:
    return stopped(SERVICE, _service_id(call))


def _service(call: Call) -> Json:
    """What is known of the service: the answer's description, else the request."""
    return _object(call.response, "service") or call.request


def _service_usage(call: Call) -> tuple[UsageItem, ...]:
    wanted = asked_number(call, "desiredCount", "service.desiredCount")
    definition = _definition(text(_service(call), "taskDefinition") or asked(call, "taskDefinition"))
    if wanted == 0:
        return (_NO_TASK,)
    return (like(definition, nodes(wanted)),) if definition else ()


def _service_id(call: Call) -> str | None:
    name = asked(call, "service", "serviceName", "service.serviceArn")
    cluster = _cluster(asked(call, "cluster", "service.clusterArn"))
    return f"service/{cluster}/{bare(name)}" if name else None


def _run(call: Call) -> tuple[Part, ...]:
    """Group the started tasks by what their price depends on."""
    tasks = [task for task in items(call.response, "tasks") if is_on_fargate(task)]
    if "tasks" not in call.response and is_on_fargate(call.request):
        return _run_unlisted(call)
    nodes(len(tasks))
    groups: dict[tuple[tuple[UsageItem, ...], tuple[str, ...]], list[str]] = {}
    for task in tasks:
        usage = size(task) or _made_like(text(task, "taskDefinitionArn"))
        groups.setdefault((usage, _spot(task)), []).append(needed(call, _task_id(task)))
    return tuple(_launch(usage, labels, tuple(dict.fromkeys(ids))) for (usage, labels), ids in groups.items())


def _run_unlisted(call: Call) -> tuple[Part, ...]:
    """Without an answer nothing tells the ids, so the end of these tasks cannot be seen."""
    count = int(nodes(number(call.request, "count")))
    usage = size(_object(call.request, "overrides")) or _made_like(text(call.request, "taskDefinition"))
    return (Part(Change.START, TASK, (), count, _times(usage, count), _spot(call.request), longest=_LONGEST_TASK),)


def _launch(usage: tuple[UsageItem, ...], labels: tuple[str, ...], ids: tuple[str, ...]) -> Part:
    return Part(Change.START, TASK, ids, len(ids), _times(usage, len(ids)), labels, longest=_LONGEST_TASK)


def _times(usage: tuple[UsageItem, ...], count: int) -> tuple[UsageItem, ...]:
    return tuple(use(item.sku, item.amount * count) for item in usage)


def _made_like(definition: str | None) -> tuple[UsageItem, ...]:
    name = _definition(definition)
    return (like(name),) if name else ()


def _stop(call: Call) -> tuple[Part, ...]:
    """A request may name the task by its id alone, and the default cluster not at all."""
    task = asked(call, "task", "task.taskArn")
    cluster = _cluster(asked(call, "task.clusterArn", "cluster"))
    return stopped(TASK, f"task/{cluster}/{bare(task)}") if task else ()


def _task_id(task: Json) -> str | None:
    arn = text(task, "taskArn")
    return f"task/{_cluster(text(task, 'clusterArn'))}/{bare(arn)}" if arn else None


def _cluster(name: str | None) -> str:
    return bare(name or _DEFAULT_CLUSTER)


def _definition(name: str | None) -> str | None:
    return f"task-definition/{name.rsplit('task-definition/', 1)[-1]}" if name else None


def _spot(data: Json) -> tuple[str, ...]:
    return ("spot",) if is_spot(data) else ()


def _object(data: Json, key: str) -> Json:
    value = get(data, key)
    return value if isinstance(value, dict) else {}


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "RegisterTaskDefinition"): _register,
    (_SOURCE, "CreateService"): _create_service,
    (_SOURCE, "UpdateService"): _update_service,
    (_SOURCE, "DeleteService"): _delete_service,
    (_SOURCE, "RunTask"): _run,
    (_SOURCE, "StopTask"): _stop,
}
