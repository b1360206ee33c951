"""One of each zombie is found, and one near miss of each is not."""

import shlex
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.prices import load_price_table
from engine.examples import FlatPrices
from engine.models.cost_event import UsageItem
from engine.models.resource import Resource
from engine.zombies.birth import newborn
from engine.zombies.examples import NOW, look_at
from engine.zombies.judging import Known, commands_of, judge, monthly_cost, owner_of
from engine.zombies.models import Described, Owner, Series
from engine.zombies.recorded import described
from engine.zombies.rule import Look, Rule
from engine.zombies.rules import BY_NAME, RULES, rules_for
from engine.zombies.thresholds import Thresholds

KNOWN = Known("111122223333", FlatPrices(), {})
MB = 1e6


def days(count: int, value: float | None = 0.0) -> tuple[float | None, ...]:
    return (value,) * count


def operations(a_second: float) -> dict[str, tuple[float | None, ...]]:
    """A busiest day of so many reads and writes a second in the mean, among days of none."""
    return {"reads": (*days(3), a_second * 43_200, *days(3)), "writes": (*days(3), a_second * 43_200, *days(3))}


ON_DEMAND = ("running", "on_demand")
# Rule, what is found, and what the near miss changes of it.
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "instance_idle",
        {"cpu": days(14, 4.9), "bytes_in": days(14, 2 * MB), "bytes_out": days(14, 2 * MB)},
        {"cpu": (5.0, *days(13, 1.0))},
    ),
    (
        "instance_low",
        {"mean_cpu": (*days(4, 10.0), *days(10, 50.0)), "bytes_in": days(14, MB), "bytes_out": days(14, MB)},
        {"mean_cpu": (*days(3, 10.0), *days(11, 50.0))},
    ),
    ("instance_stopped", {"traits": {"stopped"}, "days_in_state": 30}, {"days_in_state": 29.9}),
    ("instance_previous", {"traits": ON_DEMAND, "words": {"type": "m4.xlarge"}}, {"words": {"type": "m5.xlarge"}}),
    ("volume_unattached", {"traits": ()}, {"traits": ("attached",)}),
    ("volume_on_stopped", {"traits": ("attached", "on_stopped"), "days_in_state": 7}, {"days_in_state": 6.9}),
    ("volume_quiet", {"traits": ("attached",), "reads": days(7, 1.0), "writes": days(7)}, {"writes": days(7, 2.0)}),
    ("volume_previous", {"numbers": {"gb": 1000}, "words": {"type": "gp2"}}, {"numbers": {"gb": 1001}}),
    (
        "volume_overbought",
        {"traits": ("attached",), "words": {"type": "io2"}, "numbers": {"iops": 1000}, **operations(50)},
        operations(51),
    ),
    ("snapshot_old", {"age_days": 90}, {"age_days": 89.9}),
    ("image_unused", {"age_days": 120}, {"traits": ("in_use",)}),
    ("database_snapshot_orphan", {"age_days": 30}, {"traits": ("source_exists",)}),
    ("address_idle", {"traits": ()}, {"traits": ("bound",)}),
    (
        "address_on_stopped",
        {"traits": ("bound", "on_stopped"), "words": {"instance": "i-1"}},
        {"traits": ("bound",)},
    ),
    ("balancer_no_targets", {"numbers": {"targets": 1, "healthy": 0}}, {"numbers": {"targets": 2, "healthy": 1}}),
    (
        "balancer_no_requests",
        {"words": {"type": "application"}, "requests": days(7, 100.0)},
        {"requests": (101.0, *days(9))},
    ),
    ("balancer_no_flows", {"words": {"type": "network"}, "flows": days(7)}, {"flows": (*days(6), 101.0)}),
    ("classic_no_instances", {"numbers": {"instances": 0}}, {"numbers": {"instances": 2, "healthy": 1}}),
    ("classic_no_requests", {"requests": days(7, 100.0)}, {"requests": (*days(6, None), 101.0)}),
    ("nat_unrouted", {"traits": ("routes_known",)}, {"traits": ("routes_known", "routed")}),
    ("nat_quiet", {"bytes": days(30)}, {"bytes": (*days(29), 1.0)}),
    ("endpoint_quiet", {"bytes": days(30, None)}, {"bytes": (*days(29, None), 1.0)}),
    ("database_no_connections", {"connections": days(7)}, {"connections": (*days(6), 1.0)}),
    ("member_no_connections", {"connections": days(7)}, {"connections": (*days(6), 1.0)}),
    (
        "database_cluster_no_connections",
        {"numbers": {"instances": 3}, "connections": days(7)},
        {"connections": (*days(6), 1.0)},
    ),
    ("warehouse_no_connections", {"logins": days(7)}, {"logins": (1.0, *days(8))}),
    ("warehouse_low_cpu", {"warehouse_cpu": days(7, 5.0)}, {"warehouse_cpu": days(7, 5.1)}),
    ("search_unused", {"searches": days(7), "indexing": days(7)}, {"indexing": days(7, 0.1)}),
    (
        "table_unused",
        {"traits": ("provisioned",), "read_units": days(14, None), "write_units": days(14)},
        {"write_units": (*days(13), 1.0)},
    ),
    ("cache_not_read", {"hits": days(7), "misses": days(7)}, {"misses": days(7, 1.0)}),
    (
        "cache_group_not_read",
        {"numbers": {"nodes": 2}, "hits": days(7), "misses": days(7)},
        {"hits": days(7, 1.0)},
    ),
    ("memcached_not_read", {"gets": days(7)}, {"gets": (*days(6), 1.0)}),
    ("ecs_cluster_empty", {"numbers": {"instances": 1, "tasks": 0}}, {"numbers": {"instances": 1, "tasks": 1}}),
    ("ecs_service_low", {"numbers": {"tasks": 1}, "service_cpu": days(30, 5.0)}, {"service_cpu": days(30, 5.1)}),
    ("eks_without_nodes", {"numbers": {"groups": 0}}, {"numbers": {"groups": 1}}),
    ("concurrency_unused", {"utilization": days(7, None)}, {"utilization": (*days(6), 1.0)}),
    ("model_endpoint_unused", {"invocations": days(14, None)}, {"invocations": (*days(13), 1.0)}),
    ("throughput_unused", {"prompts": days(14, None)}, {"prompts": (1.0, *days(20))}),
    ("notebook_standing", {"days_in_state": 7}, {"days_in_state": 6.9}),
    ("emr_waiting", {"traits": ("waiting",), "is_busy": days(1)}, {"is_busy": days(1, 1.0)}),
    ("stream_unused", {"records": days(7, None)}, {"records": (*days(6), 1.0)}),
    ("kafka_unused", {"messages": days(7)}, {"messages": (*days(6), 0.5)}),
    ("log_group_for_ever", {"numbers": {"gb": 1.0}}, {"traits": ("retention",)}),
]


