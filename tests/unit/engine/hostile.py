"""Breaking true records, for the hostile tests of every family."""

import copy
import json
import math
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from engine.cloudtrail import decode_record, parse
from engine.errors import MalformedRecord
from tests.unit.engine.factories import Record

_MOST_IDS = 10_000
_MOST_OF_ANYTHING = 2_000_000
_LONGEST_ID = 4_000
NASTY: list[Any] = [
    None,
    True,
    -1,
    0,
    10**12,
    1e300,
    "",
    "\x00",
    "x" * 2000,
    "nan",
    "1e999",
    [],
    {},
    [[]],
    [None, "x", 7],
    {"value": {"value": {}}},
    {"items": {"items": [None]}},
]
_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, child in children for inner in _places(child, (*path, key)))]


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = _put(value[path[0]], path[1:], new)
    return changed


@st.composite
def mutated(draw: st.DrawFn, records: Sequence[Record]) -> Record:
    """A true record with up to four things in its request or answer replaced by something else."""
    changed: Any = draw(st.sampled_from(records))
    for _ in range(draw(st.integers(1, 4))):
        paths = [one for one in _places(changed) if one[:1] in (("requestParameters",), ("responseElements",))]
        changed = _put(changed, draw(st.sampled_from(paths)), draw(st.sampled_from(NASTY) | _ANY_JSON))
    return dict(changed)


def survives(raw: Record) -> None:
    """A record is parsed into believable cost events, or refused as malformed; any other error is a failure."""
    try:
        events = parse(decode_record(json.dumps(raw).encode()))
    except MalformedRecord:
        return
    for event in events:
        assert 0 <= event.quantity <= _MOST_IDS
        assert len(event.resource_ids) <= _MOST_IDS
        assert all(0 < len(one) <= _LONGEST_ID for one in event.resource_ids)
        assert all(math.isfinite(one.amount) and -1 <= one.amount <= _MOST_OF_ANYTHING for one in event.usage)
