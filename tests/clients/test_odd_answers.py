"""Answers of AWS that are odd, or say that something is gone: they end one family with a reason, and nothing else."""

import asyncio
import copy
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import pytest
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from clients.aws.moments import parse_moment, read_moment
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from clients.aws.zombies.births import BirthLooks
from clients.aws.zombies.scanning import FAMILIES, ZombieLooks
from engine.errors import Unavailable
from engine.examples import FlatPrices
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.judging import Known, commands_of, judge
from engine.zombies.models import Batch, Covered, Described, Trouble
from engine.zombies.rule import Look
from engine.zombies.rules import BY_NAME
from engine.zombies.thresholds import Thresholds
from tests.fixtures.zombie_answers import ANSWERS, NOW, Account, Answer, Call, refusal

REGION, ACCOUNT = "us-east-1", "123456789012"
EVERY = {name for stage in FAMILIES for name in stage}
# No zone, no end, no number, no text: what JSON and a careless server can hold where something else is meant.
ODD: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    [None],
    {"a": 1},
    b"x",
    datetime(2026, 1, 5, 10),  # noqa: DTZ001 - that it has no zone is what is odd
)
SCANNED = AwsAccount(
    account_id=ACCOUNT,
    name="odd",
    status=AccountStatus.ACTIVE,
    external_id="external",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c",
    regions=(REGION,),
    connected_at=NOW,
)
Pieces = list[Batch | Covered | Trouble]


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def scan(changes: Mapping[Call, Answer]) -> Pieces:
    """A whole scan of an account whose answers are changed so."""
    roles = cast(Roles, Account({**ANSWERS, **changes}))
    looks = ZombieLooks(roles, Pacer(1e9, time.monotonic, _at_once))

    async def look() -> Pieces:
        return [piece async for piece in looks.look(SCANNED, [REGION], NOW, Thresholds())]

    return asyncio.run(look())


def troubles(seen: Pieces) -> dict[str, str]:
    return {piece.family: piece.error for piece in seen if isinstance(piece, Trouble)}


def covered(seen: Pieces) -> set[str]:
    return {piece.family for piece in seen if isinstance(piece, Covered)}


def found(seen: Pieces) -> set[str]:
    return {one.resource_id for piece in seen if isinstance(piece, Batch) for one in piece.resources}


@cache
def suffering(call: Call) -> frozenset[str]:
    """What cannot be seen where AWS refuses a call."""
    return frozenset(troubles(scan({call: refusal("ValidationError")})))


