"""Purchases for a term: reserved instances and nodes, savings plans, capacity blocks. They cannot be given back.

What one binds is its price paid at once and what it charges by the hour over its term; most EC2 purchases tell neither.
"""

from collections.abc import Callable, Mapping

from engine.cloudtrail.ec2_calls import answered, asked_text
from engine.cloudtrail.family import Call, Parser, Part, within
from engine.fields import Json, get, items, number, text
from engine.models.cost_event import COMMITMENT, Change, UsageItem

_EC2 = "ec2.amazonaws.com"
_SECONDS_PER_HOUR = 3600
_HOURS_PER_YEAR = 8760
_MOST_BOUGHT = 10_000.0
_MOST_DOLLARS = 1e9
_US_DOLLARS = "USD"
_IDLE_SKU = "commitment/idle"
_UNPRICED_SKU = "commitment/unknown"
UPPER_BOUND = "upper bound"
AT_LEAST = "at least"


def _bought(
    call: Call, resource_type: str, purchase: str | None, upfront: float | None, count: float | None, *labels: str
) -> tuple[Part, ...]:
    """A purchase without an id is one nevertheless. It is idle by the hour: what it costs is bound already."""
    quantity = int(within(count or 1.0, _MOST_BOUGHT, f"{call.name} at once")) or 1
    usage = UsageItem(_UNPRICED_SKU if upfront is None else _IDLE_SKU, quantity)
    within(upfront or 0.0, _MOST_DOLLARS, "dollars")
    known = labels if upfront is not None else ()
    ids = (purchase,) if purchase else ()
    return (Part(Change.START, resource_type, ids, quantity, (usage,), (COMMITMENT, *known), upfront_cost=upfront),)


def _capacity_block(call: Call) -> tuple[Part, ...]:
    block = get(answered(call), "capacityReservation")
    resource_type = f"capacity_block/{text(block, 'instanceType') or 'unknown'}"
    count = number(block, "totalInstanceCount")
    return _bought(call, resource_type, text(block, "capacityReservationId"), None, count)


def _reserved_instances(call: Call) -> tuple[Part, ...]:
    """The price of an offering is not told; a limit set by the buyer is the most that it can be."""
    limit = get(call.request, "limitPrice")
    upfront = number(limit, "amount") if _is_in_dollars(limit) else None
    count = number(call.request, "instanceCount")
    return _bought(call, "reserved_instances", text(answered(call), "reservedInstancesId"), upfront, count, UPPER_BOUND)


def _hosts(call: Call) -> tuple[Part, ...]:
    purchases = items(answered(call), "purchase")
    ids = [one for purchase in purchases if (one := text(purchase, "hostReservationId"))]
    terms = [_term_cost(purchase, "upfrontPrice", "hourlyPrice") for purchase in purchases]
    known = [cost for cost in terms if cost is not None]
    upfront = sum(known) if terms and len(known) == len(terms) else None
    return _bought(call, "host_reservation", ids[0] if ids else None, upfront, float(len(purchases)))


def _savings_plan(call: Call) -> tuple[Part, ...]:
    """The commitment is USD per hour. A term is one year or three, which the record does not tell: at least one."""
    hourly = number(call.request, "commitment")
    upfront = None if hourly is None else max(hourly * _HOURS_PER_YEAR, _paid_at_once(call))
    return _bought(call, "savings_plan", text(call.response, "savingsPlanId"), upfront, 1.0, AT_LEAST)


def _paid_at_once(call: Call) -> float:
    return number(call.request, "upfrontPaymentAmount") or 0.0


def _reserved(resource_type: str, answer: str, kinds: tuple[str, str, str]) -> Parser:
    """A parser for reserved nodes: ``kinds`` are the names of the id, of how many and of what was reserved.

    The answer of these services may be wrapped in ``answer`` or not.
    """
    id_name, count_name, type_name = kinds

    def parse(call: Call) -> tuple[Part, ...]:
        wrapped = get(call.response, answer)
        made: Json = wrapped if isinstance(wrapped, dict) else call.response
        count = number(made, count_name) or number(call.request, count_name)
        each = _term_cost(made, "fixedPrice", "usagePrice")
        node_type = text(made, type_name)
        return _bought(
            call,
            f"{resource_type}/{node_type}" if node_type else resource_type,
            text(made, id_name) or text(call.request, id_name),
            None if each is None else each * (count or 1.0),
            count,
        )

    return parse


def _term_cost(described: Json, fixed_name: str, hourly_name: str) -> float | None:
    """USD over the whole term of one node: what is paid at once, and by the hour; None where that is not told."""
    fixed, seconds = number(described, fixed_name), number(described, "duration")
    if fixed is None or not _is_in_dollars(described):
        return None
    charges = (number(one, "recurringChargeAmount") or 0.0 for one in items(described, "recurringCharges"))
    hourly = (number(described, hourly_name) or 0.0) + sum(charges)
    return None if hourly and seconds is None else fixed + hourly * (seconds or 0.0) / _SECONDS_PER_HOUR


def _is_in_dollars(described: Json) -> bool:
    return (text(described, "currencyCode") or _US_DOLLARS) == _US_DOLLARS


def _unpriced(resource_type: str, find_id: Callable[[Call], str | None]) -> Parser:
    """A parser for what tells no price at all."""

    def parse(call: Call) -> tuple[Part, ...]:
        return _bought(call, resource_type, find_id(call), None, number(call.request, "instanceCount"))

    return parse


def _training_plan(call: Call) -> str | None:
    return text(call.response, "trainingPlanArn") or asked_text(call, "trainingPlanName")


_SEARCH = _unpriced("reserved_search_instances", lambda call: text(call.response, "reservedInstanceId"))

PARSERS: Mapping[tuple[str, str], Parser] = {
    (_EC2, "PurchaseCapacityBlock"): _capacity_block,
    (_EC2, "PurchaseReservedInstancesOffering"): _reserved_instances,
    (_EC2, "PurchaseHostReservation"): _hosts,
    ("savingsplans.amazonaws.com", "CreateSavingsPlan"): _savings_plan,
    ("rds.amazonaws.com", "PurchaseReservedDBInstancesOffering"): _reserved(
        "reserved_db_instances",
        "reservedDBInstance",
        ("reservedDBInstanceId", "dBInstanceCount", "dBInstanceClass"),
    ),
    ("elasticache.amazonaws.com", "PurchaseReservedCacheNodesOffering"): _reserved(
        "reserved_cache_nodes", "reservedCacheNode", ("reservedCacheNodeId", "cacheNodeCount", "cacheNodeType")
    ),
    ("redshift.amazonaws.com", "PurchaseReservedNodeOffering"): _reserved(
        "reserved_redshift_nodes", "reservedNode", ("reservedNodeId", "nodeCount", "nodeType")
    ),
    ("memorydb.amazonaws.com", "PurchaseReservedNodesOffering"): _reserved(
        "reserved_memorydb_nodes", "reservedNode", ("reservationId", "nodeCount", "nodeType")
    ),
    ("es.amazonaws.com", "PurchaseReservedInstanceOffering"): _SEARCH,
    ("es.amazonaws.com", "PurchaseReservedElasticsearchInstanceOffering"): _SEARCH,
    ("sagemaker.amazonaws.com", "CreateTrainingPlan"): _unpriced("training_plan", _training_plan),
}
