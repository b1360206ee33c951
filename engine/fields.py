"""Reading values out of a record's loose JSON. Nothing here raises, whatever the shape: what is not there is None.

CloudTrail writes numbers as strings at times, wraps values as ``{"value": ...}``, and gives a single
element as an object where several would be a list.
"""

import math
from typing import Any

Json = dict[str, Any]

_LARGEST = 1e12
LONGEST_TEXT = 1024


def get(data: Any, *path: str) -> Any:
    """Follow keys down through objects.

    >>> get({"placement": {"tenancy": "dedicated"}}, "placement", "tenancy")
    'dedicated'
    >>> get({"placement": ""}, "placement", "tenancy") is None
    True
    """
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def text(data: Any, *path: str) -> str | None:
    """Read a non-empty string, unwrapped if it is wrapped; longer than any AWS name means that it is none.

    >>> text({"instanceType": {"value": "m5.large"}}, "instanceType")
    'm5.large'
    """
    # Nearly all reading goes through here, so the path is followed without another call.
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    if isinstance(data, dict):
        data = data.get("value")
    return data if isinstance(data, str) and 0 < len(data) <= LONGEST_TEXT else None


def number(data: Any, *path: str) -> float | None:
    """Read a finite number from 0 to 10**12, also where it is written as a string.

    >>> number({"size": "100"}, "size")
    100.0
    >>> number({"size": True}, "size") is None
    True
    """
    value = get(data, *path)
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) and 0 <= result <= _LARGEST else None


def flag(data: Any, *path: str) -> bool:
    """Read a truth value, also where it is written as a string; absent is False.

    >>> flag({"multiAZ": "true"}, "multiAZ")
    True
    """
    value = get(data, *path)
    if isinstance(value, dict):
        value = value.get("value")
    return value is True or (isinstance(value, str) and value.lower() == "true")


def items(data: Any, *path: str) -> list[Json]:
    """Read a list of objects; a lone object is a list of one, and a wrapper with ``items`` or ``item`` is opened.

    >>> items({"instancesSet": {"items": [{"instanceId": "i-1"}]}}, "instancesSet")
    [{'instanceId': 'i-1'}]
    >>> items({"addressSet": {"item": {"id": "eip-1"}}}, "addressSet")
    [{'id': 'eip-1'}]
    """
    value = get(data, *path)
    for wrapper in ("items", "item"):
        if isinstance(value, dict) and wrapper in value:
            value = value[wrapper]
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [element for element in value if isinstance(element, dict)]
    return []


def texts(data: Any, *path: str) -> list[str]:
    """Read a list of non-empty strings; a lone one is a list of one, and elements may be wrapped.

    >>> texts({"subnetIdSet": {"item": ["subnet-1", "subnet-2"]}}, "subnetIdSet")
    ['subnet-1', 'subnet-2']
    >>> texts({"SubnetId": {"tag": 1, "content": "subnet-1"}}, "SubnetId")
    ['subnet-1']
    """
    value = get(data, *path)
    for wrapper in ("items", "item"):
        if isinstance(value, dict) and wrapper in value:
            value = value[wrapper]
    elements = value if isinstance(value, list) else [value]
    unwrapped = (element.get("content", element) if isinstance(element, dict) else element for element in elements)
    return [found for element in unwrapped if (found := text({"it": element}, "it"))]