def test_every_rule_has_its_case() -> None:
    assert [name for name, _, _ in CASES] == [rule.name for rule in RULES]
    assert len(BY_NAME) == len(RULES)


@pytest.mark.parametrize(("name", "zombie", "change"), CASES, ids=[name for name, _, _ in CASES])
def test_a_zombie_is_found_and_its_near_miss_is_not(name: str, zombie: dict[str, Any], change: dict[str, Any]) -> None:
    rule = BY_NAME[name]
    found = look_at(rule.kind, judge=rule.judge, **zombie)
    assert found is not None
    assert any(character.isdigit() for character in "".join(found.evidence)) or name in {
        "volume_unattached",
        "address_idle",
        "classic_no_instances",
        "nat_unrouted",
        "eks_without_nodes",
    }
    assert look_at(rule.kind, judge=rule.judge, **{**zombie, **change}) is None


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: rule.name)
def test_nothing_is_said_without_metrics(rule: Rule) -> None:
    traits = ("running", "attached", "provisioned", "waiting")
    words = {"type": "application"}
    assert look_at(rule.kind, judge=rule.judge, traits=traits, words=words, numbers={"tasks": 1}) is None


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: rule.name)
@given(
    values=st.lists(st.none() | st.floats(0, 1e12), max_size=40),
    age=st.floats(0, 3000),
    traits=st.sets(st.sampled_from(["running", "attached", "provisioned", "waiting"])),
)
def test_any_values_give_an_answer_that_is_not_longer_than_its_life(
    rule: Rule, values: list[float | None], age: float, traits: set[str]
) -> None:
    series: Mapping[str, Any] = {need.name: tuple(values) for need in rule.needs}
    found = look_at(rule.kind, judge=rule.judge, age_days=age, traits=traits, **series)
    if found is not None and found.since is not None:
        assert NOW - found.since <= timedelta(days=age)


