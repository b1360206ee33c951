"""Anything at all that a type allows, as hostile as may be."""

import typing
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any

import msgspec
from hypothesis import strategies as st

from engine.models.anomaly import Anomaly
from tests.blocks.samples import MOMENTS, MONEY, NAMES, anomalies

_MOST = 3
_LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: NAMES,
    bool: st.booleans(),
    int: st.integers(0, 10**12),
    float: MONEY,
    datetime: MOMENTS,
    date: st.dates(date(2015, 1, 1), date(2037, 1, 1)),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=4000)),
    NoneType: st.none(),
    Anomaly: anomalies(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type; raises TypeError for one of which it is not known how they are made."""
    if kind in _LEAVES:
        return _LEAVES[kind]
    origin = typing.get_origin(kind)
    if origin is not None:
        return _of_several(origin, typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: anything(hints[name]) for name in kind.__struct_fields__})
    raise TypeError(f"nobody knows how to make any {kind}")


def _of_several(origin: Any, inner: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin in (typing.Union, UnionType):
        return st.one_of(*map(anything, inner))
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        return st.tuples(*map(anything, inner))
    if issubclass(origin, Mapping):
        return st.dictionaries(anything(inner[0]), anything(inner[1]), max_size=_MOST)
    if issubclass(origin, Collection | Iterable | Sequence):
        few = st.lists(anything(inner[0]), max_size=_MOST)
        # Many of the same are as many as different ones, and quickly made.
        return st.builds(lambda some, times: tuple(some) * times, few, st.sampled_from([1, 1, 1, 50]))
    raise TypeError(f"nobody knows how to make any {origin}")
