"""The bill's days as columns, by the names FOCUS has for them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from engine.models.spend import DayBill
from engine.spend_csv import CSV_NAMES

_KINDS: Sequence[type] = (str, date, str, float, str, bool)


class Column(msgspec.Struct, frozen=True):
    """Values of one kind: ``str``, ``date``, ``float`` or ``bool``."""

    kind: type
    values: Sequence[Any]


def columns_of(days: Iterable[DayBill]) -> dict[str, Column]:
    """A row for each account, day and service, as in the CSV; names are as the bill has them, for nothing runs them.

    >>> [column.values for column in columns_of([]).values()]
    [(), (), (), (), (), ()]
    """
    rows = [
        (day.account_id, day.day, _written(cost.service), cost.amount, cost.currency, day.is_estimated)
        for day in days
        for cost in day.costs
    ]
    values = list(zip(*rows, strict=True)) or [()] * len(CSV_NAMES)
    return {name: Column(kind, of) for name, kind, of in zip(CSV_NAMES, _KINDS, values, strict=True)}


def _written(name: str) -> str:
    """UTF-8 has no halves of pairs; they are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()
