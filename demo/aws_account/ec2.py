"""EC2: DescribeRegions and DescribeInstances."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from demo.aws_account.account import AwsAccount
from demo.aws_account.errors import AwsError
from demo.aws_account.fleet import STATE_CODES, Instance
from demo.aws_account.regions import DEFAULT_REGIONS, OPT_IN_REGIONS, opt_in_status
from demo.aws_account.wire import SignedCall, Tree

_PAGE_LIMIT = 1000


def describe_regions(call: SignedCall, account: AwsAccount) -> Tree:
    """The Regions the account may use, or with AllRegions those it could opt in to as well."""
    known = dict.fromkeys((*DEFAULT_REGIONS, *OPT_IN_REGIONS, *account.regions))
    wanted = values(call.params, "RegionName") or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise AwsError("InvalidParameterValue", f"Invalid region name: {', '.join(unknown)}")
    everything = call.params.get("AllRegions") == "true"
    statuses = filters(call.params, {"opt-in-status"}).get("opt-in-status")
    items = [_region_tree(name, name in account.regions) for name in wanted]
    shown = [
        item
        for item in items
        if (everything or item["regionName"] in account.regions)
        and (statuses is None or item["optInStatus"] in statuses)
    ]
    return {"regionInfo": {"item": shown}}


def _region_tree(name: str, enabled: bool) -> dict[str, str]:
    return {
        "regionName": name,
        "regionEndpoint": f"ec2.{name}.amazonaws.com",
        "optInStatus": opt_in_status(name, enabled),
    }


def describe_instances(call: SignedCall, account: AwsAccount, now: float) -> Tree:
    """What runs in the Region, one reservation for each instance, in pages where MaxResults asks for them."""
    instances = list(account.fleet.visible(call.region, now))
    if wanted := values(call.params, "InstanceId"):
        instances = _by_id(instances, wanted)
    chosen = filters(call.params, {"instance-state-name", "instance-type", "instance-id"})
    shown = [one for one in instances if _passes(one, chosen)]
    first = _number(call.params, "NextToken", 0, len(shown))
    size = _number(call.params, "MaxResults", _PAGE_LIMIT, _PAGE_LIMIT) if "MaxResults" in call.params else len(shown)
    page = shown[first : first + size]
    answer: dict[str, Any] = {"reservationSet": {"item": [_reservation_tree(one, account) for one in page]}}
    if first + size < len(shown):
        answer["nextToken"] = str(first + size)
    return answer


def _by_id(instances: Iterable[Instance], wanted: list[str]) -> list[Instance]:
    known = {one.instance_id: one for one in instances}
    if missing := [instance_id for instance_id in wanted if instance_id not in known]:
        noun = "ID" if len(missing) == 1 else "IDs"
        verb = "does" if len(missing) == 1 else "do"
        raise AwsError("InvalidInstanceID.NotFound", f"The instance {noun} '{', '.join(missing)}' {verb} not exist")
    return [known[instance_id] for instance_id in wanted]


def _passes(instance: Instance, chosen: Mapping[str, list[str]]) -> bool:
    facts = {
        "instance-state-name": instance.state,
        "instance-type": instance.instance_type,
        "instance-id": instance.instance_id,
    }
    return all(facts[name] in allowed for name, allowed in chosen.items())


def _number(params: Mapping[str, Any], name: str, default: int, highest: int) -> int:
    text = str(params.get(name, default))
    if not text.isdecimal() or int(text) > highest:
        raise AwsError("InvalidParameterValue", f"Value ({text}) for parameter {name} is invalid.")
    return int(text)


def _reservation_tree(instance: Instance, account: AwsAccount) -> dict[str, Any]:
    launched, changed = (datetime.fromtimestamp(at, UTC) for at in (instance.launched_at, instance.changed_at))
    stopped = instance.state == "stopped"
    reason = {"reason": f"User initiated ({changed:%Y-%m-%d %H:%M:%S} GMT)"} if stopped else {}
    return {
        "reservationId": instance.instance_id.replace("i-", "r-", 1),
        "ownerId": account.account_id,
        "instancesSet": {
            "item": {
                "instanceId": instance.instance_id,
                "imageId": instance.image_id,
                "instanceState": {"code": STATE_CODES[instance.state], "name": instance.state},
                **reason,
                "instanceType": instance.instance_type,
                "launchTime": launched.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "placement": {"availabilityZone": instance.availability_zone, "tenancy": "default"},
            }
        },
    }


def values(params: Mapping[str, Any], name: str) -> list[str]:
    """A list in the query form, `Name.1`, `Name.2` and so on.

    >>> values({"InstanceId.1": "i-1", "InstanceId.2": "i-2"}, "InstanceId")
    ['i-1', 'i-2']
    """
    pattern = re.compile(rf"{re.escape(name)}\.(\d+)")
    found = [(int(match[1]), str(value)) for key, value in params.items() if (match := pattern.fullmatch(key))]
    return [value for _, value in sorted(found)]


def filters(params: Mapping[str, Any], supported: set[str]) -> dict[str, list[str]]:
    """The filters of a call by name; AwsError for one we do not know, as EC2 does."""
    names = {key: str(value) for key, value in params.items() if re.fullmatch(r"Filter\.\d+\.Name", key)}
    if unknown := set(names.values()) - supported:
        raise AwsError("InvalidParameterValue", f"The filter '{min(unknown)}' is invalid")
    return {name: values(params, key.replace(".Name", ".Value")) for key, name in names.items()}
