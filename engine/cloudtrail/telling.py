"""Reading what a call asked for and what it was answered, and saying what follows, in few words.

A path is a list of keys joined by dots. An answer knows more (defaults, the id given out), a request is newer (what is
changing), so families choose which of the two is looked at first.
"""

from collections.abc import Iterable

from engine.cloudtrail.family import Call, Part, within
from engine.errors import MalformedRecord
from engine.fields import get, number, text
from engine.models.cost_event import Change, UsageItem

# More than AWS sells of anything in one call: units, gigabytes, capacity.
_MOST_OF_ANYTHING = 2_000_000.0
MOST_NODES = 10_000.0
_MOST_NAMED = 1000
DAY = 86_400.0
_LONGEST_JOB = 30 * DAY


def told(call: Call, *paths: str) -> str | None:
    """Give the first of these texts that is there, the answer's before the request's.

    >>> told(Call("DeleteStream", {"streamName": "clicks"}, {}), "streamName")
    'clicks'
    """
    return _first_text((call.response, call.request), paths)


def asked(call: Call, *paths: str) -> str | None:
    """Give the first of these texts that is there, the request's before the answer's.

    >>> asked(Call("ResizeCluster", {"nodeType": "ra3.4xlarge"}, {"nodeType": "dc2.large"}), "nodeType")
    'ra3.4xlarge'
    """
    return _first_text((call.request, call.response), paths)


def _first_text(places: Iterable[object], paths: Iterable[str]) -> str | None:
    keys = [path.split(".") for path in paths]
    return next((found for place in places for path in keys if (found := text(place, *path))), None)


def told_number(call: Call, *paths: str) -> float | None:
    """Give the first of these numbers that is there, the answer's before the request's.

    >>> told_number(Call("CreateStream", {"shardCount": "4"}, {}), "shardCount")
    4.0
    """
    return _first_number((call.response, call.request), paths)


def asked_number(call: Call, *paths: str) -> float | None:
    """Give the first of these numbers that is there, the request's before the answer's.

    >>> asked_number(Call("ModifyCacheCluster", {"numCacheNodes": 3}, {"numCacheNodes": 2}), "numCacheNodes")
    3.0
    """
    return _first_number((call.request, call.response), paths)


def _first_number(places: Iterable[object], paths: Iterable[str]) -> float | None:
    keys = [path.split(".") for path in paths]
    found = (number(place, *path) for place in places for path in keys)
    return next((one for one in found if one is not None), None)


def texts(data: object, *path: str) -> tuple[str, ...]:
    """Give the strings of a list, as many as one call can name; anything else in it is left out.

    >>> texts({"jobFlowIds": ["j-1", None]}, "jobFlowIds")
    ('j-1',)
    """
    found = get(data, *path)
    named = (text({"": one}, "") for one in found[:_MOST_NAMED]) if isinstance(found, list) else ()
    return tuple(one for one in named if one)


def use(sku: str, amount: float) -> UsageItem:
    """Say that so much of a SKU runs; raises MalformedRecord when nobody could have bought that much.

    >>> use("kinesis/shard", 4)
    UsageItem(sku='kinesis/shard', amount=4)
    """
    return UsageItem(sku, within(amount, _MOST_OF_ANYTHING, sku))


def nodes(count: float | None, otherwise: float = 1.0) -> float:
    """Give a believable number of nodes.

    >>> nodes(None), nodes(3.0)
    (1.0, 3.0)
    """
    return within(otherwise if count is None else count, MOST_NODES, "nodes")


def needed(call: Call, name: str | None) -> str:
    """Give the name of the thing; a call that starts something must have one, else MalformedRecord.

    >>> needed(Call("CreateStream", {}, {}), "clicks")
    'clicks'
    """
    if not name:
        raise MalformedRecord(f"{call.name} succeeded but does not name what it is about")
    return name


def longest(seconds: float | None, otherwise: float) -> float:
    """Give a believable longest life of a job; AWS's own ``otherwise`` where the call names none, or zero for any.

    >>> longest(3600.0, DAY), longest(None, DAY), longest(0.0, DAY)
    (3600.0, 86400.0, 86400.0)
    """
    return min(seconds or otherwise, _LONGEST_JOB)


def started(
    resource_type: str,
    resource_id: str,
    usage: Iterable[UsageItem] = (),
    labels: Iterable[str] = (),
    longest: float | None = None,
) -> tuple[Part, ...]:
    """One thing runs now. Without usage its price is whatever our history knows of it, or unknown.

    >>> started("kinesis_stream", "clicks", [use("kinesis/shard", 4)])[0].change
    <Change.START: 'start'>
    """
    return (Part(Change.START, resource_type, (resource_id,), 1, tuple(usage), tuple(labels), longest=longest),)


def changed(
    resource_type: str, resource_id: str | None, usage: Iterable[UsageItem], labels: Iterable[str] = ()
) -> tuple[Part, ...]:
    """One thing is of another size from now on; one without a name cannot be followed.

    >>> changed("kinesis_stream", None, [use("kinesis/shard", 4)])
    ()
    """
    if not resource_id:
        return ()
    return (Part(Change.MODIFY, resource_type, (resource_id,), 1, tuple(usage), tuple(labels)),)


def kind(prefix: str, name: str | None) -> str | None:
    """Give a name that is unique where a service has several kinds of things; None stays None.

    >>> kind("endpoint", "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/fraud"), kind("endpoint", "fraud")
    ('endpoint/fraud', 'endpoint/fraud')
    >>> kind("endpoint", None) is None
    True
    """
    return f"{prefix}/{bare(name)}" if name else None


def bare(name: str) -> str:
    """Give the last part of an ARN, or the name as it is.

    >>> bare("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"), bare("arn:aws:rds:eu-west-1:1:cluster:orders")
    ('orders', 'orders')
    """
    return name.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if name.startswith("arn:") else name
