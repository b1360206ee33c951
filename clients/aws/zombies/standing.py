"""Whether a resource stands as it is, or is on its way: in maintenance, copied, changed.

What is on its way is neither idle nor gone: it is shown with a trait that says so, and its findings stay as they are.
"""

from engine.zombies.judging import CHANGING
from engine.zombies.rule import HALTED

RUNNING = frozenset({"running"})
STOPPED = frozenset({HALTED})
IN_BETWEEN = frozenset({CHANGING})
STEADY: frozenset[str] = frozenset()


def steady(state: object, *wanted: str) -> frozenset[str]:
    """The traits of what says its state in one word.

    >>> steady("ACTIVE", "ACTIVE"), steady("MAINTENANCE", "ACTIVE")
    (frozenset(), frozenset({'changing'}))
    """
    return STEADY if state in wanted else IN_BETWEEN
