"""Whether a write was refused because it is a repetition, or because it lost a race."""

import pytest

from engine.errors import Conflict, NotFound
from services.made_before import made_before

LOST = Conflict("Somebody else wrote this at the same time.")


async def there() -> str:
    return "what was made"


async def not_there() -> str:
    raise NotFound("There is no such thing.")


async def test_a_repetition_gets_what_was_made() -> None:
    assert await made_before(LOST, there()) == "what was made"


async def test_who_lost_a_race_is_not_told_that_there_is_no_such_thing() -> None:
    with pytest.raises(Conflict) as raised:
        await made_before(LOST, not_there())
    assert raised.value is LOST
