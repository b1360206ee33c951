"""Cost allocation tags: what can be a key, and how many values are told apart."""

import re
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.spend import DayBill, ServiceCost

MOST_VALUES = 50
UNTAGGED = ""
OTHERS = "(all other values)"
_KEY = re.compile(r"[\w .:/=+@-]{1,128}")


def require_tag_key(key: str) -> str:
    """Give a key back that AWS could have. Raises InvalidCommand for any other.

    >>> require_tag_key("aws:createdBy")
    'aws:createdBy'
    """
    if not _KEY.fullmatch(key) or not key.strip():
        allowed = "up to 128 letters, digits, spaces and `_ . : / = + - @`"
        raise InvalidCommand(
            f"{shown(key)} can be no tag's key, which has {allowed}. Say it like `/dd0c spend --by tag team`."
        )
    return key


def value_of(named: str, key: str) -> str:
    """What Cost Explorer calls a tag's value: ``KEY$VALUE``, and ``KEY$`` where there is none.

    >>> value_of("team$web", "team"), value_of("team$", "team")
    ('web', '')
    """
    return named.removeprefix(f"{key}$")


def with_fewer_values(days: Sequence[DayBill]) -> tuple[DayBill, ...]:
    """Tell the dearest values apart and add up all others: a tag may have as many values as there are resources.

    >>> from datetime import date
    >>> many = tuple(ServiceCost(f"v{number}", number) for number in range(1, 60))
    >>> few = with_fewer_values([DayBill(account_id="1", day=date(2026, 3, 9), costs=many)])[0].costs
    >>> len(few), few[-1]
    (51, ServiceCost(service='(all other values)', amount=45.0, currency='USD'))
    """
    sums: defaultdict[str, float] = defaultdict(float)
    for day in days:
        for cost in day.costs:
            sums[cost.service] += abs(cost.amount)
    dearest = frozenset(sorted(sums, key=lambda value: (-sums[value], value))[:MOST_VALUES])
    return tuple(msgspec.structs.replace(day, costs=_fewer(day.costs, dearest)) for day in days)


def _fewer(costs: Sequence[ServiceCost], dearest: frozenset[str]) -> tuple[ServiceCost, ...]:
    rest: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        if cost.service not in dearest:
            rest[cost.currency] += cost.amount
    kept = [cost for cost in costs if cost.service in dearest]
    return (*kept, *(ServiceCost(OTHERS, float(amount), currency) for currency, amount in rest.items()))
