"""SageMaker endpoints, notebooks, jobs, apps and clusters; Bedrock's provisioned throughput."""

import pytest
from hypothesis import given

from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import START, STOP, Trail, said

ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
VARIANT = {"variantName": "all", "modelName": "fraud", "instanceType": "ml.g5.xlarge", "initialInstanceCount": 2}
CONFIG = {"endpointConfigName": "fraud-v1", "productionVariants": [VARIANT]}
ENDPOINT = {"endpointName": "fraud", "endpointConfigName": "fraud-v1"}
MACHINES = {"instanceType": "ml.p4d.24xlarge", "instanceCount": 4, "volumeSizeInGB": 100}
TRAINING = {"trainingJobName": "fraud-1", "resourceConfig": MACHINES}
GROUPS = [
    {"instanceType": "ml.p5.48xlarge", "instanceCount": "8"},
    {"instanceType": "ml.m5.xlarge", "instanceCount": 1},
]
CLAUDE = {"provisionedModelName": "chat", "modelId": "anthropic.claude-v2:1:18k", "modelUnits": 2}
CHAT = "arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/0123456789ab"
RECORDS = [
    record("sagemaker", "CreateEndpointConfig", CONFIG, {"endpointConfigArn": f"{ARN}:endpoint-config/fraud-v1"}),
    record("sagemaker", "CreateEndpoint", ENDPOINT, {"endpointArn": f"{ARN}:endpoint/fraud"}),
    record("sagemaker", "CreateTrainingJob", TRAINING),
    record("sagemaker", "CreateCluster", {"clusterName": "big", "instanceGroups": GROUPS}),
    record("bedrock", "CreateProvisionedModelThroughput", CLAUDE, {"provisionedModelArn": CHAT}),
]


def test_an_endpoint_costs_what_its_configuration_says() -> None:
    trail = Trail("sagemaker")
    assert trail.call("CreateEndpointConfig", CONFIG).hourly_cost == 0.0
    created = trail.call("CreateEndpoint", ENDPOINT, {"endpointArn": f"{ARN}:endpoint/fraud"})
    assert (created.resource_type, created.resource_ids) == ("ml.g5.xlarge", ("endpoint/fraud",))
    assert [(one.sku, one.amount) for one in created.usage] == [("sagemaker/ml.g5.xlarge", 2)]
    scaled = {
        "endpointName": "fraud",
        "desiredWeightsAndCapacities": [{"variantName": "all", "desiredInstanceCount": 20}],
    }
    trail.call("UpdateEndpointWeightsAndCapacities", scaled)
    assert trail.running == {"endpoint/fraud": 20.0}
    trail.call("DeleteEndpoint", {"endpointName": "fraud"})
    assert trail.running == {}


def test_an_endpoint_takes_over_another_configuration() -> None:
    trail = Trail("sagemaker")
    trail.call("CreateEndpointConfig", CONFIG)
    trail.call("CreateEndpoint", ENDPOINT)
    shadow = {**VARIANT, "instanceType": "ml.m5.large", "initialInstanceCount": 1}
    trail.call("CreateEndpointConfig", {**CONFIG, "endpointConfigName": "v2", "shadowProductionVariants": [shadow]})
    change = trail.call("UpdateEndpoint", {**ENDPOINT, "endpointConfigName": "v2"})
    assert (change.hourly_cost, trail.running) == (3.0, {"endpoint/fraud": 3.0})


def test_a_configuration_never_seen_means_an_unknown_price() -> None:
    created = Trail("sagemaker").call("CreateEndpoint", ENDPOINT)
    assert (created.resource_type, created.hourly_cost) == ("sagemaker_endpoint", None)


def test_a_serverless_endpoint_is_free_while_idle() -> None:
    trail = Trail("sagemaker")
    serverless = {"variantName": "all", "serverlessConfig": {"memorySizeInMB": 4096, "maxConcurrency": 20}}
    trail.call("CreateEndpointConfig", {**CONFIG, "productionVariants": [serverless]})
    assert trail.call("CreateEndpoint", ENDPOINT).hourly_cost == 0.0


def test_counts_of_several_variants_leave_the_price_unknown_and_weights_leave_it_alone() -> None:
    counts = [{"variantName": "a", "desiredInstanceCount": 2}, {"variantName": "b", "desiredInstanceCount": 3}]
    name = "UpdateEndpointWeightsAndCapacities"
    scaled = {"endpointName": "fraud", "desiredWeightsAndCapacities": counts}
    assert said(record("sagemaker", name, scaled))[3] == {}
    weighed = {"endpointName": "fraud", "desiredWeightsAndCapacities": [{"variantName": "a", "desiredWeight": 2}]}
    assert parse_record(record("sagemaker", name, weighed)) == ()


