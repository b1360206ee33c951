"""How new something is, from how often it was seen."""

import math

from engine.scoring.thresholds import NOVELTY_CLIP, OFTEN


def novelty(seen: int, observations: int) -> float:
    """Surprise at something seen ``seen`` times in ``observations``, from 0 to ``NOVELTY_CLIP``.

    The logarithm grows with what is known of the account; the division forgets it with every time it was seen, so that
    rare but regular things (a weekly deploy) are not new for ever.

    >>> novelty(0, 100) > novelty(1, 100) > novelty(5, 100) > novelty(50, 100) == 0.0
    True
    """
    if seen > OFTEN:
        return 0.0
    surprise = math.log((observations + 3) / (seen + 0.5)) / (1 + seen)
    return min(NOVELTY_CLIP, max(0.0, surprise))
