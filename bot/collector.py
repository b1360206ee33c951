"""How often Python looks for what refers to itself in circles."""

import gc

# New objects, rounds of the youngest, rounds of the next: as delivered 700, 10 and 10.
_THRESHOLDS = (10_000, 10, 10)


def spare_the_collector() -> None:
    """Call it once everything is imported and wired.

    All of that stays as long as the process does, so nobody need walk through it again; and a request makes and drops a
    thousand objects, nearly all of which go by themselves. As Python is delivered, a quarter of the bot's time at work
    under load is a search for the rest.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