def test_a_notebook_costs_while_it_runs() -> None:
    trail = Trail("sagemaker")
    trail.call("CreateNotebookInstance", {"notebookInstanceName": "lab", "instanceType": "ml.p3.2xlarge"})
    assert trail.running == {"notebook-instance/lab": 1.0}
    trail.call("StopNotebookInstance", {"notebookInstanceName": "lab"})
    trail.call("UpdateNotebookInstance", {"notebookInstanceName": "lab", "instanceType": "ml.t3.medium"})
    assert trail.running == {}
    started = trail.call("StartNotebookInstance", {"notebookInstanceName": "lab"})
    assert (started.resource_type, trail.running) == ("ml.t3.medium", {"notebook-instance/lab": 1.0})
    trail.call("DeleteNotebookInstance", {"notebookInstanceName": "lab"})
    assert trail.running == {}


@pytest.mark.parametrize(
    ("kind", "request_", "count"),
    [
        ("TrainingJob", TRAINING, 4),
        (
            "ProcessingJob",
            {"processingJobName": "fraud-1", "processingResources": {"clusterConfig": MACHINES}},
            4,
        ),
        ("TransformJob", {"transformJobName": "fraud-1", "transformResources": MACHINES}, 4),
        (
            "HyperParameterTuningJob",
            {
                "hyperParameterTuningJobName": "fraud-1",
                "hyperParameterTuningJobConfig": {"resourceLimits": {"maxParallelTrainingJobs": 5}},
                "trainingJobDefinition": {"resourceConfig": MACHINES},
            },
            20,
        ),
    ],
)
def test_a_job_costs_until_it_is_stopped(kind: str, request_: Record, count: float) -> None:
    trail = Trail("sagemaker")
    created = trail.call(f"Create{kind}", request_)
    assert (created.resource_type, created.hourly_cost) == ("ml.p4d.24xlarge", count)
    trail.call(f"Stop{kind}", {key: value for key, value in request_.items() if key.endswith("JobName")})
    assert trail.running == {}


def test_training_may_be_on_spare_capacity_and_on_several_kinds_of_machines() -> None:
    groups = {"trainingJobName": "x", "resourceConfig": {"instanceGroups": GROUPS}, "enableManagedSpotTraining": True}
    (event,) = parse_record(record("sagemaker", "CreateTrainingJob", groups))
    assert {one.sku: one.amount for one in event.usage} == {"sagemaker/ml.p5.48xlarge": 8, "sagemaker/ml.m5.xlarge": 1}
    assert event.labels == ("spot",)


def test_a_cluster_costs_all_its_groups() -> None:
    raw = record("sagemaker", "CreateCluster", {"clusterName": "big", "instanceGroups": GROUPS})
    usage = {"sagemaker/ml.p5.48xlarge": 8, "sagemaker/ml.m5.xlarge": 1}
    assert said(raw) == (START, "ml.p5.48xlarge", ("cluster/big",), usage)
    assert said(record("sagemaker", "DeleteCluster", {"clusterName": "big"}))[2] == ("cluster/big",)


@pytest.mark.parametrize("owner", [{"userProfileName": "alice"}, {"spaceName": "alice"}])
def test_apps_of_people_and_spaces_are_told_apart(owner: Record) -> None:
    app = {"domainId": "d-1", "appType": "KernelGateway", "appName": "gpu", **owner}
    mark = "user-profile" if "userProfileName" in owner else "space"
    created = record("sagemaker", "CreateApp", {**app, "resourceSpec": {"instanceType": "ml.g5.xlarge"}})
    ids = (f"app/d-1/{mark}=alice/KernelGateway/gpu",)
    assert said(created) == (START, "ml.g5.xlarge", ids, {"sagemaker/ml.g5.xlarge": 1})
    assert said(record("sagemaker", "DeleteApp", app)) == (STOP, "sagemaker_app", ids, {})


@pytest.mark.parametrize("spec", [{}, {"instanceType": "system"}])
def test_apps_of_the_system_are_free(spec: Record) -> None:
    app = {"domainId": "d-1", "appType": "JupyterServer", "appName": "default", "userProfileName": "alice"}
    assert said(record("sagemaker", "CreateApp", {**app, "resourceSpec": spec}))[3] == {"sagemaker/idle/app": 1}


@pytest.mark.parametrize(
    ("fields", "sku", "labels"),
    [
        ({}, "bedrock/provisioned/anthropic.claude-v2:1:18k/none", ()),
        (
            {"commitmentDuration": "SixMonths", "modelId": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova"},
            "bedrock/provisioned/foundation-model/amazon.nova/sixmonths",
            ("commitment: sixmonths",),
        ),
    ],
)
def test_throughput_is_bought_by_model_unit(fields: Record, sku: str, labels: tuple[str, ...]) -> None:
    raw = record("bedrock", "CreateProvisionedModelThroughput", {**CLAUDE, **fields}, {"provisionedModelArn": CHAT})
    assert said(raw) == (START, "bedrock_provisioned_throughput", (CHAT,), {sku: 2})
    assert parse_record(raw)[0].labels == labels
    assert said(record("bedrock", "DeleteProvisionedModelThroughput", {"provisionedModelId": CHAT}))[2] == (CHAT,)


def test_a_call_of_another_service_with_the_same_name_is_another_call() -> None:
    assert parse_record(record("cloudsearch", "CreateDomain", {"domainName": "x"})) == ()
    assert parse_record(record("sagemaker", "CreateDomain", {"domainName": "x"})) == ()


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