def volume(**fields: Any) -> Described:
    usage = (UsageItem("ebs/gp3/gb", 10),)
    return Described(**{"kind": "volume", "region": "eu-west-1", "resource_id": "vol-1", "usage": usage, **fields})


def test_one_resource_is_found_once_and_by_the_first_rule() -> None:
    found = judge(KNOWN, Look(volume(words={"type": "gp2"}, numbers={"gb": 10}), {}, NOW))
    assert found is not None
    assert (found.rule, found.monthly_cost) == ("volume_unattached", 7300.0)


def test_a_price_that_is_not_known_is_none() -> None:
    class NoPrices:
        def rate(self, sku: str, region: str) -> None: ...

    found = judge(msgspec.structs.replace(KNOWN, prices=NoPrices()), Look(volume(), {}, NOW))
    assert found is not None
    assert (found.monthly_cost, found.price_source) == (None, None)
    assert monthly_cost((), "eu-west-1", FlatPrices()) == (None, None)


def test_the_owner_is_who_created_it_before_any_tag() -> None:
    tagged = volume(tags={"Owner": "data"}, known_as=("ec2", "vol-1"))
    made = Owner("maria", "created it", "arn:maria")
    assert owner_of(tagged, {("eu-west-1", "ec2", "vol-1"): made}) == made
    assert owner_of(tagged, {("us-east-1", "ec2", "vol-1"): made}) == Owner("data", "tag Owner")
    assert owner_of(volume(), {}) is None


def test_a_tenant_may_have_thresholds_of_its_own() -> None:
    nat = Described(kind="nat", region="eu-west-1", resource_id="nat-1", created_at=NOW - timedelta(days=99))
    series = {"bytes": Series((0.0,) * 31)}
    assert judge(KNOWN, Look(nat, series, NOW)) is not None
    assert judge(KNOWN, Look(nat, series, NOW, Thresholds(nat_days=32))) is None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_the_threshold_says_is_filled_from_the_thresholds(rule: Rule) -> None:
    assert "{" not in rule.threshold_text(Thresholds())
    assert not rule.threshold_text(Thresholds()).endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@given(evil=st.text(max_size=20).map(lambda text: f"x {text}; $(rm)"))
def test_no_name_becomes_a_second_word_or_an_option(rule: Rule, evil: str) -> None:
    words = {
        "cluster": "c",
        "qualifier": "1",
        "iops": "100",
        "new_type": "t3.large",
        "association": "a-1",
        "sharded": "x",
    }
    odd = Described(kind=rule.kind, region="eu-west-1", resource_id=evil, arn=evil, words=words)
    plain = msgspec.structs.replace(odd, resource_id="x", arn="x")
    assert len(commands_of(rule, plain)) == len(rule.commands)
    assert [len(_words(line)) for line in commands_of(rule, odd)] == [len(_words(x)) for x in commands_of(rule, plain)]
    assert commands_of(rule, msgspec.structs.replace(odd, resource_id="--profile")) == ()


def _words(line: str) -> list[str]:
    return shlex.split(line)


def a_database(hours: float) -> Described:
    return Described(
        kind="database",
        region="eu-west-1",
        resource_id="orders",
        traits=frozenset({"running"}),
        created_at=NOW - timedelta(hours=hours),
    )


@pytest.mark.parametrize(
    ("hours", "cost", "connections", "is_told"),
    [
        (6, 1.0, (0.0,), True),
        (6, 0.99, (0.0,), False),
        (6, None, (0.0,), False),
        (2.9, 5.0, (0.0,), False),
        (48.1, 5.0, (0.0, 0.0, 0.0), False),
        (6, 5.0, (1.0,), False),
        (30, 5.0, (0.0, 1.0), False),
        (6, 5.0, (None,), False),
    ],
)
def test_the_birth_clock(
    hours: float, cost: float | None, connections: tuple[float | None, ...], is_told: bool
) -> None:
    look = Look(a_database(hours), {"connections": Series(connections)}, NOW)
    assert (newborn(look, cost) is not None) == is_told