def leaves(answer: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in an answer."""
    inner = answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from leaves(value, (*path, key))


def spoilt(answer: dict[str, Any], path: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    changed = copy.deepcopy(answer)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    return changed


def spoilt_by(call: Call, pick: int, odd: Any) -> Answer:
    """The answer to a call with one thing in it that is odd, whatever it was."""
    answer = ANSWERS[call]
    assert not isinstance(answer, Exception)

    def told(asked: dict[str, Any]) -> dict[str, Any]:
        whole = answer(asked) if callable(answer) else answer
        ways = list(leaves(whole))
        return spoilt(whole, ways[pick % len(ways)], odd)

    return told


def test_the_answers_are_understood_as_they_are() -> None:
    seen = scan({})
    assert (troubles(seen), covered(seen)) == ({}, EVERY)
    assert {piece.family for piece in seen if isinstance(piece, Batch)} == EVERY


@given(st.sampled_from(sorted(ANSWERS)), st.integers(0, 60), st.sampled_from(ODD))
def test_an_odd_answer_ends_its_own_family_and_nothing_else(call: Call, pick: int, odd: Any) -> None:
    seen = scan({call: spoilt_by(call, pick, odd)})
    refused = troubles(seen)
    assert set(refused) <= suffering(call)
    assert covered(seen) | set(refused) >= EVERY
    assert not covered(seen) & set(refused)
    known = Known(ACCOUNT, FlatPrices(), {})
    for piece in seen:
        if isinstance(piece, Batch):
            for one in piece.resources:
                judge(known, Look(one, piece.series.get(one.resource_id, {}), NOW))


@pytest.mark.parametrize("call", [("ec2", "describe_volumes"), ("kafka", "list_clusters_v2")])
def test_a_date_without_a_zone_is_named_and_the_rest_goes_on(call: Call) -> None:
    """So the SDK gives none any more; what is here comes past it."""
    answer = copy.deepcopy(ANSWERS[call])
    assert isinstance(answer, dict)
    [listed] = answer.values()
    listed[0]["CreateTime" if call[0] == "ec2" else "CreationTime"] = datetime(2026, 1, 5)  # noqa: DTZ001 - see above
    seen = scan({call: answer})
    [(family, reason)] = troubles(seen).items()
    assert family == ("volumes" if call[0] == "ec2" else "MSK")
    assert "timezone" in reason
    assert covered(seen) == EVERY - {family}


def test_what_needs_the_instances_closes_nothing_where_they_are_not_seen() -> None:
    seen = scan({("ec2", "describe_instances"): refusal("UnauthorizedOperation")})
    assert set(troubles(seen)) == {"instances", "volumes", "addresses", "images", "EKS"}
    assert "instances in us-east-1 could not be seen" in troubles(seen)["EKS"]
    # Whether a volume is attached to anything is known all the same.
    assert {"vol-1", "eipalloc-1"} <= found(seen)
    assert set(troubles(scan({("ec2", "describe_images"): refusal("UnauthorizedOperation")}))) == {
        "images",
        "snapshots",
    }


@pytest.mark.parametrize(
    ("call", "key", "state", "kind"),
    [
        (
            ("elasticache", "describe_cache_clusters"),
            ("CacheClusters", 0, "CacheClusterStatus"),
            "snapshotting",
            "cache",
        ),
        (("rds", "describe_db_instances"), ("DBInstances", 0, "DBInstanceStatus"), "backing-up", "database_cluster"),
        (("redshift", "describe_clusters"), ("Clusters", 0, "ClusterStatus"), "modifying", "warehouse"),
        (("kafka", "list_clusters_v2"), ("ClusterInfoList", 0, "State"), "MAINTENANCE", "kafka"),
        (("sagemaker", "list_endpoints"), ("Endpoints", 0, "EndpointStatus"), "Updating", "model_endpoint"),
        (("elbv2", "describe_load_balancers"), ("LoadBalancers", 0, "State", "Code"), "provisioning", "balancer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_on_its_way_is_shown_as_there_and_changing(
    call: Call, key: tuple[str | int, ...], state: str, kind: str
) -> None:
    """Left out it would count as gone, and its money as saved."""
    answers = copy.deepcopy(dict(ANSWERS))
    place: Any = answers[call]
    for step in key[:-1]:
        place = place[step]
    place[key[-1]] = state
    batches = [piece for piece in scan(answers) if isinstance(piece, Batch)]
    [one] = [one for batch in batches for one in batch.resources if one.kind == kind]
    assert "changing" in one.traits


def test_a_search_domain_that_goes_meanwhile_takes_no_other_with_it() -> None:
    def described(asked: dict[str, Any]) -> dict[str, Any]:
        if "gone" in asked["DomainNames"]:
            raise refusal("ResourceNotFoundException", "Domain not found: gone")
        return {"DomainStatusList": [{"DomainName": name, "ClusterConfig": {}} for name in asked["DomainNames"]]}

    names = [{"DomainName": name} for name in ("first", "gone", "last")]
    seen = scan(
        {("opensearch", "list_domain_names"): {"DomainNames": names}, ("opensearch", "describe_domains"): described}
    )
    assert troubles(seen) == {}
    assert {"first", "last"} <= found(seen)


def test_an_ecs_cluster_that_goes_meanwhile_takes_only_its_services_with_it() -> None:
    cluster = {"status": "ACTIVE", "activeServicesCount": 1}
    clusters = [{**cluster, "clusterName": name, "clusterArn": f"arn:{name}"} for name in ("gone", "stays")]

    def services(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["cluster"] == "gone":
            raise refusal("ClusterNotFoundException", "Cluster not found.")
        return {"serviceArns": ["arn:s"]}

    told: dict[Call, Answer] = {
        ("ecs", "describe_clusters"): {"clusters": clusters, "failures": []},
        ("ecs", "list_services"): services,
    }
    seen = scan(told)
    assert troubles(seen) == {}
    assert "stays/s" in found(seen)
    # The same where it goes between its services' list and their description.
    seen = scan({("ecs", "describe_services"): refusal("ClusterNotFoundException", "Cluster not found.")})
    assert (troubles(seen), "e/s" in found(seen)) == ({}, False)
    # Any other refusal is named.
    seen = scan({("ecs", "list_services"): refusal("AccessDeniedException")})
    assert set(troubles(seen)) == {"ECS"}


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ({"OpenShardCount": 3}, "update-stream-mode"),
        ({"OpenShardCount": 2}, "delete-stream"),
        ({"OpenShardCount": 4, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}, "delete-stream"),
    ],
)
def test_a_stream_is_put_on_demand_first_where_that_costs_less(told: Mapping[str, Any], first: str) -> None:
    call = ("kinesis", "describe_stream_summary")
    (answer,) = cast(dict[str, dict[str, Any]], ANSWERS[call]).values()
    seen = scan({call: {"StreamDescriptionSummary": {**answer, **told}}})
    (stream,) = (one for piece in seen if isinstance(piece, Batch) for one in piece.resources if one.kind == "stream")
    lines = commands_of(BY_NAME["stream_unused"], stream)
    assert lines[0].split()[2] == first
    assert lines[-1] == f"aws kinesis delete-stream --region {REGION} --stream-name q"


def test_functions_that_nobody_called_for_weeks_are_asked_too_unless_there_are_very_many() -> None:
    assert "f:live" in found(scan({}))
    many = [{"FunctionName": f"f{number}", "MemorySize": 512} for number in range(201)]
    named = {"Dimensions": [{"Name": "FunctionName", "Value": "f7"}, {"Name": "Resource", "Value": "f7:live"}]}
    seen = scan(
        {("lambda", "list_functions"): {"Functions": many}, ("cloudwatch", "list_metrics"): {"Metrics": [named]}}
    )
    assert {one for one in found(seen) if one.endswith(":live")} == {"f7:live"}
    assert "201 functions in us-east-1 are too many" in troubles(seen)["provisioned concurrency"]


def test_pages_that_never_end_are_named() -> None:
    answer = ANSWERS["ec2", "describe_volumes"]
    assert isinstance(answer, dict)
    seen = scan({("ec2", "describe_volumes"): {**answer, "NextToken": "again"}})
    assert "page after page" in troubles(seen)["volumes"]


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes().map(datetime.isoformat), st.none()))
def test_a_moment_has_a_zone_or_is_refused(value: Any) -> None:
    try:
        moment = parse_moment(value)
    except ValueError:
        with pytest.raises(ResponseParserError):
            read_moment(value)
    else:
        assert moment.utcoffset() is not None
        assert abs(NOW - moment) + timedelta(days=1) > timedelta(0)


async def test_an_odd_answer_about_what_is_new_is_an_error_of_its_own_account() -> None:
    told = cast(Roles, Account({("cloudwatch", "get_metric_data"): {"MetricDataResults": [{"Id": "q999"}]}}))
    newborn = Described(kind="nat", region=REGION, resource_id="nat-1", dimensions=((("NatGatewayId", "nat-1"),),))
    with pytest.raises(Unavailable, match="shape that is not understood"):
        await BirthLooks(told, Pacer(1e9, time.monotonic, _at_once)).measure_births(SCANNED, REGION, [newborn], NOW)
