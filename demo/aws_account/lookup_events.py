"""CloudTrail LookupEvents, with the limits of the real one."""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from demo.aws_account.account import AwsAccount
from demo.aws_account.errors import AwsError, planned_error
from demo.aws_account.history import StoredRecord
from demo.aws_account.throttle import Clock, Throttle
from demo.aws_account.wire import SignedCall, Tree

_DAYS_KEPT = 90
_PAGE = 50
_Cursor = tuple[float, int]

_MATCHERS: dict[str, Callable[[StoredRecord, str], bool]] = {
    "EventId": lambda record, value: record.event_id == value,
    "EventName": lambda record, value: record.event_name == value,
    "ReadOnly": lambda record, value: record.read_only == value,
    "Username": lambda record, value: record.username == value,
    "EventSource": lambda record, value: record.event_source == value,
    "AccessKeyId": lambda record, value: record.access_key_id == value,
    "ResourceType": lambda record, value: any(one.resource_type == value for one in record.resources),
    "ResourceName": lambda record, value: any(one.resource_name == value for one in record.resources),
}


@dataclass(frozen=True)
class Query:
    """One validated question; times are epoch seconds, both ends included."""

    start: float
    end: float
    attribute: tuple[str, str] | None
    page_size: int

    def matches(self, record: StoredRecord) -> bool:
        """Whether the one attribute, if there is one, fits."""
        return self.attribute is None or _MATCHERS[self.attribute[0]](record, self.attribute[1])


@dataclass(frozen=True)
class LookupEvents:
    """Answers pages of events, newest first. `token_seconds` is how long a NextToken lives.

    `page_overlap` events of each page are given again on the next: the history promises no exactness.
    """

    throttle: Throttle
    clock: Clock
    token_seconds: Callable[[], float]
    page_overlap: Callable[[], int]

    def answer(self, call: SignedCall, account: AwsAccount) -> Tree:
        """One page, and the token of the next if there is more."""
        if not self.throttle.admits((account.account_id, call.region)):
            raise planned_error("ThrottlingException")
        now = self.clock()
        query = parse_query(call.params, now)
        binding = _binding(account.account_id, call.region, call.params)
        token = call.params.get("NextToken")
        cursor = None if token is None else self._parse_token(token, binding, now)
        found = list(islice(_visible(call, account, query, cursor, now), query.page_size + 1))
        page = found[: query.page_size]
        answer: dict[str, Any] = {"Events": [event_tree(record) for record in page]}
        if len(found) > len(page):
            last = page[-1 - min(self.page_overlap(), len(page) - 1)]
            answer["NextToken"] = _token((last.event_time, last.sequence), binding, now)
        return answer

    def _parse_token(self, token: Any, binding: str, now: float) -> _Cursor:
        try:
            content = json.loads(base64.urlsafe_b64decode(token))
            event_time, sequence = float(content["time"]), int(content["sequence"])
            fresh = now - float(content["issued_at"]) <= self.token_seconds()
            bound = content["binding"] == binding
        except (ValueError, KeyError, TypeError):
            _refuse_token()
        if not (fresh and bound):
            _refuse_token()
        return event_time, sequence


def parse_query(params: Mapping[str, Any], now: float) -> Query:
    """Validate as the service does; AwsError names the parameter that is wrong."""
    kept_since = now - _DAYS_KEPT * 86400
    start = _time(params, "StartTime", kept_since)
    end = _time(params, "EndTime", now)
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time must be before the end time.")
    page_size = params.get("MaxResults", _PAGE)
    if not isinstance(page_size, int) or not 1 <= page_size <= _PAGE:
        raise AwsError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
    if params.get("EventCategory", "insight") != "insight":
        raise AwsError("InvalidEventCategoryException", "The event category is not valid.")
    return Query(max(start, kept_since), end, _attribute(params.get("LookupAttributes")), page_size)


def _time(params: Mapping[str, Any], name: str, default: float) -> float:
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AwsError("SerializationException", f"{name} is not a timestamp.")
    if not math.isfinite(value):
        raise AwsError("InvalidTimeRangeException", f"{name} is out of range.")
    return float(value)


def _attribute(attributes: Any) -> tuple[str, str] | None:
    """The one attribute to look up; the service accepts no second."""
    if not attributes:
        return None
    if not isinstance(attributes, list) or len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    key, value = _key_and_value(attributes[0])
    if key not in _MATCHERS or not value:
        raise AwsError("InvalidLookupAttributesException", f"The lookup attribute {key!r} is not valid.")
    return key, value


def _key_and_value(attribute: Any) -> tuple[str, str]:
    if not isinstance(attribute, dict):
        return "", ""
    return str(attribute.get("AttributeKey", "")), str(attribute.get("AttributeValue", ""))


def _visible(
    call: SignedCall, account: AwsAccount, query: Query, cursor: _Cursor | None, now: float
) -> Iterator[StoredRecord]:
    if "EventCategory" in call.params:
        return  # Insight events are another kind; this history has none.
    for record in account.history(call.region).newest_first(query.start, query.end, cursor):
        if record.visible_at <= now and query.matches(record):
            yield record


def _binding(account_id: str, region: str, params: Mapping[str, Any]) -> str:
    """A digest of everything that must stay the same from page to page."""
    frozen = {name: value for name, value in params.items() if name not in {"NextToken", "MaxResults"}}
    text = json.dumps([account_id, region, frozen], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _token(cursor: _Cursor, binding: str, now: float) -> str:
    content = {"time": cursor[0], "sequence": cursor[1], "issued_at": now, "binding": binding}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _refuse_token() -> NoReturn:
    raise AwsError("InvalidNextTokenException", "The next token is invalid, has expired, or is of another request.")


def event_tree(record: StoredRecord) -> dict[str, Any]:
    """One event in the shape of the answer; absent values are left out, as the service does."""
    event: dict[str, Any] = {
        "EventId": record.event_id,
        "EventName": record.event_name,
        "ReadOnly": record.read_only,
        "AccessKeyId": record.access_key_id,
        "EventTime": record.event_time,
        "EventSource": record.event_source,
        "Username": record.username,
        "Resources": [
            {"ResourceType": one.resource_type, "ResourceName": one.resource_name} for one in record.resources
        ],
        "CloudTrailEvent": record.text,
    }
    return {name: value for name, value in event.items() if value is not None}
