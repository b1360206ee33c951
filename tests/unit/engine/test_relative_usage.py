"""What is told only in relation to what was there before."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.examples import launch
from engine.models.cost_event import UsageItem
from engine.models.resource import Resource, resource_key
from engine.relative_usage import complete, like, recount, referred_ids, retype
from engine.resolution import resource_keys

KEY = resource_key("eu-west-1", "ec2", "i-1")
AMOUNTS = st.floats(0.001, 1000)


def known(*usage: UsageItem, resource_id: str = "i-1", resource_type: str = "m5.large") -> dict[str, Resource]:
    """A history of one resource."""
    key = resource_key("eu-west-1", "ec2", resource_id)
    return {
        key: Resource(
            resource_id=key,
            account_id="1",
            region="eu-west-1",
            service="ec2",
            resource_type=resource_type,
            actor_key="ci",
            since=datetime(2026, 1, 5, tzinfo=UTC),
            hourly_cost=1.0,
            usage=usage,
        )
    }


def test_what_is_absolute_stays_as_it_is() -> None:
    event = launch(usage=(UsageItem("ec2/m5.large", 1),))
    assert complete(event, known(UsageItem("ec2/x", 9))) is event


def test_without_history_an_event_stays_as_it_is() -> None:
    for usage in (like("a"), recount(3), retype("ec2/m5.xlarge")):
        event = launch(usage=(usage,))
        assert complete(event, {}) is event
        assert complete(event, known()) is event


def test_all_that_is_referred_to_is_loaded_with_the_event() -> None:
    event = launch(usage=(like("template"), UsageItem("ec2/m5.large", 1), like("i-1")))
    assert referred_ids(event) == ("template", "i-1")
    assert resource_keys(event) == (KEY, resource_key("eu-west-1", "ec2", "template"))


def test_a_thing_made_of_a_template_is_of_the_instance_type_used() -> None:
    history = known(UsageItem("ec2/template/c5.large", 2), resource_id="template", resource_type="launch_template")
    made = complete(launch(usage=(like("template", 3),), resource_type="thing"), history)
    assert (made.resource_type, made.usage) == ("c5.large", (UsageItem("ec2/c5.large", 6),))
    history = known(UsageItem("ec2/template/vcpu", 2), resource_id="template", resource_type="launch_template")
    assert complete(launch(usage=(like("template"),), resource_type="thing"), history).resource_type == "thing"


def test_a_change_of_kind_keeps_the_number_and_all_else() -> None:
    history = known(UsageItem("ec2/m5.large", 3), UsageItem("ebs/gp3/gb", 300))
    changed = complete(launch(usage=(retype("ec2/m5.xlarge"),), resource_type="m5.xlarge"), history)
    assert changed.usage == (UsageItem("ec2/m5.xlarge", 3), UsageItem("ebs/gp3/gb", 300))
    assert changed.resource_type == "m5.xlarge"


def test_nothing_can_be_scaled_up_from_nothing() -> None:
    event = launch(usage=(recount(3),))
    assert complete(event, known(UsageItem("ec2/m5.large", 0))) is event


@given(before=AMOUNTS, beside=AMOUNTS, count=AMOUNTS)
def test_a_new_count_takes_the_rest_along_in_proportion(before: float, beside: float, count: float) -> None:
    history = known(UsageItem("ec2/m5.large", before), UsageItem("ebs/gp3/gb", beside))
    first, second = complete(launch(usage=(recount(count),)), history).usage
    assert abs(first.amount - count) <= 1e-9 * count
    assert abs(second.amount - min(beside * count / before, 2_000_000)) <= 1e-6 * max(1.0, second.amount)


@given(amount=AMOUNTS, difference=st.floats(-2000, 2000))
def test_a_difference_is_added_and_never_leaves_less_than_nothing(amount: float, difference: float) -> None:
    event = launch(usage=(like("i-1"), UsageItem("ec2/m5.large", difference)), resource_type="?")
    changed = complete(event, known(UsageItem("ec2/m5.large", amount)))
    assert changed.usage == (UsageItem("ec2/m5.large", max(0.0, amount + difference)),)
    assert changed.resource_type == "m5.large"
