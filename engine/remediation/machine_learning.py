"""SageMaker and Bedrock.

An endpoint can be made anew from its configuration, which stays; stopped jobs keep what they saved.
"""

import re

from engine.remediation.way import Way

_NAME = "(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,62})"
_APP = "(?P<type>[A-Za-z]{1,40})/(?P<app>[A-Za-z0-9][A-Za-z0-9-]{0,62})"
_DOMAIN = "(?P<domain>d-[a-z0-9-]{1,61})"


def _job(kind: str) -> Way:
    return Way(
        service="sagemaker",
        pattern=re.compile(f"{kind}/{_NAME}"),
        stop=f"sagemaker stop-{kind} --{kind}-name {{name}}",
    )


WAYS: tuple[Way, ...] = (
    Way(
        service="sagemaker",
        pattern=re.compile(f"endpoint/{_NAME}"),
        stop="sagemaker delete-endpoint --endpoint-name {name}",
    ),
    Way(
        service="sagemaker",
        pattern=re.compile(f"notebook-instance/{_NAME}"),
        stop="sagemaker stop-notebook-instance --notebook-instance-name {name}",
        harder="sagemaker delete-notebook-instance --notebook-instance-name {name}",
    ),
    _job("training-job"),
    _job("processing-job"),
    _job("transform-job"),
    _job("hyper-parameter-tuning-job"),
    Way(
        service="sagemaker",
        pattern=re.compile(f"cluster/{_NAME}"),
        stop="sagemaker delete-cluster --cluster-name {name}",
    ),
    Way(
        service="sagemaker",
        pattern=re.compile(f"app/{_DOMAIN}/user-profile={_NAME}/{_APP}"),
        stop="sagemaker delete-app --domain-id {domain} --user-profile-name {name} --app-type {type} --app-name {app}",
    ),
    Way(
        service="sagemaker",
        pattern=re.compile(f"app/{_DOMAIN}/space={_NAME}/{_APP}"),
        stop="sagemaker delete-app --domain-id {domain} --space-name {name} --app-type {type} --app-name {app}",
    ),
    Way(
        service="bedrock",
        pattern=re.compile(r"(?P<id>arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:provisioned-model/[a-z0-9]{12})"),
        stop="bedrock delete-provisioned-model-throughput --provisioned-model-id {id}",
    ),
)
