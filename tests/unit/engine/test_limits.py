"""How long jobs can run at the longest, as their records say or as AWS takes it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cloudtrail.telling import DAY
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.services import Trail

MACHINES = {"instanceType": "ml.p3.2xlarge", "instanceCount": 1}
TUNING = {
    "trainingJobDefinition": {"resourceConfig": MACHINES},
    "hyperParameterTuningJobConfig": {"resourceLimits": {"maxParallelTrainingJobs": 4}},
}
TASK = {"launchType": "FARGATE", "cpu": "256", "memory": "512", "taskArn": "arn:aws:ecs:r:1:task/c/1"}

LIMITS: list[tuple[str, str, Record, Record, float | None]] = [
    ("sagemaker", "CreateTrainingJob", {"trainingJobName": "x", "resourceConfig": MACHINES}, {}, DAY),
    (
        "sagemaker",
        "CreateTrainingJob",
        {"trainingJobName": "x", "stoppingCondition": {"maxRuntimeInSeconds": 60}},
        {},
        60,
    ),
    (
        "sagemaker",
        "CreateTrainingJob",
        {"trainingJobName": "x", "stoppingCondition": {"maxRuntimeInSeconds": 60, "maxWaitTimeInSeconds": "90"}},
        {},
        90,
    ),
    ("sagemaker", "CreateProcessingJob", {"processingJobName": "x"}, {}, DAY),
    ("sagemaker", "CreateTransformJob", {"transformJobName": "x"}, {}, 5 * DAY),
    ("sagemaker", "CreateHyperParameterTuningJob", {"hyperParameterTuningJobName": "x", **TUNING}, {}, 30 * DAY),
    ("sagemaker", "CreateNotebookInstance", {"notebookInstanceName": "x", **MACHINES}, {}, None),
    ("glue", "StartJobRun", {"jobName": "x"}, {"jobRunId": "jr_1"}, 2 * DAY),
    ("glue", "StartJobRun", {"jobName": "x", "timeout": 30}, {"jobRunId": "jr_1"}, 1800),
    ("glue", "StartJobRun", {"jobName": "x", "timeout": 0}, {"jobRunId": "jr_1"}, 2 * DAY),
    ("glue", "CreateSession", {"id": "s", "timeout": 60}, {"session": {"id": "s"}}, 3600),
    ("glue", "CreateDevEndpoint", {"endpointName": "lab"}, {}, None),
    ("ecs", "RunTask", {"launchType": "FARGATE"}, {"tasks": [TASK]}, DAY),
    ("ecs", "CreateService", {"launchType": "FARGATE", "serviceName": "web"}, {}, None),
    ("elasticmapreduce", "RunJobFlow", {"instances": {}}, {"jobFlowId": "j-1"}, DAY),
    (
        "elasticmapreduce",
        "RunJobFlow",
        {"instances": {"keepJobFlowAliveWhenNoSteps": True}},
        {"jobFlowId": "j-1"},
        None,
    ),
    (
        "elasticmapreduce",
        "RunJobFlow",
        {"instances": {"keepJobFlowAliveWhenNoSteps": True}, "autoTerminationPolicy": {"idleTimeout": 3600}},
        {"jobFlowId": "j-1"},
        DAY,
    ),
]


@pytest.mark.parametrize(("source", "name", "request_", "response", "seconds"), LIMITS)
def test_how_long_it_runs_at_the_longest(
    source: str, name: str, request_: Record, response: Record, seconds: float | None
) -> None:
    (event,) = parse_record(record(source, name, request_, response))
    assert (event.ends_by and (event.ends_by - event.event_time).total_seconds()) == seconds


@given(
    st.one_of(
        st.none(),
        st.text(max_size=8),
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(),
        st.booleans(),
        st.lists(st.integers()),
    )
)
def test_no_limit_is_longer_than_a_month_or_shorter_than_nothing(odd: Any) -> None:
    raw = record("glue", "StartJobRun", {"jobName": "x", "timeout": odd}, {"jobRunId": "jr_1"})
    (event,) = parse_record(raw)
    assert event.ends_by is not None
    assert 0 <= (event.ends_by - event.event_time).total_seconds() <= 30 * DAY


def test_in_a_replay_the_records_own_time_ends_jobs() -> None:
    trail = Trail("glue")
    sized = {"jobName": "nightly", "maxCapacity": 0.0625}
    for number in range(5):
        trail.call("StartJobRun", {**sized, "timeout": 90}, {"jobRunId": f"jr_{number}"})
        assert len(trail.running) <= 2
    gauges = {gauge.running for gauge in trail.state.baseline.gauges.values()}
    assert 0 < max(gauges) <= 125
