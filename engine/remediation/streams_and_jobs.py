"""Streams, brokers, and what processes data for a while."""

import re

from engine.remediation.way import Way

_MSK_ARN = r"arn:aws[a-z-]*:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9-]{1,64}/[0-9a-f-]{36}-[0-9a-z]{1,4}"
_STREAM_ARN = "arn:{partition}:kinesis:{region}:{account}:stream/{name}"
_GLUE_NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}"

WAYS: tuple[Way, ...] = (
    # AWS takes away half of the shards at a time, and on demand none of them is billed.
    Way(
        service="kinesis",
        pattern=re.compile("(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})"),
        stop=f"kinesis update-stream-mode --stream-arn {_STREAM_ARN} --stream-mode-details StreamMode=ON_DEMAND",
        harder="kinesis delete-stream --stream-name {name}",
    ),
    # Brokers can neither be stopped nor made smaller.
    Way(
        service="kafka",
        pattern=re.compile(f"(?P<arn>{_MSK_ARN})"),
        stop="kafka delete-cluster --cluster-arn {arn}",
    ),
    Way(
        service="amazonmq",
        pattern=re.compile("(?P<id>b-[0-9a-f-]{36})"),
        stop="mq delete-broker --broker-id {id}",
    ),
    Way(
        service="glue",
        pattern=re.compile(f"job/(?P<job>{_GLUE_NAME})/(?P<run>jr_[0-9a-f_]{{1,80}})"),
        stop="glue batch-stop-job-run --job-name {job} --job-run-ids {run}",
        takes_many=True,
    ),
    Way(
        service="glue",
        pattern=re.compile(f"devEndpoint/(?P<name>{_GLUE_NAME})"),
        stop="glue delete-dev-endpoint --endpoint-name {name}",
    ),
    Way(
        service="glue",
        pattern=re.compile(f"session/(?P<id>{_GLUE_NAME})"),
        stop="glue stop-session --id {id}",
    ),
    # What runs may end, and until then the policy can be taken away again. Releases before 5.30 know none.
    Way(
        service="elasticmapreduce",
        pattern=re.compile("(?P<id>j-[0-9A-Z]{8,20})"),
        stop="emr put-auto-termination-policy --cluster-id {id} --auto-termination-policy IdleTimeout=3600",
        harder="emr terminate-clusters --cluster-ids {id}",
    ),
    Way(
        service="emr-serverless",
        pattern=re.compile("ready/(?P<id>[0-9a-z]{1,64})"),
        stop="emr-serverless stop-application --application-id {id}",
    ),
    Way(
        service="emr-serverless",
        pattern=re.compile("run/(?P<id>[0-9a-z]{1,64})/(?P<run>[0-9a-z]{1,64})"),
        stop="emr-serverless cancel-job-run --application-id {id} --job-run-id {run}",
    ),
    Way(
        service="airflow",
        pattern=re.compile("(?P<name>[A-Za-z][A-Za-z0-9_-]{0,79})"),
        stop="mwaa delete-environment --name {name}",
    ),
    Way(
        service="transfer",
        pattern=re.compile("(?P<id>s-[0-9a-f]{17})"),
        stop="transfer delete-server --server-id {id}",
    ),
)
