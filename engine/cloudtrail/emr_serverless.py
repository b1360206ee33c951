"""EMR Serverless: the workers an application holds ready while it is started, and job runs.

An application is remembered as a template of what it holds ready: that is paid for from its start to its stop. A run
says in its Spark parameters how large its driver and executors are; where it says nothing, they have the sizes that EMR
Serverless gives them. It may get more executors as it goes. Ids are ``application/00f1``, ``ready/00f1`` and
``run/00f1/00g2``.
"""

import re
from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.cloudtrail.telling import DAY, asked, longest, needed, nodes, started, told, use
from engine.fields import Json, get, number, text
from engine.models.cost_event import UsageItem
from engine.relative_usage import like

_SOURCE = "emr-serverless.amazonaws.com"
APPLICATION, READY, RUN = "emr_serverless_application", "emr_serverless_capacity", "emr_serverless_job_run"
_SKU = "emrserverless"
_NOTHING_READY = UsageItem(f"{_SKU}/idle/application", 1)
_DEFAULT_TIMEOUT = DAY / 2
_MINUTE = 60
_MOST_KINDS = 20
_AMOUNT = re.compile(r"([0-9.]{1,10})\s?(?:vcpu|gb)?", re.IGNORECASE)
_SPARK = re.compile(r"spark\.(driver|executor)\.(cores|memory|instances)=([0-9]{1,6})([mg]?)", re.IGNORECASE)
# EMR Serverless's own defaults, in vCPU and GB with Spark's overhead, and how many executors a run begins with.
_WORKER = (4.0, 16.0)
_EXECUTORS = 3.0
_OVERHEAD = 1.1
_MEGABYTES = 1024
_LABELS = ("may grow",)


def _create(call: Call) -> tuple[Part, ...]:
    return started(APPLICATION, needed(call, _id(call, "application")), _ready(call) or [_NOTHING_READY])


def _ready(call: Call) -> list[UsageItem]:
    """Workers of each kind, times their size; both sums are zero where no kind tells them."""
    vcpus = gigabytes = 0.0
    for kind in _kinds(get(call.request, "initialCapacity")):
        count, size = nodes(number(kind, "workerCount")), get(kind, "workerConfiguration")
        vcpus += count * _amount(size, "cpu")
        gigabytes += count * _amount(size, "memory")
    return _capacity(vcpus, gigabytes, f"{_SKU}/template") if vcpus and gigabytes else []


def _kinds(capacity: Json | None) -> list[Json]:
    found = list(capacity.values()) if isinstance(capacity, dict) else []
    within(len(found), _MOST_KINDS, "kinds of workers")
    return [kind for kind in found if isinstance(kind, dict)]


def _amount(size: Json | None, key: str) -> float:
    worded = _AMOUNT.fullmatch(text(size, key) or "")
    return (number({key: worded[1]}, key) or 0.0) if worded else 0.0


def _capacity(vcpus: float, gigabytes: float, sku: str) -> list[UsageItem]:
    return [use(f"{sku}/vcpu", vcpus), use(f"{sku}/gb", gigabytes)]


def _start(call: Call) -> tuple[Part, ...]:
    """An application that is not used stops by itself after minutes, unless that is switched off; nothing tells it."""
    application = needed(call, _id(call, "application"))
    return started(READY, needed(call, _id(call, "ready")), [like(application)], longest=DAY)


def _stop(call: Call) -> tuple[Part, ...]:
    return stopped(READY, _id(call, "ready"))


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(APPLICATION, _id(call, "application"), _id(call, "ready"))


def _start_run(call: Call) -> tuple[Part, ...]:
    minutes = number(call.request, "executionTimeoutMinutes")
    limit = longest(None if minutes is None else minutes * _MINUTE, _DEFAULT_TIMEOUT)
    return started(RUN, needed(call, _run(call)), _spark(get(call.request, "jobDriver")), _LABELS, limit)


def _spark(driver: Json | None) -> list[UsageItem]:
    """The driver and the executors a Spark job begins with; Hive jobs do not tell theirs."""
    if not isinstance(get(driver, "sparkSubmit"), dict):
        return []
    asked_for = dict(_settings(text(driver, "sparkSubmit", "sparkSubmitParameters") or ""))
    vcpus, gigabytes = _worker(asked_for, "driver")
    count = nodes(asked_for.get("executor.instances", _EXECUTORS))
    each = _worker(asked_for, "executor")
    return _capacity(vcpus + count * each[0], gigabytes + count * each[1], _SKU)


def _settings(parameters: str) -> Iterator[tuple[str, float]]:
    """What is asked for, memory in GB; Spark takes memory without a unit as megabytes."""
    for role, what, amount, unit in _SPARK.findall(parameters):
        in_megabytes = unit.lower() == "m" or (what.lower() == "memory" and not unit)
        size = float(amount) / (_MEGABYTES if in_megabytes else 1)
        yield f"{role.lower()}.{what.lower()}", size


def _worker(asked_for: Mapping[str, float], role: str) -> tuple[float, float]:
    memory = asked_for.get(f"{role}.memory")
    return asked_for.get(f"{role}.cores", _WORKER[0]), _WORKER[1] if memory is None else memory * _OVERHEAD


def _cancel_run(call: Call) -> tuple[Part, ...]:
    return stopped(RUN, _run(call))


def _id(call: Call, kind: str) -> str | None:
    application = told(call, "applicationId")
    return f"{kind}/{application}" if application else None


def _run(call: Call) -> str | None:
    application, run = asked(call, "applicationId"), asked(call, "jobRunId")
    return f"run/{application}/{run}" if application and run else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateApplication"): _create,
    (_SOURCE, "StartApplication"): _start,
    (_SOURCE, "StopApplication"): _stop,
    (_SOURCE, "DeleteApplication"): _delete,
    (_SOURCE, "StartJobRun"): _start_run,
    (_SOURCE, "CancelJobRun"): _cancel_run,
}
