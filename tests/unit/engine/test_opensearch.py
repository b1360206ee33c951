"""Search domains: nodes, masters, warm nodes, volumes."""

from typing import Any

import pytest
from hypothesis import given

from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, Trail, said

NODES = {"instanceType": "r6g.large.search", "instanceCount": 3, "dedicatedMasterEnabled": False}
VOLUMES = {"eBSEnabled": True, "volumeSize": 100, "volumeType": "gp3"}
DOMAIN = {"domainName": "logs", "clusterConfig": NODES, "eBSOptions": VOLUMES}
ANSWER = {"domainStatus": {**DOMAIN, "domainId": "111122223333/logs", "created": True}}
RECORDS = [
    record("es", "CreateDomain", DOMAIN, ANSWER),
    record("es", "UpdateDomainConfig", DOMAIN, {"domainConfig": {"clusterConfig": {"options": NODES}}}),
    record("es", "DeleteElasticsearchDomain", {"domainName": "logs"}, ANSWER),
]


def test_a_domain_costs_its_nodes_and_their_volumes() -> None:
    usage = {"opensearch/r6g.large": 3, "opensearch/storage/gp3/gb": 300}
    assert said(record("es", "CreateDomain", DOMAIN, ANSWER)) == (START, "r6g.large.search", ("logs",), usage)
    assert said(record("es", "CreateDomain", DOMAIN)) == (START, "r6g.large.search", ("logs",), usage)


def test_the_older_call_has_other_names() -> None:
    asked = {"domainName": "logs", "elasticsearchClusterConfig": {}, "eBSOptions": {"eBSEnabled": False}}
    told = {"instanceType": "m3.medium.elasticsearch", "instanceCount": 1}
    raw = record("es", "CreateElasticsearchDomain", asked, {"domainStatus": {"elasticsearchClusterConfig": told}})
    assert said(raw) == (START, "m3.medium.elasticsearch", ("logs",), {"opensearch/m3.medium": 1})


@pytest.mark.parametrize(
    ("more", "usage"),
    [
        ({"dedicatedMasterEnabled": True, "dedicatedMasterType": "m6g.large.search"}, {"opensearch/m6g.large": 3}),
        (
            {"dedicatedMasterEnabled": True, "dedicatedMasterType": "c6g.large.search", "dedicatedMasterCount": 5},
            {"opensearch/c6g.large": 5},
        ),
        (
            {"warmEnabled": True, "warmType": "ultrawarm1.medium.search", "warmCount": 2},
            {"opensearch/ultrawarm1.medium": 2},
        ),
        ({"warmEnabled": True}, {}),
    ],
)
def test_masters_and_warm_nodes_cost_too(more: Record, usage: dict[str, float]) -> None:
    raw = record("es", "CreateDomain", {"domainName": "logs", "clusterConfig": {**NODES, **more}})
    assert said(raw)[3] == {"opensearch/r6g.large": 3, **usage}


@pytest.mark.parametrize(
    ("asked", "usage"),
    [
        ({"clusterConfig": {"instanceCount": 12}}, {"opensearch/r6g.large": 12, "opensearch/storage/gp3/gb": 1200}),
        ({"eBSOptions": {"volumeSize": 500}}, {"opensearch/r6g.large": 3, "opensearch/storage/gp3/gb": 1500}),
    ],
)
def test_an_update_names_only_what_changes(asked: Record, usage: dict[str, float]) -> None:
    described = {"clusterConfig": {"options": NODES}, "eBSOptions": {"options": VOLUMES}}
    raw = record("es", "UpdateDomainConfig", {"domainName": "logs", **asked}, {"domainConfig": described})
    assert said(raw) == (MODIFY, "r6g.large.search", ("logs",), usage)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [({"accessPolicies": "{}"}, {"domainConfig": {}}), ({"clusterConfig": {"instanceCount": 12}}, None)],
)
def test_an_update_that_tells_no_cost_is_left_out(asked: Record, answer: Any) -> None:
    assert parse_record(record("es", "UpdateDomainConfig", {"domainName": "logs", **asked}, answer)) == ()


def test_zone_awareness_is_labelled() -> None:
    fields = {**DOMAIN, "clusterConfig": {**NODES, "zoneAwarenessEnabled": True}}
    assert parse_record(record("es", "CreateDomain", fields))[0].labels == ("multi-az",)


@pytest.mark.parametrize("name", ["DeleteDomain", "DeleteElasticsearchDomain"])
def test_a_deletion_ends_it(name: str) -> None:
    trail = Trail("es")
    trail.call("CreateDomain", DOMAIN, ANSWER)
    assert trail.running == {"logs": 303.0}
    trail.call(name, {"domainName": "logs"}, ANSWER)
    assert trail.running == {}


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