def test_the_birth_clock_says_something_for_each_of_its_rules() -> None:
    for rule in RULES:
        if rule.is_birth:
            resource = msgspec.structs.replace(a_database(6), kind=rule.kind)
            series = {need.name: Series((0.0,)) for need in rule.needs}
            assert newborn(Look(resource, series, NOW), 5.0) is not None
            assert rules_for(rule.kind)


def test_a_volume_of_a_stopped_instance_is_not_counted_once_more_for_its_type() -> None:
    """Thirty days after the stop the instance is found, with all that its volumes cost."""
    described: dict[str, Any] = {"numbers": {"gb": 100}, "words": {"type": "gp2"}, "days_in_state": 31}
    judged = BY_NAME["volume_previous"].judge
    assert look_at("volume", judge=judged, traits=("attached", "on_stopped"), **described) is None
    assert look_at("volume", judge=judged, traits=("attached",), **described) is not None


@pytest.mark.parametrize(
    ("traits", "type_"),
    [(("stopped", "on_demand"), "t2.large"), (("running",), "t2.large"), (ON_DEMAND, "m4.10xlarge"), (ON_DEMAND, "t2")],
)
def test_a_previous_generation_is_told_where_its_own_type_can_be_changed(traits: tuple[str, ...], type_: str) -> None:
    assert look_at("instance", judge=BY_NAME["instance_previous"].judge, traits=traits, words={"type": type_}) is None


def test_a_previous_generation_costs_what_the_next_saves_and_its_commands_name_that() -> None:
    fields: dict[str, Any] = {"words": {"type": "t2.large"}, "traits": frozenset(ON_DEMAND)}
    prices = load_price_table()
    old = Described(kind="instance", region="us-east-1", resource_id="i-1", **fields)
    found = judge(msgspec.structs.replace(KNOWN, prices=prices), Look(old, {}, NOW))
    assert found is not None
    assert found.monthly_cost == pytest.approx((0.0928 - 0.0832) * 730)
    assert found.commands[2].endswith("--instance-id i-1 --instance-type t3.large")


@pytest.mark.parametrize(
    ("bought", "a_second", "left"), [(5000, 100, 400), (5000, 0, 100), (101, 0, 100), (100, 0, None), (5000, 251, None)]
)
def test_of_what_was_bought_four_times_the_busiest_day_is_left(bought: int, a_second: float, left: int | None) -> None:
    described = volume(words={"type": "io1"}, numbers={"iops": bought}, traits=frozenset({"attached"}), created_at=None)
    series = {name: Series(values) for name, values in operations(a_second).items()}
    # A volume that does nothing at all is found by another rule first.
    idle = BY_NAME["volume_overbought"].judge(Look(described, series, NOW))
    if left is None:
        assert idle is None
    else:
        assert idle is not None
        assert idle.usage == (UsageItem("ebs/io1/iops", bought - left),)
        assert commands_of(BY_NAME["volume_overbought"], described, idle.filling) == (
            f"aws ec2 modify-volume --region eu-west-1 --volume-id vol-1 --iops {left}",
        )


def test_more_operations_are_never_left_than_were_bought_whatever_a_tenant_chose() -> None:
    described = volume(words={"type": "io1"}, numbers={"iops": 1000}, traits=frozenset({"attached"}))
    series = {name: Series(values) for name, values in operations(300).items()}
    judged = BY_NAME["volume_overbought"].judge
    assert judged(Look(described, series, NOW, Thresholds(volume_iops_percent=100))) is None


@pytest.mark.parametrize(
    ("engine", "command"),
    [
        ("postgres", "aws rds stop-db-instance"),
        ("aurora-postgresql", "aws rds delete-db-instance"),
        ("docdb", "aws rds delete-db-instance"),
    ],
)
def test_a_newborn_member_of_a_cluster_gets_a_command_that_aws_takes(engine: str, command: str) -> None:
    usage = (UsageItem(f"rds/{engine}/db.r5.large/single", 1),)
    record = Resource(
        resource_id="eu-west-1/rds/orders",
        account_id="111122223333",
        region="eu-west-1",
        service="rds",
        resource_type="db.r5.large",
        actor_key="ci",
        since=NOW - timedelta(hours=6),
        hourly_cost=5.0,
        usage=usage,
    )
    resource = described(record)
    assert resource is not None
    told = newborn(Look(resource, {"connections": Series((0.0,))}, NOW), 5.0)
    assert told is not None
    assert told.commands[0].startswith(command)
