"""Glue: development endpoints, job runs and interactive sessions, all by DPU. A job is a template of its runs.

Ids are ``job/nightly``, ``job/nightly/jr_4f``, ``devEndpoint/lab`` and ``session/1``.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import DAY, asked, changed, kind, longest, needed, nodes, started, texts, told, use
from engine.fields import Json, get, number, text
from engine.models.cost_event import UsageItem
from engine.relative_usage import like

_SOURCE = "glue.amazonaws.com"
JOB, RUN, ENDPOINT, SESSION = "glue_job", "glue_job_run", "glue_dev_endpoint", "glue_session"
_SKU = "glue/dpu"
_TEMPLATE_SKU = "glue/template/dpu"
_DPUS_BY_WORKER = {
    "Standard": 1.0,
    "G.025X": 0.25,
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
    "Z.2X": 2.0,
}
# What AWS takes where the caller names nothing.
_DEFAULT_ENDPOINT_DPUS = 5.0
_DEFAULT_TIMEOUT = 2 * DAY
_MINUTE = 60


def _capacity(data: Json, sku: str) -> tuple[UsageItem, ...]:
    """Workers of a type, or DPUs outright; empty if neither is told. Types not listed here have prices of their own."""
    worker, count = text(data, "workerType"), number(data, "numberOfWorkers")
    if worker and count is not None:
        dpus = _DPUS_BY_WORKER.get(worker)
        return (use(sku, nodes(count) * dpus) if dpus else use(f"glue/worker/{worker}", nodes(count)),)
    dpus = number(data, "maxCapacity") or number(data, "numberOfNodes") or number(data, "allocatedCapacity")
    return (use(sku, nodes(dpus)),) if dpus else ()


def _create_job(call: Call) -> tuple[Part, ...]:
    usage = _capacity(call.request, _TEMPLATE_SKU)
    return started(JOB, needed(call, _job(call)), usage) if usage else ()


def _update_job(call: Call) -> tuple[Part, ...]:
    update = get(call.request, "jobUpdate")
    usage = _capacity(update, _TEMPLATE_SKU) if isinstance(update, dict) else ()
    return changed(JOB, _job(call), usage) if usage else ()


def _start_run(call: Call) -> tuple[Part, ...]:
    job = needed(call, _job(call))
    run = needed(call, text(call.response, "jobRunId"))
    return started(RUN, f"{job}/{run}", _capacity(call.request, _SKU) or (like(job),), longest=_timeout(call))


def _timeout(call: Call) -> float:
    """Runs end without a record. The job's own timeout is not in the call; AWS's stands for it."""
    minutes = number(call.request, "timeout")
    return longest(None if minutes is None else minutes * _MINUTE, _DEFAULT_TIMEOUT)


def _stop_runs(call: Call) -> tuple[Part, ...]:
    job = _job(call)
    return stopped(RUN, *(f"{job}/{run}" for run in texts(call.request, "jobRunIds")))


def _create_endpoint(call: Call) -> tuple[Part, ...]:
    usage = _capacity(call.request, _SKU) or _capacity(call.response, _SKU) or (use(_SKU, _DEFAULT_ENDPOINT_DPUS),)
    return started(ENDPOINT, needed(call, _endpoint(call)), usage)


def _delete_endpoint(call: Call) -> tuple[Part, ...]:
    return stopped(ENDPOINT, _endpoint(call))


def _create_session(call: Call) -> tuple[Part, ...]:
    session = get(call.response, "session")
    usage = _capacity(call.request, _SKU) or (_capacity(session, _SKU) if isinstance(session, dict) else ())
    return started(SESSION, needed(call, _session(call)), usage, longest=_timeout(call))


def _stop_session(call: Call) -> tuple[Part, ...]:
    return stopped(SESSION, _session(call))


def _job(call: Call) -> str | None:
    return kind("job", asked(call, "jobName", "name"))


def _endpoint(call: Call) -> str | None:
    return kind("devEndpoint", told(call, "endpointName"))


def _session(call: Call) -> str | None:
    return kind("session", told(call, "session.id", "id"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateJob"): _create_job,
    (_SOURCE, "UpdateJob"): _update_job,
    (_SOURCE, "StartJobRun"): _start_run,
    (_SOURCE, "BatchStopJobRun"): _stop_runs,
    (_SOURCE, "CreateDevEndpoint"): _create_endpoint,
    (_SOURCE, "DeleteDevEndpoint"): _delete_endpoint,
    (_SOURCE, "CreateSession"): _create_session,
    (_SOURCE, "StopSession"): _stop_session,
    (_SOURCE, "DeleteSession"): _stop_session,
}
