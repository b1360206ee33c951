"""Cards of every service whose calls are understood, with the command that stops what was started, if there is one."""

import pytest

from blocks.anomaly_card import anomaly_card
from blocks.text import plain
from engine.cloudtrail.registry import REGISTRY
from engine.errors import MalformedRecord
from engine.examples import FlatPrices
from engine.examples import incident as found
from engine.models.anomaly import Line, ResourceRef
from engine.models.cost_event import Change, CostEvent
from engine.pricing import estimate
from tests.blocks.reports import accepted
from tests.blocks.rules import reading
from tests.blocks.samples import START, incident
from tests.unit.engine import (
    test_containers,
    test_elasticache,
    test_jobs_and_rentals,
    test_machine_learning,
    test_opensearch,
    test_parse_hostile,
    test_parse_hostile_network,
    test_rds_clusters,
    test_redshift,
    test_serverless_and_caches,
    test_streams,
)
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.test_remediation_tables import EXAMPLES

SERVICES = sorted({source.partition(".")[0] for source, _ in REGISTRY})
TRUE_RECORDS = [
    *test_parse_hostile.TRUE_RECORDS,
    *test_parse_hostile_network.TRUE_RECORDS,
    *test_containers.RECORDS,
    *test_elasticache.RECORDS,
    *test_jobs_and_rentals.RECORDS,
    *test_machine_learning.RECORDS,
    *test_opensearch.RECORDS,
    *test_rds_clusters.RECORDS,
    *test_redshift.RECORDS,
    *test_serverless_and_caches.RECORDS,
    *test_streams.RECORDS,
    record("apprunner", "CreateService", {"serviceName": "api"}, {"service": {"serviceArn": "arn:aws:apprunner:x"}}),
    record("ds", "CreateDirectory", {"size": "Small"}, {"directoryId": "d-1"}),
    record("elasticfilesystem", "CreateFileSystem", {}, {"fileSystemId": "fs-1", "throughputMode": "elastic"}),
    record("kendra", "CreateIndex", {"edition": "DEVELOPER_EDITION"}, {"id": "k-1"}),
]
STARTS_NOTHING = {"autoscaling"}  # Its groups only change how many instances EC2 starts for them.


def starts(raw: Record) -> list[CostEvent]:
    """What a record starts; some of these tell too little to be understood."""
    try:
        return [event for event in parse_record(raw) if event.change is Change.START]
    except MalformedRecord:
        return []


STARTED = [event for raw in TRUE_RECORDS for event in starts(raw)]


def card_text(service: str, resource_type: str, resource_id: str) -> str:
    """What Slack is given of an incident that started one of these."""
    anomaly = incident(
        lines=(Line(service, resource_type, "us-east-1", 1, 48.96, (), "list"),),
        resources=(ResourceRef("us-east-1", service, resource_type, resource_id),),
        running_ids=(resource_id,),
    )
    return reading(accepted(anomaly_card(anomaly, account_name="prod", now=START, may_repeat=False)))


@pytest.mark.parametrize(("service", "resource_type", "resource_id", "stop", "_harder"), EXAMPLES)
def test_the_card_has_the_command(service: str, resource_type: str, resource_id: str, stop: str, _harder: str) -> None:
    text = card_text(service, resource_type, resource_id)
    assert resource_type in text
    assert f"*How to stop it*\n```aws {stop} " in text


@pytest.mark.parametrize("service", SERVICES)
def test_what_has_no_command_is_stopped_in_the_console(service: str) -> None:
    text = card_text(service, "of.a.kind", "no name; that AWS gives")
    assert f"*How to stop it*\nIn the AWS console: `{service}` in us-east-1" in text


@pytest.mark.parametrize("started", STARTED, ids=lambda one: f"{one.service}-{one.event_name}-{one.resource_type}")
def test_what_true_records_start_has_a_card(started: CostEvent) -> None:
    anomaly = found(estimate(started, FlatPrices()))
    text = reading(accepted(anomaly_card(anomaly, account_name="prod", now=START, may_repeat=False)))
    assert plain(started.resource_type, 50) in text
    assert ("*How to stop it*" in text) is not anomaly.is_commitment
    assert "Mark expected" in text


def test_true_records_of_all_services_are_drawn() -> None:
    assert {one.service for one in STARTED} == set(SERVICES) - STARTS_NOTHING
