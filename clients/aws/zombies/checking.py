"""What AWS answers is taken as it comes, so it is checked before rules and prices go by it."""

import math
from collections.abc import Sequence

import msgspec

from engine.zombies.models import Described

# Whatever an answer holds instead of what it should hold ends in one of these.
NOT_UNDERSTOOD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError)
_MOST_WORDS = 300


def checked(resources: Sequence[Described]) -> Sequence[Described]:
    """Raise one of ``NOT_UNDERSTOOD`` unless each is of the types it says, and its numbers are finite.

    >>> checked([Described(kind="nat", region="eu-west-1", resource_id="nat-1", numbers={"gb": "lots"})])
    Traceback (most recent call last):
    msgspec.ValidationError: Expected `float`, got `str` - at `$[0].numbers[...]`
    """
    found = msgspec.convert(msgspec.to_builtins(resources), list[Described])
    for one in found:
        if not all(map(math.isfinite, (*one.numbers.values(), *(item.amount for item in one.usage)))):
            raise ValueError("a number without an end")
    return found


def not_understood(error: Exception) -> str:
    """Name what is odd about an answer.

    >>> not_understood(KeyError("VolumeId"))
    "AWS answered in a shape that is not understood (KeyError: 'VolumeId')"
    """
    return f"AWS answered in a shape that is not understood ({type(error).__name__}: {str(error)[:_MOST_WORDS]})"
