"""What is there when the bot begins to work is not looked through again; what comes later still is."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.collector import spare_the_collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Circle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_rests_and_circles_still_go() -> None:
    spare_the_collector()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    gone = weakref.ref(Circle())
    for _ in range(100_000):
        Circle()
        if gone() is None:
            break
    assert gone() is None
    assert gc.get_freeze_count() == frozen
